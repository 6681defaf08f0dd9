#include "parse/forward_values.h"

#include <string>
#include <vector>

#include "model/text.h"
#include "parse/addresses.h"
#include "parse/numbers.h"

namespace fw {

namespace {

bool is_number(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// The address that the word stands for, whatever it is.
Result<Address> look_up(Word word, const Names& names) {
    if (word.text.find_first_not_of("0123456789.") != std::string_view::npos) {
        const std::vector<Address> hosts = names.host(std::string(word.text));
        if (!hosts.empty()) {
            return hosts.front();
        }
    }
    Given given;
    given.value = word;
    Remarks remarks;
    const auto matches = parse_address(given, names, remarks);
    if (!matches) {
        return matches.error();
    }
    return matches->front().address;
}

}  // namespace

Result<Address> parse_host(Word word, const Names& names) {
    if (word.text.empty() || word.text.starts_with('-')) {
        return usage_error(word, "not an address", "give four numbers: 192.168.1.1");
    }
    if (word.text.find('/') != std::string_view::npos) {
        return usage_error(word, "one host is meant here, not a network",
                           "leave the / out, and what follows it");
    }
    if (word.text.find(':') != std::string_view::npos) {
        return usage_error(word, "one host is meant here, without a port",
                           "a port stands apart: ADDRESS PORT");
    }
    const auto address = look_up(word, names);
    if (address && *address == Address{}) {
        return usage_error(word, "no host has this address", "name one: 192.168.1.1");
    }
    return address;
}

Result<Address> parse_inner_host(Word word, const Names& names) {
    const auto address = parse_host(word, names);
    if (address && address->value >> 24 == 127) {
        return usage_error(word, "nothing that is forwarded arrives there",
                           "name a host behind this machine: 192.168.1.2");
    }
    return address;
}

Result<std::uint16_t> parse_tcp_or_udp(Word word) {
    const std::string name = lower_case(word.text);
    if (name == "tcp") {
        return protocol_tcp;
    }
    if (name == "udp") {
        return protocol_udp;
    }
    return usage_error(word, "not a protocol that has ports", "say tcp or udp");
}

Result<std::uint16_t> parse_forward_port(Word word, std::uint16_t protocol, const Names& names,
                                         std::uint16_t most) {
    const auto number = parse_decimal(word.text, most);
    if (number && *number != 0) {
        return static_cast<std::uint16_t>(*number);
    }
    if (number || is_number(word.text)) {
        return usage_error(word, "no such port",
                           "ports are numbers from 1 to " + std::to_string(most));
    }
    const std::string_view service = protocol == protocol_udp ? "udp" : "tcp";
    const auto port = names.service(std::string(word.text), service);
    if (!port) {
        Error error = usage_error(word, "no " + std::string(service) + " service of this name",
                                  "give the port's number");
        error.code = Code::unresolved;
        return error;
    }
    if (*port == 0 || *port > most) {
        return usage_error(word, "this service's port is out of range",
                           "ports are numbers from 1 to " + std::to_string(most));
    }
    return *port;
}

Result<std::uint32_t> parse_preference(Word word) {
    const auto number = parse_decimal(word.text, 65535);
    if (!number || *number == 0) {
        return usage_error(word, "not a number from 1 to 65535",
                           "a preference is how many connections an entry takes in turn");
    }
    return *number;
}

Result<std::uint32_t> parse_mark_number(Word word) {
    const auto number = parse_unsigned(word.text, 0);
    if (!number || number->too_large || word.text.starts_with('-')) {
        return usage_error(word, "not a mark", "marks are numbers: 7, or 0x7");
    }
    if (number->value == 0) {
        return usage_error(word, "not a mark: all packets that nothing marked have it",
                           "mark those that are meant with `ipchains -m`, and name that mark");
    }
    return number->value;
}

}  // namespace fw
