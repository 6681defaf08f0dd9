#include "parse/addresses.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "model/text.h"
#include "parse/numbers.h"

namespace fw {
namespace {

constexpr std::size_t longest_host_name = 255;

// Digits and three dots, as nearly all addresses are written: a file of rules is full of them.
std::optional<std::uint32_t> parse_plain_quad(std::string_view text) {
    std::uint32_t value = 0;
    std::uint32_t byte = 0;
    int dots = 0;
    bool dot = true;  // nothing or a dot stands before
    for (const char c : text) {
        if (c >= '0' && c <= '9') {
            byte = byte * 10 + static_cast<std::uint32_t>(c - '0');
            dot = false;
        } else if (c == '.' && !dot) {
            value = value << 8 | std::exchange(byte, 0U);
            dot = true;
            ++dots;
        } else {
            return std::nullopt;
        }
        if (byte > 255) {
            return std::nullopt;
        }
    }
    return dots == 3 && !dot ? std::optional(value << 8 | byte) : std::nullopt;
}

// Exactly four decimal numbers, so that 010.0.0.1 is 10.0.0.1.
std::optional<std::uint32_t> parse_quad(std::string_view text) {
    if (const auto plain = parse_plain_quad(text)) {
        return plain;
    }
    std::uint32_t value = 0;
    for (int part = 0; part < 4; ++part) {
        const std::size_t dot = text.find('.');
        if ((part < 3) != (dot != std::string_view::npos)) {
            return std::nullopt;
        }
        const auto byte = parse_decimal(text.substr(0, dot), 255);
        if (!byte) {
            return std::nullopt;
        }
        value = value << 8 | *byte;
        text.remove_prefix(part < 3 ? dot + 1 : 0);
    }
    return value;
}

bool only_digits_and_dots(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789.") == std::string_view::npos;
}

// The old short forms, 127.1 or 3232235777, which inet_aton(3) takes: the last number fills the
// bytes that are left. A leading zero makes a number octal there.
std::optional<std::uint32_t> parse_short_form(std::string_view text) {
    std::uint64_t value = 0;
    unsigned bits = 32;
    for (;;) {
        const std::size_t dot = text.find('.');
        const auto number = parse_unsigned(text.substr(0, dot), 0);
        const bool last = dot == std::string_view::npos;
        if (!number || number->too_large || (!last && (number->value > 255 || bits == 8)) ||
            (last && bits < 32 && number->value >> bits != 0)) {
            return std::nullopt;
        }
        if (last) {
            return static_cast<std::uint32_t>(value << bits | number->value);
        }
        value = value << 8 | number->value;
        bits -= 8;
        text.remove_prefix(dot + 1);
    }
}

// All that inet_aton(3) takes.
std::optional<std::uint32_t> parse_as_in_c(std::string_view text) {
    const bool number = !text.empty() && text[0] >= '0' && text[0] <= '9' &&
                        text.find_first_not_of("0123456789abcdefABCDEFxX.") == text.npos;
    return number ? parse_short_form(text) : std::nullopt;
}

std::optional<std::uint32_t> parse_mask(std::string_view text) {
    if (const auto quad = parse_quad(text)) {
        return quad;
    }
    const auto bits = parse_decimal(text, 32);
    if (!bits) {
        return std::nullopt;
    }
    return *bits == 0 ? 0 : ~std::uint32_t{0} << (32 - *bits);
}

Error not_resolved(Word word, std::string problem, std::string remedy) {
    Error error = usage_error(word, std::move(problem), std::move(remedy));
    error.code = Code::unresolved;
    return error;
}

// a.b.c.* as a prefix: a.b.c.0/24.
std::string without_stars(std::string_view text) {
    std::string prefix;
    int bytes = 0;
    while (!text.empty() && !text.starts_with('*') && bytes < 3) {
        const std::size_t end = std::min(text.find('.'), text.size());
        if (!parse_decimal(text.substr(0, end), 255)) {
            return "10.1.2.0/24";
        }
        prefix += std::string(text.substr(0, end)) + ".";
        ++bytes;
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    if (bytes == 0) {
        return "0/0";
    }
    for (int i = bytes; i < 4; ++i) {
        prefix += i == 3 ? "0" : "0.";
    }
    return prefix + "/" + std::to_string(bytes * 8);
}

// Why this can't be an address, if that is plain without asking anybody.
std::optional<Error> no_address(Word word, std::string_view name) {
    if (name.find('*') != std::string_view::npos) {
        return usage_error(word, "* is not for addresses",
                           "a mask does that: " + without_stars(name));
    }
    if (word.text.starts_with('!')) {
        return usage_error(word, "! must stand apart", "put a space behind the !");
    }
    if (word.text.starts_with('-') || name.empty()) {
        return usage_error(word, "not an address", "an address is needed here: 10.0.0.1");
    }
    // Hexadecimal numbers are something that today's resolver takes and yesterday's did not.
    if (only_digits_and_dots(name) || parse_short_form(name)) {
        return usage_error(word, "not an IPv4 address", "four numbers of 0 to 255: 192.168.1.1");
    }
    if (name.find(':') != std::string_view::npos) {
        return usage_error(word, "not an IPv4 address",
                           "a port stands apart from its address: 10.0.0.1 80");
    }
    if (name.find_first_not_of("0123456789.-") == std::string_view::npos) {
        return usage_error(word, "not an address",
                           "a range must be written with masks, such as 10.0.0.8/29");
    }
    const auto odd = [](char c) { return c <= ' ' || c == '\x7f'; };
    if (name.size() > longest_host_name || std::any_of(name.begin(), name.end(), odd)) {
        return usage_error(word, "not a host's name", "give a name or four numbers: 192.168.1.1");
    }
    return std::nullopt;
}

std::string dotted(std::uint32_t value) {
    std::string text;
    for (int shift = 24; shift >= 0; shift -= 8) {
        text += std::to_string(value >> shift & 0xff) + (shift > 0 ? "." : "");
    }
    return text;
}

std::vector<Address> unusual(Word word, std::uint32_t value, Remarks& remarks) {
    if (value != 0) {
        remarks.notices.push_back("Warning: address " + std::string(word.text) + ": taken as " +
                                  dotted(value) + "; write all four numbers");
    }
    return {{value}};
}

Result<std::vector<Address>> look_up(Word word, std::string_view text, const Names& names,
                                     Remarks& remarks, Numbers numbers) {
    if (numbers == Numbers::as_in_c) {
        if (const auto number = parse_as_in_c(text)) {
            return dotted(*number) == text ? std::vector<Address>{{*number}}
                                           : unusual(word, *number, remarks);
        }
    } else if (const auto quad = parse_quad(text)) {
        return std::vector<Address>{{*quad}};
    }
    const std::string name(text);
    if (const auto network = names.network(name)) {
        return std::vector<Address>{*network};
    }
    if (only_digits_and_dots(text)) {
        if (const auto number = parse_short_form(text)) {
            return unusual(word, *number, remarks);
        }
    }
    if (auto error = no_address(word, text)) {
        return *std::move(error);
    }
    std::vector<Address> addresses = names.host(name);
    if (addresses.empty()) {
        const std::string remedy = same_letters(name, "any") || same_letters(name, "anywhere")
                                       ? "any address is written 0/0"
                                       : "check the spelling and the name service, or give the "
                                         "address in numbers";
        return not_resolved(word, "no host or network of this name is known here", remedy);
    }
    return addresses;
}

}  // namespace

Result<std::vector<AddressMatch>> parse_address(const Given& given, const Names& names,
                                                Remarks& remarks, Numbers numbers) {
    const std::string_view text = given.value.text;
    const std::size_t slash = text.find('/');
    std::uint32_t mask = 0xffffffff;
    if (slash != std::string_view::npos) {
        const auto parsed = parse_mask(text.substr(slash + 1));
        if (const std::size_t colon = text.find(':'); !parsed && colon != text.npos) {
            return usage_error(given.value, "not a mask behind the /",
                               "a port stands apart from its address: " +
                                   std::string(text.substr(0, colon)) + " 80");
        }
        if (!parsed) {
            return usage_error(given.value, "not a mask behind the /",
                               "write a number of bits from 0 to 32, or four numbers: "
                               "/24 or /255.255.255.0");
        }
        mask = *parsed;
    }
    if (mask == 0) {
        return std::vector<AddressMatch>{{{}, {}, given.inverted}};
    }
    const auto addresses = look_up(given.value, text.substr(0, slash), names, remarks, numbers);
    if (!addresses) {
        return addresses.error();
    }
    std::vector<AddressMatch> matches;
    for (const Address address : *addresses) {
        matches.push_back({{address.value & mask}, {mask}, given.inverted});
    }
    return matches;
}

void notice_about_network(Word word, const AddressMatch& match, Remarks& remarks) {
    if (match.mask.value != 0xffffffff) {
        remarks.notices.push_back("Warning: address " + std::string(word.text) +
                                  ": a check is about one packet, and takes the first address of "
                                  "the network");
    }
}

}  // namespace fw
