#!/usr/bin/env python3
"""A real Prometheus with the rules, beside the demo's traffic: alerts equal tickets. What came to
critical or high raises its alert, however short its burst was; nothing else does.

    alerts_follow_tickets_test.py PROGRAM"""

import json
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from collections import Counter
from pathlib import Path

RULES = Path(__file__).resolve().parents[2] / "deploy" / "prometheus" / "signinwatch.rules.yaml"
PATIENCE_S = 240
SEVERITIES = ["info", "low", "medium", "high", "critical"]
ALERTS = {"SigninwatchCriticalTicket": "critical", "SigninwatchHighTicket": "high"}
WANTED = {"critical": 1, "high": 3}  # so many tickets before anything is compared


def free_ports(count):
    probes = [socket.socket() for _ in range(count)]
    for probe in probes:
        probe.bind(("127.0.0.1", 0))
    ports = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports


def get(port, path, **query):
    url = f"http://127.0.0.1:{port}{path}?{urllib.parse.urlencode(query)}"
    with urllib.request.urlopen(url, timeout=10) as answer:
        return json.load(answer)


def wait_for(what, found):
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            if result := found():
                return result
        except OSError:
            pass  # it is not there yet
        if time.monotonic() > deadline:
            sys.exit(f"in vain: {what}")
        time.sleep(0.5)


class Tickets:
    """What each ticket came to: tenant, scope and its worst severity so far."""

    def __init__(self, port):
        self.port, self.known = port, {}

    def now(self):
        cursor = {}
        while True:
            page = get(self.port, "/api/v1/tickets", limit=1000, **cursor)
            for ticket in page["tickets"]:
                self.take(ticket)
            if page["next_cursor"] is None:
                return Counter(worst for _, worst in self.known.values())
            cursor = {"cursor": page["next_cursor"]}

    def take(self, ticket):
        revision, _ = self.known.get(ticket["ticket_id"], (0, None))
        if revision == ticket["revision"]:
            return
        story = get(self.port, f"/api/v1/tickets/{ticket['ticket_id']}")["revisions"]
        worst = max(story, key=lambda each: SEVERITIES.index(each["severity"]))["severity"]
        key = (ticket["tenant_id"], ticket["scope"], worst)
        self.known[ticket["ticket_id"]] = (story[-1]["revision"], key)


def of(severity, keys):
    return Counter({key: count for key, count in keys.items() if key[2] == severity})


class Prometheus:
    def __init__(self, folder, port, target):
        self.port = port
        config = Path(folder, "prometheus.yml")
        config.write_text(
            "global: {scrape_interval: 1s, evaluation_interval: 1s}\n"
            f"rule_files: ['{RULES}']\n"
            "scrape_configs:\n"
            "  - job_name: signinwatch\n"
            f"    static_configs: [{{targets: ['127.0.0.1:{target}']}}]\n"
        )
        self.process = subprocess.Popen(
            [
                shutil.which("prometheus"),
                f"--config.file={config}",
                f"--storage.tsdb.path={folder}/data",
                f"--web.listen-address=127.0.0.1:{port}",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def firing(self):
        """Of each tenant, scope and severity: how many tickets the alert speaks of."""
        found = Counter()
        for alert in get(self.port, "/api/v1/alerts")["data"]["alerts"]:
            labels = alert["labels"]
            severity = ALERTS.get(labels["alertname"])
            if severity and alert["state"] == "firing":
                found[labels["tenant"], labels["scope"], severity] = int(float(alert["value"]))
        return found


def compare(tickets, prometheus):
    """A moment at which they are equal: both move on meanwhile, so what was there before has to be
    alerted, and what is alerted has to be there after."""
    before = tickets.now()
    firing = prometheus.firing()
    after = tickets.now()
    for severity in ALERTS.values():
        have = of(severity, firing)
        if of(severity, before) - have or have - of(severity, after):
            return None
    return firing


def main():
    program = sys.argv[1]
    if shutil.which("prometheus") is None:
        return "Prometheus is missing"
    console, port = free_ports(2)
    with tempfile.TemporaryDirectory() as folder:
        demo = subprocess.Popen(
            [program, "demo", "--listen", f"127.0.0.1:{console}", "--speed", "1440", "--users", "150"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        prometheus = Prometheus(folder, port, console)
        try:
            tickets = Tickets(console)

            def enough():
                by_severity = Counter()
                for (_, _, severity), count in tickets.now().items():
                    by_severity[severity] += count
                return all(by_severity[name] >= count for name, count in WANTED.items())

            wait_for("tickets that are high and critical", enough)
            firing = wait_for("alerts that equal the tickets", lambda: compare(tickets, prometheus))
        finally:
            for process in (prometheus.process, demo):
                process.terminate()
                process.wait()
    print(f"{sum(firing.values())} tickets, {len(firing)} alerts: {dict(firing)}")
    return None


if __name__ == "__main__":
    sys.exit(main())
