#include "nft/encode.h"

#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <libnftnl/chain.h>
#include <libnftnl/common.h>
#include <libnftnl/object.h>
#include <libnftnl/set.h>
#include <libnftnl/table.h>
#include <libnftnl/udata.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include <cstring>
#include <memory>
#include <string>

#include "nft/expressions.h"
#include "nft/fields.h"
#include "nft/fragments.h"

namespace fw::nft {

namespace {

template <auto Free>
struct Freer {
    template <typename T>
    void operator()(T* object) const {
        Free(object);
    }
};
using TablePtr = std::unique_ptr<nftnl_table, Freer<nftnl_table_free>>;
using ChainPtr = std::unique_ptr<nftnl_chain, Freer<nftnl_chain_free>>;
using SetPtr = std::unique_ptr<nftnl_set, Freer<nftnl_set_free>>;
using ObjectPtr = std::unique_ptr<nftnl_obj, Freer<nftnl_obj_free>>;
using UserdataPtr = std::unique_ptr<nftnl_udata_buf, Freer<nftnl_udata_buf_free>>;

// Twice what any message takes that libnftnl writes: the elements of the set.
constexpr std::size_t message_room = 8192;

// What nft keeps with a set so that it can print `typeof ip frag-off . ip protocol . ip hdrlength
// . ip length`: nested type, length, value (nft 1.0.6, src/netlink.c and src/expression.c; numbers
// in the byte order of the machine). Without it nft could not read the set back.
std::vector<std::uint8_t> typeof_userdata() {
    constexpr std::uint32_t expr_concat = 13;
    constexpr std::uint32_t expr_payload = 7;
    constexpr std::uint32_t proto_ip = 12;
    struct Part {
        std::uint32_t header_field;  // nft's number of it
        std::uint32_t bits;          // 0: the width is the type's own
    };
    constexpr Part parts[] = {{7, 16}, {9, 0}, {2, 4}, {5, 16}};

    const UserdataPtr buffer(nftnl_udata_buf_alloc(256));
    nftnl_udata_buf* out = buffer.get();
    nftnl_udata_put_u32(out, 0, 0);  // key byte order
    nftnl_udata* key = nftnl_udata_nest_start(out, 3);
    nftnl_udata_put_u32(out, 0, expr_concat);
    nftnl_udata* list = nftnl_udata_nest_start(out, 1);
    std::uint8_t index = 0;
    for (const Part& part : parts) {
        nftnl_udata* element = nftnl_udata_nest_start(out, index++);
        nftnl_udata_put_u32(out, 0, expr_payload);
        nftnl_udata* payload = nftnl_udata_nest_start(out, 1);
        nftnl_udata_put_u32(out, 0, proto_ip);
        nftnl_udata_put_u32(out, 1, part.header_field);
        if (part.bits != 0) {
            nftnl_udata_put_u32(out, 4, part.bits);
        }
        nftnl_udata_nest_end(out, payload);
        nftnl_udata_nest_end(out, element);
    }
    nftnl_udata_nest_end(out, list);
    nftnl_udata_nest_end(out, key);
    const auto* bytes = static_cast<const std::uint8_t*>(nftnl_udata_buf_data(out));
    return {bytes, bytes + nftnl_udata_buf_len(out)};
}

// A key: four parts of four bytes, each as on the wire, from the left.
std::array<std::uint8_t, 16> fragment_key(const std::array<std::uint32_t, 4>& parts) {
    std::array<std::uint8_t, 16> key{};
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const std::uint32_t width = fragment_key_widths[i];
        const std::uint32_t wire = htonl(parts[i] << (8 * (4 - width)));
        std::memcpy(key.data() + 4 * i, &wire, 4);
    }
    return key;
}

constexpr std::uint32_t fragment_set_id = 1;

SetPtr fragment_set(const char* table) {
    SetPtr set(nftnl_set_alloc());
    nftnl_set_set_str(set.get(), NFTNL_SET_TABLE, table);
    nftnl_set_set_str(set.get(), NFTNL_SET_NAME, fragment_set_name.data());
    nftnl_set_set_u32(set.get(), NFTNL_SET_FAMILY, NFPROTO_IPV4);
    nftnl_set_set_u32(set.get(), NFTNL_SET_FLAGS, NFT_SET_INTERVAL | NFT_SET_CONCAT);
    // Four types of nft, six bits each: integer, inet_proto, integer, integer.
    constexpr std::uint32_t integer = 4;
    constexpr std::uint32_t inet_proto = 12;
    nftnl_set_set_u32(set.get(), NFTNL_SET_KEY_TYPE,
                      integer << 18 | inet_proto << 12 | integer << 6 | integer);
    nftnl_set_set_u32(set.get(), NFTNL_SET_KEY_LEN, 16);
    nftnl_set_set_u32(set.get(), NFTNL_SET_ID, fragment_set_id);
    std::array<std::uint8_t, 4> widths{};
    for (std::size_t i = 0; i < widths.size(); ++i) {
        widths[i] = static_cast<std::uint8_t>(fragment_key_widths[i]);
    }
    nftnl_set_set_data(set.get(), NFTNL_SET_DESC_CONCAT, widths.data(), widths.size());
    const std::vector<std::uint8_t> userdata = typeof_userdata();
    nftnl_set_set_data(set.get(), NFTNL_SET_USERDATA, userdata.data(),
                       static_cast<std::uint32_t>(userdata.size()));
    return set;
}

SetPtr fragment_elements(const char* table, Dialect dialect) {
    SetPtr set(nftnl_set_alloc());
    nftnl_set_set_str(set.get(), NFTNL_SET_TABLE, table);
    nftnl_set_set_str(set.get(), NFTNL_SET_NAME, fragment_set_name.data());
    nftnl_set_set_u32(set.get(), NFTNL_SET_ID, fragment_set_id);
    for (const FragmentRange& range : fragment_ranges(dialect)) {
        nftnl_set_elem* element = nftnl_set_elem_alloc();
        const auto first = fragment_key(range.first);
        const auto last = fragment_key(range.last);
        nftnl_set_elem_set(element, NFTNL_SET_ELEM_KEY, first.data(), first.size());
        nftnl_set_elem_set(element, NFTNL_SET_ELEM_KEY_END, last.data(), last.size());
        nftnl_set_elem_add(set.get(), element);
    }
    return set;
}

constexpr std::uint32_t ipv4_address_type = 7;  // nft's number of it

// Numbers of sets within a batch, by which new rules find new sets; the fragments have the first.
SetPtr map_set(const char* table, const Map& map, std::uint32_t id) {
    SetPtr set(nftnl_set_alloc());
    nftnl_set_set_str(set.get(), NFTNL_SET_TABLE, table);
    nftnl_set_set_str(set.get(), NFTNL_SET_NAME, map.name.c_str());
    nftnl_set_set_u32(set.get(), NFTNL_SET_FAMILY, NFPROTO_IPV4);
    nftnl_set_set_u32(set.get(), NFTNL_SET_FLAGS,
                      NFT_SET_MAP | NFT_SET_EVAL | (map.seconds != 0 ? NFT_SET_TIMEOUT : 0));
    nftnl_set_set_u32(set.get(), NFTNL_SET_KEY_TYPE, ipv4_address_type);
    nftnl_set_set_u32(set.get(), NFTNL_SET_KEY_LEN, 4);
    nftnl_set_set_u32(set.get(), NFTNL_SET_DATA_TYPE, ipv4_address_type);
    nftnl_set_set_u32(set.get(), NFTNL_SET_DATA_LEN, 4);
    nftnl_set_set_u32(set.get(), NFTNL_SET_DESC_SIZE, 65535);
    nftnl_set_set_u32(set.get(), NFTNL_SET_ID, id);
    if (map.seconds != 0) {
        nftnl_set_set_u64(set.get(), NFTNL_SET_TIMEOUT, std::uint64_t{map.seconds} * 1000);
    }
    return set;
}

ObjectPtr helper_object(const char* table, const HelperObject& helper) {
    ObjectPtr object(nftnl_obj_alloc());
    nftnl_obj_set_str(object.get(), NFTNL_OBJ_TABLE, table);
    nftnl_obj_set_str(object.get(), NFTNL_OBJ_NAME, helper.name.c_str());
    nftnl_obj_set_u32(object.get(), NFTNL_OBJ_TYPE, NFT_OBJECT_CT_HELPER);
    nftnl_obj_set_u32(object.get(), NFTNL_OBJ_FAMILY, NFPROTO_IPV4);
    nftnl_obj_set_str(object.get(), NFTNL_OBJ_CT_HELPER_NAME, helper.type.c_str());
    nftnl_obj_set_u16(object.get(), NFTNL_OBJ_CT_HELPER_L3PROTO, NFPROTO_IPV4);
    nftnl_obj_set_u8(object.get(), NFTNL_OBJ_CT_HELPER_L4PROTO,
                     static_cast<std::uint8_t>(helper.protocol));
    return object;
}

std::uint32_t hook_number(HookPoint hook) {
    switch (hook) {
        case HookPoint::prerouting: return NF_INET_PRE_ROUTING;
        case HookPoint::input: return NF_INET_LOCAL_IN;
        case HookPoint::forward: return NF_INET_FORWARD;
        case HookPoint::output: return NF_INET_LOCAL_OUT;
        case HookPoint::postrouting: return NF_INET_POST_ROUTING;
    }
    return NF_INET_LOCAL_IN;
}

ChainPtr named_chain(const char* table, const std::string& name) {
    ChainPtr chain(nftnl_chain_alloc());
    nftnl_chain_set_str(chain.get(), NFTNL_CHAIN_TABLE, table);
    nftnl_chain_set_str(chain.get(), NFTNL_CHAIN_NAME, name.c_str());
    return chain;
}

void put_userdata(Buffer& out, const Rule& rule) {
    std::array<std::uint8_t, 256> userdata{};
    constexpr std::size_t header = 4;
    userdata[0] = userdata_type;
    userdata[1] = static_cast<std::uint8_t>(header - 2 + rule.identity.size());
    userdata[2] = static_cast<std::uint8_t>(rule.kind);
    userdata[3] = rule.parts;
    std::memcpy(userdata.data() + header, rule.identity.data(), rule.identity.size());
    std::size_t size = header + rule.identity.size();
    const std::size_t length = rule.comment.size() + 1;  // with its NUL, as nft has it
    if (!rule.comment.empty() && size + 2 + length <= userdata.size()) {
        userdata[size] = NFTNL_UDATA_RULE_COMMENT;
        userdata[size + 1] = static_cast<std::uint8_t>(length);
        std::memcpy(userdata.data() + size + 2, rule.comment.c_str(), length);
        size += 2 + length;
    }
    out.put(NFTA_RULE_USERDATA, userdata.data(), size);
}

// `set_id`: of the first of its sets without a name, the others follow.
void put_rule(Buffer& out, const Rule& rule, std::uint32_t set_id) {
    put_userdata(out, rule);
    if (rule.expressions.empty()) {
        return;
    }
    out.nest(NFTA_RULE_EXPRESSIONS, [&] {
        for (const Expr& expression : rule.expressions) {
            add_expression(out, expression, set_id);
            set_id += std::holds_alternative<InRanges>(expression) ? 1 : 0;
        }
    });
}

// nft's numbers of the types of the fields that lists are made of.
std::uint32_t type_of(Field field) {
    constexpr std::uint32_t inet_proto = 12;
    constexpr std::uint32_t inet_service = 13;
    constexpr std::uint32_t icmp_type = 14;
    switch (field) {
        case Field::ip_protocol: return inet_proto;
        case Field::icmp_type: return icmp_type;
        default: return inet_service;
    }
}

}  // namespace

// Appends messages to a batch.
class Encoder::Writer {
public:
    Writer(std::string_view table, std::uint32_t sequence) : table_(table), sequence_(sequence) {
        batch_.first_sequence = sequence;
    }

    void begin(std::optional<std::uint32_t> generation) {
        nftnl_batch_begin(header(), sequence_++);
        if (generation) {
            batch_.bytes.u32(NFNL_BATCH_GENID, *generation);
        }
        close();
    }
    Batch end() {
        nftnl_batch_end(header(), sequence_++);
        close();
        return std::move(batch_);
    }
    void next_operation() { ++operation_; }

    void operator()(const AddTable&) {
        const TablePtr object(nftnl_table_alloc());
        nftnl_table_set_str(object.get(), NFTNL_TABLE_NAME, table());
        put(NFT_MSG_NEWTABLE, NLM_F_CREATE,
            [&](nlmsghdr* message) { nftnl_table_nlmsg_build_payload(message, object.get()); });
        put(NFT_MSG_NEWSET, NLM_F_CREATE, *fragment_set(table()));
        const SetPtr elements = fragment_elements(table(), dialect_of(table_));
        put(NFT_MSG_NEWSETELEM, NLM_F_CREATE, [&](nlmsghdr* message) {
            nftnl_set_elems_nlmsg_build_payload(message, elements.get());
        });
    }
    void operator()(const AddChain& add) {
        const ChainPtr chain = named_chain(table(), add.name);
        if (add.base) {
            nftnl_chain_set_str(chain.get(), NFTNL_CHAIN_TYPE,
                                add.base->type == BaseType::nat ? "nat" : "filter");
            nftnl_chain_set_u32(chain.get(), NFTNL_CHAIN_HOOKNUM, hook_number(add.base->hook));
            nftnl_chain_set_s32(chain.get(), NFTNL_CHAIN_PRIO, add.base->priority);
            nftnl_chain_set_u32(chain.get(), NFTNL_CHAIN_POLICY, NF_ACCEPT);
        }
        put(NFT_MSG_NEWCHAIN, NLM_F_CREATE | (add.must_be_new ? NLM_F_EXCL : 0), *chain);
    }
    void operator()(const DeleteChain& del) {
        put(NFT_MSG_DELCHAIN, 0, *named_chain(table(), del.name));
    }

    void operator()(const AddRule& add) {
        const int append = add.place == Place::end ? NLM_F_APPEND : 0;
        const std::uint32_t set_id = put_sets(add.rule);
        open_rule(NFT_MSG_NEWRULE, NLM_F_CREATE | append, add.chain);
        if (add.place == Place::before) {
            batch_.bytes.u64(NFTA_RULE_POSITION, add.handle);
        }
        put_rule(batch_.bytes, add.rule, set_id);
        close();
    }
    void operator()(const ReplaceRule& replace) {
        const std::uint32_t set_id = put_sets(replace.rule);
        open_rule(NFT_MSG_NEWRULE, NLM_F_REPLACE, replace.chain);
        batch_.bytes.u64(NFTA_RULE_HANDLE, replace.handle);
        put_rule(batch_.bytes, replace.rule, set_id);
        close();
    }
    void operator()(const DeleteRule& del) {
        open_rule(NFT_MSG_DELRULE, 0, del.chain);
        batch_.bytes.u64(NFTA_RULE_HANDLE, del.handle);
        close();
    }
    void operator()(const FlushChain& flush) {
        open_rule(NFT_MSG_DELRULE, 0, flush.name);
        close();
    }

    void operator()(const AddMap& add) {
        const SetPtr set = map_set(table(), add.map, ++last_set_id_);
        put(NFT_MSG_NEWSET, NLM_F_CREATE, *set);
    }
    void operator()(const DeleteMap& del) {
        const SetPtr set(nftnl_set_alloc());
        nftnl_set_set_str(set.get(), NFTNL_SET_TABLE, table());
        nftnl_set_set_str(set.get(), NFTNL_SET_NAME, del.map.name.c_str());
        put(NFT_MSG_DELSET, 0, *set);
    }
    void operator()(const AddHelper& add) {
        put(NFT_MSG_NEWOBJ, NLM_F_CREATE, *helper_object(table(), add.helper));
    }
    void operator()(const DeleteHelper& del) {
        put(NFT_MSG_DELOBJ, 0, *helper_object(table(), del.helper));
    }

private:
    [[nodiscard]] const char* table() const { return table_.c_str(); }

    void put(nf_tables_msg_types type, int flags, const nftnl_chain& chain) {
        put(type, flags,
            [&](nlmsghdr* message) { nftnl_chain_nlmsg_build_payload(message, &chain); });
    }
    void put(nf_tables_msg_types type, int flags, nftnl_set& set) {
        put(type, flags, [&](nlmsghdr* message) { nftnl_set_nlmsg_build_payload(message, &set); });
    }
    void put(nf_tables_msg_types type, int flags, const nftnl_obj& object) {
        put(type, flags,
            [&](nlmsghdr* message) { nftnl_obj_nlmsg_build_payload(message, &object); });
    }
    // A message whose attributes libnftnl writes.
    template <typename Build>
    void put(nf_tables_msg_types type, int flags, Build build) {
        open(type, flags);
        std::memset(batch_.bytes.extend(message_room), 0, message_room);
        auto* message = reinterpret_cast<nlmsghdr*>(batch_.bytes.data() + start_);
        build(message);
        batch_.bytes.shrink(start_ + MNL_ALIGN(message->nlmsg_len));
        close();
    }
    // The sets without a name that a rule has; the number of the first.
    std::uint32_t put_sets(const Rule& rule) {
        const std::uint32_t first = last_set_id_ + 1;
        for (const Expr& expression : rule.expressions) {
            if (const auto* set = std::get_if<InRanges>(&expression)) {
                put_set(*set, ++last_set_id_);
            }
        }
        return first;
    }
    void put_set(const InRanges& set, std::uint32_t id) {
        Buffer& out = batch_.bytes;
        open(NFT_MSG_NEWSET, NLM_F_CREATE);
        out.text(NFTA_SET_TABLE, table_);
        out.text(NFTA_SET_NAME, anonymous_set_name);
        const std::uint32_t flags = NFT_SET_ANONYMOUS | NFT_SET_CONSTANT;
        const std::uint32_t interval = NFT_SET_INTERVAL;
        out.u32(NFTA_SET_FLAGS, holds_ranges(set) ? flags | interval : flags);
        out.u32(NFTA_SET_KEY_TYPE, type_of(set.field));
        out.u32(NFTA_SET_KEY_LEN, facts(set.field).width);
        out.u32(NFTA_SET_ID, id);
        constexpr std::uint8_t big_endian[] = {0, 4, 2, 0, 0, 0};  // keys, for nft
        out.put(NFTA_SET_USERDATA, big_endian, sizeof big_endian);
        close();
        open(NFT_MSG_NEWSETELEM, NLM_F_CREATE);
        out.text(NFTA_SET_ELEM_LIST_TABLE, table_);
        out.text(NFTA_SET_ELEM_LIST_SET, anonymous_set_name);
        out.u32(NFTA_SET_ELEM_LIST_SET_ID, id);
        out.nest(NFTA_SET_ELEM_LIST_ELEMENTS, [&] { add_elements(out, set); });
        close();
    }
    void open_rule(nf_tables_msg_types type, int flags, std::string_view chain) {
        open(type, flags);
        batch_.bytes.text(NFTA_RULE_TABLE, table_);
        batch_.bytes.text(NFTA_RULE_CHAIN, chain);
    }

    void open(nf_tables_msg_types type, int flags) {
        batch_.operation_of.push_back(operation_);
        nftnl_nlmsg_build_hdr(header(), static_cast<std::uint16_t>(type), NFPROTO_IPV4,
                              static_cast<std::uint16_t>(flags), sequence_++);
    }
    char* header() {
        start_ = batch_.bytes.size();
        return reinterpret_cast<char*>(
            batch_.bytes.extend(MNL_NLMSG_HDRLEN + MNL_ALIGN(sizeof(nfgenmsg))));
    }
    void close() {
        auto* message = reinterpret_cast<nlmsghdr*>(batch_.bytes.data() + start_);
        message->nlmsg_len = static_cast<std::uint32_t>(batch_.bytes.size() - start_);
    }

    std::string table_;
    Batch batch_;
    std::size_t start_ = 0;  // of the last message
    std::uint32_t sequence_;
    std::size_t operation_ = 0;
    std::uint32_t last_set_id_ = fragment_set_id;
};

Encoder::Encoder(std::string_view table, std::uint32_t first_sequence,
                 std::optional<std::uint32_t> generation)
    : writer_(std::make_unique<Writer>(table, first_sequence)) {
    writer_->begin(generation);
}

Encoder::~Encoder() = default;

void Encoder::add(const Operation& operation) {
    std::visit(*writer_, operation);
    writer_->next_operation();
}

Batch Encoder::finish() { return writer_->end(); }

Batch encode(const Transaction& transaction, std::string_view table, std::uint32_t first_sequence,
             std::optional<std::uint32_t> generation) {
    Encoder encoder(table, first_sequence, generation);
    for (const Operation& operation : transaction) {
        encoder.add(operation);
    }
    return encoder.finish();
}

void set_generation(Batch& batch, std::uint32_t generation) {
    auto* opening = reinterpret_cast<nlmsghdr*>(batch.bytes.data());
    auto* attribute = static_cast<nlattr*>(mnl_nlmsg_get_payload_offset(opening, sizeof(nfgenmsg)));
    const std::uint32_t wire = htonl(generation);
    std::memcpy(mnl_attr_get_payload(attribute), &wire, sizeof wire);
}

}  // namespace fw::nft
