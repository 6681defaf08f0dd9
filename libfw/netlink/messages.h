// Messages of nf_tables outside of batches: requests as they are written, answers as they are read.
#pragma once

#include <libmnl/libmnl.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include <cstdint>
#include <string_view>
#include <vector>

#include "netlink/session.h"
#include "nft/kernel_table.h"

namespace fw::netlink {

// Since Linux 6.2; the headers of Debian 12 are older.
constexpr int get_rule_reset = 25;

constexpr std::uint16_t message_type(int type) {
    return static_cast<std::uint16_t>(NFNL_SUBSYS_NFTABLES << 8 | type);
}

// Requests, one after the other in one buffer; attributes go to the last one.
class Requests {
public:
    explicit Requests(Session& session) : session_(session) {}

    Requests& add(int type, std::uint16_t flags);
    Requests& text(std::uint16_t attribute, std::string_view value);
    Requests& number(std::uint16_t attribute, std::uint64_t value);
    [[nodiscard]] const std::vector<std::uint8_t>& bytes() const { return bytes_; }

private:
    nlmsghdr& open();
    void close(const nlmsghdr& message);

    Session& session_;
    std::vector<std::uint8_t> bytes_;
    std::size_t start_ = 0;  // of the last request
};

// A dump of rules comes in pieces, and the kernel finds where it was by counting the rules before
// (Linux 6.18): also those of a transaction that is still under way, and without a word if their
// number changes. But each rule tells which one it stands behind.
struct Reading {
    std::string_view table_name;
    nft::KernelTable& table;
    std::size_t current = 0;
    bool torn = false;
};

// Adds a rule, or a chain, of ours to what was read so far; passes over those of other tables.
void read_rule(const nlmsghdr& message, Reading& reading);
void read_chain(const nlmsghdr& message, std::string_view table_name, nft::KernelTable& table);

// In an answer or a notice of NFT_MSG_NEWGEN.
[[nodiscard]] std::uint32_t read_generation(const nlmsghdr& message);

}  // namespace fw::netlink
