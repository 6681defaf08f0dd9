// The values that the masquerading tools take: hosts, ports, protocols, numbers.
#pragma once

#include <cstdint>

#include "fw/names.h"
#include "fw/result.h"
#include "fw/rule.h"
#include "parse/words.h"

namespace fw {

// One address, by its four numbers or a name; of several that a name has, the first, as
// gethostbyname(3) was used.
[[nodiscard]] Result<Address> parse_host(Word word, const Names& names);

// The same for the host that something is forwarded to: not this machine's own 127.0.0.0/8.
[[nodiscard]] Result<Address> parse_inner_host(Word word, const Names& names);

// tcp or udp, in any case.
[[nodiscard]] Result<std::uint16_t> parse_tcp_or_udp(Word word);

// 1 to `most`, or the name of a service of `protocol`.
[[nodiscard]] Result<std::uint16_t> parse_forward_port(Word word, std::uint16_t protocol,
                                                       const Names& names,
                                                       std::uint16_t most = 65535);

// How many connections an entry takes before it is the next one's turn: 1 to 65535.
[[nodiscard]] Result<std::uint32_t> parse_preference(Word word);

// A packet's mark, decimal, octal or hexadecimal as in C; not 0.
[[nodiscard]] Result<std::uint32_t> parse_mark_number(Word word);

}  // namespace fw
