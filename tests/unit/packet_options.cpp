#include "packet_options.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>

#include "print/text.h"

namespace packets {
namespace {

using fw::Packet;
using fw::print::append_hex;
using fw::print::append_number;
using fw::print::HexCase;

std::optional<std::uint64_t> number(std::string_view text, std::uint64_t most, int base = 10) {
    if (base == 10 && text.starts_with("0x")) {
        text.remove_prefix(2);
        base = 16;
    }
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    if (error != std::errc() || end != text.data() + text.size() || value > most) {
        return std::nullopt;
    }
    return value;
}

template <typename T>
bool set(T& field, std::string_view text, int base = 10,
         std::uint64_t most = std::numeric_limits<T>::max()) {
    const auto value = number(text, most, base);
    field = static_cast<T>(value.value_or(0));
    return value.has_value();
}

bool set_address(fw::Address& address, std::string_view text) {
    std::uint32_t value = 0;
    for (int part = 0; part < 4; ++part) {
        const std::size_t end = text.find('.');
        const auto byte = number(text.substr(0, end), 255);
        if (!byte || (part < 3) != (end != std::string_view::npos)) {
            return false;
        }
        value = value << 8 | static_cast<std::uint32_t>(*byte);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    address.value = value;
    return true;
}

bool set_protocol(std::uint16_t& protocol, std::string_view text) {
    for (const std::uint16_t known : {fw::protocol_icmp, fw::protocol_tcp, fw::protocol_udp}) {
        if (text == fw::print::common_protocol(known)) {
            protocol = known;
            return true;
        }
    }
    return set(protocol, text, 10, 255);
}

bool set_bytes(std::vector<std::uint8_t>& bytes, std::string_view text) {
    bytes.resize(text.size() / 2);
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (!set(bytes[i], text.substr(2 * i, 2), 16)) {
            return false;
        }
    }
    return text.size() % 2 == 0;
}

// What the words say; what depends on several of them waits for the last one.
struct Reader {
    PacketRequest request;
    std::optional<std::uint16_t> length;
    std::uint16_t source_port = 1025;
    std::uint16_t destination_port = 80;
    std::uint8_t icmp_type = 8;
    std::uint8_t icmp_code = 0;

    bool flag(std::string_view name) {
        Packet& packet = request.packet;
        if (name == "--syn") {
            packet.tcp_flags = 0x02;
        } else if (name == "--mf") {
            packet.more_fragments = true;
        } else if (name == "--df") {
            packet.dont_fragment = true;
        } else {
            return false;
        }
        return true;
    }

    bool option(std::string_view name, const std::string& value) {
        Packet& packet = request.packet;
        if (name == "--hook") return set_hook(value), true;
        if (name == "--if") return packet.interface = value, true;
        if (name == "--src") return set_address(packet.source, value);
        if (name == "--dst") return set_address(packet.destination, value);
        if (name == "--proto") return set_protocol(packet.protocol, value);
        if (name == "--sport") return set(source_port, value);
        if (name == "--dport") return set(destination_port, value);
        if (name == "--tcpflags") return set(packet.tcp_flags, value, 16);
        if (name == "--frag") return set(packet.fragment_offset, value, 10, 0x1fff);
        if (name == "--tos") return set(packet.tos, value, 16);
        if (name == "--len") return set(length.emplace(), value);
        if (name == "--icmp-type") return set(icmp_type, value);
        if (name == "--icmp-code") return set(icmp_code, value);
        if (name == "--ttl") return set(packet.ttl, value);
        if (name == "--id") return set(packet.id, value);
        if (name == "--mark") return set(packet.mark, value);
        if (name == "--repeat") return set(request.repeat, value);
        if (name == "--ihl") return set(packet.header_words, value, 10, 15);
        if (name == "--ipopts") return set_bytes(packet.options, value);
        return false;
    }

    void set_hook(const std::string& value) {
        const bool in = value == "acctin";
        const bool out = value == "acctout";
        request.hook = in || out ? std::string(fw::accounting_chain) : value;
        request.packet.direction = in    ? fw::Direction::in
                                   : out ? fw::Direction::out
                                         : fw::Direction::both;
    }

    PacketRequest finish() {
        Packet& packet = request.packet;
        const unsigned header = packet.header_words * 4U;
        unsigned payload = 0;
        if (packet.protocol == fw::protocol_icmp) {
            packet.source_port = icmp_type;
            packet.destination_port = icmp_code;
            payload = 8;
        } else if (packet.protocol == fw::protocol_tcp || packet.protocol == fw::protocol_udp) {
            packet.source_port = source_port;
            packet.destination_port = destination_port;
            payload = packet.protocol == fw::protocol_tcp ? 20 : 8;
        }
        packet.length = length.value_or(static_cast<std::uint16_t>(header + payload));
        packet.options.resize(header > 20 ? header - 20 : 0);
        return std::move(request);
    }
};

Reader defaults() {
    Reader reader;
    Packet& packet = reader.request.packet;
    packet.interface = "eth0";
    packet.source = {0x0a000001};
    packet.destination = {0x0a000002};
    packet.protocol = fw::protocol_tcp;
    packet.tcp_flags = 0x10;
    packet.id = 1;
    return reader;
}

void put16(std::vector<std::uint8_t>& bytes, std::size_t at, unsigned value) {
    bytes[at] = static_cast<std::uint8_t>(value >> 8);
    bytes[at + 1] = static_cast<std::uint8_t>(value);
}

void put32(std::vector<std::uint8_t>& bytes, std::size_t at, std::uint32_t value) {
    put16(bytes, at, value >> 16);
    put16(bytes, at + 2, value & 0xffff);
}

unsigned header_checksum(const std::vector<std::uint8_t>& bytes, std::size_t length) {
    unsigned sum = 0;
    for (std::size_t i = 0; i + 1 < length; i += 2) {
        sum += static_cast<unsigned>(bytes[i]) << 8 | bytes[i + 1];
    }
    sum = (sum >> 16) + (sum & 0xffff);
    sum = (sum >> 16) + (sum & 0xffff);
    return ~sum & 0xffff;
}

void put_transport(std::vector<std::uint8_t>& bytes, const Packet& packet, std::size_t at) {
    if (packet.protocol == fw::protocol_icmp) {
        bytes[at] = static_cast<std::uint8_t>(packet.source_port);
        bytes[at + 1] = static_cast<std::uint8_t>(packet.destination_port);
    } else if (packet.protocol == fw::protocol_tcp || packet.protocol == fw::protocol_udp) {
        put16(bytes, at, packet.source_port);
        put16(bytes, at + 2, packet.destination_port);
        if (packet.protocol == fw::protocol_udp) {
            put16(bytes, at + 4, packet.length - static_cast<unsigned>(at));
        } else {
            bytes[at + 12] = 0x50;
            bytes[at + 13] = packet.tcp_flags;
        }
    }
}

// The packet as it stood in the kernel's memory, zeros where a Packet says nothing. A changed TOS
// was not yet in the checksum when the copy was made.
std::vector<std::uint8_t> memory(const Packet& packet, std::uint8_t tos) {
    const std::size_t header = packet.header_words * 4U;
    std::vector<std::uint8_t> bytes(std::max<std::size_t>(packet.length, header + 20));
    bytes[0] = static_cast<std::uint8_t>(0x40 | packet.header_words);
    bytes[1] = packet.tos;
    put16(bytes, 2, packet.length);
    put16(bytes, 4, packet.id);
    put16(bytes, 6,
          packet.fragment_offset | (packet.dont_fragment ? 0x4000U : 0U) |
              (packet.more_fragments ? 0x2000U : 0U));
    bytes[8] = packet.ttl;
    bytes[9] = static_cast<std::uint8_t>(packet.protocol);
    put32(bytes, 12, packet.source.value);
    put32(bytes, 16, packet.destination.value);
    std::copy(packet.options.begin(), packet.options.end(), bytes.begin() + 20);
    put16(bytes, 10, header_checksum(bytes, header));
    bytes[1] = tos;
    put_transport(bytes, packet, header);
    return bytes;
}

// Linux 2.0 compared interfaces, not their names: a rule with -W of one that the recorded machine
// did not have was not met, not even by a packet that was said to have come by it.
fw::Ruleset with_known_interfaces(fw::Ruleset ruleset) {
    for (fw::Chain& chain : ruleset.chains) {
        for (fw::Rule& rule : chain.rules) {
            std::string& name = rule.interface.name;
            if (!name.empty() && name != "lo" && name != "eth0" && name != "eth1" &&
                name != "ppp0") {
                name = "(none)";
            }
        }
    }
    return ruleset;
}

}  // namespace

fw::Result<PacketRequest> parse_packet_options(std::span<const std::string> words) {
    Reader reader = defaults();
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (reader.flag(words[i])) {
            continue;
        }
        if (i + 1 == words.size() || !reader.option(words[i], words[i + 1])) {
            return fw::Error{fw::Code::usage, words[i], static_cast<int>(i),
                             "no such option, or no such value", ""};
        }
        ++i;
    }
    return reader.finish();
}

std::string send(fw::Ruleset& ruleset, const PacketRequest& request) {
    const fw::Decision decision =
        fw::evaluate(ruleset.dialect == fw::Dialect::ipfwadm ? with_known_interfaces(ruleset)
                                                             : ruleset,
                     request.hook, request.packet);
    for (std::uint64_t i = 0; i < request.repeat; ++i) {
        fw::count(ruleset, decision, request.packet.length);
    }
    return answer(request, decision);
}

std::string_view verdict_name(fw::Verdict verdict) {
    switch (verdict) {
        case fw::Verdict::accept: return "ACCEPT";
        case fw::Verdict::reject: return "REJECT";
        case fw::Verdict::masquerade: return "MASQ";
        case fw::Verdict::redirect: return "REDIRECT";
        case fw::Verdict::passed: return "PASSED";
        case fw::Verdict::deny:
        case fw::Verdict::loop: break;
    }
    return "DENY";
}

std::vector<std::string> copies(const fw::Packet& packet, const fw::Decision& decision) {
    constexpr unsigned header = 24;  // length, mark and interface stand before the packet
    std::vector<std::string> lines;
    for (const fw::Copy& copy : decision.copies) {
        std::string line = "len ";
        append_number(line, header + copy.bytes);
        line += " mark 0x";
        append_hex(line, copy.mark, 1, HexCase::lower);
        line += " if " + packet.interface + " data ";
        const std::vector<std::uint8_t> bytes = memory(packet, copy.tos);
        for (std::size_t i = 0; i < copy.bytes; ++i) {
            append_hex(line, bytes[i], 2, HexCase::lower);
        }
        lines.push_back(std::move(line));
    }
    return lines;
}

std::string answer(const PacketRequest& request, const fw::Decision& decision) {
    std::string out = "verdict ";
    out += verdict_name(decision.verdict);
    if (decision.verdict == fw::Verdict::redirect) {
        out += ' ';
        append_number(out, decision.port);
    }
    out += " tos 0x";
    append_hex(out, decision.tos, 2, HexCase::lower);
    out += " mark 0x";
    append_hex(out, decision.mark, 1, HexCase::lower);
    out += '\n';
    for (const std::string& line : decision.log) {
        out += "log " + line + "\n";
    }
    for (const std::string& line : copies(request.packet, decision)) {
        out += "netlink " + line + "\n";
    }
    return out;
}

}  // namespace packets
