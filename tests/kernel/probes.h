// Eyes on the way of a packet: a table of our own, `ip probe`, with a chain before and behind each
// place where the firewall's chains stand. Each reports what it sees by nfnetlink_log, whole and
// with its mark. What the firewall copies to user space (-o) is reported in between.
//
// With connections tracked, they also tell what conntrack can't follow; and there are two more, for
// packets with a new source address, around `output`'s last place.
//
// Packets for this machine end in the last probe, so that no local process answers.
#pragma once

#include <libmnl/libmnl.h>

#include <deque>
#include <memory>
#include <string>

#include "network.h"

namespace packets {

enum class Place : std::uint8_t {
    before_input,
    behind_input,
    before_forward,
    behind_forward,  // which is before `output`, for a forwarded packet
    behind_routed,
    before_output,
    behind_output,
    before_masqueraded,
    behind_masqueraded,
    delivered,
    copied,  // by a rule with -o
};

[[nodiscard]] const char* name_of(Place place);

enum class Tracking : bool { no, yes };

struct Sighting {
    Place place = Place::copied;
    bool invalid = false;  // conntrack can't follow it
    std::string in;        // interfaces, where they are known
    std::string out;
    std::uint32_t mark = 0;
    Bytes bytes;
};

// An nft script that makes the table.
[[nodiscard]] std::string probe_table(Tracking tracking);

class Probes {
public:
    explicit Probes(const Network& network) : network_(network) {}

    // Puts the table into the present network namespace and listens.
    [[nodiscard]] Problem start(Tracking tracking);

    // The next sighting, in order of time; waits a moment for it if asked to.
    [[nodiscard]] std::optional<Sighting> next(bool wait);

private:
    struct Closer {
        void operator()(mnl_socket* socket) const { mnl_socket_close(socket); }
    };
    [[nodiscard]] Problem listen(std::uint16_t group);
    void receive();
    void take(const nlmsghdr& message);

    const Network& network_;
    std::unique_ptr<mnl_socket, Closer> socket_;
    std::deque<Sighting> seen_;
    Bytes buffer_;
};

}  // namespace packets
