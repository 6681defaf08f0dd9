#include "gather.h"

#include <algorithm>
#include <charconv>
#include <map>

#include "fw/masquerading_tools.h"
#include "programs.h"

namespace sandbox {

namespace {

template <typename Number>
Number number(const std::string& text, Number otherwise) {
    Number value = otherwise;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

std::string base_name(const std::string& program) { return program.substr(program.rfind('/') + 1); }

const Program* find_program(const std::string& name) {
    const auto* found = std::find_if(std::begin(programs), std::end(programs),
                                     [&name](const Program& one) { return one.name == name; });
    return found == std::end(programs) ? nullptr : found;
}

// A word as it would be typed.
std::string quoted(const std::string& word) {
    constexpr std::string_view plain =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=./:,@%^!";
    if (!word.empty() && word.find_first_not_of(plain) == word.npos) {
        return word;
    }
    std::string text = "'";
    for (const char c : word) {
        text += c == '\'' ? std::string("'\\''") : std::string(1, c);
    }
    return text + "'";
}

std::string command_line(const std::string& program, const std::vector<std::string>& words) {
    std::string text = base_name(program);
    for (const std::string& word : words) {
        text += ' ';
        text += quoted(word);
    }
    return text;
}

class Gatherer {
public:
    explicit Gatherer(const Inside& inside) : inside_(inside) {}

    void take_recorded(const std::string& bytes) {
        const Decoded decoded = decode(bytes);
        run.spoiled = run.spoiled || !decoded.whole;
        for (const Record& record : decoded.records) {
            if (record.size() == 3 && record[0] == end_record) {
                ends_[record[1]] = number(record[2], -1);
            }
        }
        for (const Record& record : decoded.records) {
            if (record.size() >= 7 && record[0] == begin_record) {
                take_command(record);
            }
        }
    }

    Run run;

private:
    // begin id program file line folder input word...
    void take_command(const Record& record) {
        const std::string name = base_name(record[2]);
        const Program* program = find_program(name);
        const auto ended = ends_.find(record[1]);
        const int status = ended == ends_.end() ? -1 : ended->second;
        const std::vector<std::string> words(record.begin() + 7, record.end());
        const bool is_script =
            record[3] == inside_.script || record[3] == script_elsewhere(inside_.script);
        const std::string& file = is_script ? inside_.request->script : record[3];
        const Aside aside{name, words, file, number(record[4], 0U), status};
        switch (program == nullptr ? Kind::quiet : program->kind) {
            case Kind::ours: take_filter(record, aside); break;
            case Kind::not_yet:
                take_filter(record, aside);
                run.not_yet.push_back(aside);
                break;
            case Kind::module:
                if (std::any_of(words.begin(), words.end(), fw::is_masquerading_module)) {
                    take_filter(record, aside);
                }
                if (!words.empty()) {  // lsmod asks for none
                    run.modules.push_back(aside);
                }
                break;
            case Kind::network:
            case Kind::machine: run.refused.push_back(aside); break;
            case Kind::interface:
            case Kind::route:
                if (status > 0) {
                    run.unknown.push_back(aside);
                }
                break;
            case Kind::quiet:
            case Kind::sleep:
            case Kind::uname:
            case Kind::shell: break;
        }
    }

    void take_filter(const Record& record, const Aside& aside) {
        fw::translate::ScriptCommand command;
        command.program = record[2];
        command.words = aside.words;
        command.input = record[6];
        command.source.text = command_line(record[2], aside.words);
        command.source.file = aside.file;
        command.source.line = aside.line;
        run.commands.push_back(std::move(command));
        run.statuses.push_back(aside.status);
    }

    const Inside& inside_;
    std::map<std::string, int> ends_;
};

void take_end(const Record& record, Run& run) {
    constexpr std::pair<std::string_view, End> ends[] = {{"exited", End::exited},
                                                         {"killed", End::killed},
                                                         {"too_long", End::too_long},
                                                         {"too_many_processes",
                                                          End::too_many_processes},
                                                         {"too_much_memory", End::too_much_memory}};
    for (const auto& [name, end] : ends) {
        if (record[1] == name) {
            run.end = end;
        }
    }
    run.status = number(record[2], 0);
}

}  // namespace

fw::Result<Run> gather(const std::vector<Record>& records, const Inside& inside, bool whole) {
    Gatherer gatherer(inside);
    bool ended = false;
    for (const Record& record : records) {
        const std::string& what = record[0];
        if (what == "error" && record.size() == 4) {
            return fw::Error{fw::Code::system, record[1], -1, record[2], record[3]};
        }
        if (what == "end" && record.size() == 3) {
            take_end(record, gatherer.run);
            ended = true;
        } else if (what == "record" && record.size() == 2) {
            gatherer.take_recorded(record[1]);
        } else if (what == "setting" && record.size() == 4) {
            gatherer.run.settings.push_back({record[1], record[2], record[3] == "1"});
        } else if (what == "address" && record.size() == 2) {
            gatherer.run.addresses.push_back(record[1]);
        } else if (what == "route" && record.size() == 2) {
            gatherer.run.routes.push_back(record[1]);
        } else if (what == "file" && record.size() == 2) {
            gatherer.run.files.push_back(record[1]);
        }
    }
    if (!ended) {
        gatherer.run.end = whole ? End::killed : End::too_long;
        gatherer.run.status = 9;
    }
    return std::move(gatherer.run);
}

}  // namespace sandbox
