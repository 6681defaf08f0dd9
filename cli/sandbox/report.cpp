// What a script did beside filtering, for people.
#include <algorithm>
#include <string_view>

#include "message.h"
#include "run.h"

namespace sandbox {

namespace {

// Where in the script a command is, as far as known.
std::string place(const Aside& aside) {
    return aside.line == 0 ? "" : aside.file + " line " + std::to_string(aside.line) + ": ";
}

std::string typed(const Aside& aside) {
    std::string text = aside.program;
    for (const std::string& word : aside.words) {
        text += ' ';
        text += word;
    }
    return text;
}

class Report {
public:
    explicit Report(const Run& run) : run_(run) {}

    std::string text() {
        end();
        if (run_.spoiled) {
            line("the script damaged the record of its commands; some are not known");
        }
        if (run_.commands.empty()) {
            line("it gave no command of a packet filter");
        }
        asides(run_.not_yet, "a firewall that is not understood yet");
        for (const Setting& setting : run_.settings) {
            const std::string gone = ", which today's kernel has not: ";
            line("sets " + setting.name + " to " + setting.value +
                 (setting.known_today ? "" : gone + why_gone(setting.name)));
        }
        for (const Aside& module : run_.modules) {
            line(place(module) + typed(module) + today(module));
        }
        texts(run_.addresses, "interface ");
        texts(run_.routes, "route ");
        asides(run_.unknown, "failed: describe the interface or host, --with NAME=ADDRESS/BITS");
        asides(run_.refused, "not carried out, for it is no part of a firewall");
        files();
        if (run_.output_cut) {
            line("it said more than a megabyte; the rest is not shown");
        }
        return text_;
    }

private:
    void line(const std::string& what) { text_ += cli::printable(what) + "\n"; }

    void end() {
        switch (run_.end) {
            case End::exited:
                if (run_.status != 0) {
                    line("the script failed: exit status " + std::to_string(run_.status) + last() +
                         "; if all is well, let it end with `exit 0`");
                }
                break;
            case End::killed:
                line("the script was killed by signal " + std::to_string(run_.status) + last());
                break;
            case End::too_long:
                line("the script did not end in time and was stopped" + last() +
                     "; --time SECONDS gives it more");
                break;
            case End::too_many_processes:
                line("the script was stopped: it started too many processes" + last());
                break;
            case End::too_much_memory:
                line("the script was stopped: it took too much memory" + last());
                break;
        }
    }

    // The last command that is known of.
    [[nodiscard]] std::string last() const {
        if (run_.commands.empty()) {
            return "";
        }
        const fw::SourceLine& source = run_.commands.back().source;
        const std::string where =
            source.line == 0 ? "" : "line " + std::to_string(source.line) + ", ";
        return "; the last command was " + where + "`" + source.text + "`";
    }

    void asides(const std::vector<Aside>& list, const char* what) {
        for (const Aside& aside : list) {
            line(place(aside) + "`" + typed(aside) + "`: " + what);
        }
    }

    void texts(const std::vector<std::string>& list, const char* before) {
        for (const std::string& one : list) {
            line(before + one);
        }
    }

    void files() {
        constexpr std::size_t most = 10;
        for (std::size_t i = 0; i < std::min(most, run_.files.size()); ++i) {
            const std::string& file = run_.files[i];
            line(file.starts_with('-') ? "removes " + file.substr(1) : "writes " + file);
        }
        if (run_.files.size() > most) {
            line("writes or removes " + std::to_string(run_.files.size() - most) + " more files");
        }
    }

    static const char* why_gone(std::string_view name) {
        if (name.ends_with("ip_always_defrag")) {
            return "fragments are put together wherever connections are tracked";
        }
        return "nothing takes its place";
    }

    // What is to be loaded instead of a module.
    static std::string today(const Aside& module) {
        for (const std::string& word : module.words) {
            for (const char* name : {"ftp", "irc", "pptp", "h323"}) {
                if (word.find(std::string("ip_masq_") + name) != word.npos) {
                    return ": nf_conntrack_" + std::string(name) + " and nf_nat_" + name +
                           " do this today; they are loaded along with the rules";
                }
            }
            if (word.find("ip_masq_") != word.npos) {
                return ": nothing is needed in its place";
            }
        }
        return ": today's kernel loads what it needs by itself";
    }

    const Run& run_;
    std::string text_;
};

}  // namespace

std::string report_text(const Run& run) { return Report(run).text(); }

std::string sysctl_text(const Run& run) {
    std::string text;
    std::vector<Setting> settings = run.settings;
    // The switch for forwarding changes others when it is thrown: it goes first.
    std::stable_partition(settings.begin(), settings.end(), [](const Setting& setting) {
        return setting.name == "net/ipv4/ip_forward";
    });
    for (const Setting& setting : settings) {
        if (!setting.known_today) {
            continue;
        }
        // sysctl.d(5) takes slashes for dots, unless a dot comes first: eth0.5 stays one name.
        const bool dotted = setting.name.find('.') != setting.name.npos;
        std::string name = setting.name;
        if (!dotted) {
            std::replace(name.begin(), name.end(), '/', '.');
        }
        text += cli::printable(name + " = " + setting.value) + "\n";
    }
    return text;
}

}  // namespace sandbox
