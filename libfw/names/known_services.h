// Services that rule files of the 1990s name and that today's /etc/services may have dropped.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace fw {

// `protocol` is "tcp" or "udp".
[[nodiscard]] std::optional<std::uint16_t> known_service(std::string_view name,
                                                         std::string_view protocol);

}  // namespace fw
