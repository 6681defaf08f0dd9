#include "fw_translate_options.h"

#include <algorithm>
#include <boost/program_options.hpp>
#include <string_view>

namespace translating {
namespace {

namespace po = boost::program_options;

po::options_description known_options() {
    const auto text = [] { return po::value<std::string>(); };
    po::options_description known;
    known.add_options()("to", text())("from", text())("output,o", text())("comments", "")(
        "optimize", "")("counters", "")("table", text())("verify", "")("hosts", text())(
        "with", po::value<std::vector<std::string>>()->composing())("gateway", text())(
        "etc", text())("kernel", text())("time", text())("sysctl", text())("help,h", "")(
        "version,V", "")("file", po::value<std::vector<std::string>>());
    return known;
}

fw::Error wrong(std::string word, std::string problem) {
    return {fw::Code::usage, std::move(word), -1, std::move(problem), "see fw-translate --help"};
}

std::string take(const po::variables_map& given, const char* name, const char* otherwise = "") {
    return given.count(name) == 0 ? otherwise : given[name].as<std::string>();
}

// Throws an Error.
unsigned take_seconds(const po::variables_map& given) {
    const std::string text = take(given, "time", "0");
    const bool number =
        !text.empty() && text.size() < 6 &&
        std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (!number) {
        throw wrong("--time=" + text, "should be a number of seconds");
    }
    return static_cast<unsigned>(std::stoul(text));
}

Options take_all(const po::variables_map& given) {
    Options options;
    options.help = given.count("help") != 0;
    options.version = given.count("version") != 0;
    const std::string to = take(given, "to", "nft");
    if (to != "nft" && to != "ipchains") {
        throw wrong("--to=" + to, "should be nft or ipchains");
    }
    options.to = to == "nft" ? Language::nft : Language::ipchains;
    const std::string from = take(given, "from");
    if (!from.empty() && from != "commands" && from != "saved") {
        throw wrong("--from=" + from, "should be commands or saved");
    }
    if (!from.empty()) {
        options.from = from == "saved" ? fw::translate::Kind::saved : fw::translate::Kind::commands;
    }
    options.out = take(given, "output");
    options.translation.comments = given.count("comments") != 0;
    options.translation.optimize = given.count("optimize") != 0;
    options.translation.counters = given.count("counters") != 0;
    options.translation.table = take(given, "table", "firewall");
    options.verify = given.count("verify") != 0;
    options.hosts = take(given, "hosts");
    if (given.count("with") != 0) {
        options.machine.interfaces = given["with"].as<std::vector<std::string>>();
    }
    options.machine.gateway = take(given, "gateway");
    options.machine.etc = take(given, "etc");
    options.machine.kernel = take(given, "kernel");
    options.machine.seconds = take_seconds(given);
    options.machine.sysctl = take(given, "sysctl");
    if (given.count("file") != 0) {
        options.files = given["file"].as<std::vector<std::string>>();
    }
    return options;
}

// Throws an Error.
void check(const Options& options) {
    if (options.help || options.version) {
        return;
    }
    if (options.files.empty()) {
        throw options.run ? wrong("--run", "needs a script behind it")
                          : wrong("", "no file is named; `-` is standard input");
    }
    if (options.to == Language::ipchains && options.verify) {
        throw wrong("--verify", "is for what is translated to nft");
    }
    if (options.translation.counters && !options.translation.optimize) {
        throw wrong("--counters", "goes with --optimize; without it every rule counts");
    }
    const Machine& machine = options.machine;
    const bool described = !machine.gateway.empty() || !machine.etc.empty() ||
                           !machine.kernel.empty() || machine.seconds != 0 ||
                           !machine.sysctl.empty();
    if (described && !options.run) {
        throw wrong("", "--gateway, --etc, --kernel, --time and --sysctl go with --run");
    }
}

Options parse(const std::vector<std::string>& words) {
    const auto run = std::find(words.begin(), words.end(), "--run");
    po::positional_options_description files;
    files.add("file", -1);
    po::variables_map given;
    po::store(po::command_line_parser(std::vector<std::string>(words.begin(), run))
                  .options(known_options())
                  .positional(files)
                  .run(),
              given);
    Options options = take_all(given);
    if (run != words.end()) {
        if (!options.files.empty()) {
            throw wrong(options.files.front(), "can't be translated along with --run");
        }
        options.run = true;
        options.files.assign(run + 1, words.end());
    }
    check(options);
    return options;
}

}  // namespace

fw::Result<Options> parse_options(int argc, const char* const* argv) {
    try {
        return parse(std::vector<std::string>(argv + (argc > 0 ? 1 : 0), argv + argc));
    } catch (const fw::Error& error) {
        return error;
    } catch (const po::error& error) {
        return wrong("", error.what());
    }
}

const char* help_text() {
    return R"(Usage: fw-translate [OPTION]... FILE...
       fw-translate [OPTION]... --run SCRIPT [WORD]...
Translates rules of ipchains or ipfwadm into a table for `nft -f` that is yours from then on.
FILE holds command lines or saved rules; `-` is standard input.

What comes out:
  -o, --output FILE   where to write it (standard output)
  --to LANGUAGE       nft, or ipchains: saved rules for ipchains-restore, also of ipfwadm's
  --table NAME        what to call the table (firewall)
  --comments          each rule's own line beside it
  --optimize          sets, intervals and verdict maps in place of runs of rules
  --counters          with --optimize: every rule keeps a counter of its own
  --verify            check the result with packets from the borders of every rule

What goes in:
  --from KIND         commands or saved (seen from the file)
  --hosts FILE        names of hosts, as in /etc/hosts
  --with IF=ADDR/LEN  an interface, for -V of ipfwadm and for scripts; may be repeated

A whole script, run where it can touch nothing:
  --run               the last option: a script, and the words that it takes
  --gateway ADDR      the default route
  --etc FOLDER        files that it expects in /etc
  --kernel VERSION    what `uname -r` says (2.2.26, or 2.0.38 for ipfwadm alone)
  --time SECONDS      how long it may take (60)
  --sysctl FILE       where to write the settings that it changed

  -h, --help          show this
  -V, --version       show the version
)";
}

}  // namespace translating
