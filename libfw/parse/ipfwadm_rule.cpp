#include "parse/ipfwadm_rule.h"

#include <utility>

#include "parse/addresses.h"
#include "parse/ipfwadm_ports.h"
#include "parse/numbers.h"

namespace fw {

namespace {

constexpr std::size_t longest_interface = 16;  // IFNAMSIZ, and no zero byte behind

// A name may be shortened as far as one likes: an empty one is the first.
Result<std::uint16_t> parse_protocol(const LetteredGiven* given) {
    if (given == nullptr) {
        return std::uint16_t{0};
    }
    const Word word = given->values[0];
    for (const std::uint16_t protocol :
         {std::uint16_t{0}, protocol_tcp, protocol_udp, protocol_icmp}) {
        if (ipfwadm_protocol_name(protocol).starts_with(word.text)) {
            return protocol;
        }
    }
    return usage_error(word, "no protocol that ipfwadm knows",
                       "use tcp, udp, icmp or all, in small letters");
}

// Interfaces.

void notice_about_name(Word word, Remarks& remarks) {
    const std::size_t odd = word.text.find_first_of(":*+");
    if (odd == word.text.npos) {
        return;
    }
    remarks.notices.push_back("Warning: interface " + std::string(word.text) +
                              (word.text[odd] == ':'
                                   ? ": packets never carry an alias's name; use -V and its address"
                                   : ": ipfwadm has no wildcards, and this names one interface"));
}

Result<std::optional<Address>> parse_via(const LetteredGiven& given, const Names& names,
                                         Remarks& remarks) {
    const Word word = given.values[0];
    if (word.text.find('/') != word.text.npos) {
        return usage_error(word, "-V is the address of one interface",
                           "leave the mask out; or name the interface with -W");
    }
    Given one;
    one.value = word;
    const auto found = parse_address(one, names, remarks, Numbers::as_in_c);
    if (!found) {
        return found.error();
    }
    const Address address = found->front().address;
    return address == Address{} ? std::optional<Address>() : address;
}

void notice_about_device(Word word, const InterfaceMatch& interface, Remarks& remarks) {
    if (!interface.device.empty()) {
        return;
    }
    remarks.notices.push_back("Warning: -V " + std::string(word.text) +
                              ": no interface has this address now, so " +
                              (interface.wildcard ? "the rule meets no packet; name it with -W, or "
                                                    "add the rule when it is up"
                                                  : "-W " + interface.name + " decides alone"));
}

Status parse_interface(const LetteredLine& line, bool looks_up, const Names& names,
                       Remarks& remarks, InterfaceMatch& interface) {
    const LetteredGiven* name = line.get('W');
    if (name != nullptr && !name->values[0].text.empty()) {
        interface.name = name->values[0].text.substr(0, longest_interface);
        interface.wildcard = false;
        notice_about_name(name->values[0], remarks);
    }
    const LetteredGiven* via = line.get('V');
    if (via == nullptr) {
        return Done{};
    }
    const auto address = parse_via(*via, names, remarks);
    if (!address) {
        return address.error();
    }
    interface.address = *address;
    if (interface.address && looks_up) {
        interface.device = names.interface_with(*interface.address).value_or("");
        notice_about_device(via->values[0], interface, remarks);
    }
    return Done{};
}

// What happens to a packet.

Result<Tos> parse_tos(const LetteredGiven* given) {
    if (given == nullptr) {
        return Tos{};
    }
    std::uint8_t masks[2] = {};
    for (int i = 0; i < 2; ++i) {
        const auto number = parse_unsigned(given->values[static_cast<std::size_t>(i)].text, 16);
        if (!number || number->value > 0xff) {
            return usage_error(given->values[static_cast<std::size_t>(i)], "not a TOS mask",
                               "two hexadecimal numbers up to ff follow -t: 01 10");
        }
        masks[i] = static_cast<std::uint8_t>(number->value);
    }
    return Tos{masks[0], masks[1]};
}

Result<std::uint16_t> redirect_port(const LetteredGiven& given, std::uint16_t protocol,
                                    const Names& names) {
    if (protocol == protocol_icmp) {
        return usage_error(given.option, "ICMP can't be redirected", "say -P tcp or -P udp");
    }
    const Word word = given.values[0];
    if (!word.given()) {
        return std::uint16_t{0};
    }
    if (word.text.find(':') != word.text.npos) {
        return usage_error(word, "-r leads to one port", "give one number or service");
    }
    return parse_ipfwadm_port(word, word.text, protocol, names);
}

Status parse_target(const LetteredLine& line, const Names& names, Rule& rule) {
    const bool accepts = std::holds_alternative<Accept>(rule.target) ||
                         std::holds_alternative<Masquerade>(rule.target);
    if (const LetteredGiven* masquerade = line.get('m')) {
        if (!accepts) {
            return usage_error(masquerade->option, "only a packet that passes can be masqueraded",
                               "write -a accept -m, or -a masquerade");
        }
        rule.target = Masquerade{};
    }
    if (const LetteredGiven* redirect = line.get('r')) {
        const auto port = redirect_port(*redirect, rule.protocol.number, names);
        if (!port) {
            return port.error();
        }
        if (accepts) {
            rule.target = Redirect{*port};
        } else {
            rule.idle_redirect = *port;
        }
    }
    return Done{};
}

// TCP flags are asked of TCP packets only, whatever the rule's protocol.
void notice_about_flags(const LetteredLine& line, std::uint16_t protocol, Remarks& remarks) {
    for (const char option : {'k', 'y'}) {
        if (line.has(option) && protocol != protocol_tcp) {
            remarks.notices.push_back(std::string("Warning: -") + option +
                                      " is asked of TCP packets only, all others meet this rule; "
                                      "say -P tcp if that is not meant");
            return;
        }
    }
}

// Everything but the addresses.
Status parse_parts(const LetteredLine& line, bool looks_up, const Names& names, Remarks& remarks,
                   Rule& rule) {
    const auto protocol = parse_protocol(line.get('P'));
    if (!protocol) {
        return protocol.error();
    }
    rule.protocol.number = *protocol;
    auto ports = parse_ipfwadm_ports(line, *protocol, names);
    if (!ports) {
        return ports.error();
    }
    rule.source_ports = std::move(ports->source);
    rule.destination_ports = std::move(ports->destination);
    if (Status status = parse_interface(line, looks_up, names, remarks, rule.interface); !status) {
        return status;
    }
    const auto tos = parse_tos(line.get('t'));
    if (!tos) {
        return tos.error();
    }
    rule.tos = *tos;
    rule.syn = line.has('y') ? Flag::set : Flag::any;
    rule.ack = line.has('k');
    rule.two_way = line.has('b');
    rule.log = line.has('o');
    if (looks_up) {
        notice_about_flags(line, *protocol, remarks);
    }
    return parse_target(line, names, rule);
}

Result<std::vector<AddressMatch>> parse_side(const LetteredGiven* given, const Names& names,
                                             Remarks& remarks) {
    if (given == nullptr) {
        return std::vector<AddressMatch>(1);
    }
    Given one;
    one.value = given->values[0];
    return parse_address(one, names, remarks, Numbers::as_in_c);
}

}  // namespace

Result<std::vector<Rule>> parse_ipfwadm_rules(const LetteredLine& line, Rule rule, bool looks_up,
                                              const Names& names, Remarks& remarks) {
    if (Status status = parse_parts(line, looks_up, names, remarks, rule); !status) {
        return status.error();
    }
    const auto sources = parse_side(line.get('S'), names, remarks);
    if (!sources) {
        return sources.error();
    }
    const auto destinations = parse_side(line.get('D'), names, remarks);
    if (!destinations) {
        return destinations.error();
    }
    std::vector<Rule> rules;
    for (const AddressMatch& source : *sources) {
        for (const AddressMatch& destination : *destinations) {
            rule.source = source;
            rule.destination = destination;
            rules.push_back(rule);
        }
    }
    return rules;
}

}  // namespace fw
