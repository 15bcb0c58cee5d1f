#!/usr/bin/env python3
"""The man page and the shells' completions have the commands, options and words that --help has.

    command_line_test.py PROGRAM
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MAN = ROOT / "docs" / "man" / "signinwatch.1"
COMPLETION = ROOT / "deploy" / "completion"
# The types of values that are files; PATH is also a folder or -.
FILES = {"FILE", "PATH"}


class Command:
    """What the help of one command says."""

    def __init__(self, program, words):
        text = subprocess.run(
            [program, *words, "--help"], check=True, capture_output=True, text=True
        ).stdout
        self.options, self.subcommands, self.takes_files = {}, [], False
        section = ""
        for line in text.splitlines():
            if re.fullmatch(r"[A-Z][a-z]+:", line):
                section = line[:-1]
            elif not line.startswith("  "):
                section = ""
            elif match := re.match(r"  (\S+)", line):
                self.take(section, match[1], line)

    def take(self, section, first, line):
        if line.startswith("   "):
            return  # more of the help of what is above
        if section == "Subcommands":
            self.subcommands.append(first)
        elif section == "Positionals":
            self.takes_files |= first in FILES
        elif section == "Options":
            words = line.split()
            kind = words[1].split("=")[0] if len(words) > 1 else ""
            takes = kind.isupper() or "|" in kind or kind in ("HOST:PORT",)
            self.options[first.split(",")[-1]] = kind if takes else ""

    def named(self):
        return {o for o in self.options if o != "--help"}


def commands_of(program):
    """All commands by their words: "", "serve", "tickets list", ..."""
    commands, waiting = {}, [()]
    while waiting:
        words = waiting.pop()
        command = commands[" ".join(words)] = Command(program, words)
        waiting += [(*words, sub) for sub in command.subcommands]
    return commands


def choices(kind):
    return kind.split("|") if "|" in kind else []


def differences(where, have, want):
    missing, more = set(want) - set(have), set(have) - set(want)
    return [f"{where}: {what} {sorted(names)}" for what, names in
            (("lacks", missing), ("has what the program lacks:", more)) if names]


def man_sections():
    """The entries of each command: name of the option -> their text."""
    sections, entries, name = {}, None, None
    for line in MAN.read_text().replace("\\-", "-").splitlines():
        if match := re.match(r"\.SS signinwatch ?(.*)", line):
            entries = sections[match[1]] = {}
        elif line.startswith(".SH"):
            entries = None
        if line.startswith((".S", ".TP")):
            name = None
        elif entries is not None:
            if name is None and (match := re.match(r"\.B.*?(--[a-z-]+)", line)):
                name = match[1]
            if name is not None:
                entries[name] = entries.get(name, "") + line + "\n"
    return sections


def check_man(commands):
    sections, findings = man_sections(), []
    wanted = {name for name, command in commands.items() if not command.subcommands} | {""}
    findings += differences(MAN.name, sections, wanted)
    synopsis = MAN.read_text().split(".SH SYNOPSIS")[1].split(".SH")[0].replace("\\-", "-")
    for name in sorted(wanted & set(sections)):
        command, entries = commands[name], sections[name]
        want = set(command.options) if name == "" else command.named()
        findings += differences(f"{MAN.name}: {name}", entries, want)
        if f".B signinwatch {name}".rstrip() not in synopsis:
            findings.append(f"{MAN.name}: the synopsis lacks {name}")
        for option, kind in command.options.items():
            said = re.findall(r"[a-z0-9_]+", entries.get(option, ""))
            findings += [f"{MAN.name}: {name} {option} lacks {word}"
                         for word in choices(kind) if word not in said]
    return findings


BASH = r"""
source "$1"; shift
cd "$1" || exit; shift
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=()
_signinwatch
printf '%s\n' "${COMPREPLY[@]}"
"""


def check_bash(commands):
    findings = []
    with tempfile.TemporaryDirectory() as folder:
        names = ["day 1.json", "audit.json"]
        for name in names:
            Path(folder, name).touch()

        def complete(*words):
            answer = subprocess.run(
                ["bash", "-c", BASH, "bash", COMPLETION / "signinwatch.bash", folder,
                 "signinwatch", *words],
                capture_output=True, text=True, check=True)
            if answer.stderr:
                findings.append(f"bash: {words}: {answer.stderr}")
            return [line for line in answer.stdout.splitlines() if line]

        for name, command in sorted(commands.items()):
            words = name.split()
            findings += differences(f"bash: {name} -", complete(*words, "-"), command.options)
            beside = command.subcommands or (names if command.takes_files else [])
            findings += differences(f"bash: {name}", complete(*words, ""), beside)
            for option, kind in command.options.items():
                want = choices(kind) or (names if kind in FILES else [])
                if not kind:  # a flag: what comes next is as without it
                    want = beside
                findings += differences(f"bash: {name} {option}", complete(*words, option, ""), want)
                if choices(kind):
                    findings += differences(
                        f"bash: {name} {option}=", complete(*words, option, "=", want[0][:2]),
                        [word for word in want if word.startswith(want[0][:2])])
        findings += differences("bash: beginnings", complete("ex"), ["example-config"])
        findings += differences("bash: blanks", complete("replay", "day"), ["day 1.json"])
    return findings


def zsh_arms():
    """Command -> the words that zsh is told of it."""
    text = (COMPLETION / "_signinwatch").read_text()
    shared = dict(re.findall(r"local (config|format)='(.*)'", text))
    for name, value in shared.items():
        text = text.replace(f"${name}", f"'{value}'")
    arms = dict(re.findall(r"^    \(([a-z -]+)\)\n(.*?);;", text, re.M | re.S))
    return {name: re.findall(r"'\*?(--[a-z-]+)\[[^]]*\](?:[^']*?\(([^)]*)\))?", arm)
            for name, arm in arms.items()}, text


def check_zsh(commands):
    arms, text = zsh_arms()
    leaves = {name for name, command in commands.items() if not command.subcommands}
    findings = differences("zsh", arms, leaves)
    for name in leaves & set(arms):
        options = commands[name].options
        findings += differences(f"zsh: {name}", [o for o, _ in arms[name]], commands[name].named())
        for option, words in arms[name]:
            findings += differences(f"zsh: {name} {option}", words.split(),
                                    choices(options.get(option, "")))
    named = re.findall(r"'([a-z-]+):", text.split("commands=(")[1].split("\n    )")[0])
    return findings + differences("zsh: commands", named, commands[""].subcommands)


def check_fish(commands):
    findings, options, words = [], {}, {}
    for line in (COMPLETION / "signinwatch.fish").read_text().splitlines():
        found = re.search(r"-n '__fish_seen_subcommand_from ([a-z-]+)' -l ([a-z-]+)(.*) -d", line)
        if found:
            values = re.search(r"-a '([^']*)'", found[3])
            options.setdefault(found[1], {})["--" + found[2]] = (
                values[1].split() if values else [], "-F" in found[3], bool(found[3]))
        elif match := re.search(r"-n (.*) -a ([a-z-]+) -d", line):
            group = next((word for word in ("tickets", "sinks") if word in match[1]), "")
            words.setdefault(group, []).append(match[2])
    for name, command in commands.items():
        last = name.split()[-1] if name else ""
        findings += differences(f"fish: {name}", words.get(name, []), command.subcommands)
        if command.subcommands:
            continue
        have = options.get(last, {})
        findings += differences(f"fish: {name}", have, command.named())
        for option, (values, files, takes) in have.items():
            kind = command.options.get(option, "")
            findings += differences(f"fish: {name} {option}", values, choices(kind))
            if files != (kind in FILES) or takes != bool(kind):
                findings.append(f"fish: {name} {option} takes {kind or 'nothing'}")
    return findings


def main():
    commands = commands_of(sys.argv[1])
    assert {"serve", "replay", "tickets list"} <= set(commands), sorted(commands)
    assert commands["replay"].options["--format"] == "json|text", commands["replay"].options
    findings = (check_man(commands) + check_bash(commands) + check_zsh(commands)
                + check_fish(commands))
    return "\n".join(findings) or None


if __name__ == "__main__":
    sys.exit(main())
