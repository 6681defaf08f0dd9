// The kernel's tables as /proc/net showed them (Linux 2.0.38).
#include <array>

#include "fw/print.h"
#include "print/ipfwadm_fields.h"
#include "print/text.h"

namespace fw {
namespace {

using namespace print;

// fw_flg of the kernel's rules; the lowest two bits are the protocol. A policy has the same.
constexpr std::uint32_t flag_accept = 0x4;
constexpr std::uint32_t flag_source_range = 0x8;
constexpr std::uint32_t flag_destination_range = 0x10;
constexpr std::uint32_t flag_log = 0x20;
constexpr std::uint32_t flag_two_way = 0x40;
constexpr std::uint32_t flag_syn = 0x80;
constexpr std::uint32_t flag_reject = 0x100;
constexpr std::uint32_t flag_masquerade = 0x200;
constexpr std::uint32_t flag_ack = 0x400;
constexpr std::uint32_t flag_redirect = 0x800;
constexpr std::uint32_t flag_only_in = 0x1000;
constexpr std::uint32_t flag_only_out = 0x2000;

std::uint32_t protocol_flags(std::uint16_t protocol) {
    switch (protocol) {
        case protocol_tcp: return 1;
        case protocol_udp: return 2;
        case protocol_icmp: return 3;
        default: return 0;
    }
}

std::uint32_t policy_flags(Policy policy) {
    switch (policy) {
        case Policy::accept: return flag_accept;
        case Policy::deny: return 0;
        case Policy::reject: return flag_reject;
        case Policy::masquerade: return flag_accept | flag_masquerade;
    }
    return 0;
}

// Accounting rules, which have no target, have none of these.
std::uint32_t target_flags(const Rule& rule) {
    const std::uint32_t idle = rule.idle_redirect ? flag_redirect : 0;
    if (std::holds_alternative<Reject>(rule.target)) {
        return flag_reject | idle;
    }
    return std::holds_alternative<Accept>(rule.target)       ? flag_accept
           : std::holds_alternative<Masquerade>(rule.target) ? flag_accept | flag_masquerade
           : std::holds_alternative<Redirect>(rule.target)   ? flag_accept | flag_redirect
                                                             : idle;
}

std::uint32_t flags(const Rule& rule) {
    return protocol_flags(rule.protocol.number) | target_flags(rule) |
           (rule.source_ports.begins_with_range ? flag_source_range : 0) |
           (rule.destination_ports.begins_with_range ? flag_destination_range : 0) |
           (rule.log ? flag_log : 0) | (rule.two_way ? flag_two_way : 0) |
           (rule.syn == Flag::set ? flag_syn : 0) | (rule.ack ? flag_ack : 0) |
           (rule.direction == Direction::in ? flag_only_in : 0) |
           (rule.direction == Direction::out ? flag_only_out : 0);
}

// The ten ports of a rule: those of both sides, then that of a redirection.
struct Ports {
    std::array<std::uint16_t, 10> list{};
    std::size_t count = 0;

    void add(std::uint16_t port) {
        if (count < list.size()) {
            list[count++] = port;
        }
    }
    // How many they are.
    std::size_t add(const PortMatch& match) {
        const std::size_t before = count;
        for (const PortRange& range : match.ranges) {
            add(range.first);
            if (match.begins_with_range && &range == &match.ranges.front()) {
                add(range.last);
            }
        }
        return count - before;
    }
};

void append_count(std::string& out, std::uint64_t count) {
    const std::size_t start = out.size();
    append_number(out, count);
    pad_right(out, start, 10);
    out += ' ';
}

void append_place(std::string& out, const AddressMatch& match) {
    append_hex(out, match.address.value, 8);
    out += '/';
    append_hex(out, match.mask.value, 8);
}

void append_rule(std::string& out, const Rule& rule) {
    append_place(out, rule.source);
    out += "->";
    append_place(out, rule.destination);
    out += ' ';
    out += rule.interface.name.empty() ? "-" : rule.interface.name;
    out += ' ';
    append_hex(out, rule.interface.address.value_or(Address{}).value, 8);
    out += ' ';
    append_hex(out, flags(rule));
    Ports ports;
    for (const PortMatch* side : {&rule.source_ports, &rule.destination_ports}) {
        out += ' ';
        append_number(out, ports.add(*side));
    }
    const auto* redirect = std::get_if<Redirect>(&rule.target);
    ports.add(redirect != nullptr ? redirect->port : rule.idle_redirect.value_or(0));
    out += ' ';
    const Counters counters = linux20_counters(rule.counters);
    append_count(out, counters.packets);
    append_count(out, counters.bytes);
    for (const std::uint16_t port : ports.list) {
        append_number(out, port);
        out += ' ';
    }
    out += 'A';
    append_hex(out, rule.tos.and_mask, 2);
    out += " X";
    append_hex(out, rule.tos.xor_mask, 2);
    out += '\n';
}

void append_chain(std::string& out, const Chain& chain) {
    if (chain.name == accounting_chain) {
        out += "IP accounting rules\n";
    } else {
        out += "IP firewall ";
        out += chain.name;
        out += " rules, default ";
        append_number(out, policy_flags(chain.policy.value_or(Policy::accept)));
        out += '\n';
    }
    for (const Rule& rule : chain.rules) {
        append_rule(out, rule);
    }
}

}  // namespace

std::string print_proc_ipfwadm(const Ruleset& ruleset) {
    std::string out;
    for (const std::string_view name : {std::string_view("forward"), std::string_view("input"),
                                        std::string_view("output"), accounting_chain}) {
        if (const Chain* chain = ruleset.find(name)) {
            append_chain(out, *chain);
        }
    }
    return out;
}

}  // namespace fw
