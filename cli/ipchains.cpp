// ipchains of 1999 on today's kernel.
#include <unistd.h>

#include <cstdio>

#include "firewall_program.h"
#include "fw/parse.h"
#include "fw/print.h"
#include "help.h"
#include "program.h"

namespace {

// The original warned whoever typed a rule for forward while forwarding was off.
fw::Surroundings look_around() {
    fw::Surroundings surroundings;
    if (isatty(STDIN_FILENO) == 0) {
        return surroundings;
    }
    if (std::FILE* file = std::fopen("/proc/sys/net/ipv4/ip_forward", "re")) {
        surroundings.forwarding_off = std::fgetc(file) == '0';
        std::fclose(file);
    }
    return surroundings;
}

constexpr cli::FirewallProgram ipchains = {
    fw::Dialect::ipchains,
    [](std::span<const std::string> words, const fw::Names& names) {
        return fw::parse_ipchains(words, names, look_around());
    },
    [](const fw::Help& help) { return help.icmp ? fw::print_icmp_names() : cli::ipchains_help(); },
    [] { return cli::version_line("ipchains"); },
};

}  // namespace

int main(int argc, char** argv) { return cli::run_firewall_program(ipchains, argc, argv); }
