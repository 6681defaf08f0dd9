// ipchains-apply: new rules, and the old ones back unless somebody says that all is well.
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "apply_script.h"
#include "apply_watcher.h"
#include "fw/names.h"
#include "fw/saved.h"
#include "options.h"
#include "program.h"
#include "restoring.h"

namespace {

using cli::say;

constexpr const char* program = "ipchains-apply";
constexpr unsigned usual_seconds = 30;
constexpr unsigned most_seconds = 86400;
constexpr unsigned grace_seconds = 2;  // the watcher waits a little longer than we do

constexpr std::string_view help = R"(Usage: ipchains-apply [OPTIONS] FILE|SCRIPT
Loads saved rules in the place of those that are there, or runs a firewall script; then asks whether
the connection still works. Unless the answer is yes, the old rules come back.

  -t, --timeout SECONDS  how long a script may run, and how long to wait for the answer (30)
      --state FILE       in a file, not in the kernel (or set IPCHAINS_STATE)
  -h, --help
  -V, --version
)";

struct Options {
    unsigned seconds = usual_seconds;
    bool help = false;
    bool version = false;
    std::optional<std::string> state;
    std::string path;
};

fw::Result<unsigned> seconds_in(const std::string& word) {
    unsigned seconds = 0;
    const char* end = word.data() + word.size();
    if (std::from_chars(word.data(), end, seconds).ptr != end || seconds < 1 ||
        seconds > most_seconds) {
        return fw::Error{fw::Code::usage, word, -1, "not a number of seconds",
                         "1 to " + std::to_string(most_seconds)};
    }
    return seconds;
}

fw::Result<Options> read_options(int argc, char** argv) {
    constexpr int state_option = 256;
    const option names[] = {{"timeout", required_argument, nullptr, 't'},
                            {"state", required_argument, nullptr, state_option},
                            {"help", no_argument, nullptr, 'h'},
                            {"version", no_argument, nullptr, 'V'},
                            {nullptr, 0, nullptr, 0}};
    Options options;
    for (int found = 0; (found = getopt_long(argc, argv, ":t:hV", names, nullptr)) != -1;) {
        switch (found) {
            case 't': {
                const fw::Result<unsigned> seconds = seconds_in(optarg);
                if (!seconds) {
                    return seconds.error();
                }
                options.seconds = *seconds;
                break;
            }
            case 'h': options.help = true; break;
            case 'V': options.version = true; break;
            case state_option: options.state = optarg; break;
            default: return cli::option_error(found, argv);
        }
    }
    if (argc - optind != 1 && !options.help && !options.version) {
        return fw::Error{fw::Code::usage, argc > optind ? argv[optind + 1] : "", -1,
                         argc > optind ? "one file too many" : "no file is named",
                         "name one file of rules, or one script"};
    }
    options.path = optind < argc ? argv[optind] : "";
    return options;
}

// Whoever wants us to end wants the old rules back.
volatile std::sig_atomic_t stopped = 0;

void listen_to_signals() {
    struct sigaction action {};
    action.sa_handler = [](int) { stopped = 1; };
    for (const int number : {SIGHUP, SIGINT, SIGQUIT, SIGTERM}) {
        sigaction(number, &action, nullptr);
    }
    signal(SIGPIPE, SIG_IGN);
}

std::int64_t now_ms() {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return std::int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000;
}

class Apply {
public:
    Apply(const Options& options, std::string text, int terminal)
        : options_(options),
          file_(cli::state_file(options.state)),
          text_(std::move(text)),
          terminal_(terminal) {}

    int run() {
        const auto store = cli::open_store(program, file_);
        if (!store) {
            return cli::fail(program, store.error());
        }
        const fw::Result<fw::Ruleset> old = (*store)->fetch();
        if (!old) {
            return cli::fail(program, old.error());
        }
        listen_to_signals();
        if (fw::Status status = watcher_.start(program, file_, *old); !status) {
            return cli::fail(program, status.error());
        }
        if (!cli::is_script(options_.path, text_)) {
            if (const int status = load(**store); status != cli::done) {
                (void)watcher_.keep();  // nothing was changed
                return status;
            }
        } else if (const char* problem = run_script()) {
            return undo(problem);
        }
        watcher_.give(options_.seconds + grace_seconds);
        const char* problem = ask();
        if (problem == nullptr && !watcher_.keep()) {
            problem = "too late";
        } else if (problem != nullptr) {
            return undo(problem);
        }
        say(problem == nullptr ? "The new rules stay.\n" : "Too late: the old rules are back.\n");
        return problem == nullptr ? cli::done : cli::refused;
    }

private:
    int undo(const char* why) {
        const bool good = watcher_.undo();
        cli::caution(program, std::string(why) + (good ? ": the old rules are back"
                                                       : ": the old rules are NOT back"));
        return cli::refused;
    }

    int load(fw::Store& store) {
        const std::unique_ptr<fw::Names> names = fw::system_names();
        fw::Restored restored;
        const fw::Result<fw::Outcome> outcome = store.update([&](fw::Ruleset& now) {
            restored = cli::replace(now, text_, {}, *names);
            return cli::outcome_of(restored, false);
        });
        if (!restored.errors.empty()) {
            return cli::report(program, restored.errors);
        }
        say(restored.err, stderr);
        if (!outcome) {
            return cli::fail(program, outcome.error());
        }
        cli::tell(program, *outcome);
        return cli::done;
    }

    // Returns what went wrong, or null.
    const char* run_script() {
        const fw::Result<pid_t> started = cli::start_script(options_.path, text_, file_);
        if (!started) {
            return "the script can't be run";
        }
        watcher_.script(*started);
        watcher_.give(options_.seconds + grace_seconds);
        const std::int64_t deadline = now_ms() + 1000 * std::int64_t{options_.seconds};
        int status = 0;
        while (waitpid(*started, &status, WNOHANG) == 0) {
            if (stopped != 0) {
                return "interrupted";
            }
            if (now_ms() >= deadline) {
                return "the script did not end in time";
            }
            const timespec pause{0, 10'000'000};
            nanosleep(&pause, nullptr);
        }
        watcher_.script(0);
        const bool good = WIFEXITED(status) && WEXITSTATUS(status) == 0;
        return good ? nullptr : "the script failed";
    }

    // Returns why the rules can't stay, or null.
    const char* ask() const {
        const std::string question =
            "The new rules are in force. Does your connection still work?\nType y to keep them; "
            "the old ones come back in " +
            std::to_string(options_.seconds) + " seconds [y/N] ";
        tcflush(terminal_, TCIFLUSH);  // what was typed before is no answer
        [[maybe_unused]] const ssize_t size = write(terminal_, question.data(), question.size());
        const std::int64_t deadline = now_ms() + 1000 * std::int64_t{options_.seconds};
        std::string line;
        while (!line.ends_with('\n')) {
            const std::int64_t left = deadline - now_ms();
            pollfd waiting{terminal_, POLLIN, 0};
            const bool over = left <= 0 || stopped != 0;
            const int ready = over ? 0 : poll(&waiting, 1, static_cast<int>(left));
            if (stopped != 0) {
                return "interrupted";
            }
            if (ready == 0) {
                say("\n");
                return "no answer";
            }
            char c = 0;
            if (ready > 0 && read(terminal_, &c, 1) != 1) {
                return "the terminal is gone";
            }
            if (ready > 0) {
                line += c == '\n' ? c : static_cast<char>(c | 0x20);  // lower case
            }
        }
        return line == "y\n" || line == "yes\n" ? nullptr : "not kept";
    }

    const Options& options_;
    std::optional<std::string> file_;
    std::string text_;
    int terminal_;
    cli::Watcher watcher_;
};

int run(int argc, char** argv) {
    const fw::Result<Options> options = read_options(argc, argv);
    if (!options) {
        return cli::fail(program, options.error());
    }
    if (options->help || options->version) {
        say(options->help ? std::string(help) : cli::version_line(program));
        return cli::done;
    }
    fw::Result<std::string> text = cli::read_text(options->path);
    if (!text) {
        return cli::fail(program, text.error());
    }
    const int terminal = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    if (terminal < 0) {
        return cli::fail(program,
                         {fw::Code::refused, "", -1, "there is no terminal on which to ask",
                          "ipchains-restore loads rules without asking"});
    }
    return Apply(*options, *std::move(text), terminal).run();
}

}  // namespace

int main(int argc, char** argv) { return cli::finish(run(argc, argv)); }
