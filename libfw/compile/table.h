// A whole ruleset as a table of nf_tables. Each chain of the model is one regular chain, reached
// from base chains that place it in the packet's way and end with the policy:
//
//     input.hook      prerouting: all that arrives, addresses as on the wire
//     forward.hook    forward
//     output.hook     output: packets of local processes
//     output.routed   forward, behind forward.hook: forwarded packets, where REJECT can answer
//
// and, as long as something needs them,
//
//     output.masqueraded   postrouting: packets whose source was rewritten, as they leave
//     nat.masquerade, nat.redirect, and the chains of forwards.h
//
// A table of ipfwadm's has, as long as it has rules that only count,
//
//     accounting.in    prerouting, before input.hook
//     accounting.out   postrouting, behind all others
//
// both of which lead to the chain `accounting`; and later fragments of TCP, UDP and ICMP pass
// before they come to any rule that decides, as in Linux 2.0.
//
// Connection labels carry decisions over: 126 masqueraded, 127 sent on to an inner host, 125
// redirected, from 124 downward (ipfwadm: from 62) the port to which.
//
// A chain is copied only where one text can't serve: one that holds REJECT and is reached after
// the address was rewritten (the kernel refuses reject there), one that holds MASQ and is reached
// from forward and output, and one that looks at ports where helpers let connections in (see
// Situation). A copy is called NAME.rewritten, NAME.leaving, or NAME.expected and
// NAME.expected.leaving.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "compile/rule.h"
#include "fw/result.h"
#include "fw/ruleset.h"
#include "fw/settings.h"
#include "nft/ir.h"

namespace fw::compile {

[[nodiscard]] Result<nft::Table> compile_table(const Ruleset& ruleset,
                                               const Settings& settings = {});

// The form that the tools load and read back; and one for who reads it, in which rules say no more
// than they must. Packets that Linux 2.2 took for fragments are sorted out before they come to the
// rules, where that makes a difference, and meet copies called NAME.fragments.
enum class Form : std::uint8_t { managed, clean };

// One appearance of a model's chain in the kernel.
struct Copy {
    std::string kernel_name;
    Situation situation;
    bool operator==(const Copy&) const = default;
};

// What a ruleset asks of the table as a whole.
class Plan {
public:
    explicit Plan(const Ruleset& ruleset, const Settings& settings = {}, Form form = Form::managed);

    // At least one; the first has the chain's own name.
    [[nodiscard]] const std::vector<Copy>& copies(std::size_t chain) const {
        return chains_[chain].copies;
    }
    // The copy of `chain` that packets of the situation meet.
    [[nodiscard]] const std::string& copy_for(std::string_view chain,
                                              const Situation& situation) const;
    // The clean form: whether packets of the situation meet any rule there. If not, there may be no
    // copy for them.
    [[nodiscard]] bool meets_some(std::string_view chain, const Situation& situation) const;
    [[nodiscard]] bool masquerades() const { return masquerades_; }
    // Whether connections are rewritten on their way through: masqueraded, or sent on to inner
    // hosts.
    [[nodiscard]] bool forwards() const { return forwards_; }
    // Whether some of them are expected by helpers.
    [[nodiscard]] bool expects() const { return expects_; }
    // What the rules that lead into built-in chains carry; a change that can do without reading
    // the table looks at it.
    [[nodiscard]] std::string entrance() const;
    // The ports of REDIRECT, in order of appearance; each has its own label.
    [[nodiscard]] const std::vector<std::uint16_t>& redirect_ports() const { return ports_; }
    // Whether packets that have no ports are redirected to it, too: ipfwadm's rules may.
    [[nodiscard]] bool redirects_all(std::uint16_t port) const;
    [[nodiscard]] unsigned redirect_label(std::uint16_t port) const;
    [[nodiscard]] const std::vector<nft::Chain>& effect_chains() const { return effects_; }

    [[nodiscard]] const Settings& settings() const { return settings_; }
    [[nodiscard]] Dialect dialect() const { return ruleset_.dialect; }

    // Whether a rule that is the same in the same chain of two rulesets is compiled to the same.
    [[nodiscard]] bool same_surroundings(const Plan& other) const;

private:
    struct ChainPlan {
        Situation reached;
        Situation reached_by_fragments;  // the clean form; `reached` is by others, then
        bool sorts = false;  // likewise: it, or a chain below it, asks which are fragments
        bool meets_fragments = false;  // has a rule that fragments can meet
        bool rejects = false;          // it, or a chain below it, has REJECT
        bool masquerades = false;      // likewise MASQ
        bool ports = false;            // likewise a port of TCP or UDP
        std::vector<Copy> copies;
    };

    // In ipfwadm's chains, they do not come to any rule.
    [[nodiscard]] bool tells_fragments_apart() const {
        return form_ == Form::clean && ruleset_.dialect == Dialect::ipchains;
    }
    void reach(std::size_t chain, bool Situation::*from);
    void reach(std::size_t chain, bool Situation::*from, Packets packets);
    void look_below(std::size_t chain, std::vector<int>& state);
    [[nodiscard]] bool fragments_do_something(std::size_t chain, const Rule& rule) const;
    void choose_copies(std::size_t chain);
    static void add_copies(const std::string& name, Situation rest, ChainPlan& plan);
    void collect(const Rule& rule, const Situation& reached);
    [[nodiscard]] std::optional<std::size_t> index_of(std::string_view name) const;

    const Ruleset& ruleset_;
    Settings settings_;
    Form form_;
    std::vector<ChainPlan> chains_;
    bool masquerades_ = false;
    bool forwards_ = false;
    bool expects_ = false;
    bool logs_ = false;
    std::vector<std::uint16_t> ports_;
    std::vector<std::uint16_t> ports_of_all_;
    std::vector<nft::Chain> effects_;
};

// Compiles the rules of one chain, one at a time, as they stand in one of its copies. Refers to all
// three.
class RuleCompiler {
public:
    RuleCompiler(const std::string& chain, const Copy& copy, const Plan& plan);

    // `number` is the rule's in its chain, from 1.
    [[nodiscard]] Result<std::vector<nft::Rule>> compile(const Rule& rule,
                                                         std::size_t number) const;

private:
    Place place_;
    RedirectLabel label_;
    bool primary_;
};

// The parts of a table: rules of one chain (or some of them, `first` being the number of the first
// of them) in one of its copies, and what holds the table together.
[[nodiscard]] Result<std::vector<nft::Rule>> compile_rules(std::span<const Rule> rules,
                                                           std::size_t first,
                                                           const std::string& chain,
                                                           const Copy& copy, const Plan& plan);
[[nodiscard]] Result<nft::Table> compile_frame(const Ruleset& ruleset, const Plan& plan);

// Which chain of the model a kernel chain is, and whether it is its first copy; nothing for the
// chains that only hold the table together, and for those of other programs that have a dot.
struct Origin {
    std::string model;
    bool primary = true;
};
[[nodiscard]] std::optional<Origin> origin_of(std::string_view kernel_name);

// The names of the copies that a chain may have beside its first.
[[nodiscard]] std::vector<std::string> possible_copies(std::string_view model_name);

// Whether the kernel chain is one of the base chains above, and whose policy it ends with.
[[nodiscard]] std::optional<std::string_view> policy_chain(std::string_view kernel_name);
[[nodiscard]] bool is_frame_chain(std::string_view kernel_name);

// The identity of the rule by which a base chain jumps to the rules of its built-in chain: this,
// `numbered` behind it if rules carry their numbers (-l), and `expected` if chains have copies for
// expected connections.
inline constexpr std::string_view entrance_mark = "enter";
inline constexpr std::string_view numbered_mark = " numbered";
inline constexpr std::string_view expected_mark = " expected";

// The rule at the end of a base chain. ipfwadm's policies count nothing. `rewritten`: of
// output.masqueraded, where REJECT is a drop.
[[nodiscard]] nft::Rule compile_policy(Policy policy, const std::optional<Counters>& counters,
                                       bool rewritten);

}  // namespace fw::compile
