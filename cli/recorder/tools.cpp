#include "tools.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
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

fw::Result<fw::Ruleset> fetch(const char* file, fw::Dialect dialect) {
    const auto store = fw::open_file_store(file, {}, dialect);
    return store ? (*store)->fetch() : fw::Result<fw::Ruleset>(store.error());
}

// Those files that there are: of Linux 2.2, or of 2.0.
void show_in_proc() {
    if (const auto ruleset = fetch(sandbox::state_file, fw::Dialect::ipchains)) {
        replace("ip_fwchains", fw::print_proc_fwchains(*ruleset));
        replace("ip_fwnames", fw::print_proc_fwnames(*ruleset));
    }
    if (const auto ruleset = fetch(sandbox::ipfwadm_file, fw::Dialect::ipfwadm)) {
        const std::string all = fw::print_proc_ipfwadm(*ruleset);
        std::size_t at = 0;
        for (const char* name : {"ip_forward", "ip_input", "ip_output", "ip_acct"}) {
            const std::size_t end = std::min(all.find("\nIP ", at), all.size() - 1) + 1;
            replace(name, all.substr(at, end - at));
            at = end;
        }
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
    setenv("IPFWADM_STATE", sandbox::ipfwadm_file, 1);
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
