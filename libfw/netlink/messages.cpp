#include "netlink/messages.h"

#include <arpa/inet.h>
#include <endian.h>
#include <linux/netfilter.h>

#include <cstring>
#include <string>
#include <utility>

#include "netlink/attributes.h"

namespace fw::netlink {

namespace {

using nft::KernelChain;
using nft::KernelRule;

constexpr std::size_t request_room = 1024;

std::string_view text_of(const nlattr* attribute) {
    return {mnl_attr_get_str(attribute),
            strnlen(mnl_attr_get_str(attribute), mnl_attr_get_payload_len(attribute))};
}

std::uint64_t long_of(const nlattr* attribute) { return be64toh(mnl_attr_get_u64(attribute)); }

void read_counter(const nlattr* data, Counters& counters) {
    for_each_nested(data, [&](const nlattr* attribute) {
        if (mnl_attr_get_type(attribute) == NFTA_COUNTER_PACKETS) {
            counters.packets = long_of(attribute);
        } else if (mnl_attr_get_type(attribute) == NFTA_COUNTER_BYTES) {
            counters.bytes = long_of(attribute);
        }
    });
}

// Of a rule's expressions only the counter is of interest: the rest is known by its userdata.
void read_expressions(const nlattr* list, Counters& counters) {
    for_each_nested(list, [&](const nlattr* element) {
        bool counter = false;
        for_each_nested(element, [&](const nlattr* part) {
            if (mnl_attr_get_type(part) == NFTA_EXPR_NAME) {
                counter = text_of(part) == "counter";
            } else if (counter && mnl_attr_get_type(part) == NFTA_EXPR_DATA) {
                read_counter(part, counters);
            }
        });
    });
}

// Finds our attribute among those of nft: type, length, value, one byte each for the first two.
void read_userdata(const nlattr* attribute, KernelRule& rule) {
    const auto* bytes = static_cast<const std::uint8_t*>(mnl_attr_get_payload(attribute));
    std::size_t left = mnl_attr_get_payload_len(attribute);
    while (left >= 2 && left - 2 >= bytes[1]) {
        const std::size_t length = bytes[1];
        if (bytes[0] == nft::userdata_type && length >= 2 &&
            bytes[2] <= static_cast<std::uint8_t>(nft::Kind::entry)) {
            rule.kind = static_cast<nft::Kind>(bytes[2]);
            rule.parts = bytes[3];
            rule.identity.assign(reinterpret_cast<const char*>(bytes + 4), length - 2);
            return;
        }
        bytes += 2 + length;
        left -= 2 + length;
    }
}

}  // namespace

Requests& Requests::add(int type, std::uint16_t flags) {
    start_ = bytes_.size();
    bytes_.resize(start_ + request_room);
    nlmsghdr* message = mnl_nlmsg_put_header(bytes_.data() + start_);
    message->nlmsg_type = message_type(type);
    message->nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | flags);
    message->nlmsg_seq = session_.take_sequence(1);
    auto* general = static_cast<nfgenmsg*>(mnl_nlmsg_put_extra_header(message, sizeof(nfgenmsg)));
    general->nfgen_family = NFPROTO_IPV4;
    general->version = NFNETLINK_V0;
    general->res_id = 0;
    close(*message);
    return *this;
}

Requests& Requests::text(std::uint16_t attribute, std::string_view value) {
    nlmsghdr& message = open();
    mnl_attr_put_strz(&message, attribute, std::string(value).c_str());
    close(message);
    return *this;
}

Requests& Requests::number(std::uint16_t attribute, std::uint64_t value) {
    nlmsghdr& message = open();
    mnl_attr_put_u64(&message, attribute, htobe64(value));
    close(message);
    return *this;
}

nlmsghdr& Requests::open() {
    bytes_.resize(start_ + request_room);
    return *reinterpret_cast<nlmsghdr*>(bytes_.data() + start_);
}

void Requests::close(const nlmsghdr& message) {
    bytes_.resize(start_ + MNL_ALIGN(message.nlmsg_len));
}

void read_rule(const nlmsghdr& message, Reading& reading) {
    KernelRule rule;
    std::string_view chain_name;
    bool ours = true;
    std::uint64_t behind = 0;
    for_each_attribute(message, sizeof(nfgenmsg), [&](const nlattr* attribute) {
        switch (mnl_attr_get_type(attribute)) {
            case NFTA_RULE_TABLE: ours = text_of(attribute) == reading.table_name; break;
            case NFTA_RULE_CHAIN: chain_name = text_of(attribute); break;
            case NFTA_RULE_HANDLE: rule.handle = long_of(attribute); break;
            case NFTA_RULE_POSITION: behind = long_of(attribute); break;
            case NFTA_RULE_EXPRESSIONS: read_expressions(attribute, rule.counters); break;
            case NFTA_RULE_USERDATA: read_userdata(attribute, rule); break;
            default: break;
        }
    });
    if (!ours) {
        return;
    }
    // Rules come chain by chain.
    std::vector<KernelChain>& chains = reading.table.chains;
    if (reading.current >= chains.size() || chains[reading.current].name != chain_name) {
        const KernelChain* found = reading.table.find(chain_name);
        if (found == nullptr) {
            reading.torn = true;
            return;
        }
        reading.current = static_cast<std::size_t>(found - chains.data());
    }
    std::vector<KernelRule>& rules = chains[reading.current].rules;
    reading.torn = reading.torn || behind != (rules.empty() ? 0 : rules.back().handle);
    rules.push_back(std::move(rule));
}

void read_chain(const nlmsghdr& message, std::string_view table_name, nft::KernelTable& table) {
    KernelChain chain;
    bool ours = false;
    for_each_attribute(message, sizeof(nfgenmsg), [&](const nlattr* attribute) {
        switch (mnl_attr_get_type(attribute)) {
            case NFTA_CHAIN_TABLE: ours = text_of(attribute) == table_name; break;
            case NFTA_CHAIN_NAME: chain.name = text_of(attribute); break;
            case NFTA_CHAIN_HOOK: chain.base = true; break;
            default: break;
        }
    });
    if (ours) {
        table.chains.push_back(std::move(chain));
    }
}

std::uint32_t read_generation(const nlmsghdr& message) {
    std::uint32_t generation = 0;
    for_each_attribute(message, sizeof(nfgenmsg), [&](const nlattr* attribute) {
        if (mnl_attr_get_type(attribute) == NFTA_GEN_ID) {
            generation = ntohl(mnl_attr_get_u32(attribute));
        }
    });
    return generation;
}

}  // namespace fw::netlink
