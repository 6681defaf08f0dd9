#include "compile/changes.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "compile/packed_rules.h"
#include "compile/policy_counters.h"
#include "compile/read_back.h"
#include "compile/rule_changes.h"
#include "compile/table.h"

namespace fw::compile {

namespace {

using nft::KernelChain;
using nft::KernelRule;
using nft::Kind;

// How many rules at the start (or, reversed, at the end) are the same.
template <typename Iterator>
std::size_t common(Iterator a, Iterator a_end, Iterator b, Iterator b_end) {
    return static_cast<std::size_t>(std::mismatch(a, a_end, b, b_end).first - a);
}

class Changes {
public:
    Changes(const nft::KernelTable& table, const Ruleset& before, Ruleset&& after,
            const Settings& settings, const nft::Sink& out)
        : table_(table),
          before_(before),
          after_(std::move(after)),
          out_(out),
          old_plan_(before, settings),
          new_plan_(after_, settings),
          same_surroundings_(old_plan_.same_surroundings(new_plan_)) {}

    Status compile() {
        for (std::size_t i = 0; i < after_.chains.size(); ++i) {
            const KernelChain* kernel = table_.find(new_plan_.copies(i).front().kernel_name);
            if (kernel != nullptr && kernel->base) {
                return Error{Code::refused, after_.chains[i].name, -1,
                             "another program has a base chain of this name in table ip " +
                                 std::string(dialect_name(after_.dialect)),
                             "choose another name"};
            }
        }
        const bool present = has_firewall(table_);
        if (!present) {
            out_(nft::AddTable{});
        }
        Result<nft::Table> frame = compile_frame(after_, new_plan_);
        if (!frame) {
            return frame.error();
        }
        Result<nft::Table> old_frame = compile_frame(before_, old_plan_);
        if (!old_frame) {
            return old_frame.error();
        }
        add_missing<nft::AddMap>(frame->maps, old_frame->maps);
        add_missing<nft::AddHelper>(frame->helpers, old_frame->helpers);
        add_chains(frame->chains);
        keep_policy_counters(table_, before_, after_, wanted_, frame->chains, old_frame->chains);
        if (Status status = pack_fresh(); !status) {
            return status;
        }
        // Each step by itself must be good (Linux 6.18 may look after each): a chain that gets a
        // copy is still reached from postrouting until the frame leads to the copy.
        if (Status status = change_chains(Presence::fresh); !status) {
            return status;
        }
        const bool frame_first = copies(new_plan_, after_) > copies(old_plan_, before_);
        if (frame_first) {
            if (Status status = change_frame(frame->chains, old_frame->chains); !status) {
                return status;
            }
        }
        if (Status status = change_chains(Presence::known); !status) {
            return status;
        }
        if (!frame_first) {
            if (Status status = change_frame(frame->chains, old_frame->chains); !status) {
                return status;
            }
        }
        remove_chains();
        // What rules refer to goes behind them.
        add_missing<nft::DeleteMap>(old_frame->maps, frame->maps);
        add_missing<nft::DeleteHelper>(old_frame->helpers, frame->helpers);
        return Done{};
    }

private:
    // An operation for each that only the first of two lists has.
    template <typename Operation, typename Object>
    void add_missing(const std::vector<Object>& objects, const std::vector<Object>& others) {
        for (const Object& object : objects) {
            if (std::find(others.begin(), others.end(), object) == others.end()) {
                out_(Operation{object});
            }
        }
    }

    // Whether the kernel has the chain already.
    enum class Presence : bool { fresh, known };

    static std::size_t copies(const Plan& plan, const Ruleset& ruleset) {
        std::size_t count = 0;
        for (std::size_t i = 0; i < ruleset.chains.size(); ++i) {
            count += plan.copies(i).size() - 1;
        }
        return count;
    }

    // Rules of chains that had none are compiled one by one, and compared to nothing.
    Status pack_fresh() {
        packed_.resize(after_.chains.size());
        for (std::size_t i = 0; i < packed_.size(); ++i) {
            Chain& chain = after_.chains[i];
            const Chain* old = before_.find(chain.name);
            if (old != nullptr && !old->rules.empty()) {
                continue;
            }
            Result<PackedRules> packed = PackedRules::pack(chain.rules);
            if (!packed) {
                return packed.error();
            }
            packed_[i] = *std::move(packed);
            std::vector<Rule>().swap(chain.rules);
        }
        return Done{};
    }

    Status change_chains(Presence presence) {
        for (std::size_t i = 0; i < after_.chains.size(); ++i) {
            for (const Copy& copy : new_plan_.copies(i)) {
                const bool known = table_.find(copy.kernel_name) != nullptr;
                if (known != (presence == Presence::known)) {
                    continue;
                }
                if (Status status = change_chain(after_.chains[i], packed_[i], copy); !status) {
                    return status;
                }
            }
        }
        return Done{};
    }

    Status change_frame(const std::vector<nft::Chain>& frame,
                        const std::vector<nft::Chain>& old_frame) {
        for (const nft::Chain& chain : frame) {
            if (Status status = change_frame(chain, old_frame); !status) {
                return status;
            }
        }
        return Done{};
    }

    void add_chain(const std::string& name, const std::optional<nft::Base>& base) {
        wanted_.push_back(name);
        if (table_.find(name) == nullptr) {
            out_(nft::AddChain{name, base, false});
        }
    }
    void add_chains(const std::vector<nft::Chain>& frame) {
        for (std::size_t i = 0; i < after_.chains.size(); ++i) {
            for (const Copy& copy : new_plan_.copies(i)) {
                add_chain(copy.kernel_name, std::nullopt);
            }
        }
        for (const nft::Chain& chain : frame) {
            add_chain(chain.name, chain.base);
        }
    }

    // The copy of the same name that the chain had before.
    [[nodiscard]] const Copy* old_copy(const Chain& chain, const std::string& kernel_name) const {
        const auto index = static_cast<std::size_t>(&chain - before_.chains.data());
        for (const Copy& copy : old_plan_.copies(index)) {
            if (copy.kernel_name == kernel_name) {
                return &copy;
            }
        }
        return nullptr;
    }

    [[nodiscard]] bool is_wanted(const std::string& kernel_name) const {
        return std::find(wanted_.begin(), wanted_.end(), kernel_name) != wanted_.end();
    }

    // What the rules of a chain are to have counted in the first copy: what the model says, less
    // what is counted in the copies that stay.
    [[nodiscard]] std::vector<Counters> due_in_first(const Chain& chain) const {
        std::vector<Counters> due;
        due.reserve(chain.rules.size());
        for (const Rule& rule : chain.rules) {
            due.push_back(rule.counters);
        }
        const auto index = static_cast<std::size_t>(&chain - before_.chains.data());
        for (const Copy& copy : old_plan_.copies(index)) {
            const KernelChain* kernel = table_.find(copy.kernel_name);
            if (kernel == nullptr || origin_of(copy.kernel_name)->primary ||
                !is_wanted(copy.kernel_name)) {
                continue;
            }
            const std::vector<Counters> counted = counters_of(*kernel);
            for (std::size_t i = 0; i < std::min(due.size(), counted.size()); ++i) {
                due[i] -= counted[i];
            }
        }
        return due;
    }

    // Its rules are in the chain, or packed.
    Status change_chain(const Chain& chain, const PackedRules& packed, const Copy& copy) {
        const KernelChain* kernel = table_.find(copy.kernel_name);
        const Chain* old = before_.find(chain.name);
        const Copy* was = old != nullptr ? old_copy(*old, copy.kernel_name) : nullptr;
        std::vector<Handles> handles;
        std::vector<Counters> counted;
        if (kernel != nullptr) {
            handles = handles_of(*kernel);
            counted = counters_of(*kernel);
        }
        std::span<const Rule> old_rules;
        std::vector<Counters> due = counted;
        if (was != nullptr) {
            old_rules = old->rules;
            if (origin_of(copy.kernel_name)->primary) {
                due = due_in_first(*old);
            }
        }
        // Only what lies between the rules that stay as they are is compiled at all.
        std::size_t front = 0;
        std::size_t back = 0;
        std::span<const Rule> new_rules = chain.rules;
        if (same_surroundings_ && handles.size() == old_rules.size()) {
            front = common(old_rules.begin(), old_rules.end(), new_rules.begin(), new_rules.end());
            old_rules = old_rules.subspan(front);
            new_rules = new_rules.subspan(front);
            back =
                common(old_rules.rbegin(), old_rules.rend(), new_rules.rbegin(), new_rules.rend());
            if (old_rules.size() != new_rules.size()) {
                back = unnumbered(old_rules.last(back));
            }
            old_rules = old_rules.first(old_rules.size() - back);
            new_rules = new_rules.first(new_rules.size() - back);
        }
        Result<std::vector<nft::Rule>> present = std::vector<nft::Rule>();
        if (was != nullptr) {
            present = compile_rules(old_rules, front + 1, chain.name, *was, old_plan_);
            if (!present) {
                return present.error();
            }
        }
        const auto between = [&](const auto& all) {
            return std::span(all).subspan(front, all.size() - front - back);
        };
        const std::uint64_t next = back > 0 ? handles[handles.size() - back].front() : 0;
        const RuleCompiler compiler(chain.name, copy, new_plan_);
        const auto compile = [&](std::size_t index) -> Result<std::vector<nft::Rule>> {
            if (packed.size() == 0) {
                return compiler.compile(new_rules[index], front + index + 1);
            }
            const Result<Rule> rule = packed.unpack(index);
            return rule ? compiler.compile(*rule, index + 1) : rule.error();
        };
        const std::size_t count = packed.size() + new_rules.size();
        Status status =
            change_rules({copy.kernel_name, between(handles), next, between(counted), between(due)},
                         {*present, old_rules}, {count, compile, new_rules}, out_);
        if (status && kernel != nullptr) {
            remove_foreign(*kernel);
        }
        return status;
    }

    // How many at the end do not care for their number: those behind the last that logs it.
    static std::size_t unnumbered(std::span<const Rule> rules) {
        const auto logs =
            std::find_if(rules.rbegin(), rules.rend(), [](const Rule& rule) { return rule.log; });
        return static_cast<std::size_t>(logs - rules.rbegin());
    }

    Status change_frame(const nft::Chain& chain, const std::vector<nft::Chain>& old_frame) {
        const KernelChain* kernel = table_.find(chain.name);
        const std::vector<Handles> handles =
            kernel != nullptr ? handles_of(*kernel) : std::vector<Handles>();
        static const std::vector<nft::Rule> none;
        const auto old = std::find_if(old_frame.begin(), old_frame.end(),
                                      [&](const auto& other) { return other.name == chain.name; });
        return change_rules({chain.name, handles, 0},
                            {old != old_frame.end() ? old->rules : none, {}},
                            as_wanted(chain.rules), out_);
    }

    static bool has_own_foreign(const Chain& chain) {
        return std::any_of(chain.foreign.begin(), chain.foreign.end(),
                           [](const ForeignRule& rule) { return !rule.in_frame; });
    }

    // Other programs' rules in a chain that has none any more were flushed with it.
    void remove_foreign(const KernelChain& kernel) {
        const std::optional<Origin> origin = origin_of(kernel.name);
        const Chain* was = before_.find(origin->model);
        const Chain* is = after_.find(origin->model);
        if (was == nullptr || is == nullptr || has_own_foreign(*is)) {
            return;
        }
        for (const KernelRule& rule : kernel.rules) {
            if (!rule.kind) {
                out_(nft::DeleteRule{kernel.name, rule.handle});
            }
        }
    }

    // In ipfwadm's table, other programs may have chains of their own.
    [[nodiscard]] bool is_ours(const KernelChain& chain) const {
        const std::optional<Origin> origin = origin_of(chain.name);
        return is_frame_chain(chain.name) ||
               (!chain.base && origin &&
                (after_.dialect == Dialect::ipchains || after_.find(origin->model) != nullptr));
    }

    // A chain that we need no more, but others do: it stays until they have taken their rules away,
    // or until the chain of the model is deleted.
    [[nodiscard]] bool keeps_foreign(const KernelChain& kernel) const {
        const bool foreign = std::any_of(kernel.rules.begin(), kernel.rules.end(),
                                         [](const KernelRule& rule) { return !rule.kind; });
        const std::optional<Origin> origin = origin_of(kernel.name);
        return foreign && (!origin || after_.find(origin->model) != nullptr);
    }

    // First all rules, as they may jump among each other; base chains before all.
    void remove_chains() {
        std::vector<const KernelChain*> gone;
        for (const bool frames : {true, false}) {
            for (const KernelChain& chain : table_.chains) {
                if (!is_wanted(chain.name) && is_ours(chain) &&
                    is_frame_chain(chain.name) == frames) {
                    gone.push_back(&chain);
                }
            }
        }
        for (const KernelChain* chain : gone) {
            if (keeps_foreign(*chain)) {
                for (const KernelRule& rule : chain->rules) {
                    if (rule.kind) {
                        out_(nft::DeleteRule{chain->name, rule.handle});
                    }
                }
            } else if (!chain->rules.empty()) {
                out_(nft::FlushChain{chain->name});
            }
        }
        for (const KernelChain* chain : gone) {
            if (!keeps_foreign(*chain)) {
                out_(nft::DeleteChain{chain->name});
            }
        }
    }

    const nft::KernelTable& table_;
    const Ruleset& before_;
    Ruleset after_;
    std::vector<PackedRules> packed_;  // for each chain of `after_`
    const nft::Sink& out_;
    Plan old_plan_;
    Plan new_plan_;
    bool same_surroundings_;
    std::vector<std::string> wanted_;
};

}  // namespace

Status compile_changes(const nft::KernelTable& table, const Ruleset& before, Ruleset&& after,
                       const Settings& settings, const nft::Sink& out) {
    return Changes(table, before, std::move(after), settings, out).compile();
}

Result<nft::Transaction> compile_changes(const nft::KernelTable& table, const Ruleset& before,
                                         const Ruleset& after, const Settings& settings) {
    nft::Transaction transaction;
    const Status status =
        compile_changes(table, before, Ruleset(after), settings, [&](nft::Operation&& operation) {
            transaction.push_back(std::move(operation));
        });
    if (!status) {
        return status.error();
    }
    return transaction;
}

}  // namespace fw::compile
