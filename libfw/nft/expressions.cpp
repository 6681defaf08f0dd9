#include "nft/expressions.h"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_nat.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/rtnetlink.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "nft/fields.h"
#include "nft/fragments.h"

namespace fw::nft {

namespace {

constexpr std::uint32_t reg = NFT_REG_1;
constexpr std::uint32_t checksum_offset = 10;  // of the IP header, RFC 791
constexpr std::uint32_t tos_offset = 1;

// Up to 16 bytes as they lie in a register.
struct Bytes {
    std::array<std::uint8_t, 16> data{};
    std::uint32_t size = 0;
};

// A number as the field has it: fields of a packet in network byte order, others in the machine's.
Bytes value_of(const FieldFacts& field, std::uint32_t value) {
    Bytes bytes;
    bytes.size = field.width;
    if (field.source == Source::meta || field.source == Source::ct) {
        if (field.width == 1) {
            bytes.data[0] = static_cast<std::uint8_t>(value);
        } else {
            std::memcpy(bytes.data.data(), &value, sizeof value);
        }
        return bytes;
    }
    const std::uint32_t wire = htonl(value << (8 * (4 - field.width)));
    std::memcpy(bytes.data.data(), &wire, field.width);
    return bytes;
}

// The bit of a connection label, in the 128 that there are.
Bytes label_bit(unsigned label) {
    Bytes bytes;
    bytes.size = 16;
    // Words of 32 bits in the machine's byte order.
    const std::uint32_t word = 1U << (label % 32);
    std::memcpy(bytes.data.data() + 4 * (label / 32), &word, sizeof word);
    return bytes;
}

struct Writer {
    Buffer& out;
    std::uint32_t set_id = 0;

    // An expression, with the attributes that `fill` puts.
    template <typename Fill>
    void add(std::string_view name, Fill fill) const {
        out.nest(NFTA_LIST_ELEM, [&] {
            out.text(NFTA_EXPR_NAME, name);
            out.nest(NFTA_EXPR_DATA, fill);
        });
    }

    void data(std::uint16_t attribute, const void* bytes, std::uint32_t size) const {
        out.nest(attribute, [&] { out.put(NFTA_DATA_VALUE, bytes, size); });
    }

    void payload(std::uint32_t base, std::uint32_t offset, std::uint32_t length,
                 std::uint32_t to) const {
        add("payload", [&] {
            out.u32(NFTA_PAYLOAD_DREG, to);
            out.u32(NFTA_PAYLOAD_BASE, base);
            out.u32(NFTA_PAYLOAD_OFFSET, offset);
            out.u32(NFTA_PAYLOAD_LEN, length);
        });
    }

    void load(const FieldFacts& field, std::uint32_t to = reg) const {
        switch (field.source) {
            case Source::network_header:
                payload(NFT_PAYLOAD_NETWORK_HEADER, field.where, field.width, to);
                return;
            case Source::transport_header:
                payload(NFT_PAYLOAD_TRANSPORT_HEADER, field.where, field.width, to);
                return;
            case Source::meta:
                add("meta", [&] {
                    out.u32(NFTA_META_KEY, field.where);
                    out.u32(NFTA_META_DREG, to);
                });
                return;
            case Source::ct:
                add("ct", [&] {
                    out.u32(NFTA_CT_KEY, field.where);
                    out.u32(NFTA_CT_DREG, to);
                });
                return;
        }
    }

    // to = (to & mask) ^ flip
    void bitwise(const Bytes& mask, const Bytes& flip, std::uint32_t to = reg) const {
        add("bitwise", [&] {
            out.u32(NFTA_BITWISE_SREG, to);
            out.u32(NFTA_BITWISE_DREG, to);
            out.u32(NFTA_BITWISE_OP, NFT_BITWISE_BOOL);
            out.u32(NFTA_BITWISE_LEN, mask.size);
            data(NFTA_BITWISE_MASK, mask.data.data(), mask.size);
            data(NFTA_BITWISE_XOR, flip.data.data(), mask.size);
        });
    }

    void compare(std::uint32_t op, const void* bytes, std::uint32_t size) const {
        add("cmp", [&] {
            out.u32(NFTA_CMP_SREG, reg);
            out.u32(NFTA_CMP_OP, op);
            data(NFTA_CMP_DATA, bytes, size);
        });
    }

    void immediate(const Bytes& bytes, std::uint32_t to) const {
        add("immediate", [&] {
            out.u32(NFTA_IMMEDIATE_DREG, to);
            data(NFTA_IMMEDIATE_DATA, bytes.data.data(), bytes.size);
        });
    }

    // [ payload load 4b @ network header + 12 => reg 1 ] [ bitwise ... ] [ cmp eq reg 1 ... ]
    void operator()(const Compare& test) const {
        const FieldFacts& field = facts(test.field);
        const std::uint32_t full = full_mask(field);
        load(field);
        const std::uint32_t mask = (test.mask & full) << field.shift;
        const std::uint32_t width_mask =
            field.width >= 4 ? 0xffffffff : (1U << (8 * field.width)) - 1;
        if (mask != width_mask) {
            bitwise(value_of(field, mask), Bytes{});
        }
        const Bytes value = value_of(field, test.value << field.shift);
        const std::uint32_t op = test.op == Op::ge   ? NFT_CMP_GTE
                                 : test.op == Op::ne ? NFT_CMP_NEQ
                                                     : NFT_CMP_EQ;
        compare(op, value.data.data(), value.size);
    }

    // [ range neq ... ], or, as nft writes it, [ cmp gte ... ] [ cmp lte ... ]
    void operator()(const Between& test) const {
        const FieldFacts& field = facts(test.field);
        load(field);
        const Bytes first = value_of(field, test.first);
        const Bytes last = value_of(field, test.last);
        if (!test.inverted) {
            compare(NFT_CMP_GTE, first.data.data(), first.size);
            compare(NFT_CMP_LTE, last.data.data(), last.size);
            return;
        }
        add("range", [&] {
            out.u32(NFTA_RANGE_SREG, reg);
            out.u32(NFTA_RANGE_OP, NFT_RANGE_NEQ);
            data(NFTA_RANGE_FROM_DATA, first.data.data(), first.size);
            data(NFTA_RANGE_TO_DATA, last.data.data(), last.size);
        });
    }

    // [ payload load 2b @ transport header + 2 => reg 1 ] [ lookup reg 1 set __set%d ]
    void operator()(const InRanges& test) const {
        load(facts(test.field));
        add("lookup", [&] {
            out.u32(NFTA_LOOKUP_SREG, reg);
            out.text(NFTA_LOOKUP_SET, anonymous_set_name);
            out.u32(NFTA_LOOKUP_SET_ID, set_id);
            out.u32(NFTA_LOOKUP_FLAGS, test.inverted ? NFT_LOOKUP_F_INV : 0);
        });
    }

    // A prefix is compared as far as it goes, a name with its NULs to the end.
    void operator()(const Interface& test) const {
        load(facts(test.field));
        Bytes name;
        std::memcpy(name.data.data(), test.name.data(),
                    std::min<std::size_t>(test.name.size(), 15));
        compare(test.inverted ? NFT_CMP_NEQ : NFT_CMP_EQ, name.data.data(),
                test.prefix ? static_cast<std::uint32_t>(test.name.size()) : 16);
    }

    void operator()(const IsFragment& test) const {
        constexpr Field key[] = {Field::ip_frag_off, Field::ip_protocol, Field::ip_hdrlength,
                                 Field::ip_length};
        std::uint32_t part = 0;
        for (const Field name : key) {
            const FieldFacts& field = facts(name);
            // The first part is register 1, the others the 4-byte registers that follow within.
            const std::uint32_t to = part == 0 ? reg : NFT_REG32_00 + part;
            load(field, to);
            if (name == Field::ip_frag_off) {
                bitwise(value_of(field, 0x1fff), Bytes{}, to);
            } else if (name == Field::ip_hdrlength) {
                bitwise(value_of(field, field.mask), Bytes{}, to);
            }
            ++part;
        }
        add("lookup", [&] {
            out.u32(NFTA_LOOKUP_SREG, reg);
            out.text(NFTA_LOOKUP_SET, fragment_set_name);
            out.u32(NFTA_LOOKUP_FLAGS, test.inverted ? NFT_LOOKUP_F_INV : 0);
        });
    }

    void operator()(const HasLabel& test) const {
        add("ct", [&] {
            out.u32(NFTA_CT_KEY, NFT_CT_LABELS);
            out.u32(NFTA_CT_DREG, reg);
        });
        bitwise(label_bit(test.label), Bytes{});
        const Bytes zero;
        compare(test.inverted ? NFT_CMP_EQ : NFT_CMP_NEQ, zero.data.data(), 16);
    }

    // [ fib daddr type => reg 1 ] [ cmp eq reg 1 0x00000002 ]
    void operator()(const IsLocal&) const {
        add("fib", [&] {
            out.u32(NFTA_FIB_FLAGS, NFTA_FIB_F_DADDR);
            out.u32(NFTA_FIB_RESULT, NFT_FIB_RESULT_ADDRTYPE);
            out.u32(NFTA_FIB_DREG, reg);
        });
        const std::uint32_t local = RTN_LOCAL;
        compare(NFT_CMP_EQ, &local, sizeof local);
    }

    // [ numgen reg 1 = inc mod 20 ] [ byteorder reg 1 = hton(reg 1, 4, 4) ] [ cmp lt reg 1 ... ]
    void operator()(const TakesTurn& turn) const {
        add("numgen", [&] {
            out.u32(NFTA_NG_DREG, reg);
            out.u32(NFTA_NG_MODULUS, turn.of);
            out.u32(NFTA_NG_TYPE, NFT_NG_INCREMENTAL);
        });
        add("byteorder", [&] {
            out.u32(NFTA_BYTEORDER_SREG, reg);
            out.u32(NFTA_BYTEORDER_DREG, reg);
            out.u32(NFTA_BYTEORDER_OP, NFT_BYTEORDER_HTON);
            out.u32(NFTA_BYTEORDER_LEN, 4);
            out.u32(NFTA_BYTEORDER_SIZE, 4);
        });
        const std::uint32_t wire = htonl(turn.first);
        compare(NFT_CMP_LT, &wire, sizeof wire);
    }

    void operator()(const Limit& limit) const {
        add("limit", [&] {
            out.u64(NFTA_LIMIT_RATE, limit.per_second);
            out.u64(NFTA_LIMIT_UNIT, 1);  // a second
            out.u32(NFTA_LIMIT_BURST, limit.burst);
            out.u32(NFTA_LIMIT_TYPE, NFT_LIMIT_PKTS);
        });
    }

    void operator()(const Counter& counter) const {
        add("counter", [&] {
            if (counter.counters != Counters{}) {  // what it begins with by itself
                out.u64(NFTA_COUNTER_BYTES, counter.counters.bytes);
                out.u64(NFTA_COUNTER_PACKETS, counter.counters.packets);
            }
        });
    }

    void operator()(const Log& statement) const {
        constexpr std::uint32_t level_info = 6;
        add("log", [&] {
            out.text(NFTA_LOG_PREFIX, statement.prefix);
            out.u32(NFTA_LOG_LEVEL, level_info);
        });
    }

    void operator()(const LogGroup& statement) const {
        add("log", [&] {
            if (!statement.prefix.empty()) {
                out.text(NFTA_LOG_PREFIX, statement.prefix);
            }
            out.u16(NFTA_LOG_GROUP, statement.group);
            if (statement.size) {
                out.u32(NFTA_LOG_SNAPLEN, *statement.size);
            }
        });
    }

    // Two bytes from the start of the header, as nft does: the checksum is over pairs of bytes.
    void operator()(const SetField& statement) const {
        const FieldFacts& field = facts(statement.field);
        payload(NFT_PAYLOAD_NETWORK_HEADER, 0, 2, reg);
        const auto keep = static_cast<std::uint16_t>(0xffff & ~field.mask);
        const std::uint32_t shifted = statement.value << field.shift;
        static_assert(tos_offset == 1);  // the low byte of the two
        Bytes mask;
        Bytes flip;
        mask.size = flip.size = 2;
        const std::uint16_t mask_wire = htons(keep);
        const std::uint16_t flip_wire = htons(static_cast<std::uint16_t>(shifted));
        std::memcpy(mask.data.data(), &mask_wire, 2);
        std::memcpy(flip.data.data(), &flip_wire, 2);
        bitwise(mask, flip);
        add("payload", [&] {
            out.u32(NFTA_PAYLOAD_SREG, reg);
            out.u32(NFTA_PAYLOAD_BASE, NFT_PAYLOAD_NETWORK_HEADER);
            out.u32(NFTA_PAYLOAD_OFFSET, 0);
            out.u32(NFTA_PAYLOAD_LEN, 2);
            out.u32(NFTA_PAYLOAD_CSUM_TYPE, NFT_PAYLOAD_CSUM_INET);
            out.u32(NFTA_PAYLOAD_CSUM_OFFSET, checksum_offset);
        });
    }

    void operator()(const SetMark& statement) const {
        const FieldFacts& mark = facts(Field::mark);
        if (statement.and_mask == 0) {
            immediate(value_of(mark, statement.xor_mask), reg);
        } else {
            load(mark);
            bitwise(value_of(mark, statement.and_mask), value_of(mark, statement.xor_mask));
        }
        add("meta", [&] {
            out.u32(NFTA_META_KEY, mark.where);
            out.u32(NFTA_META_SREG, reg);
        });
    }

    void operator()(const SetLabel& statement) const {
        immediate(label_bit(statement.label), reg);
        add("ct", [&] {
            out.u32(NFTA_CT_KEY, NFT_CT_LABELS);
            out.u32(NFTA_CT_SREG, reg);
        });
    }

    void operator()(const Decide& decide) const {
        add("immediate", [&] {
            out.u32(NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT);
            out.nest(NFTA_IMMEDIATE_DATA, [&] {
                out.nest(NFTA_DATA_VERDICT, [&] {
                    out.u32(NFTA_VERDICT_CODE, code_of(decide.verdict));
                    if (!decide.chain.empty()) {
                        out.text(NFTA_VERDICT_CHAIN, decide.chain);
                    }
                });
            });
        });
    }
    static std::uint32_t code_of(Verdict verdict) {
        switch (verdict) {
            case Verdict::accept: return NF_ACCEPT;
            case Verdict::drop: return NF_DROP;
            case Verdict::ret: return static_cast<std::uint32_t>(NFT_RETURN);
            case Verdict::jump: return static_cast<std::uint32_t>(NFT_JUMP);
            case Verdict::go_to: return static_cast<std::uint32_t>(NFT_GOTO);
        }
        return NF_DROP;
    }

    void operator()(const RejectPacket&) const {
        constexpr std::uint8_t port_unreachable = 3;  // RFC 792
        add("reject", [&] {
            out.u32(NFTA_REJECT_TYPE, NFT_REJECT_ICMP_UNREACH);
            out.u8(NFTA_REJECT_ICMP_CODE, port_unreachable);
        });
    }

    [[nodiscard]] static Bytes port(std::uint16_t number) {
        Bytes bytes;
        bytes.size = 2;
        const std::uint16_t wire = htons(number);
        std::memcpy(bytes.data.data(), &wire, 2);
        return bytes;
    }

    void operator()(const MasqueradeTo& statement) const {
        if (statement.first != 0) {
            immediate(port(statement.first), NFT_REG_1);
            immediate(port(statement.last), NFT_REG_2);
        }
        add("masq", [&] {
            if (statement.first != 0) {
                out.u32(NFTA_MASQ_FLAGS, NF_NAT_RANGE_PROTO_SPECIFIED);
                out.u32(NFTA_MASQ_REG_PROTO_MIN, NFT_REG_1);
                out.u32(NFTA_MASQ_REG_PROTO_MAX, NFT_REG_2);
            }
        });
    }

    void operator()(const RedirectTo& statement) const {
        if (statement.port != 0) {
            immediate(port(statement.port), NFT_REG_1);
        }
        add("redir", [&] {
            if (statement.port != 0) {
                out.u32(NFTA_REDIR_REG_PROTO_MIN, NFT_REG_1);
                out.u32(NFTA_REDIR_FLAGS, NF_NAT_RANGE_PROTO_SPECIFIED);
            }
        });
    }

    // The address is in register 1; a port, if there is one, in register 2.
    void forward(bool with_port) const {
        add("nat", [&] {
            out.u32(NFTA_NAT_TYPE, NFT_NAT_DNAT);
            out.u32(NFTA_NAT_FAMILY, NFPROTO_IPV4);
            out.u32(NFTA_NAT_REG_ADDR_MIN, NFT_REG_1);
            if (with_port) {
                out.u32(NFTA_NAT_REG_PROTO_MIN, NFT_REG_2);
            }
        });
    }

    void operator()(const ForwardTo& statement) const {
        immediate(value_of(facts(Field::ip_daddr), statement.address.value), NFT_REG_1);
        if (statement.port != 0) {
            immediate(port(statement.port), NFT_REG_2);
        }
        forward(statement.port != 0);
    }

    // The key of a map: an address, or none of its bits.
    void key(Field field, bool one_key) const {
        load(facts(field));
        if (one_key) {
            bitwise(value_of(facts(field), 0), Bytes{});
        }
    }

    // [ payload ... => reg 1 ] [ lookup reg 1 set NAME dreg 1 ] [ nat dnat ip addr_min reg 1 ]
    void operator()(const ForwardByMap& statement) const {
        key(statement.one_key ? Field::ip_daddr : Field::ip_saddr, statement.one_key);
        add("lookup", [&] {
            out.u32(NFTA_LOOKUP_SREG, reg);
            out.u32(NFTA_LOOKUP_DREG, NFT_REG_1);
            out.text(NFTA_LOOKUP_SET, statement.map);
        });
        forward(false);
    }

    // Twice: [ payload ... => reg 1 ] [ payload ... => reg 2 ] [ dynset ... reg_key 1 sreg_data 2 ]
    void operator()(const UpdateMap& statement) const {
        for (const std::uint32_t step : {NFT_DYNSET_OP_DELETE, NFT_DYNSET_OP_ADD}) {
            key(Field::ip_daddr, statement.one_key);
            load(facts(Field::ip_saddr), NFT_REG_2);
            add("dynset", [&] {
                out.u32(NFTA_DYNSET_SREG_KEY, reg);
                out.u32(NFTA_DYNSET_SREG_DATA, NFT_REG_2);
                out.u32(NFTA_DYNSET_OP, step);
                out.text(NFTA_DYNSET_SET_NAME, statement.map);
            });
        }
    }

    void operator()(const SetHelper& statement) const {
        add("objref", [&] {
            out.u32(NFTA_OBJREF_IMM_TYPE, NFT_OBJECT_CT_HELPER);
            out.text(NFTA_OBJREF_IMM_NAME, statement.name);
        });
    }

    void operator()(const SetDestination& statement) const {
        const FieldFacts& field = facts(Field::ip_daddr);
        immediate(value_of(field, statement.address.value), reg);
        add("payload", [&] {
            out.u32(NFTA_PAYLOAD_SREG, reg);
            out.u32(NFTA_PAYLOAD_BASE, NFT_PAYLOAD_NETWORK_HEADER);
            out.u32(NFTA_PAYLOAD_OFFSET, field.where);
            out.u32(NFTA_PAYLOAD_LEN, field.width);
            out.u32(NFTA_PAYLOAD_CSUM_TYPE, NFT_PAYLOAD_CSUM_INET);
            out.u32(NFTA_PAYLOAD_CSUM_OFFSET, checksum_offset);
            // The checksums of TCP and UDP cover the addresses.
            out.u32(NFTA_PAYLOAD_CSUM_FLAGS, NFT_PAYLOAD_L4CSUM_PSEUDOHDR);
        });
    }
};

}  // namespace

void add_expression(Buffer& out, const Expr& expression, std::uint32_t set_id) {
    std::visit(Writer{out, set_id}, expression);
}

bool holds_ranges(const InRanges& set) {
    return std::any_of(set.ranges.begin(), set.ranges.end(),
                       [](const PortRange& range) { return range.first != range.last; });
}

void add_elements(Buffer& out, const InRanges& set) {
    const FieldFacts& field = facts(set.field);
    const bool ranges = holds_ranges(set);
    const std::uint32_t highest = full_mask(field);
    enum class Edge : std::uint8_t { begins, open, ended };
    const auto add = [&](std::uint32_t value, Edge edge) {
        out.nest(NFTA_LIST_ELEM, [&] {
            if (edge == Edge::ended) {
                out.u32(NFTA_SET_ELEM_FLAGS, NFT_SET_ELEM_INTERVAL_END);
            }
            const Bytes key = value_of(field, value);
            out.nest(NFTA_SET_ELEM_KEY,
                     [&] { out.put(NFTA_DATA_VALUE, key.data.data(), key.size); });
            if (edge == Edge::open) {  // for nft: it goes on to the highest value
                constexpr std::uint8_t flags = 1;
                constexpr std::uint8_t userdata[] = {flags, 4, 1, 0, 0, 0};
                out.put(NFTA_SET_ELEM_USERDATA, userdata, sizeof userdata);
            }
        });
    };
    if (ranges && set.ranges.front().first != 0) {
        add(0, Edge::ended);
    }
    for (const PortRange& range : set.ranges) {
        const bool open = ranges && range.last == highest;
        add(range.first, open ? Edge::open : Edge::begins);
        if (ranges && !open) {
            add(range.last + 1U, Edge::ended);
        }
    }
}

}  // namespace fw::nft
