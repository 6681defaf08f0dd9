// One rule in the nft language, as statements.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "translate/read_values.h"
#include "translate/table.h"
#include "translate/tokens.h"

namespace fw::translate {

// A set or a verdict map that the table declares. What its elements are is known once a rule uses
// it.
struct Declared {
    bool verdicts = false;                // it is a map
    std::vector<nft::Field> key;          // if it was declared with `typeof`
    bool counters = false;                // each element counts
    std::optional<std::size_t> elements;  // where they begin, in the cursor
    bool used = false;
};

class RuleReader {
public:
    RuleReader(Cursor& cursor, ValueReader& values, std::map<std::string, Declared>& declared)
        : cursor_(cursor), values_(values), declared_(declared) {}

    // Up to the end of the line. Nothing, and an error in the cursor, for what is not understood,
    // or what nft would refuse.
    [[nodiscard]] std::optional<Rule> read();

    // Fields with dots between: ip saddr . tcp dport
    [[nodiscard]] std::optional<std::vector<nft::Field>> key();

    // Whose set it was that IsFragment stands for.
    [[nodiscard]] Dialect fragments() const { return fragments_; }

private:
    bool statement();
    bool act(std::string_view word);
    bool finish();

    [[nodiscard]] std::optional<nft::Field> field();
    bool test();
    bool set_field(nft::Field field);
    bool set_mark();
    bool compare(nft::Field field, std::optional<std::uint32_t> mask);
    bool compare_masked(nft::Field field, nft::Op op, std::uint32_t mask);
    bool compare_bits(nft::Field field, std::string_view op);
    bool compare_order(nft::Field field, std::string_view op);
    bool compare_value(nft::Field field, bool inverted);
    bool among(const std::vector<nft::Field>& key, bool inverted);
    bool by_map(const std::vector<nft::Field>& key);
    bool fragment_test(const std::vector<nft::Field>& key);
    [[nodiscard]] std::optional<std::vector<Element>> named_elements(
        const std::vector<nft::Field>& key, bool verdicts, std::string& name);
    bool needs_protocol(const std::vector<nft::Field>& key);

    bool count();
    bool log();
    bool limit();
    bool reject();
    bool rewrite(std::string_view word);
    bool destination_nat();
    bool connection();
    bool update_map();
    bool take_turn();
    bool map_name(std::string& name, bool& one_key);

    bool add(nft::Expr expression);

    Cursor& cursor_;
    ValueReader& values_;
    std::map<std::string, Declared>& declared_;
    Rule rule_;
    std::optional<std::uint32_t> protocol_;  // that the rule asks for
    bool ended_ = false;                     // by a verdict
    Dialect fragments_ = Dialect::ipchains;
};

// Whether the elements are those of nft/fragments.h, in any order, and of which dialect.
[[nodiscard]] std::optional<Dialect> whose_fragments(const std::vector<Element>& elements);

}  // namespace fw::translate
