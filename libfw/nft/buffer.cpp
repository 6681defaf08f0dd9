#include "nft/buffer.h"

#include <sys/mman.h>

#include <new>

namespace fw::nft {

Buffer::~Buffer() {
    if (memory_ != nullptr) {
        munmap(memory_, capacity_);
    }
}

// Pages of its own, which move without being copied, and take no memory until they are written to:
// thousands of rules are tens of megabytes, which malloc would have twice, or leave holes for.
void Buffer::grow(std::size_t count) {
    constexpr std::size_t page = 1 << 16;  // a multiple of it everywhere
    const std::size_t wanted = (2 * capacity_ + count + page - 1) & ~(page - 1);
    void* moved = memory_ == nullptr ? mmap(nullptr, wanted, PROT_READ | PROT_WRITE,
                                            MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
                                     : mremap(memory_, capacity_, wanted, MREMAP_MAYMOVE);
    if (moved == MAP_FAILED) {
        throw std::bad_alloc();
    }
    memory_ = static_cast<std::uint8_t*>(moved);
    capacity_ = wanted;
}

}  // namespace fw::nft
