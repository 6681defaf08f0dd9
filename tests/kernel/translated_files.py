#!/usr/bin/env python3
"""Loads the files of tests/golden/translate with the real nft, each into a network namespace of its
own: it must load, load again in place of itself, and what nft lists must load and list the same.

The closing line is "N passed, N failed"; the exit status 0, 1 if any failed, 77 if it can't be run
on this machine. Needs root and nf_tables.
"""

import pathlib
import subprocess
import sys

CANNOT_RUN = 77
FILES = pathlib.Path(__file__).resolve().parent.parent / "golden" / "translate"

# $1 is the file. The table's second loading must leave nothing of the first behind.
STEPS = """
first=$(mktemp) second=$(mktemp)
trap 'rm -f "$first" "$second"' EXIT
nft -f "$1" && nft -s list ruleset > "$first" || exit 1
grep -q chain "$first" || { echo 'nothing was loaded'; exit 1; }
nft -f "$1" && nft -s list ruleset > "$second" && diff "$first" "$second" || exit 1
nft flush ruleset && nft -f "$first" && nft -s list ruleset > "$second" && diff "$first" "$second"
"""


def in_namespace(script, *words):
    command = ["unshare", "-n", "sh", "-c", script, "sh", *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def main():
    try:
        probe = in_namespace("nft add table ip probe")
    except FileNotFoundError:
        return CANNOT_RUN
    if probe.returncode != 0:
        print("no root, or no nf_tables: " + probe.stderr.strip())
        return CANNOT_RUN
    passed = failed = 0
    for file in sorted(FILES.glob("*.nft")):
        done = in_namespace(STEPS, str(file))
        if done.returncode == 0:
            passed += 1
            continue
        failed += 1
        print(f"{file.name}:\n{done.stdout}{done.stderr}")
    print(f"{passed} passed, {failed} failed")
    return 0 if failed == 0 and passed > 0 else 1


if __name__ == "__main__":
    sys.exit(main())
