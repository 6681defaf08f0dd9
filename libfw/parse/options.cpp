#include "parse/options.h"

#include <optional>

namespace fw {
namespace {

struct Letter {
    char letter;
    Option option;
    Takes takes;
};

constexpr Letter letters[] = {
    {'A', Option::append, Takes::value},       {'D', Option::delete_rule, Takes::value},
    {'R', Option::replace, Takes::value},      {'I', Option::insert, Takes::value},
    {'L', Option::list, Takes::may_value},     {'F', Option::flush, Takes::may_value},
    {'Z', Option::zero, Takes::may_value},     {'C', Option::check, Takes::value},
    {'N', Option::new_chain, Takes::value},    {'X', Option::delete_chain, Takes::may_value},
    {'P', Option::policy, Takes::value},       {'M', Option::masquerading, Takes::nothing},
    {'S', Option::set_timeouts, Takes::value}, {'h', Option::help, Takes::may_value},
    {'V', Option::version, Takes::nothing},    {'b', Option::bidirectional, Takes::nothing},
    {'p', Option::protocol, Takes::value},     {'s', Option::source, Takes::value},
    {'d', Option::destination, Takes::value},  {'i', Option::interface, Takes::value},
    {'j', Option::jump, Takes::value},         {'m', Option::mark, Takes::value},
    {'n', Option::numeric, Takes::nothing},    {'l', Option::log, Takes::nothing},
    {'o', Option::output, Takes::may_value},   {'t', Option::tos, Takes::value},
    {'v', Option::verbose, Takes::nothing},    {'x', Option::exact, Takes::nothing},
    {'f', Option::fragments, Takes::nothing},  {'y', Option::syn, Takes::nothing},
};

struct LongName {
    std::string_view name;
    Option option;
    Takes takes;
};

// --delete-chain wants its chain, though -X does not: so it was.
constexpr LongName long_names[] = {
    {"append", Option::append, Takes::value},
    {"delete", Option::delete_rule, Takes::value},
    {"replace", Option::replace, Takes::value},
    {"insert", Option::insert, Takes::value},
    {"list", Option::list, Takes::may_value},
    {"flush", Option::flush, Takes::may_value},
    {"zero", Option::zero, Takes::may_value},
    {"check", Option::check, Takes::value},
    {"new-chain", Option::new_chain, Takes::value},
    {"delete-chain", Option::delete_chain, Takes::value},
    {"policy", Option::policy, Takes::value},
    {"masquerading", Option::masquerading, Takes::nothing},
    {"set", Option::set_timeouts, Takes::value},
    {"help", Option::help, Takes::may_value},
    {"version", Option::version, Takes::nothing},
    {"bidirectional", Option::bidirectional, Takes::nothing},
    {"protocol", Option::protocol, Takes::value},
    {"source", Option::source, Takes::value},
    {"src", Option::source, Takes::value},
    {"source-port", Option::source_port, Takes::value},
    {"sport", Option::source_port, Takes::value},
    {"icmp-type", Option::source_port, Takes::value},
    {"destination", Option::destination, Takes::value},
    {"dst", Option::destination, Takes::value},
    {"destination-port", Option::destination_port, Takes::value},
    {"dport", Option::destination_port, Takes::value},
    {"interface", Option::interface, Takes::value},
    {"jump", Option::jump, Takes::value},
    {"mark", Option::mark, Takes::value},
    {"numeric", Option::numeric, Takes::nothing},
    {"log", Option::log, Takes::nothing},
    {"output", Option::output, Takes::may_value},
    {"TOS", Option::tos, Takes::value},
    {"verbose", Option::verbose, Takes::nothing},
    {"exact", Option::exact, Takes::nothing},
    {"fragments", Option::fragments, Takes::nothing},
    {"syn", Option::syn, Takes::nothing},
    {"line-numbers", Option::line_numbers, Takes::nothing},
    {"no-warnings", Option::no_warnings, Takes::nothing},
};

constexpr LongName our_names[] = {
    {"state", Option::state, Takes::value},
    {"trace", Option::trace, Takes::nothing},
    {"dry-run", Option::dry_run, Takes::nothing},
};

template <std::size_t N>
std::optional<OptionForm> exactly(const LongName (&names)[N], std::string_view name) {
    for (const LongName& candidate : names) {
        if (candidate.name == name) {
            return OptionForm{candidate.option, candidate.takes};
        }
    }
    return std::nullopt;
}

}  // namespace

std::variant<OptionForm, NoOption> find_letter(char letter) {
    for (const Letter& candidate : letters) {
        if (candidate.letter == letter) {
            return OptionForm{candidate.option, candidate.takes};
        }
    }
    return NoOption::unknown;
}

std::variant<OptionForm, NoOption> find_long(std::string_view name) {
    if (const auto form = exactly(long_names, name)) {
        return *form;
    }
    if (const auto form = exactly(our_names, name)) {
        return *form;
    }
    std::optional<OptionForm> found;
    for (const LongName& candidate : long_names) {
        if (!candidate.name.starts_with(name)) {
            continue;
        }
        if (found && (found->option != candidate.option || found->takes != candidate.takes)) {
            return NoOption::ambiguous;
        }
        found = OptionForm{candidate.option, candidate.takes};
    }
    if (found) {
        return *found;
    }
    return NoOption::unknown;
}

std::string long_names_like(std::string_view prefix) {
    std::string list;
    for (const LongName& candidate : long_names) {
        if (candidate.name.starts_with(prefix)) {
            list += (list.empty() ? "--" : ", --") + std::string(candidate.name);
        }
    }
    return list;
}

}  // namespace fw
