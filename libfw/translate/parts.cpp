#include "translate/parts.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace fw::translate {

namespace {

using nft::Compare;
using nft::Expr;
using nft::Field;
using nft::Op;

constexpr std::size_t longest_comment = 128;  // NFTNL_UDATA_COMMENT_MAXLEN

std::vector<Statement> statements(std::vector<Expr> expressions) {
    return {std::make_move_iterator(expressions.begin()),
            std::make_move_iterator(expressions.end())};
}

}  // namespace

Rule plain_rule(std::vector<Expr> expressions, std::string_view comment) {
    Rule rule;
    rule.statements = statements(std::move(expressions));
    rule.comment = comment;
    return rule;
}

Rule from_frame(nft::Rule&& rule) {
    for (Expr& expression : rule.expressions) {
        if (auto* counter = std::get_if<nft::Counter>(&expression)) {
            counter->counters = {};
        }
    }
    return plain_rule(std::move(rule.expressions), rule.comment);
}

Chain from_frame(nft::Chain&& chain, std::vector<std::string> above) {
    Chain result{std::move(chain.name), chain.base, false, {}, std::move(above)};
    for (nft::Rule& rule : chain.rules) {
        result.rules.push_back(from_frame(std::move(rule)));
    }
    return result;
}

void add_source(const SourceLine& source, Rule& rule) {
    const bool fits = source.text.size() <= longest_comment &&
                      std::all_of(source.text.begin(), source.text.end(), [](char c) {
                          return c >= 0x20 && c != 0x7f && c != '"' && c != '\\';
                      });
    if (fits) {
        rule.comment = source.text;
        return;
    }
    std::string line = source.text;
    std::replace_if(
        line.begin(), line.end(), [](char c) { return c >= 0 && c < 0x20; }, ' ');
    rule.above.push_back(std::move(line));
}

Chain merged_protocols(Chain chain) {
    std::vector<Rule>& rules = chain.rules;
    const Statement tcp = Expr(Compare{Field::l4proto, Op::eq, protocol_tcp});
    const Statement udp = Expr(Compare{Field::l4proto, Op::eq, protocol_udp});
    for (std::size_t i = 0; i + 1 < rules.size(); ++i) {
        std::vector<Statement>& one = rules[i].statements;
        const std::vector<Statement>& other = rules[i + 1].statements;
        if (one.front() == tcp && other.front() == udp &&
            std::equal(one.begin() + 1, one.end(), other.begin() + 1, other.end())) {
            one.front() = InSet{{Field::l4proto},
                                false,
                                {{{Value{protocol_tcp, protocol_tcp}}},
                                 {{Value{protocol_udp, protocol_udp}}}}};
            rules.erase(rules.begin() + static_cast<std::ptrdiff_t>(i) + 1);
        }
    }
    return chain;
}

const char* words_about_forwards(std::string_view name) {
    if (name == "nat.forwarded") {
        return "What comes from outside goes on to an inner host.";
    }
    if (name == "forwarded.unmasked") {
        return "The same, but the answers leave as they are.";
    }
    if (name == "masq.watch") {
        return "What goes out through masquerading, or came in for an inner host.";
    }
    return "Whose second connections are let in: helpers, and ports that open others.";
}

}  // namespace fw::translate
