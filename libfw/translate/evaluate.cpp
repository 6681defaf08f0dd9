#include "translate/evaluate.h"

#include <algorithm>
#include <array>
#include <utility>

#include "nft/fields.h"

namespace fw::translate {

namespace {

using nft::Field;
using nft::Op;

constexpr auto field_count = static_cast<std::size_t>(Field::ct_direction) + 1;
constexpr std::size_t at(Field field) { return static_cast<std::size_t>(field); }

constexpr std::uint32_t state_invalid = 1;
constexpr std::size_t deepest = 16;  // NFT_JUMP_STACK_SIZE
constexpr std::size_t few = 8;       // elements: no need to sort them
constexpr std::uint32_t incoming_index = 2;
constexpr std::uint32_t outgoing_index = 3;

// A packet as expressions see it: the fields that can be read, and what rules have changed.
class View {
public:
    explicit View(const Passage& passage, const std::vector<nft::FragmentRange>& fragments)
        : passage_(passage) {
        read_header();
        read_transport();
        read_rest();
        fragment_ = std::any_of(fragments.begin(), fragments.end(),
                                [&](const auto& range) { return in(range); });
    }

    [[nodiscard]] bool readable(Field field) const { return readable_[at(field)]; }
    [[nodiscard]] std::uint32_t value(Field field) const { return values_[at(field)]; }
    void set(Field field, std::uint32_t value) {
        values_[at(field)] = value;
        readable_[at(field)] = true;
    }
    [[nodiscard]] std::string_view interface(Field field) const {
        return field == Field::iifname ? passage_.incoming : passage_.outgoing;
    }
    [[nodiscard]] bool fragment() const { return fragment_; }
    [[nodiscard]] std::uint8_t tos() const {
        return static_cast<std::uint8_t>(value(Field::ip_dscp) << 2 | value(Field::ip_ecn));
    }

    [[nodiscard]] bool holds(const nft::Compare& test) const {
        if (!readable(test.field)) {
            return false;
        }
        const std::uint32_t seen = value(test.field) & test.mask;
        return test.op == Op::ge ? seen >= test.value : (seen == test.value) == (test.op == Op::eq);
    }

private:
    void read_header() {
        const Packet& packet = passage_.packet;
        set(Field::ip_version, 4);
        set(Field::ip_hdrlength, packet.header_words);
        set(Field::ip_dscp, packet.tos >> 2U);
        set(Field::ip_ecn, packet.tos & 3U);
        set(Field::ip_length, packet.length);
        set(Field::ip_frag_off, (packet.dont_fragment ? 0x4000U : 0U) |
                                    (packet.more_fragments ? 0x2000U : 0U) |
                                    packet.fragment_offset);
        set(Field::ip_protocol, packet.protocol);
        set(Field::l4proto, packet.protocol);
        set(Field::ip_saddr, packet.source.value);
        set(Field::ip_daddr, packet.destination.value);
    }

    // The bytes behind the IP header, as any of the three protocols would have them. What a field
    // means does not depend on the protocol: the rule has asked for that before.
    void read_transport() {
        const Packet& packet = passage_.packet;
        const bool icmp = packet.protocol == protocol_icmp;
        const std::uint32_t first =
            icmp ? std::uint32_t{packet.source_port} << 8 | packet.destination_port
                 : packet.source_port;
        const std::uint32_t second = icmp ? 0 : packet.destination_port;
        read(Field::tcp_sport, first);
        read(Field::tcp_dport, second);
        read(Field::udp_sport, first);
        read(Field::udp_dport, second);
        read(Field::icmp_type, first >> 8);
        read(Field::icmp_code, first & 0xff);
        read(Field::tcp_flags, packet.tcp_flags);
        read(Field::tcp_window, 0);
        read(Field::udp_checksum, 0);
        read(Field::icmp_rest, 0);
    }
    void read(Field field, std::uint32_t value) {
        const nft::FieldFacts& facts = nft::facts(field);
        if (passage_.packet.header_words * 4U + facts.where + facts.width <=
            passage_.packet.length) {
            set(field, value);
        }
    }

    void read_rest() {
        set(Field::iif, passage_.incoming.empty() ? 0 : incoming_index);
        set(Field::oif, passage_.outgoing.empty() ? 0 : outgoing_index);
        set(Field::mark, passage_.packet.mark);
        const Connection& connection = passage_.connection;
        set(Field::ct_state, connection.tracked ? connection.state : state_invalid);
        if (connection.tracked) {
            set(Field::ct_status, connection.status);
            set(Field::ct_direction, connection.direction);
        }
    }

    [[nodiscard]] bool in(const nft::FragmentRange& range) const {
        const std::array<std::uint32_t, 4> key = {passage_.packet.fragment_offset,
                                                  passage_.packet.protocol,
                                                  passage_.packet.header_words,
                                                  passage_.packet.length};
        for (std::size_t i = 0; i < key.size(); ++i) {
            if (key[i] < range.first[i] || key[i] > range.last[i]) {
                return false;
            }
        }
        return true;
    }

    const Passage& passage_;
    std::array<std::uint32_t, field_count> values_{};
    std::array<bool, field_count> readable_{};
    bool fragment_ = false;
};

}  // namespace

// One packet's walk through the base chains of a hook.
class Walker {
public:
    Walker(const Evaluator& evaluator, const Passage& passage)
        : evaluator_(evaluator), passage_(passage), view_(passage, evaluator.fragments_) {
        decided_.labels = passage.connection.labels;
    }

    // False if the packet is stopped.
    bool base(const Evaluator::Prepared& chain) {
        switch (walk(&chain, 0)) {
            case Flow::next: return !chain.chain->drops || stop(Decided::Verdict::drop);
            case Flow::accept: return true;
            case Flow::stop: return false;
        }
        return true;
    }

    Decided result() {
        decided_.tos = view_.tos();
        decided_.mark = view_.value(Field::mark);
        return std::move(decided_);
    }

    // --- Statements: whether the rule goes on ---

    bool operator()(const nft::Compare& test) { return view_.holds(test); }
    bool operator()(const nft::Between& test) {
        const std::uint32_t value = view_.value(test.field);
        return view_.readable(test.field) &&
               (test.first <= value && value <= test.last) != test.inverted;
    }
    bool operator()(const nft::InRanges& test) {
        const std::uint32_t value = view_.value(test.field);
        const bool found =
            std::any_of(test.ranges.begin(), test.ranges.end(), [&](const PortRange& range) {
                return range.first <= value && value <= range.last;
            });
        return view_.readable(test.field) && found != test.inverted;
    }
    bool operator()(const nft::Interface& test) {
        return is_named(view_.interface(test.field), test.name, test.prefix) != test.inverted;
    }
    bool operator()(const nft::IsFragment& test) { return view_.fragment() != test.inverted; }
    bool operator()(const nft::HasLabel& test) {
        return passage_.connection.tracked && decided_.labels[test.label] != test.inverted;
    }
    bool operator()(const nft::IsLocal&) { return false; }
    bool operator()(const nft::TakesTurn&) { return true; }
    bool operator()(const nft::Limit&) { return true; }
    bool operator()(const nft::Counter&) { return true; }
    bool operator()(const nft::Log& log) {
        decided_.log.emplace_back(log.prefix);
        return true;
    }
    bool operator()(const nft::LogGroup& log) {
        if (!log.prefix.empty()) {
            decided_.log.emplace_back(log.prefix);
            return true;
        }
        const std::uint16_t length = passage_.packet.length;
        decided_.copies.push_back(
            {std::min(log.size.value_or(length), length), view_.tos(), view_.value(Field::mark)});
        return true;
    }
    bool operator()(const nft::SetField& set) {
        view_.set(set.field, set.value);
        return true;
    }
    bool operator()(const nft::SetMark& set) {
        view_.set(Field::mark, (view_.value(Field::mark) & set.and_mask) ^ set.xor_mask);
        return true;
    }
    bool operator()(const nft::SetLabel& set) {
        decided_.labels[set.label] = true;
        return true;
    }
    bool operator()(const nft::SetHelper&) { return true; }
    bool operator()(const nft::UpdateMap&) { return true; }
    bool operator()(const nft::SetDestination& set) {
        view_.set(Field::ip_daddr, set.address.value);
        return true;
    }
    bool operator()(const nft::Decide& decide) { return end(decide); }
    bool operator()(const nft::RejectPacket&) {
        stop(Decided::Verdict::reject);
        return finish(Flow::stop);
    }
    bool operator()(const nft::MasqueradeTo& to) {
        decided_.masquerade = to;
        return finish(Flow::accept);
    }
    bool operator()(const nft::RedirectTo& to) {
        decided_.redirect = to.port;
        return finish(Flow::accept);
    }
    bool operator()(const nft::ForwardTo&) { return finish(Flow::accept); }
    bool operator()(const nft::ForwardByMap&) { return false; }  // nothing is in the map yet
    bool operator()(const nft::Expr& expression) { return std::visit(*this, expression); }
    bool operator()(const InSet& set) {
        bool known = true;
        const bool found = find(&set, set.key, set.elements, known) != nullptr;
        return known && found != set.inverted;
    }
    bool operator()(const ByMap& map) {
        bool known = true;
        const Element* element = find(&map, map.key, map.elements, known);
        return element != nullptr && end(element->verdict);
    }

private:
    enum class Flow : std::uint8_t { next, accept, stop };  // next: the end of the chain

    static bool is_named(std::string_view seen, const std::string& name, bool prefix) {
        return prefix ? seen.starts_with(name) : seen == name;
    }

    bool stop(Decided::Verdict verdict) {
        decided_.verdict = verdict;
        return false;
    }
    // The rule has come to a verdict.
    bool finish(Flow flow) {
        flow_ = flow;
        over_ = true;
        return false;
    }
    bool end(const nft::Decide& decide) {
        decide_ = &decide;
        over_ = true;
        return false;
    }

    // Chains that lead in a circle are not loaded by the kernel; here they drop.
    Flow walk(const Evaluator::Prepared* chain, std::size_t depth) {
        std::size_t hops = 0;
        for (std::size_t i = 0; i < chain->lines.size(); ++i) {
            const Evaluator::Line& line = chain->lines[i];
            if ((line.tests && !view_.holds(line.test)) || !meets(*line.rule)) {
                continue;
            }
            if (decide_ == nullptr) {
                return flow_;
            }
            const nft::Decide& decide = *decide_;
            switch (decide.verdict) {
                case nft::Verdict::accept: return Flow::accept;
                case nft::Verdict::ret: return Flow::next;
                case nft::Verdict::drop: stop(Decided::Verdict::drop); return Flow::stop;
                case nft::Verdict::jump: {
                    const Flow flow = depth == deepest ? dropped() : walk(to(decide), depth + 1);
                    if (flow != Flow::next) {
                        return flow;
                    }
                    break;
                }
                case nft::Verdict::go_to:
                    if (++hops > evaluator_.chains_.size()) {
                        return dropped();
                    }
                    chain = to(decide);
                    i = static_cast<std::size_t>(-1);
                    break;
            }
        }
        return Flow::next;
    }
    Flow dropped() {
        stop(Decided::Verdict::drop);
        return Flow::stop;
    }
    const Evaluator::Prepared* to(const nft::Decide& decide) const {
        static const Evaluator::Prepared nowhere;
        const auto found = evaluator_.by_name_.find(decide.chain);
        return found == evaluator_.by_name_.end() ? &nowhere : &evaluator_.chains_[found->second];
    }

    // Carries out what a rule says until a test fails; whether it comes to a verdict.
    bool meets(const Rule& rule) {
        over_ = false;
        decide_ = nullptr;
        for (const Statement& statement : rule.statements) {
            if (!std::visit(*this, statement)) {
                return over_;
            }
        }
        return false;
    }

    // `known` becomes false if a field can't be read.
    const Element* find(const void* owner, const std::vector<Field>& key,
                        const std::vector<Element>& elements, bool& known) const {
        for (const Field field : key) {
            if (field != Field::iifname && field != Field::oifname && !view_.readable(field)) {
                known = false;
                return nullptr;
            }
        }
        const auto sorted = evaluator_.sorted_.find(owner);
        if (sorted != evaluator_.sorted_.end()) {
            return find_sorted(sorted->second, view_.value(key.front()));
        }
        const auto found =
            std::find_if(elements.begin(), elements.end(),
                         [&](const Element& element) { return is_in(key, element.values); });
        return found == elements.end() ? nullptr : &*found;
    }
    static const Element* find_sorted(const std::vector<Evaluator::Sorted>& sorted,
                                      std::uint32_t value) {
        auto behind = std::upper_bound(sorted.begin(), sorted.end(), value,
                                       [](std::uint32_t one, const Evaluator::Sorted& other) {
                                           return one < other.first;
                                       });
        return behind == sorted.begin() || (--behind)->last < value ? nullptr : behind->element;
    }
    bool is_in(const std::vector<Field>& key, const std::vector<Value>& values) const {
        for (std::size_t i = 0; i < key.size(); ++i) {
            const Value& value = values[i];
            const bool named = key[i] == Field::iifname || key[i] == Field::oifname;
            const bool in =
                named ? is_named(view_.interface(key[i]), value.interface, value.prefix)
                      : value.first <= view_.value(key[i]) && view_.value(key[i]) <= value.last;
            if (!in) {
                return false;
            }
        }
        return true;
    }

    const Evaluator& evaluator_;
    const Passage& passage_;
    View view_;
    Decided decided_;
    bool over_ = false;  // the rule has come to a verdict: decide_, or flow_
    const nft::Decide* decide_ = nullptr;
    Flow flow_ = Flow::next;
};

Evaluator::Evaluator(const Table& table) : fragments_(nft::fragment_ranges(table.fragments)) {
    chains_.reserve(table.chains.size());
    for (const Chain& chain : table.chains) {
        by_name_.emplace(chain.name, chains_.size());
        prepare(chain);
    }
    for (const Prepared& chain : chains_) {
        if (chain.chain->base) {
            bases_.push_back(&chain);
        }
    }
    std::stable_sort(bases_.begin(), bases_.end(), [](const Prepared* a, const Prepared* b) {
        return a->chain->base->priority < b->chain->base->priority;
    });
}

void Evaluator::prepare(const Chain& chain) {
    Prepared& prepared = chains_.emplace_back();
    prepared.chain = &chain;
    const auto sort = [&](const auto& set) {
        if (set.elements.size() <= few || set.key.size() != 1 ||
            set.key.front() == Field::iifname || set.key.front() == Field::oifname) {
            return;
        }
        std::vector<Sorted>& sorted = sorted_[&set];
        for (const Element& element : set.elements) {
            sorted.push_back({element.values.front().first, element.values.front().last, &element});
        }
        std::sort(sorted.begin(), sorted.end(),
                  [](const Sorted& a, const Sorted& b) { return a.first < b.first; });
    };
    for (const Rule& rule : chain.rules) {
        Line& line = prepared.lines.emplace_back();
        line.rule = &rule;
        for (const Statement& statement : rule.statements) {
            if (const auto* set = std::get_if<InSet>(&statement)) {
                sort(*set);
            } else if (const auto* map = std::get_if<ByMap>(&statement)) {
                sort(*map);
            }
        }
        const auto* first =
            rule.statements.empty() ? nullptr : std::get_if<nft::Expr>(&rule.statements.front());
        if (first != nullptr && std::holds_alternative<nft::Compare>(*first)) {
            line.test = std::get<nft::Compare>(*first);
            line.tests = true;
        }
    }
}

Decided Evaluator::decide(const Passage& passage, nft::HookPoint hook, const Stage& stage) const {
    Walker walker(*this, passage);
    for (const Prepared* chain : bases_) {
        const nft::Base& base = *chain->chain->base;
        if (base.hook == hook && stage.first <= base.priority && base.priority <= stage.last &&
            !walker.base(*chain)) {
            break;
        }
    }
    return walker.result();
}

bool Evaluator::has(nft::HookPoint hook, const Stage& stage) const {
    return std::any_of(bases_.begin(), bases_.end(), [&](const Prepared* chain) {
        const nft::Base& base = *chain->chain->base;
        return base.hook == hook && stage.first <= base.priority && base.priority <= stage.last;
    });
}

}  // namespace fw::translate
