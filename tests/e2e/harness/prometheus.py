"""Prometheus itself, as an operator has it, and promtool's opinion of what it scrapes."""

import json
import subprocess
import urllib.parse
import urllib.request
from pathlib import Path

from harness import processes
from harness.processes import check, wait_until


def lint(exposition: str) -> None:
    result = subprocess.run(
        ["promtool", "check", "metrics"],
        input=exposition,
        capture_output=True,
        text=True,
        timeout=60,
    )
    said = (result.stdout + result.stderr).strip()
    check(result.returncode == 0 and not said, f"promtool check metrics: {said[:500]}")


class Prometheus:
    def __init__(self, folder: Path, target_port: int):
        folder.mkdir(parents=True)
        self._port = processes.free_ports(1)
        config = folder / "prometheus.yml"
        config.write_text(
            "global: {scrape_interval: 1s}\n"
            "scrape_configs:\n"
            "  - job_name: signinwatch\n"
            f"    static_configs: [{{targets: ['127.0.0.1:{target_port}']}}]\n"
        )
        command = [
            "prometheus",
            f"--config.file={config}",
            f"--storage.tsdb.path={folder / 'data'}",
        ]
        command.append(f"--web.listen-address=127.0.0.1:{self._port}")
        self._process = processes.start(command, folder / "prometheus.log", cwd=folder)

    def stop(self) -> None:
        processes.end(self._process)

    def wait_for_scrape(self) -> None:
        """A scrape that Prometheus found nothing wrong with."""
        wait_until("Prometheus has scraped the daemon", self._has_scraped, 30)

    def value(self, query: str) -> float:
        result = self._get("query", query=query)["result"]
        check(len(result) == 1, f"Prometheus knows {len(result)} results of {query}")
        return float(result[0]["value"][1])

    def _has_scraped(self) -> bool:
        try:
            target = self._get("targets")["activeTargets"][0]
        except (OSError, IndexError):
            return False
        check(not target["lastError"], f"Prometheus can't scrape: {target['lastError']}")
        return target["health"] == "up"

    def _get(self, what: str, **parameters: str) -> dict:
        query = urllib.parse.urlencode(parameters)
        url = f"http://127.0.0.1:{self._port}/api/v1/{what}?{query}"
        with urllib.request.urlopen(url, timeout=10) as answer:
            return json.loads(answer.read())["data"]
