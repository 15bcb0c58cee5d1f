// Renews the status page in place. Without this script the page is whole, and the browser reloads it.
(() => {
  "use strict";
  if (location.pathname !== "/") return;
  const interval = 5000;
  const note = document.getElementById("refresh");
  const words = document.createElement("span");
  const button = document.createElement("button");
  let paused = false;

  const say = (text) => { words.textContent = text; };
  const label = () => {
    button.textContent = paused ? "Resume" : "Pause";
    say(paused ? "Paused" : "Live");
  };
  button.type = "button";
  button.addEventListener("click", () => { paused = !paused; label(); });
  note.append(words, " ", button);
  label();

  // What the reader is busy with is not taken away: text that is marked, and where the keyboard is.
  const busy = () => !getSelection().isCollapsed;
  const replace = (text) => {
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
    if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
    document.title = next.title;
  };

  const renew = async () => {
    if (!paused && !document.hidden && !busy()) {
      try {
        const answer = await fetch("/", { cache: "no-store", signal: AbortSignal.timeout(interval) });
        if (!answer.ok) throw new Error(String(answer.status));
        replace(await answer.text());
        document.body.classList.remove("stale");
        if (!paused) say("Live");
      } catch {
        document.body.classList.add("stale");
        say("No answer from signinwatch: this is the last that is known.");
      }
    }
    setTimeout(renew, interval);
  };
  setTimeout(renew, interval);
})();

// The runbook as a checklist for a chat or a ticket system; what was ticked stays ticked in it.
(() => {
  "use strict";
  const runbook = document.getElementById("runbook");
  const place = document.getElementById("copy-place");
  if (!runbook || !place || !navigator.clipboard) return;
  const button = document.createElement("button");
  const said = document.createElement("span");
  button.type = "button";
  button.textContent = "Copy as a checklist";
  said.setAttribute("role", "status");
  const checklist = () => [...runbook.children].map((step) => {
    const done = step.querySelector("input").checked ? "x" : " ";
    const title = step.querySelector("b").textContent;
    const detail = step.querySelector("p").textContent;
    return `- [${done}] ${title}${detail ? ": " + detail : ""}`;
  }).join("\n");
  button.addEventListener("click", async () => {
    const title = document.querySelector("h1").textContent;
    try {
      await navigator.clipboard.writeText(`${title}\n${location.href}\n\n${checklist()}\n`);
      said.textContent = " Copied.";
    } catch {
      said.textContent = " The browser does not allow to copy.";
    }
  });
  place.append(button, said);
})();
