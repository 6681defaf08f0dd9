#include "compile/changes.h"

#include <algorithm>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "compile/read_back.h"
#include "compile/table.h"

namespace fw::compile {

namespace {

using nft::KernelChain;
using nft::KernelRule;
using nft::Kind;

// A rule of the model and what it was compiled to; in the kernel, where that is.
using Group = std::span<const nft::Rule>;

std::vector<Group> groups_of(const nft::Chain& chain) {
    std::vector<Group> groups;
    const std::vector<nft::Rule>& rules = chain.rules;
    for (std::size_t start = 0; start < rules.size();) {
        std::size_t end = start + 1;
        while (end < rules.size() && rules[end].kind == Kind::more) {
            ++end;
        }
        groups.emplace_back(rules.data() + start, end - start);
        start = end;
    }
    return groups;
}

std::vector<std::vector<std::uint64_t>> handles_of(const KernelChain& chain) {
    std::vector<std::vector<std::uint64_t>> groups;
    for (const KernelRule& rule : chain.rules) {
        if (!rule.kind) {
            continue;
        }
        if (rule.kind != Kind::more || groups.empty()) {
            groups.emplace_back();
        }
        groups.back().push_back(rule.handle);
    }
    return groups;
}

bool same(const nft::Rule& a, const nft::Rule& b) {
    return a.kind == b.kind && a.identity == b.identity && a.expressions == b.expressions;
}
bool same(Group a, Group b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](const nft::Rule& x, const nft::Rule& y) { return same(x, y); });
}

class ChainChanges {
public:
    ChainChanges(const KernelChain& kernel, const nft::Chain& before, const nft::Chain& after,
                 nft::Transaction& out)
        : name_(kernel.name),
          handles_(handles_of(kernel)),
          old_(groups_of(before)),
          new_(groups_of(after)),
          out_(out) {}

    // Whether the kernel's chain has the shape that `before` says; if not, it is written anew.
    [[nodiscard]] bool known() const {
        return handles_.size() == old_.size() &&
               std::equal(old_.begin(), old_.end(), handles_.begin(),
                          [](const Group& group, const auto& handles) {
                              return group.size() == handles.size();
                          });
    }

    // Walks both along; where they differ, the longer rest has something that the other lacks.
    void write() {
        std::size_t i = 0;
        std::size_t j = 0;
        while (i < old_.size() || j < new_.size()) {
            const std::size_t old_left = old_.size() - i;
            const std::size_t new_left = new_.size() - j;
            if (old_left > 0 && new_left > 0 && same(old_[i], new_[j])) {
                ++i;
                ++j;
            } else if (old_left > new_left) {
                remove(i++);
            } else if (new_left > old_left) {
                add(new_[j++], i);
            } else {
                exchange(i++, new_[j++]);
            }
        }
    }

    void write_anew() {
        for (std::size_t i = 0; i < handles_.size(); ++i) {
            remove(i);
        }
        for (const Group& group : new_) {
            add(group, handles_.size());
        }
    }

private:
    void remove(std::size_t index) {
        for (const std::uint64_t handle : handles_[index]) {
            out_.push_back(nft::DeleteRule{name_, handle});
        }
    }
    void add(Group group, std::size_t before) {
        for (const nft::Rule& rule : group) {
            if (before < handles_.size()) {
                out_.push_back(
                    nft::AddRule{name_, rule, nft::Place::before, handles_[before].front()});
            } else {
                out_.push_back(nft::AddRule{name_, rule, nft::Place::end, 0});
            }
        }
    }
    void exchange(std::size_t index, Group group) {
        if (handles_[index].size() != group.size()) {
            add(group, index);
            remove(index);
            return;
        }
        for (std::size_t part = 0; part < group.size(); ++part) {
            if (!same(old_[index][part], group[part])) {
                out_.push_back(nft::ReplaceRule{name_, handles_[index][part], group[part]});
            }
        }
    }

    const std::string& name_;
    std::vector<std::vector<std::uint64_t>> handles_;
    std::vector<Group> old_;
    std::vector<Group> new_;
    nft::Transaction& out_;
};

bool is_ours(const KernelChain& chain) {
    return is_frame_chain(chain.name) || (!chain.base && origin_of(chain.name));
}

// Other programs' rules in a chain that has none any more were flushed with it.
void remove_foreign(const KernelChain& kernel, const Ruleset& before, const Ruleset& after,
                    nft::Transaction& out) {
    const std::optional<Origin> origin = origin_of(kernel.name);
    if (!origin) {
        return;
    }
    const Chain* was = before.find(origin->model);
    const Chain* is = after.find(origin->model);
    if (was == nullptr || is == nullptr || was->foreign.empty() || !is->foreign.empty()) {
        return;
    }
    for (const KernelRule& rule : kernel.rules) {
        if (!rule.kind) {
            out.push_back(nft::DeleteRule{kernel.name, rule.handle});
        }
    }
}

void add_chains(const nft::KernelTable& table, const nft::Table& wanted, nft::Transaction& out) {
    for (const nft::Chain& chain : wanted.chains) {
        if (table.find(chain.name) == nullptr) {
            out.push_back(nft::AddChain{chain.name, chain.base, false});
        }
    }
}

}  // namespace

Result<nft::Transaction> compile_changes(const nft::KernelTable& table, const Ruleset& before,
                                         const Ruleset& after) {
    Result<nft::Table> wanted = compile_table(after);
    if (!wanted) {
        return wanted.error();
    }
    nft::Transaction out;
    nft::Table present;
    if (has_firewall(table)) {
        Result<nft::Table> compiled = compile_table(before);
        if (!compiled) {
            return compiled.error();
        }
        present = std::move(*compiled);
    } else {
        out.push_back(nft::AddTable{});
    }
    add_chains(table, *wanted, out);
    const nft::Chain none;
    for (const nft::Chain& chain : wanted->chains) {
        const KernelChain* kernel = table.find(chain.name);
        if (kernel == nullptr) {
            for (const nft::Rule& rule : chain.rules) {
                out.push_back(nft::AddRule{chain.name, rule, nft::Place::end, 0});
            }
            continue;
        }
        const nft::Chain* old = present.find(chain.name);
        ChainChanges changes(*kernel, old != nullptr ? *old : none, chain, out);
        if (changes.known()) {
            changes.write();
        } else {
            changes.write_anew();
        }
        remove_foreign(*kernel, before, after, out);
    }
    for (const bool frames_first : {true, false}) {
        for (const KernelChain& chain : table.chains) {
            if (is_ours(chain) && wanted->find(chain.name) == nullptr &&
                is_frame_chain(chain.name) == frames_first) {
                out.push_back(nft::FlushChain{chain.name});
            }
        }
    }
    for (const KernelChain& chain : table.chains) {
        if (is_ours(chain) && wanted->find(chain.name) == nullptr) {
            out.push_back(nft::DeleteChain{chain.name});
        }
    }
    return out;
}

}  // namespace fw::compile
