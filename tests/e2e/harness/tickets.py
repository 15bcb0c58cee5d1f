"""Tickets as a sink sees them, and their comparison with what `replay` says.

"The final tickets are a function of the set of records": all their fields but those that name
tickets or tell of the moments at which they were made.
"""

import json
from collections import Counter
from collections.abc import Iterable

# What depends on when and in which order records arrived.
_NOT_COMPARED = {"ticket_id", "revision", "reason", "opened_at", "resolved_at"}
# Ids of other tickets: what they point at is compared.
_REFERENCES = ("parent_ticket_id", "continues", "merged_into")
_DIFFERENCES_SHOWN = 5

Ticket = dict


class SinkView:
    """What arrived at one sink, in its order. Every breach of the delivery contract is a problem."""

    def __init__(self, name: str):
        self.name = name
        self.problems: list[str] = []
        self.copies = 0  # deliveries that a sink drops by their key
        self._texts: dict[tuple[str, int], str] = {}
        self._last: dict[str, Ticket] = {}

    def add(self, text: str, key: str | None = None) -> None:
        """`key`: the ticket id that the sink was given beside the ticket."""
        try:
            ticket = json.loads(text)
            ticket_id, revision = ticket["ticket_id"], ticket["revision"]
        except (ValueError, KeyError, TypeError):
            self.problems.append(f"{self.name}: no ticket: {text[:200]!r}")
            return
        if key is not None and key != ticket_id:
            self.problems.append(f"{self.name}: key {key} of ticket {ticket_id}")
        known = self._texts.get((ticket_id, revision))
        if known is not None:
            self.copies += 1
            if known != text:
                self.problems.append(
                    f"{self.name}: {ticket_id} revision {revision} has two contents"
                )
            return
        expected = self._last[ticket_id]["revision"] + 1 if ticket_id in self._last else 1
        if revision != expected:
            self.problems.append(
                f"{self.name}: {ticket_id} revision {revision} came where {expected} was due"
            )
        self._texts[ticket_id, revision] = text
        self._last[ticket_id] = ticket

    @property
    def revisions(self) -> dict[tuple[str, int], str]:
        return self._texts

    def last_revisions(self) -> list[Ticket]:
        return list(self._last.values())


def final(tickets: Iterable[Ticket]) -> list[Ticket]:
    return [ticket for ticket in tickets if ticket["state"] != "merged"]


def differences(expected: list[Ticket], found: list[Ticket]) -> list[str]:
    """Both are the last revisions of all tickets, merged ones included; empty: they agree."""
    wanted = Counter(_comparable(expected))
    seen = Counter(_comparable(found))
    missing, extra = list((wanted - seen).elements()), list((seen - wanted).elements())
    lines = []
    for text in missing:
        ticket = json.loads(text)
        like = [other for other in extra if _name(json.loads(other)) == _name(ticket)]
        if like:
            extra.remove(like[0])
            lines.append(f"{_name(ticket)}: {_fields(ticket, json.loads(like[0]))}")
        else:
            lines.append(f"{_name(ticket)}: missing")
    lines += [f"{_name(json.loads(text))}: not expected" for text in extra]
    shown = lines[:_DIFFERENCES_SHOWN]
    if len(lines) > len(shown):
        shown.append(f"and {len(lines) - len(shown)} more")
    return shown


def _comparable(tickets: list[Ticket]) -> list[str]:
    by_id = {ticket["ticket_id"]: ticket for ticket in tickets}
    texts = []
    for ticket in final(tickets):
        fields = {name: value for name, value in ticket.items() if name not in _NOT_COMPARED}
        for name in _REFERENCES:
            fields[name] = _target(ticket[name], by_id)
        texts.append(json.dumps(fields, sort_keys=True))
    return texts


def _target(ticket_id: str | None, by_id: dict[str, Ticket]) -> str | None:
    """The burst that an id stands for, whatever its ticket was merged into."""
    for _ in by_id:
        if ticket_id is None or ticket_id not in by_id:
            break
        if by_id[ticket_id]["state"] != "merged":
            return _name(by_id[ticket_id])
        ticket_id = by_id[ticket_id]["merged_into"]
    return ticket_id and f"unknown ticket {ticket_id}"


def _name(ticket: Ticket) -> str:
    who = ticket["user_id"] or ticket["user_principal_name"] or "tenant"
    return f"{ticket['detector']} {ticket['tenant_id']} {who} {ticket['first_event_time']}"


def _fields(wanted: Ticket, seen: Ticket) -> str:
    return "; ".join(
        f"{name} is {json.dumps(seen.get(name)):.100}, expected {json.dumps(value):.100}"
        for name, value in wanted.items()
        if seen.get(name) != value
    )
