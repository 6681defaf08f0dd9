#include "tool.h"

#include <signal.h>

#include <memory>
#include <vector>

#include "fw/print.h"
#include "program.h"

namespace compat {

namespace {

using cli::fail;
using cli::say;

class Tool {
public:
    Tool(const char* program, Serves serves, const fw::MasqueradingCommand& command,
         const fw::Names& names)
        : program_(program), serves_(serves), command_(command), names_(names) {}

    int operator()(const fw::MasqueradingHelp& help) {
        say(help_text(help.tool));
        return 0;
    }

    int operator()(const fw::Version&) {
        say(cli::version_line(program_, ""));
        return 0;
    }

    int operator()(const fw::ListForwards& list) {
        const auto store = open();
        if (!store) {
            return fail(program_, store.error());
        }
        const fw::Result<fw::Ruleset> ruleset = (*store)->fetch();
        if (!ruleset) {
            return fail(program_, ruleset.error());
        }
        say(fw::print_forwards(*ruleset, list, names_));
        return 0;
    }

    int operator()(const fw::Change& change) {
        if (command_.dry_run) {
            return show_script(change);
        }
        if (!command_.foreground) {
            return commit(change);
        }
        // Blocked before the entry is there: none that comes meanwhile is lost.
        sigset_t ends;
        sigemptyset(&ends);
        for (const int number : {SIGTERM, SIGINT, SIGHUP}) {
            sigaddset(&ends, number);
        }
        sigprocmask(SIG_BLOCK, &ends, nullptr);
        if (const int status = commit(change); status != 0) {
            return status;
        }
        int received = 0;
        sigwait(&ends, &received);
        const auto* added = std::get_if<fw::AddForward>(&change);
        return added == nullptr ? 0 : commit(fw::DeleteForwards{added->forward});
    }

private:
    int show_script(const fw::Change& change) {
        const auto store = open();
        if (!store) {
            return fail(program_, store.error());
        }
        const fw::Result<std::string> script = (*store)->script(change);
        if (!script) {
            return fail(program_, script.error());
        }
        say(*script);
        return 0;
    }

    // Anew each time, but the same firewall: ipfwd may stay for months.
    fw::Result<std::unique_ptr<fw::Store>> open() {
        if (!firewall_) {
            const fw::Result<Firewall> chosen = choose_firewall(program_, command_.state, serves_);
            if (!chosen) {
                return chosen.error();
            }
            firewall_ = *chosen;
        }
        return open_store(program_, *firewall_);
    }

    int commit(const fw::Change& change) {
        const auto store = open();
        if (!store) {
            return fail(program_, store.error());
        }
        const fw::Result<fw::Outcome> outcome = (*store)->commit(change);
        if (!outcome) {
            return fail(program_, outcome.error());
        }
        cli::tell(program_, *outcome);
        return 0;
    }

    const char* program_;
    Serves serves_;
    const fw::MasqueradingCommand& command_;
    const fw::Names& names_;
    std::optional<Firewall> firewall_;
};

}  // namespace

int run_tool(const char* program, Parse parse, Serves serves, int argc, char** argv) {
    const std::vector<std::string> words(argv + (argc > 0 ? 1 : 0), argv + argc);
    const std::unique_ptr<fw::Names> names = fw::system_names();
    const fw::Result<fw::MasqueradingCommand> command = parse(words, *names);
    if (!command) {
        return fail(program, command.error());
    }
    return cli::finish(std::visit(Tool(program, serves, *command, *names), command->action));
}

}  // namespace compat
