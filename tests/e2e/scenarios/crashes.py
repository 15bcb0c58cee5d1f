"""The daemon ends in the middle, by force and by request."""

from harness.garbage import with_garbage
from harness.lab import Lab, Site
from harness.processes import check, pause, wait_until
from harness.traffic import Messages, split


def kills(lab: Lab) -> str:
    """Most kills hit a daemon that is reading; some one that is still starting. Garbage among the
    traffic, so that they may hit the dead letters too."""
    count = 25 if lab.full else 4
    messages = with_garbage(lab.traffic.messages)
    answer = lab.traffic.replay(messages, lab.folder / "replayed")
    site = Site(lab)
    site.webhook.start()
    while_reading = 0
    for number, part in enumerate(split(messages, count)):
        if number % 4 == 3:
            site.producer.write(part)
            site.daemon.launch()
            pause(lab.random.uniform(0, 1.5))
        else:
            _read_some(site, part)
            while_reading += 1
        site.daemon.kill()
    site.daemon.start()
    site.close_bursts()
    return f"{site.finish(answer)}, {count} kills, {while_reading} of them while reading"


def sigterm(lab: Lab) -> str:
    count = 10 if lab.full else 3
    site = Site(lab)
    site.webhook.start()
    for part in split(lab.traffic.messages, count):
        site.daemon.start()
        _wait_for_partitions(site)
        site.drip(part, lab.random.uniform(0.1, 1.0))
        site.daemon.terminate()
    site.daemon.start()
    site.close_bursts()
    compared = site.finish()
    copies = sum(view.copies for view in site.views())
    check(copies == 0, f"{copies} copies were sent though every stop was a clean one")
    return f"{compared}, {count} stops"


def _read_some(site: Site, messages: Messages) -> None:
    """Starts the daemon, and returns while it is reading."""
    first, second = split(messages, 2)
    site.daemon.start()
    before = _wait_for_partitions(site)
    site.producer.write(first)
    wait_until("it reads", lambda: site.daemon.positions() != before, 30, step=0.02)
    site.drip(second, site.lab.random.uniform(0, 0.5))


def _wait_for_partitions(site: Site) -> dict[int, int]:
    """Their positions, once all are assigned."""

    def positions() -> dict[int, int]:
        partitions = site.daemon.status()["partitions"]
        assigned = [p for p in partitions if p["assigned"]]
        return site.daemon.positions() if len(assigned) == 4 else {}

    return wait_until("all partitions are assigned", positions, 30, step=0.02)
