// What people mistype: the answer names the word, says what is wrong with it, and what to do.
#include <catch2/catch.hpp>

#include "parse/hints.h"
#include "parse_lines.h"

namespace {

struct Mistake {
    std::string line;
    std::string word;     // the offending word
    int position;         // and where it stands
    std::string problem;  // part of what is said about it
    std::string remedy;   // part of what is advised
};

const Mistake mistakes[] = {
    // Targets, policies and chains as they are spelled elsewhere.
    {"-P input deny", "deny", 2, "no policy", "DENY"},
    {"-P input DROP", "DROP", 2, "no policy", "DENY"},
    {"-P INPUT DENY", "INPUT", 1, "input, forward and output", "did you mean input"},
    {"-P foo DENY", "foo", 1, "input, forward and output", "-A foo -j DENY"},
    {"-P input MASQ", "MASQ", 2, "forwarded", "forward"},
    {"-P input", "input", 1, "something must follow", "-P input DENY"},
    {"-A input -j ''", "", 3, "empty", "leave out -j"},
    {"-A input -j MASQ", "MASQ", 3, "forwarded", "forward"},
    {"-A output -p tcp -j REDIRECT", "REDIRECT", 5, "arriving", "input"},
    {"-A input -j REDIRECT 80", "REDIRECT", 3, "TCP and UDP", "-p tcp"},
    {"-A input -j ACCEPT 80", "80", 4, "nothing can follow", "REDIRECT"},
    {"-A input -p tcp -j REDIRECT 80:90", "80:90", 6, "one port", "one number"},
    {"-A input -p tcp -j REDIRECT --to-ports 80", "--to-ports", 6, "no such option", "-j REDIRECT"},

    // Ports.
    {"-A input --dport 80", "80", 3, "ports belong to a protocol", "-p tcp"},
    {"-A input -p ! tcp --dport 80", "80", 6, "-p !", "-p tcp"},
    {"-A input -p tcp 80", "80", 4, "can't follow the protocol", "--dport"},
    {"-A input -p tcp -d 10.0.0.0/8 smtp www", "www", 7, "one port or range", "a rule for each"},
    {"-A input -p tcp --dport 80,443", "80,443", 5, "one port or range", "a rule for each"},
    {"-A input -p tcp --dport 80 -d 0/0 90", "-d", 6, "given twice", "once"},
    {"-A input -p tcp -d 0/0 1024:-j DENY", "1024:-j", 6, "sticks", "1024: -j"},
    {"-A input -p tcp --dport 1024:-j", "1024:-j", 5, "not a port", "space"},
    {"-A input -p tcp --dport 65536", "65536", 5, "no such port", "65535"},
    {"-A input -p tcp --dport ''", "", 5, "empty port", "leave the word out"},
    {"-A input -p tcp --dport HTTP", "HTTP", 5, "no tcp service", "number"},
    {"-A input -p udp --dport http", "http", 5, "no udp service", "-p tcp"},
    {"-A input -y -j DENY", "-y", 2, "only TCP", "-p tcp"},
    {"-A input -p udp -y", "-y", 4, "only TCP", "-p tcp"},
    {"-A input -f -p tcp --dport 80", "-f", 2, "no ports", "leave out -f"},
    {"-A input -f -p tcp -y", "-f", 2, "no TCP flags", "leave out"},
    {"-A input -p icmp --icmp-type echo", "echo", 5, "several ICMP names",
     "echo-reply, echo-request"},
    {"-A input -p icmp --icmp-type pingg", "pingg", 5, "no ICMP type", "-h icmp"},
    {"-A input -p icmp -d 0/0 ping", "ping", 6, "no ICMP type", "-s or --icmp-type"},
    {"-A input -p icmp --icmp-type ping --dport 0", "0", 7, "settles the code", "leave the code"},
    {"-A input -p icmp ! --icmp-type ping", "ping", 6, "can't be inverted", "! 8"},

    // Addresses.
    {"-A input -s nosuchhost", "nosuchhost", 3, "no host or network", "spelling"},
    {"-A input -s any", "any", 3, "no host or network", "0/0"},
    {"-A input -d 192.1.2.*", "192.1.2.*", 3, "*", "192.1.2.0/24"},
    {"-A input -d 10.*.*.*", "10.*.*.*", 3, "*", "10.0.0.0/8"},
    {"-A input -d *", "*", 3, "*", "0/0"},
    {"-A input -s !10.0.0.0/8", "!10.0.0.0/8", 3, "! must stand apart", "space"},
    {"-A input -s 10.0.0.256", "10.0.0.256", 3, "not an IPv4 address", "0 to 255"},
    {"-A input -s 10.0.0.0x1", "10.0.0.0x1", 3, "not an IPv4 address", "0 to 255"},
    {"-A input -s 10.0.0.1:80", "10.0.0.1:80", 3, "not an IPv4 address", "port stands apart"},
    {"-A input -s fe80::1", "fe80::1", 3, "not an IPv4 address", ""},
    {"-A input -s 10.0.0.1-10.0.0.9", "10.0.0.1-10.0.0.9", 3, "not an address", "mask"},
    {"-A input -s ''", "", 3, "not an address", "10.0.0.1"},
    {"-A input -s -j ACCEPT", "ACCEPT", 4, "", ""},
    {"-A input -s 10.0.0.0/33", "10.0.0.0/33", 3, "not a mask", "0 to 32"},
    {"-A input -s 10.0.0.0/255.0.0", "10.0.0.0/255.0.0", 3, "not a mask", "/255.255.255.0"},
    {"-A input -s 10.0.0.0/", "10.0.0.0/", 3, "not a mask", "0 to 32"},

    // Rule numbers, and words where none belong.
    {"-I 1 input", "input", 2, "number belongs here", "input 1"},
    {"-D 1 input", "input", 2, "number belongs here", "input 1"},
    {"-R 1 input -j DENY", "input", 2, "number belongs here", "input 1"},
    {"-D input 0", "0", 2, "not a rule's number", "1"},
    {"-I input x", "x", 2, "not a rule's number", "1"},
    {"-R input", "input", 1, "something must follow", "-R input 1"},
    {"-A input 5", "5", 2, "nothing but options", "-I"},
    {"-L -v input", "input", 2, "", "-L input -v"},
    {"-L input output", "output", 2, "one chain", "each"},
    {"foo", "foo", 0, "command must come first", "-A input"},
    {"-D input 1 -p tcp", "-p", 3, "not by both", "leave out"},
    {"-R input 1 -b", "-b", 3, "one rule", "-b"},

    // Options and commands.
    {"", "", -1, "no command", "-h"},
    {"-v", "-v", 0, "no command", "-h"},
    {"-0", "-0", 0, "no option is a number", "-D input 1"},
    {"-A input -q", "-q", 2, "no such option", "-h"},
    {"-c input", "-c", 0, "no such option", "-C"},
    {"-n-L", "-n-L", 0, "dash", "--"},
    {"--li", "--li", 0, "several options", "--list, --line-numbers"},
    {"--sta x -L", "--sta", 0, "no such option", "-h"},
    {"--list=input --numeric=1", "--numeric=1", 1, "takes no value", "="},
    {"-A input -b -b", "-b", 3, "given twice", "once"},
    {"-A input -p", "-p", 2, "something must follow", "-p tcp"},
    {"-A", "-A", 0, "something must follow", "-A input"},
    {"-L -F", "-F", 1, "second command", "one command at a time"},
    {"-L -Z input", "input", 2, "for all chains", "-L chain"},
    {"-M", "-M", 0, "asks for nothing", "-M -L"},
    {"-A input -n", "-n", 2, "does not go with", "-h"},
    {"-L --trace", "--trace", 1, "only a check", "-C"},
    {"-L --dry-run", "--dry-run", 1, "does not go with", "-h"},

    // Inversion.
    {"! -L", "-L", 1, "can't be inverted", "-p"},
    {"-A input ! ! -f", "!", 3, "two !", "one"},
    {"-A input ! -s ! 10.0.0.1", "!", 4, "inverted twice", "leave one"},
    {"-A input !", "!", 2, "nothing follows", "before"},
    {"-A input -p !tcp", "!tcp", 3, "! must stand apart", "space"},
    {"-A input -p ! all", "all", 4, "no protocol", "leave out"},
    {"-A input !-f", "!-f", 2, "! must stand apart", "space"},

    // Numbers out of range, and names too long.
    {"-A input -p 65536", "65536", 3, "no such protocol", "65535"},
    {"-A input -p foo", "foo", 3, "no protocol", "/etc/protocols"},
    {"-A input -m x", "x", 3, "not a mark", "-m"},
    {"-A input -m state --state NEW", "state", 3, "not a mark", "iptables"},
    {"-A input -o 65536", "65536", 3, "not a size", "65535"},
    {"-A input -o eth1", "eth1", 3, "not a size", "-i"},
    {"-A input -t 01", "01", 3, "something must follow", "both masks"},
    {"-t nat -L", "nat", 1, "mask", "iptables"},
    {"-A input -t 00 10", "00", 3, "lowest", "odd"},
    {"-A input -t 01 11", "11", 4, "lowest", "even"},
    {"-A input -t 01 06", "06", 4, "several", "one of them"},
    {"-A input -t 01 100", "100", 4, "not a TOS mask", "ff"},
    {"-S 1 2", "1", 1, "something must follow", "three"},
    {"-S 1 x 3", "x", 2, "not a number of seconds", "three"},
    {"-A input -i abcdefghijklmnop", "abcdefghijklmnop", 3, "too long", "15"},
    {"-N abcdefghijabcdefghijabcdefghijab", "abcdefghijabcdefghijabcdefghijab", 1, "too long",
     "31"},

    // Checks.
    {"-C input", "-C", 0, "whole packet", "-p"},
    {"-C input -p tcp", "-C", 0, "whole packet", "-s"},
    {"-C input -p tcp -s 1.1.1.1 5 -d 2.2.2.2 6", "-C", 0, "whole packet", "-i"},
    {"-C input -p tcp -s 1.1.1.1 -d 2.2.2.2 6 -i eth0", "1.1.1.1", 5, "one source port", "-s"},
    {"-C input -p tcp -s 1.1.1.1 5 -d 2.2.2.2 -i eth0", "2.2.2.2", 8, "one destination port", "-d"},
    {"-C input -p icmp -s 1.1.1.1 redirect -d 2.2.2.2 -i eth0", "2.2.2.2", 8, "one ICMP code",
     "-d"},
    {"-C input -p tcp -s ! 1.1.1.1 5 -d 2.2.2.2 6 -i eth0", "-s", 4, "what it is not", "!"},
};

}  // namespace

TEST_CASE("a mistake is answered with its word, its place, what is wrong and what to do") {
    for (const Mistake& mistake : mistakes) {
        INFO(mistake.line);
        const auto parsed = parse_line(mistake.line);
        REQUIRE_FALSE(parsed.ok());
        const fw::Error& error = parsed.error();
        INFO(error.word << ": " << error.problem << "; " << error.remedy);
        CHECK(error.word == mistake.word);
        CHECK(error.position == mistake.position);
        CHECK_THAT(error.problem, Catch::Contains(mistake.problem));
        CHECK_THAT(error.remedy, Catch::Contains(mistake.remedy));
    }
}

TEST_CASE("an error is one line without a full stop, and its word stands where it says") {
    for (const Mistake& mistake : mistakes) {
        const auto parsed = parse_line(mistake.line);
        REQUIRE_FALSE(parsed.ok());
        const fw::Error& error = parsed.error();
        INFO(mistake.line << ": " << error.problem << "; " << error.remedy);
        CHECK(error.problem.find('\n') == std::string::npos);
        CHECK(error.remedy.find('\n') == std::string::npos);
        CHECK_FALSE(error.problem.empty());
        CHECK(error.problem.back() != '.');
        CHECK((error.remedy.empty() || error.remedy.back() != '.'));
        if (error.position >= 0) {
            const auto words = words_of(mistake.line);
            REQUIRE(static_cast<std::size_t>(error.position) < words.size());
            CHECK_THAT(words[static_cast<std::size_t>(error.position)],
                       Catch::Contains(error.word));
        }
    }
}

TEST_CASE("unknown names are told apart from wrong command lines") {
    CHECK(parse_line("-A input -s nosuchhost").error().code == fw::Code::unresolved);
    CHECK(parse_line("-A input -p nosuch").error().code == fw::Code::unresolved);
    CHECK(parse_line("-A input -p tcp --dport nosuch").error().code == fw::Code::unresolved);
    CHECK(parse_line("-A input -s 10.0.0.0/33").error().code == fw::Code::usage);
}

TEST_CASE("targets and chains get a hint at what was meant, when somebody knows") {
    CHECK_THAT(fw::target_hint("deny"), Catch::Contains("DENY"));
    CHECK_THAT(fw::target_hint("DROP"), Catch::Contains("DENY"));
    CHECK_THAT(fw::target_hint("MASQUERADE"), Catch::Contains("MASQ"));
    CHECK_THAT(fw::target_hint("LOG"), Catch::Contains("-l"));
    CHECK(fw::target_hint("DENY").empty());
    CHECK(fw::target_hint("mychain").empty());
    CHECK_THAT(fw::chain_hint("INPUT"), Catch::Contains("input"));
    CHECK_THAT(fw::chain_hint("POSTROUTING"), Catch::Contains("forward"));
    CHECK(fw::chain_hint("input").empty());
    CHECK(fw::chain_hint("mychain").empty());
}

TEST_CASE("odd input of any size is an error or a command, and quickly so") {
    const auto parse = [](const std::vector<std::string>& words) {
        return fw::parse_ipchains(words, recorded_names());
    };
    const std::string huge(1 << 20, 'x');
    CHECK_FALSE(parse({"-A", huge}).ok());
    CHECK_FALSE(parse({"-A", "input", "-s", huge}).ok());
    CHECK_FALSE(parse({"-A", "input", "-s", std::string(1 << 20, '1')}).ok());
    CHECK_FALSE(parse({"-A", "input", "-s", std::string(1 << 20, '.')}).ok());
    CHECK_FALSE(parse({"-A", "input", "-m", std::string(1 << 20, '0') + "x"}).ok());
    CHECK_FALSE(parse({"--" + huge}).ok());
    CHECK_FALSE(parse({"-" + huge}).ok());
    CHECK_FALSE(parse(std::vector<std::string>(10000, "!")).ok());
    CHECK_FALSE(parse(std::vector<std::string>(10000, "-b")).ok());
    CHECK_FALSE(parse(std::vector<std::string>(10000, "")).ok());
    CHECK_FALSE(parse(std::vector<std::string>(10000, "--")).ok());
    CHECK_FALSE(parse({"-A", "input", "-s", "caf\xc3\xa9"}).ok());
    CHECK_FALSE(parse({"-A", "input", "-s", "a\nb"}).ok());
    CHECK_FALSE(parse({"-N", "two words"}).ok());
    CHECK(parse({"-N", "\xff\x01\"'"}).ok());
}
