#!/bin/sh
# Good for both kernels: what it does depends on what is there.

case `uname -r` in
  2.0.*) ipfwadm=yes ;;
  *) if [ -f /proc/net/ip_fwchains ]; then ipfwadm=no; else ipfwadm=yes; fi ;;
esac

if [ $ipfwadm = yes ] && [ ! -x /sbin/ipchains ]; then
  ipfwadm -F -p deny
  ipfwadm -F -a m -S 10.0.0.0/8 -D 0/0
else
  ipchains -P forward DENY
  ipchains -A forward -s 10.0.0.0/8 -j MASQ
fi
