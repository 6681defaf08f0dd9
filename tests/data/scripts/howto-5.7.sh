#!/bin/sh
# Against forged addresses: the ipchains HOWTO, section 5.7, as printed. First the kernel's own
# protection, then rules for a machine with 192.168.1.0/24 on eth0 and 10.0.0.0/8 on eth1.
# This is the best method: turn on Source Address Verification and get
# spoof protection on all current and future interfaces.
if [ -e /proc/sys/net/ipv4/conf/all/rp_filter ]; then
  echo -n "Setting up IP spoofing protection..."
  for f in /proc/sys/net/ipv4/conf/*/rp_filter; do
      echo 1 > $f
  done
  echo "done."
else
  echo PROBLEMS SETTING UP IP SPOOFING PROTECTION.  BE WORRIED.
  echo "CONTROL-D will exit from this shell and continue system startup."
  echo
  # Start a single user shell on the console
  /sbin/sulogin $CONSOLE
fi

ipchains -A input -i eth0 -s ! 192.168.1.0/255.255.255.0 -j DENY
ipchains -A input -i ! eth0 -s 192.168.1.0/255.255.255.0 -j DENY
ipchains -A input -i eth1 -s ! 10.0.0.0/255.0.0.0 -j DENY
ipchains -A input -i ! eth1 -s 10.0.0.0/255.0.0.0 -j DENY

ipchains -A input -i ! lo -s 127.0.0.0/255.0.0.0 -j DENY
