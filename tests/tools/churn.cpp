// Changes a table of its own, `ip other`, as fast as one process can: rules come in one transaction
// and go in the next. Ends after the number of seconds given and leaves one rule; says how many
// transactions it made.
//
//     churn SECONDS
//     churn --rule CHAIN HEX    adds one rule to a chain of `ip ipchains`, with that userdata
#include <libmnl/libmnl.h>
#include <libnftnl/chain.h>
#include <libnftnl/common.h>
#include <libnftnl/rule.h>
#include <libnftnl/table.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <time.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

constexpr const char* table_name = "other";
constexpr const char* chain_name = "busy";

class Churn {
public:
    Churn() : socket_(mnl_socket_open(NETLINK_NETFILTER)) {
        if (socket_ == nullptr || mnl_socket_bind(socket_, 0, MNL_SOCKET_AUTOPID) < 0) {
            fail("no socket");
        }
    }

    void make_chain() {
        begin();
        nftnl_table* table = nftnl_table_alloc();
        nftnl_table_set_str(table, NFTNL_TABLE_NAME, table_name);
        nftnl_table_nlmsg_build_payload(message(NFT_MSG_NEWTABLE, NLM_F_CREATE), table);
        mnl_nlmsg_batch_next(batch_);
        nftnl_table_free(table);
        nftnl_chain* chain = nftnl_chain_alloc();
        nftnl_chain_set_str(chain, NFTNL_CHAIN_TABLE, table_name);
        nftnl_chain_set_str(chain, NFTNL_CHAIN_NAME, chain_name);
        nftnl_chain_nlmsg_build_payload(message(NFT_MSG_NEWCHAIN, NLM_F_CREATE), chain);
        mnl_nlmsg_batch_next(batch_);
        nftnl_chain_free(chain);
        end();
    }
    // Adds an empty rule.
    void add_raw(const char* table, const char* chain, const std::string& userdata) {
        begin();
        nftnl_rule* rule = nftnl_rule_alloc();
        nftnl_rule_set_str(rule, NFTNL_RULE_TABLE, table);
        nftnl_rule_set_str(rule, NFTNL_RULE_CHAIN, chain);
        nftnl_rule_set_data(rule, NFTNL_RULE_USERDATA, userdata.data(),
                            static_cast<std::uint32_t>(userdata.size()));
        nftnl_rule_nlmsg_build_payload(message(NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND), rule);
        mnl_nlmsg_batch_next(batch_);
        nftnl_rule_free(rule);
        end();
    }
    void add_rule() { one_rule_message(NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND); }
    // Without a handle: all rules of the chain.
    void delete_rules() { one_rule_message(NFT_MSG_DELRULE, 0); }

private:
    [[noreturn]] static void fail(const char* what) {
        std::perror(what);
        std::exit(1);
    }

    nlmsghdr* message(std::uint16_t type, int flags) {
        return nftnl_nlmsg_build_hdr(static_cast<char*>(mnl_nlmsg_batch_current(batch_)), type,
                                     NFPROTO_IPV4, static_cast<std::uint16_t>(flags), ++sequence_);
    }

    void one_rule_message(std::uint16_t type, int flags) {
        begin();
        nftnl_rule* rule = nftnl_rule_alloc();
        nftnl_rule_set_str(rule, NFTNL_RULE_TABLE, table_name);
        nftnl_rule_set_str(rule, NFTNL_RULE_CHAIN, chain_name);
        nftnl_rule_nlmsg_build_payload(message(type, flags), rule);
        mnl_nlmsg_batch_next(batch_);
        nftnl_rule_free(rule);
        end();
    }

    void begin() {
        batch_ = mnl_nlmsg_batch_start(buffer_.data(), buffer_.size());
        nftnl_batch_begin(static_cast<char*>(mnl_nlmsg_batch_current(batch_)), ++sequence_);
        mnl_nlmsg_batch_next(batch_);
    }
    void end() {
        nftnl_batch_end(static_cast<char*>(mnl_nlmsg_batch_current(batch_)), ++sequence_);
        mnl_nlmsg_batch_next(batch_);
        if (mnl_socket_sendto(socket_, mnl_nlmsg_batch_head(batch_), mnl_nlmsg_batch_size(batch_)) <
            0) {
            fail("sendto");
        }
        mnl_nlmsg_batch_stop(batch_);
    }

    mnl_socket* socket_;
    mnl_nlmsg_batch* batch_ = nullptr;
    std::uint32_t sequence_ = 0;
    std::array<char, 8192> buffer_{};
};

std::string from_hex(const std::string& digits) {
    std::string bytes;
    for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
        bytes += static_cast<char>(std::stoi(digits.substr(i, 2), nullptr, 16));
    }
    return bytes;
}

double now() {
    timespec time{};
    clock_gettime(CLOCK_MONOTONIC, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc == 4 && std::string_view(argv[1]) == "--rule") {
        Churn().add_raw("ipchains", argv[2], from_hex(argv[3]));
        return 0;
    }
    const double deadline = now() + (argc > 1 ? std::atof(argv[1]) : 1.0);
    Churn churn;
    churn.make_chain();
    long transactions = 1;
    for (; now() < deadline; transactions += 2) {
        churn.add_rule();
        churn.delete_rules();
    }
    churn.add_rule();
    std::printf("%ld transactions\n", transactions + 1);
}
