#include "netlink/connections.h"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nfnetlink_conntrack.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <tuple>

#include "compile/rule.h"
#include "netlink/attributes.h"
#include "netlink/session.h"

namespace fw::netlink {

namespace {

std::uint16_t short_of(const nlattr* attribute) { return ntohs(mnl_attr_get_u16(attribute)); }
std::uint32_t number_of(const nlattr* attribute) { return ntohl(mnl_attr_get_u32(attribute)); }

// One direction of a connection, as its packets come in.
struct Tuple {
    Address source;
    Address destination;
    std::uint16_t protocol = 0;
    std::uint16_t source_port = 0;
    std::uint16_t destination_port = 0;
    std::uint16_t icmp_id = 0;
    std::uint8_t icmp_type = 0;
    std::uint8_t icmp_code = 0;
};

void read_addresses(const nlattr* nested, Tuple& tuple) {
    for_each_nested(nested, [&](const nlattr* attribute) {
        switch (mnl_attr_get_type(attribute)) {
            case CTA_IP_V4_SRC: tuple.source.value = number_of(attribute); break;
            case CTA_IP_V4_DST: tuple.destination.value = number_of(attribute); break;
            default: break;
        }
    });
}

void read_protocol(const nlattr* nested, Tuple& tuple) {
    for_each_nested(nested, [&](const nlattr* attribute) {
        switch (mnl_attr_get_type(attribute)) {
            case CTA_PROTO_NUM: tuple.protocol = mnl_attr_get_u8(attribute); break;
            case CTA_PROTO_SRC_PORT: tuple.source_port = short_of(attribute); break;
            case CTA_PROTO_DST_PORT: tuple.destination_port = short_of(attribute); break;
            case CTA_PROTO_ICMP_ID: tuple.icmp_id = short_of(attribute); break;
            case CTA_PROTO_ICMP_TYPE: tuple.icmp_type = mnl_attr_get_u8(attribute); break;
            case CTA_PROTO_ICMP_CODE: tuple.icmp_code = mnl_attr_get_u8(attribute); break;
            default: break;
        }
    });
}

Tuple read_tuple(const nlattr* nested) {
    Tuple tuple;
    for_each_nested(nested, [&](const nlattr* attribute) {
        switch (mnl_attr_get_type(attribute)) {
            case CTA_TUPLE_IP: read_addresses(attribute, tuple); break;
            case CTA_TUPLE_PROTO: read_protocol(attribute, tuple); break;
            default: break;
        }
    });
    if (tuple.protocol == protocol_icmp) {
        const auto kind = static_cast<std::uint16_t>(tuple.icmp_type << 8 | tuple.icmp_code);
        tuple.source_port = tuple.icmp_id;
        tuple.destination_port = kind;
    }
    return tuple;
}

// 128 bits in words of the machine's own byte order.
bool has_label(const nlattr* attribute, unsigned label) {
    constexpr unsigned word_bits = 64;
    const std::size_t offset = label / word_bits * sizeof(std::uint64_t);
    std::uint64_t word = 0;
    if (mnl_attr_get_payload_len(attribute) < offset + sizeof word) {
        return false;
    }
    std::memcpy(&word, static_cast<const char*>(mnl_attr_get_payload(attribute)) + offset,
                sizeof word);
    return (word >> label % word_bits & 1) != 0;
}

void read_shift(const nlattr* nested, Connection& connection) {
    for_each_nested(nested, [&](const nlattr* attribute) {
        const std::uint32_t value = number_of(attribute);
        switch (mnl_attr_get_type(attribute)) {
            case CTA_SEQADJ_CORRECTION_POS: connection.initial_sequence = value; break;
            case CTA_SEQADJ_OFFSET_BEFORE:
                connection.previous_delta = static_cast<std::int32_t>(value);
                break;
            case CTA_SEQADJ_OFFSET_AFTER:
                connection.delta = static_cast<std::int32_t>(value);
                break;
            default: break;
        }
    });
}

// What the kernel says of a connection, ours or not.
struct Tracked {
    Tuple original;
    Tuple reply;
    std::uint32_t status = 0;
    std::uint32_t timeout = 0;
    bool masquerade_label = false;
    bool forward_label = false;
    const nlattr* original_shift = nullptr;
    const nlattr* reply_shift = nullptr;
};

Tracked read_tracked(const nlmsghdr& message) {
    Tracked tracked;
    for_each_attribute(message, sizeof(nfgenmsg), [&](const nlattr* attribute) {
        switch (mnl_attr_get_type(attribute)) {
            case CTA_TUPLE_ORIG: tracked.original = read_tuple(attribute); break;
            case CTA_TUPLE_REPLY: tracked.reply = read_tuple(attribute); break;
            case CTA_STATUS: tracked.status = number_of(attribute); break;
            case CTA_TIMEOUT: tracked.timeout = number_of(attribute); break;
            case CTA_LABELS:
                tracked.masquerade_label = has_label(attribute, compile::masquerade_label);
                tracked.forward_label = has_label(attribute, compile::forward_label);
                break;
            case CTA_SEQ_ADJ_ORIG: tracked.original_shift = attribute; break;
            case CTA_SEQ_ADJ_REPLY: tracked.reply_shift = attribute; break;
            default: break;
        }
    });
    return tracked;
}

Connection masqueraded(const Tracked& tracked) {
    const Tuple& out = tracked.original;
    const Tuple& back = tracked.reply;
    Connection connection{out.protocol, out.source, out.source_port, out.destination,
                          out.destination_port};
    connection.masquerade_port =
        out.protocol == protocol_icmp ? back.icmp_id : back.destination_port;
    if (tracked.original_shift != nullptr) {
        read_shift(tracked.original_shift, connection);
    }
    return connection;
}

// Began outside: the inner host is the one that answers.
Connection forwarded(const Tracked& tracked) {
    const Tuple& in = tracked.original;
    const Tuple& answer = tracked.reply;
    Connection connection{in.protocol, answer.source, answer.source_port, in.source,
                          in.source_port};
    connection.masquerade_port = in.destination_port;
    if (in.protocol == protocol_icmp) {
        connection.inner_port = answer.icmp_id;
        connection.outer_port = in.destination_port;
        connection.masquerade_port = in.icmp_id;
    }
    if (tracked.reply_shift != nullptr) {
        read_shift(tracked.reply_shift, connection);
    }
    return connection;
}

std::vector<std::uint8_t> dump_request(Session& session) {
    std::vector<std::uint8_t> bytes(MNL_NLMSG_HDRLEN + MNL_ALIGN(sizeof(nfgenmsg)));
    nlmsghdr* message = mnl_nlmsg_put_header(bytes.data());
    message->nlmsg_type = NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_GET;
    message->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
    message->nlmsg_seq = session.take_sequence(1);
    auto* general = static_cast<nfgenmsg*>(mnl_nlmsg_put_extra_header(message, sizeof(nfgenmsg)));
    general->nfgen_family = NFPROTO_IPV4;
    general->version = NFNETLINK_V0;
    return bytes;
}

// A dump says a connection twice when another one beside it ends meanwhile (Linux 6.18).
void sort_out(std::vector<Connection>& connections) {
    const auto key = [](const Connection& c) {
        return std::tie(c.protocol, c.inner, c.inner_port, c.outer, c.outer_port,
                        c.masquerade_port);
    };
    std::sort(connections.begin(), connections.end(),
              [&](const Connection& a, const Connection& b) { return key(a) < key(b); });
    const auto same = [&](const Connection& a, const Connection& b) { return key(a) == key(b); };
    connections.erase(std::unique(connections.begin(), connections.end(), same), connections.end());
}

Error listing_error(int number) {
    if (number == EINVAL || number == EOPNOTSUPP) {  // no subsystem of that number
        return {Code::unsupported, "-M", -1, "this kernel does not tell of its connections",
                "load the module nf_conntrack_netlink, or use a kernel with CONFIG_NF_CT_NETLINK"};
    }
    return error_from(number);
}

}  // namespace

std::optional<Connection> read_connection(const nlmsghdr& message) {
    const Tracked tracked = read_tracked(message);
    const bool source_rewritten = (tracked.status & IPS_SRC_NAT) != 0;
    const bool destination_rewritten = (tracked.status & IPS_DST_NAT) != 0;
    std::optional<Connection> connection;
    if (tracked.masquerade_label && source_rewritten) {
        connection = masqueraded(tracked);
    } else if (tracked.forward_label && destination_rewritten) {
        connection = forwarded(tracked);
    }
    if (connection) {
        connection->expires = tracked.timeout;
    }
    return connection;
}

}  // namespace fw::netlink

namespace fw {

Result<std::vector<Connection>> list_connections() {
    Result<netlink::Session> session = netlink::Session::open();
    if (!session) {
        return session.error();
    }
    constexpr int most_attempts = 5;  // connections come and go: at last, take what there is
    std::vector<Connection> connections;
    for (int attempt = 0; attempt < most_attempts; ++attempt) {
        connections.clear();
        const Result<int> outcome =
            session->dump(netlink::dump_request(*session), [&](const nlmsghdr& message) {
                if (const auto connection = netlink::read_connection(message)) {
                    connections.push_back(*connection);
                }
            });
        if (!outcome || (*outcome != 0 && *outcome != EINTR)) {
            return outcome ? netlink::listing_error(*outcome) : outcome.error();
        }
        if (*outcome == 0) {
            break;
        }
    }
    netlink::sort_out(connections);
    return connections;
}

}  // namespace fw
