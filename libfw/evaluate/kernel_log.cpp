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

void append_fields(std::string& out, const Packet& packet, Ports ports, std::uint8_t tos) {
    out += packet.interface;
    out += " PROTO=";
    append_number(out, packet.protocol);
    append_end(out, packet.source, ports.source);
    append_end(out, packet.destination, ports.destination);
    out += " L=";
    append_number(out, packet.length);
    out += " S=0x";
    append_hex(out, tos, 2);
    out += " I=";
    append_number(out, packet.id);
    out += " F=0x";
    append_hex(out, fragment_field(packet), 4);
    out += " T=";
    append_number(out, packet.ttl);
    append_options(out, packet);
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
