#include "inside.h"

#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "confine.h"
#include "network.h"
#include "observe.h"
#include "place.h"
#include "programs.h"
#include "records.h"
#include "root.h"

namespace sandbox {

namespace {

constexpr std::size_t most_records = 64U << 20;  // bytes

void tell(const Inside& inside, const Record& record) {
    std::string bytes = encode(record);
    for (std::size_t done = 0; done < bytes.size();) {
        const ssize_t count = write(inside.results, bytes.data() + done, bytes.size() - done);
        if (count < 0 && errno != EINTR) {
            return;
        }
        done += count < 0 ? 0 : static_cast<std::size_t>(count);
    }
}

[[noreturn]] void give_up(const Inside& inside, const fw::Error& error) {
    tell(inside, {"error", error.word, error.problem, error.remedy});
    _exit(1);
}

void require(const Inside& inside, const fw::Status& status) {
    if (!status) {
        give_up(inside, status.error());
    }
}

// Root, of the user namespace alone; outside, it is the caller or nobody.
fw::Status become_root(const Inside& inside) {
    char byte = 0;
    if (read(inside.ready, &byte, 1) != 1) {
        return failed("", "whoever wanted the sandbox is gone");
    }
    (void)!setgroups(0, nullptr);  // refused to who isn't root outside
    if (setresgid(0, 0, 0) != 0 || setresuid(0, 0, 0) != 0) {
        return failed("", "user ids can't be set");
    }
    return fw::Done{};
}

// --- The script ---

// The program behind #!, with its argument; sh if there is none, or it is not here.
std::vector<std::string> interpreter(const std::string& text) {
    std::vector<std::string> words;
    if (text.starts_with("#!")) {
        const std::string line = text.substr(2, text.find_first_of("\r\n") - 2);
        for (std::size_t at = line.find_first_not_of(" \t"); at != line.npos && words.size() < 2;) {
            const std::size_t end = words.empty() ? line.find_first_of(" \t", at) : line.npos;
            words.push_back(line.substr(at, end == line.npos ? end : end - at));
            at = line.find_first_not_of(" \t", end);
        }
    }
    if (!words.empty() && access(words[0].c_str(), X_OK) != 0) {
        dprintf(STDERR_FILENO,
                "fw-translate: %s: this interpreter is not here; sh takes its place\n",
                words[0].c_str());
        words.clear();
    }
    if (words.empty()) {
        words = {"/bin/sh"};
    }
    return words;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> list;
    for (std::string& text : texts) {
        list.push_back(text.data());
    }
    list.push_back(nullptr);
    return list;
}

[[noreturn]] void become_script(const Inside& inside) {
    const RunRequest& request = *inside.request;
    std::vector<std::string> environment = {std::string("PATH=") + search_path,
                                            "HOME=/root",
                                            "USER=root",
                                            "LOGNAME=root",
                                            "SHELL=/bin/sh",
                                            "TERM=dumb",
                                            "LANG=C",
                                            std::string("BASH_ENV=") + shell_file,
                                            std::string(kernel_variable) + "=" + request.kernel};

    if (chdir(inside.folder.c_str()) != 0) {
        (void)!chdir("/");
    }
    const int nothing = open("/dev/null", O_RDONLY);
    setsid();
    if (dup2(nothing, 0) < 0 || dup2(inside.output, 1) < 0 || dup2(inside.output, 2) < 0 ||
        setpriority(PRIO_PROCESS, 0, 10) != 0 || close_range(3, ~0U, 0) != 0) {
        _exit(126);
    }
    std::vector<std::string> words = interpreter(inside.text);
    const bool in_place = access(inside.script.c_str(), R_OK) == 0;
    words.push_back(in_place ? inside.script : script_elsewhere(inside.script));
    words.insert(words.end(), request.arguments.begin(), request.arguments.end());
    umask(022);
    signal(SIGPIPE, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    if (const fw::Status status = confine(); !status) {
        dprintf(2, "fw-translate: %s\n", status.error().problem.c_str());
        _exit(126);
    }
    execve(words[0].c_str(), pointers(words).data(), pointers(environment).data());
    dprintf(2, "fw-translate: %s: can't be started: %s\n", words[0].c_str(), std::strerror(errno));
    _exit(126);
}

// --- Watching over it ---

double now() {
    timespec time{};
    clock_gettime(CLOCK_MONOTONIC, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

struct Load {
    unsigned processes = 0;
    std::uint64_t memory = 0;  // bytes that are no file's
};

Load load() {
    Load sum;
    for (const std::string& name : names_in("/proc")) {
        if (name.find_first_not_of("0123456789") != name.npos || name == "1") {
            continue;
        }
        ++sum.processes;
        // Of files, what is in memory is the machine's to keep or drop.
        const std::string about = contents("/proc/" + name + "/status", 4096);
        for (const char* kind : {"\nRssAnon:", "\nRssShmem:"}) {
            const std::size_t at = about.find(kind);
            sum.memory += at == about.npos
                              ? 0
                              : std::strtoull(about.c_str() + about.find(':', at) + 1, nullptr, 10)
                                    << 10;
        }
    }
    return sum;
}

class Watch {
public:
    Watch(pid_t script, unsigned seconds, SettingsWatch& settings)
        : script_(script), deadline_(now() + static_cast<double>(seconds)), settings_(settings) {}

    // Returns when the script has ended, one way or another, and nothing of it runs any more.
    Record run() {
        sigset_t child;
        sigemptyset(&child);
        sigaddset(&child, SIGCHLD);
        const timespec pause{0, 20'000'000};
        while (!ended_ && reason_.empty()) {
            sigtimedwait(&child, nullptr, &pause);
            reap();
            judge();
            settings_.look();
        }
        let_others_end();
        kill(-1, SIGKILL);
        while (wait(nullptr) > 0) {
        }
        settings_.look();
        if (!reason_.empty()) {
            return {"end", reason_, "0"};
        }
        const bool exited = WIFEXITED(status_);
        return {"end", exited ? "exited" : "killed",
                std::to_string(exited ? WEXITSTATUS(status_) : WTERMSIG(status_))};
    }

private:
    bool reap() {
        int status = 0;
        pid_t pid = 0;
        while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
            if (pid == script_) {
                ended_ = true;
                status_ = status;
            }
        }
        return pid == 0;  // there are more
    }

    void judge() {
        const Load sum = load();
        // The limit itself is the kernel's: whoever gets close to it is no firewall.
        if (sum.processes > most_processes - 16) {
            reason_ = "too_many_processes";
        } else if (sum.memory > most_memory) {
            reason_ = "too_much_memory";
        } else if (!ended_ && now() > deadline_) {
            reason_ = "too_long";
        }
    }

    // What the script started and did not wait for may still have something to ask.
    void let_others_end() {
        const double patience = now() + 0.5;
        const timespec pause{0, 5'000'000};
        while (reason_.empty() && reap() && now() < patience) {
            judge();
            nanosleep(&pause, nullptr);
        }
    }

    pid_t script_;
    double deadline_;
    SettingsWatch& settings_;
    bool ended_ = false;
    int status_ = 0;
    std::string reason_;
};

pid_t start(const Inside& inside) {
    const pid_t pid = fork();
    if (pid == 0) {
        become_script(inside);
    }
    if (pid < 0) {
        give_up(inside, failed("", "no process can be started"));
    }
    close(inside.output);
    return pid;
}

}  // namespace

void run_inside(const Inside& inside) {
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    sigset_t child;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    sigprocmask(SIG_BLOCK, &child, nullptr);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGCHLD, SIG_DFL);  // whoever ignores it is not told of its children
    require(inside, become_root(inside));
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);  // forgotten when ids change
    require(inside, make_network(*inside.request));
    require(inside, make_root(inside));
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);  // nobody in here looks into this process

    const Observed before = observe();
    SettingsWatch settings;
    const pid_t script = start(inside);
    const Record end = Watch(script, inside.request->seconds, settings).run();
    tell(inside, {"record", contents(record_file, most_records)});
    for (const Record& record : written_settings(settings, inside)) {
        tell(inside, record);
    }
    for (const Record& record : changes(before, observe())) {
        tell(inside, record);
    }
    tell(inside, end);
    _exit(0);
}

}  // namespace sandbox
