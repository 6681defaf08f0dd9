#include "module_line.h"

#include <string_view>

namespace compat {

namespace {

using What = ModuleLine::What;

fw::Error usage_error(const Words& words, std::size_t index, const char* problem,
                      const char* remedy) {
    return {fw::Code::usage, words[index], static_cast<int>(index), problem, remedy};
}

// `ports=21`, or `26000,27000`, which is what is left of some module's parameter.
bool is_parameter(std::string_view word) {
    return word.find('=') != word.npos || (!word.empty() && word[0] >= '0' && word[0] <= '9');
}

std::optional<What> command(std::string_view word) {
    if (word == "--remove" || word == "-r") {
        return What::remove;
    }
    if (word == "--list") {
        return What::list;
    }
    if (word == "--help" || word == "-h") {
        return What::help;
    }
    if (word == "--version" || word == "-V") {
        return What::version;
    }
    return std::nullopt;
}

class Reader {
public:
    explicit Reader(const Words& words) : words_(words) {}

    fw::Result<ModuleLine> read() {
        for (; index_ < words_.size(); ++index_) {
            const bool is_option = words_[index_].size() > 1 && words_[index_][0] == '-';
            if (fw::Status status = is_option ? option() : plain(); !status) {
                return status.error();
            }
        }
        if (fw::Status status = check(); !status) {
            return status.error();
        }
        return std::move(line_);
    }

private:
    fw::Status option() {
        const std::string& word = words_[index_];
        if (const auto what = command(word)) {
            // Whoever asks for help gets it, whatever else is asked.
            const bool asks = line_.what == What::help || line_.what == What::version;
            line_.what = asks ? line_.what : *what;
        } else if (word == "--dry-run") {
            line_.dry_run = true;
            dry_run_ = index_;
        } else if (word.starts_with("--state=")) {
            line_.state = word.substr(std::string_view("--state=").size());
        } else if (word == "--state" && index_ + 1 < words_.size() &&
                   !words_[index_ + 1].starts_with('-')) {
            line_.state = words_[++index_];
        } else if (word == "--state") {
            return usage_error(words_, index_, "something is missing behind this",
                               "write --state FILE");
        } else if (word != "--") {
            return usage_error(words_, index_, "no such option",
                               "`ip-masq-module -h` lists the options");
        }
        return fw::Done{};
    }

    fw::Status plain() {
        if (!module_) {
            module_ = index_;
            line_.module = words_[index_];
        } else if (is_parameter(words_[index_])) {
            line_.parameters.push_back(words_[index_]);
        } else {
            return usage_error(words_, index_, "one module at a time",
                               "parameters are written ports=21,2121");
        }
        return fw::Done{};
    }

    [[nodiscard]] fw::Status check() const {
        if (line_.what == What::help || line_.what == What::version) {
            return fw::Done{};
        }
        if (line_.what == What::list && module_) {
            return usage_error(words_, *module_, "a listing is of all modules",
                               "leave this word out");
        }
        if (line_.what == What::list && line_.dry_run) {
            return usage_error(words_, dry_run_, "this does not go with the command",
                               "a listing changes nothing; leave it out");
        }
        if (line_.what != What::list && line_.module.empty()) {
            return fw::Error{fw::Code::usage, "", -1, "no module is named",
                             "`ip-masq-module -h` tells more"};
        }
        return fw::Done{};
    }

    const Words& words_;
    std::size_t index_ = 0;
    std::size_t dry_run_ = 0;            // where it stands
    std::optional<std::size_t> module_;  // where it stands
    ModuleLine line_;
};

}  // namespace

fw::Result<ModuleLine> read_module_line(const Words& words) { return Reader(words).read(); }

}  // namespace compat
