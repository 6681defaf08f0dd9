#include "parse/hints.h"

#include <algorithm>
#include <array>

#include "fw/ruleset.h"
#include "model/text.h"

namespace fw {
namespace {

constexpr OptionSet takes_chain_at_once = {Option::list, Option::flush, Option::zero,
                                           Option::delete_chain};

struct Expected {
    Option option;
    std::string_view what;
};

constexpr Expected expected_values[] = {
    {Option::append, "name the chain: -A input"},
    {Option::delete_rule, "name the chain, and the rule by number or as it was added: -D input 1"},
    {Option::replace, "name the chain and the rule's number: -R input 1"},
    {Option::insert, "name the chain: -I input"},
    {Option::check, "name the chain: -C input"},
    {Option::new_chain, "give the new chain a name: -N mychain"},
    {Option::delete_chain, "name the chain; -X alone deletes all that are empty and unused"},
    {Option::policy, "name the chain and its policy: -P input DENY"},
    {Option::set_timeouts, "give three numbers of seconds: -S 7200 10 60"},
    {Option::protocol, "name the protocol: -p tcp"},
    {Option::source, "give an address: -s 10.0.0.0/8"},
    {Option::destination, "give an address: -d 10.0.0.0/8"},
    {Option::source_port, "give a port, a range or an ICMP type: --sport 1024:65535"},
    {Option::destination_port, "give a port or a range: --dport 80"},
    {Option::interface, "name the interface: -i eth0"},
    {Option::jump, "name the target: -j DENY"},
    {Option::mark, "give the mark: -m 1"},
    {Option::tos, "give both masks: -t 01 10"},
    {Option::state, "name the file"},
};

std::string shown(char letter) { return std::string("-") + letter; }

}  // namespace

Error unknown_letter(Word word, char letter) {
    if (letter >= '0' && letter <= '9') {
        return usage_error(word, "no option is a number",
                           "a rule's number follows its chain (-D input 1), a port its address");
    }
    if (letter == '-') {
        return usage_error(word, "a dash among option letters", "long options start with --");
    }
    if (letter == 'c' || letter == 'a' || letter == 'r') {
        return usage_error(word, "no such option",
                           "did you mean " + shown(static_cast<char>(letter - 'a' + 'A')) + "?");
    }
    return usage_error(word, "no such option", "ipchains -h lists the options");
}

Error unknown_long(Word word, NoOption why) {
    if (why == NoOption::ambiguous) {
        return usage_error(word, "several options start like this",
                           "type more of the name: " + long_names_like(word.text.substr(2)));
    }
    if (word.text.starts_with("--to")) {
        return usage_error(word, "no such option",
                           "the port to redirect to follows the target: -j REDIRECT 8080");
    }
    return usage_error(word, "no such option", "ipchains -h lists the options");
}

Error missing_value(Word word, Option option) {
    if (std::string hint = iptables_hint(option, word.text); !hint.empty()) {
        return usage_error(word, "a mask was expected here", std::move(hint));
    }
    const auto* found = std::find_if(std::begin(expected_values), std::end(expected_values),
                                     [&](const Expected& e) { return e.option == option; });
    const std::string remedy =
        found == std::end(expected_values) ? std::string() : std::string(found->what);
    return usage_error(word, "something must follow this", remedy);
}

Error stray_word(Word word, std::optional<Option> before, Word port) {
    if (word.text.starts_with('!')) {
        return usage_error(word, "! must stand apart", "put a space behind the !");
    }
    if (!before) {
        return usage_error(word, "a command must come first",
                           "say what to do, for example -A input; ipchains -h lists the commands");
    }
    if (const std::size_t dash = port.text.find(":-"); dash != std::string_view::npos) {
        const std::string range(port.text.substr(0, dash + 1));
        return usage_error(port, "an option sticks to the range",
                           "put a space between: " + range + " " +
                               std::string(port.text.substr(dash + 1)));
    }
    if (port.given()) {
        return usage_error(word, "one port or range is all that a side can have",
                           "write a rule for each port, or a range such as 80:90");
    }
    if (*before == Option::append || *before == Option::check) {
        return usage_error(word, "nothing but options can follow the chain",
                           "-I, -D and -R take a rule's number, -A and -C do not");
    }
    if (*before == Option::protocol) {
        return usage_error(word, "a port can't follow the protocol",
                           "ports go behind an address (-d 0/0 80) or with --sport and --dport");
    }
    if (takes_chain_at_once.has(*before)) {
        return usage_error(word, "one chain is all that this takes", "give a command for each");
    }
    if (*before == Option::jump) {
        return usage_error(word, "nothing can follow this target", "only REDIRECT takes a port");
    }
    return usage_error(word, "nothing before this takes such a word",
                       "a chain follows its command at once: -L input -v");
}

std::string iptables_hint(Option option, std::string_view word) {
    static constexpr std::array<std::string_view, 5> tables = {"filter", "nat", "mangle", "raw",
                                                               "security"};
    const bool word_like =
        !word.empty() && lower_case(word[0]) >= 'a' && lower_case(word[0]) <= 'z';
    if (option == Option::tos && std::find(tables.begin(), tables.end(), word) != tables.end()) {
        return "-t changes the TOS field; tables are iptables', and ipchains has none";
    }
    if (option == Option::mark && word_like) {
        return "-m marks packets; matches such as -m " + std::string(word) +
               " are iptables', and ipchains has none";
    }
    if (option == Option::output && word_like) {
        return "-o copies packets to programs; an interface is named with -i";
    }
    return "";
}

}  // namespace fw
