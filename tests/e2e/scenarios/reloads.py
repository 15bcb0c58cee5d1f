"""The configuration is changed while records come in."""

import copy
import json

from harness.daemon import Daemon
from harness.lab import Lab, Site
from harness.processes import check, wait_until
from harness.traffic import split


def reloads(lab: Lab) -> str:
    """By HTTP and by SIGHUP; a file with a mistake, and one that can't be started, change nothing; a
    detector that finds nothing comes and goes. The tickets are those of one run."""
    site = Site(lab)
    site.webhook.start()
    daemon = site.daemon
    daemon.config["http"]["enable_reload"] = True
    daemon.start()
    config = daemon.config
    parts = split(lab.traffic.messages, 6)
    site.drip(parts[0], 1)

    daemon.config = copy.deepcopy(config)
    daemon.config["detectors"].append({"name": "idle", "codes": [1], "threshold": 3})
    daemon.config["log"] = {"level": "debug"}
    daemon.write_config()
    check(_reload(daemon)[0] == 200, "the reload failed")
    site.drip(parts[1], 1)

    daemon.write_config("kafka: {brokrs: nowhere}")
    code, text = _reload(daemon)
    check(code == 400 and "1:9" in json.loads(text)["detail"], f"it answered {code}: {text}")
    check(_successful(site) == 0, "the metric does not show the mistake")
    site.drip(parts[2], 1)

    daemon.config = copy.deepcopy(config)
    daemon.config["sinks"][0]["path"] = str(lab.folder / "none" / "tickets.jsonl")
    daemon.write_config()
    code, text = _reload(daemon)
    check(code == 400, f"a sink without a folder was taken: {code} {text}")
    site.drip(parts[3], 1)

    daemon.config = config
    daemon.write_config()
    daemon.hang_up()
    wait_until("SIGHUP has loaded the configuration", lambda: _successful(site) == 1, 20)
    site.drip(parts[4], 1)
    for _ in range(5 if lab.full else 1):
        daemon.hang_up()
    site.drip(parts[5], 1)
    site.close_bursts()
    return site.finish()


def _reload(daemon: Daemon) -> tuple[int, str]:
    """Asks until it is taken: one in 10 s is."""
    answers: list[tuple[int, str]] = []

    def is_taken() -> bool:
        answers.append(daemon.reload())
        return answers[-1][0] != 429

    wait_until("a reload is taken", is_taken, 20)
    return answers[-1]


def _successful(site: Site) -> float:
    return site.daemon.metrics().sum("signinwatch_config_last_reload_successful")
