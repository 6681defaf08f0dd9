// Addresses and masks as text, for what the sandbox writes.
#pragma once

#include <cstdint>
#include <cstdio>
#include <string>

namespace sandbox {

// 0x0a000001: "10.0.0.1"
[[nodiscard]] inline std::string address_text(std::uint32_t address) {
    char text[16];
    std::snprintf(text, sizeof text, "%u.%u.%u.%u", address >> 24, address >> 16 & 0xff,
                  address >> 8 & 0xff, address & 0xff);
    return text;
}

// 24: 0xffffff00
[[nodiscard]] constexpr std::uint32_t mask_of(unsigned prefix) {
    return prefix == 0 ? 0 : ~std::uint32_t{0} << (32 - prefix);
}

// 0xffffff00: 24; of masks with gaps, the bits up to the first.
[[nodiscard]] constexpr unsigned prefix_of(std::uint32_t mask) {
    unsigned bits = 0;
    while (bits < 32 && (mask >> (31 - bits) & 1) != 0) {
        ++bits;
    }
    return bits;
}

}  // namespace sandbox
