"""The rules of the VPN Masquerade HOWTO, with ISAKMP (UDP 500), ESP, PPTP (TCP 1723) and GRE."""

from hosts import ARRIVES, CLOSED, PASSES, SILENT, Cell
from masq_trial import MASQUERADED, PUBLIC, Trial, private_network, public_network
from masq_tracking import tracked
from run_cases import TESTS


def script(name):
    """A script, with the programs of /sbin where they have been built."""
    text = (TESTS / "data/scripts" / f"vpn-howto-{name}.sh").read_text(encoding="ascii")
    return text.replace("/sbin/", "")


def vpn(source, target, expected):
    """The four kinds of packets of a VPN."""
    return [
        Cell(source, target, "udp", 500, expected, source_port=500),
        Cell(source, target, "esp", 0, expected),
        Cell(source, target, "tcp", 1723, expected),
        Cell(source, target, "gre", 0, expected),
    ]


def others(source, target, expected):
    return [
        Cell(source, target, "tcp", 80, expected),
        Cell(source, target, "udp", 53, expected),
        Cell(source, target, "udp", 500, expected, source_port=501),
        Cell(source, target, "ping", 0, expected),
    ]


def sees_vpn(trial, host, address):
    trial.sees(host, "udp", 500, address, [500])
    trial.sees(host, "tcp", 1723, address, MASQUERADED)
    trial.sees(host, "esp", 0, address)
    trial.sees(host, "gre", 0, address)


# --- Private addresses -----------------------------------------------------------------------


def private_minimal(tally):
    for interface in ("ppp0", "eth1"):
        with Trial(tally, f"VPN, minimal, {interface}", private_network(interface)) as trial:
            trial.script(script(f"minimal-{interface}"))
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


def private_strict(tally):
    for interface in ("ppp0", "eth1"):
        with Trial(tally, f"VPN, strict, {interface}", private_network(interface)) as trial:
            trial.script(script(f"strict-{interface}"))
            trial.connect(
                *vpn("inner", "outer", PASSES),
                *others("inner", "outer", SILENT),
                *vpn("second", "outer", SILENT),
                *vpn("inner", "client", SILENT),
                Cell("inner", "gateway", "tcp", 22, PASSES),
                Cell("second", "gateway", "ping", 0, PASSES),
                Cell("gateway", "inner", "tcp", 80, PASSES),
                *others("public", "outer", SILENT),
                # Outside knows no way in.
                Cell("outer", "public", "tcp", 80, SILENT),
                Cell("outer", "public", "udp", 53, SILENT),
                Cell("outer", "public", "ping", 0, SILENT),
                Cell("client", "public", "tcp", 80, SILENT, source_port=1723),
                Cell("outer", "inner", "tcp", 80, SILENT),
                Cell("outer", "inner", "tcp", 80, SILENT, source_port=1723),
                Cell("client", "inner", "esp", 0, SILENT),
                Cell("client", "public", "gre", 0, SILENT),
            )
            sees_vpn(trial, "outside", PUBLIC)
            trial.connect(
                Cell("public", "outer", "tcp", 1723, PASSES),
                Cell("public", "client", "tcp", 1723, SILENT),
            )


def wide_open(tally):
    with Trial(tally, "VPN, wide open") as trial:
        trial.script(script("open"))
        trial.connect(*vpn("inner", "outer", PASSES), *others("second", "outer", PASSES)[:2])
        sees_vpn(trial, "outside", PUBLIC)
        trial.sees("outside", "tcp", 80, PUBLIC, MASQUERADED)


# --- A server with a private address ---------------------------------------------------------


def forwarded(tally):
    """Who connects from outside gets to the inner server, which sees who it is."""
    ipsec = [
        Cell("client", "public", "udp", 500, PASSES, source_port=500),
        Cell("client", "public", "esp", 0, PASSES),
    ]
    pptp = [
        Cell("client", "public", "tcp", 1723, PASSES),
        Cell("client", "public", "gre", 0, PASSES),
    ]
    for title, wanted, unwanted in [("ipsec", ipsec, pptp), ("pptp", pptp, ipsec)]:
        with Trial(tally, f"VPN server, {title}") as trial:
            trial.script(script("minimal-ppp0"))
            trial.connect(*(not_there(cell) for cell in wanted))
            trial.check("nothing inside", [], inside(trial, wanted))
        with Trial(tally, f"VPN server, {title}, forwarded") as trial:
            trial.script(script("minimal-ppp0"))
            trial.script(script(f"forward-{title}"))
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
AROUND = """
ipchains -P input DENY
ipchains -P output DENY
ipchains -A input -i eth0 -j ACCEPT
ipchains -A output -i eth0 -j ACCEPT
"""


def public_addresses(tally):
    for title, cells in [
        (
            "public-server",
            [
                *vpn("client", "inner", PASSES),
                *vpn("other client", "inner", PASSES),
                *vpn("outer", "inner", SILENT),
                *others("client", "inner", SILENT),
                *others("inner", "client", SILENT),
                Cell("client", "public", "tcp", 80, SILENT),
                Cell("client", "public", "tcp", 1723, SILENT),
            ],
        ),
        (
            "public-client",
            [
                *vpn("inner", "outer", PASSES),
                *vpn("inner", "client", SILENT),
                *others("inner", "outer", SILENT),
                *others("outer", "inner", SILENT),
                Cell("client", "inner", "gre", 0, SILENT),
                Cell("client", "inner", "tcp", 1723, SILENT),
            ],
        ),
    ]:
        with Trial(tally, f"VPN, {title}", public_network()) as trial:
            trial.script(AROUND + script(title))
            trial.connect(*cells)
            trial.check("connections tracked", 0, tracked(trial))


GROUPS = [private_minimal, private_strict, wide_open, public_addresses, forwarded]
