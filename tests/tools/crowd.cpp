// Many TCP connections at once, and what becomes of them.
//
//     crowd serve ADDRESS PORT...
//         Sends everything back, on each of the ports, until standard input ends. Then says
//         "N came, N closed": those that came, and those that the other side closed properly.
//     crowd connect COUNT ROUNDS ADDRESS PORT...
//         Opens so many connections, to each port in turn, and exchanges data over each of them so
//         many times. Then says "open", waits for a line, exchanges data once more, and closes
//         them. Says "N good, N broken", and lines with reasons on standard error.
//     crowd knock ADDRESS PORT
//         Tries to connect every few milliseconds until standard input ends. Says
//         "N tried, N let in".
#include <arpa/inet.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

// More would only fill queues, and what they drop comes again a second later.
constexpr std::size_t at_once = 200;
constexpr auto patience = std::chrono::seconds(25);  // for one step of all connections
constexpr int events_at_once = 256;

[[noreturn]] void fail(const char* what) {
    std::fprintf(stderr, "crowd: %s: %s\n", what, std::strerror(errno));
    std::exit(1);
}

sockaddr_in endpoint(const char* address, const char* port) {
    sockaddr_in result{};
    result.sin_family = AF_INET;
    result.sin_port = htons(static_cast<std::uint16_t>(std::atoi(port)));
    if (inet_pton(AF_INET, address, &result.sin_addr) != 1) {
        std::fprintf(stderr, "crowd: %s: no address\n", address);
        std::exit(2);
    }
    return result;
}

const sockaddr* general(const sockaddr_in& address) {
    return reinterpret_cast<const sockaddr*>(&address);
}

void allow_most_files() {
    rlimit limit{};
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

class Poll {
public:
    Poll() : poll_(epoll_create1(EPOLL_CLOEXEC)) {
        if (poll_ < 0) {
            fail("epoll");
        }
    }
    void watch(int file, std::uint32_t what, int operation = EPOLL_CTL_ADD) const {
        epoll_event event{};
        event.events = what;
        event.data.fd = file;
        if (epoll_ctl(poll_, operation, file, &event) != 0) {
            fail("epoll");
        }
    }
    template <typename Visit>
    void wait(Visit visit) const {
        std::array<epoll_event, events_at_once> events;
        const int count = epoll_wait(poll_, events.data(), events_at_once, 1000);
        for (int i = 0; i < count; ++i) {
            visit(events[static_cast<std::size_t>(i)].data.fd);
        }
    }

private:
    int poll_;
};

// --- serve

class Server {
public:
    explicit Server(const std::vector<sockaddr_in>& endpoints) {
        for (const sockaddr_in& own : endpoints) {
            const int file = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
            const int on = 1;
            setsockopt(file, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
            if (bind(file, general(own), sizeof own) != 0 || listen(file, 4096) != 0) {
                fail("listen");
            }
            poll_.watch(file, EPOLLIN);
            last_listener_ = file;
        }
        poll_.watch(STDIN_FILENO, EPOLLIN);
        std::puts("ready");
        std::fflush(stdout);
    }

    void run() {
        while (!over_) {
            poll_.wait([this](int file) {
                if (file == STDIN_FILENO) {
                    over_ = true;
                } else if (file <= last_listener_) {
                    take(file);
                } else {
                    answer(file);
                }
            });
        }
        std::printf("%zu came, %zu closed\n", came_, closed_);
    }

private:
    void take(int listener) {
        for (;;) {
            const int file = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK);
            if (file < 0) {
                return;
            }
            ++came_;
            poll_.watch(file, EPOLLIN);
        }
    }

    void answer(int file) {
        std::array<char, 256> data;
        const ssize_t size = recv(file, data.data(), data.size(), 0);
        if (size > 0 && send(file, data.data(), static_cast<std::size_t>(size), MSG_NOSIGNAL) > 0) {
            return;
        }
        if (size < 0 && errno == EAGAIN) {
            return;
        }
        closed_ += size == 0 ? 1 : 0;
        close(file);
    }

    Poll poll_;
    int last_listener_ = -1;
    bool over_ = false;
    std::size_t came_ = 0;
    std::size_t closed_ = 0;
};

// --- connect

class Client {
public:
    Client(std::size_t count, const std::vector<sockaddr_in>& servers) : servers_(servers) {
        connections_.resize(count);
    }

    void open_all() {
        step([this](std::size_t i) { return begin(i); },
             [this](std::size_t i) {
                 int error = 0;
                 socklen_t size = sizeof error;
                 getsockopt(connections_[i].file, SOL_SOCKET, SO_ERROR, &error, &size);
                 if (error == 0) {
                     poll_.watch(connections_[i].file, EPOLLIN, EPOLL_CTL_MOD);
                 }
                 errno = error;
                 return error == 0 ? Progress::done : Progress::broken;
             });
    }

    void exchange(std::uint32_t round) {
        step(
            [this, round](std::size_t i) {
                const Token token = token_for(i, round);
                connections_[i].heard = 0;
                return send(connections_[i].file, token.data(), sizeof token, MSG_NOSIGNAL) ==
                       static_cast<ssize_t>(sizeof token);
            },
            [this, round](std::size_t i) { return hear(i, token_for(i, round)); });
    }

    void close_all() {
        step([this](std::size_t i) { return shutdown(connections_[i].file, SHUT_WR) == 0; },
             [this](std::size_t i) {
                 char byte = 0;
                 const ssize_t size = recv(connections_[i].file, &byte, 1, 0);
                 if (size == 0) {
                     close(connections_[i].file);
                 }
                 errno = size > 0 ? EPROTO : errno;
                 return size == 0 ? Progress::done : Progress::broken;
             });
    }

    [[nodiscard]] std::size_t broken() const { return broken_; }

    void tell() const {
        std::printf("%zu good, %zu broken\n", connections_.size() - broken_, broken_);
        for (const auto& [reason, count] : reasons_) {
            std::fprintf(stderr, "crowd: %zu times: %s\n", count, reason.c_str());
        }
    }

private:
    using Token = std::array<std::uint32_t, 8>;
    enum class Progress : std::uint8_t { going, done, broken };
    enum class State : std::uint8_t { idle, busy, broken };
    struct Connection {
        int file = -1;
        State state = State::idle;
        std::size_t heard = 0;
    };

    static Token token_for(std::size_t i, std::uint32_t round) {
        Token token;
        token.fill(static_cast<std::uint32_t>(i) * 2654435761U + round);
        return token;
    }

    bool begin(std::size_t i) {
        const sockaddr_in& server = servers_[i % servers_.size()];
        const int file = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        if (file < 0) {
            return false;
        }
        connections_[i].file = file;
        if (connect(file, general(server), sizeof server) != 0 && errno != EINPROGRESS) {
            return false;
        }
        by_file_.resize(std::max(by_file_.size(), static_cast<std::size_t>(file) + 1));
        by_file_[static_cast<std::size_t>(file)] = i;
        poll_.watch(file, EPOLLOUT);
        return true;
    }

    Progress hear(std::size_t i, const Token& token) {
        Connection& connection = connections_[i];
        std::array<char, sizeof(Token)> data;
        const ssize_t size = recv(connection.file, data.data(), sizeof token - connection.heard, 0);
        if (size <= 0) {
            errno = size == 0 ? ECONNABORTED : errno;
            return Progress::broken;
        }
        const char* expected = reinterpret_cast<const char*>(token.data()) + connection.heard;
        if (std::memcmp(data.data(), expected, static_cast<std::size_t>(size)) != 0) {
            errno = EBADMSG;
            return Progress::broken;
        }
        connection.heard += static_cast<std::size_t>(size);
        return connection.heard == sizeof token ? Progress::done : Progress::going;
    }

    // The same with all connections that are whole, some at a time: `start` each, and `go_on` when
    // it has something to say.
    template <typename Start, typename GoOn>
    void step(Start start, GoOn go_on) {
        const Clock::time_point deadline = Clock::now() + patience;
        std::size_t next = 0;
        std::size_t busy = 0;
        while (next < connections_.size() || busy > 0) {
            for (; next < connections_.size() && busy < at_once; ++next) {
                if (connections_[next].state == State::idle) {
                    connections_[next].state = State::busy;
                    ++busy;
                    if (!start(next)) {
                        give_up(next);
                        --busy;
                    }
                }
            }
            poll_.wait([&](int file) {
                const std::size_t i = by_file_[static_cast<std::size_t>(file)];
                if (connections_[i].state != State::busy) {
                    errno = ECONNRESET;  // nothing was asked
                    give_up(i);
                    return;
                }
                const Progress progress = go_on(i);
                if (progress == Progress::broken) {
                    give_up(i);
                } else if (progress == Progress::done) {
                    connections_[i].state = State::idle;
                }
                busy -= progress == Progress::going ? 0 : 1;
            });
            if (Clock::now() > deadline) {
                give_up_from(next);
                return;
            }
        }
    }

    void give_up(std::size_t i) {
        ++broken_;
        ++reasons_[std::strerror(errno)];
        connections_[i].state = State::broken;
        close(connections_[i].file);
    }

    // What is busy, and what has not begun.
    void give_up_from(std::size_t next) {
        for (std::size_t i = 0; i < connections_.size(); ++i) {
            const State state = connections_[i].state;
            if (state == State::busy || (i >= next && state == State::idle)) {
                errno = ETIMEDOUT;
                give_up(i);
            }
        }
    }

    std::vector<sockaddr_in> servers_;
    std::vector<Connection> connections_;
    std::vector<std::size_t> by_file_;
    std::map<std::string, std::size_t> reasons_;
    std::size_t broken_ = 0;
    Poll poll_;
};

int connect_all(std::size_t count, std::uint32_t rounds, const std::vector<sockaddr_in>& servers) {
    Client client(count, servers);
    client.open_all();
    for (std::uint32_t round = 0; round < rounds; ++round) {
        client.exchange(round);
    }
    std::puts("open");
    std::fflush(stdout);
    std::getchar();
    client.exchange(rounds);
    client.close_all();
    client.tell();
    return client.broken() == 0 ? 0 : 1;
}

// --- knock

void knock(const sockaddr_in& server) {
    constexpr int pause_ms = 5;
    std::size_t tried = 0;
    std::size_t let_in = 0;
    pollfd input{STDIN_FILENO, POLLIN, 0};
    std::vector<int> files;
    while (poll(&input, 1, pause_ms) == 0) {
        files.push_back(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
        if (connect(files.back(), general(server), sizeof server) != 0 && errno != EINPROGRESS) {
            fail("knock");
        }
        ++tried;
    }
    for (const int file : files) {
        sockaddr_in peer{};
        socklen_t size = sizeof peer;
        let_in += getpeername(file, reinterpret_cast<sockaddr*>(&peer), &size) == 0 ? 1 : 0;
    }
    std::printf("%zu tried, %zu let in\n", tried, let_in);
}

std::vector<sockaddr_in> endpoints(const char* address, char** ports) {
    std::vector<sockaddr_in> result;
    for (; *ports != nullptr; ++ports) {
        result.push_back(endpoint(address, *ports));
    }
    return result;
}

}  // namespace

int main(int argc, char** argv) {
    const std::string_view what = argc > 3 ? argv[1] : "";
    allow_most_files();
    if (what == "serve") {
        Server(endpoints(argv[2], argv + 3)).run();
        return 0;
    }
    if (what == "connect" && argc > 5) {
        return connect_all(static_cast<std::size_t>(std::atoi(argv[2])),
                           static_cast<std::uint32_t>(std::atoi(argv[3])),
                           endpoints(argv[4], argv + 5));
    }
    if (what == "knock") {
        knock(endpoint(argv[2], argv[3]));
        return 0;
    }
    std::fputs("usage: crowd serve|connect|knock ...\n", stderr);
    return 2;
}
