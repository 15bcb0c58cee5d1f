#!/usr/bin/env python3
"""How fast `signinwatch replay` reads, beside what merely reads the same bytes.

    bench/replay/throughput.py --binary build/release/signinwatch [FILE...]

Without FILEs it generates some (--bytes). Every command is run --runs times in turn, so that a
busy machine disturbs all alike, and the best run of each counts. Printed are GB/s (10^9 bytes of
the files as they are stored) and the time as a multiple of `cat FILES >/dev/null`.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time


def seconds_of(command):
    start = time.monotonic()
    # A pipe would measure the pipe; cat and wc write nothing worth counting.
    result = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    seconds = time.monotonic() - start
    if result.returncode != 0:
        sys.exit(f"{' '.join(command[:4])} ...: exit code {result.returncode}\n"
                 f"{result.stderr.decode(errors='replace')}")
    return seconds


def measure(commands, runs):
    best = {name: float("inf") for name in commands}
    for _ in range(runs):
        for name, command in commands.items():
            best[name] = min(best[name], seconds_of(command))
    return best


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", default="build/release/signinwatch")
    parser.add_argument("--bytes", default="1GB", help="size of the generated file")
    parser.add_argument("--layout", default="batches", choices=["batches", "lines"])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("files", nargs="*", metavar="FILE")
    arguments = parser.parse_args()

    with tempfile.TemporaryDirectory() as folder:
        files = arguments.files
        if not files:
            files = [os.path.join(folder, "traffic.jsonl")]
            subprocess.run([arguments.binary, "generate", "--layout", arguments.layout, "--users",
                            "20000", "--duration", "30d", "--bytes", arguments.bytes, "--output",
                            files[0]], check=True, stderr=subprocess.DEVNULL)
        size = sum(os.path.getsize(file) for file in files)
        replay = [arguments.binary, "replay"]
        processors = len(os.sched_getaffinity(0))
        commands = {
            "cat": ["cat", *files],
            "wc -l": ["wc", "-l", *files],
            "replay, 1 thread": [*replay, "--threads", "1", *files],
            f"replay, {processors} threads": [*replay, "--threads", str(processors), *files],
        }
        subprocess.run(["cat", *files], stdout=subprocess.DEVNULL, check=True)  # into the cache
        best = measure(commands, arguments.runs)

    print(f"{size / 1e9:.2f} GB in {len(files)} file(s), best of {arguments.runs} runs")
    for name, seconds in best.items():
        print(f"{name:20} {seconds:8.3f} s {size / seconds / 1e9:8.2f} GB/s "
              f"{seconds / best['cat']:8.2f} x cat")


if __name__ == "__main__":
    main()
