#!/usr/bin/env python3
"""Runs recorded cases of the original ipchains or ipfwadm through our program, and compares.

Each line of tests/data/ipchains-cases.jsonl, or ipfwadm-cases.jsonl, is one case: commands that
were typed one after the other on a machine with an empty firewall, and what each said and returned.
Compared are the exit status, standard output without lines that start with "Warning:", and whether
anything was said on standard error; of ipfwadm the kernel's tables at the end, too.

  --backend file    every case gets a fresh file in IPCHAINS_STATE (or IPFWADM_STATE). Packets (the
                    commands `pkt` and `pkt20`) go to build/tests/pkt with the same file.
  --backend kernel  every case gets a fresh network namespace; needs nf_tables. Cases with packets
                    are left to the file backend.

Both need root, or a system that lets users make user namespaces.

The names of hosts, networks, services and protocols come from tests/data/etc, which is mounted
over /etc in a private mount namespace. Nothing outside is changed.

The closing line is "N passed, N failed"; the exit status 0, 1 if any failed, 77 if the cases can't
be run on this machine.
"""

import argparse
import collections
import ctypes
import dataclasses
import difflib
import json
import multiprocessing
import os
import pathlib
import re
import subprocess
import sys
import tempfile

TESTS = pathlib.Path(__file__).resolve().parent.parent
CANNOT_RUN = 77


@dataclasses.dataclass(frozen=True)
class Dialect:
    """What belongs to the cases of one program."""

    programs: frozenset
    question: list  # a command that works where the program does
    packets: str  # the command that is one packet
    state: str  # the variable that names the file
    interfaces: dict = dataclasses.field(default_factory=dict)  # and addresses, beside lo


IPCHAINS = Dialect(
    programs=frozenset({"ipchains", "ipchains-save", "ipchains-restore", "pkt"}),
    question=["ipchains", "-L", "-n"],
    packets="pkt",
    state="IPCHAINS_STATE",
)
IPFWADM = Dialect(
    programs=frozenset({"ipfwadm", "pkt20", "proc20"}),
    question=["ipfwadm", "-I", "-l", "-n"],
    packets="pkt20",
    state="IPFWADM_STATE",
    interfaces={"eth0": "10.0.0.254/24", "eth1": "192.168.1.254/24", "ppp0": "1.2.3.4/32"},
)
TEST_PROGRAMS = {"pkt", "pkt20", "proc20"}
# A line on standard error that we say on purpose where the original was silent.
CAUTION = re.compile(rb"^(ipchains: .*\balias\b|ipfwadm: .*\bno interface has)")
# Help is in our own words.
HELP = re.compile(rb"(ipchains 1\.3\.9,|Usage: ipchains) .*\n")

CLONE_NEWNS, CLONE_NEWUSER, CLONE_NEWNET = 0x00020000, 0x10000000, 0x40000000
MS_RDONLY, MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 1, 32, 4096, 16384, 1 << 18
libc = ctypes.CDLL(None, use_errno=True)


def main():
    options = parse_options()
    cases, options.dialect = read_cases(options)
    if not cases:
        sys.exit("run_cases: no such cases")
    for name in sorted({words[0] for case in cases for words in case["commands"]}):
        if not os.access(program(options, name)[0], os.X_OK):
            sys.exit(f"run_cases: {name} is not built in {options.build}")
    problem = what_is_missing(options)
    if problem:
        print(f"run_cases: skipped: {problem}")
        return CANNOT_RUN
    return report(run_all(cases, options), options)


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--backend", choices=["file", "kernel"], default="file")
    parser.add_argument("--build", type=pathlib.Path, default=TESTS.parent / "build")
    parser.add_argument("--cases", type=pathlib.Path, default=TESTS / "data/ipchains-cases.jsonl")
    parser.add_argument("--only", nargs="+", metavar="GROUP", help="run these groups")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="run one in N")
    parser.add_argument("--verbose", nargs="+", metavar="ID", help="run and show these")
    parser.add_argument("--show", action="store_true", help="show what differs where it does")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    return parser.parse_args()


def read_cases(options):
    """The cases that are to be run, and whose they are."""
    with open(options.cases, encoding="utf-8") as lines:
        cases = [with_tables(json.loads(line)) for line in lines]
    dialect = IPFWADM if any("ipfwadm" in w[0] for w in cases[0]["commands"]) else IPCHAINS
    if options.verbose:
        return [case for case in cases if case["id"] in options.verbose], dialect
    if options.only:
        cases = [case for case in cases if case["group"] in options.only]
    programs = dialect.programs - ({dialect.packets} if options.backend == "kernel" else set())
    cases = [c for c in cases if programs.issuperset(w[0] for w in c["commands"])]
    return cases[:: options.every], dialect


def with_tables(case):
    """The same with Linux 2.0's tables at the end as the output of one more command."""
    if "final_proc20" in case:
        case["commands"].append(["proc20"])
        case["results"].append({"exit": 0, "stdout": case["final_proc20"], "stderr": False})
    return case


# --- The sandbox -----------------------------------------------------------------------------


def what_is_missing(options):
    """Tries the sandbox in a child. Returns what stands in the way, or None."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writing, (try_sandbox(options) or "").encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as answer:
        problem = answer.read()
    os.waitpid(child, 0)
    return problem or None


def try_sandbox(options):
    try:
        move_into_sandbox(options)
        if options.backend == "kernel" or options.dialect.interfaces:
            make_network(options)
        if options.backend == "kernel":
            name, *words = options.dialect.question
            run = subprocess.run(program(options, name) + words, capture_output=True)
            if run.returncode != 0:
                return "no firewall in a network namespace: " + run.stderr.decode().strip()
    except OSError as error:
        return str(error)
    return None


def move_into_sandbox(options):
    """A mount namespace in which /etc is tests/data/etc."""
    if os.geteuid() == 0:
        unshare(CLONE_NEWNS)
    else:
        become_root_of_a_user_namespace()
    mount(None, "/", MS_REC | MS_PRIVATE)
    mount(TESTS / "data/etc", "/etc", MS_BIND)


def make_network(options, case=None):
    """A network namespace with the interfaces of the machine that was recorded, if the case asks
    for their addresses."""
    unshare(CLONE_NEWNET)
    interfaces = options.dialect.interfaces if case is None or asks_for_addresses(case) else {}
    commands = ["link set lo up\n"] if interfaces else []
    for name, address in interfaces.items():
        commands.append(f"link add {name} type bridge\naddr add {address} dev {name}\n")
    if commands:
        batch = "".join(commands).encode()
        done = subprocess.run(["ip", "-batch", "-"], input=batch, capture_output=True)
        if done.returncode != 0:
            raise OSError(done.returncode, "ip: " + done.stderr.decode().strip())


def asks_for_addresses(case):
    """Whether one of its commands has -V or -c, alone or among other letters."""
    words = (word for words in case["commands"] for word in words if word.startswith("-"))
    return any("V" in word or "c" in word for word in words)


def become_root_of_a_user_namespace():
    user, group = os.geteuid(), os.getegid()
    unshare(CLONE_NEWUSER | CLONE_NEWNS)
    pathlib.Path("/proc/self/setgroups").write_text("deny")
    pathlib.Path("/proc/self/uid_map").write_text(f"0 {user} 1")
    pathlib.Path("/proc/self/gid_map").write_text(f"0 {group} 1")


def unshare(flags):
    if libc.unshare(flags) != 0:
        raise OSError(ctypes.get_errno(), "unshare: " + os.strerror(ctypes.get_errno()))


def mount(source, target, flags):
    source = os.fsencode(source) if source else None
    if libc.mount(source, os.fsencode(target), None, flags, None) != 0:
        raise OSError(ctypes.get_errno(), f"mount {target}: " + os.strerror(ctypes.get_errno()))


# --- Running ---------------------------------------------------------------------------------


def run_all(cases, options):
    """Yields (id, group, whether it passed, description). A worker enters the sandbox once."""
    context = multiprocessing.get_context("fork")
    with context.Pool(options.jobs, enter_worker, [options]) as pool:
        yield from pool.imap_unordered(run_in_worker, cases, chunksize=8)


def enter_worker(options):
    global worker_options
    worker_options = options
    move_into_sandbox(options)
    if options.backend == "file" and options.dialect.interfaces:
        make_network(options)


def run_in_worker(case):
    ours = run_case(case, worker_options)
    good = all(same(theirs, our) for theirs, our in zip(case["results"], ours, strict=True))
    return case["id"], case["group"], good, describe(case, ours)


def run_case(case, options):
    """One result for each command: exit status, standard output, standard error."""
    environment = {
        "PATH": "/usr/bin:/bin",
        # Not to be mistaken for an answer: ipchains returns 0, 1 or 2, ipfwadm 0, 2 or 255.
        "ASAN_OPTIONS": "exitcode=99",
        "UBSAN_OPTIONS": "exitcode=99:print_stacktrace=1",
    }
    with tempfile.TemporaryDirectory(prefix="ipchains-case-") as scratch:
        if options.backend == "file":
            environment[options.dialect.state] = scratch + "/state"
        else:
            make_network(options, case)
        contexts = case.get("context") or [{}] * len(case["commands"])
        return [
            run_command(words, context.get("stdin", ""), environment, options)
            for words, context in zip(case["commands"], contexts, strict=True)
        ]


def run_command(words, stdin, environment, options):
    try:
        done = subprocess.run(
            program(options, words[0]) + words[1:],
            input=stdin.encode(),
            capture_output=True,
            env=environment,
            timeout=30,
            close_fds=False,
            start_new_session=True,  # no terminal on which something could be asked
        )
    except subprocess.TimeoutExpired:
        return {"exit": "none after 30 seconds", "stdout": b"", "stderr": b""}
    return {"exit": done.returncode, "stdout": done.stdout, "stderr": done.stderr}


def program(options, name):
    return [str(options.build / ("tests" if name in TEST_PROGRAMS else "bin") / name)]


def same(theirs, ours):
    return (
        theirs["exit"] == ours["exit"]
        and compared(theirs["stdout"].encode()) == compared(ours["stdout"])
        and theirs["stderr"] == bool(uncautioned(ours["stderr"]))
    )


def compared(stdout):
    if HELP.match(stdout):
        return b"(help)"
    lines = stdout.splitlines(keepends=True)
    return b"".join(line for line in lines if not line.startswith(b"Warning:"))


def uncautioned(stderr):
    return [line for line in stderr.splitlines() if not CAUTION.match(line)]


# --- Reporting -------------------------------------------------------------------------------


def report(results, options):
    passed, failed = collections.Counter(), collections.defaultdict(list)
    for case, group, good, description in results:
        if good:
            passed[group] += 1
        else:
            failed[group].append(case)
        if options.verbose or options.show and not good:
            print(description, end="")
    for group in sorted(passed.keys() | failed.keys()):
        bad = sorted(failed[group])
        line = f"{group:10} {passed[group]:4} of {passed[group] + len(bad):4}"
        print(line + ("   failed: " + " ".join(bad) if bad else ""))
    total = sum(map(len, failed.values()))
    print(f"{passed.total()} passed, {total} failed")
    return 1 if total else 0


def describe(case, ours):
    """The commands of a case with what they say on standard error, and what differs."""
    text = f"## {case['id']}\n"
    for words, theirs, our in zip(case["commands"], case["results"], ours, strict=True):
        text += f"$ {' '.join(words)}   -> {our['exit']}\n"
        text += "".join(f"  {line}\n" for line in differences(theirs, our))
    return text


def differences(theirs, ours):
    yield from ("E " + line for line in ours["stderr"].decode(errors="replace").splitlines())
    if theirs["exit"] != ours["exit"]:
        yield f"exit status was {theirs['exit']}, is {ours['exit']}"
    if theirs["stderr"] != bool(uncautioned(ours["stderr"])):
        yield "standard error was " + ("not " if theirs["stderr"] else "") + "silent"
    was = compared(theirs["stdout"].encode()).decode().splitlines()
    now = compared(ours["stdout"]).decode(errors="replace").splitlines()
    yield from difflib.unified_diff(was, now, "was", "is", lineterm="")


if __name__ == "__main__":
    sys.exit(main())
