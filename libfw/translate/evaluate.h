// What the kernel decides about a packet at a hook, by walking it through the base chains that a
// table has there: the referee of translations.
//
//     const Evaluator evaluator(table);
//     const Decided decided = evaluator.decide({packet, "eth0", ""}, nft::HookPoint::prerouting);
//
// As in Linux 6.18: chains in order of priority; `accept` ends a chain and not the hook, all that
// stops a packet ends both; a load from behind the packet's end breaks the rule, which is not met
// then; a second or later fragment shows its payload where a header would be. Limits have room,
// `numgen` lets pass, and no address is this machine's.
#pragma once

#include <bitset>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "fw/evaluate.h"
#include "fw/packet.h"
#include "nft/fragments.h"
#include "translate/table.h"

namespace fw::translate {

inline constexpr unsigned label_count = 128;

// What connection tracking has to say about a packet; the defaults are the first of a connection.
struct Connection {
    bool tracked = true;          // else it would not have the packet: invalid
    std::uint32_t state = 8;      // bits, as ct state shows them: invalid 1, related 4, new 8
    std::uint32_t status = 0;     // bits of enum ip_conntrack_status
    std::uint32_t direction = 0;  // 0 original, 1 reply
    std::bitset<label_count> labels = {};
};

struct Passage {
    const Packet& packet;       // ports and flags of a fragment are what its payload shows there
    std::string_view incoming;  // interfaces; "" where there is none
    std::string_view outgoing;
    Connection connection = {};
};

struct Decided {
    enum class Verdict : std::uint8_t { accept, drop, reject };
    Verdict verdict = Verdict::accept;
    std::uint8_t tos = 0;
    std::uint32_t mark = 0;
    std::bitset<label_count> labels;
    std::vector<std::string_view> log;  // prefixes of lines to the log or its daemon, in the table
    std::vector<Copy> copies;
    std::optional<nft::MasqueradeTo> masquerade;
    std::optional<std::uint16_t> redirect;  // to this port, 0 being the packet's own
};

// Priorities of the base chains to walk through.
struct Stage {
    std::int32_t first = std::numeric_limits<std::int32_t>::min();
    std::int32_t last = std::numeric_limits<std::int32_t>::max();
};

class Evaluator {
public:
    // The table must outlive it.
    explicit Evaluator(const Table& table);

    [[nodiscard]] Decided decide(const Passage& passage, nft::HookPoint hook,
                                 const Stage& stage = {}) const;

    // Whether there is a base chain.
    [[nodiscard]] bool has(nft::HookPoint hook, const Stage& stage = {}) const;

private:
    friend class Walker;

    // A rule, and the first test of it that can be made at once.
    struct Line {
        const Rule* rule = nullptr;
        nft::Compare test{};
        bool tests = false;
    };
    struct Prepared {
        const Chain* chain = nullptr;
        std::vector<Line> lines;
    };
    // The elements of a large set or map of one field, in order.
    struct Sorted {
        std::uint32_t first = 0;
        std::uint32_t last = 0;
        const Element* element = nullptr;
    };

    void prepare(const Chain& chain);

    std::vector<Prepared> chains_;
    std::vector<const Prepared*> bases_;  // by priority
    std::unordered_map<std::string_view, std::size_t> by_name_;
    std::unordered_map<const void*, std::vector<Sorted>> sorted_;
    std::vector<nft::FragmentRange> fragments_;
};

}  // namespace fw::translate
