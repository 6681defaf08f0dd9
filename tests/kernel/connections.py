#!/usr/bin/env python3
"""Masqueraded connections as `ipchains -M -L` lists them, and their timeouts as `-M -S` sets them.

Real connections go through a machine in network namespaces: masqueraded by our rules, rewritten by
another program's, or untouched. Each line of the listing is compared with what the kernel says in
/proc/net/nf_conntrack.

The closing line is "N passed, N failed"; the exit status 0, 1 if any failed, 77 if it can't be run
on this machine. Needs root, nf_tables and conntrack, and changes nothing outside of its namespaces.
"""

import argparse
import os
import pathlib
import re
import shlex
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time

from connections_trial import FOREIGN, HEADING, PLAIN, RULES, TITLE, Trial
from hosts import PATIENCE, what_machine_lacks
from masq_trial import FIREWALL, INNER, OUTER, PUBLIC, SECOND
from run_cases import CANNOT_RUN, CLONE_NEWNS, MS_BIND, MS_PRIVATE, MS_REC, TESTS, mount, unshare
from tally import Tally

WIDE_HEADING = HEADING[:14] + "   initseq delta prevd " + HEADING[14:]
GRE, EXPERIMENTAL = 47, 253


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--build", type=pathlib.Path, default=TESTS.parent / "build")
    build = parser.parse_args().build.resolve()
    for program in ("ipchains", "ipmasqadm", "ip-masq-module"):
        if not os.access(build / "bin" / program, os.X_OK):
            sys.exit(f"connections: {program} is not built in {build}")
    os.environ["PATH"] = f"{build}/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    tally = Tally()
    with tempfile.TemporaryDirectory(prefix="connections-") as scratch:
        problem = what_is_missing(pathlib.Path(scratch))
        if problem:
            print(f"connections: skipped: {problem}")
            return CANNOT_RUN
        for behaviour in BEHAVIOURS:
            with Trial(tally, behaviour.__name__) as trial:
                behaviour(trial)
    print(f"{tally.passed} passed, {tally.failed} failed")
    return 1 if tally.failed else 0


def what_is_missing(scratch):
    if lacking := what_machine_lacks("ip", "nft"):
        return lacking
    if not os.path.exists("/proc/net/nf_conntrack"):
        return "needs /proc/net/nf_conntrack (CONFIG_NF_CONNTRACK_PROCFS)"
    try:
        know_names(scratch)
        with Trial(Tally(), "") as trial:
            listed = trial.run("nft list ruleset")
            return None if listed.returncode == 0 else "no nf_tables: " + listed.stderr
    except (OSError, subprocess.SubprocessError) as problem:
        return str(problem)


def know_names(scratch):
    """Of hosts and services, in a mount namespace of our own."""
    unshare(CLONE_NEWNS)
    mount(None, "/", MS_REC | MS_PRIVATE)
    etc = shutil.copytree(TESTS / "data/etc", scratch / "etc")
    with open(etc / "hosts", "a", encoding="ascii") as hosts:
        hosts.write(f"{INNER} pumpkin\n{OUTER} www.example.net\n")
    mount(etc, "/etc", MS_BIND)


# --- What must hold --------------------------------------------------------------------------


def nothing_to_list(trial):
    trial.says("ipchains -M -L -n", TITLE + "\n")
    trial.says("ipchains -M -L -v", TITLE + "\n")
    trial.says("nft list ruleset", "")


def all_kinds(trial):
    trial.forward(RULES)
    trial.do("ipchains -M -S 900 120 300")  # as in 2.2; columns have room for 99 minutes
    trial.tcp("inside", INNER, "outside", OUTER, 80)
    trial.tcp("inside", SECOND, "outside", OUTER, 80)
    trial.udp(INNER, OUTER, 53, answered=True)
    trial.udp(INNER, OUTER, 54, answered=False)
    trial.ping(INNER, OUTER)
    trial.raw(INNER, OUTER, GRE, struct.pack("!HH", 0, 0x0800) + bytes(20))
    trial.raw(INNER, OUTER, EXPERIMENTAL, bytes(20))
    # From outside, through a port that is forwarded: listed from the inner host's side.
    trial.tcp("outside", OUTER, "inside", PUBLIC, 8080, 80)
    # Not ours: another program's, nobody's, and the machine's own.
    trial.tcp("inside", INNER, "outside", FOREIGN, 80)
    trial.tcp("outside", OUTER, "inside", PUBLIC, 2222, 22)
    trial.tcp("inside", INNER, "outside", PLAIN, 80)
    trial.tcp(FIREWALL, PUBLIC, "outside", OUTER, 80)

    truth, all_of_them = trial.truth()
    trial.check("connections in the kernel", 12, all_of_them)
    rows = trial.rows("ipchains -M -L -n", HEADING)
    trial.check("what is listed", sorted(truth), sorted(rows))
    for row in truth:
        late = truth[row] - rows.get(row, 0)
        trial.check(f"expiry of {row}: {truth[row]} seconds, a moment ago", True, 0 <= late <= 3)
    kinds = sorted(row[0] for row in rows)
    trial.check("protocols", ["253", "GRE", "ICMP", "TCP", "TCP", "TCP", "UDP", "UDP"], kinds)
    ports = [int(row[4]) for row in rows if row[0] in ("TCP", "UDP") and row[4] != "8080"]
    trial.check("ports of this machine", [], [p for p in ports if not 61000 <= p <= 65095])
    ping = [row[5] for row in rows if row[0] == "ICMP"]
    trial.check("type and code of a ping", ["2048"], ping)

    check_verbose(trial)
    check_names(trial)
    trial.do("ipchains -F", "ipchains -P forward ACCEPT")
    rows = trial.rows("ipchains -M -L -n", HEADING)
    trial.check("what is listed when the rules are gone", sorted(truth), sorted(rows))


def check_verbose(trial):
    plain = trial.run("ipchains -M -L -n").stdout.splitlines()[2:]
    wide = trial.run("ipchains -M -L -n -v").stdout.splitlines()
    trial.check("-v: heading", [TITLE, WIDE_HEADING], wide[:2])
    # Nothing changed any stream's length.
    columns = {line[14:37] for line in wide[2:]}
    trial.check("-v: initseq, delta, prevd", {f"{0:10} {0:5} {0:5} "}, columns)
    rest = [re.sub(r" \d+:\d\d\.00 ", " ", line) for line in plain]
    found = [re.sub(r" \d+:\d\d\.00 ", " ", line[:14] + line[37:]) for line in wide[2:]]
    trial.check("-v: the rest", rest, found)


def check_names(trial):
    rows = trial.rows("ipchains -M -L", HEADING)
    web = [row for row in rows if row[5] == "http"]
    trial.check("names: web", {("TCP", "pumpkin"), ("TCP", SECOND)}, {row[:2] for row in web})
    trial.check("names: outer", {"www.example.net"}, {row[2] for row in rows})
    trial.check("names: UDP", ["54", "domain"], sorted(row[5] for row in rows if row[0] == "UDP"))
    forwarded = [row[3:5] for row in rows if row[4] == "8080"]
    trial.check("names: forwarded", [("http", "8080")], forwarded)


def helped(trial):
    """FTP: an address that is rewritten becomes longer, and the server's connection is let in."""
    trial.do(f"ipchains -A forward -s {INNER} -d {OUTER} -j MASQ", "ip-masq-module ftp")
    trial.do("ipchains -M -S 900 120 300")
    listener = trial.listener("outside", socket.SOCK_STREAM, 21)
    client = trial.socket("inside", socket.SOCK_STREAM, (INNER, 0))
    client.connect((OUTER, 21))
    server = trial.sockets.enter_context(listener.accept()[0])
    server.settimeout(PATIENCE)
    client.send(b"USER me\r\n")
    server.recv(100)
    server.send(b"331 Word\r\n")
    client.recv(100)
    data = trial.listener("inside", socket.SOCK_STREAM, 40000)
    for time_of_it in (1, 2):
        client.send(f"PORT {INNER.replace('.', ',')},156,64\r\n".encode())
        heard = server.recv(100).decode()
        trial.check("PORT", f"PORT {PUBLIC.replace('.', ',')},156,64\r\n", heard)
        server.send(b"200 Good\r\n")
        client.recv(100)
        sender = trial.socket("outside", socket.SOCK_STREAM, (OUTER, 0))
        sender.connect((PUBLIC, 40000))
        trial.sockets.enter_context(data.accept()[0])
        longer = len(PUBLIC) - len(INNER)
        shift = f"{longer * time_of_it:5} {longer * (time_of_it - 1):5} "
        check_helped(trial, client.getsockname()[1], sender.getsockname()[1], shift)


def check_helped(trial, control, data, shift):
    lines = trial.run("ipchains -M -L -n -v").stdout.splitlines()[2:]
    found = [line for line in lines if f" {control} (" in line and line.endswith(" -> 21")]
    trial.check("control connection", 1, len(found))
    trial.check("control connection: delta, prevd", [shift], [line[25:37] for line in found])
    trial.check("control connection: initseq", [True], [int(line[14:24]) > 0 for line in found])
    row = ("TCP", INNER, OUTER, "40000", "40000", str(data))
    trial.check("data connection", True, row in trial.rows("ipchains -M -L -n", HEADING))


def many(trial):
    """More than fit into one piece of the kernel's answer."""
    trial.forward(RULES)
    client = trial.socket("inside", socket.SOCK_DGRAM, (INNER, 0))
    for port in range(2000, 5000):
        client.sendto(b"x", (OUTER, port))
    truth, _ = trial.truth()
    trial.check("connections", 3000, len(truth))
    rows = trial.rows("ipchains -M -L -n", HEADING)
    trial.check("all are listed, each once", True, sorted(truth) == sorted(rows))


def timeouts_are_set(trial):
    """In a namespace where nothing uses conntrack yet."""
    before = trial.timeouts()
    trial.do("ipchains -M -S 0 0 0")
    trial.check("0 0 0", before, trial.timeouts())
    trial.do("ipchains -M -S 7200 10 160")
    trial.check("7200 10 160", {"tcp": {7200}, "tcpfin": {10}, "udp": {160}}, trial.timeouts())
    trial.do("ipchains -M -S 0 20 0")
    trial.check("0 20 0", {"tcp": {7200}, "tcpfin": {20}, "udp": {160}}, trial.timeouts())
    trial.do("ipchains -S 1 0 2")
    trial.check("1 0 2", {"tcp": {1}, "tcpfin": {20}, "udp": {2}}, trial.timeouts())
    tracked = trial.run("cat /proc/sys/net/netfilter/nf_conntrack_count").stdout
    trial.check("connections tracked", "0\n", tracked)
    # More than the kernel can count: the most that it can, which one second more is not.
    trial.do("ipchains -S 4294967295 2147483648 2147483647")
    most = trial.timeouts()
    trial.check("too much: all the same", 1, len(set.union(*most.values())))
    (limit,) = most["tcp"]
    trial.check("too much: at least 20 days", True, limit >= 20 * 86400)
    path = "/proc/sys/net/netfilter/nf_conntrack_udp_timeout"
    more = trial.run(f"echo {limit + 1} > {path}").returncode
    trial.check("too much: one more is refused", True, more != 0)


def all_or_none(trial):
    """The last of the files can't be written: the others are put back."""
    trial.do("ipchains -M -S 1000 100 200")
    before = trial.timeouts()
    path = "/proc/sys/net/netfilter/nf_conntrack_udp_timeout_stream"
    script = f"mount --bind {path} {path} && mount -o remount,bind,ro {path} && ipchains -S 1 2 3"
    failed = trial.run(f"unshare -m sh -c {shlex.quote(script)}")
    trial.check("exit status", 1, failed.returncode)
    trial.check("one line", (1, True), (failed.stderr.count("\n"), "read-only" in failed.stderr))
    trial.check("values", before, trial.timeouts())


def without_rights(trial):
    for command in ("ipchains -M -L -n", "ipchains -M -S 1 2 3"):
        failed = trial.run(f"setpriv --reuid 65534 --clear-groups {command}")
        trial.check(command, (1, ""), (failed.returncode, failed.stdout))
        trial.check(command, (1, True), (failed.stderr.count("\n"), "root" in failed.stderr))


def timeouts_hold(trial):
    trial.forward(RULES)
    trial.do("ipchains -M -S 300 20 40")
    client, server = trial.tcp("inside", INNER, "outside", OUTER, 80)
    trial.udp(INNER, OUTER, 53, answered=True)
    trial.expires("TCP", 300)
    trial.expires("UDP", 40)
    trial.do("ipchains -M -S 100 0 0")
    client.send(b"more")
    server.recv(4)
    trial.expires("TCP", 100)
    client.shutdown(socket.SHUT_WR)
    server.recv(1)
    trial.expires("TCP", 20)  # half closed
    server.close()
    client.recv(1)
    trial.expires("TCP", 20)
    trial.do("ipchains -S 0 2 0")
    # What is over stays for as long as was said at its last packet; what ends now, two seconds.
    client, server = trial.tcp("inside", SECOND, "outside", OUTER, 81)
    client.close()
    server.recv(1)
    server.close()
    trial.expires("TCP", 2, SECOND)
    time.sleep(2.5)
    rows = trial.rows("ipchains -M -L -n", HEADING)
    trial.check("over", [("TCP", INNER), ("UDP", INNER)], sorted(row[:2] for row in rows))


BEHAVIOURS = [
    nothing_to_list,
    all_kinds,
    helped,
    many,
    timeouts_are_set,
    all_or_none,
    without_rights,
    timeouts_hold,
]


if __name__ == "__main__":
    sys.exit(main())
