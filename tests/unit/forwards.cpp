// What is forwarded from outside: its stored form, and the changes to it.
#include <catch2/catch.hpp>
#include <span>
#include <string>
#include <vector>

#include "fw/command.h"
#include "model/forward_codec.h"
#include "store/state_text.h"

using namespace fw;

namespace {

constexpr Address inside{0x0a000002};
constexpr Address other{0x0a000003};
constexpr Address outside{0xcb007101};

const PortForward web{protocol_tcp, outside, 80, inside, 8080, 10};
const MarkForward marked{1, inside, 80, 10};
const RangeForward to_host{protocol_tcp, {20, 21}, inside, false};
const ProtocolForward gre{47, inside, true};
const Helper ftp{"ftp", {21, 2121}};

RangeForward controlled(std::uint16_t port, bool timed, bool any_peer) {
    return {protocol_udp, {6970, 7170}, RangeForward::Control{protocol_tcp, port, timed}, any_peer};
}

std::vector<Forward> one_of_each() {
    return {web,
            PortForward{protocol_udp, outside, 65535, other, 1, 65535},
            marked,
            MarkForward{0xffffffff, inside, 0, 1},
            to_host,
            controlled(7070, true, false),
            controlled(7070, false, true),
            gre,
            ProtocolForward{255, other, false},
            ftp,
            Helper{"h323", std::vector<std::uint16_t>(12, 1720)}};
}

std::span<const std::uint8_t> bytes_of(const std::string& text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

Ruleset with(const std::vector<Forward>& forwards) {
    Ruleset ruleset = Ruleset::empty();
    for (const Forward& forward : forwards) {
        REQUIRE(apply(ruleset, AddForward{forward}));
    }
    return ruleset;
}

std::vector<Forward> all_in(const Ruleset& ruleset) {
    std::vector<Forward> all;
    for (const ForwardEntry& entry : ruleset.forwards) {
        all.push_back(entry.what);
    }
    return all;
}

MarkForward mark(std::uint32_t number, Address inner, std::uint16_t port = 0) {
    return {number, inner, port, 10};
}

}  // namespace

TEST_CASE("forwards: each kind is itself again from its bytes") {
    for (const Forward& forward : one_of_each()) {
        INFO("kind " << forward.index());
        const std::string bytes = encode_forward(forward);
        CHECK(bytes.size() <= 240);
        const Result<Forward> decoded = decode_forward(bytes_of(bytes));
        REQUIRE(decoded);
        CHECK(*decoded == forward);
    }
}

TEST_CASE("forwards: a part of the bytes, or more of them, is refused") {
    for (const Forward& forward : one_of_each()) {
        const std::string bytes = encode_forward(forward);
        const bool is_helper = kind_of(forward) == ForwardKind::helper;
        INFO("kind " << forward.index());
        for (std::size_t size = 0; size < bytes.size(); ++size) {
            const Result<Forward> cut = decode_forward(bytes_of(bytes.substr(0, size)));
            // A helper may have fewer ports, and is another one then.
            CHECK((!cut || (is_helper && *cut != forward)));
        }
        CHECK_FALSE(decode_forward(bytes_of(bytes + '\1')));
    }
}

TEST_CASE("forwards: bytes of what can't be are refused") {
    const struct {
        const char* what;
        std::string bytes;
    } rows[] = {
        {"nothing", ""},
        {"another version", std::string("\x02\x01\0\0\0\1\x0a\0\0\2\0\0\0\0\0\x0a", 16)},
        {"another kind", std::string("\x01\x05", 2)},
        {"mark 0", encode_forward(mark(0, inside))},
        {"no preference", encode_forward(MarkForward{1, inside, 80, 0})},
        {"too large a preference", encode_forward(MarkForward{1, inside, 80, 65536})},
        {"to no host", encode_forward(MarkForward{1, {}, 80, 10})},
        {"a protocol without ports", encode_forward(PortForward{1, outside, 80, inside, 80, 10})},
        {"port 0", encode_forward(PortForward{protocol_tcp, outside, 0, inside, 80, 10})},
        {"inner port 0", encode_forward(PortForward{protocol_tcp, outside, 80, inside, 0, 10})},
        {"a range upside down", encode_forward(RangeForward{protocol_tcp, {9, 8}, inside, false})},
        {"any peer of a host", encode_forward(RangeForward{protocol_tcp, {8, 9}, inside, true})},
        {"no control port", encode_forward(controlled(0, true, false))},
        {"protocol 0", encode_forward(ProtocolForward{0, inside, true})},
        {"a yes that is neither yes nor no", std::string("\1\3\x2f\x0a\0\0\2\2", 8)},
        {"an unknown helper", encode_forward(Helper{"quake", {26000}})},
        {"a helper without ports", encode_forward(Helper{"ftp", {}})},
        {"a helper with 13 ports",
         encode_forward(Helper{"ftp", std::vector<std::uint16_t>(13, 1)})},
        {"a helper's port 0", encode_forward(Helper{"ftp", {21, 0}})},
    };
    for (const auto& row : rows) {
        INFO(row.what);
        const Result<Forward> forward = decode_forward(bytes_of(row.bytes));
        REQUIRE_FALSE(forward);
        CHECK(forward.error().code == Code::damaged);
    }
}

TEST_CASE("forwards: the state file keeps them, with their counters and in their order") {
    Ruleset ruleset = with(one_of_each());
    ruleset.forwards[0].counters = {7, 420};
    const Result<std::string> text = write_state(ruleset);
    REQUIRE(text);
    const Result<Ruleset> again = read_state(*text);
    REQUIRE(again);
    CHECK(*again == ruleset);
}

TEST_CASE("forwards: a state file with a damaged line of them is refused") {
    const std::string head = *write_state(Ruleset::empty());
    const std::string good = "0 0 x01032f0a00000201";
    const struct {
        std::string lines;
        bool accepted;
    } rows[] = {
        {"forward " + good + "\n", true},
        {"forward " + good + " \n", true},
        {"forward " + good + " more\n", false},
        {"forward 0 x01032f0a00000201\n", false},
        {"forward 0 0 x01032f0a0000020\n", false},
        {"forward 0 0 x01032f0a0000020101\n", false},
        {"forward 0 0 x01032f0a00000202\n", false},
        // Sorted by kind: one for a mark does not follow one for a protocol.
        {"forward " + good + "\nforward 0 0 x0101000000010a00000200000000000a\n", false},
        {"forward 0 0 x0101000000010a00000200000000000a\nforward " + good + "\n", true},
    };
    for (const auto& row : rows) {
        INFO(row.lines);
        CHECK(read_state(head + row.lines).ok() == row.accepted);
    }
}

TEST_CASE("forwards: kinds stand together, and within a kind in the order of their coming") {
    const Ruleset ruleset = with({ftp, gre, marked, mark(2, other), web, to_host});
    CHECK(all_in(ruleset) == std::vector<Forward>{web, marked, mark(2, other), to_host, gre, ftp});
}

TEST_CASE("forwards: what is there already is not added twice, but takes over what is new") {
    const struct {
        Forward first;
        Forward again;
        std::size_t count;
    } rows[] = {
        {web, PortForward{protocol_tcp, outside, 80, inside, 8080, 3}, 1},
        {web, PortForward{protocol_tcp, outside, 80, other, 8080, 10}, 2},
        {web, PortForward{protocol_udp, outside, 80, inside, 8080, 10}, 2},
        {marked, MarkForward{1, inside, 80, 20}, 1},
        {marked, mark(1, inside, 0), 2},
        {controlled(7070, true, false), controlled(7070, false, false), 1},
        {controlled(7070, true, false), controlled(554, true, false), 2},
        {gre, ProtocolForward{50, inside, true}, 2},
        {ftp, Helper{"ftp", {2121}}, 1},
        {ftp, Helper{"irc", {6667}}, 2},
    };
    for (const auto& row : rows) {
        const Ruleset ruleset = with({row.first, row.again});
        INFO("kind " << row.first.index());
        CHECK(ruleset.forwards.size() == row.count);
        CHECK(ruleset.forwards.back().what == row.again);
    }
}

TEST_CASE("forwards: an entry that is edited must be there, and keeps its counters") {
    Ruleset ruleset = with({marked});
    ruleset.forwards[0].counters = {4, 240};
    const Result<Outcome> missing = apply(ruleset, AddForward{mark(2, inside, 80), true});
    REQUIRE_FALSE(missing);
    CHECK(missing.error().code == Code::refused);
    REQUIRE(apply(ruleset, AddForward{MarkForward{1, inside, 80, 99}, true}));
    REQUIRE(ruleset.forwards.size() == 1);
    CHECK(ruleset.forwards[0] == ForwardEntry{MarkForward{1, inside, 80, 99}, {4, 240}});
}

TEST_CASE("forwards: numbers out of their range are refused") {
    for (const Forward& forward :
         std::vector<Forward>{PortForward{protocol_tcp, outside, 80, inside, 80, 0}, mark(1, {}),
                              mark(0, inside), ProtocolForward{256, inside, true},
                              Helper{"ftp", {}}, Helper{"cuseeme", {7648}}}) {
        INFO("kind " << forward.index());
        Ruleset ruleset = Ruleset::empty();
        const Result<Outcome> outcome = apply(ruleset, AddForward{forward});
        REQUIRE_FALSE(outcome);
        CHECK(outcome.error().code == Code::refused);
        CHECK(ruleset == Ruleset::empty());
    }
}

TEST_CASE("forwards: deleting takes all that agree") {
    const std::vector<Forward> all = {web,
                                      PortForward{protocol_tcp, outside, 80, other, 80, 5},
                                      marked,
                                      mark(1, inside, 81),
                                      mark(1, other),
                                      mark(2, inside),
                                      to_host,
                                      controlled(7070, false, false),
                                      controlled(554, true, true),
                                      gre,
                                      ftp};
    const struct {
        Forward like;
        std::size_t gone;
    } rows[] = {
        {PortForward{protocol_tcp, outside, 80, {}, 0, 10}, 2},
        {PortForward{protocol_tcp, outside, 80, inside, 8080, 1}, 1},
        {PortForward{protocol_tcp, outside, 80, inside, 80, 10}, 0},
        {PortForward{protocol_udp, outside, 80, {}, 0, 10}, 0},
        {mark(1, {}), 3},
        {mark(1, inside), 2},
        {mark(1, inside, 81), 1},
        {mark(3, {}), 0},
        {to_host, 1},
        {RangeForward{protocol_tcp, {20, 21}, other, false}, 0},
        {controlled(7070, true, false), 1},
        {controlled(554, true, false), 0},
        {RangeForward{protocol_udp, {6970, 7170}, Address{}, false}, 2},
        {controlled(0, true, false), 1},
        {controlled(0, true, true), 1},
        {RangeForward{protocol_tcp, {20, 21}, RangeForward::Control{}, false}, 0},
        {RangeForward{protocol_udp, {6970, 7170}, RangeForward::Control{protocol_udp, 0}, false},
         0},
        {gre, 1},
        {ProtocolForward{47, inside, false}, 0},
        {Helper{"ftp", {}}, 1},
        {Helper{"irc", {}}, 0},
    };
    for (std::size_t i = 0; i < std::size(rows); ++i) {
        INFO("row " << i);
        Ruleset ruleset = with(all);
        const Result<Outcome> outcome = apply(ruleset, DeleteForwards{rows[i].like});
        CHECK(outcome.ok() == (rows[i].gone != 0));
        CHECK(ruleset.forwards.size() == all.size() - rows[i].gone);
    }
}

TEST_CASE("forwards: those that agree give way to others, and what is among both stays") {
    Ruleset ruleset = with({marked, controlled(7070, true, false), controlled(554, true, false),
                            controlled(7070, true, true), ftp});
    ruleset.forwards[2].counters = {3, 180};
    REQUIRE(apply(ruleset,
                  ReplaceForwards{controlled(0, true, false),
                                  {controlled(8554, true, false), controlled(554, true, false)}}));
    CHECK(all_in(ruleset) == std::vector<Forward>{marked, controlled(554, true, false),
                                                  controlled(7070, true, true),
                                                  controlled(8554, true, false), ftp});
    CHECK(ruleset.forwards[1].counters == Counters{3, 180});

    const Ruleset before = ruleset;
    CHECK_FALSE(apply(ruleset, ReplaceForwards{Helper{"ftp", {}}, {gre, Helper{"ftp", {}}}}));
    CHECK(ruleset == before);
    REQUIRE(apply(ruleset, ReplaceForwards{Helper{"irc", {}}, {Helper{"irc", {6667}}}}));
    CHECK(ruleset.forwards.size() == 6);
}

TEST_CASE("forwards: flushing takes one kind, and leaves the others and the rules alone") {
    Ruleset ruleset = with(one_of_each());
    REQUIRE(apply(ruleset, Append{"input", {Rule{}}}));
    REQUIRE(apply(ruleset, FlushForwards{ForwardKind::mark}));
    CHECK(ruleset.forwards.size() == one_of_each().size() - 2);
    for (const ForwardEntry& entry : ruleset.forwards) {
        CHECK(kind_of(entry.what) != ForwardKind::mark);
    }
    REQUIRE(apply(ruleset, FlushForwards{ForwardKind::mark}));
    REQUIRE(apply(ruleset, Flush{}));
    CHECK(ruleset.forwards.size() == one_of_each().size() - 2);
}

TEST_CASE("forwards: the next one's turn, without moving those for other marks") {
    Ruleset ruleset = with({mark(1, inside), mark(2, other), mark(1, other), mark(1, outside)});
    REQUIRE(apply(ruleset, RotateForwards{1}));
    CHECK(all_in(ruleset) ==
          std::vector<Forward>{mark(1, other), mark(2, other), mark(1, outside), mark(1, inside)});
    REQUIRE(apply(ruleset, RotateForwards{2}));
    const Result<Outcome> outcome = apply(ruleset, RotateForwards{3});
    REQUIRE_FALSE(outcome);
    CHECK(outcome.error().code == Code::refused);
}

TEST_CASE("forwards: protocols that are masqueraded come before those that are not") {
    Ruleset ruleset = Ruleset::empty();
    const ProtocolForward unmasked{50, Address{0x0a000009}, false};
    const ProtocolForward masked{47, Address{0x0a000009}, true};
    REQUIRE(apply(ruleset, AddForward{unmasked}));
    REQUIRE(apply(ruleset, AddForward{masked}));
    REQUIRE(ruleset.forwards.size() == 2);
    CHECK(ruleset.forwards[0].what == Forward{masked});
    CHECK(ruleset.forwards[1].what == Forward{unmasked});
}
