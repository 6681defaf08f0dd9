// Numbers as people typed them at ipchains: what strtol and strtoul of a 32-bit machine took.
// Leading white space and a sign are fine; anything behind the digits is not.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace fw {

// A decimal number from 0 to `most`. A number too large for 31 bits counts as 2147483647.
[[nodiscard]] std::optional<std::uint32_t> parse_decimal(std::string_view text, std::uint32_t most);

struct Unsigned {
    std::uint32_t value = 0;
    bool too_large = false;  // and `value` is the largest there is
};

// Base 8, 10 or 16 by its prefix (`base` 0), or base 16 with or without a prefix. A minus sign
// negates modulo 2^32.
[[nodiscard]] std::optional<Unsigned> parse_unsigned(std::string_view text, unsigned base);

}  // namespace fw
