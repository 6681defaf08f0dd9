#include "fw_translate_run.h"

#include <algorithm>

#include "message.h"
#include "program.h"
#include "sandbox/run.h"

namespace translating {

namespace {

constexpr const char* program = "fw-translate";

fw::Result<sandbox::RunRequest> read_request(const Options& options) {
    const Machine& machine = options.machine;
    sandbox::RunRequest request;
    request.script = options.files.front();
    request.arguments.assign(options.files.begin() + 1, options.files.end());
    for (const std::string& word : machine.interfaces) {
        const fw::Result<sandbox::Interface> interface = sandbox::read_interface(word);
        if (!interface) {
            return interface.error();
        }
        request.interfaces.push_back(*interface);
    }
    if (!machine.gateway.empty()) {
        const auto gateway = sandbox::read_address(machine.gateway);
        if (!gateway) {
            return fw::Error{fw::Code::usage, "--gateway=" + machine.gateway, -1,
                             "should be an address", "write --gateway 10.0.0.254"};
        }
        request.gateway = *gateway;
    }
    request.hosts = options.hosts;
    request.etc = machine.etc;
    request.kernel = machine.kernel.empty() ? request.kernel : machine.kernel;
    request.seconds = machine.seconds == 0 ? request.seconds : machine.seconds;
    return request;
}

void say_report(const std::string& report) {
    for (std::size_t at = 0; at < report.size();) {
        const std::size_t end = report.find('\n', at);
        cli::say(std::string(program) + ": " + report.substr(at, end + 1 - at), stderr);
        at = end + 1;
    }
}

// "eth0:0 10.0.0.2/24": packets know an interface by its own name.
cli::Interfaces given_addresses(const sandbox::Run& run) {
    cli::Interfaces interfaces;
    for (const std::string& text : run.addresses) {
        const std::size_t blank = std::min(text.find(' '), text.size() - 1);
        const std::string address = text.substr(blank + 1);
        if (const auto parsed = sandbox::read_address(address.substr(0, address.find('/')))) {
            interfaces[*parsed] = text.substr(0, std::min(text.find(':'), blank));
        }
    }
    return interfaces;
}

bool is_not_yet(const sandbox::Run& run, const fw::SourceLine& source) {
    return std::any_of(run.not_yet.begin(), run.not_yet.end(), [&](const sandbox::Aside& aside) {
        return source.text.starts_with(aside.program + " ") || source.text == aside.program;
    });
}

}  // namespace

Ran run_in_sandbox(const Options& options) {
    Ran ran;
    const fw::Result<sandbox::RunRequest> request = read_request(options);
    fw::Result<sandbox::Run> run =
        request ? sandbox::run_script(*request) : fw::Result<sandbox::Run>(request.error());
    if (!run) {
        ran.failed = true;
        (void)cli::fail(program, run.error());
        return ran;
    }
    say_report(sandbox::report_text(*run));
    ran.failed = !run->finished() || run->commands.empty();
    const std::string settings = sandbox::sysctl_text(*run);
    ran.settings = "# Settings of " + cli::printable(request->script) + "\n" + settings;
    for (std::size_t i = 0; i < run->commands.size(); ++i) {
        ran.refused.push_back(run->statuses[i] > 0 && !is_not_yet(*run, run->commands[i].source));
    }
    ran.interfaces = given_addresses(*run);
    ran.commands = std::move(run->commands);
    return ran;
}

fw::Result<cli::Interfaces> described_interfaces(const Options& options) {
    cli::Interfaces interfaces;
    for (const std::string& word : options.machine.interfaces) {
        const fw::Result<sandbox::Interface> interface = sandbox::read_interface(word);
        if (!interface) {
            return interface.error();
        }
        interfaces[interface->address] = interface->name;
    }
    return interfaces;
}

bool is_excused(const Ran& ran, const fw::LineError& error) {
    if (error.line == 0) {
        return false;
    }
    if (error.line <= ran.commands.size()) {
        return ran.refused[error.line - 1];
    }
    // A line of saved rules: which ipchains-restore it was given to is not known.
    bool any = false;
    bool all_refused = true;
    for (std::size_t i = 0; i < ran.commands.size(); ++i) {
        const bool restores = ran.commands[i].program.ends_with("ipchains-restore");
        any = any || restores;
        all_refused = all_refused && (!restores || ran.refused[i]);
    }
    return any && all_refused;
}

}  // namespace translating
