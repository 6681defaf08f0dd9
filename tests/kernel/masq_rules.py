"""MASQ: what the other side sees, what comes back, and what is seen of it in each chain."""

import time

from hosts import ARRIVES, DOUBT, PASSES, PATIENCE, REFUSED, SILENT, Cell, ip_header
from masq_trial import INNER, MASQUERADED, OUTER, PUBLIC, Conversation, Trial
from masq_wire import ACK, FIN, ICMP, RST, SYN, TCP, UDP, icmp, send, tcp, udp

TCP_80 = Cell("inner", "outer", "tcp", 80, PASSES)
UDP_53 = Cell("inner", "outer", "udp", 53, PASSES)
ISAKMP = Cell("inner", "outer", "udp", 500, PASSES, source_port=500)
PING = Cell("inner", "outer", "ping", 0, PASSES)
GRE = Cell("inner", "outer", "gre", 0, PASSES)
ESP = Cell("inner", "outer", "esp", 0, PASSES)
ALL = [TCP_80, UDP_53, ISAKMP, PING, GRE, ESP]

AS_RULE = """
ipchains -P forward DENY
ipchains -A forward -i ppp0 -s 10.0.0.0/8 -j MASQ
"""
IN_USER_CHAINS = """
ipchains -P forward DENY
ipchains -N leaving
ipchains -N private
ipchains -A forward -i ppp0 -j leaving
ipchains -A leaving -s 10.0.0.0/8 -j private
ipchains -A private -j MASQ
"""
AS_POLICY = "ipchains -P forward MASQ"


def every_way_to_masquerade(tally):
    for title, script in [
        ("MASQ as rule", AS_RULE),
        ("MASQ in user chains", IN_USER_CHAINS),
        ("MASQ as policy", AS_POLICY),
    ]:
        with Trial(tally, title) as trial:
            trial.script(script)
            trial.connect(*ALL, *(cell._replace(source="second") for cell in (TCP_80, PING)))
            trial.sees("outside", "tcp", 80, PUBLIC, MASQUERADED)
            trial.sees("outside", "udp", 53, PUBLIC, MASQUERADED)
            trial.sees("outside", "udp", 500, PUBLIC, [500])
            for protocol in ("ping", "gre", "esp"):
                trial.sees("outside", protocol, 0, PUBLIC)
            # 500 is kept only on the way to 500.
            trial.connect(Cell("inner", "outer", "udp", 501, PASSES, source_port=500))
            trial.sees("outside", "udp", 501, PUBLIC, MASQUERADED)


def without_masquerading(tally):
    with Trial(tally, "no MASQ") as trial:
        trial.connect(*ALL, leaks=True)
        trial.sees("outside", "tcp", 80, INNER)
        trial.do("ipchains -P forward DENY")
        trial.connect(*(cell._replace(expected=SILENT) for cell in ALL))
        trial.do("ipchains -A forward -i ppp0 -s 10.0.0.3 -j MASQ")
        trial.connect(TCP_80._replace(expected=SILENT), TCP_80._replace(source="second"))


def two_ask_from_one_port(tally):
    """Both get their answers: their ports outside differ."""
    with Trial(tally, "two from one port") as trial:
        trial.script(AS_RULE)
        trial.connect(
            *(
                Cell(source, "outer", protocol, port, PASSES, source_port=5000)
                for source in ("inner", "second")
                for protocol, port in (("tcp", 80), ("udp", 53))
            )
        )
        for protocol, port in (("tcp", 80), ("udp", 53)):
            trial.sees("outside", protocol, port, PUBLIC, MASQUERADED)
            ports = {packet.source_port for packet in trial.heard("outside", protocol, port)}
            trial.check(f"ports for {protocol}", 2, len(ports))
        # Only one of them can keep 500.
        trial.connect(ISAKMP)
        trial.connect(ISAKMP._replace(source="second"))
        trial.connect(ISAKMP)
        trial.sees("outside", "udp", 500, PUBLIC, [500])


# --- What the chains see ---------------------------------------------------------------------


def answers_on_input(tally):
    """They come to input with the address and port of the wire."""
    quiet = [
        *(cell._replace(expected=SILENT) for cell in (TCP_80, UDP_53)),
        *(cell._replace(expected=ARRIVES) for cell in (PING, GRE)),
    ]
    with Trial(tally, "answers on input") as trial:
        trial.script(AS_RULE)
        trial.do("ipchains -P input DENY", "ipchains -A input -i eth0 -j ACCEPT")
        trial.connect(*quiet)
        trial.sees("outside", "tcp", 80, PUBLIC, MASQUERADED)
        trial.do("ipchains -A input -i ppp0 -d 10.0.0.0/8 -j ACCEPT")
        trial.connect(*quiet)
        trial.do(
            f"ipchains -A input -i ppp0 -p tcp ! -y -d {PUBLIC} 61000:65095 -j ACCEPT",
            f"ipchains -A input -i ppp0 -p udp -d {PUBLIC} 61000:65095 -j ACCEPT",
        )
        trial.connect(TCP_80, UDP_53, *quiet[2:])
        trial.is_counted("input", [True, False, True, True])
        # Not quite all of the ports.
        trial.do("ipchains -R input 4 -i ppp0 -p udp -d 0/0 1024:60999 -j ACCEPT")
        trial.connect(TCP_80, UDP_53._replace(expected=SILENT))
        trial.do(
            f"ipchains -A input -p icmp --icmp-type pong -d {PUBLIC} -j ACCEPT",
            f"ipchains -A input -p 47 -s {OUTER} -d {PUBLIC} -j ACCEPT",
        )
        trial.connect(PING, GRE)


def answers_skip_forward(tally):
    with Trial(tally, "answers skip forward") as trial:
        trial.script(AS_RULE)
        trial.do(f"ipchains -I forward -s {OUTER} -j DENY", "ipchains -A forward -j DENY")
        trial.connect(*ALL)
        trial.is_counted("forward", [False, True, False])
        policy = trial.run("ipchains -L forward -v -x -n").stdout.splitlines()[0]
        trial.check("the policy counts", True, "DENY: 0 packets" in policy)


def output_sees(tally):
    """The public address on the way out, the inner one on the way back."""
    with Trial(tally, "output sees") as trial:
        trial.script(AS_RULE)
        trial.do(
            "ipchains -P output DENY",
            f"ipchains -A output -i ppp0 -s {INNER}",
            f"ipchains -A output -i ppp0 -s {PUBLIC} 61000:65095 -p tcp -d {OUTER} 80 -j ACCEPT",
            f"ipchains -A output -i eth0 -d {PUBLIC}",
            f"ipchains -A output -i eth0 -p tcp -s {OUTER} 80 -d {INNER} -j ACCEPT",
        )
        trial.connect(TCP_80, UDP_53._replace(expected=SILENT))
        trial.is_counted("output", [False, True, False, True])
        trial.sees_nothing("outside", "udp", 53)
        # Each way can be closed.
        trial.do("ipchains -R output 4 -i eth0 -p tcp -s 0/0 80 -d 10.0.0.3 -j ACCEPT")
        trial.connect(TCP_80._replace(expected=SILENT), TCP_80._replace(source="second"))
        trial.sees("outside", "tcp", 80, PUBLIC, MASQUERADED)
        trial.do("ipchains -R output 2 -i ppp0 -s 10.0.0.0/8 -j ACCEPT")
        trial.connect(TCP_80._replace(expected=SILENT))
        trial.sees_nothing("outside", "tcp", 80)


def reject_in_output(tally):
    """It answers where it can: to local and plainly forwarded packets."""
    with Trial(tally, "REJECT in output") as trial:
        trial.do(
            "ipchains -P forward DENY",
            "ipchains -A forward -i ppp0 -s 10.0.0.3 -j MASQ",
            "ipchains -A forward -j ACCEPT",
            "ipchains -A output -i ppp0 -p tcp -d 0/0 25 -j REJECT",
            "ipchains -A output -i ppp0 -p udp -d 0/0 53 -j REJECT",
        )
        trial.connect(
            *(
                Cell(source, "outer", protocol, port, expected)
                for source, expected in [
                    ("public", REFUSED),
                    ("inner", REFUSED),
                    ("second", SILENT),
                ]
                for protocol, port in (("tcp", 25), ("udp", 53))
            ),
            Cell("second", "outer", "tcp", 80, PASSES),
            leaks=True,
        )
        trial.sees_nothing("outside", "tcp", 25)
        trial.sees_nothing("outside", "udp", 53)
        counts = trial.counts("output")
        trial.check("both copies are counted", True, counts[0] >= 3 and counts[1] == 3)
    with Trial(tally, "policy REJECT for output") as trial:
        trial.do(
            "ipchains -A forward -i ppp0 -s 10.0.0.3 -j MASQ",
            "ipchains -A output -i ! ppp0 -j ACCEPT",  # lo: the answers to this machine
            f"ipchains -A output -s {PUBLIC} -p tcp -d 0/0 80 -j ACCEPT",
            "ipchains -P output REJECT",
        )
        trial.connect(
            Cell("public", "outer", "tcp", 25, REFUSED),
            Cell("inner", "outer", "tcp", 25, REFUSED),
            Cell("inner", "outer", "tcp", 80, REFUSED),
            Cell("second", "outer", "tcp", 25, SILENT),
            Cell("second", "outer", "udp", 53, SILENT),
            Cell("second", "outer", "tcp", 80, PASSES),
        )


def masq_and_redirect_elsewhere(tally):
    """Come to from other chains than theirs, they let the packet pass as it is."""
    with Trial(tally, "MASQ and REDIRECT elsewhere") as trial:
        trial.do(
            "ipchains -N both",
            "ipchains -A both -p tcp -d 0/0 80 -j MASQ",
            "ipchains -A both -p tcp -d 0/0 25 -j REDIRECT 80",
            "ipchains -A both -j RETURN",
            "ipchains -A output -i ppp0 -j both",
            "ipchains -A output -i ppp0 -j DENY",
        )
        trial.connect(
            TCP_80, TCP_80._replace(port=25), TCP_80._replace(port=23, expected=SILENT), leaks=True
        )
        trial.sees("outside", "tcp", 80, INNER)
        trial.sees("outside", "tcp", 25, INNER)
        trial.do(
            "ipchains -F output",
            "ipchains -P input DENY",
            "ipchains -A input -i ppp0 -j ACCEPT",
            "ipchains -A input -i eth0 -p tcp -d 0/0 80 -j both",
        )
        trial.connect(TCP_80, TCP_80._replace(port=23, expected=SILENT), leaks=True)
        trial.sees("outside", "tcp", 80, INNER)
        # The same chain, come to from forward.
        trial.do(
            "ipchains -P input ACCEPT", "ipchains -P forward DENY", "ipchains -A forward -j both"
        )
        trial.connect(
            TCP_80,
            TCP_80._replace(port=25, expected=ARRIVES),  # its answers have no rule
            TCP_80._replace(port=23, expected=SILENT),
            leaks=True,
        )
        trial.sees("outside", "tcp", 80, PUBLIC, MASQUERADED)
        trial.sees("outside", "tcp", 25, INNER)


def every_packet_counts(tally):
    """Once in each chain that it comes to, with the address that it has there."""
    with Trial(tally, "every packet counts") as trial:
        trial.script(AS_RULE)
        trial.do(
            f"ipchains -A input -i eth0 -p tcp -s {INNER} -d {OUTER}",
            f"ipchains -A input -i ppp0 -p tcp -s {OUTER} -d {PUBLIC}",
            f"ipchains -A output -i ppp0 -p tcp -s {PUBLIC} -d {OUTER}",
            f"ipchains -A output -i eth0 -p tcp -s {OUTER} -d {INNER}",
        )
        with Conversation(trial) as talk:
            for _ in range(5):
                trial.check("goes on", True, talk.goes_on())
            time.sleep(DOUBT)  # the last acknowledgement
            out = len(trial.heard("outside", "tcp", 4444))
            back = [p for p in trial.ears["inside"].packets() if p.source_port == 4444]
            trial.check("input", [out, len(back)], trial.counts("input"))
            trial.check("forward", [out], trial.counts("forward"))
            trial.check("output", [out, len(back)], trial.counts("output"))


# --- What must not happen --------------------------------------------------------------------


def nothing_comes_in(tally):
    """Packets from outside to the ports of masqueraded connections, but of none of them."""
    with Trial(tally, "nothing comes in") as trial:
        trial.script(AS_RULE)
        trial.connect(TCP_80, UDP_53)
        used = {
            protocol: trial.heard("outside", protocol, port)[0].source_port
            for protocol, port in (("tcp", 80), ("udp", 53))
        }
        trial.listen()
        with trial.net.on("outside"):
            for port in (61000, 62000, 65095, used["udp"]):
                send("199.0.0.3", PUBLIC, UDP, udp("199.0.0.3", 53, PUBLIC, port, b"knock"))
            for port in (61000, 62000, 65095, used["tcp"]):
                for flags in (2, ACK):
                    send("199.0.0.3", PUBLIC, TCP, tcp("199.0.0.3", 80, PUBLIC, port, flags))
        at_firewall = trial.ears["firewall"]
        arrived = at_firewall.wait(lambda p: p.target_port == used["tcp"], PATIENCE)
        trial.check("they get to the firewall", True, arrived is not None)
        trial.ears["inside"].wait(lambda p: p.source == "199.0.0.3", DOUBT)
        found = [str(p) for p in trial.ears["inside"].packets() if p.source == "199.0.0.3"]
        trial.check("packets inside", [], found)
        trial.connect(
            Cell("client", "inner", "tcp", 80, SILENT), Cell("client", "inner", "udp", 53, SILENT)
        )


def odd_packets(tally):
    """What begins no connection doesn't come out as it is."""
    with Trial(tally, "odd packets") as trial:
        trial.script(AS_RULE)
        with trial.net.on("inside"):
            for number, flags in enumerate((ACK, ACK | FIN, RST, RST | ACK, SYN | ACK, 0, 0x3F)):
                send(INNER, OUTER, TCP, tcp(INNER, 6000 + number, OUTER, 4445, flags))
            send(INNER, OUTER, ICMP, icmp(0, 0, bytes(4)))
            send(INNER, OUTER, ICMP, icmp(3, 3, bytes(4) + ip_header(OUTER, INNER, UDP) + bytes(8)))
            send(INNER, OUTER, ICMP, icmp(13, 0, bytes(16)))
            send(INNER, OUTER, UDP, bytes(4))
            send(INNER, OUTER, 132, bytes(12))
            send(INNER, OUTER, 41, bytes(40))
            send(INNER, OUTER, UDP, udp(INNER, 4005, OUTER, 4446, b"the last"))
        trial.sees("outside", "udp", 4446, PUBLIC, MASQUERADED)
        trial.tight()


GROUPS = [
    every_way_to_masquerade,
    without_masquerading,
    two_ask_from_one_port,
    answers_on_input,
    answers_skip_forward,
    output_sees,
    reject_in_output,
    masq_and_redirect_elsewhere,
    every_packet_counts,
    nothing_comes_in,
    odd_packets,
]
