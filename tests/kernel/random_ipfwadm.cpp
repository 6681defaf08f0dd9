// Random rulesets of ipfwadm. They draw from the same small stock as the packets that they meet.
#include <string>
#include <utility>

#include "random_scenario.h"
#include "scenario.h"

namespace packets {

namespace {

void add_words(Words& words, const Words& more) {
    words.insert(words.end(), more.begin(), more.end());
}

// Up to three on a side, one of them a range.
Words ports(Dice& dice) {
    Words words;
    if (dice.chance(40)) {
        words.push_back(dice.word(
            {"53:80", "0:65535", "1024:65535", "0:1023", "81:1024", "65535:65535", "80:80"}));
    }
    while (words.size() < 3 && dice.chance(50)) {
        words.push_back(dice.word({"80", "53", "0", "65535", "1025", "79", "54", "1024"}));
    }
    return words;
}

Words types(Dice& dice) {
    Words words = {dice.word({"8", "0", "3", "255", "3:5", "9:13"})};
    while (words.size() < 3 && dice.chance(40)) {
        words.push_back(dice.word({"8", "0", "3", "11", "13", "4"}));
    }
    return words;
}

void add_end(Dice& dice, Words& words, const char* option, const Words& behind) {
    if (behind.empty() && dice.chance(45)) {
        return;
    }
    words.emplace_back(option);
    words.push_back(
        dice.word({"10.0.0.1", "10.0.0.2", "10.1.0.1", "192.168.1.7", "172.16.5.6"}) +
        dice.word({"", "/32", "/24", "/8", "/0", "/31", "/255.0.0.255", "/0.0.0.1", "/15"}));
    add_words(words, behind);
}

void add_match(Dice& dice, Words& words, const std::string& protocol) {
    const bool has_ports = protocol == "tcp" || protocol == "udp";
    if (protocol != "all" || dice.chance(30)) {
        add_words(words, {"-P", protocol});
    }
    add_end(dice, words, "-S",
            has_ports            ? ports(dice)
            : protocol == "icmp" ? (dice.chance(70) ? types(dice) : Words())
                                 : Words());
    add_end(dice, words, "-D", has_ports ? ports(dice) : Words());
    for (const char* flag : {"-b", "-y", "-k"}) {
        if (dice.chance(*(flag + 1) == 'b' ? 30 : 18)) {
            words.emplace_back(flag);
        }
    }
    if (dice.chance(20)) {
        add_words(words, {"-W", dice.word({"eth0", "ppp0", "p", "lo", "eth1", "near0", "none0"})});
    }
    if (dice.chance(12)) {
        add_words(words, {"-V", dice.word({"10.0.0.254", "192.168.1.254", "1.2.3.4", "127.0.0.1",
                                           "9.9.9.9"})});
    }
}

// A rule of a firewall, or of accounting; `rewrites`: it may masquerade and redirect.
Words rule(Dice& dice, bool rewrites) {
    const std::string category =
        rewrites ? dice.word({"-I", "-F"}) : dice.word({"-I", "-I", "-O", "-F", "-A", "-A"});
    const std::string command = dice.word({"-a", "-a", "-a", "-i", "-i", "-d"});
    Words words = {category};
    if (category == "-A") {
        words.push_back(dice.word({"in", "out", "both"}));
        words.push_back(command);
    } else {
        add_words(words, {command, rewrites ? std::string("accept")
                                            : dice.word({"accept", "accept", "deny", "reject"})});
    }
    const bool redirects = rewrites && category == "-I";
    const std::string protocol =
        redirects ? dice.word({"tcp", "tcp", "udp", "all"})
                  : dice.word({"tcp", "tcp", "tcp", "udp", "udp", "icmp", "all", "all"});
    add_match(dice, words, protocol);
    if (category != "-A" && dice.chance(15)) {
        add_words(words, {"-t", dice.word({"01", "ff", "e1", "fd", "11", "03", "1f", "f1"}),
                          dice.word({"00", "02", "04", "08", "10", "a0", "e0", "fe", "12"})});
    }
    if (dice.chance(10)) {
        words.emplace_back("-o");
    }
    if (redirects) {
        words.emplace_back("-r");
        if (dice.chance(70)) {
            words.push_back(dice.word({"80", "3128", "53", "65535", "8080"}));
        }
    } else if (rewrites) {
        words.emplace_back("-m");
    }
    return words;
}

Words command(Dice& dice, bool rewrites) {
    if (rewrites && dice.chance(45)) {
        return rule(dice, true);
    }
    const std::string category = dice.word({"-I", "-O", "-F", "-A"});
    switch (dice.number(18)) {
        case 0:
        case 1:
            return category == "-A"
                       ? Words{category, "-z"}
                       : Words{category, "-p", dice.word({"accept", "accept", "deny", "reject"})};
        case 2: return {category, dice.chance(40) ? "-f" : "-z"};
        default: return rule(dice, false);
    }
}

}  // namespace

Scenario random_ipfwadm_scenario(std::uint64_t seed, std::uint64_t number, Tracking tracking) {
    const bool rewrites = tracking == Tracking::yes;
    Dice dice(seed ^ (rewrites ? 2038 : 2000), number);
    Scenario scenario{(rewrites ? "rewriting-" : "random-") + std::to_string(number),
                      {},
                      tracking,
                      fw::Dialect::ipfwadm};
    for (std::uint64_t commands = 8 + dice.number(16); commands > 0; --commands) {
        scenario.steps.emplace_back(command(dice, rewrites));
    }
    for (int part = 0; part < 2; ++part) {
        for (int shots = 0; shots < 25; ++shots) {
            scenario.steps.emplace_back(rewrites ? random_rewriting_shot(dice) : random_shot(dice));
        }
        for (std::uint64_t commands = 2 + dice.number(6); part == 0 && commands > 0; --commands) {
            scenario.steps.emplace_back(command(dice, rewrites));
        }
    }
    return scenario;
}

}  // namespace packets
