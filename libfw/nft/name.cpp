#include "nft/name.h"

#include <algorithm>
#include <iterator>

namespace fw::nft {

namespace {

// The words that nft takes for itself where a chain's name could stand (nft 1.0.6, and what later
// versions added), sorted.
constexpr std::string_view keywords[] = {
    "accept",   "add",      "ah",          "all",      "and",        "arp",       "auto-merge",
    "bridge",   "burst",    "bytes",       "cgroup",   "chain",      "comment",   "comp",
    "constant", "continue", "counter",     "counters", "cpu",        "create",    "ct",
    "day",      "dccp",     "define",      "delete",   "describe",   "destroy",   "device",
    "devices",  "dnat",     "drop",        "dst",      "dup",        "dynamic",   "ecn",
    "element",  "elements", "eq",          "esp",      "ether",      "exists",    "expires",
    "export",   "exthdr",   "fib",         "flags",    "flow",       "flowtable", "flush",
    "frag",     "fwd",      "gc-interval", "ge",       "geneve",     "get",       "goto",
    "gre",      "gretap",   "group",       "gt",       "handle",     "hbh",       "hook",
    "hour",     "ibriport", "ibrname",     "icmp",     "icmpv6",     "igmp",      "iif",
    "iifgroup", "iifname",  "iiftype",     "import",   "include",    "index",     "inet",
    "inner",    "insert",   "interval",    "ip",       "ip6",        "ipsec",     "jhash",
    "jump",     "last",     "le",          "level",    "limit",      "list",      "log",
    "lshift",   "lt",       "map",         "mark",     "masquerade", "meta",      "meter",
    "mh",       "missing",  "monitor",     "name",     "ne",         "netdev",    "nftrace",
    "not",      "notrack",  "numgen",      "obriport", "obrname",    "offload",   "oif",
    "oifgroup", "oifname",  "oiftype",     "or",       "osf",        "over",      "packets",
    "pkttype",  "policy",   "position",    "prefix",   "priority",   "queue",     "quota",
    "random",   "redefine", "redirect",    "reject",   "rename",     "replace",   "reset",
    "return",   "rshift",   "rt",          "rt0",      "rt2",        "rtclassid", "rule",
    "ruleset",  "sctp",     "secmark",     "set",      "size",       "skgid",     "skuid",
    "snaplen",  "snat",     "socket",      "srh",      "symhash",    "synproxy",  "table",
    "tcp",      "th",       "time",        "timeout",  "to",         "tproxy",    "type",
    "typeof",   "udp",      "udplite",     "undefine", "until",      "update",    "vlan",
    "vmap",     "vxlan",    "xor",         "xt",
};

constexpr std::string_view escape_prefix = "chain.";

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_plain(char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '-' || c == '_'; }

bool is_plain_name(std::string_view name) {
    return !name.empty() && is_letter(name.front()) &&
           std::all_of(name.begin(), name.end(), is_plain) &&
           !std::binary_search(std::begin(keywords), std::end(keywords), name);
}

int hex_value(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

}  // namespace

bool is_plain_word(std::string_view word) { return is_plain_name(word); }

std::string kernel_chain_name(std::string_view name) {
    if (is_plain_name(name)) {
        return std::string(name);
    }
    static constexpr char digits[] = "0123456789abcdef";
    std::string escaped(escape_prefix);
    for (const char c : name) {
        if (is_plain(c)) {
            escaped += c;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        escaped += '.';
        escaped += digits[byte >> 4];
        escaped += digits[byte & 15];
    }
    return escaped;
}

std::optional<std::string> model_chain_name(std::string_view kernel_name) {
    if (kernel_name.find('.') == std::string_view::npos) {
        return std::string(kernel_name);
    }
    if (!kernel_name.starts_with(escape_prefix)) {
        return std::nullopt;
    }
    std::string name;
    for (std::size_t i = escape_prefix.size(); i < kernel_name.size(); ++i) {
        if (kernel_name[i] != '.') {
            name += kernel_name[i];
            continue;
        }
        if (i + 2 >= kernel_name.size()) {
            return std::nullopt;
        }
        const int high = hex_value(kernel_name[i + 1]);
        const int low = hex_value(kernel_name[i + 2]);
        if (high < 0 || low < 0) {
            return std::nullopt;
        }
        name += static_cast<char>(high * 16 + low);
        i += 2;
    }
    return name;
}

std::string printable_chain(std::string_view name) {
    const bool printable = std::all_of(name.begin(), name.end(), [](char c) {
        return c > 0x20 && c < 0x7f && c != '"' && c != '\\' && c != '$';  // $a: a variable
    });
    return printable ? std::string(name) : kernel_chain_name(name);
}

}  // namespace fw::nft
