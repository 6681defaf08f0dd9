"""ipfwadm-save: commands that rebuild the rules."""

import difflib
import os
import subprocess

from ipfwadm.shell import (attempt, environment, good, path_in, refused, scratch, table)
from robust import sandbox

RULES = [
    "ipfwadm -I -p deny", "ipfwadm -O -p reject", "ipfwadm -F -p deny",
    "ipfwadm -I -a accept -S 10.0.0.0/8 -D 192.168.1.1 -W lo",
    "ipfwadm -I -a accept -P tcp -S 0/0 1024:65535 -D 0/0 21 25 80 110 -y -o",
    "ipfwadm -I -a accept -P tcp -k -b -S 10.0.0.0/255.0.255.0 -D 0/0 20:23 80",
    "ipfwadm -I -i accept -P tcp -D 0/0 80 -r 3128", "ipfwadm -I -a accept -P udp -D 0/0 -r",
    "ipfwadm -I -a deny -P icmp -S 0/0 5 13:18 -o", "ipfwadm -I -a reject -V 127.0.0.1",
    "ipfwadm -O -a accept -t 01 10 -P tcp -D 0/0 23", "ipfwadm -O -a deny -D 127.0.0.0/8 -o",
    "ipfwadm -F -a m -S 192.168.1.0/24 -D 0/0", "ipfwadm -F -a accept -b -S 10.1.0.0/16",
    "ipfwadm -A in -a -P tcp -D 0/0 80 443", "ipfwadm -A out -a -W lo",
    "ipfwadm -A -a -b -S 10.0.0.1",
]


def listings(**variables):
    return [good(f"ipfwadm -{category} -l -e -n", **variables) for category in "IOFA"]


def in_kernel():
    """The sets and chains of the table, in the order of their names."""
    return sorted(table("ipfwadm", "-s").split("\n\n"))


def sh(script, **variables):
    path = {"PATH": f"{sandbox.BUILD}/bin:" + os.environ["PATH"]}
    done = subprocess.run(["sh", "-e"], input=script, text=True, capture_output=True,
                          env=environment(path | variables), timeout=60)
    assert done.returncode == 0 and not done.stderr and not done.stdout, done


def check_what_is_saved_rebuilds_the_rules():
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    good(*RULES)
    script, listed, kernel = good("ipfwadm-save"), listings(), in_kernel()
    assert script.count("ipfwadm ") >= len(RULES), script
    # Into nothing, and over itself: the script begins with flushing.
    subprocess.run(["nft", "delete", "table", "ip", "ipfwadm"], check=True)
    for _ in range(2):
        sh(script)
        assert listings() == listed
        differs = difflib.unified_diff(kernel, in_kernel(), lineterm="")
        assert in_kernel() == kernel, "\n".join(differs)
        assert good("ipfwadm-save") == script


def check_saving_from_a_file_and_options():
    with scratch() as directory:
        first, second = path_in(directory, "first"), path_in(directory, "second")
        good("ipfwadm -I -a deny -S 10.0.0.1", "ipfwadm -A in -a", IPFWADM_STATE=first)
        script = good(f"ipfwadm-save --state {first}")
        assert script == good("ipfwadm-save", IPFWADM_STATE=first)
        sh(script, IPFWADM_STATE=second)
        assert listings(IPFWADM_STATE=second) == listings(IPFWADM_STATE=first)
        counted = good(f"ipfwadm-save -c --state {first}")
        assert "[0:0]" in counted and "[0:0]" not in script, counted
        sh(counted, IPFWADM_STATE=second)
        assert good("ipfwadm-save", IPFWADM_STATE=second) == script
    assert attempt("ipfwadm-save -h").stdout.startswith("Usage: ipfwadm-save")
    assert good("ipfwadm-save --version").startswith("ipfwadm-save ")
    refused("ipfwadm-save input", "input", status=2)
    refused("ipfwadm-save --nonsense", "--nonsense", status=2)
