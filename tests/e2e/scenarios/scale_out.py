"""Several instances a role: they join, leave, die, freeze and thaw, and the broker and the input
change meanwhile. Whatever happens, the tickets are those of `replay`, each revision once."""

from collections.abc import Callable

from harness.fleet import SESSION_TIMEOUT_S, SIGNAL_PARTITIONS, Fleet
from harness.lab import Lab
from harness.processes import check, pause
from harness.traffic import split

_ROUND_S = 2.0


def instances(lab: Lab) -> str:
    """Each round some traffic, and something happens in the middle of it."""
    fleet = Fleet(lab)
    for role in ("ingest", "detect", "ingest", "detect"):
        fleet.add(role)
    fleet.wait_until_owned()
    faults: list[Callable[[Fleet], None]] = [
        _kill_detect, _freeze_detect, _kill_ingest, _join_and_leave, _freeze_ingest, _restart_broker,
    ]  # fmt: skip
    rounds = 20 if lab.full else 3
    parts = split(lab.traffic.messages, rounds + 1)
    done = []
    for number in range(rounds):
        fault = faults[number % len(faults)] if number < len(faults) else lab.random.choice(faults)
        first, second = split(parts[number], 2)
        fleet.drip(first, _ROUND_S / 2)
        fault(fleet)
        fleet.drip(second, _ROUND_S / 2)
        done.append(fault.__name__.strip("_").replace("_", " "))
    fleet.wait_until_owned()
    fleet.drip(parts[-1], _ROUND_S)
    return f"{fleet.finish(lab.traffic.answer)}; {', '.join(done)}"


def cut_off(lab: Lab) -> str:
    """One instance of each role is out of reach of the brokers for longer than the group waits, and the
    other takes over, while the database still hears of both."""
    fleet = Fleet(lab)
    for far in (False, True):
        fleet.add("ingest", far)
        fleet.add("detect", far)
    fleet.wait_until_owned()
    rounds = 10 if lab.full else 1
    parts = split(lab.traffic.messages, rounds)
    for part in parts:
        first, second = split(part, 2)
        fleet.drip(first, _ROUND_S / 2)
        fleet.broker.way.cut()
        fleet.drip(second, _ROUND_S / 2)
        pause(SESSION_TIMEOUT_S + lab.random.uniform(1, 5))
        fleet.broker.way.mend()
    fleet.wait_until_owned()
    return f"{fleet.finish(lab.traffic.answer)}; cut off {rounds} times"


def input_grows(lab: Lab) -> str:
    """The second half of the traffic comes in all four partitions, the first in two of them."""
    fleet = Fleet(lab, partitions=2)
    for role in ("ingest", "detect"):
        fleet.add(role)
    fleet.wait_until_owned()
    first, second = split(lab.traffic.messages, 2)
    fleet.drip([(partition % 2, value) for partition, value in first], 2)
    lab.broker.add_partitions(fleet.topic, 4)
    fleet.partitions = 4
    pause(3)  # ingest finds them, and says so before their first records
    fleet.drip([m for m in second if m[0] >= 2], 1)
    fleet.drip([m for m in second if m[0] < 2], 1)
    return fleet.finish(lab.traffic.answer)


def handed_over(lab: Lab) -> str:
    """A stop by SIGTERM leaves no partition without an owner for longer than a rebalance takes."""
    fleet = Fleet(lab)
    for role in ("ingest", "detect", "detect"):
        fleet.add(role)
    fleet.wait_until_owned()
    first, second = split(lab.traffic.messages, 2)
    fleet.drip(first, 1)
    fleet.remove(fleet.running["detect"][0], "terminate")
    fleet.wait_until_owned(timeout=SESSION_TIMEOUT_S)
    check(len(fleet.owners()) == SIGNAL_PARTITIONS, "a partition has no owner")
    fleet.drip(second, 1)
    return fleet.finish(lab.traffic.answer)


def _kill_detect(fleet: Fleet) -> None:
    fleet.remove(fleet.any("detect"), "kill")
    fleet.add("detect")


def _kill_ingest(fleet: Fleet) -> None:
    fleet.remove(fleet.any("ingest"), "kill")
    fleet.add("ingest")


def _join_and_leave(fleet: Fleet) -> None:
    fleet.add("detect")
    pause(fleet.lab.random.uniform(0, 4))
    fleet.remove(fleet.any("detect"), "terminate")


def _freeze_detect(fleet: Fleet) -> None:
    """For longer than the group waits, so that another takes over; then it goes on, in the middle of
    whatever it was doing."""
    _freeze(fleet, "detect")


def _freeze_ingest(fleet: Fleet) -> None:
    _freeze(fleet, "ingest")


def _freeze(fleet: Fleet, role: str) -> None:
    frozen = fleet.any(role)
    frozen.freeze()
    pause(SESSION_TIMEOUT_S + fleet.lab.random.uniform(2, 5))
    frozen.thaw()


def _restart_broker(fleet: Fleet) -> None:
    fleet.broker.stop()
    pause(1)
    fleet.broker.start()
