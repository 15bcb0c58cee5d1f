"""Several instances of the roles ingest and detect on one broker and one database, with the sinks,
and the comparison of what they made with `replay`."""

import base64
import itertools
import secrets
from collections import Counter

from harness import processes, tickets
from harness.broker import Producer
from harness.daemon import Daemon
from harness.lab import SETTLE_TIMEOUT_S, Lab, wait_for_their_minute
from harness.postgres import Postgres
from harness.processes import Failure, check, wait_until
from harness.tickets import SinkView
from harness.traffic import PARTITIONS, Answer, Messages, closing_records
from harness.webhook import Webhook

SIGNAL_PARTITIONS = 6
SESSION_TIMEOUT_S = 6
_SLICE_S = 0.05


class Fleet:
    def __init__(self, lab: Lab, partitions: int = PARTITIONS):
        self.lab, self.broker = lab, lab.broker
        self.partitions = partitions
        self.topic = f"{lab.name}-signins"
        self.signals = f"{lab.name}-signals"
        self.tickets_topic, self.letters_topic = f"{lab.name}-tickets", f"{lab.name}-letters"
        self.broker.create_topic(self.topic, partitions)
        self.broker.create_topic(self.signals, SIGNAL_PARTITIONS)
        self.broker.create_topic(self.tickets_topic, 3)
        self.broker.create_topic(self.letters_topic, 1)
        self.postgres = Postgres(lab.folder / "postgres")
        lab.cleanup.callback(self.postgres.abandon)
        self.postgres.start()
        self.secrets = {"WEBHOOK_KEY": secrets.token_hex(16), "PGPASSWORD": self.postgres.password}
        self.webhook = Webhook(lab.identity, self.secrets["WEBHOOK_KEY"])
        self.webhook.start()
        lab.cleanup.callback(self.webhook.stop)
        self.producer = Producer(self.broker, self.topic, lab.folder / "producer.log")
        lab.cleanup.callback(self.producer.abandon)
        self.running: dict[str, list[Daemon]] = {"ingest": [], "detect": []}
        self.all: list[Daemon] = []

    def add(self, role: str, far: bool = False) -> Daemon:
        """One more instance, which joins; `far`: it reaches the broker by a way that can be cut."""
        name = f"{role}-{len(self.all)}"
        config = self._ingest_config(name) if role == "ingest" else self._detect_config()
        if far:
            config["kafka"]["brokers"] = self.broker.far_address
        daemon = Daemon(self.lab.binary, self.lab.folder / name, config, self.secrets)
        self.lab.cleanup.callback(daemon.abandon)
        daemon.start()
        self.running[role].append(daemon)
        self.all.append(daemon)
        return daemon

    def remove(self, daemon: Daemon, how: str) -> None:
        """`how`: terminate, which hands over, or kill."""
        for daemons in self.running.values():
            if daemon in daemons:
                daemons.remove(daemon)
        getattr(daemon, how)()

    def any(self, role: str) -> Daemon:
        return self.lab.random.choice(self.running[role])

    def drip(self, messages: Messages, seconds: float) -> None:
        """Produces them at a steady pace."""
        slices = max(1, int(seconds / _SLICE_S))
        for i in range(slices):
            begin, end = len(messages) * i // slices, len(messages) * (i + 1) // slices
            self.producer.write(messages[begin:end])
            processes.pause(seconds / slices)

    def owners(self) -> Counter[int]:
        """How many instances say that they work on each partition of the signal topic."""
        owners: Counter[int] = Counter()
        for daemon in self.running["detect"]:
            try:
                partitions = daemon.status()["partitions"]
            except Failure:
                return Counter()  # it is busy
            owners.update(p["partition"] for p in partitions if p["assigned"])
        return owners

    def wait_until_owned(self, timeout: float = SETTLE_TIMEOUT_S) -> None:
        """Each partition has one owner, and one alone."""
        wanted = Counter(range(SIGNAL_PARTITIONS))
        wait_until("each partition has one owner", lambda: self.owners() == wanted, timeout)

    def finish(self, answer: Answer) -> str:
        """Closes all bursts, waits for the end, stops everybody and compares all with `replay`."""
        self.producer.write(closing_records(self.partitions))
        self.producer.close()
        quiet = itertools.count()

        def is_quiet() -> bool:
            nonlocal quiet
            if not self._is_done():
                quiet = itertools.count()
            return next(quiet) >= 10

        wait_until("all is read, resolved and delivered", is_quiet, 2 * SETTLE_TIMEOUT_S)
        wait_for_their_minute(answer, lambda: self.any("detect").tickets())
        wait_until("all is delivered", self._is_done, SETTLE_TIMEOUT_S)
        shown = {ticket["ticket_id"] for ticket in self.any("detect").tickets()}
        for daemon in [*self.running["ingest"], *self.running["detect"]]:
            self.remove(daemon, "terminate")
        return self._verify(answer, shown)

    def _is_done(self) -> bool:
        """Each partition's owner has come to the end of it, and all is delivered."""
        try:
            # Watermarks come every second, so the ends are never reached for long.
            ends = self.broker.ends(self.signals, SIGNAL_PARTITIONS)
            at: dict[int, int] = {}
            for daemon in self.running["detect"]:
                status = daemon.status()
                at |= {p["partition"]: p["next_offset"] for p in status["partitions"] if p["assigned"]}
                if any(sink["outbox_depth"] for sink in status["sinks"]):
                    return False
            read = Counter()
            for daemon in self.running["ingest"]:
                for p in daemon.status()["partitions"]:
                    if p["assigned"]:
                        read[p["partition"]] = p["next_offset"]
            if any(read[p] < count for p, count in self.producer.counts.items()):
                return False
            behind = sum(at.get(p, 0) + 20 * 4 < end for p, end in ends.items())
            return behind == 0 and len(at) == len(ends) and self.any("detect").open_tickets() == 0
        except (Failure, KeyError):
            return False  # one of them is busy, or starting

    def _verify(self, answer: Answer, shown: set[str]) -> str:
        views = self._views()
        problems = [problem for view in views for problem in view.problems]
        for daemon in self.all:
            problems += [f"{daemon.folder.name}: {text}" for text in daemon.problems]
            problems += [f"{daemon.folder.name}: {text}" for text in daemon.log_problems()]
        for view in views:
            found = tickets.differences(answer.tickets, view.last_revisions())
            problems += [f"{view.name}: {text}" for text in found]
            if view.revisions != views[0].revisions:
                problems.append(f"{view.name} and {views[0].name} got different revisions")
        known = {ticket["ticket_id"] for ticket in views[0].last_revisions()}
        if shown != known:
            problems.append(f"the API shows {len(shown)} tickets, the sinks have {len(known)}")
        problems += self._letter_problems(answer)
        text = "\n    ".join(f"{problem:.400}" for problem in problems[:10])
        check(not problems, f"{len(problems)} problems:\n    {text}")
        copies = ", ".join(str(view.copies) for view in views)
        return (
            f"{len(tickets.final(answer.tickets))} tickets, {len(views[0].revisions)} revisions "
            f"(copies dropped: {copies}), {len(self.all)} instances"
        )

    def _views(self) -> list[SinkView]:
        topic = SinkView("topic")
        for message in self.broker.consume(self.tickets_topic):
            topic.add(message.value.decode(errors="replace"), key=message.key)
        return [topic, self.webhook.view]

    def _letter_problems(self, answer: Answer) -> list[str]:
        """Each rejected record at least once, and nothing else."""
        wanted = {(letter["reason"], letter["payload_base64"]) for letter in answer.dead_letters}
        found = {
            (m.headers.get("signinwatch.reason"), base64.b64encode(m.value).decode())
            for m in self.broker.consume(self.letters_topic)
        }
        if found == wanted:
            return []
        return [f"dead letters: {len(wanted - found)} missing, {len(found - wanted)} not expected"]

    def _common(self) -> dict:
        return {
            **self.lab.traffic.detection,
            "signals": {
                "topic": self.signals,
                "partitions": SIGNAL_PARTITIONS,
                "group": f"{self.lab.name}-detect",
            },
            "pipeline": {"commit_interval": "100ms"},
        }

    def _kafka(self, **more: object) -> dict:
        often = {"topic.metadata.refresh.interval.ms": "500"}
        timeout = f"{SESSION_TIMEOUT_S}s"
        return {
            "brokers": self.broker.address,
            "session_timeout": timeout,
            "metadata_max_age": "10s",
            "options": often,
            **more,
        }

    def _ingest_config(self, name: str) -> dict:
        return {
            "role": "ingest",
            **self._common(),
            "kafka": self._kafka(topics=[self.topic], group=f"{self.lab.name}-ingest"),
            "dead_letters": {
                "path": str(self.lab.folder / f"{name}-letters.jsonl"),
                "topic": self.letters_topic,
            },
        }

    def _detect_config(self) -> dict:
        key_file = self.lab.folder / "webhook-key"
        key_file.write_text(self.secrets["WEBHOOK_KEY"])
        quick = {"backoff_min": "50ms", "backoff_max": "500ms"}
        webhook = {"name": "soc", "type": "webhook", "url": self.webhook.url, "timeout": "2s"}
        webhook |= {"secret": f"file:{key_file}", "ca_file": str(self.lab.identity.ca_file)}
        return {
            "role": "detect",
            **self._common(),
            "kafka": self._kafka(),
            "store": {"url": self.postgres.url, "password": "env:PGPASSWORD"},
            "sinks": [
                {"name": "bus", "type": "kafka", "topic": self.tickets_topic, **quick},
                {**webhook, "rate_per_second": 1000, **quick},
            ],
        }
