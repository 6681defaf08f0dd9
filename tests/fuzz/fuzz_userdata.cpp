// Any bytes at all as a rule's userdata, or a forward's: the decoders neither crash nor guess; what
// they take is what they would write. Build with -DFW_FUZZERS=ON and clang.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "few_names.h"
#include "model/codec.h"
#include "model/forward_codec.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const fw::Result<fw::Forward> forward = fw::decode_forward({data, size})) {
        require(fw::encode_forward(*forward) == text);
        require(size <= fw::max_encoded);
    }
    const fw::Result<fw::Rule> rule = fw::decode_rule({data, size});
    if (!rule) {
        return 0;
    }
    const fw::Result<std::string> bytes = fw::encode_rule(*rule);
    // More than the kernel would store is the only thing to refuse.
    if (!bytes) {
        require(size > fw::max_encoded);
        return 0;
    }
    require(*bytes == text);
    return 0;
}
