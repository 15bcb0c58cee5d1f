#!/usr/bin/env python3
"""Draws what the dashboards show, without Grafana: runs `signinwatch demo` for some minutes under a real
Prometheus, asks it what every panel asks, and draws the answers as SVG.

  deploy/grafana/pictures.py --binary build/release/signinwatch --output docs/pictures [--minutes 4]

Panels are where the dashboard has them; colours and fonts are not Grafana's."""

import argparse
import html
import json
import socket
import subprocess
import tempfile
import time
import urllib.parse
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
VARIABLES = {"$job": ".*", "$instance": ".*", "$__rate_interval": "15s"}
COLUMN, ROW, MARGIN = 50, 30, 8  # pixels of a unit of Grafana's grid
COLOURS = ["#3b7dd8", "#e08a1e", "#2f9e6e", "#b0479a", "#7a8494", "#c0392b", "#5a67c8", "#8a6d3b"]
STEP_S = 2


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Prometheus:
    """With the recording rules, scraping one target each second."""

    def __init__(self, folder: Path, target: int):
        self._url = f"http://127.0.0.1:{free_port()}"
        rules = HERE.parent / "prometheus" / "signinwatch.rules.yaml"
        config = folder / "prometheus.yaml"
        config.write_text(
            "global: {scrape_interval: 1s, evaluation_interval: 1s}\n"
            f"rule_files: ['{rules}']\nscrape_configs:\n- job_name: signinwatch\n"
            f"  static_configs: [{{targets: ['127.0.0.1:{target}']}}]\n"
        )
        self._process = subprocess.Popen(
            [
                "prometheus",
                f"--config.file={config}",
                f"--storage.tsdb.path={folder / 'data'}",
                f"--web.listen-address={self._url.removeprefix('http://')}",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait()

    def ask(self, target: dict, begin: float, end: float) -> list[tuple[str, list]]:
        """(legend, [(time, value)]) of each series."""
        query = target["expr"]
        for name, value in VARIABLES.items():
            query = query.replace(name, value)
        if target["instant"]:
            parameters = {"query": query, "time": end}
        else:
            parameters = {"query": query, "start": begin, "end": end, "step": STEP_S}
        kind = "query" if target["instant"] else "query_range"
        url = f"{self._url}/api/v1/{kind}?{urllib.parse.urlencode(parameters)}"
        with urllib.request.urlopen(url, timeout=30) as answer:
            found = json.load(answer)["data"]["result"]
        return [
            (legend(target["legendFormat"], s["metric"]), points(s))
            for s in sorted(found, key=lambda s: sorted(s["metric"].items()))
        ]


def legend(form: str, labels: dict) -> str:
    if form == "__auto":
        return ", ".join(v for k, v in labels.items() if k not in ("__name__", "job", "instance"))
    for name, value in labels.items():
        form = form.replace("{{" + name + "}}", value)
    return form


def points(series: dict) -> list[tuple[float, float]]:
    values = series.get("values") or [series["value"]]
    return [(float(t), float(v)) for t, v in values if v not in ("NaN", "+Inf", "-Inf")]


def words(value: float, unit: str, now: float) -> str:
    if unit == "bool_yes_no":
        return "Yes" if value else "No"
    if unit == "percentunit":
        return f"{value * 100:.3g} %"
    if unit == "dateTimeFromNow":
        return time.strftime("%Y-%m-%d %H:%M", time.gmtime(value / 1000))
    if unit == "dateTimeAsIso":
        return time.strftime("%H:%M:%S", time.gmtime(value / 1000))
    if unit == "bytes":
        for name, size in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
            if abs(value) >= size:
                return f"{value / size:.3g} {name}"
    suffix = {"s": " s", "ops": " /s"}.get(unit, "")
    if abs(value) >= 1_000:
        return f"{value:,.0f}{suffix}"
    return f"{value:.3g}{suffix}"


def text(x: float, y: float, what: str, css: str, anchor: str = "start") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" class="{css}" text-anchor="{anchor}">'
        f"{html.escape(what)}</text>"
    )


def stat(panel: dict, series: list, box: tuple, now: float) -> list[str]:
    x, y, w, h = box
    value = series[0][1][-1][1] if series and series[0][1] else None
    said = "-" if value is None else words(value, panel["fieldConfig"]["defaults"]["unit"], now)
    css = "long" if len(said) > 10 else "number"
    return [text(x + w / 2, y + h / 2 + 22, said, css, "middle")]


def gauges(panel: dict, series: list, box: tuple, now: float) -> list[str]:
    x, y, w, h = box
    most = max((p[-1][1] for _, p in series), default=1) or 1
    drawn = []
    for i, (name, values) in enumerate(series[:8]):
        top = y + 34 + i * 24
        length = (w - 20) * 0.5 * values[-1][1] / most
        drawn.append(
            f'<rect x="{x + 10 + (w - 20) * 0.45:.1f}" y="{top}" width="{length:.1f}" height="16" '
            f'fill="{COLOURS[i % len(COLOURS)]}"/>'
        )
        drawn.append(text(x + 10, top + 13, name[:36], "small"))
        drawn.append(text(x + w - 10, top + 13, words(values[-1][1], "short", now), "small", "end"))
    return drawn


def plot(panel: dict, series: list, box: tuple, span: tuple, now: float) -> list[str]:
    x, y, w, h = box
    unit = panel["fieldConfig"]["defaults"]["unit"]
    left, right, top, bottom = x + 58, x + w - 10, y + 34, y + h - 40
    values = [v for _, p in series for _, v in p]
    high = max(values, default=1)
    low = min(values, default=0) if unit == "dateTimeAsIso" else 0
    high = high if high > low else low + 1

    def at(point: tuple[float, float]) -> str:
        across = left + (point[0] - span[0]) / (span[1] - span[0]) * (right - left)
        return f"{across:.1f},{bottom - (point[1] - low) / (high - low) * (bottom - top):.1f}"

    drawn = []
    for share in (0, 0.5, 1):
        line = bottom - share * (bottom - top)
        drawn.append(f'<path class="grid" d="M{left} {line:.1f}H{right}"/>')
        drawn.append(text(left - 6, line + 4, words(low + share * (high - low), unit, now), "small", "end"))
    for share, anchor in ((0, "start"), (1, "end")):
        moment = time.strftime("%H:%M:%S", time.gmtime(span[0] + share * (span[1] - span[0])))
        drawn.append(text(left + share * (right - left), bottom + 14, moment, "small", anchor))
    across = left
    for i, (name, line) in enumerate(series):
        colour = COLOURS[i % len(COLOURS)]
        drawn.append(
            f'<polyline fill="none" stroke="{colour}" stroke-width="1.6" '
            f'points="{" ".join(at(p) for p in line)}"/>'
        )
        if across + 13 + 6.5 * len(name[:28]) < right:
            drawn.append(f'<rect x="{across}" y="{bottom + 21}" width="9" height="9" fill="{colour}"/>')
            drawn.append(text(across + 13, bottom + 30, name[:28], "small"))
            across += 26 + 6.2 * len(name[:28])
    return drawn


def draw(board: dict, prometheus: Prometheus, span: tuple[float, float]) -> str:
    drawn = []
    height = 0
    for panel in board["panels"]:
        place = panel["gridPos"]
        x, y = place["x"] * COLUMN + MARGIN, place["y"] * ROW + 40
        w, h = place["w"] * COLUMN - MARGIN, place["h"] * ROW - MARGIN
        height = max(height, y + h)
        series = [s for t in panel["targets"] for s in prometheus.ask(t, *span)]
        drawn.append(f'<rect class="panel" x="{x}" y="{y}" width="{w}" height="{h}" rx="4"/>')
        drawn.append(text(x + 10, y + 20, panel["title"], "title"))
        box = (x, y, w, h)
        if panel["type"] == "stat":
            drawn += stat(panel, series, box, span[1])
        elif panel["type"] == "bargauge":
            drawn += gauges(panel, series, box, span[1])
        else:
            drawn += plot(panel, series, box, span, span[1])
    width = 24 * COLUMN + MARGIN
    title = html.escape(board["title"])
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height + MARGIN}" role="img" '
        f'aria-labelledby="t"><title id="t">{title}, on generated traffic</title>\n'
        "<style>text{font:12px sans-serif;fill:#1b2330}.title{font-weight:600}.small{font-size:11px;"
        "fill:#566073}.number{font-size:34px;font-weight:600}.long{font-size:17px;font-weight:600}"
        ".head{font-size:17px;font-weight:600}.panel{fill:#fff;stroke:#d9dee6}"
        ".grid{stroke:#e4e8ee;fill:none}</style>\n"
        f'<rect width="{width}" height="{height + MARGIN}" fill="#f6f7f9"/>\n'
        + text(MARGIN, 26, board["title"], "head")
        + "\n"
        + "\n".join(drawn)
        + "\n</svg>\n"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=4)
    options = parser.parse_args()
    port = free_port()
    demo = subprocess.Popen(
        [options.binary, "demo", "--listen", f"127.0.0.1:{port}", "--for", "1h", "--speed", "600"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    with tempfile.TemporaryDirectory() as folder:
        prometheus = Prometheus(Path(folder), port)
        begin = time.time()
        try:
            time.sleep(options.minutes * 60)
            for path in sorted(HERE.glob("*.json")):
                board = json.loads(path.read_text())
                picture = options.output / f"dashboard-{path.stem}.svg"
                picture.write_text(draw(board, prometheus, (begin + 5, time.time())))
                print(picture)
        finally:
            prometheus.stop()
            demo.terminate()
            demo.wait()


if __name__ == "__main__":
    main()
