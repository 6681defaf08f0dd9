// Where the lines go: to syslog, to a file in syslog's form, or to standard output as they are.
//
// Programs that read old logs look for "kernel: Packet log: ". Lines about packets have that name
// in front, though only the kernel can write with the facility `kern`: in syslog they are
// `daemon.info`. What ipchains-logd has to say itself is under its own name.
#pragma once

#include <cstdint>
#include <string>

#include "fw/result.h"
#include "logd_options.h"

namespace logd {

class Output {
public:
    // Nothing is open yet.
    explicit Output(Sink sink) : sink_(std::move(sink)) {}
    Output(const Output&) = delete;
    Output& operator=(const Output&) = delete;
    ~Output();

    // Opens the file (again): what is renamed or deleted since is let go. If that fails, what was
    // open stays in use.
    [[nodiscard]] fw::Status open();

    // False if the line could not be written; problem() says why.
    [[nodiscard]] bool packet(const std::string& line);
    [[nodiscard]] bool notice(const std::string& text);
    [[nodiscard]] std::string problem() const;

private:
    [[nodiscard]] bool write(const char* name, const std::string& text);
    [[nodiscard]] bool write_bytes(std::string line);

    Sink sink_;
    std::string host_;
    int fd_ = -1;
    int error_ = 0;        // errno of the last write that failed
    bool broken_ = false;  // a line stands there in part
};

}  // namespace logd
