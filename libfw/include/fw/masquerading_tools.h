// Command lines of ipmasqadm (0.4.2, with its parts portfw, mfw and autofw), and of ipportfw,
// ipautofw and ipfwd, which came before it: words in, a value or a located Error out. What the
// commands forward is told in forward.h. No input or output but name look-ups through the Names
// that are handed in.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "fw/command.h"
#include "fw/names.h"
#include "fw/result.h"

namespace [[gnu::visibility("default")]] fw {

// A program, or a part of ipmasqadm; each has a help text, and all but ipmasqadm itself a listing.
enum class MasqueradingTool : std::uint8_t {
    ipmasqadm,
    portfw,
    mfw,
    autofw,
    ipportfw,
    ipautofw,
    ipfwd,
};

struct ListForwards {
    MasqueradingTool tool = MasqueradingTool::portfw;  // whose columns; they tell the kind
    bool numeric = false;                              // -n: numbers, no names
};

struct MasqueradingHelp {
    MasqueradingTool tool = MasqueradingTool::ipmasqadm;
};

struct MasqueradingCommand {
    std::variant<Change, ListForwards, MasqueradingHelp, Version> action;
    // Our own options, and one of ipfwd's nature: to stay, and to undo the change in the end.
    std::optional<std::string> state;  // --state FILE
    bool dry_run = false;              // --dry-run
    bool foreground = false;           // --foreground; `action` is an AddForward then
};

// Each takes the words behind the program's name. Errors carry Code::usage or Code::unresolved.
[[nodiscard]] Result<MasqueradingCommand> parse_ipmasqadm(std::span<const std::string> words,
                                                          const Names& names);
[[nodiscard]] Result<MasqueradingCommand> parse_ipportfw(std::span<const std::string> words,
                                                         const Names& names);
[[nodiscard]] Result<MasqueradingCommand> parse_ipautofw(std::span<const std::string> words,
                                                         const Names& names);
[[nodiscard]] Result<MasqueradingCommand> parse_ipfwd(std::span<const std::string> words,
                                                      const Names& names);

// What takes the place of the modules ip_masq_* (ftp, irc, raudio, ...), which were loaded with
// insmod or modprobe: a change to what is forwarded.
struct ModuleRequest {
    std::string name;                   // "ftp"
    std::optional<Change> change;       // nothing: there is nothing to do
    bool names_ports = false;           // the parameters do; else the usual ones are meant
    std::vector<std::string> cautions;  // to be said: what is lost today, or likely a mistake
};

// Whether it is one of them, by its name or its file's: "ip_masq_ftp",
// "/lib/modules/2.2.14/ipv4/ip_masq_ftp.o".
[[nodiscard]] bool is_masquerading_module(std::string_view module);

// `module` as above, or only the part behind ip_masq_; `parameters` as insmod took them:
// "ports=21,2121". Others than ports and in_ports are let pass, with a caution if they look like
// them. The ports take the place of those it was loaded with before. Code::refused for a module
// that there never was.
[[nodiscard]] Result<ModuleRequest> load_masquerading_module(
    std::string_view module, std::span<const std::string> parameters);
// Its change is refused if it is not loaded.
[[nodiscard]] Result<ModuleRequest> remove_masquerading_module(std::string_view module);

// The names ("ftp") of those that have left something in the ruleset; others never do.
[[nodiscard]] std::vector<std::string> loaded_masquerading_modules(const Ruleset& ruleset);

}  // namespace fw
