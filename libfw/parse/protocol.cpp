#include "model/text.h"
#include "parse/fields.h"
#include "parse/numbers.h"

namespace fw {
namespace {

constexpr std::uint32_t last_protocol = 65535;

std::optional<std::uint16_t> well_known(std::string_view name) {
    if (name == "tcp") {
        return protocol_tcp;
    }
    if (name == "udp") {
        return protocol_udp;
    }
    if (name == "icmp") {
        return protocol_icmp;
    }
    if (name == "all") {
        return 0;
    }
    return std::nullopt;
}

std::optional<std::uint16_t> protocol_number(std::string_view text, const Names& names) {
    if (const auto number = parse_decimal(text, last_protocol)) {
        return static_cast<std::uint16_t>(*number);
    }
    const std::string name = lower_case(text);
    if (const auto number = well_known(name)) {
        return number;
    }
    return name.empty() ? std::nullopt : names.protocol(name);
}

Error unknown_protocol(Word word) {
    if (word.text.starts_with('!')) {
        return usage_error(word, "! must stand apart", "put a space behind the !");
    }
    if (word.text.find_first_not_of("+-0123456789") == std::string_view::npos) {
        return usage_error(word, "no such protocol", "protocols are numbers from 0 to 65535");
    }
    Error error = usage_error(word, "no protocol of this name",
                              "use tcp, udp, icmp, all, a number or a name of /etc/protocols");
    error.code = Code::unresolved;
    return error;
}

}  // namespace

Result<ProtocolMatch> parse_protocol(const Given* given, const Names& names) {
    if (given == nullptr) {
        return ProtocolMatch{};
    }
    const auto number = protocol_number(given->value.text, names);
    if (!number) {
        return unknown_protocol(given->value);
    }
    if (*number == 0 && given->inverted) {
        return usage_error(given->value, "no packet is of no protocol at all",
                           "leave out the !, or name one protocol");
    }
    return ProtocolMatch{*number, given->inverted};
}

}  // namespace fw
