// Loads the lines `-A CHAIN ...` of standard input, all into one chain and in one transaction: how
// tests and measurements get a table of thousands of rules.
#include <cstdio>
#include <sstream>
#include <string>
#include <vector>

#include "fw/parse.h"
#include "fw/store.h"

namespace {

int fail(const fw::Error& error) {
    std::fprintf(stderr, "load: %s: %s\n", error.word.c_str(), error.problem.c_str());
    return 1;
}

std::vector<std::string> words_of(const std::string& line) {
    std::istringstream in(line);
    std::vector<std::string> words;
    for (std::string word; in >> word;) {
        words.push_back(word);
    }
    return words;
}

}  // namespace

int main() {
    const auto names = fw::system_names();
    fw::Append all;
    char line[1024];
    while (std::fgets(line, sizeof line, stdin) != nullptr) {
        fw::Result<fw::Command> command = fw::parse_ipchains(words_of(line), *names);
        if (!command) {
            return fail(command.error());
        }
        auto& append = std::get<fw::Append>(std::get<fw::Change>(command->action));
        all.chain = append.chain;
        all.rules.insert(all.rules.end(), append.rules.begin(), append.rules.end());
    }
    fw::Result<std::unique_ptr<fw::Store>> store = fw::open_kernel_store();
    if (!store) {
        return fail(store.error());
    }
    const fw::Result<fw::Outcome> outcome = (*store)->commit(all);
    return outcome ? 0 : fail(outcome.error());
}
