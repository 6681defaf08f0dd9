#!/usr/bin/env python3
"""Random sequences of commands, with traffic: the kernel's firewall and one in a file stay equal.

Commands of ipchains, ipmasqadm, ipfwd and ip-masq-module (sequence_commands.py) are given to both.
After each
- both said the same, and all their listings are equal;
- the kernel's table, which many small changes have made, is the one that nft loads from the script
  for the file's;
- the command has changed the counters that it must change, and no other; and before it, every
  packet that came to a chain has been counted once by a policy or by a rule that ends its way.

In other sequences, everything from inside is masqueraded or denied, whatever else the commands do:
nothing with an inner address comes out, and nothing that outside sends to one gets in.

A failure is shown with the seed and all commands so far. The closing line is "N passed, N failed";
the exit status 0, 1 if any failed, 77 if they can't be run on this machine. Needs root and
nf_tables, and changes nothing outside of its namespaces.
"""

import argparse
import concurrent.futures
import itertools
import os
import pathlib
import random
import shlex
import subprocess
import sys
import time
import traceback

from hosts import what_machine_lacks
from masq_wire import ICMP
from run_cases import CANNOT_RUN, TESTS
from sequence_commands import ONCE_WRONG, BehindMasq, Commands
from sequence_stage import DIRECT, PING, Stage
from tally import Tally

AT_ONCE = 2


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--build", type=pathlib.Path, default=TESTS.parent / "build")
    parser.add_argument("--seed", type=int, default=1, help="of the first sequence")
    parser.add_argument("--sequences", type=int, default=4, help="of each kind")
    parser.add_argument("--steps", type=int, default=100, help="commands in a sequence")
    options = parser.parse_args()
    build = options.build.resolve()
    if not os.access(build / "bin/ipchains", os.X_OK):
        sys.exit(f"sequences: ipchains is not built in {build}")
    os.environ["PATH"] = f"{build}/bin:{build}/libexec/ipchains:/usr/sbin:/usr/bin:/sbin:/bin"
    os.environ.pop("IPCHAINS_STATE", None)
    problem = what_is_missing()
    if problem:
        print(f"sequences: skipped: {problem}")
        return CANNOT_RUN
    tally = run_all(range(options.seed, options.seed + options.sequences), options.steps)
    print(f"{tally.passed} passed, {tally.failed} failed")
    return 1 if tally.failed else 0


def what_is_missing():
    if lacking := what_machine_lacks("ip", "nft"):
        return lacking
    try:
        with Stage(random.Random(0)) as stage:
            listed = stage.run("ipchains -L -n")
            return None if listed.returncode == 0 else "no nf_tables: " + listed.stderr
    except (OSError, subprocess.SubprocessError) as problem:
        return str(problem)


def run_all(seeds, steps):
    tally = Tally()

    def attempt(kind, seed):
        start = time.monotonic()
        try:
            kind(tally, seed, steps)
        except Exception as problem:  # the others are to be run
            traceback.print_exc()
            tally.check(f"{kind.__name__} {seed}", None, problem)
        print(f"{time.monotonic() - start:5.1f} s  {kind.__name__}, seed {seed}", flush=True)

    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        pool.submit(attempt, show_a_leak, 0)
        for kind in (once_wrong, stay_equal, stay_inside):
            for seed in seeds:
                pool.submit(attempt, kind, seed)
    return tally


# --- Kernel and file


def stay_equal(tally, seed, steps):
    chance = random.Random(seed)
    commands = Commands(chance)
    made = (commands.next() for _ in range(steps))
    follow(tally, f"stay_equal, seed {seed}", chance, itertools.chain(commands.START, made))


def once_wrong(tally, seed, _):
    for text in ONCE_WRONG:
        commands = map(str.split, text.strip().splitlines())
        follow(tally, f"once_wrong, seed {seed}", random.Random(seed), commands)


def follow(tally, title, chance, commands):
    """Gives them to kernel and file, until something is wrong."""
    given = [["ipchains", "-P", "input", "ACCEPT"]]
    with Stage(chance) as stage:
        stage.both(given[0])
        before, seen = stage.counts(), stage.settle()
        for words in commands:
            given.append(words)
            stage.traffic()
            now_seen, counted = stage.settle(), stage.counts()
            stage.listen()
            problems = all_counted(before, counted, seen, now_seen)
            done, differ = stage.both(words)
            before, seen = stage.counts(), now_seen
            problems += differ + stage.differences()
            problems += changed_counts(counted, before, words if done else [])
            if not went_well(tally, title, given, problems):
                return


def all_counted(before, after, seen, now_seen):
    wanted = [new - old for new, old in zip(now_seen, seen, strict=True)]
    found = [new - old for new, old in zip(after.ended, before.ended, strict=True)]
    if wanted == found:
        return []
    return [f"before it: {found} packets and bytes were counted, {wanted} came to the chains"]


def changed_counts(before, after, words):
    """What is wrong with the counters after a command that was carried out."""
    problems = []
    if before.policies != after.policies:
        problems.append(f"policies counted {before.policies}, now {after.policies}")
    for chain, rules in after.rules.items():
        old = before.rules.get(chain, [])
        wanted = expected_counts(old, words[1:]) if concerns(words, chain) else old
        if wanted is not None and wanted != rules:
            problems.append(f"{chain}: rules counted {old}, now {rules}, should be {wanted}")
    return problems


def concerns(words, chain):
    return words[:1] == ["ipchains"] and words[2:3] in ([chain], [])


def expected_counts(old, words):
    """The counters of the rules of a chain after a command for it; None if that isn't known."""
    command, *rest = words
    if command == "-D" and "-b" in rest:
        return None
    if command == "-A":
        return old + [(0, 0)] * (2 if "-b" in rest else 1)
    if command in ("-I", "-D"):
        at = int(rest[1]) - 1
        return old[:at] + ([(0, 0)] + old[at:] if command == "-I" else old[at + 1 :])
    if command == "-Z":
        return [(0, 0)] * len(old)
    return [] if command == "-F" else old


# --- Inside and outside


def stay_inside(tally, seed, steps):
    chance = random.Random(seed)
    commands = BehindMasq(chance)
    given = []
    with Stage(chance) as stage:
        masqueraded = 0
        made = (commands.next() for _ in range(steps))
        for words in itertools.chain(commands.START, made):
            given.append(words)
            stage.run(words)
            stage.traffic()
            stage.settle()
            out, leaks = leaked(stage)
            masqueraded += out
            if not went_well(tally, f"stay_inside, seed {seed}", given, leaks):
                return
        tally.check(f"stay_inside {seed}: something was masqueraded", True, masqueraded > 0)


def leaked(stage):
    """How many packets came out by the public address, and those that should not have passed."""
    heard = stage.listen()
    out = [packet for packet in heard["outside"] if packet.source.startswith("10.")]
    into = [packet for packet in heard["inside"] if is_direct(packet)]
    return len(heard["outside"]) - len(out), [f"passed: {packet}" for packet in out + into]


def is_direct(packet):
    """Pings are never forwarded to an inner host."""
    ping = packet.protocol == ICMP and packet.source_port == PING
    return packet.source_port == DIRECT or ping and not packet.source.startswith("10.")


def show_a_leak(tally, seed, _):
    """What the other sequences look for can be seen: here forward lets everything pass."""
    with Stage(random.Random(seed)) as stage:
        stage.run("ipchains -P forward ACCEPT")
        for _ in range(5):
            stage.traffic()
        stage.settle()
        text = " ".join(leaked(stage)[1])
        seen = ["-> 199.0.0.1:" in text, "-> 10.0.0.2:" in text]
        tally.check("show_a_leak: both ways", [True, True], seen)


def went_well(tally, title, given, problems):
    if problems:
        print(f"--- {title}, the commands:")
        print("\n".join(map(shlex.join, given)))
        print("--- wrong after the last:\n" + "\n".join(problems), flush=True)
    tally.check(f"{title}, command {len(given)}: wrong", 0, len(problems))
    return not problems


if __name__ == "__main__":
    sys.exit(main())
