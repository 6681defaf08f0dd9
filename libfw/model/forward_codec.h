// A Forward as bytes: what its rule in the kernel carries as userdata, and what state files keep.
// The layout is fixed for each kind, numbers are big-endian:
//
//     version (1 byte) | kind (1) | the members, in the order that forward.h has them
//
// A protocol takes one byte; a RangeForward's inner side has a byte before it, 0 for an address and
// 1 for a control connection; a helper has the length of its name before it, and ports to the end.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "fw/forward.h"
#include "fw/result.h"

namespace fw {

// At most 240 bytes, of a forward that is within its limits (forward_limits.h).
[[nodiscard]] std::string encode_forward(const Forward& forward);

// decode_forward(encode_forward(f)) == f; what no encode_forward wrote is refused (Code::damaged).
[[nodiscard]] Result<Forward> decode_forward(std::span<const std::uint8_t> bytes);

}  // namespace fw
