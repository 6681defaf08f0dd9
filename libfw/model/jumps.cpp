#include "model/jumps.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace fw {

namespace {

// nf_tables follows 15 jumps (Linux 6.18, NFT_JUMP_STACK_SIZE); the first two may lead into the
// built-in chain itself, the last may be needed for TOS or mark.
constexpr int max_depth = 12;

// The walk itself goes no deeper than this: it has a stack, too.
constexpr int deepest_walk = 1000;

class Walk {
public:
    Walk(const Ruleset& ruleset, std::uint32_t last)
        : ruleset_(ruleset), last_(last), heights_(ruleset.chains.size(), unknown) {
        for (std::size_t i = 0; i < ruleset.chains.size(); ++i) {
            places_.emplace(ruleset.chains[i].name, i);
        }
    }

    // How many chains lie below this one, in heights_.
    Status visit(std::size_t index, int depth) {
        const Chain& chain = ruleset_.chains[index];
        heights_[index] = on_the_way;
        int height = 0;
        for (const Rule& rule : chain.rules) {
            const auto* jump = std::get_if<Jump>(&rule.target);
            if (jump == nullptr || jump->chain == chain.name || rule.line.number > last_) {
                continue;
            }
            const std::size_t below = places_.find(jump->chain)->second;
            if (heights_[below] == on_the_way) {
                return loop(jump->chain);
            }
            if (heights_[below] == unknown) {
                if (depth == deepest_walk) {
                    return too_deep(chain.name);
                }
                if (Status status = visit(below, depth + 1); !status) {
                    return status;
                }
            }
            height = std::max(height, heights_[below] + 1);
        }
        heights_[index] = height;
        return height > max_depth ? too_deep(chain.name) : Status(Done{});
    }

private:
    static constexpr int unknown = -1;
    static constexpr int on_the_way = -2;

    static Status loop(const std::string& name) {
        return Error{Code::refused, name, -1, "this jump would make a loop of chains",
                     "a packet could go round for ever; jump elsewhere"};
    }
    static Status too_deep(const std::string& name) {
        return Error{Code::refused, name, -1, "jumps would nest deeper than nftables follows",
                     "at most " + std::to_string(max_depth) + " chains below a built-in one"};
    }

    const Ruleset& ruleset_;
    std::uint32_t last_;
    std::vector<int> heights_;
    std::unordered_map<std::string_view, std::size_t> places_;
};

}  // namespace

// A loop that no packet can reach is harmless, and was accepted; nf_tables thinks so, too.
Status check_jumps(const Ruleset& ruleset, std::uint32_t last) {
    Walk walk(ruleset, last);
    for (std::size_t i = 0; i < builtin_chains.size(); ++i) {
        if (Status status = walk.visit(i, 0); !status) {
            return status;
        }
    }
    return Done{};
}

}  // namespace fw
