"""ICMP errors about masqueraded connections: they find the way, and skip forward."""

import struct

from hosts import DOUBT, PATIENCE, REFUSED, SILENT, Cell, ip_header
from masq_rules import AS_RULE
from masq_trial import INNER, MASQUERADED, OUTER, PUBLIC, Trial
from masq_wire import ICMP, UDP, Ear, icmp, send, udp


def errors_from_outside(tally):
    """Port unreachable, from the server or another on the way, finds back and skips forward."""
    closed = Cell("inner", "outer", "udp", 33434, REFUSED)
    with Trial(tally, "errors from outside") as trial:
        trial.script(AS_RULE)
        trial.connect(closed)
        trial.is_counted("forward", [True])
        trial.check("time exceeded finds back", True, time_exceeded(trial, 30001, PATIENCE))
        trial.do("ipchains -P input DENY", "ipchains -A input -i eth0 -j ACCEPT")
        trial.connect(closed._replace(expected=SILENT))
        trial.check("time exceeded without a rule", False, time_exceeded(trial, 30002, DOUBT))
        trial.do(f"ipchains -A input -p icmp --icmp-type time-exceeded -d {PUBLIC} -j ACCEPT")
        trial.check("time exceeded with a rule", True, time_exceeded(trial, 30003, PATIENCE))
        trial.connect(closed._replace(expected=SILENT))
        # An error about no connection isn't brought in.
        strange = udp(PUBLIC, 61999, OUTER, 7, b"")
        trial.check("error about nothing", False, arrives_inside(trial, PUBLIC, strange))


def time_exceeded(trial, port, seconds):
    """Sends a datagram to the port, and an error about it from outside. Whether that comes back."""
    with trial.net.on("inside"), Ear() as inside:
        send(INNER, OUTER, UDP, udp(INNER, 4000, OUTER, port, b"far away"))
        seen = trial.heard("outside", "udp", port, PATIENCE)
        with trial.net.on("outside"):
            about = udp(PUBLIC, seen[-1].source_port, OUTER, port, b"far away")
            send("199.0.0.3", PUBLIC, ICMP, time_exceeded_about(PUBLIC, about))

        def fits(packet):
            return (packet.protocol, packet.source_port, packet.source) == (ICMP, 11, "199.0.0.3")

        packet = inside.wait(fits, seconds)
    if packet is None:
        return False
    quoted = packet.data[6:]
    trial.check("the error quotes the inner address", INNER, ".".join(map(str, quoted[12:16])))
    trial.check("and port", 4000, struct.unpack("!H", quoted[20:22])[0])
    return True


def time_exceeded_about(source, datagram):
    header = bytearray(ip_header(source, OUTER, UDP))
    header[2:4] = struct.pack("!H", 20 + len(datagram))
    return icmp(11, 0, bytes(4) + bytes(header) + datagram)


def arrives_inside(trial, public, datagram):
    with trial.net.on("inside"), Ear() as inside:
        with trial.net.on("outside"):
            send("199.0.0.3", public, ICMP, time_exceeded_about(public, datagram))
        return inside.wait(lambda packet: packet.protocol == ICMP, DOUBT) is not None


def errors_from_inside(tally):
    """What the inner host says of an answer that it doesn't want: out, with the public address."""
    with Trial(tally, "errors from inside") as trial:
        trial.script(AS_RULE)
        trial.do("ipchains -I forward -p icmp -j DENY")
        with trial.net.on("inside"):
            # No socket waits for the answer.
            send(INNER, OUTER, UDP, udp(INNER, 4001, OUTER, 53, b"question"))
        trial.sees("outside", "udp", 53, PUBLIC, MASQUERADED)

        def fits(packet):
            return packet.protocol == ICMP and (packet.source_port, packet.target_port) == (3, 3)

        packet = trial.ears["outside"].wait(fits, PATIENCE)
        trial.check("port unreachable comes out", True, packet is not None)
        if packet is not None:
            trial.check("from", PUBLIC, packet.source)
            trial.check("it quotes", PUBLIC, ".".join(map(str, packet.data[22:26])))
        trial.is_counted("forward", [False, True])
        trial.tight()


GROUPS = [errors_from_outside, errors_from_inside]
