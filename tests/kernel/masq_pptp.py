"""PPTP (RFC 2637) through a masquerading machine: a control connection that agrees on call numbers,
and GRE packets with these."""

import contextlib
import socket
import struct

from hosts import DOUBT, PATIENCE
from masq_rules import AS_RULE
from masq_trial import INNER, PUBLIC, SECOND, Trial
from masq_wire import GRE, send

SERVER, CONTROL = "199.0.0.3", 1723
COOKIE = 0x1A2B3C4D
START_REQUEST, START_REPLY, CALL_REQUEST, CALL_REPLY = 1, 2, 7, 8
NAMES = bytes(128)
DONE = 1


def message(kind, rest):
    return struct.pack("!HHIHH", 12 + len(rest), 1, COOKIE, kind, 0) + rest


def start_request():
    return message(START_REQUEST, struct.pack("!HHIIHH", 0x100, 0, 1, 1, 0, 1) + NAMES)


def start_reply():
    return message(START_REPLY, struct.pack("!HBBIIHH", 0x100, DONE, 0, 1, 1, 0, 1) + NAMES)


def call_request(call):
    rest = struct.pack("!HHIIIIHHHH", call, 1, 300, 100000, 3, 3, 64, 0, 0, 0)
    return message(CALL_REQUEST, rest + NAMES)


def call_reply(call, peers_call):
    rest = struct.pack("!HHBBHIHHI", call, peers_call, DONE, 0, 0, 64000, 64, 0, 0)
    return message(CALL_REPLY, rest)


def gre(call, words):
    """Enhanced GRE: with the call number of whom it is for."""
    return struct.pack("!HHHHI", 0x3001, 0x880B, len(words), call, 1) + words


class Call:
    """A call from an inner client to the server outside."""

    def __init__(self, trial, client, call, servers_call):
        self.trial, self.client, self.call, self.servers_call = trial, client, call, servers_call
        with contextlib.ExitStack() as undo:
            with trial.net.on("outside"):
                listener = socket.create_server((SERVER, CONTROL), reuse_port=True)
            with listener, trial.net.on("inside"):
                self.client_end = socket.create_connection((SERVER, CONTROL), PATIENCE, (client, 0))
                undo.enter_context(self.client_end)
                self.server_end = undo.enter_context(listener.accept()[0])
                self.server_end.settimeout(PATIENCE)
            tell(self.client_end, self.server_end, start_request())
            tell(self.server_end, self.client_end, start_reply())
            request = tell(self.client_end, self.server_end, call_request(call))
            # The masquerading machine may have given it another number.
            self.call_outside = struct.unpack("!H", request[12:14])[0]
            tell(self.server_end, self.client_end, call_reply(servers_call, self.call_outside))
            self.undo = undo.pop_all()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.undo.close()

    def carries(self):
        """Where a packet from the client comes out, and where an answer gets to."""
        self.trial.listen()
        words = f"to {self.servers_call}".encode()
        with self.trial.net.on("inside"):
            send(self.client, SERVER, GRE, gre(self.servers_call, words))
        out = arrival(self.trial, "outside", words, PATIENCE)
        words = f"to {self.call}".encode()
        with self.trial.net.on("outside"):
            send(SERVER, PUBLIC, GRE, gre(self.call_outside, words))
        back = arrival(self.trial, "inside", words, PATIENCE if out else DOUBT)
        return out and out.source, back and (back.target, struct.unpack("!H", back.data[6:8])[0])


def tell(sender, receiver, words):
    sender.sendall(words)
    heard = b""
    while len(heard) < len(words):
        more = receiver.recv(1000)
        if not more:
            raise ConnectionError("PPTP: the other end has gone")
        heard += more
    return heard


def arrival(trial, host, words, seconds):
    return trial.ears[host].wait(lambda p: p.protocol == GRE and p.data.endswith(words), seconds)


def pptp(tally):
    with Trial(tally, "PPTP") as trial:
        trial.script(AS_RULE)
        trial.do("insmod ip_masq_pptp")
        with Call(trial, INNER, 77, 1001) as one:
            trial.check("packets", (PUBLIC, (INNER, 77)), one.carries())
        # Two clients of one server, who happen to use the same number.
        with Call(trial, INNER, 88, 1002) as one, Call(trial, SECOND, 88, 1003) as two:
            trial.check("one's packets", (PUBLIC, (INNER, 88)), one.carries())
            trial.check("two's packets", (PUBLIC, (SECOND, 88)), two.carries())
            trial.check("one's packets again", (PUBLIC, (INNER, 88)), one.carries())
            trial.tight()


def pptp_denied(tally):
    """GRE needs its own rule, helper or not."""
    with Trial(tally, "PPTP, no rule for GRE") as trial:
        trial.do(
            "ipchains -P forward DENY",
            "ipchains -A forward -i ppp0 -p tcp -s 10.0.0.0/8 -j MASQ",
            "insmod ip_masq_pptp",
        )
        with Call(trial, INNER, 77, 1001) as call:
            trial.check("packets", None, call.carries()[0])
            trial.tight()


def pptp_server_inside(tally):
    """ipportfw for the control connection, ipfwd for GRE; each end has a number of its own."""
    with Trial(tally, "PPTP, server inside") as trial:
        trial.script(AS_RULE)
        trial.do(f"ipportfw -A -t {PUBLIC}/1723 -R {INNER}/1723", f"ipfwd --masq {INNER} 47")
        for words, host, source, target, call in [
            (b"hello", "inside", SERVER, PUBLIC, 5),
            (b"hello yourself", "outside", INNER, SERVER, 6),
            (b"how are you", "inside", SERVER, PUBLIC, 5),
            (b"fine", "outside", INNER, SERVER, 6),
        ]:
            with trial.net.on("outside" if host == "inside" else "inside"):
                send(source, target, GRE, gre(call, words))
            packet = arrival(trial, host, words, PATIENCE)
            wanted = (SERVER, INNER) if host == "inside" else (PUBLIC, SERVER)
            trial.check(words.decode(), wanted, packet and (packet.source, packet.target))
        trial.tight()


GROUPS = [pptp, pptp_denied, pptp_server_inside]
