"""Connections from outside that go on to hosts inside: ipmasqadm, ipportfw, ipautofw, ipfwd."""

import socket
import time

from hosts import ARRIVES, CLOSED, DOUBT, PASSES, PATIENCE, REFUSED, SILENT, Cell
from masq_rules import AS_RULE
from masq_trial import INNER, OUTER, PUBLIC, SECOND, Conversation, Trial
from masq_tracking import check_plain

CLIENT = "199.0.0.2"
SYN = 2  # of the flags in a TCP header
LET_IN_FOR = 15  # seconds after a packet to the control port
PORTFW = "ipmasqadm portfw -a -P"
TCP_2080 = Cell("client", "public", "tcp", 2080, PASSES)
UDP_2053 = Cell("client", "public", "udp", 2053, PASSES)


def closed(*cells):
    """On the machine itself, which has no such servers."""
    return [cell._replace(expected=CLOSED) for cell in cells]


def silent(*cells):
    return [cell._replace(expected=SILENT) for cell in cells]


def taken_by(trial, cell, port=80):
    """The inner host that a connection gets to; what others still say at their end is not one."""
    trial.connect(cell)
    return {
        packet.target
        for packet in trial.heard("inside", cell.protocol, port)
        if cell.protocol != "tcp" or packet.data[9] & SYN
    }


# --- portfw ----------------------------------------------------------------------------------


def one_port(tally):
    for title, commands in [
        (
            "portfw",
            [
                f"{PORTFW} tcp -L {PUBLIC} 2080 -R {INNER} 80",
                f"{PORTFW} udp -L {PUBLIC} 2053 -R {SECOND} 53",
            ],
        ),
        (
            "ipportfw",
            [
                f"ipportfw -A -t {PUBLIC}/2080 -R {INNER}/80",
                f"ipportfw -A -u {PUBLIC}/2053 -R {SECOND}/53",
            ],
        ),
    ]:
        with Trial(tally, title) as trial:
            trial.script(AS_RULE)
            trial.connect(*closed(TCP_2080, UDP_2053))
            trial.do(*commands)
            trial.connect(
                TCP_2080,
                UDP_2053,
                *closed(
                    TCP_2080._replace(port=2081),
                    TCP_2080._replace(protocol="udp"),
                    UDP_2053._replace(protocol="tcp"),
                ),
                # Other connections are as they were.
                Cell("inner", "outer", "tcp", 80, PASSES),
                Cell("client", "public", "tcp", 80, PASSES),
                Cell("client", "inner", "tcp", 80, SILENT),
                Cell("client", "inner", "tcp", 2080, SILENT),
            )
            trial.sees("inside", "tcp", 80, CLIENT)
            trial.sees("inside", "udp", 53, CLIENT)
            trial.check("tcp", {INNER}, {p.target for p in trial.heard("inside", "tcp", 80)})
            trial.check("udp", {SECOND}, {p.target for p in trial.heard("inside", "udp", 53)})
            # Another of this machine's addresses.
            trial.connect(*closed(TCP_2080._replace(target="gateway")), leaks=True)


def forwarded_skips_forward(tally):
    with Trial(tally, "forwarded packets and forward") as trial:
        trial.script(AS_RULE)
        trial.do(
            "ipchains -I forward -i eth0 -j DENY",
            f"{PORTFW} tcp -L {PUBLIC} 2080 -R {INNER} 80",
            f"{PORTFW} udp -L {PUBLIC} 2053 -R {INNER} 54",
        )
        trial.connect(TCP_2080, UDP_2053._replace(expected=REFUSED))  # by the inner host
        trial.is_counted("forward", [False, True])
        trial.sees("inside", "udp", 54, CLIENT)


def answers_need_masq(tally):
    """Without a MASQ rule for them, answers don't come out: neither rewritten nor as they are."""
    for title, commands in [
        ("policy DENY", ["ipchains -P forward DENY"]),
        ("policy ACCEPT", []),
        ("another's MASQ", ["ipchains -A forward -s 10.0.0.3 -j MASQ"]),
        ("ACCEPT before MASQ", ["ipchains -A forward -j ACCEPT", "ipchains -A forward -j MASQ"]),
    ]:
        with Trial(tally, f"answers of a forwarded port: {title}") as trial:
            trial.do(
                *commands,
                f"{PORTFW} tcp -L {PUBLIC} 2080 -R {INNER} 80",
                f"{PORTFW} udp -L {PUBLIC} 2053 -R {INNER} 53",
            )
            trial.connect(*silent(TCP_2080, UDP_2053))
            trial.sees("inside", "tcp", 80, CLIENT)
            answers = [
                str(p)
                for p in trial.ears["outside"].packets()
                if p.source_port in (80, 53, 2080, 2053)
            ]
            trial.check("answers outside", [], answers)
            trial.do(f"ipchains -I forward -p tcp -s {INNER} 80 -i ppp0 -j MASQ")
            trial.connect(TCP_2080, *silent(UDP_2053))


def what_chains_see(tally):
    """input the wire's addresses, output the inner one on the way in and the outer one back."""
    with Trial(tally, "a forwarded port in the chains") as trial:
        trial.script(AS_RULE)
        trial.do(
            f"{PORTFW} tcp -L {PUBLIC} 2080 -R {INNER} 80",
            "ipchains -P input DENY",
            "ipchains -A input -i eth0 -j ACCEPT",
            f"ipchains -A input -i ppp0 -d {INNER}",
        )
        trial.connect(*silent(TCP_2080))
        trial.do(f"ipchains -A input -i ppp0 -p tcp -d {PUBLIC} 2080 -j ACCEPT")
        trial.connect(TCP_2080)
        trial.is_counted("input", [True, False, True])
        trial.do(
            "ipchains -P output DENY",
            f"ipchains -A output -i eth0 -d {PUBLIC}",
            f"ipchains -A output -i ppp0 -s {INNER}",
            f"ipchains -A output -i eth0 -p tcp -s {CLIENT} -d {INNER} 80 -j ACCEPT",
        )
        trial.connect(*silent(TCP_2080))
        trial.do(f"ipchains -A output -i ppp0 -p tcp -s {PUBLIC} 2080 -d {CLIENT} -j ACCEPT")
        trial.connect(TCP_2080)
        trial.is_counted("output", [False, False, True, True])
        trial.do(f"ipchains -R output 3 -i eth0 -p tcp -s {CLIENT} -d {PUBLIC} 2080 -j ACCEPT")
        trial.connect(*silent(TCP_2080))


def taking_turns(tally):
    with Trial(tally, "portfw, taking turns") as trial:
        trial.script(AS_RULE)
        trial.do(
            f"{PORTFW} tcp -L {PUBLIC} 2080 -R {INNER} 80 -p 2",
            f"{PORTFW} tcp -L {PUBLIC} 2080 -R {SECOND} 80 -p 1",
        )
        found = [taken_by(trial, TCP_2080) for _ in range(7)]
        one, two = {INNER}, {SECOND}
        trial.check("turns", [one, one, two, one, one, two, one], found)
        trial.do(f"ipmasqadm portfw -d -P tcp -L {PUBLIC} 2080 -R {INNER} 80")
        found = [taken_by(trial, TCP_2080) for _ in range(3)]
        trial.check("one left", [two] * 3, found)


def delete_and_flush(tally):
    """One kind goes without the others, and the last leaves nothing behind."""
    mark = Cell("client", "public", "tcp", 3080, PASSES)
    area = Cell("client", "public", "tcp", 7000, PASSES)
    gre = Cell("client", "public", "gre", 0, PASSES)
    with Trial(tally, "delete and flush") as trial:
        trial.script(AS_RULE)
        trial.do(
            f"{PORTFW} tcp -L {PUBLIC} 2080 -R {INNER} 80",
            f"{PORTFW} udp -L {PUBLIC} 2053 -R {INNER} 53",
            "ipchains -A input -p tcp -y -d 0/0 3080 -m 5",
            f"ipmasqadm mfw -A -m 5 -r {INNER} 80",
            f"ipmasqadm autofw -A -r tcp 7000 7010 -h {INNER}",
            f"ipfwd --masq {INNER} 47",
        )
        everything = [TCP_2080, UDP_2053, mark, area, gre]
        trial.connect(*everything)
        for command, gone in [
            (f"ipmasqadm portfw -d -P tcp -L {PUBLIC} 2080", TCP_2080),
            ("ipmasqadm mfw -F", mark),
            ("ipmasqadm portfw -f", UDP_2053),
            ("ipmasqadm autofw -F", area),
        ]:
            trial.do(command)
            everything[everything.index(gone)] = gone._replace(expected=CLOSED)
            trial.connect(*everything)
        # And rules go without forwarding, but for those that it needs.
        trial.do("ipchains -F input", "ipchains -X")
        trial.check("rules of forward", 1, len(trial.counts("forward")))
        trial.connect(*everything)


class Guest(Conversation):
    """A TCP connection from outside to a forwarded port, both ends in our hands."""

    def __init__(self, trial, port, inner_port):
        with trial.net.on("inside"):
            with socket.create_server((INNER, inner_port)) as server:
                with trial.net.on("outside"):
                    self.client = socket.create_connection((PUBLIC, port), timeout=PATIENCE)
                self.server, (self.address, _) = server.accept()


def those_that_exist_go_on(tally):
    with Trial(tally, "portfw, connections that exist") as trial:
        trial.script(AS_RULE)
        for port in (2080, 2081):
            trial.do(f"{PORTFW} tcp -L {PUBLIC} {port} -R {INNER} 4445")
        with Guest(trial, 2080, 4445) as guest:
            for command in (
                f"ipmasqadm portfw -d -P tcp -L {PUBLIC} 2080",
                "ipmasqadm portfw -f",
                "insmod ip_masq_ftp",
                "rmmod ip_masq_ftp",
            ):
                trial.do(command)
                trial.check(f"after {command}", True, guest.goes_on())
            trial.do("ipchains -D forward 1")
            trial.check("without MASQ", False, guest.goes_on(DOUBT))


def nothing_left(tally):
    with Trial(tally, "nothing left of forwarding") as trial:
        trial.do("ipchains -A input -p tcp -d 0/0 81 -j DENY")
        check_plain(trial)
        for add, delete in [
            (f"{PORTFW} tcp -L {PUBLIC} 2080 -R {INNER} 80", "ipmasqadm portfw -f"),
            (f"ipportfw -A -t {PUBLIC}/2080 -R {INNER}/80", f"ipportfw -D -t {PUBLIC}/2080"),
            (f"ipportfw -A -t {PUBLIC}/2080 -R {INNER}/80", "ipportfw -C"),
            (f"ipmasqadm mfw -A -m 5 -r {INNER} 80", "ipmasqadm mfw -D -m 5"),
            (f"ipautofw -A -r tcp 7000 7010 -h {INNER}", "ipautofw -F"),
            (
                "ipautofw -A -r udp 6970 7170 -c tcp 7070",
                "ipautofw -D -r udp 6970 7170 -c tcp 7070",
            ),
        ]:
            trial.do(add)
            trial.check(f"{add}: something there", True, "nat" in trial.ruleset())
            trial.do(delete)
            check_plain(trial)


# --- mfw -------------------------------------------------------------------------------------


def by_mark(tally):
    by_name = Cell("client", "public", "tcp", 3080, PASSES)
    same_port = Cell("client", "public", "tcp", 25, PASSES)
    with Trial(tally, "mfw") as trial:
        trial.script(AS_RULE)
        trial.do(
            "ipchains -A input -i ppp0 -p tcp -y -d 0/0 3080 -m 3",
            "ipchains -A input -i ppp0 -p tcp -y -d 0/0 25 -m 4",
            f"ipmasqadm mfw -A -m 3 -r {INNER} 80",
            f"ipmasqadm mfw -A -m 4 -r {SECOND}",
        )
        trial.check("3", {INNER}, taken_by(trial, by_name))
        trial.check("4", {SECOND}, taken_by(trial, same_port, 25))
        trial.do(
            "ipchains -A input -i ppp0 -p udp -d 0/0 3053 -m 5",
            f"ipmasqadm mfw -A -m 5 -r {INNER} 53",
        )
        trial.connect(UDP_2053._replace(port=3053), *closed(UDP_2053))
        trial.connect(*closed(by_name._replace(port=3081)))
        trial.do("ipchains -R input 1 -i ppp0 -p tcp -y -d 0/0 3080 -m 6")
        trial.connect(*closed(by_name), same_port)
        trial.do(f"ipmasqadm mfw -D -m 4 -r {SECOND}")
        trial.connect(*closed(same_port))


def marks_take_turns(tally):
    cell = Cell("client", "public", "tcp", 3080, PASSES)
    with Trial(tally, "mfw, taking turns") as trial:
        trial.script(AS_RULE)
        trial.do(
            "ipchains -A input -p tcp -d 0/0 3080 -m 3",
            f"ipmasqadm mfw -A -m 3 -r {INNER} 80 -p 1",
            f"ipmasqadm mfw -A -m 3 -r {SECOND} 80 -p 2",
        )
        one, two = {INNER}, {SECOND}
        found = [taken_by(trial, cell) for _ in range(5)]
        trial.check("turns", [one, two, two, one, two], found)


# --- autofw ----------------------------------------------------------------------------------

CONTROL = Cell("inner", "outer", "tcp", 7070, PASSES)
SOUND = Cell("outer", "public", "udp", 6970, PASSES)
LAST_SOUND = SOUND._replace(port=7170)
OTHERS_SOUND = SOUND._replace(source="client")


def range_to_host(tally):
    for title, command in [
        ("autofw -h", f"ipmasqadm autofw -A -r tcp 7000 7010 -h {INNER}"),
        ("ipautofw -h", f"ipautofw -A -r tcp 7000 7010 -h {INNER}"),
    ]:
        cells = [Cell("client", "public", "tcp", port, PASSES) for port in (7000, 7010)]
        with Trial(tally, title) as trial:
            trial.script(AS_RULE)
            trial.connect(*closed(*cells))
            trial.do(command)
            beyond = [Cell("client", "public", "tcp", port, PASSES) for port in (6999, 7011)]
            trial.connect(*cells, *closed(*beyond, cells[0]._replace(protocol="udp")))
            trial.sees("inside", "tcp", 7000, CLIENT)
            trial.sees("inside", "tcp", 7010, CLIENT)


def real_audio(tally):
    with Trial(tally, "RealAudio") as trial:
        trial.script(AS_RULE)
        trial.do("ipautofw -A -r udp 6970 7170 -c tcp 7070")
        trial.connect(*closed(SOUND, LAST_SOUND))
        trial.connect(CONTROL)
        trial.connect(SOUND, LAST_SOUND, *closed(OTHERS_SOUND, SOUND._replace(port=7171)))
        trial.sees("inside", "udp", 6970, OUTER)
        trial.check("to", {INNER}, {p.target for p in trial.heard("inside", "udp", 6970)})
        trial.connect(CONTROL._replace(source="second"))
        trial.check("to the last that asked", {SECOND}, taken_by(trial, SOUND, 6970))
        time.sleep(LET_IN_FOR + 1)
        trial.connect(*closed(SOUND))
        trial.connect(CONTROL)
        trial.check("once more", {INNER}, taken_by(trial, SOUND, 6970))


def real_audio_at_all_times(tally):
    with Trial(tally, "RealAudio -u") as trial:
        trial.script(AS_RULE)
        trial.do("ipmasqadm autofw -A -r udp 6970 7170 -c tcp 7070 -u")
        trial.connect(CONTROL)
        trial.connect(SOUND)
        time.sleep(LET_IN_FOR + 1)
        trial.connect(SOUND, *closed(OTHERS_SOUND))


def real_audio_from_anybody(tally):
    with Trial(tally, "RealAudio -i") as trial:
        trial.script(AS_RULE)
        trial.do("ipautofw -A -r udp 6970 7170 -c tcp 7070 -i")
        trial.connect(*closed(SOUND, OTHERS_SOUND))
        trial.connect(CONTROL)
        trial.connect(SOUND, OTHERS_SOUND)
        sources = {p.source for p in trial.heard("inside", "udp", 6970)}
        trial.check("peers", {OUTER, CLIENT}, sources)


# --- ipfwd -----------------------------------------------------------------------------------


def whole_protocols(tally):
    gre = Cell("client", "public", "gre", 0, PASSES)
    esp = Cell("client", "public", "esp", 0, PASSES)
    with Trial(tally, "ipfwd --masq") as trial:
        trial.script(AS_RULE)
        trial.do(f"ipfwd --masq {INNER} 47")
        trial.connect(gre, esp._replace(expected=ARRIVES))
        trial.sees("inside", "gre", 0, CLIENT)
        trial.sees_nothing("inside", "esp", 0)
        trial.do(f"ipfwd --masq {SECOND} 50")
        trial.connect(esp._replace(source="other client"))
        trial.check("esp", {SECOND}, {p.target for p in trial.heard("inside", "esp", 0)})


def as_long_as_it_runs(tally):
    gre = Cell("client", "public", "gre", 0, PASSES)
    with Trial(tally, "ipfwd --foreground") as trial:
        trial.do(f"timeout 2 ipfwd --foreground --masq {INNER} 47 >/dev/null 2>&1 &")
        trial.do("ipchains -A forward -j MASQ")
        time.sleep(0.5)
        trial.connect(gre)
        time.sleep(2)
        trial.connect(gre._replace(source="other client", expected=ARRIVES))
        trial.sees_nothing("inside", "gre", 0)
        trial.do("ipchains -F forward")
        check_plain(trial)


def protocols_not_masqueraded(tally):
    """The answers go out as they are, which is what their rules say of them."""
    gre = Cell("client", "public", "gre", 0, SILENT)
    with Trial(tally, "ipfwd") as trial:
        trial.do(f"ipfwd {INNER} 47")
        trial.connect(gre, leaks=True)
        trial.sees("inside", "gre", 0, CLIENT)
        trial.sees("outside", "gre", 0, INNER)
        trial.do("ipchains -P forward DENY")
        trial.connect(gre)
        trial.sees_nothing("outside", "gre", 0)


GROUPS = [
    real_audio,
    real_audio_at_all_times,
    real_audio_from_anybody,
    one_port,
    forwarded_skips_forward,
    answers_need_masq,
    what_chains_see,
    taking_turns,
    delete_and_flush,
    those_that_exist_go_on,
    nothing_left,
    by_mark,
    marks_take_turns,
    range_to_host,
    whole_protocols,
    as_long_as_it_runs,
    protocols_not_masqueraded,
]
