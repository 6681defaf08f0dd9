#include "proc20.h"

#include <sstream>
#include <vector>

namespace {

// The flags of Linux 2.0's rules.
enum : unsigned long {
    kind = 0x3,
    accept = 0x4,
    source_range = 0x8,
    destination_range = 0x10,
    log = 0x20,
    two_way = 0x40,
    syn = 0x80,
    reject = 0x100,
    masquerade = 0x200,
    ack = 0x400,
    redirect = 0x800,
    only_in = 0x1000,
    only_out = 0x2000
};

unsigned long number(const std::string& word, int base = 10) { return std::stoul(word, {}, base); }

fw::Address address(const std::string& hex) {
    return {static_cast<std::uint32_t>(number(hex, 16))};
}

// "0A000000/FF000000"
fw::AddressMatch addresses(const std::string& text) {
    return {address(text.substr(0, 8)), address(text.substr(9, 8))};
}

fw::PortMatch ports(const std::vector<std::uint16_t>& list, bool range) {
    fw::PortMatch match;
    match.begins_with_range = range;
    for (std::size_t i = 0; i < list.size(); ++i) {
        const std::uint16_t first = list[i];
        i += range && i == 0 ? 1 : 0;
        match.ranges.push_back({first, list.at(i)});
    }
    return match;
}

fw::Policy policy(unsigned long flags) {
    if ((flags & accept) != 0) {
        return (flags & masquerade) != 0 ? fw::Policy::masquerade : fw::Policy::accept;
    }
    return (flags & reject) != 0 ? fw::Policy::reject : fw::Policy::deny;
}

fw::Target target(unsigned long flags, std::uint16_t redirect_port) {
    if ((flags & accept) == 0) {
        return (flags & reject) != 0 ? fw::Target{fw::Reject{}} : fw::Target{fw::Deny{}};
    }
    if ((flags & redirect) != 0) {
        return fw::Redirect{redirect_port};
    }
    return (flags & masquerade) != 0 ? fw::Target{fw::Masquerade{}} : fw::Target{fw::Accept{}};
}

fw::Rule read_rule(const std::string& line, bool accounting, const fw::Names& names) {
    std::istringstream in(line);
    std::vector<std::string> words;
    for (std::string word; in >> word;) {
        words.push_back(word);
    }
    const unsigned long flags = number(words.at(3), 16);
    std::vector<std::uint16_t> list;
    for (std::size_t i = 8; i < 18; ++i) {
        list.push_back(static_cast<std::uint16_t>(number(words.at(i))));
    }
    list.push_back(0);
    const auto sources = static_cast<std::ptrdiff_t>(number(words.at(4)));
    const auto destinations = sources + static_cast<std::ptrdiff_t>(number(words.at(5)));
    const std::uint16_t behind = list.at(static_cast<std::size_t>(destinations));

    static constexpr std::uint16_t protocols[] = {0, fw::protocol_tcp, fw::protocol_udp,
                                                  fw::protocol_icmp};
    fw::Rule rule;
    rule.source = addresses(words.at(0));
    rule.destination = addresses(words.at(0).substr(19));
    if (words.at(1) != "-") {
        rule.interface.name = words.at(1);
        rule.interface.wildcard = false;
    }
    if (const fw::Address via = address(words.at(2)); via.value != 0) {
        rule.interface.address = via;
        rule.interface.device = names.interface_with(via).value_or("");
    }
    rule.protocol.number = protocols[flags & kind];
    rule.source_ports = ports({list.begin(), list.begin() + sources}, (flags & source_range) != 0);
    rule.destination_ports = ports({list.begin() + sources, list.begin() + destinations},
                                   (flags & destination_range) != 0);
    rule.log = (flags & log) != 0;
    rule.two_way = (flags & two_way) != 0;
    rule.syn = (flags & syn) != 0 ? fw::Flag::set : fw::Flag::any;
    rule.ack = (flags & ack) != 0;
    if (accounting) {
        rule.direction = (flags & only_in) != 0    ? fw::Direction::in
                         : (flags & only_out) != 0 ? fw::Direction::out
                                                   : fw::Direction::both;
    } else {
        rule.target = target(flags, behind);
        if ((flags & redirect) != 0 && (flags & accept) == 0) {
            rule.idle_redirect = behind;
        }
    }
    rule.tos = {static_cast<std::uint8_t>(number(words.at(18).substr(1), 16)),
                static_cast<std::uint8_t>(number(words.at(19).substr(1), 16))};
    rule.counters = {number(words.at(6)), number(words.at(7))};
    return rule;
}

}  // namespace

fw::Ruleset read_proc20(const std::string& text, const fw::Names& names) {
    fw::Ruleset ruleset = fw::Ruleset::empty(fw::Dialect::ipfwadm);
    fw::Chain* chain = nullptr;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) {
        if (line.starts_with("IP accounting")) {
            chain = ruleset.find(fw::accounting_chain);
        } else if (line.starts_with("IP firewall ")) {
            chain = ruleset.find(line.substr(12, line.find(' ', 12) - 12));
            chain->policy = policy(number(line.substr(line.rfind(' '))));
        } else {
            chain->rules.push_back(read_rule(line, chain->name == fw::accounting_chain, names));
        }
    }
    return ruleset;
}
