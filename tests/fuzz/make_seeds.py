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
    write(seeds / "fuzz_userdata", RULES)
    write(seeds / "fuzz_state", state_seeds())


def parse_seeds():
    """Command lines: words with a zero byte between. Every fourth is plenty."""
    with open(DATA / "ipchains-cases.jsonl", encoding="utf-8") as lines:
        commands = [words for line in lines for words in json.loads(line)["commands"]]
    distinct = {"\0".join(words[1:]) for words in commands if words[0] == "ipchains"}
    return sorted(distinct)[::4]


def field(tag, value):
    """As libfw/model/codec.h describes: tag, length, value."""
    return bytes([tag, len(value)]) + value


ADDRESS = bytes.fromhex("0a000000ff00000000")
TARGETS = [field(15, value) for value in (b"\1", b"\2", b"\3", b"\4", b"\5\x1f\x90", b"\6", b"\7foo")]
FIELDS = [field(1, ADDRESS), field(2, ADDRESS), field(3, b"\0\6\0"), field(4, b"\0\0\x50\0\x50"),
          field(5, b"\1\0\1\3\xff"), field(6, b"\1ppp"), field(7, b"\x0a\0\0\1"), field(8, b"\1"),
          field(9, b"\0"), field(10, b"\1"), field(11, b"\7"), field(12, b"\xff\xff"),
          field(13, b"\1\x10"), field(14, b"\1\0\0\0\5")]
# Each field by itself, each target, and all fields in one.
RULES = [b"\1" + one for one in FIELDS + TARGETS] + [b"\1" + b"".join(FIELDS + TARGETS[6:])]


def state_seeds():
    """A file without rules, one with each rule, and one with a chain of the user's."""
    chains = [f"chain x{name.encode().hex()} ACCEPT 0 0\n" for name in ("input", "forward", "output")]
    head = "ipchains-state 1\n" + "".join(chains)
    foo = "chain x666f6f - 0 0\n"
    rules = [f"rule 1 40 x{rule.hex()}\n" for rule in RULES]
    return [head, head + foo] + [head + foo + rule for rule in rules] + [head + foo + "".join(rules)]


def write(directory, seeds):
    directory.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(seeds):
        seed = seed if isinstance(seed, bytes) else seed.encode()
        (directory / f"{number:05}").write_bytes(seed)


if __name__ == "__main__":
    main()
