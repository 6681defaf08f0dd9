// Packets in a stream, as fast as one processor forwards them: UDP of 64 bytes in 256 flows, which
// arrive at the TUN device in0 and are to be routed through the TUN device out0; both are made here
// and live as long as this program. A write to one returns when the packet has been through the
// whole of the kernel: the time that it takes is what the packet costs.
//
//     stream    says "ready"; then, for each line of its input, a number, sends as many packets and
//               answers with nanoseconds a packet, and the source address of the first that left
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

constexpr std::size_t size = 64;
constexpr long flows = 256;
constexpr std::uint16_t first_port = 2000;
using Packet = std::array<std::uint8_t, size>;

[[noreturn]] void fail(const char* what) {
    std::perror(what);
    std::exit(1);
}

int attach(const char* name) {
    const int tun = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    ifreq request{};
    std::strncpy(request.ifr_name, name, IFNAMSIZ - 1);
    request.ifr_flags = IFF_TUN | IFF_NO_PI;
    if (tun < 0 || ioctl(tun, TUNSETIFF, &request) != 0) {
        fail(name);
    }
    return tun;
}

void put16(Packet& packet, std::size_t at, unsigned value) {
    packet[at] = static_cast<std::uint8_t>(value >> 8);
    packet[at + 1] = static_cast<std::uint8_t>(value);
}

// RFC 1071
unsigned checksum(const Packet& packet, std::size_t from, std::size_t to, unsigned total) {
    for (std::size_t i = from; i < to; i += 2) {
        total += static_cast<unsigned>(packet[i] << 8 | packet[i + 1]);
    }
    while (total >> 16 != 0) {
        total = (total >> 16) + (total & 0xffff);
    }
    return ~total & 0xffff;
}

// 10.0.0.7:2000+flow -> 198.51.100.1:9
Packet packet_of(long flow) {
    constexpr std::size_t header = 20;
    Packet packet{0x45, 0, 0,  size, 0, 1, 0,   0,  64,  IPPROTO_UDP,
                  0,    0, 10, 0,    0, 7, 198, 51, 100, 1};
    put16(packet, 10, checksum(packet, 0, header, 0));
    put16(packet, header, first_port + static_cast<unsigned>(flow));
    put16(packet, header + 2, 9);
    put16(packet, header + 4, size - header);
    put16(packet, header + 6, checksum(packet, 12, size, IPPROTO_UDP + size - header));
    return packet;
}

void send(int tun, const std::array<Packet, flows>& packets, long count) {
    for (long i = 0; i < count; ++i) {
        const Packet& packet = packets[static_cast<std::size_t>(i % flows)];
        if (write(tun, packet.data(), packet.size()) != static_cast<ssize_t>(size)) {
            fail("write");
        }
    }
}

// The processor's time for us, in nanoseconds: what others do meanwhile does not count.
double now() {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_nsec);
}

}  // namespace

int main() {
    const int in = attach("in0");
    const int out = attach("out0");
    std::array<Packet, flows> packets{};
    for (long flow = 0; flow < flows; ++flow) {
        packets[static_cast<std::size_t>(flow)] = packet_of(flow);
    }
    std::puts("ready");
    std::fflush(stdout);
    char line[32];
    while (std::fgets(line, sizeof line, stdin) != nullptr) {
        Packet left{};
        while (read(out, left.data(), left.size()) > 0) {  // of the last time
        }
        const long count = std::atol(line);
        send(in, packets, count / 10 + flows);  // makes the connections, and warms the caches
        const double start = now();
        send(in, packets, count);
        const double each = (now() - start) / static_cast<double>(count);
        left = {};
        static_cast<void>(!read(out, left.data(), left.size()));
        std::printf("%.1f %u.%u.%u.%u\n", each, left[12], left[13], left[14], left[15]);
        std::fflush(stdout);
    }
}
