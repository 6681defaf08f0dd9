// What ipchains-restore asks on the terminal: whether a chain that exists is to be emptied.
//
// Nobody has to wait for the answer: while a question is open nothing is changed and no file is
// locked. The rules are read again with the answers at hand.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "fw/saved.h"

namespace cli {

class Questions final : private fw::AskToFlush {
public:
    Questions();
    Questions(const Questions&) = delete;
    Questions& operator=(const Questions&) = delete;
    ~Questions() override;

    // For fw::restore; null if there is no terminal.
    [[nodiscard]] fw::AskToFlush* asker() { return terminal_ < 0 ? nullptr : this; }

    // Whether something was asked that has no answer yet.
    [[nodiscard]] bool open() const { return !open_.empty(); }
    void ask();

private:
    [[nodiscard]] bool flush(const std::string& chain) override;
    [[nodiscard]] bool answer_to(const std::string& chain) const;

    int terminal_;
    std::map<std::string, bool> answers_;
    std::vector<std::string> open_;
};

}  // namespace cli
