#include "parse/rules.h"

#include <utility>

#include "parse/addresses.h"
#include "parse/ports.h"

namespace fw {
namespace {

Flag flag(const Given* given) {
    if (given == nullptr) {
        return Flag::any;
    }
    return given->inverted ? Flag::clear : Flag::set;
}

// What a packet must look like, but for its addresses.
Status parse_matches(const Typed& typed, const Names& names, Remarks& remarks, Rule& rule) {
    const auto protocol = parse_protocol(typed.get(Option::protocol), names);
    if (!protocol) {
        return protocol.error();
    }
    rule.protocol = *protocol;
    auto interface = parse_interface(typed.get(Option::interface), remarks);
    if (!interface) {
        return interface.error();
    }
    rule.interface = *std::move(interface);
    auto ports = parse_ports(typed.get(Option::source_port), typed.get(Option::destination_port),
                             rule.protocol, names);
    if (!ports) {
        return ports.error();
    }
    rule.source_ports = std::move(ports->source);
    rule.destination_ports = std::move(ports->destination);
    rule.syn = flag(typed.get(Option::syn));
    rule.fragment = flag(typed.get(Option::fragments));
    return Done{};
}

// What happens to a packet. The protocol must be known.
Status parse_effects(const Typed& typed, const Names& names, Remarks& remarks, Rule& rule) {
    rule.log = typed.has(Option::log);
    const auto mark = parse_mark(typed.get(Option::mark), remarks);
    if (!mark) {
        return mark.error();
    }
    rule.mark = *mark;
    const auto copy = parse_output(typed.get(Option::output));
    if (!copy) {
        return copy.error();
    }
    rule.copy = *copy;
    const auto tos = parse_tos(typed.get(Option::tos), remarks);
    if (!tos) {
        return tos.error();
    }
    rule.tos = *tos;
    auto target = parse_target(typed.get(Option::jump), typed.redirect_port, rule.protocol, names);
    if (!target) {
        return target.error();
    }
    rule.target = *std::move(target);
    return Done{};
}

// The matches that can't hold together.
Status check_matches(const Typed& typed, const Rule& rule) {
    const Given* syn = typed.get(Option::syn);
    if (syn != nullptr && (rule.protocol.number != protocol_tcp || rule.protocol.inverted)) {
        return usage_error(syn->option, "only TCP has SYN packets", "say -p tcp");
    }
    if (rule.fragment != Flag::set) {
        return Done{};
    }
    const Word option = typed.get(Option::fragments)->option;
    if (syn != nullptr) {
        return usage_error(option, "a fragment has no TCP flags to look at", "leave out -f or -y");
    }
    if (!rule.source_ports.any() || !rule.destination_ports.any()) {
        return usage_error(option, "a fragment has no ports and no ICMP type to look at",
                           "leave out -f or the port");
    }
    return Done{};
}

// Targets that make sense in one of the built-in chains only. In a user chain they are fine.
Status check_target(const Typed& typed, const Rule& rule) {
    const Given* jump = typed.get(Option::jump);
    const std::string_view chain = chain_word(typed).text;
    const bool input = chain == "input";
    const bool forward = chain == "forward";
    const bool output = chain == "output";
    if (std::holds_alternative<Masquerade>(rule.target) && (input || output)) {
        return usage_error(jump->value, "only forwarded packets can be masqueraded",
                           "put the rule into forward");
    }
    if (std::holds_alternative<Redirect>(rule.target) && (forward || output)) {
        return usage_error(jump->value, "only arriving packets can be redirected",
                           "put the rule into input");
    }
    return Done{};
}

void caution_about_range(const PortMatch& ports, const Given* given, Remarks& remarks) {
    if (!ports.ranges.empty() && ports.ranges[0].first > ports.ranges[0].last) {
        remarks.notices.push_back("Warning: ports " + std::string(given->value.text) +
                                  ": the range is upside down, no packet is in it");
    }
}

Result<std::vector<AddressMatch>> parse_side(const Given* given, const Names& names,
                                             Remarks& remarks) {
    if (given == nullptr) {
        return std::vector<AddressMatch>(1);
    }
    auto matches = parse_address(*given, names, remarks);
    if (matches && matches->size() > 1 && given->inverted) {
        remarks.notices.push_back("Warning: ! " + std::string(given->value.text) +
                                  ": this name has several addresses, and each gets a rule that "
                                  "the others' packets meet");
    }
    return matches;
}

// -b and -R stand for one rule (and its way back) only.
Status check_count(const Typed& typed, Task task, std::size_t sources, std::size_t destinations) {
    if (sources * destinations <= 1) {
        return Done{};
    }
    const Option side = sources > 1 ? Option::source : Option::destination;
    const Word word = typed.get(side)->value;
    if (task == Task::replace) {
        return usage_error(word, "this name has several addresses, and -R puts in one rule",
                           "give one address, or delete the rule and add new ones");
    }
    if (typed.has(Option::bidirectional)) {
        return usage_error(word, "this name has several addresses, which -b can't turn round",
                           "give one address, or a rule for each way");
    }
    return Done{};
}

}  // namespace

Result<std::vector<Rule>> parse_rules(const Typed& typed, Task task, const Names& names,
                                      Remarks& remarks) {
    Rule rule;
    for (const auto part : {parse_matches, parse_effects}) {
        if (Status status = part(typed, names, remarks, rule); !status) {
            return status.error();
        }
    }
    for (const auto check : {check_matches, check_target}) {
        if (Status status = check(typed, rule); !status) {
            return status.error();
        }
    }
    caution_about_range(rule.source_ports, typed.get(Option::source_port), remarks);
    caution_about_range(rule.destination_ports, typed.get(Option::destination_port), remarks);
    const auto sources = parse_side(typed.get(Option::source), names, remarks);
    if (!sources) {
        return sources.error();
    }
    const auto destinations = parse_side(typed.get(Option::destination), names, remarks);
    if (!destinations) {
        return destinations.error();
    }
    if (Status status = check_count(typed, task, sources->size(), destinations->size()); !status) {
        return status.error();
    }
    std::vector<Rule> rules;
    for (const AddressMatch& source : *sources) {
        for (const AddressMatch& destination : *destinations) {
            rule.source = source;
            rule.destination = destination;
            rules.push_back(rule);
            if (typed.has(Option::bidirectional)) {
                rules.push_back(reversed(rule));
            }
        }
    }
    return rules;
}

}  // namespace fw
