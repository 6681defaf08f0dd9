"""What `nft list ruleset` says of a firewall, loaded again by `nft -f`, masquerades the same."""

import re

from hosts import CLOSED, PASSES, REFUSED, SILENT, Cell
from masq_forwards import CONTROL, OTHERS_SOUND, SOUND, TCP_2080, closed
from masq_rules import ALL, AS_POLICY, AS_RULE, IN_USER_CHAINS
from masq_trial import INNER, PUBLIC, Trial
from masq_vpn import others, script, vpn

FORWARDS = f"""
ipmasqadm portfw -a -P tcp -L {PUBLIC} 2080 -R {INNER} 80
ipmasqadm autofw -A -r udp 6970 7170 -c tcp 7070
ipmasqadm autofw -A -r tcp 7000 7010 -h {INNER}
ipmasqadm autofw -A -r udp 7200 7210 -c tcp 7071 -i -u
ipmasqadm portfw -a -P tcp -L {PUBLIC} 2090 -R {INNER} 80 -p 3
ipmasqadm portfw -a -P tcp -L {PUBLIC} 2090 -R 10.0.0.3 80 -p 2
ipfwd 10.0.0.3 99
ipchains -A input -p tcp -y -d 0/0 3080 -m 5
ipmasqadm mfw -A -m 5 -r {INNER} 80
ipfwd --masq {INNER} 47
insmod ip_masq_ftp
"""
REDIRECTS = """
ipchains -A input -i eth0 -p tcp -d 0/0 23 -j REDIRECT 80
ipchains -A input -i eth0 -p udp -d 0/0 53 -j REDIRECT
"""
REJECTS = """
ipchains -N both
ipchains -A both -p tcp -d 0/0 25 -j REJECT
ipchains -A both -p tcp -d 0/0 80 -j MASQ
ipchains -A forward -i ppp0 -j both
ipchains -A output -i ppp0 -j both
"""
IPFWADM = f"""
ipfwadm -F -p deny
ipfwadm -F -a m -S 10.0.0.0/8 -D 0/0 -W ppp0
ipfwadm -I -a accept -P tcp -S 0/0 -D 0/0 23 7000 -W eth0 -r 80
ipfwadm -I -a accept -P udp -S 0/0 -D 0/0 53 -W eth0 -r
ipfwadm -O -a reject -P tcp -S 0/0 -D 0/0 22 25 7005:7015 -W ppp0
ipportfw -A -t {PUBLIC}/2080 -R {INNER}/80
ipfwd --masq {INNER} 47
"""

# What is set up, and rounds of connections.
FIREWALLS = {
    "rule": (AS_RULE, [ALL]),
    "user chains": (IN_USER_CHAINS, [ALL]),
    "policy": (AS_POLICY, [ALL]),
    "strict": (
        script("strict-ppp0"),
        [[*vpn("inner", "outer", PASSES), *others("inner", "outer", SILENT)]],
    ),
    "forwards": (
        AS_RULE + FORWARDS,
        [
            [
                TCP_2080,
                TCP_2080._replace(port=3080),
                TCP_2080._replace(port=7000),
                TCP_2080._replace(port=2090),
                TCP_2080._replace(protocol="gre", port=0),
                *closed(TCP_2080._replace(port=2081)),
            ],
            [CONTROL],
            [SOUND, *closed(OTHERS_SOUND)],
        ],
    ),
    "redirects": (
        AS_RULE + REDIRECTS,
        [
            [
                Cell("inner", "client", "tcp", 23, PASSES),
                Cell("inner", "client", "udp", 53, PASSES),
                Cell("inner", "outer", "udp", 33434, REFUSED),
                Cell("outer", "public", "tcp", 24, CLOSED),
            ]
        ],
    ),
    "strict, ipfwadm": (
        script("strict-ppp0", "ipfwadm"),
        [[*vpn("inner", "outer", PASSES), *others("inner", "outer", SILENT, PASSES)]],
    ),
    "ipfwadm": (
        IPFWADM,
        [
            [
                Cell("inner", "client", "tcp", 23, PASSES),
                Cell("inner", "client", "tcp", 7000, PASSES),
                Cell("inner", "client", "udp", 53, PASSES),
                Cell("inner", "outer", "tcp", 80, PASSES),
                Cell("inner", "outer", "ping", 0, PASSES),
                Cell("public", "outer", "tcp", 25, REFUSED),
                Cell("public", "outer", "tcp", 7010, REFUSED),
                Cell("public", "outer", "tcp", 7070, PASSES),
                TCP_2080,
                TCP_2080._replace(protocol="gre", port=0),
                *closed(TCP_2080._replace(port=2081)),
            ]
        ],
    ),
    "rejects": (
        REJECTS,
        [
            [
                Cell("inner", "outer", "tcp", 25, REFUSED),
                Cell("public", "outer", "tcp", 25, REFUSED),
                Cell("inner", "outer", "tcp", 80, PASSES),
            ]
        ],
    ),
}


def loaded_again(tally):
    for title, (commands, rounds) in FIREWALLS.items():
        program = "ipfwadm" if title.endswith("ipfwadm") else "ipchains"
        with Trial(tally, f"loaded again: {title}", program=program) as trial:
            trial.script(commands)
            for cells in rounds:
                trial.connect(*cells)
            before = trial.ruleset()
            trial.do(f"nft delete table ip {trial.table}")
            trial.forget_connections()
            loaded = trial.net.run(
                "firewall", ["nft", "-f", "-"], input=before, capture_output=True, text=True
            )
            trial.check("nft -f", (0, ""), (loaded.returncode, loaded.stderr))
            trial.check("nft's listing", uncounted(before), uncounted(trial.ruleset()))
            for cells in rounds:
                trial.connect(*cells)


def uncounted(listing):
    """Without counters, and without what packets have put into maps."""
    listing = re.sub(r"packets \d+ bytes \d+", "", listing)
    return re.sub(r"elements = \{ [0-9.]+ .*?expires.*?\}", "", listing, flags=re.DOTALL)


GROUPS = [loaded_again]
