# Linux IPCHAINS-HOWTO 1.0.7 (1999), section 5.1: closed until the line is up, and again when it is down. The file
# that the second command reads is made first.
ipchains -A input -i ppp0 -j DENY
cd /tmp
cat > ppp-in.firewall <<'SAVED'
:ppp-in -
-A ppp-in -s 0.0.0.0/0.0.0.0 -d 192.0.2.42/255.255.255.255 21:21 -p 6 -j ACCEPT
-A ppp-in -s 0.0.0.0/0.0.0.0 -d 0.0.0.0/0.0.0.0 -j DENY
SAVED

# Re-create the chain "ppp-in"
ipchains-restore -f < ppp-in.firewall

# Replace the DENY rule by a jump to the chain that takes care of ppp
ipchains -R input 1 -i ppp0 -j ppp-in

[ "$1" = down ] || exit 0
ipchains -R input 1 -i ppp0 -j DENY
