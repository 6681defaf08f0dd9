// One packet's way through the kernel, held against the evaluator: at each place where a chain
// stands, what was seen before it is evaluated, and what is seen behind it must be what the
// evaluator let through: the same bytes but for the TOS, a right checksum, and the mark. A
// rejected packet must be answered, and the answer's own way is followed like any other.
//
//     Journey journey(ruleset, network, probes);
//     for (const std::string& difference : journey.travel(shot)) ...
//
// What the evaluator says is counted in the ruleset.
#pragma once

#include <array>
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
    std::string route;  // arriving: where the default route leads
};

// Whether the kernel can be given such a packet; if not, why.
[[nodiscard]] Problem impossible(const Shot& shot);

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
};

class Journey {
public:
    Journey(fw::Ruleset& ruleset, Network& network, Probes& probes, Tally& tally)
        : ruleset_(ruleset), network_(network), probes_(probes), tally_(tally) {}

    // The differences; none if all went as it should.
    [[nodiscard]] std::vector<std::string> travel(const Shot& shot);

private:
    // Something that should be seen next.
    struct Expected {
        Place place = Place::before_input;
        fw::Packet packet;
        Bytes bytes;
        bool must = true;
        bool answer = false;  // it is the answer to `bytes`
    };

    void begin(const Shot& shot);
    void see(const Sighting& sighting);
    [[nodiscard]] std::optional<Expected> take_expected(const Sighting& sighting);
    void go_on(Expected traveller, const Sighting& sighting);
    void judge(std::size_t chain, Expected traveller, Place behind);
    void route(const Expected& traveller);
    void leave(const Expected& traveller, const std::string& out);
    void differs(const std::string& what);

    fw::Ruleset& ruleset_;
    Network& network_;
    Probes& probes_;
    Tally& tally_;
    Shot shot_;
    std::vector<Expected> expected_;
    std::vector<std::string> story_;
    std::vector<std::string> differences_;
};

}  // namespace packets
