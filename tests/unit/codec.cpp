// Rules as bytes: userdata in the kernel, lines of a state file.
#include <catch2/catch.hpp>

#include "model/codec.h"
#include "recorded.h"
#include "rulesets.h"

namespace {

using namespace fw;

std::span<const std::uint8_t> bytes_of(const std::string& text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

void check_round_trip(const Rule& rule) {
    const Result<std::string> bytes = encode_rule(rule);
    REQUIRE(bytes);
    CHECK(bytes->size() <= max_encoded);
    const Result<Rule> decoded = decode_rule(bytes_of(*bytes));
    REQUIRE(decoded);
    CHECK(same_specification(*decoded, rule));
    CHECK(decoded->counters == Counters{});
}

std::vector<Rule> rules_of(const Change& change) {
    if (const auto* append = std::get_if<Append>(&change)) {
        return append->rules;
    }
    if (const auto* insert = std::get_if<Insert>(&change)) {
        return insert->rules;
    }
    if (const auto* del = std::get_if<DeleteMatching>(&change)) {
        return del->rules;
    }
    const auto* replace = std::get_if<Replace>(&change);
    return replace != nullptr ? std::vector<Rule>{replace->rule} : std::vector<Rule>{};
}

// Of a command line with the program's name, if it is ours.
std::vector<Rule> rules_of(const std::vector<std::string>& words) {
    if (words.front() != "ipchains") {
        return {};
    }
    const auto parsed = parse_ipchains(std::span(words).subspan(1), recorded_names());
    const auto* change = parsed ? std::get_if<Change>(&parsed->action) : nullptr;
    return change != nullptr ? rules_of(*change) : std::vector<Rule>{};
}

std::vector<Rule> recorded_rules() {
    std::vector<Rule> all;
    const auto take = [&](const std::vector<recorded::Command>& commands) {
        for (const recorded::Command& command : commands) {
            const std::vector<Rule> rules = rules_of(command.words);
            all.insert(all.end(), rules.begin(), rules.end());
        }
    };
    for (const recorded::Case& one : recorded::ipchains_cases()) {
        take(one.commands);
    }
    for (const recorded::Packets& packets : recorded::ipchains_packets()) {
        take(packets.rules);
    }
    return all;
}

Rule longest_rule() {
    Rule rule;
    rule.source = {{0x0a000001}, {0xffffffff}, true};
    rule.destination = rule.source;
    rule.protocol = {protocol_tcp, true};
    rule.source_ports = {std::vector<PortRange>(10, {1, 2}), true};
    rule.destination_ports = rule.source_ports;
    rule.interface = {std::string(15, 'x'), true, true, Address{1}};
    rule.syn = Flag::clear;
    rule.fragment = Flag::clear;
    rule.ack = rule.two_way = rule.log = true;
    rule.direction = Direction::out;
    rule.copy = 65535;
    rule.tos = {0x01, 0x10};
    rule.mark = Mark{0xffffffff, true};
    rule.target = Jump{std::string(max_chain_name, 'x')};
    return rule;
}

}  // namespace

TEST_CASE("codec: every rule of the recorded command lines is itself again") {
    const std::vector<Rule> rules = recorded_rules();
    CHECK(rules.size() > 3000);
    for (const Rule& rule : rules) {
        check_round_trip(rule);
    }
}

TEST_CASE("codec: the longest rule of any dialect fits") {
    check_round_trip(longest_rule());
    Rule rule = longest_rule();
    rule.source_ports.ranges.resize(40);
    CHECK_FALSE(encode_rule(rule));
}

TEST_CASE("codec: a rule is never guessed from a part of its bytes, or from more") {
    const std::string bytes = *encode_rule(longest_rule());
    std::size_t shorter = 0;
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        const Result<Rule> rule = decode_rule(bytes_of(bytes.substr(0, size)));
        // A cut between two fields leaves a whole rule, which has other bytes.
        shorter += rule && *encode_rule(*rule) == bytes ? 1 : 0;
        if (rule) {
            CHECK(*encode_rule(*rule) == bytes.substr(0, size));
        }
    }
    CHECK(shorter == 0);
    CHECK_FALSE(decode_rule(bytes_of(bytes + '\0')));
}

TEST_CASE("codec: what it does not know, it refuses") {
    const struct {
        const char* what;
        std::string bytes;
    } rows[] = {
        {"nothing", ""},
        {"another version", std::string("\x02", 1)},
        {"an unknown tag", std::string("\x01\x7f\x00", 3)},
        {"a field that is too short", std::string("\x01\x03\x02\x00\x06", 5)},
        {"a field that is too long", std::string("\x01\x03\x04\x00\x06\x00\x00", 7)},
        {"a field twice", std::string("\x01\x08\x01\x01\x08\x01\x01", 7)},
        {"fields out of order", std::string("\x01\x09\x01\x01\x08\x01\x01", 7)},
        {"an address beyond its mask", std::string("\x01\x01\x09\x0a\0\0\1\xff\0\0\0\0", 12)},
        {"a yes that is neither yes nor no", std::string("\x01\x08\x01\x02", 4)},
        {"a protocol that is any", std::string("\x01\x03\x03\0\0\0", 6)},
        {"a TOS that changes nothing", std::string("\x01\x0d\x02\xff\0", 5)},
        {"all ports as a range", std::string("\x01\x04\x05\0\0\0\xff\xff", 8)},
        {"a device without a name", std::string("\x01\x10\0", 3)},
        {"an unknown target", std::string("\x01\x0f\x01\x09", 4)},
    };
    for (const auto& row : rows) {
        INFO(row.what);
        const Result<Rule> rule = decode_rule(bytes_of(row.bytes));
        REQUIRE_FALSE(rule);
        CHECK(rule.error().code == Code::damaged);
    }
}
