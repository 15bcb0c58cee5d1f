"""`signinwatch doctor` beside a daemon, and where something is wrong."""

import json
import os
import subprocess
import time

from harness import processes
from harness.daemon import Daemon
from harness.fleet import SIGNAL_PARTITIONS, Fleet
from harness.lab import Lab, Site, SiteOptions
from harness.processes import check, wait_until
from harness.traffic import split

_SECONDS_MAX = 60


def doctor(lab: Lab) -> str:
    """It finds all well, and the daemon does not notice; later it finds what is not."""
    right = lab.broker.connection_string
    login = {
        "brokers": lab.broker.plain_login_address,
        "auth": "connection_string",
        "connection_string": "env:HUB",
        "ca_file": str(lab.broker.ca_file),
    }
    site = Site(lab, SiteOptions(kafka=login, secrets={"HUB": right}))
    site.webhook.start()
    site.daemon.start()
    halves = split(lab.traffic.messages, 2)
    site.producer.write(halves[0])
    site.wait_until_read()
    wait_until("ready", lambda: not site.daemon.not_ready(), 30)
    code, beside = _examine(lab, site.daemon, site.secrets)
    failed = [line for lines in beside.values() for line in lines if line.startswith("fail")]
    check(code == 0 and not failed, f"it ended with {code}: {failed}")
    for name, part in {
        "tls": "certificate and host name are good",
        "authentication": "the broker accepts it",
        "topics": "1 topic",
        "group": "one member, as the running daemon",
        "clock": "is not behind the broker's",
        "store": "a daemon runs on it",
        "sink bus": "is there",
    }.items():
        lines = beside.get(name, [])
        check(len(lines) == 1 and lines[0].startswith("ok") and part in lines[0], f"{name}: {lines}")
    # Its certificate is of today and tomorrow.
    check("have it renewed" in beside["sink soc"][0], f"{beside['sink soc']}")
    site.drip(halves[1], 1)
    site.close_bursts()
    compared = site.finish()

    wrong = {**site.secrets, "HUB": right.replace("Key=", "Key=0")}
    code, refused = _examine(lab, site.daemon, wrong)
    text = refused["authentication"][0]
    check(code == 1 and text.startswith("fail"), f"it ended with {code}: {text}")
    check("Listen right" in text, f"it does not say what to do: {text}")
    check(refused["topics"] == ["skip needs authentication"], f"{refused['topics']}")
    return f"{compared}; {beside['records'][0]!r:.120}; {text!r:.160}"


def roles(lab: Lab) -> str:
    """Beside an ingest and a detect it finds all well; then a signal topic that loses signals."""
    fleet = Fleet(lab)
    ingest, detect = fleet.add("ingest"), fleet.add("detect")
    fleet.wait_until_owned()
    first, second = split(lab.traffic.messages, 2)
    fleet.drip(first, 2)
    as_configured = f"has {SIGNAL_PARTITIONS} partitions, as configured"
    both = {"signal topic": as_configured, "signal settings": "kept for", "signals": "is known"}
    for daemon, parts in (
        (ingest, {**both, "topics": "1 topic", "group": "1 member", "signal access": "not tried"}),
        (detect, {**both, "group": "1 member", "signal access": "may be read", "shards": "all 6"}),
    ):
        code, found = _examine(lab, daemon, fleet.secrets)
        failed = [line for lines in found.values() for line in lines if line.startswith("fail")]
        check(code == 0 and not failed, f"{daemon.folder.name}: it ended with {code}: {failed}")
        for name, part in parts.items():
            lines = found.get(name, [])
            fine = len(lines) == 1 and lines[0].startswith("ok") and part in lines[0]
            check(fine, f"{daemon.folder.name}: {name}: {lines}")
    fleet.drip(second, 1)
    compared = fleet.finish(lab.traffic.answer)

    wrong = f"{lab.name}-wrong"
    settings = {"cleanup_policy": "compact", "retention_ms": "60000", "max_message_bytes": "600000"}
    lab.broker.create_topic(wrong, SIGNAL_PARTITIONS + 1, **settings)
    config = detect.folder / "serve.yaml"
    config.write_text(config.read_text().replace(fleet.signals, wrong))
    code, found = _examine(lab, detect, fleet.secrets)
    check(code == 1, f"it ended with {code}: {found}")
    number = f"7 partitions, but signals.partitions is {SIGNAL_PARTITIONS}"
    check(number in found["signal topic"][0], f"{found['signal topic']}")
    verdicts = [line.split()[0] for line in found["signal settings"]]
    check(verdicts == ["fail", "warn", "warn"], f"{found['signal settings']}")
    check("there are no messages" in found["signals"][0], f"{found['signals']}")
    return f"{compared}; {found['signal settings'][0]!r:.120}"


def _examine(
    lab: Lab, daemon: Daemon, secrets: dict[str, str]
) -> tuple[int, dict[str, list[str]]]:
    """The exit code, and what it found by check."""
    begin = time.monotonic()
    log = daemon.folder / "doctor.log"
    process = processes.start(
        [lab.binary, "doctor", "--config", daemon.folder / "serve.yaml"] + ["--format", "json"],
        log,
        stdout=subprocess.PIPE,
        env={**os.environ, **secrets},
    )
    output, _ = process.communicate(timeout=_SECONDS_MAX)
    processes.end(process)
    check(time.monotonic() - begin < _SECONDS_MAX, "it takes too long")
    text = output.decode() + log.read_text()
    for secret in secrets.values():
        check(secret not in text, "a secret is in what it says")
    found: dict[str, list[str]] = {}
    for line in output.decode().splitlines():
        finding = json.loads(line)
        found.setdefault(finding["check"], []).append(f"{finding['verdict']} {finding['text']}")
    return process.returncode, found
