// The watcher of ipchains-apply: a process of its own that remembers the old rules and puts them
// back unless it is told not to. It has left the terminal and hears no hang-up, so it does so also
// when the process that asks has died with the connection, or can't get rid of its words.
//
//     Watcher watcher;
//     if (watcher.start(program, state_file, old)) {
//         ... load the new rules ...
//         watcher.give(32);      // a time limit from now on
//         if (good && watcher.keep()) {
//             ... they stay ...
//         }
//     }
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>

#include "fw/result.h"
#include "fw/ruleset.h"

namespace cli {

class Watcher {
public:
    Watcher() = default;
    Watcher(const Watcher&) = delete;
    Watcher& operator=(const Watcher&) = delete;
    // As if this process had died: the old rules come back.
    ~Watcher();

    // Forks. The firewall is the one in `file`, or in the kernel.
    [[nodiscard]] fw::Status start(std::string_view program, const std::optional<std::string>& file,
                                   const fw::Ruleset& old);

    // A script runs, in a process group of its own, that has to be killed before the rules come
    // back; 0: it has ended.
    void script(pid_t group);

    // If nothing else is said for so many seconds, the old rules come back.
    void give(unsigned seconds);

    // The new rules stay. False if the old ones are back already.
    [[nodiscard]] bool keep();

    // The old rules come back, now. False if that failed; the watcher has said why.
    [[nodiscard]] bool undo();

private:
    void tell(char what, int number) const;
    [[nodiscard]] int end();

    pid_t process_ = -1;
    int pipe_ = -1;
};

}  // namespace cli
