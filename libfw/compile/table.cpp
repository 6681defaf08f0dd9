#include "compile/table.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "compile/effects.h"

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

// Priorities: behind conntrack (-200) and before dstnat (-100); filter; behind it; srcnat; behind.
constexpr nft::Base input_hook{BaseType::filter, HookPoint::prerouting, -150};
constexpr nft::Base forward_hook{BaseType::filter, HookPoint::forward, 0};
constexpr nft::Base output_hook{BaseType::filter, HookPoint::output, 0};
constexpr nft::Base routed_hook{BaseType::filter, HookPoint::forward, 10};
constexpr nft::Base rewritten_hook{BaseType::filter, HookPoint::postrouting, 150};
constexpr nft::Base redirect_hook{BaseType::nat, HookPoint::prerouting, -100};
constexpr nft::Base masquerade_hook{BaseType::nat, HookPoint::postrouting, 100};

// Ports of masqueraded connections in Linux 2.2: 61000 up to, not including, 65096.
constexpr std::uint16_t masquerade_first = 61000;
constexpr std::uint16_t masquerade_last = 65095;

nft::Rule frame(std::vector<Expr> expressions) { return {Kind::frame, {}, std::move(expressions)}; }

Decide accept() { return {Verdict::accept, {}}; }

// Linux 2.2 dropped these before it looked at any rule.
void drop_suspects(nft::Chain& chain) {
    // ip frag-off & 0x1fff == 1 ip protocol tcp drop
    chain.rules.push_back(
        frame({Compare{Field::ip_frag_off, Op::eq, 1, 0x1fff},
               Compare{Field::ip_protocol, Op::eq, protocol_tcp}, Decide{Verdict::drop, {}}}));
    // ip frag-off & 0x3fff == 0x2000 <a packet that ends too early> drop
    chain.rules.push_back(frame({Compare{Field::ip_frag_off, Op::eq, 0x2000, 0x3fff},
                                 nft::IsFragment{false}, Decide{Verdict::drop, {}}}));
}

struct Frame {
    const Ruleset& ruleset;
    const Plan& plan;
    std::vector<nft::Chain>& chains;

    nft::Chain& begin(std::string_view name, const nft::Base& base) {
        chains.push_back({std::string(name), base, {}});
        return chains.back();
    }

    void enter(nft::Chain& chain, std::size_t model, const Situation& situation,
               std::vector<Expr> tests) {
        tests.push_back(
            Decide{Verdict::jump, plan.copy_for(ruleset.chains[model].name, situation)});
        chain.rules.push_back({Kind::frame, std::string(entrance_mark), std::move(tests)});
    }

    void end(nft::Chain& chain, std::size_t model, bool counts, bool rewritten,
             std::vector<Expr> tests) {
        const fw::Chain& builtin = ruleset.chains[model];
        nft::Rule rule = compile_policy(*builtin.policy,
                                        counts ? builtin.policy_counters : Counters{}, rewritten);
        rule.expressions.insert(rule.expressions.begin(), tests.begin(), tests.end());
        chain.rules.push_back(std::move(rule));
    }

    void input() {
        nft::Chain& chain = begin("input.hook", input_hook);
        drop_suspects(chain);
        enter(chain, 0, {true, false, false, false}, {});
        end(chain, 0, true, false, {});
    }

    void forward() {
        nft::Chain& chain = begin("forward.hook", forward_hook);
        if (plan.masquerades()) {
            // ct label 126 ct direction reply accept: replies go straight to output
            chain.rules.push_back(frame({nft::HasLabel{masquerade_label},
                                         Compare{Field::ct_direction, Op::eq, 1}, accept()}));
        }
        enter(chain, 1, {false, true, false, false}, {});
        if (ruleset.chains[1].policy == Policy::masquerade) {
            // ct state invalid drop: as where a rule masquerades
            chain.rules.push_back(frame({invalid_packet(), Decide{Verdict::drop, {}}}));
        }
        end(chain, 1, true, false, {});
    }

    void output() {
        nft::Chain& local = begin("output.hook", output_hook);
        drop_suspects(local);
        enter(local, 2, {false, false, true, false}, {});
        end(local, 2, true, false, {});

        nft::Chain& routed = begin("output.routed", routed_hook);
        if (plan.masquerades()) {
            // ct label 126 ct direction original accept: output sees them once rewritten
            routed.rules.push_back(frame({nft::HasLabel{masquerade_label},
                                          Compare{Field::ct_direction, Op::eq, 0}, accept()}));
        }
        enter(routed, 2, {false, false, true, false}, {});
        end(routed, 2, false, false, {});

        if (plan.masquerades()) {
            const std::vector<Expr> masqueraded = {nft::HasLabel{masquerade_label},
                                                   Compare{Field::ct_direction, Op::eq, 0}};
            nft::Chain& rewritten = begin("output.masqueraded", rewritten_hook);
            enter(rewritten, 2, {false, false, false, true}, masqueraded);
            end(rewritten, 2, false, true, masqueraded);
        }
    }

    void nat() {
        if (!plan.redirect_ports().empty()) {
            nft::Chain& chain = begin("nat.redirect", redirect_hook);
            for (const std::uint16_t port : plan.redirect_ports()) {
                for (const std::uint16_t protocol : {protocol_tcp, protocol_udp}) {
                    // meta l4proto tcp ct label 125 redirect to :8080
                    chain.rules.push_back(
                        frame({Compare{Field::l4proto, Op::eq, protocol},
                               nft::HasLabel{plan.redirect_label(port)}, nft::RedirectTo{port}}));
                }
            }
        }
        if (plan.masquerades()) {
            nft::Chain& chain = begin("nat.masquerade", masquerade_hook);
            for (const std::uint16_t protocol : {protocol_tcp, protocol_udp}) {
                // meta l4proto tcp ct label 126 masquerade to :61000-65095
                chain.rules.push_back(frame(
                    {Compare{Field::l4proto, Op::eq, protocol}, nft::HasLabel{masquerade_label},
                     nft::MasqueradeTo{masquerade_first, masquerade_last}}));
            }
            chain.rules.push_back(frame({nft::HasLabel{masquerade_label}, nft::MasqueradeTo{}}));
        }
    }
};

// A packet is counted in the copy that it meets; what a listing has shown so far is in the first.
void forget_counts(nft::Rule& rule) {
    for (Expr& expression : rule.expressions) {
        if (auto* counter = std::get_if<nft::Counter>(&expression)) {
            counter->counters = {};
        }
    }
}

}  // namespace

Result<std::vector<nft::Rule>> compile_rules(std::span<const Rule> rules, const std::string& chain,
                                             const Copy& copy, const Plan& plan) {
    const Place place{chain, copy.situation, [&](const std::string& target) {
                          return plan.copy_for(target, copy.situation);
                      }};
    const RedirectLabel label = [&](std::uint16_t port) { return plan.redirect_label(port); };
    const bool primary = origin_of(copy.kernel_name).value_or(Origin{}).primary;
    std::vector<nft::Rule> compiled;
    compiled.reserve(rules.size());
    for (const Rule& rule : rules) {
        Result<std::vector<nft::Rule>> parts = compile_rule(rule, place, label);
        if (!parts) {
            return parts.error();
        }
        if (!primary) {
            forget_counts(parts->front());
        }
        std::move(parts->begin(), parts->end(), std::back_inserter(compiled));
    }
    return compiled;
}

Result<std::vector<nft::Chain>> compile_frame(const Ruleset& ruleset, const Plan& plan) {
    if (plan.redirect_ports().size() > masquerade_label) {
        return Error{Code::unsupported, "REDIRECT", -1,
                     "connection tracking has labels for 126 different ports only",
                     "redirect to fewer ports"};
    }
    std::vector<nft::Chain> chains = plan.effect_chains();
    Frame frame{ruleset, plan, chains};
    frame.input();
    frame.forward();
    frame.output();
    frame.nat();
    return chains;
}

Result<nft::Table> compile_table(const Ruleset& ruleset) {
    const Plan plan(ruleset);
    nft::Table table;
    for (std::size_t i = 0; i < ruleset.chains.size(); ++i) {
        const Chain& chain = ruleset.chains[i];
        for (const Copy& copy : plan.copies(i)) {
            Result<std::vector<nft::Rule>> rules =
                compile_rules(chain.rules, chain.name, copy, plan);
            if (!rules) {
                return rules.error();
            }
            table.chains.push_back({copy.kernel_name, std::nullopt, std::move(*rules)});
        }
    }
    Result<std::vector<nft::Chain>> frame = compile_frame(ruleset, plan);
    if (!frame) {
        return frame.error();
    }
    std::move(frame->begin(), frame->end(), std::back_inserter(table.chains));
    return table;
}

nft::Rule compile_policy(Policy policy, const Counters& counters, bool rewritten) {
    nft::Rule rule{Kind::policy, std::string(policy_name(policy)), {nft::Counter{counters}}};
    switch (policy) {
        case Policy::accept: rule.expressions.push_back(accept()); break;
        case Policy::deny: rule.expressions.push_back(Decide{Verdict::drop, {}}); break;
        case Policy::reject:
            if (rewritten) {
                rule.expressions.push_back(Decide{Verdict::drop, {}});
            } else {
                rule.expressions.push_back(nft::RejectPacket{});
            }
            break;
        case Policy::masquerade:
            rule.expressions.push_back(nft::SetLabel{masquerade_label});
            rule.expressions.push_back(accept());
            break;
    }
    return rule;
}

std::optional<std::string_view> policy_chain(std::string_view kernel_name) {
    static constexpr std::pair<std::string_view, std::string_view> owners[] = {
        {"input.hook", "input"},     {"forward.hook", "forward"},      {"output.hook", "output"},
        {"output.routed", "output"}, {"output.masqueraded", "output"},
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
           kernel_name == "nat.masquerade" || is_effect_chain(kernel_name);
}

}  // namespace fw::compile
