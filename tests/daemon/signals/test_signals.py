#!/usr/bin/env python3
"""The format of signals stays what docs/signals.md says: test_signals.py GOLDEN_MESSAGES

The program's messages are those of golden.hex, byte by byte, and read_signals.py, which knows the page
alone, reads of them what golden.jsonl says. Where the format changes on purpose, its version does too;
then both files are written anew:
    build/dev/tests/daemon/signals/golden_messages > tests/daemon/signals/golden.hex
    tests/daemon/signals/read_signals.py < tests/daemon/signals/golden.hex > .../golden.jsonl"""
import json
import pathlib
import subprocess
import sys

import read_signals

here = pathlib.Path(__file__).parent
lines = (here / "golden.hex").read_text().split()
written = subprocess.run([sys.argv[1]], check=True, capture_output=True, text=True).stdout.split()
assert written == lines, "the program writes other bytes than golden.hex has"
expected = [json.loads(line) for line in (here / "golden.jsonl").read_text().splitlines()]
assert len(expected) == len(lines) >= 4, "golden.hex and golden.jsonl differ in length"
for line, message in zip(lines, expected):
    got = read_signals.read(bytes.fromhex(line))
    assert got == message, f"read {got}\nexpected {message}"
