// What makes the pages pleasant: they renew themselves, forms keep the place, texts can be copied,
// lists are walked by keys. Without this script every page is whole, and the browser reloads it.
"use strict";

// Renews pages that say so, in place.
const renewal = (() => {
  const interval = 5000;
  const live = document.querySelector("[data-renew]") !== null;
  const note = document.getElementById("refresh");
  const words = document.createElement("span");
  const button = document.createElement("button");
  let paused = false;
  let shown = ""; // of the answer that the page was last made of

  const say = (text) => { words.textContent = text; };
  const label = () => {
    button.textContent = paused ? "Resume" : "Pause";
    say(paused ? "Paused" : "Live");
  };

  // What the reader is busy with is not taken away: text that is marked, what is being typed, and
  // where the keyboard is.
  const typing = () => document.activeElement?.matches("main input:not([type=checkbox]), main select");
  const busy = () => !getSelection().isCollapsed || typing() || document.querySelector("dialog[open]");
  const replace = (text) => {
    if (text === shown) return;
    shown = text;
    const next = new DOMParser().parseFromString(text, "text/html");
    const main = document.getElementById("main");
    const focused = main.contains(document.activeElement) ? document.activeElement.id : "";
    for (const details of main.querySelectorAll("details[open]")) {
      const same = next.getElementById(details.id);
      if (same) same.open = true;
    }
    const scrolled = [...main.querySelectorAll(".wide")].map((box) => box.scrollLeft);
    main.replaceChildren(...next.getElementById("main").childNodes);
    main.querySelectorAll(".wide").forEach((box, i) => { box.scrollLeft = scrolled[i] || 0; });
    document.dispatchEvent(new Event("renewed"));
    if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
    document.title = next.title;
  };

  const renew = async () => {
    try {
      const answer = await fetch(location.href, { cache: "no-store", signal: AbortSignal.timeout(interval) });
      if (!answer.ok) throw new Error(String(answer.status));
      replace(await answer.text());
      document.body.classList.remove("stale");
      if (live && !paused) say("Live");
    } catch {
      document.body.classList.add("stale");
      say("No answer from signinwatch: this is the last that is known.");
    }
  };
  const again = async () => {
    if (!paused && !document.hidden && !busy()) await renew();
    setTimeout(again, interval);
  };

  if (live) {
    button.type = "button";
    button.addEventListener("click", () => { paused = !paused; label(); });
    note.append(words, " ", button);
    label();
    setTimeout(again, interval);
  } else {
    note.append(words);
  }
  return { renew, say };
})();

// Marks and ticks: the page stays where it is.
document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches("form.act")) return;
  event.preventDefault();
  try {
    const answer = await fetch(form.action, { method: "POST", redirect: "manual" });
    // What leads back to a page is not followed: the page is renewed.
    if (answer.type !== "opaqueredirect") {
      renewal.say((await answer.json()).detail);
      return;
    }
    await renewal.renew();
  } catch {
    renewal.say("No answer from signinwatch: nothing was changed.");
  }
});

// Texts for a chat or a ticket system, each command by itself, and the runbook as a checklist in
// which what is done is ticked.
(() => {
  if (!navigator.clipboard) return;
  const copier = (label, text, id) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    if (id) button.id = id;
    button.textContent = label;
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(text());
        document.getElementById("said").textContent = "Copied.";
        button.textContent = "Copied";
      } catch {
        document.getElementById("said").textContent = "The browser does not allow copying.";
      }
      setTimeout(() => { button.textContent = label; }, 2000);
    });
    return button;
  };
  const checklist = (runbook) => [...runbook.children].map((step) => {
    const done = step.querySelector("[data-checked]").dataset.checked === "true" ? "x" : " ";
    const title = step.querySelector("b").textContent;
    const detail = step.querySelector("p").textContent;
    return `- [${done}] ${title}${detail ? ": " + detail : ""}`;
  }).join("\n");

  const offer = () => {
    document.querySelectorAll("pre.command").forEach((block, i) => {
      if (!block.querySelector("button")) {
        block.append(copier("Copy", () => block.querySelector("code").textContent, `copy-${i}`));
      }
    });
    const bar = document.getElementById("copy-bar");
    const chat = document.getElementById("text-chat");
    const whole = document.getElementById("text-whole");
    if (bar && chat && whole && !bar.childElementCount) {
      bar.append(copier("Copy for a chat", () => `${chat.textContent}${location.href}\n`, "copy-chat"),
        copier("Copy all of it", () => `${whole.textContent}${location.href}\n`, "copy-whole"));
    }
    const runbook = document.getElementById("runbook");
    const place = document.getElementById("copy-place");
    if (runbook && place && !place.childElementCount) {
      place.append(copier("Copy as a checklist", () => {
        const title = document.querySelector("h1").textContent;
        return `${title}\n${location.href}\n\n${checklist(runbook)}\n`;
      }, "copy-checklist"));
    }
  };
  const said = document.createElement("span");
  said.id = "said";
  said.className = "unseen";
  said.setAttribute("role", "status");
  document.body.append(said);
  document.addEventListener("renewed", offer);
  offer();
})();

// By keyboard: / looks for something, j and k walk through a list, ? tells.
(() => {
  const keys = [
    ["/", "search the tickets"],
    ["j", "next ticket of the list"],
    ["k", "the one before"],
    ["Enter", "open it"],
    ["?", "this help"],
    ["Esc", "close this help"],
  ];
  const help = document.createElement("dialog");
  help.id = "keys";
  help.setAttribute("aria-label", "Keys");
  const list = document.createElement("dl");
  for (const [key, what] of keys) {
    const name = document.createElement("dt");
    const mark = document.createElement("kbd");
    mark.textContent = key;
    name.append(mark);
    const meaning = document.createElement("dd");
    meaning.textContent = what;
    list.append(name, meaning);
  }
  help.append(list);
  document.body.append(help);

  const walk = (step) => {
    const links = [...document.querySelectorAll(".ticket .what > a, tr .row-link")];
    if (!links.length) return;
    const at = links.findIndex((link) => link.closest("li, tr").contains(document.activeElement));
    const next = at < 0 ? (step > 0 ? 0 : links.length - 1) : at + step;
    links[Math.min(Math.max(next, 0), links.length - 1)].focus();
  };
  const search = () => {
    const field = document.getElementById("q");
    if (field) {
      field.focus();
      field.select();
    } else {
      location.assign("/tickets#q");
    }
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (event.target.matches?.("input, select, textarea, [contenteditable]")) return;
    const action = {
      "/": search,
      j: () => walk(1),
      k: () => walk(-1),
      "?": () => (help.open ? help.close() : help.showModal()),
    }[event.key];
    if (!action || (help.open && event.key !== "?")) return;
    event.preventDefault();
    action();
  });
  if (location.hash === "#q") search();
})();
