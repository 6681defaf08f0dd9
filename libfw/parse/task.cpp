#include "parse/task.h"

#include <algorithm>
#include <optional>

namespace fw {
namespace {

constexpr Option commands[] = {
    Option::append,       Option::delete_rule,  Option::replace, Option::insert,
    Option::list,         Option::flush,        Option::zero,    Option::check,
    Option::new_chain,    Option::delete_chain, Option::policy,  Option::masquerading,
    Option::set_timeouts,
};

// With -s and -d may come ports; the ports are options of their own here.
constexpr OptionSet addresses = {Option::source, Option::source_port, Option::destination,
                                 Option::destination_port};
constexpr OptionSet packet_options =
    addresses.with({Option::protocol, Option::interface, Option::fragments, Option::syn});
constexpr OptionSet rule_options = packet_options.with(
    {Option::jump, Option::mark, Option::log, Option::output, Option::tos, Option::verbose});
constexpr OptionSet list_options = {Option::numeric, Option::verbose, Option::exact,
                                    Option::line_numbers};

struct Form {
    Task task;
    OptionSet commands;
    OptionSet options;
    bool changes;  // --dry-run has a meaning
};

// -D stands twice: with a number there is nothing more to say about the rule.
constexpr Form forms[] = {
    {Task::append, {Option::append}, rule_options.with({Option::bidirectional}), true},
    {Task::insert, {Option::insert}, rule_options.with({Option::bidirectional}), true},
    {Task::replace, {Option::replace}, rule_options, true},
    {Task::delete_at, {Option::delete_rule}, {Option::verbose}, true},
    {Task::delete_matching,
     {Option::delete_rule},
     rule_options.with({Option::bidirectional}),
     true},
    {Task::list, {Option::list}, list_options, false},
    {Task::list, {Option::list, Option::zero}, list_options, false},
    {Task::flush, {Option::flush}, {Option::verbose}, true},
    {Task::zero, {Option::zero}, {Option::verbose}, true},
    {Task::new_chain, {Option::new_chain}, {Option::verbose}, true},
    {Task::delete_chain, {Option::delete_chain}, {Option::verbose}, true},
    {Task::set_policy, {Option::policy}, {Option::verbose}, true},
    {Task::list_masquerading, {Option::masquerading, Option::list}, list_options, false},
    {Task::set_timeouts, {Option::set_timeouts}, {Option::verbose}, false},
    {Task::set_timeouts, {Option::masquerading, Option::set_timeouts}, {Option::verbose}, false},
    {Task::check,
     {Option::check},
     packet_options.with({Option::bidirectional, Option::verbose, Option::trace}),
     false},
};

OptionSet commands_given(const Typed& typed) {
    OptionSet given;
    for (const Option command : commands) {
        given = typed.has(command) ? given.with({command}) : given;
    }
    return given;
}

Error no_command(const Typed& typed) {
    for (const auto& given : typed.options) {
        if (given) {
            return usage_error(given->option, "no command says what to do with this",
                               "-A adds a rule, -L lists; ipchains -h lists the commands");
        }
    }
    return usage_error({}, "no command", "-A adds a rule, -L lists; ipchains -h tells more");
}

Error no_such_pair(const Typed& typed) {
    const Given* last = nullptr;
    for (const Option command : commands) {
        const Given* given = typed.get(command);
        if (given != nullptr &&
            (last == nullptr || given->option.position > last->option.position)) {
            last = given;
        }
    }
    if (last == nullptr) {
        return no_command(typed);
    }
    if (commands_given(typed) == OptionSet{Option::masquerading}) {
        return usage_error(last->option, "-M alone asks for nothing",
                           "-M -L lists masqueraded connections, -M -S sets their timeouts");
    }
    return usage_error(last->option, "a second command that can't go with the first",
                       "give one command at a time; only -L -Z, -M -L and -M -S go together");
}

Result<Form> find_form(const Typed& typed) {
    const OptionSet given = commands_given(typed);
    const Given* deletion = typed.get(Option::delete_rule);
    const bool by_rule = deletion != nullptr && !deletion->second.given();
    for (const Form& form : forms) {
        if (form.commands == given && !(form.task == Task::delete_at && by_rule)) {
            return form;
        }
    }
    return no_such_pair(typed);
}

Error misplaced(Word option, const Typed& typed, const Form& form) {
    if (typed.has(Option::trace) && option.position == typed.get(Option::trace)->option.position) {
        return usage_error(option, "only a check can be traced", "use it with -C");
    }
    if (form.task == Task::delete_at) {
        return usage_error(option, "a rule is deleted by number or by what it says, not by both",
                           "leave out the number, or everything but the number");
    }
    if (form.task == Task::replace) {
        return usage_error(option, "one rule can be replaced by one rule only",
                           "leave out -b, and add the way back with -I");
    }
    return usage_error(option, "this does not go with the command",
                       "ipchains -h tells which options go with which command");
}

}  // namespace

Result<Task> find_task(const Typed& typed) {
    const auto form = find_form(typed);
    if (!form) {
        return form.error();
    }
    OptionSet allowed =
        form->options.with(form->commands).with({Option::no_warnings, Option::state});
    allowed = form->changes ? allowed.with({Option::dry_run}) : allowed;
    for (std::size_t i = 0; i < option_count; ++i) {
        if (typed.options[i] && !allowed.has(static_cast<Option>(i))) {
            return misplaced(typed.options[i]->option, typed, *form);
        }
    }
    const bool both = typed.has(Option::list) && typed.has(Option::zero);
    const Word chain = chain_word(typed);
    if (both && chain.given()) {
        return usage_error(chain, "-L -Z together are for all chains",
                           "list the chain, then clear it: -L chain; -Z chain");
    }
    return form->task;
}

Word chain_word(const Typed& typed) {
    for (const Option command : commands) {
        const Given* given = typed.get(command);
        if (given != nullptr && command != Option::set_timeouts && given->value.given()) {
            return given->value;
        }
    }
    return {};
}

}  // namespace fw
