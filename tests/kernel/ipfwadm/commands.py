"""Command lines, exit statuses, state files, dry runs."""

import os
import subprocess

from ipfwadm.shell import (attempt, cautioned, command, good, lo_up, path_in, refused, rules,
                           counts, scratch, send, table, tables)

NETWORK = "-S 192.168.1.0/24 -D 0.0.0.0/0"


def check_letters_may_stand_together():
    """As the scripts of the time had them; each pair is the same rule."""
    for apart, together in [
        ("ipfwadm -F -a accept -m", "ipfwadm -Fam accept"),
        ("ipfwadm -I -a deny", "ipfwadm -Ia deny"),
        ("ipfwadm -I -a deny -o -y -P tcp", "ipfwadm -Iaoy deny -Ptcp"),
        ("ipfwadm -O -a accept -b", "ipfwadm -Ob -a acc"),
        ("ipfwadm -A both -a -P udp", "ipfwadm -A -aPudp"),
        ("ipfwadm -A in -i -b", "ipfwadm -A in -ib"),
    ]:
        category = apart.split()[1][1]
        good(f"ipfwadm -{category} -f", f"{apart} {NETWORK}")
        wanted = rules(category)
        good(f"ipfwadm -{category} -f", f"{together} {NETWORK}")
        assert rules(category) == wanted, (together, rules(category))
    good("ipfwadm -F -f", f"ipfwadm -F -a m {NETWORK}")
    assert rules("F")[0].split()[2] == "acc/m", rules("F")
    assert good("ipfwadm -Ilenx") == good("ipfwadm -I -l -e -n -x")


def check_both_names_say_the_same():
    for line in ("-I -l", "-h", "--version", "-I -a nonsense", "-I -d deny -S 10.0.0.1"):
        first, second = attempt("ipfwadm " + line), attempt("ipfwadm-wrapper " + line)
        assert (first.returncode, first.stdout, first.stderr) == \
            (second.returncode, second.stdout, second.stderr), (first, second)
    good("ipfwadm-wrapper -I -a deny -S 10.0.0.1")
    assert len(rules("I")) == 1 and tables() == ["ip ipfwadm"]


def check_exit_statuses():
    assert attempt("ipfwadm -h").stdout.startswith("Usage: ipfwadm "), attempt("ipfwadm -h")
    assert good("ipfwadm --version").startswith("ipfwadm 2.3.0 (")
    assert tables() == [], "nobody asked for a table"
    for line in ("ipfwadm", "ipfwadm -I", "ipfwadm -I -a sideways", "ipfwadm -a accept",
                 "ipfwadm -F -p", "ipfwadm -I -a accept -S nohost.invalid"):
        refused(line, status=2)
    refused("ipfwadm -0 -p deny", "-O", status=2)
    refused("ipfwadm -I -d deny -S 10.0.0.1")
    good("ipfwadm -I -a deny -S 10.0.0.1", "ipfwadm -I -d deny -S 10.0.0.1")
    packet = "-P tcp -S 10.0.0.1 1025 -D 127.0.0.1 80"
    lo_up()
    assert good(f"ipfwadm -I -c {packet} -V 127.0.0.1 -W lo") == "packet accepted\n"
    refused(f"ipfwadm -I -c {packet} -V 10.9.9.9 -W lo")
    refused(f"ipfwadm -I -c {packet} -V 127.0.0.1 -W eth0")
    good("ipfwadm -I -a accept -r 8080 -P tcp -D 0/0 80", "ipfwadm -F -a m")
    answer = refused(f"ipfwadm -I -c {packet} -V 127.0.0.1 -W lo", "8080")
    assert answer == "", answer
    masqueraded = attempt(f"ipfwadm -F -c {packet} -V 127.0.0.1 -W lo")
    assert (masqueraded.returncode, masqueraded.stdout, masqueraded.stderr) == \
        (255, "packet masqueraded\n", ""), masqueraded


def check_trace_says_why():
    lo_up()
    good("ipfwadm -I -a deny -P udp", "ipfwadm -I -a reject -P tcp -D 0/0 80")
    trace = good("ipfwadm -I -c -P tcp -S 10.0.0.1 1025 -D 127.0.0.1 80 -V 127.0.0.1 -W lo --trace")
    lines = trace.splitlines()
    assert lines[-1] == "packet rejected" and len(lines) >= 4, trace
    assert "rule 2" in lines[-2], trace


def check_listing_of_masqueraded_connections():
    assert good("ipfwadm -M -l -n") == "IP masquerading entries\n"
    good("ipfwadm -M -s 600 60 0")
    seconds = {}
    for name in ("tcp_timeout_established", "tcp_timeout_fin_wait"):
        with open(f"/proc/sys/net/netfilter/nf_conntrack_{name}", encoding="ascii") as file:
            seconds[name] = int(file.read())
    assert seconds == {"tcp_timeout_established": 600, "tcp_timeout_fin_wait": 60}, seconds


def check_dry_runs_load_and_change_nothing():
    lines = ["ipfwadm -I -p deny", "ipfwadm -F -a m -S 192.168.1.0/24",
             "ipfwadm -A both -a -b -S 10.0.0.1",
             "ipfwadm -I -a accept -P tcp -S 10.0.0.0/8 -D 0/0 20:25 80 110 -y -o",
             "ipfwadm -I -i accept -P tcp -r 8080 -D 0/0 80"]
    for line in lines:
        script = good(line + " --dry-run")
        assert "table ip ipfwadm" in script and tables() == [], (line, tables())
        done = subprocess.run(["unshare", "-n", "nft", "-f", "-"], input=script, text=True,
                              capture_output=True)
        assert done.returncode == 0, (line, done.stderr)
    # What is said beside it is no part of the script.
    assert "10.9.9.9" not in cautioned("ipfwadm -I -a deny -V 10.9.9.9 --dry-run", "10.9.9.9")
    good(*lines)
    before = table("ipfwadm", "-a")
    for line in ["ipfwadm -I -f", "ipfwadm -F -d m -S 192.168.1.0/24",
                 "ipfwadm -I -p reject"]:
        script = good(line + " --dry-run")
        assert script and table("ipfwadm", "-a") == before, (line, script)


def check_state_files_need_no_root():
    with scratch() as directory:
        os.chmod(directory, 0o777)
        file = path_in(directory, "state")
        good(f"ipfwadm -I -a deny -S 10.0.0.1 --state {file}")
        listed = good(f"ipfwadm -I -l -n --state {file}")
        assert listed == good("ipfwadm -I -l -n", IPFWADM_STATE=file) and "10.0.0.1" in listed
        assert tables() == [] and not rules("I"), "not in the kernel"
        # Another dialect's file is not touched, nor is its variable looked at.
        good("ipfwadm -I -l -n", IPCHAINS_STATE=file)
        refused(f"ipchains -A input --state {file}", "ipfwadm", status=1)
        os.chmod(file, 0o666)
        unprivileged = subprocess.run(
            ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all",
             *command(f"ipfwadm -I -l -n --state {file}")], capture_output=True, text=True)
        if "setpriv" not in unprivileged.stderr and "exec" not in unprivileged.stderr:
            assert unprivileged.stdout == listed, unprivileged


def check_without_root():
    for line in ("ipfwadm -I -l", "ipfwadm -I -a deny", "ipfwadm -M -l", "ipfwadm-save"):
        done = subprocess.run(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups",
                               "--inh-caps=-all", *command(line)], capture_output=True, text=True)
        if "setpriv" in done.stderr or "ermission denied" in done.stderr:
            return  # no setpriv here, or the build directory is closed to others
        status = 1 if line == "ipfwadm-save" else 255
        assert done.returncode == status and done.stderr.count("\n") == 1, done
        assert "root" in done.stderr, done


def check_interfaces_named_by_address():
    lo_up()
    alias = ["10.0.0.5/24", "dev", "lo"]
    subprocess.run(["ip", "address", "add", *alias, "label", "lo:1"], check=True)
    good("ipfwadm -A in -a -P udp -V 127.0.0.1", "ipfwadm -A in -a -P udp -V 10.0.0.5")
    for rule in ("-V 10.9.9.9", "-V 10.9.9.9 -W lo", "-V 10.9.9.9 -W eth7"):
        assert "10.9.9.9" in good(f"ipfwadm -A in -a -P udp {rule}"), "no warning"
    send(3)
    # The interface that has the address, by whichever of its names; none; or the one that is named.
    assert counts("A") == [3, 3, 0, 3, 0], rules("A")
    shown = [line.split()[5:7] for line in rules("A")]
    assert shown == [["*", "127.0.0.1"], ["*", "10.0.0.5"], ["*", "10.9.9.9"], ["lo", "10.9.9.9"],
                     ["eth7", "10.9.9.9"]], shown
    # The address is part of the rule, whoever has it today.
    subprocess.run(["ip", "address", "del", *alias], check=True)
    assert attempt("ipfwadm -A in -d -P udp -V 10.0.0.5").returncode == 0
    assert len(rules("A")) == 4
