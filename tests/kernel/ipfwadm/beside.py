"""The tables of ipfwadm and ipchains beside each other; other programs' rules; damage."""

import os

from ipfwadm.shell import (attempt, cautioned, good, path_in, refused, rules, scratch, table,
                           tables)
from robust.sandbox import nft

BOTH = ["ip ipchains", "ip ipfwadm"]
PORT = "-t 203.0.113.1/80 -R 192.168.1.2/80"


def check_whoever_comes_second_says_so_once():
    good("ipchains -P forward DENY", "ipchains -A input -s 10.0.0.9 -j DENY")
    cautioned("ipfwadm -I -a deny -S 10.0.0.1", "ipchains")
    good("ipfwadm -I -a deny -S 10.0.0.2", "ipfwadm -F -p deny", "ipfwadm -F -a m -S 10.0.0.0/8",
         "ipchains -A input -s 10.0.0.8 -j DENY", "ipfwadm -I -l", "ipchains -L -n")
    nft("delete table ip ipchains\n")
    good("ipfwadm -I -a deny -S 10.0.0.3", "ipchains -L")
    cautioned("ipchains -P input DENY", "ipfwadm")
    good("ipchains -P input ACCEPT", "ipfwadm -I -f")
    nft("delete table ip ipchains\n")
    with scratch() as directory:
        saved = path_in(directory, "saved")
        with open(saved, "w", encoding="ascii") as file:
            file.write(":input DENY\n")
        cautioned(f"ipchains-restore {saved}", "ipfwadm")
        good(f"ipchains-restore {saved}")


def check_neither_touches_the_others_rules():
    good("ipchains -N foo", "ipchains -A input -s 10.0.0.9 -j foo",
         "ipchains -A forward -s 10.0.0.0/8 -j MASQ",
         "ipchains -A input -p tcp -d 0/0 80 -j REDIRECT")
    before = table("ipchains", "-a")
    cautioned("ipfwadm -F -p deny", "ipchains")
    good("ipfwadm -F -a m -S 10.0.0.0/8", "ipfwadm -I -a acc -P tcp -D 0/0 80 -r 8080",
         "ipfwadm -A both -a", "ipfwadm -I -z", "ipfwadm -I -l -z", "ipfwadm -F -f",
         "ipfwadm -F -a m -S 10.1.0.0/16", "ipfwadm -O -p reject")
    assert table("ipchains", "-a") == before
    before = table("ipfwadm", "-a")
    good("ipchains -F", "ipchains -X", "ipchains -Z", "ipchains -P output REJECT",
         "ipchains -A forward -j MASQ", "ipchains -L -Z -n")
    assert table("ipfwadm", "-a") == before
    listed = good("ipfwadm -F -l -e -n")
    nft("delete table ip ipchains\n")
    assert good("ipfwadm -F -l -e -n") == listed


# --- Masquerading tools of Linux 2.0 ----------------------------------------------------------


def check_tools_serve_whom_they_find():
    """Nobody, or both: ipchains, as ever. ipfwadm alone: ipfwadm."""
    good(f"ipportfw -A {PORT}")
    assert tables() == ["ip ipchains"], tables()
    nft("delete table ip ipchains\n")
    good("ipfwadm -F -a m -S 192.168.1.0/24", f"ipportfw -A {PORT}", "ipfwd --masq 192.168.1.2 47",
         "ipautofw -A -r tcp 20 21 -h 192.168.1.2", "ip-masq-module ftp")
    assert tables() == ["ip ipfwadm"], tables()
    text = table("ipfwadm")
    assert "dnat to 192.168.1.2:80" in text and "ip protocol gre" in text, text
    entries = [good("ipportfw -L -n"), good("ipfwd --list -n"), good("ipautofw -L -n"),
               good("ip-masq-module --list")]
    assert [text.count("\n") for text in entries] == [2, 2, 2, 1], entries
    # The rules are as they were, and a flush of theirs leaves what is forwarded.
    assert len(rules("F")) == 1
    good("ipfwadm -F -f", "ipfwadm -F -a m -S 192.168.1.0/24")
    assert good("ipportfw -L -n") == entries[0]
    # ipmasqadm is of Linux 2.2.
    cautioned("ipmasqadm portfw -a -P tcp -L 203.0.113.1 25 -R 192.168.1.3 25", "ipfwadm")
    assert tables() == BOTH
    listed = cautioned("ipportfw -L -n", "table ip ipchains")
    assert "192.168.1.3/25" in listed and "192.168.1.2/80" not in listed, listed
    nft("delete table ip ipchains\n")
    good("ipportfw -C", "ipfwd --delete --masq 192.168.1.2 47", "ipautofw -F",
         "ip-masq-module --remove ftp")
    assert "dnat to" not in table("ipfwadm") and good("ip-masq-module --list") == ""


def check_tools_and_state_files():
    with scratch() as directory:
        old, new = path_in(directory, "ipfwadm"), path_in(directory, "ipchains")
        variables = {"IPFWADM_STATE": old}
        good(f"ipportfw -A {PORT}", **variables)
        good("ipfwadm -F -a m", **variables)
        listed = good("ipportfw -L -n", **variables)
        assert "192.168.1.2/80" in listed
        # Whatever the file holds.
        assert good(f"ipportfw -L -n --state {old}") == listed
        refused(f"ipmasqadm portfw -l --state {old}", "ipfwadm", status=1)
        # Both variables: whose file there is, else ipchains'.
        variables["IPCHAINS_STATE"] = new
        assert good("ipportfw -L -n", **variables) == listed and not os.path.exists(new)
        good("ipchains -P input DENY", **variables)
        listed = cautioned("ipportfw -L -n", "ipchains", **variables)
        assert listed.count("\n") == 1, listed
        os.unlink(old)
        good(f"ipportfw -A {PORT}", **variables)
        assert not os.path.exists(old)
    assert tables() == []


# --- What others did ----------------------------------------------------------------------------


def check_foreign_rules_are_listed_and_kept():
    good("ipfwadm -I -a deny -S 10.0.0.1", "ipfwadm -I -a deny -S 10.0.0.2",
         "ipfwadm -A in -a -S 10.0.0.1")
    nft("insert rule ip ipfwadm input tcp dport 11 counter packets 7 bytes 700\n"
        "add rule ip ipfwadm accounting tcp dport 12 counter packets 7 bytes 700\n")
    for category in "IA":
        listed = good(f"ipfwadm -{category} -l -n")
        assert listed.count("foreign rule") == 1 and "ip ipfwadm" in listed, listed
    done = attempt("ipfwadm-save")
    assert "foreign" not in done.stdout and done.stderr.count("\n") == 1, done
    good("ipfwadm -I -d deny -S 10.0.0.1", "ipfwadm -I -i accept -S 10.0.0.3", "ipfwadm -I -p deny",
         "ipfwadm -I -l -z", "ipfwadm -I -z", "ipfwadm -A -z")
    assert table("ipfwadm").count("counter packets 7 bytes 700") == 2, table("ipfwadm")
    flushed = cautioned("ipfwadm -I -f", "1")
    assert flushed == "" and table("ipfwadm").count("packets 7 bytes 700") == 1


def check_damage_is_told():
    for damage in ("flush chain ip ipfwadm input.hook", "flush table ip ipfwadm",
                   "flush chain ip ipfwadm forward.hook"):
        good("ipfwadm -I -a deny -S 10.0.0.1", "ipfwadm -F -a m", "ipfwadm -A in -a")
        nft(damage + "\n")
        before = table("ipfwadm", "-a")
        for line in ("ipfwadm -I -l", "ipfwadm -I -l -z", "ipfwadm -I -d deny -S 10.0.0.1",
                     "ipfwadm -F -f", "ipfwadm -A -l"):
            assert refused(line, "nft delete table ip ipfwadm") == ""
        refused("ipfwadm-save", "nft delete table ip ipfwadm", status=1)
        assert table("ipfwadm", "-a") == before
        nft("delete table ip ipfwadm\n")
    # What nft lists decides the same, but is nobody's to manage.
    good("ipfwadm -I -a deny -S 10.0.0.1")
    text = table("ipfwadm")
    nft("delete table ip ipfwadm\n" + text)
    refused("ipfwadm -I -l", "nft delete table ip ipfwadm")
