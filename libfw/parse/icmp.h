// The names of ICMP types and codes that ipchains knew, in the order of its listing.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "fw/rule.h"

namespace fw {

struct IcmpName {
    std::string_view name;
    std::uint8_t type = 0;
    std::optional<std::uint8_t> code;  // absent: any code
    bool alias = false;                // another name for the entry before it
    [[nodiscard]] PortRange codes() const { return code ? PortRange{*code, *code} : PortRange{}; }
};

[[nodiscard]] std::span<const IcmpName> icmp_names();

// How many names fit, and which one does if that is one. Case does not matter, names may be
// shortened, and a whole name beats longer ones that start with it.
struct IcmpFound {
    std::size_t count = 0;
    IcmpName name;
};
[[nodiscard]] IcmpFound find_icmp_name(std::string_view text);

// Whether the type's codes have names, so that the type alone does not say which code.
[[nodiscard]] bool icmp_type_has_codes(std::uint8_t type);

}  // namespace fw
