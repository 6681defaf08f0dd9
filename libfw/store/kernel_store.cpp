// The firewall in the kernel. Commands that concern one place only are sent at once; all others
// read the table, change its meaning, and send the difference. Both are one batch.
#include <errno.h>
#include <time.h>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "compile/changes.h"
#include "compile/quick.h"
#include "compile/read_back.h"
#include "compile/table.h"
#include "fw/store.h"
#include "model/apply.h"
#include "netlink/fetch.h"
#include "netlink/session.h"
#include "netlink/tables.h"
#include "netlink/watch.h"
#include "nft/text.h"

namespace fw {

namespace {

// How long a command tries to get ahead of programs that change tables all the time.
constexpr std::int64_t patience_ns = 5'000'000'000;
constexpr std::int64_t first_pause_ns = 20'000;
constexpr std::int64_t longest_pause_ns = 2'000'000;

std::int64_t now_ns() {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

void pause(std::int64_t nanoseconds) {
    const timespec time{0, static_cast<long>(nanoseconds)};
    nanosleep(&time, nullptr);
}

// What one attempt came to: an outcome, or nothing if somebody was faster.
using Attempt = Result<std::optional<Outcome>>;

class KernelStore final : public Store {
public:
    KernelStore(netlink::Session session, const Settings& settings, Dialect dialect)
        : session_(std::move(session)), settings_(settings), dialect_(dialect) {}

    Result<Ruleset> fetch() override {
        const Result<nft::KernelTable> table = netlink::fetch_table(session_, nullptr);
        if (!table) {
            return table.error();
        }
        return compile::read_back(*table, dialect_);
    }

    Result<Ruleset> fetch_and_zero(const std::optional<std::string>& only) override {
        Result<nft::KernelTable> table = netlink::fetch_table(session_, nullptr);
        if (!table) {
            return table.error();
        }
        // A table that is refused must not lose its counters.
        if (Result<Ruleset> before = compile::read_back(*table, dialect_); !before) {
            return before;
        }
        for (nft::KernelChain& chain : table->chains) {
            const auto origin = compile::origin_of(chain.name);
            if (chain.base || !origin || (only && origin->model != *only)) {
                continue;
            }
            if (Status status = netlink::reset_counters(session_, chain); !status) {
                return status.error();
            }
        }
        return compile::read_back(*table, dialect_);
    }

    Result<Outcome> commit(const Change& change) override {
        return persist([&] {
            const std::optional<compile::QuickChange> quick =
                compile::quick_change(change, dialect_);
            return quick ? try_quick(*quick, change) : try_policy(change);
        });
    }

    Result<Outcome> update(const Edit& edit) override {
        return persist([&] { return try_edit(edit); });
    }

    Result<std::string> script(const Change& change) override {
        const Result<Planned> planned = plan(edit_for(change));
        if (!planned) {
            return planned.error();
        }
        const Result<nft::Transaction> transaction = transaction_of(*planned);
        if (!transaction) {
            return transaction.error();
        }
        return nft::transaction_text(*transaction, session_.table());
    }

private:
    // What is to become of what.
    struct Planned {
        nft::KernelTable table;
        Ruleset before;
        Ruleset after;
        Outcome outcome;
    };

    static Edit edit_for(const Change& change) {
        return [&change](Ruleset& ruleset) { return apply_to_copy(ruleset, change); };
    }

    // Until it is done, or others have been faster for too long.
    template <typename Try>
    Result<Outcome> persist(Try attempt_once) {
        const std::int64_t deadline = now_ns() + patience_ns;
        std::int64_t wait = first_pause_ns;
        for (int attempt_number = 0; attempt_number == 0 || now_ns() < deadline; ++attempt_number) {
            if (Status status = watch_out(attempt_number); !status) {
                return status.error();
            }
            Attempt attempt = attempt_once();
            if (!attempt) {
                return attempt.error();
            }
            if (*attempt) {
                return std::move(**attempt);
            }
            pause(wait);
            wait = std::min(2 * wait, longest_pause_ns);
        }
        return Error{Code::busy, "", -1, "other programs keep changing the firewall's tables",
                     "nothing was changed; try again when they are done"};
    }

    // Without reading any rules. Whatever the kernel refuses is looked at again in full, so that
    // the error is about the command.
    Attempt try_quick(const compile::QuickChange& quick, const Change& change) {
        if (quick.entrance.empty()) {
            return send_or_look(quick.transaction, std::nullopt, change);
        }
        const Result<netlink::Glance> seen = netlink::glance(session_, quick.look_at);
        if (!seen) {
            return seen.error();
        }
        const auto rules = netlink::fetch_rules(session_, quick.entrance);
        if (!rules) {
            return rules.error();
        }
        if (!compile::can_be_quick(quick, seen->table) || !compile::leads_in(quick, *rules)) {
            return try_full(change);
        }
        return send_or_look(quick.transaction, seen->generation, change);
    }

    // Sends what was made without a full look; if the kernel refuses it, looks.
    Attempt send_or_look(const nft::Transaction& transaction,
                         std::optional<std::uint32_t> generation, const Change& change) {
        const Result<netlink::Answer> answer =
            send(nft::encode(transaction, session_.table(), session_.next_sequence(), generation),
                 generation);
        if (!answer) {
            return answer.error();
        }
        if (answer->error == 0) {
            return std::optional(Outcome{});
        }
        return answer->error == ERESTART ? Attempt(std::nullopt) : try_full(change);
    }

    // A policy is one rule of a base chain; only those are read.
    Attempt try_policy(const Change& change) {
        const auto* set = std::get_if<SetPolicy>(&change);
        if (set == nullptr || set->policy == Policy::masquerade) {
            return try_full(change);
        }
        const std::vector<std::string> chains = compile::policy_chains(set->chain);
        const Result<nft::KernelTable> table = netlink::fetch_table(session_, watch(), chains);
        if (!table) {
            return table.error();
        }
        nft::Transaction transaction;
        for (const std::string& chain : chains) {
            const auto replace = compile::replace_policy(*table, chain, set->policy, dialect_);
            if (!replace) {
                return try_full(change);
            }
            transaction.push_back(*replace);
        }
        return send_or_look(transaction, table->generation, change);
    }

    Attempt try_full(const Change& change) { return try_edit(edit_for(change)); }

    Attempt try_edit(const Edit& edit) {
        Result<Planned> planned = plan(edit);
        if (!planned) {
            return planned.error();
        }
        const bool makes_table = !compile::has_firewall(planned->table);
        DeletedChains deleted;
        Result<nft::Batch> batch = encode(*planned, deleted);
        if (!batch) {
            return batch.error();
        }
        if (batch->operation_of.empty()) {
            return std::optional(std::move(planned->outcome));
        }
        const Result<netlink::Answer> answer = send(*std::move(batch), planned->table.generation);
        if (!answer) {
            return answer.error();
        }
        if (answer->error == 0) {
            if (makes_table) {
                planned->outcome.beside = other_firewall();
            }
            return std::optional(std::move(planned->outcome));
        }
        if (answer->error == ERESTART) {
            return Attempt(std::nullopt);
        }
        return refusal(*answer, deleted);
    }

    // Of another dialect of ours. The change is done; that this can't be told does not matter.
    std::optional<Dialect> other_firewall() {
        const Result<std::vector<Dialect>> present = netlink::firewalls(session_);
        if (!present) {
            return std::nullopt;
        }
        const auto other = std::find_if(present->begin(), present->end(),
                                        [&](Dialect dialect) { return dialect != dialect_; });
        return other == present->end() ? std::nullopt : std::optional(*other);
    }

    // The operations of a batch that delete chains, and which.
    using DeletedChains = std::map<std::size_t, std::string>;

    // What the kernel refused, in our terms.
    static Error refusal(const netlink::Answer& answer, const DeletedChains& deleted) {
        const auto chain = deleted.find(answer.operation);
        if (answer.error == EBUSY && chain != deleted.end()) {
            const auto origin = compile::origin_of(chain->second);
            return {Code::refused, origin ? origin->model : chain->second, -1,
                    "a rule of another program jumps to this chain", "`nft list ruleset` shows it"};
        }
        return netlink::error_from(answer.error, answer.text);
    }

    Result<Planned> plan(const Edit& edit) {
        Result<nft::KernelTable> table = netlink::fetch_table(session_, watch());
        if (!table) {
            return table.error();
        }
        Result<Ruleset> before = compile::read_back(*table, dialect_);
        if (!before) {
            return before.error();
        }
        Ruleset after = *before;
        Result<Outcome> outcome = edit(after);
        if (!outcome) {
            return outcome.error();
        }
        return Planned{*std::move(table), *std::move(before), std::move(after),
                       *std::move(outcome)};
    }

    [[nodiscard]] Result<nft::Transaction> transaction_of(const Planned& planned) const {
        return compile::compile_changes(planned.table, planned.before, planned.after, settings_);
    }

    // As it is compiled: the operations of a large ruleset would take more memory than the batch.
    // Uses up what was to become of the table.
    Result<nft::Batch> encode(Planned& planned, DeletedChains& deleted) {
        nft::Encoder encoder(session_.table(), session_.next_sequence(), planned.table.generation);
        std::size_t count = 0;
        const auto add = [&](nft::Operation&& operation) {
            if (const auto* del = std::get_if<nft::DeleteChain>(&operation)) {
                deleted.emplace(count, del->name);
            }
            encoder.add(operation);
            ++count;
        };
        Status status = compile::compile_changes(planned.table, planned.before,
                                                 std::move(planned.after), settings_, add);
        if (!status) {
            return status.error();
        }
        return encoder.finish();
    }

    // Disturbed a second time, we look who it is: changes of other tables do not matter then.
    Status watch_out(int attempt) {
        if (attempt < 2) {
            return Done{};
        }
        if (watch_) {
            return watch_->restart();
        }
        Result<netlink::Watch> opened = netlink::Watch::open(session_.table());
        if (!opened) {
            return opened.error();
        }
        watch_.emplace(std::move(*opened));
        return Done{};
    }
    netlink::Watch* watch() { return watch_ ? &*watch_ : nullptr; }

    // `generation`: of what the transaction was made from. The answer is ERESTART if that may have
    // changed since.
    Result<netlink::Answer> send(nft::Batch batch, std::optional<std::uint32_t> generation) {
        session_.take_sequence(batch.operation_of.size() + 2);
        if (!generation || !watch_) {
            return session_.send(batch);
        }
        for (const std::int64_t deadline = now_ns() + patience_ns; now_ns() < deadline;) {
            const Result<bool> undisturbed = watch_->undisturbed();
            if (!undisturbed) {
                return undisturbed.error();
            }
            if (!*undisturbed) {
                break;
            }
            nft::set_generation(batch, watch_->generation());
            Result<netlink::Answer> answer = session_.send(batch);
            if (!answer || answer->error != ERESTART) {
                return answer;
            }
        }
        return netlink::Answer{ERESTART, netlink::Answer::npos, ""};
    }

    netlink::Session session_;
    Settings settings_;
    Dialect dialect_;
    std::optional<netlink::Watch> watch_;
};

}  // namespace

Result<std::unique_ptr<Store>> open_kernel_store(const Settings& settings, Dialect dialect) {
    Result<netlink::Session> session = netlink::Session::open(dialect_name(dialect));
    if (!session) {
        return session.error();
    }
    return std::unique_ptr<Store>(
        std::make_unique<KernelStore>(std::move(*session), settings, dialect));
}

}  // namespace fw
