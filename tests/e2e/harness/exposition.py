"""Prometheus' text format, as far as the daemon writes it."""

import re
from dataclasses import dataclass

_SAMPLE = re.compile(r"^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$")
_LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


@dataclass(frozen=True)
class Sample:
    name: str
    labels: dict[str, str]
    value: float


class Exposition:
    def __init__(self, text: str):
        self.types: dict[str, str] = {}
        self.samples: list[Sample] = []
        for line in text.splitlines():
            if line.startswith("# TYPE "):
                _, _, name, kind = line.split(" ")
                self.types[name] = kind
            elif line and not line.startswith("#"):
                match = _SAMPLE.match(line)
                if match is None:
                    raise ValueError(f"no sample: {line[:200]!r}")
                labels = dict(_LABEL.findall(match[2] or ""))
                self.samples.append(Sample(match[1], labels, float(match[3])))

    def sum(self, name: str, **labels: str) -> float:
        """Of all series of that name with these labels; 0 if there is none."""
        return sum(
            sample.value
            for sample in self.samples
            if sample.name == name and labels.items() <= sample.labels.items()
        )

    def by(self, name: str, label: str, **labels: str) -> dict[str, float]:
        sums: dict[str, float] = {}
        for sample in self.samples:
            if sample.name == name and labels.items() <= sample.labels.items():
                value = sample.labels.get(label, "")
                sums[value] = sums.get(value, 0) + sample.value
        return sums

    def counters(self) -> dict[tuple[str, tuple], float]:
        return {
            (sample.name, tuple(sorted(sample.labels.items()))): sample.value
            for sample in self.samples
            if self.types.get(sample.name) == "counter"
        }
