// One packet's way through the kernel, held against the evaluator: at each place where a chain
// stands, what was seen before it is evaluated, and what is seen behind it must be what the
// evaluator let through: the same bytes but for the TOS, a right checksum, and the mark. A
// rejected packet must be answered, and the answer's own way is followed like any other.
//
//     Journey journey(ruleset, network, probes);
//     for (const std::string& difference : journey.travel(shot)) ...
//
// What the evaluator says is counted in the ruleset. ipfwadm's accounting counts before `input` and
// as a packet leaves, whatever becomes of it.
//
// With connections tracked, each packet begins a new one. What is redirected must be delivered at
// its new port; what is masqueraded must leave with the address of its interface and a port of
// 61000:65095, by leave of `output`, which is asked about the rewritten packet. Then a reply comes
// back, and an ICMP error: both meet `input` as they are on the wire and `output` as they are for
// the inner host, and not `forward`. Fragments are put together before `input`.
//
// Translated, a built-in chain without rules and with the policy ACCEPT is not there, and lets pass
// even what Linux 2.2 dropped before any rule.
//
// Two things are today's kernel's, not the evaluator's: what can't be rewritten is dropped where it
// would be (what conntrack can't follow; what comes over lo, where its connection is no longer
// new), and where a rewritten packet is rejected, nobody hears of it.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "fw/evaluate.h"
#include "fw/packet.h"
#include "fw/ruleset.h"
#include "network.h"
#include "probes.h"

namespace packets {

// A packet that arrives at packet.interface, or is sent out of it by a local process.
struct Shot {
    bool local = false;
    fw::Packet packet;
    std::string route;    // arriving: where the default route leads
    std::size_t cut = 0;  // arrives in two fragments, the first with as many bytes of payload
};

// Whether the kernel can be given such a packet; if not, why.
[[nodiscard]] Problem impossible(const Shot& shot, fw::Dialect dialect);

// Whether a router takes such a packet at all; if not, only `input` will see it.
[[nodiscard]] bool can_be_forwarded(const Shot& shot);

// How often each chain decided so; what was tested, for people.
struct Tally {
    std::array<std::array<std::uint64_t, 3>, 3> verdicts{};  // input, forward, output; pass, drop,
                                                             // reject
    std::uint64_t answers = 0;
    std::uint64_t copies = 0;
    std::uint64_t delivered = 0;
    std::uint64_t left = 0;
    std::uint64_t redirected = 0;
    std::uint64_t masqueraded = 0;
    std::uint64_t replies = 0;
    std::uint64_t errors = 0;
    std::uint64_t untracked = 0;  // dropped where they can't be rewritten
    std::uint64_t assembled = 0;
    std::uint64_t accounted = 0;
    Tally& operator+=(const Tally& other);
};

class Journey {
public:
    Journey(fw::Ruleset& ruleset, Network& network, Probes& probes, Tracking tracking, Tally& tally,
            bool translated = false)
        : ruleset_(ruleset),
          network_(network),
          probes_(probes),
          tracked_(tracking == Tracking::yes),
          tally_(tally),
          translated_(translated) {}

    // The differences; none if all went as it should.
    [[nodiscard]] std::vector<std::string> travel(const Shot& shot);

private:
    // What the kernel will make of the packet.
    enum class Fate : std::uint8_t { stays, redirected, masqueraded, reply };

    // Something that should be seen next.
    struct Expected {
        Place place = Place::before_input;
        fw::Packet packet;
        Bytes bytes;
        bool must = true;
        bool answer = false;  // it is the answer to `bytes`
        Fate fate = Fate::stays;
        std::uint16_t port = 0;  // redirected: to this one
        Bytes about{};           // an answer to a reply: to this one, on the wire
    };

    // A packet that left masqueraded: as it came, and as it went.
    struct Masqueraded {
        fw::Packet inner;
        Bytes left;
        std::string out;
    };

    // What comes back for it: on the wire, and what is made of it for the inner host.
    struct Reply {
        Bytes on_the_wire;
        Bytes inside;
    };

    void go(const Shot& shot, const Bytes& bytes);
    void answer(const Masqueraded& masqueraded);
    void come_back(const Masqueraded& masqueraded, Reply reply);
    void begin(const Bytes& bytes);
    [[nodiscard]] Problem arrive(const Bytes& bytes);
    void see(const Sighting& sighting);
    [[nodiscard]] std::optional<Expected> take_expected(const Sighting& sighting);
    [[nodiscard]] bool is_expected(const Expected& expected, const Sighting& sighting) const;
    void go_on(Expected traveller, const Sighting& sighting);
    void account(fw::Packet packet, fw::Direction direction);
    [[nodiscard]] bool is_left_out(const fw::Chain& chain) const;
    void judge(std::size_t chain, Expected traveller, const Sighting& sighting, Place behind);
    [[nodiscard]] bool is_rewriting(std::size_t chain, const fw::Decision& decision) const;
    [[nodiscard]] Fate fate_of(std::size_t chain, const fw::Decision& decision,
                               const Expected& traveller, const Sighting& sighting) const;
    void expect_copies(const fw::Decision& decision, const Expected& traveller);
    void expect_answer(Expected traveller);
    void pass(Expected traveller, Place next);
    void route(const Expected& traveller);
    void route_reply(Expected traveller);
    void redirect(Expected traveller);
    void leave(const Expected& traveller, const std::string& out);
    [[nodiscard]] bool has_left(const Expected& traveller, const Bytes& left) const;
    void differs(const std::string& what);

    fw::Ruleset& ruleset_;
    Network& network_;
    Probes& probes_;
    bool tracked_;
    Tally& tally_;
    bool translated_;
    Shot shot_;
    std::optional<Reply> reply_;  // when it is one that comes back
    std::optional<Masqueraded> masqueraded_;
    std::vector<Expected> expected_;
    std::vector<std::string> story_;
    std::vector<std::string> differences_;
};

}  // namespace packets
