#include "root.h"

#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "etc.h"
#include "place.h"
#include "proc.h"
#include "programs.h"

namespace sandbox {

namespace {

using Status = fw::Status;

// The new root while it is being built; the machine's /tmp is not needed for it, only a place.
const std::string root = "/tmp";
const std::string machine = root + machine_folder;

template <std::size_t N>
bool among(const std::string& name, const std::array<const char*, N>& names) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

// A link as it is, a folder or file read only.
Status show(const std::string& path) {
    const std::string from = machine + "/" + path;
    const std::string at = root + "/" + path;
    if (is_link(from)) {
        const bool done = symlink(link_target(from).c_str(), at.c_str()) == 0;
        return done ? Status(fw::Done{}) : failed(path, "can't be linked");
    }
    const Status made = is_folder(from) ? make_folders(at) : write_file(at, "");
    return made ? bind(from, at) : made;
}

// The folder's entries, but for those left out. What can't be shown (a mount that is gone) isn't.
template <std::size_t N>
Status show_all(const std::string& folder, const std::array<const char*, N>& but) {
    if (const Status made = make_folders(root + "/" + folder); !made) {
        return made;
    }
    for (const std::string& name : names_in(machine + "/" + folder)) {
        if (!among(name, but)) {
            (void)show(folder.empty() ? name : folder + "/" + name).ok();
        }
    }
    return fw::Done{};
}

// A folder of programs: links to the machine's, and ours in front.
Status show_programs(const std::string& folder, const std::string& kernel) {
    const std::string at = root + "/" + folder;
    if (exists(at)) {  // a link, shown as one
        return fw::Done{};
    }
    if (is_link(machine + "/" + folder)) {
        return show(folder);
    }
    if (const Status made = make_folders(at); !made) {
        return made;
    }
    const std::string real = std::string(machine_folder) + "/" + folder + "/";
    for (const std::string& name : names_in(machine + "/" + folder)) {
        (void)!symlink((real + name).c_str(), (at + "/" + name).c_str());
    }
    const std::string recorder = std::string(tool_folder) + "/recorder";
    for (const Program& program : programs) {
        const std::string path = at + "/" + std::string(program.name);
        unlink(path.c_str());
        if (is_missing(program.name, kernel)) {
            continue;
        }
        (void)!symlink(recorder.c_str(), path.c_str());
    }
    return fw::Done{};
}

Status show_usr(const std::string& kernel) {
    for (const Status& status :
         {show_all("usr", std::array{"bin", "sbin", "local"}),
          show_all("usr/local", std::array{"bin", "sbin"}),
          show_all("", std::array{"usr", "bin", "sbin", "proc", "sys", "dev", "tmp", "run", "etc",
                                  "var", "root", ".fw-translate"}),
          show_all("var", std::array{"tmp", "run", "lock", "log"})}) {
        if (!status) {
            return status;
        }
    }
    for (const std::string_view folder : program_folders) {
        if (const Status status = show_programs(std::string(folder), kernel); !status) {
            return status;
        }
    }
    return fw::Done{};
}

// Devices that do no harm. Others that a script writes to become files.
Status make_devices(const std::vector<std::pair<std::string, int>>& devices) {
    const std::string dev = root + "/dev";
    for (const auto& [name, tree] : devices) {
        const Status made = write_file(dev + "/" + name, "");
        if (const Status put = made ? put_tree(tree, dev + "/" + name) : made; !put) {
            return put;
        }
        close(tree);
    }
    constexpr std::pair<const char*, const char*> links[] = {{"/proc/self/fd", "fd"},
                                                             {"fd/0", "stdin"},
                                                             {"fd/1", "stdout"},
                                                             {"fd/2", "stderr"}};
    for (const auto& [target, name] : links) {
        (void)!symlink(target, (dev + "/" + name).c_str());
    }
    return make_folders(dev + "/shm");
}

// Folders that are empty at first. A link of the machine's (/var/run) stays one.
Status make_empty() {
    for (const char* name : {"tmp", "run", "root", "var/tmp", "var/run", "var/lock", "var/log"}) {
        const std::string at = root + "/" + name;
        if (is_link(machine + "/" + name)) {
            (void)!symlink(link_target(machine + "/" + name).c_str(), at.c_str());
        } else if (const Status made = make_folders(at); !made) {
            return made;
        }
    }
    for (const char* name : {"run/lock", "run/lock/subsys", "var/lock/subsys"}) {
        (void)make_folders(root + "/" + name).ok();
    }
    (void)!chmod((root + "/tmp").c_str(), 01777);
    return fw::Done{};
}

Status bring_tools(const Inside& inside) {
    for (const char* folder : {tool_folder, net_folder, state_folder}) {
        if (const Status made = make_folders(root + folder); !made) {
            return made;
        }
    }
    if (const Status made = mount_memory(root + tool_folder, "128m"); !made) {
        return made;
    }
    for (const auto& [name, file] : inside.tools) {
        const Status written =
            write_file(root + tool_folder + "/" + name, contents(file, 64U << 20), 0755);
        if (!written) {
            return written;
        }
    }
    for (const char* name : {"modprobe", "insmod", "rmmod", "lsmod"}) {
        (void)!symlink("ip-masq-module", (root + tool_folder + "/" + name).c_str());
    }
    // Where each command is in the script; $_ stays what the script left in it.
    const Status shell = write_file(root + shell_file, R"(set -T
[ -z "${FW_POSIX-}" ] || set -o posix
unset FW_POSIX
export FW_LINE FW_FILE
trap 'FW_WORD=$_; [ -z "${BASH_SOURCE-}" ] || FW_LINE=$LINENO FW_FILE=$BASH_SOURCE; : "$FW_WORD"' DEBUG
)");
    const Status closed = shell ? make_read_only(root + tool_folder) : shell;
    const std::string state = root + state_folder;
    const Status mounted = closed ? mount_memory(state, "48m", 0700) : closed;
    // Mounted on, it can't be removed.
    const Status recorded = mounted ? write_file(root + record_file, "") : mounted;
    return recorded ? bind(root + record_file, root + record_file) : recorded;
}

// The script at its own path, and what is beside it. In a folder that is empty in here it is a
// copy; where it can't be, it is elsewhere.
Status show_script(const Inside& inside) {
    const std::string path = root + inside.script;
    const std::string folder = path.substr(0, path.rfind('/'));
    const std::string real = machine + inside.script;
    if (!exists(folder) && make_folders(folder).ok()) {
        std::size_t room = 16U << 20;
        copy_tree(real.substr(0, real.rfind('/')), folder, room);
    }
    if (access(path.c_str(), R_OK) == 0 || write_file(path, inside.text, 0755).ok()) {
        return fw::Done{};
    }
    return write_file(root + script_elsewhere(inside.script), inside.text, 0755);
}

fw::Result<std::vector<std::pair<std::string, int>>> take_devices() {
    std::vector<std::pair<std::string, int>> devices;
    for (const char* name : {"null", "zero", "full", "random", "urandom"}) {
        const fw::Result<int> tree = tree_of(std::string("/dev/") + name);
        if (!tree) {
            return tree.error();
        }
        devices.emplace_back(name, *tree);
    }
    return devices;
}

// The machine's own view of itself is none of the script's business.
Status cover() {
    for (const char* name : {"/proc", "/sys", "/dev", "/run", "/tmp"}) {
        const std::string at = std::string(machine_folder) + name;
        if (is_folder(at)) {
            if (const Status covered = mount_memory(at, "4k"); !covered) {
                return covered;
            }
            if (const Status closed = make_read_only(at); !closed) {
                return closed;
            }
        }
    }
    return fw::Done{};
}

}  // namespace

std::string script_elsewhere(const std::string& script) {
    return std::string(own_folder) + "/script" + script.substr(script.rfind('/'));
}

fw::Status make_root(const Inside& inside) {
    if (mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
        return failed("/", "mounts can't be kept apart");
    }
    const auto devices = take_devices();
    if (!devices) {
        return devices.error();
    }
    const fw::Result<int> tree = machine_tree();
    if (!tree) {
        return tree.error();
    }
    if (const Status made = mount_memory(root, "96m"); !made) {
        return made;
    }
    const Status made = make_folders(machine);
    if (const Status put = made ? put_tree(*tree, machine) : made; !put) {
        return put;
    }
    close(*tree);
    for (const Status& status :
         {bring_tools(inside), show_usr(inside.request->kernel), make_empty(),
          make_devices(*devices), make_etc(inside, machine, root)}) {
        if (!status) {
            return status;
        }
    }
    const Status shown = show_script(inside);
    const Status entered = shown ? enter_root(root) : shown;
    const Status proc = entered ? make_proc(inside) : entered;
    const Status covered = proc ? cover() : proc;
    return covered ? bind(own_folder, own_folder) : covered;  // mounted on, it can't be moved
}

}  // namespace sandbox
