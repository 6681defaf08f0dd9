// Process 1 of a sandbox: makes the place, runs the script in it, watches over it, and tells what
// it did.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "run.h"

namespace sandbox {

// What it brings along from outside. The files are read, or opened, before it gives up what it
// could read them with.
struct Inside {
    const RunRequest* request = nullptr;
    std::string script;  // its path from /
    std::string text;    // what is in it
    std::string folder;  // that the script is started in
    std::string etc;     // the folder to be laid over /etc, from /; may be empty
    std::string hosts;   // what is in the hosts file
    std::vector<std::pair<std::string, int>> tools;  // our programs: names, and open files
    std::vector<std::pair<std::string, std::string>> settings;  // of the machine, net/ipv4 only
    int ready = -1;    // a byte comes from here when the user ids are there
    int results = -1;  // records go here, see below
    int output = -1;   // what the script says
};

// Records in `results`, by their first text:
//     error    what, why
//     end      "exited" "killed" "too_long" "too_many_processes" or "too_much_memory", status
//     setting  name, value, "1" if the kernel has it
//     address, route, file: one text, as in Run
//     record   all that the recorder wrote
[[noreturn]] void run_inside(const Inside& inside);

// Where a script is that can't be shown where it was.
[[nodiscard]] std::string script_elsewhere(const std::string& script);

}  // namespace sandbox
