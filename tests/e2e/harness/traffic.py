"""Generated traffic, dealt to partitions, and what `replay` finds in it."""

import json
from dataclasses import dataclass, field
from pathlib import Path

from harness import processes, tickets

PARTITIONS = 4
_USERS = 60
# Low thresholds besides the usual ones: more tickets, of both scopes, which overlap.
DETECTORS = [
    {"name": "user-session-invalid", "codes": [50132, 50133, 50173], "group_by": "user", "window": "10m", "threshold": 10},
    {"name": "user-few", "codes": [50126, 50132, 50133, 50173], "group_by": "user", "window": "5m", "threshold": 3},
    {"name": "tenant-session-invalid", "codes": [50132, 50133, 50173], "group_by": "tenant", "window": "30m", "threshold": 50, "min_users": 15},
    {"name": "tenant-few", "codes": [50132, 50133, 50173], "group_by": "tenant", "window": "10m", "threshold": 15, "min_users": 2},
]  # fmt: skip
DETECTION = {"limits": {"message_bytes": "300KiB"}, "detectors": DETECTORS}

Messages = list[tuple[int, bytes]]  # partition, value; in the order of arrival


@dataclass
class Answer:
    """What `replay` says of a set of messages."""

    tickets: list[tickets.Ticket]  # the last revision of each
    summary: dict
    dead_letters: list[dict] = field(default_factory=list)


class Traffic:
    """The same for all scenarios of one seed."""

    def __init__(self, binary: Path, folder: Path, seed: int):
        self._binary, self.folder = binary, folder
        folder.mkdir(parents=True)
        self.log = folder / "traffic.log"
        self.config = folder / "detection.yaml"
        self.config.write_text(json.dumps(DETECTION))
        self.generate_options = ["--seed", str(seed), "--users", str(_USERS)]
        self._generate("--partitions", str(PARTITIONS), "--output", folder / "parts")
        self._generate("--output", folder / "all.jsonl")
        self.messages = self._in_order_of_arrival()
        self.answer = self.replay(self.messages, folder / "replayed")

    def replay(self, messages: Messages, folder: Path) -> Answer:
        """Of the messages as files, one a partition."""
        folder.mkdir(parents=True)
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
        command = [self._binary, "replay", "--config", self.config, *arguments]
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


def closing_records(partitions: int = PARTITIONS) -> Messages:
    """A harmless sign-in, days later, in each partition: all bursts close without idle partitions."""
    messages = []
    for partition in range(partitions):
        record = {
            "time": "2025-03-10T00:00:00Z",
            "category": "SignInLogs",
            "tenantId": "7e27297e-08bd-46f1-8a2b-00000000e2e0",
            "resultType": "0",
            "properties": {
                "id": f"7e27297e-08bd-46f1-8a2b-e2e0{partition:08d}",
                "createdDateTime": "2025-03-10T00:00:00Z",
                "userId": "7e27297e-08bd-46f1-8a2b-0000000e2e01",
                "status": {"errorCode": 0},
            },
        }
        messages.append((partition, json.dumps({"records": [record]}).encode()))
    return messages
