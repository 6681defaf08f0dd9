// Runs a script in the sandbox of fw-translate and prints what it did, for tests.
//
//     sandboxed [--with IF=ADDRESS]... [--gateway ADDRESS] [--hosts FILE] [--etc DIR]
//               [--time SECONDS] SCRIPT ARGUMENT...
//
// Exit status: 0; 1 if the script did not end well; 2 if there was no sandbox.
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "message.h"
#include "sandbox/run.h"

namespace {

int fail(const fw::Error& error) {
    std::fputs(cli::error_line("sandboxed", error).c_str(), stderr);
    return 2;
}

bool take(sandbox::RunRequest& request, std::string_view option, const char* value) {
    if (option == "--with") {
        const auto interface = sandbox::read_interface(value);
        if (!interface) {
            return false;
        }
        request.interfaces.push_back(*interface);
    } else if (option == "--gateway") {
        request.gateway = sandbox::read_address(value);
    } else if (option == "--hosts") {
        request.hosts = value;
    } else if (option == "--etc") {
        request.etc = value;
    } else if (option == "--time") {
        request.seconds = static_cast<unsigned>(std::atoi(value));
    } else {
        return false;
    }
    return true;
}

void print(const sandbox::Run& run) {
    for (std::size_t i = 0; i < run.commands.size(); ++i) {
        const fw::SourceLine& source = run.commands[i].source;
        std::printf("%u: %s = %d\n", source.line, source.text.c_str(), run.statuses[i]);
    }
    std::printf("--- report\n%s--- sysctl\n%s", sandbox::report_text(run).c_str(),
                sandbox::sysctl_text(run).c_str());
}

}  // namespace

int main(int argc, char** argv) {
    sandbox::RunRequest request;
    int index = 1;
    for (; index + 1 < argc && std::string_view(argv[index]).starts_with("--"); index += 2) {
        if (!take(request, argv[index], argv[index + 1])) {
            return fail({fw::Code::usage, argv[index], -1, "this option is not understood", ""});
        }
    }
    if (index >= argc) {
        return fail({fw::Code::usage, "", -1, "no script is named", ""});
    }
    request.script = argv[index];
    request.arguments.assign(argv + index + 1, argv + argc);
    const fw::Result<sandbox::Run> run = sandbox::run_script(request);
    if (!run) {
        return fail(run.error());
    }
    print(*run);
    return run->finished() ? 0 : 1;
}
