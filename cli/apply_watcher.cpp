#include "apply_watcher.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>

#include "fw/store.h"
#include "program.h"
#include "restoring.h"

namespace cli {

namespace {

// What the one who asks says through the pipe. If it dies, the pipe ends.
struct Message {
    char what = 'u';  // k: keep, u: undo, s: a script's process group, t: a time limit
    int number = 0;
};

// The watcher's exit statuses.
constexpr int kept = 0;
constexpr int undone = 3;

std::int64_t now_ms() {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return std::int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000;
}

void pause_ms(long milliseconds) {
    const timespec time{milliseconds / 1000, milliseconds % 1000 * 1'000'000};
    nanosleep(&time, nullptr);
}

fw::Status restore_old(fw::Store& store, const fw::Ruleset& old) {
    const fw::Result<fw::Outcome> outcome = store.update([&](fw::Ruleset& now) {
        cli::put_back(now, old);
        return fw::Outcome{};
    });
    return outcome ? fw::Status(fw::Done{}) : outcome.error();
}

// The process itself.
class Watch {
public:
    Watch(std::string_view program, const std::optional<std::string>& file, const fw::Ruleset& old,
          int pipe)
        : program_(program), file_(file), old_(old), pipe_(pipe) {}

    // Returns the status that the process ends with.
    int run() {
        leave_terminal();
        for (;;) {
            const Message message = next();
            switch (message.what) {
                case 'k': return kept;
                case 's': script_ = message.number; break;
                case 't': deadline_ = now_ms() + 1000 * std::int64_t{message.number}; break;
                default: return undo();
            }
        }
    }

private:
    static void leave_terminal() {
        setsid();
        for (const int number : {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGPIPE, SIGTTOU, SIGTSTP}) {
            signal(number, SIG_IGN);
        }
    }

    // The next message, or the one that undoes all: the pipe ended, or the time is over.
    [[nodiscard]] Message next() const {
        for (;;) {
            pollfd waiting{pipe_, POLLIN, 0};
            const std::int64_t left = std::max<std::int64_t>(deadline_ - now_ms(), 0);
            const int ready = poll(&waiting, 1, deadline_ == 0 ? -1 : static_cast<int>(left));
            if (ready < 0 && errno == EINTR) {
                continue;
            }
            Message message;
            const bool whole = ready > 0 && read(pipe_, &message, sizeof message) ==
                                                static_cast<ssize_t>(sizeof message);
            return whole ? message : Message{};
        }
    }

    [[nodiscard]] int undo() const {
        if (script_ > 0) {
            kill(-script_, SIGKILL);
            pause_ms(100);  // a command of it may be on its way
        }
        // Whoever keeps the firewall busy must not keep the old rules out.
        for (int attempt = 1;; ++attempt) {
            const auto store = open_store(program_, file_);
            const fw::Status status = store ? restore_old(**store, old_) : store.error();
            if (status) {
                return undone;
            }
            if (attempt == 10) {
                return fail(program_, status.error());
            }
            pause_ms(1000);
        }
    }

    std::string_view program_;
    const std::optional<std::string>& file_;
    const fw::Ruleset& old_;
    int pipe_;
    pid_t script_ = 0;
    std::int64_t deadline_ = 0;
};

}  // namespace

Watcher::~Watcher() {
    if (pipe_ >= 0) {
        (void)end();
    }
}

fw::Status Watcher::start(std::string_view program, const std::optional<std::string>& file,
                          const fw::Ruleset& old) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) {
        return fw::Error{fw::Code::system, "", -1, std::strerror(errno), ""};
    }
    process_ = fork();
    if (process_ < 0) {
        return fw::Error{fw::Code::system, "", -1, std::strerror(errno), ""};
    }
    if (process_ == 0) {
        close(ends[1]);
        _exit(Watch(program, file, old, ends[0]).run());
    }
    close(ends[0]);
    pipe_ = ends[1];
    return fw::Done{};
}

void Watcher::script(pid_t group) { tell('s', group); }
void Watcher::give(unsigned seconds) { tell('t', static_cast<int>(seconds)); }

bool Watcher::keep() {
    tell('k', 0);
    return end() == kept;
}

bool Watcher::undo() {
    tell('u', 0);
    return end() == undone;
}

// If the watcher is gone, its status tells.
void Watcher::tell(char what, int number) const {
    const Message message{what, number};
    [[maybe_unused]] const ssize_t size = write(pipe_, &message, sizeof message);
}

int Watcher::end() {
    close(std::exchange(pipe_, -1));
    int status = 0;
    while (waitpid(process_, &status, 0) < 0 && errno == EINTR) {
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : refused;
}

}  // namespace cli
