#include "evaluate/kernel_log.h"

#include "print/text.h"

namespace fw::evaluation {
namespace {

using print::append_address;
using print::append_hex;
using print::append_number;

struct Ports {
    std::uint16_t source = 0;
    std::uint16_t destination = 0;
};

void append_end(std::string& out, Address address, std::uint16_t port) {
    out += ' ';
    append_address(out, address);
    out += ':';
    append_number(out, port);
}

void append_ends(std::string& out, const Packet& packet, Ports ports) {
    append_end(out, packet.source, ports.source);
    append_end(out, packet.destination, ports.destination);
}

// As the little-endian machine that recorded it printed each word.
void append_options(std::string& out, const Packet& packet) {
    const std::size_t words = packet.header_words > 5 ? packet.header_words - 5U : 0;
    for (std::size_t word = 0; word < words; ++word) {
        std::uint32_t value = 0;
        for (std::size_t byte = 0; byte < 4 && word * 4 + byte < packet.options.size(); ++byte) {
            value |= static_cast<std::uint32_t>(packet.options[word * 4 + byte]) << (8 * byte);
        }
        out += " O=0x";
        append_hex(out, value, 8);
    }
}

// From the length to the IP options.
void append_header(std::string& out, const Packet& packet, std::uint8_t tos,
                   std::uint16_t fragment) {
    out += " L=";
    append_number(out, packet.length);
    out += " S=0x";
    append_hex(out, tos, 2);
    out += " I=";
    append_number(out, packet.id);
    out += " F=0x";
    append_hex(out, fragment, 4);
    out += " T=";
    append_number(out, packet.ttl);
    append_options(out, packet);
}

void append_fields(std::string& out, const Packet& packet, Ports ports, std::uint8_t tos) {
    out += packet.interface;
    out += " PROTO=";
    append_number(out, packet.protocol);
    append_ends(out, packet, ports);
    append_header(out, packet, tos, fragment_field(packet));
}

// "TCP 10.0.0.1:1025 10.0.0.2:80", "ICMP/8 10.0.0.1 10.0.0.2", "PROTO=47 10.0.0.1 10.0.0.2"
void append_ends_2_0(std::string& out, const PacketView& view) {
    const Packet& packet = view.packet;
    if (packet.protocol == protocol_tcp || packet.protocol == protocol_udp) {
        out += packet.protocol == protocol_tcp ? "TCP" : "UDP";
        append_ends(out, packet, {view.source_port, view.destination_port});
        return;
    }
    const bool icmp = packet.protocol == protocol_icmp;
    out += icmp ? "ICMP/" : "PROTO=";
    append_number(out, icmp ? view.source_port : packet.protocol);
    out += ' ';
    append_address(out, packet.source);
    out += ' ';
    append_address(out, packet.destination);
}

std::string_view name_2_0(std::string_view chain) {
    return chain == "input" ? "fw-in" : chain == "output" ? "fw-out" : "fw-fwd";
}

std::string target_2_0(const Target& target) {
    if (const auto* redirect = std::get_if<Redirect>(&target)) {
        std::string text = "acc/r";
        append_number(text, redirect->port);
        return text;
    }
    return std::holds_alternative<Masquerade>(target) ? "acc/masq"
           : std::holds_alternative<Reject>(target)   ? "rej"
           : std::holds_alternative<Deny>(target)     ? "deny"
                                                      : "acc";
}

}  // namespace

std::string log_target(const Target& target) {
    std::string text = target_name(target);
    if (const auto* redirect = std::get_if<Redirect>(&target)) {
        text += ' ';
        append_number(text, redirect->port);
    }
    return text;
}

void append_packet(std::string& out, const PacketView& view, std::uint8_t tos) {
    append_fields(out, view.packet, {view.source_port, view.destination_port}, tos);
    if (view.syn) {
        out += " SYN";
    }
}

std::string log_match(std::string_view chain, std::string_view target, std::size_t number,
                      const PacketView& view, std::uint8_t tos) {
    std::string line = "Packet log: ";
    line += chain;
    line += ' ';
    line += target;
    line += ' ';
    append_packet(line, view, tos);
    line += " (#";
    append_number(line, number);
    line += ')';
    return line;
}

std::string log_opening_2_0(std::string_view chain, Direction direction, const Target& target) {
    std::string opening = "IP ";
    if (chain == accounting_chain) {
        opening += "acct";
        opening += direction == Direction::both ? "" : direction == Direction::in ? " in" : " out";
    } else {
        opening += name_2_0(chain);
        opening += ' ';
        opening += target_2_0(target);
    }
    opening += ' ';
    return opening;
}

// Its machine was little-endian, and printed the fragment field as it lay there.
std::string log_match_2_0(std::string_view opening, const PacketView& view) {
    const std::uint16_t field = fragment_field(view.packet);
    std::string line(opening);
    line += view.packet.interface;
    line += ' ';
    append_ends_2_0(line, view);
    append_header(line, view.packet, view.packet.tos,
                  static_cast<std::uint16_t>(field << 8 | field >> 8));
    return line;
}

std::string log_suspect(const Packet& packet) {
    std::string line;
    append_fields(line, packet, {0, 0}, packet.tos);
    line += " (#0)";
    return line;
}

void log_loop(std::vector<std::string>& log, std::string_view chain,
              const std::vector<std::string_view>& walked) {
    std::string line = "IP firewall: Loop detected at `";
    line += chain;
    line += "'.";
    log.push_back(std::move(line));
    line = "Chain backtrace: ";
    for (auto name = walked.rbegin(); name != walked.rend(); ++name) {
        if (name != walked.rbegin()) {
            line += "<-";
        }
        line += *name;
    }
    log.push_back(std::move(line));
}

}  // namespace fw::evaluation
