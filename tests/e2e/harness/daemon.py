"""`signinwatch serve` as a process: configured, started, killed, asked how it is."""

import json
import os
import re
import signal
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

from harness import processes
from harness.exposition import Exposition
from harness.processes import Failure, check, wait_until
from harness.scraper import Scraper

_LOG_LINE = re.compile(r"time=\S+ level=(debug|info|warning|error) msg=")
START_TIMEOUT_S = 20
STOP_TIMEOUT_S = 20


class Daemon:
    def __init__(self, binary: Path, folder: Path, config: dict, secrets: dict[str, str]):
        """`secrets`: environment variables, whose values may be in no log."""
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.port = processes.free_ports(1)
        self.config = {**config, "http": {"listen": f"127.0.0.1:{self.port}"}}
        self.log = folder / "serve.log"
        self.starts = 0
        self.scrapes = 0
        self.problems: list[str] = []
        self._binary, self._secrets = binary, secrets
        self._config_file = folder / "serve.yaml"
        self._process: subprocess.Popen | None = None
        self._scraper: Scraper | None = None

    def launch(self) -> subprocess.Popen:
        """Starts the process and does not wait for anything."""
        self.write_config()
        self._process = processes.start(
            [self._binary, "serve", "--config", self._config_file],
            self.log,
            cwd=self.folder,  # a core dump goes to the other artifacts
            env={**os.environ, **self._secrets},
        )
        self.starts += 1
        return self._process

    def write_config(self, text: str | None = None) -> None:
        """The configuration as it is now, or a text that is none."""
        self._config_file.write_text(text or json.dumps(self.config, indent=1))

    def reload(self) -> tuple[int, str]:
        """By HTTP: the answer says what came of it."""
        request = urllib.request.Request(self._url("/-/reload"), method="POST")
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def hang_up(self) -> None:
        """SIGHUP: the metrics say what came of it."""
        self._check_running().send_signal(signal.SIGHUP)

    def start(self) -> None:
        self.launch()
        wait_until("the daemon is healthy", self._is_up, START_TIMEOUT_S, step=0.02)
        self._scraper = Scraper(self._url("/metrics"))

    def freeze(self) -> None:
        """Until thaw() nothing of it runs, whatever it was doing."""
        process = self._check_running()
        self._stop_scraping()
        process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._check_running().send_signal(signal.SIGCONT)
        self._scraper = Scraper(self._url("/metrics"))

    def kill(self) -> None:
        process = self._check_running()
        self._stop_scraping()
        processes.end(process)

    def terminate(self) -> None:
        """SIGTERM: it must end by itself, soon, with exit code 0."""
        process = self._check_running()
        process.send_signal(signal.SIGTERM)
        wait_until("the daemon has stopped", lambda: process.poll() is not None, STOP_TIMEOUT_S)
        self._stop_scraping()
        processes.end(process)
        check(
            process.returncode == 0, f"the daemon ended with {process.returncode}; see {self.log}"
        )

    def abandon(self) -> None:
        self._stop_scraping()
        if self._process is not None:
            processes.end(self._process)

    def get(self, path: str, accept: str = "*/*") -> tuple[int, str]:
        request = urllib.request.Request(self._url(path), headers={"Accept": accept})
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError as error:
            self._check_running()
            raise Failure(f"{path} was not answered: {error}") from None

    def not_ready(self) -> str:
        """The reasons; empty if it is ready."""
        code, text = self.get("/-/ready")
        check(code in (200, 503), f"/-/ready answered {code}")
        return "" if code == 200 else text

    def status(self) -> dict:
        return json.loads(self.get("/api/v1/status")[1])

    def open_tickets(self) -> int:
        """How many: their pages may change while they are read one after another."""
        code, text = self.get("/api/v1/tickets?limit=1&state=open")
        check(code == 200, f"/api/v1/tickets answered {code}: {text[:300]}")
        return json.loads(text)["total"]

    def tickets(self, query: str = "") -> list[dict]:
        """Through the API, page after page; when all has settled."""
        found: list[dict] = []
        cursor = ""
        while True:
            code, text = self.get(f"/api/v1/tickets?limit=50{query}{cursor}")
            check(code == 200, f"/api/v1/tickets answered {code}: {text[:300]}")
            page = json.loads(text)
            found += page["tickets"]
            if not page["next_cursor"]:
                check(page["total"] == len(found), f"total {page['total']}, listed {len(found)}")
                return found
            cursor = f"&cursor={page['next_cursor']}"

    def positions(self) -> dict[int, int]:
        """The next offset of each partition that the detectors have come to."""
        return {p["partition"]: p["next_offset"] for p in self.status()["partitions"]}

    def log_problems(self) -> list[str]:
        """Lines that are none of the log's, and secrets."""
        problems = []
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        for line in text.splitlines():
            if not _LOG_LINE.match(line):
                problems.append(f"log: no line of the log: {line[:200]!r}")
        for name, value in self._secrets.items():
            if value in text:
                problems.append(f"log: holds the secret {name}")
        return problems

    def metrics(self) -> Exposition:
        return Exposition(self.get("/metrics")[1])

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def _is_up(self) -> bool:
        self._check_running()
        try:
            return self.get("/-/healthy")[0] == 200
        except Failure:
            return False

    def _check_running(self) -> subprocess.Popen:
        assert self._process is not None
        code = self._process.poll()
        check(code is None, f"the daemon has ended by itself with {code}; see {self.log}")
        return self._process

    def _stop_scraping(self) -> None:
        if self._scraper is not None:
            self._scraper.stop()
            self.problems += self._scraper.problems
            self.scrapes += self._scraper.scrapes
            self._scraper = None

    def _url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"
