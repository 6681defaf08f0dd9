"""The rules of the VPN Masquerade HOWTO, with ISAKMP (UDP 500), ESP, PPTP (TCP 1723) and GRE.

It has them for ipchains and for ipfwadm, which knows no protocols but TCP, UDP and ICMP: where those
two are named, its rules let all others pass, ping among them.
"""

from hosts import ARRIVES, CLOSED, PASSES, SILENT, Cell
from masq_trial import MASQUERADED, PUBLIC, Trial, private_network, public_network
from masq_tracking import tracked
from run_cases import TESTS


def script(name, program="ipchains"):
    """A script, with the programs of /sbin where they have been built."""
    kind = "" if program == "ipchains" else program + "-"
    path = TESTS / "data/scripts" / f"vpn-howto-{kind}{name}.sh"
    return path.read_text(encoding="ascii").replace("/sbin/", "")


def vpn(source, target, expected):
    """The four kinds of packets of a VPN."""
    return [
        Cell(source, target, "udp", 500, expected, source_port=500),
        Cell(source, target, "esp", 0, expected),
        Cell(source, target, "tcp", 1723, expected),
        Cell(source, target, "gre", 0, expected),
    ]


def others(source, target, expected, ping=None):
    return [
        Cell(source, target, "tcp", 80, expected),
        Cell(source, target, "udp", 53, expected),
        Cell(source, target, "udp", 500, expected, source_port=501),
        Cell(source, target, "ping", 0, ping or expected),
    ]


def sees_vpn(trial, host, address):
    trial.sees(host, "udp", 500, address, [500])
    trial.sees(host, "tcp", 1723, address, MASQUERADED)
    trial.sees(host, "esp", 0, address)
    trial.sees(host, "gre", 0, address)


# --- Private addresses -----------------------------------------------------------------------


def private_minimal(tally, program):
    for interface in ("ppp0", "eth1"):
        net = private_network(interface)
        with Trial(tally, f"VPN, minimal, {program}, {interface}", net, program) as trial:
            trial.script(script(f"minimal-{interface}", program))
            trial.connect(
                *vpn("inner", "outer", PASSES),
                *others("inner", "outer", PASSES)[:2],
                Cell("second", "client", "tcp", 22, PASSES),
                *vpn("inner", "client", PASSES),
                # Nothing is forwarded the other way.
                Cell("outer", "inner", "tcp", 80, SILENT),
                Cell("client", "second", "udp", 53, SILENT),
                Cell("client", "inner", "gre", 0, SILENT),
                Cell("client", "inner", "esp", 0, SILENT),
                # The machine itself is open.
                Cell("outer", "public", "tcp", 80, PASSES),
                Cell("inner", "gateway", "tcp", 22, PASSES),
            )
            sees_vpn(trial, "outside", PUBLIC)
            trial.is_counted("forward", [True])


def private_strict(tally, program):
    ping = SILENT if program == "ipchains" else PASSES
    for interface in ("ppp0", "eth1"):
        net = private_network(interface)
        with Trial(tally, f"VPN, strict, {program}, {interface}", net, program) as trial:
            trial.script(script(f"strict-{interface}", program))
            trial.connect(
                *vpn("inner", "outer", PASSES),
                *others("inner", "outer", SILENT, ping),
                *vpn("second", "outer", SILENT),
                *vpn("inner", "client", SILENT),
                Cell("second", "outer", "ping", 0, SILENT),
                Cell("inner", "gateway", "tcp", 22, PASSES),
                Cell("second", "gateway", "ping", 0, PASSES),
                Cell("gateway", "inner", "tcp", 80, PASSES),
                *others("public", "outer", SILENT, ping),
                # Outside knows no way in.
                Cell("outer", "public", "tcp", 80, SILENT),
                Cell("outer", "public", "udp", 53, SILENT),
                Cell("outer", "public", "ping", 0, ping),
                Cell("client", "public", "tcp", 80, SILENT, source_port=1723),
                Cell("outer", "inner", "tcp", 80, SILENT),
                Cell("outer", "inner", "tcp", 80, SILENT, source_port=1723),
                Cell("client", "inner", "esp", 0, SILENT),
                Cell("client", "public", "gre", 0, SILENT),
                Cell("client", "public", "ping", 0, SILENT),
            )
            sees_vpn(trial, "outside", PUBLIC)
            trial.connect(
                Cell("public", "outer", "tcp", 1723, PASSES),
                Cell("public", "client", "tcp", 1723, SILENT),
            )


def wide_open(tally, program):
    with Trial(tally, f"VPN, wide open, {program}", program=program) as trial:
        trial.script(script("open", program))
        trial.connect(*vpn("inner", "outer", PASSES), *others("second", "outer", PASSES)[:2])
        sees_vpn(trial, "outside", PUBLIC)
        trial.sees("outside", "tcp", 80, PUBLIC, MASQUERADED)


# --- A server with a private address ---------------------------------------------------------


def forwarded(tally, program):
    """Who connects from outside gets to the inner server, which sees who it is."""
    ipsec = [
        Cell("client", "public", "udp", 500, PASSES, source_port=500),
        Cell("client", "public", "esp", 0, PASSES),
    ]
    pptp = [
        Cell("client", "public", "tcp", 1723, PASSES),
        Cell("client", "public", "gre", 0, PASSES),
    ]
    for kind, wanted, unwanted in [("ipsec", ipsec, pptp), ("pptp", pptp, ipsec)]:
        title = f"VPN server, {program}, {kind}"
        with Trial(tally, title, program=program) as trial:
            trial.script(script("minimal-ppp0", program))
            trial.connect(*(not_there(cell) for cell in wanted))
            trial.check("nothing inside", [], inside(trial, wanted))
        with Trial(tally, f"{title}, forwarded", program=program) as trial:
            trial.script(script("minimal-ppp0", program))
            trial.script(script(f"forward-{kind}"))
            trial.connect(*wanted, *(not_there(cell) for cell in unwanted))
            for cell in wanted:
                trial.sees("inside", cell.protocol, cell.port, "199.0.0.2")
            trial.check("nothing else inside", [], inside(trial, unwanted))
            # The ways out are as they were.
            trial.connect(
                *vpn("inner", "other client", PASSES),
                Cell("client", "public", "tcp", 80, PASSES),
            )
            trial.sees_nothing("inside", "tcp", 80)


def not_there(cell):
    """What becomes of it on the machine itself, where nobody answers."""
    return cell._replace(expected=CLOSED if cell.protocol in ("tcp", "udp") else ARRIVES)


def inside(trial, cells):
    packets = [trial.heard("inside", cell.protocol, cell.port) for cell in cells]
    return [str(packet) for found in packets for packet in found]


# --- Public addresses ------------------------------------------------------------------------

# What the HOWTO expects to be there already.
AROUND = {
    "ipchains": """
ipchains -P input DENY
ipchains -P output DENY
ipchains -A input -i eth0 -j ACCEPT
ipchains -A output -i eth0 -j ACCEPT
""",
    "ipfwadm": """
ipfwadm -I -p deny
ipfwadm -O -p deny
ipfwadm -I -a accept -W eth0
ipfwadm -O -a accept -W eth0
""",
}


def public_server(tally, program):
    # ipfwadm's rules let everything go out to the clients; no answers of TCP and UDP come in.
    outwards = others("inner", "client", SILENT)
    if program == "ipfwadm":
        outwards = others("inner", "client", ARRIVES, PASSES)
    with public(tally, program, "server") as trial:
        trial.connect(
            *vpn("client", "inner", PASSES),
            *vpn("other client", "inner", PASSES),
            *vpn("outer", "inner", SILENT),
            *others("client", "inner", SILENT, SILENT if program == "ipchains" else PASSES),
            *others("outer", "inner", SILENT),
            *outwards,
            Cell("client", "public", "tcp", 80, SILENT),
            Cell("client", "public", "tcp", 1723, SILENT),
        )
        trial.check("connections tracked", 0, tracked(trial))


def public_client(tally, program):
    # As above.
    ping = SILENT if program == "ipchains" else PASSES
    outwards = SILENT if program == "ipchains" else ARRIVES
    with public(tally, program, "client") as trial:
        trial.connect(
            *vpn("inner", "outer", PASSES),
            *vpn("inner", "client", SILENT),
            *others("inner", "outer", outwards, ping),
            *others("outer", "inner", SILENT, ping),
            Cell("client", "inner", "gre", 0, SILENT),
            Cell("client", "inner", "tcp", 1723, SILENT),
            Cell("client", "inner", "ping", 0, SILENT),
        )
        trial.check("connections tracked", 0, tracked(trial))


def public(tally, program, name):
    trial = Trial(tally, f"VPN, public {name}, {program}", public_network(), program)
    trial.script(AROUND[program] + script(f"public-{name}", program))
    return trial


# --- ipfwadm only ----------------------------------------------------------------------------


def misprint(tally):
    """One -O is printed as -0."""
    with Trial(tally, "VPN, misprint", public_network(), "ipfwadm") as trial:
        rule = "-a accept -W eth1 -V 200.200.200.200 -P all -D 199.0.0.2/32 -S 222.0.0.2/32"
        done = trial.run(f"ipfwadm -0 {rule}")
        trial.check("exit status", 2, done.returncode)
        trial.check("one line that names -O", (1, True), (done.stderr.count("\n"), "-O" in done.stderr))
        trial.check("nothing is made", "", trial.ruleset())
        trial.do(f"ipfwadm -O {rule}")
        trial.check("rules", 1, len(trial.counts("output")))


def addresses_of_interfaces(tally):
    """Section 8.2 of the ipchains HOWTO: one network behind eth0 is masqueraded, another served."""
    for name in ("ipfwadm", "ipfwadm-wrapper"):
        net = private_network()
        for host, address in [("firewall", "10.1.2.1/8"), ("inside", "192.168.0.2/32")]:
            net.ip(host, f"addr add {address} dev eth0")
        net.ip("firewall", "route add 192.168.0.0/24 dev eth0")
        net.names.update(served=("firewall", "10.1.2.1"), old=("inside", "192.168.0.2"))
        with Trial(tally, f"HOWTO 8.2, {name}", net, "ipfwadm") as trial:
            trial.do(
                f"{name} -F -p deny",
                f"{name} -F -a m -S 192.168.0.0/24 -D 0.0.0.0/0",
                f"{name} -I -a accept -V 10.1.2.1 -S 10.0.0.0/8 -D 0.0.0.0/0",
            )
            trial.connect(
                Cell("old", "outer", "tcp", 80, PASSES),
                Cell("inner", "outer", "tcp", 80, SILENT),
                Cell("inner", "served", "tcp", 22, PASSES),
                Cell("outer", "public", "tcp", 80, PASSES),
            )
            trial.sees("outside", "tcp", 80, PUBLIC, MASQUERADED)
            trial.do(f"{name} -I -p deny")
            trial.connect(
                Cell("inner", "served", "tcp", 22, PASSES),
                Cell("inner", "gateway", "udp", 53, PASSES),
                Cell("old", "gateway", "tcp", 22, SILENT),
                Cell("outer", "public", "tcp", 80, SILENT),
                Cell("outer", "public", "forged", 53, SILENT, forged="10.0.0.2"),
                Cell("inner", "public", "forged", 53, ARRIVES, forged="10.0.0.99"),
            )


def of(program, group):
    def run(tally):
        group(tally, program)

    run.__name__ = f"{group.__name__}_{program}"
    return run


EACH = [private_minimal, private_strict, wide_open, public_server, public_client, forwarded]
GROUPS = [of(program, group) for program in ("ipchains", "ipfwadm") for group in EACH]
GROUPS += [misprint, addresses_of_interfaces]
