// Addresses as typed behind -s and -d (ipfwadm: -S and -D): a.b.c.d, a network's or a host's name,
// and a mask.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "fw/names.h"
#include "fw/result.h"
#include "fw/rule.h"
#include "parse/fields.h"
#include "parse/typed.h"

namespace fw {

// What the numbers of an address are: decimal where there are four (ipchains), or as in C, where
// 010 is 8 (ipfwadm, by inet_aton(3)).
enum class Numbers : std::uint8_t { decimal, as_in_c };

// One match for each address that the name has. A zero mask makes the name irrelevant. Numbers are
// never looked up.
[[nodiscard]] Result<std::vector<AddressMatch>> parse_address(const Given& given,
                                                              const Names& names, Remarks& remarks,
                                                              Numbers numbers = Numbers::decimal);

// A check is about one packet: says so of an address that is a whole network.
void notice_about_network(Word word, const AddressMatch& match, Remarks& remarks);

}  // namespace fw
