"""A real PostgreSQL server on a socket and a port of its own."""

import os
import shutil
from pathlib import Path

from harness import processes
from harness.processes import check

_USER = "signinwatch"
# As few as a run needs, and a crash that is one: what is flushed is on disk.
_SETTINGS = {
    "shared_buffers": "32MB",
    "max_connections": "60",
    "tcp_keepalives_idle": "5",
    "tcp_user_timeout": "10s",
}


def programs() -> Path:
    """Where initdb and pg_ctl are: Debian puts them beside the path."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    check(found, "PostgreSQL is missing: its package is postgresql")
    return found[-1].parent


class Postgres:
    def __init__(self, folder: Path):
        self.folder = folder
        self.port = processes.free_ports(1)
        self.log = folder.parent / "postgres.log"
        self.password = "not-in-any-log"
        self._bin = programs()
        folder.mkdir(parents=True)
        if os.geteuid() == 0:  # the server does not run as root
            shutil.chown(folder, "postgres", "postgres")
        password_file = folder.parent / "postgres-password"
        password_file.write_text(self.password)
        password_file.chmod(0o644)
        self._run(
            "initdb", "-D", folder / "data", "-U", _USER, "--auth=scram-sha-256",
            f"--pwfile={password_file}", "-E", "UTF8", "--locale=C", "-N",
        )  # fmt: skip

    @property
    def url(self) -> str:
        return f"postgresql://{_USER}@127.0.0.1:{self.port}/postgres?sslmode=disable"

    def start(self) -> None:
        settings = " ".join(f"-c {name}={value}" for name, value in _SETTINGS.items())
        options = f"-p {self.port} -k {self.folder} -h 127.0.0.1 {settings}"
        server_log = self.folder / "server.log"
        self._run("pg_ctl", "-D", self.folder / "data", "-l", server_log, "-o", options, "-w", "start")

    def stop(self, how: str = "fast") -> None:
        """`how`: smart, fast, or immediate, which is a crash."""
        self._run("pg_ctl", "-D", self.folder / "data", "-m", how, "-w", "stop")

    def abandon(self) -> None:
        if (self.folder / "data" / "postmaster.pid").exists():
            self.stop("immediate")

    def query(self, sql: str) -> str:
        environment = {**os.environ, "PGPASSWORD": self.password}
        command = [self._bin / "psql", "-At", "-d", self.url, "-c", sql]
        return processes.run(command, self.log, timeout=30, env=environment).decode()

    def terminate_all(self) -> None:
        """Ends the connection of everybody else."""
        self.query(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
            "WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )

    def _run(self, program: str, *arguments: str | Path) -> None:
        command = [self._bin / program, *arguments]
        if os.geteuid() == 0:
            command = ["runuser", "-u", "postgres", "--", *command]
        processes.run(command, self.log, timeout=60, cwd=self.folder)
