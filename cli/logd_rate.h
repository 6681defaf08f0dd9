// How many lines may be written: a bucket that holds `burst` lines and gets `rate` new ones a
// second.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace logd {

using Clock = std::chrono::steady_clock;

class Bucket {
public:
    // A rate of 0 is no bound at all.
    Bucket(std::uint32_t rate, std::uint32_t burst, Clock::time_point now)
        : rate_(rate), burst_(burst), lines_(burst), filled_(now) {}

    // Whether one more line may be written now.
    [[nodiscard]] bool take(Clock::time_point now) {
        if (rate_ == 0) {
            return true;
        }
        const std::chrono::duration<double> passed = now - filled_;
        lines_ = std::min<double>(burst_, lines_ + passed.count() * rate_);
        filled_ = now;
        if (lines_ < 1) {
            return false;
        }
        lines_ -= 1;
        return true;
    }

private:
    std::uint32_t rate_;
    std::uint32_t burst_;
    double lines_;
    Clock::time_point filled_;
};

}  // namespace logd
