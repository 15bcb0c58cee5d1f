"""More than one daemon."""

import copy

from harness.daemon import Daemon
from harness.lab import Lab, Site, SiteOptions
from harness.processes import check, pause, wait_until
from harness.traffic import split


def same_store(lab: Lab) -> str:
    """The second is refused, with a line that says what to do; the first is not disturbed."""
    site = Site(lab)
    site.webhook.start()
    site.daemon.start()
    halves = split(lab.traffic.messages, 2)
    site.drip(halves[0], 2)
    second = Daemon(lab.binary, lab.folder / "second", site.daemon.config, site.secrets)
    lab.cleanup.callback(second.abandon)
    process = second.launch()
    wait_until("the second is refused", lambda: process.poll() is not None, 20)
    check(process.returncode in (1, 2), f"it ended with {process.returncode}")
    said = second.log.read_text()
    line = next((line for line in said.splitlines() if "store.db" in line), "")
    check("store.path" in line, f"it does not say what to do: {said[-500:]}")
    site.drip(halves[1], 2)
    site.close_bursts()
    return f"{site.finish()}; refused: {line:.160}"


def same_group(lab: Lab) -> str:
    """A member with a store of its own takes partitions away for longer than partitions need to be
    idle, and leaves again: the watermark has waited for them."""
    idle_s = 5
    thirds = split(lab.traffic.messages, 3)
    site = Site(lab, SiteOptions(time={"idle_timeout": f"{idle_s}s"}))
    site.webhook.start()
    site.producer.write(thirds[0][:20])
    site.producer.close()
    site.daemon.start()
    second = Daemon(lab.binary, lab.folder / "second", _elsewhere(site, lab), site.secrets)
    lab.cleanup.callback(second.abandon)
    second.start()
    # Steadily, so that no partition becomes idle before.
    reason = ""
    for part in split(thirds[0][20:], 40):
        site.drip(part, 0.5)
        reason = reason or _reason(site)
    check(reason, "the first did not say that partitions are gone")
    site.drip(thirds[1], 1)
    pause(idle_s + 2)
    site.drip(thirds[2], 1)
    site.close_bursts()
    site.producer.close()
    second.terminate()
    return f"{site.finish()}; {reason.strip()!r:.160}"


def _reason(site: Site) -> str:
    """Why the first is not ready, once it knows of the other."""
    return next((r for r in site.daemon.not_ready().splitlines() if "another" in r), "")


def _elsewhere(site: Site, lab: Lab) -> dict:
    config = copy.deepcopy(site.daemon.config)
    config["store"]["path"] = str(lab.folder / "second" / "store.db")
    config["sinks"] = [
        {"name": "archive", "type": "file", "path": str(lab.folder / "second" / "tickets.jsonl")}
    ]
    del config["dead_letters"]
    return config
