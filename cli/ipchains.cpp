// ipchains of 1999 on today's kernel: parses, asks or changes the store, prints, exits.
#include <unistd.h>

#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "fw/connections.h"
#include "fw/evaluate.h"
#include "fw/parse.h"
#include "fw/print.h"
#include "fw/store.h"
#include "help.h"
#include "message.h"
#include "program.h"

namespace {

using cli::done;
using cli::say;

int fail(const fw::Error& error) { return cli::fail("ipchains", error); }

void caution(const std::string& text) { cli::caution("ipchains", text); }

// The original warned whoever typed a rule for forward while forwarding was off.
fw::Surroundings look_around() {
    fw::Surroundings surroundings;
    if (isatty(STDIN_FILENO) == 0) {
        return surroundings;
    }
    if (std::FILE* file = std::fopen("/proc/sys/net/ipv4/ip_forward", "re")) {
        surroundings.forwarding_off = std::fgetc(file) == '0';
        std::fclose(file);
    }
    return surroundings;
}

// Whether -v has to know which chains there are.
bool names_no_chain(const fw::Change& change) {
    if (const auto* flush = std::get_if<fw::Flush>(&change)) {
        return !flush->chain;
    }
    if (const auto* zero = std::get_if<fw::Zero>(&change)) {
        return !zero->chain;
    }
    const auto* del = std::get_if<fw::DeleteChain>(&change);
    return del != nullptr && !del->chain;
}

class Ipchains {
public:
    Ipchains(fw::Store& store, bool in_file, const fw::Command& command, const fw::Names& names)
        : store_(store), in_file_(in_file), command_(command), names_(names) {}

    int operator()(const fw::Change& change) {
        if (command_.dry_run) {
            const fw::Result<std::string> script = store_.script(change);
            if (!script) {
                return fail(script.error());
            }
            say(*script);
            return done;
        }
        if (command_.show.verbose) {
            const fw::Result<fw::Ruleset> before =
                names_no_chain(change) ? store_.fetch() : fw::Ruleset::empty();
            if (!before) {
                return fail(before.error());
            }
            say(fw::print_change(*before, change, names_));
        }
        const fw::Result<fw::Outcome> outcome = store_.commit(change);
        if (!outcome) {
            return fail(outcome.error());
        }
        if (outcome->foreign_removed != 0) {
            caution("rules of other programs went with it: " +
                    std::to_string(outcome->foreign_removed));
        }
        return outcome->complaint ? fail(*outcome->complaint) : done;
    }

    int operator()(const fw::List& list) {
        const fw::Result<fw::Ruleset> ruleset =
            list.zero ? store_.fetch_and_zero() : store_.fetch();
        if (!ruleset) {
            return fail(ruleset.error());
        }
        if (list.chain && ruleset->find(*list.chain) == nullptr) {
            return fail(fw::no_such_chain(*list.chain));
        }
        if (ruleset->find("") != nullptr) {
            return fail({fw::Code::refused, "", -1, "there is a chain without a name",
                         "delete it: `ipchains -X ''`"});
        }
        say(fw::print_listing(*ruleset, list, command_.show, names_));
        return done;
    }

    int operator()(const fw::Check& check) {
        const fw::Result<fw::Ruleset> ruleset = store_.fetch();
        if (!ruleset) {
            return fail(ruleset.error());
        }
        const bool exists = ruleset->find(check.chain) != nullptr;
        for (std::size_t i = 0; i < check.packets.size(); ++i) {
            if (command_.show.verbose) {
                say(fw::print_rule(check.rules[i], names_));
            }
            if (exists) {
                answer(*ruleset, check.chain, check.packets[i]);
            }
        }
        return exists ? done : fail(fw::no_such_chain(check.chain));
    }

    int operator()(const fw::ListMasquerading&) {
        // A file has no connections.
        const fw::Result<std::vector<fw::Connection>> connections =
            in_file_ ? std::vector<fw::Connection>() : fw::list_connections();
        if (!connections) {
            return fail(connections.error());
        }
        say(fw::print_connections(*connections, command_.show, names_));
        return done;
    }

    int operator()(const fw::SetTimeouts& timeouts) {
        const fw::Status status = in_file_ ? fw::Done{} : fw::set_timeouts(timeouts);
        return status ? done : fail(status.error());
    }

    int operator()(const fw::Help&) { return done; }
    int operator()(const fw::Version&) { return done; }

private:
    void answer(const fw::Ruleset& ruleset, const std::string& chain, const fw::Packet& packet) {
        const fw::Tracing tracing = command_.trace ? fw::Tracing::on : fw::Tracing::off;
        const fw::Decision decision = fw::evaluate(ruleset, chain, packet, tracing);
        if (command_.trace) {
            say(fw::print_trace(ruleset, decision, names_));
        }
        say(fw::print_answer(decision));
    }

    fw::Store& store_;
    bool in_file_;
    const fw::Command& command_;
    const fw::Names& names_;
};

int run(const std::vector<std::string>& words) {
    const std::unique_ptr<fw::Names> names = fw::system_names();
    const fw::Result<fw::Command> command = fw::parse_ipchains(words, *names, look_around());
    if (!command) {
        return fail(command.error());
    }
    for (const std::string& notice : command->notices) {
        say(notice + "\n", command->dry_run ? stderr : stdout);  // stdout is a script, then
    }
    for (const std::string& text : command->cautions) {
        caution(text);
    }
    if (const auto* help = std::get_if<fw::Help>(&command->action)) {
        say(help->icmp ? fw::print_icmp_names() : cli::ipchains_help());
        return done;
    }
    if (std::holds_alternative<fw::Version>(command->action)) {
        say(cli::version_line("ipchains"));
        return done;
    }
    const std::optional<std::string> file = cli::state_file(command->state);
    const fw::Result<std::unique_ptr<fw::Store>> store = cli::open_store("ipchains", file);
    if (!store) {
        return fail(store.error());
    }
    return std::visit(Ipchains(**store, file.has_value(), *command, *names), command->action);
}

}  // namespace

int main(int argc, char** argv) { return cli::finish(run({argv + 1, argv + argc})); }
