// A rule's specification as bytes: what each rule carries in the kernel as userdata, and what the
// state file keeps. Tagged fields, only those that differ from the default; a reader that meets a
// tag or version that it does not know refuses, it never guesses. Counters are not part of it.
//
//     version (1 byte) | { tag (1), length (1), value (length) }*
//
// Numbers are big-endian. The longest rule takes less than max_encoded bytes, so that it fits the
// 256 bytes of userdata that nf_tables allows (NFT_USERDATA_MAXLEN, Linux 6.18).
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "fw/result.h"
#include "fw/rule.h"

namespace fw {

inline constexpr std::size_t max_encoded = 240;

// Fails only for a rule that no parser makes: more than ten port ranges a side, or longer names
// than the model allows.
[[nodiscard]] Result<std::string> encode_rule(const Rule& rule);

[[nodiscard]] Result<Rule> decode_rule(std::span<const std::uint8_t> bytes);

}  // namespace fw
