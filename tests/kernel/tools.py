#!/usr/bin/env python3
"""ipmasqadm, ipportfw, ipautofw, ipfwd and ip-masq-module as old scripts use them.

Usage: tools.py --backend file|kernel [--build DIRECTORY]

Each step is a command line with what it must print and its exit status; the same steps run on a
state file and on the kernel, in a network namespace of their own. The rules of ipchains must not
notice, and neither must one tool's entries when another's are flushed.

The closing line is "N passed, N failed"; the exit status 0, 1 if any failed, 77 if it can't be run
on this machine (--backend kernel needs root and nf_tables).
"""

import argparse
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

from run_cases import (CANNOT_RUN, CLONE_NEWNS, MS_BIND, MS_PRIVATE, MS_REC, TESTS, mount,
                       unshare)
from tally import Tally

CLONE_NEWNET = 0x40000000
TIMEOUT = 20

PORTFW = "prot localaddr            rediraddr               lport    rport  pcnt  pref\n"
WEB = "TCP  203.0.113.1          10.0.0.2                   80     8080    10    10\n"
WEB_2 = "TCP  203.0.113.1          10.0.0.3                   80       80     5     5\n"
NAMES = "UDP  203.0.113.1          10.0.0.2                   53       53    10    10\n"
IPPORTFW = "Prot Local Addr/Port > Remote Addr/Port\n"
MFW = "fwmark     rediraddr               rport  pcnt  pref\n"
MARK_A = "1          10.0.0.2                   80    10    10\n"
MARK_B = "1          10.0.0.3                    *    20    20\n"
MARK_B_EDITED = "1          10.0.0.3                    *     7     7\n"
AUTOFW = "prot      low     high rediraddr            ctl     port flags\n"
RAUDIO = "UDP      6970     7170 *                    TCP     7070 --\n"
RAUDIO_554 = "UDP      6970     7170 *                    TCP      554 --\n"
RAUDIO_8554 = "UDP      6970     7170 *                    TCP     8554 --\n"
GAME = "UDP      2300     2400 *                    TCP    47624 ui\n"
FTP_RANGE = "TCP        20       21 10.0.0.2             -          - --\n"
IPFWD = "protocol   rediraddr            masq\n"
GRE = "47         10.0.0.2             yes\n"
ESP = "50         10.0.0.3             no\n"

# (command, status, standard output or None for any); "" is nothing on standard error, either.
STEPS = [
    ("ipmasqadm portfw -l -n", 0, PORTFW),
    ("ipmasqadm portfw -f", 0, ""),
    ("ipmasqadm portfw -a -P tcp -L 203.0.113.1 80 -R 10.0.0.2 8080", 0, ""),
    ("ipmasqadm portfw -a -Ptcp -L 203.0.113.1 80 -R 10.0.0.3 80 -p 5", 0, ""),
    ("ipportfw -A -u 203.0.113.1/53 -R 10.0.0.2/53", 0, ""),
    ("ipmasqadm portfw -ln", 0, PORTFW + WEB + WEB_2 + NAMES),
    ("ipportfw -L -n", 0, IPPORTFW + "TCP  203.0.113.1/80 > 10.0.0.2/8080\n"
     "TCP  203.0.113.1/80 > 10.0.0.3/80\nUDP  203.0.113.1/53 > 10.0.0.2/53\n"),
    ("ipmasqadm mfw -A -m 1 -r 10.0.0.2 80", 0, ""),
    ("ipmasqadm mfw -A -m 0x1 -r 10.0.0.3 -p 20", 0, ""),
    ("ipmasqadm mfw -L -n", 0, MFW + MARK_A + MARK_B),
    ("ipmasqadm mfw -S -m 1", 0, ""),
    ("ipmasqadm mfw -E -m 1 -r 10.0.0.3 -p 7", 0, ""),
    ("ipmasqadm mfw -E -m 2 -r 10.0.0.3 -p 7", 1, None),
    ("ipmasqadm mfw -S -m 2", 1, None),
    ("ipmasqadm mfw -L -n", 0, MFW + MARK_B_EDITED + MARK_A),
    ("ipmasqadm autofw -A -r udp 6970 7170 -c tcp 7070", 0, ""),
    ("ipautofw -A -v -r udp 2300 2400 -c tcp 47624 -u -i", 0, ""),
    ("ipautofw -A -r tcp 20 21 -h 10.0.0.2", 0, ""),
    ("ipautofw -L -n", 0, AUTOFW + RAUDIO + GAME + FTP_RANGE),
    ("ipfwd --masq 10.0.0.2 47", 0, ""),
    ("ipfwd 10.0.0.3 esp", 0, ""),
    ("ipfwd --list -n", 0, IPFWD + GRE + ESP),
    ("ip-masq-module ftp ports=21,2121", 0, ""),
    ("insmod /lib/modules/2.2.14/ipv4/ip_masq_irc.o", 0, ""),
    ("modprobe ip_masq_ftp", 0, ""),
    ("insmod ip_masq_ftp", 0, ""),
    # Loaded with ports=21,2121 as it is, there is nothing to do.
    ("ip-masq-module --dry-run ftp", 0, ""),
    ("ip-masq-module ftp debug=1 --dry-run", 0, ""),
    ("ip-masq-module ftp ports=2021 --dry-run", 0, None),
    ("ip-masq-module pptp --dry-run", 0, None),
    ("ip-masq-module pptp --help", 0, None),
    ("ip-masq-module pptp -V", 0, None),
    ("ip-masq-module pptp h323", 2, None),
    ("ip-masq-module pptp --list", 2, None),
    ("ip-masq-module --list --dry-run", 2, None),
    ("ip-masq-module pptp --state", 2, None),
    ("ip-masq-module quake 26000,27000", 0, ""),
    ("modprobe ip_masq_portfw", 0, ""),
    ("modprobe ip_masq_cuseeme", 0, None),
    ("modprobe ip_masq_nothing", 1, None),
    # raudio: ipmasqadm's entry is the same as its own.
    ("ip-masq-module --list", 0, "ip_masq_raudio            0   0\n"
     "ip_masq_ftp               0   0\nip_masq_irc               0   0\n"),
    # What others did is left alone.
    ("ipchains -L forward -n", 0, None),
    ("ipmasqadm portfw -d -P tcp -L 203.0.113.1 80 -R 10.0.0.2 8081", 1, None),
    ("ipmasqadm portfw -d -P tcp -L 203.0.113.1 80 -R 10.0.0.2 8080", 0, ""),
    ("ipmasqadm portfw -ln", 0, PORTFW + WEB_2 + NAMES),
    ("ipportfw -D -t 203.0.113.1/80", 0, ""),
    ("ipportfw -D -t 203.0.113.1/80", 1, None),
    ("ipmasqadm portfw -ln", 0, PORTFW + NAMES),
    ("ipportfw -C", 0, ""),
    ("ipmasqadm portfw -ln", 0, PORTFW),
    ("ipmasqadm mfw -L -n", 0, MFW + MARK_B_EDITED + MARK_A),
    ("ipmasqadm mfw -D -m 1", 0, ""),
    ("ipmasqadm mfw -L", 0, MFW),
    ("ipautofw -D -r udp 6970 7170", 0, ""),
    ("modprobe -a ip_masq_raudio ip_masq_user", 0, ""),
    ("ipautofw -L -n", 0, AUTOFW + GAME + FTP_RANGE + RAUDIO + RAUDIO_554),
    ("modprobe ip_masq_raudio ports=8554,554", 0, ""),
    ("insmod ip_masq_raudio", 0, ""),
    ("ipautofw -L -n", 0, AUTOFW + GAME + FTP_RANGE + RAUDIO_554 + RAUDIO_8554),
    ("ip-masq-module --list", 0, "ip_masq_raudio            0   0\n"
     "ip_masq_ftp               0   0\nip_masq_irc               0   0\n"),
    ("rmmod ip_masq_raudio", 0, ""),
    ("modprobe -r ip_masq_raudio", 1, None),
    ("ipmasqadm autofw -L -n", 0, AUTOFW + GAME + FTP_RANGE),
    ("ipautofw -D -r tcp 20 21 -h 10.0.0.2", 0, ""),
    ("ipmasqadm autofw -L -n", 0, AUTOFW + GAME),
    ("ipautofw -F", 0, ""),
    ("ipmasqadm autofw -L -n", 0, AUTOFW),
    ("ipfwd --list -n", 0, IPFWD + GRE + ESP),
    ("ipfwd --delete 10.0.0.3 50", 0, ""),
    ("ipfwd --list -n", 0, IPFWD + GRE),
    ("rmmod ip_masq_ftp", 0, ""),
    ("rmmod ip_masq_ftp", 1, None),
    ("ip-masq-module irc --remove", 0, ""),
    ("ip-masq-module --list", 0, ""),
    # Command lines that are wrong change nothing.
    ("ipmasqadm", 2, None),
    ("ipmasqadm portfw -a -P tcp -L 203.0.113.1 80", 2, None),
    ("ipportfw -A -t 203.0.113.1/61000 -R 10.0.0.2/80", 2, None),
    ("ipautofw -A -r udp 7170 6970 -h 10.0.0.2", 2, None),
    ("ipfwd 10.0.0.2", 2, None),
    ("ip-masq-module", 2, None),
    ("ipmasqadm mfw -A -m 0 -r 10.0.0.2", 2, None),
    ("ipmasqadm portfw -a -P tcp -L 203.0.113.1 80 -R 127.0.0.1 80", 2, None),
    ("ipmasqadm portfw -l --dry-run", 2, None),
    ("ipmasqadm portfw -ln", 0, PORTFW),
]

RULES = [
    "ipchains -P forward DENY",
    "ipchains -A forward -s 10.0.0.0/8 -j MASQ",
    "ipchains -A input -p tcp -d 203.0.113.1 81 -m 1",
]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--backend", choices=("file", "kernel"), required=True)
    parser.add_argument("--build", type=pathlib.Path, default=TESTS.parent / "build")
    arguments = parser.parse_args()
    build = arguments.build.resolve()
    with tempfile.TemporaryDirectory(prefix="fw-tools-") as directory:
        if arguments.backend == "kernel":
            os.environ.pop("IPCHAINS_STATE", None)
            problem = enter_namespace(build)
            if problem:
                print(f"tools: skipped: {problem}")
                return CANNOT_RUN
        else:
            os.environ["IPCHAINS_STATE"] = directory + "/state"
        tally = Tally()
        shell = Shell(build)
        run_steps(shell, tally)
        run_foreground(shell, tally)
        run_dry(shell, tally)
        run_cautions(shell, tally)
        run_settings(shell, tally, pathlib.Path(directory))
        run_state(shell, tally, pathlib.Path(directory))
        if arguments.backend == "kernel":
            hand_over(shell, tally, pathlib.Path(directory))
    print(f"{tally.passed} passed, {tally.failed} failed")
    return 1 if tally.failed else 0


def enter_namespace(build):
    """Returns why not, if it can't."""
    try:
        unshare(CLONE_NEWNET)
    except OSError as error:
        return str(error)
    answer = subprocess.run([build / "bin/ipchains", "-P", "input", "ACCEPT"], capture_output=True,
                            text=True, timeout=TIMEOUT)
    return answer.stderr.strip()


class Shell:
    """Command lines as a script of the time would have them: the old names come first."""

    def __init__(self, build):
        path = f"{build}/libexec/ipchains:{build}/bin:" + os.environ["PATH"]
        self.environment = os.environ | {"PATH": path, "LC_ALL": "C"}

    def run(self, line):
        return subprocess.run(["sh", "-c", line], capture_output=True, text=True,
                              env=self.environment, timeout=TIMEOUT)

    def start(self, line):
        return subprocess.Popen(["sh", "-c", "exec " + line], env=self.environment)


def run_steps(shell, tally):
    for line in RULES:
        tally.check(line, (0, "", ""), parts(shell.run(line)))
    rules = shell.run("ipchains -L -n -v").stdout
    for line, status, output in STEPS:
        answer = shell.run(line)
        tally.check(f"{line}: status", status, answer.returncode)
        if output is not None:
            tally.check(f"{line}: output", output, answer.stdout)
            tally.check(f"{line}: errors", "", answer.stderr)
        elif status != 0:
            tally.check(f"{line}: one line of errors", 1, answer.stderr.count("\n"))
            tally.check(f"{line}: no output", "", answer.stdout)
        tally.check(f"{line}: rules", rules, shell.run("ipchains -L -n -v").stdout)


def parts(answer):
    return answer.returncode, answer.stdout, answer.stderr


def hand_over(shell, tally, directory):
    """What is no module of masquerading goes to the real insmod, modprobe, rmmod and lsmod."""
    for name in ("insmod", "modprobe", "rmmod", "lsmod"):
        program = directory / name
        program.write_text('#!/bin/sh\necho "real ${0##*/} $*"\nexit 3\n')
        program.chmod(0o755)
    unshare(CLONE_NEWNS)
    mount(None, "/", MS_REC | MS_PRIVATE)
    mount(directory, os.path.realpath("/sbin"), MS_BIND)
    for line, output in (
        ("insmod dummy.ko numdummies=2", "real insmod dummy.ko numdummies=2\n"),
        ("insmod -f dummy.ko ip_masq_ftp", "real insmod -f dummy.ko ip_masq_ftp\n"),
        ("modprobe -q dummy", "real modprobe -q dummy\n"),
        ("modprobe -C /dev/null dummy", "real modprobe -C /dev/null dummy\n"),
        ("modprobe -a ip_masq_user dummy bonding", "real modprobe -a dummy bonding\n"),
        ("modprobe -V", "real modprobe -V\n"),
        ("rmmod dummy", "real rmmod dummy\n"),
        ("lsmod", "real lsmod \n"),
    ):
        tally.check(line, (3, output, ""), parts(shell.run(line)))
    shell.run("insmod ip_masq_ftp")
    tally.check("lsmod, and ours", "real lsmod \nip_masq_ftp               0   0\n",
                shell.run("lsmod").stdout)
    (directory / "lsmod").chmod(0o644)
    for path in ("/usr/sbin/lsmod", "/bin/lsmod", "/usr/bin/lsmod"):
        if os.access(path, os.X_OK):
            mount(directory / "lsmod", os.path.realpath(path), MS_BIND)
    tally.check("lsmod, ours alone", (0, "ip_masq_ftp               0   0\n", ""),
                parts(shell.run("lsmod")))


def run_cautions(shell, tally):
    """One line about what is likely a mistake, and then it is done."""
    for line, caution in (
        ("modprobe ip_masq_ftp port=2121", "modprobe: ip_masq_ftp: port=2121: no such parameter"),
        ("ip-masq-module irc in_port=1", "ip-masq-module: irc: in_port=1: no such parameter"),
        ("insmod ip_masq_vdolive", "insmod: ip_masq_vdolive: nothing helps"),
    ):
        answer = shell.run(line)
        tally.check(line, (0, "", caution, 1),
                    (answer.returncode, answer.stdout, answer.stderr[:len(caution)],
                     answer.stderr.count("\n")))
    tally.check("loaded all the same", (0, "", ""),
                parts(shell.run("ip-masq-module ftp --remove && ip-masq-module --remove irc")))


def run_settings(shell, tally, directory):
    """A slip in /etc/ipchains.conf keeps nobody from setting up a firewall."""
    settings = directory / "conf"
    settings.write_text("log = deamon\n")
    for line in ("ipchains -N settings", "ipchains -A settings -l", "ipchains -L settings -n",
                 "ipmasqadm portfw -a -P tcp -L 203.0.113.1 80 -R 10.0.0.2 80",
                 "ipportfw -C", "ip-masq-module --list", "ipchains -F settings",
                 "ipchains -X settings"):
        answer = shell.run(f"IPCHAINS_CONF={settings} {line}")
        caution = f"{line.split()[0]}: {settings} line 1: deamon: "
        tally.check(line, (0, caution, 1), (answer.returncode, answer.stderr[:len(caution)],
                                            answer.stderr.count("\n")))


def run_state(shell, tally, directory):
    """--state behind the module's name: a file, and nothing else, is worked on."""
    file = directory / "other"
    shell.run(f"ip-masq-module pptp --state {file}")
    tally.check("--state behind the name: not here", (0, "", ""),
                parts(shell.run("ip-masq-module --list")))
    tally.check("--state behind the name: in it", (0, "ip_masq_pptp              0   0\n", ""),
                parts(shell.run(f"ip-masq-module --list --state={file}")))


def run_foreground(shell, tally):
    """ipfwd --foreground takes its entry out again, and `ipfwd ... &` of an init script does not."""
    background = shell.run("ipfwd --masq 10.0.0.2 47 & wait $!")
    tally.check("ipfwd &", (0, "", ""), parts(background))
    for number in (signal.SIGTERM, signal.SIGINT):
        process = shell.start("ipfwd --foreground 10.0.0.3 50")
        try:
            wait_for(lambda: "10.0.0.3" in shell.run("ipfwd --list -n").stdout)
            tally.check("ipfwd --foreground", IPFWD + GRE + ESP, shell.run("ipfwd -ln").stdout)
            process.send_signal(number)
            tally.check("ipfwd, stopped", 0, process.wait(TIMEOUT))
        finally:
            process.kill()
            process.wait()
        tally.check("ipfwd, afterwards", IPFWD + GRE, shell.run("ipfwd -ln").stdout)


def wait_for(holds):
    end = time.monotonic() + TIMEOUT
    while not holds() and time.monotonic() < end:
        time.sleep(0.02)


def run_dry(shell, tally):
    """--dry-run shows a script and changes nothing; -h and what it prints work without root."""
    script = shell.run("ipmasqadm portfw -a -P tcp -L 203.0.113.1 80 -R 10.0.0.2 8080 --dry-run")
    tally.check("--dry-run: status", 0, script.returncode)
    tally.check("--dry-run: a script", True, "dnat to 10.0.0.2:8080" in script.stdout)
    tally.check("--dry-run: nothing done", PORTFW, shell.run("ipmasqadm portfw -ln").stdout)
    for tool in ("ipmasqadm", "ipmasqadm portfw", "ipmasqadm mfw", "ipmasqadm autofw", "ipportfw",
                 "ipautofw", "ipfwd", "ip-masq-module"):
        answer = shell.run(tool + " -h")
        tally.check(f"{tool} -h", (0, True, ""),
                    (answer.returncode, answer.stdout.startswith("Usage: "), answer.stderr))
        answer = shell.run(tool + " --version")
        tally.check(f"{tool} --version", (0, True, ""),
                    (answer.returncode, answer.stdout.startswith(tool.split()[0] + " (ipchains "),
                     answer.stderr))


if __name__ == "__main__":
    sys.exit(main())
