#include "firewall.h"

#include "fw/command.h"
#include "fw/evaluate.h"
#include "fw/parse.h"
#include "fw/print.h"
#include "packet_options.h"

namespace firewall {
namespace {

using namespace fw;

struct Looping {
    Ruleset& ruleset;

    void operator()(const Append& append) const {
        Chain& chain = *ruleset.find(append.chain);
        chain.rules.insert(chain.rules.end(), append.rules.begin(), append.rules.end());
    }
    void operator()(const Insert& insert) const {
        Chain& chain = *ruleset.find(insert.chain);
        for (const Rule& rule : insert.rules) {
            chain.rules.insert(chain.rules.begin() + insert.position - 1, rule);
        }
    }
    void operator()(const Replace& replace) const {
        Rule& rule = ruleset.find(replace.chain)->rules[replace.position - 1];
        const Counters counters = rule.counters;
        rule = replace.rule;
        rule.counters = counters;
    }
    template <typename Other>
    void operator()(const Other&) const {}
};

struct Runner {
    Ruleset& ruleset;
    const Command& command;
    const Names& names;
    Run run;

    int refused() const { return ruleset.dialect == Dialect::ipfwadm ? 255 : 1; }

    void refuse(const Error& error) {
        run.exit = refused();
        run.problem = error.word + ": " + error.problem;
    }

    void change(const Change& change) {
        const Result<Outcome> outcome = apply(ruleset, change);
        if (outcome && outcome->complaint) {
            refuse(*outcome->complaint);
        } else if (!outcome && outcome.error().problem.find("loop") != std::string::npos) {
            std::visit(Looping{ruleset}, change);
        } else if (!outcome) {
            refuse(outcome.error());
        }
    }

    void operator()(const Change& what) {
        if (command.show.verbose) {
            run.output += print_change(ruleset, what, names);
        }
        change(what);
    }

    // With a chain that has no name the original could not read its list of chains.
    void operator()(const List& list) {
        if (list.chain ? ruleset.find(*list.chain) == nullptr : ruleset.find("") != nullptr) {
            return refuse({Code::refused, list.chain.value_or(""), -1, "no such chain", ""});
        }
        run.output += print_listing(ruleset, list, command.show, names);
        if (list.zero) {
            change(Zero{list.chain});
        }
    }

    void operator()(const Check& check) {
        for (std::size_t i = 0; i < check.packets.size(); ++i) {
            if (command.show.verbose) {
                run.output += print_check(check.rules[i], ruleset.dialect, names);
            }
            if (ruleset.find(check.chain) == nullptr) {
                return refuse({Code::refused, check.chain, -1, "no such chain", ""});
            }
            answer(evaluate(ruleset, check.chain, check.packets[i]));
        }
    }

    void answer(const Decision& decision) {
        run.output += print_answer(decision, ruleset.dialect);
        const bool rewritten =
            decision.verdict == Verdict::masquerade || decision.verdict == Verdict::redirect;
        run.exit = ruleset.dialect == Dialect::ipfwadm && rewritten ? refused() : 0;
    }

    template <typename Other>
    void operator()(const Other&) {
        run.answered = false;
    }
};

Run done(Ruleset& ruleset, const Result<Command>& command, const Names& names) {
    if (!command) {
        const bool refused = command.error().code == Code::refused;
        return {refused ? 255 : 2, "", command.error().word + ": " + command.error().problem, true};
    }
    Runner runner{ruleset, *command, names, {}};
    for (const std::string& notice : command->notices) {
        runner.run.output += notice + "\n";
    }
    std::visit(runner, command->action);
    return runner.run;
}

}  // namespace

Run ipchains(Ruleset& ruleset, std::span<const std::string> words, const Names& names) {
    return done(ruleset, parse_ipchains(words, names), names);
}

Run ipfwadm(Ruleset& ruleset, std::span<const std::string> words, const Names& names) {
    return done(ruleset, parse_ipfwadm(words, names), names);
}

Run pkt(Ruleset& ruleset, std::span<const std::string> words) {
    const Result<packets::PacketRequest> request = packets::parse_packet_options(words);
    if (!request) {
        return {2, "", request.error().word + ": " + request.error().problem, true};
    }
    return {0, packets::send(ruleset, *request), "", true};
}

}  // namespace firewall
