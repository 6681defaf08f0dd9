// What `ipchains-restore` does: the lines of a file, one after the other, on a copy of the ruleset.
#include <algorithm>
#include <charconv>
#include <set>
#include <span>
#include <utility>

#include "fw/evaluate.h"
#include "fw/parse.h"
#include "fw/print.h"
#include "fw/saved.h"
#include "model/apply.h"
#include "model/jumps.h"
#include "saved/lines.h"

namespace fw {
namespace {

using saved::TextLine;

Error wrong(std::string word, std::string problem, std::string remedy) {
    return {Code::usage, std::move(word), -1, std::move(problem), std::move(remedy)};
}

// "# [12:3456]": packets and bytes.
std::optional<Counters> counters_in(std::string_view comment) {
    constexpr std::string_view start = "# [";
    if (!comment.starts_with(start)) {
        return std::nullopt;
    }
    Counters counters;
    const char* end = comment.data() + comment.size();
    const auto packets = std::from_chars(comment.data() + start.size(), end, counters.packets);
    if (packets.ec != std::errc() || packets.ptr == end || *packets.ptr != ':') {
        return std::nullopt;
    }
    const auto bytes = std::from_chars(packets.ptr + 1, end, counters.bytes);
    if (bytes.ec != std::errc() || bytes.ptr == end || *bytes.ptr != ']') {
        return std::nullopt;
    }
    return counters;
}

// What setsockopt took for a policy in Linux 2.2, where someone wrote that.
std::string policy_word(const std::string& word) {
    constexpr std::pair<std::string_view, std::string_view> numbers[] = {{"1", "DENY"},
                                                                         {"2", "ACCEPT"},
                                                                         {"-1", "REJECT"},
                                                                         {"4", "MASQ"}};
    for (const auto& [number, name] : numbers) {
        if (word == number) {
            return std::string(name);
        }
    }
    return word;
}

// The chain that a change is about, if it is about one.
const std::string* chain_of(const Change& change) {
    const auto name = [](const auto& what) -> const std::string* {
        if constexpr (requires { what.chain.c_str(); }) {
            return &what.chain;
        } else if constexpr (requires { what.chain->c_str(); }) {
            return what.chain ? &*what.chain : nullptr;
        } else {
            return nullptr;
        }
    };
    return std::visit(name, change);
}

// The rules that a change brings.
std::span<Rule> rules_of(Change& change) {
    if (auto* append = std::get_if<Append>(&change)) {
        return append->rules;
    }
    if (auto* insert = std::get_if<Insert>(&change)) {
        return insert->rules;
    }
    if (auto* replace = std::get_if<Replace>(&change)) {
        return {&replace->rule, 1};
    }
    return {};
}

class Restorer {
public:
    Restorer(Ruleset& copy, const RestoreOptions& options, const Names& names, AskToFlush* ask)
        : chains_(copy), options_(options), names_(names), ask_(ask) {}

    Restored run(std::string_view text) {
        saved::Lines lines(text);
        TextLine line;
        while (lines.next(line)) {
            if (Status status = carry_out(line); !status) {
                result_.errors.push_back({line.number, status.error()});
            }
            take_counters(line.comment);
        }
        if (new_jumps_) {
            check_loops(line.number);
        }
        return std::move(result_);
    }

private:
    Status carry_out(const TextLine& line) {
        if (line.words.empty()) {
            return Done{};
        }
        counted_ = nullptr;
        if (line.text.find('\0') != std::string_view::npos) {
            return wrong("", "there is a zero byte in this line", "this is no file of rules");
        }
        if (line.words.front() == ":") {
            return chain_line(line);
        }
        if (!line.words.front().starts_with('-') && line.words.front() != "!") {
            return not_a_command(line.words.front());
        }
        Result<Command> command = parse_ipchains(line.words, names_);
        if (!command) {
            return command.error();
        }
        return command_line(*command, line.number);
    }

    static Error not_a_command(const std::string& word) {
        if (word.starts_with('*') || word == "COMMIT") {
            return wrong(word, "this is a line of iptables-save", "iptables-restore reads those");
        }
        if (word == "ipchains" || word.ends_with("/ipchains")) {
            return wrong(word, "the name of a program, which a file of rules leaves out",
                         "begin the line with the command, or run the file as a script: sh FILE");
        }
        return wrong(word, "no line of saved rules begins like this",
                     "they begin with -, with : and a chain, or with # for a comment");
    }

    // :chain, or :chain POLICY
    Status chain_line(const TextLine& line) {
        if (line.words.size() < 2) {
            return wrong(":", "no chain is named", "write `:input ACCEPT`, or `:chain -`");
        }
        if (line.words.size() > 3) {
            return wrong(line.words[3], "one word too many", "write `:chain POLICY` and no more");
        }
        const std::string& name = line.words[1];
        const std::string policy = line.words.size() == 3 ? policy_word(line.words[2]) : "-";
        const Chain* chain = chains_.find(name);
        if (policy != "-") {
            return set_policy(name, policy);
        }
        if (chain != nullptr && chain->built_in()) {
            return Done{};
        }
        return chain == nullptr ? make_chain(name) : renew_chain(name);
    }

    Status set_policy(const std::string& name, const std::string& policy) {
        const std::vector<std::string> words = {"-P", name, policy};
        if (Status status = change(words); !status) {
            // Lines about it are not wrong, too.
            if (chains_.find(name) == nullptr) {
                (void)change(std::vector<std::string>{"-N", name});
            }
            return status;
        }
        counted_ = &chains_.find(name)->policy_counters;
        if (options_.verbose) {
            result_.out += "Setting policy for `" + name + "'.\n";
        }
        return Done{};
    }

    Status make_chain(const std::string& name) {
        const std::vector<std::string> words = {"-N", name};
        if (Status status = change(words); !status) {
            return status;
        }
        result_.out += "Creating chain `" + name + "'.\n";
        return Done{};
    }

    Status renew_chain(const std::string& name) {
        if (options_.flush || may_flush(name)) {
            skipped_.erase(name);
            return apply_change(Flush{name});
        }
        skipped_.insert(name);
        return Done{};
    }

    bool may_flush(const std::string& name) {
        if (ask_ != nullptr) {
            return ask_->flush(name);
        }
        result_.out += "Chain `" + name + "' already exists. Skip or flush? [S/f]? ";
        result_.err += name + ": this chain exists, and there is nobody to ask: its lines are " +
                       "skipped; -f empties it\n";
        return false;
    }

    Status change(std::span<const std::string> words) {
        const Result<Command> command = parse_ipchains(words, names_);
        return command ? apply_change(std::get<Change>(command->action)) : command.error();
    }

    // Any other line: a command line of ipchains.
    Status command_line(Command& command, std::uint32_t number) {
        for (const std::string& notice : command.notices) {
            result_.out += notice + '\n';
        }
        for (const std::string& caution : command.cautions) {
            result_.err += "line " + std::to_string(number) + ": " + caution + '\n';
        }
        if (command.state || command.dry_run) {
            return wrong(command.state ? "--state" : "--dry-run", "not for a single line",
                         "say it on the command line of the program that reads the file");
        }
        if (auto* change = std::get_if<Change>(&command.action)) {
            return change_line(*change, command.show.verbose, number);
        }
        if (const auto* list = std::get_if<List>(&command.action)) {
            return show(*list, command.show);
        }
        if (const auto* check = std::get_if<Check>(&command.action)) {
            return answer(*check, command);
        }
        return wrong("", "this command is not about rules", "give it to ipchains by itself");
    }

    Status change_line(Change& change, bool verbose, std::uint32_t number) {
        const std::string* name = chain_of(change);
        if (name != nullptr && skipped_.count(*name) != 0) {
            return Done{};
        }
        const std::span<Rule> rules = rules_of(change);
        for (Rule& rule : rules) {
            rule.line = {number};
            prepare_target(rule);
        }
        if (verbose) {
            result_.out += print_change(chains_.ruleset(), change, names_);
        }
        if (options_.verbose && !rules.empty()) {
            result_.err += print_change(chains_.ruleset(), change, names_);
        }
        if (Status status = apply_change(change); !status) {
            return status;
        }
        if (std::holds_alternative<Append>(change) && rules.size() == 1) {
            counted_ = &chains_.find(*name)->rules.back().counters;
        }
        return Done{};
    }

    // -p makes a chain to jump to.
    void prepare_target(const Rule& rule) {
        const auto* jump = std::get_if<Jump>(&rule.target);
        if (jump == nullptr) {
            return;
        }
        new_jumps_ = true;
        if (options_.make_chains && chains_.find(jump->chain) == nullptr &&
            change(std::vector<std::string>{"-N", jump->chain})) {
            result_.out += "Auto-creating chain " + jump->chain + '\n';
        }
    }

    Status apply_change(const Change& change) {
        const Result<Outcome> outcome = apply_unchecked(chains_, change);
        if (!outcome) {
            return outcome.error();
        }
        return outcome->complaint ? Status(*outcome->complaint) : Status(Done{});
    }

    Status show(const List& list, const Presentation& how) {
        const Ruleset& ruleset = chains_.ruleset();
        if (list.chain && chains_.find(*list.chain) == nullptr) {
            return no_such_chain(*list.chain);
        }
        result_.out += print_listing(ruleset, list, how, names_);
        return list.zero ? apply_change(Zero{}) : Status(Done{});
    }

    Status answer(const Check& check, const Command& command) {
        if (chains_.find(check.chain) == nullptr) {
            return no_such_chain(check.chain);
        }
        const Tracing tracing = command.trace ? Tracing::on : Tracing::off;
        for (std::size_t i = 0; i < check.packets.size(); ++i) {
            const Ruleset& ruleset = chains_.ruleset();
            const Decision decision = evaluate(ruleset, check.chain, check.packets[i], tracing);
            result_.out += command.show.verbose ? print_rule(check.rules[i], names_) : "";
            result_.out += command.trace ? print_trace(ruleset, decision, names_) : "";
            result_.out += print_answer(decision);
        }
        return Done{};
    }

    void take_counters(std::string_view comment) {
        if (!options_.counters || counted_ == nullptr || comment.empty()) {
            return;
        }
        if (const std::optional<Counters> counters = counters_in(comment)) {
            *counted_ = *counters;
            counted_ = nullptr;
        }
    }

    // If the jumps lead in a circle: the first line without which they would not.
    void check_loops(std::uint32_t last) {
        const Status status = check_jumps(chains_.ruleset());
        if (status) {
            return;
        }
        std::uint32_t good = 0;
        std::uint32_t bad = last;
        while (bad - good > 1) {
            const std::uint32_t middle = good + (bad - good) / 2;
            (check_jumps(chains_.ruleset(), middle) ? good : bad) = middle;
        }
        const auto behind = std::find_if(result_.errors.begin(), result_.errors.end(),
                                         [&](const LineError& error) { return error.line > bad; });
        result_.errors.insert(behind, {bad, check_jumps(chains_.ruleset(), bad).error()});
    }

    ChainIndex chains_;
    const RestoreOptions& options_;
    const Names& names_;
    AskToFlush* ask_;

    Restored result_;
    std::set<std::string> skipped_;  // chains that were there, and are to be left alone
    Counters* counted_ = nullptr;    // what a comment with counters would be about
    bool new_jumps_ = false;
};

}  // namespace

Restored restore(Ruleset& ruleset, std::string_view text, const RestoreOptions& options,
                 const Names& names, AskToFlush* ask) {
    Ruleset copy = ruleset;
    Restored restored = Restorer(copy, options, names, ask).run(text);
    if (restored.errors.empty()) {
        ruleset = std::move(copy);
    }
    return restored;
}

}  // namespace fw
