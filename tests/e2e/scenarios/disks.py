"""The disk of the store and of the file sink is full for a while."""

import os
import subprocess
from pathlib import Path

from harness import processes
from harness.lab import Lab, Site, SiteOptions
from harness.processes import Failure, check, wait_until

_DISK_MIB = 16


def full_disk(lab: Lab) -> str:
    disk = lab.folder / "disk"
    disk.mkdir()
    filler = _tmpfs(lab, disk) if lab.disk_by == "tmpfs" else None
    site = Site(lab, SiteOptions(store=disk / "store.db", file=disk / "tickets.jsonl"))
    site.webhook.start()
    site.daemon.start()
    third = len(lab.traffic.messages) // 3
    messages = lab.traffic.messages
    site.drip(messages[:third], 2)
    site.wait_until_read()
    _fill(site, filler)
    site.drip(messages[third : 2 * third], 2)
    reason = wait_until("it says that it is not ready", site.daemon.not_ready, 30)
    check(
        any(word in reason.lower() for word in ("disk", "full", "space", "too large")),
        f"/-/ready does not say that the disk is full: {reason}",
    )
    check(site.daemon.get("/-/healthy")[0] == 200, "a full disk made it unhealthy")
    site.file_view()  # no half line at any time
    _empty(site, filler)
    wait_until("ready again", lambda: not site.daemon.not_ready(), 60)
    site.drip(messages[2 * third :], 2)
    site.close_bursts()
    return f"{site.finish()}; full by {lab.disk_by}: {reason.strip()!r:.120}"


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
    """A tmpfs to its last byte; else no file of the daemon may grow beyond the store's size."""
    if filler is None:
        size = Path(site.daemon.config["store"]["path"]).stat().st_size
        _limit_files(site, str(size))
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
