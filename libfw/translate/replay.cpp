#include "translate/replay.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <variant>

#include "fw/masquerading_tools.h"
#include "fw/parse.h"
#include "model/apply.h"
#include "model/chain_index.h"
#include "model/jumps.h"
#include "translate/named.h"

namespace fw::translate {

namespace {

// Rules that were there before other rules come in with line numbers of their own.
constexpr std::uint32_t known_line = 0x80000000;

Error unknown_program(const std::string& program) {
    return {Code::unsupported, program, -1, "its commands are not understood yet",
            "leave it out, or write the rules for ipchains"};
}

std::string_view last_part(std::string_view path) { return path.substr(path.rfind('/') + 1); }

void set_lines(Change& change, Line line) {
    const auto set = [line](std::vector<Rule>& rules) {
        for (Rule& rule : rules) {
            rule.line = line;
        }
    };
    if (auto* append = std::get_if<Append>(&change)) {
        set(append->rules);
    } else if (auto* insert = std::get_if<Insert>(&change)) {
        set(insert->rules);
    } else if (auto* replace = std::get_if<Replace>(&change)) {
        replace->rule.line = line;
    }
}

Error two_firewalls() {
    return {
        Code::unsupported, "ipfwadm", -1,
        "rules of ipfwadm beside rules of ipchains: packets meet both, each in a table of its own",
        "translate the commands of each apart"};
}

// No interface that is known here has the address of -V, and none is named.
bool is_of_no_interface(const Rule& rule) {
    const InterfaceMatch& match = rule.interface;
    return match.address && match.device.empty() && match.name.empty();
}

bool stops_packets(const Rule& rule) {
    return std::holds_alternative<Deny>(rule.target) || std::holds_alternative<Reject>(rule.target);
}

// A rule that is there to stop something, and that nothing meets.
bool stops_nothing(const Change& change) {
    const auto idle = [](const std::vector<Rule>& rules) {
        return std::any_of(rules.begin(), rules.end(), [](const Rule& rule) {
            return is_of_no_interface(rule) && stops_packets(rule);
        });
    };
    const auto* append = std::get_if<Append>(&change);
    const auto* insert = std::get_if<Insert>(&change);
    return (append != nullptr && idle(append->rules)) || (insert != nullptr && idle(insert->rules));
}

// `careful`: each change is looked at for loops of jumps by itself, which takes time for each that
// grows with the number of rules.
class Replay {
public:
    Replay(std::span<const ScriptCommand> commands, const Names& names, bool careful)
        : commands_(commands),
          names_(names),
          careful_(careful),
          chains_(result_.ruleset),
          chains_of_ipfwadm_(ipfwadm_) {
        result_.ruleset = Ruleset::empty();
        chains_.rebuild();
        for (const ScriptCommand& command : commands) {
            SourceLine source = command.source;
            find_named(command.words, source);
            result_.sources.push_back(std::move(source));
        }
    }

    Replayed run() {
        for (const ScriptCommand& command : commands_) {
            ++line_;
            carry_out(command);
        }
        choose_dialect();
        return std::move(result_);
    }

private:
    // Forwards go with either; they were carried out on the first.
    void choose_dialect() {
        Ruleset& ipchains = result_.ruleset;
        std::vector<ForwardEntry> forwards = std::exchange(ipchains.forwards, {});
        const bool has_ipfwadm = ipfwadm_ != Ruleset::empty(Dialect::ipfwadm);
        const bool has_ipchains = ipchains != Ruleset::empty();
        if (has_ipfwadm && has_ipchains) {
            line_ = last_of_ipfwadm_;
            fail(two_firewalls());
        }
        const bool only_ipfwadm = last_of_ipfwadm_ != 0 && !of_ipchains_;
        if (!has_ipchains && (has_ipfwadm || only_ipfwadm)) {
            ipchains = std::move(ipfwadm_);
        }
        result_.ruleset.forwards = std::move(forwards);
    }

    void carry_out(const ScriptCommand& command) {
        const std::string_view program = last_part(command.program);
        if (program == "ipchains") {
            of_ipchains_ = true;
            carry_out(parse_ipchains(command.words, names_), chains_);
        } else if (program == "ipfwadm" || program == "ipfwadm-wrapper") {
            last_of_ipfwadm_ = line_;
            carry_out(parse_ipfwadm(command.words, names_), chains_of_ipfwadm_);
        } else if (program == "ipchains-restore") {
            restore_saved(command);
        } else if (program == "ipmasqadm") {
            masquerading(parse_ipmasqadm(command.words, names_));
        } else if (program == "ipportfw") {
            masquerading(parse_ipportfw(command.words, names_));
        } else if (program == "ipautofw") {
            masquerading(parse_ipautofw(command.words, names_));
        } else if (program == "ipfwd") {
            masquerading(parse_ipfwd(command.words, names_));
        } else if (program == "insmod" || program == "modprobe") {
            load_modules(command.words);
        } else if (program == "rmmod") {
            remove_modules(command.words);
        } else if (program != "ipchains-save" && program != "ipfwadm-save" && program != "lsmod" &&
                   program != "depmod") {
            fail(unknown_program(command.program));
        }
    }

    void fail(Error error) { result_.errors.push_back({line_, std::move(error)}); }
    void caution(const std::string& word, const std::string& text) {
        result_.cautions.push_back({line_, {Code::usage, word, -1, text, ""}});
    }

    void apply_change(Change change, ChainIndex& chains) {
        set_lines(change, {line_});
        const Result<Outcome> outcome =
            careful_ ? fw::apply(chains.ruleset(), change) : apply_unchecked(chains, change);
        if (careful_) {
            chains.rebuild();
        }
        if (!outcome) {
            fail(outcome.error());
        } else if (outcome->complaint) {
            fail(*outcome->complaint);
        }
    }

    void carry_out(Result<Command> command, ChainIndex& chains) {
        if (!command) {
            fail(command.error());
            return;
        }
        auto* change = std::get_if<Change>(&command->action);
        if (change != nullptr && stops_nothing(*change)) {
            fail({Code::unresolved, "-V", -1,
                  "no interface known here has the address, and the rule would stop nothing",
                  "say which has it, --with NAME=ADDRESS/BITS, or name it with -W"});
            return;
        }
        for (const std::string& text : command->notices) {
            caution("", text);
        }
        for (const std::string& text : command->cautions) {
            caution("", text);
        }
        if (change != nullptr && !command->dry_run) {
            apply_change(std::move(*change), chains);
        }
    }

    void masquerading(Result<MasqueradingCommand> command) {
        if (!command) {
            fail(command.error());
            return;
        }
        auto* change = std::get_if<Change>(&command->action);
        if (change != nullptr && !command->dry_run) {
            apply_change(std::move(*change), chains_);
        }
    }

    // --- Modules ---

    static bool is_option(const std::string& word) { return word.size() > 1 && word[0] == '-'; }

    void load_modules(const std::vector<std::string>& words) {
        const auto removes = [](const std::string& word) {
            return word == "--remove" ||
                   (is_option(word) && word[1] != '-' && word.find('r') != std::string::npos);
        };
        if (std::any_of(words.begin(), words.end(), removes)) {
            remove_modules(words);
            return;
        }
        const auto module = std::find_if_not(words.begin(), words.end(), is_option);
        if (module == words.end() || !is_masquerading_module(*module)) {
            return;
        }
        const std::vector<std::string> parameters(module + 1, words.end());
        carry_out_module(load_masquerading_module(*module, parameters), *module, true);
    }

    void remove_modules(const std::vector<std::string>& words) {
        for (const std::string& word : words) {
            if (!is_option(word) && is_masquerading_module(word)) {
                carry_out_module(remove_masquerading_module(word), word, false);
            }
        }
    }

    // One that is loaded is left as it was, unless its ports are given.
    void carry_out_module(Result<ModuleRequest> request, const std::string& module, bool loads) {
        if (!request) {
            fail(request.error());
            return;
        }
        for (const std::string& text : request->cautions) {
            caution(module, text);
        }
        const std::vector<std::string> loaded = loaded_masquerading_modules(result_.ruleset);
        const bool is_loaded =
            std::find(loaded.begin(), loaded.end(), request->name) != loaded.end();
        if (request->change && !(loads && is_loaded && !request->names_ports)) {
            apply_change(std::move(*request->change), chains_);
        }
    }

    // --- Saved rules ---

    void restore_saved(const ScriptCommand& command) {
        of_ipchains_ = true;
        RestoreOptions options;
        for (const std::string& word : command.words) {
            options.flush = options.flush || word == "-f";
            options.make_chains = options.make_chains || word == "-p";
        }
        const auto first = static_cast<std::uint32_t>(result_.sources.size());
        add_sources(command);
        each_rule([](Rule& rule) { rule.line.number |= known_line; });
        const Restored restored = restore(result_.ruleset, command.input, options, names_, nullptr);
        each_rule([first](Rule& rule) {
            const std::uint32_t line = rule.line.number;
            rule.line.number = (line & known_line) != 0 ? line & ~known_line
                               : line == 0              ? 0
                                                        : first + line;
        });
        chains_.rebuild();
        for (const LineError& error : restored.errors) {
            result_.errors.push_back({first + error.line, error.error});
        }
    }

    void add_sources(const ScriptCommand& command) {
        std::string_view rest = command.input;
        const auto lines = std::count(rest.begin(), rest.end(), '\n') + 1;
        result_.sources.reserve(result_.sources.size() + static_cast<std::size_t>(lines));
        for (std::uint32_t number = 1; !rest.empty(); ++number) {
            const std::size_t end = rest.find('\n');
            std::string_view text = rest.substr(0, end);
            rest.remove_prefix(end == rest.npos ? rest.size() : end + 1);
            while (text.ends_with('\r') || text.ends_with(' ')) {
                text.remove_suffix(1);
            }
            SourceLine source;
            source.text = text;
            source.file = command.source.file;
            source.line = command.source.line + number;
            find_named(text, source);
            result_.sources.push_back(std::move(source));
        }
    }

    template <typename Act>
    void each_rule(Act act) {
        for (Chain& chain : result_.ruleset.chains) {
            std::for_each(chain.rules.begin(), chain.rules.end(), act);
        }
    }

    std::span<const ScriptCommand> commands_;
    const Names& names_;
    bool careful_;
    Replayed result_;
    ChainIndex chains_;
    Ruleset ipfwadm_ = Ruleset::empty(Dialect::ipfwadm);
    ChainIndex chains_of_ipfwadm_;
    bool of_ipchains_ = false;           // it was called
    std::uint32_t last_of_ipfwadm_ = 0;  // the line of its last command
    std::uint32_t line_ = 0;
};

}  // namespace

// A loop of jumps is rare enough to look for it once in the end, and again for its line.
Replayed replay(std::span<const ScriptCommand> commands, const Names& names) {
    Replayed quick = Replay(commands, names, false).run();
    return check_jumps(quick.ruleset) ? std::move(quick) : Replay(commands, names, true).run();
}

}  // namespace fw::translate
