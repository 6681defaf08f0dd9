#include "noting.h"

#include <fcntl.h>
#include <limits.h>
#include <time.h>
#include <unistd.h>

#include <cstdlib>

#include "sandbox/programs.h"
#include "sandbox/records.h"

namespace recorder {

namespace {

// One write, so that commands that run at the same time do not mix.
void append(const sandbox::Record& record) {
    const std::string bytes = sandbox::encode(record);
    const int file = open(sandbox::record_file, O_WRONLY | O_APPEND | O_CLOEXEC);
    (void)!write(file, bytes.data(), bytes.size());
    close(file);
}

std::string variable(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
}

std::string folder() {
    char path[PATH_MAX];
    return getcwd(path, sizeof path) == nullptr ? "" : path;
}

// Process ids come again; not at the same time.
std::string new_id() {
    timespec time{};
    clock_gettime(CLOCK_MONOTONIC, &time);
    return std::to_string(getpid()) + "." + std::to_string(time.tv_sec) + "." +
           std::to_string(time.tv_nsec);
}

}  // namespace

Note::Note(const std::string& program, const Words& words, const std::string& input)
    : id_(new_id()) {
    sandbox::Record record = {sandbox::begin_record,
                              id_,
                              program,
                              variable(sandbox::file_variable),
                              variable(sandbox::line_variable),
                              folder(),
                              input};
    record.insert(record.end(), words.begin(), words.end());
    append(record);
}

int Note::end(int status) const {
    append({sandbox::end_record, id_, std::to_string(status)});
    return status;
}

}  // namespace recorder
