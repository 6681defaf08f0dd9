// ipchains-logd: the log lines of Linux 2.2, from the packets that the kernel hands over. Stays in
// the foreground; SIGTERM and SIGINT end it, SIGHUP opens the file anew.
#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <optional>
#include <string>

#include "fw/packet_log.h"
#include "logd_options.h"
#include "logd_output.h"
#include "logd_privileges.h"
#include "logd_rate.h"
#include "message.h"

namespace {

using logd::Clock;
using std::chrono::milliseconds;

constexpr const char* program = "ipchains-logd";
// The kernel keeps packets for a while before it hands them over; who ends waits for the last.
constexpr std::uint32_t delay = 10;  // 1/100 seconds
constexpr milliseconds last_wait{150};
// What was not logged is told so often.
constexpr milliseconds notice_interval{1000};
// Signals wait no longer than it takes to read so many pieces.
constexpr int pieces_at_once = 64;

int fail(const fw::Error& error) {
    const std::string line = cli::error_line(program, error);
    std::fwrite(line.data(), 1, line.size(), stderr);
    return cli::exit_status(error);
}

// Packets that no line tells of, until a notice does.
struct Missed {
    std::uint64_t by_rate = 0;
    std::uint64_t by_kernel = 0;
    std::uint64_t unwritten = 0;
    bool uncounted = false;  // the kernel lost some; the next packet will show how many

    [[nodiscard]] bool any() const { return by_rate != 0 || by_kernel != 0 || unwritten != 0; }
};

std::string packets(std::uint64_t count, const char* one, const char* several) {
    return std::to_string(count) + (count == 1 ? one : several);
}

class Daemon {
public:
    Daemon(fw::PacketLog log, logd::Output& output, const logd::Options& options)
        : log_(std::move(log)),
          output_(output),
          bucket_(options.rate, options.burst, Clock::now()) {}

    int run(int signals);

private:
    [[nodiscard]] bool read_signals(int signals);
    [[nodiscard]] fw::Status read_packets();
    void write_line(const fw::LoggedPacket& packet);
    void tell_missed();
    void tell(std::uint64_t& count, const std::string& text);
    [[nodiscard]] int wait_ms() const;

    fw::PacketLog log_;
    logd::Output& output_;
    logd::Bucket bucket_;
    Missed missed_;
    Clock::time_point told_ = Clock::now() - notice_interval;
    std::optional<Clock::time_point> end_;
};

int Daemon::run(int signals) {
    while (!end_ || Clock::now() < *end_) {
        pollfd events[] = {{signals, POLLIN, 0}, {log_.fd(), POLLIN, 0}};
        poll(events, 2, wait_ms());
        if (events[0].revents != 0 && read_signals(signals)) {
            end_ = end_.value_or(Clock::now() + last_wait);
        }
        if (const fw::Status status = read_packets(); !status) {
            tell_missed();
            return fail(status.error());
        }
        if (missed_.any() && Clock::now() >= told_ + notice_interval) {
            tell_missed();
        }
    }
    tell_missed();
    if (missed_.uncounted && !output_.notice("the kernel lost packets; how many is not known")) {
        return fail({fw::Code::system, "", -1, output_.problem(), ""});
    }
    return missed_.any() ? 1 : 0;
}

// Until the next thing that happens by itself.
int Daemon::wait_ms() const {
    std::optional<Clock::time_point> next = end_;
    if (missed_.any()) {
        next = std::min(next.value_or(Clock::time_point::max()), told_ + notice_interval);
    }
    if (!next) {
        return -1;
    }
    const auto left = std::chrono::ceil<milliseconds>(*next - Clock::now()).count();
    return static_cast<int>(std::max<decltype(left)>(left, 0));
}

// True if it is time to end.
bool Daemon::read_signals(int signals) {
    signalfd_siginfo info;
    bool end = false;
    while (read(signals, &info, sizeof info) == sizeof info) {
        if (info.ssi_signo != SIGHUP) {
            end = true;
        } else if (const fw::Status status = output_.open(); !status) {
            (void)fail(status.error());  // and goes on with the old file
        }
    }
    return end;
}

fw::Status Daemon::read_packets() {
    for (int piece = 0; piece < pieces_at_once; ++piece) {
        const fw::Result<fw::Received> received = log_.receive();
        if (!received) {
            return received.error();
        }
        missed_.by_kernel += received->lost;
        missed_.uncounted = (missed_.uncounted && received->lost == 0) || received->overrun;
        for (const fw::LoggedPacket& packet : received->packets) {
            write_line(packet);
        }
        if (received->packets.empty() && !received->overrun) {
            break;
        }
    }
    return fw::Done{};
}

void Daemon::write_line(const fw::LoggedPacket& packet) {
    if (!bucket_.take(Clock::now())) {
        ++missed_.by_rate;
    } else if (!output_.packet(fw::print_log_line(packet))) {
        ++missed_.unwritten;
    }
}

void Daemon::tell_missed() {
    tell(missed_.by_kernel, packets(missed_.by_kernel, " packet was lost by the kernel",
                                    " packets were lost by the kernel"));
    tell(missed_.by_rate, packets(missed_.by_rate, " more packet was not logged (rate)",
                                  " more packets were not logged (rate)"));
    tell(missed_.unwritten, packets(missed_.unwritten, " more packet could not be written: ",
                                    " more packets could not be written: ") +
                                output_.problem());
    told_ = Clock::now();
}

// What can't be told now stays to be told.
void Daemon::tell(std::uint64_t& count, const std::string& text) {
    if (count != 0 && output_.notice(text)) {
        count = 0;
    }
}

// From here on the signals come as messages.
fw::Result<int> take_signals() {
    sigset_t set;
    sigemptyset(&set);
    for (const int number : {SIGTERM, SIGINT, SIGHUP}) {
        sigaddset(&set, number);
    }
    sigprocmask(SIG_BLOCK, &set, nullptr);
    const int fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    if (fd < 0) {
        return fw::Error{fw::Code::system, "", -1, "signals can't be taken", ""};
    }
    return fd;
}

// Opens what needs privileges, then gives them up.
fw::Result<fw::PacketLog> begin(const logd::Options& options, logd::Output& output) {
    const fw::Result<std::optional<logd::User>> user = logd::find_user(options.user);
    if (!user) {
        return user.error();
    }
    fw::PacketLog::Options wanted;
    wanted.delay = delay;
    wanted.buffer = options.buffer;
    fw::Result<fw::PacketLog> log = fw::PacketLog::open(options.group, wanted);
    if (!log) {
        return log;
    }
    if (const auto* file = std::get_if<logd::ToFile>(&options.sink); file != nullptr && *user) {
        if (const fw::Status made = logd::provide_file(file->path, **user); !made) {
            return made.error();
        }
    }
    if (const fw::Status dropped = logd::drop_privileges(*user); !dropped) {
        return dropped.error();
    }
    if (const fw::Status opened = output.open(); !opened) {
        return opened.error();
    }
    return log;
}

}  // namespace

int main(int argc, char** argv) {
    const fw::Result<logd::Options> options = logd::parse_options(argc, argv);
    if (!options) {
        return fail(options.error());
    }
    if (options->help || options->version) {
        std::printf("%s", options->help ? logd::help_text() : "ipchains-logd " FW_VERSION "\n");
        return std::fflush(stdout) == 0 ? 0 : 1;
    }
    const fw::Result<int> signals = take_signals();
    if (!signals) {
        return fail(signals.error());
    }
    logd::Output output(options->sink);
    fw::Result<fw::PacketLog> log = begin(*options, output);
    if (!log) {
        return fail(log.error());
    }
    return Daemon(std::move(*log), output, *options).run(*signals);
}
