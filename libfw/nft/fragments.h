// What Linux 2.2 took for a fragment: a second or later one, and a packet that ends before the part
// that chains look at (TCP: 16 bytes behind the IP header, UDP and ICMP: 8). One set of nf_tables
// holds them, by fragment offset, protocol, header length in words and total length in bytes:
//
//     ip frag-off & 0x1fff . ip protocol . ip hdrlength . ip length @fragments
//
// In a table of ipfwadm's, the set has what Linux 2.0 looked at no further, and did not count: TCP
// that ends before those 16 bytes or begins at offset 1, and UDP that ends before those 8, also
// where they are later fragments.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "fw/ruleset.h"

namespace fw::nft {

inline constexpr std::string_view fragment_set_name = "fragments";
inline constexpr std::string_view fragment_key_text =
    "ip frag-off & 0x1fff . ip protocol . ip hdrlength . ip length";

// Each of the four parts of a key takes 4 bytes of a set element; the parts' own widths in bytes.
inline constexpr std::array<std::uint32_t, 4> fragment_key_widths = {2, 1, 1, 2};

struct FragmentRange {
    std::array<std::uint32_t, 4> first;
    std::array<std::uint32_t, 4> last;
};
[[nodiscard]] std::vector<FragmentRange> fragment_ranges(Dialect dialect = Dialect::ipchains);

// The set's declaration in a table block.
[[nodiscard]] std::string fragment_set_text(Dialect dialect, std::string_view indent);

// Whose table it is, by its name.
[[nodiscard]] Dialect dialect_of(std::string_view table);

}  // namespace fw::nft
