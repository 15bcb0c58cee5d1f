"""What a scenario works with: one daemon with its topic, its sinks and everything that checks it."""

import base64
import contextlib
import itertools
import json
import random
import secrets
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from harness import processes, tickets
from harness.broker import Broker, Producer
from harness.daemon import Daemon
from harness.processes import check, pause, wait_until
from harness.tickets import SinkView
from harness.tls import Identity
from harness.traffic import PARTITIONS, Answer, Messages, Traffic, closing_records
from harness.webhook import Webhook

_SLICE_S = 0.05
SETTLE_TIMEOUT_S = 90
MINUTE_S = 70  # between two revisions of a ticket, and then some


def wait_for_their_minute(answer: Answer, shown: Callable[[], list[dict]]) -> None:
    """A ticket is sent no more than once a minute, so one that a risk event revises behind its
    resolution may take that long. What differs still is told by the comparison."""
    deadline = time.monotonic() + MINUTE_S
    while tickets.differences(answer.tickets, shown()) and time.monotonic() < deadline:
        pause(1)


@dataclass
class Lab:
    """One run of one scenario."""

    name: str
    folder: Path
    binary: Path
    broker: Broker
    traffic: Traffic
    identity: Identity
    random: random.Random
    full: bool  # the long form
    disk_by: str  # how a disk is made full: tmpfs or fsize
    cleanup: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)


@dataclass
class SiteOptions:
    partitions: int = PARTITIONS
    detection: dict = field(default_factory=dict)  # empty: that of the traffic's answer
    kafka: dict = field(default_factory=dict)  # beside brokers, topics and group
    time: dict = field(default_factory=dict)
    webhook: dict = field(default_factory=dict)
    sinks: list[dict] = field(default_factory=list)  # beside the three
    files: Path | None = None  # where the store, the file sink and the dead letters are
    secrets: dict[str, str] = field(default_factory=dict)  # environment variables


class Site:
    """Three sinks (a file, a topic, a webhook), dead letters in a file and a topic."""

    def __init__(self, lab: Lab, options: SiteOptions | None = None):
        options = options or SiteOptions()
        self.lab, self.broker = lab, lab.broker
        self.topic = f"{lab.name}-signins"
        self.tickets_topic, self.letters_topic = f"{lab.name}-tickets", f"{lab.name}-letters"
        self.broker.create_topic(self.topic, options.partitions)
        self.broker.create_topic(self.tickets_topic, 3)
        self.broker.create_topic(self.letters_topic, 1)
        files = options.files or lab.folder
        self.store = files / "store.db"
        self.file = files / "tickets.jsonl"
        self.letters_file = files / "dead-letters.jsonl"
        self.secrets = {"WEBHOOK_KEY": secrets.token_hex(16), **options.secrets}
        self.webhook = Webhook(lab.identity, self.secrets["WEBHOOK_KEY"])
        lab.cleanup.callback(self.webhook.stop)
        self.daemon = Daemon(lab.binary, lab.folder, self._config(options), self.secrets)
        lab.cleanup.callback(self.daemon.abandon)
        self.producer = Producer(self.broker, self.topic, lab.folder / "producer.log")
        lab.cleanup.callback(self.producer.abandon)

    def drip(self, messages: Messages, seconds: float) -> None:
        """Produces them at a steady pace."""
        slices = max(1, int(seconds / _SLICE_S))
        for i in range(slices):
            begin, end = len(messages) * i // slices, len(messages) * (i + 1) // slices
            self.producer.write(messages[begin:end])
            processes.pause(seconds / slices)

    def close_bursts(self) -> None:
        self.producer.write(closing_records())

    def wait_until_read(self, timeout: float = SETTLE_TIMEOUT_S) -> None:
        """All that was produced so far has come to the detectors."""
        self.producer.close()
        wanted = self.producer.counts
        wait_until(
            f"the daemon has read {dict(wanted)}",
            lambda: Counter(self.daemon.positions()) == wanted,
            timeout,
        )

    def wait_until_settled(self, timeout: float = SETTLE_TIMEOUT_S) -> None:
        """Everything was read, every burst is over, every ticket is delivered."""
        self.wait_until_read(timeout)
        quiet = itertools.count()

        def is_quiet() -> bool:
            nonlocal quiet
            if not self._is_done():
                quiet = itertools.count()
            return next(quiet) >= 5

        wait_until("all tickets are resolved and delivered", is_quiet, timeout)

    def finish(self, answer: Answer | None = None) -> str:
        """Waits for the end, stops the daemon and compares all with `replay`."""
        self.wait_until_settled()
        wait_until("in the end it is ready", lambda: not self.daemon.not_ready(), 20)
        answer = answer or self.lab.traffic.answer
        wait_for_their_minute(answer, self.daemon.tickets)
        wait_until("all is delivered", self._is_done, SETTLE_TIMEOUT_S)
        self.daemon.terminate()
        return self.verify(answer)

    def verify(self, answer: Answer) -> str:
        views = self.views()
        problems = [problem for view in views for problem in view.problems]
        problems += self.daemon.problems + self.daemon.log_problems()
        for view in views:
            found = tickets.differences(answer.tickets, view.last_revisions())
            problems += [f"{view.name}: {text}" for text in found]
            if view.revisions != views[0].revisions:
                problems.append(f"{view.name} and {views[0].name} got different revisions")
        problems += self._letter_problems(answer)
        shown = "\n    ".join(f"{problem:.400}" for problem in problems[:10])
        check(not problems, f"{len(problems)} problems:\n    {shown}")
        copies = ", ".join(f"{view.copies}" for view in views)
        return (
            f"{len(tickets.final(answer.tickets))} tickets, {len(views[0].revisions)} revisions "
            f"at {len(views)} sinks (copies dropped: {copies}), {self.daemon.scrapes} scrapes"
        )

    def views(self) -> list[SinkView]:
        topic = SinkView("topic")
        for message in self.broker.consume(self.tickets_topic):
            topic.add(message.value.decode(errors="replace"), key=message.key)
            if message.headers.get("ticket_id") != message.key:
                topic.problems.append(f"topic: the headers of {message.key} are {message.headers}")
        return [self.file_view(), topic, self.webhook.view]

    def file_view(self) -> SinkView:
        """The file, after those that it was rotated to."""
        view = SinkView("file")
        for text in self._lines(self.file):
            view.add(text)
        return view

    def letters(self) -> list[dict]:
        return [json.loads(text) for text in self._lines(self.letters_file)]

    def _lines(self, path: Path) -> list[str]:
        older = sorted(path.parent.glob(f"{path.name}.[0-9]*"), key=lambda p: -int(p.suffix[1:]))
        text = "".join(p.read_text() for p in [*older, path] if p.exists())
        check(not text or text.endswith("\n"), f"{path.name} ends in half a line")
        return text.splitlines()

    def _letter_problems(self, answer: Answer) -> list[str]:
        """Each rejected record at least once in the file and in the topic, and nothing else."""
        wanted = {(letter["reason"], letter["payload_base64"]) for letter in answer.dead_letters}
        places = {
            "file": {(letter["reason"], letter["payload_base64"]) for letter in self.letters()},
            "topic": {
                (
                    message.headers.get("signinwatch.reason"),
                    base64.b64encode(message.value).decode(),
                )
                for message in self.broker.consume(self.letters_topic)
            },
        }
        return [
            f"dead letters in the {place}: {len(wanted - found)} missing, "
            f"{len(found - wanted)} not expected, e.g. {sorted(wanted ^ found, key=str)[0]!s:.300}"
            for place, found in places.items()
            if found != wanted
        ]

    def _is_done(self) -> bool:
        outboxes = [sink["outbox_depth"] for sink in self.daemon.status()["sinks"]]
        return not any(outboxes) and self.daemon.open_tickets() == 0

    def _config(self, options: SiteOptions) -> dict:
        key_file = self.lab.folder / "webhook-key"
        key_file.write_text(self.secrets["WEBHOOK_KEY"])
        quick = {"backoff_min": "50ms", "backoff_max": "500ms"}
        webhook = {"name": "soc", "type": "webhook", "url": self.webhook.url}
        webhook |= {"secret": f"file:{key_file}", "ca_file": str(self.lab.identity.ca_file)}
        webhook |= {"timeout": "2s", "rate_per_second": 1000, **quick, **options.webhook}
        file = {"name": "archive", "type": "file", "path": str(self.file)}
        return {
            **(options.detection or self.lab.traffic.detection),
            "time": options.time,
            "kafka": {
                "brokers": self.broker.address,
                "topics": [self.topic],
                "group": self.lab.name,
                "session_timeout": "6s",
                **options.kafka,
            },
            "pipeline": {"commit_interval": "100ms"},
            "store": {"path": str(self.store)},
            "sinks": [
                {**file, "rotate_bytes": "200KiB", "rotate_keep": 1000},
                {"name": "bus", "type": "kafka", "topic": self.tickets_topic, **quick},
                webhook,
                *options.sinks,
            ],
            "dead_letters": {"path": str(self.letters_file), "topic": self.letters_topic},
        }
