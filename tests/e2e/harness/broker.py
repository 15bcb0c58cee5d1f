"""A real Kafka broker on the loopback interface (kafka/kafka.sh), and what goes in and out of it."""

import json
import os
import subprocess
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness import kafka_admin, processes
from harness.processes import check
from harness.proxy import Proxy

_KAFKA_SH = Path(__file__).parent.parent / "kafka" / "kafka.sh"
# A line of traffic is one message; nothing is lost or copied while the broker is away.
_PRODUCER = (
    "-X",
    "enable.idempotence=true",
    "-X",
    "message.max.bytes=8000000",
    "-X",
    "linger.ms=5",
)


@dataclass(frozen=True)
class Message:
    partition: int
    offset: int
    key: str | None
    headers: dict[str, str]
    value: bytes


def install(folder: Path) -> None:
    """Fetches the jars through Maven, once."""
    if not any((folder / "lib").glob("kafka_2.13-*.jar")):
        processes.run([_KAFKA_SH, "install", folder], folder.parent / "install.log", timeout=600)


class Broker:
    """Ports: plain, controller, SASL PLAIN over TLS, OAUTHBEARER over TLS, and plain for those who are
    far away: they come by `way`, which can be cut."""

    def __init__(self, folder: Path, installed: Path):
        folder.mkdir(parents=True)
        (folder / "lib").symlink_to(installed.resolve() / "lib")
        self.folder = folder
        self.port = processes.free_ports(5)
        self.way = Proxy(self.port + 4)
        self.log = folder / "kafka.sh.log"
        self._verb("auth", folder)

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def far_address(self) -> str:
        return f"127.0.0.1:{self.way.port}"

    @property
    def plain_login_address(self) -> str:
        return f"127.0.0.1:{self.port + 2}"

    @property
    def token_login_address(self) -> str:
        return f"127.0.0.1:{self.port + 3}"

    @property
    def ca_file(self) -> Path:
        return self.folder / "auth" / "ca.pem"

    @property
    def connection_string(self) -> str:
        return (self.folder / "auth" / "connection-string").read_text()

    def start(self) -> None:
        self._verb("start", self.folder, str(self.port))

    def stop(self) -> None:
        self._verb("stop", self.folder)

    def kill(self) -> None:
        self._verb("kill", self.folder)

    def token(self, subject: str, seconds: int) -> str:
        return self._verb("token", self.folder, subject, str(seconds)).decode().strip()

    def take_other_connection_string(self, text: str) -> None:
        """From the next start on the PLAIN listener knows this one only."""
        listeners = self.folder / "auth" / "listeners.properties"
        listeners.write_text(listeners.read_text().replace(self.connection_string, text))
        (self.folder / "auth" / "connection-string").write_text(text)

    def create_topic(self, topic: str, partitions: int, **settings: str) -> None:
        kafka_admin.create_topic(
            self.port, topic, partitions, {k.replace("_", "."): v for k, v in settings.items()}
        )

    def add_partitions(self, topic: str, partitions: int) -> None:
        """Until there are so many in all, and clients find them."""
        kafka_admin.add_partitions(self.port, topic, partitions)
        command = ["kcat", "-L", "-J", "-b", self.address, "-t", topic]

        def are_known() -> bool:
            found = json.loads(processes.run(command, self.log, timeout=30))
            return len(found["topics"][0]["partitions"]) == partitions

        processes.wait_until(f"{topic} has {partitions} partitions", are_known, 30)

    def ends(self, topic: str, partitions: int) -> dict[int, int]:
        """The offset of the next message of each partition."""
        command = ["kcat", "-Q", "-b", self.address]
        for partition in range(partitions):
            command += ["-t", f"{topic}:{partition}:-1"]
        text = processes.run(command, self.log, timeout=30).decode()
        ends = {}
        for line in text.splitlines():  # "TOPIC [0] offset 17"
            words = line.split()
            ends[int(words[1].strip("[]"))] = int(words[3])
        return ends

    def consume(self, topic: str) -> list[Message]:
        """All messages of the topic, by partition and offset."""
        command = ["kcat", "-C", "-b", self.address, "-t", topic, "-o", "beginning", "-e", "-q"]
        # Envelopes hold keys and headers, but garbage in a value would not survive them.
        envelopes = processes.run([*command, "-J"], self.log, timeout=60)
        raw = processes.run([*command, "-f", "%p %o %S\n%s"], self.log, timeout=60)
        values = dict(_values(raw))
        messages = []
        for line in envelopes.decode(errors="replace").splitlines():
            envelope = json.loads(line)
            place = envelope["partition"], envelope["offset"]
            headers = envelope.get("headers") or []
            messages.append(
                Message(
                    *place,
                    key=envelope["key"],
                    headers=dict(zip(headers[::2], headers[1::2])),
                    value=values[place],
                )
            )
        return sorted(messages, key=lambda message: (message.partition, message.offset))

    def _verb(self, *arguments: str | Path) -> bytes:
        environment = {"KAFKA_HEAP": "256m", "KAFKA_FAR_PORT": str(self.way.port), **os.environ}
        return processes.run([_KAFKA_SH, *arguments], self.log, timeout=120, env=environment)


def _values(raw: bytes) -> Iterable[tuple[tuple[int, int], bytes]]:
    at = 0
    while at < len(raw):
        line_end = raw.index(b"\n", at)
        partition, offset, size = map(int, raw[at:line_end].split())
        at = line_end + 1 + max(size, 0)
        yield (partition, offset), raw[line_end + 1 : at]


class Producer:
    """Writes messages to chosen partitions; those that the broker can't take now wait here."""

    def __init__(self, broker: Broker, topic: str, log: Path):
        self._broker, self._topic, self._log = broker, topic, log
        self._clients: dict[int, subprocess.Popen] = {}
        self.counts: Counter[int] = Counter()  # by partition

    def write(self, messages: Sequence[tuple[int, bytes]]) -> None:
        for partition, value in messages:
            stream = self._client(partition).stdin
            assert stream is not None and b"\n" not in value and value
            stream.write(value + b"\n")
            self.counts[partition] += 1
        for client in self._clients.values():
            assert client.stdin is not None
            client.stdin.flush()

    def close(self) -> None:
        """All that was written is in the topic when this returns; before, kcat may hold the last
        line back. More may be written afterwards."""
        for partition, client in self._clients.items():
            assert client.stdin is not None
            client.stdin.close()
            processes.wait_until(
                f"kcat has handed partition {partition} over", lambda: client.poll() is not None, 60
            )
            check(client.returncode == 0, f"kcat ended with {client.returncode}; see {self._log}")
        self._clients.clear()

    def abandon(self) -> None:
        for client in self._clients.values():
            processes.end(client)

    def _client(self, partition: int) -> subprocess.Popen:
        if partition not in self._clients:
            command = ["kcat", "-P", "-E", "-b", self._broker.address, "-t", self._topic]
            command += ["-p", str(partition), *_PRODUCER]
            self._clients[partition] = processes.start(command, self._log, stdin=subprocess.PIPE)
        return self._clients[partition]
