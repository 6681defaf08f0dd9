// Bytes of packets to the lines that Linux 2.2 wrote about them.
#include <catch2/catch.hpp>
#include <charconv>

#include "../cli/logd_rate.h"
#include "fw/packet_log.h"
#include "kernel/packet_bytes.h"
#include "packet_options.h"
#include "recorded.h"

namespace {

constexpr std::size_t logged_bytes = 128;  // of each packet: what rules with -l hand over

// What the kernel hands over about the packet of a recorded line: its bytes, and the words of the
// line that stand in the rule's prefix.
fw::LoggedPacket logged(const std::string& line, const fw::Packet& packet) {
    fw::LoggedPacket logged;
    const std::size_t before = line.find(" PROTO=");
    const std::size_t interface = line.rfind(' ', before - 1) + 1;
    logged.prefix = line.substr(0, interface) + line.substr(line.rfind("(#")) + " ";
    logged.bytes = packets::to_bytes(packet);
    logged.bytes.resize(std::min(logged.bytes.size(), logged_bytes));
    logged.in = packet.interface;
    return logged;
}

// The TOS byte at the time, which rules before may have changed.
std::uint8_t tos_in(const std::string& line) {
    const std::size_t at = line.find(" S=0x") + 5;
    std::uint8_t tos = 0;
    std::from_chars(line.data() + at, line.data() + at + 2, tos, 16);
    return tos;
}

fw::LoggedPacket datagram(const std::string& prefix) {
    const std::vector<std::string> words{"--proto", "udp", "--sport", "53", "--dport", "1025"};
    const auto request = packets::parse_packet_options(words);
    REQUIRE(request.ok());
    fw::LoggedPacket logged;
    logged.prefix = prefix;
    logged.bytes = packets::to_bytes(request->packet);
    logged.in = "eth0";
    return logged;
}

const std::string datagram_fields =
    "PROTO=17 10.0.0.1:53 10.0.0.2:1025 L=28 S=0x00 I=1 F=0x0000 T=64";

}  // namespace

TEST_CASE("log lines: every recorded one comes from its packet's bytes", "[log][recorded]") {
    std::size_t count = 0;
    for (const recorded::Packets& recorded : recorded::ipchains_packets()) {
        INFO(recorded.id);
        for (const recorded::Packet& packet : recorded.packets) {
            const auto request = packets::parse_packet_options(packet.arguments);
            REQUIRE(request.ok());
            for (const std::string& line : packet.log) {
                if (!line.starts_with("Packet log: ")) {
                    continue;  // of what no rule gets to see
                }
                fw::Packet seen = request->packet;
                seen.tos = tos_in(line);
                CHECK(fw::print_log_line(logged(line, seen)) == line);
                ++count;
            }
        }
    }
    CHECK(count == 1952);
}

TEST_CASE("log lines: words of the prefix", "[log]") {
    struct Row {
        std::string prefix;
        std::string before;
        std::string behind;
    };
    const Row row = GENERATE(values<Row>({
        {"Packet log: input DENY (#1) ", "Packet log: input DENY ", " (#1)"},
        {"Packet log: input - (#12) ", "Packet log: input - ", " (#12)"},
        {"Packet log: input REDIRECT 8080 (#3) ", "Packet log: input REDIRECT 8080 ", " (#3)"},
        {"Packet log: input REDIRECT 0 (#3) ", "Packet log: input REDIRECT 0 ", " (#3)"},
        {"Packet log: (#1) DENY (#2) ", "Packet log: (#1) DENY ", " (#2)"},
        {"Packet log: a.b;c u1 (#4) ", "Packet log: a.b;c u1 ", " (#4)"},
        {"Packet log: chain.a.24b chain..22 (#4) ", "Packet log: a$b \" ", " (#4)"},
        {"Packet log: chain.a.b0 DENY (#4) ", "Packet log: a\xb0 DENY ", " (#4)"},
        {"Packet log: chain.x DENY (#4) ", "Packet log: chain.x DENY ", " (#4)"},
        {"Packet log: u1 u2 (#1000000) ", "Packet log: u1 u2 ", " (#1000000)"},
        // Not of ours: nothing is taken for what it is not.
        {"Packet log: input DENY ", "Packet log: input DENY ", ""},
        {"Packet log: input DENY (#x) ", "Packet log: input DENY (#x) ", ""},
        {"Packet log: input DENY (#) ", "Packet log: input DENY (#) ", ""},
        {"Packet log: input DENY (#1) (#2) ", "Packet log: input DENY (#1) (#2) ", ""},
        {"Packet log: input REDIRECT (#1) ", "Packet log: input REDIRECT (#1) ", ""},
        {"dropped: ", "dropped: ", ""},
        {"", "", ""},
    }));
    INFO(row.prefix);
    CHECK(fw::print_log_line(datagram(row.prefix)) ==
          row.before + "eth0 " + datagram_fields + row.behind);
}

TEST_CASE("log lines: the interface is the one that the chain sees", "[log]") {
    using fw::Hook;
    const auto [hook, interface] = GENERATE(table<Hook, std::string>({
        {Hook::prerouting, "eth0"},
        {Hook::input, "eth0"},
        {Hook::forward, "ppp0"},
        {Hook::output, "ppp0"},
        {Hook::postrouting, "ppp0"},
    }));
    fw::LoggedPacket logged = datagram("Packet log: u1 DENY (#1) ");
    logged.hook = hook;
    logged.out = "ppp0";
    CHECK(fw::print_log_line(logged) ==
          "Packet log: u1 DENY " + interface + " " + datagram_fields + " (#1)");
}

TEST_CASE("log lines: bytes that end too early are not guessed at", "[log]") {
    const fw::LoggedPacket whole = datagram("Packet log: input DENY (#1) ");
    const std::string line = fw::print_log_line(whole);
    for (std::size_t size = 0; size <= whole.bytes.size(); ++size) {
        INFO(size);
        fw::LoggedPacket cut = whole;
        cut.bytes.resize(size);
        const std::string said = "Packet log: input DENY (#1) eth0: " + std::to_string(size) +
                                 " bytes that are no IPv4 packet up to its ports";
        CHECK(fw::print_log_line(cut) == (size < 24 ? said : line));
    }
    fw::LoggedPacket other = whole;
    other.bytes[0] = 0x65;  // IPv6
    CHECK(fw::print_log_line(other).find("no IPv4") != std::string::npos);
    other.bytes[0] = 0x44;  // a header of 16 bytes
    CHECK(fw::print_log_line(other).find("no IPv4") != std::string::npos);
    other.bytes[0] = 0x4f;  // a header longer than the packet
    CHECK(fw::print_log_line(other).find("no IPv4") != std::string::npos);
}

TEST_CASE("log lines: so many at once, so many a second", "[log]") {
    using namespace std::chrono_literals;
    const logd::Clock::time_point start{};
    const auto taken = [](logd::Bucket& bucket, logd::Clock::time_point now) {
        int count = 0;
        while (count < 1000 && bucket.take(now)) {
            ++count;
        }
        return count;
    };
    logd::Bucket bucket(10, 50, start);
    CHECK(taken(bucket, start) == 50);
    CHECK(taken(bucket, start + 99ms) == 0);
    CHECK(taken(bucket, start + 101ms) == 1);
    CHECK(taken(bucket, start + 1102ms) == 10);
    CHECK(taken(bucket, start + 1h) == 50);
    logd::Bucket open(0, 1, start);
    CHECK(taken(open, start) == 1000);
}
