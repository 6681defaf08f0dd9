// Real packets through the real kernel: rulesets are loaded into network namespaces of our own,
// packets sent through TUN devices and raw sockets, and every chain's decision, the packets that
// come out, and the counters compared with the evaluator. See journey.h for how. Recorded and
// random rulesets that leave packets as they are, then random ones that masquerade and redirect.
//
//     packets [--seed N] [--random N] [--rewriting N] [--only NAME] [--jobs N] [--show N]
//             [--program PROGRAM] [--data FILE] [--translated WAY] [--dialect DIALECT]
//
// DIALECT is ipchains, or ipfwadm: then the kernel is held against what Linux 2.0 decided, and
// accounting is looked at, too. ICMP packets that end before their type are left out: what Linux
// 2.0 read there was by chance.
//
// With --translated, the kernel gets no rules of ours but the text that fw::translate_ruleset()
// makes of them, by nft -f: WAY is plain, comments, optimized, counters (optimized, but each rule
// counts), or all, which takes them in turn.
//
// The last line is "N passed, N failed"; the exit status 0, 1 if any failed, 77 if this machine
// can't run the tests.
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <iterator>
#include <new>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "scenario.h"
#include "trial.h"
#include "unit/recorded.h"

namespace {

using namespace packets;

constexpr int cannot_run = 77;

struct Options {
    std::uint64_t seed = 1998;
    std::uint64_t random = 500;     // rulesets that let packets be as they are
    std::uint64_t rewriting = 300;  // that masquerade and redirect
    std::uint64_t jobs = 2;
    std::uint64_t show = 10;  // failures, of each worker
    std::string only;
    std::string program;
    std::string translated;
    std::string dialect = "ipchains";
    std::string data;

    [[nodiscard]] bool ipfwadm() const { return dialect == "ipfwadm"; }
};

// The ways in which rules are translated.
struct Way {
    const char* name;
    bool comments;
    bool optimize;
    bool counters;
};
constexpr Way ways[] = {{"plain", false, false, false},
                        {"comments", true, false, false},
                        {"optimized", false, true, false},
                        {"counters", true, true, true}};

const Way* way_named(std::string_view name) {
    const auto* found = std::find_if(std::begin(ways), std::end(ways),
                                     [&](const Way& way) { return name == way.name; });
    return found == std::end(ways) ? nullptr : found;
}

std::optional<Options> read_options(std::span<char*> words) {
    Options options;
    for (std::size_t i = 0; i + 1 < words.size(); i += 2) {
        const std::string_view name = words[i];
        const std::string_view value = words[i + 1];
        std::uint64_t* number = name == "--seed"        ? &options.seed
                                : name == "--random"    ? &options.random
                                : name == "--rewriting" ? &options.rewriting
                                : name == "--jobs"      ? &options.jobs
                                : name == "--show"      ? &options.show
                                                        : nullptr;
        std::string* text = name == "--only"         ? &options.only
                            : name == "--program"    ? &options.program
                            : name == "--translated" ? &options.translated
                            : name == "--data"       ? &options.data
                            : name == "--dialect"    ? &options.dialect
                                                     : nullptr;
        if (text != nullptr) {
            *text = value;
        } else if (number == nullptr ||
                   std::from_chars(value.data(), value.data() + value.size(), *number).ptr !=
                       value.data() + value.size()) {
            return std::nullopt;
        }
    }
    if (options.data.empty()) {
        options.data = FW_TEST_DATA "/" + options.dialect + "-packets.jsonl";
    }
    const bool right = words.size() % 2 == 0 && options.jobs > 0 &&
                       (options.dialect == "ipchains" || options.ipfwadm()) &&
                       (options.translated.empty() || options.translated == "all" ||
                        way_named(options.translated) != nullptr);
    return right ? std::optional(options) : std::nullopt;
}

std::vector<Scenario> scenarios(const Options& options) {
    const bool ipfwadm = options.ipfwadm();
    std::vector<Scenario> all;
    for (const recorded::Packets& recorded : recorded::packets(options.data)) {
        all.push_back(
            recorded_scenario(recorded, ipfwadm ? fw::Dialect::ipfwadm : fw::Dialect::ipchains));
    }
    for (std::uint64_t number = 0; number < options.random; ++number) {
        all.push_back(ipfwadm ? random_ipfwadm_scenario(options.seed, number, Tracking::no)
                              : random_scenario(options.seed, number));
    }
    for (std::uint64_t number = 0; number < options.rewriting; ++number) {
        all.push_back(ipfwadm ? random_ipfwadm_scenario(options.seed, number, Tracking::yes)
                              : random_rewriting_scenario(options.seed, number));
    }
    if (!options.only.empty()) {
        std::erase_if(all, [&](const Scenario& one) { return one.name != options.only; });
    }
    return all;
}

// How the scenario with this number is tried.
Manner manner_of(std::uint64_t number, const Options& options) {
    Manner manner;
    manner.reload = number % 5 == 0 ? Reload::yes : Reload::no;
    if (options.translated.empty()) {
        manner.program = number % 7 == 0 ? options.program : std::string();
        return manner;
    }
    const Way& way = options.translated == "all" ? ways[number / 2 % std::size(ways)]
                                                 : *way_named(options.translated);
    manner.translated.emplace();
    manner.translated->comments = way.comments;
    manner.translated->optimize = way.optimize;
    manner.translated->counters = way.counters;
    return manner;
}

// Runs every `jobs`th scenario, and prints what differs.
void work(const std::vector<Scenario>& all, std::uint64_t first, const Options& options,
          Score& score) {
    for (std::uint64_t i = first; i < all.size(); i += options.jobs) {
        const std::vector<std::string> differences =
            try_scenario(all[i], manner_of(i, options), score);
        ++(differences.empty() ? score.passed : score.failed);
        if (differences.empty() || score.failed > options.show) {
            continue;
        }
        std::string text = "## " + all[i].name + "\n";
        for (const std::string& difference : differences) {
            text += "  " + difference + "\n";
        }
        std::fputs(text.c_str(), stdout);
        std::fflush(stdout);
    }
}

// A child that does `what`; its exit status.
template <typename What>
pid_t in_a_child(What what) {
    std::fflush(stdout);
    const pid_t child = fork();
    if (child == 0) {
        _exit(what());
    }
    return child;
}

int status_of(pid_t child) {
    int status = 0;
    return waitpid(child, &status, 0) == child && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int try_machine() {
    const Problem problem = what_is_missing();
    if (problem) {
        std::printf("packets: skipped: %s\n", problem->c_str());
        std::fflush(stdout);
    }
    return problem ? cannot_run : 0;
}

void report(const Score& score) {
    static constexpr const char* chains[] = {"input", "forward", "output"};
    std::printf("%lu packets sent, %lu could not be: %lu commands, %lu refused, %lu left out\n",
                score.sent, score.impossible, score.commands, score.refused, score.left_out);
    for (std::size_t i = 0; i < 3; ++i) {
        const auto& verdicts = score.tally.verdicts[i];
        std::printf("%-8s passed %lu, dropped %lu, rejected %lu\n", chains[i], verdicts[0],
                    verdicts[1], verdicts[2]);
    }
    std::printf("%lu answers, %lu copies, %lu delivered, %lu left, %lu met accounting\n",
                score.tally.answers, score.tally.copies, score.tally.delivered, score.tally.left,
                score.tally.accounted);
    std::printf("%lu rulesets translated, %lu reloaded\n", score.translated, score.reloaded);
    std::printf(
        "%lu redirected, %lu masqueraded, %lu replies, %lu errors about them, "
        "%lu not tracked, %lu of two fragments\n",
        score.tally.redirected, score.tally.masqueraded, score.tally.replies, score.tally.errors,
        score.tally.untracked, score.tally.assembled);
    std::printf("%lu passed, %lu failed\n", score.passed, score.failed);
}

}  // namespace

int main(int argc, char** argv) {
    const auto options = read_options(std::span(argv, static_cast<std::size_t>(argc)).subspan(1));
    if (!options) {
        std::fputs("packets: no such option or number; see the top of packets.cpp\n", stderr);
        return 2;
    }
    if (const int status = status_of(in_a_child(try_machine)); status != 0) {
        return status;
    }
    const std::vector<Scenario> all = scenarios(*options);
    std::printf("seed %lu\n", options->seed);
    // One score for each worker, in memory that they share with us.
    void* shared = mmap(nullptr, options->jobs * sizeof(Score), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED) {
        return 1;
    }
    const std::span scores(static_cast<Score*>(shared), options->jobs);
    std::vector<pid_t> workers;
    for (std::uint64_t job = 0; job < options->jobs; ++job) {
        new (&scores[job]) Score;
        workers.push_back(in_a_child([&] {
            work(all, job, *options, scores[job]);
            return 0;
        }));
    }
    Score total;
    for (std::uint64_t job = 0; job < options->jobs; ++job) {
        if (status_of(workers[job]) != 0) {
            std::puts("packets: a worker died");
            ++total.failed;
        }
        total += scores[job];
    }
    report(total);
    return total.failed == 0 && total.passed > 0 ? 0 : 1;
}
