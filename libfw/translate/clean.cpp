#include "translate/clean.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "compile/effects.h"
#include "compile/forwards.h"
#include "compile/frame.h"
#include "compile/rule.h"
#include "compile/table.h"
#include "nft/name.h"
#include "translate/fold.h"
#include "translate/parts.h"

namespace fw::translate {

namespace {

using compile::Copy;
using compile::Form;
using compile::Packets;
using compile::Plan;
using compile::Situation;
using nft::Compare;
using nft::Decide;
using nft::Expr;
using nft::Field;
using nft::Op;
using nft::Verdict;

constexpr std::size_t input = 0;
constexpr std::size_t forward = 1;
constexpr std::size_t output = 2;
constexpr std::size_t accounting = 3;  // of ipfwadm

constexpr std::string_view output_entrance = "output.entrance";

// --- The table ---

// A policy that nft has no word for.
bool has_other_policy(const fw::Chain& chain) {
    return chain.policy == Policy::reject || chain.policy == Policy::masquerade;
}
Target target_of(Policy policy) {
    return policy == Policy::reject ? Target(Reject{}) : Target(Masquerade{});
}

Compare has_status(std::uint32_t bit) { return {Field::ct_status, Op::ne, 0, bit}; }
Compare original() { return {Field::ct_direction, Op::eq, 0}; }
Compare reply() { return {Field::ct_direction, Op::eq, 1}; }

// Behind connection tracking no packet is a later fragment: takes out that it is none. False for
// tests that ask for one.
bool leave_out_offset(std::vector<Expr>& tests) {
    const auto by_offset = [](Op op) { return Expr(Compare{Field::ip_frag_off, op, 0, 0x1fff}); };
    std::erase(tests, by_offset(Op::eq));
    return std::find(tests.begin(), tests.end(), by_offset(Op::ne)) == tests.end();
}

class Clean {
public:
    // `original`: before policies were written out.
    Clean(const Ruleset& ruleset, const Ruleset& original, const TranslateOptions& options,
          const std::vector<SourceLine>& sources)
        : ruleset_(ruleset),
          original_(original),
          options_(options),
          sources_(sources),
          plan_(ruleset, {}, Form::clean),
          sends_on_(compile::sends_on(ruleset) || plan_.expects()),
          tracks_(plan_.forwards() || redirects()) {}

    Result<Table> compile() {
        table_.name = options_.table;
        nft::Table forwards = compile::compile_forwards(ruleset_, plan_.masquerades());
        table_.maps = std::move(forwards.maps);
        table_.helpers = std::move(forwards.helpers);
        add_input();
        add_forward();
        add_output();
        if (of_linux_2_0()) {
            table_.fragments = Dialect::ipfwadm;
            add_accounting();
        }
        for (std::size_t i = builtin_chains.size(); i < ruleset_.chains.size(); ++i) {
            if (i != accounting || !of_linux_2_0()) {
                add_copies(i, 0);
            }
        }
        add_handovers();
        for (nft::Chain chain : plan_.effect_chains()) {
            const bool mark = chain.name.starts_with("mark.");
            add(from_frame(std::move(chain), {mark ? "Adds a number to the mark, or takes it away."
                                                   : "Changes some bits of the TOS byte."}));
        }
        add_forwards(std::move(forwards.chains));
        for (nft::Chain& chain : compile::nat_chains(plan_)) {
            const bool redirect = chain.name == "nat.redirect";
            const std::string ports = std::string("The ports are those of Linux ") +
                                      (of_linux_2_0() ? "2.0" : "2.2") +
                                      ", but for the key exchange of IPsec.";
            add(merged_protocols(
                from_frame(std::move(chain),
                           {redirect ? "To this machine, whatever their address." : ports})));
        }
        if (error_) {
            return std::move(*error_);
        }
        fold(table_, copies_);
        return std::move(table_);
    }

private:
    [[nodiscard]] bool of_linux_2_0() const { return ruleset_.dialect == Dialect::ipfwadm; }
    [[nodiscard]] const fw::Chain& model(std::size_t chain) const { return ruleset_.chains[chain]; }
    [[nodiscard]] bool redirects() const { return !plan_.redirect_ports().empty(); }
    [[nodiscard]] bool has_rules(std::size_t chain) const { return !model(chain).rules.empty(); }
    // Nothing to do for the chain's rules and policy.
    [[nodiscard]] bool lets_all_pass(std::size_t chain) const {
        return model(chain).policy == Policy::accept && model(chain).rules.empty();
    }

    void add(Chain chain) { table_.chains.push_back(std::move(chain)); }

    // --- The ways into the rules ---

    [[nodiscard]] const std::string& copy_name(std::size_t chain, Situation situation,
                                               Packets packets = Packets::whole) const {
        situation.packets = packets;
        return plan_.copy_for(model(chain).name, situation);
    }
    [[nodiscard]] bool has_copy(std::size_t chain, Packets packets) const {
        const std::vector<Copy>& copies = plan_.copies(chain);
        return std::any_of(copies.begin(), copies.end(), [packets](const Copy& copy) {
            return copy.situation.packets == packets;
        });
    }
    void lead(Chain& from, std::vector<Expr> tests, const std::string& to,
              Verdict how = Verdict::go_to) const {
        tests.emplace_back(Decide{how, to});
        from.rules.push_back(plain_rule(std::move(tests)));
    }

    // What Linux 2.2 took for a fragment goes its own way, if that is another one.
    void lead_fragments(Chain& from, std::size_t chain, const Situation& situation) const {
        if (of_linux_2_0()) {
            return;  // those of Linux 2.0 are settled
        }
        if (has_copy(chain, Packets::fragments)) {
            lead(from, {nft::IsFragment{false}}, copy_name(chain, situation, Packets::fragments));
        } else if (!has_copy(chain, Packets::all)) {
            const Verdict policy = from.drops ? Verdict::drop : Verdict::accept;
            from.rules.push_back(plain_rule(
                {nft::IsFragment{false}, Decide{from.base ? policy : Verdict::ret, {}}}));
        }
    }

    // Those that it dropped before it looked at any rule; connection tracking puts them together.
    void drop_suspects(Chain& chain, bool sorted) const {
        for (nft::Rule& rule : compile::suspect_fragments()) {
            if (sorted) {
                std::erase(rule.expressions, Expr(nft::IsFragment{false}));
            }
            chain.rules.push_back(from_frame(std::move(rule)));
        }
    }
    // Forward does where input has no chain.
    [[nodiscard]] bool sees_suspects(std::size_t chain) const {
        return !tracks_ &&
               (chain == input || chain == output || (chain == forward && lets_all_pass(input)));
    }
    // In the base chain, unless they are among those that go their own way.
    void drop_unsorted_suspects(Chain& base, std::size_t chain) const {
        if (of_linux_2_0()) {
            settle_unasked(base, chain != forward || lets_all_pass(input));
            return;
        }
        const bool dropped_anyway = base.drops && !has_copy(chain, Packets::all);
        if (sees_suspects(chain) && !has_copy(chain, Packets::fragments) && !dropped_anyway) {
            drop_suspects(base, false);
        }
    }

    // What Linux 2.0 decided about without asking a rule, where packets come first; what it stopped
    // does not come further.
    void settle_unasked(Chain& base, bool first) const {
        for (nft::Rule& rule : first ? compile::suspect_fragments(Dialect::ipfwadm)
                                     : std::vector{compile::later_fragments()}) {
            const bool by_offset =
                std::any_of(rule.expressions.begin(), rule.expressions.end(), [](const Expr& test) {
                    const auto* compare = std::get_if<Compare>(&test);
                    return compare != nullptr && compare->field == Field::ip_frag_off;
                });
            if (!tracks_ || !by_offset) {  // connection tracking puts fragments together
                base.rules.push_back(from_frame(std::move(rule)));
            }
        }
    }

    // Rules of the frame as the tools load them; without what says something of connections to
    // inner hosts, if there are none.
    void settle(Chain& chain, std::vector<nft::Rule> rules) const {
        for (nft::Rule& rule : rules) {
            if (sends_on_ || !speaks_of_inner_hosts(rule)) {
                chain.rules.push_back(from_frame(std::move(rule)));
            }
        }
    }
    static bool speaks_of_inner_hosts(nft::Rule& rule) {
        std::vector<Expr>& tests = rule.expressions;
        std::erase(tests, Expr(nft::HasLabel{compile::forward_label, true}));
        return std::find(tests.begin(), tests.end(), Expr(nft::HasLabel{compile::forward_label})) !=
               tests.end();
    }

    [[nodiscard]] Chain base(std::string_view name, const nft::Base& where, std::size_t chain,
                             const char* above) const {
        return {std::string(name), where, model(chain).policy == Policy::deny, {}, {above}};
    }
    // --- The built-in chains ---

    void add_input() {
        if (!lets_all_pass(input) || plan_.expects()) {
            Chain chain = base("input", compile::input_hook, input,
                               "All that arrives, for this machine and for others.");
            drop_unsorted_suspects(chain, input);
            if (plan_.expects()) {
                lead_expected(chain);
            }
            add_with_rules(std::move(chain), input, {.input = true});
            add_copies(input, 1);
        }
    }

    // The base chain's last part: the rules themselves, since nothing else leads to them.
    void add_with_rules(Chain base, std::size_t chain, const Situation& situation) {
        lead_fragments(base, chain, situation);
        add_rules(base, chain, plan_.copies(chain).front());
        add(std::move(base));
    }

    // Connections that a helper waits for are known by what they came from, not by their port.
    void lead_expected(Chain& base) const {
        const std::string& to = copy_name(input, {.input_expected = true});
        const bool apart = to != copy_name(input, {.input = true});
        std::vector<Expr> from_outside = {has_status(compile::status_expected),
                                          has_status(compile::status_dnat), original(),
                                          nft::SetLabel{compile::forward_label}};
        if (!apart) {
            base.rules.push_back(plain_rule(std::move(from_outside)));
            return;
        }
        lead(base, std::move(from_outside), to);
        lead(base,
             {has_status(compile::status_expected), has_status(compile::status_snat), reply()}, to);
    }

    void add_forward() {
        if (!lets_all_pass(forward)) {
            Chain chain =
                base("forward", compile::forward_hook, forward, "Packets on their way through.");
            drop_unsorted_suspects(chain, forward);
            if (plan_.forwards()) {
                settle(chain, compile::already_decided());
            }
            add_with_rules(std::move(chain), forward, {.forward = true});
            add_copies(forward, 1);
        }
    }

    void add_output() {
        const bool some = !lets_all_pass(output);
        if (some) {
            Chain local = base("output.local", compile::output_hook, output,
                               "Packets of this machine's own programs.");
            drop_unsorted_suspects(local, output);
            if (redirects()) {
                local.rules.push_back(plain_rule({reply(), nft::HasLabel{compile::redirected_label},
                                                  Decide{Verdict::accept, {}}},
                                                 "see output.masqueraded"));
            }
            add_with_way(std::move(local));
        }
        if (some || (plan_.forwards() && sends_on_)) {
            Chain routed = base("output.forwarded", compile::routed_hook, output,
                                "Packets on their way through, as they leave.");
            if (some && of_linux_2_0()) {
                settle_unasked(routed, lets_all_pass(input) && lets_all_pass(forward));
            }
            if (plan_.forwards()) {
                std::vector<nft::Rule> rules = compile::rewritten_later();
                rules.resize(some ? rules.size() : 1);
                settle(routed, std::move(rules));
            }
            add_with_way(std::move(routed));
        }
        if (some && tracks_) {
            add_rewritten();
        } else if (plan_.masquerades()) {
            Chain chain = base("output.masqueraded", compile::rewritten_hook, output,
                               "None leaves with the source that it came with.");
            stop_unrewritten(chain);
            add(std::move(chain));
        }
        if (has_rules(output)) {
            add_copies(output, 0);
        }
    }

    // The last part of a base chain that leads to output.
    void add_with_way(Chain base) {
        if (has_rules(output)) {
            lead_fragments(base, output, {.output = true});
            lead(base, {}, copy_name(output, {.output = true}));
        }
        add(std::move(base));
    }

    // What output sees as it leaves, with another source than it came with.
    void add_rewritten() {
        Chain chain = base("output.masqueraded", compile::rewritten_hook, output,
                           "What leaves with another source than it came with.");
        chain.drops = false;
        if (redirects()) {
            judge_rewritten(chain, {{reply(), nft::HasLabel{compile::redirected_label}}});
        }
        if (plan_.forwards()) {
            const Decide accept{Verdict::accept, {}};
            // Our own ICMP errors belong to what they are about.
            chain.rules.push_back(
                plain_rule({Compare{Field::iif, Op::eq, 0}, accept}, "output has seen it"));
            std::vector<std::vector<Expr>> ways = {
                {original(), nft::HasLabel{compile::masquerade_label}}};
            if (sends_on_) {
                chain.rules.push_back(
                    plain_rule({original(), nft::HasLabel{compile::forward_label}, accept},
                               "output has seen it"));
                ways.insert(ways.begin(), {reply(), nft::HasLabel{compile::forward_label},
                                           has_status(compile::status_dnat)});
            }
            stop_unrewritten(chain);
            judge_rewritten(chain, ways);
        }
        add(std::move(chain));
        if (plan_.expects() && has_rules(output)) {
            Chain ways{std::string(output_entrance), std::nullopt, false, {}, {}};
            const std::string& expected = copy_name(output, {.rewritten_expected = true});
            const std::string& others = copy_name(output, {.rewritten = true});
            if (expected != others) {
                lead(ways, {has_status(compile::status_expected)}, expected);
            }
            lead(ways, {}, others);
            add(std::move(ways));
        }
    }

    // Another program's nat chain may have come first.
    static void stop_unrewritten(Chain& chain) {
        chain.rules.push_back(plain_rule({nft::HasLabel{compile::masquerade_label},
                                          Compare{Field::ct_status, Op::eq, 0,
                                                  compile::status_snat | compile::status_dnat},
                                          Decide{Verdict::drop, {}}},
                                         "was not rewritten"));
    }

    // Packets that come one of these ways meet the rules, and the policy.
    void judge_rewritten(Chain& chain, const std::vector<std::vector<Expr>>& ways) const {
        const std::string to =
            plan_.expects() ? std::string(output_entrance) : copy_name(output, {.rewritten = true});
        for (const std::vector<Expr>& way : ways) {
            if (has_rules(output)) {
                lead(chain, way, to, Verdict::jump);
            }
        }
        for (std::vector<Expr> way : ways) {
            if (model(output).policy == Policy::deny) {
                way.insert(way.end(), {nft::Counter{}, Decide{Verdict::drop, {}}});
                chain.rules.push_back(plain_rule(std::move(way)));
            }
        }
    }

    // Rules that only count, before all others and behind all others. Those that count both ways
    // stand in a chain that both ways lead to.
    void add_accounting() {
        const std::vector<fw::Rule>& rules = model(accounting).rules;
        const auto some = [&rules](auto holds) {
            return std::any_of(rules.begin(), rules.end(),
                               [&](const fw::Rule& rule) { return holds(rule.direction); });
        };
        const bool shared = some([](Direction way) { return way == Direction::both; });
        if (some([](Direction way) { return way != Direction::out; })) {
            account({.input = true, .packets = Packets::counted}, shared,
                    {"accounting.in",
                     compile::accounting_in_hook,
                     false,
                     {},
                     {"Counts what arrives, before anything is decided."}});
        }
        if (some([](Direction way) { return way != Direction::in; })) {
            account({.rewritten = true, .packets = Packets::counted}, shared,
                    {"accounting.out",
                     compile::accounting_out_hook,
                     false,
                     {},
                     {"Counts what leaves, once all is decided."}});
        }
        if (shared) {
            add_copies(accounting, 0);
        }
    }

    void account(const Situation& situation, bool shared, Chain base) {
        base.rules.push_back(from_frame(compile::uncounted_packets()));
        const std::string& name = plan_.copies(accounting).front().kernel_name;
        if (shared) {
            lead(base, {}, name);
        } else {
            add_rules(base, accounting, {name, situation});
        }
        add(std::move(base));
    }

    // --- Rules ---

    void add_copies(std::size_t chain, std::size_t first) {
        const std::vector<Copy>& copies = plan_.copies(chain);
        for (std::size_t i = first; i < copies.size(); ++i) {
            Chain made{copies[i].kernel_name, std::nullopt, false, {}, {}};
            if (copies[i].situation.packets == Packets::fragments && sees_suspects(chain)) {
                drop_suspects(made, true);
            }
            add_rules(made, chain, copies[i]);
            made.above = words_about(chain, copies[i]);
            if (i > 0) {
                copies_.push_back({made.name, copies.front().kernel_name,
                                   copies[i].situation.packets == Packets::fragments});
            }
            add(std::move(made));
        }
    }

    [[nodiscard]] std::vector<std::string> words_about(std::size_t chain, const Copy& copy) const {
        if (chain >= builtin_chains.size()) {
            const std::string& name = model(chain).name;
            const bool other = copy.kernel_name.starts_with("chain.") && !name.empty() &&
                               nft::printable_chain(name) == name;
            return other ? std::vector<std::string>{"It was called " + name + "."}
                         : std::vector<std::string>();
        }
        if (copy.situation.packets == Packets::fragments) {
            return {
                "What Linux 2.2 took for fragments: no ports, flags or types can be asked for."};
        }
        if (copy.situation.only_expected()) {
            return {"Connections that a helper has announced, whose ports are others today."};
        }
        return {};
    }

    void add_rules(Chain& to, std::size_t chain, const Copy& copy) {
        Situation situation = copy.situation;
        const Situation nowhere{.packets = situation.packets};
        situation.output = situation.output || situation == nowhere;  // no packet comes
        compile::Place place{model(chain).name, situation, [&](const std::string& target) {
                                 return plan_.meets_some(target, situation)
                                            ? plan_.copy_for(target, situation)
                                            : std::string();
                             }};
        place.dialect = original_.dialect;
        if (has_other_policy(original_.chains[chain])) {
            place.at_return = target_of(*original_.chains[chain].policy);
        }
        to.rules.reserve(to.rules.size() + model(chain).rules.size());
        for (const fw::Rule& rule : model(chain).rules) {
            Result<std::vector<std::vector<Expr>>> parts = compile::compile_clean_rule(rule, place);
            if (!parts) {
                note_error(parts.error(), rule.line);
                return;
            }
            for (std::vector<Expr>& part : *parts) {
                if (tracks_ && situation.packets == Packets::counted && !leave_out_offset(part)) {
                    continue;
                }
                to.rules.push_back(with_source(plain_rule(std::move(part)), rule.line));
            }
        }
        if (has_other_policy(original_.chains[chain]) && !to.rules.empty()) {
            to.rules.back().comment = "policy";
        }
    }

    // The first one, and where it is.
    void note_error(Error error, Line line) {
        if (line.number != 0 && line.number <= sources_.size()) {
            const SourceLine& source = sources_[line.number - 1];
            error.problem += ", line " + std::to_string(source.line) +
                             (source.file.empty() ? "" : " of " + source.file);
        }
        error_ = error_ ? error_ : std::move(error);
    }

    [[nodiscard]] Rule with_source(Rule rule, Line line) const {
        rule.line = line.number;
        if (line.number == 0 || line.number > sources_.size()) {
            return rule;
        }
        const SourceLine& source = sources_[line.number - 1];
        rule.named_ports = source.named_ports;
        rule.named_protocol = source.named_protocol;
        if (options_.comments) {
            add_source(source, rule);
        }
        return rule;
    }

    // --- What rewrites ---

    void add_handovers() {
        if (plan_.masquerades()) {
            add(from_frame(
                compile::masquerade_handover(),
                {"Labels a connection for nat.masquerade; what can't be rewritten stops."}));
        }
        for (const std::uint16_t port : plan_.redirect_ports()) {
            add(from_frame(
                compile::redirect_handover(port, plan_.redirect_label(port)),
                {"Labels a connection for nat.redirect; what can't be rewritten stops."}));
        }
    }

    // Helpers that nothing masquerades for have nothing to do.
    void add_forwards(std::vector<nft::Chain> chains) {
        for (nft::Chain& chain : chains) {
            if (plan_.masquerades() || chain.name != "masq.helpers") {
                const char* words = words_about_forwards(chain.name);
                add(from_frame(std::move(chain), {words}));
            }
        }
    }

    const Ruleset& ruleset_;
    const Ruleset& original_;
    const TranslateOptions& options_;
    const std::vector<SourceLine>& sources_;
    Plan plan_;
    bool sends_on_;
    bool tracks_;
    Table table_;
    std::vector<ChainCopy> copies_;
    std::optional<Error> error_;
};

// A built-in chain whose policy is none of nft's ends with that as its last rule, and RETURN means
// the same there.
void write_policy_out(fw::Chain& chain) {
    fw::Rule last;
    last.target = target_of(*chain.policy);
    chain.rules.push_back(std::move(last));
    chain.policy = Policy::accept;
}

}  // namespace

Result<Table> clean_table(const Ruleset& ruleset, const TranslateOptions& options,
                          const std::vector<SourceLine>& sources) {
    if (std::none_of(ruleset.chains.begin(), ruleset.chains.end(), has_other_policy)) {
        return Clean(ruleset, ruleset, options, sources).compile();
    }
    Ruleset written = ruleset;
    for (fw::Chain& chain : written.chains) {
        if (has_other_policy(chain)) {
            write_policy_out(chain);
        }
    }
    return Clean(written, ruleset, options, sources).compile();
}

}  // namespace fw::translate
