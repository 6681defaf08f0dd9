#!/usr/bin/env python3
"""Nothing is lost: by many at once, by interruption, by other programs, by damage; or
(--suite restoring) by saving, restoring, applying, and starting up; or (--suite ipfwadm) what
ipfwadm does beside answering as it did.

Each check of robust/*.py and so on (functions named check_...) runs in a network namespace
of its own, with the real kernel. A check that fails says what it saw.

The closing line is "N passed, N failed"; the exit status 0, 1 if any failed, 77 if this machine
can't: no root, or no nf_tables.
"""

import argparse
import concurrent.futures
import importlib
import os
import pathlib
import sys
import time
import traceback

from robust import sandbox

SUITES = {
    "robust": ["concurrent_commands", "disturbed", "interrupted", "foreign", "damaged", "names",
               "counted", "golden"],
    "restoring": ["files", "chains", "others", "stream", "applied", "boot"],
    "ipfwadm": ["commands", "beside", "traffic", "saved"],
}
CANNOT_RUN = 77


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--build", type=pathlib.Path,
                        default=pathlib.Path(__file__).resolve().parents[2] / "build")
    parser.add_argument("--suite", choices=SUITES, default="robust")
    parser.add_argument("--only", nargs="+", metavar="WORD", help="checks with WORD in their name")
    options = parser.parse_args()
    sandbox.BUILD = options.build.resolve()
    problem = what_is_missing()
    if problem:
        print(f"robust: skipped: {problem}")
        return CANNOT_RUN
    with concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
        outcomes = list(pool.map(run, checks(options.suite, options.only)))
    print(f"{outcomes.count(True)} passed, {outcomes.count(False)} failed")
    return 0 if all(outcomes) else 1


def what_is_missing():
    if os.geteuid() != 0:
        return "needs root"
    try:
        in_namespace(lambda: sandbox.nft("list ruleset"))
    except (AssertionError, OSError) as error:
        return f"no nftables in a network namespace: {error}"
    return None


def checks(suite, only):
    for part in SUITES[suite]:
        module = importlib.import_module(f"{suite}.{part}")
        for name, check in vars(module).items():
            if name.startswith("check_") and (not only or any(word in name for word in only)):
                yield part, name, check


def run(named):
    part, name, check = named
    start = time.monotonic()
    try:
        in_namespace(check)
        result = ""
    except AssertionError as error:
        result = str(error)
    print(f"{'FAILED' if result else 'ok    '} {time.monotonic() - start:5.1f} s  "
          f"{part}: {name.removeprefix('check_').replace('_', ' ')}", flush=True)
    if result:
        print("    " + result.replace("\n", "\n    "), flush=True)
    return not result


def in_namespace(check):
    """Runs in a child that has a network of its own; what it complains of is raised here."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        try:
            sandbox.unshare_network()
            check()
        except BaseException:
            os.write(writing, traceback.format_exc(limit=-2)[-3000:].encode())
            os._exit(1)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as answer:
        problem = answer.read()
    os.waitpid(child, 0)
    assert not problem, problem


if __name__ == "__main__":
    sys.exit(main())
