// Where each field lives, and what nft calls it. One table serves text and netlink.
#pragma once

#include <cstdint>
#include <string_view>

#include "nft/ir.h"

namespace fw::nft {

enum class Source : std::uint8_t { network_header, transport_header, meta, ct };

// How nft writes a value of the field.
enum class Notation : std::uint8_t {
    number,
    hex,
    address,
    protocol,
    tcp_flag_list,
    icmp_type_name,
    direction_name,
    state_list,
    status_list,
};

struct FieldFacts {
    std::string_view text;
    Source source;
    std::uint32_t where;  // payload: offset in bytes; meta, ct: the kernel's key
    std::uint32_t width;  // bytes
    std::uint32_t mask;   // of a field narrower than its bytes; else all ones
    unsigned shift;       // to the right end of those bytes
    Notation notation;
};

[[nodiscard]] const FieldFacts& facts(Field field);

// The 4-byte wide mask with as many low bits as the field has.
[[nodiscard]] std::uint32_t full_mask(const FieldFacts& field);

}  // namespace fw::nft
