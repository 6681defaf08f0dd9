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
    RuleChanges(const Stretch& stretch, const Side& old, const Side& wanted, nft::Transaction& out)
        : chain_(stretch.chain),
          handles_(stretch.handles),
          next_(stretch.next),
          counted_(stretch.counted),
          due_(stretch.due),
          old_(groups_of(old.compiled)),
          new_(groups_of(wanted.compiled)),
          old_rules_(old.rules),
          new_rules_(wanted.rules),
          out_(out) {}

    // Walks both along; where they differ, the longer rest has something that the other lacks. If
    // the kernel does not have what `old` says, all of it is written anew.
    void write() {
        const bool known = std::equal(old_.begin(), old_.end(), handles_.begin(), handles_.end(),
                                      [](const Group& group, const Handles& at) {
                                          return group.size() == at.size();
                                      });
        std::size_t i = 0;
        std::size_t j = 0;
        while (i < handles_.size() || j < new_.size()) {
            const std::size_t old_left = handles_.size() - i;
            const std::size_t new_left = new_.size() - j;
            if (known && old_left > 0 && new_left > 0 && stays(i, j)) {
                renumber(i++, new_[j++]);
            } else if (known && old_left > 0 && new_left > 0 && counts(i, j)) {
                exchange(i++, j++);
            } else if (old_left > new_left || (!known && old_left > 0)) {
                remove(i++);
            } else if (new_left > old_left) {
                add(new_[j++], i);
            } else {
                exchange(i++, j++);
            }
        }
    }

private:
    [[nodiscard]] bool stays(std::size_t i, std::size_t j) const {
        return same_but_log(old_[i], new_[j]) && (!counts(i, j) || counted_[i] == due_[i]) &&
               (old_rules_.empty() || old_rules_[i].counters == new_rules_[j].counters);
    }
    // The model has the same rule with the same counters: it goes on counting where it counts.
    [[nodiscard]] bool counts(std::size_t i, std::size_t j) const {
        return i < due_.size() && i < old_.size() && j < new_rules_.size() &&
               old_rules_[i] == new_rules_[j];
    }
    void renumber(std::size_t index, Group group) {
        for (std::size_t part = 0; part < group.size(); ++part) {
            if (!same(old_[index][part], group[part])) {
                out_.push_back(nft::ReplaceRule{chain_, handles_[index][part], group[part]});
            }
        }
    }
    void remove(std::size_t index) {
        for (const std::uint64_t handle : handles_[index]) {
            out_.push_back(nft::DeleteRule{chain_, handle});
        }
    }
    void add(Group group, std::size_t before) {
        const std::uint64_t handle = before < handles_.size() ? handles_[before].front() : next_;
        for (const nft::Rule& rule : group) {
            const nft::Place place = handle != 0 ? nft::Place::before : nft::Place::end;
            out_.push_back(nft::AddRule{chain_, rule, place, handle});
        }
    }
    void exchange(std::size_t index, std::size_t with) {
        std::vector<nft::Rule> rules(new_[with].begin(), new_[with].end());
        if (counts(index, with)) {
            set_counters(rules, due_[index]);
        }
        if (handles_[index].size() != rules.size()) {
            add(rules, index);
            remove(index);
            return;
        }
        // All parts, also those that look the same: one of them has the counts of all from now on.
        for (std::size_t part = 0; part < rules.size(); ++part) {
            out_.push_back(nft::ReplaceRule{chain_, handles_[index][part], rules[part]});
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
    std::vector<Group> new_;
    std::span<const Rule> old_rules_;
    std::span<const Rule> new_rules_;
    nft::Transaction& out_;
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

void change_rules(const Stretch& stretch, const Side& old, const Side& wanted,
                  nft::Transaction& out) {
    RuleChanges(stretch, old, wanted, out).write();
}

}  // namespace fw::compile
