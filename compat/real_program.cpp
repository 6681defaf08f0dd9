#include "real_program.h"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "program.h"

namespace compat {

namespace {

// The real one, which is not this one.
std::string real_program(const char* name) {
    struct stat self {};
    if (stat("/proc/self/exe", &self) != 0) {
        return {};
    }
    for (const char* folder : {"/sbin/", "/usr/sbin/", "/bin/", "/usr/bin/"}) {
        const std::string path = std::string(folder) + name;
        struct stat other {};
        if (access(path.c_str(), X_OK) == 0 && stat(path.c_str(), &other) == 0 &&
            (other.st_dev != self.st_dev || other.st_ino != self.st_ino)) {
            return path;
        }
    }
    return {};
}

}  // namespace

bool is_there(const char* name) { return !real_program(name).empty(); }

int hand_over(const char* name, const Words& words) {
    std::string path = real_program(name);
    std::vector<char*> arguments = {path.data()};
    for (const std::string& word : words) {
        arguments.push_back(const_cast<char*>(word.c_str()));  // execv leaves them alone
    }
    arguments.push_back(nullptr);
    if (!path.empty()) {
        execv(path.c_str(), arguments.data());
    }
    return cli::fail(name, {fw::Code::system, "", -1,
                            path.empty() ? "there is no other program of this name"
                                         : std::strerror(errno),
                            "install kmod"});
}

int run_real(const char* name, const Words& words) {
    std::fflush(stdout);
    const pid_t child = fork();
    if (child == 0) {
        _exit(hand_over(name, words));
    }
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) != child) {
        return 1;
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

}  // namespace compat
