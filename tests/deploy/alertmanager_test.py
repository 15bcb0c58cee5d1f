#!/usr/bin/env python3
"""A real Alertmanager with deploy/alertmanager/alertmanager.yaml: what is raised arrives at the
receiver it is for, once; what is inhibited does not."""

import http.server
import json
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from pathlib import Path

CONFIG = Path(__file__).resolve().parents[2] / "deploy" / "alertmanager" / "alertmanager.yaml"
PATIENCE_S = 60
# Longer than any group waits below: what has not come by then does not come.
SETTLED_S = 4

CRITICAL, WARNING = {"severity": "critical"}, {"severity": "warning"}
SOC, ONCALL, CAPACITY = {"audience": "soc"}, {"audience": "oncall"}, {"audience": "capacity"}
# Of two instances: what is wrong with one says nothing of the other.
RAISED = [
    ("a", "SigninwatchHighTicket", {**SOC, **WARNING, "scope": "tenant", "tenant": "t1"}),
    ("a", "SigninwatchHighTicket", {**SOC, **WARNING, "scope": "user", "tenant": "t1"}),
    ("a", "SigninwatchHighTicket", {**SOC, **WARNING, "scope": "user", "tenant": "t2"}),
    ("a", "SigninwatchCriticalTicket", {**SOC, **CRITICAL, "scope": "user", "tenant": "t1"}),
    # Of tenants that are not told apart, one says nothing of another.
    ("b", "SigninwatchHighTicket", {**SOC, **WARNING, "scope": "tenant", "tenant": "other"}),
    ("b", "SigninwatchHighTicket", {**SOC, **WARNING, "scope": "user", "tenant": "other"}),
    ("a", "SigninwatchSinkDown", {**ONCALL, **CRITICAL, "sink": "soc"}),
    ("a", "SigninwatchOutboxAgeing", {**ONCALL, **WARNING, "sink": "soc"}),
    ("a", "SigninwatchOutboxAgeing", {**ONCALL, **WARNING, "sink": "archive"}),
    ("b", "SigninwatchBrokerDown", {**ONCALL, **CRITICAL}),
    ("b", "SigninwatchNotReady", {**ONCALL, **CRITICAL}),
    ("b", "SigninwatchLagSeconds", {**ONCALL, **CRITICAL}),
    ("a", "SigninwatchNotReady", {**ONCALL, **CRITICAL}),
    ("a", "SigninwatchEvictions", {**CAPACITY, **WARNING}),
]
WANTED = Counter(
    {
        ("soc", "a", "SigninwatchHighTicket", "tenant t1"): 1,
        ("soc", "a", "SigninwatchHighTicket", "user t2"): 1,
        ("soc-pager", "a", "SigninwatchCriticalTicket", "user t1"): 1,
        ("soc", "b", "SigninwatchHighTicket", "tenant other"): 1,
        ("soc", "b", "SigninwatchHighTicket", "user other"): 1,
        ("oncall-pager", "a", "SigninwatchSinkDown", "soc"): 1,
        ("oncall", "a", "SigninwatchOutboxAgeing", "archive"): 1,
        ("oncall-pager", "b", "SigninwatchBrokerDown", ""): 1,
        ("oncall-pager", "a", "SigninwatchNotReady", ""): 1,
        ("capacity", "a", "SigninwatchEvictions", ""): 1,
    }
)


class Receiver(http.server.ThreadingHTTPServer):
    daemon_threads = True

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            for alert in body["alerts"]:
                labels = alert["labels"]
                key = (
                    self.path.strip("/"),
                    labels["instance"],
                    labels["alertname"],
                    labels.get("sink", "")
                    or f"{labels.get('scope', '')} {labels.get('tenant', '')}".strip(),
                )
                with self.server.lock:
                    self.server.arrived[key] += 1
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    def __init__(self):
        super().__init__(("127.0.0.1", 0), self.Handler)
        self.lock, self.arrived = threading.Lock(), Counter()
        threading.Thread(target=self.serve_forever, daemon=True).start()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def post(port):
    """As Prometheus does, again and again while an alert fires."""
    alerts = [
        {"labels": {"alertname": name, "job": "signinwatch", "instance": instance, **labels}}
        for instance, name, labels in RAISED
    ]
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/api/v2/alerts",
        json.dumps(alerts).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=5) as answer:
        assert answer.status == 200


def main():
    program = shutil.which("prometheus-alertmanager") or shutil.which("alertmanager")
    if program is None:
        return "Alertmanager is missing"
    receiver = Receiver()
    text = CONFIG.read_text()
    text, urls = re.subn(r"127\.0\.0\.1:9081", f"127.0.0.1:{receiver.server_port}", text)
    text, waits = re.subn(r"group_wait: \w+", "group_wait: 1s", text)
    assert urls == 5 and waits == 4, (urls, waits)
    with tempfile.TemporaryDirectory() as folder:
        config, port = Path(folder, "alertmanager.yaml"), free_port()
        config.write_text(text)
        log = Path(folder, "log")
        process = subprocess.Popen(
            [
                program,
                f"--config.file={config}",
                f"--storage.path={folder}/data",
                f"--web.listen-address=127.0.0.1:{port}",
                "--cluster.listen-address=",
            ],
            stdout=log.open("w"),
            stderr=subprocess.STDOUT,
        )
        try:
            deadline = time.monotonic() + PATIENCE_S
            while True:
                try:
                    post(port)
                    break
                except (urllib.error.URLError, ConnectionError):
                    if process.poll() is not None or time.monotonic() > deadline:
                        return f"Alertmanager does not answer: {log.read_text()[-1000:]}"
                    time.sleep(0.1)
            while receiver.arrived != WANTED and time.monotonic() < deadline:
                time.sleep(0.1)
            post(port)
            time.sleep(SETTLED_S)
        finally:
            process.kill()
            process.wait()
    if receiver.arrived == WANTED:
        return None
    missing, more = WANTED - receiver.arrived, receiver.arrived - WANTED
    return f"missing: {sorted(missing.elements())}\ntoo many: {sorted(more.elements())}"


if __name__ == "__main__":
    sys.exit(main())
