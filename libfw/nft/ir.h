// What nf_tables is told, as values: expressions, rules, chains, tables, and the operations of one
// transaction. `compile` makes them, `text` writes them as an nft script, `encode` as netlink
// messages; both mean exactly the same, so that what one prints is what the other loads.
//
// Numbers in expressions are the numbers that nft would print; `encode` puts them into network
// byte order where the field is one of a packet.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "fw/rule.h"

namespace fw::nft {

// Something of a packet that can be compared.
enum class Field : std::uint8_t {
    ip_version,
    ip_hdrlength,
    ip_dscp,
    ip_ecn,
    ip_length,
    ip_frag_off,
    ip_protocol,
    ip_saddr,
    ip_daddr,
    l4proto,  // meta l4proto: what the transport fields below stand on
    tcp_sport,
    tcp_dport,
    tcp_flags,
    tcp_window,  // the last two of the 16 bytes that Linux 2.2 wanted to see of TCP
    udp_sport,
    udp_dport,
    udp_checksum,  // the last two of the 8 bytes of UDP
    icmp_type,
    icmp_code,
    icmp_rest,  // the last of the 8 bytes of ICMP
    iifname,
    oifname,
    iif,  // index of the incoming interface, 0 for this machine's own packets
    oif,  // index of the outgoing interface, 0 before routing
    mark,
    ct_state,
    ct_status,
    ct_direction,
};

enum class Op : std::uint8_t { eq, ne, ge };

// field & mask OP value; the mask counts only as far as the field is wide.
struct Compare {
    Field field;
    Op op = Op::eq;
    std::uint32_t value = 0;
    std::uint32_t mask = 0xffffffff;
    bool operator==(const Compare&) const = default;
};

// field [!=] first-last
struct Between {
    Field field;
    bool inverted = false;
    std::uint32_t first = 0;
    std::uint32_t last = 0;
    bool operator==(const Between&) const = default;
};

// field [!=] { 21, 80-90 }: more than one range, in order, none of which touches the next. A set
// without a name, which comes and goes with its rule.
struct InRanges {
    Field field;
    bool inverted = false;
    std::vector<PortRange> ranges = {};
    bool operator==(const InRanges&) const = default;
};

// iifname/oifname [!=] "name" or "prefix*"
struct Interface {
    Field field;
    bool inverted = false;
    std::string name;
    bool prefix = false;
    bool operator==(const Interface&) const = default;
};

// The packet is [not] in the set of fragments, see fragments.h.
struct IsFragment {
    bool inverted = false;
    bool operator==(const IsFragment&) const = default;
};

// ct label [!] N: the connection carries the label. A packet without a connection is met by
// neither.
struct HasLabel {
    unsigned label = 0;
    bool inverted = false;
    bool operator==(const HasLabel&) const = default;
};

struct Counter {
    Counters counters;
    bool operator==(const Counter&) const = default;
};

// fib daddr type local: the packet is addressed to this machine.
struct IsLocal {
    bool operator==(const IsLocal&) const = default;
};

// numgen inc mod N < M: true for the first M of every N packets that come here.
struct TakesTurn {
    std::uint32_t first = 0;
    std::uint32_t of = 0;
    bool operator==(const TakesTurn&) const = default;
};

// limit rate N/second burst M packets: true as long as there are no more.
struct Limit {
    std::uint32_t per_second = 0;
    std::uint32_t burst = 0;
    bool operator==(const Limit&) const = default;
};

// To the kernel log, level info as in 2.2.
struct Log {
    std::string prefix;
    bool operator==(const Log&) const = default;
};

// To a listener of nfnetlink_log: so many bytes, or the whole packet.
struct LogGroup {
    std::uint16_t group = 0;
    std::optional<std::uint16_t> size = {};
    std::string prefix = {};
    bool operator==(const LogGroup&) const = default;
};

// ip dscp set V, ip ecn set V; mends the checksum of the IP header.
struct SetField {
    Field field;
    std::uint32_t value = 0;
    bool operator==(const SetField&) const = default;
};

// mark = (mark & and_mask) ^ xor_mask
struct SetMark {
    std::uint32_t and_mask = 0;
    std::uint32_t xor_mask = 0;
    bool operator==(const SetMark&) const = default;
};

struct SetLabel {
    unsigned label = 0;
    bool operator==(const SetLabel&) const = default;
};

enum class Verdict : std::uint8_t { accept, drop, ret, jump, go_to };
struct Decide {
    Verdict verdict = Verdict::accept;
    std::string chain = {};  // jump, go_to: the kernel's name of it
    bool operator==(const Decide&) const = default;
};

// ICMP port unreachable, and drop.
struct RejectPacket {
    bool operator==(const RejectPacket&) const = default;
};

// masquerade [to :first-last]; 0 leaves the ports to the kernel.
struct MasqueradeTo {
    std::uint16_t first = 0;
    std::uint16_t last = 0;
    bool operator==(const MasqueradeTo&) const = default;
};

// redirect [to :port]
struct RedirectTo {
    std::uint16_t port = 0;
    bool operator==(const RedirectTo&) const = default;
};

// dnat to ADDRESS[:port]; port 0 is the packet's own.
struct ForwardTo {
    Address address;
    std::uint16_t port = 0;
    bool operator==(const ForwardTo&) const = default;
};

// What a map of the table below has for the packet: keyed by an address of the packet, or, with
// `one_key`, having one element only.
// dnat to ip saddr map @NAME; no match for a packet that is not in it
struct ForwardByMap {
    std::string map;
    bool one_key = false;
    bool operator==(const ForwardByMap&) const = default;
};
// delete @NAME { ip daddr : ip saddr } add the same: an update would leave the old address there.
struct UpdateMap {
    std::string map;
    bool one_key = false;
    bool operator==(const UpdateMap&) const = default;
};

// ct helper set "NAME": the helper of the table below; only before a connection's first packet has
// left.
struct SetHelper {
    std::string name;
    bool operator==(const SetHelper&) const = default;
};

// ip daddr set ADDRESS; mends the checksums.
struct SetDestination {
    Address address;
    bool operator==(const SetDestination&) const = default;
};

using Expr = std::variant<Compare, Between, InRanges, Interface, IsFragment, HasLabel, IsLocal,
                          TakesTurn, Limit, Counter, Log, LogGroup, SetField, SetMark, SetLabel,
                          Decide, RejectPacket, MasqueradeTo, RedirectTo, ForwardTo, ForwardByMap,
                          UpdateMap, SetHelper, SetDestination>;

// What a rule is in our eyes; kept in its userdata.
enum class Kind : std::uint8_t {
    first = 0,   // a rule of the model; the specification follows
    more = 1,    // goes with the `first` before it: the model's rule is several here
    frame = 2,   // holds the table together
    policy = 3,  // the end of a built-in chain; the policy follows
    entry = 4,   // a Forward of the model; its encoding follows
};

struct Rule {
    Kind kind = Kind::frame;
    std::string identity;  // `first`: the encoded rule; `policy`: its name; `frame`: what for
    std::vector<Expr> expressions;
    std::uint8_t parts = 1;  // `first`: how many rules it is, with those that follow
    std::string comment =
        {};  // for who reads the table; left out where the identity needs the room
};

// A rule of the frame.
[[nodiscard]] inline Rule frame_rule(std::vector<Expr> expressions, std::string_view comment = {}) {
    return {Kind::frame, {}, std::move(expressions), 1, std::string(comment)};
}

enum class HookPoint : std::uint8_t { prerouting, input, forward, output, postrouting };
enum class BaseType : std::uint8_t { filter, nat };

struct Base {
    BaseType type = BaseType::filter;
    HookPoint hook = HookPoint::prerouting;
    std::int32_t priority = 0;
    bool operator==(const Base&) const = default;
};

struct Chain {
    std::string name;  // the kernel's name
    std::optional<Base> base;
    std::vector<Rule> rules;
};

// From an outer host to the inner one that spoke to it last; for so long, 0: for ever.
struct Map {
    std::string name;
    std::uint32_t seconds = 0;
    bool operator==(const Map&) const = default;
};

// A helper of connection tracking, as the kernel's module calls it.
struct HelperObject {
    std::string name;
    std::string type;
    std::uint16_t protocol = 0;
    bool operator==(const HelperObject&) const = default;
};

struct Table {
    std::string_view name;
    std::vector<Map> maps;
    std::vector<HelperObject> helpers;
    std::vector<Chain> chains;
};

// Operations of a transaction, all on one table of family ip, whose name is told to whoever writes
// them. Handles are the kernel's.
struct AddTable {};  // and the set of fragments
struct AddChain {
    std::string name;
    std::optional<Base> base;
    bool must_be_new = false;
};
struct DeleteChain {
    std::string name;
};
enum class Place : std::uint8_t { end, start, before };
struct AddRule {
    std::string chain;
    Rule rule;
    Place place = Place::end;
    std::uint64_t handle = 0;  // before: which rule
};
struct ReplaceRule {
    std::string chain;
    std::uint64_t handle = 0;
    Rule rule;
};
struct DeleteRule {
    std::string chain;
    std::uint64_t handle = 0;
};
struct FlushChain {
    std::string name;
};
struct AddMap {
    Map map;
};
struct DeleteMap {
    Map map;
};
struct AddHelper {
    HelperObject helper;
};
struct DeleteHelper {
    HelperObject helper;
};
using Operation = std::variant<AddTable, AddChain, DeleteChain, AddRule, ReplaceRule, DeleteRule,
                               FlushChain, AddMap, DeleteMap, AddHelper, DeleteHelper>;
using Transaction = std::vector<Operation>;

// Takes the operations of a transaction one by one, in order: of a large one, nobody has to keep
// them all.
using Sink = std::function<void(Operation&&)>;

}  // namespace fw::nft
