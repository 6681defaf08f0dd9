// The parts of a rule as listings and -v show them. Numeric: addresses and ports as numbers, `*`
// for any; else names, `anywhere` and `any`. A `!` stands before what is inverted.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "fw/ruleset.h"
#include "print/name_cache.h"

namespace fw::print {

struct Style {
    NameCache& names;
    bool numeric = false;
};

// "!" or " ".
inline char inversion(bool inverted) { return inverted ? '!' : ' '; }

void append_target(std::string& out, const Target& target);

// A protocol's name, always: numbers stand only for those without one.
void append_protocol(std::string& out, std::uint16_t number, const Style& style);

// The six letters of the `opt` column: SYN, fragment, log, output, the first two with inversion.
void append_flags(std::string& out, const Rule& rule);

// "eth0", "ppp+", or any.
void append_interface(std::string& out, const InterfaceMatch& match, const Style& style);

// "0xFF 0x00": the two masks.
void append_tos(std::string& out, const Tos& tos, std::string_view between);

// Address and mask, without inversion.
void append_place(std::string& out, const AddressMatch& match, const Style& style);

// "80", "1024:65535", "21,80", or any; without inversion. What was written as a range stays one:
// "80:80".
void append_ranges(std::string& out, const PortMatch& match, std::uint16_t protocol,
                   const Style& style);

// The last column, with the inversion in front: "n/a", "echo-request", "80 ->   *".
void append_ports(std::string& out, const Rule& rule, const Style& style);

// Where a REDIRECT goes, behind `arrow`; nothing for other targets.
void append_redirect(std::string& out, const Rule& rule, std::string_view arrow,
                     const Style& style);

// Packets and bytes, a blank behind each. Not exact: five digits, or four and a letter for
// thousands, millions and so on, each rounded from the last.
void append_counters(std::string& out, const Counters& counters, bool exact);

// The headings of these two columns.
[[nodiscard]] std::string_view counter_headings(bool exact);

// The lines for other programs' rules that stand before the rule with this index; `foreign` moves
// on behind them.
void append_foreign(std::string& out, std::vector<ForeignRule>::const_iterator& foreign,
                    const Chain& chain, std::size_t index, Dialect dialect);

}  // namespace fw::print
