// The parts of a rule that ipfwadm shows otherwise than ipchains; the rest is in fields.h.
#pragma once

#include <string>

#include "print/fields.h"

namespace fw::print {

// The four letters of the `opt` column: both ways, ACK, SYN, log.
void append_ipfwadm_flags(std::string& out, const Rule& rule);

// The address of -V, or any: "0.0.0.0" where addresses are numbers.
void append_ipfwadm_via(std::string& out, const InterfaceMatch& match, const Style& style);

// "n/a", "80 -> *", of ICMP the types alone, and where a redirection goes: "* -> 80 => 3128".
void append_ipfwadm_ports(std::string& out, const Rule& rule, const Style& style);

// Linux 2.0 counted in 32 bits, so that is what its listings can show.
[[nodiscard]] Counters linux20_counters(const Counters& counters);

}  // namespace fw::print
