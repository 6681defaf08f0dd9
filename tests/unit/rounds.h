// How often a test with random input tries: as often as it says in release builds, less in those
// with sanitizers, where each round takes ten times as long and what they find is found in any of
// them.
#pragma once

[[nodiscard]] constexpr unsigned rounds(unsigned all) {
#ifdef NDEBUG
    return all;
#else
    return all / 8;
#endif
}
