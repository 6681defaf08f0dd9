// What a script finds in the sandbox of fw-translate --run wherever it looks for ipchains,
// modprobe, ifconfig and others: notes what it is asked and from where, and answers as the program
// of that name would have answered.
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "interface.h"
#include "noting.h"
#include "route.h"
#include "sandbox/contents.h"
#include "sandbox/programs.h"
#include "tools.h"

namespace recorder {

namespace {

using sandbox::Kind;

constexpr std::size_t longest_input = 16U << 20;

// ip-masq-module leaves modules that are not its own to the real modprobe, which is us again.
constexpr const char* inner_variable = "FW_INNER";

int ours(const std::string& program, const std::string& name, const Words& words) {
    std::optional<std::string> input;
    if (name == "ipchains-restore") {
        input = sandbox::contents(STDIN_FILENO, longest_input);
    }
    const Note note(program, words, input.value_or(""));
    return note.end(run_tool(name, program, words, input));
}

int not_yet(const std::string& program, const std::string& name, const Words& words) {
    const Note note(program, words);
    std::fprintf(stderr, "%s: rules of this program are not understood yet\n", name.c_str());
    return note.end(1);
}

// The real module would be for the real machine: what isn't about masquerading is only noted.
int module(const std::string& program, const std::string& name, const Words& words) {
    if (std::getenv(inner_variable) != nullptr) {
        return 0;
    }
    if (name == "lsmod") {
        std::printf("Module                  Size  Used by\n");
        std::fflush(stdout);
    }
    if (name == "depmod" || (name == "lsmod" && !words.empty())) {
        return 0;
    }
    setenv(inner_variable, "1", 1);
    const Note note(program, words);
    return note.end(run_tool(name, name, words, std::nullopt));
}

int refuse(const std::string& program, const std::string& name, const Words& words,
           const char* why) {
    const Note note(program, words);
    std::fprintf(stderr, "%s: not in the sandbox: %s\n", name.c_str(), why);
    return note.end(1);
}

int swallow(const std::string& program, const Words& words) {
    const Note note(program, words);
    if (isatty(STDIN_FILENO) == 0) {
        (void)sandbox::contents(STDIN_FILENO, longest_input);
    }
    return note.end(0);
}

int sleep_a_little() {
    const timespec pause{0, 10'000'000};
    nanosleep(&pause, nullptr);
    return 0;
}

int name_kernel(const Words& words) {
    utsname about{};
    uname(&about);
    const char* release = std::getenv(sandbox::kernel_variable);
    std::string letters;
    for (const std::string& word : words) {
        if (word.starts_with("--")) {
            letters += word == "--kernel-release" ? 'r' : word == "--all" ? 'a' : word[2];
        } else if (word.starts_with('-')) {
            letters += word.substr(1);
        }
    }
    const std::pair<char, std::string> fields[] = {{'s', about.sysname},
                                                   {'n', about.nodename},
                                                   {'r',
                                                    release == nullptr ? about.release : release},
                                                   {'v', about.version},
                                                   {'m', about.machine}};
    std::string text;
    for (const auto& [letter, field] : fields) {
        const bool wanted = letters.empty() ? letter == 's'
                                            : letters.find(letter) != letters.npos ||
                                                  letters.find('a') != letters.npos;
        text += wanted ? (text.empty() ? "" : " ") + field : "";
    }
    std::printf("%s\n", text.empty() ? "unknown" : text.c_str());
    return 0;
}

// bash, told by its name that it is to behave as sh would not say where in the script it is; told
// so by what it reads first, it does.
int shell(const Words& words) {
    std::vector<char*> arguments = {const_cast<char*>("bash")};  // execv leaves them alone
    for (const std::string& word : words) {
        arguments.push_back(const_cast<char*>(word.c_str()));
    }
    arguments.push_back(nullptr);
    setenv("BASH_ENV", sandbox::shell_file, 1);
    setenv("FW_POSIX", "1", 1);
    execv("/bin/bash", arguments.data());
    unsetenv("BASH_ENV");
    unsetenv("FW_POSIX");
    arguments[0] = const_cast<char*>("sh");
    execv((std::string(sandbox::machine_folder) + "/bin/sh").c_str(), arguments.data());
    std::fprintf(stderr, "sh: can't be started: %s\n", std::strerror(errno));
    return 126;
}

int run(const std::string& program, const Words& words) {
    const std::string name = program.substr(program.rfind('/') + 1);
    for (const sandbox::Program& one : sandbox::programs) {
        if (one.name != name) {
            continue;
        }
        switch (one.kind) {
            case Kind::ours: return ours(program, name, words);
            case Kind::not_yet: return not_yet(program, name, words);
            case Kind::module: return module(program, name, words);
            case Kind::interface: {
                const Note note(program, words);
                return note.end(ifconfig(words));
            }
            case Kind::route: {
                const Note note(program, words);
                return note.end(route(words));
            }
            case Kind::network: return refuse(program, name, words, "it asks other machines");
            case Kind::machine: return refuse(program, name, words, "it is about the machine");
            case Kind::quiet: return swallow(program, words);
            case Kind::sleep: return sleep_a_little();
            case Kind::uname: return name_kernel(words);
            case Kind::shell: return shell(words);
        }
    }
    std::fprintf(stderr, "%s: this program is for the sandbox of fw-translate --run\n",
                 name.c_str());
    return 2;
}

}  // namespace

}  // namespace recorder

int main(int argc, char** argv) {
    const recorder::Words words(argv + (argc > 0 ? 1 : 0), argv + argc);
    const int status = recorder::run(argc > 0 ? argv[0] : "", words);
    return std::fflush(stdout) == 0 ? status : 1;
}
