"""The harness's own test: what the other scenarios rely on must find what is wrong."""

import copy
import json
import uuid
from collections.abc import Callable

from harness import tickets
from harness.exposition import Exposition
from harness.lab import Lab
from harness.processes import check
from harness.scraper import breaches
from harness.tickets import SinkView, Ticket

Stream = list[Ticket]  # revisions in the order of arrival


def run(lab: Lab) -> str:
    expected = lab.traffic.answer.tickets
    stream = [revision for ticket in expected for revision in _revisions(ticket)]
    for name, harmless in _HARMLESS.items():
        found = _problems(expected, harmless(copy.deepcopy(stream)))
        check(not found, f"{name}: {found[:3]}")
    for name, fault in _FAULTS.items():
        check(_problems(expected, fault(copy.deepcopy(stream))), f"not found: {name}")
    _check_breaches()
    return f"{len(_HARMLESS)} harmless changes, {len(_FAULTS)} faults"


def _problems(expected: list[Ticket], stream: Stream) -> list[str]:
    view = SinkView("sink")
    for ticket in stream:
        view.add(json.dumps(ticket))
    return view.problems + tickets.differences(expected, view.last_revisions())


def _revisions(ticket: Ticket) -> Stream:
    """An opening one with less in it, and the last."""
    first = {**ticket, "revision": 1, "state": "open", "reason": "opened", "event_count": 1}
    return [first, {**ticket, "revision": 2}]


def _other_ids(stream: Stream) -> Stream:
    names = ("ticket_id", "parent_ticket_id", "continues", "merged_into")
    ids = {ticket[name]: str(uuid.uuid4()) for ticket in stream for name in names if ticket[name]}
    return [{**ticket, **{name: ids.get(ticket[name]) for name in names}} for ticket in stream]


def _with_merged(stream: Stream) -> Stream:
    """The first parent had another ticket at first, which its children still name."""
    parent = next(ticket["parent_ticket_id"] for ticket in stream if ticket["parent_ticket_id"])
    ticket = next(ticket for ticket in stream if ticket["ticket_id"] == parent)
    merged = {**ticket, "ticket_id": "m", "revision": 1, "state": "merged", "merged_into": parent}
    for other in stream:
        if other["parent_ticket_id"] == parent:
            other["parent_ticket_id"] = "m"
    return [merged, *stream]


def _last_changed(**fields) -> Callable[[Stream], Stream]:
    return lambda stream: [*stream[:-1], {**stream[-1], **fields}]


def _other_parent(stream: Stream) -> Stream:
    parents = sorted({t["parent_ticket_id"] for t in stream if t["parent_ticket_id"]})
    for ticket in stream:
        if ticket["parent_ticket_id"] == parents[0]:
            ticket["parent_ticket_id"] = parents[1]
    return stream


_HARMLESS: dict[str, Callable[[Stream], Stream]] = {
    "nothing": lambda stream: stream,
    "other ids": _other_ids,
    "everything twice": lambda stream: stream + stream,
    "two tickets interleaved": lambda s: [s[0], s[2], s[1], s[3], *s[4:]],
    "other moments": _last_changed(opened_at="2026-01-01T00:00:00.000000Z", resolved_at=None),
    "a merged ticket that others name": _with_merged,
}

_FAULTS: dict[str, Callable[[Stream], Stream]] = {
    "a ticket is missing": lambda stream: stream[2:],
    "the last revision is missing": lambda stream: stream[:-1],
    "the first revision is missing": lambda stream: stream[1:],
    "revisions in the wrong order": lambda s: [s[1], s[0], *s[2:]],
    "a burst under two ids": lambda s: [*s, {**s[1], "ticket_id": "x", "revision": 1}],
    "a revision with two contents": lambda s: [*s, {**s[1], "opened_at": "later"}],
    "another count": _last_changed(event_count=999),
    "another cause": _last_changed(cause="other"),
    "never resolved": _last_changed(state="open"),
    "another parent": _other_parent,
    "an unknown parent": _last_changed(parent_ticket_id="unknown"),
    "a field is missing": lambda s: [*s[:-1], {k: v for k, v in s[-1].items() if k != "summary"}],
}


def _check_breaches() -> None:
    text = (
        "# TYPE signinwatch_records_total counter\n"
        'signinwatch_records_total{{topic="t",outcome="accepted"}} 7\n'
        'signinwatch_records_total{{topic="t",outcome="rejected"}} {rejected}\n'
        'signinwatch_records_rejected_total{{reason="not_json"}} 2\n'
        'signinwatch_records_rejected_total{{reason="no_time"}} 1\n'
    )
    check(not breaches(Exposition(text.format(rejected=3))), "a breach that is none")
    check(breaches(Exposition(text.format(rejected=4))), "not found: records that don't add up")
