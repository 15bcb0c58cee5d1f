"""The disk of the store, of the file sink and of the dead letters is full for a while."""

import os
import subprocess
from pathlib import Path

from harness import processes
from harness.garbage import with_garbage
from harness.lab import Lab, Site, SiteOptions
from harness.processes import Failure, check, wait_until
from harness.traffic import split

_DISK_MIB = 16


def full_disk(lab: Lab) -> str:
    disk = lab.folder / "disk"
    disk.mkdir()
    filler = _tmpfs(lab, disk) if lab.disk_by == "tmpfs" else None
    messages = with_garbage(lab.traffic.messages)
    answer = lab.traffic.replay(messages, lab.folder / "replayed")
    site = Site(lab, SiteOptions(files=disk))
    site.webhook.start()
    site.daemon.start()
    times = 3 if lab.full else 1
    parts = split(messages, 2 * times + 1)
    reason = ""
    for _ in range(times):
        site.drip(parts.pop(0), 1)
        site.wait_until_read()
        _fill(site, filler)
        site.drip(parts.pop(0), 1)
        reason = _wait_for_reason(site)
        _empty(site, filler)
        wait_until("ready again", lambda: not site.daemon.not_ready(), 60)
    site.drip(parts.pop(0), 1)
    site.close_bursts()
    return f"{site.finish(answer)}; full by {lab.disk_by}: {reason.strip()!r:.120}"


def _wait_for_reason(site: Site) -> str:
    reason = wait_until("it says that it is not ready", site.daemon.not_ready, 30)
    check(
        any(word in reason.lower() for word in ("disk", "full", "space", "too large")),
        f"/-/ready does not say that the disk is full: {reason}",
    )
    check(site.daemon.get("/-/healthy")[0] == 200, "a full disk made it unhealthy")
    site.file_view()  # there is no half line at any time
    return reason


def _tmpfs(lab: Lab, disk: Path) -> Path:
    command = ["mount", "-t", "tmpfs", "-o", f"size={_DISK_MIB}m", "e2e", str(disk)]
    as_root = [] if os.geteuid() == 0 else ["sudo", "-n"]
    result = subprocess.run([*as_root, *command], capture_output=True, text=True, check=False)
    if result.returncode != 0:
        raise Failure(
            f"a small disk can't be mounted here ({result.stderr.strip()}): run it as root, or "
            "limit the daemon's files instead, by --full-disk=fsize"
        )
    lab.cleanup.callback(subprocess.run, [*as_root, "umount", "-l", str(disk)], check=False)
    if as_root:
        subprocess.run([*as_root, "chown", str(os.geteuid()), str(disk)], check=True)
    return disk / "filler"


def _fill(site: Site, filler: Path | None) -> None:
    """A tmpfs to its last byte; else no file of the daemon may grow beyond a few bytes."""
    if filler is None:
        _limit_files(site, "4096")
        return
    with filler.open("wb", buffering=0) as file:
        try:
            while file.write(b"x" * 4096) == 4096:
                pass
        except OSError:
            pass


def _empty(site: Site, filler: Path | None) -> None:
    if filler is None:
        _limit_files(site, "unlimited")
    else:
        filler.unlink()


def _limit_files(site: Site, size: str) -> None:
    command = ["prlimit", "--pid", str(site.daemon.pid), f"--fsize={size}:unlimited"]
    processes.run(command, site.lab.folder / "prlimit.log", timeout=10)
