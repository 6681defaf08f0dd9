"""What sandbox.py runs, and what must come of it.

Of each script: the exit status of `sandboxed` (0: it ended well), texts that must be there, and
must not be, in what is printed, and the commands of the filter, each "LINE: COMMAND = STATUS".
"""

import resource

# 1, where the limit outside leaves a choice: 0 would not keep the machine's own handler out.
CORE = min(1, resource.getrlimit(resource.RLIMIT_CORE)[1] % (1 << 32))

REFUSED = ["remounted", "mounted", "unmounted", "another root", "namespaces", "entered",
           "made a device", "wrote outside", "sees processes"]  # fmt: skip

DENY = "ipchains -P input DENY = 0"

HOSTILE = {
    # It goes through all of the machine's files, which may take longer than it has.
    "remove-all": {"status": None, "commands": [f"3: {DENY}"], "has": ["removes /etc/"]},
    "fork-bomb": {"status": 1, "has": ["too many processes", f"3: {DENY}"]},
    "many-sleepers": {"status": 1, "has": ["too many processes"]},
    "loops": {"status": 1, "has": ["did not end in time", "ipchains -A input -j ACCEPT"]},
    "ignores-signals": {"status": 1, "has": ["did not end in time"]},
    "fills-disk": {"has": ["writes /tmp/filled", "ipchains -P forward DENY = 0"]},
    "network": {
        "has": ["refused local socket", "refused abstract socket", "refused netfilter",
                "ping -c 1 198.51.100.1`: not carried out"],
        "has_not": ["reached", "sent by udp"],
    },
    "kills": {"has": ["ipchains -P output DENY = 0"]},
    "kernel-switches": {"has": ["`reboot -f`: not carried out"]},
    "mounts": {"has_not": REFUSED},
    "passwords": {"has": ["writes /etc/passwd", "writes /root/.bashrc"]},
    "memory": {"status": 1, "has": ["too much memory"]},
    "shared-memory": {
        "status": 1,
        "has": ["too much memory", "refused memory without a name 1"],
        "has_not": ["reached"],
    },
    "pipes": {
        "has": ["refused pair 13", "reached stream pair", "refused local 13", "refused ipx 13",
                "refused vsock 13", "refused generic netlink 13", "refused uevents 13"],
        "sees": ["sees the pipe"],
        "has_not": ["reached pipe", "reached pair"],
        "needs_landlock": True,
    },
    "daemons": {"commands": [f"3: {DENY}"]},
    "trace": {"has": ["refused to attach", "refused mem"], "has_not": ["looked into"]},
    "much-output": {"has": ["more than a megabyte", DENY]},
    "recursion": {"status": 1, "has": [DENY]},
    "replaces-itself": {"commands": ["3: ipchains -A input -s 10.0.0.1 -j DENY = 0"]},
    "forged-record": {"status": 1, "has": ["damaged the record"]},
    "own-ways": {
        "commands": [f"{line}: ipchains -A input -s 10.0.0.{host} -j DENY = 0"
                     for line, host in [(4, 1), (0, 2), (8, 3), (9, 4), (10, 5), (11, 6), (13, 7),
                                        (14, 8), (15, 9), (16, 10), (18, 11), (1, 12)]],
    },
}  # fmt: skip

ETH0 = ["--with", "eth0=10.0.0.1/24"]
PPP0 = ["--with", "ppp0=192.0.2.7/192.0.2.1"]

FRIENDLY = {
    "addresses": {
        "options": [*ETH0, *PPP0],
        "arguments": [],
        "script": r"""#!/bin/sh
A=`ifconfig eth0 | grep 'inet addr' | cut -d: -f2 | cut -d' ' -f1`
M=`ifconfig eth0 | sed -n 's/.*Mask:\([0-9.]*\).*/\1/p'`
B=`/sbin/ifconfig eth0 | awk '/inet addr/ { split($3, x, ":"); print x[2] }'`
P=`/sbin/ifconfig ppp0 | grep P-t-P | sed -e 's/.*P-t-P:\([^ ]*\).*/\1/'`
ipchains -A input -s $A/$M -d $B -j ACCEPT
ipchains -A input -s $P -j ACCEPT
""",
        "commands": ["6: ipchains -A input -s 10.0.0.1/255.255.255.0 -d 10.0.0.255 -j ACCEPT = 0",
                     "7: ipchains -A input -s 192.0.2.1 -j ACCEPT = 0"],
    },
    "routes": {
        "options": [*ETH0, "--gateway", "10.0.0.254"],
        "arguments": [],
        "script": r"""#!/bin/sh
IF=`route -n | grep '^0\.0\.0\.0' | awk '{print $8}'`
GW=`netstat -rn 2>/dev/null | grep '^0.0.0.0' | awk '{print $2}'`
NET=`/sbin/route | grep eth0 | grep -v default | awk '{print $1 "/" $3}'`
ipchains -A input -i $IF -s ! $NET -j DENY
route add -net 172.16.0.0 netmask 255.240.0.0 gw 10.0.0.254
ifconfig eth0:0 10.0.0.2 netmask 255.255.255.0
""",
        "commands": ["5: ipchains -A input -i eth0 -s ! 10.0.0.0/255.255.255.0 -j DENY = 0"],
        "has": ["route 172.16.0.0/12 via 10.0.0.254 dev eth0", "interface eth0:0 10.0.0.2/24"],
    },
    "settings": {
        "options": ETH0,
        "arguments": [],
        "script": r"""#!/bin/sh
if [ ! -f /proc/net/ip_fwchains ]; then exit 3; fi
ipchains -P forward DENY
echo 1 > /proc/sys/net/ipv4/ip_forward
echo 1 > /proc/sys/net/ipv4/tcp_syncookies
[ -e /proc/sys/net/ipv4/ip_always_defrag ] && echo 1 > /proc/sys/net/ipv4/ip_always_defrag
for f in /proc/sys/net/ipv4/conf/*/rp_filter; do echo 1 > $f; done
which sysctl > /dev/null || sysctl() { echo ${2#*=} > /proc/sys/`echo ${2%=*} | tr . /`; }
sysctl -w net.ipv4.tcp_fin_timeout=30
sysctl -w net.ipv4.conf.all.accept_redirects=0
""",
        "has": ["net.ipv4.ip_forward = 1\n", "net.ipv4.tcp_syncookies = 1\n",
                "net.ipv4.conf.eth0.rp_filter = 1\n", "net.ipv4.tcp_fin_timeout = 30\n",
                "net.ipv4.conf.all.accept_redirects = 0\n", "ip_always_defrag to 1, which today's"],
        "has_not": ["net.ipv4.ip_always_defrag ="],
    },
    "listings": {
        "arguments": [],
        "script": r"""#!/bin/sh
ipchains -N guard
ipchains -A guard -p tcp -y -j DENY
ipchains -A input -j guard
if ipchains -L -n | grep '^Chain guard (1 references):' > /dev/null; then
    ipchains -A guard -s 10.0.0.1 -j ACCEPT
fi
grep guard /proc/net/ip_fwnames > /dev/null && ipchains -A guard -s 10.0.0.2 -j ACCEPT
case `uname -r` in
2.2.*) ipchains -A guard -s 10.0.0.3 -j ACCEPT ;;
esac
N=`ipchains -L guard -n | awk '/10.0.0.2/ { print NR - 2 }'`
ipchains -D guard $N
ipchains -X missing
ipchains-save > /tmp/saved
ipchains -F; ipchains-restore -f < /tmp/saved
""",
        "commands": [
            "2: ipchains -N guard = 0",
            "3: ipchains -A guard -p tcp -y -j DENY = 0",
            "4: ipchains -A input -j guard = 0",
            "5: ipchains -L -n = 0",
            "6: ipchains -A guard -s 10.0.0.1 -j ACCEPT = 0",
            "8: ipchains -A guard -s 10.0.0.2 -j ACCEPT = 0",
            "10: ipchains -A guard -s 10.0.0.3 -j ACCEPT = 0",
            "12: ipchains -L guard -n = 0",
            "13: ipchains -D guard 3 = 0",
            "14: ipchains -X missing = 1",
            "15: ipchains-save = 0",
            "16: ipchains -F = 0",
            "16: ipchains-restore -f = 0",
        ],
        "has": ["writes /tmp/saved"],
    },
    "shell-is-undisturbed": {
        "arguments": ["a b", "c"],
        "script": r"""#!/bin/sh
set -eu
echo "$# $1"
false || echo "status $?"
echo one two; echo "last $_"
f() { return 3; }
f || echo "function $?"
trap 'echo "trap $?"; exit 0' EXIT
x=`echo in; exit 0`
echo "$x" | while read y; do ipchains -A input -s 10.0.0.9 -j DENY; done
cat <<EOF | grep 10
10.0.0.0/8
EOF
set -- p q
echo "$*"
( exit 5 ) || echo "subshell $?"
false
echo "not reached"
""",
        "has": ["2 a b\n", "status 1\n", "last two\n", "function 3\n", "10.0.0.0/8\n", "p q\n",
                "subshell 5\n", "trap 1\n"],
        "has_not": ["not reached"],
        "commands": ["10: ipchains -A input -s 10.0.0.9 -j DENY = 0"],
    },
    "modules": {
        "arguments": [],
        "script": r"""#!/bin/sh
modprobe ip_masq_ftp
/sbin/insmod ip_masq_irc
modprobe ne2k-pci
lsmod | grep ip_masq_ftp > /dev/null && ipmasqadm portfw -a -P tcp -L 192.0.2.1 80 -R 10.0.0.2 80
""",
        "commands": ["2: modprobe ip_masq_ftp = 0", "3: insmod ip_masq_irc = 0",
                     "5: ipmasqadm portfw -a -P tcp -L 192.0.2.1 80 -R 10.0.0.2 80 = 0"],
        "has": ["nf_conntrack_ftp and nf_nat_ftp", "modprobe ne2k-pci: today's kernel"],
    },
    "start-script": {
        "options": ETH0,
        "arguments": ["start"],
        "script": r"""#!/bin/sh
. /etc/rc.d/init.d/functions
. /etc/sysconfig/network
. /etc/sysconfig/network-scripts/ifcfg-eth0
[ ${NETWORKING} = "no" ] && exit 0
case "$1" in
start)
    echo -n "Starting firewall: "
    action "Policy" ipchains -P input DENY
    ipchains -A input -s $NETWORK/$NETMASK -j ACCEPT
    touch /var/lock/subsys/firewall
    logger "firewall is up"
    sleep 30
    ;;
*) exit 1 ;;
esac
exit 0
""",
        "commands": ["11: ipchains -P input DENY = 0",  # in functions
                     "10: ipchains -A input -s 10.0.0.0/255.255.255.0 -j ACCEPT = 0"],
        "has": ["Starting firewall: "],
    },
    "fails": {
        "arguments": [],
        "status": 1,
        "script": "#!/bin/sh\nipchains -P input DENY\nexit 7\n",
        "has": ["the script failed: exit status 7", "line 2, `ipchains -P input DENY`"],
    },
    "other-firewalls": {
        "arguments": [],
        "script": "#!/bin/sh\niptables -P FORWARD DROP\n/usr/sbin/arptables -F || exit 0\n",
        "has": ["`iptables -P FORWARD DROP`: a firewall that is not understood yet", "`arptables -F`"],
    },
    "linux-2.0": {
        "arguments": [],
        "options": ETH0,
        "script": r"""#!/bin/sh
uname -r
[ -f /proc/net/ip_fwchains ] && exit 3
ipfwadm -Ip deny; ipfwadm -I -a accept -V 10.0.0.1 -P tcp -D 0/0 22 80
/sbin/ipfwadm-wrapper -A in -a -W eth0 -o
wc -l < /proc/net/ip_input; grep -c 0A000001 /proc/net/ip_input
wc -l < /proc/net/ip_acct; wc -l < /proc/net/ip_forward
ipfwadm -I -l -n | grep -c 'acc *tcp'
ipfwadm-save | grep -c -- '-V 10.0.0.1'
ipfwadm -I -d deny -W eth1; echo "status $?"
ls /sbin | grep -c '^ip[c]hains'; exit 0
""",
        "commands": ["4: ipfwadm -Ip deny = 0",
                     "4: ipfwadm -I -a accept -V 10.0.0.1 -P tcp -D 0/0 22 80 = 0",
                     "5: ipfwadm-wrapper -A in -a -W eth0 -o = 0", "8: ipfwadm -I -l -n = 0",
                     "9: ipfwadm-save = 0", "10: ipfwadm -I -d deny -W eth1 = 255"],
        "has": ["2.0.38\n2\n1\n2\n1\n1\n1\n", "status 255\n0\n"],
    },
    "words": {
        "arguments": [],
        "script": r"""#!/bin/sh
ipchains -A '' -s 10.0.0.1 -j "DE
NY"
echo "status $?"
ipchains -A input -s 10.0.0.1 -j REJECT
ipchains-save | sed s/REJECT/DENY/ | ipchains-restore -f
ipchains-restore <<EOF
:input DENY
-A input -s 10.0.0.2 -j DENY
EOF
ipchains -L input -n | wc -l
printf '10.0.0.3\n10.0.0.4\n' | xargs -n1 ipchains -A input -j DENY -s
for i in 5 6 7 8; do ipchains -A input -s 10.0.0.$i -j DENY & done; wait
""",
        "any_order": True,  # those at the same time
        "commands": ["2: ipchains -A '' -s 10.0.0.1 -j 'DE", "NY' = 1",
                     "5: ipchains -A input -s 10.0.0.1 -j REJECT = 0",
                     "6: ipchains-save = 0", "6: ipchains-restore -f = 0",
                     "7: ipchains-restore = 0", "11: ipchains -L input -n = 0",
                     "12: ipchains -A input -j DENY -s 10.0.0.3 = 0",
                     "12: ipchains -A input -j DENY -s 10.0.0.4 = 0",
                     *[f"13: ipchains -A input -s 10.0.0.{i} -j DENY = 0" for i in range(5, 9)]],
        "has": ["status 1\n", "\n5\n"],
    },
    "terminal": {
        "arguments": [],
        "script": "#!/bin/sh\nipchains -P input DENY\nprintf '\\033]0;mine\\007\\tok\\n'\n",
        "has": ["?]0;mine?\tok\n"],
        "has_not": ["\x1b", "\x07"],
    },
    "unknown-interpreter": {
        "arguments": [],
        "script": "#!/usr/bin/no-such-shell -x\nipchains -P input DENY\n",
        "commands": [f"2: {DENY}"],
        "has": ["/usr/bin/no-such-shell: this interpreter is not here"],
    },
    "surroundings": {
        "arguments": [],
        "options": ETH0,
        "script": r"""#!/bin/sh
ipchains -P input DENY
awk '/Max core/ { print "core " $5 }' /proc/self/limits
ls /proc/self/fd | wc -l | sed 's/^/files /'
env | grep -c '^SECRET' | sed 's/^/secrets /'
ifconfig eth0:1 || echo "no such address"
lsmod | grep ip_masq || echo "no such module"
ls /proc/net | grep -E 'ip_tables|conntrack' || echo "no later filter"
echo beside > "`dirname $0`/beside" && mv "`dirname $0`/beside" /etc && cat /etc/beside
""",
        "has": [f"core {CORE}\n", "files 4\n", "secrets 0\n", "no such address\n",
                "no such module\n", "no later filter\n", "beside\n", "writes /etc/beside"],
        "has_not": ["lsmod: today's"],
    },
    "line-ends-of-dos": {
        "arguments": [],
        "script": "#!/bin/sh\r\nipchains -P input DENY #\r\n",
        "commands": [f"2: {DENY}"],
    },
}  # fmt: skip
