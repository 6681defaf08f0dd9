// Random rulesets and packets. Both draw from the same small stock of addresses, ports and so on,
// so that most rules are met and most just missed.
#include "random_scenario.h"

#include <algorithm>
#include <initializer_list>
#include <utility>

#include "scenario.h"

namespace packets {

namespace {

constexpr std::initializer_list<const char*> user_chains = {"u0", "u1", "u2", "u3"};

void add_end(Dice& dice, Words& words, const char* option, const std::string& port) {
    if (dice.chance(45) && port.empty()) {
        return;
    }
    if (dice.chance(20)) {
        words.emplace_back("!");
    }
    words.emplace_back(option);
    words.push_back(
        dice.word({"10.0.0.1", "10.0.0.2", "10.1.0.1", "192.168.1.7", "0.0.0.0", "172.16.5.6"}) +
        dice.word({"", "", "/32", "/24", "/8", "/0", "/31", "/255.0.0.255", "/0.0.0.1",
                   "/255.255.0.254", "/85.85.85.85"}));
    if (!port.empty()) {
        if (dice.chance(25)) {
            words.emplace_back("!");
        }
        words.push_back(port);
    }
}

std::string port(Dice& dice) {
    return dice.word({"", "", "80", "53", "0", "65535", "1024:", ":1023", "0:65535", "0:65535",
                      "53:80", "81:1024", "1025"});
}

void add_icmp(Dice& dice, Words& words) {
    if (dice.chance(40)) {
        words.emplace_back("--icmp-type");
        words.push_back(dice.word({"ping", "pong", "destination-unreachable", "port-unreachable",
                                   "time-exceeded", "redirect", "timestamp-request"}));
        return;
    }
    if (dice.chance(70)) {
        words.emplace_back("--sport");
        words.push_back(dice.word({"8", "0", "3", "3:5", "0:65535", "8:255", "9:13", "300"}));
    }
    if (dice.chance(60)) {
        words.emplace_back("--dport");
        words.push_back(dice.word({"0", "3", "0:2", "1:300", "0:65535", "5"}));
    }
}

// Protocol, addresses, ports, flags.
void add_match(Dice& dice, Words& words) {
    const bool given = dice.chance(75);
    const std::string protocol = dice.word(
        {"tcp", "tcp", "tcp", "udp", "udp", "icmp", "icmp", "47", "255", "300", "2", "all"});
    const bool inverted = given && dice.chance(12);
    if (given) {
        words.emplace_back("-p");
        if (inverted) {
            words.emplace_back("!");
        }
        words.push_back(protocol);
    }
    const bool ports = given && !inverted && (protocol == "tcp" || protocol == "udp");
    add_end(dice, words, "-s", ports ? port(dice) : "");
    add_end(dice, words, "-d", ports ? port(dice) : "");
    if (given && !inverted && protocol == "icmp") {
        add_icmp(dice, words);
    }
    if (ports && protocol == "tcp" && dice.chance(35)) {
        if (dice.chance(50)) {
            words.emplace_back("!");
        }
        words.emplace_back("-y");
    }
    if (dice.chance(15)) {
        if (dice.chance(50)) {
            words.emplace_back("!");
        }
        words.emplace_back("-f");
    }
    if (dice.chance(30)) {
        words.emplace_back("-i");
        if (dice.chance(30)) {
            words.emplace_back("!");
        }
        words.push_back(dice.word({"eth0", "ppp+", "ppp0", "e+", "p", "p+", "+", "lo", "eth1+",
                                   "near0", "far0", "none0"}));
    }
}

// TOS, mark, logging and copying.
void add_effects(Dice& dice, Words& words) {
    if (dice.chance(15)) {
        words.emplace_back("-t");
        words.push_back(dice.word({"01", "ff", "e1", "fd", "11", "03", "1f", "f1", "7d"}));
        words.push_back(dice.word({"00", "02", "04", "08", "10", "a0", "e0", "fe", "12", "40"}));
    }
    if (dice.chance(20)) {
        words.emplace_back("-m");
        words.push_back(dice.word({"0", "5", "0x100", "4294967295", "+1", "+5", "+10", "-1", "-7",
                                   "+4294967295", "+0x7fffffff", "-0x80000000", "+305419896"}));
    }
    if (dice.chance(10)) {
        words.emplace_back("-l");
    }
    if (dice.chance(12)) {
        words.emplace_back("-o");
        if (dice.chance(60)) {
            words.push_back(dice.word({"0", "20", "60", "1", "65535", "40"}));
        }
    }
}

void add_target(Dice& dice, Words& words) {
    if (dice.chance(80)) {
        words.emplace_back("-j");
        words.push_back(dice.chance(40) ? dice.word(user_chains)
                                        : dice.word({"ACCEPT", "ACCEPT", "DENY", "REJECT", "REJECT",
                                                     "RETURN", "RETURN", "MASQ", "REDIRECT"}));
    }
}

std::string chain(Dice& dice) {
    return dice.chance(45) ? dice.word(user_chains)
                           : dice.word({"input", "input", "forward", "output"});
}

// A rule that masquerades or redirects, in a chain that packets come to on their way in or through.
Words rewriting_rule(Dice& dice) {
    const bool redirect = dice.chance(40);
    Words words = {"-A", dice.chance(60) ? dice.word(user_chains) : redirect ? "input" : "forward"};
    if (dice.chance(20)) {
        words[0] = "-I";
    }
    const bool ports = redirect || dice.chance(60);
    if (ports) {
        words.insert(words.end(), {"-p", dice.word({"tcp", "udp"})});
    }
    for (const char* option : {"-s", "-d"}) {
        if (dice.chance(50)) {
            add_end(dice, words, option, ports ? port(dice) : "");
        }
    }
    if (dice.chance(25)) {
        words.insert(words.end(), {"-i", dice.word({"eth0", "ppp+", "e+", "p", near_interface})});
    }
    add_effects(dice, words);
    words.insert(words.end(), {"-j", redirect ? "REDIRECT" : "MASQ"});
    if (redirect && dice.chance(70)) {
        words.push_back(dice.word({"80", "3128", "53", "0", "65535", "8080"}));
    }
    return words;
}

Words rule(Dice& dice, Words words) {
    add_match(dice, words);
    add_effects(dice, words);
    add_target(dice, words);
    if (dice.chance(5)) {
        words.emplace_back("-b");
    }
    return words;
}

Words command(Dice& dice) {
    const std::string number = dice.word({"1", "1", "2", "3", "4"});
    switch (dice.number(20)) {
        case 0:
            return {"-P", dice.word({"input", "forward", "output"}),
                    dice.word({"ACCEPT", "ACCEPT", "DENY", "REJECT"})};
        case 1:
        case 2:
        case 3: return rule(dice, {"-I", chain(dice), number});
        case 4: return rule(dice, {"-R", chain(dice), number});
        case 5: return {"-D", chain(dice), number};
        case 6:
            return dice.chance(30) ? Words{dice.word({"-F", "-Z"}), chain(dice)}
                                   : rule(dice, {"-D", chain(dice)});
        case 7: return dice.chance(30) ? Words{"-X", chain(dice)} : Words{"-N", chain(dice)};
        default: return rule(dice, {"-A", chain(dice)});
    }
}

// As above; the policies that let packets come to `forward` and leave are likelier here.
Words rewriting_command(Dice& dice) {
    if (dice.chance(50)) {
        return rewriting_rule(dice);
    }
    if (dice.chance(10)) {
        return {"-P", "forward", dice.word({"MASQ", "MASQ", "ACCEPT", "DENY"})};
    }
    return command(dice);
}

std::uint8_t flags(Dice& dice) {
    return dice.pick<std::uint8_t>({0x02, 0x02, 0x10, 0x12, 0x04, 0x06, 0x01, 0x00, 0x3f, 0xc2});
}

fw::Packet packet(Dice& dice) {
    fw::Packet packet;
    const auto address = [&dice] {
        return fw::Address{dice.pick<std::uint32_t>(
            {0x0a000001, 0x0a000002, 0x0a010001, 0x0a010003, 0xc0a80107, 0xac100506, 0x0b160042})};
    };
    packet.source = address();
    packet.destination = address();
    packet.protocol = dice.pick<std::uint16_t>({6, 6, 6, 17, 17, 1, 1, 47, 255, 2});
    packet.source_port = dice.pick<std::uint16_t>({53, 80, 0, 65535, 1024, 1025, 79, 81});
    packet.destination_port = dice.pick<std::uint16_t>({53, 80, 0, 65535, 1023, 1024, 54, 52});
    if (packet.protocol == fw::protocol_icmp) {
        packet.source_port = dice.pick<std::uint16_t>({8, 0, 3, 5, 11, 13, 255, 4});
        packet.destination_port = dice.pick<std::uint16_t>({0, 3, 1, 5, 255});
    }
    packet.tcp_flags = flags(dice);
    packet.header_words = dice.pick<std::uint8_t>({5, 5, 5, 5, 6, 7, 10, 15});
    packet.options.assign((packet.header_words - 5U) * 4U, 1);  // NOP, RFC 791
    const std::uint64_t payload = dice.chance(35) ? dice.number(21) : 20 + dice.number(60);
    packet.length = static_cast<std::uint16_t>(packet.header_words * 4U + payload);
    if (dice.chance(25)) {
        packet.fragment_offset = dice.pick<std::uint16_t>({1, 2, 3, 185, 0x1fff});
    }
    packet.more_fragments = dice.chance(15);
    packet.dont_fragment = dice.chance(20);
    packet.tos = dice.pick<std::uint8_t>({0, 0x10, 0x08, 0xff, 0xe0, 0x02, 0x5d});
    packet.ttl = dice.pick<std::uint8_t>({64, 2, 255, 1});
    packet.id = static_cast<std::uint16_t>(1 + dice.number(65535));
    return packet;
}

}  // namespace

Shot random_shot(Dice& dice) {
    Shot shot{dice.chance(30), packet(dice), far_interface};
    const auto interface = [&dice] {
        return dice.word({"eth0", "ppp0", "ppp1", "p", "e", "eth1", "eth10", near_interface});
    };
    shot.packet.interface = interface();
    if (shot.local) {
        if (dice.chance(25)) {
            shot.packet.interface = "lo";
        }
        shot.packet.mark = dice.pick<std::uint32_t>(
            {0, 0, 1, 5, 0xffffffff, 0xfffffff9, 0x80000000, 0x7fffffff, 0xff});
    } else if (dice.chance(60)) {
        shot.route = interface();
    }
    return shot;
}

Shot random_rewriting_shot(Dice& dice) {
    Shot one = random_shot(dice);
    if (one.local && dice.chance(60)) {
        one = {false, std::move(one.packet), far_interface};
        one.packet.interface = near_interface;
    }
    if (dice.chance(90)) {
        one.packet.fragment_offset = 0;
        one.packet.more_fragments = false;
    }
    if (dice.chance(85)) {
        one.packet.tcp_flags = dice.pick<std::uint8_t>({0x02, 0x02, 0x10, 0x18, 0xc2});
        one.packet.length = static_cast<std::uint16_t>(one.packet.length + 20);
    }
    if (one.packet.protocol == fw::protocol_icmp && dice.chance(60)) {
        one.packet.source_port = dice.pick<std::uint16_t>({8, 8, 13});
        one.packet.destination_port = 0;
    }
    if (one.packet.protocol == 47) {
        // GRE, version 0 (RFC 2784); others and shorter ones the kernel does not rewrite.
        one.packet.source_port = dice.pick<std::uint16_t>({0, 0x50});
        one.packet.length = std::max<std::uint16_t>(one.packet.length, 80);
    }
    const bool whole = one.packet.fragment_offset == 0 && !one.packet.more_fragments;
    if (!one.local && whole && one.packet.header_words == 5 && one.packet.length > 48 &&
        dice.chance(25)) {
        one.packet.dont_fragment = false;
        one.cut = dice.pick<std::size_t>({8, 16, 24});
    }
    return one;
}

Scenario random_rewriting_scenario(std::uint64_t seed, std::uint64_t number) {
    Dice dice(seed ^ 2200, number);
    Scenario scenario{"rewriting-" + std::to_string(number), {}, Tracking::yes};
    for (const char* name : user_chains) {
        scenario.steps.emplace_back(Words{"-N", name});
        scenario.steps.emplace_back(Words{"-A", dice.word({"input", "forward"}), "-j", name});
    }
    for (int part = 0; part < 2; ++part) {
        for (std::uint64_t commands = 5 + dice.number(12); commands > 0; --commands) {
            scenario.steps.emplace_back(rewriting_command(dice));
        }
        for (int shots = 0; shots < 25; ++shots) {
            scenario.steps.emplace_back(random_rewriting_shot(dice));
        }
    }
    return scenario;
}

Scenario random_scenario(std::uint64_t seed, std::uint64_t number) {
    Dice dice(seed, number);
    Scenario scenario{"random-" + std::to_string(number), {}, Tracking::no};
    for (const char* name : user_chains) {
        scenario.steps.emplace_back(Words{"-N", name});
    }
    const auto add_commands = [&](std::uint64_t count) {
        while (count-- > 0) {
            scenario.steps.emplace_back(command(dice));
        }
    };
    const auto add_shots = [&](std::uint64_t count) {
        while (count-- > 0) {
            scenario.steps.emplace_back(random_shot(dice));
        }
    };
    add_commands(8 + dice.number(20));
    add_shots(25);
    add_commands(3 + dice.number(8));
    add_shots(25);
    return scenario;
}

}  // namespace packets
