#include "journey.h"

#include <algorithm>
#include <cstdio>

namespace packets {

namespace {

constexpr std::size_t ethernet_payload = 46;  // short packets come with something behind them
constexpr std::uint16_t longest = 65000;      // that nfnetlink_log reports whole

const char* name_of(fw::Verdict verdict) {
    switch (verdict) {
        case fw::Verdict::accept: return "accept";
        case fw::Verdict::deny: return "deny";
        case fw::Verdict::reject: return "reject";
        case fw::Verdict::masquerade: return "masquerade";
        case fw::Verdict::redirect: return "redirect";
        case fw::Verdict::loop: return "loop";
        case fw::Verdict::passed: return "passed";
    }
    return "";
}

// MASQ and REDIRECT are only met where they mean ACCEPT.
bool lets_pass(fw::Verdict verdict) {
    return verdict == fw::Verdict::accept || verdict == fw::Verdict::masquerade ||
           verdict == fw::Verdict::redirect;
}

// An ICMP error by which the kernel answers what it can't route or read.
bool is_the_kernels_own(const Sighting& sighting) {
    if (sighting.place != Place::before_output) {
        return false;
    }
    const fw::Packet packet = to_packet(sighting.bytes, "", 0);
    return packet.protocol == fw::protocol_icmp &&
           (packet.source_port == 11 || packet.source_port == 12);
}

std::string hex(const Bytes& bytes) {
    constexpr std::size_t shown = 64;
    std::string text;
    for (std::size_t i = 0; i < std::min(bytes.size(), shown); ++i) {
        char digits[3];
        std::snprintf(digits, sizeof digits, "%02x", bytes[i]);
        text += digits;
    }
    return bytes.size() > shown ? text + "..." : text;
}

unsigned top_byte(fw::Address address) { return address.value >> 24; }

}  // namespace

Problem impossible(const Shot& shot) {
    const fw::Packet& packet = shot.packet;
    if (packet.length < packet.header_words * 4) {
        return "a packet that ends within its IP header";
    }
    if (packet.length > longest) {
        return "a packet too long to be reported whole";
    }
    if (packet.protocol > 255) {
        return "a protocol that no packet can have";
    }
    if (shot.local && packet.source.value == 0 && packet.interface == "lo") {
        return "a packet from 0.0.0.0 over lo, where the kernel writes an address";
    }
    return std::nullopt;
}

bool can_be_forwarded(const Shot& shot) {
    const unsigned from = top_byte(shot.packet.source);
    const unsigned to = top_byte(shot.packet.destination);
    return !shot.local && shot.packet.ttl > 1 && from != 0 && from < 224 && to != 0 && to != 127 &&
           to < 224;
}

std::vector<std::string> Journey::travel(const Shot& shot) {
    shot_ = shot;
    expected_.clear();
    story_.clear();
    differences_.clear();
    begin(shot);
    const auto waiting = [this] {
        return std::any_of(expected_.begin(), expected_.end(),
                           [](const Expected& expected) { return expected.must; });
    };
    while (const std::optional<Sighting> sighting = probes_.next(waiting())) {
        see(*sighting);
    }
    for (const Expected& expected : expected_) {
        if (expected.must) {
            differs(std::string(expected.answer ? "no answer " : "nothing ") +
                    packets::name_of(expected.place) + ", expected: " + describe(expected.packet));
        }
    }
    if (const std::optional<std::string> name = network_.unread()) {
        differs("something left by " + *name);
    }
    return differences_;
}

void Journey::begin(const Shot& shot) {
    Bytes bytes = to_bytes(shot.packet);
    Problem problem;
    if (shot.local) {
        expected_.push_back({Place::before_output, shot.packet, bytes, true, false});
        problem = network_.send(shot.packet.interface, bytes, shot.packet.mark);
    } else {
        fw::Packet packet = shot.packet;
        packet.mark = 0;  // nothing sets one before `input`
        expected_.push_back({Place::before_input, packet, bytes, true, false});
        problem = network_.route_through(shot.route);
        bytes.resize(std::max(bytes.size(), ethernet_payload), 0x55);
        problem = problem ? problem : network_.arrive(packet.interface, bytes);
    }
    if (problem) {
        differs(*problem);
    }
}

void Journey::see(const Sighting& sighting) {
    const std::string interface = sighting.out.empty() ? sighting.in : sighting.out;
    if (sighting.place != Place::copied && !header_checksum_is_right(sighting.bytes)) {
        differs(std::string("wrong checksum ") + packets::name_of(sighting.place));
    }
    std::optional<Expected> traveller = take_expected(sighting);
    if (!traveller && is_the_kernels_own(sighting)) {
        traveller = Expected{sighting.place, to_packet(sighting.bytes, interface, sighting.mark),
                             sighting.bytes, true, false};
    }
    if (!traveller) {
        std::string what = std::string("seen ") + packets::name_of(sighting.place) + ": ";
        what += sighting.bytes.size() < 20
                    ? "copy of " + hex(sighting.bytes)
                    : describe(to_packet(sighting.bytes, interface, sighting.mark)) + " " +
                          hex(sighting.bytes);
        for (const Expected& other : expected_) {
            what += std::string("\n      expected ") + packets::name_of(other.place) + ": " +
                    describe(other.packet) + " " + hex(other.bytes);
        }
        differs(what);
        return;
    }
    go_on(std::move(*traveller), sighting);
}

std::optional<Journey::Expected> Journey::take_expected(const Sighting& sighting) {
    const auto found =
        std::find_if(expected_.begin(), expected_.end(), [&](const Expected& expected) {
            if (expected.place != sighting.place) {
                return false;
            }
            return expected.answer
                       ? is_answer_to(expected.bytes, sighting.bytes)
                       : expected.bytes == sighting.bytes && expected.packet.mark == sighting.mark;
        });
    if (found == expected_.end()) {
        return std::nullopt;
    }
    Expected taken = std::move(*found);
    expected_.erase(found);
    if (taken.answer) {
        ++tally_.answers;
        taken.packet = to_packet(sighting.bytes, "", sighting.mark);
        taken.bytes = sighting.bytes;
        taken.answer = false;
    }
    return taken;
}

void Journey::go_on(Expected traveller, const Sighting& sighting) {
    traveller.packet.interface = sighting.out.empty() ? sighting.in : sighting.out;
    traveller.must = true;
    switch (sighting.place) {
        case Place::before_input: return judge(0, std::move(traveller), Place::behind_input);
        case Place::behind_input: return route(traveller);
        case Place::before_forward: return judge(1, std::move(traveller), Place::behind_forward);
        case Place::behind_forward: return judge(2, std::move(traveller), Place::behind_routed);
        case Place::before_output: return judge(2, std::move(traveller), Place::behind_output);
        case Place::behind_routed:
        case Place::behind_output: return leave(traveller, sighting.out);
        case Place::delivered: ++tally_.delivered; return;
        case Place::copied: ++tally_.copies; return;
    }
}

void Journey::judge(std::size_t chain, Expected traveller, Place behind) {
    const std::string& name = ruleset_.chains[chain].name;
    const fw::Decision decision = fw::evaluate(ruleset_, name, traveller.packet);
    fw::count(ruleset_, decision, traveller.packet.length);
    story_.push_back(name + " with " + describe(traveller.packet) + ": " +
                     name_of(decision.verdict));
    for (const fw::Copy& copy : decision.copies) {
        Expected copied = traveller;
        copied.place = Place::copied;
        copied.bytes = with_tos(traveller.bytes, copy.tos);
        copied.bytes.resize(copy.bytes);
        copied.packet.mark = copy.mark;
        expected_.push_back(std::move(copied));
    }
    traveller.bytes = with_tos(traveller.bytes, decision.tos);
    traveller.packet.tos = decision.tos;
    traveller.packet.mark = decision.mark;
    if (lets_pass(decision.verdict)) {
        ++tally_.verdicts[chain][0];
        traveller.place = behind;
        expected_.push_back(std::move(traveller));
        return;
    }
    ++tally_.verdicts[chain][decision.verdict == fw::Verdict::reject ? 2 : 1];
    if (decision.verdict != fw::Verdict::reject) {
        return;
    }
    const Answered answered = answered_if_rejected(traveller.bytes);
    if (answered != Answered::no) {
        traveller.place = Place::before_output;
        traveller.answer = true;
        // Over lo, the answer has an address that can't be answered from.
        traveller.must = answered == Answered::yes && traveller.packet.interface != "lo";
        expected_.push_back(std::move(traveller));
    }
}

// Behind `input`: it is for this machine, or goes on, or can't be routed.
void Journey::route(const Expected& traveller) {
    Expected local = traveller;
    local.place = Place::delivered;
    local.must = traveller.packet.interface == "lo" && traveller.packet.fragment_offset == 0 &&
                 !traveller.packet.more_fragments;
    expected_.push_back(std::move(local));
    if (traveller.packet.ttl < 2) {
        return;
    }
    Expected onward = traveller;
    onward.place = Place::before_forward;
    onward.bytes = one_hop_further(traveller.bytes);
    --onward.packet.ttl;
    onward.must = traveller.packet.interface == shot_.packet.interface && can_be_forwarded(shot_);
    expected_.push_back(std::move(onward));
}

// Over lo it comes back; the copy of a broadcast may.
void Journey::leave(const Expected& traveller, const std::string& out) {
    const bool broadcast = traveller.packet.destination.value == 0xffffffff;
    if (out == "lo" || broadcast) {
        Expected back = traveller;
        back.place = Place::before_input;
        back.must = !broadcast;
        expected_.push_back(std::move(back));
    }
    if (out == "lo") {
        return;
    }
    const std::optional<Bytes> left = network_.left_by(out, true);
    if (left != traveller.bytes) {
        differs("left by " + out + ": " + (left ? hex(*left) : "nothing") + ", expected " +
                hex(traveller.bytes));
        return;
    }
    ++tally_.left;
}

void Journey::differs(const std::string& what) {
    std::string text = std::string(shot_.local ? "local " : "arriving ") + describe(shot_.packet) +
                       "\n    " + what;
    for (const std::string& line : story_) {
        text += "\n      " + line;
    }
    differences_.push_back(std::move(text));
}

}  // namespace packets
