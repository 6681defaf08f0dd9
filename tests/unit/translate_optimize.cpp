// Shorter tables: what becomes of runs of rules, and that no packet can tell.
#include <catch2/catch.hpp>

#include <ctime>
#include <map>
#include <random>
#include <set>

#include "nft/fields.h"
#include "rounds.h"
#include "translate/optimize.h"

using namespace fw::translate;
using fw::nft::Compare;
using fw::nft::Decide;
using fw::nft::Field;
using fw::nft::Op;
using fw::nft::Verdict;
namespace nft = fw::nft;

namespace {

// --- Making rules ---

Compare is(Field field, std::uint32_t value) { return {field, Op::eq, value}; }
Compare from(std::uint32_t address, int length) {
    const std::uint32_t mask = length == 0 ? 0 : 0xffffffffU << (32 - length);
    return {Field::ip_saddr, Op::eq, address & mask, mask};
}
nft::Between ports(std::uint32_t first, std::uint32_t last) {
    return {Field::tcp_dport, false, first, last};
}
nft::Interface in(std::string name, bool prefix = false) {
    return {Field::iifname, false, std::move(name), prefix};
}
const nft::Counter counter{};
const Decide accept{Verdict::accept};
const Decide drop{Verdict::drop};
Decide jump(std::string chain) { return {Verdict::jump, std::move(chain)}; }

template <typename... Exprs>
Rule rule(Exprs... expressions) {
    return Rule{{Statement(nft::Expr(expressions))...}};
}
template <typename... Exprs>
Rule tcp(Exprs... expressions) {
    return rule(is(Field::l4proto, 6), expressions...);
}

// --- Writing them, for the tables below ---

std::string word(Field field, const Value& value) {
    const auto number = [&](std::uint32_t n) {
        if (nft::facts(field).notation != nft::Notation::address) {
            return std::to_string(n);
        }
        return std::to_string(n >> 24) + "." + std::to_string((n >> 16) & 255) + "." +
               std::to_string((n >> 8) & 255) + "." + std::to_string(n & 255);
    };
    if (!value.interface.empty()) {
        return value.interface + (value.prefix ? "*" : "");
    }
    return number(value.first) + (value.first == value.last ? "" : "-" + number(value.last));
}

std::string word(const Decide& decide) {
    static const char* const words[] = {"accept", "drop", "return", "jump ", "goto "};
    return words[static_cast<int>(decide.verdict)] + decide.chain;
}

std::string key_text(const std::vector<Field>& key) {
    std::string text;
    for (const Field field : key) {
        text += (text.empty() ? "" : " . ") + std::string(nft::facts(field).text);
    }
    return text;
}

std::string elements_text(const std::vector<Field>& key, const std::vector<Element>& elements,
                          bool map) {
    std::string text;
    for (const Element& element : elements) {
        text += text.empty() ? " " : ", ";
        for (std::size_t i = 0; i < key.size(); ++i) {
            text += (i == 0 ? "" : " . ") + word(key[i], element.values[i]);
        }
        text += element.counter ? " counter" : "";
        text += element.comment.empty() ? "" : " \"" + element.comment + "\"";
        text += map ? " : " + word(element.verdict) : "";
    }
    return "{" + text + " }";
}

struct Words {
    std::string operator()(const Compare& c) const {
        const std::string field(nft::facts(c.field).text);
        const std::uint32_t mask = c.mask & nft::full_mask(nft::facts(c.field));
        return field + (c.op == Op::ne ? " != " : " ") +
               word(c.field,
                    {c.value, c.op == Op::ne ? c.value
                                             : c.value | (0xffffffff & ~mask &
                                                          nft::full_mask(nft::facts(c.field)))});
    }
    std::string operator()(const nft::Between& b) const {
        return std::string(nft::facts(b.field).text) + (b.inverted ? " != " : " ") +
               word(b.field, {b.first, b.last});
    }
    std::string operator()(const nft::Interface& i) const {
        return std::string(nft::facts(i.field).text) + " " + i.name + (i.prefix ? "*" : "");
    }
    std::string operator()(const nft::Counter&) const { return "counter"; }
    std::string operator()(const nft::Log& log) const { return "log " + log.prefix; }
    std::string operator()(const nft::RejectPacket&) const { return "reject"; }
    std::string operator()(const nft::SetMark& mark) const {
        return "mark " + std::to_string(mark.xor_mask);
    }
    std::string operator()(const Decide& decide) const { return word(decide); }
    std::string operator()(const InSet& set) const {
        return key_text(set.key) + " " + elements_text(set.key, set.elements, false);
    }
    std::string operator()(const ByMap& map) const {
        return key_text(map.key) + " vmap " + (map.name.empty() ? "" : "@" + map.name + " ") +
               elements_text(map.key, map.elements, true);
    }
    std::string operator()(const nft::Expr& expression) const {
        return std::visit(*this, expression);
    }
    template <typename Other>
    std::string operator()(const Other&) const {
        return "?";
    }
};

std::vector<std::string> words(const Chain& chain) {
    std::vector<std::string> lines;
    for (const Rule& one : chain.rules) {
        for (const std::string& line : one.above) {
            lines.push_back("# " + line);
        }
        std::string line;
        for (const Statement& statement : one.statements) {
            const auto* expression = std::get_if<nft::Expr>(&statement);
            const auto* compare =
                expression != nullptr ? std::get_if<Compare>(expression) : nullptr;
            if (compare == nullptr || compare->field != Field::l4proto) {
                line += (line.empty() ? "" : " ") + std::visit(Words{}, statement);
            }
        }
        lines.push_back(line + (one.comment.empty() ? "" : " \"" + one.comment + "\""));
    }
    return lines;
}

std::vector<std::string> optimized(std::vector<Rule> rules, bool counters = false) {
    Table table;
    table.chains.push_back({"input", {}, false, std::move(rules)});
    optimize(table, counters);
    return words(table.chains.front());
}

Rule noted(Rule one, std::string comment) {
    one.comment = std::move(comment);
    return one;
}

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("runs of rules become one") {
    const auto dport = [](std::uint32_t port) { return is(Field::tcp_dport, port); };
    const auto host = [](std::uint32_t last) { return from(0x0a000000 + last, 32); };
    struct {
        const char* what;
        std::vector<Rule> rules;
        Lines lines;
    } const table[] = {
        {"ports, in order",
         {tcp(dport(80), counter, accept), tcp(dport(22), counter, accept)},
         {"tcp dport { 22, 80 } counter accept"}},
        {"ports that touch or overlap",
         {tcp(ports(1024, 2000), accept), tcp(ports(1500, 3000), accept), tcp(dport(3001), accept)},
         {"tcp dport 1024-3001 accept"}},
        {"two halves of a network",
         {rule(from(0x0a000000, 9), drop), rule(from(0x0a800000, 9), drop)},
         {"ip saddr 10.0.0.0-10.255.255.255 drop"}},
        {"hosts: three in a row are a range, and with it two are",
         {rule(host(1), drop), rule(host(2), drop), rule(host(11), drop), rule(host(12), drop),
          rule(host(13), drop)},
         {"ip saddr { 10.0.0.1-10.0.0.2, 10.0.0.11-10.0.0.13 } drop"}},
        {"a host in a network is in it",
         {rule(host(1), drop), rule(from(0x0a000000, 8), drop)},
         {"ip saddr 10.0.0.0-10.255.255.255 drop"}},
        {"interfaces, in the order of the rules",
         {rule(in("ppp", true), accept), rule(in("eth1"), accept), rule(in("ppp0"), accept)},
         {"iifname { ppp*, eth1 } accept"}},
        {"protocols",
         {rule(is(Field::ip_protocol, 50), accept), rule(is(Field::ip_protocol, 47), accept)},
         {"ip protocol { 47, 50 } accept"}},
        {"every address with every port",
         {tcp(host(1), dport(22), accept), tcp(host(1), dport(80), accept),
          tcp(host(9), dport(22), accept), tcp(host(9), dport(80), accept)},
         {"ip saddr { 10.0.0.1, 10.0.0.9 } tcp dport { 22, 80 } accept"}},
        {"addresses with ports of their own",
         {tcp(host(1), dport(22), counter, accept), tcp(host(9), dport(80), counter, accept),
          tcp(host(5), dport(22), counter, accept)},
         {"ip saddr . tcp dport { 10.0.0.1 . 22, 10.0.0.5 . 22, 10.0.0.9 . 80 } counter accept"}},
        {"two rules are no longer than such a set",
         {tcp(host(1), dport(22), accept), tcp(host(9), dport(80), accept)},
         {"ip saddr 10.0.0.1 tcp dport 22 accept", "ip saddr 10.0.0.9 tcp dport 80 accept"}},
        {"verdicts",
         {tcp(dport(22), counter, accept), tcp(ports(80, 90), counter, drop),
          tcp(dport(113), counter, jump("ident"))},
         {"tcp dport vmap { 22 : accept, 80-90 : drop, 113 : jump ident }"}},
        {"the same verdict side by side in a map",
         {tcp(dport(22), accept), tcp(dport(23), drop), tcp(dport(80), accept)},
         {"tcp dport vmap { 22 : accept, 23 : drop, 80 : accept }"}},
        {"what would be cut to pieces is left",
         {tcp(dport(22), accept), tcp(ports(1, 1023), drop)},
         {"tcp dport 22 accept", "tcp dport 1-1023 drop"}},
        {"reject is no verdict",
         {tcp(dport(22), accept), tcp(dport(113), nft::RejectPacket{})},
         {"tcp dport 22 accept", "tcp dport 113 reject"}},
        {"but has sets",
         {tcp(dport(113), counter, nft::RejectPacket{}), tcp(dport(22), nft::RejectPacket{})},
         {"tcp dport { 22, 113 } counter reject"}},
        {"logs with the same words, not with others",
         {tcp(dport(22), nft::Log{"a"}, drop), tcp(dport(24), nft::Log{"a"}, drop),
          tcp(dport(26), nft::Log{"b"}, drop)},
         {"tcp dport { 22, 24 } log a drop", "tcp dport 26 log b drop"}},
        {"a second time is nothing new",
         {rule(host(1), drop), rule(host(1), drop)},
         {"ip saddr 10.0.0.1 drop"}},
        {"but it is to a rule that goes on",
         {rule(host(1), counter), rule(host(1), counter)},
         {"ip saddr 10.0.0.1 counter", "ip saddr 10.0.0.1 counter"}},
        {"rules that go on, for packets of their own",
         {rule(host(1), nft::SetMark{0, 5}), rule(host(3), nft::SetMark{0, 5})},
         {"ip saddr { 10.0.0.1, 10.0.0.3 } mark 5"}},
        {"nor must a jump come twice, or once too little",
         {rule(host(1), jump("a")), rule(from(0x0a000000, 8), jump("a"))},
         {"ip saddr 10.0.0.1 jump a", "ip saddr 10.0.0.0-10.255.255.255 jump a"}},
        {"a rule passes others of the same end",
         {tcp(dport(22), accept), rule(is(Field::ip_protocol, 1), accept), tcp(dport(80), accept)},
         {"tcp dport { 22, 80 } accept", "ip protocol 1 accept"}},
        {"and others that its packets can't meet",
         {tcp(dport(22), accept), rule(is(Field::ip_protocol, 1), drop), tcp(dport(80), accept)},
         {"tcp dport { 22, 80 } accept", "ip protocol 1 drop"}},
        {"but no others",
         {tcp(dport(22), accept), rule(in("eth0"), drop), tcp(dport(80), accept)},
         {"tcp dport 22 accept", "iifname eth0 drop", "tcp dport 80 accept"}},
        {"a limit is for each rule",
         {tcp(dport(22), nft::Limit{1, 1}, accept), tcp(dport(80), nft::Limit{1, 1}, accept)},
         {"tcp dport 22 ?"
          " accept",
          "tcp dport 80 ? accept"}},
        {"comments stand above",
         {noted(tcp(dport(22), accept), "one"), noted(tcp(dport(80), accept), "two")},
         {"# one", "# two", "tcp dport { 22, 80 } accept"}},
        {"comments of others stay",
         {noted(tcp(dport(22), accept), "one"), rule(drop)},
         {"tcp dport 22 accept \"one\"", "drop"}},
    };
    for (const auto& row : table) {
        INFO(row.what);
        CHECK(optimized(row.rules) == row.lines);
    }
}

TEST_CASE("with counters, each rule's stays") {
    const auto dport = [](std::uint32_t port) { return is(Field::tcp_dport, port); };
    const auto host = [](std::uint32_t last) { return from(0x0a000000 + last, 32); };
    struct {
        const char* what;
        std::vector<Rule> rules;
        Lines lines;
    } const table[] = {
        {"in the elements of a set, behind all that can fail",
         {noted(rule(host(1), in("eth0"), counter, accept), "a"),
          noted(rule(host(3), in("eth0"), counter, accept), "b")},
         {"iifname eth0 ip saddr { 10.0.0.1 counter \"a\", 10.0.0.3 counter \"b\" } accept"}},
        {"sets of ports would not count, so they are maps",
         {tcp(dport(22), counter, accept), tcp(dport(80), counter, accept)},
         {"tcp dport vmap @input.ports { 22 counter : accept, 80 counter : accept }"}},
        {"or nothing",
         {tcp(dport(22), counter, nft::RejectPacket{}),
          tcp(dport(80), counter, nft::RejectPacket{})},
         {"tcp dport 22 counter reject", "tcp dport 80 counter reject"}},
        {"in the elements of a map that has a name",
         {tcp(dport(22), counter, accept), tcp(dport(80), counter, drop)},
         {"tcp dport vmap @input.ports { 22 counter : accept, 80 counter : drop }"}},
        {"two maps, two names",
         {tcp(dport(22), counter, accept), tcp(dport(80), counter, drop), rule(in("lo"), counter),
          tcp(dport(22), counter, accept), tcp(dport(80), counter, drop)},
         {"tcp dport vmap @input.ports { 22 counter : accept, 80 counter : drop }",
          "iifname lo counter",
          "tcp dport vmap @input.ports.2 { 22 counter : accept, 80 counter : drop }"}},
        {"in several fields",
         {tcp(host(1), dport(22), counter, accept), tcp(host(9), dport(80), counter, accept),
          tcp(host(5), dport(22), counter, drop)},
         {"ip saddr . tcp dport vmap @input.verdicts { 10.0.0.1 . 22 counter : accept, "
          "10.0.0.5 . 22 counter : drop, 10.0.0.9 . 80 counter : accept }"}},
        {"nft unites neighbours if there are ranges in a set",
         {rule(from(0x0a000000, 30), counter, accept), rule(host(4), counter, accept),
          rule(host(9), counter, accept)},
         {"ip saddr 10.0.0.0-10.0.0.3 counter accept",
          "ip saddr { 10.0.0.4 counter, 10.0.0.9 counter } accept"}},
        {"it leaves others, and those in maps",
         {rule(host(1), counter, accept), rule(host(2), counter, accept), rule(in("lo"), counter),
          tcp(ports(10, 19), counter, drop), tcp(ports(20, 29), counter, drop)},
         {"ip saddr { 10.0.0.1 counter, 10.0.0.2 counter } accept", "iifname lo counter",
          "tcp dport vmap @input.ports { 10-19 counter : drop, 20-29 counter : drop }"}},
        {"those that overlap stay apart",
         {tcp(ports(10, 20), counter, accept), tcp(ports(20, 29), counter, accept)},
         {"tcp dport 10-20 counter accept", "tcp dport 20-29 counter accept"}},
        {"a rule without a counter gets none",
         {tcp(dport(22), counter, accept), tcp(dport(80), accept)},
         {"tcp dport 22 counter accept", "tcp dport 80 accept"}},
        {"rules that only count",
         {rule(host(1), counter), rule(host(3), counter)},
         {"ip saddr { 10.0.0.1 counter, 10.0.0.3 counter }"}},
    };
    for (const auto& row : table) {
        INFO(row.what);
        CHECK(optimized(row.rules, true) == row.lines);
    }
}

namespace {

// --- Walking packets through small tables ---

struct Seen {
    std::map<Field, std::uint32_t> fields;
    std::string interface;
};

struct Outcome {
    std::string end;                 // accept or drop
    std::vector<std::string> trail;  // what was done to the packet, in order
    std::multiset<std::string> counted;
    bool operator==(const Outcome&) const = default;
};

// As nf_tables does it, for the few kinds of expression that the random tables have.
class Walk {
public:
    Walk(const Table& table, Seen packet, bool counters)
        : table_(table), packet_(std::move(packet)), counters_(counters) {}

    Outcome run() {
        if (!walk(table_.chains.front())) {
            outcome_.end = "policy";
        }
        return outcome_;
    }

private:
    bool holds(Field field, const Value& value) const {
        if (!value.interface.empty()) {
            return value.prefix ? packet_.interface.starts_with(value.interface)
                                : packet_.interface == value.interface;
        }
        const std::uint32_t is = packet_.fields.at(field);
        return value.first <= is && is <= value.last;
    }

    const Element* find(const std::vector<Field>& key, const std::vector<Element>& all) {
        const Element* found = nullptr;
        for (const Element& element : all) {
            bool in = true;
            for (std::size_t i = 0; i < key.size(); ++i) {
                in = in && holds(key[i], element.values[i]);
            }
            if (in) {
                REQUIRE(found == nullptr);  // elements must not overlap
                found = &element;
            }
        }
        if (found != nullptr && found->counter) {
            outcome_.counted.insert(found->comment);
        }
        return found;
    }

    // Whether the chain is left for good.
    bool decide(const Decide& decide, bool& leave) {
        switch (decide.verdict) {
            case Verdict::accept: outcome_.end = "accept"; return true;
            case Verdict::drop: outcome_.end = "drop"; return true;
            case Verdict::ret: leave = true; return false;
            case Verdict::jump: return walk(chain(decide.chain));
            case Verdict::go_to: leave = true; return walk(chain(decide.chain));
        }
        return false;
    }

    const Chain& chain(const std::string& name) const {
        for (const Chain& one : table_.chains) {
            if (one.name == name) {
                return one;
            }
        }
        throw std::runtime_error("no chain " + name);
    }

    bool walk(const Chain& chain) {
        for (const Rule& rule : chain.rules) {
            bool leave = false;
            for (const Statement& statement : rule.statements) {
                bool final = false;
                if (!step(rule, statement, final, leave)) {
                    break;
                }
                if (final) {
                    return true;
                }
            }
            if (leave) {
                return false;
            }
        }
        return false;
    }

    // Whether the rule goes on behind the statement.
    bool step(const Rule& rule, const Statement& statement, bool& final, bool& leave) {
        if (const auto* set = std::get_if<InSet>(&statement)) {
            return find(set->key, set->elements) != nullptr;
        }
        if (const auto* map = std::get_if<ByMap>(&statement)) {
            const Element* element = find(map->key, map->elements);
            final = element != nullptr && decide(element->verdict, leave);
            return final;
        }
        const nft::Expr& expression = std::get<nft::Expr>(statement);
        if (const auto* c = std::get_if<Compare>(&expression)) {
            return ((packet_.fields.at(c->field) & c->mask) == c->value) == (c->op == Op::eq);
        }
        if (const auto* b = std::get_if<nft::Between>(&expression)) {
            return holds(b->field, {b->first, b->last}) != b->inverted;
        }
        if (const auto* i = std::get_if<nft::Interface>(&expression)) {
            return holds(i->field, {0, 0, i->name, i->prefix}) != i->inverted;
        }
        if (std::holds_alternative<nft::Counter>(expression) && counters_) {
            outcome_.counted.insert(rule.comment);
        } else if (const auto* mark = std::get_if<nft::SetMark>(&expression)) {
            packet_.fields[Field::mark] =
                (packet_.fields[Field::mark] & mark->and_mask) ^ mark->xor_mask;
            outcome_.trail.push_back("mark " + std::to_string(packet_.fields[Field::mark]));
        } else if (const auto* log = std::get_if<nft::Log>(&expression)) {
            outcome_.trail.push_back(log->prefix);
        } else if (std::holds_alternative<nft::RejectPacket>(expression)) {
            outcome_.end = "reject";
            final = true;
        } else if (const auto* verdict = std::get_if<Decide>(&expression)) {
            final = decide(*verdict, leave);
            return final;
        }
        return true;
    }

    const Table& table_;
    Seen packet_;
    bool counters_;
    Outcome outcome_;
};

// --- Random tables, of few values, so that much overlaps ---

class Chance {
public:
    explicit Chance(unsigned seed) : engine_(seed) {}
    unsigned below(unsigned n) { return static_cast<unsigned>(engine_() % n); }
    bool one_in(unsigned n) { return below(n) == 0; }

private:
    std::mt19937 engine_;
};

const char* const interface_names[] = {"eth0", "eth1", "ppp0", "ppp1"};

nft::Expr random_test(Chance& chance, Field field) {
    const bool address = field == Field::ip_saddr || field == Field::ip_daddr;
    if (field == Field::iifname) {
        const std::string name = interface_names[chance.below(4)];
        return chance.one_in(3) ? in(name.substr(0, 3), true) : in(name);
    }
    if (address) {
        const int length = static_cast<int>(28 + chance.below(5));
        Compare compare = from(0x0a000000 + chance.below(16), length);
        compare.field = field;
        compare.op = chance.one_in(12) ? Op::ne : Op::eq;
        return compare;
    }
    const std::uint32_t first = chance.below(12);
    if (chance.one_in(3)) {
        return nft::Between{field, chance.one_in(6), first, first + chance.below(4)};
    }
    return Compare{field, chance.one_in(12) ? Op::ne : Op::eq, first};
}

// The shape is shared by runs of rules, as in scripts.
struct Shape {
    std::vector<Field> fields;
    bool counts = true;
    bool logs = false;
    bool marks = false;
    bool tests_late = false;
};

Shape random_shape(Chance& chance) {
    Shape shape;
    if (chance.one_in(2)) {
        shape.fields.push_back(Field::ip_saddr);
    }
    if (chance.one_in(4)) {
        shape.fields.push_back(Field::ip_daddr);
    }
    if (chance.one_in(2)) {
        shape.fields.push_back(chance.one_in(4) ? Field::udp_dport : Field::tcp_dport);
    }
    if (chance.one_in(3)) {
        shape.fields.push_back(Field::iifname);
    }
    if (chance.one_in(4)) {
        shape.fields.push_back(Field::mark);
    }
    shape.counts = !chance.one_in(5);
    shape.logs = chance.one_in(6);
    shape.marks = chance.one_in(5);
    shape.tests_late = chance.one_in(8);
    return shape;
}

void add_effects(Chance& chance, const Shape& shape, bool may_jump, Rule& rule) {
    const auto add = [&](nft::Expr e) { rule.statements.emplace_back(std::move(e)); };
    if (shape.counts) {
        add(counter);
    }
    if (shape.logs) {
        add(nft::Log{chance.one_in(3) ? "a" : "b"});
    }
    if (shape.marks) {
        add(chance.one_in(2) ? nft::SetMark{0, chance.below(4)}
                             : nft::SetMark{0xffffffff, chance.below(4)});
    }
    if (shape.tests_late) {
        add(is(Field::mark, chance.below(3)));
    }
    switch (chance.below(may_jump ? 9 : 7)) {
        case 0:
        case 1:
        case 2: add(accept); break;
        case 3:
        case 4: add(drop); break;
        case 5: add(Decide{Verdict::ret}); break;
        case 6:
            if (chance.one_in(2)) {
                add(nft::RejectPacket{});
            }
            break;
        case 7: add(jump("a")); break;
        default: add(Decide{Verdict::go_to, "b"}); break;
    }
}

Rule random_rule(Chance& chance, const Shape& shape, bool may_jump) {
    Rule rule;
    for (const Field field : shape.fields) {
        if (field == Field::tcp_dport || field == Field::udp_dport) {
            rule.statements.emplace_back(
                nft::Expr(is(Field::l4proto, field == Field::tcp_dport ? 6 : 17)));
        }
        rule.statements.emplace_back(random_test(chance, field));
    }
    add_effects(chance, shape, may_jump, rule);
    return rule;
}

// The rules of a run differ from one of them in a thing or two.
std::vector<Rule> random_rules(Chance& chance, const std::string& chain, bool may_jump) {
    std::vector<Rule> rules;
    const unsigned runs = 1 + chance.below(5);
    for (unsigned run = 0; run < runs; ++run) {
        const Shape shape = random_shape(chance);
        const Rule model = random_rule(chance, shape, may_jump);
        const unsigned length = 1 + chance.below(7);
        for (unsigned i = 0; i < length; ++i) {
            const Rule other = random_rule(chance, shape, may_jump);
            Rule next = model;
            for (unsigned change = 0; change < 2 && !model.statements.empty(); ++change) {
                const std::size_t s = chance.below(static_cast<unsigned>(model.statements.size()));
                if (s < other.statements.size() &&
                    (s + 1 < model.statements.size() || chance.one_in(4))) {
                    next.statements[s] = other.statements[s];
                }
            }
            next.comment = chain + std::to_string(rules.size());
            rules.push_back(std::move(next));
        }
    }
    return rules;
}

Table random_table(Chance& chance) {
    Table table;
    table.chains.push_back({"input", nft::Base{}, false, random_rules(chance, "i", true)});
    table.chains.push_back({"a", {}, false, random_rules(chance, "a", false)});
    table.chains.push_back({"b", {}, false, random_rules(chance, "b", false)});
    return table;
}

Seen random_packet(Chance& chance) {
    Seen packet;
    packet.interface = interface_names[chance.below(4)];
    packet.fields = {{Field::ip_saddr, 0x0a000000 + chance.below(18)},
                     {Field::ip_daddr, 0x0a000000 + chance.below(18)},
                     {Field::l4proto, chance.one_in(2) ? 6U : 17U},
                     {Field::tcp_dport, chance.below(17)},
                     {Field::udp_dport, chance.below(17)},
                     {Field::mark, chance.below(4)}};
    return packet;
}

bool well_formed(const Rule& rule) {
    return std::all_of(rule.statements.begin(), rule.statements.end(), [&](const auto& s) {
        const auto* e = std::get_if<nft::Expr>(&s);
        const bool ends = e != nullptr && (std::holds_alternative<Decide>(*e) ||
                                           std::holds_alternative<nft::RejectPacket>(*e));
        return !ends || &s == &rule.statements.back();
    });
}

std::size_t rule_count(const Table& table) {
    std::size_t count = 0;
    for (const Chain& chain : table.chains) {
        count += chain.rules.size();
    }
    return count;
}

}  // namespace

TEST_CASE("no packet can tell an optimized table from the one that it was") {
    std::size_t before = 0;
    std::size_t after = 0;
    for (unsigned seed = 0; seed < rounds(4000); ++seed) {
        Chance chance(seed);
        const Table table = random_table(chance);
        const bool counters = seed % 2 == 1;
        Table shorter = table;
        optimize(shorter, counters);
        INFO("seed " << seed);
        for (const Chain& chain : shorter.chains) {
            for (const Rule& rule : chain.rules) {
                REQUIRE(well_formed(rule));
            }
        }
        before += rule_count(table);
        after += rule_count(shorter);
        for (int i = 0; i < 60; ++i) {
            const Seen packet = random_packet(chance);
            const Outcome is = Walk(shorter, packet, counters).run();
            const Outcome was = Walk(table, packet, counters).run();
            REQUIRE(is == was);
        }
    }
    CHECK(after * 5 < before * 4);  // else there was nothing to tell
}

#if defined(__SANITIZE_ADDRESS__) || !defined(NDEBUG)
constexpr double slower = 20;
#else
constexpr double slower = 1;
#endif

TEST_CASE("ten thousand rules take less than a tenth of a second") {
    struct {
        const char* what;
        Rule (*make)(std::uint32_t);
        std::size_t left;
    } const table[] = {
        {"one field",
         [](std::uint32_t i) { return rule(from(0x0a000000 + 2 * i, 32), counter, accept); }, 1},
        {"two verdicts",
         [](std::uint32_t i) {
             return rule(from(0x0a000000 + 2 * i, 32), counter, i % 2 == 0 ? accept : drop);
         },
         1},
        {"two fields",
         [](std::uint32_t i) {
             return tcp(from(0x0a000000 + i, 32), is(Field::tcp_dport, i * 7 % 1000), counter,
                        accept);
         },
         1},
        {"nothing in common",
         [](std::uint32_t i) {
             return rule(from(0x0a000000 + i, 32), counter, nft::SetMark{0, i}, accept);
         },
         10000},
    };
    for (const auto& row : table) {
        for (const bool counters : {false, true}) {
            INFO(row.what << (counters ? ", counters" : ""));
            std::vector<Rule> rules;
            for (std::uint32_t i = 0; i < 10000; ++i) {
                rules.push_back(row.make(i));
            }
            Table made;
            made.chains.push_back({"input", {}, false, std::move(rules)});
            const std::clock_t start = std::clock();
            optimize(made, counters);
            const auto took = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
            CHECK(made.chains.front().rules.size() == row.left);
            CHECK(took < 0.1 * slower);
        }
    }
}
