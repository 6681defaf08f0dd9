// What surrounds the sandbox of fw-translate --run: its request, its records, its report. The
// sandbox itself is tested in tests/kernel/sandbox.py.
#include <catch2/catch.hpp>

#include "sandbox/records.h"
#include "sandbox/run.h"

namespace {

using sandbox::decode;
using sandbox::encode;
using sandbox::Record;

TEST_CASE("interfaces are described as the manual page says") {
    const auto given = GENERATE(table<const char*, const char*, std::uint32_t, unsigned>(
        {{"eth0=10.0.0.1/24", "eth0", 0x0a000001, 24},
         {"eth0=10.0.0.1", "eth0", 0x0a000001, 8},
         {"eth1=172.16.0.1", "eth1", 0xac100001, 16},
         {"tr0=192.168.1.1", "tr0", 0xc0a80101, 24},
         {"ppp0=192.0.2.7", "ppp0", 0xc0000207, 32},
         {"eth0=0.0.0.0/0", "eth0", 0, 0}}));
    const auto& [text, name, address, prefix] = given;
    CAPTURE(text);
    const auto interface = sandbox::read_interface(text);
    REQUIRE(interface.ok());
    CHECK(interface->name == name);
    CHECK(interface->address.value == address);
    CHECK(interface->prefix == prefix);
    CHECK(!interface->peer);
}

TEST_CASE("a line to one other machine has that machine's address") {
    const auto interface = sandbox::read_interface("ppp0=192.0.2.7/192.0.2.1");
    REQUIRE(interface.ok());
    CHECK(interface->prefix == 32);
    CHECK(interface->peer == fw::Address{0xc0000201});
}

TEST_CASE("what describes no interface is refused") {
    const char* text = GENERATE("", "eth0", "=10.0.0.1", "eth0=", "eth0=10.0.0", "eth0=10.0.0.256",
                                "eth0=10.0.0.1/33", "eth0=10.0.0.1/", "eth0=10.0.0.1/-1",
                                "eth0=10.0.0.1.2", "eth 0=10.0.0.1", "a/b=10.0.0.1", "lo=10.0.0.1",
                                "a-name-that-is-too-long=10.0.0.1", "eth0=10.0.0.1/24x");
    CAPTURE(text);
    const auto interface = sandbox::read_interface(text);
    REQUIRE(!interface.ok());
    CHECK(interface.error().code == fw::Code::usage);
}

TEST_CASE("records are read as they were written") {
    const std::vector<Record> records = {{"begin", "1", ""}, {"end", std::string("\0\n", 2)}, {""}};
    std::string bytes;
    for (const Record& record : records) {
        bytes += encode(record);
    }
    const sandbox::Decoded decoded = decode(bytes);
    CHECK(decoded.whole);
    CHECK(decoded.records == records);
}

TEST_CASE("records that are damaged or cut are noticed") {
    const std::string good = encode({"begin", "1"});
    const std::string bytes = good + encode({"end", "2"});
    for (std::size_t cut = good.size() + 1; cut < bytes.size(); ++cut) {
        CAPTURE(cut);
        const sandbox::Decoded decoded = decode(std::string_view(bytes).substr(0, cut));
        CHECK(!decoded.whole);
        CHECK(decoded.records.size() == 1);
    }
    for (std::size_t at = 0; at < good.size(); ++at) {
        std::string damaged = good;
        damaged[at] = '\xff';
        CAPTURE(at);
        CHECK((!decode(damaged).whole || decode(damaged).records != decode(good).records));
    }
}

TEST_CASE("settings become lines of sysctl.d, the switch for forwarding first") {
    sandbox::Run run;
    run.settings = {{"net/ipv4/conf/eth0.5/rp_filter", "1", true},
                    {"net/ipv4/ip_always_defrag", "1", false},
                    {"net/ipv4/ip_forward", "1", true}};
    CHECK(sandbox::sysctl_text(run) ==
          "net.ipv4.ip_forward = 1\nnet/ipv4/conf/eth0.5/rp_filter = 1\n");
}

TEST_CASE("a script is finished only if it ended by itself, well, and left its record alone") {
    sandbox::Run run;
    CHECK(run.finished());
    run.status = 1;
    CHECK(!run.finished());
    run.status = 0;
    run.spoiled = true;
    CHECK(!run.finished());
    run.spoiled = false;
    run.end = sandbox::End::too_long;
    CHECK(!run.finished());
}

}  // namespace
