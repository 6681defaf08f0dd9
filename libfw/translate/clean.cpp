#include "translate/clean.h"

#include <algorithm>
#include <string>
#include <utility>

#include "compile/effects.h"
#include "compile/forwards.h"
#include "compile/frame.h"
#include "compile/rule.h"
#include "compile/table.h"
#include "nft/name.h"
#include "translate/clean_chains.h"
#include "translate/fold.h"
#include "translate/parts.h"

namespace fw::translate {

using compile::Copy;
using compile::Form;
using compile::Packets;
using compile::Situation;
using nft::Compare;
using nft::Decide;
using nft::Expr;
using nft::Field;
using nft::Op;
using nft::Verdict;

namespace {

// A policy that nft has no word for.
bool has_other_policy(const fw::Chain& chain) {
    return chain.policy == Policy::reject || chain.policy == Policy::masquerade;
}
Target target_of(Policy policy) {
    return policy == Policy::reject ? Target(Reject{}) : Target(Masquerade{});
}

// Behind connection tracking no packet is a later fragment: takes out that it is none. False for
// tests that ask for one.
bool leave_out_offset(std::vector<Expr>& tests) {
    const auto by_offset = [](Op op) { return Expr(Compare{Field::ip_frag_off, op, 0, 0x1fff}); };
    std::erase(tests, by_offset(Op::eq));
    return std::find(tests.begin(), tests.end(), by_offset(Op::ne)) == tests.end();
}

bool speaks_of_inner_hosts(nft::Rule& rule) {
    std::vector<Expr>& tests = rule.expressions;
    std::erase(tests, Expr(nft::HasLabel{compile::forward_label, true}));
    return std::find(tests.begin(), tests.end(), Expr(nft::HasLabel{compile::forward_label})) !=
           tests.end();
}

// A built-in chain whose policy is none of nft's ends with that as its last rule, and RETURN means
// the same there.
void write_policy_out(fw::Chain& chain) {
    fw::Rule last;
    last.target = target_of(*chain.policy);
    chain.rules.push_back(std::move(last));
    chain.policy = Policy::accept;
}

}  // namespace

// --- The table ---

Clean::Clean(const Ruleset& ruleset, const Ruleset& original, const TranslateOptions& options,
             const std::vector<SourceLine>& sources)
    : ruleset_(ruleset),
      original_(original),
      options_(options),
      sources_(sources),
      plan_(ruleset, {}, Form::clean),
      sends_on_(compile::sends_on(ruleset) || plan_.expects()),
      tracks_(plan_.forwards() || redirects()) {}

Result<Table> Clean::compile() {
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
    add_effects();
    add_forwards(std::move(forwards.chains));
    add_nat();
    if (error_) {
        return std::move(*error_);
    }
    fold(table_, copies_);
    return std::move(table_);
}

Chain Clean::base(std::string_view name, const nft::Base& where, std::size_t chain,
                  const char* above) const {
    return {std::string(name), where, model(chain).policy == Policy::deny, {}, {above}};
}

// --- The ways into the rules ---

const std::string& Clean::copy_name(std::size_t chain, Situation situation, Packets packets) const {
    situation.packets = packets;
    return plan_.copy_for(model(chain).name, situation);
}
bool Clean::has_copy(std::size_t chain, Packets packets) const {
    const std::vector<Copy>& copies = plan_.copies(chain);
    return std::any_of(copies.begin(), copies.end(),
                       [packets](const Copy& copy) { return copy.situation.packets == packets; });
}
void Clean::lead(Chain& from, std::vector<Expr> tests, const std::string& to, Verdict how) const {
    tests.emplace_back(Decide{how, to});
    from.rules.push_back(plain_rule(std::move(tests)));
}

// Rules of the frame as the tools load them; without what says something of connections to
// inner hosts, if there are none.
void Clean::settle(Chain& chain, std::vector<nft::Rule> rules) const {
    for (nft::Rule& rule : rules) {
        if (sends_on_ || !speaks_of_inner_hosts(rule)) {
            chain.rules.push_back(from_frame(std::move(rule)));
        }
    }
}

// --- The built-in chains ---

void Clean::add_input() {
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
void Clean::add_with_rules(Chain base, std::size_t chain, const Situation& situation) {
    lead_fragments(base, chain, situation);
    add_rules(base, chain, plan_.copies(chain).front());
    add(std::move(base));
}

// Connections that a helper waits for are known by what they came from, not by their port.
void Clean::lead_expected(Chain& base) const {
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
    lead(base, {has_status(compile::status_expected), has_status(compile::status_snat), reply()},
         to);
}

void Clean::add_forward() {
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

// --- Rules ---

void Clean::add_copies(std::size_t chain, std::size_t first) {
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

std::vector<std::string> Clean::words_about(std::size_t chain, const Copy& copy) const {
    if (chain >= builtin_chains.size()) {
        const std::string& name = model(chain).name;
        const bool other = copy.kernel_name.starts_with("chain.") && !name.empty() &&
                           nft::printable_chain(name) == name;
        return other ? std::vector<std::string>{"It was called " + name + "."}
                     : std::vector<std::string>();
    }
    if (copy.situation.packets == Packets::fragments) {
        return {"What Linux 2.2 took for fragments: no ports, flags or types can be asked for."};
    }
    if (copy.situation.only_expected()) {
        return {"Connections that a helper has announced, whose ports are others today."};
    }
    return {};
}

void Clean::add_rules(Chain& to, std::size_t chain, const Copy& copy) {
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
void Clean::note_error(Error error, Line line) {
    if (line.number != 0 && line.number <= sources_.size()) {
        const SourceLine& source = sources_[line.number - 1];
        error.problem += ", line " + std::to_string(source.line) +
                         (source.file.empty() ? "" : " of " + source.file);
    }
    error_ = error_ ? error_ : std::move(error);
}

Rule Clean::with_source(Rule rule, Line line) const {
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

void Clean::add_handovers() {
    if (plan_.masquerades()) {
        add(from_frame(compile::masquerade_handover(),
                       {"Labels a connection for nat.masquerade; what can't be rewritten stops."}));
    }
    for (const std::uint16_t port : plan_.redirect_ports()) {
        add(from_frame(compile::redirect_handover(port, plan_.redirect_label(port)),
                       {"Labels a connection for nat.redirect; what can't be rewritten stops."}));
    }
}

// Helpers that nothing masquerades for have nothing to do.
void Clean::add_forwards(std::vector<nft::Chain> chains) {
    for (nft::Chain& chain : chains) {
        if (plan_.masquerades() || chain.name != "masq.helpers") {
            const char* words = words_about_forwards(chain.name);
            add(from_frame(std::move(chain), {words}));
        }
    }
}

void Clean::add_effects() {
    for (nft::Chain chain : plan_.effect_chains()) {
        const bool mark = chain.name.starts_with("mark.");
        add(from_frame(std::move(chain), {mark ? "Adds a number to the mark, or takes it away."
                                               : "Changes some bits of the TOS byte."}));
    }
}

void Clean::add_nat() {
    for (nft::Chain& chain : compile::nat_chains(plan_)) {
        const bool redirect = chain.name == "nat.redirect";
        const std::string ports = std::string("The ports are those of Linux ") +
                                  (of_linux_2_0() ? "2.0" : "2.2") +
                                  ", but for the key exchange of IPsec.";
        add(merged_protocols(
            from_frame(std::move(chain),
                       {redirect ? "To this machine, whatever their address." : ports})));
    }
}

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
