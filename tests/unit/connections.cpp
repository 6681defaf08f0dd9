// Masqueraded connections: out of the kernel's messages, and as a listing.
#include "fw/connections.h"

#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nfnetlink_conntrack.h>

#include <array>
#include <catch2/catch.hpp>
#include <cstring>

#include "file_names.h"
#include "fw/print.h"
#include "netlink/connections.h"

using namespace fw;

namespace {

constexpr Address inner{0xc0a80102};    // 192.168.1.2
constexpr Address gateway{0xcb007107};  // 203.0.113.7
constexpr Address outer{0x01020304};    // 1.2.3.4
constexpr unsigned masqueraded = 126;
constexpr unsigned forwarded = 127;

struct Way {
    Address source;
    Address destination;
    std::uint16_t source_port = 0;
    std::uint16_t destination_port = 0;
};

// A message as the kernel would send it; attributes that a test does not need are left out.
class Message {
public:
    Message(std::uint8_t protocol, const Way& original, const Way& reply) {
        header_->nlmsg_type = NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_NEW;
        mnl_nlmsg_put_extra_header(header_, sizeof(nfgenmsg));
        tuple(CTA_TUPLE_ORIG, protocol, original);
        tuple(CTA_TUPLE_REPLY, protocol, reply);
        number(CTA_TIMEOUT, 890);
    }
    Message& number(std::uint16_t type, std::uint32_t value) {
        mnl_attr_put_u32(header_, type, htonl(value));
        return *this;
    }
    Message& status(std::uint32_t bits) { return number(CTA_STATUS, bits | IPS_CONFIRMED); }
    Message& label(unsigned bit, std::size_t bytes = 16) {
        std::array<std::uint64_t, 2> words{};
        words[bit / 64] = std::uint64_t{1} << bit % 64;
        mnl_attr_put(header_, CTA_LABELS, bytes, words.data());
        return *this;
    }
    Message& shift(std::uint16_t type, std::uint32_t at, std::int32_t before, std::int32_t after) {
        nlattr* nest = mnl_attr_nest_start(header_, type);
        number(CTA_SEQADJ_CORRECTION_POS, at);
        number(CTA_SEQADJ_OFFSET_BEFORE, static_cast<std::uint32_t>(before));
        number(CTA_SEQADJ_OFFSET_AFTER, static_cast<std::uint32_t>(after));
        mnl_attr_nest_end(header_, nest);
        return *this;
    }
    // For ICMP: the identifier is in `source_port`, type and code in `destination_port`.
    [[nodiscard]] std::optional<Connection> read() const {
        return netlink::read_connection(*header_);
    }

private:
    void tuple(std::uint16_t type, std::uint8_t protocol, const Way& way) {
        nlattr* nest = mnl_attr_nest_start(header_, type);
        nlattr* addresses = mnl_attr_nest_start(header_, CTA_TUPLE_IP);
        number(CTA_IP_V4_SRC, way.source.value);
        number(CTA_IP_V4_DST, way.destination.value);
        mnl_attr_nest_end(header_, addresses);
        nlattr* ports = mnl_attr_nest_start(header_, CTA_TUPLE_PROTO);
        mnl_attr_put_u8(header_, CTA_PROTO_NUM, protocol);
        if (protocol == protocol_icmp) {
            mnl_attr_put_u16(header_, CTA_PROTO_ICMP_ID, htons(way.source_port));
            mnl_attr_put_u8(header_, CTA_PROTO_ICMP_TYPE,
                            static_cast<std::uint8_t>(way.destination_port >> 8));
            mnl_attr_put_u8(header_, CTA_PROTO_ICMP_CODE,
                            static_cast<std::uint8_t>(way.destination_port));
        } else if (protocol == protocol_tcp || protocol == protocol_udp) {
            mnl_attr_put_u16(header_, CTA_PROTO_SRC_PORT, htons(way.source_port));
            mnl_attr_put_u16(header_, CTA_PROTO_DST_PORT, htons(way.destination_port));
        }
        mnl_attr_nest_end(header_, ports);
        mnl_attr_nest_end(header_, nest);
    }

    alignas(nlmsghdr) std::array<char, 1024> buffer_{};
    nlmsghdr* header_ = mnl_nlmsg_put_header(buffer_.data());
};

Message went_out(std::uint8_t protocol = protocol_tcp) {
    return {protocol, {inner, outer, 1025, 80}, {outer, gateway, 80, 61000}};
}
Message came_in() { return {protocol_tcp, {outer, gateway, 3000, 8080}, {inner, outer, 80, 3000}}; }

void check(const std::optional<Connection>& found, const Connection& expected) {
    REQUIRE(found.has_value());
    CHECK(found->protocol == expected.protocol);
    CHECK(found->inner == expected.inner);
    CHECK(found->inner_port == expected.inner_port);
    CHECK(found->outer == expected.outer);
    CHECK(found->outer_port == expected.outer_port);
    CHECK(found->masquerade_port == expected.masquerade_port);
    CHECK(found->expires == expected.expires);
    CHECK(found->initial_sequence == expected.initial_sequence);
    CHECK(found->delta == expected.delta);
    CHECK(found->previous_delta == expected.previous_delta);
}

std::string listing(const std::vector<Connection>& connections, const Presentation& show) {
    return print_connections(connections, show, recorded_names());
}

constexpr Presentation numbers{true, false, false, false};
constexpr Presentation verbose{true, true, false, false};
constexpr Presentation named{};

}  // namespace

TEST_CASE("connections: a masqueraded one is read as the inner host sees it") {
    check(went_out().status(IPS_SRC_NAT).label(masqueraded).read(),
          {protocol_tcp, inner, 1025, outer, 80, 61000, 890});
    check(went_out(protocol_udp).status(IPS_SRC_NAT).label(masqueraded).read(),
          {protocol_udp, inner, 1025, outer, 80, 61000, 890});
}

TEST_CASE("connections: what a forwarded port let in is read the same way round") {
    check(came_in().status(IPS_DST_NAT).label(forwarded).read(),
          {protocol_tcp, inner, 80, outer, 3000, 8080, 890});
}

TEST_CASE("connections: ICMP has its identifier, type and code for ports") {
    Message ping(protocol_icmp, {inner, outer, 77, 0x0800}, {outer, gateway, 4242, 0x0000});
    check(ping.status(IPS_SRC_NAT).label(masqueraded).read(),
          {protocol_icmp, inner, 77, outer, 2048, 4242, 890});
    Message pinged(protocol_icmp, {outer, gateway, 78, 0x0d01}, {inner, outer, 79, 0x0e01});
    check(pinged.status(IPS_DST_NAT).label(forwarded).read(),
          {protocol_icmp, inner, 79, outer, 0x0d01, 78, 890});
}

TEST_CASE("connections: other protocols have no ports") {
    check(went_out(50).status(IPS_SRC_NAT).label(masqueraded).read(),
          {50, inner, 0, outer, 0, 0, 890});
}

TEST_CASE("connections: the shift is the one of what the inner host sends") {
    check(went_out()
              .status(IPS_SRC_NAT)
              .label(masqueraded)
              .shift(CTA_SEQ_ADJ_ORIG, 4000000000, -3, 12)
              .shift(CTA_SEQ_ADJ_REPLY, 7, 8, 9)
              .read(),
          {protocol_tcp, inner, 1025, outer, 80, 61000, 890, 4000000000, 12, -3});
    check(came_in()
              .status(IPS_DST_NAT)
              .label(forwarded)
              .shift(CTA_SEQ_ADJ_ORIG, 7, 8, 9)
              .shift(CTA_SEQ_ADJ_REPLY, 5, 0, -1)
              .read(),
          {protocol_tcp, inner, 80, outer, 3000, 8080, 890, 5, -1, 0});
}

TEST_CASE("connections: others are left out") {
    const struct {
        const char* what;
        std::optional<Connection> found;
    } rows[] = {
        {"no label", went_out().status(IPS_SRC_NAT).read()},
        {"another label", went_out().status(IPS_SRC_NAT).label(125).read()},
        {"a label of the first word", went_out().status(IPS_SRC_NAT).label(62).read()},
        {"not rewritten", went_out().status(IPS_ASSURED).label(masqueraded).read()},
        {"rewritten by another", went_out().status(IPS_DST_NAT).label(masqueraded).read()},
        {"not forwarded", came_in().status(IPS_SRC_NAT).label(forwarded).read()},
        {"labels cut short", went_out().status(IPS_SRC_NAT).label(masqueraded, 8).read()},
    };
    for (const auto& row : rows) {
        INFO(row.what);
        CHECK_FALSE(row.found.has_value());
    }
}

TEST_CASE("connections: the listing is headed only if there are any") {
    CHECK(listing({}, numbers) == "IP masquerading entries\n");
    CHECK(listing({}, verbose) == "IP masquerading entries\n");
}

TEST_CASE("connections: columns") {
    const std::vector<Connection> connections = {
        {protocol_tcp, inner, 1025, outer, 80, 61000, 899},
        {protocol_udp, inner, 53, outer, 53, 65095, 5},
        {protocol_icmp, inner, 77, outer, 2048, 4242, 60},
        {47, {0xc0a8fffe}, 0, {0xcb0071fe}, 0, 0, 432000},
    };
    CHECK(listing(connections, numbers) ==
          "IP masquerading entries\n"
          "prot expire   source               destination          ports\n"
          "TCP  14:59.00 192.168.1.2          1.2.3.4              1025 (61000) -> 80\n"
          "UDP  00:05.00 192.168.1.2          1.2.3.4              53 (65095) -> 53\n"
          "ICMP 01:00.00 192.168.1.2          1.2.3.4              77 (4242) -> 2048\n"
          "GRE  7200:00.00 192.168.255.254      203.0.113.254        0 (0) -> 0\n");
}

TEST_CASE("connections: -v adds the shift, and so does ipfwadm's -e") {
    Presentation extended = numbers;
    extended.extended = true;
    for (const Presentation& show : {verbose, extended}) {
        CHECK(
            listing({{protocol_tcp, inner, 1025, outer, 21, 61000, 899, 4000000000, 12, -3},
                     {protocol_tcp, inner, 1026, outer, 80, 61001, 899}},
                    show) ==
            "IP masquerading entries\n"
            "prot expire      initseq delta prevd source               destination          ports\n"
            "TCP  14:59.00 4000000000    12    -3 192.168.1.2          1.2.3.4              "
            "1025 (61000) -> 21\n"
            "TCP  14:59.00          0     0     0 192.168.1.2          1.2.3.4              "
            "1026 (61001) -> 80\n");
    }
}

TEST_CASE("connections: names as in the listing of rules") {
    const Address local{0x7f000001};
    CHECK(listing({{protocol_tcp, local, 1025, outer, 80, 61000, 60}}, named) ==
          "IP masquerading entries\n"
          "prot expire   source               destination          ports\n"
          "TCP  01:00.00 localhost            1.2.3.4              1025 (61000) -> http\n");
    // An ICMP type is no service.
    CHECK(listing({{protocol_icmp, local, 80, outer, 25, 80, 60}}, named).find("80 (80) -> 25") !=
          std::string::npos);
}
