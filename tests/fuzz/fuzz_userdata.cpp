// Any bytes at all as a rule's userdata: the decoder neither crashes nor guesses; what it takes is
// what it would write. Build with -DFW_FUZZERS=ON and clang.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "model/codec.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const fw::Result<fw::Rule> rule = fw::decode_rule({data, size});
    if (!rule) {
        return 0;
    }
    const fw::Result<std::string> bytes = fw::encode_rule(*rule);
    // More than the kernel would store is the only thing to refuse.
    if (!bytes) {
        return size > fw::max_encoded ? 0 : (std::abort(), 0);
    }
    if (*bytes != std::string_view(reinterpret_cast<const char*>(data), size)) {
        std::abort();
    }
    return 0;
}
