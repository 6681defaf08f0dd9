#!/usr/bin/env python3
"""Runs the scripts of the ipchains HOWTO on a machine in a network, and tries connections.

Each script of tests/data/scripts gets hosts in network namespaces. Every command must succeed and
say nothing on standard error; then connections are tried, each of which must pass, be refused or
vanish as the rules say (howto_tables.py). After that the table of nf_tables is deleted and loaded
again from what `nft list ruleset` said, and the same must hold.

The scripts are as printed. Where a misprint makes one do something else than the text around it
says, its table is of what the rules do; section 7 is also run as it was meant.

With --translated, the commands are not run: what fw-translate makes of them is loaded, in each of its
ways in turn, and the same must hold.

The closing line is "N passed, N failed"; the exit status 0, 1 if any failed, 77 if it can't be run
on this machine. Needs root and nf_tables, and changes nothing outside of its namespaces.
"""

import argparse
import os
import pathlib
import re
import socket
import struct
import subprocess
import sys

import howto_matrix
import howto_tables as tables
from hosts import CLOSED, REFUSED, SERVED, checksum, new_socket, what_machine_lacks
from run_cases import CANNOT_RUN, CLONE_NEWNS, MS_BIND, MS_PRIVATE, MS_REC, TESTS, mount, unshare
from tally import Tally
from translated import Translated

# What section 7 prints, and what it means: a rule in the wrong chain, none for the answers of the
# POP server, and a server that is not in the servers' network.
POP_ANSWERS = "ipchains -A zdm-bon -p tcp ! -y -s 192.84.219.128 pop-3 -j ACCEPT"
MEANT = {
    "\nipchains -A zdm-mauvais -j DENY -l\n\n# Servers to outside": (
        f"\n{POP_ANSWERS}\nipchains -A zdm-bon -j DENY -l\n\n# Servers to outside"
    ),
    "192.84.218.130": "192.84.219.130",
}

SSH = struct.pack("!H", 22)

# Of fw-translate: the commands as a list, and as a script that runs in its sandbox.
WAYS = [["--comments", "--optimize", "--counters", "--run"]]


class Translating:
    options = None  # of fw-translate; None: ipchains itself is tried


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--build", type=pathlib.Path, default=TESTS.parent / "build")
    parser.add_argument("--translated", action="store_true")
    options = parser.parse_args()
    build = options.build.resolve()
    program = "fw-translate" if options.translated else "ipchains"
    if not os.access(build / "bin" / program, os.X_OK):
        sys.exit(f"howto: {program} is not built in {build}")
    problem = what_is_missing(build)
    if problem:
        print(f"howto: skipped: {problem}")
        return CANNOT_RUN
    tally = Tally()
    for way in WAYS if options.translated else [None]:
        Translating.options = way
        for example in EXAMPLES:
            if way is None or example is not stopping:
                example(tally)
    print(f"{tally.passed} passed, {tally.failed} failed")
    return 1 if tally.failed else 0


# --- The examples ----------------------------------------------------------------------------


def first_steps(tally):
    run_steps(tally, "4.1", tables.FIRST_STEPS)


def useful_examples(tally):
    with tables.one_modem() as net:
        serve(net, tables.USEFUL_EXAMPLES)
        run_script(tally, "4.2", net, read_script("howto-4.2.sh"))
        check_cells(tally, "4.2", net, tables.USEFUL_EXAMPLES)
        # Two packets with forged addresses, logged and dropped; three from the name server.
        check_counters(tally, "4.2", net, "ppp-in", [2, 3])
        check_type_of_service(tally, "4.2", net)
        check_reload(tally, "4.2", net, tables.USEFUL_EXAMPLES)
        check_type_of_service(tally, "4.2 reloaded", net)


def ip_up_and_down(tally):
    run_steps(tally, "5.1", tables.IP_UP_AND_DOWN)


def forged_addresses(tally):
    with tables.three_networks() as net:
        serve(net, tables.FORGED_ADDRESSES)
        run_script(tally, "5.7", net, read_script("howto-5.7.sh"))
        with net.on("firewall"):
            files = list(pathlib.Path("/proc/sys/net/ipv4/conf").glob("*/rp_filter"))
            tally.check("5.7: rp_filter", {"1\n"}, {file.read_text() for file in files})
            # Without the kernel's own protection it must be the rules' doing.
            for file in files:
                file.write_text("0")
        check_cells(tally, "5.7", net, tables.FORGED_ADDRESSES)
        check_counters(tally, "5.7", net, "input", tables.FORGED_COUNTERS)
        check_reload(tally, "5.7", net, tables.FORGED_ADDRESSES)


def serious_as_printed(tally):
    with tables.serious_network() as net:
        serve(net, tables.SERIOUS_AS_PRINTED)
        run_script(tally, "7", net, read_script("howto-7.sh"))
        check_cells(tally, "7", net, tables.SERIOUS_AS_PRINTED)
        check_reload(tally, "7", net, tables.SERIOUS_AS_PRINTED)


def serious_as_meant(tally):
    with tables.serious_network() as net:
        serve(net, tables.SERIOUS)
        run_script(tally, "7 as meant", net, serious_script(tally))
        check_cells(tally, "7 as meant", net, tables.SERIOUS)
        check_masquerading(tally, "7 as meant", net)
        check_reload(tally, "7 as meant", net, tables.SERIOUS)
        check_masquerading(tally, "7 as meant reloaded", net)


def serious_matrix(tally):
    """Who reaches which service of whom: all of it, before and after nft has loaded it again."""
    with tables.serious_network() as net:
        net.serve(howto_matrix.SERVED_BY_ALL)
        run_script(tally, "7, all services", net, serious_script(tally))
        check_cells(tally, "7, all services", net, howto_matrix.CELLS)
        check_reload(tally, "7, all services", net, howto_matrix.CELLS)


def serious_script(tally):
    script = read_script("howto-7.sh")
    for printed, meant in MEANT.items():
        tally.check(f"7: {printed!r} is there", True, printed in script)
        script = script.replace(printed, meant)
    return script


def stopping(tally):
    """The way of section 2.3 to stop a firewall leaves nothing in the way."""
    with tables.serious_network() as net:
        serve(net, tables.STOPPED)
        run_script(tally, "2.3: 7", net, read_script("howto-7.sh"))
        for command, status in tables.STOP:
            tally.check(f"2.3: {command}", status, run_command(net, command).returncode)
        check_cells(tally, "2.3", net, tables.STOPPED)
        check_command(tally, "2.3, once more", net, "ipchains -X", "")
        tally.check("2.3: connections tracked", False, "ct " in ruleset(net))


EXAMPLES = [
    first_steps,
    useful_examples,
    ip_up_and_down,
    forged_addresses,
    serious_as_printed,
    serious_as_meant,
    serious_matrix,
    stopping,
]


def run_steps(tally, title, steps):
    with tables.one_modem() as net:
        serve(net, [cell for _, _, cells in steps for cell in cells])
        for command, stdout, cells in steps:
            check_command(tally, title, net, command, stdout)
            check_cells(tally, f"{title}: after {command}", net, cells)


# --- Running and checking --------------------------------------------------------------------


def what_is_missing(build):
    """Sets the stage: names, and programs in PATH. Returns what stands in the way, or None."""
    if lacking := what_machine_lacks("ip", "nft"):
        return lacking
    try:
        unshare(CLONE_NEWNS)
        mount(None, "/", MS_REC | MS_PRIVATE)
        mount(TESTS / "data/etc", "/etc", MS_BIND)
        mount(TESTS / "data/etc/hosts-howto", "/etc/hosts", MS_BIND)
        with tables.one_modem() as net:
            os.environ[
                "PATH"
            ] = f"{build}/bin:{build}/libexec/ipchains:/usr/sbin:/usr/bin:/sbin:/bin"
            os.environ["LOCALIP"] = tables.LOCALIP
            listed = run_command(net, "nft list ruleset")
            return None if listed.returncode == 0 else "no nf_tables: " + listed.stderr
    except (OSError, subprocess.SubprocessError) as problem:
        return str(problem)


def read_script(name):
    return (TESTS / "data/scripts" / name).read_text(encoding="utf-8")


def run_script(tally, title, net, script):
    for command in commands(script):
        check_command(tally, title, net, command)


def commands(script):
    """The commands of a shell script one by one: as many lines as the shell needs for one."""
    lines = []
    for line in script.splitlines():
        lines.append(line)
        text = "\n".join(lines)
        if subprocess.run(["sh", "-n", "-c", text], capture_output=True).returncode == 0:
            if line and not line.startswith("#"):
                yield text
            lines = []
    if lines:
        raise ValueError("the script ends within a command: " + lines[0])


def run_command(net, command):
    return net.run(
        "firewall",
        ["sh", "-c", command],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=30,
    )


def check_command(tally, title, net, command, stdout=None):
    if Translating.options is not None and translated(net).notes(command):
        return
    done = run_command(net, command)
    said = done.stdout if stdout is not None else None
    tally.check(f"{title}: {command}", (0, "", stdout), (done.returncode, done.stderr, said))


def translated(net):
    if not hasattr(net, "translated"):
        net.translated = Translated(Translating.options)
    return net.translated


def serve(net, cells):
    net.serve(
        {
            (cell.target, cell.protocol, cell.port)
            for cell in cells
            if cell.protocol in SERVED and cell.expected not in (REFUSED, CLOSED)
        }
    )


def check_cells(tally, title, net, cells):
    if Translating.options is not None:
        title += f", translated {' '.join(Translating.options)}"
        tally.check(f"{title}: fw-translate", None, translated(net).load(net, "firewall"))
    for cell, outcome in zip(cells, net.outcomes(cells), strict=True):
        tally.check(f"{title}: {cell}", cell.expected, outcome)


def check_counters(tally, title, net, chain, wanted):
    """The packets of each rule of a chain, or of the first of them."""
    if Translating.options is None:
        listing = run_command(net, f"ipchains -L {chain} -n -v -x").stdout
        packets = [int(line.split()[0]) for line in listing.splitlines()[2:]]
        tally.check(f"{title}: counters of {chain}", wanted, packets[: len(wanted)])


def check_masquerading(tally, title, net):
    """Outside sees inside as the firewall's address and a port of the masqueraded ones."""
    sources = [mark[1:5] + mark[9:11] for mark in net.hosts["outside"].seen if mark[11:] == SSH]
    tally.check(f"{title}: sources outside", 1, len(sources))
    for source in sources:
        address, port = struct.unpack("!4sH", source)
        tally.check(f"{title}: address outside", "192.84.219.1", socket.inet_ntoa(address))
        tally.check(f"{title}: port {port} outside", True, 61000 <= port < 65096)


def check_reload(tally, title, net, cells):
    before = ruleset(net)
    table = "ipchains" if Translating.options is None else "firewall"
    net.run("firewall", ["nft", "delete", "table", "ip", table], check=True)
    loaded = net.run("firewall", ["nft", "-f", "-"], input=before, capture_output=True, text=True)
    tally.check(f"{title}: nft -f", (0, ""), (loaded.returncode, loaded.stderr))
    tally.check(f"{title}: listing", uncounted(before), uncounted(ruleset(net)))
    check_cells(tally, f"{title} reloaded", net, cells)


def ruleset(net):
    words = ["nft", "list", "ruleset"]
    return net.run("firewall", words, check=True, capture_output=True, text=True).stdout


def uncounted(listing):
    return re.sub(r"packets \d+ bytes \d+", "packets N bytes N", listing)


# --- Type of service -------------------------------------------------------------------------


def check_type_of_service(tally, title, net):
    """As the host at the other end of ppp0 gets it, in IP headers with good checksums."""
    with net.on("outer"):
        ear = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.ntohs(0x0800))
        ear.bind(("ppp0", 0x0800))
    with ear:
        sent = [knock(net, *packet[:3]) for packet in tables.TYPE_OF_SERVICE]
        got = requests(ear)
    for packet, key in zip(tables.TYPE_OF_SERVICE, sent, strict=True):
        name, port, before, after = packet
        tally.check(f"{title}: TOS {before:#04x} to {name} {port}", (after, 0), got.get(key))


def knock(net, name, port, tos):
    """Sends one request for a connection. Returns its source port."""
    with net.on("firewall"), new_socket("tcp") as client:
        client.setsockopt(socket.IPPROTO_IP, socket.IP_TOS, tos)
        client.setblocking(False)
        client.bind((tables.LOCALIP, 0))
        client.connect_ex((net.names[name][1], port))
        return client.getsockname()[1]


def requests(ear):
    """The (TOS, checksum of the header) of all TCP packets that came, by source port."""
    ear.settimeout(0.3)
    got = {}
    try:
        while True:
            packet = ear.recv(1500)
            if packet[9] == socket.IPPROTO_TCP:
                port = int.from_bytes(packet[20:22], "big")
                got.setdefault(port, (packet[1], checksum(packet[:20])))
    except TimeoutError:
        return got


if __name__ == "__main__":
    sys.exit(main())
