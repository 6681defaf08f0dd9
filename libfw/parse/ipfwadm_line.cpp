#include "parse/ipfwadm_line.h"

#include <utility>

namespace fw {

namespace {

// Categories and commands stand in clusters in any order (-Ia accept, -lI), so that no letter
// behind one of them is its value.
constexpr LetteredOption options[] = {
    {'A', 0, 1, "DIRECTION", "", false},
    {'F', 0, 0, ""},
    {'I', 0, 0, ""},
    {'O', 0, 0, ""},
    {'M', 0, 0, ""},
    {'a', 0, 1, "POLICY", "", false},
    {'i', 0, 1, "POLICY", "", false},
    {'d', 0, 1, "POLICY", "", false},
    {'l', 0, 0, ""},
    {'z', 0, 0, ""},
    {'f', 0, 0, ""},
    {'p', 0, 1, "POLICY", "", false},
    {'c', 0, 0, ""},
    {'s', 3, 3, "TCP TCPFIN UDP with -M; a source address follows -S", "", false},
    {'P', 1, 1, "PROTOCOL"},
    {'S', 1, most_values, "ADDRESS [PORT...]"},
    {'D', 1, most_values, "ADDRESS [PORT...]"},
    {'V', 1, 1, "ADDRESS"},
    {'W', 1, 1, "NAME"},
    {'b', 0, 0, ""},
    {'e', 0, 0, ""},
    {'k', 0, 0, ""},
    {'m', 0, 0, ""},
    {'n', 0, 0, ""},
    {'o', 0, 0, ""},
    {'r', 0, 1, "PORT", "", false},
    {'t', 2, 2, "ANDMASK XORMASK"},
    {'v', 0, 0, ""},
    {'x', 0, 0, ""},
    {'y', 0, 0, ""},
    {option_trace, 0, 0, "", "trace"},
    {option_version, 0, 0, "", "version"},
};

constexpr std::string_view digit =
    "this is a digit: did you mean the letter -O? a port or a number stands apart from its option";
constexpr std::string_view chains =
    "ipfwadm has no chains; its categories are -I (input), -O (output), -F (forward), -A "
    "(accounting) and -M (masqueraded connections)";
constexpr Mistyped mistyped[] = {
    {"-0", "this is the digit zero: did you mean the letter, -O (output) or -o (log)?"},
    {"-1", digit},
    {"-2", digit},
    {"-3", digit},
    {"-4", digit},
    {"-5", digit},
    {"-6", digit},
    {"-7", digit},
    {"-8", digit},
    {"-9", digit},
    {"-j", "the policy follows the command: -a deny"},
    {"-g", chains},
    {"-L", "-l lists, and needs its category: -I -l"},
    {"-N", chains},
    {"-X", chains},
    {"-R", "delete the rule (-d), and add another (-a or -i)"},
    {"-C", "-c checks, and needs its category: -I -c"},
    {"-Z", "-z clears counters, and needs its category: -I -z"},
    {"-u", "a protocol follows -P: -P udp"},
    {"-w", "did you mean -W, the interface's name?"},
    {"-T", "the timeouts of masquerading are set with -M -s, the TOS field with -t"},
    {"--append", "-a adds a rule, and needs its category: -I -a deny"},
    {"--list", "-l lists, and needs its category: -I -l"},
    {"--jump", "the policy follows the command: -a deny"},
    {"--protocol", "say -P tcp"},
    {"--source", "say -S ADDRESS"},
    {"--src", "say -S ADDRESS"},
    {"--destination", "say -D ADDRESS"},
    {"--dst", "say -D ADDRESS"},
    {"--sport", "ports follow their address: -S ADDRESS PORT"},
    {"--source-port", "ports follow their address: -S ADDRESS PORT"},
    {"--dport", "ports follow their address: -D ADDRESS PORT"},
    {"--destination-port", "ports follow their address: -D ADDRESS PORT"},
    {"--icmp-type", "ICMP types are numbers behind the source address: -P icmp -S 0/0 8"},
    {"--syn", "say -y"},
    {"--log", "say -o"},
};

constexpr std::string_view categories = "AFIOM";
constexpr std::string_view commands = "aidlzfpcs";

// Which options go with which commands, as recorded from ipfwadm 2.3.0: -k, -y and what is about
// output only disturb nobody.
constexpr std::string_view listing = "envxky";
constexpr std::string_view rule_options = "PSDVWbkyotmrenvx";
constexpr std::string_view check_options = "PSDVWkyenvx";

struct Form {
    std::string_view commands;
    std::string_view categories;
    std::string_view options;
    bool changes;  // --dry-run has a meaning
};

constexpr Form forms[] = {
    {"a", "AFIO", rule_options, true},  {"i", "AFIO", rule_options, true},
    {"d", "AFIO", rule_options, true},  {"l", "AFIOM", listing, false},
    {"z", "AFIO", listing, true},       {"lz", "AFIOM", listing, false},
    {"f", "AFIO", listing, true},       {"p", "FIO", listing, true},
    {"c", "FIO", check_options, false}, {"s", "M", rule_options, false},
};

// And these with one category only.
struct Bound {
    char option;
    char category;
    std::string_view problem;
};
constexpr Bound bound[] = {
    {'m', 'F', "only forwarded packets can be masqueraded"},
    {'r', 'I', "only arriving packets can be redirected"},
};

std::string shown(char option) { return std::string("-") + option; }

Result<char> find_category(const LetteredLine& line) {
    const auto category = line.only_one_of(
        categories,
        "name the category: -I (input), -O (output), -F (forward), -A (accounting) or "
        "-M (masqueraded connections); `ipfwadm -h` tells more");
    if (!category) {
        return category.error();
    }
    return (*category)->letter;
}

// The commands given, in the order of the table above, and where the last one stands.
struct Commands {
    std::string letters;
    const LetteredGiven* last = nullptr;
};

Commands commands_given(const LetteredLine& line) {
    Commands found;
    for (const char command : commands) {
        if (const LetteredGiven* given = line.get(command)) {
            found.letters += command;
            found.last =
                found.last == nullptr || given->option.position > found.last->option.position
                    ? given
                    : found.last;
        }
    }
    return found;
}

// Two commands, or one and an option of ipchains: what follows tells, if it is no policy.
std::string_view which_command(const LetteredGiven& second) {
    constexpr std::string_view policies = " accept deny reject masquerade";
    const std::string_view value = second.values[0].text;
    if (!value.empty() && policies.find(" " + std::string(value)) == policies.npos) {
        switch (second.letter) {
            case 'p': return "-p sets a policy; did you mean -P, the protocol?";
            case 'd': return "-d deletes a rule; did you mean -D, the destination?";
            case 'i': return "-i puts a rule first; did you mean -W, the interface?";
            default: break;
        }
    }
    return "give one at a time; only -l -z go together";
}

Result<Form> find_form(const LetteredLine& line, char category) {
    const Commands given = commands_given(line);
    if (given.letters.empty()) {
        return usage_error(line.get(category)->option, "no command says what to do with this",
                           category == 'M' ? "-M -l lists masqueraded connections, -M -s sets "
                                             "their timeouts"
                                           : "-a adds a rule, -l lists them; `ipfwadm -h` lists "
                                             "the commands");
    }
    for (const Form& form : forms) {
        if (form.commands != given.letters) {
            continue;
        }
        if (form.categories.find(category) != form.categories.npos) {
            return form;
        }
        return usage_error(given.last->option, "this command does not go with " + shown(category),
                           category == 'M' ? "-M has -l and -s"
                           : form.commands == "s"
                               ? "-s sets timeouts of masquerading: -M -s"
                               : "accounting has no policy, and decides nothing");
    }
    return usage_error(given.last->option, "a second command",
                       std::string(which_command(*given.last)));
}

Error inverted(Word word) {
    return usage_error(word, "ipfwadm inverts nothing",
                       "write a rule before this one for what is to be left out");
}

Status check_words(const LetteredLine& line) {
    for (const LetteredGiven& given : line.given) {
        if (given.values[0].text == "!") {
            return inverted(given.values[0]);
        }
    }
    if (line.plain.empty()) {
        return Done{};
    }
    const Word word = line.plain.front();
    for (const char side : {'S', 'D'}) {
        const LetteredGiven* given = line.get(side);
        if (given != nullptr && given->all().back().position == word.position - 1) {
            return usage_error(word, "more than ten ports in one rule", "write several rules");
        }
    }
    return word.text.starts_with('!') ? inverted(word)
                                      : usage_error(word, "this word belongs to no option",
                                                    "leave it out, or put the option before it");
}

Status check_option(const LetteredGiven& given, char category, const Form& form) {
    const auto is_among = [&](std::string_view letters) {
        return letters.find(given.letter) != letters.npos;
    };
    if (given.letter == option_state || is_among(categories) || is_among(form.commands)) {
        return Done{};
    }
    if (given.letter == option_trace) {
        return form.commands == "c"
                   ? Status(Done{})
                   : usage_error(given.option, "only a check can be traced", "use it with -c");
    }
    if (given.letter == option_dry_run) {
        return form.changes ? Status(Done{})
                            : usage_error(given.option, "nothing would be changed here",
                                          "use it with -a, -i, -d, -f, -z or -p");
    }
    for (const Bound& one : bound) {
        if (given.letter == one.option && category != one.category) {
            return usage_error(given.option, std::string(one.problem),
                               shown(one.option) + " goes with " + shown(one.category));
        }
    }
    if (!is_among(form.options)) {
        return usage_error(given.option,
                           shown(given.letter) + " does not go with " + shown(form.commands[0]),
                           "`ipfwadm -h` tells which options go with which command");
    }
    return Done{};
}

}  // namespace

Result<IpfwadmLine> read_ipfwadm(std::span<const std::string> words) {
    auto read = read_lettered(words, options, "ipfwadm", 0, mistyped);
    if (!read) {
        return read.error();
    }
    IpfwadmLine line{*std::move(read)};
    if (line.options.has('h') || line.options.has(option_version)) {
        return line;
    }
    if (Status status = check_words(line.options); !status) {
        return status.error();
    }
    const auto category = find_category(line.options);
    if (!category) {
        return category.error();
    }
    const auto form = find_form(line.options, *category);
    if (!form) {
        return form.error();
    }
    for (const LetteredGiven& given : line.options.given) {
        if (Status status = check_option(given, *category, *form); !status) {
            return status.error();
        }
    }
    line.category = *category;
    line.command = form->commands[0];
    return line;
}

}  // namespace fw
