// What holds a table together: the base chains, and how packets come from them to the chains of the
// model and to the policies.
#include "compile/frame.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "compile/effects.h"
#include "compile/forwards.h"
#include "compile/table.h"

namespace fw::compile {

namespace {

using nft::BaseType;
using nft::Compare;
using nft::Decide;
using nft::Expr;
using nft::Field;
using nft::HookPoint;
using nft::Kind;
using nft::Op;
using nft::Verdict;

// Key exchange of IPsec, which many expect to come from the port that it goes to (RFC 2408).
constexpr std::uint16_t isakmp_port = 500;

constexpr std::string_view see_rewritten = "see output.masqueraded";
constexpr std::string_view seen_by_output = "output has seen it";

constexpr const char* input_entrance = "input.entrance";
constexpr const char* output_entrance = "output.entrance";

Decide accept() { return {Verdict::accept, {}}; }
Decide drop() { return {Verdict::drop, {}}; }

Compare original() { return {Field::ct_direction, Op::eq, 0}; }
Compare reply() { return {Field::ct_direction, Op::eq, 1}; }
Compare l4proto(std::uint16_t number) { return {Field::l4proto, Op::eq, number}; }
Compare icmp() { return {Field::ip_protocol, Op::eq, protocol_icmp}; }

Compare has_status(std::uint32_t bit) { return {Field::ct_status, Op::ne, 0, bit}; }

// ct state [!] related: an ICMP error about a connection, or the first of an expected one.
constexpr std::uint32_t related_bit = 4;  // NF_CT_STATE_BIT(IP_CT_RELATED)
Compare related() { return {Field::ct_state, Op::ne, 0, related_bit}; }
Compare unrelated() { return {Field::ct_state, Op::eq, 0, related_bit}; }

nft::Rule settled(std::vector<Expr> tests, Decide verdict, std::string_view comment) {
    tests.emplace_back(std::move(verdict));
    return nft::frame_rule(std::move(tests), comment);
}

struct Frame {
    const Ruleset& ruleset;
    const Plan& plan;
    std::vector<nft::Chain>& chains;

    [[nodiscard]] bool redirects() const { return !plan.redirect_ports().empty(); }

    nft::Chain& begin(std::string_view name, const nft::Base& base) {
        chains.push_back({std::string(name), base, {}});
        return chains.back();
    }

    static void append(nft::Chain& chain, std::vector<nft::Rule> rules) {
        std::move(rules.begin(), rules.end(), std::back_inserter(chain.rules));
    }

    // A rule that ends a packet's way through the chain.
    static void settle(nft::Chain& chain, std::vector<Expr> tests, Decide verdict,
                       std::string_view comment) {
        chain.rules.push_back(settled(std::move(tests), std::move(verdict), comment));
    }

    // Leads to the model's chain: with a jump, or, for those of a kind, with a goto from a chain
    // that is jumped to.
    void enter(nft::Chain& chain, std::size_t model, const Situation& situation,
               std::vector<Expr> tests, Verdict how = Verdict::jump) {
        tests.push_back(Decide{how, plan.copy_for(ruleset.chains[model].name, situation)});
        chain.rules.push_back({Kind::frame, plan.entrance(), std::move(tests)});
    }
    // The same, but for nothing if what all others meet is the same.
    void enter_if_other(nft::Chain& chain, std::size_t model, const Situation& situation,
                        const Situation& others, std::vector<Expr> tests) {
        const std::string& name = ruleset.chains[model].name;
        if (plan.copy_for(name, situation) != plan.copy_for(name, others)) {
            enter(chain, model, situation, std::move(tests), Verdict::go_to);
        }
    }
    void enter_by(nft::Chain& chain, const char* entrance, std::vector<Expr> tests) {
        tests.push_back(Decide{Verdict::jump, entrance});
        chain.rules.push_back({Kind::frame, plan.entrance(), std::move(tests)});
    }

    void end(nft::Chain& chain, std::size_t model, bool counts, bool rewritten,
             std::vector<Expr> tests) {
        const fw::Chain& builtin = ruleset.chains[model];
        std::optional<Counters> counters;
        if (ruleset.dialect == Dialect::ipchains) {
            counters = counts ? builtin.policy_counters : Counters{};
        }
        nft::Rule rule = compile_policy(*builtin.policy, counters, rewritten);
        rule.expressions.insert(rule.expressions.begin(), tests.begin(), tests.end());
        chain.rules.push_back(std::move(rule));
    }

    void settle_fragments(nft::Chain& chain) { append(chain, suspect_fragments(ruleset.dialect)); }
    // Where what is suspect does not come any more.
    void let_fragments_pass(nft::Chain& chain) {
        if (ruleset.dialect == Dialect::ipfwadm) {
            chain.rules.push_back(later_fragments());
        }
    }

    void input() {
        nft::Chain& chain = begin("input.hook", input_hook);
        settle_fragments(chain);
        if (plan.expects()) {
            enter_by(chain, input_entrance, {});
        } else {
            enter(chain, 0, {.input = true}, {});
        }
        end(chain, 0, true, false, {});
        if (plan.expects()) {
            expected_input();
        }
    }

    // Connections that a helper waits for are known by what they came from, not by their port.
    void expected_input() {
        chains.push_back({input_entrance, std::nullopt, {}});
        nft::Chain& chain = chains.back();
        // ct status expected ct status dnat ct direction original ct label set 127 goto ...
        enter(chain, 0, {.input_expected = true},
              {has_status(status_expected), has_status(status_dnat), original(),
               nft::SetLabel{forward_label}},
              Verdict::go_to);
        // ct status expected ct status snat ct direction reply goto input.expected
        enter_if_other(chain, 0, {.input_expected = true}, {.input = true},
                       {has_status(status_expected), has_status(status_snat), reply()});
        enter(chain, 0, {.input = true}, {}, Verdict::go_to);
    }

    void forward() {
        nft::Chain& chain = begin("forward.hook", forward_hook);
        let_fragments_pass(chain);
        if (plan.forwards()) {
            append(chain, already_decided());
        }
        enter(chain, 1, {.forward = true}, {});
        end(chain, 1, true, false, {});
        if (ruleset.chains[1].policy == Policy::masquerade) {
            settle(chain, {}, drop(), no_rewriting);
        }
    }

    void output() {
        nft::Chain& local = begin("output.hook", output_hook);
        settle_fragments(local);
        if (redirects()) {
            // ct direction reply ct label 125 accept: answers of redirected connections
            settle(local, {reply(), nft::HasLabel{redirected_label}}, accept(), see_rewritten);
        }
        enter(local, 2, {.output = true}, {});
        end(local, 2, true, false, {});

        nft::Chain& routed = begin("output.routed", routed_hook);
        let_fragments_pass(routed);
        if (plan.forwards()) {
            append(routed, rewritten_later());
        }
        enter(routed, 2, {.output = true}, {});
        end(routed, 2, false, false, {});

        if (plan.forwards() || redirects()) {
            rewritten();
        }
        if (plan.expects()) {
            chains.push_back({output_entrance, std::nullopt, {}});
            nft::Chain& chain = chains.back();
            enter_if_other(chain, 2, {.rewritten_expected = true}, {.rewritten = true},
                           {has_status(status_expected)});
            enter(chain, 2, {.rewritten = true}, {}, Verdict::go_to);
        }
    }

    // Rules that only count, if there are any.
    void accounting() {
        const fw::Chain* found = ruleset.find(accounting_chain);
        if (ruleset.dialect != Dialect::ipfwadm || found == nullptr || found->rules.empty()) {
            return;
        }
        const auto index = static_cast<std::size_t>(found - ruleset.chains.data());
        for (const auto& [name, base] : {std::pair("accounting.in", accounting_in_hook),
                                         std::pair("accounting.out", accounting_out_hook)}) {
            nft::Chain& chain = begin(name, base);
            chain.rules.push_back(uncounted_packets());
            enter(chain, index, {.input = true, .rewritten = true}, {});
            end(chain, index, false, false, {});
        }
    }

    // What output sees as it leaves, with another source than it came with.
    void rewritten() {
        nft::Chain& chain = begin("output.masqueraded", rewritten_hook);
        if (redirects()) {
            judge_rewritten(chain, {{reply(), nft::HasLabel{redirected_label}}});
        }
        if (!plan.forwards()) {
            return;
        }
        // Our own ICMP errors belong to what they are about.
        settle(chain, {Compare{Field::iif, Op::eq, 0}}, accept(), seen_by_output);
        settle(chain, {original(), nft::HasLabel{forward_label}}, accept(), seen_by_output);
        // Another program's nat chain may have come first.
        settle(chain,
               {nft::HasLabel{masquerade_label},
                Compare{Field::ct_status, Op::eq, 0, status_snat | status_dnat}},
               drop(), "was not rewritten");
        judge_rewritten(chain, {{reply(), nft::HasLabel{forward_label}, has_status(status_dnat)},
                                {original(), nft::HasLabel{masquerade_label}}});
    }

    // Leads packets that come one of these ways to output, and to its policy.
    void judge_rewritten(nft::Chain& chain, const std::vector<std::vector<Expr>>& ways) {
        for (const std::vector<Expr>& way : ways) {
            if (plan.expects()) {
                enter_by(chain, output_entrance, way);
            } else {
                enter(chain, 2, {.rewritten = true}, way);
            }
        }
        for (const std::vector<Expr>& way : ways) {
            end(chain, 2, false, true, way);
        }
    }
};

}  // namespace

std::vector<nft::Rule> suspect_fragments(Dialect dialect) {
    if (dialect == Dialect::ipfwadm) {
        return {settled({Compare{Field::ip_frag_off, Op::eq, 1, 0x1fff},
                         Compare{Field::ip_protocol, Op::eq, protocol_tcp}},
                        drop(), "fragment that would hide TCP flags"),
                later_fragments(), settled({nft::IsFragment{false}}, drop(), "too short")};
    }
    return {settled({Compare{Field::ip_frag_off, Op::eq, 1, 0x1fff},
                     Compare{Field::ip_protocol, Op::eq, protocol_tcp}},
                    drop(), "fragment that would hide TCP flags"),
            settled({Compare{Field::ip_frag_off, Op::eq, 0x2000, 0x3fff}, nft::IsFragment{false}},
                    drop(), "first fragment too short")};
}

// ip frag-off & 0x1fff != 0x0 ip protocol { icmp, tcp, udp } accept
nft::Rule later_fragments() {
    return settled({Compare{Field::ip_frag_off, Op::ne, 0, 0x1fff},
                    nft::InRanges{Field::ip_protocol,
                                  false,
                                  {{protocol_icmp, protocol_icmp},
                                   {protocol_tcp, protocol_tcp},
                                   {protocol_udp, protocol_udp}}}},
                   accept(), "later fragments");
}

nft::Rule uncounted_packets() {
    return settled({nft::IsFragment{false}}, accept(), "never counted");
}

std::vector<nft::Rule> already_decided() {
    return {settled({reply(), nft::HasLabel{masquerade_label}, has_status(status_snat)}, accept(),
                    "answers"),
            settled({icmp(), related(), nft::HasLabel{masquerade_label}}, accept(), "errors"),
            settled({original(), nft::HasLabel{forward_label}}, accept(), "to an inner host"),
            settled({icmp(), related(), nft::HasLabel{forward_label}}, accept(), "errors")};
}

std::vector<nft::Rule> rewritten_later() {
    return {settled({reply(), nft::HasLabel{forward_label}, nft::HasLabel{masquerade_label, true},
                     unrelated()},
                    drop(), "answers without MASQ"),
            settled({reply(), nft::HasLabel{forward_label}}, accept(), see_rewritten),
            settled({original(), nft::HasLabel{masquerade_label},
                     nft::HasLabel{forward_label, true}},
                    accept(), see_rewritten)};
}

std::vector<nft::Chain> nat_chains(const Plan& plan) {
    std::vector<nft::Chain> chains;
    if (!plan.redirect_ports().empty()) {
        nft::Chain chain{"nat.redirect", redirect_hook, {}};
        for (const std::uint16_t port : plan.redirect_ports()) {
            const bool all = plan.redirects_all(port);
            for (const std::uint16_t protocol : {protocol_tcp, protocol_udp}) {
                // meta l4proto tcp ct label 124 ct label set 125 redirect to :8080
                if (!all || port != 0) {
                    chain.rules.push_back(nft::frame_rule(
                        {l4proto(protocol), nft::HasLabel{plan.redirect_label(port)},
                         nft::SetLabel{redirected_label}, nft::RedirectTo{port}}));
                }
            }
            if (all) {
                // ct label 124 ct label set 125 redirect
                chain.rules.push_back(
                    nft::frame_rule({nft::HasLabel{plan.redirect_label(port)},
                                     nft::SetLabel{redirected_label}, nft::RedirectTo{}}));
            }
        }
        chains.push_back(std::move(chain));
    }
    if (plan.masquerades()) {
        nft::Chain chain{"nat.masquerade", masquerade_hook, {}};
        // udp sport 500 udp dport 500 ct label 126 masquerade
        chain.rules.push_back(
            nft::frame_rule({l4proto(protocol_udp), Compare{Field::udp_sport, Op::eq, isakmp_port},
                             Compare{Field::udp_dport, Op::eq, isakmp_port},
                             nft::HasLabel{masquerade_label}, nft::MasqueradeTo{}}));
        for (const std::uint16_t protocol : {protocol_tcp, protocol_udp}) {
            // meta l4proto tcp ct label 126 masquerade to :61000-65095
            chain.rules.push_back(nft::frame_rule(
                {l4proto(protocol), nft::HasLabel{masquerade_label},
                 nft::MasqueradeTo{masquerade_ports.first, masquerade_ports.last}}));
        }
        chain.rules.push_back(
            nft::frame_rule({nft::HasLabel{masquerade_label}, nft::MasqueradeTo{}}));
        chains.push_back(std::move(chain));
    }
    return chains;
}

Result<nft::Table> compile_frame(const Ruleset& ruleset, const Plan& plan) {
    const unsigned labels = labels_of_redirects(ruleset.dialect);
    if (plan.redirect_ports().size() > labels) {
        return Error{Code::unsupported, "REDIRECT", -1,
                     "connection tracking has labels for " + std::to_string(labels) +
                         " different ports only",
                     "redirect to fewer ports"};
    }
    nft::Table table = compile_forwards(ruleset, plan.masquerades());
    std::vector<nft::Chain> chains = plan.effect_chains();
    Frame frame{ruleset, plan, chains};
    frame.input();
    frame.forward();
    frame.output();
    frame.accounting();
    std::vector<nft::Chain> nat = nat_chains(plan);
    std::move(nat.begin(), nat.end(), std::back_inserter(chains));
    table.chains.insert(table.chains.begin(), std::make_move_iterator(chains.begin()),
                        std::make_move_iterator(chains.end()));
    return table;
}

nft::Rule compile_policy(Policy policy, const std::optional<Counters>& counters, bool rewritten) {
    nft::Rule rule{Kind::policy, std::string(policy_name(policy)), {}};
    if (counters) {
        rule.expressions.emplace_back(nft::Counter{*counters});
    }
    switch (policy) {
        case Policy::accept: rule.expressions.push_back(accept()); break;
        case Policy::deny: rule.expressions.push_back(drop()); break;
        case Policy::reject:
            if (rewritten) {
                rule.expressions.push_back(drop());
            } else {
                rule.expressions.push_back(nft::RejectPacket{});
            }
            break;
        case Policy::masquerade:
            hand_over(masquerade_label, status_snat | status_dnat, rule.expressions);
            break;
    }
    return rule;
}

std::optional<std::string_view> policy_chain(std::string_view kernel_name) {
    static constexpr std::pair<std::string_view, std::string_view> owners[] = {
        {"input.hook", "input"},
        {"forward.hook", "forward"},
        {"output.hook", "output"},
        {"output.routed", "output"},
        {"output.masqueraded", "output"},
        {"accounting.in", accounting_chain},
        {"accounting.out", accounting_chain},
    };
    for (const auto& [chain, owner] : owners) {
        if (chain == kernel_name) {
            return owner;
        }
    }
    return std::nullopt;
}

bool is_frame_chain(std::string_view kernel_name) {
    return policy_chain(kernel_name) || kernel_name == "nat.redirect" ||
           kernel_name == "nat.masquerade" || kernel_name == input_entrance ||
           kernel_name == output_entrance || is_forward_chain(kernel_name) ||
           is_effect_chain(kernel_name);
}

}  // namespace fw::compile
