#include "fw/parse.h"

#include <string>
#include <utility>

#include "model/text.h"
#include "parse/ipfwadm_line.h"
#include "parse/ipfwadm_rule.h"
#include "parse/numbers.h"

namespace fw {

namespace {

// Policies.

constexpr std::pair<std::string_view, Policy> policies[] = {{"accept", Policy::accept},
                                                            {"deny", Policy::deny},
                                                            {"reject", Policy::reject},
                                                            {"masquerade", Policy::masquerade}};

Error no_policy(Word word) {
    if (same_letters(word.text, "drop")) {
        return usage_error(word, "no such policy", "did you mean deny?");
    }
    for (const auto& [name, policy] : policies) {
        if (same_letters(word.text, name.substr(0, word.text.size()))) {
            return usage_error(word, "no such policy",
                               "did you mean " + std::string(name) +
                                   "? policies are written in small letters");
        }
    }
    return usage_error(word, "no such policy", "it is accept, deny, reject or masquerade");
}

// A name may be shortened as far as one likes: an empty one is the first.
Result<Policy> parse_policy(const LetteredGiven& command, char category) {
    const Word word = command.values[0];
    if (!word.given()) {
        return usage_error(command.option,
                           "a policy must follow -" + std::string(1, command.letter),
                           "say what happens to packets: -" + std::string(1, command.letter) +
                               " deny");
    }
    for (const auto& [name, policy] : policies) {
        if (!name.starts_with(word.text)) {
            continue;
        }
        if (policy == Policy::masquerade && category != 'F') {
            return usage_error(word, "only forwarded packets can be masqueraded", "use it with -F");
        }
        return policy;
    }
    return no_policy(word);
}

Target target_of(Policy policy) {
    switch (policy) {
        case Policy::accept: return Accept{};
        case Policy::deny: return Deny{};
        case Policy::reject: return Reject{};
        case Policy::masquerade: return Masquerade{};
    }
    return None{};
}

Result<Direction> parse_direction(Word word) {
    if (!word.given()) {
        return Direction::both;
    }
    constexpr std::pair<std::string_view, Direction> directions[] = {{"both", Direction::both},
                                                                     {"in", Direction::in},
                                                                     {"out", Direction::out}};
    for (const auto& [name, direction] : directions) {
        if (name.starts_with(word.text)) {
            return direction;
        }
    }
    return usage_error(word, "no direction", "it is in, out or both: -A in");
}

// What a command asks for.

std::string chain_of(char category) {
    switch (category) {
        case 'A': return std::string(accounting_chain);
        case 'F': return "forward";
        case 'I': return "input";
        default: return "output";
    }
}

// The target and the direction of a rule, which stand behind its command and category.
Result<Rule> start_rule(const LetteredLine& line, char category, const LetteredGiven& command) {
    Rule rule;
    if (category == 'A') {
        const auto direction = parse_direction(line.get('A')->values[0]);
        if (!direction) {
            return direction.error();
        }
        if (const Word word = command.values[0]; word.given()) {
            return usage_error(word, "accounting has no policy, and decides nothing",
                               "leave the word out; a direction stands behind -A: -A in -a");
        }
        rule.direction = *direction;
        return rule;
    }
    const auto policy = parse_policy(command, category);
    if (!policy) {
        return policy.error();
    }
    rule.target = target_of(*policy);
    return rule;
}

Result<Action> change_rules(const LetteredLine& line, char category, char command,
                            const Names& names, Remarks& remarks) {
    auto start = start_rule(line, category, *line.get(command));
    if (!start) {
        return start.error();
    }
    auto rules = parse_ipfwadm_rules(line, *std::move(start), command != 'd', names, remarks);
    if (!rules) {
        return rules.error();
    }
    std::string chain = chain_of(category);
    switch (command) {
        case 'a': return Action(Append{std::move(chain), *std::move(rules)});
        case 'i': return Action(Insert{std::move(chain), 1, *std::move(rules)});
        default: return Action(DeleteMatching{std::move(chain), *std::move(rules)});
    }
}

Result<Action> set_policy(const LetteredLine& line, char category) {
    const auto policy = parse_policy(*line.get('p'), category);
    if (!policy) {
        return policy.error();
    }
    return Action(SetPolicy{chain_of(category), *policy});
}

Result<Action> check(const LetteredLine& line, char category, const Names& names,
                     Remarks& remarks) {
    auto check = parse_ipfwadm_check(line, names, remarks);
    if (!check) {
        return check.error();
    }
    check->chain = chain_of(category);
    return Action(*std::move(check));
}

Result<Action> set_timeouts(const LetteredGiven& given) {
    constexpr std::uint32_t most_seconds = 0x7fffffff;
    std::uint32_t seconds[3];
    for (std::size_t i = 0; i < 3; ++i) {
        const auto number = parse_decimal(given.values[i].text, most_seconds);
        if (!number) {
            return usage_error(given.values[i], "not a number of seconds",
                               "-s takes three: for TCP, for TCP after a FIN, and for UDP");
        }
        seconds[i] = *number;
    }
    return Action(SetTimeouts{seconds[0], seconds[1], seconds[2]});
}

Result<Action> parse_action(const IpfwadmLine& line, const Names& names, Remarks& remarks) {
    const LetteredLine& options = line.options;
    const std::string chain = chain_of(line.category);
    if (line.category == 'A') {
        if (const auto direction = parse_direction(options.get('A')->values[0]); !direction) {
            return direction.error();
        }
    }
    switch (line.command) {
        case 'l':
            return line.category == 'M' ? Action(ListMasquerading{})
                                        : Action(List{chain, options.has('z')});
        case 'z': return Action(Change(Zero{chain}));
        case 'f': return Action(Change(Flush{chain}));
        case 'p': return set_policy(options, line.category);
        case 'c': return check(options, line.category, names, remarks);
        case 's': return set_timeouts(*options.get('s'));
        default: return change_rules(options, line.category, line.command, names, remarks);
    }
}

// -M -l has no lines that -v could make longer.
Presentation presentation(const IpfwadmLine& line) {
    Presentation show;
    show.numeric = line.options.has('n');
    show.verbose = line.options.has('v') && line.category != 'M';
    show.exact = line.options.has('x');
    show.extended = line.options.has('e');
    return show;
}

}  // namespace

Result<Command> parse_ipfwadm(std::span<const std::string> words, const Names& names) {
    const auto line = read_ipfwadm(words);
    if (!line) {
        return line.error();
    }
    const LetteredLine& options = line->options;
    Command command;
    if (line->category == 0) {
        command.action = options.has('h') ? Action(Help{}) : Action(Version{});
        return command;
    }
    Remarks remarks;
    auto action = parse_action(*line, names, remarks);
    if (!action) {
        return action.error();
    }
    command.action = *std::move(action);
    command.show = presentation(*line);
    command.notices = std::move(remarks.notices);
    command.cautions = std::move(remarks.cautions);
    if (const LetteredGiven* state = options.get(option_state)) {
        command.state = std::string(state->values[0].text);
    }
    command.trace = options.has(option_trace);
    command.dry_run = options.has(option_dry_run);
    return command;
}

}  // namespace fw
