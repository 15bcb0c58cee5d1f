"""Processes, ports and waiting: what must not outlive a run, and must not wait for ever."""

import os
import random
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path


class Failure(Exception):
    """What was promised does not hold; the text says what."""


class Interrupted(Exception):
    """The run is being given up."""


def check(condition: object, otherwise: str) -> None:
    if not condition:
        raise Failure(otherwise)


_giving_up = threading.Event()
_groups: set[int] = set()
_groups_lock = threading.Lock()


def give_up() -> None:
    """Makes every wait of every scenario end."""
    _giving_up.set()


def pause(seconds: float) -> None:
    if _giving_up.wait(seconds):
        raise Interrupted


def wait_until(what: str, condition: Callable[[], object], timeout: float, step: float = 0.1):
    """The first true value of the condition; a Failure with `what` after so many seconds."""
    deadline = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        check(time.monotonic() < deadline, f"not within {timeout:g} s: {what}")
        pause(step)


def start(command: Sequence[str | Path], log: Path, **options) -> subprocess.Popen:
    """A process in a group of its own, which end_all() ends; what it says is added to `log`."""
    with log.open("ab") as output:
        options.setdefault("stdin", subprocess.DEVNULL)
        options.setdefault("stdout", output)
        process = subprocess.Popen(
            [str(part) for part in command], stderr=output, start_new_session=True, **options
        )
    with _groups_lock:
        _groups.add(process.pid)
    return process


def run(command: Sequence[str | Path], log: Path, timeout: float, **options) -> bytes:
    """Standard output of a command that must succeed; its standard error is added to `log`."""
    process = start(command, log, stdout=subprocess.PIPE, **options)
    try:
        output, _ = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        raise Failure(f"not within {timeout:g} s: {command[0]} {command[1]}") from None
    finally:
        end(process)
    check(
        process.returncode == 0,
        f"{command[0]} {command[1]} ended with {process.returncode}; see {log}",
    )
    return output


def end(process: subprocess.Popen) -> None:
    """Kills the process if it still runs."""
    with _groups_lock:
        _groups.discard(process.pid)
    if process.poll() is None:
        _kill_group(process.pid)
        process.wait()


def end_all() -> None:
    with _groups_lock:
        groups = list(_groups)
        _groups.clear()
    for group in groups:
        _kill_group(group)


def _kill_group(group: int) -> None:
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        pass


def free_ports(count: int) -> int:
    """The first of so many free ports in a row, below those that outgoing connections get."""
    while True:
        first = random.SystemRandom().randrange(20_000, 32_000)
        if all(_is_free(port) for port in range(first, first + count)):
            return first


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def need(*programs: str) -> None:
    missing = [name for name in programs if shutil.which(name) is None]
    check(not missing, f"these programs are missing: {' '.join(missing)}")
