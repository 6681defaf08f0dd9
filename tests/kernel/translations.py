#!/usr/bin/env python3
"""Translates command lists, saved rules and whole scripts, and loads what comes out.

Lists and saved rules of tests/data/scripts go through fw-translate in each of its ways. What it
writes must load with nft -f into an empty network namespace; what nft lists then must load, too,
and list the same; --verify must find no difference; and --to ipchains must say what ipchains-save
says after the same commands.

Scripts go through fw-translate --run, as root and as nobody. They must end as scripts do, leave the
rules that stand in a file beside them, and what is written must load as above. See
translation_cases.py.

The closing line is "N passed, N failed"; the exit status 0, 1 if any failed, 77 if it can't be run
on this machine. Needs root and nf_tables, and changes nothing outside of its namespaces.
"""

import argparse
import collections
import concurrent.futures
import difflib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import translation_cases as cases
from hosts import what_machine_lacks
from run_cases import CANNOT_RUN, CLONE_NEWNS, MS_BIND, MS_PRIVATE, MS_REC, TESTS, mount, unshare
from tally import Tally

WAYS = [[], ["--comments"], ["--optimize"], ["--optimize", "--counters"],
        ["--comments", "--optimize", "--counters", "--table", "gate"]]  # fmt: skip
WORDS = {word for way in WAYS for word in way}
NOBODY = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"]
PROGRAMS = ["fw-translate", "ipchains", "ipchains-save", "ipchains-restore", "ipfwadm"]
AT_ONCE = 2

Result = collections.namedtuple("Result", "status out err")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--build", type=pathlib.Path, default=TESTS.parent / "build")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="files to translate")
    options = parser.parse_args()
    build = options.build.resolve()
    for program in PROGRAMS:
        if not os.access(build / "bin" / program, os.X_OK):
            sys.exit(f"translations: {program} is not built in {build}")
    with tempfile.TemporaryDirectory() as directory:
        problem = what_is_missing(build, pathlib.Path(directory))
        if problem:
            print(f"translations: skipped: {problem}")
            return CANNOT_RUN
        tally = Tally()
        try_all(tally, chosen(options.only))
    print(f"{tally.passed} passed, {tally.failed} failed")
    return 1 if tally.failed else 0


def chosen(names):
    """What is to be tried: pairs of a function and its argument."""
    all_of_them = [
        *((try_list, path) for path in cases.LISTS if path.name not in cases.WRONG),
        *((try_ipfwadm_list, path) for path in cases.IPFWADM_LISTS if path.name not in cases.WRONG),
        *((try_wrong_list, path) for path in [*cases.LISTS, *cases.IPFWADM_LISTS] if path.name in cases.WRONG),
        *((try_saved, path) for path in cases.SAVED),
        *((try_script, script) for script in cases.scripts()),
    ]
    if names is None:
        return all_of_them
    return [(action, what) for action, what in all_of_them if set(names) & words_of(what)]


def words_of(what):
    path = getattr(what, "path", what)
    return {path.name, path.stem, str(what)}


def try_all(tally, wanted):
    if not wanted:
        sys.exit("translations: no such files")
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(lambda one: one[0](tally, one[1]), wanted))


# --- The stage -------------------------------------------------------------------------------


def what_is_missing(build, directory):
    """An /etc with the names and files of the tests, and our programs in PATH."""
    if lacking := what_machine_lacks("ip", "nft", "unshare", "setpriv", "bash"):
        return lacking
    etc = directory / "etc"
    shutil.copytree(TESTS / "data/etc", etc)
    shutil.copytree(TESTS / "data/scripts/etc", etc, dirs_exist_ok=True)
    shutil.copy(etc / "hosts-howto", etc / "hosts")
    for name in ("alternatives", "passwd", "group", "ld.so.cache"):
        copy_own(pathlib.Path("/etc") / name, etc / name)
    directory.chmod(0o755)
    try:
        unshare(CLONE_NEWNS)
        mount(None, "/", MS_REC | MS_PRIVATE)
        mount(etc, "/etc", MS_BIND)
        os.environ["PATH"] = f"{build}/bin:{build}/libexec/ipchains:/usr/sbin:/usr/bin:/sbin:/bin"
        listed = run(["unshare", "-n", "nft", "list", "ruleset"])
        return None if listed.status == 0 else "no nf_tables: " + listed.err
    except (OSError, subprocess.SubprocessError) as problem:
        return str(problem)


def copy_own(source, target):
    """What programs of this machine look for."""
    if source.is_dir():
        shutil.copytree(source, target, symlinks=True)
    elif source.exists():
        shutil.copy(source, target)


def run(words, text=""):
    done = subprocess.run(words, input=text, capture_output=True, text=True, timeout=120)
    return Result(done.returncode, done.stdout, done.stderr)


# --- Lists and saved rules -------------------------------------------------------------------


def try_list(tally, path):
    reference = as_ipchains_has_it(path)
    translated = run(["fw-translate", "--to", "ipchains", str(path)])
    tally.check(f"{path.name}: --to ipchains", (0, ""), complaint(translated))
    tally.check(f"{path.name}: rules", [], differing(reference, rules(translated.out)))
    for way in WAYS:
        try_way(tally, path.name, [*way, str(path)])


def try_ipfwadm_list(tally, path):
    expected = cases.ipfwadm_list(path)
    described = [word for interface in expected.interfaces for word in ("--with", interface)]
    translated = run(["fw-translate", "--to", "ipchains", *described, str(path)])
    tally.check(f"{path.name}: --to ipchains", (0, ""), complaint(translated))
    tally.check(f"{path.name}: rules", [], differing(expected.rules, rules(translated.out)))
    for words in expected.says:
        tally.check(f"{path.name}: says {words!r}: {translated.out}", True, words in translated.out)
    for way in WAYS:
        try_way(tally, path.name, [*way, *described, str(path)])


def try_wrong_list(tally, path):
    line, word = cases.WRONG[path.name]
    translated = run(["fw-translate", str(path)])
    tally.check(f"{path.name}: status, output", (1, ""), (translated.status, translated.out))
    for part in (f"{path} line {line}: ", word):
        tally.check(f"{path.name}: {part} in {translated.err}", True, part in translated.err)


def try_saved(tally, path):
    reference = run(["unshare", "-n", "sh", "-c", f"ipchains-restore < {path} && ipchains-save"])
    translated = run(["fw-translate", "--to", "ipchains", str(path)])
    tally.check(f"{path.name}: --to ipchains", (0, ""), complaint(translated))
    tally.check(f"{path.name}: rules", [], differing(rules(reference.out), rules(translated.out)))
    for way in WAYS:
        try_way(tally, path.name, [*way, str(path)])


def as_ipchains_has_it(path):
    """The list carried out by the programs themselves, in a network namespace."""
    text = path.read_text(encoding="ascii").replace("/sbin/", "")
    text = re.sub(r"^(insmod|modprobe) .*$", "", text, flags=re.M)
    done = run(["unshare", "-n", "sh", "-c", text + "\nexec 2>&1; ipchains-save 2> /dev/null"])
    return rules(done.out)


def rules(text):
    """Of text that other commands may have printed, too, the saved rules."""
    return "".join(line + "\n" for line in text.splitlines() if line.startswith((":", "-A ")))


def try_way(tally, title, arguments):
    title = f"{title}: {' '.join(word for word in arguments if word in WORDS)}".rstrip(": ")
    translated = run(["fw-translate", *arguments])
    tally.check(f"{title}: status", (0, ""), complaint(translated))
    if translated.status == 0:
        try_loading(tally, title, translated.out)
        checked = run(["fw-translate", "--verify", *arguments])
        tally.check(f"{title}: --verify", (0, ""), complaint(checked))
        packets = re.search(r"(\d+) packets compared, no difference", checked.err)
        tally.check(f"{title}: packets compared", True, packets is not None and int(packets[1]) > 0)


# Loads standard input, then what nft lists of it, twice: a table replaces the one before.
LOAD = """
nft -f "$1/made" && nft list ruleset > "$1/first" &&
nft -f "$1/made" && nft list ruleset > "$1/again" &&
nft flush ruleset && nft -f "$1/first" && nft list ruleset > "$1/second"
"""


def try_loading(tally, title, text):
    with tempfile.TemporaryDirectory() as directory:
        place = pathlib.Path(directory)
        (place / "made").write_text(text, encoding="utf-8")
        loaded = run(["unshare", "-n", "sh", "-c", LOAD, "load", directory])
        tally.check(f"{title}: nft -f", (0, "", ""), loaded)
        if loaded.status == 0:
            first, again, second = ((place / name).read_text() for name in ("first", "again", "second"))
            tally.check(f"{title}: loaded twice", [], differing(first, again))
            tally.check(f"{title}: loaded from its listing", [], differing(first, second))


# --- Scripts ---------------------------------------------------------------------------------


def try_script(tally, script):
    wanted = script.rules or as_ipchains_has_it(script.path)
    arguments = ["--etc", str(cases.SCRIPTS / "etc")]
    arguments += [word for interface in script.interfaces for word in ("--with", interface)]
    arguments += [word for kernel in script.kernel for word in ("--kernel", kernel)]
    last = ["--run", str(script.path), *script.arguments]
    for who, prefix in (("root", []), ("nobody", NOBODY)):
        title = f"{script}, as {who}"
        translated = run([*prefix, "fw-translate", *arguments, "--to", "ipchains", *last])
        tally.check(f"{title}: status", bool(script.fails), translated.status != 0)
        for words in script.fails + script.says:
            tally.check(f"{title}: says {words!r}: {translated.err}", True, words in translated.err)
        if not script.fails:
            tally.check(f"{title}: rules", [], differing(wanted, rules(translated.out)))
        for command in script.forwards:
            tally.check(f"{title}: {command}", True, command in translated.out)
    if not script.fails:
        for way in (WAYS[0], WAYS[-1]):
            try_way(tally, str(script), [*arguments, *way, *last])


# --- What differs ----------------------------------------------------------------------------


def complaint(result):
    """Its exit status, and what it said if it failed."""
    return result.status, result.err if result.status else ""


def differing(wanted, found):
    lines = difflib.unified_diff(wanted.splitlines(), found.splitlines(), n=0, lineterm="")
    return [line for line in lines if line[:2] not in ("--", "++", "@@")]


if __name__ == "__main__":
    sys.exit(main())
