"""The database of several instances restarts, ends all sessions, hangs, or is out of reach of one of
them. Whatever happens, the tickets are those of `replay`, each revision once."""

from collections.abc import Callable

from harness.daemon import Daemon
from harness.fleet import SESSION_TIMEOUT_S, Fleet
from harness.lab import Lab
from harness.processes import pause
from harness.proxy import Proxy
from harness.traffic import split

_ROUND_S = 2.0


class _CuttableFleet(Fleet):
    """Each instance of `detect` reaches the database by a way of its own."""

    def __init__(self, lab: Lab):
        self.ways: dict[int, Proxy] = {}  # by the port in the instance's configuration
        super().__init__(lab)

    def way_of(self, daemon: Daemon) -> Proxy:
        return next(way for port, way in self.ways.items() if str(port) in str(daemon.config["store"]))

    def _detect_config(self) -> dict:
        config = super()._detect_config()
        way = Proxy(self.postgres.port)
        self.ways[way.port] = way
        self.lab.cleanup.callback(way.stop)
        url = self.postgres.url.replace(f":{self.postgres.port}/", f":{way.port}/")
        return {**config, "store": {**config["store"], "url": url}}


def faults(lab: Lab) -> str:
    fleet = _CuttableFleet(lab)
    for role in ("ingest", "detect", "detect"):
        fleet.add(role)
    fleet.wait_until_owned()
    kinds: list[Callable[[_CuttableFleet], None]] = [_end_sessions, _crash, _cut_off, _restart]
    rounds = 20 if lab.full else len(kinds)
    parts = split(lab.traffic.messages, rounds)
    done = []
    for number in range(rounds):
        kind = kinds[number] if number < len(kinds) else lab.random.choice(kinds)
        first, second = split(parts[number], 2)
        fleet.drip(first, _ROUND_S / 2)
        kind(fleet)
        fleet.drip(second, _ROUND_S / 2)
        done.append(kind.__name__.strip("_").replace("_", " "))
    fleet.wait_until_owned()
    return f"{fleet.finish(lab.traffic.answer)}; {', '.join(done)}"


def _end_sessions(fleet: _CuttableFleet) -> None:
    for _ in range(5):
        fleet.postgres.terminate_all()
        pause(fleet.lab.random.uniform(0, 0.3))


def _crash(fleet: _CuttableFleet) -> None:
    fleet.postgres.stop("immediate")
    pause(fleet.lab.random.uniform(0, 2))
    fleet.postgres.start()


def _restart(fleet: _CuttableFleet) -> None:
    fleet.postgres.stop("fast")
    fleet.postgres.start()


def _cut_off(fleet: _CuttableFleet) -> None:
    """One instance, which keeps its partitions: it is still a member of the group."""
    way = fleet.way_of(fleet.any("detect"))
    way.cut()
    pause(SESSION_TIMEOUT_S + fleet.lab.random.uniform(0, 5))
    way.mend()
