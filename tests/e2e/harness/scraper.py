"""Scrapes a daemon all the time, and holds each scrape against what must be true at any moment."""

import threading
import urllib.error
import urllib.request

from harness.exposition import Exposition

_INTERVAL_S = 0.1


def breaches(exposition: Exposition) -> list[str]:
    """Of the rule that records = accepted + irrelevant + rejected, each detailed in full."""
    found = []
    outcomes = exposition.by("signinwatch_records_total", "outcome")
    unknown = outcomes.keys() - {"accepted", "irrelevant", "rejected"}
    if unknown:
        found.append(f"records of outcome {sorted(unknown)}")
    for outcome, detail in (("rejected", "reason"), ("irrelevant", "category")):
        sum_of_details = exposition.sum(f"signinwatch_records_{outcome}_total")
        if outcomes.get(outcome, 0) != sum_of_details:
            found.append(
                f"{outcomes.get(outcome, 0):g} records {outcome}, but {sum_of_details:g} by {detail}"
            )
    return found


class Scraper:
    def __init__(self, url: str):
        self.scrapes = 0
        self.problems: list[str] = []
        self._url = url
        self._counters: dict = {}
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._end.set()
        self._thread.join()

    def _work(self) -> None:
        while not self._end.wait(_INTERVAL_S):
            try:
                with urllib.request.urlopen(self._url, timeout=10) as answer:
                    text = answer.read().decode()
            except (OSError, urllib.error.URLError):
                continue  # down, or going down: others look after that
            self._look_at(text)

    def _look_at(self, text: str) -> None:
        try:
            exposition = Exposition(text)
        except ValueError as error:
            self.problems.append(f"scrape: {error}")
            return
        self.scrapes += 1
        self.problems += [f"scrape {self.scrapes}: {text}" for text in breaches(exposition)]
        counters = exposition.counters()
        for series, value in self._counters.items():
            if counters.get(series, -1) < value:
                self.problems.append(f"scrape {self.scrapes}: {series} went back from {value:g}")
        self._counters = counters
