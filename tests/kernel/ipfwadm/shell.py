"""What the checks of ipfwadm are made of; see robust/sandbox.py for the rest."""

import os
import pathlib
import shlex
import socket
import subprocess
import tempfile

from robust import sandbox

TIMEOUT = 60


def command(line):
    """`ipfwadm -I -l`, or another program of ours: a word may be quoted."""
    name, *words = shlex.split(line)
    return [str(sandbox.BUILD / "bin" / name), *words]


def environment(variables):
    """Of a user who has no firewall in a file, but for these variables."""
    others = {name: value for name, value in os.environ.items() if not name.endswith("_STATE")}
    return others | variables


def start(line):
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(command(line), env=environment({}), **pipes)


def attempt(line, **variables):
    """One command, whatever comes of it. `variables` go into its environment."""
    return subprocess.run(command(line), capture_output=True, text=True, timeout=TIMEOUT,
                          env=environment(variables))


def good(*lines, **variables):
    """Commands that must succeed in silence; returns what the last one printed."""
    for line in lines:
        done = attempt(line, **variables)
        assert done.returncode == 0 and not done.stderr, f"{line}: {done}"
    return done.stdout


def cautioned(line, *words, **variables):
    """A command that must succeed, and say one line on standard error with these words in it."""
    return one_line(line, 0, words, variables)


def refused(line, *words, status=255, **variables):
    """A command that must fail, with one line on standard error with these words in it."""
    return one_line(line, status, words, variables)


def one_line(line, status, words, variables):
    done = attempt(line, **variables)
    assert done.returncode == status and done.stderr.count("\n") == 1, f"{line}: {done}"
    for word in words:
        assert word in done.stderr, f"{line}: no `{word}' in {done.stderr}"
    return done.stdout


def tables():
    """The tables that the kernel has, in the order of their names."""
    lines = nft_list("tables")
    return sorted(line.removeprefix("table ") for line in lines.splitlines())


def table(name, *options):
    return nft_list("table", "ip", name, options=options)


def nft_list(*words, options=()):
    done = subprocess.run(["nft", *options, "list", *words], capture_output=True, text=True,
                          timeout=TIMEOUT)
    assert done.returncode == 0, done.stderr
    return done.stdout


def rules(category):
    """The lines of -l -e -n -x behind the headings."""
    return good(f"ipfwadm -{category} -l -e -n -x").splitlines()[2:]


def counts(category):
    """Packets of each rule."""
    return [int(line.split()[0]) for line in rules(category)]


def lo_up():
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)


def send(packets, port=99, address="127.0.0.1"):
    """UDP datagrams that leave and arrive on lo; those that output refuses go nowhere."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        for _ in range(packets):
            try:
                udp.sendto(b"x", (address, port))
            except PermissionError:
                pass


def scratch():
    """A directory that goes away."""
    return tempfile.TemporaryDirectory(prefix="fw-ipfwadm-")


def path_in(directory, name):
    return str(pathlib.Path(directory) / name)
