"""The webhook misbehaves; the other sinks must not notice."""

from harness.lab import Lab, Site, SiteOptions
from harness.processes import check, wait_until
from harness.traffic import split
from harness.webhook import OK, Answer

_FAULTS = [
    Answer(status=500, taken=False),
    Answer(status=503, taken=False),
    Answer(status=429, headers={"Retry-After": "1"}, taken=False),
    Answer(delay_s=1.5),  # taken, but the answer comes after the sender's time-out
    Answer(lost=True),
    Answer(lost=True, taken=False),
]


def webhook(lab: Lab) -> str:
    site = Site(lab, SiteOptions(webhook={"timeout": "1s"}))
    site.daemon.start()
    # Down: nobody listens.
    halves = split(lab.traffic.messages, 2)
    site.drip(halves[0], 3)
    site.wait_until_read()
    wait_until("the file has tickets while the webhook is down", _has_tickets(site), 20)
    wait_until("the outbox of the webhook is seen to wait", lambda: _depth(site) > 0, 20)
    check(not site.webhook.requests, "the webhook was down, and asked")
    # Up, but ill.
    faults = _FAULTS * (8 if lab.full else 2)
    lab.random.shuffle(faults)
    site.webhook.behave = lambda number: faults[number] if number < len(faults) else OK
    site.webhook.start()
    site.drip(halves[1], 3)
    site.close_bursts()
    site.wait_until_settled()
    others = {v.name: len(v.revisions) for v in site.views() if v is not site.webhook.view}
    compared = site.finish()
    check(site.webhook.requests > len(faults), f"only {site.webhook.requests} requests")
    return f"{compared}, {len(faults)} faults of {site.webhook.requests} requests; {others}"


def _has_tickets(site: Site):
    return lambda: len(site.file_view().revisions) > 10


def _depth(site: Site) -> float:
    return site.daemon.metrics().sum("signinwatch_outbox_depth", sink="soc")
