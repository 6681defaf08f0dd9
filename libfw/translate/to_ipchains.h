// Rules of ipfwadm (Linux 2.0) as rules of ipchains (Linux 2.2) that mean the same: the table in
// section 8 of the ipchains HOWTO, carried out exactly where ipchains has the words for it.
//
//     -b            two rules; one, if it is the same both ways
//     port lists    a rule for each range and each pair of them
//     -y, -k        without -P tcp: `-p tcp -y`, and `-p ! tcp` for all that was not asked
//     -k            ! -y, which a packet without SYN, ACK and RST meets, too
//     -V            the name of the interface that has the address
//     -A both       rules without target in a chain `acct`, which input and output begin with
//     -A in, out    rules without target, in input and output themselves
//     -r            of all protocols: TCP and UDP; others are denied
//     fragments     input, forward and output let second and later ones of TCP, UDP and ICMP pass
//
// What comes out decides the same of every packet that is whole, but where a remark says otherwise;
// and of fragments. Packets that end within their TCP or UDP header were stopped by Linux 2.0; they
// count as fragments in 2.2.
#pragma once

#include <vector>

#include "fw/result.h"
#include "fw/ruleset.h"
#include "fw/translate.h"

namespace fw::translate {

struct AsIpchains {
    Ruleset ruleset;  // rules have the lines of those that they come from; 0 for those of no one
    // Where it is not the same, by `line` as in rules and in their order.
    std::vector<Remark> remarks;
};

[[nodiscard]] AsIpchains to_ipchains(const Ruleset& ipfwadm);

}  // namespace fw::translate
