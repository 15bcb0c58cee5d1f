#!/usr/bin/env python3
"""End to end on a real Kafka broker: whatever goes wrong, the tickets are those of `replay`."""

import sys

sys.dont_write_bytecode = True

import argparse
import concurrent.futures
import fcntl
import random
import shutil
import signal
import time
import traceback
from dataclasses import dataclass
from pathlib import Path

from harness import broker, processes, tls
from harness.broker import Broker
from harness.lab import Lab
from harness.processes import Failure, Interrupted
from harness.traffic import DETECTION, SLOW_DETECTION, Traffic
from scenarios import SCENARIOS, Scenario

_ROOT = Path(__file__).resolve().parents[2]
_PROGRAMS = ("java", "kcat", "mvn", "openssl", "prlimit", "prometheus", "promtool")


@dataclass(frozen=True)
class Result:
    scenario: Scenario
    passed: bool
    text: str
    seconds: float


class Run:
    """One broker for all scenarios that leave it alone, two for those that don't."""

    def __init__(self, options: argparse.Namespace):
        self._options = options
        self._folder = options.work / "run"
        installed = options.work / "kafka"
        broker.install(installed)
        self._identity = tls.make_identity(self._folder / "tls")
        detection = SLOW_DETECTION if options.full else DETECTION
        self._traffic = Traffic(
            options.binary,
            self._folder / "traffic",
            options.seed,
            detection,
            risk_events=options.full,
        )
        self.shared = Broker(self._folder / "broker-shared", installed)
        self.own = [Broker(self._folder / f"broker-own-{i}", installed) for i in range(2)]

    def scenario(self, scenario: Scenario, on: Broker) -> Result:
        begin = time.monotonic()
        lab = Lab(
            name=scenario.name,
            folder=self._folder / scenario.name,
            binary=self._options.binary,
            broker=on,
            traffic=self._traffic,
            identity=self._identity,
            random=random.Random(f"{self._options.seed} {scenario.name}"),
            full=self._options.full,
            disk_by=self._options.full_disk,
        )
        lab.folder.mkdir()
        try:
            with lab.cleanup:
                text = scenario.run(lab)
            passed = True
        except Interrupted:
            raise
        except Failure as failure:
            passed, text = False, str(failure)
        except Exception:  # pylint: disable=broad-except # a fault of the harness is one line too
            passed, text = False, traceback.format_exc()
        result = Result(scenario, passed, text, time.monotonic() - begin)
        _report(result)
        return result

    def own_broker_scenarios(self, own: Broker, scenarios: list[Scenario]) -> list[Result]:
        """One after the other, each with the broker as it should be."""
        results = []
        for scenario in scenarios:
            own.stop()
            own.start()
            results.append(self.scenario(scenario, own))
        return results


def _report(result: Result) -> None:
    verdict = "ok    " if result.passed else "FAILED"
    print(
        f"{verdict} {result.scenario.name:<15} {result.seconds:5.1f} s  {result.text}", flush=True
    )


def _run(options: argparse.Namespace, scenarios: list[Scenario]) -> list[Result]:
    run = Run(options)
    lone = [scenario for scenario in scenarios if scenario.own_broker]
    others = [scenario for scenario in scenarios if not scenario.own_broker]
    with concurrent.futures.ThreadPoolExecutor(options.jobs + len(run.own)) as pool:
        try:
            by_broker = [
                pool.submit(run.own_broker_scenarios, own, lone[i :: len(run.own)])
                for i, own in enumerate(run.own)
            ]
            if others:
                run.shared.start()
            shared = [pool.submit(run.scenario, scenario, run.shared) for scenario in others]
            results = [future.result() for future in shared]
            return sum((own.result() for own in by_broker), results)
        except BaseException:
            processes.give_up()
            pool.shutdown(cancel_futures=True)
            raise
        finally:
            for broker_ in (run.shared, *run.own):
                broker_.kill()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", type=Path, default=_ROOT / "build/release/signinwatch")
    parser.add_argument("--work", type=Path, default=_ROOT / "build/e2e", help="for logs and jars")
    parser.add_argument("--full", action="store_true", help="25 kills, and more of all else")
    parser.add_argument("--only", action="append", metavar="NAME", help="may be given repeatedly")
    parser.add_argument("--list", action="store_true", help="say what there is, and end")
    parser.add_argument("--seed", type=int, default=1, help="of traffic, moments and faults")
    parser.add_argument("--jobs", type=int, default=4, help="scenarios at a time")
    parser.add_argument(
        "--full-disk",
        choices=("tmpfs", "fsize"),
        default="tmpfs",
        help="by a small tmpfs (needs root or sudo), or by a limit of the daemon's files",
    )
    return parser.parse_args()


def _chosen(names: list[str] | None) -> list[Scenario]:
    unknown = set(names or ()) - {scenario.name for scenario in SCENARIOS}
    if unknown:
        sys.exit(f"e2e: no such scenario: {' '.join(sorted(unknown))}; see --list")
    return [scenario for scenario in SCENARIOS if not names or scenario.name in names]


def _prepare(options: argparse.Namespace) -> object:
    """An empty folder, which is ours alone as long as the result lives."""
    processes.need(*_PROGRAMS)
    options.work = options.work.resolve()
    options.binary = options.binary.resolve()
    processes.check(options.binary.exists(), f"{options.binary} is missing: build it first")
    options.work.mkdir(parents=True, exist_ok=True)
    lock = (options.work / "lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise Failure(f"another run works in {options.work}") from None
    shutil.rmtree(options.work / "run", ignore_errors=True)
    return lock


def main() -> int:
    options = _arguments()
    scenarios = _chosen(options.only)
    if options.list:
        for scenario in scenarios:
            print(f"{scenario.name:<15} {scenario.about}")
        return 0
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    begin = time.monotonic()
    form = "full" if options.full else "short"
    print(f"e2e, {form} form, --seed {options.seed}: {len(scenarios)} scenarios", flush=True)
    try:
        lock = _prepare(options)
        results = _run(options, scenarios)
        del lock
    except Failure as failure:
        print(f"e2e: {failure}", file=sys.stderr)
        return 1
    except (KeyboardInterrupt, Interrupted):
        print("e2e: interrupted", file=sys.stderr)
        return 1
    finally:
        processes.end_all()
    failed = [result.scenario.name for result in results if not result.passed]
    if failed:
        print(f"e2e: failed: {' '.join(failed)}; logs are in {options.work / 'run'}")
        return 1
    shutil.rmtree(options.work / "run")
    print(f"e2e: {len(results)} scenarios passed in {time.monotonic() - begin:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
