// ipchains-restore: carries out the lines of a file, all of them or none.
#include <getopt.h>

#include <memory>
#include <optional>
#include <string>

#include "fw/names.h"
#include "fw/saved.h"
#include "options.h"
#include "program.h"
#include "questions.h"
#include "restoring.h"

namespace {

using cli::say;

constexpr const char* program = "ipchains-restore";

constexpr std::string_view help = R"(Usage: ipchains-restore [OPTIONS] [FILE]
Carries out the lines of FILE, or of standard input: what ipchains-save wrote, or any command lines
of ipchains without its name. All of them in one step, or, if anything is wrong, none.

  -c, --counters     take over the counters that `ipchains-save -c' wrote
  -f, --force        empty chains that exist already without asking
  -p, --make-chains  make the chains that rules jump to, if there are none of their names
  -t, --test         only check
  -v, --verbose      say what is done
      --replace      in the place of all rules and chains that there are
      --state FILE   to a file, not to the kernel (or set IPCHAINS_STATE)
  -h, --help
  -V, --version
)";

struct Options {
    fw::RestoreOptions restore;
    bool replace = false;
    bool test = false;
    bool help = false;
    bool version = false;
    std::optional<std::string> state;
    std::string path;  // empty: standard input
};

fw::Result<Options> read_options(int argc, char** argv) {
    constexpr int state_option = 256;
    constexpr int replace_option = 257;
    const option names[] = {{"counters", no_argument, nullptr, 'c'},
                            {"force", no_argument, nullptr, 'f'},
                            {"make-chains", no_argument, nullptr, 'p'},
                            {"test", no_argument, nullptr, 't'},
                            {"verbose", no_argument, nullptr, 'v'},
                            {"replace", no_argument, nullptr, replace_option},
                            {"state", required_argument, nullptr, state_option},
                            {"help", no_argument, nullptr, 'h'},
                            {"version", no_argument, nullptr, 'V'},
                            {nullptr, 0, nullptr, 0}};
    Options options;
    for (int found = 0; (found = getopt_long(argc, argv, ":cfptvhV", names, nullptr)) != -1;) {
        switch (found) {
            case 'c': options.restore.counters = true; break;
            case 'f': options.restore.flush = true; break;
            case 'p': options.restore.make_chains = true; break;
            case 't': options.test = true; break;
            case 'v': options.restore.verbose = true; break;
            case 'h': options.help = true; break;
            case 'V': options.version = true; break;
            case replace_option: options.replace = true; break;
            case state_option: options.state = optarg; break;
            default: return cli::option_error(found, argv);
        }
    }
    if (argc - optind > 1) {
        return fw::Error{fw::Code::usage, argv[optind + 1], -1, "one file too many",
                         "name one, or none for standard input"};
    }
    if (optind < argc) {
        options.path = argv[optind];
    }
    return options;
}

fw::Restored carry_out(fw::Ruleset& ruleset, const std::string& text, const Options& options,
                       const fw::Names& names, fw::AskToFlush* ask) {
    return options.replace ? cli::replace(ruleset, text, options.restore, names)
                           : fw::restore(ruleset, text, options.restore, names, ask);
}

// What would be said of the text. Who may not look at the kernel's rules gets an answer, too.
int test(fw::Store& store, const std::string& text, const Options& options,
         const fw::Names& names) {
    fw::Result<fw::Ruleset> ruleset = store.fetch();
    if (!ruleset && ruleset.error().code == fw::Code::permission && !options.state) {
        cli::caution(program, "checked as if there were no rules yet: only root may see them");
        ruleset = fw::Ruleset::empty();
    }
    if (!ruleset) {
        return cli::fail(program, ruleset.error());
    }
    return cli::report(program, carry_out(*ruleset, text, options, names, nullptr).errors);
}

int restore(fw::Store& store, const std::string& text, const Options& options,
            const fw::Names& names) {
    cli::Questions questions;
    for (;;) {
        fw::Restored restored;
        const fw::Result<fw::Outcome> outcome = store.update([&](fw::Ruleset& ruleset) {
            restored = carry_out(ruleset, text, options, names, questions.asker());
            return cli::outcome_of(restored, questions.open());
        });
        if (questions.open()) {
            questions.ask();
            continue;
        }
        if (!restored.errors.empty()) {
            return cli::report(program, restored.errors);
        }
        if (!outcome) {
            return cli::fail(program, outcome.error());
        }
        say(restored.out);
        std::fflush(stdout);
        say(restored.err, stderr);
        cli::tell(program, *outcome);
        return cli::done;
    }
}

int run(int argc, char** argv) {
    const fw::Result<Options> options = read_options(argc, argv);
    if (!options) {
        return cli::fail(program, options.error());
    }
    if (options->help || options->version) {
        say(options->help ? std::string(help) : cli::version_line(program));
        return cli::done;
    }
    const fw::Result<std::string> text = cli::read_text(options->path);
    if (!text) {
        return cli::fail(program, text.error());
    }
    const auto store = cli::open_store(program, cli::state_file(options->state));
    if (!store) {
        return cli::fail(program, store.error());
    }
    const std::unique_ptr<fw::Names> names = fw::system_names();
    return options->test ? test(**store, *text, *options, *names)
                         : restore(**store, *text, *options, *names);
}

}  // namespace

int main(int argc, char** argv) { return cli::finish(run(argc, argv)); }
