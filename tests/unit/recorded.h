// Recorded behaviour of the original programs, as tests read it: ipchains 1.3.9 on Linux 2.2.26,
// ipfwadm 2.3.0 on Linux 2.0.38. Files of one JSON object a line, under tests/data. A reader that
// can't find or understand its file throws, which fails the test that asked.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace recorded {

// One program run: its words (words[0] is the program's name) and what it did.
struct Command {
    std::vector<std::string> words;
    int exit = 0;
    std::string output;                // standard output
    bool complained = false;           // something was said on standard error
    std::optional<std::string> input;  // standard input, where it was given
};

// A case starts with an empty firewall. `commands` are ipchains, ipchains-save, ipchains-restore,
// or `pkt`: one packet through the kernel's matcher; or ipfwadm and `pkt20`. What there is of
// another kernel is "".
struct Case {
    std::string id;
    std::string group;
    std::vector<Command> commands;
    std::string fwnames;     // /proc/net/ip_fwnames at the end
    std::string fwchains;    // /proc/net/ip_fwchains at the end
    std::string proc20;      // Linux 2.0's four tables at the end, see proc20.h
    std::string kernel_log;  // "" where nothing was logged
};

// One packet and what the kernel did with it. `arguments` are pkt's.
struct Packet {
    std::vector<std::string> arguments;
    std::string verdict;
    std::uint16_t port = 0;  // of a REDIRECT
    std::uint8_t tos = 0;
    std::uint32_t mark = 0;
    std::vector<std::string> log;
    std::vector<std::string> copies;  // "len N mark 0xM if NAME data HEX", one a rule with -o
};

// A random ruleset: `rules` with the exit status of each, `checks` (-C) made before any packet,
// then the packets in order, and the kernel's tables after the last one.
struct Packets {
    std::string id;
    std::vector<Command> rules;
    std::vector<Command> checks;
    std::vector<Packet> packets;
    std::string fwnames;
    std::string fwchains;
    std::string proc20;
};

[[nodiscard]] std::vector<Case> cases(const std::string& path);
[[nodiscard]] std::vector<Packets> packets(const std::string& path);

// The two files of each program, read once.
[[nodiscard]] const std::vector<Case>& ipchains_cases();
[[nodiscard]] const std::vector<Packets>& ipchains_packets();
[[nodiscard]] const std::vector<Case>& ipfwadm_cases();
[[nodiscard]] const std::vector<Packets>& ipfwadm_packets();

}  // namespace recorded
