#include "parse/icmp.h"

#include "model/text.h"

namespace fw {
namespace {

// RFC 792, 950, 1122, 1256 and 1812.
constexpr IcmpName table[] = {
    {"echo-reply", 0, std::nullopt},
    {"pong", 0, std::nullopt, true},
    {"destination-unreachable", 3, std::nullopt},
    {"network-unreachable", 3, 0},
    {"host-unreachable", 3, 1},
    {"protocol-unreachable", 3, 2},
    {"port-unreachable", 3, 3},
    {"fragmentation-needed", 3, 4},
    {"source-route-failed", 3, 5},
    {"network-unknown", 3, 6},
    {"host-unknown", 3, 7},
    {"network-prohibited", 3, 9},
    {"host-prohibited", 3, 10},
    {"TOS-network-unreachable", 3, 11},
    {"TOS-host-unreachable", 3, 12},
    {"communication-prohibited", 3, 13},
    {"host-precedence-violation", 3, 14},
    {"precedence-cutoff", 3, 15},
    {"source-quench", 4, std::nullopt},
    {"redirect", 5, std::nullopt},
    {"network-redirect", 5, 0},
    {"host-redirect", 5, 1},
    {"TOS-network-redirect", 5, 2},
    {"TOS-host-redirect", 5, 3},
    {"echo-request", 8, std::nullopt},
    {"ping", 8, std::nullopt, true},
    {"router-advertisement", 9, std::nullopt},
    {"router-solicitation", 10, std::nullopt},
    {"time-exceeded", 11, std::nullopt},
    {"ttl-exceeded", 11, std::nullopt, true},
    {"ttl-zero-during-transit", 11, 0},
    {"ttl-zero-during-reassembly", 11, 1},
    {"parameter-problem", 12, std::nullopt},
    {"ip-header-bad", 12, 0},
    {"required-option-missing", 12, 1},
    {"timestamp-request", 13, std::nullopt},
    {"timestamp-reply", 14, std::nullopt},
    {"address-mask-request", 17, std::nullopt},
    {"address-mask-reply", 18, std::nullopt},
};

}  // namespace

std::span<const IcmpName> icmp_names() { return table; }

IcmpFound find_icmp_name(std::string_view text) {
    IcmpFound found;
    for (const IcmpName& candidate : table) {
        if (!same_letters(candidate.name.substr(0, text.size()), text)) {
            continue;
        }
        if (candidate.name.size() == text.size()) {
            return {1, candidate};
        }
        ++found.count;
        found.name = candidate;
    }
    return found;
}

bool icmp_type_has_codes(std::uint8_t type) {
    for (const IcmpName& name : table) {
        if (name.type == type && name.code) {
            return true;
        }
    }
    return false;
}

}  // namespace fw
