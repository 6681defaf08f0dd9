#!/usr/bin/env python3
"""Writes what the fuzzers start from: seeds/FUZZER/NAME, made from the recorded cases.

Usage: make_seeds.py DIRECTORY
"""

import json
import pathlib
import sys

DATA = pathlib.Path(__file__).resolve().parent.parent / "data"


def main():
    seeds = pathlib.Path(sys.argv[1])
    write(seeds / "fuzz_parse", parse_seeds())


def parse_seeds():
    """Command lines: words with a zero byte between. Every fourth is plenty."""
    with open(DATA / "ipchains-cases.jsonl", encoding="utf-8") as lines:
        commands = [words for line in lines for words in json.loads(line)["commands"]]
    distinct = {"\0".join(words[1:]) for words in commands if words[0] == "ipchains"}
    return sorted(distinct)[::4]


def write(directory, seeds):
    directory.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(seeds):
        (directory / f"{number:05}").write_text(seed, encoding="utf-8")


if __name__ == "__main__":
    main()
