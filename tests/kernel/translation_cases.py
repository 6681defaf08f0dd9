"""What translations.py translates: command lists, saved rules, and scripts with what they are given
and what is expected of them.

A script's expectations stand in files beside it, NAME.expect or NAME.WORD.expect: saved rules as
ipchains-save prints them, verified by hand, and above them comments that say how it is run:

    # arguments: start
    # with: eth0=192.168.1.1/24 ppp0=203.0.113.7
    # kernel: 2.0.36
    # forward: an ipmasqadm command that makes a port forward of the result
    # says: words of the report
    # fails: words of the complaint; there are no rules then

Rules of ipfwadm are expected as the rules of ipchains that they become; those of a list of ipfwadm's
commands stand beside it in the same way.
"""

import pathlib
import shlex
import typing

from run_cases import TESTS

SCRIPTS = TESTS / "data/scripts"

# Command lists with nothing of a shell in them; the scripts of the VPN HOWTO are such, too.
IPFWADM_LISTS = sorted([*SCRIPTS.glob("ipfwadm/*.rules"), *SCRIPTS.glob("vpn-howto-ipfwadm-*.sh")])
LISTS = sorted({*SCRIPTS.glob("howto/*.rules"), *SCRIPTS.glob("vpn-howto-*.sh")} - {*IPFWADM_LISTS})

# Lists whose commands are wrong: the line, and the word that is complained of.
WRONG = {
    "4.1-both-ways-as-printed.rules": (3, "reject"),
    "vpn-public-server-as-printed.rules": (13, "did you mean the letter, -O"),
}

# Scripts that want a variable; what they do is in one of the lists.
NEEDY = {"howto-4.2.sh"}

SAVED = [SCRIPTS / "etc/ipchains.rules", SCRIPTS / "etc/ipchains.txt",
         SCRIPTS / "etc/sysconfig/ipchains"]  # fmt: skip


class Script(typing.NamedTuple):
    path: pathlib.Path
    arguments: list[str] = []
    interfaces: list[str] = []
    kernel: list[str] = []
    rules: str | None = None  # as ipchains-save prints them; None: as ipchains itself makes of it
    forwards: list[str] = []
    says: list[str] = []
    fails: list[str] = []

    def __str__(self):
        return " ".join([self.path.name, *self.arguments])


def ipfwadm_list(path):
    return with_expectations(path, path.with_suffix(".expect"))


def scripts():
    found = []
    for path in sorted([SCRIPTS / "rc.firewall", *SCRIPTS.glob("*.sh"), *SCRIPTS.glob("*/*.sh"), *SCRIPTS.glob("*/*.pl")]):
        if path.parent.name == "hostile" or path.name in NEEDY:
            continue
        expected = sorted(path.parent.glob(path.stem + "*.expect"))
        expected = [file for file in expected if file.name.split(".expect")[0].rstrip(".") == path.stem
                    or file.name.startswith(path.stem + ".")]  # fmt: skip
        found += [with_expectations(path, file) for file in expected] or [Script(path)]
    return found


def with_expectations(path, file):
    lines = file.read_text(encoding="ascii").splitlines()
    notes = [line[2:].split(": ", 1) for line in lines if line.startswith("# ")]

    def noted(name):
        return [value for key, value in notes if key == name]

    return Script(
        path,
        [word for value in noted("arguments") for word in shlex.split(value)],
        [word for value in noted("with") for word in value.split()],
        noted("kernel"),
        "".join(line + "\n" for line in lines if not line.startswith("#")),
        noted("forward"),
        noted("says"),
        noted("fails"),
    )
