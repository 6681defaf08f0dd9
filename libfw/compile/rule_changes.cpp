#include "compile/rule_changes.h"

#include <algorithm>
#include <utility>

#include "compile/rule.h"

namespace fw::compile {

namespace {

using nft::KernelChain;
using nft::KernelRule;
using nft::Kind;

// What one rule of the model was compiled to.
using Group = std::span<const nft::Rule>;

std::vector<Group> groups_of(const std::vector<nft::Rule>& rules) {
    std::vector<Group> groups;
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

bool same(const nft::Rule& a, const nft::Rule& b) {
    return a.kind == b.kind && a.identity == b.identity && a.expressions == b.expressions;
}
// The number that goes to the log with a rule may be another.
bool same_but_log(Group a, Group b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](const nft::Rule& x, const nft::Rule& y) {
                          return same(x, y) || (x.identity == y.identity && x.kind == y.kind &&
                                                only_logs(x) && only_logs(y));
                      });
}

class RuleChanges {
public:
    RuleChanges(const Stretch& stretch, const Present& old, const Wanted& wanted,
                const nft::Sink& out)
        : chain_(stretch.chain),
          handles_(stretch.handles),
          next_(stretch.next),
          counted_(stretch.counted),
          due_(stretch.due),
          old_(groups_of(old.compiled)),
          old_rules_(old.rules),
          wanted_(wanted),
          out_(out) {}

    // Walks both along; where they differ, the longer rest has something that the other lacks. If
    // the kernel does not have what `old` says, all of it is written anew.
    Status write() {
        const bool known = std::equal(old_.begin(), old_.end(), handles_.begin(), handles_.end(),
                                      [](const Group& group, const Handles& at) {
                                          return group.size() == at.size();
                                      });
        std::size_t i = 0;
        std::size_t j = 0;
        while (i < handles_.size() || j < wanted_.count) {
            if (Status status = compile(j); !status) {
                return status;
            }
            const std::size_t old_left = handles_.size() - i;
            const std::size_t new_left = wanted_.count - j;
            if (known && old_left > 0 && new_left > 0 && stays(i, j)) {
                renumber(i++);
                ++j;
            } else if (known && old_left > 0 && new_left > 0 && counts(i, j)) {
                exchange(i++, j++);
            } else if (old_left > new_left || (!known && old_left > 0)) {
                remove(i++);
            } else if (new_left > old_left) {
                add(i);
                ++j;
            } else {
                exchange(i++, j++);
            }
        }
        return Done{};
    }

private:
    // The wanted rule, once, when its turn comes.
    Status compile(std::size_t index) {
        if (index == turn_ || index == wanted_.count) {
            return Done{};
        }
        Result<std::vector<nft::Rule>> compiled = wanted_.compile(index);
        if (!compiled) {
            return compiled.error();
        }
        new_ = *std::move(compiled);
        turn_ = index;
        return Done{};
    }
    [[nodiscard]] bool stays(std::size_t i, std::size_t j) const {
        return same_but_log(old_[i], new_) && (!counts(i, j) || counted_[i] == due_[i]) &&
               (old_rules_.empty() || old_rules_[i].counters == wanted_.rules[j].counters);
    }
    // The model has the same rule with the same counters: it goes on counting where it counts.
    [[nodiscard]] bool counts(std::size_t i, std::size_t j) const {
        return i < due_.size() && i < old_.size() && j < wanted_.rules.size() &&
               old_rules_[i] == wanted_.rules[j];
    }
    void renumber(std::size_t index) {
        for (std::size_t part = 0; part < new_.size(); ++part) {
            if (!same(old_[index][part], new_[part])) {
                out_(nft::ReplaceRule{chain_, handles_[index][part], std::move(new_[part])});
            }
        }
    }
    void remove(std::size_t index) {
        for (const std::uint64_t handle : handles_[index]) {
            out_(nft::DeleteRule{chain_, handle});
        }
    }
    void add(std::size_t before) {
        const std::uint64_t handle = before < handles_.size() ? handles_[before].front() : next_;
        const nft::Place place = handle != 0 ? nft::Place::before : nft::Place::end;
        for (nft::Rule& rule : new_) {
            out_(nft::AddRule{chain_, std::move(rule), place, handle});
        }
    }
    void exchange(std::size_t index, std::size_t with) {
        if (counts(index, with)) {
            set_counters(new_, due_[index]);
        }
        if (handles_[index].size() != new_.size()) {
            add(index);
            remove(index);
            return;
        }
        // All parts, also those that look the same: one of them has the counts of all from now on.
        for (std::size_t part = 0; part < new_.size(); ++part) {
            out_(nft::ReplaceRule{chain_, handles_[index][part], std::move(new_[part])});
        }
    }
    static void set_counters(std::vector<nft::Rule>& rules, Counters counters) {
        for (nft::Rule& rule : rules) {
            for (nft::Expr& expression : rule.expressions) {
                if (auto* counter = std::get_if<nft::Counter>(&expression)) {
                    counter->counters = std::exchange(counters, Counters{});
                }
            }
        }
    }

    const std::string& chain_;
    std::span<const Handles> handles_;
    std::uint64_t next_;
    std::span<const Counters> counted_;
    std::span<const Counters> due_;
    std::vector<Group> old_;
    std::span<const Rule> old_rules_;
    const Wanted& wanted_;
    const nft::Sink& out_;
    std::size_t turn_ = static_cast<std::size_t>(-1);  // of the wanted rules
    std::vector<nft::Rule> new_;                       // what that one was compiled to
};

}  // namespace

std::vector<Handles> handles_of(const KernelChain& chain) {
    std::vector<Handles> groups;
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

std::vector<Counters> counters_of(const KernelChain& chain) {
    std::vector<Counters> counters;
    for (const KernelRule& rule : chain.rules) {
        if (rule.kind && (rule.kind != Kind::more || counters.empty())) {
            counters.emplace_back();
        }
        if (rule.kind) {
            counters.back() += rule.counters;
        }
    }
    return counters;
}

Wanted as_wanted(const std::vector<nft::Rule>& compiled) {
    std::vector<Group> groups = groups_of(compiled);
    const std::size_t count = groups.size();
    return {count, [groups = std::move(groups)](std::size_t index) {
                const Group& group = groups[index];
                return Result(std::vector<nft::Rule>(group.begin(), group.end()));
            }};
}

Status change_rules(const Stretch& stretch, const Present& old, const Wanted& wanted,
                    const nft::Sink& out) {
    return RuleChanges(stretch, old, wanted, out).write();
}

}  // namespace fw::compile
