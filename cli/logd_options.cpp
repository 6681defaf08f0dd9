#include "logd_options.h"

#include <boost/program_options.hpp>

namespace logd {
namespace {

namespace po = boost::program_options;

po::options_description known_options() {
    po::options_description known;
    known.add_options()("group", po::value<std::string>())("file", po::value<std::string>())(
        "stdout", "")("user", po::value<std::string>())("rate", po::value<std::string>())(
        "burst", po::value<std::string>())("buffer", po::value<std::string>())("help,h",
                                                                               "")("version,V", "");
    return known;
}

fw::Error wrong(std::string word, std::string problem) {
    return {fw::Code::usage, std::move(word), -1, std::move(problem), "see ipchains-logd --help"};
}

// The number that an option was given, if it was. Throws an Error.
template <typename T>
void take_number(const po::variables_map& given, const char* name, std::uint64_t least,
                 std::uint64_t most, T& number) {
    if (given.count(name) == 0) {
        return;
    }
    const std::string& text = given[name].as<std::string>();
    std::uint64_t value = 0;
    for (const char c : text) {
        const bool digit = c >= '0' && c <= '9';
        value =
            digit && value <= most ? value * 10 + static_cast<std::uint64_t>(c - '0') : most + 1;
    }
    if (text.empty() || value < least || value > most) {
        throw wrong("--" + std::string(name) + "=" + text, "should be a number from " +
                                                               std::to_string(least) + " to " +
                                                               std::to_string(most));
    }
    number = static_cast<T>(value);
}

Sink take_sink(const po::variables_map& given) {
    const bool file = given.count("file") != 0;
    if (file && given.count("stdout") != 0) {
        throw wrong("--stdout", "can't be given along with --file");
    }
    if (file) {
        return ToFile{given["file"].as<std::string>()};
    }
    return given.count("stdout") != 0 ? Sink(ToStandardOutput{}) : Sink(ToSyslog{});
}

Options take(const po::variables_map& given) {
    Options options;
    options.help = given.count("help") != 0;
    options.version = given.count("version") != 0;
    options.sink = take_sink(given);
    if (given.count("user") != 0) {
        options.user = given["user"].as<std::string>();
    }
    take_number(given, "group", 0, 65535, options.group);
    take_number(given, "rate", 0, 1'000'000, options.rate);
    take_number(given, "burst", 1, 1'000'000, options.burst);
    std::uint32_t kibibytes = options.buffer >> 10;
    take_number(given, "buffer", 4, 1 << 20, kibibytes);
    options.buffer = kibibytes << 10;
    return options;
}

}  // namespace

fw::Result<Options> parse_options(int argc, const char* const* argv) {
    try {
        const po::options_description known = known_options();
        po::variables_map given;
        // Without a place for words that belong to no option, these are errors.
        po::store(po::command_line_parser(argc, argv)
                      .options(known)
                      .positional(po::positional_options_description())
                      .run(),
                  given);
        return take(given);
    } catch (const fw::Error& error) {
        return error;
    } catch (const po::too_many_positional_options_error&) {
        return wrong("", "takes nothing but options");
    } catch (const po::error& error) {
        return wrong("", error.what());
    }
}

const char* help_text() {
    return R"(Usage: ipchains-logd [OPTION]...
Writes the log lines of Linux 2.2 for the packets that ipchains rules with -l meet.
Needs `log = daemon` in /etc/ipchains.conf when the rules are added.

Where to write (syslog, unless told otherwise):
  --file PATH    add lines to this file; SIGHUP opens it anew
  --stdout       write bare lines to standard output

How:
  --rate N       at most N lines a second, 0 for any number (100)
  --burst N      and at most N at once (1000)
  --user NAME    the user to become when started by root (nobody)
  --group N      the group of nfnetlink_log to listen to (2)
  --buffer KIB   room for packets that wait to be read (4096)

  -h, --help     show this
  -V, --version  show the version
)";
}

}  // namespace logd
