// Addresses as typed behind -s and -d: a.b.c.d, a network's or a host's name, and a mask.
#pragma once

#include <string>
#include <vector>

#include "fw/names.h"
#include "fw/result.h"
#include "fw/rule.h"
#include "parse/fields.h"
#include "parse/typed.h"

namespace fw {

// One match for each address that the name has. A zero mask makes the name irrelevant. Numbers are
// never looked up.
[[nodiscard]] Result<std::vector<AddressMatch>> parse_address(const Given& given,
                                                              const Names& names, Remarks& remarks);

}  // namespace fw
