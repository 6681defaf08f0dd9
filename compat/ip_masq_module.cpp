// The modules ip_masq_* of Linux 2.x: what modprobe's configuration calls in their place
// (scripts/ipchains-modprobe.conf.in), and, under the names insmod, modprobe, rmmod and lsmod, what
// a script finds that looks for it in libexec/ipchains first.
#include <algorithm>
#include <string_view>
#include <vector>

#include "fw/masquerading_tools.h"
#include "module_line.h"
#include "program.h"
#include "real_program.h"
#include "store_choice.h"

namespace {

using compat::Words;

constexpr const char* help = R"(Usage: ip-masq-module [--remove] NAME [ports=PORT,...]

Sets up what the module ip_masq_NAME of Linux 2.x did, or undoes it. NAME is ftp, irc, raudio, pptp
or h323; the others need nothing done, or nothing does what they did.

  --list             show which are loaded
  --state FILE       work on a file, not on the kernel (or set IPCHAINS_STATE)
  --dry-run          show the nft script, change nothing
  -h, --help         this text
  -V, --version
)";

// How a module is to be loaded or removed.
struct Way {
    const char* program;
    bool remove = false;
    bool dry_run = false;
    std::optional<std::string> state = {};
};

// insmod refused to load a module that was loaded, and modprobe left it as it was. We let new ports
// take the place of the old ones.
fw::Result<bool> is_done(fw::Store& store, const fw::ModuleRequest& request, const Way& way) {
    if (way.remove || request.names_ports) {
        return false;
    }
    const fw::Result<fw::Ruleset> ruleset = store.fetch();
    if (!ruleset) {
        return ruleset.error();
    }
    const std::vector<std::string> loaded = fw::loaded_masquerading_modules(*ruleset);
    return std::find(loaded.begin(), loaded.end(), request.name) != loaded.end();
}

fw::Status carry_out(fw::Store& store, const fw::Change& change, const Way& way) {
    if (way.dry_run) {
        const fw::Result<std::string> script = store.script(change);
        if (!script) {
            return script.error();
        }
        cli::say(*script);
        return fw::Done{};
    }
    const fw::Result<fw::Outcome> outcome = store.commit(change);
    if (!outcome) {
        return outcome.error();
    }
    cli::tell(way.program, *outcome);
    return fw::Done{};
}

int load_or_remove(const std::string& module, std::span<const std::string> parameters,
                   const Way& way) {
    const auto request = way.remove ? fw::remove_masquerading_module(module)
                                    : fw::load_masquerading_module(module, parameters);
    if (!request) {
        return cli::fail(way.program, request.error());
    }
    for (const std::string& caution : request->cautions) {
        cli::caution(way.program, module + ": " + caution);
    }
    if (!request->change) {
        return 0;
    }
    const auto store = compat::open_store(way.program, way.state, compat::Serves::either);
    if (!store) {
        return cli::fail(way.program, store.error());
    }
    const fw::Result<bool> done = is_done(**store, *request, way);
    if (!done) {
        return cli::fail(way.program, done.error());
    }
    const fw::Status status = *done ? fw::Done{} : carry_out(**store, *request->change, way);
    if (!status && way.remove && status.error().code == fw::Code::refused) {
        return cli::fail(way.program, {fw::Code::refused, module, -1, "it is not loaded", ""});
    }
    return status ? 0 : cli::fail(way.program, status.error());
}

// --- lsmod ---

// The lines of lsmod for what is loaded: a name, a size and a number of users.
int list_modules(const char* program, const std::optional<std::string>& state) {
    const auto store = compat::open_store(program, state, compat::Serves::either);
    const fw::Result<fw::Ruleset> ruleset =
        store ? (*store)->fetch() : fw::Result<fw::Ruleset>(store.error());
    if (!ruleset) {
        return cli::fail(program, ruleset.error());
    }
    for (const std::string& name : fw::loaded_masquerading_modules(*ruleset)) {
        std::string line = "ip_masq_" + name;
        line.resize(std::max<std::size_t>(line.size(), 20), ' ');
        cli::say(line + "      0   0\n");
    }
    return 0;
}

// --- The programs whose names we borrow ---

bool is_option(const std::string& word) { return word.size() > 1 && word[0] == '-'; }

bool has_letter(const std::string& word, char letter) {
    return is_option(word) && word[1] != '-' && word.find(letter) != word.npos;
}

// The options that the next word belongs to, of insmod (modutils 2.x) and modprobe (kmod).
bool takes_next(const std::string& word) {
    for (const char* option : {"-o", "-O", "-P", "-C", "-d", "-S", "-t", "--config", "--dirname",
                               "--set-version", "--type"}) {
        if (word == option) {
            return true;
        }
    }
    return false;
}

std::size_t first_plain(const Words& words) {
    std::size_t index = 0;
    while (index < words.size() && is_option(words[index])) {
        index += takes_next(words[index]) ? 2 : 1;
    }
    return std::min(index, words.size());
}

// insmod and plain modprobe: one module, and its parameters.
int load_one(const Way& way, const Words& words) {
    const std::size_t module = first_plain(words);
    if (module == words.size() || !fw::is_masquerading_module(words[module])) {
        return compat::hand_over(way.program, words);
    }
    return load_or_remove(words[module], std::span(words).subspan(module + 1), way);
}

// rmmod, modprobe -r and modprobe -a: several modules. The others are left to the real program.
int each(const Way& way, const Words& words) {
    Words rest;
    bool others = false;
    bool own = false;
    int worst = 0;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (!is_option(words[i]) && fw::is_masquerading_module(words[i])) {
            own = true;
            worst = std::max(worst, load_or_remove(words[i], {}, way));
            continue;
        }
        rest.push_back(words[i]);
        others = others || !is_option(words[i]);
    }
    if (own && !others) {
        return worst;
    }
    const int status =
        own ? compat::run_real(way.program, rest) : compat::hand_over(way.program, rest);
    return std::max(worst, status);
}

int modprobe(const Words& words) {
    Way way{"modprobe"};
    bool several = false;
    for (const std::string& word : words) {
        way.remove = way.remove || has_letter(word, 'r') || word == "--remove";
        several = several || has_letter(word, 'a') || word == "--all";
        way.dry_run = way.dry_run || has_letter(word, 'n') || word == "--dry-run";
    }
    return several || way.remove ? each(way, words) : load_one(way, words);
}

// --- ip-masq-module ---

int ip_masq_module(const Words& words) {
    using What = compat::ModuleLine::What;
    const char* program = "ip-masq-module";
    const fw::Result<compat::ModuleLine> line = compat::read_module_line(words);
    if (!line) {
        return cli::fail(program, line.error());
    }
    switch (line->what) {
        case What::help: cli::say(help); return 0;
        case What::version: cli::say(cli::version_line(program, "")); return 0;
        case What::list: return list_modules(program, line->state);
        case What::load:
        case What::remove: break;
    }
    return load_or_remove(line->module, line->parameters,
                          {program, line->what == What::remove, line->dry_run, line->state});
}

int run(std::string_view name, const Words& words) {
    if (name == "insmod") {
        return load_one(Way{"insmod"}, words);
    }
    if (name == "modprobe") {
        return modprobe(words);
    }
    if (name == "rmmod") {
        return each(Way{"rmmod", true}, words);
    }
    if (name == "lsmod") {
        const int status = compat::is_there("lsmod") ? compat::run_real("lsmod", words) : 0;
        return std::max(status, list_modules("lsmod", std::nullopt));
    }
    return ip_masq_module(words);
}

}  // namespace

int main(int argc, char** argv) {
    std::string_view name = argc > 0 ? argv[0] : "";
    name.remove_prefix(name.rfind('/') + 1);
    return cli::finish(run(name, Words(argv + (argc > 0 ? 1 : 0), argv + argc)));
}
