#include "apply_script.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace cli {

namespace {

constexpr std::string_view blanks = " \t\r";

std::string take_word(std::string_view& line) {
    line.remove_prefix(std::min(line.find_first_not_of(blanks), line.size()));
    std::string word(line.substr(0, line.find_first_of(blanks)));
    line.remove_prefix(word.size());
    return word;
}

// As the kernel does it for files that can be executed: `#!/bin/sh -e` is one word and another.
void run_by_interpreter(const std::string& path, std::string_view text) {
    std::string_view line = text.substr(0, text.find('\n'));
    std::string interpreter = "/bin/sh";
    std::string argument;
    if (line.starts_with("#!")) {
        line.remove_prefix(2);
        interpreter = take_word(line);
        argument = take_word(line);
    }
    const char* const words[] = {interpreter.c_str(),
                                 argument.empty() ? path.c_str() : argument.c_str(),
                                 argument.empty() ? nullptr : path.c_str(), nullptr};
    execv(interpreter.c_str(), const_cast<char* const*>(words));
}

[[noreturn]] void run(const std::string& path, std::string_view text,
                      const std::optional<std::string>& state) {
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (const int number : {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGPIPE}) {
        signal(number, SIG_DFL);
    }
    const int nothing = open("/dev/null", O_RDONLY);
    dup2(nothing, STDIN_FILENO);
    if (state) {
        setenv("IPCHAINS_STATE", state->c_str(), 1);
    }
    if (access(path.c_str(), X_OK) == 0) {
        const char* const words[] = {path.c_str(), nullptr};
        execv(path.c_str(), const_cast<char* const*>(words));
    }
    run_by_interpreter(path, text);
    const std::string line = path + ": " + std::strerror(errno) + "\n";
    [[maybe_unused]] const ssize_t size = write(STDERR_FILENO, line.data(), line.size());
    _exit(127);
}

}  // namespace

bool is_script(const std::string& path, std::string_view text) {
    return text.starts_with("#!") || access(path.c_str(), X_OK) == 0;
}

fw::Result<pid_t> start_script(const std::string& path, std::string_view text,
                               const std::optional<std::string>& state) {
    const pid_t process = fork();
    if (process < 0) {
        return fw::Error{fw::Code::system, path, -1, std::strerror(errno), ""};
    }
    if (process == 0) {
        run(path, text, state);
    }
    setpgid(process, process);  // before anybody wants to kill it
    return process;
}

}  // namespace cli
