#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "compile/frame.h"
#include "translate/clean_chains.h"
#include "translate/parts.h"

namespace fw::translate {

using nft::Compare;
using nft::Decide;
using nft::Expr;
using nft::Field;
using nft::Op;
using nft::Verdict;

namespace {

constexpr std::string_view output_entrance = "output.entrance";

// Another program's nat chain may have come first.
void stop_unrewritten(Chain& chain) {
    chain.rules.push_back(plain_rule({nft::HasLabel{compile::masquerade_label},
                                      Compare{Field::ct_status, Op::eq, 0,
                                              compile::status_snat | compile::status_dnat},
                                      Decide{Verdict::drop, {}}},
                                     "was not rewritten"));
}

}  // namespace

void Clean::add_output() {
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
void Clean::add_with_way(Chain base) {
    if (has_rules(output)) {
        lead_fragments(base, output, {.output = true});
        lead(base, {}, copy_name(output, {.output = true}));
    }
    add(std::move(base));
}

// What output sees as it leaves, with another source than it came with.
void Clean::add_rewritten() {
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
        add_entrance();
    }
}

// What a helper has announced apart from all else, if output has a chain for it.
void Clean::add_entrance() {
    Chain ways{std::string(output_entrance), std::nullopt, false, {}, {}};
    const std::string& expected = copy_name(output, {.rewritten_expected = true});
    const std::string& others = copy_name(output, {.rewritten = true});
    if (expected != others) {
        lead(ways, {has_status(compile::status_expected)}, expected);
    }
    lead(ways, {}, others);
    add(std::move(ways));
}

// Packets that come one of these ways meet the rules, and the policy.
void Clean::judge_rewritten(Chain& chain, const std::vector<std::vector<Expr>>& ways) const {
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

}  // namespace fw::translate
