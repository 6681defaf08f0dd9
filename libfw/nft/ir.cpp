#include "nft/ir.h"

#include <algorithm>

namespace fw::nft {

bool same_but_counters(const Rule& a, const Rule& b) {
    const auto same = [](const Expr& x, const Expr& y) {
        return x == y || (std::holds_alternative<Counter>(x) && std::holds_alternative<Counter>(y));
    };
    return a.kind == b.kind && a.identity == b.identity &&
           std::equal(a.expressions.begin(), a.expressions.end(), b.expressions.begin(),
                      b.expressions.end(), same);
}

const Chain* Table::find(std::string_view name) const {
    const auto found = std::find_if(chains.begin(), chains.end(),
                                    [&](const Chain& chain) { return chain.name == name; });
    return found == chains.end() ? nullptr : &*found;
}

}  // namespace fw::nft
