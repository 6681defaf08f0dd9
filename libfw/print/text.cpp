#include "print/text.h"

#include <array>
#include <bit>
#include <charconv>

namespace fw::print {

void append_number(std::string& out, std::uint64_t number, std::size_t width) {
    std::array<char, 20> digits;
    const char* end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    const auto length = static_cast<std::size_t>(end - digits.data());
    if (length < width) {
        out.append(width - length, ' ');
    }
    out.append(digits.data(), length);
}

void append_hex(std::string& out, std::uint32_t number, std::size_t digits, HexCase letters) {
    const char* alphabet = letters == HexCase::upper ? "0123456789ABCDEF" : "0123456789abcdef";
    std::array<char, 8> text;
    std::size_t first = text.size();
    do {
        text[--first] = alphabet[number & 0xf];
        number >>= 4;
    } while (number != 0 || (first > 0 && text.size() - first < digits));
    out.append(text.data() + first, text.size() - first);
}

void append_address(std::string& out, Address address) {
    for (int shift = 24; shift >= 0; shift -= 8) {
        append_number(out, address.value >> shift & 0xff);
        if (shift > 0) {
            out += '.';
        }
    }
}

void append_mask(std::string& out, Address mask) {
    const int ones = std::countl_one(mask.value);
    if (ones == 32) {
        return;
    }
    out += '/';
    if (mask.value << ones == 0) {
        append_number(out, static_cast<unsigned>(ones));
    } else {
        append_address(out, mask);
    }
}

void pad_right(std::string& out, std::size_t start, std::size_t width) {
    const std::size_t length = out.size() - start;
    if (length < width) {
        out.append(width - length, ' ');
    }
}

void append_column(std::string& out, std::string_view text, std::size_t width) {
    const std::size_t start = out.size();
    out += text;
    pad_right(out, start, width);
}

std::string_view common_protocol(std::uint16_t number) {
    switch (number) {
        case 0: return "all";
        case protocol_icmp: return "icmp";
        case protocol_tcp: return "tcp";
        case protocol_udp: return "udp";
        default: return "";
    }
}

}  // namespace fw::print
