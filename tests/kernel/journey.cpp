#include "journey.h"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "translation.h"

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

Problem impossible(const Shot& shot, fw::Dialect dialect) {
    const fw::Packet& packet = shot.packet;
    if (packet.length < packet.header_words * 4) {
        return "a packet that ends within its IP header";
    }
    if (packet.length > longest) {
        return "a packet too long to be reported whole";
    }
    if (dialect == fw::Dialect::ipfwadm && packet.protocol == fw::protocol_icmp &&
        packet.length == packet.header_words * 4) {
        return "ICMP without a type";
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
    differences_.clear();
    masqueraded_.reset();
    reply_.reset();
    if (tracked_) {
        if (const Problem problem = network_.forget_connections()) {
            return {*problem};
        }
    }
    go(shot, to_bytes(shot.packet));
    if (const std::optional<Masqueraded> masqueraded = std::exchange(masqueraded_, std::nullopt)) {
        answer(*masqueraded);
    }
    return differences_;
}

void Journey::go(const Shot& shot, const Bytes& bytes) {
    shot_ = shot;
    expected_.clear();
    story_.clear();
    begin(bytes);
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
}

// Both ways in which the other end can speak of the connection: as seen on the wire, and as they
// should be for the inner host.
void Journey::answer(const Masqueraded& masqueraded) {
    const Bytes& left = masqueraded.left;
    const fw::Packet outer = to_packet(left, "", 0);
    const Ends inner = ends_of(masqueraded.inner);
    const Bytes reply = reply_to(left);
    ++tally_.replies;
    come_back(masqueraded, {reply, with_ends(reply, {inner.destination, inner.source,
                                                     inner.destination_port, inner.source_port})});
    ++tally_.errors;
    come_back(masqueraded,
              {error_about(left, outer.id), error_about(with_ends(left, inner), outer.id)});
}

void Journey::come_back(const Masqueraded& masqueraded, Reply reply) {
    if (!can_be_forwarded({false, to_packet(reply.inside, "", 0), ""})) {
        return;
    }
    reply_ = std::move(reply);
    go({false, to_packet(reply_->on_the_wire, masqueraded.out, 0), masqueraded.inner.interface},
       reply_->on_the_wire);
}

void Journey::begin(const Bytes& bytes) {
    fw::Packet packet = shot_.packet;
    Problem problem;
    if (!shot_.local) {
        packet.mark = 0;  // nothing sets one before `input`
    }
    // Tracked, a fragment waits for the rest of its packet.
    if (!tracked_ || !is_fragment(packet)) {
        const Place place = shot_.local ? Place::before_output : Place::before_input;
        expected_.push_back({place, packet, bytes});
    }
    problem = shot_.local ? network_.send(packet.interface, bytes, packet.mark) : arrive(bytes);
    if (problem) {
        differs(*problem);
    }
}

Problem Journey::arrive(const Bytes& bytes) {
    std::vector<Bytes> pieces = {bytes};
    if (shot_.cut != 0) {
        ++tally_.assembled;
        pieces = two_fragments(bytes, shot_.cut);
    }
    Problem problem = network_.route_through(shot_.route);
    for (Bytes& piece : pieces) {
        piece.resize(std::max(piece.size(), ethernet_payload), 0x55);
        problem = problem ? problem : network_.arrive(shot_.packet.interface, piece);
    }
    return problem;
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
            return expected.place == sighting.place && is_expected(expected, sighting);
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
    } else if (sighting.place != Place::copied && taken.bytes != sighting.bytes) {
        taken.packet = to_packet(sighting.bytes, "", sighting.mark);
        taken.bytes = sighting.bytes;
    }
    return taken;
}

bool Journey::is_expected(const Expected& expected, const Sighting& sighting) const {
    if (expected.answer) {
        return is_answer_to(expected.bytes, sighting.bytes);
    }
    if (expected.packet.mark != sighting.mark) {
        return false;
    }
    if (sighting.place != Place::before_masqueraded) {
        return same_packet(expected.bytes, sighting.bytes);
    }
    const fw::Packet seen = to_packet(sighting.bytes, "", 0);
    Ends ends = ends_of(expected.packet);
    ends.source = network_.own_address(sighting.out);
    ends.source_port = seen.source_port;
    return (!has_ports(seen) || is_masquerading(seen.source_port)) &&
           same_packet(with_ends(expected.bytes, ends), sighting.bytes);
}

void Journey::go_on(Expected traveller, const Sighting& sighting) {
    traveller.packet.interface = sighting.out.empty() ? sighting.in : sighting.out;
    traveller.must = true;
    const Fate fate = traveller.fate;
    switch (sighting.place) {
        case Place::before_input:
            account(traveller.packet, fw::Direction::in);
            return judge(0, std::move(traveller), sighting, Place::behind_input);
        case Place::behind_input:
            return fate == Fate::redirected ? redirect(std::move(traveller))
                   : fate == Fate::reply    ? route_reply(std::move(traveller))
                                            : route(traveller);
        case Place::before_forward:
            return fate == Fate::reply
                       ? pass(std::move(traveller), Place::behind_forward)
                       : judge(1, std::move(traveller), sighting, Place::behind_forward);
        case Place::behind_forward:
            return fate == Fate::masqueraded
                       ? pass(std::move(traveller), Place::behind_routed)
                       : judge(2, std::move(traveller), sighting, Place::behind_routed);
        case Place::before_output:
            return judge(2, std::move(traveller), sighting, Place::behind_output);
        case Place::behind_routed:
            return fate == Fate::masqueraded ? pass(std::move(traveller), Place::before_masqueraded)
                                             : leave(traveller, sighting.out);
        case Place::before_masqueraded:
            return judge(2, std::move(traveller), sighting, Place::behind_masqueraded);
        case Place::behind_masqueraded:
        case Place::behind_output: return leave(traveller, sighting.out);
        case Place::delivered: ++tally_.delivered; return;
        case Place::copied: ++tally_.copies; return;
    }
}

void Journey::judge(std::size_t chain, Expected traveller, const Sighting& sighting, Place behind) {
    const std::string& name = ruleset_.chains[chain].name;
    fw::Decision decision = fw::evaluate(ruleset_, name, traveller.packet);
    if (is_left_out(ruleset_.chains[chain])) {
        decision.verdict = fw::Verdict::accept;
    }
    story_.push_back(name + " with " + describe(traveller.packet) + ": " +
                     name_of(decision.verdict));
    const bool over_lo = chain == 0 && traveller.packet.interface == "lo";
    if ((sighting.invalid || over_lo) && is_rewriting(chain, decision)) {
        // What can't be rewritten is dropped by the rule that says so.
        ++tally_.untracked;
        decision.verdict = fw::Verdict::deny;
    }
    fw::count(ruleset_, decision, traveller.packet.length);
    expect_copies(decision, traveller);
    traveller.fate = fate_of(chain, decision, traveller, sighting);
    traveller.port = decision.port;
    traveller.bytes = with_tos(traveller.bytes, decision.tos);
    traveller.packet.tos = decision.tos;
    traveller.packet.mark = decision.mark;
    if (lets_pass(decision.verdict)) {
        ++tally_.verdicts[chain][0];
        return pass(std::move(traveller), behind);
    }
    ++tally_.verdicts[chain][decision.verdict == fw::Verdict::reject ? 2 : 1];
    if (decision.verdict == fw::Verdict::reject && sighting.place != Place::before_masqueraded) {
        expect_answer(std::move(traveller));
    }
}

void Journey::account(fw::Packet packet, fw::Direction direction) {
    if (ruleset_.dialect != fw::Dialect::ipfwadm) {
        return;
    }
    packet.direction = direction;
    const fw::Decision decision = fw::evaluate(ruleset_, fw::accounting_chain, packet);
    tally_.accounted += decision.hits.empty() ? 0 : 1;
    fw::count(ruleset_, decision, packet.length);
}

bool Journey::is_left_out(const fw::Chain& chain) const {
    return translated_ && chain.rules.empty() && chain.policy == fw::Policy::accept;
}

bool Journey::is_rewriting(std::size_t chain, const fw::Decision& decision) const {
    return tracked_ && ((chain == 0 && decision.verdict == fw::Verdict::redirect) ||
                        (chain == 1 && decision.verdict == fw::Verdict::masquerade));
}

Journey::Fate Journey::fate_of(std::size_t chain, const fw::Decision& decision,
                               const Expected& traveller, const Sighting& sighting) const {
    if (reply_ && chain == 0 && !sighting.invalid &&
        is_this_machine(traveller.packet.destination)) {
        return Fate::reply;
    }
    if (!is_rewriting(chain, decision)) {
        return traveller.fate;
    }
    return chain == 0 ? Fate::redirected : Fate::masqueraded;
}

void Journey::expect_copies(const fw::Decision& decision, const Expected& traveller) {
    for (const fw::Copy& copy : decision.copies) {
        Expected copied = traveller;
        copied.place = Place::copied;
        copied.bytes = with_tos(traveller.bytes, copy.tos);
        copied.bytes.resize(copy.bytes);
        copied.packet.mark = copy.mark;
        expected_.push_back(std::move(copied));
    }
}

void Journey::expect_answer(Expected traveller) {
    const Answered answered = answered_if_rejected(traveller.bytes);
    if (answered == Answered::no) {
        return;
    }
    traveller.place = Place::before_output;
    traveller.answer = true;
    // Over lo, the answer has an address that can't be answered from.
    traveller.must = answered == Answered::yes && traveller.packet.interface != "lo";
    traveller.fate = Fate::stays;
    if (reply_) {
        // Whoever sent it knows it as it was on the wire.
        traveller.about = with_ends(traveller.bytes, ends_of(shot_.packet));
    }
    expected_.push_back(std::move(traveller));
}

void Journey::pass(Expected traveller, Place next) {
    traveller.place = next;
    expected_.push_back(std::move(traveller));
}

// Behind `input`: it is for this machine, or goes on, or can't be routed.
void Journey::route(const Expected& traveller) {
    Expected local = traveller;
    local.place = Place::delivered;
    local.must = traveller.packet.interface == "lo" && !is_fragment(traveller.packet);
    expected_.push_back(std::move(local));
    if (traveller.packet.ttl < 2) {
        return;
    }
    Expected onward = traveller;
    onward.place = Place::before_forward;
    onward.bytes = one_hop_further(traveller.bytes);
    --onward.packet.ttl;
    onward.must = traveller.packet.interface == shot_.packet.interface && can_be_forwarded(shot_) &&
                  !is_this_machine(traveller.packet.destination);
    expected_.push_back(std::move(onward));
}

void Journey::route_reply(Expected traveller) {
    traveller.bytes = one_hop_further(with_tos(reply_->inside, traveller.packet.tos));
    traveller.packet = to_packet(traveller.bytes, "", traveller.packet.mark);
    pass(std::move(traveller), Place::before_forward);
}

void Journey::redirect(Expected traveller) {
    ++tally_.redirected;
    Ends ends = ends_of(traveller.packet);
    ends.destination = network_.own_address(traveller.packet.interface);
    ends.destination_port = traveller.port;
    traveller.bytes = with_ends(traveller.bytes, ends);
    const unsigned from = top_byte(ends.source);
    traveller.must = from != 0 && from < 224;
    pass(std::move(traveller), Place::delivered);
}

// Over lo it comes back; the copy of a broadcast may, and is counted as it leaves, too
// (Linux 6.18).
void Journey::leave(const Expected& traveller, const std::string& out) {
    const bool broadcast = traveller.packet.destination.value == 0xffffffff;
    account(traveller.packet, fw::Direction::out);
    // What we send ourselves is routed as if it went elsewhere, see Network::send.
    const bool is_ours = shot_.local && traveller.packet.destination == shot_.packet.destination;
    if (broadcast && out != "lo" && !is_ours) {
        account(traveller.packet, fw::Direction::out);
    }
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
    if (!left || !has_left(traveller, *left)) {
        differs("left by " + out + ": " + (left ? hex(*left) : "nothing") + ", expected " +
                hex(traveller.bytes));
        return;
    }
    ++tally_.left;
    if (traveller.fate == Fate::masqueraded) {
        ++tally_.masqueraded;
        masqueraded_ = Masqueraded{shot_.packet, *left, out};
    }
}

// Our answer to a reply leaves from the address that was asked, which need not be the one that it
// had in `output`.
bool Journey::has_left(const Expected& traveller, const Bytes& left) const {
    if (traveller.about.empty()) {
        return left == traveller.bytes;
    }
    return is_answer_to(traveller.about, left) &&
           to_packet(left, "", 0).source == shot_.packet.destination;
}

Tally& Tally::operator+=(const Tally& other) {
    for (std::size_t chain = 0; chain < 3; ++chain) {
        for (std::size_t verdict = 0; verdict < 3; ++verdict) {
            verdicts[chain][verdict] += other.verdicts[chain][verdict];
        }
    }
    answers += other.answers;
    copies += other.copies;
    delivered += other.delivered;
    left += other.left;
    redirected += other.redirected;
    masqueraded += other.masqueraded;
    replies += other.replies;
    errors += other.errors;
    untracked += other.untracked;
    assembled += other.assembled;
    accounted += other.accounted;
    return *this;
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
