#!/usr/bin/env python3
"""What it costs to share the work of `signinwatch serve`, and how soon another instance goes on.

    bench/serve/roles.py drain      one topic from its beginning, in turn by one `all` on SQLite, one `all` on
                                    PostgreSQL, one `ingest` with one `detect`, and two of each
    bench/serve/roles.py takeover   from the stop of a `detect`, by SIGTERM and by SIGKILL, until the other one
                                    has told of a later record in each partition that it took over

A real broker and a real PostgreSQL run on this machine (tests/e2e/harness: Java, Maven, kcat, PostgreSQL), and
share its processors with what is measured. So processor seconds are what can be compared; records a second say
how fast this machine is with all of them on it, not what instances on machines of their own would do. Ways take
turns, so that a busy machine disturbs all alike, and the median of --rounds counts. GB are 10^9 bytes of the
messages, which are not compressed.

`drain` prints of each way, each run of which has its own groups, database and signal topic:

    records/s    from the first assignment of an input partition until all is folded and committed: until the
                 store's positions are past the input's end, or past the last signal in each partition of the
                 signal topic. They are looked up every 0.2 s; a commit comes every second.
    s/GB         user and system time of all processes of signinwatch in that span (/proc/PID/stat), without
                 their start; broker and database are not in it
    / first      both as a multiple of the first way
    bytes        of the signal topic a record of the input: the size of the broker's log files, with keys,
                 batch headers and watermarks

`takeover` has one tenant for each partition of the signal topic and two `detect`, each of which owns half of the
partitions, and so --users tracked users. It prints of each way to stop one:

    ticket       seconds from the signal until a ticket of the other instance has come to a webhook, in the last
                 of the partitions taken over, of a record that was sent after the signal; through `ingest`,
                 fold and commit
    offered      seconds of these until the consumer group gave the partition to the other one (its log): after
                 SIGTERM up to a heartbeat (3 s), after SIGKILL up to --session-timeout
    loaded       seconds that it took to claim the partitions and to read their state: its metric
                 signinwatch_takeover_duration_seconds, summed over the partitions
    users        tracked users that came over
"""

import argparse
import concurrent.futures
import contextlib
import json
import os
import re
import shutil
import signal
import sqlite3
import statistics
import struct
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "e2e"))
sys.dont_write_bytecode = True

# pylint: disable=wrong-import-position
import throughput  # noqa: E402  (beside this file)
from harness import broker as kafka  # noqa: E402
from harness import processes  # noqa: E402
from harness.broker import Broker, Producer  # noqa: E402
from harness.daemon import Daemon  # noqa: E402
from harness.postgres import Postgres  # noqa: E402
from harness.processes import Failure, Interrupted, check, wait_until  # noqa: E402
from harness.traffic import sign_in  # noqa: E402

# A broker that is not short of memory, and groups whose members begin together: else the first one would read
# alone until the second is let in, 3 s later.
BROKER_SETTINGS = {"KAFKA_HEAP": "1g", "KAFKA_JOIN_DELAY_MS": "1000"}
LOOK_EVERY_S = 0.2
TIMEOUT_S = 900
PROBE_CODE = 50999
PROBE = {"name": "probe", "group_by": "user", "codes": [PROBE_CODE], "threshold": 1, "window": "10m"}


@dataclass(frozen=True)
class Bench:
    binary: Path
    broker: Broker
    folder: Path


@dataclass(frozen=True)
class Look:
    """What can be seen without asking the processes, which would cost them time."""

    at: float
    cpu_seconds: float
    positions: dict[int, int]  # as the store has them, by partition of the last topic


class Instances:
    """Some processes that share the work, with groups, a store and a signal topic of their own."""

    def __init__(
        self, bench: Bench, folder: Path, cleanup: contextlib.ExitStack, topic: str, partitions: int,
        database: bool = True, session_timeout: str = "30s", **detection: object,
    ):  # fmt: skip
        folder.mkdir()
        self.bench, self.folder, self.cleanup = bench, folder, cleanup
        self.topic, self.partitions = topic, partitions
        self.signals = f"{folder.name}-signals"
        self.postgres: Postgres | None = None
        self.all: list[Daemon] = []
        self._session_timeout, self._detection = session_timeout, detection
        bench.broker.create_topic(self.signals, partitions)
        if database:
            self.postgres = Postgres(folder / "postgres")
            cleanup.callback(self.postgres.abandon)
            self.postgres.start()

    def launch(self, role: str, sink: dict | None = None) -> Daemon:
        """`sink`: instead of a file. Nothing is waited for."""
        name = f"{role}-{len(self.all)}"
        config = {"role": role, "kafka": self._kafka(role), **self._detection}
        if role != "all":
            config["signals"] = {
                "topic": self.signals, "partitions": self.partitions, "group": f"{self.folder.name}-detect",
            }  # fmt: skip
        if role != "ingest":
            file = {"name": "file", "type": "file", "path": str(self.folder / f"{name}.jsonl")}
            config |= {"store": self._store(), "sinks": [sink or file]}
        secrets = {"PGPASSWORD": self.postgres.password} if self.postgres else {}
        daemon = Daemon(self.bench.binary, self.folder / name, config, secrets)
        self.cleanup.callback(daemon.abandon)
        daemon.launch()
        self.all.append(daemon)
        return daemon

    def look(self, topic: str | None = None) -> Look:
        """`topic`: of the positions; without it, none."""
        at, cpu_seconds = time.monotonic(), sum(map(cpu_seconds_of, self.all))
        return Look(at, cpu_seconds, self.committed(topic) if topic else {})

    def committed(self, topic: str) -> dict[int, int]:
        sql = f"SELECT partition, next_offset FROM positions WHERE topic = '{topic}'"
        if self.postgres:
            rows = [line.split("|") for line in self.postgres.query(sql).splitlines()]
            return {int(partition): int(offset) for partition, offset in rows}
        with contextlib.closing(sqlite3.connect(f"file:{self.folder / 'store.db'}?mode=ro", uri=True)) as store:
            return dict(store.execute(sql))

    def wait_until_shared(self, detecting: list[Daemon]) -> None:
        """Each partition of the signal topic has one owner, and all own as many."""
        share = self.partitions // len(detecting)

        def is_shared() -> bool:
            owned = [assigned_to(daemon).keys() for daemon in detecting]
            return len(set().union(*owned)) == self.partitions and all(len(each) == share for each in owned)

        wait_until("all instances own as many partitions", is_shared, 120)

    def wait_for_assignment(self, readers: list[Daemon]) -> Look:
        """The last look before one of them was given a partition of the input."""

        def look() -> Look | None:
            before = self.look()
            said = any('msg="partition assigned"' in reader.log.read_text() for reader in readers)
            return before if said else None

        return wait_until("a partition of the input is assigned", look, 60, step=0.01)

    def _kafka(self, role: str) -> dict:
        config: dict = {"brokers": self.bench.broker.address, "session_timeout": self._session_timeout}
        if role != "detect":
            config |= {"topics": [self.topic], "group": f"{self.folder.name}-{role}"}
        return config

    def _store(self) -> dict:
        if self.postgres is None:
            return {"path": str(self.folder / "store.db")}
        return {"url": self.postgres.url, "password": "env:PGPASSWORD"}


def cpu_seconds_of(daemon: Daemon) -> float:
    fields = Path(f"/proc/{daemon.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / throughput.TICKS_A_SECOND


def assigned_to(*daemons: Daemon) -> dict[int, int]:
    """The next offset of each partition that they work on."""
    try:
        partitions = [p for daemon in daemons for p in daemon.status()["partitions"]]
    except Failure:
        return {}  # one of them starts, or is busy
    return {p["partition"]: p["next_offset"] for p in partitions if p["assigned"]}


def reaches(positions: dict[int, int], wanted: dict[int, int]) -> bool:
    return all(positions.get(partition, 0) >= offset for partition, offset in wanted.items())


# drain


@dataclass(frozen=True)
class Way:
    name: str
    ingest: int = 0  # instances; without any of the two roles it is one `all`
    detect: int = 0
    database: bool = True


WAYS = (
    Way("all, SQLite", database=False),
    Way("all, PostgreSQL"),
    Way("1 ingest + 1 detect", ingest=1, detect=1),
    Way("2 ingest + 2 detect", ingest=2, detect=2),
)


@dataclass(frozen=True)
class Drained:
    seconds: float
    cpu_seconds: float
    signal_bytes: int


class Input:
    """Generated once: a user makes some 60 records of it, so that ingest sends as few as it should."""

    TOPIC = "signins"

    def __init__(self, bench: Bench, arguments: argparse.Namespace):
        bench.broker.create_topic(self.TOPIC, arguments.partitions)
        log = bench.folder / "generate.log"
        command = [bench.binary, "generate", "--users", str(2 * arguments.megabytes), "--duration", "12h"]
        command += ["--tenants", str(arguments.tenants), "--bytes", f"{arguments.megabytes}MB"]
        command += ["--partitions", str(arguments.partitions), "--compression", "none"]
        command += ["--kafka", bench.broker.address, "--topic", self.TOPIC]
        command += ["--kafka-option", "batch.size=1000000", "--kafka-option", "linger.ms=50"]
        processes.run(command, log, timeout=TIMEOUT_S)
        summary = json.loads(log.read_text().splitlines()[-1])
        self.records, self.gigabytes = summary["records"], summary["bytes"] / 1e9
        self.ends = bench.broker.ends(self.TOPIC, arguments.partitions)


def last_signals(broker: Broker, topic: str) -> dict[int, int]:
    """The offset after the last message of signals, by partition: these have a key, watermarks have none."""
    command = ["kcat", "-C", "-b", broker.address, "-t", topic, "-o", "beginning", "-e", "-q"]
    text = processes.run([*command, "-f", "%p %o %K\n"], broker.log, timeout=120).decode()
    ends: dict[int, int] = {}
    for line in text.splitlines():
        partition, offset, key_size = map(int, line.split())
        if key_size > 0:
            ends[partition] = max(ends.get(partition, 0), offset + 1)
    return ends


def topic_bytes(broker: Broker, topic: str) -> int:
    return sum(path.stat().st_size for path in (broker.folder / "data").glob(f"{topic}-*/*.log"))


def drain_once(bench: Bench, source: Input, way: Way, name: str, signal_partitions: int) -> Drained:
    with contextlib.ExitStack() as cleanup:
        instances = Instances(
            bench, bench.folder / name, cleanup, source.TOPIC, signal_partitions, database=way.database
        )
        detecting = [instances.launch("detect") for _ in range(way.detect)]
        if detecting:
            instances.wait_until_shared(detecting)
        readers = [instances.launch("ingest") for _ in range(way.ingest)] or [instances.launch("all")]
        start = instances.wait_for_assignment(readers)
        end = follow(bench, instances, source, readers)
        signal_bytes = topic_bytes(bench.broker, instances.signals)
        for daemon in reversed(instances.all):
            daemon.terminate()
    return Drained(end.at - start.at, end.cpu_seconds - start.cpu_seconds, signal_bytes)


def follow(bench: Bench, instances: Instances, source: Input, readers: list[Daemon]) -> Look:
    """The first look at which all was folded and committed by the last stage."""
    has_roles = len(instances.all) > 1
    topic = instances.signals if has_roles else source.TOPIC
    looks: list[Look] = []

    def until(what: str, condition: Callable[[], bool]) -> None:
        def look() -> bool:
            looks.append(instances.look(topic))
            return condition()

        wait_until(what, look, TIMEOUT_S, step=LOOK_EVERY_S)

    wanted = source.ends
    if has_roles:
        until("ingest has read all", lambda: reaches(assigned_to(*readers), source.ends))
        then = time.monotonic() + 3  # what is under way arrives, and as a rule is committed
        until("ingest has sent all", lambda: time.monotonic() > then)
        wanted = last_signals(bench.broker, topic)
        check(wanted, f"there are no signals in {topic}")
    until("all is committed", lambda: reaches(looks[-1].positions, wanted))
    return next(look for look in looks if reaches(look.positions, wanted))


def drain(bench: Bench, arguments: argparse.Namespace) -> None:
    source = Input(bench, arguments)
    results: dict[str, list[Drained]] = {way.name: [] for way in WAYS}
    for number in range(arguments.rounds):
        for way in WAYS:
            name = f"{way.name.replace(' + ', '-').replace(', ', '-').replace(' ', '-')}-{number}"
            drained = drain_once(bench, source, way, name.lower(), arguments.signal_partitions)
            results[way.name].append(drained)
            print(f"{way.name}: {drained.seconds:.2f} s, {drained.cpu_seconds:.2f} s of processor time",
                  file=sys.stderr, flush=True)  # fmt: skip
    print(f"{source.records:,} records, {source.gigabytes:.2f} GB in {arguments.partitions} partitions, "
          f"{arguments.tenants} tenants, {arguments.signal_partitions} partitions of signals; "
          f"median of {arguments.rounds}")  # fmt: skip
    print(f"{'':<20} {'records/s':>10} {'/ first':>8} {'s/GB':>7} {'/ first':>8} {'signal bytes a record':>22}")
    first_rate = first_cost = 0.0
    for way in WAYS:
        each = results[way.name]
        rate = source.records / statistics.median(drained.seconds for drained in each)
        cost = statistics.median(drained.cpu_seconds for drained in each) / source.gigabytes
        first_rate, first_cost = first_rate or rate, first_cost or cost
        size = statistics.median(drained.signal_bytes for drained in each) / source.records
        print(f"{way.name:<20} {rate:>10,.0f} {rate / first_rate:>8.2f} {cost:>7.2f} {cost / first_cost:>8.2f} "
              f"{f'{size:.1f}' if way.detect else '-':>22}")  # fmt: skip


# takeover


class Told(throughput.Webhook):
    """When an instance, by the path that it was given, first told of a user."""

    class Handler(throughput.Webhook.Handler):
        def do_POST(self) -> None:
            ticket = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self.server.told.setdefault((self.path.strip("/"), ticket["user_id"]), time.monotonic())
            self.send_response(204)
            self.end_headers()

    def __init__(self) -> None:
        self.told: dict[tuple[str, str], float] = {}
        super().__init__()


@dataclass(frozen=True)
class Taken:
    ticket: float
    offered: float
    loaded: float
    users: int


def partition_of(tenant: str, partitions: int) -> int:
    """As docs/signals.md has it: murmur2 of the id, whose size is a multiple of four."""
    key, factor, mask = tenant.encode(), 0x5BD1E995, 0xFFFFFFFF
    assert len(key) % 4 == 0
    mixed = 0x9747B28C ^ len(key)
    for (word,) in struct.iter_unpack("<I", key):
        word = word * factor & mask
        word = (word ^ word >> 24) * factor & mask
        mixed = mixed * factor & mask ^ word
    mixed = (mixed ^ mixed >> 13) * factor & mask
    return ((mixed ^ mixed >> 15) & 0x7FFFFFFF) % partitions


def tenants_of(partitions: int) -> list[str]:
    """One of each partition."""
    found: dict[int, str] = {}
    number = 0
    while len(found) < partitions:
        number += 1
        tenant = f"10000000-0000-4000-8000-{number:012x}"
        found.setdefault(partition_of(tenant, partitions), tenant)
    return [found[partition] for partition in range(partitions)]


def record_of(tenant: str, user: str, number: int, moment: datetime, code: int) -> bytes:
    at = moment.strftime("%Y-%m-%dT%H:%M:%S")
    properties = {
        "id": f"{user}-{code}",
        "userId": user,
        "userPrincipalName": f"user{number}@contoso.example",
        "ipAddress": f"198.51.{number >> 8 & 255}.{number & 255}",
        "location": {"countryOrRegion": "DE"},
        "deviceDetail": {"deviceId": f"40000000-0000-4000-8000-{number:012x}"},
    }
    return sign_in(at, "", str(code), tenantId=tenant, category="NonInteractiveUserSignInLogs",
                   properties=properties)  # fmt: skip


def message_of(records: Iterable[bytes]) -> bytes:
    return b'{"records":[' + b",".join(records) + b"]}"


class Takeover:
    """One `ingest` and two `detect`, one of which goes, and another comes in its place."""

    INPUT_PARTITIONS = 2
    RECORDS_A_MESSAGE = 500

    def __init__(self, bench: Bench, arguments: argparse.Namespace, cleanup: contextlib.ExitStack):
        self.bench = bench
        self.tenants = tenants_of(arguments.signal_partitions)
        self.users_a_tenant = 2 * arguments.users // len(self.tenants)
        self.topic, self.probes = "takeover-signins", 0
        bench.broker.create_topic(self.topic, self.INPUT_PARTITIONS)
        self.webhook = Told()
        cleanup.callback(self.webhook.shutdown)
        self.producer = Producer(bench.broker, self.topic, bench.folder / "producer.log")
        cleanup.callback(self.producer.abandon)
        self.instances = Instances(
            bench, bench.folder / "takeover", cleanup, self.topic, arguments.signal_partitions,
            session_timeout=arguments.session_timeout, detectors=[PROBE],
        )  # fmt: skip
        self.detecting: list[Daemon] = []
        self.add_detect(2)
        self.instances.launch("ingest")

    def add_detect(self, count: int) -> None:
        for _ in range(count):
            url = f"{self.webhook.url}detect-{len(self.instances.all)}"  # the name of the instance
            sink = {"name": "sink", "type": "webhook", "url": url, "rate_per_second": 10000}
            self.detecting.append(self.instances.launch("detect", sink))
        self.instances.wait_until_shared(self.detecting)

    def fill(self) -> None:
        """A success of each user within ten minutes, in event time up to now."""
        count = self.users_a_tenant
        begin = datetime.now(timezone.utc) - timedelta(minutes=10)
        for first in range(0, count, self.RECORDS_A_MESSAGE):
            for place, tenant in enumerate(self.tenants):
                records = [
                    record_of(tenant, f"20000000-0000-4000-8000-{number:012x}", number,
                              begin + timedelta(seconds=600 * number / count), 0)
                    for number in range(first, min(first + self.RECORDS_A_MESSAGE, count))
                ]  # fmt: skip
                self.producer.write([(place % self.INPUT_PARTITIONS, message_of(records))])
        self.producer.close()
        self._wait_until_measured(TIMEOUT_S)
        topic = self.instances.signals
        ends = self.bench.broker.ends(topic, len(self.tenants))
        wait_until("all is committed", lambda: reaches(self.instances.committed(topic), ends), 60)

    def take_over(self, how: str) -> Taken:
        """`how`: terminate or kill."""
        self._wait_until_measured(60)
        victim, survivor = self.detecting
        lost = set(assigned_to(victim))
        users, loaded = users_of(survivor), loaded_by(survivor)
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            wall, began = time.time(), time.monotonic()
            ending = pool.submit(getattr(victim, how))
            told = self._probe(lost, survivor)
            ending.result()
        self.detecting = [survivor]
        self._wait_until_measured(60)
        # It is counted every two seconds.
        wait_until("the users that came over are counted", lambda: users_of(survivor) > users + self.probes, 30, 0.1)
        return Taken(told - began, offered_at(survivor, wall) - wall, loaded_by(survivor) - loaded,
                     users_of(survivor) - users)  # fmt: skip

    def _wait_until_measured(self, timeout: float) -> None:
        """Sizes are measured every two seconds: each instance shows the users of its partitions."""

        def is_measured(daemon: Daemon) -> bool:
            wanted = self.users_a_tenant * len(assigned_to(daemon))
            return wanted > 0 and wanted <= users_of(daemon) <= wanted + self.probes

        wait_until("all users are tracked", lambda: all(map(is_measured, self.detecting)), timeout, 0.5)

    def _probe(self, partitions: set[int], survivor: Daemon) -> float:
        """When the survivor has told of a record in each that is sent from now on. What the other one has
        still told of, is asked again."""
        name, told = survivor.folder.name, self.webhook.told
        missing, last = set(partitions), 0.0
        while missing:
            sent = {self._send_probe(partition): partition for partition in sorted(missing)}
            self.producer.close()
            wait_until("the probes are told of", lambda: set(sent) <= {user for _, user in list(told)}, 360, 0.005)
            done = [user for user in sent if (name, user) in told]
            last = max([last, *(told[name, user] for user in done)])
            missing -= {sent[user] for user in done}
        return last

    def _send_probe(self, partition: int) -> str:
        self.probes += 1
        user = f"30000000-0000-4000-8000-{self.probes:012x}"
        record = record_of(self.tenants[partition], user, self.probes, datetime.now(timezone.utc), PROBE_CODE)
        self.producer.write([(partition % self.INPUT_PARTITIONS, message_of([record]))])
        return user


def users_of(daemon: Daemon) -> int:
    return int(daemon.metrics().sum("signinwatch_tracked_keys", kind="users"))


def loaded_by(daemon: Daemon) -> float:
    return daemon.metrics().sum("signinwatch_takeover_duration_seconds_sum")


def offered_at(daemon: Daemon, since: float) -> float:
    """The first time after that at which the group gave it a partition; NaN: the log does not say."""
    for match in re.finditer(r'^time=(\S+) level=\S+ msg="partition offered"', daemon.log.read_text(), re.MULTILINE):
        at = datetime.fromisoformat(match[1]).timestamp()
        if at >= since - 0.001:  # it is cut to milliseconds
            return at
    return float("nan")


def takeover(bench: Bench, arguments: argparse.Namespace) -> None:
    check(arguments.signal_partitions % 2 == 0, "--signal-partitions must be even")
    results: dict[str, list[Taken]] = {"terminate": [], "kill": []}
    with contextlib.ExitStack() as cleanup:
        run = Takeover(bench, arguments, cleanup)
        run.fill()
        for _ in range(arguments.rounds):
            for how, taken in results.items():
                taken.append(run.take_over(how))
                print(f"{how}: {taken[-1]}", file=sys.stderr, flush=True)
                run.add_detect(1)
    print(f"{arguments.signal_partitions // 2} of {arguments.signal_partitions} partitions of signals taken over, "
          f"--session-timeout {arguments.session_timeout}; median of {arguments.rounds}")  # fmt: skip
    print(f"{'':<8} {'ticket':>8} {'offered':>8} {'loaded':>8} {'users':>10} {'loaded / 100,000 users':>24}")
    for how, name in (("terminate", "SIGTERM"), ("kill", "SIGKILL")):
        ticket, offered, loaded, users = (
            statistics.median(getattr(taken, field) for taken in results[how])
            for field in ("ticket", "offered", "loaded", "users")
        )
        print(f"{name:<8} {ticket:>8.2f} {offered:>8.2f} {loaded:>8.2f} {users:>10,.0f} "
              f"{loaded / users * 1e5:>24.2f}")  # fmt: skip


def arguments_of() -> argparse.Namespace:
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--binary", type=Path, default=ROOT / "build/release/signinwatch")
    common.add_argument("--kafka", type=Path, default=ROOT / "build/kafka",
                        help="where Kafka's jars are, or are fetched to")  # fmt: skip
    common.add_argument("--work", type=Path, default=ROOT / "build/roles", help="for logs, topics and databases")
    common.add_argument("--rounds", type=int, default=3)
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    draining = commands.add_parser("drain", parents=[common])
    draining.add_argument("--megabytes", type=int, default=1000, help="of the input")
    draining.add_argument("--partitions", type=int, default=4, help="of the input")
    draining.add_argument("--tenants", type=int, default=20)
    draining.add_argument("--signal-partitions", type=int, default=32)
    draining.set_defaults(run=drain)
    taking = commands.add_parser("takeover", parents=[common])
    taking.add_argument("--users", type=int, default=100_000, help="that are taken over")
    taking.add_argument("--signal-partitions", type=int, default=2, help="half of which are taken over")
    taking.add_argument("--session-timeout", default="30s", help="kafka.session_timeout of all instances")
    taking.set_defaults(run=takeover)
    return parser.parse_args()


def main() -> int:
    arguments = arguments_of()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    os.environ.update(BROKER_SETTINGS)
    folder = arguments.work.resolve() / "run"
    broker = None
    try:
        processes.need("java", "kcat", "openssl")
        binary = arguments.binary.resolve()
        check(binary.exists(), f"{binary} is missing: build it first")
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        arguments.kafka.mkdir(parents=True, exist_ok=True)
        kafka.install(arguments.kafka)
        broker = Broker(folder / "kafka", arguments.kafka)
        broker.start()
        arguments.run(Bench(binary, broker, folder), arguments)
    except Failure as failure:
        print(f"roles: {failure}; logs are in {folder}", file=sys.stderr)
        return 1
    except (KeyboardInterrupt, Interrupted):
        return 1
    finally:
        if broker is not None:
            broker.kill()
        processes.end_all()
    shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
