"""FTP through a masquerading machine: an inner client, a real server outside."""

import contextlib
import ftplib
import pathlib
import shutil
import socket
import subprocess
import tempfile
import time

import howto
import howto_tables
from hosts import DOUBT, PATIENCE
from masq_rules import AS_RULE
from masq_trial import INNER, OUTER, PUBLIC, Trial
from masq_wire import TCP, send, tcp

TEXT = "how many masquerading machines does it take"
CONFIGURATION = """
listen=YES
listen_port={port}
background=NO
anonymous_enable=YES
no_anon_password=YES
local_enable=NO
anon_root={root}
secure_chroot_dir={root}
connect_from_port_20=YES
xferlog_enable=NO
seccomp_sandbox=NO
isolate=NO
isolate_network=NO
"""
# Its sessions end with it, and it ends in any case.
ALONE = ["timeout", "120", "unshare", "--pid", "--fork", "--kill-child"]
# Nothing comes in but answers to masqueraded connections.
STRICT = f"""
ipchains -P input DENY
ipchains -A input -i eth0 -j ACCEPT
ipchains -A input -i ppp0 -p tcp ! -y -d {PUBLIC} 61000:65095 -j ACCEPT
"""
DATA = f"ipchains -A input -i ppp0 -p tcp -s 0/0 20 -d {PUBLIC}"


@contextlib.contextmanager
def server(net, address=OUTER, port=21):
    """On the host `outside`."""
    with tempfile.TemporaryDirectory(prefix="masq-ftp-") as name:
        home = pathlib.Path(name)
        home.chmod(0o755)
        (home / "text").write_text(TEXT, encoding="ascii")
        configuration = home / "vsftpd.conf"
        configuration.write_text(CONFIGURATION.format(port=port, root=home), encoding="ascii")
        with net.on("outside"):
            command = [*ALONE, "sh", "-c", f"vsftpd {configuration}; true"]
            running = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        try:
            wait_for_server(net, address, port)
            yield
        finally:
            running.terminate()
            running.wait()


def wait_for_server(net, address, port):
    deadline = time.monotonic() + PATIENCE
    with net.on("outside"):
        while time.monotonic() < deadline:
            with contextlib.suppress(ConnectionRefusedError):
                socket.create_connection((address, port), PATIENCE).close()
                return
            time.sleep(0.02)
    raise OSError("vsftpd does not answer")


def check_fetched(tally, title, wanted, net, address=OUTER, port=21, passive=True):
    tally.check(title, wanted, fetched(net, address, port, passive, PATIENCE if wanted else 1))


def fetched(net, address, port, passive, patience):
    """Whether the host `inside` gets the text; `passive`: it opens the connection for it."""
    lines = []
    client = ftplib.FTP(timeout=patience)
    try:
        with net.on("inside"):
            client.connect(address, port)
            client.login()
            client.set_pasv(passive)
            client.retrlines("RETR text", lines.append)
            client.quit()
    except (OSError, ftplib.Error, EOFError):
        client.close()
    return lines == [TEXT]


def ftp(tally):
    if shutil.which("vsftpd") is None:
        print("masquerading: FTP is left out: needs vsftpd")
        return
    for step in (
        without_helper,
        with_helper,
        with_strict_input,
        with_doubtful_input,
        server_inside,
        with_other_ports,
        in_the_serious_example,
    ):
        step(tally)


def without_helper(tally):
    with Trial(tally, "FTP, no helper") as trial, server(trial.net):
        check_fetched(trial, "nothing masqueraded: passive", True, trial.net, passive=True)
        trial.script(AS_RULE)
        trial.listen()
        check_fetched(trial, "passive", True, trial.net, passive=True)
        check_fetched(trial, "active", False, trial.net, passive=False)
        trial.tight()


def with_helper(tally):
    with Trial(tally, "FTP, helper") as trial, server(trial.net):
        trial.script(AS_RULE)
        trial.do("insmod ip_masq_ftp")
        check_fetched(trial, "passive", True, trial.net, passive=True)
        trial.listen()
        check_fetched(trial, "active", True, trial.net, passive=False)
        trial.tight()
        uninvited(trial)
        # Without MASQ for it, nothing.
        trial.do(f"ipchains -I forward -d {OUTER} 21 -p tcp -j DENY")
        check_fetched(trial, "denied", False, trial.net, passive=True)
        trial.do("ipchains -D forward 1", "rmmod ip_masq_ftp")
        check_fetched(trial, "active, helper removed", False, trial.net, passive=False)
        check_fetched(trial, "passive, helper removed", True, trial.net, passive=True)


def uninvited(trial):
    """A connection that looks like one for data, but that nobody asked for, gets nowhere."""
    with trial.net.on("outside"):
        for port in (61000, 62000, 65095, 40000):
            send(OUTER, PUBLIC, TCP, tcp(OUTER, 20, PUBLIC, port))
    trial.ears["inside"].wait(lambda packet: packet.target_port == 40000, DOUBT)
    found = [
        str(packet)
        for packet in trial.ears["inside"].packets()
        if packet.source_port == 20 and packet.target_port in (61000, 62000, 65095, 40000)
    ]
    trial.check("uninvited data", [], found)


def with_strict_input(tally):
    with Trial(tally, "FTP, strict input") as trial, server(trial.net):
        trial.script(AS_RULE + STRICT)
        trial.do("insmod ip_masq_ftp")
        check_fetched(trial, "passive", True, trial.net, passive=True)
        check_fetched(trial, "active, no rule for data", False, trial.net, passive=False)
        # Data comes to a port of masqueraded connections, as far as rules are concerned.
        for ports, passes in (("1024:5999", False), ("61000:65095", True), ("61000:", True)):
            trial.do(f"{DATA} {ports} -j ACCEPT")
            check_fetched(trial, f"active, data to {ports}", passes, trial.net, passive=False)
            trial.do(f"{DATA.replace('-A', '-D')} {ports} -j ACCEPT")
        check_fetched(trial, "active, rule deleted", False, trial.net, passive=False)


def with_doubtful_input(tally):
    """Some of the ports of masqueraded connections: data might have come to one of them."""
    some = f"-p tcp -y -d {PUBLIC} 61000:65000"
    for title, rules in [
        ("DENY", f"ipchains -A input -i ppp0 {some} -j DENY"),
        (
            "jump to DENY",
            f"ipchains -N no\nipchains -A no -j DENY\nipchains -A input -i ppp0 {some} -j no",
        ),
        (
            "RETURN to DENY",
            f"""ipchains -P input DENY
            ipchains -A input -i eth0 -j ACCEPT
            ipchains -A input -i ppp0 {some} -j RETURN
            ipchains -A input -i ppp0 -p tcp -j ACCEPT""",
        ),
    ]:
        with Trial(tally, f"FTP, some ports, {title}") as trial, server(trial.net):
            trial.script(AS_RULE)
            trial.do("insmod ip_masq_ftp")
            check_fetched(trial, "active", True, trial.net, passive=False)
            trial.script(rules)
            check_fetched(trial, "active, perhaps stopped", False, trial.net, passive=False)


def server_inside(tally):
    """A forwarded server's answers tell of the address that the client can reach."""
    with Trial(tally, "FTP server inside") as trial:
        trial.script(AS_RULE)
        trial.do(f"ipmasqadm portfw -a -P tcp -L {PUBLIC} 21 -R {INNER} 21", "insmod ip_masq_ftp")
        with trial.net.on("inside"), socket.create_server((INNER, 21)) as listener:
            with trial.net.on("outside"):
                client = socket.create_connection((PUBLIC, 21), timeout=PATIENCE)
            control, _ = listener.accept()
        with client, control:
            answer(client, control, b"220 ready\r\n")
            client.send(b"PASV\r\n")
            control.recv(100)
            told = answer(client, control, b"227 Entering Passive Mode (10,0,0,2,40,1)\r\n")
            numbers = ",".join(PUBLIC.split("."))
            trial.check("address told", True, f"({numbers},40,1)".encode() in told)
            with trial.net.on("inside"), socket.create_server((INNER, 40 * 256 + 1)):
                with trial.net.on("outside"):
                    data = socket.create_connection((PUBLIC, 40 * 256 + 1), timeout=PATIENCE)
                data.close()


def answer(client, server, line):
    server.send(line)
    client.settimeout(PATIENCE)
    return client.recv(200)


def with_other_ports(tally):
    with Trial(tally, "FTP, port 2121") as trial, server(trial.net, port=2121):
        trial.script(AS_RULE)
        trial.do("insmod ip_masq_ftp")
        check_fetched(trial, "active, helper for 21", False, trial.net, passive=False, port=2121)
        trial.do("rmmod ip_masq_ftp", "insmod ip_masq_ftp ports=21,2121")
        check_fetched(trial, "active", True, trial.net, passive=False, port=2121)


def in_the_serious_example(tally):
    """Section 7 of the ipchains HOWTO lets control connections out. Data needs a rule, too."""
    server_address = howto_tables.SERIOUS_NAMES["outside"][1]
    with howto_tables.serious_network() as net, server(net, server_address):
        howto.run_script(tally, "FTP, 7", net, howto.serious_script(tally))
        for command, active in [
            ("true", False),
            ("ipchains -I bon-mauvais -p tcp ! -y --dport ftp-data -j MASQ", True),
            ("rmmod ip_masq_ftp", False),
        ]:
            howto.check_command(tally, "FTP, 7", net, command)
            title = f"FTP, 7: after {command}"
            check_fetched(tally, f"{title}: active", active, net, server_address, passive=False)
        check_fetched(tally, "FTP, 7: passive", False, net, server_address, passive=True)
        howto.check_command(tally, "FTP, 7", net, "ipchains -I bon-mauvais -p tcp -j MASQ")
        check_fetched(
            tally, "FTP, 7: passive, with a rule", True, net, server_address, passive=True
        )


GROUPS = [ftp]
