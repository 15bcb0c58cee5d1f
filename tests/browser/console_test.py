#!/usr/bin/env python3
"""The pages in a real browser: what people see and do, on wide and narrow screens, light and dark,
by mouse and by keyboard; and that nothing from a record can become more than text.

  console_test.py --binary SIGNINWATCH --preview PAGE_PREVIEW [--pictures FOLDER]
"""

import sys

sys.dont_write_bytecode = True

import argparse
import base64
import json
import re
import socket
import subprocess
import tempfile
import time
import unittest
import urllib.error
import urllib.parse
import urllib.request
from datetime import datetime, timedelta
from pathlib import Path

from chromium import Chromium

OPTIONS = argparse.Namespace()

# In every text that comes from a record. Each would be seen: by a dialog, an exception, a request,
# an element that is none of ours.
EVIL = (
    "\"'><script>alert(1)</script><img src=x onerror=alert(2)><svg onload=alert(3)>"
    "</textarea></title><style>*{display:none}</style>{{7*7}}${7*7}&lt;\u202e javascript:alert(4)"
)

PAGES = ["/", "/tickets", "/tickets?state=open&severity=critical&severity=high&q=a&review=needed"]
PAGES += ["/tenants", "/capacity", "/runbook"]

# Colours of text against what is behind it, by WCAG 2's formula; the background is that of the
# nearest element that has one.
CONTRASTS = """
(() => {
  const numbers = (c) => c.match(/[\\d.]+/g).map(Number);
  const luminance = ([r, g, b]) => {
    const part = (v) => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
    return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
  };
  const behind = (e) => {
    for (; e; e = e.parentElement) {
      const c = numbers(getComputedStyle(e).backgroundColor);
      if (c.length < 4 || c[3] > 0) return c;
    }
    return [255, 255, 255];
  };
  const poor = [];
  for (const e of document.querySelectorAll("main *, header *")) {
    const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
    const style = getComputedStyle(e);
    if (!own || e.closest("svg, meter") || !e.getClientRects().length) continue;
    const [a, b] = [luminance(numbers(style.color)), luminance(behind(e))].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < 4.5) poor.push(`${e.tagName}.${e.className} ${ratio.toFixed(2)}`);
  }
  return poor;
})()
"""

# What a screen reader needs: names of controls, headings in order, one main part, a language.
NAMELESS = """
(() => {
  const faults = [];
  if (!document.documentElement.lang) faults.push("no language");
  if (document.querySelectorAll("main").length !== 1) faults.push("not one main");
  if (document.querySelectorAll("h1").length !== 1) faults.push("not one h1");
  let before = 0;
  for (const h of document.querySelectorAll("h1, h2, h3, h4")) {
    const level = Number(h.tagName[1]);
    if (level > before + 1) faults.push(`${h.tagName} after h${before}: ${h.textContent}`);
    before = level;
  }
  for (const e of document.querySelectorAll("input, select, button, a, summary")) {
    const name = e.labels?.[0]?.textContent || e.getAttribute("aria-label") || e.textContent;
    if (!name.trim()) faults.push(`${e.tagName} without a name`);
  }
  for (const e of document.querySelectorAll("svg[role=img]")) {
    const by = e.getAttribute("aria-labelledby");
    const name = by ? document.getElementById(by)?.textContent : e.getAttribute("aria-label");
    if (!name) faults.push("a drawing without words");
  }
  for (const t of document.querySelectorAll("table")) {
    if (t.querySelector("thead") && !t.querySelector("th[scope]")) faults.push("a table");
  }
  const ids = [...document.querySelectorAll("[id]")].map((e) => e.id);
  for (const id of ids) if (ids.filter((i) => i === id).length > 1) faults.push(`id ${id} twice`);
  return faults;
})()
"""


def know_all(ticket: dict) -> None:
    """Gives a user's ticket what records can answer, each list with something in it."""
    first = datetime.fromisoformat(ticket["first_event_time"].replace("Z", "+00:00"))

    def at(minutes: int) -> str:
        return (first + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%S.000000Z")

    def audit(minutes: int, operation: str, **more: str) -> dict:
        actor = {"actor": "admin@contoso.example", "record_id": "audit-1"}
        return {"time": at(minutes), "operation": operation, **more, **actor}

    count = ticket["event_count"]
    places = [("203.0.113.0/24", "DE", count - 2, 0), ("198.51.100.0/24", "BR", 2, 3)]
    ticket["findings"] = ["session_elsewhere", "risk_detected", "security_info_changed"]
    ticket["context"] = {
        "mfa": {"methods": [{"value": "Mobile app notification", "last_day": "2025-03-01"}], "methods_total": 1},
        "conditional_access": {
            "success": count - 2, "failure": 2, "not_applied": 0, "unknown": 0,
            "failing_policies": [{"value": "Require a compliant device", "count": 2}], "failing_policies_total": 1,
        },
        "token_types": [{"value": "refreshToken", "count": count}], "token_types_total": 1,
        "clients": [{"value": "Mobile Apps and Desktop clients", "count": count}], "clients_total": 1,
        "sessions_total": 2,
        "sessions_elsewhere": [{
            "session_id": "004f2a6e-1111-4222-8333-0123456789ab",
            "places": [
                {"network": n, "country": c, "count": k, "first_event_time": at(m)} for n, c, k, m in places
            ],
            "places_total": 2,
        }],
        "sessions_elsewhere_total": 1,
        "risk": {
            "sign_in": {"medium": 1, "high": 2},
            "events": [{"time": at(4), "type": "anomalousToken", "level": "high", "state": "atRisk", "id": "r-1"}],
            "events_total": 1,
        },
        "security_info_changes": [audit(-20, "User registered security info")], "security_info_changes_total": 1,
        "policy_changes": [audit(-300, "Update conditional access policy", policy="Require a compliant device")],
        "policy_changes_total": 1,
        "sync": {"last": at(-9), "last_24h": 12},
        "home_tenant_id": "99999999-2222-3333-4444-555555555555",
    }
    ticket["timeline"] = {"start": at(0), "step_seconds": 60, "counts": [3, 0, 5, 1, 2]}
    for i, app in enumerate(ticket["apps"]):
        app["first_event_time"] = at(0)
        app["last_event_time"] = ticket["last_event_time"] if i == 0 else at(1)


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def poisoned(value):
    """Every text but those that the program itself makes."""
    own = {"ticket_id", "schema", "reason", "state", "resolution", "scope", "severity", "cause"}
    own |= {"kind", "time", "first_event_time", "last_event_time", "opened_at", "resolved_at"}
    own |= {"reauthenticated_at", "findings"}
    if isinstance(value, dict):
        return {k: v if k in own else poisoned(v) for k, v in value.items()}
    if isinstance(value, list):
        return [poisoned(v) for v in value]
    return EVIL if isinstance(value, str) else value


class ConsoleTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.folder = tempfile.TemporaryDirectory()
        traffic = Path(cls.folder.name) / "traffic.jsonl"
        subprocess.run(
            [OPTIONS.binary, "generate", "--users", "300", "--output", traffic], check=True
        )
        replay = subprocess.run(
            [OPTIONS.binary, "replay", "--events", traffic],
            check=True,
            capture_output=True,
            text=True,
        )
        revisions = [json.loads(line) for line in replay.stdout.splitlines()]
        # Up to the middle of a tenant's burst, when some are open.
        opened = [i for i, t in enumerate(revisions) if t["scope"] == "tenant" and t["revision"] == 1]
        cls.tickets = revisions[: opened[-1] + 1]
        know_all([t for t in cls.tickets if t["scope"] == "user" and t["changes"]][-1])
        tenants = [t for t in cls.tickets if t["scope"] == "tenant"]
        known = [t for t in cls.tickets if t["context"].get("sessions_elsewhere")]
        cls.evil = [poisoned(t) for t in cls.tickets[:40] + tenants + known[-1:]]
        cls.browser = Chromium()
        cls.well = cls.serve(cls.tickets)
        cls.poisoned = cls.serve(cls.evil, "troubled")

    @classmethod
    def tearDownClass(cls) -> None:
        cls.browser.close()
        cls.folder.cleanup()

    @classmethod
    def serve(cls, tickets: list[dict], *mood: str) -> str:
        port = free_port()
        file = Path(cls.folder.name) / f"tickets-{port}.jsonl"
        file.write_text("".join(json.dumps(t) + "\n" for t in tickets))
        process = subprocess.Popen(
            [OPTIONS.preview, file, str(port), *mood],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
        )

        def end() -> None:
            process.communicate(b"\n")

        cls.addClassCleanup(end)
        url = f"http://127.0.0.1:{port}"
        for _ in range(200):
            try:
                with urllib.request.urlopen(url + "/-/healthy", timeout=5):
                    return url
            except OSError:
                time.sleep(0.05)
        raise AssertionError("the pages are not served")

    def setUp(self) -> None:
        self.browser.screen(1280, 900)

    def story(self, base: str, scope: str = "user") -> str:
        """The address of a ticket that has a change, and a runbook."""
        tickets = self.evil if base == self.poisoned else self.tickets
        ids = [t["ticket_id"] for t in tickets if t["scope"] == scope]
        with_change = [t["ticket_id"] for t in tickets if t["scope"] == scope and t["changes"]]
        return f"{base}/tickets/{(with_change or ids)[-1]}"

    def people(self, base: str) -> list[str]:
        """The pages of a user and of a tenant."""
        tickets = self.evil if base == self.poisoned else self.tickets
        user = [t for t in tickets if t["scope"] == "user"][-1]
        quote = urllib.parse.quote
        tenant = quote(user["tenant_id"], safe="")
        of = quote(user["user_id"] or user["user_principal_name"], safe="")
        return [f"{base}/user?tenant={tenant}&id={of}", f"{base}/tenant?id={tenant}"]

    def addresses(self, base: str) -> list[str]:
        stories = [self.story(base), self.story(base, "tenant")]
        return [base + page for page in PAGES] + stories + self.people(base)

    def until(self, expression: str, seconds: float = 20) -> None:
        deadline = time.monotonic() + seconds
        while not self.browser.evaluate(expression):
            self.assertLess(time.monotonic(), deadline, f"never: {expression}")
            time.sleep(0.05)

    def text(self, selector: str) -> str:
        return self.browser.evaluate(f"document.querySelector('{selector}').textContent")

    def check_quiet(self, address: str) -> None:
        self.assertEqual(self.browser.complaints(), [], address)
        host = address.split("/")[2]
        # A data: address goes nowhere; Chromium draws its own date fields with some.
        asked = [u for u in self.browser.requests() if not u.startswith("data:")]
        outside = [u for u in asked if u.split("/")[2:3] != [host]]
        self.assertEqual(outside, [], f"{address} asks the outside")

    def test_every_page_opens_without_a_complaint(self) -> None:
        for address in self.addresses(self.well):
            self.browser.open(address)
            self.check_quiet(address)
            self.assertTrue(self.browser.evaluate("document.querySelector('h1').textContent"))

    def test_markup_in_records_is_text(self) -> None:
        pages = self.addresses(self.poisoned)
        pages += [f"{self.poisoned}/tickets?user=%22%3E%3Cscript%3Ealert(5)%3C/script%3E"]
        pages += [f"{self.poisoned}/tickets/%3Cscript%3E"]
        for address in pages:
            self.browser.open(address)
            # A wrong address is an error of the network, which the browser tells.
            told = [c for c in self.browser.complaints() if "status of 4" not in c]
            self.assertEqual(told, [], address)
            strangers = self.browser.evaluate(
                "[...document.querySelectorAll('img, style, iframe, object, form:not(.filter):not(.act), "
                "script:not([src=\"/assets/page.js\"]), svg[onload], [onerror], [style], "
                "a[href^=javascript]')].map((e) => e.outerHTML)"
            )
            self.assertEqual(strangers, [], address)
        self.browser.open(self.story(self.poisoned))
        seen = self.browser.evaluate("document.body.innerText")
        self.assertIn("<script>alert(1)</script>", seen, "it is shown as what it is")
        self.assertNotIn("\u202e", seen)

    def test_the_policy_forbids_what_a_page_could_be_made_to_do(self) -> None:
        self.browser.open(self.well + "/")
        self.browser.evaluate(
            "(() => { const s = document.createElement('script'); s.textContent = 'window.ran = 1';"
            " document.body.append(s); const i = document.createElement('img');"
            " i.src = 'http://127.0.0.2:9/x'; document.body.append(i); })()"
        )
        self.assertIsNone(self.browser.evaluate("window.ran"))
        blocked = [c for c in self.browser.complaints() if "Content Security Policy" in c]
        self.assertEqual(len(blocked), 2, blocked)

    def test_nothing_runs_over_the_edge_of_any_screen(self) -> None:
        for width in (320, 480, 768, 1280, 2200):
            for base in (self.well, self.poisoned):
                for address in self.addresses(base):
                    self.browser.screen(width, 800)
                    self.browser.open(address)
                    over = self.browser.evaluate(
                        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
                    )
                    self.assertLessEqual(over, 0, f"{address} at {width}")

    def test_text_can_be_read_light_and_dark(self) -> None:
        for scheme in ("light", "dark"):
            self.browser.screen(1280, 900, scheme)
            for address in self.addresses(self.well):
                self.browser.open(address)
                self.assertEqual(self.browser.evaluate(CONTRASTS), [], f"{address} {scheme}")

    def test_screen_readers_find_names_and_an_order(self) -> None:
        for address in self.addresses(self.well):
            self.browser.open(address)
            self.assertEqual(self.browser.evaluate(NAMELESS), [], address)

    def test_by_keyboard_from_the_top_to_a_ticket(self) -> None:
        self.browser.open(self.well + "/tickets")
        self.browser.press("Tab", 9)
        self.assertEqual(self.browser.evaluate("document.activeElement.className"), "skip")
        reached = []
        for _ in range(120):
            self.browser.press("Tab", 9)
            reached.append(self.browser.evaluate("document.activeElement.getAttribute('href')"))
            visible = self.browser.evaluate(
                "getComputedStyle(document.activeElement).outlineStyle !== 'none'"
            )
            self.assertTrue(visible, f"where the keyboard is can't be seen: {reached[-1]}")
            if reached[-1] and re.fullmatch(r"/tickets/[0-9a-f-]{36}", reached[-1]):
                break
        else:
            self.fail(f"no ticket was reached: {reached}")
        self.assertIn("/tenants", reached)

    def test_filters_go_into_the_address_and_stay(self) -> None:
        self.browser.open(self.well + "/tickets")
        self.browser.evaluate(
            "document.querySelector('[name=severity][value=critical]').click();"
            "document.querySelector('[name=severity][value=high]').click();"
            "document.querySelector('[name=from]').value = '2025-03-03';"
            "document.querySelector('form.filter').requestSubmit()"
        )
        deadline = time.monotonic() + 10
        while "severity=critical" not in self.browser.address():
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.05)
        self.browser.open(self.browser.address())
        self.assertEqual(
            self.browser.evaluate(
                "[...document.querySelectorAll('[name=severity]:checked')].map((e) => e.value)"
            ),
            ["critical", "high"],
        )
        self.assertEqual(
            self.browser.evaluate("document.querySelector('[name=from]').value"), "2025-03-03"
        )
        badges = self.browser.evaluate(
            "[...document.querySelectorAll('.ticket .badge')].map((b) => b.textContent)"
        )
        self.assertTrue(badges)
        self.assertLessEqual(set(badges), {"critical", "high"})
        # Each can be taken off by itself.
        self.browser.evaluate(
            "document.querySelector('.restrictions a[aria-label*=\"severity: critical\"]').click()"
        )
        self.until("location.search && !location.search.includes('critical')")
        self.assertIn("severity=high", self.browser.evaluate("location.search"))

    def test_search_finds_a_part_of_a_name(self) -> None:
        user = [t for t in self.tickets if t["scope"] == "user"][-1]
        part = user["user_principal_name"].split("@")[0][:-1].upper()
        self.browser.open(f"{self.well}/tickets?q={part}")
        names = self.browser.evaluate(
            "[...document.querySelectorAll('.ticket .what > a')].map((a) => a.textContent)"
        )
        self.assertIn(user["user_principal_name"], names)
        self.browser.evaluate("document.querySelector('.ticket .of a').click()")
        self.until("location.pathname === '/user'")
        self.assertEqual(self.text("h1"), names[0])
        self.check_quiet(self.well)

    # ---------------------------------------------------------------------------------- by hand

    def test_a_ticket_is_marked_as_looked_at_and_taken_back(self) -> None:
        base = self.serve(self.tickets)
        for script in (True, False):
            with self.subTest(script=script):
                self.browser.call("Emulation.setScriptExecutionDisabled", value=not script)
                try:
                    self.browser.open(base + "/")
                    first = self.browser.evaluate(
                        "document.querySelector('#review ~ .tickets button').id"
                    )
                    self.browser.evaluate(f"document.getElementById('{first}').click()")
                    ticket = first.removeprefix("review-")
                    self.until(
                        f"!document.querySelector('form[action*=\"{ticket}/review?done=yes\"]') "
                        "&& document.readyState === 'complete'"
                    )
                    self.assertEqual(self.browser.evaluate("location.pathname"), "/")
                    self.browser.open(f"{base}/tickets/{ticket}")
                    self.assertIn("Looked at by local", self.text(".reviewed"))
                    self.browser.evaluate(f"document.getElementById('{first}').click()")
                    self.until(
                        f"document.querySelector('form[action*=\"{ticket}/review?done=yes\"]')"
                    )
                    self.assertEqual(
                        self.browser.evaluate("location.pathname"), f"/tickets/{ticket}"
                    )
                finally:
                    self.browser.call("Emulation.setScriptExecutionDisabled", value=False)

    def test_ticks_survive_a_renewal_and_say_who(self) -> None:
        address = self.story(self.serve(self.tickets))
        self.browser.open(address)
        self.browser.evaluate("document.getElementById('tick-1').focus();"
                              "document.getElementById('tick-1').click()")
        self.until("document.getElementById('tick-1').dataset.checked === 'true'")
        self.assertEqual(self.browser.evaluate("document.activeElement.id"), "tick-1")
        self.browser.evaluate("document.querySelector('h1').id = 'will-go'")
        self.browser.open(address)
        self.assertEqual(
            self.browser.evaluate("document.getElementById('tick-1').ariaChecked"), "true"
        )
        self.assertIn("done by local", self.text("#runbook li"))
        self.check_quiet(address)

    def test_another_site_can_not_mark_a_ticket(self) -> None:
        base = self.serve(self.tickets)
        ticket = self.tickets[0]["ticket_id"]
        self.browser.open(self.well + "/tickets")  # another port is another origin
        self.browser.evaluate(
            "(() => { const f = document.createElement('form'); f.method = 'post';"
            f"f.action = '{base}/tickets/{ticket}/review?done=yes'; document.body.append(f);"
            "f.submit(); })()"
        )
        with urllib.request.urlopen(f"{base}/api/v1/tickets/{ticket}", timeout=5) as answer:
            self.assertTrue(json.load(answer)["handling"]["review"]["needed"])
        request = urllib.request.Request(
            f"{base}/api/v1/tickets/{ticket}/review", method="POST", headers={"Origin": self.well}
        )
        with self.assertRaises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(request, timeout=5)
        self.assertEqual(refused.exception.code, 403)

    def test_keys_search_walk_and_help(self) -> None:
        self.browser.open(self.well + "/")
        walked = []
        for key in ("j", "j", "k"):
            self.browser.press(key, ord(key.upper()))
            walked.append(self.browser.evaluate("document.activeElement.id"))
        self.assertEqual(walked[0], walked[2])
        self.assertNotEqual(walked[0], walked[1])
        self.assertTrue(walked[0].startswith("t-"), walked)
        self.browser.press("?", 191)
        self.assertTrue(self.browser.evaluate("document.getElementById('keys').open"))
        self.browser.press("Escape", 27)
        self.until("!document.getElementById('keys').open")
        self.browser.press("/", 191)
        self.until("location.pathname === '/tickets' && document.activeElement?.id === 'q'")
        # In a field they are letters.
        self.browser.call("Input.insertText", text="j?/")
        self.assertEqual(self.browser.evaluate("document.getElementById('q').value"), "j?/")
        self.check_quiet(self.well + "/tickets")

    def test_without_a_broker_nothing_is_called_well(self) -> None:
        base = self.serve([], "troubled")
        self.browser.open(base + "/")
        seen = self.browser.evaluate("document.getElementById('main').innerText")
        for calm in ("Nothing is burning", "The stream is well", "No watched failures in the last"):
            self.assertNotIn(calm, seen)
        self.assertIn("Not known", seen)
        self.assertEqual(self.browser.evaluate("document.querySelectorAll('.calm').length"), 0)

    def test_the_runbook_opens_at_an_alert(self) -> None:
        self.browser.open(self.well + "/runbook#SigninwatchBrokerDown")
        self.assertEqual(
            self.browser.evaluate("document.querySelector(':target').textContent"),
            "SigninwatchBrokerDown",
        )
        self.until(
            "Math.abs(document.querySelector(':target').getBoundingClientRect().top) < innerHeight"
        )
        self.check_quiet(self.well + "/runbook")

    def test_a_ticket_is_copied_for_a_chat_and_as_a_whole(self) -> None:
        for base in (self.well, self.poisoned):
            for scope in ("user", "tenant"):
                address = self.story(base, scope)
                self.browser.open(address)
                self.browser.evaluate(
                    "navigator.clipboard.writeText = async (text) => { window.copied = text; }"
                )
                self.browser.evaluate("document.getElementById('copy-chat').click()")
                self.until("window.copied")
                lines = self.browser.evaluate("window.copied").splitlines()
                self.assertLessEqual(len(lines), 10)
                self.assertEqual(lines[-1], address)
                self.browser.evaluate("document.getElementById('copy-whole').click()")
                self.until("window.copied.includes('What to do')")
                self.assertEqual(self.text("#said"), "Copied.")

    def test_commands_are_copied_as_they_are_typed(self) -> None:
        self.browser.open(self.story(self.well))
        self.browser.evaluate(
            "navigator.clipboard.writeText = async (text) => { window.copied = text; };"
            "document.querySelector('pre.command button').click()"
        )
        self.until("window.copied")
        self.assertEqual(self.browser.evaluate("window.copied"), self.text("pre.command code"))
        self.assertRegex(self.browser.evaluate("window.copied"), r"^[A-Za-z]+(-| )")

    def test_printing_gives_a_page_for_the_story_and_one_for_the_runbook(self) -> None:
        for scope in ("user", "tenant"):
            self.browser.open(self.story(self.well, scope))
            printed = base64.b64decode(
                self.browser.call("Page.printToPDF", preferCSSPageSize=True, paperWidth=8.27,
                                  paperHeight=11.69)["data"]
            )
            if OPTIONS.pictures is not None:
                OPTIONS.pictures.mkdir(parents=True, exist_ok=True)
                (OPTIONS.pictures / f"{scope}.pdf").write_bytes(printed)
            self.assertEqual(len(re.findall(rb"/Type\s*/Page\b", printed)), 2, scope)

    def test_words_are_not_broken_in_the_table_of_changes(self) -> None:
        for width in (400, 1280):
            self.browser.screen(width, 900)
            self.browser.open(self.story(self.well))
            self.assertEqual(
                self.browser.evaluate(
                    "getComputedStyle(document.querySelector('.changes td')).overflowWrap"
                ),
                "normal",
            )

    def test_the_timeline_is_to_scale(self) -> None:
        self.browser.open(self.story(self.well))
        boxes = self.browser.evaluate(
            "(() => { const b = (s) => { const r = document.querySelector(s)"
            ".getBoundingClientRect(); return [r.left, r.right, r.width, r.height]; };"
            "return [b('.timeline'), b('.timeline .failures rect'), b('.timeline .last')]; })()"
        )
        drawing, first, last = boxes
        self.assertGreater(drawing[3], 100)
        self.assertGreaterEqual(first[0], drawing[0])
        self.assertLessEqual(last[1], drawing[1] + 3)
        self.assertGreater(last[0], first[0])
        words = self.browser.evaluate("document.getElementById('timeline-words').textContent")
        self.assertRegex(words, r"^\d+ failures? from ")

    def test_what_the_records_answer_is_told_and_drawn(self) -> None:
        for base in (self.well, self.poisoned):
            self.browser.open(self.story(base))
            self.check_quiet(self.story(base))
            told = self.browser.evaluate(
                "[...document.querySelectorAll('.answers .alarm dt')].map((e) => e.textContent)"
            )
            self.assertEqual(told, ["Conditional Access", "Sessions", "Risk", "Security info"])
            kinds = self.browser.evaluate(
                "[...new Set([...document.querySelectorAll('.lane')].map((e) => e.classList[1]))]"
            )
            self.assertEqual(kinds[:5], ["place", "risk", "security-info", "policy", "failing"])
        self.browser.open(self.story(self.well))
        over = self.browser.evaluate(
            "(() => { const d = document.querySelector('svg.timeline').getBoundingClientRect();"
            " return [...document.querySelectorAll('.lane circle, .lane rect')].filter((e) =>"
            " { const b = e.getBoundingClientRect(); return b.bottom > d.bottom + 1 || b.right > d.right + 6; })"
            ".length; })()"
        )
        self.assertEqual(over, 0, "lanes run over the drawing")
        bars = self.browser.evaluate(
            "[...document.querySelectorAll('.failures rect:not(.last) title')].map((e) => e.textContent)"
        )
        self.assertEqual([bar.rsplit(": ")[1] for bar in bars][:2], ["3 failures", "5 failures"])
        seen = self.browser.evaluate("document.body.innerText")
        for words in ("passed by Mobile app notification on 1 March", "BR, 198.51.100.0/24", "Around the burst"):
            self.assertIn(words, seen)

    def test_the_runbook_is_copied_as_a_checklist(self) -> None:
        address = self.story(self.well)
        self.browser.open(address)
        self.browser.evaluate(
            "navigator.clipboard.writeText = async (text) => { window.copied = text; }; "
            "document.getElementById('tick-1').click()"
        )
        self.until("document.getElementById('tick-1').dataset.checked === 'true'")
        self.browser.evaluate("document.getElementById('copy-checklist').click()")
        self.until("window.copied")
        self.until("document.getElementById('said').textContent === 'Copied.'")
        lines = self.browser.evaluate("window.copied").splitlines()
        self.assertEqual(lines[1], address)
        steps = self.browser.evaluate("document.querySelectorAll('#runbook li').length")
        self.assertEqual(len([line for line in lines if line.startswith("- [")]), steps)
        self.assertTrue(lines[3].startswith("- [x] "), lines[3])
        self.assertTrue(lines[4].startswith("- [ ] "), lines[4])

    def test_the_status_page_renews_itself(self) -> None:
        self.browser.open(self.well + "/")
        self.browser.evaluate("document.getElementById('main').dataset.old = 1; "
                              "document.querySelector('#chart-table').open = true; "
                              "document.querySelector('h1').id = 'will-go'")
        deadline = time.monotonic() + 20
        while self.browser.evaluate("Boolean(document.getElementById('will-go'))"):
            self.assertLess(time.monotonic(), deadline, "it is as it was")
            time.sleep(0.2)
        self.assertTrue(self.browser.evaluate("document.querySelector('#chart-table').open"))
        self.check_quiet(self.well + "/")

    def test_pictures(self) -> None:
        """For people to look at; that one is not blank is all that is checked."""
        shots = {"status": "/", "ticket": self.story(self.well)[len(self.well):]}
        shots |= {"tenant-ticket": self.story(self.well, "tenant")[len(self.well):]}
        shots |= {"tickets": "/tickets", "tenants": "/tenants", "capacity": "/capacity"}
        user, tenant = (page[len(self.well):] for page in self.people(self.well))
        shots |= {"user": user, "tenant": tenant, "runbook": "/runbook"}
        wide = [(scheme, width) for scheme in ("light", "dark") for width in (400, 1280, 1920)]
        for name, path in shots.items():
            most = name in ("status", "tickets", "tenant-ticket")
            for scheme, width in wide if most else wide[:2] + wide[4:5]:
                self.browser.screen(width, 1000, scheme)
                self.browser.open(self.well + path)
                shot = base64.b64decode(self.browser.call("Page.captureScreenshot")["data"])
                self.assertGreater(len(shot), 10_000, name)
                if OPTIONS.pictures is not None:
                    OPTIONS.pictures.mkdir(parents=True, exist_ok=True)
                    (OPTIONS.pictures / f"{name}-{scheme}-{width}.png").write_bytes(shot)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", type=Path, required=True)
    parser.add_argument("--preview", type=Path, required=True)
    parser.add_argument("--pictures", type=Path)
    options, rest = parser.parse_known_args()
    vars(OPTIONS).update(vars(options))
    unittest.main(argv=[sys.argv[0], *rest], verbosity=2)


if __name__ == "__main__":
    main()
