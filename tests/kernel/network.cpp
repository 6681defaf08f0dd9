#include "network.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <linux/netlink.h>
#include <net/if.h>
#include <net/route.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstring>

namespace packets {

namespace {

constexpr int largest_mtu = 65535;
constexpr int patience_ms = 200;
constexpr std::uint32_t first_address = 0xcb007101;  // 203.0.113.1

std::string failure(const std::string& what) { return what + ": " + std::strerror(errno); }

struct Setting {
    const char* path;
    const char* value;
};
constexpr Setting settings[] = {
    {"/proc/sys/net/ipv4/ip_forward", "1"},
    {"/proc/sys/net/ipv4/conf/all/rp_filter", "0"},
    {"/proc/sys/net/ipv4/conf/default/rp_filter", "0"},
    {"/proc/sys/net/ipv4/conf/all/accept_local", "1"},
    {"/proc/sys/net/ipv4/conf/all/route_localnet", "1"},
    {"/proc/sys/net/ipv4/conf/all/send_redirects", "0"},
    {"/proc/sys/net/ipv4/conf/default/send_redirects", "0"},
    {"/proc/sys/net/ipv4/icmp_ratemask", "0"},
};
// Where there is an IPv6 to speak: its first words would come out of every interface. And where
// connections can be tracked, replies need not have the right sequence numbers.
constexpr Setting if_there[] = {
    {"/proc/sys/net/netfilter/nf_conntrack_tcp_be_liberal", "1"},
    {"/proc/sys/net/ipv6/conf/all/disable_ipv6", "1"},
    {"/proc/sys/net/ipv6/conf/default/disable_ipv6", "1"},
};

bool write_setting(const Setting& setting) {
    const Descriptor file(open(setting.path, O_WRONLY | O_CLOEXEC));
    const auto size = static_cast<ssize_t>(std::strlen(setting.value));
    return file.get() >= 0 &&
           write(file.get(), setting.value, static_cast<std::size_t>(size)) == size;
}

ifreq request_for(const std::string& name) {
    ifreq request{};
    std::memcpy(request.ifr_name, name.data(), std::min<std::size_t>(name.size(), IFNAMSIZ - 1));
    return request;
}

bool bring_up(int control, const std::string& name) {
    ifreq request = request_for(name);
    if (ioctl(control, SIOCGIFFLAGS, &request) != 0) {
        return false;
    }
    request.ifr_flags = static_cast<short>(request.ifr_flags | IFF_UP);
    return ioctl(control, SIOCSIFFLAGS, &request) == 0;
}

sockaddr_in address_of(const char* text) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    inet_pton(AF_INET, text, &address.sin_addr);
    return address;
}

rtentry default_route(char* name) {
    rtentry route{};
    const sockaddr_in any = address_of("0.0.0.0");
    std::memcpy(&route.rt_dst, &any, sizeof any);
    std::memcpy(&route.rt_genmask, &any, sizeof any);
    route.rt_flags = RTF_UP;
    route.rt_dev = name;
    return route;
}

bool readable(int descriptor, int milliseconds) {
    pollfd wanted{descriptor, POLLIN, 0};
    return poll(&wanted, 1, milliseconds) == 1;
}

}  // namespace

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
}

Descriptor::~Descriptor() {
    if (number_ >= 0) {
        close(number_);
    }
}

Problem Network::enter() {
    if (unshare(CLONE_NEWNET) != 0) {
        return failure("no network namespace");
    }
    for (const Setting& setting : if_there) {
        static_cast<void>(write_setting(setting));
    }
    for (const Setting& setting : settings) {
        if (!write_setting(setting)) {
            return failure(setting.path);
        }
    }
    control_ = Descriptor(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    raw_ = Descriptor(socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW));
    if (control_.get() < 0 || raw_.get() < 0) {
        return failure("socket");
    }
    if (!bring_up(control_.get(), "lo")) {
        return failure("lo");
    }
    names_[if_nametoindex("lo")] = "lo";
    return std::nullopt;
}

Problem Network::interface(const std::string& name) {
    if (name == "lo" || tuns_.contains(name)) {
        return std::nullopt;
    }
    Descriptor tun(open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC));
    if (tun.get() < 0) {
        return failure("/dev/net/tun");
    }
    ifreq request = request_for(name);
    request.ifr_flags = IFF_TUN | IFF_NO_PI;
    // Persistent, it goes with its namespace, in the background; else closing it takes 10..20 ms.
    if (ioctl(tun.get(), TUNSETIFF, &request) != 0 || ioctl(tun.get(), TUNSETPERSIST, 1) != 0) {
        return failure("TUN " + name);
    }
    request = request_for(name);
    request.ifr_mtu = largest_mtu;
    if (ioctl(control_.get(), SIOCSIFMTU, &request) != 0 || !bring_up(control_.get(), name)) {
        return failure("interface " + name);
    }
    names_[if_nametoindex(name.c_str())] = name;
    tuns_[name] = std::move(tun);
    return std::nullopt;
}

Problem Network::give_address(const std::string& name) {
    if (name == "lo" || addresses_.contains(name)) {
        return std::nullopt;
    }
    const fw::Address address{first_address + static_cast<std::uint32_t>(addresses_.size())};
    ifreq request = request_for(name);
    sockaddr_in own = address_of("0.0.0.0");
    own.sin_addr.s_addr = htonl(address.value);
    std::memcpy(&request.ifr_addr, &own, sizeof own);
    if (ioctl(control_.get(), SIOCSIFADDR, &request) != 0) {
        return failure("address of " + name);
    }
    // Nothing but itself is near it.
    own.sin_addr.s_addr = 0xffffffff;
    std::memcpy(&request.ifr_netmask, &own, sizeof own);
    if (ioctl(control_.get(), SIOCSIFNETMASK, &request) != 0) {
        return failure("mask of " + name);
    }
    addresses_[name] = address;
    return std::nullopt;
}

fw::Address Network::own_address(const std::string& name) const {
    const auto found = addresses_.find(name);
    return found == addresses_.end() ? fw::Address{} : found->second;
}

Problem Network::forget_connections() {
    if (connections_.get() < 0) {
        connections_ = Descriptor(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER));
    }
    struct {
        nlmsghdr header;
        nfgenmsg family;
    } request{};
    request.header.nlmsg_len = sizeof request;
    request.header.nlmsg_type = NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_DELETE;
    request.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
    request.family.nfgen_family = AF_INET;
    std::array<std::uint8_t, 256> answer{};
    if (::send(connections_.get(), &request, sizeof request, 0) < 0 ||
        recv(connections_.get(), answer.data(), answer.size(), 0) < 0) {
        return failure("conntrack");
    }
    nlmsgerr result{};
    std::memcpy(&result, answer.data() + sizeof(nlmsghdr), sizeof result);
    errno = -result.error;
    return result.error == 0 ? Problem() : failure("conntrack");
}

Problem Network::route_through(const std::string& name) {
    if (name == route_) {
        return std::nullopt;
    }
    if (!route_.empty()) {
        rtentry old = default_route(route_.data());
        if (ioctl(control_.get(), SIOCDELRT, &old) != 0) {
            return failure("no longer through " + route_);
        }
    }
    route_ = name;
    rtentry route = default_route(route_.data());
    if (ioctl(control_.get(), SIOCADDRT, &route) != 0) {
        return failure("route through " + route_);
    }
    return std::nullopt;
}

Problem Network::arrive(const std::string& name, const Bytes& bytes) {
    const ssize_t written = write(tuns_.at(name).get(), bytes.data(), bytes.size());
    return written == static_cast<ssize_t>(bytes.size()) ? Problem()
                                                         : failure("arriving at " + name);
}

Problem Network::send(const std::string& name, const Bytes& bytes, std::uint32_t mark) {
    if (setsockopt(raw_.get(), SOL_SOCKET, SO_BINDTODEVICE, name.data(),
                   static_cast<socklen_t>(name.size())) != 0 ||
        setsockopt(raw_.get(), SOL_SOCKET, SO_MARK, &mark, sizeof mark) != 0) {
        return failure("sending by " + name);
    }
    // The packet is routed to this address, whatever its header says.
    const sockaddr_in to = address_of(name == "lo" ? "127.0.0.1" : "198.51.100.1");
    const ssize_t sent = sendto(raw_.get(), bytes.data(), bytes.size(), 0,
                                reinterpret_cast<const sockaddr*>(&to), sizeof to);
    // A firewall that drops the packet says so to its sender.
    if (sent < 0 && errno != EPERM && errno != ENOBUFS) {
        return failure("sending by " + name);
    }
    return std::nullopt;
}

std::optional<Bytes> Network::left_by(const std::string& name, bool wait) {
    std::vector<Bytes> pieces;
    do {
        // Once there is one, its kin are there too.
        std::optional<Bytes> piece = piece_left_by(name, wait && pieces.empty());
        if (!piece) {
            break;
        }
        pieces.push_back(std::move(*piece));
    } while (more_fragments_follow(pieces.back()));
    return pieces.empty() ? std::nullopt : std::optional(reassembled(pieces));
}

std::optional<Bytes> Network::piece_left_by(const std::string& name, bool wait) {
    const int tun = tuns_.at(name).get();
    Bytes bytes(largest_mtu);
    if (wait && !readable(tun, patience_ms)) {
        return std::nullopt;
    }
    const ssize_t size = read(tun, bytes.data(), bytes.size());
    if (size < 0) {
        return std::nullopt;
    }
    bytes.resize(static_cast<std::size_t>(size));
    return bytes;
}

std::optional<std::string> Network::unread() {
    std::optional<std::string> found;
    for (const auto& [name, tun] : tuns_) {
        while (left_by(name, false)) {
            found = name;
        }
    }
    return found;
}

std::string Network::name_of(std::uint32_t index) const {
    const auto found = names_.find(index);
    return found == names_.end() ? "" : found->second;
}

}  // namespace packets
