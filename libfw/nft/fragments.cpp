#include "nft/fragments.h"

namespace fw::nft {

namespace {

// Protocols that chains look into, and how far.
struct Look {
    std::uint32_t protocol;
    std::uint32_t bytes;
};
constexpr Look looks[] = {{6, 16}, {17, 8}, {1, 8}};  // TCP, UDP, ICMP

constexpr std::uint32_t last_offset = 0x1fff;

constexpr std::uint32_t least_words = 5;  // IP header length, RFC 791
constexpr std::uint32_t most_words = 15;

std::string range_text(std::uint32_t first, std::uint32_t last) {
    const std::string text = std::to_string(first);
    return first == last ? text : text + "-" + std::to_string(last);
}

// TCP that the kernel has gathered from several packets, or has yet to cut into some, can be longer
// than the field can say (on lo, for one). It holds 0 then, and that is no short packet.
constexpr std::uint32_t least_length = 1;

// Packets with these offsets that end before what is looked at.
void add_short(const Look& look, std::uint32_t first, std::uint32_t last,
               std::vector<FragmentRange>& out) {
    for (std::uint32_t words = least_words; words <= most_words; ++words) {
        const std::uint32_t needed = words * 4 + look.bytes;
        out.push_back({{first, look.protocol, words, least_length},
                       {last, look.protocol, words, needed - 1}});
    }
}

}  // namespace

std::vector<FragmentRange> fragment_ranges(Dialect dialect) {
    const auto& [tcp, udp, icmp] = looks;
    std::vector<FragmentRange> ranges;
    if (dialect == Dialect::ipfwadm) {
        ranges = {{{1, tcp.protocol, 0, 0}, {1, tcp.protocol, most_words, 65535}}};
        add_short(tcp, 0, 0, ranges);
        add_short(tcp, 2, last_offset, ranges);
        add_short(udp, 0, last_offset, ranges);
        return ranges;
    }
    ranges = {{{1, 0, 0, 0}, {last_offset, 255, most_words, 65535}}};
    for (const Look& look : looks) {
        add_short(look, 0, 0, ranges);
    }
    return ranges;
}

Dialect dialect_of(std::string_view table) {
    return table == dialect_name(Dialect::ipfwadm) ? Dialect::ipfwadm : Dialect::ipchains;
}

std::string fragment_set_text(Dialect dialect, std::string_view indent) {
    const std::string start(indent);
    std::string text = start + "set " + std::string(fragment_set_name) + " {\n" + start + start +
                       "typeof ip frag-off . ip protocol . ip hdrlength . ip length\n" + start +
                       start + "flags interval\n" + start + start + "elements = {\n";
    for (const FragmentRange& range : fragment_ranges(dialect)) {
        text += start + start + start;
        for (std::size_t part = 0; part < range.first.size(); ++part) {
            text += part == 0 ? "" : " . ";
            text += range_text(range.first[part], range.last[part]);
        }
        text += ",\n";
    }
    return text + start + start + "}\n" + start + "}\n";
}

}  // namespace fw::nft
