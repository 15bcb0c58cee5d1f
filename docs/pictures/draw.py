#!/usr/bin/env python3
"""Draws the pictures of docs/detection.md from the records of its examples.

    draw.py            writes *.svg beside itself
    draw.py --check    says whether they are as it would draw them

Colours follow the reader's choice of light or dark, the ground included; nothing is said by colour
alone.
"""

import json
import sys
from datetime import datetime, timedelta
from html import escape
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
sys.dont_write_bytecode = True
sys.path.insert(0, str(FOLDER.parent / "examples"))
import make  # noqa: E402

STYLE = """
  .paper { fill: #ffffff }
  text { font: 13px system-ui, sans-serif; fill: #24292f }
  .small { font-size: 11.5px; fill: #57606a }
  .strong { font-weight: 600 }
  .line { stroke: #8c959f; fill: none }
  .dash { stroke: #8c959f; stroke-dasharray: 4 4; fill: none }
  .box { fill: #8c959f; fill-opacity: .14; stroke: #8c959f }
  .burst { fill: #d1242f; fill-opacity: .16; stroke: #d1242f }
  .good { fill: #1a7f37; fill-opacity: .14; stroke: #1a7f37 }
  .failure { stroke: #d1242f; stroke-width: 2 }
  .dot { fill: #d1242f }
  .change { fill: #0969da; stroke: none }
  .success { fill: none; stroke: #1a7f37; stroke-width: 2 }
  .mark { stroke: #0969da; stroke-width: 2; fill: none }
  @media (prefers-color-scheme: dark) {
    .paper { fill: #0d1117 }
    text { fill: #e6edf3 }
    .small { fill: #9da7b3 }
    .burst { stroke: #ff7b72; fill: #ff7b72 }
    .failure { stroke: #ff7b72 }
    .dot { fill: #ff7b72 }
    .good { stroke: #3fb950; fill: #3fb950 }
    .success { stroke: #3fb950 }
    .change { fill: #58a6ff }
    .mark { stroke: #58a6ff }
  }
"""


def time_of(record):
    return datetime.strptime(record["time"], "%Y-%m-%dT%H:%M:%SZ")


def records(text):
    """(name, kind, time) of each record: failure, success or change."""
    found = []
    for line in text.splitlines():
        record = json.loads(line)
        p = record["properties"]
        if record["category"] == "AuditLogs":
            name, kind = p["targetResources"][0]["userPrincipalName"], "change"
        else:
            name = p["userPrincipalName"]
            kind = "failure" if p["status"]["errorCode"] else "success"
        found.append((name.split("@")[0], kind, time_of(record)))
    return found


class Picture:
    def __init__(self, name, title, description, width, height):
        self.name, self.width, self.height, self.parts = name, width, height, []
        self.head = (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
                     f'width="{width}" height="{height}" role="img" aria-labelledby="title desc">\n'
                     f'<title id="title">{escape(title)}</title>\n'
                     f'<desc id="desc">{escape(description)}</desc>\n<style>{STYLE}</style>\n')
        self.add("rect", "paper", width=width, height=height, rx=6)

    def add(self, shape, css="", **attributes):
        given = "".join(f' {key.replace("_", "-")}="{self.number(value)}"'
                        for key, value in attributes.items())
        self.parts.append(f'<{shape} class="{css}"{given}/>')

    @staticmethod
    def number(value):
        return f"{value:.1f}".removesuffix(".0") if isinstance(value, float) else value

    def line(self, x1, y1, x2, y2, css="line"):
        self.add("line", css, x1=float(x1), y1=float(y1), x2=float(x2), y2=float(y2))

    def box(self, x1, x2, y, height, css="box"):
        self.add("rect", css, x=float(x1), y=float(y), width=float(x2 - x1), height=float(height), rx=4)

    def text(self, x, y, words, css="", anchor="start"):
        self.parts.append(f'<text class="{css}" x="{self.number(float(x))}" y="{self.number(float(y))}" '
                          f'text-anchor="{anchor}">{escape(words)}</text>')

    def bracket(self, x1, x2, y, words, css="line"):
        self.line(x1, y, x2, y, css)
        self.line(x1, y - 4, x1, y + 4, css)
        self.line(x2, y - 4, x2, y + 4, css)
        self.text((x1 + x2) / 2, y - 7, words, "small", "middle")

    def change(self, x, y):
        self.add("path", "change", d=f"M{x:.1f} {y - 7}l6 7l-6 7l-6 -7z")

    def record(self, kind, x, y):
        if kind == "failure":
            self.line(x, y - 9, x, y + 9, "failure")
        elif kind == "success":
            self.add("circle", "success", cx=float(x), cy=float(y), r=5)
        else:
            self.change(x, y)

    def legend(self, x, y, kinds):
        words = {"failure": "failure", "success": "success", "change": "password change or revocation"}
        for kind in kinds:
            self.record(kind, x, y - 4)
            self.text(x + 12, y, words[kind], "small")
            x += 30 + 7 * len(words[kind])

    def file(self):
        return FOLDER / f"{self.name}.svg", self.head + "\n".join(self.parts) + "\n</svg>\n"


class Axis:
    """Times of the day to x; a line with hours and minutes below the picture."""

    def __init__(self, first, last, left, right):
        self.first, self.left = make.at(first), left
        self.scale = (right - left) / (make.at(last) - self.first).total_seconds()

    def __call__(self, time):
        time = make.at(time) if isinstance(time, str) else time
        return self.left + (time - self.first).total_seconds() * self.scale

    def draw(self, picture, y, times):
        picture.line(self(times[0]), y, self(times[-1]), y)
        for time in times:
            picture.line(self(time), y - 4, self(time), y + 4)
            picture.text(self(time), y + 18, time, "small", "middle")


def burst():
    p = Picture("burst", "Sessions, the window, and where a burst starts",
                "Megan's failures on a line of time. Four from 08:00 to 08:06 are a session of their own "
                "and never hot. Those from 09:00 to 09:38 are the next session. Ten of them lie in the "
                "ten minutes up to 09:29:30, so that failure is hot. The burst starts at 09:25, the "
                "first failure of that window, and ends at 09:38, the session's last.", 900, 235)
    x = Axis("08:00", "09:50", 40, 870)
    p.text(20, 22, "megan", "strong")
    p.box(x("08:00") - 8, x("08:06") + 8, 70, 44)
    p.text(x("08:00") - 8, 62, "session: never hot", "small")
    p.box(x("09:00") - 8, x("09:38") + 8, 70, 44)
    p.text(x("09:00") - 8, 62, "session: 14 failures", "small")
    p.box(x("09:25") - 4, x("09:38") + 4, 74, 36, "burst")
    p.bracket(x("09:19:30"), x("09:29:30"), 40, "window of 10 min: 10 failures")
    p.line(x("09:29:30"), 44, x("09:29:30"), 82, "dash")
    p.text(x("09:29:30") + 6, 60, "hot at 09:29:30", "small")
    p.bracket(x("08:06"), x("09:00"), 92, "54 min: another session")
    p.text(x("09:25") - 4, 132, "burst: 11 failures", "strong")
    p.text(x("09:25") - 4, 148, "starts 09:25, ends 09:38", "small")
    p.line(x("09:48"), 70, x("09:48"), 182, "dash")
    p.bracket(x("09:38"), x("09:48"), 177, "quiet: 10 min")
    for _, kind, time in records(make.sessions()["sessions"]):
        p.record(kind, x(time), 92)
    x.draw(p, 205, ["08:00", "08:15", "08:30", "08:45", "09:00", "09:15", "09:30", "09:45"])
    p.legend(150, 22, ["failure"])
    return p.file()


def watermark():
    p = Picture("watermark", "The watermark, and what is late",
                "Three panels; records from left to right as they arrive, event time upwards. A dashed "
                "line, the watermark, is 30 minutes below the greatest event time so far. In the first, "
                "a record of 09:30 brings it to 09:00, and the failure of 09:06 that arrives after it is "
                "counted. In the second, a record of 10:10 brings it to 09:40: the failure is late, its "
                "burst is closed, and it is dropped. In the third, the record of 10:10 is in another "
                "partition; the stream's watermark is the least of the two, and the failure is counted.",
                900, 330)
    files = make.watermark()
    panels = [("disorder.jsonl", [(0, r) for r in records(files["disorder"])],
               "09:06 is above it: counted", True),
              ("late.jsonl", [(0, r) for r in records(files["late"])],
               "09:06 is below it: late", False)]
    a, b = records(files["partition-a"]), records(files["partition-b"])
    panels.append(("partition-a and -b", [(0, r) for r in a[:10]] + [(1, b[0]), (0, a[10])],
                   "the least of both: counted", True))

    def y(minutes):  # after 08:30
        return 280 - minutes * 2.2

    def minutes(time):
        return (time - make.at("08:30")).total_seconds() / 60
    for i, (title, arrivals, verdict, counted) in enumerate(panels):
        left = 60 + i * 285
        p.text(left, 24, title, "strong")
        p.text(left, 42, verdict, "small")
        for label in ("08:30", "09:00", "09:30", "10:00"):
            level = y(minutes(make.at(label)))
            p.line(left, level, left + 225, level, "line" if label == "08:30" else "dash")
            if i == 0:
                p.text(left - 8, level + 4, label, "small", "end")
        marks, path = {}, []
        for k, (partition, (_, kind, time)) in enumerate(arrivals):
            x = left + 14 + k * 17
            if kind == "failure":
                p.add("circle", "dot", cx=float(x), cy=y(minutes(time)), r=4)
            else:
                p.record("success", x, y(minutes(time)))
            marks[partition] = max(marks.get(partition, 0), minutes(time) - 30)
            level = min(marks.values())
            path.append((x, level))
        steps = []
        for k, (x, level) in enumerate(path):
            if k:
                steps.append(f"{x:.0f},{y(path[k - 1][1]):.1f}")
            steps.append(f"{x:.0f},{y(level):.1f}")
        steps.append(f"{path[-1][0] + 22:.0f},{y(path[-1][1]):.1f}")
        p.add("polyline", "mark", points=" ".join(steps))
        last = left + 14 + (len(arrivals) - 1) * 17
        level = y(minutes(arrivals[-1][1][2]))
        p.text(last + 8, level + (-6 if counted else 16), "09:06", "small")
        p.text(left, 300, "order of arrival →", "small")
    p.add("circle", "dot", cx=64.0, cy=317.0, r=4)
    p.text(74, 321, "failure", "small")
    p.record("success", 140, 317)
    p.text(150, 321, "any other record", "small")
    p.line(262, 317, 290, 317, "mark")
    p.text(296, 321, "watermark of the stream", "small")
    return p.file()


def changes():
    p = Picture("changes", "Which change explains a burst",
                "Eight users with the same burst at 09:00, each with other changes before it. Explained are "
                "the bursts whose change lies from 30 days before the start to 5 minutes after it.",
                900, 363)
    x = Axis("07:20", "09:20", 200, 690)
    p.box(150, x("09:05"), 46, 271, "good")
    p.text(156, 40, "explains: from 30 days before the start to 5 min after it", "small")
    p.line(x("09:00"), 46, x("09:00"), 317, "dash")
    results = {"adele": "password_changed", "bo": "password_changed: within the clock skew",
               "cleo": "unexplained: made during it",
               "dan": "unexplained: 31 days ago",
               "eve": "password_reset_by_admin: one change",
               "finn": "password_reset_by_admin", "gina": "sessions_revoked",
               "hana": "password_synced: by its stamp"}
    found = records(make.changes()["changes"])
    for i, (name, result) in enumerate(results.items()):
        y = 66 + i * 33
        p.text(20, y + 5, name, "strong")
        p.box(x("09:00"), x("09:09:30"), y - 10, 20, "burst")
        p.text(x("09:09:30") + 10, y + 5, result, "small")
        for user, kind, time in found:
            if user == name and kind == "change":
                p.change(x(time) if time > make.at("00:00") else 115, y)
    x.draw(p, 331, ["07:30", "08:00", "08:30", "09:00"])
    p.line(150, 331, x("07:30"), 331, "dash")
    p.text(115, 349, "31 d ago", "small", "middle")
    p.legend(480, 22, ["change"])
    p.text(20, 22, "Eight users, one burst each at 09:00", "strong")
    return p.file()


def closing():
    p = Picture("closing", "When a burst closes, and whether the user is back",
                "A burst from 09:00 to 09:04:45. It closes when the watermark has reached its end plus "
                "quiet, 09:14:45, later than its end plus 5 minutes and its start plus 10 minutes. A "
                "success by browser between end and end plus quiet, mia's at 09:10, is a return; a mail "
                "client's, noah's, is not; olga's at 09:20 is too late.", 900, 285)
    x = Axis("08:45", "09:25", 90, 740)
    p.text(20, 24, "The same burst of three users", "strong")
    p.legend(330, 24, ["failure", "success", "change"])
    p.box(x("09:04:45"), x("09:14:45"), 50, 130, "good")
    p.text(x("09:04:45") + 4, 44, "a return counts in here", "small")
    p.line(x("09:14:45"), 50, x("09:14:45"), 222, "dash")
    results = {"mia": ("browser", "reauthenticated"), "noah": ("mail client", "quiet"),
               "olga": ("browser", "quiet")}
    found = records(make.closing()["closing"])
    for i, (name, (client, result)) in enumerate(results.items()):
        y = 75 + i * 40
        p.text(20, y + 5, name, "strong")
        p.box(x("09:00") - 3, x("09:04:45") + 3, y - 13, 26, "burst")
        for user, kind, time in found:
            if user == name:
                p.record(kind, x(time), y)
                if kind == "success":
                    p.text(x(time) + 9, y + 4, client, "small")
        p.text(755, y + 5, result)
    p.bracket(x("09:04:45"), x("09:14:45"), 208, "quiet: 10 min")
    p.text(x("09:14:45") + 6, 212, "closes as the watermark passes", "small")
    x.draw(p, 245, ["08:50", "09:00", "09:10", "09:20"])
    return p.file()


def reopening():
    p = Picture("reopening", "Reopened, another ticket, merged",
                "Paul's second burst starts 45 and a half minutes after the first ended: the ticket is reopened. "
                "Rosa's starts 85 and a half minutes after: a ticket of its own. Sam's bursts of 09:00 and 10:05 "
                "are an hour and half a minute apart and have two tickets, until the burst of 09:45, which arrives "
                "last, joins them: the older ticket keeps its id.", 900, 260)
    x = Axis("08:45", "10:45", 90, 690)
    p.text(20, 24, "Bursts of one user: less than 1 h apart, and more", "strong")
    length = timedelta(seconds=270)
    lanes = [("paul", ["09:00", "09:50"], "one ticket, reopened: 1"),
             ("rosa", ["09:00", "10:30"], "two tickets"),
             ("sam", ["09:00", "09:45", "10:05"],
              "one ticket, one merged")]
    for i, (name, bursts, result) in enumerate(lanes):
        y = 75 + i * 58
        p.text(20, y + 5, name, "strong")
        starts = [make.at(first) for first in bursts]
        for start in starts:
            p.box(x(start), x(start + length), y - 12, 24, "burst")
        p.text(705, y + 5, result)
        for k in range(len(starts) - 1):
            left = starts[k] + length
            gap = (starts[k + 1] - left).total_seconds() / 60
            p.bracket(x(left), x(starts[k + 1]), y, f"{gap:g} min")
    for words, start in (("arrives 1st", "09:00"), ("last", "09:45"), ("2nd", "10:05")):
        p.text(x(start), 75 + 2 * 58 + 28, words, "small")
    x.draw(p, 232, ["09:00", "09:30", "10:00", "10:30"])
    return p.file()


def tenant():
    found = records(make.tenant()["tenant"])
    names = sorted({name for name, _, _ in found})
    p = Picture("tenant", "A tenant's burst and its users",
                "Twenty users of one tenant. The passwords of fourteen were reset from 13:00 to 13:13; all "
                "fail from 14:00 to 14:09:40. One user's ten failures are a burst of their own, whose ticket "
                "names the tenant's as its parent.", 900, 120 + 14 * len(names))
    x = Axis("12:55", "14:20", 90, 730)
    p.text(20, 20, "20 users of fabrikam", "strong")
    p.legend(330, 20, ["failure", "change"])
    bottom = 60 + 14 * len(names)
    p.box(x("14:00") - 6, x("14:09:40") + 6, 48, bottom - 50, "burst")
    p.text(x("14:00") - 6, 42, "tenant's burst: 67 failures", "small")
    p.bracket(x("13:00"), x("13:13"), 50, "14 resets by one admin")
    for i, name in enumerate(names):
        y = 60 + 14 * i
        p.text(20, y + 4, name, "small")
        for user, kind, time in found:
            if user == name and kind == "failure":
                p.line(x(time), y - 4, x(time), y + 4, "failure")
            elif user == name:
                p.add("path", "change", d=f"M{x(time):.1f} {y - 5}l4 5l-4 5l-4 -5z")
    p.line(x("14:03") + 6, 60, 740, 60)
    p.text(745, 64, "a ticket of its own,", "small")
    p.text(745, 79, "parent_ticket_id set", "small")
    p.text(745, 64 + 14 * 16, "6 without a change:", "small")
    p.text(745, 79 + 14 * 16, "unexplained", "small")
    x.draw(p, bottom + 22, ["13:00", "13:30", "14:00", "14:15"])
    return p.file()


def main():
    files = dict(draw() for draw in (burst, watermark, changes, closing, reopening, tenant))
    if sys.argv[1:] == ["--check"]:
        old = [path.name for path, text in files.items()
               if not path.exists() or path.read_text() != text]
        more = [path.name for path in FOLDER.glob("*.svg") if path not in files]
        return f"not as draw.py draws them: {old + more}" if old or more else None
    for path, text in files.items():
        path.write_text(text)
    return None


if __name__ == "__main__":
    sys.exit(main())
