"""The broker goes away and comes back; a topic grows."""

from harness.lab import Lab, Site, SiteOptions
from harness.processes import check, pause, wait_until
from harness.traffic import Messages, split


def restarted(lab: Lab) -> str:
    """Stopped and started, later killed and restarted, in the middle of the traffic, which waits at
    its producer meanwhile."""
    site = Site(lab)
    site.webhook.start()
    site.daemon.start()
    parts = split(lab.traffic.messages, 5)
    reasons = []
    for take_down in (lab.broker.stop, lab.broker.kill):
        site.drip(parts.pop(0), 1)
        take_down()
        reasons.append(_wait_for_outage(site))
        site.producer.write(parts.pop(0))
        lab.broker.start()
        wait_until("ready again", lambda: not site.daemon.not_ready(), 60)
    site.drip(parts.pop(0), 1)
    site.close_bursts()
    return f"{site.finish()}; {reasons[0].strip()!r:.120}"


def away(lab: Lab) -> str:
    """For longer than partitions need to be idle: nobody knows whether there is more, so they
    must not become idle, and the watermark must not go on. In the middle of the traffic, where
    bursts are open."""
    idle_s = 5
    messages = split(lab.traffic.messages, 2)[0]
    answer = lab.traffic.replay(messages, lab.folder / "replayed")
    site = Site(lab, SiteOptions(time={"idle_timeout": f"{idle_s}s"}))
    site.webhook.start()
    site.producer.write(messages)
    site.producer.close()
    site.daemon.start()
    site.wait_until_read()
    lab.broker.kill()
    reason = _wait_for_outage(site)
    pause(idle_s + 3)
    status = site.daemon.status()
    idle = [p["partition"] for p in status["partitions"] if p["idle"]]
    check(not idle, f"partitions {idle} became idle while the broker was away")
    check(status["watermark"] < "2025-03-05", f"the watermark went on to {status['watermark']}")
    check(site.daemon.open_tickets() > 0, "no burst is open that idle partitions could close")
    lab.broker.start()
    wait_until("ready again", lambda: not site.daemon.not_ready(), 60)
    return f"{site.finish(answer)}; {reason.strip()!r:.120}"


def partitions_added(lab: Lab) -> str:
    """The second half of the traffic comes in all four partitions, the first in two of them."""
    often = {"metadata_max_age": "10s", "options": {"topic.metadata.refresh.interval.ms": "500"}}
    site = Site(lab, SiteOptions(partitions=2, kafka=often))
    site.webhook.start()
    site.daemon.start()
    first, second = split(lab.traffic.messages, 2)
    site.drip([(partition % 2, value) for partition, value in first], 2)
    lab.broker.add_partitions(site.topic, 4)
    # The new ones first: what comes in the old ones would make it late.
    site.producer.write(_of(second, {2, 3}))
    wait_until("the new partitions are found", lambda: len(site.daemon.positions()) == 4, 30)
    site.drip(_of(second, {0, 1}), 2)
    site.close_bursts()
    return site.finish()


def _of(messages: Messages, partitions: set[int]) -> Messages:
    return [message for message in messages if message[0] in partitions]


def _wait_for_outage(site: Site) -> str:
    """It says that it is not ready, that this is for the broker, and stays healthy. A member whose
    session ran out in the outage before may have had no partition yet when this one began."""

    def reason() -> str:
        return next((line for line in site.daemon.not_ready().splitlines() if "Kafka" in line), "")

    found = wait_until("it says that no broker is connected", reason, 30)
    check(site.daemon.get("/-/healthy")[0] == 200, "without its broker it is not healthy")
    return found
