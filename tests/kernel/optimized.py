#!/usr/bin/env python3
"""What fw-translate --optimize makes of random rules, held against what it makes without.

Both are loaded in turn into a network namespace, and the same packets come in by its interfaces:
the same ones must get through, with the same marks; and with --counters what each rule counted must
be found again, by its comment. Exit status 77 means that this machine can't.
"""

import argparse
import collections
import os
import pathlib
import random
import re
import socket
import struct
import subprocess
import sys
import tempfile
import time

from hosts import checksum, what_machine_lacks
from tally import Tally

CANNOT_RUN = 77
TESTS = pathlib.Path(__file__).resolve().parent.parent
INSIDE = "FW_TEST_INSIDE"
INTERFACES = ["eth0", "eth1", "ppp0", "ppp1"]
PACKETS = 1500
ADDRESSES = 24  # of 10.0.0.0 and behind
PORTS = 40

# Behind the rules of `input`: which packets came through, and with which mark.
PROBE = """
table ip probe {
    set seen { typeof ip id . meta mark; flags dynamic; size 65535; }
    chain late {
        type filter hook prerouting priority 0;
        add @seen { ip id . meta mark }
    }
}
"""
COUNTED = re.compile(r'counter packets (\d+) bytes (\d+)[^,{}"]*comment "([^"]*)"')

Seen = collections.namedtuple("Seen", "passed counted")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--build", type=pathlib.Path, default=TESTS.parent / "build")
    parser.add_argument("--seeds", type=int, default=8)
    options = parser.parse_args()
    if lacking := what_machine_lacks("ip", "nft", "unshare"):
        print(f"optimized: skipped: {lacking}")
        return CANNOT_RUN
    if INSIDE not in os.environ:
        words = ["unshare", "-n", sys.executable, *sys.argv]
        return subprocess.run(words, env={**os.environ, INSIDE: "1"}, check=False).returncode
    if run(["nft", "list", "ruleset"], check=False).returncode != 0:
        print("optimized: skipped: no nf_tables")
        return CANNOT_RUN
    tally = Tally()
    lay_cables()
    program = options.build.resolve() / "bin/fw-translate"
    passed = sum(compare(tally, program, seed) for seed in range(options.seeds))
    tally.check("some pass, some do not", True, 1 < 10 * passed / (PACKETS * options.seeds) < 9)
    print(f"{tally.passed} passed, {tally.failed} failed")
    return 1 if tally.failed else 0


def run(words, text=None, check=True):
    return subprocess.run(
        words, input=text, check=check, capture_output=True, text=True, timeout=60
    )


def lay_cables():
    """A packet sent into from-eth0 comes in by eth0."""
    for name in INTERFACES:
        run(["ip", "link", "add", name, "type", "veth", "peer", "name", "from-" + name])
        run(["ip", "link", "set", name, "up"])
        run(["ip", "link", "set", "from-" + name, "up"])


# --- One list of rules -----------------------------------------------------------------------


def compare(tally, program, seed):
    """Returns how many packets came through."""
    chance = random.Random(seed)
    rules = random_rules(chance)
    packets = [random_packet(chance, number) for number in range(PACKETS)]
    title = f"seed {seed}"
    with tempfile.NamedTemporaryFile("w", suffix=".sh", encoding="ascii") as script:
        script.write("".join(rule + "\n" for rule in rules))
        script.flush()

        def seen(*options):
            made = run([program, "--comments", *options, script.name]).stdout
            return made, seen_with(made, packets)

        plain, was = seen()
        shorter, optimized = seen("--optimize")
        counting, counted = seen("--optimize", "--counters")
    tally.check(f"{title}: something was merged", True, sets(shorter) > sets(plain))
    tally.check(f"{title}: elements count", True, "{ " in counting and " counter comment" in counting)
    tally.check(f"{title}: what passes", [], sorted(was.passed ^ optimized.passed))
    tally.check(f"{title}: what passes, with counters", [], sorted(was.passed ^ counted.passed))
    tally.check(f"{title}: some rules counted", True, len(+was.counted) > 5)
    tally.check(f"{title}: what was counted", [], different(was.counted, counted.counted))
    return len(was.passed)


def different(was, now):
    return [(rule, was[rule], now[rule]) for rule in {**was, **now} if was[rule] != now[rule]]


def sets(text):
    """Those of one line, and the first lines of longer ones."""
    return len(re.findall(r"^ {8}\S.* \{ ", text, re.MULTILINE))


def seen_with(text, packets):
    run(["nft", "-f", "-"], text + PROBE)
    send(packets)
    time.sleep(0.1)
    elements = run(["nft", "list", "set", "ip", "probe", "seen"]).stdout
    passed = set(re.findall(r"(\d+ \. 0x[0-9a-f]+)", elements))
    counted = collections.Counter()
    for number, _, comment in COUNTED.findall(run(["nft", "list", "table", "ip", "firewall"]).stdout):
        counted[comment] += int(number)
    run(["nft", "flush", "ruleset"])
    return Seen(passed, counted)


# --- Rules -----------------------------------------------------------------------------------


def random_rules(chance):
    """Runs of rules that differ in little, as the loops of scripts make them."""
    rules = ["ipchains -N deep", "ipchains -A deep -p tcp -s 10.0.0.3 -j RETURN"]
    rules += [f"ipchains -A deep -p tcp -d 0/0 {port} -j DENY" for port in (3, 7, 11)]
    for _ in range(12):
        words = random_words(chance)
        others = sorted(set(words) - {"protocol"})
        for _ in range(chance.randrange(1, 7)):
            for part in chance.sample(others, chance.choice([1, 1, 2])):
                words[part] = random_part(chance, part, words["protocol"])
            rules.append("ipchains -A input " + " ".join(filter(None, words.values())))
    rules.append("ipchains -P input " + chance.choice(["DENY", "ACCEPT"]))
    return rules


def random_words(chance):
    """The parts of a rule, in the order of the command line."""
    protocol = chance.choice(["", "-p tcp", "-p tcp", "-p udp", "-p icmp"])
    parts = ["source", "target"]
    parts += ["ports"] if protocol else []
    parts += ["interface"] if chance.random() < 0.3 else []
    parts += ["mark"] if chance.random() < 0.3 else []
    words = {"protocol": protocol}
    for part in parts:
        words[part] = random_part(chance, part, protocol)
    return words


def random_part(chance, part, protocol):
    if part == "interface":
        return "-i " + chance.choice([*INTERFACES, "ppp+"])
    if part == "source":
        length = chance.choice([32, 32, 32, 31, 30, 29])
        return f"-s 10.0.0.{chance.randrange(ADDRESSES)}/{length}"
    if part == "ports" and protocol == "-p icmp":
        return f"--icmp-type {chance.randrange(PORTS)}"
    if part == "ports":
        first = chance.randrange(PORTS)
        return f"-d 0/0 {first}:{first + chance.choice([0, 0, 0, 1, 4])}"
    if part == "mark":
        return f"-m {chance.randrange(1, 4)}"
    return chance.choice(["-j ACCEPT", "-j ACCEPT", "-j DENY", "-j deep", "-j RETURN", ""])


# --- Packets ---------------------------------------------------------------------------------


def random_packet(chance, number):
    """The interface that it comes in by, and its bytes."""
    protocol = chance.choice([socket.IPPROTO_TCP, socket.IPPROTO_UDP, socket.IPPROTO_ICMP])
    port = chance.randrange(PORTS + 4)
    if protocol == socket.IPPROTO_TCP:
        body = struct.pack("!HHIIBBHHH", 1025, port, 1, 0, 0x50, 0x02, 1024, 0, 0)
    elif protocol == socket.IPPROTO_UDP:
        body = struct.pack("!HHHH", 1025, port, 8, 0)
    else:
        body = struct.pack("!BBHI", port, 0, 0, 0)
    offset = 64 if chance.random() < 0.1 else 0
    addresses = bytes([10, 0, 0, chance.randrange(ADDRESSES + 2), 192, 0, 2, 1])
    length = 20 + len(body)
    header = struct.pack("!BBHHHBBH", 0x45, 0, length, number, offset, 64, protocol, 0) + addresses
    header = header[:10] + struct.pack("!H", checksum(header)) + header[12:]
    return chance.choice(INTERFACES), header + body


def send(packets):
    cables = {name: Cable(name) for name in INTERFACES}
    for name, packet in packets:
        cables[name].send(packet)
    for cable in cables.values():
        cable.close()


class Cable:
    """The far end of the one that the interface is plugged into."""

    def __init__(self, interface):
        with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as near:
            near.bind((interface, 0))
            self.header = near.getsockname()[4] + bytes(6) + b"\x08\x00"
        self.far = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
        self.far.bind(("from-" + interface, 0))

    def send(self, packet):
        self.far.send(self.header + packet)

    def close(self):
        self.far.close()


if __name__ == "__main__":
    sys.exit(main())
