// Rules in the nft language: what a packet must be, and what else stands behind a field's name.
#include <algorithm>
#include <array>
#include <utility>

#include "nft/fields.h"
#include "nft/fragments.h"
#include "translate/read_rule.h"
#include "translate/values.h"

namespace fw::translate {

namespace {

using nft::Field;
using nft::Op;

constexpr auto field_count = static_cast<std::size_t>(Field::ct_direction) + 1;

// The words of a field's name: "ip saddr", "iifname"; and "@th,56,8" as it is cut.
constexpr std::array<std::string_view, 6> raw_words = {"@", "th", ",", "56", ",", "8"};

std::optional<std::uint32_t> protocol_of(Field field) {
    switch (field) {
        case Field::tcp_sport:
        case Field::tcp_dport:
        case Field::tcp_flags:
        case Field::tcp_window: return protocol_tcp;
        case Field::udp_sport:
        case Field::udp_dport:
        case Field::udp_checksum: return protocol_udp;
        case Field::icmp_type:
        case Field::icmp_code: return protocol_icmp;
        default: return std::nullopt;
    }
}

const std::vector<Field>& fragment_key() {
    static const std::vector<Field> key = {Field::ip_frag_off, Field::ip_protocol,
                                           Field::ip_hdrlength, Field::ip_length};
    return key;
}
constexpr std::uint32_t offset_mask = 0x1fff;

constexpr std::uint32_t all_bits = 0xffffffff;

}  // namespace

std::optional<Field> RuleReader::field() {
    const bool raw = cursor_.at("@");
    if (cursor_.at("meta") && (cursor_.at("iif", 1) || cursor_.at("oif", 1) ||
                               cursor_.at("iifname", 1) || cursor_.at("oifname", 1))) {
        cursor_.next();
    }
    if (cursor_.accept("mark")) {
        return Field::mark;
    }
    for (std::size_t i = 0; i < field_count; ++i) {
        const auto field = static_cast<Field>(i);
        const std::string_view text = nft::facts(field).text;
        if (raw && text.starts_with('@')) {
            for (std::size_t word = 0; word < raw_words.size(); ++word) {
                if (!cursor_.accept(raw_words[word])) {
                    cursor_.not_understood();
                    return std::nullopt;
                }
            }
            return field;
        }
        const std::size_t space = text.find(' ');
        if (!raw && cursor_.at(text.substr(0, space)) &&
            (space == std::string_view::npos || cursor_.at(text.substr(space + 1), 1))) {
            cursor_.next();
            if (space != std::string_view::npos) {
                cursor_.next();
            }
            return field;
        }
    }
    cursor_.not_understood();
    return std::nullopt;
}

std::optional<std::vector<Field>> RuleReader::key() {
    std::vector<Field> fields;
    do {
        const auto one = field();
        if (!one) {
            return std::nullopt;
        }
        fields.push_back(*one);
    } while (cursor_.accept("."));
    return fields;
}

bool RuleReader::test() {
    const auto first = field();
    if (!first) {
        return false;
    }
    if (cursor_.accept("set")) {
        return set_field(*first);
    }
    std::optional<std::uint32_t> mask;
    if (cursor_.accept("&") || cursor_.accept("and")) {
        mask = is_bits(*first) ? values_.bits(*first, false) : values_.value(*first);
        if (!mask) {
            return false;
        }
    }
    if (!cursor_.accept(".")) {
        return compare(*first, mask);
    }
    auto others = key();
    if (!others) {
        return false;
    }
    others->insert(others->begin(), *first);
    if (mask) {
        return *others == fragment_key() && mask == offset_mask
                   ? fragment_test(*others)
                   : cursor_.fail("a mask in a key of several fields");
    }
    if (cursor_.accept("vmap")) {
        return by_map(*others);
    }
    const bool inverted = cursor_.accept("!=");
    return among(*others, inverted);
}

// ip dscp set 0x04, ip daddr set 10.0.0.1, meta mark set ...
bool RuleReader::set_field(Field field) {
    if (field == Field::mark) {
        return set_mark();
    }
    if (field != Field::ip_dscp && field != Field::ip_ecn && field != Field::ip_daddr) {
        return cursor_.fail("this field can't be set here");
    }
    const auto value = values_.value(field);
    if (!value) {
        return false;
    }
    return field == Field::ip_daddr ? add(nft::SetDestination{{*value}})
                                    : add(nft::SetField{field, *value});
}

// meta mark set 0x7; meta mark set meta mark & 0xff ^ 0x3
bool RuleReader::set_mark() {
    nft::SetMark set{0, 0};
    const bool old = cursor_.accept("meta") ? cursor_.expect("mark") : cursor_.accept("mark");
    if (!old) {
        const auto value = values_.value(Field::mark);
        set.xor_mask = value.value_or(0);
        return value && add(set);
    }
    set.and_mask = all_bits;
    for (;;) {
        const bool keeps = cursor_.accept("&") || cursor_.accept("and");
        const bool flips = !keeps && (cursor_.accept("^") || cursor_.accept("xor"));
        const bool sets = !keeps && !flips && (cursor_.accept("|") || cursor_.accept("or"));
        if (!keeps && !flips && !sets) {
            return add(set);
        }
        const auto value = values_.value(Field::mark);
        if (!value) {
            return false;
        }
        if (keeps || sets) {
            set.and_mask &= keeps ? *value : ~*value;
            set.xor_mask &= keeps ? *value : ~*value;
        }
        set.xor_mask ^= keeps ? 0 : *value;
    }
}

bool RuleReader::needs_protocol(const std::vector<Field>& key) {
    for (const Field field : key) {
        const auto needed = protocol_of(field);
        if (!needed || protocol_ == needed) {
            continue;
        }
        if (protocol_) {
            return cursor_.fail("the rule asks for two protocols at once");
        }
        protocol_ = needed;
        add(nft::Compare{Field::l4proto, Op::eq, *needed});
    }
    return true;
}

bool RuleReader::compare(Field field, std::optional<std::uint32_t> mask) {
    if (!needs_protocol({field})) {
        return false;
    }
    std::string_view op;
    for (const std::string_view sign : {"==", "!=", "<=", ">=", "<", ">", "!"}) {
        if (cursor_.accept(sign)) {
            op = sign;
            break;
        }
    }
    if (mask) {
        return op == "==" || op == "!=" ? compare_masked(field, op == "!=" ? Op::ne : Op::eq, *mask)
                                        : cursor_.fail("behind a mask should be == or !=");
    }
    if (op.empty() && cursor_.accept("vmap")) {
        return by_map({field});
    }
    if (cursor_.at("{") || cursor_.at("@")) {
        return op.empty() || op == "==" || op == "!=" ? among({field}, op == "!=")
                                                      : cursor_.not_understood();
    }
    if (is_bits(field)) {
        return compare_bits(field, op);
    }
    if (op == "!") {
        return cursor_.fail("! is for flags only", "write != here");
    }
    return op.starts_with('<') || op.starts_with('>') ? compare_order(field, op)
                                                      : compare_value(field, op == "!=");
}

bool RuleReader::compare_masked(Field field, Op op, std::uint32_t mask) {
    if (has_interfaces(field)) {
        return cursor_.not_understood();
    }
    const bool zero = is_bits(field) && cursor_.accept("0");
    const auto value = zero             ? std::optional<std::uint32_t>(0)
                       : is_bits(field) ? values_.bits(field, true)
                                        : values_.value(field);
    if (!value) {
        return false;
    }
    if ((*value & ~mask) != 0) {
        return cursor_.fail("the value has bits that the mask has not");
    }
    return add(nft::Compare{field, op, *value, mask});
}

// Behind a field of flags: a list is any of them, ! none of them, == just these; A / B is A of B.
bool RuleReader::compare_bits(Field field, std::string_view op) {
    if (!op.empty() && op != "!" && op != "==" && op != "!=") {
        return cursor_.not_understood();
    }
    const auto value = values_.bits(field, true);
    if (!value) {
        return false;
    }
    if (op != "!" && cursor_.accept("/")) {
        const auto mask = values_.bits(field, true);
        if (!mask || (*value & ~*mask) != 0) {
            return cursor_.fail("the value has bits that the mask has not");
        }
        return add(nft::Compare{field, op == "!=" ? Op::ne : Op::eq, *value, *mask});
    }
    if (op == "==" || op == "!=") {
        return field == Field::tcp_flags
                   ? add(nft::Compare{field, op == "!=" ? Op::ne : Op::eq, *value})
                   : cursor_.fail("compared as a whole", "leave out the == or write ! for !=");
    }
    return add(nft::Compare{field, op == "!" ? Op::eq : Op::ne, 0, *value});
}

bool RuleReader::compare_order(Field field, std::string_view op) {
    if (has_interfaces(field)) {
        return cursor_.not_understood();
    }
    const auto value = values_.value(field);
    const std::uint32_t most = nft::full_mask(nft::facts(field));
    if (!value) {
        return false;
    }
    if (op == ">=") {
        return add(nft::Compare{field, Op::ge, *value});
    }
    if ((op == "<" && *value == 0) || (op == ">" && *value == most)) {
        return cursor_.fail("no packet has such a value");
    }
    if (op == ">") {
        return add(nft::Compare{field, Op::ge, *value + 1});
    }
    return add(nft::Between{field, false, 0, op == "<" ? *value - 1 : *value});
}

bool RuleReader::compare_value(Field field, bool inverted) {
    const std::size_t start = cursor_.place();
    auto value = values_.range(field);
    if (!value) {
        return false;
    }
    if (has_interfaces(field)) {
        return add(nft::Interface{field, inverted, std::move(value->interface), value->prefix});
    }
    const Op op = inverted ? Op::ne : Op::eq;
    const std::size_t length = cursor_.place() - start;
    if (length == 1) {
        if (!inverted && (field == Field::l4proto || field == Field::ip_protocol)) {
            if (protocol_.value_or(value->first) != value->first) {
                return cursor_.fail("the rule asks for two protocols at once");
            }
            protocol_ = value->first;
        }
        return add(nft::Compare{field, op, value->first});
    }
    // The last token tells a prefix from a range.
    cursor_.go_to(start + 1);
    const bool prefix = cursor_.at("/");
    cursor_.go_to(start + length);
    if (prefix) {
        return add(nft::Compare{field, op, value->first, ~(value->first ^ value->last)});
    }
    return add(nft::Between{field, inverted, value->first, value->last});
}

// --- Sets and maps ---

bool RuleReader::among(const std::vector<Field>& key, bool inverted) {
    if (!needs_protocol(key)) {
        return false;
    }
    std::string name;
    auto elements =
        cursor_.at("@") ? named_elements(key, false, name) : values_.elements(key, false, false);
    if (!elements) {
        return false;
    }
    rule_.statements.emplace_back(InSet{key, inverted, std::move(*elements)});
    return true;
}

bool RuleReader::by_map(const std::vector<Field>& key) {
    if (!needs_protocol(key)) {
        return false;
    }
    std::string name;
    auto elements =
        cursor_.at("@") ? named_elements(key, true, name) : values_.elements(key, true, false);
    if (!elements) {
        return false;
    }
    rule_.statements.emplace_back(ByMap{key, std::move(name), std::move(*elements)});
    return true;
}

bool RuleReader::fragment_test(const std::vector<Field>& key) {
    const bool inverted = cursor_.accept("!=");
    std::string name;
    const auto elements = named_elements(key, false, name);
    if (!elements) {
        return false;
    }
    const std::optional<Dialect> whose = whose_fragments(*elements);
    fragments_ = whose.value_or(fragments_);
    return whose ? add(nft::IsFragment{inverted})
                 : cursor_.fail("the set before this is not what Linux 2.2 took for fragments");
}

// Of @NAME; a map keeps its name where it is used first.
std::optional<std::vector<Element>> RuleReader::named_elements(const std::vector<Field>& key,
                                                               bool verdicts, std::string& name) {
    cursor_.expect("@");
    const auto found = declared_.find(std::string(cursor_.peek().text));
    if (found == declared_.end() || found->second.verdicts != verdicts ||
        (!found->second.key.empty() && found->second.key != key)) {
        cursor_.fail(verdicts ? "no such verdict map above" : "no such set above",
                     "declare it in the table, before the rule");
        return std::nullopt;
    }
    cursor_.next();
    Declared& set = found->second;
    name = std::exchange(set.used, true) ? "" : found->first;
    if (!set.elements) {
        return std::vector<Element>();
    }
    const std::size_t here = cursor_.place();
    cursor_.go_to(*set.elements);
    auto elements = values_.elements(key, verdicts, set.counters);
    if (elements) {
        cursor_.go_to(here);
    }
    return elements;
}

namespace {

using Range = std::array<std::uint32_t, 8>;

std::vector<Range> ranges_of(Dialect dialect) {
    std::vector<Range> ranges;
    for (const nft::FragmentRange& fragment : nft::fragment_ranges(dialect)) {
        Range& range = ranges.emplace_back();
        for (std::size_t i = 0; i < 4; ++i) {
            range[i * 2] = fragment.first[i];
            range[i * 2 + 1] = fragment.last[i];
        }
    }
    std::sort(ranges.begin(), ranges.end());
    return ranges;
}

}  // namespace

std::optional<Dialect> whose_fragments(const std::vector<Element>& elements) {
    std::vector<Range> seen;
    for (const Element& element : elements) {
        Range& range = seen.emplace_back();
        for (std::size_t i = 0; i < element.values.size() && i < 4; ++i) {
            range[i * 2] = element.values[i].first;
            range[i * 2 + 1] = element.values[i].last;
        }
    }
    // nft takes the most that a field holds for any; 15 words and 255 are the most of theirs.
    std::sort(seen.begin(), seen.end());
    for (const Dialect dialect : {Dialect::ipchains, Dialect::ipfwadm}) {
        if (seen == ranges_of(dialect)) {
            return dialect;
        }
    }
    return std::nullopt;
}

}  // namespace fw::translate
