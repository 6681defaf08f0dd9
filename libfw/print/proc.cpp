// The kernel's tables as /proc/net showed them (Linux 2.2.26).
#include <string_view>

#include "fw/print.h"
#include "print/text.h"

namespace fw {
namespace {

using namespace print;

// fw_flg and fw_invflg of the kernel's rules.
constexpr std::uint32_t flag_log = 0x01;
constexpr std::uint32_t flag_syn = 0x02;
constexpr std::uint32_t flag_fragment = 0x04;
constexpr std::uint32_t flag_mark_absolute = 0x08;
constexpr std::uint32_t flag_wildcard = 0x10;
constexpr std::uint32_t flag_copy = 0x20;
constexpr std::uint32_t not_source = 0x01;
constexpr std::uint32_t not_destination = 0x02;
constexpr std::uint32_t not_protocol = 0x04;
constexpr std::uint32_t not_source_port = 0x08;
constexpr std::uint32_t not_destination_port = 0x10;
constexpr std::uint32_t not_interface = 0x20;
constexpr std::uint32_t not_syn = 0x40;
constexpr std::uint32_t not_fragment = 0x80;

std::uint32_t flags(const Rule& rule) {
    return (rule.log ? flag_log : 0) | (rule.syn != Flag::any ? flag_syn : 0) |
           (rule.fragment != Flag::any ? flag_fragment : 0) |
           (rule.mark && !rule.mark->relative ? flag_mark_absolute : 0) |
           (rule.interface.wildcard ? flag_wildcard : 0) | (rule.copy ? flag_copy : 0);
}

std::uint32_t inversions(const Rule& rule) {
    return (rule.source.inverted ? not_source : 0) |
           (rule.destination.inverted ? not_destination : 0) |
           (rule.protocol.inverted ? not_protocol : 0) |
           (rule.source_ports.inverted ? not_source_port : 0) |
           (rule.destination_ports.inverted ? not_destination_port : 0) |
           (rule.interface.inverted ? not_interface : 0) | (rule.syn == Flag::clear ? not_syn : 0) |
           (rule.fragment == Flag::clear ? not_fragment : 0);
}

void append_right(std::string& out, std::string_view text, std::size_t width) {
    out.append(text.size() < width ? width - text.size() : 0, ' ');
    out += text;
}

void append_match(std::string& out, const AddressMatch& match) {
    append_hex(out, match.address.value, 8);
    out += '/';
    append_hex(out, match.mask.value, 8);
}

// A 64-bit counter is shown as its upper and its lower half.
void append_halves(std::string& out, std::uint64_t count, std::size_t width) {
    for (const std::uint64_t half : {count >> 32, count & 0xffffffff}) {
        const std::size_t start = out.size() + 1;
        out += ' ';
        append_number(out, half);
        pad_right(out, start, width);
    }
}

void append_range(std::string& out, const PortMatch& match) {
    const PortRange range = match.ranges.empty() ? PortRange{} : match.ranges.front();
    append_number(out, range.first);
    out += '-';
    append_number(out, range.last);
    out += ' ';
}

void append_rule(std::string& out, const std::string& chain, const Rule& rule) {
    append_right(out, chain, 9);
    out += ' ';
    append_match(out, rule.source);
    out += "->";
    append_match(out, rule.destination);
    out += ' ';
    out += rule.interface.name.empty() ? "-" : rule.interface.name;
    out += ' ';
    append_hex(out, flags(rule));
    out += ' ';
    append_hex(out, inversions(rule));
    out += ' ';
    append_number(out, rule.protocol.number);
    append_halves(out, rule.counters.packets, 9);
    append_halves(out, rule.counters.bytes, 9);
    out += ' ';
    append_range(out, rule.source_ports);
    append_range(out, rule.destination_ports);
    out += 'A';
    append_hex(out, rule.tos.and_mask, 2);
    out += " X";
    append_hex(out, rule.tos.xor_mask, 2);
    out += ' ';
    const auto* redirect = std::get_if<Redirect>(&rule.target);
    append_hex(out, redirect != nullptr ? redirect->port : 0, 8);
    out += ' ';
    append_number(out, rule.mark ? rule.mark->value : 0);
    out += ' ';
    append_number(out, rule.copy.value_or(0));
    out += ' ';
    append_right(out, target_name(rule.target), 9);
    out += '\n';
}

}  // namespace

std::string print_proc_fwnames(const Ruleset& ruleset) {
    std::string out;
    for (const Chain& chain : ruleset.chains) {
        out += chain.name;
        out += ' ';
        out += chain.policy ? policy_name(*chain.policy) : "-";
        out += ' ';
        append_number(out, chain.built_in() ? 1 : ruleset.references(chain.name));
        append_halves(out, chain.policy_counters.packets, 0);
        append_halves(out, chain.policy_counters.bytes, 0);
        out += '\n';
    }
    return out;
}

std::string print_proc_fwchains(const Ruleset& ruleset) {
    std::string out;
    for (const Chain& chain : ruleset.chains) {
        for (const Rule& rule : chain.rules) {
            append_rule(out, chain.name, rule);
        }
    }
    return out;
}

}  // namespace fw
