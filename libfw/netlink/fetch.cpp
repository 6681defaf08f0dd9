#include "netlink/fetch.h"

#include <arpa/inet.h>
#include <endian.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "netlink/attributes.h"
#include "netlink/watch.h"

namespace fw::netlink {

namespace {

using nft::KernelChain;
using nft::KernelRule;
using nft::KernelTable;

constexpr int most_attempts = 200;
// So many before it is worth while to find out what the others change.
constexpr int attempts_unwatched = 3;

// Since Linux 6.2; the headers of Debian 12 are older.
constexpr int get_rule_reset = 25;

constexpr std::uint16_t message_type(int type) {
    return static_cast<std::uint16_t>(NFNL_SUBSYS_NFTABLES << 8 | type);
}

// Requests, one after the other in one buffer.
class Requests {
public:
    explicit Requests(Session& session) : session_(session) {}

    Requests& add(int type, std::uint16_t flags) {
        const std::size_t start = bytes_.size();
        bytes_.resize(start + room);
        start_ = start;
        message_ = mnl_nlmsg_put_header(bytes_.data() + start);
        message_->nlmsg_type = message_type(type);
        message_->nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | flags);
        message_->nlmsg_seq = session_.take_sequence(1);
        auto* general = static_cast<nfgenmsg*>(
            mnl_nlmsg_put_extra_header(message_, sizeof(nfgenmsg)));
        general->nfgen_family = NFPROTO_IPV4;
        general->version = NFNETLINK_V0;
        general->res_id = 0;
        close();
        return *this;
    }
    Requests& text(std::uint16_t attribute, std::string_view value) {
        bytes_.resize(start_ + room);
        message_ = reinterpret_cast<nlmsghdr*>(bytes_.data() + start_);
        mnl_attr_put_strz(message_, attribute, std::string(value).c_str());
        close();
        return *this;
    }
    Requests& number(std::uint16_t attribute, std::uint64_t value) {
        bytes_.resize(start_ + room);
        message_ = reinterpret_cast<nlmsghdr*>(bytes_.data() + start_);
        mnl_attr_put_u64(message_, attribute, htobe64(value));
        close();
        return *this;
    }
    [[nodiscard]] const std::vector<std::uint8_t>& bytes() const { return bytes_; }

private:
    static constexpr std::size_t room = 1024;
    void close() { bytes_.resize(start_ + MNL_ALIGN(message_->nlmsg_len)); }

    Session& session_;
    std::vector<std::uint8_t> bytes_;
    std::size_t start_ = 0;
    nlmsghdr* message_ = nullptr;
};

std::string_view text_of(const nlattr* attribute) {
    return {mnl_attr_get_str(attribute),
            strnlen(mnl_attr_get_str(attribute), mnl_attr_get_payload_len(attribute))};
}

std::uint64_t number_of(const nlattr* attribute) {
    return be64toh(mnl_attr_get_u64(attribute));
}

void read_counter(const nlattr* data, Counters& counters) {
    for_each_nested(data, [&](const nlattr* attribute) {
        if (mnl_attr_get_type(attribute) == NFTA_COUNTER_PACKETS) {
            counters.packets = number_of(attribute);
        } else if (mnl_attr_get_type(attribute) == NFTA_COUNTER_BYTES) {
            counters.bytes = number_of(attribute);
        }
    });
}

// Of a rule's expressions only the counter is of interest: the rest is known by its userdata.
void read_expressions(const nlattr* list, Counters& counters) {
    for_each_nested(list, [&](const nlattr* element) {
        bool counter = false;
        for_each_nested(element, [&](const nlattr* part) {
            if (mnl_attr_get_type(part) == NFTA_EXPR_NAME) {
                counter = text_of(part) == "counter";
            } else if (counter && mnl_attr_get_type(part) == NFTA_EXPR_DATA) {
                read_counter(part, counters);
            }
        });
    });
}

// Finds our attribute among those of nft: type, length, value, one byte each for the first two.
void read_userdata(const nlattr* attribute, KernelRule& rule) {
    const auto* bytes = static_cast<const std::uint8_t*>(mnl_attr_get_payload(attribute));
    std::size_t left = mnl_attr_get_payload_len(attribute);
    while (left >= 2 && left - 2 >= bytes[1]) {
        const std::size_t length = bytes[1];
        if (bytes[0] == nft::userdata_type && length >= 1 &&
            bytes[2] <= static_cast<std::uint8_t>(nft::Kind::policy)) {
            rule.kind = static_cast<nft::Kind>(bytes[2]);
            rule.identity.assign(reinterpret_cast<const char*>(bytes + 3), length - 1);
            return;
        }
        bytes += 2 + length;
        left -= 2 + length;
    }
}

// `current` is the chain that the rule before was in.
// A dump of rules comes in pieces, and the kernel finds where it was by counting the rules before
// (Linux 6.18): also those of a transaction that is still under way, and without a word if their
// number changes. But each rule tells which one it stands behind.
struct Reading {
    KernelTable& table;
    std::size_t current = 0;
    bool torn = false;
};

void read_rule(const nlmsghdr& message, Reading& reading) {
    KernelRule rule;
    std::string_view chain_name;
    bool ours = true;
    std::uint64_t behind = 0;
    for_each_attribute(message, sizeof(nfgenmsg), [&](const nlattr* attribute) {
        switch (mnl_attr_get_type(attribute)) {
            case NFTA_RULE_TABLE: ours = text_of(attribute) == nft::table_name; break;
            case NFTA_RULE_CHAIN: chain_name = text_of(attribute); break;
            case NFTA_RULE_HANDLE: rule.handle = number_of(attribute); break;
            case NFTA_RULE_POSITION: behind = number_of(attribute); break;
            case NFTA_RULE_EXPRESSIONS: read_expressions(attribute, rule.counters); break;
            case NFTA_RULE_USERDATA: read_userdata(attribute, rule); break;
            default: break;
        }
    });
    if (!ours) {
        return;
    }
    // Rules come chain by chain.
    std::vector<KernelChain>& chains = reading.table.chains;
    if (reading.current >= chains.size() || chains[reading.current].name != chain_name) {
        const KernelChain* found = reading.table.find(chain_name);
        if (found == nullptr) {
            reading.torn = true;
            return;
        }
        reading.current = static_cast<std::size_t>(found - chains.data());
    }
    std::vector<KernelRule>& rules = chains[reading.current].rules;
    reading.torn = reading.torn || behind != (rules.empty() ? 0 : rules.back().handle);
    rules.push_back(std::move(rule));
}

void read_chain(const nlmsghdr& message, KernelTable& table) {
    KernelChain chain;
    bool ours = false;
    for_each_attribute(message, sizeof(nfgenmsg), [&](const nlattr* attribute) {
        switch (mnl_attr_get_type(attribute)) {
            case NFTA_CHAIN_TABLE: ours = text_of(attribute) == nft::table_name; break;
            case NFTA_CHAIN_NAME: chain.name = text_of(attribute); break;
            case NFTA_CHAIN_HOOK: chain.base = true; break;
            default: break;
        }
    });
    if (ours) {
        table.chains.push_back(std::move(chain));
    }
}

Error busy() {
    return {Code::busy, "", -1, "other programs keep changing the firewall's tables",
            "try again when they are done"};
}

Error dump_error(int number) {
    if (number == EINVAL || number == EOPNOTSUPP) {
        return error_from(EPROTONOSUPPORT);  // no subsystem of that number
    }
    return error_from(number);
}

// A dump of rules; false if tables changed under it.
Result<bool> dump_rules(Session& session, int type, const std::optional<std::string>& chain,
                        const Receiver& receiver) {
    Requests rules(session);
    rules.add(type, NLM_F_DUMP).text(NFTA_RULE_TABLE, nft::table_name);
    if (chain) {
        rules.text(NFTA_RULE_CHAIN, *chain);
    }
    const Result<int> outcome = session.dump(rules.bytes(), receiver);
    if (!outcome || (*outcome != 0 && *outcome != EINTR)) {
        return outcome ? dump_error(*outcome) : outcome.error();
    }
    return *outcome == 0;
}

Result<bool> dump_chains(Session& session, KernelTable& table) {
    Requests chains(session);
    chains.add(NFT_MSG_GETCHAIN, NLM_F_DUMP);
    const Result<int> outcome = session.dump(
        chains.bytes(), [&](const nlmsghdr& message) { read_chain(message, table); });
    if (!outcome || (*outcome != 0 && *outcome != EINTR)) {
        return outcome ? dump_error(*outcome) : outcome.error();
    }
    return *outcome == 0;
}

// One attempt; true if the table stood still meanwhile.
Result<bool> try_fetch(Session& session, Watch* watch, const std::vector<std::string>& only,
                       KernelTable& table) {
    table = {};
    Result<Glance> before = glance(session, {});
    if (!before) {
        return before.error();
    }
    table.generation = before->generation;
    Result<bool> whole = dump_chains(session, table);
    if (!whole || !*whole) {
        return whole;
    }
    Reading reading{table};
    const Receiver receiver = [&](const nlmsghdr& message) { read_rule(message, reading); };
    std::vector<std::optional<std::string>> wanted(only.begin(), only.end());
    if (only.empty() && !table.chains.empty()) {
        wanted.emplace_back();
    }
    bool quiet = true;
    for (const std::optional<std::string>& chain : wanted) {
        if (chain && table.find(*chain) == nullptr) {
            continue;
        }
        whole = dump_rules(session, NFT_MSG_GETRULE, chain, receiver);
        if (!whole) {
            return whole;
        }
        quiet = quiet && *whole;
    }
    // The dumps belong together only if nothing changed in between.
    const Result<Glance> after = glance(session, {});
    if (!after) {
        return after.error();
    }
    if (reading.torn) {
        return false;
    }
    if (watch != nullptr) {
        return watch->undisturbed(after->generation);
    }
    return quiet && after->generation == table.generation;
}

bool has_foreign(const KernelChain& chain) {
    return std::any_of(chain.rules.begin(), chain.rules.end(),
                       [](const KernelRule& rule) { return !rule.kind; });
}

// Counters as they were when they were cleared, by handle. What is cleared twice, because a dump
// had to be repeated, adds up.
using Cleared = std::unordered_map<std::uint64_t, Counters>;

Receiver collect_into(Cleared& cleared, const std::string& chain) {
    return [&cleared, chain](const nlmsghdr& message) {
        KernelTable table;
        table.chains.push_back({chain, false, {}});
        Reading reading{table};
        read_rule(message, reading);
        for (const KernelRule& rule : table.chains.front().rules) {
            cleared[rule.handle] += rule.counters;
        }
    };
}

// By one dump, again until no rule is left out because others came or went under it.
Status reset_by_dump(Session& session, const KernelChain& chain, Cleared& cleared) {
    const Receiver receiver = collect_into(cleared, chain.name);
    for (int attempt = 0; attempt < most_attempts; ++attempt) {
        const Result<bool> whole = dump_rules(session, get_rule_reset, chain.name, receiver);
        if (!whole) {
            return whole.error();
        }
        const bool all = std::all_of(chain.rules.begin(), chain.rules.end(), [&](const auto& rule) {
            return cleared.count(rule.handle) != 0;
        });
        if (*whole || all) {
            break;
        }
    }
    return Done{};
}

// One by one, some in a request: their answers have to fit the socket's buffer.
Status reset_by_handle(Session& session, const KernelChain& chain, Cleared& cleared) {
    constexpr std::size_t at_once = 32;
    const Receiver receiver = collect_into(cleared, chain.name);
    auto rule = chain.rules.begin();
    for (;;) {
        Requests requests(session);
        std::size_t count = 0;
        for (; rule != chain.rules.end() && count < at_once; ++rule) {
            if (rule->kind) {
                requests.add(get_rule_reset, 0)
                    .text(NFTA_RULE_TABLE, nft::table_name)
                    .text(NFTA_RULE_CHAIN, chain.name)
                    .number(NFTA_RULE_HANDLE, rule->handle);
                ++count;
            }
        }
        if (count == 0) {
            return Done{};
        }
        const Result<int> outcome = session.ask(requests.bytes(), count, receiver);
        if (!outcome || (*outcome != 0 && *outcome != ENOENT)) {
            return outcome ? dump_error(*outcome) : outcome.error();
        }
    }
}

}  // namespace

Result<KernelTable> fetch_table(Session& session, Watch* watch,
                                const std::vector<std::string>& only) {
    KernelTable table;
    std::optional<Watch> own;
    for (int attempt = 0; attempt < most_attempts; ++attempt) {
        const Result<bool> quiet = try_fetch(session, watch, only, table);
        if (!quiet) {
            return quiet.error();
        }
        if (*quiet) {
            return table;
        }
        if (watch == nullptr && attempt + 1 >= attempts_unwatched) {
            Result<Watch> opened = Watch::open();
            if (!opened) {
                return opened.error();
            }
            watch = &own.emplace(std::move(*opened));
        } else if (watch != nullptr) {
            if (Status status = watch->restart(); !status) {
                return status.error();
            }
        }
    }
    return busy();
}

Result<std::vector<KernelRule>> fetch_rules(Session& session, const std::string& chain) {
    for (int attempt = 0; attempt < most_attempts; ++attempt) {
        KernelTable table;
        table.chains.push_back({chain, false, {}});
        Reading reading{table};
        const Result<bool> whole =
            dump_rules(session, NFT_MSG_GETRULE, chain,
                       [&](const nlmsghdr& message) { read_rule(message, reading); });
        if (!whole) {
            return whole.error();
        }
        if (*whole) {
            return std::move(table.chains.front().rules);
        }
    }
    return busy();
}

Status reset_counters(Session& session, KernelChain& chain) {
    Cleared cleared;
    Status status = has_foreign(chain) ? reset_by_handle(session, chain, cleared)
                                       : reset_by_dump(session, chain, cleared);
    for (KernelRule& rule : chain.rules) {
        if (rule.kind) {
            rule.counters = cleared[rule.handle];
        }
    }
    return status;
}

std::uint32_t read_generation(const nlmsghdr& message) {
    std::uint32_t generation = 0;
    for_each_attribute(message, sizeof(nfgenmsg), [&](const nlattr* attribute) {
        if (mnl_attr_get_type(attribute) == NFTA_GEN_ID) {
            generation = ntohl(mnl_attr_get_u32(attribute));
        }
    });
    return generation;
}

Result<Glance> glance(Session& session, const std::vector<std::string>& chains) {
    Requests requests(session);
    requests.add(NFT_MSG_GETGEN, 0);
    for (const std::string& chain : chains) {
        requests.add(NFT_MSG_GETCHAIN, 0)
            .text(NFTA_CHAIN_TABLE, nft::table_name)
            .text(NFTA_CHAIN_NAME, chain);
    }
    Glance seen;
    const Result<int> outcome =
        session.ask(requests.bytes(), 1 + chains.size(), [&](const nlmsghdr& message) {
            if (message.nlmsg_type == message_type(NFT_MSG_NEWGEN)) {
                seen.generation = read_generation(message);
            } else {
                seen.any_chain = true;
            }
        });
    if (!outcome) {
        return outcome.error();
    }
    if (*outcome != 0 && *outcome != ENOENT) {
        return dump_error(*outcome);
    }
    return seen;
}

}  // namespace fw::netlink
