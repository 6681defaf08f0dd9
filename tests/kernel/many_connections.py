#!/usr/bin/env python3
"""Twenty thousand masqueraded connections at once, while the rules are changed.

A machine in network namespaces masquerades what comes from inside; its policies are DENY, as in the
scripts of the time. Connections are opened, exchange data, stay open together, and are closed
(tests/tools/crowd.cpp), and all the time two users of ipchains add, insert, replace and delete
rules: some that concern nobody, and the rule with MASQ itself, replaced by an equal one. Nothing
that the rules allow may break or meet a policy; nothing that they deny may pass, and it is tried
all the time.

The closing line is "N passed, N failed"; the exit status 0, 1 if any failed, 77 if it can't be run
on this machine. Needs root, nf_tables and conntrack, and changes nothing outside of its namespaces.
"""

import argparse
import contextlib
import itertools
import os
import pathlib
import re
import resource
import subprocess
import sys
import threading
import time

from hosts import what_machine_lacks
from masq_trial import FIREWALL, INNER, OUTER, PUBLIC, private_network
from run_cases import CANNOT_RUN, TESTS
from tally import Tally

CONNECTIONS, ROUNDS = 20000, 8
# Of each pair of programs, as one can't have files for all. A port can have 4096 connections.
SHARE = 5000
PORTS = [(str(port), str(port + 1)) for port in (7001, 7003, 7005, 7007)]
DENIED = "199.0.0.2"
LONGEST = 55  # seconds
RULES = f"""
    ipchains -P input DENY
    ipchains -P forward DENY
    ipchains -P output DENY
    ipchains -A input -i eth0 -s 10.0.0.0/8 -j ACCEPT
    ipchains -A input -i ppp0 -p tcp -y -j DENY
    ipchains -A input -i ppp0 -p tcp -d {PUBLIC} 61000:65095 -j ACCEPT
    ipchains -A forward -i ppp0 -d {DENIED} -j DENY
    ipchains -A forward -i ppp0 -s 10.0.0.0/8 -j MASQ
    ipchains -A output -i ppp0 -s {PUBLIC} -j ACCEPT
    ipchains -A output -i eth0 -d 10.0.0.0/8 -j ACCEPT
"""
MASQ = "-i ppp0 -s 10.0.0.0/8 -j MASQ"
# What the two users do, over and over. 192.0.2.0/24 is nobody's.
FORWARD = [
    "-I forward 1 -s 192.0.2.{n} -j DENY",
    f"-R forward 3 {MASQ}",
    "-A forward -d 192.0.2.{n} -j REJECT",
    "-D forward 1",
    f"-R forward 2 {MASQ}",
    "-I forward 2 -p udp -d 192.0.2.{n} -j MASQ",
    "-D forward -d 192.0.2.{n} -j REJECT",
    "-D forward 2",
]
OTHERS = [
    "-A input -s 192.0.2.{n} -j DENY",
    "-I output 1 -d 192.0.2.{n} -l -j REJECT",
    "-N passing",
    "-A passing -p tcp -s 192.0.2.{n} -j DENY",
    "-I input -j passing",
    "-R output 1 -d 192.0.2.{n} -j DENY",
    "-D input 1",
    "-F passing",
    "-X passing",
    "-D input -s 192.0.2.{n} -j DENY",
    "-D output 1",
]
# What comes to the hosts: connections that are opened, and what must not come.
SYN = "tcp flags & (syn | ack) == syn"
SEEN = {
    "outside": {"opened": SYN, "denied": f"ip daddr {DENIED}", "bare": "ip saddr 10.0.0.0/8"},
    "inside": {"opened": SYN},
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--build", type=pathlib.Path, default=TESTS.parent / "build")
    build = parser.parse_args().build.resolve()
    for program in ("bin/ipchains", "tests/crowd"):
        if not os.access(build / program, os.X_OK):
            sys.exit(f"many_connections: {program} is not built in {build}")
    os.environ["PATH"] = f"{build}/bin:{build}/tests:/usr/sbin:/usr/bin:/sbin:/bin"
    problem = what_is_missing()
    if problem:
        print(f"many_connections: skipped: {problem}")
        return CANNOT_RUN
    tally = Tally()
    with Crowd(tally) as crowd:
        crowd.set_up()
        crowd.run()
    print(f"{tally.passed} passed, {tally.failed} failed")
    return 1 if tally.failed else 0


def what_is_missing():
    if lacking := what_machine_lacks("ip", "nft"):
        return lacking
    if resource.getrlimit(resource.RLIMIT_NOFILE)[1] < 2 * SHARE:
        return f"a program must be allowed {2 * SHARE} open files (ulimit -Hn)"
    try:
        most = int(pathlib.Path("/proc/sys/net/netfilter/nf_conntrack_max").read_text("ascii"))
        if most < 2 * CONNECTIONS:
            return f"net.netfilter.nf_conntrack_max is {most}, must be {2 * CONNECTIONS} or more"
        with Crowd(Tally()) as crowd:
            listed = crowd.command("nft list ruleset")
            return None if listed.returncode == 0 else "no nf_tables: " + listed.stderr
    except (OSError, subprocess.SubprocessError) as problem:
        return f"no network namespaces or no conntrack: {problem}"


class Crowd:
    def __init__(self, tally):
        self.tally = tally
        self.net = private_network()
        self.programs = []
        self.over = threading.Event()
        self.done = 0  # commands of the two users
        self.lock = threading.Lock()

    def __enter__(self):
        return self

    def __exit__(self, *problem):
        self.over.set()
        for program in self.programs:
            program.kill()
            program.communicate()
        self.net.__exit__(*problem)

    def check(self, what, wanted, found):
        self.tally.check(what, wanted, found)

    def command(self, text, host=FIREWALL, **options):
        words = text.split()
        return self.net.run(host, words, capture_output=True, text=True, timeout=30, **options)

    def set_up(self):
        for line in RULES.strip().splitlines():
            done = self.command(line)
            self.check(line.strip(), (0, ""), (done.returncode, done.stderr))
        for host, kinds in SEEN.items():
            counters = "".join(f"counter {name} {{ }}\n" for name in kinds)
            rules = "".join(f"{what} counter name {name}\n" for name, what in kinds.items())
            hook = "type filter hook prerouting priority -300;"
            table = f"table ip seen {{\n{counters}chain arriving {{\n{hook}\n{rules}}}\n}}\n"
            done = self.command("nft -f -", host, input=table)
            self.check(f"counters {host}", (0, ""), (done.returncode, done.stderr))

    def run(self):
        servers = [self.start("outside", "serve", "0.0.0.0", *ports) for ports in PORTS]
        self.hear(servers, "ready")
        knocks = [
            self.start("inside", "knock", DENIED, PORTS[0][0]),
            self.start("outside", "knock", PUBLIC, "61500"),
            self.start("outside", "knock", INNER, "80"),
        ]
        users = [threading.Thread(target=self.use, args=(words,)) for words in (FORWARD, OTHERS)]
        for user in users:
            user.start()
        watch = threading.Timer(LONGEST, self.stop)
        watch.start()
        times = self.connect()
        self.over.set()
        for user in users:
            user.join()
        watch.cancel()
        for server in servers:
            self.end_of(server, f"({SHARE}) came, {SHARE} closed\n")
        tried = [self.end_of(knock, r"(\d+) tried, 0 let in\n") for knock in knocks]
        self.check("knocks", [True] * 3, [count > 100 for count in tried])
        outside = self.check_counts()
        print(
            f"{CONNECTIONS} connections, {outside['opened']} SYNs, open after {times[0]:.1f} s, "
            f"closed after {times[1]:.1f} s; {self.done} changes of rules; "
            f"{sum(tried)} tries that are denied"
        )

    def connect(self):
        """Returns when all were open, and when they were closed, in seconds."""
        start = time.monotonic()
        words = ["connect", str(SHARE), str(ROUNDS), OUTER]
        clients = [self.start("inside", *words, *ports) for ports in PORTS]
        self.hear(clients, "open")
        opened = time.monotonic() - start
        self.check_listing()
        for client in clients:
            with contextlib.suppress(BrokenPipeError):
                client.stdin.write("\n")
                client.stdin.flush()
        for client in clients:
            self.end_of(client, f"({SHARE}) good, 0 broken\n")
        return opened, time.monotonic() - start

    def check_listing(self):
        lines = self.command("ipchains -M -L -n").stdout.splitlines()
        self.check("ipchains -M -L: lines", CONNECTIONS + 2, len(lines))
        row = re.compile(rf"TCP  \S+ +{INNER} +{OUTER} +\d+ \(6\d{{4}}\) -> 700\d")
        strange = [line for line in lines[2:] if not row.fullmatch(line)]
        self.check("ipchains -M -L: strange lines", [], strange[:3])

    def check_counts(self):
        outside, inside = self.seen("outside"), self.seen("inside")
        self.check("connections that came out", True, outside["opened"] >= CONNECTIONS)
        self.check("packets to the denied host", 0, outside["denied"])
        self.check("packets with an inner address", 0, outside["bare"])
        self.check("connections that came in", 0, inside["opened"])
        rules = [line.split() for line in self.command("ipchains -L -n -v -x").stdout.splitlines()]
        policies = [line[4:7] for line in rules if line[:1] == ["Chain"]]
        self.check("policies", [["0", "packets,", "0"]] * 3, policies)
        return outside

    def seen(self, host):
        text = self.command("nft list counters table ip seen", host).stdout
        found = re.findall(r"counter (\w+) {\s+packets (\d+)", text)
        return {name: int(count) for name, count in found}

    # --- Who does something

    def hear(self, programs, word):
        for program in programs:
            self.check(" ".join(program.args), word + "\n", program.stdout.readline())

    def start(self, host, *words):
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        with self.net.on(host):
            program = subprocess.Popen(["crowd", *words], text=True, **pipes)
        self.programs.append(program)
        return program

    def end_of(self, program, pattern):
        """What it counted."""
        said, complaints = program.communicate()
        match = re.fullmatch(pattern, said)
        title = f"{' '.join(program.args)}: {said.strip()}"
        self.check(title, ("", 0, True), (complaints, program.returncode, match is not None))
        return int(match[1]) if match else 0

    def use(self, commands):
        for n in itertools.cycle(range(1, 255)):
            for command in commands:
                text = "ipchains " + command.format(n=n)
                done = self.command(text)
                if done.returncode != 0 or done.stderr:
                    self.check(text, (0, ""), (done.returncode, done.stderr))
                with self.lock:
                    self.done += 1
            if self.over.is_set():
                return

    def stop(self):
        self.check(f"time: {LONGEST} seconds", "enough", "not enough")
        self.over.set()
        for program in self.programs:
            program.kill()


if __name__ == "__main__":
    sys.exit(main())
