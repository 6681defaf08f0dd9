// The words that ifconfig and route are given.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace recorder {

// An address in dots (parts may be missing at the end), or a name of /etc/hosts or /etc/networks.
[[nodiscard]] std::optional<std::uint32_t> read_address(const std::string& word);

// How wide the network of an address is if nobody says.
[[nodiscard]] std::uint32_t mask_of_class(std::uint32_t address);

}  // namespace recorder
