#include "firewall_program.h"

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "fw/connections.h"
#include "fw/evaluate.h"
#include "fw/print.h"
#include "fw/store.h"
#include "message.h"
#include "program.h"

namespace cli {

namespace {

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

// A command whose words are understood.
class Task {
public:
    Task(fw::Dialect dialect, const fw::Command& command, const fw::Names& names)
        : dialect_(dialect), command_(command), names_(names) {}

    // Everything but help.
    int run() {
        const std::optional<std::string> file = state_file(command_.state, dialect_);
        fw::Result<std::unique_ptr<fw::Store>> store =
            open_store(fw::dialect_name(dialect_), file, dialect_);
        if (!store) {
            return fail(store.error());
        }
        in_file_ = file.has_value();
        store_ = *std::move(store);
        return std::visit(*this, command_.action);
    }

    int operator()(const fw::Change& change) {
        if (command_.dry_run) {
            const fw::Result<std::string> script = store_->script(change);
            if (!script) {
                return fail(script.error());
            }
            say(*script);
            return done;
        }
        if (command_.show.verbose) {
            const fw::Result<fw::Ruleset> before =
                names_no_chain(change) ? store_->fetch() : fw::Ruleset::empty(dialect_);
            if (!before) {
                return fail(before.error());
            }
            say(fw::print_change(*before, change, names_));
        }
        const fw::Result<fw::Outcome> outcome = store_->commit(change);
        if (!outcome) {
            return fail(outcome.error());
        }
        tell(fw::dialect_name(dialect_), *outcome);
        return outcome->complaint ? fail(*outcome->complaint) : done;
    }

    int operator()(const fw::List& list) {
        const fw::Result<fw::Ruleset> ruleset =
            list.zero ? store_->fetch_and_zero(zeroed(list)) : store_->fetch();
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
        const fw::Result<fw::Ruleset> ruleset = store_->fetch();
        if (!ruleset) {
            return fail(ruleset.error());
        }
        const bool exists = ruleset->find(check.chain) != nullptr;
        int status = done;
        for (std::size_t i = 0; i < check.packets.size(); ++i) {
            if (command_.show.verbose) {
                say(fw::print_check(check.rules[i], dialect_, names_));
            }
            if (exists) {
                status = answer(*ruleset, check.chain, check.packets[i]);
            }
        }
        return exists ? status : fail(fw::no_such_chain(check.chain));
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
    [[nodiscard]] int fail(const fw::Error& error) const { return cli::fail(dialect_, error); }

    // ipchains -L CHAIN -Z cleared the counters of all chains.
    [[nodiscard]] std::optional<std::string> zeroed(const fw::List& list) const {
        return dialect_ == fw::Dialect::ipchains ? std::nullopt : list.chain;
    }

    int answer(const fw::Ruleset& ruleset, const std::string& chain, const fw::Packet& packet) {
        const fw::Tracing tracing = command_.trace ? fw::Tracing::on : fw::Tracing::off;
        const fw::Decision decision = fw::evaluate(ruleset, chain, packet, tracing);
        if (command_.trace) {
            say(fw::print_trace(ruleset, decision, names_));
        }
        say(fw::print_answer(decision, dialect_));
        return dialect_ == fw::Dialect::ipchains ? done : status_of(decision);
    }

    // ipfwadm 2.3.0 took masqueraded and redirected packets for failures of its question; it had a
    // word for the first, and none for the others.
    [[nodiscard]] int status_of(const fw::Decision& decision) const {
        if (decision.verdict == fw::Verdict::redirect) {
            return fail({fw::Code::refused, "", -1,
                         "packet redirected, to port " + std::to_string(decision.port), ""});
        }
        return decision.verdict == fw::Verdict::masquerade ? refused_status(dialect_) : done;
    }

    fw::Dialect dialect_;
    const fw::Command& command_;
    const fw::Names& names_;
    bool in_file_ = false;
    std::unique_ptr<fw::Store> store_;
};

int run(const FirewallProgram& program, const std::vector<std::string>& words) {
    const std::unique_ptr<fw::Names> names = fw::system_names();
    const fw::Result<fw::Command> command = program.parse(words, *names);
    if (!command) {
        return fail(program.dialect, command.error());
    }
    for (const std::string& notice : command->notices) {
        say(notice + "\n", command->dry_run ? stderr : stdout);  // stdout is a script, then
    }
    for (const std::string& text : command->cautions) {
        caution(fw::dialect_name(program.dialect), text);
    }
    if (const auto* help = std::get_if<fw::Help>(&command->action)) {
        say(program.help(*help));
        return done;
    }
    if (std::holds_alternative<fw::Version>(command->action)) {
        say(program.version());
        return done;
    }
    return Task(program.dialect, *command, *names).run();
}

}  // namespace

int run_firewall_program(const FirewallProgram& program, int argc, char** argv) {
    return finish(run(program, {argv + (argc > 0 ? 1 : 0), argv + argc}));
}

}  // namespace cli
