#include "translate/draft.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "nft/fields.h"
#include "translate/values.h"

namespace fw::translate {

namespace {

using nft::Compare;
using nft::Expr;
using nft::Field;
using nft::Op;

// Fields that stay the same all along a chain, whatever its rules do.
bool has_values(Field field, bool fixed_destination) {
    return has_ports(field) || has_interfaces(field) || field == Field::ip_saddr ||
           (field == Field::ip_daddr && fixed_destination) || field == Field::ip_protocol ||
           field == Field::l4proto || field == Field::icmp_type || field == Field::icmp_code;
}

bool is_transport(Field field) { return nft::facts(field).source == nft::Source::transport_header; }

// The values that a comparison stands for: one, or those of a prefix.
std::optional<Value> value_of(const Compare& compare) {
    const std::uint32_t full = nft::full_mask(nft::facts(compare.field));
    const std::uint32_t mask = compare.mask & full;
    const std::uint32_t rest = full & ~mask;
    const bool prefix = mask == full || (has_addresses(compare.field) && (rest & (rest + 1)) == 0);
    if (compare.op != Op::eq || !prefix || (compare.value & ~mask) != 0) {
        return std::nullopt;
    }
    return Value{compare.value, compare.value | rest};
}

struct ValuesOf {
    bool fixed_destination;
    std::optional<Test> operator()(const Compare& compare) const {
        const auto value = value_of(compare);
        if (!value || !has_values(compare.field, fixed_destination)) {
            return std::nullopt;
        }
        return Test{std::nullopt, compare.field, {*value}};
    }
    std::optional<Test> operator()(const nft::Between& between) const {
        if (between.inverted || !has_values(between.field, fixed_destination)) {
            return std::nullopt;
        }
        return Test{std::nullopt, between.field, {{between.first, between.last}}};
    }
    std::optional<Test> operator()(const nft::InRanges& set) const {
        if (set.inverted || !has_values(set.field, fixed_destination)) {
            return std::nullopt;
        }
        Test test{std::nullopt, set.field, {}};
        for (const PortRange& range : set.ranges) {
            test.values.push_back({range.first, range.last});
        }
        return test;
    }
    std::optional<Test> operator()(const nft::Interface& interface) const {
        if (interface.inverted || interface.name.empty()) {
            return std::nullopt;
        }
        return Test{std::nullopt, interface.field, {{0, 0, interface.name, interface.prefix}}};
    }
    template <typename Other>
    std::optional<Test> operator()(const Other&) const {
        return std::nullopt;
    }
};

std::optional<Test> values_of(const Statement& statement, bool fixed_destination) {
    if (const auto* set = std::get_if<InSet>(&statement)) {
        const auto plain = [](const Element& e) { return !e.counter && e.comment.empty(); };
        if (set->inverted || set->key.size() != 1 ||
            !has_values(set->key.front(), fixed_destination) ||
            !std::all_of(set->elements.begin(), set->elements.end(), plain)) {
            return std::nullopt;
        }
        Test test{std::nullopt, set->key.front(), {}};
        for (const Element& element : set->elements) {
            test.values.push_back(element.values.front());
        }
        return test;
    }
    const auto* expression = std::get_if<Expr>(&statement);
    return expression == nullptr ? std::nullopt
                                 : std::visit(ValuesOf{fixed_destination}, *expression);
}

template <typename... Kinds>
bool is_one_of(const Statement& statement) {
    const auto* expression = std::get_if<Expr>(&statement);
    return expression != nullptr && (std::holds_alternative<Kinds>(*expression) || ...);
}

// Tests that say the same each time and change nothing.
bool is_test(const Statement& statement) {
    return std::holds_alternative<InSet>(statement) ||
           is_one_of<Compare, nft::Between, nft::InRanges, nft::Interface, nft::IsFragment,
                     nft::HasLabel, nft::IsLocal>(statement);
}

// Effects that are the same for one rule as for several. (A limit is not.)
bool is_effect(const Statement& statement) {
    return is_one_of<nft::Log, nft::LogGroup, nft::SetField, nft::SetMark, nft::SetLabel>(
        statement);
}

// What stands behind the tests. False if some of it is not known here.
bool read_effects(Draft& draft, std::size_t i) {
    const std::vector<Statement>& statements = draft.rule.statements;
    for (; i < statements.size(); ++i) {
        const Statement& statement = statements[i];
        const bool at_end = i + 1 == statements.size();
        if (is_one_of<nft::Counter>(statement) && !draft.counter && !draft.can_fail) {
            draft.counter = std::get<nft::Counter>(std::get<Expr>(statement)).counters;
        } else if (is_one_of<nft::Decide>(statement) && at_end) {
            draft.verdict = std::get<nft::Decide>(std::get<Expr>(statement));
        } else if (is_test(statement)) {
            draft.can_fail = true;
            draft.effects.push_back(statement);
        } else if (is_effect(statement) || (is_one_of<nft::RejectPacket>(statement) && at_end)) {
            draft.effects.push_back(statement);
        } else {
            return false;
        }
    }
    return true;
}

Expr one_value(Field field, const Value& value) {
    if (has_interfaces(field)) {
        return nft::Interface{field, false, value.interface, value.prefix};
    }
    const std::uint32_t size = value.last - value.first;
    if (size == 0) {
        return Compare{field, Op::eq, value.first};
    }
    if (has_addresses(field) && (size & (size + 1)) == 0 && (value.first & size) == 0) {
        return Compare{field, Op::eq, value.first, ~size};
    }
    return nft::Between{field, false, value.first, value.last};
}

bool has_one_expression(const Test& test) { return test.values.size() == 1; }

Statement statement_of(Test test) {
    if (test.other) {
        return std::move(*test.other);
    }
    if (has_one_expression(test)) {
        return one_value(test.field, test.values.front());
    }
    InSet set{{test.field}, false, {}};
    for (Value& value : test.values) {
        set.elements.push_back({{std::move(value)}});
    }
    return set;
}

// In the order of their numbers; interfaces as they came.
bool comes_before(const Element& a, const Element& b) {
    for (std::size_t i = 0; i < a.values.size(); ++i) {
        if (a.values[i].first != b.values[i].first) {
            return a.values[i].first < b.values[i].first;
        }
    }
    return false;
}

bool is_protocol_test(const Test& test) { return !test.other && test.field == Field::l4proto; }

bool looks_at_transport(const Test& test) {
    if (!test.other) {
        return is_transport(test.field);
    }
    if (const auto* set = std::get_if<InSet>(&*test.other)) {
        return std::any_of(set->key.begin(), set->key.end(), is_transport);
    }
    const auto* expression = std::get_if<Expr>(&*test.other);
    const auto* compare = expression != nullptr ? std::get_if<Compare>(expression) : nullptr;
    const auto* between = expression != nullptr ? std::get_if<nft::Between>(expression) : nullptr;
    return (compare != nullptr && is_transport(compare->field)) ||
           (between != nullptr && is_transport(between->field));
}

// The tests that the elements do not stand for. The protocol comes last where only the elements
// need it, for it goes without saying there: tcp flags syn ... tcp dport { 22, 80 }
std::vector<Test> tests_beside(Draft& draft) {
    std::vector<Test> rest;
    for (std::size_t i = 0; i < draft.tests.size(); ++i) {
        if (!draft.stands_for(i)) {
            rest.push_back(std::move(draft.tests[i]));
        }
    }
    if (std::none_of(rest.begin(), rest.end(), looks_at_transport)) {
        std::stable_partition(rest.begin(), rest.end(),
                              [](const Test& test) { return !is_protocol_test(test); });
    }
    return rest;
}

// An element counts as soon as it is found: nothing may fail behind it.
void add_elements(Draft& draft, const std::string& map_name, std::vector<Statement>& out) {
    std::vector<Field> key;
    for (const std::size_t place : draft.places) {
        key.push_back(draft.tests[place].field);
    }
    for (Test& test : tests_beside(draft)) {
        out.push_back(statement_of(std::move(test)));
    }
    std::stable_sort(draft.elements.begin(), draft.elements.end(), comes_before);
    if (draft.map) {
        out.push_back(ByMap{std::move(key), map_name, std::move(draft.elements)});
    } else {
        out.push_back(InSet{std::move(key), false, std::move(draft.elements)});
    }
}

}  // namespace

bool Draft::last() const {
    const bool rejects = !effects.empty() && is_one_of<nft::RejectPacket>(effects.back());
    return !map && !can_fail && (rejects || (verdict && verdict->verdict != nft::Verdict::jump));
}

bool Draft::counts() const { return counter || (!elements.empty() && elements.front().counter); }

bool Draft::stands_for(std::size_t place) const {
    return std::find(places.begin(), places.end(), place) != places.end();
}

Draft draft_of(Rule rule, bool fixed_destination) {
    Draft draft;
    draft.rule = std::move(rule);
    const std::vector<Statement>& statements = draft.rule.statements;
    std::size_t i = 0;
    for (; i < statements.size() && is_test(statements[i]); ++i) {
        auto values = values_of(statements[i], fixed_destination);
        draft.tests.push_back(values ? std::move(*values) : Test{statements[i]});
    }
    draft.known = read_effects(draft, i);
    return draft;
}

Rule rule_of(Draft draft, const std::string& map_name) {
    Rule rule = std::move(draft.rule);
    if (draft.sources == 1) {
        return rule;
    }
    std::vector<Statement> statements;
    if (draft.places.empty()) {
        for (Test& test : draft.tests) {
            statements.push_back(statement_of(std::move(test)));
        }
    } else {
        add_elements(draft, map_name, statements);
    }
    if (draft.counter) {
        statements.push_back(Expr{nft::Counter{*draft.counter}});
    }
    std::move(draft.effects.begin(), draft.effects.end(), std::back_inserter(statements));
    if (draft.verdict) {
        statements.push_back(Expr{std::move(*draft.verdict)});
    }
    rule.statements = std::move(statements);
    return rule;
}

}  // namespace fw::translate
