#include "translate/merge.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include "nft/fields.h"

namespace fw::translate {

namespace {

// A longer list of values stays a set rather than to repeat its verdict in a map.
constexpr std::size_t longest_in_map = 16;
// More than so many values are not compared with so many others.
constexpr std::size_t few = 8;

bool same_effects(const Draft& a, const Draft& b) {
    return a.effects == b.effects && a.verdict == b.verdict && a.map == b.map;
}

// Nothing but a verdict, or a map of them: what a map can take over.
bool only_decides(const Draft& draft) {
    return draft.effects.empty() && (draft.map || draft.verdict);
}

// The number of a protocol, whichever way it is asked for.
nft::Field asked(nft::Field field) {
    return field == nft::Field::l4proto ? nft::Field::ip_protocol : field;
}

// Whether no packet passes both tests.
bool tests_apart(const Test& a, const Test& b) {
    const auto short_list = [](const Test& test) {
        return !test.other && !test.values.empty() && test.values.size() <= few;
    };
    if (!short_list(a) || !short_list(b) || asked(a.field) != asked(b.field)) {
        return false;
    }
    for (const Value& x : a.values) {
        for (const Value& y : b.values) {
            if (!values_apart(x, y)) {
                return false;
            }
        }
    }
    return true;
}

// How many elements stand for the draft's tests at these places.
std::size_t count_elements(const Draft& draft, const std::vector<std::size_t>& places) {
    std::size_t count = draft.places.empty() ? 1 : draft.elements.size();
    for (const std::size_t place : places) {
        count *= draft.stands_for(place) ? 1 : draft.tests[place].values.size();
    }
    return count;
}

// Each element becomes as many as the test has values.
void multiply(std::vector<Element>& elements, const std::vector<Value>& values) {
    std::vector<Element> result;
    for (const Element& element : elements) {
        for (const Value& value : values) {
            result.push_back(element);
            result.back().values.push_back(value);
        }
    }
    elements = std::move(result);
}

// One element of the draft, with values for all the places.
std::vector<Element> widened(const Draft& draft, Element element,
                             const std::vector<std::size_t>& places) {
    const std::vector<Value> known = std::exchange(element.values, {});
    std::vector<Element> result = {std::move(element)};
    for (const std::size_t place : places) {
        const auto at = std::find(draft.places.begin(), draft.places.end(), place);
        if (at == draft.places.end()) {
            multiply(result, draft.tests[place].values);
        } else {
            multiply(result, {known[static_cast<std::size_t>(at - draft.places.begin())]});
        }
    }
    return result;
}

std::vector<Element> elements_of(const Draft& draft, const std::vector<std::size_t>& places,
                                 const Merging& merging) {
    std::vector<Element> elements = draft.elements;
    if (draft.places.empty()) {
        elements.resize(1);
        if (merging.counters) {
            elements.front().counter = draft.counter;
            elements.front().comment = draft.rule.comment;
        }
    }
    std::vector<Element> result;
    for (Element& element : elements) {
        if (merging.verdicts && !draft.map) {
            element.verdict = *draft.verdict;
        }
        std::vector<Element> wide = widened(draft, std::move(element), places);
        std::move(wide.begin(), wide.end(), std::back_inserter(result));
    }
    return result;
}

// The kernel (6.18) keeps a set of ports, types or protocols as a bitmap, in which nothing counts;
// a map never.
bool is_bitmap(const Draft& draft, const std::vector<std::size_t>& places) {
    constexpr std::uint32_t widest = 2;
    return places.size() == 1 && nft::facts(draft.tests[places.front()].field).width <= widest;
}

// Whether there would be neighbours, and ranges.
bool blur(const Boxes& boxes, const std::vector<Element>& added) {
    bool ranges = boxes.has_ranges();
    bool neighbours = boxes.has_neighbours();
    for (const Element& element : added) {
        const Value& value = element.values.front();
        ranges = ranges || value.first != value.last;
        neighbours = neighbours || boxes.touches(value);
    }
    return ranges && neighbours;
}

// A rule's comment becomes a line above it.
void give_comment(Rule& into, Rule& from) {
    if (!from.comment.empty()) {
        into.above.push_back(std::exchange(from.comment, {}));
    }
}

// What stood beside a rule, and what it counted.
void absorb(Draft& whole, Draft& part, bool comments) {
    Rule& from = part.rule;
    std::move(from.above.begin(), from.above.end(), std::back_inserter(whole.rule.above));
    if (comments) {
        give_comment(whole.rule, from);
    }
    whole.rule.named_ports = whole.rule.named_ports && from.named_ports;
    whole.rule.named_protocol = whole.rule.named_protocol && from.named_protocol;
    whole.sources += part.sources;
    if (part.counter) {
        whole.counter = whole.counter.value_or(Counters{});
        *whole.counter += *part.counter;
    }
}

}  // namespace

bool Group::take(Draft& draft) {
    if (!fits(draft)) {
        return false;
    }
    const std::optional<Places> places = differences(draft);
    if (!places ||
        !(merging_.elements ? take_elements(draft, *places) : take_values(draft, *places))) {
        return false;
    }
    if (!places->empty()) {
        places_ = places;
    }
    members_.push_back(std::move(draft));
    return true;
}

bool Group::fits(const Draft& draft) const {
    if (!first().known || !draft.known) {
        return false;
    }
    if (merging_.counters && first().counts() != draft.counts()) {
        return false;
    }
    return merging_.verdicts ? only_decides(first()) && only_decides(draft)
                             : same_effects(first(), draft);
}

// Where the group and the rule ask for different values, or have elements; nothing if they differ
// in more than that.
std::optional<std::vector<std::size_t>> Group::differences(const Draft& draft) const {
    if (first().tests.size() != draft.tests.size() ||
        (!merging_.elements &&
         (first().places != draft.places || first().elements != draft.elements))) {
        return std::nullopt;
    }
    Places places = places_.value_or(Places());
    for (std::size_t i = 0; i < draft.tests.size(); ++i) {
        const Test& mine = first().tests[i];
        const Test& other = draft.tests[i];
        const bool asks_the_same = !mine.other && !other.other && mine.field == other.field;
        const bool known = std::find(places.begin(), places.end(), i) != places.end();
        const bool has_elements =
            merging_.elements && (first().stands_for(i) || draft.stands_for(i));
        if (known ? asks_the_same : !has_elements && mine == other) {
            continue;
        }
        if (places_ || !asks_the_same) {
            return std::nullopt;
        }
        places.push_back(i);
    }
    return places.size() <= merging_.fields ? std::optional(places) : std::nullopt;
}

bool Group::take_values(const Draft& draft, const Places& places) {
    if (first().last()) {
        return true;
    }
    // Rules behind these see the packet, too: it must not have met two of them.
    if (places.empty()) {
        return false;
    }
    std::optional<Boxes> begun;
    Boxes& boxes = boxes_ ? *boxes_ : begun.emplace(1U);
    if (begun) {
        for (const Value& value : first().tests[places.front()].values) {
            begun->add({value}, false);
        }
    }
    const std::vector<Value>& values = draft.tests[places.front()].values;
    for (const Value& value : values) {
        if (boxes.meets({value}) != Boxes::Meets::none) {
            return false;
        }
    }
    for (const Value& value : values) {
        boxes.add({value}, false);
    }
    if (begun) {
        boxes_ = std::move(begun);
    }
    return true;
}

// Whether the rule's tests at these places can be written as elements, and no more of them than
// there were rules.
bool Group::can_be_elements(const Draft& draft, const Places& places) const {
    const std::size_t count = count_elements(draft, places);
    if (count > std::max(draft.sources, draft.elements.size()) ||
        (merging_.verdicts && !draft.map && count > longest_in_map)) {
        return false;
    }
    const auto has_prefix = [&](std::size_t place) {
        const std::vector<Value>& values = draft.tests[place].values;
        return std::any_of(values.begin(), values.end(), [](const Value& v) { return v.prefix; });
    };
    // nft has no beginnings of names side by side with other fields.
    return places.size() == 1 || std::none_of(places.begin(), places.end(), has_prefix);
}

bool Group::take_elements(const Draft& draft, const Places& places) {
    if (places.empty() || !can_be_elements(draft, places) ||
        (merging_.counters && !merging_.verdicts && is_bitmap(draft, places))) {
        return false;
    }
    std::optional<Boxes> begun;
    std::vector<Element> fresh;
    if (!boxes_) {
        if (!can_be_elements(first(), places) ||
            !add_to(begun.emplace(places.size()), first(), places, fresh)) {
            return false;
        }
    }
    if (!add_to(boxes_ ? *boxes_ : *begun, draft, places, fresh)) {
        return false;
    }
    if (begun) {
        boxes_ = std::move(begun);
    }
    std::move(fresh.begin(), fresh.end(), std::back_inserter(elements_));
    return true;
}

// Adds the rule's elements that are not there yet. False, and none added, if some of them overlap
// others; or are there already, but should have been met as well, or be counted.
bool Group::add_to(Boxes& boxes, const Draft& draft, const Places& places,
                   std::vector<Element>& fresh) const {
    std::vector<Element> elements = elements_of(draft, places, merging_);
    std::vector<Element> added;
    for (Element& element : elements) {
        switch (boxes.meets(element.values)) {
            case Boxes::Meets::none: added.push_back(std::move(element)); break;
            case Boxes::Meets::the_same_last:
                if (merging_.counters) {
                    return false;
                }
                break;
            case Boxes::Meets::the_same:
            case Boxes::Meets::others: return false;
        }
    }
    // nft (1.0.6) makes one element of neighbours in a set that has no name, but ranges; and so one
    // counter of theirs.
    if (merging_.counters && !merging_.verdicts && places.size() == 1 && blur(boxes, added)) {
        return false;
    }
    for (const Element& element : added) {
        const bool last =
            merging_.verdicts ? element.verdict.verdict != nft::Verdict::jump : draft.last();
        boxes.add(element.values, last);
    }
    std::move(added.begin(), added.end(), std::back_inserter(fresh));
    return true;
}

bool Group::may_pass(const Draft& draft) const {
    if (!first().known || !draft.known) {
        return false;
    }
    // Which of them a packet meets first is all the same, but for what they count.
    if (!merging_.counters && !merging_.verdicts && first().last() &&
        same_effects(first(), draft)) {
        return true;
    }
    for (std::size_t i = 0; i < first().tests.size(); ++i) {
        const bool shared =
            !places_ || std::find(places_->begin(), places_->end(), i) == places_->end();
        const Test& mine = first().tests[i];
        if (shared && std::any_of(draft.tests.begin(), draft.tests.end(),
                                  [&](const Test& other) { return tests_apart(mine, other); })) {
            return true;
        }
    }
    return false;
}

bool Group::worth_it() const {
    std::size_t sources = 0;
    for (const Draft& member : members_) {
        sources += member.sources;
    }
    const bool one_verdict =
        std::all_of(elements_.begin(), elements_.end(), [&](const Element& element) {
            return element.verdict == elements_.front().verdict;
        });
    return members_.size() > 1 && sources >= merging_.sources &&
           (!merging_.verdicts || !one_verdict ||
            (merging_.counters && is_bitmap(first(), *places_)));
}

void Group::close(std::vector<Draft>& out) {
    if (!worth_it()) {
        std::move(members_.begin(), members_.end(), std::back_inserter(out));
        return;
    }
    Draft whole = std::move(members_.front());
    const bool comments = !merging_.counters;
    if (comments) {
        give_comment(whole.rule, whole.rule);
    }
    for (std::size_t i = 1; i < members_.size(); ++i) {
        absorb(whole, members_[i], comments);
    }
    if (merging_.elements) {
        set_elements(whole);
    } else if (places_) {
        Test& test = whole.tests[places_->front()];
        for (std::size_t i = 1; i < members_.size(); ++i) {
            std::vector<Value>& values = members_[i].tests[places_->front()].values;
            std::move(values.begin(), values.end(), std::back_inserter(test.values));
        }
        test.values = united_values(test.field, std::move(test.values), whole.rule.named_ports);
    }
    out.push_back(std::move(whole));
}

void Group::set_elements(Draft& whole) {
    for (const std::size_t place : *places_) {
        whole.tests[place].values.clear();
    }
    whole.places = *places_;
    whole.elements = std::move(elements_);
    whole.map = whole.map || merging_.verdicts;
    if (whole.map) {
        whole.verdict.reset();
    }
    // Elements count by themselves, and maps not at all.
    if (merging_.counters || whole.map) {
        whole.counter.reset();
    }
    if (merging_.counters) {
        whole.rule.comment.clear();
    }
}

}  // namespace fw::translate
