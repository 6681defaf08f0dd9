// The yardstick for loading: `bench_libnftnl COUNT KINDS` sends the rules of `scripts/bench
// restore`, of which so many kinds take turns, as one batch, written for them by hand with
// libnftnl. Nothing is parsed, checked or compiled; table and chains are bare. The expressions of
// each rule are those that ipchains-restore sends.
#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <libnftnl/chain.h>
#include <libnftnl/common.h>
#include <libnftnl/expr.h>
#include <libnftnl/rule.h>
#include <libnftnl/table.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <sys/socket.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>

namespace {

constexpr const char* table = "ipchains";
constexpr const char* input = "input";
constexpr const char* checked = "checked";
constexpr std::uint32_t source_offset = 12;  // in the IP header, RFC 791
constexpr std::uint32_t destination_offset = 16;
constexpr std::size_t message_room = 1024;  // more than any of the messages takes

// One rule under construction.
class Rule {
public:
    explicit Rule(const char* chain) : rule_(nftnl_rule_alloc()) {
        nftnl_rule_set_u32(rule_, NFTNL_RULE_FAMILY, NFPROTO_IPV4);
        nftnl_rule_set_str(rule_, NFTNL_RULE_TABLE, table);
        nftnl_rule_set_str(rule_, NFTNL_RULE_CHAIN, chain);
    }
    ~Rule() { nftnl_rule_free(rule_); }
    Rule(const Rule&) = delete;
    Rule& operator=(const Rule&) = delete;

    [[nodiscard]] nftnl_rule* get() const { return rule_; }

    void payload(std::uint32_t base, std::uint32_t offset, std::uint32_t length) {
        nftnl_expr* load = add("payload");
        nftnl_expr_set_u32(load, NFTNL_EXPR_PAYLOAD_BASE, base);
        nftnl_expr_set_u32(load, NFTNL_EXPR_PAYLOAD_OFFSET, offset);
        nftnl_expr_set_u32(load, NFTNL_EXPR_PAYLOAD_LEN, length);
        nftnl_expr_set_u32(load, NFTNL_EXPR_PAYLOAD_DREG, NFT_REG_1);
    }
    void meta(std::uint32_t key) {
        nftnl_expr* meta = add("meta");
        nftnl_expr_set_u32(meta, NFTNL_EXPR_META_KEY, key);
        nftnl_expr_set_u32(meta, NFTNL_EXPR_META_DREG, NFT_REG_1);
    }
    void mask(const void* bits, std::uint32_t size) {
        const std::uint32_t zero = 0;
        nftnl_expr* bitwise = add("bitwise");
        nftnl_expr_set_u32(bitwise, NFTNL_EXPR_BITWISE_SREG, NFT_REG_1);
        nftnl_expr_set_u32(bitwise, NFTNL_EXPR_BITWISE_DREG, NFT_REG_1);
        nftnl_expr_set_u32(bitwise, NFTNL_EXPR_BITWISE_OP, NFT_BITWISE_BOOL);
        nftnl_expr_set_u32(bitwise, NFTNL_EXPR_BITWISE_LEN, size);
        nftnl_expr_set(bitwise, NFTNL_EXPR_BITWISE_MASK, bits, size);
        nftnl_expr_set(bitwise, NFTNL_EXPR_BITWISE_XOR, &zero, size);
    }
    void compare(std::uint32_t op, const void* data, std::uint32_t size) {
        nftnl_expr* cmp = add("cmp");
        nftnl_expr_set_u32(cmp, NFTNL_EXPR_CMP_SREG, NFT_REG_1);
        nftnl_expr_set_u32(cmp, NFTNL_EXPR_CMP_OP, op);
        nftnl_expr_set(cmp, NFTNL_EXPR_CMP_DATA, data, size);
    }
    void counter() {
        nftnl_expr* counter = add("counter");
        nftnl_expr_set_u64(counter, NFTNL_EXPR_CTR_PACKETS, 0);
        nftnl_expr_set_u64(counter, NFTNL_EXPR_CTR_BYTES, 0);
    }
    void verdict(std::uint32_t code, const char* chain = nullptr) {
        nftnl_expr* immediate = add("immediate");
        nftnl_expr_set_u32(immediate, NFTNL_EXPR_IMM_DREG, NFT_REG_VERDICT);
        nftnl_expr_set_u32(immediate, NFTNL_EXPR_IMM_VERDICT, code);
        if (chain != nullptr) {
            nftnl_expr_set_str(immediate, NFTNL_EXPR_IMM_CHAIN, chain);
        }
    }

    void address(std::uint32_t offset, std::uint32_t value) {
        const std::uint32_t wire = htonl(value);
        payload(NFT_PAYLOAD_NETWORK_HEADER, offset, 4);
        compare(NFT_CMP_EQ, &wire, 4);
    }
    void interface(const char* name) {
        char padded[16]{};
        std::strncpy(padded, name, sizeof padded - 1);
        meta(NFT_META_IIFNAME);
        compare(NFT_CMP_EQ, padded, sizeof padded);
    }
    void protocol(std::uint8_t number) {
        meta(NFT_META_L4PROTO);
        compare(NFT_CMP_EQ, &number, 1);
    }
    void ports(std::uint16_t first, std::uint16_t last) {
        const std::uint16_t from = htons(first);
        const std::uint16_t to = htons(last);
        payload(NFT_PAYLOAD_TRANSPORT_HEADER, 2, 2);
        if (first == last) {
            compare(NFT_CMP_EQ, &from, 2);
            return;
        }
        compare(NFT_CMP_GTE, &from, 2);
        compare(NFT_CMP_LTE, &to, 2);
    }
    // What ipchains adds where a rule looks behind the IP header: the packet is long enough, and no
    // fragment.
    void whole(std::uint32_t last_bytes) {
        const std::uint16_t zero = 0;
        const std::uint16_t offset_bits = htons(0x1fff);
        payload(NFT_PAYLOAD_TRANSPORT_HEADER, last_bytes, 2);
        compare(NFT_CMP_GTE, &zero, 2);
        payload(NFT_PAYLOAD_NETWORK_HEADER, 6, 2);
        mask(&offset_bits, 2);
        compare(NFT_CMP_EQ, &zero, 2);
    }

private:
    nftnl_expr* add(const char* name) {
        nftnl_expr* expression = nftnl_expr_alloc(name);
        nftnl_rule_add_expr(rule_, expression);
        return expression;
    }
    nftnl_rule* rule_;
};

// The five kinds of rules that take turns; scripts/bench says them in words.
constexpr std::uint32_t all_kinds = 5;
void fill(Rule& rule, std::uint32_t n, std::uint32_t kinds) {
    const std::uint32_t host = 0x0a000000 + n;
    const std::uint32_t network_mask = htonl(0xffffff00);
    const std::uint32_t network = htonl(0x0a000000 + (n << 8 & 0xffff00));
    constexpr std::uint32_t last_of_tcp = 14;
    constexpr std::uint32_t last_of_udp = 6;
    switch (n % kinds) {
        case 0:  // -s HOST -j DENY
            rule.address(source_offset, host);
            rule.counter();
            rule.verdict(NF_DROP);
            return;
        case 1:  // -p tcp -s HOST -d 0/0 80 -j ACCEPT
            rule.address(source_offset, host);
            rule.protocol(IPPROTO_TCP);
            rule.ports(80, 80);
            rule.whole(last_of_tcp);
            rule.counter();
            rule.verdict(NF_ACCEPT);
            return;
        case 2:  // -p udp -d HOST 53 -i eth0 -j ACCEPT
            rule.address(destination_offset, host);
            rule.protocol(IPPROTO_UDP);
            rule.ports(53, 53);
            rule.interface("eth0");
            rule.whole(last_of_udp);
            rule.counter();
            rule.verdict(NF_ACCEPT);
            return;
        case 3:  // -s NETWORK/24 -i eth1 -j DENY
            rule.payload(NFT_PAYLOAD_NETWORK_HEADER, source_offset, 4);
            rule.mask(&network_mask, 4);
            rule.compare(NFT_CMP_EQ, &network, 4);
            rule.interface("eth1");
            rule.counter();
            rule.verdict(NF_DROP);
            return;
        default:  // -p tcp -s HOST -d 0/0 1024:65535 -j checked
            rule.address(source_offset, host);
            rule.protocol(IPPROTO_TCP);
            rule.ports(1024, 65535);
            rule.whole(last_of_tcp);
            rule.counter();
            rule.verdict(static_cast<std::uint32_t>(NFT_JUMP), checked);
            return;
    }
}

// One batch in one buffer.
class Batch {
public:
    explicit Batch(std::size_t rules)
        : bytes_(std::make_unique_for_overwrite<char[]>((rules + 8) * message_room)) {}

    void begin() { close(nftnl_batch_begin(end(), sequence_++)); }
    void finish() { close(nftnl_batch_end(end(), sequence_++)); }
    void add_table() {
        nftnl_table* object = nftnl_table_alloc();
        nftnl_table_set_str(object, NFTNL_TABLE_NAME, table);
        nlmsghdr* message = open(NFT_MSG_NEWTABLE, NLM_F_CREATE);
        nftnl_table_nlmsg_build_payload(message, object);
        close(message);
        nftnl_table_free(object);
    }
    void add_chain(const char* name, bool base) {
        nftnl_chain* chain = nftnl_chain_alloc();
        nftnl_chain_set_str(chain, NFTNL_CHAIN_TABLE, table);
        nftnl_chain_set_str(chain, NFTNL_CHAIN_NAME, name);
        if (base) {
            nftnl_chain_set_str(chain, NFTNL_CHAIN_TYPE, "filter");
            nftnl_chain_set_u32(chain, NFTNL_CHAIN_HOOKNUM, NF_INET_PRE_ROUTING);
            nftnl_chain_set_s32(chain, NFTNL_CHAIN_PRIO, -150);
        }
        nlmsghdr* message = open(NFT_MSG_NEWCHAIN, NLM_F_CREATE);
        nftnl_chain_nlmsg_build_payload(message, chain);
        close(message);
        nftnl_chain_free(chain);
    }
    void add_rule(const Rule& rule) {
        nlmsghdr* message = open(NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND);
        nftnl_rule_nlmsg_build_payload(message, rule.get());
        close(message);
    }
    // The kernel answers only what it refuses.
    [[nodiscard]] bool send() const {
        mnl_socket* socket = mnl_socket_open(NETLINK_NETFILTER);
        if (socket == nullptr || mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) < 0) {
            return false;
        }
        const int size = static_cast<int>(used_);
        setsockopt(mnl_socket_get_fd(socket), SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof size);
        char answer[4096];
        const bool done = mnl_socket_sendto(socket, bytes_.get(), used_) >= 0 &&
                          recv(mnl_socket_get_fd(socket), answer, sizeof answer, MSG_DONTWAIT) < 0;
        mnl_socket_close(socket);
        return done;
    }

private:
    [[nodiscard]] char* end() { return bytes_.get() + used_; }
    nlmsghdr* open(nf_tables_msg_types type, int flags) {
        return nftnl_nlmsg_build_hdr(end(), static_cast<std::uint16_t>(type), NFPROTO_IPV4,
                                     static_cast<std::uint16_t>(flags), sequence_++);
    }
    void close(const nlmsghdr* message) { used_ += MNL_ALIGN(message->nlmsg_len); }

    std::unique_ptr<char[]> bytes_;  // what is not written to takes no memory
    std::size_t used_ = 0;
    std::uint32_t sequence_ = 1;
};

}  // namespace

int main(int argc, char** argv) {
    const auto argument = [&](int index) {
        return static_cast<std::uint32_t>(argc == 3 ? std::atoi(argv[index]) : 0);
    };
    const std::uint32_t count = argument(1);
    const std::uint32_t kinds = argument(2);
    if (count == 0 || kinds == 0 || kinds > all_kinds) {
        std::fprintf(stderr, "usage: bench_libnftnl COUNT KINDS\n");
        return 2;
    }
    Batch batch(count);
    batch.begin();
    batch.add_table();
    batch.add_chain("input.hook", true);
    batch.add_chain(input, false);
    batch.add_chain(checked, false);
    Rule enter("input.hook");
    enter.verdict(static_cast<std::uint32_t>(NFT_JUMP), input);
    batch.add_rule(enter);
    for (std::uint32_t n = 0; n < count; ++n) {
        Rule rule(input);
        fill(rule, n, kinds);
        batch.add_rule(rule);
    }
    batch.finish();
    if (!batch.send()) {
        std::fprintf(stderr, "bench_libnftnl: the kernel refused it\n");
        return 1;
    }
    return 0;
}
