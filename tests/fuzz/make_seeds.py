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
    write(seeds / "fuzz_userdata", RULES + FORWARDS)
    write(seeds / "fuzz_state", state_seeds())
    write(seeds / "fuzz_tools", [tool_seed(line) for line in TOOL_LINES] + ipfwadm_seeds())
    write(seeds / "fuzz_saved", saved_seeds())
    write(seeds / "fuzz_nft_text", [path.read_text(encoding="utf-8") for path in
                                    sorted((DATA.parent / "golden").glob("**/*.nft"))])


def parse_seeds():
    """Command lines: words with a zero byte between. Every fourth is plenty."""
    with open(DATA / "ipchains-cases.jsonl", encoding="utf-8") as lines:
        commands = [words for line in lines for words in json.loads(line)["commands"]]
    distinct = {"\0".join(words[1:]) for words in commands if words[0] == "ipchains"}
    return sorted(distinct)[::4]


def saved_seeds():
    """What was restored, behind a byte of options; and some rules with all that they can have."""
    with open(DATA / "ipchains-cases.jsonl", encoding="utf-8") as lines:
        cases = [json.loads(line) for line in lines]
    texts = {context["stdin"] for case in cases for context in case.get("context") or []
             if "stdin" in context}
    texts |= {result["stdout"] for case in cases for result in case["results"]
              if result["stdout"].startswith(":input")}
    texts.add(':input 1\n# [1:2]\n:"a b" -\n-A input -j "a b" # [3:4]\r\n-D input 1\n-L -n\n')
    return ["\x0f" + text for text in sorted(texts)]


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


# As libfw/model/forward_codec.h describes: one of each kind.
FORWARDS = [bytes.fromhex(one) for one in (
    "010006cb0071010050c0a801021f900000000a", "0101000000010a00000200500000000a",
    "0102111b3a1c0201061b9e0101", "0102060014001500c0a8010200", "01032f0a00000201",
    "010403667470001508490849")]

TOOL_LINES = [
    "ipmasqadm --state f portfw -a -P tcp -L 203.0.113.1 www -R one 80 -p 3",
    "ipmasqadm portfw -d -P udp -L 203.0.113.1 53", "ipmasqadm portfw -ln", "ipmasqadm mfw -h",
    "ipmasqadm mfw -A -m 0x1 -r 10.0.0.2 80", "ipmasqadm mfw -S -m 1", "ipmasqadm mfw -E -m 1 -r two",
    "ipportfw -A -t203.0.113.1/80 -R 10.0.0.2/80", "ipportfw -D -u one/53", "ipportfw -C",
    "ipautofw -A -r udp 6970 7170 -c tcp 7070 -u -i", "ipautofw -A -r tcp 20 21 -h one",
    "ipfwd --masq 10.0.0.2 gre", "ipfwd --foreground 10.0.0.2 50",
    "module ip_masq_ftp ports=21,2121", "module ip_masq_raudio in_ports=554"]


def tool_seed(line):
    """The number of the program, and its words with a zero byte between."""
    program, *words = line.split()
    return tool_words(program, words)


def tool_words(program, words):
    number = ["ipmasqadm", "ipportfw", "ipautofw", "ipfwd", "module", "ipfwadm"].index(program)
    return bytes([number]) + "\0".join(words).encode()


def ipfwadm_seeds():
    """Every tenth of the recorded random rules."""
    with open(DATA / "ipfwadm-packets.jsonl", encoding="utf-8") as lines:
        commands = {tuple(words[1:]) for line in lines for words in json.loads(line)["rules"]}
    return [tool_words("ipfwadm", words) for words in sorted(commands)[::10]]


def state_seeds():
    """A file without rules, one with each rule, one with each forward, and one with a chain."""
    chains = [f"chain x{name.encode().hex()} ACCEPT 0 0\n" for name in ("input", "forward", "output")]
    head = "ipchains-state 1\n" + "".join(chains)
    foo = "chain x666f6f - 0 0\n"
    rules = [f"rule 1 40 x{rule.hex()}\n" for rule in RULES]
    forwards = [f"forward 1 40 x{forward.hex()}\n" for forward in FORWARDS]
    return ([head, head + foo] + [head + foo + rule for rule in rules] + [head + foo + "".join(rules)]
            + [head + forward for forward in forwards] + [head + "".join(forwards)])


def write(directory, seeds):
    directory.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(seeds):
        seed = seed if isinstance(seed, bytes) else seed.encode()
        (directory / f"{number:05}").write_bytes(seed)


if __name__ == "__main__":
    main()
