// Why no packet meets a rule.
#pragma once

#include <string>

#include "fw/rule.h"

namespace fw::translate {

// Of a rule whose PacketSet is empty, without a full stop: "there is no protocol 300".
[[nodiscard]] std::string why_never(const Rule& rule);

}  // namespace fw::translate
