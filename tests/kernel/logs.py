#!/usr/bin/env python3
"""Real packets, rules with -l and -o, and what is written about them.

Three hosts in network namespaces: packets from `outer` meet the rules of `firewall`, and some go on
to `inner`. ipchains-logd must write exactly the lines of Linux 2.2 and 2.0, tell of what it could not
write, give up its privileges, and end when told to. The kernel's own log and the copies of -o are
looked at, too. fwlogwatch, which read such logs in 1999, reads ours if it is installed.

The closing line is "N passed, N failed"; the exit status 0, 1 if any failed, 77 if it can't be run
on this machine. Needs root and nf_tables. Outside of its namespaces it only sets the kernel's
switch for logs from namespaces, and puts it back.
"""

import argparse
import contextlib
import itertools
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time

import logs_daemon
import logs_tables as tables
from hosts import DOUBT, PATIENCE, what_machine_lacks
from logs_stage import Stage, datagrams, network, stop, texts, wait_until
from run_cases import CANNOT_RUN, TESTS
from tally import Tally

LINE = re.compile(
    r"Packet log: \S+ (?:(?!REDIRECT )\S+|REDIRECT \d+) \S+ PROTO=\d+ [\d.]+:\d+ [\d.]+:\d+"
    r" L=\d+ S=0x[0-9A-F]{2} I=\d+ F=0x[0-9A-F]{4} T=\d+(?: O=0x[0-9A-F]{8})*(?: SYN)? \(#\d+\)"
)
ALL_NAMESPACES = pathlib.Path("/proc/sys/net/netfilter/nf_log_all_netns")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--build", type=pathlib.Path, default=TESTS.parent / "build")
    build = parser.parse_args().build.resolve()
    for program in ("bin/ipchains", "bin/ipfwadm", "bin/ipchains-logd", "tests/copies"):
        if not os.access(build / program, os.X_OK):
            sys.exit(f"logs: {program} is not built in {build}")
    problem = what_is_missing(build)
    if problem:
        print(f"logs: skipped: {problem}")
        return CANNOT_RUN
    tally = Tally()
    for example in EXAMPLES:
        with tempfile.TemporaryDirectory(prefix="logs-") as name, network() as net:
            directory = pathlib.Path(name)
            directory.chmod(0o755)  # ipchains-logd is somebody else
            example(tally, Stage(build, net, directory))
    print(f"{tally.passed} passed, {tally.failed} failed")
    return 1 if tally.failed else 0


def what_is_missing(build):
    if lacking := what_machine_lacks("ip"):
        return lacking
    try:
        with network() as net:
            tried = net.run("firewall", [build / "bin/ipchains", "-L", "-n"], capture_output=True)
            return None if tried.returncode == 0 else tried.stderr.decode()
    except (OSError, subprocess.SubprocessError) as problem:
        return str(problem)


def exact_lines(tally, stage):
    """Each packet of each table has its lines, in order, and there are no others."""
    for title, rules, packets, wanted in tables.LINES:
        stage.log.unlink(missing_ok=True)
        stage.ipchains("-F")
        stage.ipchains("-X")
        stage.rules(tally, rules)
        check_lines(tally, stage, title, packets, wanted)
        check_form(tally, title, stage)
        check_fwlogwatch(tally, title, stage.log, len(wanted))


def exact_lines_of_2_0(tally, stage):
    for title, rules, packets, wanted in tables.FWADM_TABLES:
        stage.log.unlink(missing_ok=True)
        stage.rules(tally, "-A -f\n-I -f\n-F -f\n-O -f\n" + rules.strip(), "ipfwadm")
        check_lines(tally, stage, title, packets, wanted)


def check_lines(tally, stage, title, packets, wanted):
    with stage.logd("--file", stage.log):
        for packet in packets:
            identification = int.from_bytes(packet[4:6], "big")
            due = sum(f" I={identification} " in line for line in wanted)
            before = len(stage.lines())
            stage.send([packet])
            stage.lines(before + due)
    found = texts(stage.lines())
    for i, (line, said) in enumerate(itertools.zip_longest(wanted, found)):
        tally.check(f"{title}: line {i + 1}", line, said)


def check_form(tally, title, stage):
    host = socket.gethostname().split(".")[0] or "localhost"
    year = time.localtime().tm_year
    for match in stage.lines():
        tally.check(f"{title}: has time, host and program", True, match is not None)
        if match:
            then = time.mktime(time.strptime(f"{year} {match[1]}", "%Y %b %d %H:%M:%S"))
            tally.check(f"{title}: {match[1]} is now", True, abs(time.time() - then) < 60)
            tally.check(f"{title}: host", host, match[2])
            tally.check(f"{title}: {match[4]}", True, LINE.fullmatch(match[4]) is not None)


def check_fwlogwatch(tally, title, path, count):
    """It reads every line. (Of chains, it knows those with plain names.)"""
    if shutil.which("fwlogwatch") is None or '"' in path.read_text():
        return
    words = ["fwlogwatch", "-c", "/dev/null", "-P", "i", path]
    summary = subprocess.run(words, capture_output=True, text=True).stdout
    read = f'{count} of {count} entries in the file "{path}" are packet logs'
    tally.check(f"{title}: fwlogwatch reads all", True, read in summary)
    packets = [int(number) for number in re.findall(r" (\d+) packets? from ", summary)]
    tally.check(f"{title}: fwlogwatch counts", count, sum(packets))


def masqueraded(tally, stage):
    """MASQ in forward, and the public address with a masquerading port in output."""
    stage.rules(tally, "-A forward -i eth0 -l -j MASQ\n-A output -i eth0 -l")
    with stage.logd("--file", stage.log):
        stage.send([tables.udp(tables.INNER, tables.OUTER, 1025, 53, 7)], "inner")
        stage.lines(2)
    forward, output = (texts(stage.lines()) + ["", ""])[:2]
    packet = "192.0.2.2:53 L=28 S=0x00 I=7 F=0x0000 T=63 (#1)"
    tally.check(
        "forward", f"Packet log: forward MASQ eth0 PROTO=17 10.0.0.2:1025 {packet}", forward
    )
    port = re.search(r"192\.0\.2\.1:(\d+)", output)
    port = int(port[1]) if port else 0
    tally.check("masquerading port", True, 61000 <= port < 65096)
    tally.check(
        "output", f"Packet log: output - eth0 PROTO=17 192.0.2.1:{port} {packet}", output
    )


def settings(tally, stage):
    """A file that says nothing good is told of; the firewall is loaded all the same."""
    stage.settings("\nlog = paper")
    status, said = stage.ipchains("-A input -l")
    tally.check("exit status", 0, status)
    tally.check("caution", True, "paper" in said and "line 2" in said and said.count("\n") == 1)
    tally.check("taken all the same", 0, stage.ipchains("-D input 1")[0])
    stage.settings("log = daemon")
    with stage.logd("--file", stage.log):
        stage.rules(tally, "-A input -p udp -l -j DENY")
        stage.settings("log = kernel")
        stage.rules(tally, "-A input -p udp -l -j ACCEPT")
        stage.send(datagrams(1))
        # The rule that was there keeps what it was given.
        tally.check("line", [tables.DATAGRAM_LINE], texts(stage.lines(1)))


def copies(tally, stage):
    """-o: whole packets or their first bytes, with the mark that the rule has set."""
    stage.rules(tally, "-A input -p udp -m 0x17 -o\n-A input -p udp -m +1 -o 24 -j DENY")
    packets = [tables.udp(tables.OUTER, tables.FIREWALL, 9, 53, 5, b"x" * size) for size in (0, 999)]
    process = stage.start([stage.build / "tests/copies"], group=1, stdout=subprocess.PIPE)
    now = time.time()
    stage.send(packets)
    time.sleep(DOUBT)
    stop(process)
    form = re.compile(r"len (\d+) mark (\S+) in (\S+) out (\S+) time ([\d.]+) data ([0-9a-f]*)")
    found = [form.fullmatch(line) for line in process.stdout.read().splitlines()]
    each = [("0x17", None), ("0x18", 24)]
    wanted = [(packet, mark, size) for packet in packets for mark, size in each]
    tally.check("copies", len(wanted), len(found))
    for match, (packet, mark, size) in zip(found, wanted):
        tally.check("form", True, match is not None)
        if match:
            data = bytes.fromhex(match[6])
            # The kernel has put in the total length and the checksum.
            data = data[:2] + packet[2:4] + data[4:10] + packet[10:12] + data[12:]
            tally.check("bytes", packet[:size], data)
            tally.check("fields", (str(len(data)), mark, "eth0", "-"), match.group(1, 2, 3, 4))
            tally.check("time", True, abs(float(match[5]) - now) < PATIENCE)


def kernel_log(tally, stage):
    """Without ipchains-logd: the first words of the old line, and the number."""
    stage.settings("log = kernel")
    stage.rules(tally, tables.KERNEL_RULES)
    try:
        before = ALL_NAMESPACES.read_text()
        ear = os.open("/dev/kmsg", os.O_RDONLY | os.O_NONBLOCK)
    except OSError as problem:
        print(f"logs: the kernel's log was not looked at: {problem}")
        return
    try:
        os.lseek(ear, 0, os.SEEK_END)
        ALL_NAMESPACES.write_text("1")
        stage.send([packet for packet, _ in tables.KERNEL_LOG])
        found = read_kernel_log(ear, len(tables.KERNEL_LOG))
        flood = time.monotonic()
        stage.send([tables.KERNEL_LOG[0][0]] * FLOOD)
        seconds = time.monotonic() - flood
        # No more come, so this waits in vain, as long as it does.
        held = len(read_kernel_log(ear, FLOOD))
    finally:
        ALL_NAMESPACES.write_text(before)
        os.close(ear)
    for i, (_, beginning) in enumerate(tables.KERNEL_LOG):
        line = found[i] if i < len(found) else ""
        tally.check("kernel log", beginning, line[: len(beginning)])
    tally.check("lines in the kernel log", len(tables.KERNEL_LOG), len(found))
    tally.check("a flood is held back", True, 50 <= held <= 105 + 20 * seconds)


def read_kernel_log(ear, count):
    found = []

    def enough():
        with contextlib.suppress(BlockingIOError):
            while True:
                line = os.read(ear, 8192).decode(errors="replace").split(";", 1)[1]
                if f" ID={tables.KERNEL_LOG_ID} " in line:
                    found.append(line)
        return len(found) >= count

    wait_until(enough)
    return found


FLOOD = 2000  # packets; 100 lines may come at once, and 20 a second

EXAMPLES = [exact_lines, exact_lines_of_2_0, masqueraded, *logs_daemon.EXAMPLES, settings, copies, kernel_log]

if __name__ == "__main__":
    sys.exit(main())
