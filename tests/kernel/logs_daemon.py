"""How ipchains-logd behaves: what it misses it counts, what it needn't have it gives up, and it does
as it is told. Examples for logs.py."""

import os
import pathlib
import pwd
import re
import signal
import socket
import stat
import subprocess
import time

import logs_tables as tables
from hosts import DOUBT, PATIENCE
from logs_stage import STAMP, datagrams, missed, status_of, stop, texts, wait_until


def lost(tally, stage):
    """What the kernel could not hand over is counted: with the lines, it is all that was sent."""
    stage.rules(tally, "-A input -p udp -l -j DENY")
    sent = 5000
    with stage.logd("--file", stage.log, "--rate", 0, "--buffer", 64) as process:
        stage.send(datagrams(10))
        stage.lines(10)
        process.send_signal(signal.SIGSTOP)
        stage.send(datagrams(sent - 20))
        process.send_signal(signal.SIGCONT)
        tally.check("lines go on", True, wait_until(lambda: len(stage.lines()) > 20))
        time.sleep(DOUBT)
        stage.send(datagrams(10))
        time.sleep(DOUBT)
        tally.check("exit status", 0, stop(process))
    lines = stage.lines()
    count = missed(texts(lines, "ipchains-logd"), "lost")
    tally.check("some were lost", True, count > 0)
    tally.check("lines and lost packets", sent, len(texts(lines)) + count)


def lost_at_the_end(tally, stage):
    """Without a packet behind the gap nobody knows how long it is."""
    stage.rules(tally, "-A input -p udp -l -j DENY")
    with stage.logd("--file", stage.log, "--rate", 0, "--buffer", 64) as process:
        process.send_signal(signal.SIGSTOP)
        stage.send(datagrams(5000))
        time.sleep(DOUBT)  # what the kernel still gathers is lost, too
        process.send_signal(signal.SIGCONT)
        process.send_signal(signal.SIGTERM)
        tally.check("exit status", 0, process.wait(PATIENCE))
    notices = texts(stage.lines(), "ipchains-logd")
    tally.check("notice", ["the kernel lost packets; how many is not known"], notices)


def bounded(tally, stage):
    """No more lines than the rate allows; the others are counted, while it runs and at its end."""
    stage.rules(tally, "-A input -p udp -l -j DENY")
    begun = time.monotonic()
    with stage.logd("--file", stage.log, "--rate", 10, "--burst", 20) as process:
        stage.send(datagrams(300))
        told = wait_until(lambda: texts(stage.lines(), "ipchains-logd"))
        tally.check("told while it runs", True, bool(told))
        stage.send(datagrams(200))
        time.sleep(DOUBT)
        tally.check("exit status", 0, stop(process))
    most = 20 + 10 * (time.monotonic() - begun)
    lines = stage.lines()
    tally.check("lines", True, 20 <= len(texts(lines)) <= most)
    count = missed(texts(lines, "ipchains-logd"), "not logged")
    tally.check("lines and the others", 500, len(texts(lines)) + count)


def last_packets(tally, stage):
    """What has come when it is told to end is written: the kernel hands it over a moment later."""
    stage.rules(tally, "-A input -p udp -l -j DENY")
    for number in (signal.SIGTERM, signal.SIGINT):
        stage.log.unlink(missing_ok=True)
        with stage.logd("--file", stage.log) as process:
            stage.send(datagrams(5))
            tally.check(f"{number.name}: exit status", 0, stop(process, number))
        tally.check(f"{number.name}: lines", 5, len(texts(stage.lines())))


def privileges(tally, stage):
    """It is nobody, or whom it was told to be, has no capabilities, and gives the file away."""
    for words, name in [([], "nobody"), (["--user", "daemon"], "daemon")]:
        stage.log.unlink(missing_ok=True)
        with stage.logd("--file", stage.log, *words) as process:
            # It listens before it gives up what that needs.
            wait_until(lambda: "NoNewPrivs:\t1" in status_of(process))
            status = dict(line.split(":\t", 1) for line in status_of(process).splitlines())
        user = pwd.getpwnam(name)
        tally.check(f"{name}: user", [str(user.pw_uid)] * 4, status["Uid"].split())
        tally.check(f"{name}: group", [str(user.pw_gid)] * 4, status["Gid"].split())
        tally.check(f"{name}: other groups", "", status["Groups"].strip())
        for kind in ("CapInh", "CapPrm", "CapEff", "CapAmb"):
            tally.check(f"{name}: {kind}", 0, int(status[kind], 16))
        tally.check(f"{name}: no new privileges", "1", status["NoNewPrivs"])
        made = stage.log.stat()
        owner = (made.st_uid, stat.S_IMODE(made.st_mode))
        tally.check(f"{name}: file", (user.pw_uid, 0o640), owner)


def started_by_another(tally, stage):
    """Who may listen need not be root, and then may no longer either."""
    nobody = pwd.getpwnam("nobody")
    words = ["setpriv", f"--reuid={nobody.pw_uid}", "--clear-groups", "--inh-caps=+net_admin"]
    words += ["--ambient-caps=+net_admin", stage.build / "bin/ipchains-logd", "--stdout"]
    stage.rules(tally, "-A input -p udp -l -j DENY")
    process = stage.start(words, stdout=subprocess.PIPE)
    wait_until(lambda: "NoNewPrivs:\t1" in status_of(process))
    for kind in ("CapInh", "CapPrm", "CapEff", "CapAmb"):
        tally.check(kind, [kind + ":\t" + 16 * "0"], re.findall(kind + ".*", status_of(process)))
    stage.send(datagrams(2))
    tally.check("exit status", 0, stop(process))
    tally.check("standard output", 2 * (tables.DATAGRAM_LINE + "\n"), process.stdout.read())


def reopened(tally, stage):
    """SIGHUP: a new file if it can be made, else the old one."""
    stage.rules(tally, "-A input -p udp -l -j DENY")
    stage.directory.chmod(0o777)
    errors = stage.directory / "errors"
    with errors.open("w") as stderr, stage.logd("--file", stage.log, stderr=stderr) as process:
        stage.send(datagrams(2))
        stage.lines(2)
        stage.log.rename(stage.directory / "old")
        process.send_signal(signal.SIGHUP)
        tally.check("a new file", True, wait_until(stage.log.exists))
        stage.send(datagrams(3))
        tally.check("lines of the new file", 3, len(stage.lines(3)))
        stage.log.rename(stage.directory / "new")
        stage.directory.chmod(0o755)
        process.send_signal(signal.SIGHUP)
        tally.check("an error", True, wait_until(lambda: errors.stat().st_size > 0))
        stage.send(datagrams(1))
        time.sleep(DOUBT)
        tally.check("exit status", 0, stop(process))
    counts = [len((stage.directory / name).read_text().splitlines()) for name in ("old", "new")]
    tally.check("lines", [2, 4], counts)
    tally.check("error", 1, errors.read_text().count("\n"))


def full_disk(tally, stage):
    """Lines that can't be written are told of when there is room again."""
    stage.rules(tally, "-A input -p udp -l -j DENY")
    script = 'mount -t tmpfs -o size=4k none "$0" && chmod 777 "$0" && exec "$@"'
    mounted = stage.directory / "full"
    mounted.mkdir()
    words = ["unshare", "-m", "sh", "-c", script, mounted, stage.build / "bin/ipchains-logd"]
    process = stage.start(words, "--file", mounted / "packets", "--rate", 0)
    try:
        stage.send(datagrams(100))
        inside = pathlib.Path(f"/proc/{process.pid}/root") / (mounted / "packets").relative_to("/")
        wait_until(lambda: inside.exists() and inside.stat().st_size == 4096)
        time.sleep(DOUBT)
        kept = inside.read_text()
        os.truncate(inside, 0)
        wait_until(lambda: "could not" in inside.read_text())
        notices = texts(map(STAMP.fullmatch, inside.read_text().splitlines()), "ipchains-logd")
    finally:
        stop(process)
    written = kept.count("\n")
    wanted = f"{100 - written} more packets could not be written: No space left on device"
    tally.check("some were written", True, written > 0)
    tally.check("notice", [wanted], notices)


def syslog(tally, stage):
    """Packets are daemon.info from "kernel"; what it says itself is not."""
    stage.rules(tally, "-A input -p udp -l -j DENY")
    path = stage.directory / "log"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
        ear.bind(str(path))
        path.chmod(0o777)
        ear.settimeout(PATIENCE)
        # A /dev of its own, with nothing but the socket.
        script = 'mount -t tmpfs none /dev && ln -s "$0" /dev/log && exec "$@"'
        words = ["unshare", "-m", "sh", "-c", script, path, stage.build / "bin/ipchains-logd"]
        process = stage.start(words, "--rate", 1, "--burst", 2)
        try:
            stage.send(datagrams(4))
            said = [ear.recv(1000).decode() for _ in range(3)]
        except TimeoutError:
            said = []
        finally:
            tally.check("exit status", 0, stop(process))
    form = re.compile(r"<30>[A-Z][a-z]{2} [ 1-3]\d [\d:]{8} (kernel|ipchains-logd): (.*)")
    messages = [match.groups() if (match := form.fullmatch(line)) else line for line in said]
    packet = tables.DATAGRAM_LINE
    own = ("ipchains-logd", "2 more packets were not logged (rate)")
    tally.check("messages", [("kernel", packet), ("kernel", packet), own], messages)


def refusals(tally, stage):
    """Errors are one line, and an exit status: 2 for the command line, 1 for all else."""
    program = stage.build / "bin/ipchains-logd"
    unprivileged = ["setpriv", "--reuid", "65534", "--clear-groups", program]
    with stage.logd("--file", stage.log):
        for words, status in [
            ([program, "--stdout"], 1),  # one listens already
            ([*unprivileged, "--stdout", "--group", "3"], 1),
            ([program, "--file", stage.directory / "none/log", "--group", "3"], 1),
            ([program, "--user", "nosuchuser", "--stdout"], 2),
            ([program, "--rate", "-1"], 2),
            ([program, "--burst", "0"], 2),
            ([program, "--group", "65536"], 2),
            ([program, "--group", "2x"], 2),
            ([program, "--file"], 2),
            ([program, "--file", "x", "--stdout"], 2),
            ([program, "--nosuch"], 2),
            ([program, "word"], 2),
        ]:
            done = stage.net.run("firewall", words, capture_output=True, text=True)
            title = " ".join(map(str, words))
            tally.check(f"{title}: exit status", status, done.returncode)
            tally.check(f"{title}: one line", 1, done.stderr.count("\n"))
            tally.check(f"{title}: name", True, done.stderr.startswith("ipchains-logd: "))
    for option in ("--help", "--version", "-h", "-V"):
        done = subprocess.run([program, option], capture_output=True, text=True)
        tally.check(option, (0, ""), (done.returncode, done.stderr))
        tally.check(f"{option} names it", True, "ipchains-logd" in done.stdout)


EXAMPLES = [
    lost,
    lost_at_the_end,
    bounded,
    last_packets,
    privileges,
    started_by_another,
    reopened,
    full_disk,
    syslog,
    refusals,
]
