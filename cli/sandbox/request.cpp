// The interfaces of a request, as they are typed.
#include <charconv>

#include "run.h"

namespace sandbox {

namespace {

std::optional<unsigned> read_number(std::string_view text, unsigned most) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool good = error == std::errc() && end == text.data() + text.size() && value <= most;
    return good ? std::optional(value) : std::nullopt;
}

bool is_name(std::string_view name) {
    return !name.empty() && name.size() < 16 && name != "." && name != ".." && name != "lo" &&
           name.find_first_of("/: \t\n+") == name.npos;
}

bool is_line(std::string_view name) {
    return name.starts_with("ppp") || name.starts_with("sl") || name.starts_with("ippp");
}

// How wide networks were before there were masks (RFC 791).
unsigned prefix_of_class(fw::Address address) {
    return address.value < 0x80000000 ? 8 : address.value < 0xc0000000 ? 16 : 24;
}

fw::Error wrong(std::string_view text, const char* problem) {
    return {fw::Code::usage, std::string(text), -1, problem,
            "write eth0=10.0.0.1/24, or ppp0=192.0.2.7/192.0.2.1"};
}

}  // namespace

std::optional<fw::Address> read_address(std::string_view text) {
    std::uint32_t value = 0;
    for (int part = 0; part < 4; ++part) {
        const std::size_t end = part == 3 ? text.size() : text.find('.');
        const auto number = end == text.npos ? std::nullopt : read_number(text.substr(0, end), 255);
        if (!number) {
            return std::nullopt;
        }
        value = value << 8 | *number;
        text.remove_prefix(part == 3 ? end : end + 1);
    }
    return fw::Address{value};
}

fw::Result<Interface> read_interface(std::string_view text) {
    const std::size_t equals = text.find('=');
    const std::string_view name = text.substr(0, equals);
    if (equals == text.npos || !is_name(name)) {
        return wrong(text, "should begin with an interface's name and an equals sign");
    }
    const std::string_view value = text.substr(equals + 1);
    const std::size_t slash = value.find('/');
    const auto address = read_address(value.substr(0, slash));
    if (!address) {
        return wrong(text, "there is no address behind the equals sign");
    }
    Interface interface {
        std::string(name), *address, is_line(name) ? 32 : prefix_of_class(*address), {}
    };
    if (slash == value.npos) {
        return interface;
    }
    const std::string_view rest = value.substr(slash + 1);
    interface.peer = read_address(rest);
    const auto prefix = interface.peer ? std::optional(32U) : read_number(rest, 32);
    if (!prefix) {
        return wrong(text,
                     "behind the slash should be a number of bits up to 32, or the address "
                     "of the other end");
    }
    interface.prefix = *prefix;
    return interface;
}

}  // namespace sandbox
