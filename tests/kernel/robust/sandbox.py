"""What the checks are made of: our program and nft, in the namespace that the check runs in."""

import ctypes
import difflib
import os
import pathlib
import subprocess

BUILD = pathlib.Path()  # set by robust.py
CLONE_NEWNET = 0x40000000


def unshare_network():
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def command(line):
    words = line.split() if isinstance(line, str) else list(line)
    return [str(BUILD / "bin/ipchains"), *words]


def start(line, **how):
    """One command in the background."""
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(command(line), **(pipes | how))


def attempt(line, **how):
    """One command, whatever comes of it."""
    return subprocess.run(command(line), capture_output=True, text=True, timeout=60,
                          errors="backslashreplace", **how)


def ipchains(*lines):
    """Commands that must succeed in silence; returns what the last one printed."""
    for line in lines:
        done = attempt(line)
        assert done.returncode == 0 and not done.stderr, f"{line}: {done}"
    return done.stdout


def refused(line, *words):
    """A command that must fail in one line with these words in it."""
    done = attempt(line)
    assert done.returncode == 1, f"{line}: {done}"
    assert done.stderr.count("\n") == 1 and done.stdout == "", f"{line}: {done}"
    for word in words:
        assert word in done.stderr, f"{line}: no `{word}' in {done.stderr}"
    return done.stderr


def nft(script):
    done = subprocess.run(["nft", "-f", "-"], input=script, capture_output=True, text=True)
    assert done.returncode == 0, f"nft: {script[:200]}: {done.stderr[:1000]}"
    return done.stdout


def ruleset(*options):
    """All tables as nft lists them, without counters."""
    done = subprocess.run(["nft", "-s", *options, "list", "ruleset"], capture_output=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.decode(errors="surrogateescape")


def reload():
    """What nft lists, it must be able to load elsewhere, and then to list again the same."""
    before = ruleset()
    done = subprocess.run(["unshare", "-n", "sh", "-c", "nft -f - && nft -s list ruleset"],
                          input=before.encode(errors="surrogateescape"), capture_output=True)
    after = done.stdout.decode(errors="surrogateescape")
    differs = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="")
    assert done.returncode == 0 and before == after, "\n".join([str(done.stderr), *differs])


def sources(chain):
    """The source addresses of a chain's rules in order, as -L shows them; foreign rules as `#N`."""
    lines = ipchains(f"-L {chain} -n").splitlines()[1:]
    found = []
    for line in lines:
        words = line.split()
        if words[0] == "#":
            found.append("#" + words[words.index("handle") + 1])
        elif words[0] != "target":
            found.append(words[3])
    return found


def handles(chain):
    """nft's handles of the rules in a chain, in order, with their text."""
    done = subprocess.run(["nft", "-a", "list", "chain", "ip", "ipchains", chain],
                          capture_output=True, text=True, errors="backslashreplace")
    assert done.returncode == 0, done.stderr
    lines = [line.strip() for line in done.stdout.splitlines() if " # handle " in line]
    return [(int(line.split()[-1]), line) for line in lines if not line.startswith(("chain", "table"))]
