#!/usr/bin/env python3
"""Runs the scripts of the ipchains HOWTO on a machine in a network, and tries connections.

For each script of tests/data/scripts: hosts in network namespaces of their own; every command must
succeed and be silent on standard error; then connections are tried, each of which must pass, be
refused or vanish as the rules say. After that the table of nf_tables is listed, deleted and loaded
again from its listing, and the same must hold.

Where a misprint makes a script do something else than the text around it says, the table is of
what the rules do; section 7 is also run as it was meant.

The closing line is "N passed, N failed"; the exit status 0, 1 if any failed, 77 if it can't be run
on this machine. Needs root and nf_tables; changes nothing outside.
"""

import argparse
import functools
import os
import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import threading

from hosts import ARRIVES, CLOSED, PASSES, REFUSED, SILENT, Cell, Network, checksum
from run_cases import CANNOT_RUN, CLONE_NEWNS, MS_BIND, MS_PRIVATE, MS_REC, TESTS, mount, unshare

SCRIPTS = TESTS / "data/scripts"
LOCALIP = "192.0.2.42"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--build", type=pathlib.Path, default=TESTS.parent / "build")
    build = parser.parse_args().build.resolve()
    if not os.access(build / "bin/ipchains", os.X_OK):
        sys.exit(f"howto: ipchains is not built in {build}")
    if os.geteuid() != 0:
        print("howto: skipped: needs root")
        return CANNOT_RUN
    try:
        know_the_names()
        with one_modem():
            pass
    except (OSError, subprocess.SubprocessError) as problem:
        print(f"howto: skipped: no hosts in network namespaces: {problem}")
        return CANNOT_RUN
    with tempfile.TemporaryDirectory(prefix="howto-") as programs:
        tally = Tally()
        if not put_programs(build, programs):
            print("howto: skipped: no nf_tables")
            return CANNOT_RUN
        for section in (useful_examples, forged_addresses, serious_as_printed, serious_as_meant, first_steps, ip_up_and_down):
            section(tally)
    print(f"{tally.passed} passed, {tally.failed} failed")
    return 1 if tally.failed else 0
