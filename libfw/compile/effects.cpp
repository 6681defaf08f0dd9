#include "compile/effects.h"

#include <cstdio>
#include <string>
#include <utility>

namespace fw::compile {

namespace {

using nft::Compare;
using nft::Decide;
using nft::Expr;
using nft::Field;
using nft::Op;
using nft::Verdict;

constexpr std::uint32_t all_ones = 0xffffffff;

// One of the two fields that now share the TOS byte: the old precedence and TOS bits but one are
// the DSCP, the last TOS bit and the reserved one the ECN field (RFC 2474, RFC 3168).
struct TosField {
    Field field;
    const char* name;
    unsigned shift;
    std::uint32_t mask;
};
constexpr TosField dscp{Field::ip_dscp, "dscp", 2, 0x3f};
constexpr TosField ecn{Field::ip_ecn, "ecn", 0, 0x03};

// What -t does to one of them.
struct TosChange {
    TosField part;
    std::uint32_t keep;
    std::uint32_t flip;

    TosChange(const Tos& tos, const TosField& field)
        : part(field),
          keep((std::uint32_t{tos.and_mask} >> field.shift) & field.mask),
          flip((std::uint32_t{tos.xor_mask} >> field.shift) & field.mask) {}

    [[nodiscard]] bool none() const { return keep == part.mask && flip == 0; }
    [[nodiscard]] bool constant() const { return keep == 0; }

    [[nodiscard]] std::string chain_name() const {
        char name[32];
        std::snprintf(name, sizeof name, "tos.%s.%02x.%02x", part.name, keep, flip);
        return name;
    }

    // ip dscp 0x0c ip dscp set 0x04 return, for each value that changes
    [[nodiscard]] nft::Chain chain() const {
        nft::Chain result{chain_name(), std::nullopt, {}};
        for (std::uint32_t old = 0; old <= part.mask; ++old) {
            const std::uint32_t value = (old & keep) ^ flip;
            if (value != old) {
                result.rules.push_back(
                    nft::frame_rule({Compare{part.field, Op::eq, old},
                                     nft::SetField{part.field, value}, Decide{Verdict::ret, {}}}));
            }
        }
        return result;
    }
};

// A step of an addition modulo 2^32: one power of two more or less.
struct MarkDigit {
    bool minus = false;
    unsigned bit = 0;

    [[nodiscard]] std::string chain_name() const {
        return std::string(minus ? "mark.minus." : "mark.plus.") + std::to_string(bit);
    }

    // Adding turns ones to zeros up to the first zero, which becomes one; taking away the reverse.
    // meta mark & 0x7 == 0x3 meta mark set meta mark ^ 0x7 return
    [[nodiscard]] nft::Chain chain() const {
        nft::Chain result{chain_name(), std::nullopt, {}};
        const std::uint32_t low = (1U << bit) - 1;
        for (unsigned end = bit; end < 32; ++end) {
            const std::uint32_t stop = 1U << end;
            const std::uint32_t carried = (stop - 1) & ~low;
            const std::uint32_t seen = carried | stop;
            result.rules.push_back(
                nft::frame_rule({Compare{Field::mark, Op::eq, minus ? stop : carried, seen},
                                 nft::SetMark{all_ones, seen}, Decide{Verdict::ret, {}}}));
        }
        result.rules.push_back(nft::frame_rule({nft::SetMark{all_ones, ~low}}));
        return result;
    }
};

// The non-adjacent form: no two neighbouring digits, so -1 is one step and not thirty-two.
std::vector<MarkDigit> mark_digits(std::uint32_t addend) {
    std::vector<MarkDigit> digits;
    std::uint64_t rest = addend;
    for (unsigned bit = 0; rest != 0 && bit < 32; ++bit, rest >>= 1) {
        if ((rest & 1) != 0) {
            const bool minus = (rest & 3) == 3;
            digits.push_back({minus, bit});
            rest += minus ? 1 : 0;
        }
    }
    return digits;
}

// What it does to the TOS.
Tos tos_of(const Rule& rule, Dialect dialect) {
    const bool lets_through = std::holds_alternative<Accept>(rule.target) ||
                              std::holds_alternative<Masquerade>(rule.target) ||
                              std::holds_alternative<Redirect>(rule.target);
    return dialect == Dialect::ipchains || lets_through ? rule.tos : Tos{};
}

Decide jump(std::string chain) { return {Verdict::jump, std::move(chain)}; }

}  // namespace

std::vector<Expr> compile_effects(const Rule& rule, Dialect dialect) {
    std::vector<Expr> steps;
    for (const TosField& part : {dscp, ecn}) {
        const TosChange change(tos_of(rule, dialect), part);
        if (change.none()) {
            continue;
        }
        if (change.constant()) {
            steps.push_back(nft::SetField{part.field, change.flip});
        } else {
            steps.push_back(jump(change.chain_name()));
        }
    }
    if (rule.mark && !rule.mark->relative) {
        steps.push_back(nft::SetMark{0, rule.mark->value});
    }
    if (rule.mark && rule.mark->relative) {
        for (const MarkDigit& digit : mark_digits(rule.mark->value)) {
            steps.push_back(jump(digit.chain_name()));
        }
    }
    return steps;
}

std::vector<nft::Chain> effect_chains(const Rule& rule, Dialect dialect) {
    std::vector<nft::Chain> chains;
    for (const TosField& part : {dscp, ecn}) {
        const TosChange change(tos_of(rule, dialect), part);
        if (!change.none() && !change.constant()) {
            chains.push_back(change.chain());
        }
    }
    if (rule.mark && rule.mark->relative) {
        for (const MarkDigit& digit : mark_digits(rule.mark->value)) {
            chains.push_back(digit.chain());
        }
    }
    return chains;
}

bool is_effect_chain(std::string_view kernel_name) {
    for (const std::string_view start : {"mark.plus.", "mark.minus.", "tos.dscp.", "tos.ecn."}) {
        if (kernel_name.starts_with(start)) {
            return true;
        }
    }
    return false;
}

}  // namespace fw::compile
