#include "run.h"

#include <fcntl.h>
#include <linux/sched.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>

#include "gather.h"
#include "inside.h"
#include "place.h"
#include "proc.h"
#include "records.h"

namespace sandbox {

namespace {

using Status = fw::Status;

constexpr std::size_t longest_script = 16U << 20;
constexpr std::size_t most_output = 1U << 20;
constexpr unsigned nobody = 65534;
constexpr int grace = 10;  // seconds in which process 1 makes the sandbox, and tells about it

// --- What the sandbox needs from here ---

std::string absolute(const std::string& path) {
    char* real = realpath(path.c_str(), nullptr);
    std::string result = real == nullptr ? path : real;
    std::free(real);
    return result;
}

Status read_script(const RunRequest& request, Inside& inside) {
    struct stat about {};
    if (stat(request.script.c_str(), &about) != 0) {
        return failed(request.script, "can't be read");
    }
    if (!S_ISREG(about.st_mode)) {
        return fw::Error{fw::Code::refused, request.script, -1, "this is not a file",
                         "name a shell script"};
    }
    if (access(request.script.c_str(), R_OK) != 0) {
        return failed(request.script, "can't be read");
    }
    inside.script = absolute(request.script);
    inside.text = contents(request.script, longest_script);
    if (inside.text.find('\0') != std::string::npos) {
        return fw::Error{fw::Code::refused, request.script, -1, "this is a program, not a script",
                         "name a shell script"};
    }
    return fw::Done{};
}

Status read_hosts(const RunRequest& request, Inside& inside) {
    if (!request.etc.empty() && names_in(request.etc).empty()) {
        return fw::Error{fw::Code::refused, request.etc, -1, "there are no files in this folder",
                         "name one with files for /etc"};
    }
    const std::string path = request.hosts.empty() ? "/etc/hosts" : request.hosts;
    if (!request.hosts.empty() && access(path.c_str(), R_OK) != 0) {
        return failed(path, "can't be read");
    }
    inside.hosts = contents(path, longest_script);
    return fw::Done{};
}

// That the script was written for.
const char* kernel_of(const std::string& script) {
    const bool only_ipfwadm =
        script.find("ipfwadm") != script.npos && script.find("ipchains") == script.npos;
    return only_ipfwadm ? "2.0.38" : "2.2.26";
}

// Our programs: beside this one, or where they are installed from here.
Status open_tools(Inside& inside) {
    const std::string self = link_target("/proc/self/exe");
    const std::string folder = self.substr(0, self.rfind('/'));
    const std::string folders[] = {folder, folder + "/../sbin", folder + "/../bin",
                                   folder + "/../libexec/ipchains"};
    for (const char* name :
         {"recorder", "ipchains", "ipchains-save", "ipchains-restore", "ipfwadm", "ipfwadm-wrapper",
          "ipfwadm-save", "ipmasqadm", "ipportfw", "ipautofw", "ipfwd", "ip-masq-module"}) {
        int file = -1;
        for (const std::string& place : folders) {
            file = file < 0 ? open((place + "/" + name).c_str(), O_RDONLY | O_CLOEXEC) : file;
        }
        if (file >= 0) {
            inside.tools.emplace_back(name, file);
        } else if (std::strcmp(name, "recorder") == 0 || std::strcmp(name, "ipchains") == 0) {
            return fw::Error{fw::Code::system, name, -1, "this program is not where it should be",
                             "install all of ipchains, not fw-translate alone"};
        }
    }
    return fw::Done{};
}

// --- The process ---

// As fork, but in namespaces of its own. Nothing is shared with the parent.
pid_t fork_apart() {
    clone_args arguments{};
    arguments.flags =
        CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS;
    arguments.exit_signal = SIGCHLD;
    return static_cast<pid_t>(syscall(SYS_clone3, &arguments, sizeof arguments));
}

fw::Error no_namespace() {
    return {fw::Code::permission, "--run", -1,
            std::string("this machine lets nobody make a sandbox: ") + std::strerror(errno),
            "as root: sysctl user.max_user_namespaces=1000, or on Debian and Ubuntu "
            "kernel.unprivileged_userns_clone=1, kernel.apparmor_restrict_unprivileged_userns=0"};
}

// Root in there is whoever called, or nobody: what belongs to root is not the script's to write,
// and neither are the switches of the kernel that a mere file permission protects.
Status map_ids(pid_t process) {
    const bool root = geteuid() == 0;
    const std::string folder = "/proc/" + std::to_string(process);
    const auto line = [](unsigned id) { return "0 " + std::to_string(id) + " 1\n"; };
    // Who isn't root may not map groups before they can't be dropped any more (user_namespaces(7)).
    const std::pair<const char*, std::string> files[] = {{"/setgroups", root ? "" : "deny"},
                                                         {"/uid_map",
                                                          line(root ? nobody : geteuid())},
                                                         {"/gid_map",
                                                          line(root ? nobody : getegid())}};
    for (const auto& [name, text] : files) {
        if (text.empty()) {
            continue;
        }
        const int file = open((folder + name).c_str(), O_WRONLY | O_CLOEXEC);
        const ssize_t count = write(file, text.data(), text.size());
        const int error = errno;
        close(file);
        if (count != static_cast<ssize_t>(text.size())) {
            errno = error;
            return failed("--run", "user ids of the sandbox can't be set");
        }
    }
    return fw::Done{};
}

struct Pipe {
    int ends[2] = {-1, -1};
    Pipe() { (void)!pipe2(ends, O_CLOEXEC); }
    Pipe(const Pipe&) = delete;
    Pipe& operator=(const Pipe&) = delete;
    ~Pipe() {
        finish(0);
        finish(1);
    }
    void finish(int end) {
        if (ends[end] >= 0) {
            close(ends[end]);
        }
        ends[end] = -1;
    }
};

// Reads what comes; false at the end.
bool take(int file, std::string& bytes) {
    char buffer[16384];
    const ssize_t count = read(file, buffer, sizeof buffer);
    if (count > 0) {
        bytes.append(buffer, static_cast<std::size_t>(count));
    }
    return count > 0 || (count < 0 && errno == EINTR);
}

// That is not the script's to do.
bool steers_terminal(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < ' ' && c != '\n' && c != '\t') || byte == 0x7f;
}

class Listener {
public:
    Listener(Pipe& results, Pipe& output) : results_(results), output_(output) {}

    // Until both are closed, or the time is up: false.
    bool run(int seconds) {
        timespec start{};
        clock_gettime(CLOCK_MONOTONIC, &start);
        bool more[] = {true, true};
        while (more[0] || more[1]) {
            timespec time{};
            clock_gettime(CLOCK_MONOTONIC, &time);
            const auto left = static_cast<int>(start.tv_sec + seconds - time.tv_sec);
            pollfd files[] = {{more[0] ? results_.ends[0] : -1, POLLIN, 0},
                              {more[1] ? output_.ends[0] : -1, POLLIN, 0}};
            if (left <= 0 || poll(files, 2, left * 1000) == 0) {
                return false;
            }
            if (files[0].revents != 0) {
                more[0] = take(results_.ends[0], bytes);
            }
            if (files[1].revents != 0) {
                more[1] = pass_on();
            }
        }
        return true;
    }

    std::string bytes;
    bool cut = false;

private:
    bool pass_on() {
        std::string said;
        const bool more = take(output_.ends[0], said);
        const std::size_t rest = most_output - passed_;
        cut = cut || said.size() > rest;
        said.resize(std::min(said.size(), rest));
        passed_ += said.size();
        std::replace_if(said.begin(), said.end(), steers_terminal, '?');
        (void)!write(STDERR_FILENO, said.data(), said.size());
        return more;
    }

    Pipe& results_;
    Pipe& output_;
    std::size_t passed_ = 0;
};

}  // namespace

fw::Result<Run> run_script(const RunRequest& given) {
    RunRequest request = given;
    Inside inside;
    inside.request = &request;
    for (const Status& status :
         {read_script(request, inside), read_hosts(request, inside), open_tools(inside)}) {
        if (!status) {
            return status.error();
        }
    }
    if (request.kernel.empty()) {
        request.kernel = kernel_of(inside.text);
    }
    inside.settings = read_machine_settings();
    inside.folder = absolute(".");
    inside.etc = request.etc.empty() ? "" : absolute(request.etc);
    Pipe ready;
    Pipe results;
    Pipe output;
    inside.ready = ready.ends[0];
    inside.results = results.ends[1];
    inside.output = output.ends[1];

    const pid_t process = fork_apart();
    if (process == 0) {
        ready.finish(1);  // it would wait for itself if this process died now
        results.finish(0);
        output.finish(0);
        run_inside(inside);
    }
    for (const auto& [name, file] : inside.tools) {
        close(file);
    }
    if (process < 0) {
        return no_namespace();
    }
    results.finish(1);
    output.finish(1);
    const Status mapped = map_ids(process);
    if (mapped) {
        (void)!write(ready.ends[1], "1", 1);
    }
    Listener listener(results, output);
    const bool told = mapped && listener.run(static_cast<int>(request.seconds) + grace);
    kill(process, SIGKILL);
    waitpid(process, nullptr, 0);
    if (!mapped) {
        return mapped.error();
    }
    fw::Result<Run> run = gather(decode(listener.bytes).records, inside, told);
    if (run) {
        run->output_cut = listener.cut;
    }
    return run;
}

}  // namespace sandbox
