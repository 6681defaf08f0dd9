// The listings of the masquerading tools.
#include <catch2/catch.hpp>

#include "file_names.h"
#include "fw/print.h"

using namespace fw;

namespace {

// Hosts of the ipchains HOWTO: mail.virtual.net.au and others.
const FileNames& howto_names() {
    const std::string etc = FW_TEST_DATA "/etc/";
    static const FileNames names(etc + "hosts-howto", etc + "networks", etc + "services",
                                 etc + "protocols");
    return names;
}

constexpr Address inside{0x0a000002};
constexpr Address mail{0xcb1d1004};  // mail.virtual.net.au
constexpr Address outside{0xcb007101};

Ruleset some() {
    Ruleset ruleset = Ruleset::empty();
    ruleset.forwards = {
        {PortForward{protocol_tcp, outside, 80, inside, 8080, 10}, {}},
        {PortForward{protocol_udp, outside, 53, mail, 65535, 3}, {7, 420}},
        {MarkForward{1, mail, 80, 10}, {10, 600}},
        {MarkForward{0xffffffff, inside, 0, 65535}, {}},
        {RangeForward{protocol_udp, {6970, 7170}, RangeForward::Control{}, false}, {}},
        {RangeForward{
             protocol_udp, {1, 65535}, RangeForward::Control{protocol_tcp, 80, false}, true},
         {}},
        {RangeForward{protocol_tcp, {20, 21}, inside, false}, {}},
        {ProtocolForward{47, inside, true}, {}},
        {ProtocolForward{250, mail, false}, {}},
        {Helper{"ftp", {21}}, {}},
    };
    std::get_if<RangeForward::Control>(&std::get_if<RangeForward>(&ruleset.forwards[4].what)->inner)
        ->port = 7070;
    return ruleset;
}

std::string listing(MasqueradingTool tool, bool numeric) {
    return print_forwards(some(), {tool, numeric}, howto_names());
}

}  // namespace

TEST_CASE("listing: portfw shows whose turn it is until when") {
    CHECK(listing(MasqueradingTool::portfw, true) ==
          "prot localaddr            rediraddr               lport    rport  pcnt  pref\n"
          "TCP  203.0.113.1          10.0.0.2                   80     8080    10    10\n"
          "UDP  203.0.113.1          203.29.16.4                53    65535     2     3\n");
    CHECK(listing(MasqueradingTool::portfw, false) ==
          "prot localaddr            rediraddr               lport    rport  pcnt  pref\n"
          "TCP  203.0.113.1          10.0.0.2                 http http-alt    10    10\n"
          "UDP  203.0.113.1          mail.virtual.net.au    domain    65535     2     3\n");
}

TEST_CASE("listing: ipportfw") {
    CHECK(listing(MasqueradingTool::ipportfw, true) ==
          "Prot Local Addr/Port > Remote Addr/Port\n"
          "TCP  203.0.113.1/80 > 10.0.0.2/8080\n"
          "UDP  203.0.113.1/53 > 203.29.16.4/65535\n");
}

TEST_CASE("listing: mfw") {
    CHECK(listing(MasqueradingTool::mfw, false) ==
          "fwmark     rediraddr               rport  pcnt  pref\n"
          "1          mail.virtual.net.au      http    10    10\n"
          "4294967295 10.0.0.2                    * 65535 65535\n");
}

TEST_CASE("listing: autofw") {
    const std::string expected =
        "prot      low     high rediraddr            ctl     port flags\n"
        "UDP      6970     7170 *                    TCP     7070 --\n"
        "UDP         1    65535 *                    TCP       80 ui\n"
        "TCP        20       21 10.0.0.2             -          - --\n";
    CHECK(listing(MasqueradingTool::autofw, true) == expected);
    CHECK(listing(MasqueradingTool::ipautofw, true) == expected);
}

TEST_CASE("listing: ipfwd") {
    CHECK(listing(MasqueradingTool::ipfwd, false) ==
          "protocol   rediraddr            masq\n"
          "gre        10.0.0.2             yes\n"
          "250        mail.virtual.net.au  no\n");
    CHECK(listing(MasqueradingTool::ipfwd, true) ==
          "protocol   rediraddr            masq\n"
          "47         10.0.0.2             yes\n"
          "250        203.29.16.4          no\n");
}

TEST_CASE("listing: an entry without a preference divides nothing by nothing") {
    Ruleset ruleset = Ruleset::empty();
    ruleset.forwards = {{MarkForward{1, inside, 80, 0}, {5, 300}}};
    CHECK(print_forwards(ruleset, {MasqueradingTool::mfw, true}, howto_names())
              .ends_with("1     0\n"));
}
