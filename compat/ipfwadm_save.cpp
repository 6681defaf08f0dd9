// ipfwadm-save: the command lines that make the rules what they are.
#include <getopt.h>

#include <optional>
#include <string>

#include "fw/saved.h"
#include "options.h"
#include "program.h"

namespace {

constexpr const char* program = "ipfwadm-save";

constexpr std::string_view help = R"(Usage: ipfwadm-save [OPTIONS]
Writes the ipfwadm commands that rebuild the rules and policies as they are; sh runs them.

  -c, --counters     and the counters, in comments
      --state FILE   from a file, not from the kernel (or set IPFWADM_STATE)
  -h, --help
  -V, --version
)";

struct Options {
    bool counters = false;
    bool help = false;
    bool version = false;
    std::optional<std::string> state;
};

fw::Result<Options> read_options(int argc, char** argv) {
    constexpr int state_option = 256;
    const option names[] = {{"counters", no_argument, nullptr, 'c'},
                            {"state", required_argument, nullptr, state_option},
                            {"help", no_argument, nullptr, 'h'},
                            {"version", no_argument, nullptr, 'V'},
                            {nullptr, 0, nullptr, 0}};
    Options options;
    for (int found = 0; (found = getopt_long(argc, argv, ":chV", names, nullptr)) != -1;) {
        switch (found) {
            case 'c': options.counters = true; break;
            case 'h': options.help = true; break;
            case 'V': options.version = true; break;
            case state_option: options.state = optarg; break;
            default: return cli::option_error(found, argv);
        }
    }
    if (optind < argc) {
        return fw::Error{fw::Code::usage, argv[optind], -1, "no word belongs here",
                         "all categories are saved together"};
    }
    return options;
}

int run(int argc, char** argv) {
    const fw::Result<Options> options = read_options(argc, argv);
    if (!options) {
        return cli::fail(program, options.error());
    }
    if (options->help || options->version) {
        cli::say(options->help ? std::string(help) : cli::version_line(program, "2.3.0"));
        return cli::done;
    }
    constexpr fw::Dialect dialect = fw::Dialect::ipfwadm;
    const auto store = cli::open_store(program, cli::state_file(options->state, dialect), dialect);
    if (!store) {
        return cli::fail(program, store.error());
    }
    const fw::Result<fw::Ruleset> ruleset = (*store)->fetch();
    if (!ruleset) {
        return cli::fail(program, ruleset.error());
    }
    std::size_t foreign = 0;
    for (const fw::Chain& chain : ruleset->chains) {
        foreign += chain.foreign.size();
    }
    if (foreign != 0) {
        cli::caution(program, "rules of other programs in these chains are not saved: " +
                                  std::to_string(foreign) +
                                  "; `nft list table ip ipfwadm` shows them");
    }
    cli::say(fw::print_ipfwadm_commands(*ruleset, options->counters));
    return cli::done;
}

}  // namespace

int main(int argc, char** argv) { return cli::finish(run(argc, argv)); }
