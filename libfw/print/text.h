// Numbers, addresses and columns appended to a string: what listings, log lines and explanations
// are made of. Nothing here allocates but the string that it appends to.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "fw/rule.h"

namespace fw::print {

// Decimal, with blanks in front up to `width` bytes.
void append_number(std::string& out, std::uint64_t number, std::size_t width = 0);

enum class HexCase : std::uint8_t { lower, upper };

// Hexadecimal, with zeros in front up to `digits`; no "0x".
void append_hex(std::string& out, std::uint32_t number, std::size_t digits = 1,
                HexCase letters = HexCase::upper);

// "10.0.0.1"
void append_address(std::string& out, Address address);

// "/8", or "/255.0.255.0" for a mask that is no prefix, or nothing for a whole address.
void append_mask(std::string& out, Address mask);

// Fills up with blanks what stands behind `start` until it has `width` bytes; longer text stays.
void pad_right(std::string& out, std::size_t start, std::size_t width);

// Text in a column of its own: `text`, then blanks up to `width` bytes.
void append_column(std::string& out, std::string_view text, std::size_t width);

// "tcp", "udp", "icmp" and "all" (0); "" for any other number.
[[nodiscard]] std::string_view common_protocol(std::uint16_t number);

}  // namespace fw::print
