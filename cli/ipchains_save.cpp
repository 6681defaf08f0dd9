// ipchains-save: the rules as text that ipchains-restore reads.
#include <getopt.h>

#include <memory>
#include <optional>
#include <string>

#include "fw/names.h"
#include "fw/print.h"
#include "fw/saved.h"
#include "options.h"
#include "program.h"

namespace {

using cli::say;

constexpr const char* program = "ipchains-save";

constexpr std::string_view help = R"(Usage: ipchains-save [OPTIONS] [CHAIN]
Writes the rules of CHAIN, or of all chains, as lines for ipchains-restore.

  -c, --counters     and the counters, in comments
  -v, --verbose      show the rules on standard error, too
      --state FILE   from a file, not from the kernel (or set IPCHAINS_STATE)
  -h, --help
  -V, --version
)";

struct Options {
    bool counters = false;
    bool verbose = false;
    bool help = false;
    bool version = false;
    std::optional<std::string> state;
    std::optional<std::string> chain;
};

fw::Result<Options> read_options(int argc, char** argv) {
    constexpr int state_option = 256;
    const option names[] = {{"counters", no_argument, nullptr, 'c'},
                            {"verbose", no_argument, nullptr, 'v'},
                            {"state", required_argument, nullptr, state_option},
                            {"help", no_argument, nullptr, 'h'},
                            {"version", no_argument, nullptr, 'V'},
                            {nullptr, 0, nullptr, 0}};
    Options options;
    for (int found = 0; (found = getopt_long(argc, argv, ":cvhV", names, nullptr)) != -1;) {
        switch (found) {
            case 'c': options.counters = true; break;
            case 'v': options.verbose = true; break;
            case 'h': options.help = true; break;
            case 'V': options.version = true; break;
            case state_option: options.state = optarg; break;
            default: return cli::option_error(found, argv);
        }
    }
    if (argc - optind > 1) {
        return fw::Error{fw::Code::usage, argv[optind + 1], -1, "one chain too many",
                         "name one, or none for all"};
    }
    if (optind < argc) {
        options.chain = argv[optind];
    }
    return options;
}

// The original said so with or without -v, but not of chains without rules.
void tell(const fw::Chain& chain, bool verbose, const fw::Names& names) {
    if (chain.rules.empty()) {
        return;
    }
    say("Saving `" + chain.name + "'.\n", stderr);
    for (const fw::Rule& rule : chain.rules) {
        say(verbose ? fw::print_rule(rule, names) : "", stderr);
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
    const auto store = cli::open_store(program, cli::state_file(options->state));
    if (!store) {
        return cli::fail(program, store.error());
    }
    const fw::Result<fw::Ruleset> ruleset = (*store)->fetch();
    if (!ruleset) {
        return cli::fail(program, ruleset.error());
    }
    if (options->chain && ruleset->find(*options->chain) == nullptr) {
        return cli::fail(program, fw::no_such_chain(*options->chain));
    }
    const std::unique_ptr<fw::Names> names = fw::system_names();
    std::size_t foreign = 0;
    for (const fw::Chain& chain : ruleset->chains) {
        if (!options->chain || chain.name == *options->chain) {
            tell(chain, options->verbose, *names);
            foreign += chain.foreign.size();
        }
    }
    if (foreign != 0) {
        cli::caution(program, "rules of other programs in these chains are not saved: " +
                                  std::to_string(foreign) + "; `ipchains -L` shows them");
    }
    say(fw::print_saved(*ruleset, options->chain, options->counters));
    return cli::done;
}

}  // namespace

int main(int argc, char** argv) { return cli::finish(run(argc, argv)); }
