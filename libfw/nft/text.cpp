#include "nft/text.h"

#include <bit>
#include <charconv>
#include <cstdio>
#include <iterator>
#include <optional>
#include <string_view>
#include <utility>

#include "nft/fields.h"
#include "nft/fragments.h"

namespace fw::nft {

namespace {

std::string number(std::uint64_t value) { return std::to_string(value); }

std::string hex(std::uint32_t value) {
    char text[16];
    std::snprintf(text, sizeof text, "0x%x", value);
    return text;
}

std::string address(std::uint32_t value) {
    std::string text;
    for (int shift = 24; shift >= 0; shift -= 8) {
        char digits[3];
        const auto end = std::to_chars(digits, std::end(digits), value >> shift & 0xff);
        text.append(digits, end.ptr);
        text.append(shift > 0 ? 1 : 0, '.');
    }
    return text;
}

// The name in a table of (number, name), or the number.
struct Named {
    std::uint32_t value;
    std::string_view name;
};
template <std::size_t N>
std::string name_in(const Named (&names)[N], std::uint32_t value) {
    for (const Named& named : names) {
        if (named.value == value) {
            return std::string(named.name);
        }
    }
    return number(value);
}

constexpr Named protocols[] = {{1, "icmp"}, {6, "tcp"}, {17, "udp"}};
constexpr Named directions[] = {{0, "original"}, {1, "reply"}};
constexpr Named states[] = {
    {1, "invalid"}, {2, "established"}, {4, "related"}, {8, "new"}, {64, "untracked"}};
constexpr Named statuses[] = {{1, "expected"},  {2, "seen-reply"}, {4, "assured"},
                              {8, "confirmed"}, {16, "snat"},      {32, "dnat"}};
constexpr Named flags[] = {{1, "fin"},  {2, "syn"},  {4, "rst"},  {8, "psh"},
                           {16, "ack"}, {32, "urg"}, {64, "ecn"}, {128, "cwr"}};
constexpr Named icmp_types[] = {
    {0, "echo-reply"},           {3, "destination-unreachable"},
    {4, "source-quench"},        {5, "redirect"},
    {8, "echo-request"},         {9, "router-advertisement"},
    {10, "router-solicitation"}, {11, "time-exceeded"},
    {12, "parameter-problem"},   {13, "timestamp-request"},
    {14, "timestamp-reply"},     {15, "info-request"},
    {16, "info-reply"},          {17, "address-mask-request"},
    {18, "address-mask-reply"},
};

template <std::size_t N>
std::string list_of(const Named (&names)[N], std::uint32_t bits, const char* between) {
    std::string list;
    for (const Named& named : names) {
        if ((bits & named.value) != 0) {
            list += list.empty() ? "" : between;
            list += named.name;
        }
    }
    return list;
}

std::string flag_list(std::uint32_t bits) { return bits == 0 ? "0x0" : list_of(flags, bits, "|"); }

std::string value_text(const FieldFacts& field, std::uint32_t value) {
    switch (field.notation) {
        case Notation::number: return number(value);
        case Notation::hex: return hex(value);
        case Notation::address: return address(value);
        case Notation::protocol: return name_in(protocols, value);
        case Notation::tcp_flag_list: return flag_list(value);
        case Notation::icmp_type_name: return name_in(icmp_types, value);
        case Notation::direction_name: return name_in(directions, value);
        case Notation::state_list: return list_of(states, value, ",");
        case Notation::status_list: return list_of(statuses, value, ",");
    }
    return number(value);
}

// How many leading ones a mask of an address has, if it has only those.
std::optional<int> prefix_length(std::uint32_t mask) {
    const int ones = std::countl_one(mask);
    const bool contiguous = std::popcount(mask) == ones;
    return contiguous ? std::optional(ones) : std::nullopt;
}

std::string masked_text(const FieldFacts& field, const Compare& compare) {
    const std::string op = compare.op == Op::ne ? " != " : " == ";
    std::string mask = hex(compare.mask);
    if (field.notation == Notation::address) {
        mask = address(compare.mask);
    } else if (field.notation == Notation::tcp_flag_list) {
        mask = "(" + flag_list(compare.mask) + ")";
    }
    const std::string value =
        field.notation == Notation::number ? hex(compare.value) : value_text(field, compare.value);
    return std::string(field.text) + " & " + mask + op + value;
}

// Of the states or statuses in the mask: any, with `!` none, or not just these.
std::string bits_text(const FieldFacts& field, const Compare& compare) {
    const std::string text(field.text);
    if (compare.value == 0) {
        return text + (compare.op == Op::ne ? " " : " ! ") + value_text(field, compare.mask);
    }
    const std::string mask = field.notation == Notation::state_list
                                 ? list_of(states, compare.mask, "|")
                                 : list_of(statuses, compare.mask, "|");
    return text + " & (" + mask + ") " + (compare.op == Op::ne ? "!= " : "== ") +
           value_text(field, compare.value);
}

struct Writer {
    std::string operator()(const Compare& compare) const {
        const FieldFacts& field = facts(compare.field);
        const std::uint32_t full = full_mask(field);
        const bool masked = (compare.mask & full) != full;
        std::string text(field.text);
        const char* not_equal = compare.op == Op::ne ? " != " : " ";
        if (field.notation == Notation::state_list || field.notation == Notation::status_list) {
            return bits_text(field, compare);
        }
        if (masked && field.notation == Notation::address) {
            if (const auto length = prefix_length(compare.mask)) {
                return text + not_equal + address(compare.value) + "/" + std::to_string(*length);
            }
        }
        if (masked) {
            return masked_text(field, compare);
        }
        if (compare.op == Op::ge) {
            return text + " >= " + value_text(field, compare.value);
        }
        if (field.notation == Notation::tcp_flag_list && compare.op == Op::eq) {
            not_equal = " == ";  // without it, any of them would do
        }
        return text + not_equal + value_text(field, compare.value);
    }

    std::string operator()(const Between& between) const {
        const FieldFacts& field = facts(between.field);
        const auto bound = [&](std::uint32_t value) {
            return field.notation == Notation::address ? address(value) : number(value);
        };
        return std::string(field.text) + (between.inverted ? " != " : " ") + bound(between.first) +
               "-" + bound(between.last);
    }
    std::string operator()(const InRanges& set) const {
        const FieldFacts& field = facts(set.field);
        std::string text = std::string(field.text) + (set.inverted ? " !=" : "");
        const char* before = " { ";
        for (const PortRange& range : set.ranges) {
            text += std::exchange(before, ", ");
            text += range.first == range.last ? value_text(field, range.first)
                                              : number(range.first) + "-" + number(range.last);
        }
        return text + " }";
    }
    std::string operator()(const Interface& interface) const {
        return std::string(facts(interface.field).text) + (interface.inverted ? " != " : " ") +
               interface_text(interface.name, interface.prefix);
    }
    std::string operator()(const IsFragment& fragment) const {
        return std::string(fragment_key_text) + (fragment.inverted ? " != @" : " @") +
               std::string(fragment_set_name);
    }
    std::string operator()(const HasLabel& has) const {
        return (has.inverted ? "ct label ! " : "ct label ") + number(has.label);
    }
    std::string operator()(const IsLocal&) const { return "fib daddr type local"; }
    std::string operator()(const TakesTurn& turn) const {
        return "numgen inc mod " + number(turn.of) + " < " + number(turn.first);
    }
    std::string operator()(const Limit& limit) const {
        return "limit rate " + number(limit.per_second) + "/second burst " + number(limit.burst) +
               " packets";
    }
    std::string operator()(const Counter& counter) const {
        if (counter.counters == Counters{}) {
            return "counter";
        }
        return "counter packets " + number(counter.counters.packets) + " bytes " +
               number(counter.counters.bytes);
    }
    std::string operator()(const Log& log) const {
        return "log prefix \"" + log.prefix + "\" level info";
    }
    std::string operator()(const LogGroup& log) const {
        return (log.prefix.empty() ? "log" : "log prefix \"" + log.prefix + "\"") + " group " +
               number(log.group) + (log.size ? " snaplen " + number(*log.size) : "");
    }
    std::string operator()(const SetField& set) const {
        const FieldFacts& field = facts(set.field);
        return std::string(field.text) + " set " + value_text(field, set.value);
    }
    std::string operator()(const SetMark& set) const {
        if (set.and_mask == 0) {
            return "meta mark set " + hex(set.xor_mask);
        }
        std::string text = "meta mark set meta mark";
        if (set.and_mask != 0xffffffff) {
            text += " & " + hex(set.and_mask);
        }
        return text + " ^ " + hex(set.xor_mask);
    }
    std::string operator()(const SetLabel& set) const {
        return "ct label set " + number(set.label);
    }
    std::string operator()(const Decide& decide) const {
        switch (decide.verdict) {
            case Verdict::accept: return "accept";
            case Verdict::drop: return "drop";
            case Verdict::ret: return "return";
            case Verdict::jump: return "jump " + decide.chain;
            case Verdict::go_to: return "goto " + decide.chain;
        }
        return "accept";
    }
    std::string operator()(const RejectPacket&) const { return "reject"; }
    std::string operator()(const MasqueradeTo& masquerade) const {
        return masquerade.first == 0
                   ? "masquerade"
                   : "masquerade to :" + number(masquerade.first) + "-" + number(masquerade.last);
    }
    std::string operator()(const RedirectTo& redirect) const {
        return redirect.port == 0 ? "redirect" : "redirect to :" + number(redirect.port);
    }
    std::string operator()(const ForwardTo& forward) const {
        return "dnat to " + address(forward.address.value) +
               (forward.port == 0 ? "" : ":" + number(forward.port));
    }
    std::string operator()(const ForwardByMap& forward) const {
        return std::string("dnat to ") + (forward.one_key ? "ip daddr & 0.0.0.0" : "ip saddr") +
               " map @" + forward.map;
    }
    std::string operator()(const UpdateMap& update) const {
        const std::string element = "@" + update.map + " { ip daddr" +
                                    (update.one_key ? " & 0.0.0.0" : "") + " : ip saddr }";
        return "delete " + element + " add " + element;
    }
    std::string operator()(const SetHelper& set) const {
        return "ct helper set \"" + set.name + "\"";
    }
    std::string operator()(const SetDestination& set) const {
        return "ip daddr set " + address(set.address.value);
    }
};

bool is_transport(const Expr& expression) {
    if (const auto* compare = std::get_if<Compare>(&expression)) {
        return implies_protocol(compare->field);
    }
    if (const auto* set = std::get_if<InRanges>(&expression)) {
        return implies_protocol(set->field);
    }
    const auto* between = std::get_if<Between>(&expression);
    return between != nullptr && implies_protocol(between->field);
}

// nft puts `meta l4proto tcp` before `tcp dport` by itself.
bool goes_without_saying(const std::vector<Expr>& expressions, std::size_t i) {
    const auto* compare = std::get_if<Compare>(&expressions[i]);
    return compare != nullptr && compare->field == Field::l4proto && compare->op == Op::eq &&
           i + 1 < expressions.size() && is_transport(expressions[i + 1]);
}

std::string base_text(const Base& base) {
    return "type " + std::string(base.type == BaseType::nat ? "nat" : "filter") + " hook " +
           std::string(hook_text(base.hook)) + " priority " + std::to_string(base.priority) +
           "; policy accept;";
}

}  // namespace

std::string expression_text(const Expr& expression) { return std::visit(Writer{}, expression); }

bool implies_protocol(Field field) {
    return facts(field).source == Source::transport_header && field != Field::icmp_rest;
}

std::string value_text(Field field, std::uint32_t value) { return value_text(facts(field), value); }

std::string interface_text(const std::string& name, bool prefix) {
    const bool own_star = !prefix && name.ends_with('*');
    const std::size_t star = name.size() - (own_star ? 1 : 0);
    return '"' + name.substr(0, star) + (own_star ? "\\*" : "") + (prefix ? "*\"" : "\"");
}

std::string_view hook_text(HookPoint hook) {
    switch (hook) {
        case HookPoint::prerouting: return "prerouting";
        case HookPoint::input: return "input";
        case HookPoint::forward: return "forward";
        case HookPoint::output: return "output";
        case HookPoint::postrouting: return "postrouting";
    }
    return "input";
}

std::string map_text(const Map& map) {
    const std::string time = std::to_string(map.seconds);
    return "type ipv4_addr : ipv4_addr; size 65535; flags dynamic" +
           (map.seconds == 0 ? std::string(";") : ",timeout; timeout " + time + "s;");
}

std::string helper_text(const HelperObject& helper) {
    return "type \"" + helper.type + "\" protocol " + name_in(protocols, helper.protocol) +
           "; l3proto ip;";
}

std::string rule_text(const Rule& rule) {
    std::string text;
    for (std::size_t i = 0; i < rule.expressions.size(); ++i) {
        if (!goes_without_saying(rule.expressions, i)) {
            text += text.empty() ? "" : " ";
            text += std::visit(Writer{}, rule.expressions[i]);
        }
    }
    if (!rule.comment.empty()) {
        text += " comment \"" + rule.comment + "\"";
    }
    return text;
}

std::string table_text(const Table& table) {
    std::string text = "table ip " + std::string(table.name) + " {\n" +
                       fragment_set_text(dialect_of(table.name), "    ");
    for (const Map& map : table.maps) {
        text += "\n    map " + map.name + " { " + map_text(map) + " }\n";
    }
    for (const HelperObject& helper : table.helpers) {
        text += "\n    ct helper " + helper.name + " { " + helper_text(helper) + " }\n";
    }
    for (const Chain& chain : table.chains) {
        text += "\n    chain " + chain.name + " {\n";
        if (chain.base) {
            text += "        " + base_text(*chain.base) + "\n";
        }
        for (const Rule& rule : chain.rules) {
            text += "        " + rule_text(rule) + "\n";
        }
        text += "    }\n";
    }
    return text + "}\n";
}

std::string transaction_text(const Transaction& transaction, std::string_view table) {
    struct CommandWriter {
        std::string in_table;
        Dialect dialect;

        std::string operator()(const AddTable&) const {
            return "table " + in_table + " {\n" + fragment_set_text(dialect, "    ") + "}\n";
        }
        std::string operator()(const AddChain& add) const {
            const std::string verb = add.must_be_new ? "create" : "add";
            const std::string base = add.base ? " { " + base_text(*add.base) + " }" : "";
            return verb + " chain " + in_table + " " + add.name + base + "\n";
        }
        std::string operator()(const DeleteChain& del) const {
            return "delete chain " + in_table + " " + del.name + "\n";
        }
        std::string operator()(const AddRule& add) const {
            const std::string handle = " handle " + number(add.handle);
            switch (add.place) {
                case Place::end: return rule("add", add.chain, "", add.rule);
                case Place::start: return rule("insert", add.chain, "", add.rule);
                case Place::before: return rule("insert", add.chain, handle, add.rule);
            }
            return "";
        }
        std::string operator()(const ReplaceRule& replace) const {
            return rule("replace", replace.chain, " handle " + number(replace.handle),
                        replace.rule);
        }
        std::string operator()(const DeleteRule& del) const {
            return "delete rule " + in_table + " " + del.chain + " handle " + number(del.handle) +
                   "\n";
        }
        std::string operator()(const FlushChain& flush) const {
            return "flush chain " + in_table + " " + flush.name + "\n";
        }
        std::string operator()(const AddMap& add) const {
            return "add map " + in_table + " " + add.map.name + " { " + map_text(add.map) + " }\n";
        }
        std::string operator()(const DeleteMap& del) const {
            return "delete map " + in_table + " " + del.map.name + "\n";
        }
        std::string operator()(const AddHelper& add) const {
            return "add ct helper " + in_table + " " + add.helper.name + " { " +
                   helper_text(add.helper) + " }\n";
        }
        std::string operator()(const DeleteHelper& del) const {
            return "delete ct helper " + in_table + " " + del.helper.name + "\n";
        }
        [[nodiscard]] std::string rule(const char* verb, const std::string& chain,
                                       const std::string& handle, const Rule& rule) const {
            return std::string(verb) + " rule " + in_table + " " + chain + handle + " " +
                   rule_text(rule) + "\n";
        }
    };
    const CommandWriter writer{"ip " + std::string(table), dialect_of(table)};
    std::string text;
    for (const Operation& operation : transaction) {
        text += std::visit(writer, operation);
    }
    return text;
}

}  // namespace fw::nft
