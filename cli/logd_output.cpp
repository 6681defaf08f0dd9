#include "logd_output.h"

#include <fcntl.h>
#include <syslog.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <ctime>

#include "message.h"

namespace logd {
namespace {

constexpr const char* packets_name = "kernel";
constexpr const char* own_name = "ipchains-logd";

// "Nov 21 20:00:00": local time, and English month names, as no locale is set.
std::string time_stamp() {
    const std::time_t now = std::time(nullptr);
    std::tm parts{};
    localtime_r(&now, &parts);
    char text[32];
    return {text, std::strftime(text, sizeof text, "%b %e %H:%M:%S", &parts)};
}

// The first label only, as syslog daemons write it.
std::string host_name() {
    char name[256] = "";
    gethostname(name, sizeof name - 1);
    const std::string whole = cli::printable(name);
    const std::string first = whole.substr(0, whole.find('.'));
    return first.empty() ? "localhost" : first;
}

}  // namespace

Output::~Output() {
    if (fd_ > STDERR_FILENO) {
        close(fd_);
    }
}

fw::Status Output::open() {
    host_ = host_name();
    if (std::holds_alternative<ToStandardOutput>(sink_)) {
        fd_ = STDOUT_FILENO;
    }
    const auto* file = std::get_if<ToFile>(&sink_);
    if (file == nullptr) {
        return fw::Done{};
    }
    const int opened =
        ::open(file->path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0640);
    if (opened < 0) {
        const fw::Code code = errno == EACCES ? fw::Code::permission : fw::Code::system;
        return fw::Error{code, file->path, -1,
                         std::string("can't be opened for writing: ") + std::strerror(errno),
                         "it must belong to the user that --user names"};
    }
    if (fd_ >= 0) {
        close(fd_);
    }
    fd_ = opened;
    broken_ = false;
    return fw::Done{};
}

bool Output::packet(const std::string& line) { return write(packets_name, line); }

bool Output::notice(const std::string& text) { return write(own_name, text); }

std::string Output::problem() const { return std::strerror(error_); }

bool Output::write(const char* name, const std::string& text) {
    const std::string safe = cli::printable(text);
    if (std::holds_alternative<ToSyslog>(sink_)) {
        // syslog(3) keeps the pointer, and opens nothing anew for another name.
        openlog(name, LOG_NDELAY, LOG_DAEMON);
        syslog(LOG_INFO, "%s", safe.c_str());
        return true;  // it does not tell
    }
    if (std::holds_alternative<ToFile>(sink_)) {
        return write_bytes(time_stamp() + " " + host_ + " " + name + ": " + safe + "\n");
    }
    return write_bytes(name == packets_name ? safe + "\n" : std::string(name) + ": " + safe + "\n");
}

// A full disk may take part of a line; the next one begins on a line of its own.
bool Output::write_bytes(std::string line) {
    if (broken_) {
        line.insert(0, 1, '\n');
    }
    ssize_t written = 0;
    do {
        written = ::write(fd_, line.data(), line.size());
    } while (written < 0 && errno == EINTR);
    if (written == static_cast<ssize_t>(line.size())) {
        broken_ = false;
        return true;
    }
    error_ = written < 0 ? errno : ENOSPC;
    broken_ = broken_ || written > 0;
    return false;
}

}  // namespace logd
