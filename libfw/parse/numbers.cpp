#include "parse/numbers.h"

namespace fw {
namespace {

constexpr std::uint32_t largest = 0xffffffff;

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

// The value of a digit, or 255.
unsigned digit(char c) {
    if (c >= '0' && c <= '9') {
        return static_cast<unsigned>(c - '0');
    }
    if (c >= 'a' && c <= 'f') {
        return static_cast<unsigned>(c - 'a') + 10;
    }
    if (c >= 'A' && c <= 'F') {
        return static_cast<unsigned>(c - 'A') + 10;
    }
    return 255;
}

void skip_spaces(std::string_view& text) {
    while (!text.empty() && is_space(text.front())) {
        text.remove_prefix(1);
    }
}

// Takes a sign off; whether it was a minus.
bool take_sign(std::string_view& text) {
    const bool minus = text.starts_with('-');
    if (minus || text.starts_with('+')) {
        text.remove_prefix(1);
    }
    return minus;
}

// Takes a base's prefix off, and says which base it is.
unsigned take_base(std::string_view& text, unsigned base) {
    const bool hex = (text.starts_with("0x") || text.starts_with("0X")) && text.size() > 2 &&
                     digit(text[2]) < 16;
    if (hex && (base == 0 || base == 16)) {
        text.remove_prefix(2);
        return 16;
    }
    if (base == 0) {
        return text.starts_with('0') ? 8 : 10;
    }
    return base;
}

// All of `text` as digits.
std::optional<Unsigned> digits(std::string_view text, unsigned base) {
    if (text.empty()) {
        return std::nullopt;
    }
    std::uint64_t value = 0;
    for (const char c : text) {
        const unsigned next = digit(c);
        if (next >= base) {
            return std::nullopt;
        }
        value = value > largest ? value : value * base + next;
    }
    if (value > largest) {
        return Unsigned{largest, true};
    }
    return Unsigned{static_cast<std::uint32_t>(value), false};
}

}  // namespace

std::optional<std::uint32_t> parse_decimal(std::string_view text, std::uint32_t most) {
    constexpr std::uint32_t largest_signed = 0x7fffffff;
    skip_spaces(text);
    const bool minus = take_sign(text);
    const auto number = digits(text, 10);
    if (!number || (minus && number->value != 0)) {
        return std::nullopt;
    }
    const std::uint32_t value = number->value > largest_signed ? largest_signed : number->value;
    if (value > most) {
        return std::nullopt;
    }
    return value;
}

std::optional<Unsigned> parse_unsigned(std::string_view text, unsigned base) {
    skip_spaces(text);
    const bool minus = take_sign(text);
    const unsigned actual = take_base(text, base);
    auto number = digits(text, actual);
    if (number && minus && !number->too_large) {
        number->value = 0u - number->value;
    }
    return number;
}

}  // namespace fw
