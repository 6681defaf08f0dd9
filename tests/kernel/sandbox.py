#!/usr/bin/env python3
"""Scripts in the sandbox of fw-translate --run: what they see there, and what they can't do.

Usage: sandbox.py [--build DIRECTORY] [--only NAME...]

The hostile scripts of tests/data/scripts/hostile run as root and as nobody, each with a folder of
ours in reach that it tries to spoil. Afterwards the machine must be as it was: that folder, the
kernel's settings, mounts, processes, users' files; and the script must have ended, or have been
stopped, as the tables below say. Friendly scripts must find what scripts of 1999 found.

The closing line is "N passed, N failed"; the exit status 0, 1 if any failed, 77 if it can't be run
on this machine. Without root, scripts run as the caller only.
"""

import argparse
import contextlib
import ctypes
import hashlib
import os
import pathlib
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time

import sandbox_cases as cases
from run_cases import CANNOT_RUN, TESTS
from tally import Tally

HOSTILE = TESTS / "data/scripts/hostile"
NOBODY = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"]
TIMEOUT = 60
SECONDS = "4"  # that a hostile script may take

# Settings that hostile scripts try to change.
SWITCHES = ["kernel/panic", "kernel/core_pattern", "kernel/hostname", "kernel/sysrq",
            "net/ipv4/ip_forward", "kernel/modprobe"]  # fmt: skip


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--build", type=pathlib.Path, default=TESTS.parent / "build")
    parser.add_argument("--only", nargs="+", metavar="NAME")
    options = parser.parse_args()
    program = options.build.resolve() / "bin/sandboxed"
    if not os.access(program, os.X_OK):
        sys.exit(f"sandbox: {program} is not there")
    users = [("root", []), ("nobody", NOBODY)] if os.geteuid() == 0 else [("caller", [])]
    with tempfile.TemporaryDirectory(prefix="fw-sandbox.") as directory:
        folder = pathlib.Path(directory)
        folder.chmod(0o755)
        stage = Stage(program, folder, options.build.resolve())
        if not stage.works():
            print("sandbox: skipped: this machine lets nobody make a sandbox")
            return CANNOT_RUN
        tally = Tally()
        for user, become in users:
            for name, case in {**cases.HOSTILE, **cases.FRIENDLY}.items():
                if options.only is None or name in options.only:
                    try_case(tally, stage, f"{name} as {user}", name, case, become)
    print(f"{tally.passed} passed, {tally.failed} failed")
    return 1 if tally.failed else 0


class Stage:
    """A folder with the programs, a script, and a tree to be spoiled."""

    def __init__(self, program, folder, visible):
        self.program = program
        self.folder = folder
        self.visible = visible  # a folder that scripts can look into
        self.tree = folder / "tree"
        self.tree.mkdir()
        (self.tree / "below").mkdir()
        for name in ["one", "below/two", ".bashrc"]:
            (self.tree / name).write_text(f"{name}\n")
        for path in [self.tree, self.tree / "below"]:
            path.chmod(0o777)  # only the sandbox is in the way
        for path in self.tree.rglob("*"):
            path.chmod(0o777 if path.is_dir() else 0o666)

    def works(self):
        return self.run([], self.write("works", "ipchains -F\n"), []).returncode == 0

    def write(self, name, text):
        path = self.folder / f"{name}.sh"
        path.write_text(text)
        path.chmod(0o644)
        return path

    def run(self, become, script, arguments, options=()):
        # Whoever starts it may ignore SIGCHLD, which is inherited.
        def ignore_children():
            signal.signal(signal.SIGCHLD, signal.SIG_IGN)

        return subprocess.run(
            [*become, self.program, "--time", SECONDS, *options, script, *map(str, arguments)],
            stdin=subprocess.DEVNULL, capture_output=True, timeout=TIMEOUT, cwd=self.folder,
            env={**os.environ, "SECRET": "x"}, preexec_fn=ignore_children,
            encoding="utf-8", errors="replace", check=False)  # fmt: skip


def try_case(tally, stage, title, name, case, become):
    if case.get("needs_landlock") and not has_landlock():
        return
    script = stage.write(name, case.get("script") or (HOSTILE / f"{name}.sh").read_text())
    with victims(stage) as (victim, port, reach):
        arguments = case.get("arguments", [stage.tree, port, reach.folder])
        arguments = [victim.pid] if name == "kills" else arguments
        before = machine(stage)
        started = time.monotonic()
        result = stage.run(become, script, arguments, case.get("options", ()))
        took = time.monotonic() - started
        tally.check(f"{title}: the machine", before, machine(stage))
        tally.check(f"{title}: a process outside", None, victim.poll())
        tally.check(f"{title}: what was heard outside", [], reach.heard())
    tally.check(f"{title}: ends in time", True, took < int(SECONDS) + 10)
    if case.get("status", 0) is not None:
        tally.check(f"{title}: exit status", case.get("status", 0), result.returncode)
    tally.check(f"{title}: what is left of it", [], left_behind(stage))
    seen = case.get("sees", []) if is_shown(stage.visible) else []
    for text in case.get("has", []) + seen:
        tally.check(f"{title}: {text!r}\n{result.stdout}{result.stderr[-3000:]}", True,
                    text in result.stdout + result.stderr)  # fmt: skip
    for text in case.get("has_not", []):
        tally.check(f"{title}: not {text!r}", False, text in result.stdout + result.stderr)
    if "commands" in case:
        found = result.stdout.split("--- report")[0].splitlines()
        wanted = case["commands"]
        if case.get("any_order"):
            wanted, found = sorted(wanted), sorted(found)
        tally.check(f"{title}: commands\n{result.stderr[-3000:]}", wanted, found)


def is_shown(folder):
    """Whether scripts see the folder itself: not where they have places of their own."""
    return folder.resolve().parts[1] not in ("tmp", "run", "root", "dev")


@contextlib.contextmanager
def victims(stage):
    """A process to be killed, and sockets to be reached."""
    path = stage.tree / "socket"
    with contextlib.ExitStack() as stack:
        victim = stack.enter_context(subprocess.Popen(["sleep", "1000"]))
        stack.callback(victim.kill)
        local = stack.enter_context(socket.socket(socket.AF_UNIX))
        local.bind(str(path))
        stack.callback(path.unlink)
        path.chmod(0o777)
        local.listen()
        hidden = stack.enter_context(socket.socket(socket.AF_UNIX))
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        port = listener.getsockname()[1]
        hidden.bind(f"\0fw-translate-test-{port}")
        hidden.listen()
        yield victim, port, stack.enter_context(Reach(stage.visible))


class Reach:
    """A named pipe and a datagram socket where scripts can see them, and who listens to them."""

    def __init__(self, folder):
        self.directory = tempfile.TemporaryDirectory(prefix="fw-reach.", dir=folder)
        self.folder = pathlib.Path(self.directory.name)
        self.folder.chmod(0o755)
        os.mkfifo(self.folder / "pipe")
        self.pipe = os.open(self.folder / "pipe", os.O_RDWR | os.O_NONBLOCK)
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(self.folder / "datagrams"))
        for path in self.folder.iterdir():
            path.chmod(0o777)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.close(self.pipe)
        self.socket.close()
        self.directory.cleanup()

    def heard(self):
        names = {self.pipe: "pipe", self.socket.fileno(): "socket"}
        return [names[file] for file in select.select(list(names), [], [], 0)[0]]


def has_landlock():
    """Whether the kernel can keep writers from named pipes: landlock_create_ruleset(2)."""
    return ctypes.CDLL(None).syscall(444, None, ctypes.c_size_t(0), 1) > 0


def machine(stage):
    """What hostile scripts would change."""
    return {
        "files": {str(path): digest(path) for path in sorted(stage.tree.rglob("*"))},
        "settings": {name: read(pathlib.Path("/proc/sys") / name) for name in SWITCHES},
        "mounts": read(pathlib.Path("/proc/self/mountinfo")),
        "passwords": digest(pathlib.Path("/etc/passwd")),
        "host": socket.gethostname(),
        "root": sorted(os.listdir("/")),
    }


def digest(path):
    if not path.is_file():
        return "no file"
    return hashlib.sha256(path.read_bytes()).hexdigest()


def read(path):
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None


def left_behind(stage):
    """Processes that still have to do with the scripts; they are gone at once, or soon."""
    for _ in range(20):
        found = [pid for pid in filter(str.isdigit, os.listdir("/proc"))
                 if str(stage.folder) in (read(pathlib.Path("/proc") / pid / "cmdline") or "")
                 and int(pid) != os.getpid()]  # fmt: skip
        if not found:
            return []
        time.sleep(0.1)
    return found


if __name__ == "__main__":
    sys.exit(main())
