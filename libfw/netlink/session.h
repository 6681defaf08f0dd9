// A conversation with the kernel about nf_tables: requests, dumps, and batches that happen whole or
// not at all. The only part of the library that opens sockets for it.
#pragma once

#include <libmnl/libmnl.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "fw/result.h"
#include "nft/encode.h"

namespace fw::netlink {

// Called with each message of an answer.
using Receiver = std::function<void(const nlmsghdr&)>;

// What the kernel said to a batch. `error` is an errno (0: done), `operation` the first operation
// that it refused (or npos: the batch as a whole), `text` its own words, if any.
struct Answer {
    static constexpr std::size_t npos = static_cast<std::size_t>(-1);
    int error = 0;
    std::size_t operation = npos;
    std::string text;
};

class Session {
public:
    // Fails with Code::unsupported where the kernel has no nfnetlink.
    // `table` is the one, of family ip, that dumps and batches are about; none for who has other
    // questions.
    [[nodiscard]] static Result<Session> open(std::string_view table = {});

    [[nodiscard]] const std::string& table() const { return table_; }

    // Sends the requests in `bytes`, one after the other, and hands on each answer. Answers to
    // requests that are dumps end by themselves; `expected` is the number of requests that are
    // not. An error answer is counted and returned as errno (the first one), or 0.
    [[nodiscard]] Result<int> ask(const std::vector<std::uint8_t>& bytes, std::size_t expected,
                                  const Receiver& receiver);

    // As above for one dump. The answer is EINTR if tables changed under it: throw away what came
    // and ask again.
    [[nodiscard]] Result<int> dump(const std::vector<std::uint8_t>& bytes,
                                   const Receiver& receiver);

    [[nodiscard]] Result<Answer> send(const nft::Batch& batch);

    // Joins a group of the kernel's notices; from then on they come by take_notice, and nothing
    // else should be asked over this session.
    [[nodiscard]] Status listen(unsigned group);

    // The next datagram of notices, or EAGAIN if there is none (with `wait`: none for a while), or
    // ENOBUFS if some were lost.
    [[nodiscard]] Result<int> take_notice(bool wait, const Receiver& receiver);

    // Numbers for messages, each used once.
    std::uint32_t take_sequence(std::size_t count);
    [[nodiscard]] std::uint32_t next_sequence() const { return sequence_; }

private:
    struct Closer {
        void operator()(mnl_socket* socket) const { mnl_socket_close(socket); }
    };
    Session(mnl_socket* socket, std::string_view table) : table_(table), socket_(socket) {}

    void grow_buffers(std::size_t send_bytes);
    [[nodiscard]] Result<std::size_t> receive(int flags);

    std::string table_;
    std::unique_ptr<mnl_socket, Closer> socket_;
    std::unique_ptr<std::uint8_t[]> buffer_;
    std::uint32_t sequence_ = 1;
    std::size_t send_buffer_ = 0;
};

// An errno of ours as an Error, for all that can go wrong with a socket or a refused request.
[[nodiscard]] Error error_from(int number, const std::string& kernel_text = "");

}  // namespace fw::netlink
