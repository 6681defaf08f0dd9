#include <charconv>

#include "evaluate/kernel_log.h"
#include "evaluate/packet_bytes.h"
#include "fw/packet_log.h"
#include "nft/name.h"
#include "print/text.h"

namespace fw {
namespace {

constexpr std::string_view opening = "Packet log: ";

// What the prefix of a rule of ours says: "Packet log: CHAIN TARGET (#N) ".
struct Prefix {
    std::string chain;
    std::string target;  // "REDIRECT 80" is one
    std::size_t number = 0;
};

// Takes a word off the front, with the blank behind it.
std::string_view take_word(std::string_view& text) {
    const std::size_t end = text.find(' ');
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    return word;
}

// Names that nft can't read stand in prefixes as they stand in the kernel.
std::string chain_name(std::string_view word) {
    const std::optional<std::string> name = nft::model_chain_name(word);
    return name && nft::printable_chain(*name) == word ? *name : std::string(word);
}

std::optional<std::size_t> read_number(std::string_view word) {
    if (!word.starts_with("(#") || !word.ends_with(')')) {
        return std::nullopt;
    }
    const std::string_view digits = word.substr(2, word.size() - 3);
    std::size_t number = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    const bool whole = error == std::errc() && end == digits.data() + digits.size();
    return whole ? std::optional(number) : std::nullopt;
}

std::optional<Prefix> read_prefix(std::string_view text) {
    if (!text.starts_with(opening)) {
        return std::nullopt;
    }
    text.remove_prefix(opening.size());
    Prefix prefix;
    prefix.chain = chain_name(take_word(text));
    prefix.target = chain_name(take_word(text));
    if (prefix.target == "REDIRECT") {
        prefix.target += ' ';
        prefix.target += take_word(text);
    }
    const std::optional<std::size_t> number = read_number(take_word(text));
    if (!number || !text.empty()) {
        return std::nullopt;
    }
    prefix.number = *number;
    return prefix;
}

// Of a rule of ipfwadm, whose prefix opens the line as it is: "IP fw-in acc ". Accounting rules
// that count both ways leave it to us to say which way this one goes.
std::optional<std::string> opening_2_0(const std::string& prefix, bool arriving) {
    if (prefix == "IP acct ") {
        return prefix + (arriving ? "in " : "out ");
    }
    for (const std::string_view start : {"IP fw-in ", "IP fw-out ", "IP fw-fwd ", "IP acct "}) {
        if (prefix.starts_with(start) && prefix.ends_with(' ')) {
            return prefix;
        }
    }
    return std::nullopt;
}

std::string unreadable(const LoggedPacket& packet, const std::string& interface) {
    std::string line = packet.prefix + interface + ": ";
    print::append_number(line, packet.bytes.size());
    line += " bytes that are no IPv4 packet up to its ports";
    return line;
}

}  // namespace

std::string print_log_line(const LoggedPacket& packet) {
    const bool arriving = packet.hook == Hook::prerouting || packet.hook == Hook::input;
    const std::string& interface = arriving ? packet.in : packet.out;
    std::optional<Packet> seen = evaluation::read_packet(packet.bytes);
    if (!seen) {
        return unreadable(packet, interface);
    }
    seen->interface = interface;
    if (const std::optional<std::string> start = opening_2_0(packet.prefix, arriving)) {
        return evaluation::log_match_2_0(*start, evaluation::view(*seen, Dialect::ipfwadm));
    }
    const evaluation::PacketView view = evaluation::view(*seen, Dialect::ipchains);
    if (const std::optional<Prefix> prefix = read_prefix(packet.prefix)) {
        return evaluation::log_match(prefix->chain, prefix->target, prefix->number, view,
                                     seen->tos);
    }
    std::string line = packet.prefix;
    evaluation::append_packet(line, view, seen->tos);
    return line;
}

}  // namespace fw
