#!/bin/sh
# ----------------------------------------------------------------------------
#  Made by a firewall designer on the web. Interface eth0 at 203.0.113.7.
#  Change the lines below, then start it from /etc/rc.d/rc.local.
# ----------------------------------------------------------------------------

EXTERNAL_INTERFACE="eth0"               # towards the Internet
LOOPBACK_INTERFACE="lo"
LOCAL_INTERFACE_1="eth1"                # towards the house

IPADDR="203.0.113.7"                    # ours
LOCALNET_1="192.168.0.0/24"
ANYWHERE="any/0"
NAMESERVER_1="198.51.100.53"
SMTP_SERVER="198.51.100.25"
POP_SERVER="198.51.100.110"
NEWS_SERVER="198.51.100.119"

LOOPBACK="127.0.0.0/8"
CLASS_A="10.0.0.0/8"
CLASS_B="172.16.0.0/12"
CLASS_C="192.168.0.0/16"
CLASS_D_MULTICAST="224.0.0.0/4"
CLASS_E_RESERVED_NET="240.0.0.0/5"
BROADCAST_SRC="0.0.0.0"
BROADCAST_DEST="255.255.255.255"
PRIVPORTS="0:1023"
UNPRIVPORTS="1024:65535"

SSH_PORTS="1022:1023"
TRACEROUTE_SRC_PORTS="32769:65535"
TRACEROUTE_DEST_PORTS="33434:33523"

# ----------------------------------------------------------------------------
# No answer to broadcast pings, no source routes, no redirects; log the strange.
echo 1 > /proc/sys/net/ipv4/icmp_echo_ignore_broadcasts
echo 1 > /proc/sys/net/ipv4/tcp_syncookies
for f in /proc/sys/net/ipv4/conf/*/accept_source_route; do
    echo 0 > $f
done
for f in /proc/sys/net/ipv4/conf/*/accept_redirects; do
    echo 0 > $f
done
for f in /proc/sys/net/ipv4/conf/*/rp_filter; do
    echo 1 > $f
done
for f in /proc/sys/net/ipv4/conf/*/log_martians; do
    echo 1 > $f
done

# ----------------------------------------------------------------------------
# Begin with nothing.
ipchains -F
ipchains -X
ipchains -P input   DENY
ipchains -P output  REJECT
ipchains -P forward REJECT

# Loopback is free.
ipchains -A input  -i $LOOPBACK_INTERFACE -j ACCEPT
ipchains -A output -i $LOOPBACK_INTERFACE -j ACCEPT

# ----------------------------------------------------------------------------
# Addresses that can't be: ours, private ones, and those that nobody has.
ipchains -A input  -i $EXTERNAL_INTERFACE -s $IPADDR -j DENY -l
for net in $CLASS_A $CLASS_B $CLASS_C $LOOPBACK; do
    ipchains -A input  -i $EXTERNAL_INTERFACE -s $net -j DENY
    ipchains -A input  -i $EXTERNAL_INTERFACE -d $net -j DENY
    ipchains -A output -i $EXTERNAL_INTERFACE -s $net -j DENY -l
    ipchains -A output -i $EXTERNAL_INTERFACE -d $net -j DENY -l
done
ipchains -A input -i $EXTERNAL_INTERFACE -s $BROADCAST_DEST -j DENY -l
ipchains -A input -i $EXTERNAL_INTERFACE -d $BROADCAST_SRC -j DENY -l
ipchains -A input -i $EXTERNAL_INTERFACE -s $CLASS_D_MULTICAST -j DENY
ipchains -A input -i $EXTERNAL_INTERFACE -s $CLASS_E_RESERVED_NET -j DENY -l
# 1.*, 2.*, 5.*, 7.*, 23.*, 27.*, 31.*, 96-111.*
for a in 1 2 5 7 23 27 31; do
    ipchains -A input -i $EXTERNAL_INTERFACE -s $a.0.0.0/8 -j DENY -l
done
ipchains -A input -i $EXTERNAL_INTERFACE -s 96.0.0.0/4 -j DENY -l

# ----------------------------------------------------------------------------
# ICMP
for type in echo-reply destination-unreachable source-quench time-exceeded \
        parameter-problem; do
    ipchains -A input  -i $EXTERNAL_INTERFACE -p icmp --icmp-type $type \
             -d $IPADDR -j ACCEPT
done
ipchains -A output -i $EXTERNAL_INTERFACE -p icmp -s $IPADDR echo-request -d $ANYWHERE -j ACCEPT
ipchains -A output -i $EXTERNAL_INTERFACE -p icmp -s $IPADDR fragmentation-needed -j ACCEPT

# Ports that high clients must not open: NFS, X, SOCKS.
ipchains -A output -i $EXTERNAL_INTERFACE -p tcp -y -s $IPADDR -d $ANYWHERE 2049 -j REJECT
ipchains -A input  -i $EXTERNAL_INTERFACE -p tcp -y -d $IPADDR 2049 -j DENY -l
ipchains -A input  -i $EXTERNAL_INTERFACE -p tcp -y -d $IPADDR 6000:6063 -j DENY -l
ipchains -A input  -i $EXTERNAL_INTERFACE -p tcp -y -d $IPADDR 1080 -j DENY -l
ipchains -A input  -i $EXTERNAL_INTERFACE -p udp -d $IPADDR 2049 -j DENY -l

# DNS: client, and server to server.
ipchains -A output -i $EXTERNAL_INTERFACE -p udp -s $IPADDR $UNPRIVPORTS \
         -d $NAMESERVER_1 53 -j ACCEPT
ipchains -A input  -i $EXTERNAL_INTERFACE -p udp -s $NAMESERVER_1 53 \
         -d $IPADDR $UNPRIVPORTS -j ACCEPT
ipchains -A output -i $EXTERNAL_INTERFACE -p tcp -s $IPADDR $UNPRIVPORTS \
         -d $NAMESERVER_1 53 -j ACCEPT
ipchains -A input  -i $EXTERNAL_INTERFACE -p tcp ! -y -s $NAMESERVER_1 53 \
         -d $IPADDR $UNPRIVPORTS -j ACCEPT

# Mail, news and the web as clients: port, server.
for pair in 25,$SMTP_SERVER 110,$POP_SERVER 119,$NEWS_SERVER 80,$ANYWHERE 443,$ANYWHERE; do
    port=`echo $pair | cut -d, -f1`
    server=`echo $pair | cut -d, -f2`
    ipchains -A output -i $EXTERNAL_INTERFACE -p tcp -s $IPADDR $UNPRIVPORTS -d $server $port -j ACCEPT
    ipchains -A input -i $EXTERNAL_INTERFACE -p tcp ! -y -s $server $port -d $IPADDR $UNPRIVPORTS -j ACCEPT
done

# FTP as client, both ways of it.
ipchains -A output -i $EXTERNAL_INTERFACE -p tcp -s $IPADDR $UNPRIVPORTS -d $ANYWHERE 21 -j ACCEPT
ipchains -A input  -i $EXTERNAL_INTERFACE -p tcp ! -y -s $ANYWHERE 21 -d $IPADDR $UNPRIVPORTS -j ACCEPT
ipchains -A input  -i $EXTERNAL_INTERFACE -p tcp -s $ANYWHERE 20 -d $IPADDR $UNPRIVPORTS -j ACCEPT
ipchains -A output -i $EXTERNAL_INTERFACE -p tcp ! -y -s $IPADDR $UNPRIVPORTS -d $ANYWHERE 20 -j ACCEPT

# SSH as server.
ipchains -A input  -i $EXTERNAL_INTERFACE -p tcp -s $ANYWHERE $UNPRIVPORTS -d $IPADDR 22 -j ACCEPT
ipchains -A output -i $EXTERNAL_INTERFACE -p tcp ! -y -s $IPADDR 22 -d $ANYWHERE $UNPRIVPORTS -j ACCEPT
ipchains -A input  -i $EXTERNAL_INTERFACE -p tcp -s $ANYWHERE $SSH_PORTS -d $IPADDR 22 -j ACCEPT
ipchains -A output -i $EXTERNAL_INTERFACE -p tcp ! -y -s $IPADDR 22 -d $ANYWHERE $SSH_PORTS -j ACCEPT

# Somebody asks who we are: nobody.
ipchains -A input -i $EXTERNAL_INTERFACE -p tcp -d $IPADDR 113 -j REJECT

# traceroute out, not in.
ipchains -A output -i $EXTERNAL_INTERFACE -p udp -s $IPADDR $TRACEROUTE_SRC_PORTS \
         -d $ANYWHERE $TRACEROUTE_DEST_PORTS -j ACCEPT
ipchains -A input -i $EXTERNAL_INTERFACE -p udp -s $ANYWHERE $TRACEROUTE_SRC_PORTS \
         -d $IPADDR $TRACEROUTE_DEST_PORTS -j DENY -l

# ----------------------------------------------------------------------------
# The house: all of it may come here, and is masqueraded.
ipchains -A input   -i $LOCAL_INTERFACE_1 -s $LOCALNET_1 -j ACCEPT
ipchains -A output  -i $LOCAL_INTERFACE_1 -d $LOCALNET_1 -j ACCEPT
ipchains -A forward -i $EXTERNAL_INTERFACE -s $LOCALNET_1 -j MASQ

# What is denied without a word so far is written down.
ipchains -A input -i $EXTERNAL_INTERFACE -p tcp -d $IPADDR -j DENY -l
ipchains -A input -i $EXTERNAL_INTERFACE -p udp -d $IPADDR $PRIVPORTS -j DENY -l
ipchains -A input -i $EXTERNAL_INTERFACE -p icmp --icmp-type redirect -j DENY -l
exit 0
