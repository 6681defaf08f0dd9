// What ipchains says of itself.
#pragma once

#include <string>

namespace cli {

[[nodiscard]] std::string ipchains_help();

}  // namespace cli
