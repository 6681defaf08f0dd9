// Listings and answers in the originals' formats, byte for byte (ipchains 1.3.9, ipfwadm 2.3.0:
// whichever the ruleset is of). Functions return text; whoever calls them writes it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "fw/command.h"
#include "fw/connections.h"
#include "fw/evaluate.h"
#include "fw/masquerading_tools.h"
#include "fw/names.h"
#include "fw/ruleset.h"

namespace [[gnu::visibility("default")]] fw {

// `ipchains -L [chain]`, `ipfwadm -l`: the chain named, which must exist, or all of them. Counters
// of ipfwadm are shown modulo 2^32, as Linux 2.0 had them.
[[nodiscard]] std::string print_listing(const Ruleset& ruleset, const List& list,
                                        const Presentation& show, const Names& names);

// The line that `ipchains -v` prints for a rule in -A, -I, -R, -D and -C, newline included.
// Addresses and ports are always numbers, with or without -n.
[[nodiscard]] std::string print_rule(const Rule& rule, const Names& names);

// All that `-v` prints for a change: its rules, or (ipchains) the chains that it goes through. The
// original said so before it tried, so this comes first even if the change is then refused.
[[nodiscard]] std::string print_change(const Ruleset& before, const Change& change,
                                       const Names& names);

// What `-v` prints for one packet of -C or -c, before the answer.
[[nodiscard]] std::string print_check(const Rule& packet, Dialect dialect, const Names& names);

// The word or phrase that answers -C or -c, newline included. ipfwadm had none for a packet that is
// redirected: "".
[[nodiscard]] std::string print_answer(const Decision& decision,
                                       Dialect dialect = Dialect::ipchains);

// The way through the chains (`--trace`), one line a step; the last line says what becomes of the
// packet and which rule or policy decided it. The decision must have been traced.
[[nodiscard]] std::string print_trace(const Ruleset& ruleset, const Decision& decision,
                                      const Names& names);

// `ipchains -M -L`, `ipfwadm -M -l`. Expiry in minutes, seconds and hundredths; the last are always
// 0.
[[nodiscard]] std::string print_connections(const std::vector<Connection>& connections,
                                            const Presentation& show, const Names& names);

// `ipchains -h icmp`.
[[nodiscard]] std::string print_icmp_names();

// What a masquerading tool lists: a heading, and a line for each entry of its kind. `pcnt` is how
// many connections an entry takes before it is the next one's turn.
[[nodiscard]] std::string print_forwards(const Ruleset& ruleset, const ListForwards& list,
                                         const Names& names);

// /proc/net/ip_fwnames and ip_fwchains as Linux 2.2.26 showed them.
[[nodiscard]] std::string print_proc_fwnames(const Ruleset& ruleset);
[[nodiscard]] std::string print_proc_fwchains(const Ruleset& ruleset);

// /proc/net/ip_forward, ip_input, ip_output and ip_acct as Linux 2.0.38 showed them, one after the
// other.
[[nodiscard]] std::string print_proc_ipfwadm(const Ruleset& ruleset);

}  // namespace fw
