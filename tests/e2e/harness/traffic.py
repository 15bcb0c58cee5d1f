"""Generated traffic, dealt to partitions, and what `replay` finds in it."""

import json
import re
from dataclasses import dataclass, field
from pathlib import Path

from harness import processes, tickets

PARTITIONS = 4
_USERS = 60
_CODES = [50132, 50133, 50173]
_USER = {"name": "user-session-invalid", "group_by": "user", "codes": _CODES, "window": "10m"}
_TENANT = {"name": "tenant-session-invalid", "group_by": "tenant", "codes": _CODES, "window": "30m"}
# Low thresholds besides the usual ones: more tickets, of both scopes, which overlap.
_USER_FEW = {"name": "user-few", "group_by": "user", "codes": [*_CODES, 50126], "window": "5m"}
_TENANT_FEW = {"name": "tenant-few", "group_by": "tenant", "codes": _CODES, "window": "10m"}
# Each message holds one failure of this code, so the count of one ticket shows whether any was lost
# or counted twice. Its session lasts as long as the traffic.
_PULSE_CODE = 50999
_PULSE = {"name": "pulse", "group_by": "user", "codes": [_PULSE_CODE], "window": "10m"}
_DETECTORS = [
    {**_USER, "threshold": 10},
    {**_TENANT, "threshold": 50, "min_users": 15},
    {**_USER_FEW, "threshold": 3},
    {**_PULSE, "threshold": 1, "quiet": "6h", "max_duration": "48h"},
]
_LIMITS = {"message_bytes": "300KiB"}
DETECTION = {"limits": _LIMITS, "detectors": _DETECTORS}
# Some tickets of these are merged, or stay open for hours. Both is told a minute after they were
# opened, by the rule of one revision a minute, so this takes as long.
_USER_LONG = {"name": "user-long", "group_by": "user", "codes": [*_CODES, 50126], "window": "1h"}
SLOW_DETECTION = {
    "limits": _LIMITS,
    "detectors": [
        *_DETECTORS,
        {**_TENANT_FEW, "threshold": 15, "min_users": 2},
        {**_USER_LONG, "threshold": 3, "quiet": "5h"},
    ],
}

_CREATED = re.compile(rb'"createdDateTime":"(2025-03-0\dT\d\d:\d\d:\d\d)')

Messages = list[tuple[int, bytes]]  # partition, value; in the order of arrival


@dataclass
class Answer:
    """What `replay` says of a set of messages."""

    tickets: list[tickets.Ticket]  # the last revision of each
    summary: dict
    dead_letters: list[dict] = field(default_factory=list)


class Traffic:
    """The same for all scenarios of one seed.

    A risk event that comes hours later revises a ticket, no sooner than a minute after its
    resolution: `messages` has them only where a scenario may take that long. `generated` always does.
    """

    def __init__(self, binary: Path, folder: Path, seed: int, detection: dict, risk_events: bool):
        self._binary, self.folder, self.detection = binary, folder, detection
        folder.mkdir(parents=True)
        self.log = folder / "traffic.log"
        self.generate_options = ["--seed", str(seed), "--users", str(_USERS)]
        self._generate("--partitions", str(PARTITIONS), "--output", folder / "parts")
        self._generate("--output", folder / "all.jsonl")
        self.generated = self._in_order_of_arrival()
        messages = self.generated if risk_events else _without_risk_events(self.generated)
        self.messages = _with_pulse(messages)
        self.answer = self.replay(self.messages, folder / "replayed")

    def replay(self, messages: Messages, folder: Path, detection: dict | None = None) -> Answer:
        """Of the messages as files, one a partition."""
        folder.mkdir(parents=True)
        (folder / "detection.yaml").write_text(json.dumps(detection or self.detection))
        paths = []
        for partition in sorted({partition for partition, _ in messages}):
            path = folder / f"part-{partition}.jsonl"
            path.write_bytes(b"".join(v + b"\n" for p, v in messages if p == partition))
            paths.append(path)
        letters = folder / "dead-letters.jsonl"
        revisions = self._replay(folder, "--events", "--dead-letters", letters, *paths)
        last = list({ticket["ticket_id"]: ticket for ticket in revisions}.values())
        printed = self._replay(folder, *paths)
        found = tickets.differences(printed, tickets.final(last))
        processes.check(not found, f"replay and replay --events disagree: {found}")
        return Answer(
            tickets=last,
            summary=json.loads((folder / "summary").read_text().splitlines()[-1]),
            dead_letters=[json.loads(line) for line in letters.read_text().splitlines()],
        )

    def _replay(self, folder: Path, *arguments: str | Path) -> list[tickets.Ticket]:
        command = [self._binary, "replay", "--config", folder / "detection.yaml", *arguments]
        output = processes.run(command, folder / "summary", timeout=60)
        return [json.loads(line) for line in output.splitlines()]

    def _generate(self, *arguments: str | Path) -> None:
        command = [self._binary, "generate", *self.generate_options, *arguments]
        processes.run(command, self.log, timeout=60)

    def _in_order_of_arrival(self) -> Messages:
        """The single file has the order, the parts have the partitions."""
        partitions = {}
        for partition in range(PARTITIONS):
            path = self.folder / "parts" / f"part-{partition}.jsonl"
            partitions |= {line: partition for line in path.read_bytes().splitlines()}
        lines = (self.folder / "all.jsonl").read_bytes().splitlines()
        return [(partitions[line], line) for line in lines]


def split(messages: Messages, count: int) -> list[Messages]:
    """Into so many parts of about the same size, in order."""
    size = len(messages)
    return [messages[size * i // count : size * (i + 1) // count] for i in range(count)]


def moments(messages: Messages) -> list[str]:
    """Of each message the event time of one of its records, or about that."""
    moment, found = "2025-03-03T00:00:00", []
    for _, value in messages:
        match = _CREATED.search(value)
        moment = match[1].decode() if match else moment
        found.append(moment)
    return found


def sign_in(moment: str, record_id: str, code: str, **changes: str | None) -> bytes:
    """A plain record; a field that is changed to None is left out."""
    record = {
        "time": f"{moment}Z",
        "category": "SignInLogs",
        "tenantId": "7e27297e-08bd-46f1-8a2b-00000000e2e0",
        "resultType": code,
        "properties": {"id": record_id, "userId": "7e27297e-08bd-46f1-8a2b-0000000e2e01"},
        **changes,
    }
    return json.dumps({name: value for name, value in record.items() if value is not None}).encode()


def _without_risk_events(messages: Messages) -> Messages:
    kept = []
    for partition, value in messages:
        records = json.loads(value)["records"]
        records = [record for record in records if record["category"] != "UserRiskEvents"]
        if records:
            text = json.dumps({"records": records}, separators=(",", ":"), ensure_ascii=False)
            kept.append((partition, text.encode()))
    return kept


def _with_pulse(messages: Messages) -> Messages:
    begin = b'{"records":['
    pulsing = []
    for number, ((partition, value), moment) in enumerate(zip(messages, moments(messages))):
        processes.check(value.startswith(begin), f"no batch: {value[:40]!r}")
        pulse = sign_in(moment, f"pulse-{number}", str(_PULSE_CODE))
        pulsing.append((partition, begin + pulse + b"," + value[len(begin) :]))
    return pulsing


def closing_records(partitions: int = PARTITIONS) -> Messages:
    """A harmless sign-in, days later, in each partition: all bursts close without idle partitions."""
    return [
        (partition, sign_in("2025-03-10T00:00:00", f"closing-{partition}", "0"))
        for partition in range(partitions)
    ]
