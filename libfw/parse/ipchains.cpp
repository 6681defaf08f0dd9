#include "fw/parse.h"

#include <utility>

#include "parse/addresses.h"
#include "parse/fields.h"
#include "parse/numbers.h"
#include "parse/rules.h"
#include "parse/task.h"
#include "parse/typed.h"

namespace fw {
namespace {

Result<Action> rule_change(const Typed& typed, Task task, std::string chain, const Names& names,
                           Remarks& remarks) {
    auto parsed = parse_rules(typed, task, names, remarks);
    if (!parsed) {
        return parsed.error();
    }
    std::vector<Rule> rules = *std::move(parsed);
    if (task == Task::append) {
        return Action(Append{std::move(chain), std::move(rules)});
    }
    if (task == Task::delete_matching) {
        return Action(DeleteMatching{std::move(chain), std::move(rules)});
    }
    const Given& command = *typed.get(task == Task::insert ? Option::insert : Option::replace);
    std::uint32_t position = 1;
    if (command.second.given()) {
        const auto number = parse_position(command);
        if (!number) {
            return number.error();
        }
        position = *number;
    }
    if (task == Task::insert) {
        return Action(Insert{std::move(chain), position, std::move(rules)});
    }
    return Action(Replace{std::move(chain), position, std::move(rules.front())});
}

Result<Action> delete_at(const Typed& typed, std::string chain) {
    const auto position = parse_position(*typed.get(Option::delete_rule));
    if (!position) {
        return position.error();
    }
    return Action(DeleteAt{std::move(chain), *position});
}

Result<Action> new_chain(Word word, std::string chain) {
    if (chain.find_first_of(" \t\n\v\f\r") != std::string::npos) {
        return usage_error(word, "a chain's name can't have spaces in it",
                           "use a - or a _ instead");
    }
    return Action(NewChain{std::move(chain)});
}

Result<Action> set_policy(const Typed& typed, std::string chain) {
    const auto policy = parse_policy(*typed.get(Option::policy));
    if (!policy) {
        return policy.error();
    }
    return Action(SetPolicy{std::move(chain), *policy});
}

Result<Action> set_timeouts(const Given& given) {
    constexpr std::uint32_t most_seconds = 0x7fffffff;
    std::uint32_t seconds[3];
    const Word words[3] = {given.value, given.second, given.third};
    for (int i = 0; i < 3; ++i) {
        const auto number = parse_decimal(words[i].text, most_seconds);
        if (!number) {
            return usage_error(words[i], "not a number of seconds",
                               "-S takes three: for TCP, for TCP after a FIN, and for UDP");
        }
        seconds[i] = *number;
    }
    return Action(SetTimeouts{seconds[0], seconds[1], seconds[2]});
}

Result<Action> check(const Typed& typed, std::string chain, const Names& names, Remarks& remarks) {
    auto rules = parse_rules(typed, Task::check, names, remarks);
    if (!rules) {
        return rules.error();
    }
    auto packets = parse_packets(typed, *rules);
    if (!packets) {
        return packets.error();
    }
    notice_about_network(typed.get(Option::source)->value, rules->front().source, remarks);
    notice_about_network(typed.get(Option::destination)->value, rules->front().destination,
                         remarks);
    return Action(Check{std::move(chain), *std::move(packets), *std::move(rules)});
}

Result<Action> parse_action(const Typed& typed, const Names& names, Remarks& remarks) {
    const auto task = find_task(typed);
    if (!task) {
        return task.error();
    }
    const Word word = chain_word(typed);
    auto name = parse_chain(word);
    if (!name) {
        return name.error();
    }
    std::string chain = *std::move(name);
    const auto if_given = word.given() ? std::optional(chain) : std::nullopt;
    switch (*task) {
        case Task::append:
        case Task::insert:
        case Task::replace:
        case Task::delete_matching:
            return rule_change(typed, *task, std::move(chain), names, remarks);
        case Task::delete_at: return delete_at(typed, std::move(chain));
        case Task::list: return Action(List{if_given, typed.has(Option::zero)});
        case Task::flush: return Action(Flush{if_given});
        case Task::zero: return Action(Zero{if_given});
        case Task::new_chain: return new_chain(word, std::move(chain));
        case Task::delete_chain: return Action(DeleteChain{if_given});
        case Task::set_policy: return set_policy(typed, std::move(chain));
        case Task::list_masquerading: return Action(ListMasquerading{});
        case Task::set_timeouts: return set_timeouts(*typed.get(Option::set_timeouts));
        case Task::check: return check(typed, std::move(chain), names, remarks);
    }
    return usage_error({}, "no command", "");
}

// Rules in forward do nothing while the machine forwards nothing.
void notice_about_forwarding(const Typed& typed, Surroundings surroundings, Remarks& remarks) {
    const bool adds = typed.has(Option::append) || typed.has(Option::insert);
    if (surroundings.forwarding_off && adds && chain_word(typed).text == "forward") {
        remarks.notices.push_back(
            "Warning: this machine does not forward packets; to let it, say "
            "`echo 1 > /proc/sys/net/ipv4/ip_forward`");
    }
}

}  // namespace

Result<Command> parse_ipchains(std::span<const std::string> words, const Names& names,
                               Surroundings surroundings) {
    const auto read = read_words(words);
    if (!read) {
        return read.error();
    }
    const Typed& typed = *read;
    Command command;
    if (const Given* help = typed.get(Option::help)) {
        command.action = Help{help->value.text == "icmp"};
        return command;
    }
    if (typed.has(Option::version)) {
        command.action = Version{};
        return command;
    }
    Remarks remarks;
    auto action = parse_action(typed, names, remarks);
    if (!action) {
        return action.error();
    }
    command.action = *std::move(action);
    command.show = {typed.has(Option::numeric), typed.has(Option::verbose),
                    typed.has(Option::exact), typed.has(Option::line_numbers)};
    command.warnings = !typed.has(Option::no_warnings);
    if (command.warnings) {
        notice_about_forwarding(typed, surroundings, remarks);
        command.notices = std::move(remarks.notices);
        command.cautions = std::move(remarks.cautions);
    }
    if (const Given* state = typed.get(Option::state)) {
        command.state = std::string(state->value.text);
    }
    command.trace = typed.has(Option::trace);
    command.dry_run = typed.has(Option::dry_run);
    return command;
}

}  // namespace fw
