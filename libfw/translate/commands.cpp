#include "translate/commands.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

namespace fw::translate {

namespace {

// Programs whose commands a list is made of.
constexpr std::string_view programs[] = {
    "ipchains", "ipchains-restore", "ipchains-save", "ipmasqadm", "ipportfw", "ipautofw", "ipfwd",
    "ipfwadm",  "ipfwadm-wrapper",  "ipfwadm-save",  "iptables",  "modprobe", "insmod",   "rmmod",
    "lsmod",    "depmod",
};

// Words by which a shell is known.
constexpr std::string_view shell_words[] = {
    "if",   "then", "else", "elif", "fi",       "for",   "while",    "until",  "do",
    "done", "case", "esac", "in",   "function", "local", "export",   "return", "shift",
    "trap", "eval", "exec", ".",    "source",   "set",   "unset",    "read",   "exit",
    "test", "[",    "[[",   "{",    "}",        "break", "continue",
};

template <std::size_t N>
bool is_among(const std::string_view (&list)[N], std::string_view word) {
    return std::find(std::begin(list), std::end(list), word) != std::end(list);
}

std::string_view last_part(std::string_view path) { return path.substr(path.rfind('/') + 1); }

// NAME=value in front of a command.
bool is_assignment(std::string_view word) {
    const std::size_t equals = word.find('=');
    return equals != word.npos && equals > 0 &&
           std::all_of(word.begin(), word.begin() + static_cast<std::ptrdiff_t>(equals),
                       [](char c) {
                           return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                                  (c >= '0' && c <= '9');
                       });
}

Error shell_error(std::string word) {
    return {Code::usage, std::move(word), -1, "only a shell understands this",
            "this is a shell script: fw-translate --run FILE"};
}

class Reader {
public:
    Reader(std::string_view text, const std::string& file) : text_(text), file_(file) {}

    CommandList read() {
        while (at_ < text_.size() && !is_shell_) {
            command();
        }
        return std::move(list_);
    }

private:
    [[nodiscard]] char here() const { return at_ < text_.size() ? text_[at_] : '\0'; }
    [[nodiscard]] char next() const { return at_ + 1 < text_.size() ? text_[at_ + 1] : '\0'; }
    [[nodiscard]] bool goes_on() const {
        return here() == '\\' && (next() == '\n' || text_.substr(at_ + 1).starts_with("\r\n"));
    }
    void step() {
        line_ += here() == '\n' ? 1 : 0;
        ++at_;
    }

    // Up to the end of the line or a `;`.
    void command() {
        start_ = line_;
        words_.clear();
        wrong_.reset();
        const std::size_t begin = at_;
        while (at_ < text_.size() && here() != '\n' && here() != ';') {
            if (goes_on()) {
                at_ = text_.find('\n', at_);
                step();
            } else if (here() == ' ' || here() == '\t' || here() == '\r') {
                step();
            } else if (here() == '#') {
                at_ = std::min(text_.find('\n', at_), text_.size());
            } else if (std::string_view("<>|&").find(here()) != std::string_view::npos) {
                sign();
            } else {
                word();
            }
        }
        const std::string_view seen = text_.substr(begin, at_ - begin);
        if (at_ < text_.size()) {
            step();
        }
        finish(seen);
    }

    // What stands between words: `2>&1`, `> /dev/null` and a last `&` change nothing.
    void sign() {
        const std::size_t begin = at_;
        while (std::string_view("<>|&").find(here()) != std::string_view::npos && here() != '\0') {
            step();
        }
        const std::string_view sign = text_.substr(begin, at_ - begin);
        if (sign == "&") {
            return;
        }
        if (sign == ">&" || sign == ">" || sign == ">>" || sign == "&>") {
            to_file_ = true;
            return;
        }
        note_shell(std::string(sign));
    }

    void word() {
        std::string text;
        bool quoted = false;
        while (at_ < text_.size() &&
               std::string_view(" \t\r\n;<>|&").find(here()) == std::string_view::npos) {
            if (goes_on()) {
                break;
            }
            if (here() == '\'' || here() == '"') {
                quoted = true;
                quote(text);
            } else if (here() == '\\') {
                step();
                text += here();
                step();
            } else {
                if (std::string_view("$`(){}*?[]").find(here()) != std::string_view::npos) {
                    note_shell_at(text);
                }
                text += here();
                step();
            }
        }
        if (std::exchange(to_file_, false)) {
            target_ = text;
            return;
        }
        // The 2 of `2>&1` is no word.
        if (!quoted && (here() == '>' || here() == '<') && text.size() == 1 && text[0] >= '0' &&
            text[0] <= '9') {
            return;
        }
        words_.push_back(std::move(text));
    }

    void quote(std::string& out) {
        const char mark = here();
        step();
        while (at_ < text_.size() && here() != mark) {
            if (mark == '"' && (here() == '$' || here() == '`')) {
                note_shell_at(out);
            }
            if (mark == '"' && here() == '\\' &&
                (next() == '"' || next() == '\\' || next() == '$' || next() == '`')) {
                step();
            }
            out += here();
            step();
        }
        if (at_ == text_.size()) {
            wrong_ =
                Error{Code::usage, std::string(1, mark), -1, "a quote without its end", "close it"};
            return;
        }
        step();
    }

    // The word that holds the sign at hand: what stands before it is known.
    void note_shell_at(const std::string& before) {
        const std::size_t end = text_.find_first_of(" \t\r\n;", at_);
        note_shell(before + std::string(text_.substr(at_, end == text_.npos ? end : end - at_)));
    }
    void note_shell(std::string word) {
        if (!wrong_) {
            wrong_ = shell_error(std::move(word));
        }
        is_shell_ = true;
    }

    void finish(std::string_view seen) {
        const std::string target = std::exchange(target_, {});
        if (words_.empty() && !wrong_) {
            return;
        }
        const std::string first = words_.empty() ? std::string() : words_.front();
        if (is_among(shell_words, first) || is_assignment(first)) {
            wrong_ = shell_error(first);
            is_shell_ = true;
        }
        const std::string_view program = last_part(first);
        if (is_shell_) {
            list_ = {{}, {{start_, *wrong_}}, {}};
        } else if (wrong_) {
            list_.errors.push_back({start_, *wrong_});
        } else if (is_among(programs, program)) {
            words_.erase(words_.begin());
            list_.commands.push_back({first, words_, {}, source(seen)});
        } else {
            leave_out(first, target);
        }
    }

    void leave_out(const std::string& first, const std::string& target) {
        if (first.starts_with('-') || (first.starts_with(':') && first.size() > 1)) {
            list_.errors.push_back({start_,
                                    {Code::usage, first, -1, "a line of saved rules among commands",
                                     "keep them in two files, or say --from saved"}});
            return;
        }
        const bool sets = target.starts_with("/proc/sys/") || last_part(first) == "sysctl";
        const char* problem = sets ? "a setting of the kernel, left out: it is no filter command"
                                   : "not a filter command, left out";
        list_.cautions.push_back(
            {start_,
             {Code::usage, sets && !target.empty() ? target : first, -1, problem,
              "fw-translate --run FILE reports what else a script does"}});
    }

    // The words as they stood there, without the ends of their lines.
    [[nodiscard]] SourceLine source(std::string_view seen) const {
        SourceLine line;
        bool blank = false;
        for (std::size_t i = 0; i < seen.size(); ++i) {
            const bool goes_on = seen[i] == '\\' && i + 1 < seen.size() &&
                                 (seen[i + 1] == '\n' || seen[i + 1] == '\r');
            if (goes_on || seen[i] == ' ' || seen[i] == '\t' || seen[i] == '\n' ||
                seen[i] == '\r') {
                blank = true;
                continue;
            }
            line.text += blank && !line.text.empty() ? " " : "";
            line.text += seen[i];
            blank = false;
        }
        line.file = file_;
        line.line = start_;
        return line;
    }

    std::string_view text_;
    const std::string& file_;
    std::size_t at_ = 0;
    std::uint32_t line_ = 1;
    std::uint32_t start_ = 1;  // the line that the command began in
    std::vector<std::string> words_;
    bool to_file_ = false;  // the next word is a file's name
    std::string target_;    // what was written to
    std::optional<Error> wrong_;
    bool is_shell_ = false;  // it can't be read any further
    CommandList list_;
};

}  // namespace

CommandList read_commands(std::string_view text, const std::string& file) {
    return Reader(text, file).read();
}

// The first line that says something decides: `:input ACCEPT` and `-A input ...` are saved rules.
Kind recognise(std::string_view text) {
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        std::string_view line = text.substr(0, end);
        text.remove_prefix(end == text.npos ? text.size() : end + 1);
        line.remove_prefix(std::min(line.find_first_not_of(" \t\r"), line.size()));
        if (!line.empty() && line.front() != '#') {
            return line.front() == ':' || line.front() == '-' ? Kind::saved : Kind::commands;
        }
    }
    return Kind::commands;
}

}  // namespace fw::translate
