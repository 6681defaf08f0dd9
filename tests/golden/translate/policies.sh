# fw-translate
# Policies that nft has none for, and RETURN, which means the policy.
ipchains -P input REJECT
ipchains -P forward MASQ
ipchains -P output REJECT
ipchains -A input -s 10.0.0.1 -j RETURN
ipchains -A input -s 10.0.0.0/8 -j ACCEPT
ipchains -A output -d 10.0.0.0/8 -j ACCEPT
