#!/usr/bin/env python3
"""The pages in docs/ say what the program does: their commands are run, and what it prints is compared.

    pages_test.py PROGRAM

A block ```console has commands ("$ ...", gone on by "> ...") and what they print; "..." stands for any
text. All of a page run one after another in a copy of docs/examples. Other blocks are only read.
"""

import os
import re
import subprocess
import sys
import tempfile
import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
# Names that look like one: the event_type of messages in Slack.
NO_METRICS = {"signinwatch_ticket"}
PATIENCE_S = 300


def steps(page):
    """(line, command, what it prints) of each command of a page."""
    found, inside = [], False
    for number, line in enumerate(page.read_text().splitlines(), 1):
        if line.startswith("```"):
            inside = line == "```console"
        elif inside and line.startswith("$ "):
            found.append([number, line[2:], []])
        elif inside and line.startswith("> ") and not found[-1][2]:
            found[-1][1] += "\n" + line[2:]
        elif inside:
            found[-1][2].append(line)
    return [(number, command, "\n".join(output).strip("\n")) for number, command, output in found]


def agrees(printed, said):
    pattern = ".*?".join(re.escape(part) for part in said.split("..."))
    # Blanks at the ends of lines can not be seen.
    text = "\n".join(line.rstrip() for line in printed.strip("\n").splitlines())
    return re.fullmatch(pattern, text, re.S) is not None


def check_page(page, environment):
    findings = []
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder, "examples")
        shutil.copytree(DOCS / "examples", work)
        for number, command, said in steps(page):
            run = subprocess.run(
                ["bash", "-c", command], cwd=work, env=environment, text=True, timeout=PATIENCE_S,
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            if not agrees(run.stdout, said):
                findings.append(f"{page.name}:{number}: $ {command}\n{run.stdout}")
    return findings


def check_written(script):
    run = subprocess.run([sys.executable, "-B", script, "--check"], capture_output=True, text=True)
    return [f"{script}: {run.stderr}"] if run.returncode else []


def check_names():
    """Metrics and keys of the configuration that pages name exist, but for sections that are planned."""
    metrics = (ROOT / "deploy" / "METRICS.md").read_text()
    reference, keys, section = (ROOT / "deploy" / "CONFIGURATION.md").read_text(), set(), ""
    for line in reference.splitlines():
        if line.startswith("## "):
            section = line[3:]
        elif line.startswith("| "):
            keys |= {f"{section}.{key}" for key in re.findall(r"`([a-z_]+)`", line.split("|")[1])}
    sections = "|".join({key.split(".")[0] for key in keys})
    findings = []
    for page in DOCS.glob("*.md"):
        text = re.sub(r"^(##+) [^\n]* \(planned\)$.*?(?=^\1 |^## |\Z)", "", page.read_text(),
                      flags=re.M | re.S)
        findings += [f"{page.name}: there is no metric {name}"
                     for name in re.findall(r"signinwatch_[a-z_]+", text)
                     if f"`{name}`" not in metrics and name not in NO_METRICS]
        findings += [f"{page.name}: there is no key {key}"
                     for key in re.findall(rf"`((?:{sections})\.[a-z_]+)`", text) if key not in keys]
    return findings


def headings(page):
    """What a link can name behind #, as GitHub makes it of a heading."""
    found = re.findall(r"^#+ (.*)$", re.sub(r"^```.*?^```", "", page.read_text(), flags=re.M | re.S),
                       re.M)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in found}


def check_anchors():
    findings = []
    for page in [*DOCS.glob("*.md"), *ROOT.glob("*.md")]:
        for link, anchor in re.findall(r"\]\(([^):#]*)#([^)]+)\)", page.read_text()):
            target = page.parent / link if link else page
            if anchor not in headings(target):
                findings.append(f"{page.name}: {link}#{anchor} is no heading")
    return findings


def check_signature():
    """The receiver's code in security.md takes what the program's own test expects it to send."""
    page = (DOCS / "security.md").read_text()
    names = {}
    exec(page.split("```python\n")[1].split("```")[0], names)
    test = (ROOT / "tests/daemon/sinks/webhook/webhook_sink_test.cc").read_text()
    secret, at, body, signature = re.search(
        r'WebhookSignature\("([^"]+)", sys_seconds\(seconds\((\d+)\)\),\s*'
        r'R"\((.*?)\)"\),\s*((?:"[^"]*"\s*)+)\)', test).groups()
    signature = "".join(re.findall(r'"([^"]*)"', signature))
    body, now = body.encode(), int(at)
    is_genuine = names["is_genuine"]
    cases = [
        (is_genuine(secret.encode(), at, signature, body, now), True, "as it came"),
        (is_genuine(secret.encode(), at, "v0=1," + signature, body, now + 299), True, "of several"),
        (is_genuine(secret.encode(), at, signature, body + b" ", now), False, "another body"),
        (is_genuine(b"other", at, signature, body, now), False, "another key"),
        (is_genuine(secret.encode(), at, signature, body, now + 301), False, "too old"),
        (is_genuine(secret.encode(), "x", signature, body, now), False, "no time"),
        (is_genuine(secret.encode(), at, "", body, now), False, "no signature"),
        (is_genuine(secret.encode(), at, "v1=\u00e9", body, now), False, "no hexadecimal digits"),
    ]
    return [f"security.md: is_genuine: {what}" for got, want, what in cases if got != want]


def main():
    program, pages = Path(sys.argv[1]).resolve(), sorted(DOCS.glob("*.md"))
    assert sum(len(steps(page)) for page in pages) > 20
    findings = check_written(DOCS / "examples/make.py") + check_written(DOCS / "pictures/draw.py")
    findings += check_names() + check_anchors() + check_signature()
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "signinwatch").symlink_to(program)
        environment = {key: value for key, value in os.environ.items() if key != "COLUMNS"}
        environment |= {"PATH": f"{folder}:{os.environ['PATH']}", "LC_ALL": "C.UTF-8"}
        for page in pages:
            findings += check_page(page, environment)
    return "\n".join(findings) or None


if __name__ == "__main__":
    sys.exit(main())
