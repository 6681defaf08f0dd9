// `ipchains -M -L`, and `ipfwadm -M -l`, whose long form is -e.
#include <string_view>

#include "fw/print.h"
#include "print/fields.h"
#include "print/text.h"

namespace fw {
namespace {

using namespace print;

void append_row(std::string& out, const Connection& connection, const Presentation& show,
                const Style& style);

}  // namespace

std::string print_connections(const std::vector<Connection>& connections, const Presentation& show,
                              const Names& names) {
    NameCache cache(names);
    const Style style{cache, show.numeric};
    std::string out = "IP masquerading entries\n";
    if (connections.empty()) {
        return out;
    }
    out += "prot expire   ";
    if (show.verbose || show.extended) {
        out += "   initseq delta prevd ";
    }
    out += "source               destination          ports\n";
    for (const Connection& connection : connections) {
        append_row(out, connection, show, style);
    }
    return out;
}

namespace {

// In capitals, here alone.
void append_protocol_name(std::string& out, std::uint16_t protocol, const Style& style) {
    const std::size_t start = out.size();
    append_protocol(out, protocol, style);
    for (std::size_t i = start; i < out.size(); ++i) {
        if (out[i] >= 'a' && out[i] <= 'z') {
            out[i] = static_cast<char>(out[i] - 'a' + 'A');
        }
    }
    pad_right(out, start, 4);
}

void append_two_digits(std::string& out, std::uint32_t number) {
    if (number < 10) {
        out += '0';
    }
    append_number(out, number);
}

// Minutes, seconds, hundredths; the kernel does not tell the last.
void append_time(std::string& out, std::uint32_t seconds) {
    append_two_digits(out, seconds / 60);
    out += ':';
    append_two_digits(out, seconds % 60);
    out += ".00";
}

void append_signed(std::string& out, std::int32_t number, std::size_t width) {
    const std::string text = std::to_string(number);
    out.append(text.size() < width ? width - text.size() : 0, ' ');
    out += text;
}

void append_host(std::string& out, Address address, const Style& style) {
    const std::size_t start = out.size();
    append_place(out, {address, {0xffffffff}}, style);
    pad_right(out, start, 20);
}

void append_one_port(std::string& out, std::uint16_t port, std::uint16_t protocol,
                     const Style& style) {
    append_ranges(out, {{{port, port}}}, protocol, style);
}

void append_row(std::string& out, const Connection& connection, const Presentation& show,
                const Style& style) {
    append_protocol_name(out, connection.protocol, style);
    out += ' ';
    append_time(out, connection.expires);
    out += ' ';
    if (show.verbose || show.extended) {
        append_number(out, connection.initial_sequence, 10);
        out += ' ';
        append_signed(out, connection.delta, 5);
        out += ' ';
        append_signed(out, connection.previous_delta, 5);
        out += ' ';
    }
    append_host(out, connection.inner, style);
    out += ' ';
    append_host(out, connection.outer, style);
    out += ' ';
    append_one_port(out, connection.inner_port, connection.protocol, style);
    out += " (";
    append_number(out, connection.masquerade_port);
    out += ") -> ";
    append_one_port(out, connection.outer_port, connection.protocol, style);
    out += '\n';
}

}  // namespace
}  // namespace fw
