#include "netlink/session.h"

#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "netlink/attributes.h"

namespace fw::netlink {

namespace {

// A dump fills what it is given, up to 32 KiB a message (Linux 6.18).
constexpr std::size_t receive_room = 1 << 17;
// A dump up to this size was made by one look at the tables.
constexpr std::size_t never_full = 1 << 14;
constexpr int receive_buffer = 1 << 22;

const nlmsgerr& error_of(const nlmsghdr& message) {
    return *static_cast<const nlmsgerr*>(mnl_nlmsg_get_payload(&message));
}

// The kernel's words behind an error message, if NETLINK_EXT_ACK brought any. With NETLINK_CAP_ACK
// only the header of the refused message stands before them.
std::string text_of(const nlmsghdr& message) {
    const nlmsgerr& error = error_of(message);
    std::size_t offset = sizeof(nlmsgerr);
    if ((message.nlmsg_flags & NLM_F_CAPPED) == 0) {
        offset += mnl_nlmsg_get_payload_len(&error.msg);
    }
    std::string text;
    if ((message.nlmsg_flags & NLM_F_ACK_TLVS) == 0) {
        return text;
    }
    for_each_attribute(message, offset, [&](const nlattr* attribute) {
        if (mnl_attr_get_type(attribute) == NLMSGERR_ATTR_MSG) {
            text.assign(mnl_attr_get_str(attribute),
                        strnlen(mnl_attr_get_str(attribute), mnl_attr_get_payload_len(attribute)));
        }
    });
    return text;
}

// Calls `visit` for each message of what came; `visit` says whether to go on.
template <typename Visit>
void for_each_message(const std::uint8_t* buffer, std::size_t size, Visit visit) {
    int left = static_cast<int>(size);
    const auto* message = reinterpret_cast<const nlmsghdr*>(buffer);
    while (mnl_nlmsg_ok(message, left) && visit(*message)) {
        message = mnl_nlmsg_next(message, &left);
    }
}

}  // namespace

Result<Session> Session::open(std::string_view table) {
    mnl_socket* socket = mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC);
    if (socket == nullptr) {
        return error_from(errno);
    }
    Session session(socket, table);
    if (mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) < 0) {
        return error_from(errno);
    }
    int on = 1;
    mnl_socket_setsockopt(socket, NETLINK_EXT_ACK, &on, sizeof on);
    mnl_socket_setsockopt(socket, NETLINK_CAP_ACK, &on, sizeof on);
    // Not cleared: most answers touch a page or two of it.
    session.buffer_ = std::make_unique_for_overwrite<std::uint8_t[]>(receive_room);
    return session;
}

std::uint32_t Session::take_sequence(std::size_t count) {
    return std::exchange(sequence_, sequence_ + static_cast<std::uint32_t>(count));
}

// The defaults are too small for thousands of rules (EMSGSIZE), or their errors (ENOBUFS).
void Session::grow_buffers(std::size_t send_bytes) {
    const int fd = mnl_socket_get_fd(socket_.get());
    constexpr std::size_t default_buffer = 1 << 17;
    if (send_bytes <= std::max(send_buffer_, default_buffer)) {
        return;
    }
    // The kernel doubles what it is told and counts its own overhead in.
    const int size = static_cast<int>(std::min<std::size_t>(send_bytes, 1U << 30));
    setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof size);
    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &receive_buffer, sizeof receive_buffer);
    send_buffer_ = send_bytes;
}

Result<std::size_t> Session::receive(int flags) {
    const int fd = mnl_socket_get_fd(socket_.get());
    for (;;) {
        const ssize_t size = recv(fd, buffer_.get(), receive_room, flags);
        if (size >= 0) {
            return static_cast<std::size_t>(size);
        }
        if (errno != EINTR) {
            return error_from(errno);
        }
    }
}

Result<int> Session::ask(const std::vector<std::uint8_t>& bytes, std::size_t expected,
                         const Receiver& receiver) {
    if (mnl_socket_sendto(socket_.get(), bytes.data(), bytes.size()) < 0) {
        return error_from(errno);
    }
    int failed = 0;
    while (expected > 0) {
        const Result<std::size_t> size = receive(0);
        if (!size) {
            return size.error();
        }
        for_each_message(buffer_.get(), *size, [&](const nlmsghdr& message) {
            if (message.nlmsg_type == NLMSG_ERROR) {
                failed = failed != 0 ? failed : -error_of(message).error;
            } else {
                receiver(message);
            }
            return --expected > 0;
        });
    }
    return failed;
}

Result<int> Session::dump(const std::vector<std::uint8_t>& bytes, const Receiver& receiver) {
    if (mnl_socket_sendto(socket_.get(), bytes.data(), bytes.size()) < 0) {
        return error_from(errno);
    }
    int outcome = 0;
    std::size_t filled = 0;
    for (bool done = false; !done;) {
        const Result<std::size_t> size = receive(0);
        if (!size) {
            return size.error();
        }
        for_each_message(buffer_.get(), *size, [&](const nlmsghdr& message) {
            // What came in one piece is not torn by a change between it and the end of the dump.
            if ((message.nlmsg_flags & NLM_F_DUMP_INTR) != 0 &&
                (message.nlmsg_type != NLMSG_DONE || filled > never_full)) {
                outcome = EINTR;
            }
            if (message.nlmsg_type == NLMSG_ERROR) {
                outcome = -error_of(message).error;
                done = true;
            } else if (message.nlmsg_type == NLMSG_DONE) {
                done = true;
            } else {
                receiver(message);
            }
            return !done;
        });
        filled += *size;
    }
    return outcome;
}

Result<Answer> Session::send(const nft::Batch& batch) {
    grow_buffers(batch.bytes.size());
    if (mnl_socket_sendto(socket_.get(), batch.bytes.data(), batch.bytes.size()) < 0) {
        return error_from(errno);
    }
    // The kernel works the batch off before sendto returns and answers only what it refuses: an
    // empty socket means that all was done.
    Answer answer;
    const int fd = mnl_socket_get_fd(socket_.get());
    for (;;) {
        const ssize_t size = recv(fd, buffer_.get(), receive_room, MSG_DONTWAIT);
        if (size < 0 && errno == EINTR) {
            continue;
        }
        if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            return answer;
        }
        if (size < 0) {
            // Answers were lost, so there were some, so the batch was refused.
            answer.error = answer.error != 0 ? answer.error : errno;
            if (errno != ENOBUFS) {
                return answer;
            }
            continue;
        }
        for_each_message(buffer_.get(), static_cast<std::size_t>(size),
                         [&](const nlmsghdr& message) {
                             if (message.nlmsg_type == NLMSG_ERROR &&
                                 error_of(message).error != 0 && answer.error == 0) {
                                 answer.error = -error_of(message).error;
                                 answer.text = text_of(message);
                                 const std::uint32_t index =
                                     message.nlmsg_seq - batch.first_sequence - 1;
                                 if (index < batch.operation_of.size()) {
                                     answer.operation = batch.operation_of[index];
                                 }
                             }
                             return true;
                         });
    }
}

Status Session::listen(unsigned group) {
    const int fd = mnl_socket_get_fd(socket_.get());
    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &receive_buffer, sizeof receive_buffer);
    if (mnl_socket_setsockopt(socket_.get(), NETLINK_ADD_MEMBERSHIP, &group, sizeof group) < 0) {
        return error_from(errno);
    }
    return Done{};
}

Result<int> Session::take_notice(bool wait, const Receiver& receiver) {
    constexpr int longest_wait_ms = 100;
    const int fd = mnl_socket_get_fd(socket_.get());
    pollfd event{fd, POLLIN, 0};
    if (wait && poll(&event, 1, longest_wait_ms) <= 0) {
        return EAGAIN;
    }
    const ssize_t size = recv(fd, buffer_.get(), receive_room, MSG_DONTWAIT);
    if (size < 0) {
        const int number = errno == EWOULDBLOCK || errno == EINTR ? EAGAIN : errno;
        return number == EAGAIN || number == ENOBUFS ? Result<int>(number) : error_from(number);
    }
    for_each_message(buffer_.get(), static_cast<std::size_t>(size), [&](const nlmsghdr& message) {
        receiver(message);
        return true;
    });
    return 0;
}

Error error_from(int number, const std::string& kernel_text) {
    switch (number) {
        case EPERM:
        case EACCES:
            return {Code::permission, "", -1, "this needs root (CAP_NET_ADMIN)",
                    "run it as root, or with --state FILE to work on a file"};
        case EPROTONOSUPPORT:
        case EAFNOSUPPORT:
            return {Code::unsupported, "", -1, "this kernel has no nf_tables",
                    "load the module nf_tables, or use a kernel with CONFIG_NF_TABLES"};
        default: break;
    }
    std::string problem = "the kernel answered: ";
    problem += std::strerror(number);
    if (!kernel_text.empty()) {
        problem += " (" + kernel_text + ")";
    }
    return {Code::system, "", -1, std::move(problem), ""};
}

}  // namespace fw::netlink
