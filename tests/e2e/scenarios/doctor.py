"""`signinwatch doctor` beside a daemon, and where something is wrong."""

import json
import os
import subprocess
import time

from harness import processes
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
    code, beside = _examine(site, {})
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

    code, refused = _examine(site, {"HUB": right.replace("Key=", "Key=0")})
    text = refused["authentication"][0]
    check(code == 1 and text.startswith("fail"), f"it ended with {code}: {text}")
    check("Listen right" in text, f"it does not say what to do: {text}")
    check(refused["topics"] == ["skip needs authentication"], f"{refused['topics']}")
    return f"{compared}; {beside['records'][0]!r:.120}; {text!r:.160}"


def _examine(site: Site, other: dict[str, str]) -> tuple[int, dict[str, list[str]]]:
    """The exit code, and what it found by check."""
    begin = time.monotonic()
    log = site.daemon.folder / "doctor.log"
    process = processes.start(
        [site.lab.binary, "doctor", "--config", site.daemon.folder / "serve.yaml"]
        + ["--format", "json"],
        log,
        stdout=subprocess.PIPE,
        env={**os.environ, **site.secrets, **other},
    )
    output, _ = process.communicate(timeout=_SECONDS_MAX)
    processes.end(process)
    check(time.monotonic() - begin < _SECONDS_MAX, "it takes too long")
    text = output.decode() + log.read_text()
    for secret in [*site.secrets.values(), *other.values()]:
        check(secret not in text, "a secret is in what it says")
    found: dict[str, list[str]] = {}
    for line in output.decode().splitlines():
        finding = json.loads(line)
        found.setdefault(finding["check"], []).append(f"{finding['verdict']} {finding['text']}")
    return process.returncode, found
