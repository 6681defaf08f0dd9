#include <bit>

#include "parse/fields.h"
#include "parse/hints.h"
#include "parse/numbers.h"

namespace fw {
namespace {

constexpr std::uint16_t copy_all = 65535;

// The TOS bits of which at most one may be set (RFC 1349): throughput, reliability, cost. The
// original let delay, 0x10, go with any of them.
constexpr unsigned exclusive_tos = 0x0e;

Error bad_tos(Word word) {
    return usage_error(word, "not a TOS mask",
                       hint_or(iptables_hint(Option::tos, word.text),
                               "two hexadecimal numbers up to ff follow -t: 01 10"));
}

Result<std::uint8_t> parse_tos_mask(Word word) {
    const auto number = parse_unsigned(word.text, 16);
    if (!number || number->value > 0xff) {
        return bad_tos(word);
    }
    return static_cast<std::uint8_t>(number->value);
}

// Packets that come with one bit set or none may leave with several.
bool may_set_several(Tos tos) {
    const unsigned possible = (tos.and_mask | tos.xor_mask) & exclusive_tos;
    return (tos.xor_mask & exclusive_tos) != 0 && std::popcount(possible) > 1;
}

bool sets_several(Tos tos) {
    const unsigned certain = tos.xor_mask & ~static_cast<unsigned>(tos.and_mask) & exclusive_tos;
    return std::popcount(certain) > 1;
}

}  // namespace

Result<std::optional<Mark>> parse_mark(const Given* given, Remarks& remarks) {
    if (given == nullptr) {
        return std::optional<Mark>();
    }
    std::string_view text = given->value.text;
    const bool minus = text.starts_with('-');
    const bool relative = minus || text.starts_with('+');
    text.remove_prefix(relative ? 1 : 0);
    const auto number = parse_unsigned(text, 0);
    if (!number) {
        return usage_error(given->value, "not a mark",
                           hint_or(iptables_hint(Option::mark, given->value.text),
                                   "-m takes a number: 1, 0x10, or +1 to add to the mark there "
                                   "is"));
    }
    if (number->too_large) {
        remarks.notices.push_back("Warning: mark " + std::string(given->value.text) +
                                  ": taken as 4294967295, the largest there is");
    }
    const std::uint32_t value = minus ? 0u - number->value : number->value;
    if (relative && value == 0) {
        return std::optional<Mark>();
    }
    return std::optional(Mark{value, relative});
}

Result<std::optional<std::uint16_t>> parse_output(const Given* given) {
    if (given == nullptr) {
        return std::optional<std::uint16_t>();
    }
    if (!given->value.given()) {
        return std::optional(copy_all);
    }
    const auto size = parse_decimal(given->value.text, copy_all);
    if (!size) {
        return usage_error(given->value, "not a size",
                           hint_or(iptables_hint(Option::output, given->value.text),
                                   "-o takes how many bytes of a packet to copy, 0 to 65535"));
    }
    return std::optional(static_cast<std::uint16_t>(*size));
}

Result<Tos> parse_tos(const Given* given, Remarks& remarks) {
    if (given == nullptr) {
        return Tos{};
    }
    const auto and_mask = parse_tos_mask(given->value);
    const auto xor_mask = and_mask ? parse_tos_mask(given->second) : and_mask;
    if (!xor_mask) {
        return xor_mask.error();
    }
    const Tos tos{*and_mask, *xor_mask};
    if ((tos.and_mask & 1) == 0) {
        return usage_error(given->value, "the lowest TOS bit must be left alone",
                           "use a first mask that is odd: 01 clears all the other bits");
    }
    if ((tos.xor_mask & 1) != 0) {
        return usage_error(given->second, "the lowest TOS bit must be left alone",
                           "use a second mask that is even");
    }
    if (sets_several(tos)) {
        return usage_error(given->second, "several of the bits 02, 04 and 08 would be set",
                           "set one of them");
    }
    if (may_set_several(tos)) {
        remarks.notices.push_back("Warning: -t " + std::string(given->value.text) + " " +
                                  std::string(given->second.text) +
                                  " may leave several of the TOS bits 02, 04 and 08 set");
    }
    return tos;
}

}  // namespace fw
