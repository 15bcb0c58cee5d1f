#!/usr/bin/env python3
"""Writes the records of the examples in docs/detection.md, one record a line.

    make.py            writes *.jsonl beside itself
    make.py --check    says whether they are as it would write them
"""

import json
import sys
import uuid
from datetime import datetime, timedelta
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
DAY = datetime(2025, 6, 2)  # a Monday
CONTOSO = "6f1e0c52-9a3d-4b7e-8c11-5d20a9e4c001"
FABRIKAM = "0b7d94e8-52c6-4f0a-9e3b-71c8d6aa2f02"
OUTLOOK = ("c5b8f0e1-3a47-4d92-b6f0-1e8d7a5c9003", "Microsoft Outlook")


def at(text, days=0):
    """A time of the day of the examples, "09:00" or "09:00:30"."""
    hours, minutes, seconds = (*map(int, text.split(":")), 0)[:3]
    return DAY + timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


class Records:
    def __init__(self, tenant=CONTOSO, domain="contoso.example"):
        self.tenant, self.domain, self.lines, self.numbers = tenant, domain, [], {}

    def user_id(self, name):
        return str(uuid.uuid5(uuid.UUID(self.tenant), name))

    def number(self, name):
        self.numbers[name] = self.numbers.get(name, 0) + 1
        return f"{name}-{self.numbers[name]:02}"

    def add(self, category, time, properties):
        stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ")
        self.lines.append({"time": stamp, "category": category, "tenantId": self.tenant,
                           "properties": properties(stamp)})

    def sign_in(self, name, time, code, interactive=False, client=None, source="home", home_tenant=None):
        address, country, device = {
            "home": ("192.0.2.10", "DE", f"laptop-of-{name}"),
            "elsewhere": ("198.51.100.77", "BR", "not-seen-before"),
        }[source]
        self.add("SignInLogs" if interactive else "NonInteractiveUserSignInLogs", time, lambda stamp: {
            "id": self.number(name), "createdDateTime": stamp, "userId": self.user_id(name),
            "userPrincipalName": f"{name}@{self.domain}", "appId": OUTLOOK[0],
            "appDisplayName": OUTLOOK[1], "ipAddress": address, "status": {"errorCode": code},
            "isInteractive": interactive, "deviceDetail": {"deviceId": device},
            "location": {"countryOrRegion": country}, **({"clientAppUsed": client} if client else {}),
            **({"userType": "Guest", "homeTenantId": home_tenant} if home_tenant else {})})

    def failures(self, name, first, count, every, code=50132, days=0, source="home", home_tenant=None):
        """`count` failures, `every` seconds apart."""
        for i in range(count):
            self.sign_in(name, at(first, days) + timedelta(seconds=i * every), code, source=source,
                         home_tenant=home_tenant)

    def audit(self, name, time, operation, actor=None, days=0):
        actor = actor or name
        self.add("AuditLogs", at(time, days), lambda stamp: {
            "id": self.number(f"audit-{name}"), "activityDateTime": stamp,
            "activityDisplayName": operation, "result": "success",
            "initiatedBy": {"user": {"userPrincipalName": f"{actor}@{self.domain}"}},
            "targetResources": [{"type": "User", "id": self.user_id(name),
                                 "userPrincipalName": f"{name}@{self.domain}"}]})

    def text(self, sort=False):
        lines = sorted(self.lines, key=lambda line: line["time"]) if sort else self.lines
        return "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines)


def sessions():
    """Two sessions of one user; the second one becomes a burst."""
    r = Records()
    r.failures("megan", "08:00", 4, 120)
    r.failures("megan", "09:00", 3, 540)
    r.failures("megan", "09:25", 10, 30)
    r.failures("megan", "09:38", 1, 0)
    return {"sessions": r.text()}


def watermark():
    """Twelve failures, one of them in the wrong place."""
    def records(ahead):
        r = Records()
        r.failures("alex", "09:00", 10, 30)
        r.sign_in("someone", at(ahead), 0)
        r.failures("alex", "09:06", 1, 0)
        return r.text()
    a, b = Records(), Records()
    a.failures("alex", "09:00", 10, 30)
    a.failures("alex", "09:06", 1, 0)
    b.sign_in("someone", at("10:10"), 0)
    return {"disorder": records("09:30"), "late": records("10:10"),
            "partition-a": a.text(), "partition-b": b.text()}


def changes():
    """One burst at 09:00 of each user, with changes at other distances."""
    r = Records()
    r.audit("adele", "08:40", "Change user password")
    r.audit("bo", "09:03", "Change user password")
    r.audit("cleo", "09:08", "Change user password")
    r.audit("dan", "08:00", "Change user password", days=-31)
    r.audit("eve", "08:40", "Reset user password", actor="helpdesk")
    r.audit("eve", "08:42", "Update StsRefreshTokenValidFrom Timestamp", actor="helpdesk")
    r.audit("finn", "07:30", "Reset password (by admin)", actor="helpdesk")
    r.audit("finn", "08:45", "Revoke sign in sessions", actor="soc")
    r.audit("gina", "08:45", "Revoke sign in sessions", actor="soc")
    r.audit("hana", "08:50", "Update StsRefreshTokenValidFrom Timestamp", actor="Sync_DC01_0a1b2c")
    for name in ("adele", "bo", "cleo", "dan", "eve", "finn", "gina", "hana"):
        r.failures(name, "09:00", 20, 30)
    return {"changes": r.text(sort=True)}


def causes():
    """Causes without a change, and the two findings."""
    r = Records()
    r.failures("gus_partner.example#EXT#", "09:00", 10, 30, home_tenant=FABRIKAM)
    r.failures("hugo", "08:50", 1, 0, code=50055)
    r.failures("hugo", "09:00", 10, 30)
    r.failures("iris", "08:40", 5, 60, code=50126)
    r.failures("iris", "09:00", 10, 30)
    r.failures("jack", "09:00", 10, 30)
    for days in (-3, -2, -1):
        r.sign_in("kim", at("10:00", days), 0, interactive=True, client="Browser")
    r.audit("kim", "08:30", "Change user password")
    r.failures("kim", "09:00", 9, 30)
    r.failures("kim", "09:04:30", 1, 0, source="elsewhere")
    r.audit("lena", "06:30", "Change user password")
    for first in ("07:00", "09:00", "11:00"):
        r.failures("lena", first, 10, 30)
    return {"causes": r.text(sort=True)}


def closing():
    """Three users with the same burst: how each came back."""
    r = Records()
    for name in ("mia", "noah", "olga"):
        r.audit(name, "08:50", "Change user password")
        r.failures(name, "09:00", 20, 15)
    r.sign_in("mia", at("09:10"), 0, interactive=True, client="Browser")
    r.sign_in("noah", at("09:10"), 0, interactive=True, client="Exchange ActiveSync")
    r.sign_in("olga", at("09:20"), 0, interactive=True, client="Browser")
    return {"closing": r.text(sort=True)}


def reopening():
    """Two bursts, less and more than an hour apart; three that disorder joins."""
    r = Records()
    for name, second in (("paul", "09:50"), ("rosa", "10:30")):
        r.audit(name, "08:50", "Change user password")
        r.failures(name, "09:00", 10, 30)
        r.failures(name, second, 10, 30)
    merged = Records()
    merged.audit("sam", "08:50", "Change user password")
    merged.failures("sam", "09:00", 10, 30)
    merged.failures("sam", "10:05", 10, 30)
    merged.failures("sam", "09:45", 10, 30)
    return {"reopened": r.text(sort=True), "merged": merged.text()}


def tenant():
    """A mass reset: 20 users fail, 14 of them were reset; one has a burst of its own."""
    r = Records(FABRIKAM, "fabrikam.example")
    for i in range(20):
        name = f"user{i + 1:02}"
        if i < 14:
            r.audit(name, f"13:{i:02}", "Reset user password", actor="admin")
        r.failures(name, f"14:{i // 2:02}", 10 if i == 0 else 3, 20)
    return {"tenant": r.text(sort=True)}


def slow():
    """A Teams Room after its password was changed: two failures every five minutes, for six hours."""
    r = Records()
    r.audit("room-berlin", "08:55", "Reset password (by admin)", actor="helpdesk")
    for i in range(72):
        first = at("09:00") + timedelta(minutes=5 * i)
        r.sign_in("room-berlin", first, 50173)
        r.sign_in("room-berlin", first + timedelta(seconds=2), 50173)
    return {"teams-room": r.text(sort=True)}


def main():
    files = {}
    for example in (sessions, watermark, changes, causes, closing, reopening, tenant, slow):
        files |= {FOLDER / f"{name}.jsonl": text for name, text in example().items()}
    if sys.argv[1:] == ["--check"]:
        old = [path.name for path, text in files.items()
               if not path.exists() or path.read_text() != text]
        more = [path.name for path in FOLDER.glob("*.jsonl") if path not in files]
        return f"not as make.py writes them: {old + more}" if old or more else None
    for path, text in files.items():
        path.write_text(text)
    return None


if __name__ == "__main__":
    sys.exit(main())
