"""A firewall between two hosts, programs that listen to its packets, and what they wrote.

    with network() as net:
        stage = Stage(build, net, directory)
        stage.ipchains("-A input -l")
        with stage.logd("--file", stage.log):
            stage.send([packet])
            stage.lines(1)

`outer` -- eth0 `firewall` eth1 -- `inner`
"""

import contextlib
import os
import pathlib
import re
import signal
import socket
import subprocess
import time

import logs_tables as tables
from hosts import PATIENCE, Network

STAMP = re.compile(r"([A-Z][a-z]{2} [ 1-3]\d \d\d:\d\d:\d\d) (\S+) (kernel|ipchains-logd): (.*)")
MISSED = re.compile(
    r"(\d+) (?:more )?packets? (?:was|were) (lost by the kernel|not logged \(rate\))"
)


@contextlib.contextmanager
def network():
    names = {"outer": ("outer", ""), "firewall": ("firewall", ""), "inner": ("inner", "")}
    with Network(names) as net:
        net.cable("firewall", "eth0", "192.0.2.1/24", "outer", "eth0", "192.0.2.2/24")
        net.cable("firewall", "eth1", "10.0.0.1/24", "inner", "eth0", "10.0.0.2/24")
        net.ip("outer", "route add default via 192.0.2.1")
        net.ip("inner", "route add default via 10.0.0.1")
        net.sysctl("firewall", "ip_forward", "1")
        yield net


class Stage:
    """One firewall and what is needed to try it."""

    def __init__(self, build, net, directory):
        self.build, self.net, self.directory = build, net, directory
        self.log = directory / "packets"
        self.settings("log = daemon")

    def settings(self, text):
        (self.directory / "conf").write_text(text + "\n")

    def ipchains(self, command, program="ipchains"):
        """Returns (exit status, standard error)."""
        done = self.net.run(
            "firewall",
            [self.build / "bin" / program, *command.split()],
            env={"IPCHAINS_CONF": str(self.directory / "conf"), "PATH": os.environ["PATH"]},
            capture_output=True,
            text=True,
        )
        return done.returncode, done.stderr

    def rules(self, tally, commands, program="ipchains"):
        for command in commands.strip().splitlines():
            done = self.ipchains(command, program)
            tally.check(f"{program} {command.strip()}", (0, ""), done)

    def start(self, program, *words, group=2, **options):
        """A program in the firewall's namespace, as soon as it listens."""
        with self.net.on("firewall"):
            process = subprocess.Popen([*program, *map(str, words)], text=True, **options)
            wait_until(lambda: listener(group) is not None or process.poll() is not None)
        return process

    @contextlib.contextmanager
    def logd(self, *words, **options):
        process = self.start([self.build / "bin/ipchains-logd"], *words, **options)
        try:
            yield process
        finally:
            stop(process)

    def send(self, packets, host="outer"):
        """Packets as they are; their total length and checksum are the kernel's work."""
        with (
            self.net.on(host),
            socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW) as out,
        ):
            for packet in packets:
                out.sendto(packet, (socket.inet_ntoa(packet[16:20]), 0))

    def lines(self, count=0):
        """What stands in the log, without time and host, once there are so many lines."""
        wait_until(lambda: self.log.exists() and self.log.read_text().count("\n") >= count)
        text = self.log.read_text() if self.log.exists() else ""
        return [STAMP.fullmatch(line) for line in text.splitlines()]


def listener(group):
    """Who listens to a group of nfnetlink_log in this thread's namespace."""
    table = pathlib.Path("/proc/thread-self/net/netfilter/nfnetlink_log")
    rows = [line.split() for line in table.read_text().splitlines()] if table.exists() else []
    return next((row[1] for row in rows if int(row[0]) == group), None)


def wait_until(condition, patience=PATIENCE):
    deadline = time.monotonic() + patience
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.01)
    return condition()


def stop(process, number=signal.SIGTERM):
    """Returns the exit status."""
    if process.poll() is None:
        process.send_signal(number)
    try:
        return process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


def texts(matches, name="kernel"):
    return [match[4] for match in matches if match and match[3] == name]


def missed(notices, what):
    counts = [MISSED.fullmatch(notice) for notice in notices]
    return sum(int(count[1]) for count in counts if count and count[2].startswith(what))


def datagrams(count):
    return [tables.DATAGRAM] * count


def status_of(process):
    return pathlib.Path(f"/proc/{process.pid}/status").read_text()
