#!/usr/bin/env python3
"""What `signinwatch serve` costs, beside what merely reads and parses the same bytes.

    bench/serve/throughput.py drain        processor seconds a GB, by compression of the topic
    bench/serve/throughput.py allocators   the same with other allocators
    bench/serve/throughput.py latency      broker append to webhook, at half of the greatest rate
    bench/serve/throughput.py restart      restart with a large state, to the first decision

A real broker is started on this machine (tests/e2e/kafka/kafka.sh: Java and Maven), so it and what
is measured share the processors: processor seconds are compared, not wall time. What is compared
takes turns, so that a busy machine disturbs all alike, and the median of --runs counts. GB are 10^9
bytes of the messages, uncompressed.
"""

import argparse
import http.server
import json
import os
import random
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
KAFKA_SH = ROOT / "tests" / "e2e" / "kafka" / "kafka.sh"
TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")
ALLOCATORS = {
    "glibc": {},
    "jemalloc": {"LD_PRELOAD": "libjemalloc.so.2"},
    "jemalloc, keeping": {
        "LD_PRELOAD": "libjemalloc.so.2",
        "MALLOC_CONF": "dirty_decay_ms:-1,muzzy_decay_ms:-1",
    },
    "mimalloc": {"LD_PRELOAD": "libmimalloc.so.2.0"},
}


def run(*command, env=None):
    """Standard output; a failure ends the benchmark with what was said."""
    result = subprocess.run(
        [str(part) for part in command],
        capture_output=True,
        env={**os.environ, **(env or {})},
    )
    if result.returncode != 0:
        sys.exit(
            f"{' '.join(map(str, command[:4]))} ...: exit code {result.returncode}\n"
            f"{result.stderr.decode(errors='replace')[-2000:]}"
        )
    return result.stdout.decode()


def free_port(count=1):
    """The first of `count` ports in a row that nobody has."""
    while True:
        first = random.randrange(20000, 30000)
        try:
            for port in range(first, first + count):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", port))
            return first
        except OSError:
            continue


class Broker:
    def __init__(self, installed, folder):
        if not (installed / "lib").exists():
            run(KAFKA_SH, "install", installed)
        folder.mkdir()
        (folder / "lib").symlink_to(installed.resolve() / "lib")
        self.folder, self.port = folder, free_port(4)
        run(KAFKA_SH, "start", folder, self.port, env={"KAFKA_HEAP": "1g"})

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    def topic(self, name, partitions):
        run(KAFKA_SH, "topic", self.folder, self.port, name, partitions)

    def kill(self):
        run(KAFKA_SH, "kill", self.folder)


class Traffic:
    """The same messages as files and, by compression, as topics."""

    PARTITIONS = 4

    def __init__(self, arguments, broker, folder):
        self.binary, self.broker = arguments.binary, broker
        self.options = ["--users", "20000", "--duration", "12h", "--bytes", arguments.bytes]
        self.options += ["--partitions", str(self.PARTITIONS)]
        self.folder = folder / "files"
        run(self.binary, "generate", *self.options, "--output", self.folder)

    @property
    def files(self):
        return sorted(self.folder.glob("*.jsonl"))

    def topic(self, compression):
        self.broker.topic(compression, self.PARTITIONS)
        run(
            self.binary, "generate", *self.options,
            "--kafka", self.broker.address, "--topic", compression, "--compression", compression,
            "--kafka-option", "batch.size=1000000", "--kafka-option", "linger.ms=50",
        )  # fmt: skip
        return compression


class Serve:
    """`signinwatch serve` as a process, on a store of its own that outlives it."""

    def __init__(self, arguments, broker, topic, folder, env=None, webhook=None):
        folder.mkdir(exist_ok=True)
        self.port = free_port()
        sink = {"name": "sink", "type": "file", "path": str(folder / "tickets.jsonl")}
        if webhook:
            sink = {"name": "sink", "type": "webhook", "url": webhook, "rate_per_second": 10000}
        config = {
            "kafka": {"brokers": broker.address, "topics": [topic], "group": folder.name},
            "store": {"path": str(folder / "store.db")},
            "sinks": [sink],
            "http": {"listen": f"127.0.0.1:{self.port}"},
            "log": {"level": "warning"},
        }
        path = folder / "serve.yaml"
        path.write_text(json.dumps(config))
        self.began = time.monotonic()
        self.process = subprocess.Popen(
            [arguments.binary, "serve", "--config", path], env={**os.environ, **(env or {})}
        )

    def metrics(self):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=10) as page:
                return page.read().decode()
        except (urllib.error.URLError, ConnectionError):
            return ""

    def value(self, series):
        """The sum of all series whose text begins so; 0 if there are none."""
        pattern = re.compile(rf"^{re.escape(series)}\S* (\S+)$", re.MULTILINE)
        return sum(map(float, pattern.findall(self.metrics())))

    def wait(self, series, value):
        while self.value(series) < value:
            if self.process.poll() is not None:
                sys.exit(f"serve ended with {self.process.returncode}")
            time.sleep(0.2)  # a scrape costs it a millisecond

    @property
    def cpu_seconds(self):
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS_A_SECOND

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        if self.process.wait(timeout=60) != 0:
            sys.exit(f"serve ended with {self.process.returncode}")


def drain(arguments, broker, topic, totals, folder, env=None):
    """Of a serve that reads the topic from its beginning: processor seconds, seconds, records."""
    shutil.rmtree(folder, ignore_errors=True)
    serve = Serve(arguments, broker, topic, folder, env)
    serve.wait(f'signinwatch_messages_total{{topic="{topic}"}}', totals["messages"])
    seconds, cpu_seconds = time.monotonic() - serve.began, serve.cpu_seconds
    records = serve.value("signinwatch_records_total")
    serve.stop()
    return {"cpu_seconds": cpu_seconds, "seconds": seconds, "records": records}


def bare_consumer(arguments, broker, topic, *options, env=None):
    program = arguments.binary.parent / "bare_consumer"
    return json.loads(run(program, broker.address, topic, *options, env=env))


def bare_parse(arguments, files):
    """By the faster of the two ways."""
    program = arguments.binary.parent / "bare_parse"
    ways = ("loop", "look-up")
    return min(
        sum(json.loads(run(program, way, file))["cpu_seconds"] for file in files) for way in ways
    )


def median(results, field="cpu_seconds"):
    return statistics.median(result[field] for result in results)


def measure_drain(arguments, broker, folder):
    traffic = Traffic(arguments, broker, folder)
    print("s/GB of processor time          consumer  keeping memory  simdjson     serve  "
          "serve / (consumer + simdjson)  ... of the one that keeps memory  records/s")
    for compression in arguments.compressions.split(","):
        topic = traffic.topic(compression)
        totals = bare_consumer(arguments, broker, topic)  # into the page cache
        gigabytes = totals["bytes"] / 1e9
        bare, keeping, parse, serve = [], [], [], []
        for _ in range(arguments.runs):
            bare.append(bare_consumer(arguments, broker, topic))
            keeping.append(bare_consumer(arguments, broker, topic, "--keep-memory"))
            parse.append({"cpu_seconds": bare_parse(arguments, traffic.files)})
            serve.append(drain(arguments, broker, topic, totals, folder / "serve"))
        a, k, b, c = (median(results) / gigabytes for results in (bare, keeping, parse, serve))
        rate = median(serve, "records") / median(serve, "seconds")
        print(f"{compression:>8}, {gigabytes:.2f} GB {'':12} {a:8.3f} {k:15.3f} {b:9.3f} {c:9.3f} "
              f"{c / (a + b):18.2f} {c / (k + b):30.2f} {rate:24,.0f}", flush=True)


def measure_allocators(arguments, broker, folder):
    traffic = Traffic(arguments, broker, folder)
    print("s/GB of processor time          consumer     serve")
    for compression in arguments.compressions.split(","):
        topic = traffic.topic(compression)
        totals = bare_consumer(arguments, broker, topic)
        bare = {name: [] for name in ALLOCATORS}
        bare["glibc, keeping"] = []
        serve = {name: [] for name in ALLOCATORS}
        for _ in range(arguments.runs):
            bare["glibc, keeping"].append(bare_consumer(arguments, broker, topic, "--keep-memory"))
            for name, env in ALLOCATORS.items():
                bare[name].append(bare_consumer(arguments, broker, topic, env=env))
                serve[name].append(drain(arguments, broker, topic, totals, folder / "serve", env))
        # serve keeps memory by itself where the allocator is glibc's.
        serve["glibc, keeping"] = serve.pop("glibc")
        for name, results in bare.items():
            own = median(serve[name]) / totals["bytes"] * 1e9 if name in serve else float("nan")
            print(f"{compression:>8}  {name:20} {median(results) / totals['bytes'] * 1e9:8.3f} "
                  f"{own:9.3f}", flush=True)


class Webhook(http.server.ThreadingHTTPServer):
    """Takes everything, and nothing is kept but when."""

    daemon_threads = True

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            self.server.taken.append(time.monotonic())
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_):
            pass

    def __init__(self):
        super().__init__(("127.0.0.1", 0), self.Handler)
        self.taken = []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/"


def quantile(exposition, name, share):
    """Of a histogram of the Prometheus text format, as histogram_quantile has it."""
    buckets = re.findall(rf'^{name}_bucket{{[^}}]*le="([^"]+)"}} (\d+)', exposition, re.MULTILINE)
    rank = share * int(buckets[-1][1])
    low, below = 0.0, 0
    for bound, count in ((float(bound), int(count)) for bound, count in buckets):
        if count >= rank and count > below:
            return low + (bound - low) * (rank - below) / (count - below)
        low, below = bound, count
    return float("nan")


def feed(arguments, broker, topic, rate=None):
    """Traffic with many tickets, at so many messages a second; the process and its messages."""
    command = [arguments.binary, "generate", "--users", "2000", "--tenants", "20"]
    command += ["--duration", "60d", "--kafka", broker.address, "--topic", topic, "--partitions"]
    command += ["4", "--compression", "lz4", "--bytes", "1000GB"]
    if rate:
        command += ["--rate", str(rate)]
    return subprocess.Popen([str(part) for part in command], stderr=subprocess.DEVNULL)


def rate_of(serve, seconds):
    """Messages a second that it reads, after some seconds to get going."""
    time.sleep(3)
    before, began = serve.value("signinwatch_messages_total"), time.monotonic()
    time.sleep(seconds)
    return (serve.value("signinwatch_messages_total") - before) / (time.monotonic() - began)


def measure_latency(arguments, broker, folder):
    broker.topic("greatest", 4)
    serve = Serve(arguments, broker, "greatest", folder / "greatest")
    generator = feed(arguments, broker, "greatest")
    greatest = rate_of(serve, arguments.seconds / 2)
    generator.kill()
    serve.stop()

    broker.topic("half", 4)
    webhook = Webhook()
    serve = Serve(arguments, broker, "half", folder / "half", webhook=webhook.url)
    serve.wait("signinwatch_partitions_assigned", 4)
    generator = feed(arguments, broker, "half", max(1, int(greatest / 2)))
    half = rate_of(serve, arguments.seconds)
    generator.kill()
    time.sleep(2)
    exposition = serve.metrics()
    name = "signinwatch_ticket_delay_seconds"
    size = serve.value("signinwatch_received_bytes_total") / serve.value(
        "signinwatch_messages_total")
    print(f"greatest rate, beside its broker and generator: {greatest:,.0f} messages/s "
          f"of {size / 1e3:.0f} kB, {greatest * size / 1e9:.2f} GB/s")
    print(f"at {half:,.0f} messages/s: {len(webhook.taken):,} revisions; broker append to webhook "
          f"p50 {quantile(exposition, name, 0.5):.3f} s, p99 {quantile(exposition, name, 0.99):.3f}"
          f" s (between bounds of a histogram)")
    serve.stop()


def sign_in(user, second, code):
    at = f"2026-03-02T{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}Z"
    unique = random.getrandbits(64)
    return json.dumps({
        "time": at, "category": "NonInteractiveUserSignInLogs",
        "tenantId": f"10000000-0000-4000-8000-{user % 100:012x}",
        "properties": {
            "id": f"{unique:016x}-{user}-{second}", "createdDateTime": at,
            "userId": f"20000000-0000-4000-8000-{user:012x}",
            "userPrincipalName": f"user{user}@contoso.example",
            "ipAddress": f"198.51.{user >> 8 & 255}.{user & 255}",
            "location": {"countryOrRegion": "DE"}, "status": {"errorCode": code},
            "deviceDetail": {"deviceId": f"30000000-0000-4000-8000-{user:012x}"},
        },
    })  # fmt: skip


def produce(broker, topic, messages):
    producer = subprocess.Popen(
        ["kcat", "-P", "-b", broker.address, "-t", topic, "-X", "message.max.bytes=8000000"],
        stdin=subprocess.PIPE,
        text=True,
    )
    for records in messages:
        producer.stdin.write('{"records":[' + ",".join(records) + "]}\n")
    producer.stdin.close()
    if producer.wait() != 0:
        sys.exit("kcat failed")


def measure_restart(arguments, broker, folder):
    users, batch = arguments.users, 500
    broker.topic("restart", 1)
    produce(broker, "restart", (
        [sign_in(user, 3600 + first * 3600 // users, 0) for user in range(first, first + batch)]
        for first in range(0, users, batch)
    ))  # fmt: skip
    serve = Serve(arguments, broker, "restart", folder / "restart")
    serve.wait("signinwatch_messages_total", users // batch)
    time.sleep(3)  # to the next commit
    serve.stop()
    times = []
    for turn in range(arguments.runs):
        # While it is down a burst of a user comes.
        produce(broker, "restart", [[sign_in(turn, 7300 + 5 * i, 50132) for i in range(12)]])
        webhook = Webhook()
        serve = Serve(arguments, broker, "restart", folder / "restart", webhook=webhook.url)
        while not webhook.taken:
            time.sleep(0.005)
        times.append(webhook.taken[0] - serve.began)
        tracked = serve.value('signinwatch_tracked_keys{kind="users"}')
        size = serve.value("signinwatch_store_size_bytes")
        serve.stop()
    print(f"{tracked:,.0f} tracked users, a store of {size / 1e6:,.0f} MB: from the start of the "
          f"process to the ticket at a webhook {statistics.median(times):.2f} s "
          f"(median of {', '.join(f'{t:.2f}' for t in times)})")


MEASUREMENTS = {
    "drain": measure_drain,
    "allocators": measure_allocators,
    "latency": measure_latency,
    "restart": measure_restart,
}


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", nargs="+", choices=MEASUREMENTS)
    parser.add_argument("--binary", type=Path, default=ROOT / "build/release/signinwatch",
                        help="beside it are bare_consumer and bare_parse")
    parser.add_argument("--kafka", type=Path, default=ROOT / "build/kafka",
                        help="where Kafka's jars are, or are fetched to")
    parser.add_argument("--bytes", default="1GB", help="of the drained topics")
    parser.add_argument("--compressions", default="none,lz4,zstd,gzip")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=20, help="of the latency measurement")
    parser.add_argument("--users", type=int, default=1_000_000, help="of the restart")
    arguments = parser.parse_args()
    arguments.binary = arguments.binary.resolve()

    with tempfile.TemporaryDirectory() as folder:
        for what in arguments.what:
            place = Path(folder) / what
            place.mkdir()
            broker = Broker(arguments.kafka, place / "kafka")
            try:
                MEASUREMENTS[what](arguments, broker, place)
            finally:
                broker.kill()


if __name__ == "__main__":
    main()
