// The chains of a clean table (clean.h), one after the other. clean.cpp makes them and their rules,
// clean_output.cpp those around output, clean_fragments.cpp what the kernels of then settled
// without asking a rule, and what ipfwadm counts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "compile/table.h"
#include "fw/ruleset.h"
#include "fw/translate.h"
#include "nft/ir.h"
#include "translate/fold.h"
#include "translate/table.h"

namespace fw::translate {

class Clean {
public:
    // `original`: before policies were written out. All four outlive it.
    Clean(const Ruleset& ruleset, const Ruleset& original, const TranslateOptions& options,
          const std::vector<SourceLine>& sources);

    // Once. Errors: as of clean_table.
    [[nodiscard]] Result<Table> compile();

private:
    using Tests = std::vector<nft::Expr>;

    static nft::Compare has_status(std::uint32_t bit) {
        return {nft::Field::ct_status, nft::Op::ne, 0, bit};
    }
    static nft::Compare original() { return {nft::Field::ct_direction, nft::Op::eq, 0}; }
    static nft::Compare reply() { return {nft::Field::ct_direction, nft::Op::eq, 1}; }

    // Chains of the model, by their index.
    static constexpr std::size_t input = 0;
    static constexpr std::size_t forward = 1;
    static constexpr std::size_t output = 2;
    static constexpr std::size_t accounting = 3;  // of ipfwadm

    [[nodiscard]] bool of_linux_2_0() const { return ruleset_.dialect == Dialect::ipfwadm; }
    [[nodiscard]] const fw::Chain& model(std::size_t chain) const { return ruleset_.chains[chain]; }
    [[nodiscard]] bool redirects() const { return !plan_.redirect_ports().empty(); }
    [[nodiscard]] bool has_rules(std::size_t chain) const { return !model(chain).rules.empty(); }
    // Nothing to do for the chain's rules and policy.
    [[nodiscard]] bool lets_all_pass(std::size_t chain) const {
        return model(chain).policy == Policy::accept && model(chain).rules.empty();
    }

    void add(Chain chain) { table_.chains.push_back(std::move(chain)); }
    [[nodiscard]] Chain base(std::string_view name, const nft::Base& where, std::size_t chain,
                             const char* above) const;

    // The ways into the rules.
    [[nodiscard]] const std::string& copy_name(
        std::size_t chain, compile::Situation situation,
        compile::Packets packets = compile::Packets::whole) const;
    [[nodiscard]] bool has_copy(std::size_t chain, compile::Packets packets) const;
    void lead(Chain& from, Tests tests, const std::string& to,
              nft::Verdict how = nft::Verdict::go_to) const;
    void settle(Chain& chain, std::vector<nft::Rule> rules) const;

    // Fragments, and packets that end too early.
    void lead_fragments(Chain& from, std::size_t chain, const compile::Situation& situation) const;
    void drop_suspects(Chain& chain, bool sorted) const;
    [[nodiscard]] bool sees_suspects(std::size_t chain) const;
    void drop_unsorted_suspects(Chain& base, std::size_t chain) const;
    void settle_unasked(Chain& base, bool first) const;

    // The built-in chains.
    void add_input();
    void add_with_rules(Chain base, std::size_t chain, const compile::Situation& situation);
    void lead_expected(Chain& base) const;
    void add_forward();
    void add_output();
    void add_with_way(Chain base);
    void add_rewritten();
    void add_entrance();
    void judge_rewritten(Chain& chain, const std::vector<Tests>& ways) const;
    void add_accounting();
    void account(const compile::Situation& situation, bool shared, Chain base);

    // Rules.
    void add_copies(std::size_t chain, std::size_t first);
    [[nodiscard]] std::vector<std::string> words_about(std::size_t chain,
                                                       const compile::Copy& copy) const;
    void add_rules(Chain& to, std::size_t chain, const compile::Copy& copy);
    void note_error(Error error, Line line);
    [[nodiscard]] Rule with_source(Rule rule, Line line) const;

    // What rewrites.
    void add_handovers();
    void add_effects();
    void add_forwards(std::vector<nft::Chain> chains);
    void add_nat();

    const Ruleset& ruleset_;
    const Ruleset& original_;
    const TranslateOptions& options_;
    const std::vector<SourceLine>& sources_;
    compile::Plan plan_;
    bool sends_on_;
    bool tracks_;
    Table table_;
    std::vector<ChainCopy> copies_;
    std::optional<Error> error_;
};

}  // namespace fw::translate
