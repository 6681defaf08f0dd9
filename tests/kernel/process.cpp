#include "process.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>

#include "network.h"

namespace packets {

namespace {

std::string contents(int file) {
    const off_t size = lseek(file, 0, SEEK_END);
    std::string text(size > 0 ? static_cast<std::size_t>(size) : 0, '\0');
    const ssize_t got = pread(file, text.data(), text.size(), 0);
    text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return text;
}

Run wait_for(pid_t child, int output) {
    int status = 0;
    if (waitpid(child, &status, 0) != child || !WIFEXITED(status)) {
        return {-1, contents(output)};
    }
    return {WEXITSTATUS(status), contents(output)};
}

}  // namespace

Run run(std::vector<std::string> words, const std::string& input) {
    const Descriptor in(memfd_create("input", MFD_CLOEXEC));
    const Descriptor out(memfd_create("output", MFD_CLOEXEC));
    if (write(in.get(), input.data(), input.size()) != static_cast<ssize_t>(input.size()) ||
        lseek(in.get(), 0, SEEK_SET) != 0 || fcntl(out.get(), F_SETFL, O_APPEND) != 0) {
        return {-1, "memfd"};
    }
    std::vector<char*> arguments;
    for (std::string& word : words) {
        arguments.push_back(word.data());
    }
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in.get(), 0);
    posix_spawn_file_actions_adddup2(&actions, out.get(), 1);
    posix_spawn_file_actions_adddup2(&actions, out.get(), 2);
    pid_t child = 0;
    const int problem =
        posix_spawnp(&child, words[0].c_str(), &actions, nullptr, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    return problem == 0 ? wait_for(child, out.get()) : Run{-1, std::strerror(problem)};
}

}  // namespace packets
