#include "network.h"

#include <fcntl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <net/route.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "address_text.h"
#include "devices.h"
#include "place.h"

namespace sandbox {

namespace {

// A message that makes a link: attributes are appended, those that hold others are closed when
// their length is known.
class LinkMessage {
public:
    LinkMessage() : bytes_(sizeof(nlmsghdr) + sizeof(ifinfomsg), '\0') {}

    std::size_t open(unsigned short type) {
        const std::size_t at = bytes_.size();
        add(type, "", 0);
        return at;
    }
    void add(unsigned short type, const void* value, std::size_t size) {
        rtattr attribute{};
        attribute.rta_type = type;
        attribute.rta_len = static_cast<unsigned short>(RTA_LENGTH(size));
        bytes_.append(reinterpret_cast<const char*>(&attribute), sizeof attribute);
        bytes_.append(static_cast<const char*>(value), size);
        bytes_.resize(RTA_ALIGN(bytes_.size()), '\0');
    }
    void add(unsigned short type, const std::string& text) {
        add(type, text.c_str(), text.size() + 1);
    }
    void add_header() { bytes_.append(sizeof(ifinfomsg), '\0'); }  // of a veth's other end
    void close(std::size_t at) {
        const auto length = static_cast<unsigned short>(bytes_.size() - at);
        std::memcpy(&bytes_[at], &length, sizeof length);
    }

    // 0, or errno.
    int send() {
        nlmsghdr header{};
        header.nlmsg_len = static_cast<std::uint32_t>(bytes_.size());
        header.nlmsg_type = RTM_NEWLINK;
        header.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL;
        std::memcpy(bytes_.data(), &header, sizeof header);
        const int file = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
        struct {
            nlmsghdr header;
            nlmsgerr error;
            char rest[4096];
        } answer{};
        const bool answered = file >= 0 && ::send(file, bytes_.data(), bytes_.size(), 0) > 0 &&
                              recv(file, &answer, sizeof answer, 0) > 0;
        const int error = answered ? -answer.error.error : errno;
        ::close(file);
        return error;
    }

private:
    std::string bytes_;
};

int add_dummy(const std::string& name) {
    LinkMessage message;
    message.add(IFLA_IFNAME, name);
    const std::size_t info = message.open(IFLA_LINKINFO);
    message.add(IFLA_INFO_KIND, std::string("dummy"));
    message.close(info);
    return message.send();
}

// The other end is out of sight, in the network namespace `elsewhere`.
int add_veth(const std::string& name, int elsewhere) {
    LinkMessage message;
    message.add(IFLA_IFNAME, name);
    const std::size_t info = message.open(IFLA_LINKINFO);
    message.add(IFLA_INFO_KIND, std::string("veth"));
    const std::size_t data = message.open(IFLA_INFO_DATA);
    const std::size_t peer = message.open(VETH_INFO_PEER);
    message.add_header();
    message.add(IFLA_IFNAME, name);
    message.add(IFLA_NET_NS_FD, &elsewhere, sizeof elsewhere);
    message.close(peer);
    message.close(data);
    message.close(info);
    return message.send();
}

fw::Error wrong(const std::string& name, int error) {
    errno = error;
    return failed(name, "this interface can't be set up in the sandbox");
}

fw::Status add(const Devices& devices, const Interface& interface, int elsewhere) {
    if (const int error = add_dummy(interface.name); error != 0) {
        if (const int again = add_veth(interface.name, elsewhere); again != 0) {
            return wrong(interface.name, again);
        }
    }
    using What = Devices::What;
    const std::string& name = interface.name;
    const std::uint32_t address = interface.address.value;
    const std::uint32_t mask = mask_of(interface.prefix);
    int error = devices.set(name, What::address, address);
    error = error == 0 ? devices.set(name, What::mask, mask) : error;
    if (error == 0 && interface.peer) {
        error = devices.set(name, What::peer, interface.peer->value);
    } else if (error == 0 && interface.prefix < 31) {
        error = devices.set(name, What::broadcast, address | ~mask);
    }
    error = error == 0 ? devices.set_flags(name, IFF_UP | IFF_RUNNING, 0) : error;
    return error == 0 ? fw::Status(fw::Done{}) : wrong(name, error);
}

// The ends that are out of sight must be up, or those in sight would seem unplugged.
void raise_other_ends(const RunRequest& request) {
    const Devices devices;
    for (const Interface& interface : request.interfaces) {
        (void)devices.set_flags(interface.name, IFF_UP, 0);
    }
}

fw::Status add_all(const RunRequest& request, int elsewhere) {
    const Devices devices;
    if (const int error = devices.set_flags("lo", IFF_UP, 0); error != 0) {
        return wrong("lo", error);
    }
    for (const Interface& interface : request.interfaces) {
        if (const fw::Status added = add(devices, interface, elsewhere); !added) {
            return added;
        }
    }
    if (request.gateway) {
        const int error =
            devices.change({0, 0, request.gateway->value, RTF_UP | RTF_GATEWAY, 0, ""}, false);
        if (error != 0) {
            return fw::Error{fw::Code::usage, address_text(request.gateway->value), -1,
                             "no interface leads to this gateway",
                             "describe one whose network it is in: --with eth0=ADDRESS/BITS"};
        }
    }
    return fw::Done{};
}

}  // namespace

fw::Status make_network(const RunRequest& request) {
    const int elsewhere = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
    if (elsewhere < 0 || unshare(CLONE_NEWNET) != 0) {
        return failed("", "no network of its own can be made");
    }
    const int here = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
    const fw::Status added = add_all(request, elsewhere);
    if (added && setns(elsewhere, CLONE_NEWNET) == 0) {
        raise_other_ends(request);
        if (setns(here, CLONE_NEWNET) != 0) {
            return failed("", "the way back into the network is closed");
        }
    }
    close(here);
    return added;  // `elsewhere` stays open, or what is there, and so what is here, would go
}

}  // namespace sandbox
