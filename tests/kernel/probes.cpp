#include "probes.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_log.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cstring>
#include <string_view>

#include "netlink/attributes.h"
#include "process.h"

namespace packets {

namespace {

constexpr std::uint16_t probe_group = 77;
constexpr std::uint16_t copy_group = 1;  // of the firewall
constexpr int patience_ms = 200;
constexpr int receive_buffer = 32 << 20;

struct Probe {
    Place place;
    const char* name;
    const char* hook;
    const char* then;
    bool rewritten = false;  // sees only forwarded packets with a new source address
};
// The firewall's chains stand at prerouting -150, forward 0 and 10, output 0; when it masquerades,
// also at postrouting 150, behind the rewriting at 100.
constexpr Probe probes[] = {
    {Place::before_input, "before-input", "prerouting priority -160", ""},
    {Place::behind_input, "behind-input", "prerouting priority -140", ""},
    {Place::before_forward, "before-forward", "forward priority -5", ""},
    {Place::behind_forward, "behind-forward", "forward priority 5", ""},
    {Place::behind_routed, "behind-routed", "forward priority 15", ""},
    {Place::before_output, "before-output", "output priority -5", ""},
    {Place::behind_output, "behind-output", "output priority 5", ""},
    {Place::delivered, "delivered", "input priority 0", "drop"},
    {Place::before_masqueraded, "before-masqueraded", "postrouting priority 120", "", true},
    {Place::behind_masqueraded, "behind-masqueraded", "postrouting priority 160", "", true},
};

// ICMP errors by this machine are of the connection that they are about.
constexpr const char* forwarded_and_rewritten = "iif != 0 ct status snat ct direction original ";

std::string log_rule(const Probe& probe, const char* test, const char* suffix, const char* then) {
    return std::string(test) + "log prefix \"" + probe.name + suffix + "\" group " +
           std::to_string(probe_group) + " " + then + "\n";
}

struct Request {
    std::array<std::uint8_t, 256> buffer{};
    nlmsghdr* header = mnl_nlmsg_put_header(buffer.data());

    explicit Request(std::uint16_t group) {
        header->nlmsg_type = NFNL_SUBSYS_ULOG << 8 | NFULNL_MSG_CONFIG;
        header->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
        auto* family = static_cast<nfgenmsg*>(mnl_nlmsg_put_extra_header(header, sizeof(nfgenmsg)));
        family->nfgen_family = AF_INET;
        family->version = NFNETLINK_V0;
        family->res_id = htons(group);
    }
};

std::uint32_t get32(const nlattr* attribute) {
    return attribute == nullptr ? 0 : ntohl(mnl_attr_get_u32(attribute));
}

Problem answer(mnl_socket* socket) {
    std::array<std::uint8_t, 8192> buffer{};
    const ssize_t size = mnl_socket_recvfrom(socket, buffer.data(), buffer.size());
    if (size < 0 ||
        mnl_cb_run(buffer.data(), static_cast<std::size_t>(size), 0, 0, nullptr, nullptr) < 0) {
        return std::string("nfnetlink_log: ") + std::strerror(errno);
    }
    return std::nullopt;
}

}  // namespace

const char* name_of(Place place) {
    for (const Probe& probe : probes) {
        if (probe.place == place) {
            return probe.name;
        }
    }
    return "copied";
}

std::string probe_table(Tracking tracking) {
    std::string text = "table ip probe {\n";
    for (const Probe& probe : probes) {
        if (probe.rewritten && tracking == Tracking::no) {
            continue;
        }
        text += std::string("chain ") + probe.name + " { type filter hook " + probe.hook + ";\n";
        if (tracking == Tracking::yes && !probe.rewritten) {
            const char* end = *probe.then == '\0' ? "accept" : probe.then;
            text += log_rule(probe, "ct state invalid ", "?", end);
        }
        text +=
            log_rule(probe, probe.rewritten ? forwarded_and_rewritten : "", "", probe.then) + "}\n";
    }
    return text + "}\n";
}

Problem Probes::start(Tracking tracking) {
    if (const Run loaded = run({"nft", "-f", "-"}, probe_table(tracking)); loaded.status != 0) {
        return "nft: " + loaded.output;
    }
    socket_.reset(mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC));
    if (!socket_ || mnl_socket_bind(socket_.get(), 0, MNL_SOCKET_AUTOPID) != 0) {
        return std::string("nfnetlink: ") + std::strerror(errno);
    }
    setsockopt(mnl_socket_get_fd(socket_.get()), SOL_SOCKET, SO_RCVBUFFORCE, &receive_buffer,
               sizeof receive_buffer);
    buffer_.resize(1 << 17);
    for (const std::uint16_t group : {probe_group, copy_group}) {
        if (Problem problem = listen(group)) {
            return problem;
        }
    }
    return std::nullopt;
}

// Whole packets, each sent at once.
Problem Probes::listen(std::uint16_t group) {
    Request bind(group);
    const nfulnl_msg_config_cmd command{NFULNL_CFG_CMD_BIND};
    mnl_attr_put(bind.header, NFULA_CFG_CMD, sizeof command, &command);
    Request mode(group);
    const nfulnl_msg_config_mode whole{htonl(0xffff), NFULNL_COPY_PACKET, 0};
    mnl_attr_put(mode.header, NFULA_CFG_MODE, sizeof whole, &whole);
    mnl_attr_put_u32(mode.header, NFULA_CFG_QTHRESH, htonl(1));
    for (const Request* request : {&bind, &mode}) {
        if (mnl_socket_sendto(socket_.get(), request->header, request->header->nlmsg_len) < 0) {
            return std::string("nfnetlink_log: ") + std::strerror(errno);
        }
        if (Problem problem = answer(socket_.get())) {
            return problem;
        }
    }
    return std::nullopt;
}

std::optional<Sighting> Probes::next(bool wait) {
    if (seen_.empty()) {
        pollfd wanted{mnl_socket_get_fd(socket_.get()), POLLIN, 0};
        if (poll(&wanted, 1, wait ? patience_ms : 0) == 1) {
            receive();
        }
    }
    if (seen_.empty()) {
        return std::nullopt;
    }
    Sighting first = std::move(seen_.front());
    seen_.pop_front();
    return first;
}

void Probes::receive() {
    const ssize_t size =
        recv(mnl_socket_get_fd(socket_.get()), buffer_.data(), buffer_.size(), MSG_DONTWAIT);
    if (size <= 0) {
        return;
    }
    int left = static_cast<int>(size);
    const auto* message = reinterpret_cast<const nlmsghdr*>(buffer_.data());
    while (mnl_nlmsg_ok(message, left)) {
        if (message->nlmsg_type == (NFNL_SUBSYS_ULOG << 8 | NFULNL_MSG_PACKET)) {
            take(*message);
        }
        message = mnl_nlmsg_next(message, &left);
    }
}

void Probes::take(const nlmsghdr& message) {
    std::array<const nlattr*, NFULA_MAX + 1> found{};
    fw::netlink::for_each_attribute(message, sizeof(nfgenmsg), [&](const nlattr* attribute) {
        if (mnl_attr_get_type(attribute) <= NFULA_MAX) {
            found[mnl_attr_get_type(attribute)] = attribute;
        }
    });
    Sighting sighting;
    const auto* family = static_cast<const nfgenmsg*>(mnl_nlmsg_get_payload(&message));
    if (ntohs(family->res_id) == probe_group && found[NFULA_PREFIX] != nullptr) {
        std::string_view prefix = mnl_attr_get_str(found[NFULA_PREFIX]);
        sighting.invalid = prefix.ends_with('?');
        prefix.remove_suffix(sighting.invalid ? 1 : 0);
        for (const Probe& probe : probes) {
            if (prefix == probe.name) {
                sighting.place = probe.place;
            }
        }
    }
    sighting.in = network_.name_of(get32(found[NFULA_IFINDEX_INDEV]));
    sighting.out = network_.name_of(get32(found[NFULA_IFINDEX_OUTDEV]));
    sighting.mark = get32(found[NFULA_MARK]);
    if (const nlattr* payload = found[NFULA_PAYLOAD]) {
        const auto* start = static_cast<const std::uint8_t*>(mnl_attr_get_payload(payload));
        sighting.bytes.assign(start, start + mnl_attr_get_payload_len(payload));
    }
    seen_.push_back(std::move(sighting));
}

}  // namespace packets
