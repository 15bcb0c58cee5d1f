"""A mass reset, while one ticket system after the other fails and the daemon is killed."""

import json
from dataclasses import dataclass

from harness.exposition import Exposition
from harness.lab import Lab, Site, SiteOptions
from harness.processes import check, pause, wait_until
from harness.systems import ServiceNow, System, TheHive
from harness.traffic import PARTITIONS, Messages, split
from harness.webhook import OK, Answer

_TENANT = "7e27297e-08bd-46f1-8a2b-00000000e2e0"
_FAILURES = 3  # of each user
_CODES = [50132, 50133, 50173]
_DETECTION = {
    "detectors": [
        {
            "name": "user",
            "group_by": "user",
            "codes": _CODES,
            "window": "10m",
            "threshold": _FAILURES,
        },
        {
            "name": "tenant",
            "group_by": "tenant",
            "codes": _CODES,
            "window": "30m",
            "threshold": 50,
            "min_users": 15,
        },
    ],
}
_FAULTS = [
    Answer(lost=True),
    Answer(lost=True, taken=False),
    Answer(status=500),
    Answer(status=503, taken=False),
    Answer(status=429, headers={"Retry-After": "1"}, taken=False),
    Answer(delay_s=2.5),  # taken, but the answer comes after the sender's time-out
]
_UNAFFECTED = "soc"  # the webhook
_SETTLE_TIMEOUT_S = 600
# Generous: a sink of its own thread has no reason to wait for another's time-outs, which are longer.
_P99_MAX_S = 2.5


def mass_reset(lab: Lab) -> str:
    users = 5_000 if lab.full else 500
    messages = _mass_reset(users)
    answer = lab.traffic.replay(messages, lab.folder / "replayed", _DETECTION)
    systems = [ServiceNow(), TheHive()]
    for system in systems:
        lab.cleanup.callback(system.stop)
    quick = {"backoff_min": "50ms", "backoff_max": "500ms", "timeout": "2s", "rate_per_minute": 0}
    site = Site(
        lab,
        SiteOptions(
            detection=_DETECTION,
            sinks=[{**system.sink(), **quick} for system in systems],
            secrets={"TICKETS_SECRET": "s3cr3t-of-tickets"},
        ),
    )
    site.webhook.start()
    site.daemon.start()
    parts = split(messages, 4)

    before = _measured(site, lambda: _tell(site, parts[0], systems))
    _fail(lab, systems[0])
    during = _measured(site, lambda: _tell(site, parts[1], systems[1:]))
    site.producer.write(parts[2])
    pause(lab.random.uniform(0.5, 1.5))
    site.daemon.kill()
    systems[0].behave = lambda _: OK
    _fail(lab, systems[1])
    site.daemon.start()
    pause(lab.random.uniform(1, 2))
    site.daemon.kill()
    site.daemon.start()
    site.producer.write(parts[3])
    pause(2)
    systems[1].behave = lambda _: OK
    site.close_bursts()
    site.wait_until_settled(_SETTLE_TIMEOUT_S)
    compared = site.finish(answer)

    revisions = {t["ticket_id"]: t["revision"] for t in site.webhook.view.last_revisions()}
    problems = [text for system in systems for text in system.differences(revisions)]
    shown = "\n    ".join(problems[:10])
    check(not problems, f"{len(problems)} problems of ticket systems:\n    {shown}")
    check(during.p99 <= _P99_MAX_S, f"p99 of an unaffected sink is {during.p99} s during failures")
    return (
        f"{compared}; {users} users, 2 kills, "
        f"{' and '.join(f'{len(s.tickets)} tickets at {type(s).__name__}' for s in systems)}; from "
        f"commit to an unaffected sink: before {before}, while another fails {during}"
    )


def _mass_reset(users: int) -> Messages:
    """A script resets all, and each user's devices fail with their old sessions soon after."""
    messages = []
    for user in range(users):
        minute, second = divmod(user * 2400 // users, 60)
        records = [_reset(user, f"2025-03-03T09:{minute:02d}:{second:02d}")]
        for number in range(_FAILURES):
            moment = f"2025-03-03T09:{minute + 1 + number:02d}:{second:02d}"
            records.append(_failure(user, number, moment))
        batch = json.dumps({"records": records}).encode()
        messages.append((user % PARTITIONS, batch))
    return messages


def _id_of(user: int) -> str:
    return f"7e27297e-08bd-46f1-8a2b-{user:012x}"


def _reset(user: int, moment: str) -> dict:
    target = {"type": "User", "id": _id_of(user), "userPrincipalName": f"u{user}@contoso.example"}
    return {
        "time": f"{moment}Z",
        "category": "AuditLogs",
        "tenantId": _TENANT,
        "properties": {
            "id": f"reset-{user}",
            "activityDisplayName": "Reset password (by admin)",
            "activityDateTime": f"{moment}Z",
            "result": "success",
            "targetResources": [target],
            "initiatedBy": {"user": {"userPrincipalName": "script@contoso.example"}},
        },
    }


def _failure(user: int, number: int, moment: str) -> dict:
    return {
        "time": f"{moment}Z",
        "category": "NonInteractiveUserSignInLogs",
        "tenantId": _TENANT,
        "resultType": "50173",
        "properties": {
            "id": f"failure-{user}-{number}",
            "createdDateTime": f"{moment}Z",
            "userId": _id_of(user),
            "userPrincipalName": f"u{user}@contoso.example",
            "ipAddress": "203.0.113.7",
            "appId": "app",
            "appDisplayName": "Mail",
        },
    }


def _fail(lab: Lab, system: System) -> None:
    """Two of three requests, in one way or another."""
    faults = [lab.random.choice([OK, *_FAULTS, *_FAULTS]) for _ in range(1000)]
    system.behave = lambda number: faults[number % len(faults)]


def _tell(site: Site, part: Messages, healthy: list[System]) -> None:
    """Until all sinks that can have it have it: a ticket for each message, which is of one user."""
    before = len(_told(site))
    site.drip(part, 3)
    site.wait_until_read(60)
    wait_until("the webhook has the tickets", lambda: len(_told(site)) >= before + len(part), 120)
    names = {"archive", "bus", _UNAFFECTED} | {system.sink()["name"] for system in healthy}

    def is_told() -> bool:
        return not any(s["outbox_depth"] for s in site.daemon.status()["sinks"] if s["name"] in names)

    wait_until(f"{sorted(names)} have all", is_told, 300)


def _told(site: Site) -> set[str]:
    return {ticket_id for ticket_id, _ in list(site.webhook.view.revisions)}


@dataclass
class _Latency:
    """Of deliveries within a span of time, as a histogram has it."""

    count: float
    p50: float
    p99: float

    def __str__(self) -> str:
        return f"p50 <= {self.p50:g} s, p99 <= {self.p99:g} s of {self.count:g}"


def _measured(site: Site, work) -> _Latency:
    before = _buckets(site.daemon.metrics())
    work()
    after = _buckets(site.daemon.metrics())
    grown = {bound: count - before.get(bound, 0) for bound, count in after.items()}
    total = max(grown.values())
    check(total > 0, "nothing was delivered to an unaffected sink")

    def quantile(share: float) -> float:
        return min(bound for bound, count in grown.items() if count >= share * total)

    return _Latency(total, quantile(0.5), quantile(0.99))


def _buckets(metrics: Exposition) -> dict[float, float]:
    name = "signinwatch_delivery_latency_seconds_bucket"
    return {float(b): n for b, n in metrics.by(name, "le", sink=_UNAFFECTED).items()}
