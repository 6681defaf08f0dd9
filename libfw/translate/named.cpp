#include "translate/named.h"

#include <algorithm>

namespace fw::translate {

namespace {

bool has_letter(std::string_view word) {
    return std::any_of(word.begin(), word.end(),
                       [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); });
}

// What the next words are: of an address, a port may follow; or several, of ipfwadm's.
enum class Next : std::uint8_t { other, protocol, address, addresses, port, ports };

Next behind(std::string_view option) {
    if (option == "-p" || option == "-P" || option == "--protocol" || option == "--proto") {
        return Next::protocol;
    }
    const bool port = option.starts_with("--sp") || option.starts_with("--dp") ||
                      option.starts_with("--source-") || option.starts_with("--destination-");
    if (port) {
        return Next::port;
    }
    if (option == "-S" || option == "-D") {
        return Next::addresses;
    }
    const bool address = option == "-s" || option == "-d" || option == "--src" ||
                         option == "--dst" || option.starts_with("--source") ||
                         option.starts_with("--destination");
    return address ? Next::address : Next::other;
}

void look_at(std::string_view word, Next& next, SourceLine& source) {
    if (word == "!") {
        return;
    }
    if (word.size() > 1 && word[0] == '-') {
        next = behind(word);
        return;
    }
    source.named_protocol = source.named_protocol || (next == Next::protocol && has_letter(word));
    const bool is_port = next == Next::port || next == Next::ports;
    source.named_ports = source.named_ports || (is_port && has_letter(word));
    const bool more = next == Next::addresses || next == Next::ports;
    next = more ? Next::ports : next == Next::address ? Next::port : Next::other;
}

}  // namespace

void find_named(std::span<const std::string> words, SourceLine& source) {
    Next next = Next::other;
    for (const std::string& word : words) {
        look_at(word, next, source);
    }
}

void find_named(std::string_view line, SourceLine& source) {
    const auto is_blank = [](char c) { return c == ' ' || c == '\t'; };
    Next next = Next::other;
    for (auto word = line.begin(); word != line.end();) {
        const auto end = std::find_if(word, line.end(), is_blank);
        if (word != end) {
            look_at({word, end}, next, source);
        }
        word = end == line.end() ? end : end + 1;
    }
}

}  // namespace fw::translate
