"""More than one daemon."""

import copy

from harness.daemon import Daemon
from harness.lab import Lab, Site
from harness.processes import check, pause, wait_until


def same_store(lab: Lab) -> str:
    """The second is refused, with a line that says what to do; the first is not disturbed."""
    site = Site(lab)
    site.webhook.start()
    site.daemon.start()
    half = len(lab.traffic.messages) // 2
    site.drip(lab.traffic.messages[:half], 2)
    second = Daemon(lab.binary, lab.folder / "second", site.daemon.config, site.secrets)
    lab.cleanup.callback(second.abandon)
    process = second.launch()
    wait_until("the second is refused", lambda: process.poll() is not None, 20)
    check(process.returncode in (1, 2), f"it ended with {process.returncode}")
    said = second.log.read_text()
    line = next((line for line in said.splitlines() if "store.db" in line), "")
    check("store.path" in line, f"it does not say what to do: {said[-500:]}")
    site.drip(lab.traffic.messages[half:], 2)
    site.close_bursts()
    return f"{site.finish()}; refused: {line:.160}"


def same_group(lab: Lab) -> str:
    """A member with a store of its own takes partitions away, and leaves again."""
    site = Site(lab)
    site.webhook.start()
    site.daemon.start()
    third = len(lab.traffic.messages) // 3
    site.drip(lab.traffic.messages[:third], 2)
    site.wait_until_read()
    second = Daemon(lab.binary, lab.folder / "second", _elsewhere(site, lab), site.secrets)
    lab.cleanup.callback(second.abandon)
    second.start()
    reason = wait_until("the first says that partitions are gone", site.daemon.not_ready, 30)
    site.drip(lab.traffic.messages[third : 2 * third], 2)
    pause(1)
    second.terminate()
    wait_until("the first has them back", lambda: not site.daemon.not_ready(), 30)
    site.drip(lab.traffic.messages[2 * third :], 2)
    site.close_bursts()
    return f"{site.finish()}; {reason.strip()!r:.160}"


def _elsewhere(site: Site, lab: Lab) -> dict:
    config = copy.deepcopy(site.daemon.config)
    config["store"]["path"] = str(lab.folder / "second" / "store.db")
    config["sinks"] = [
        {"name": "archive", "type": "file", "path": str(lab.folder / "second" / "tickets.jsonl")}
    ]
    del config["dead_letters"]
    return config
