// fw-translate: old rules into a table of nft's that belongs to its user.
#include <malloc.h>

#include <cstdio>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "fw/names.h"
#include "fw/saved.h"
#include "fw/translate.h"
#include "fw_translate_options.h"
#include "fw_translate_run.h"
#include "hosts_file.h"
#include "message.h"
#include "program.h"
#include "replace_file.h"
#include "translate/commands.h"
#include "translate/forward_lines.h"
#include "translate/replay.h"
#include "translate/to_ipchains.h"

namespace {

using fw::translate::Kind;
using translating::Options;

constexpr const char* program = "fw-translate";

// What was read, before it is carried out.
struct Source {
    std::vector<fw::translate::ScriptCommand> commands;
    std::string name;     // for the first line of the result
    bool failed = false;  // and has been said to
};

// "FILE line 12: "
std::string place(const std::string& file, std::uint32_t line) {
    const std::string name = file.empty() ? "standard input" : file;
    return line == 0 ? name : name + " line " + std::to_string(line);
}

void complain(const std::string& where, const fw::Error& error) {
    cli::say(cli::error_line(std::string(program) + ": " + cli::printable(where), error), stderr);
}

// The program's name stands in for the word where an error has none.
void complain_all(const std::string& file, const std::vector<fw::LineError>& errors) {
    for (const fw::LineError& error : errors) {
        complain(place(file, error.line), error.error);
    }
}

void read_file(const std::string& word, const Options& options, Source& source) {
    const std::string file = word == "-" ? "" : word;
    fw::Result<std::string> text = cli::read_text(file);
    if (!text) {
        source.failed = true;
        (void)cli::fail(program, text.error());
        return;
    }
    source.name += (source.name.empty() ? "" : ", ") + (file.empty() ? "standard input" : file);
    if (options.from.value_or(fw::translate::recognise(*text)) == Kind::saved) {
        fw::translate::ScriptCommand restore{"ipchains-restore", {"-f"}, std::move(*text), {}};
        restore.source.file = file;
        source.commands.push_back(std::move(restore));
        return;
    }
    fw::translate::CommandList list = fw::translate::read_commands(*text, file);
    complain_all(file, list.errors);
    complain_all(file, list.cautions);
    source.failed = source.failed || !list.errors.empty();
    for (fw::translate::ScriptCommand& command : list.commands) {
        source.commands.push_back(std::move(command));
    }
}

// Errors and cautions of the commands, each at its line.
void complain_of(const fw::translate::Replayed& replayed,
                 const std::vector<fw::LineError>& errors) {
    for (const fw::LineError& error : errors) {
        const bool known = error.line > 0 && error.line <= replayed.sources.size();
        const fw::SourceLine at = known ? replayed.sources[error.line - 1] : fw::SourceLine{};
        complain(place(at.file, at.line), error.error);
    }
}

void say_remarks(const std::vector<fw::Remark>& remarks,
                 const std::vector<fw::SourceLine>& sources) {
    for (const fw::Remark& remark : remarks) {
        const bool known = remark.line > 0 && remark.line <= sources.size();
        const fw::SourceLine at = known ? sources[remark.line - 1] : fw::SourceLine{};
        cli::caution(program, (known ? place(at.file, at.line) + ": " : "") + remark.text);
    }
}

bool agrees(const fw::Ruleset& ruleset, const std::string& text) {
    const fw::Result<fw::Verification> checked = fw::verify_translation(ruleset, text);
    if (!checked) {
        (void)cli::fail(program, checked.error());
        return false;
    }
    for (const std::string& difference : checked->differences) {
        cli::caution(program, difference);
    }
    cli::caution(program, std::to_string(checked->packets) + " packets compared, " +
                              (checked->different == 0
                                   ? "no difference"
                                   : std::to_string(checked->different) + " decided otherwise"));
    return checked->different == 0;
}

int write_out(const std::string& text, const Options& options) {
    if (options.out.empty() || options.out == "-") {
        cli::say(text);
        return cli::done;
    }
    const fw::Status written = cli::replace_file(options.out, text);
    return written ? cli::done : cli::fail(program, written.error());
}

int to_nft(const fw::translate::Replayed& replayed, const Options& options, const std::string& from,
           const fw::Names& names) {
    fw::TranslateOptions how = options.translation;
    how.from = from;
    const fw::Result<fw::Translation> made =
        fw::translate_ruleset(replayed.ruleset, how, names, replayed.sources);
    if (!made) {
        return cli::fail(program, made.error());
    }
    say_remarks(made->remarks, replayed.sources);
    if (options.verify && !agrees(replayed.ruleset, made->text)) {
        return cli::refused;
    }
    return write_out(made->text, options);
}

// What ipchains can't say, in front of the rules; once, of a line that a loop repeats.
std::string remark_lines(const std::vector<fw::Remark>& remarks,
                         const std::vector<fw::SourceLine>& sources) {
    std::string lines;
    std::set<std::string> said;
    for (const fw::Remark& remark : remarks) {
        const bool known = remark.line > 0 && remark.line <= sources.size();
        std::string line = "# ";
        if (known && sources[remark.line - 1].line != 0) {
            const fw::SourceLine& at = sources[remark.line - 1];
            const bool same_file = sources.front().file == at.file;
            line += (same_file ? "" : cli::printable(at.file) + " ") + "line " +
                    std::to_string(at.line) + ": ";
        }
        line += remark.text + "\n";
        if (said.insert(line).second) {
            lines += line;
        }
    }
    return lines;
}

// They are part of what is written; whoever writes to a file is told them, too.
int to_ipchains(const fw::translate::Replayed& replayed, const Options& options) {
    fw::translate::AsIpchains made{replayed.ruleset, {}};
    if (replayed.ruleset.dialect == fw::Dialect::ipfwadm) {
        made = fw::translate::to_ipchains(replayed.ruleset);
    }
    if (!options.out.empty() && options.out != "-") {
        say_remarks(made.remarks, replayed.sources);
    }
    return write_out(remark_lines(made.remarks, replayed.sources) +
                         fw::translate::forward_lines(made.ruleset) +
                         fw::print_saved(made.ruleset, std::nullopt, false),
                     options);
}

// Names of hosts that come before the machine's own: those given, or those of the files that a
// script is to find in /etc. Likewise interfaces: those of --with, or of the script.
fw::Result<std::unique_ptr<fw::Names>> find_names(const Options& options,
                                                  cli::Interfaces interfaces) {
    fw::Result<cli::Interfaces> described = translating::described_interfaces(options);
    if (!described) {
        return described.error();
    }
    interfaces.merge(*described);
    std::unique_ptr<fw::Names> names = fw::system_names();
    const std::string in_etc = options.machine.etc + "/hosts";
    const bool has_own = !options.machine.etc.empty() && access(in_etc.c_str(), R_OK) == 0;
    const std::string file = options.hosts.empty() && has_own ? in_etc : options.hosts;
    const fw::Result<std::string> text =
        file.empty() ? fw::Result<std::string>("") : cli::read_text(file);
    if (!text) {
        return text.error();
    }
    return cli::with_hosts(*text, std::move(interfaces), std::move(names));
}

int run(const Options& options) {
    Source source;
    translating::Ran ran;
    if (options.run) {
        ran = translating::run_in_sandbox(options);
        source = {ran.commands, options.files.front(), ran.failed};
    } else {
        for (const std::string& file : options.files) {
            read_file(file, options, source);
        }
    }
    const fw::Result<std::unique_ptr<fw::Names>> known = find_names(options, ran.interfaces);
    if (!known) {
        return cli::fail(program, known.error());
    }
    const fw::Names& names = **known;
    fw::translate::Replayed replayed = fw::translate::replay(source.commands, names);
    complain_of(replayed, replayed.errors);
    complain_of(replayed, replayed.cautions);
    std::erase_if(replayed.errors, [&ran](const fw::LineError& error) {
        return translating::is_excused(ran, error);
    });
    if (source.failed || !replayed.errors.empty()) {
        return cli::refused;
    }
    if (!options.machine.sysctl.empty()) {
        const fw::Status written = cli::replace_file(options.machine.sysctl, ran.settings);
        if (!written) {
            return cli::fail(program, written.error());
        }
    }
    if (options.to == translating::Language::ipchains) {
        return to_ipchains(replayed, options);
    }
    return to_nft(replayed, options, source.name, names);
}

}  // namespace

int main(int argc, char** argv) {
    // Lists that grow leave large blocks behind. Those come to use again, rather than back to the
    // kernel, which would have to clear others.
    mallopt(M_MMAP_THRESHOLD, 64 << 20);
    mallopt(M_TRIM_THRESHOLD, 64 << 20);
    const fw::Result<Options> options = translating::parse_options(argc, argv);
    if (!options) {
        return cli::finish(cli::fail(program, options.error()));
    }
    if (options->help) {
        cli::say(translating::help_text());
        return cli::finish(cli::done);
    }
    if (options->version) {
        cli::say(cli::version_line(program));
        return cli::finish(cli::done);
    }
    return cli::finish(run(*options));
}
