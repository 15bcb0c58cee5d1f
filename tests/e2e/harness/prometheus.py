"""Prometheus itself, as an operator has it, and promtool's opinion of what it scrapes."""

import json
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

from harness import processes
from harness.processes import Failure, check, wait_until

# Of the dashboards.
_VARIABLES = {"$job": ".*", "$instance": ".*", "$__rate_interval": "1m"}
_DEPLOY = Path(__file__).resolve().parents[3] / "deploy"


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
            "global: {scrape_interval: 1s, evaluation_interval: 1s}\n"
            f"rule_files: ['{_DEPLOY}/prometheus/signinwatch.rules.yaml']\n"
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

    def ask_all(self) -> int:
        """Asks what every panel of the dashboards asks, and looks at every rule: none fails, and no
        panel is empty. Returns how many queries there were."""
        wait_until("all rules were evaluated", self._rules_are_well, 60)
        asked = 0
        for path in sorted((_DEPLOY / "grafana").glob("*.json")):
            for panel in json.loads(path.read_text())["panels"]:
                for target in panel["targets"]:
                    query = target["expr"]
                    for name, value in _VARIABLES.items():
                        query = query.replace(name, value)
                    what = f"{path.name}, {panel['title']}: {query}"
                    wait_until(f"an answer to {what}", lambda q=query: self._answers(q), 30)
                    asked += 1
        return asked

    def _answers(self, query: str) -> bool:
        try:
            return bool(self._get("query", query=query)["result"])
        except urllib.error.HTTPError as error:
            raise Failure(f"{query}: {error.read().decode()[:300]}") from error

    def _rules_are_well(self) -> bool:
        rules = [r for group in self._get("rules")["groups"] for r in group["rules"]]
        for rule in rules:
            check(rule["health"] != "err", f"{rule['name']}: {rule.get('lastError')}")
        return bool(rules) and all(rule["health"] == "ok" for rule in rules)

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
