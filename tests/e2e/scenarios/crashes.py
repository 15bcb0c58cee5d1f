"""The daemon ends in the middle, by force and by request."""

from harness.lab import Lab, Site
from harness.processes import check, pause, wait_until
from harness.traffic import Messages


def kills(lab: Lab) -> str:
    """Most kills hit a daemon that is reading; some one that is still starting."""
    count = 25 if lab.full else 4
    site = Site(lab)
    site.webhook.start()
    while_reading = 0
    for part in _parts(lab.traffic.messages, count):
        if lab.random.random() < 0.25:
            site.producer.write(part)
            site.daemon.launch()
            pause(lab.random.uniform(0, 1.5))
        else:
            site.daemon.start()
            before = _wait_for_partitions(site)
            site.drip(part, lab.random.uniform(0.1, 1.0))
            pause(lab.random.uniform(0, 0.2))
            while_reading += site.daemon.positions() != before
        site.daemon.kill()
    site.daemon.start()
    site.close_bursts()
    return f"{site.finish()}, {count} kills, {while_reading} of them while reading"


def sigterm(lab: Lab) -> str:
    count = 10 if lab.full else 3
    site = Site(lab)
    site.webhook.start()
    for part in _parts(lab.traffic.messages, count):
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


def _parts(messages: Messages, count: int) -> list[Messages]:
    return [
        messages[len(messages) * i // count : len(messages) * (i + 1) // count]
        for i in range(count)
    ]


def _wait_for_partitions(site: Site) -> dict[int, int]:
    """Their positions, once all are assigned."""

    def positions() -> dict[int, int]:
        partitions = site.daemon.status()["partitions"]
        assigned = [p for p in partitions if p["assigned"]]
        return site.daemon.positions() if len(assigned) == 4 else {}

    return wait_until("all partitions are assigned", positions, 30, step=0.02)
