// The machine's own names: only what every machine knows is asked for here.
#include <netdb.h>

#include <catch2/catch.hpp>

#include "fw/names.h"

TEST_CASE("services of the 1990s are known whatever /etc/services has kept") {
    const auto names = fw::system_names();
    CHECK(names->service("dns", "udp") == 53);
    CHECK(names->service("www", "tcp") == 80);
    CHECK(names->service("linuxconf", "tcp") == 98);
    CHECK(names->service("auth", "tcp") == 113);
    CHECK(names->service("pop-3", "tcp") == 110);
    CHECK_FALSE(names->service("no-such-service", "tcp").has_value());
}

TEST_CASE("what /etc/services lists for one protocol is not made up for the other") {
    const auto names = fw::system_names();
    for (const char* name : {"http", "ntp", "dns", "telnet", "syslog"}) {
        INFO(name);
        const bool listed = getservbyname(name, nullptr) != nullptr;
        for (const char* protocol : {"tcp", "udp"}) {
            const bool listed_here = getservbyname(name, protocol) != nullptr;
            CHECK((!listed || names->service(name, protocol).has_value() == listed_here));
        }
    }
}

TEST_CASE("unknown names are empty answers") {
    const auto names = fw::system_names();
    CHECK(names->host("no-such-host.invalid").empty());
    CHECK_FALSE(names->network("no-such-network").has_value());
    CHECK_FALSE(names->protocol("no-such-protocol").has_value());
}

TEST_CASE("localhost is one address, however many entries it has") {
    const auto addresses = fw::system_names()->host("localhost");
    REQUIRE(addresses.size() == 1);
    CHECK(addresses[0] == fw::Address{0x7f000001});
}
