"""Saving and restoring, in the kernel of the namespace that a check runs in, or in a file."""

import os
import pty
import select
import subprocess
import tempfile
import time

from robust import sandbox

HEADS = ":input ACCEPT\n:forward ACCEPT\n:output ACCEPT\n"
ANY = "-s 0.0.0.0/0.0.0.0 -d 0.0.0.0/0.0.0.0"


def program(name):
    return str(sandbox.BUILD / "bin" / name)


def run(name, *options, text="", state=None, **how):
    """A program that has no terminal."""
    environment = os.environ | ({"IPCHAINS_STATE": state} if state else {})
    return subprocess.run([program(name), *options], input=text, capture_output=True, text=True,
                          env=environment, timeout=120, start_new_session=True, **how)


def save(*options, state=None):
    done = run("ipchains-save", *options, state=state)
    assert done.returncode == 0, done
    return done.stdout


def restore(text, *options, state=None):
    done = run("ipchains-restore", *options, text=text, state=state)
    assert done.returncode == 0, done
    return done


def both(check):
    """The same in the kernel and in a file."""
    check(None)
    with tempfile.TemporaryDirectory(prefix="restoring-") as scratch:
        check(scratch + "/state")


def same(found, wanted):
    assert found == wanted, f"is\n{found}should be\n{wanted}"


def soon(condition, seconds=5):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "not in time"
        time.sleep(0.02)


class Terminal:
    """A program with a terminal of its own, on which one can type."""

    def __init__(self, name, *options):
        self.pid, self.end = pty.fork()
        if self.pid == 0:
            os.execv(program(name), [name, *options])
        self.seen = ""
        self.status = None

    def read(self, seconds=0.0):
        while select.select([self.end], [], [], seconds)[0]:
            try:
                piece = os.read(self.end, 65536)
            except OSError:  # the program has gone
                return False
            self.seen += piece.decode(errors="replace")
            seconds = 0.0
        return True

    def expect(self, words, seconds=10):
        deadline = time.monotonic() + seconds
        while words not in self.seen:
            good = self.read(0.05)
            assert good and time.monotonic() < deadline or words in self.seen, \
                f"no `{words}' in {self.seen!r}"

    def type(self, text):
        os.write(self.end, text.encode())

    def wait(self, seconds=15):
        """The exit status."""
        deadline = time.monotonic() + seconds
        while True:
            self.read(0.02)
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.read(0.05)
                return os.waitstatus_to_exitcode(status)
            assert time.monotonic() < deadline, f"still there: {self.seen!r}"

    def hang_up(self):
        os.close(self.end)
