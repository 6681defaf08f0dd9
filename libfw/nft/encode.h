// Transactions as netlink messages. One batch: the kernel (Linux 6.18) takes all
// of it or nothing.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "nft/buffer.h"
#include "nft/ir.h"

namespace fw::nft {

struct Batch {
    Buffer bytes;
    std::uint32_t first_sequence = 0;  // of the batch's opening message
    // Which operation each message behind the opening one belongs to.
    std::vector<std::size_t> operation_of;
};

// Takes the operations one by one, so that nobody has to keep them all. `table` is the one that
// they are about. `generation`: the kernel
// refuses the batch with ERESTART if anybody changed any table since the generation was read.
class Encoder {
public:
    Encoder(std::string_view table, std::uint32_t first_sequence,
            std::optional<std::uint32_t> generation);
    ~Encoder();

    void add(const Operation& operation);
    [[nodiscard]] Batch finish();

private:
    class Writer;
    std::unique_ptr<Writer> writer_;
};

// The same for a transaction that is there.
[[nodiscard]] Batch encode(const Transaction& transaction, std::string_view table,
                           std::uint32_t first_sequence, std::optional<std::uint32_t> generation);

// Gives a batch that was encoded with a generation another one.
void set_generation(Batch& batch, std::uint32_t generation);

// The type of our attribute in the userdata of a rule, among those of nft itself (comment: 0).
// Its value is the Kind in one byte, the number of parts in another, then the identity.
inline constexpr std::uint8_t userdata_type = 0x66;

}  // namespace fw::nft
