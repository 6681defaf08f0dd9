// What the programs say of themselves.
#pragma once

#include <string>
#include <string_view>

namespace cli {

[[nodiscard]] std::string ipchains_help();
[[nodiscard]] std::string version_line(std::string_view program);

}  // namespace cli
