#include "tools.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "fw/print.h"
#include "fw/store.h"
#include "sandbox/programs.h"

namespace recorder {

namespace {

bool write_all(int file, const std::string& text) {
    std::size_t done = 0;
    while (done < text.size()) {
        const ssize_t count = write(file, text.data() + done, text.size() - done);
        if (count <= 0) {
            return false;
        }
        done += static_cast<std::size_t>(count);
    }
    return true;
}

void replace(const std::string& name, const std::string& text) {
    const std::string path = std::string(sandbox::net_folder) + "/" + name;
    const int file = open(path.c_str(), O_WRONLY | O_TRUNC | O_CLOEXEC);
    (void)write_all(file, text);
    close(file);
}

void show_in_proc() {
    const auto store = fw::open_file_store(sandbox::state_file);
    const fw::Result<fw::Ruleset> ruleset =
        store ? (*store)->fetch() : fw::Result<fw::Ruleset>(store.error());
    if (ruleset) {
        replace("ip_fwchains", fw::print_proc_fwchains(*ruleset));
        replace("ip_fwnames", fw::print_proc_fwnames(*ruleset));
    }
}

[[noreturn]] void become(const std::string& name, const std::string& as, const Words& words,
                         const std::optional<std::string>& input) {
    if (input) {
        const int file = open(sandbox::state_folder, O_TMPFILE | O_RDWR, 0600);
        if (!write_all(file, *input) || lseek(file, 0, SEEK_SET) != 0 || dup2(file, 0) < 0) {
            _exit(126);
        }
    }
    setenv("IPCHAINS_STATE", sandbox::state_file, 1);
    setenv("IPCHAINS_CONF", "/dev/null", 1);
    std::vector<char*> arguments = {const_cast<char*>(as.c_str())};  // execv leaves them alone
    for (const std::string& word : words) {
        arguments.push_back(const_cast<char*>(word.c_str()));
    }
    arguments.push_back(nullptr);
    execv((std::string(sandbox::tool_folder) + "/" + name).c_str(), arguments.data());
    dprintf(2, "%s: can't be started: %s\n", name.c_str(), std::strerror(errno));
    _exit(126);
}

}  // namespace

int run_tool(const std::string& name, const std::string& as, const Words& words,
             const std::optional<std::string>& input) {
    const pid_t child = fork();
    if (child == 0) {
        become(name, as, words, input);
    }
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) != child) {
        return 126;
    }
    show_in_proc();
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace recorder
