#!/usr/bin/env python3
"""Masquerading, redirecting, marking and forwarding, with real connections between hosts.

Each behaviour is tried in network namespaces of its own (masq_trial.py): hosts inside and outside
and the machine between them, where the real programs are run. The behaviours are in masq_*.py. Most
of the time is spent waiting for what must not come, so many are tried at once.

With --translated, the rules are not made by ipchains: what fw-translate makes of the commands is
loaded after each, plain and optimized.

The closing line is "N passed, N failed"; the exit status 0, 1 if any failed, 77 if they can't be
tried on this machine. Needs root and nf_tables, and changes nothing outside of its namespaces.
"""

import argparse
import concurrent.futures
import os
import pathlib
import subprocess
import sys
import time
import traceback

import masq_changes
import masq_errors
import masq_forwards
import masq_ftp
import masq_marks
import masq_pptp
import masq_redirect
import masq_reload
import masq_rules
import masq_tracking
import masq_vpn
from hosts import what_machine_lacks
from masq_trial import Trial
from run_cases import CANNOT_RUN, TESTS
from tally import Tally

MODULES = [
    masq_forwards,
    masq_ftp,
    masq_pptp,
    masq_vpn,
    masq_rules,
    masq_errors,
    masq_changes,
    masq_reload,
    masq_redirect,
    masq_marks,
    masq_tracking,
]
AT_ONCE = 6

# What is about the programs' own table: counters as they list them, and existing connections.
NOT_TRANSLATED = {
    "delete_and_flush",
    "those_that_exist_go_on",
    "answers_skip_forward",
    "reject_in_output",
    "every_packet_counts",
    "fragments",
    "big_datagrams",
    "misprint",
    "addresses_of_interfaces",
}
WAYS = [["--comments", "--optimize", "--counters"]]  # of fw-translate


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--build", type=pathlib.Path, default=TESTS.parent / "build")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="try these behaviours")
    parser.add_argument("--translated", action="store_true", help="load what fw-translate makes")
    parser.add_argument("--times", action="store_true", help="say how long each took")
    options = parser.parse_args()
    build = options.build.resolve()
    if not os.access(build / "bin/ipchains", os.X_OK):
        sys.exit(f"masquerading: ipchains is not built in {build}")
    os.environ["PATH"] = f"{build}/bin:{build}/libexec/ipchains:/usr/sbin:/usr/bin:/sbin:/bin"
    problem = what_is_missing()
    if problem:
        print(f"masquerading: skipped: {problem}")
        return CANNOT_RUN
    groups = [group for module in MODULES for group in module.GROUPS]
    if options.only:
        groups = [group for group in groups if group.__name__ in options.only]
    if not groups:
        sys.exit("masquerading: no such behaviours")
    tally = Tally()
    if options.translated:
        groups = [group for group in groups if group.__name__ not in NOT_TRANSLATED]
    for way in WAYS if options.translated else [None]:
        Trial.translation = way
        try_all(tally, groups, options.times)
    print(f"{tally.passed} passed, {tally.failed} failed")
    return 1 if tally.failed else 0


def what_is_missing():
    if lacking := what_machine_lacks("ip", "nft"):
        return lacking
    try:
        with Trial(Tally(), "") as trial:
            listed = trial.run("nft list ruleset")
            return None if listed.returncode == 0 else "no nf_tables: " + listed.stderr
    except (OSError, subprocess.SubprocessError) as problem:
        return str(problem)


def try_all(tally, groups, times):
    def attempt(group):
        start = time.monotonic()
        try:
            group(tally)
        except Exception as problem:  # the others are to be tried
            traceback.print_exc()
            tally.check(group.__name__, None, problem)
        if times:
            print(f"{time.monotonic() - start:6.1f} s {group.__name__}", flush=True)

    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(attempt, groups))


if __name__ == "__main__":
    sys.exit(main())
