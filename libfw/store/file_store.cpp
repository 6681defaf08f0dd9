// The firewall in a file: for users without root, dry runs, and recording what a script would do.
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "compile/table.h"
#include "fw/store.h"
#include "nft/text.h"
#include "store/state_text.h"

namespace fw {

namespace {

Error file_error(const std::string& path, int number) {
    const Code code = number == EACCES || number == EPERM ? Code::permission : Code::system;
    return {code, path, -1, std::strerror(number), "the state is kept in this file"};
}

class File {
public:
    explicit File(int fd) : fd_(fd) {}
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    ~File() {
        if (fd_ >= 0) {
            close(fd_);
        }
    }
    [[nodiscard]] int fd() const { return fd_; }
    [[nodiscard]] bool good() const { return fd_ >= 0; }

private:
    int fd_;
};

Result<std::string> read_all(const std::string& path) {
    const File file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file.good()) {
        return errno == ENOENT ? Result<std::string>(std::string())
                               : Result<std::string>(file_error(path, errno));
    }
    std::string text;
    char buffer[65536];
    for (;;) {
        const ssize_t size = read(file.fd(), buffer, sizeof buffer);
        if (size < 0 && errno == EINTR) {
            continue;
        }
        if (size < 0) {
            return file_error(path, errno);
        }
        if (size == 0) {
            return text;
        }
        text.append(buffer, static_cast<std::size_t>(size));
    }
}

bool write_all(int fd, const std::string& text) {
    for (std::size_t done = 0; done < text.size();) {
        const ssize_t size = write(fd, text.data() + done, text.size() - done);
        if (size < 0 && errno == EINTR) {
            continue;
        }
        if (size < 0) {
            return false;
        }
        done += static_cast<std::size_t>(size);
    }
    return true;
}

// Written beside it and put in its place at once: a reader sees the old text or the new.
Status replace_file(const std::string& path, const std::string& text) {
    const std::string temporary = path + ".new";
    const File file(open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    if (!file.good()) {
        return file_error(temporary, errno);
    }
    if (!write_all(file.fd(), text) || rename(temporary.c_str(), path.c_str()) != 0) {
        const int number = errno;
        unlink(temporary.c_str());
        return file_error(path, number);
    }
    return Done{};
}

class FileStore final : public Store {
public:
    explicit FileStore(std::string path) : path_(std::move(path)) {}

    Result<Ruleset> fetch() override {
        const Result<std::string> text = read_all(path_);
        if (!text) {
            return text.error();
        }
        if (text->empty()) {
            return Ruleset::empty();
        }
        Result<Ruleset> ruleset = read_state(*text);
        if (!ruleset) {
            ruleset.error().word = path_;
        }
        return ruleset;
    }

    Result<Ruleset> fetch_and_zero() override {
        Ruleset shown;
        Result<Outcome> outcome = change_with([&](Ruleset& ruleset) {
            shown = ruleset;
            return apply(ruleset, Zero{});
        });
        if (!outcome) {
            return outcome.error();
        }
        return shown;
    }

    Result<Outcome> commit(const Change& change) override {
        return change_with([&](Ruleset& ruleset) { return apply_checked(ruleset, change); });
    }

    Result<std::string> script(const Change& change) override {
        Result<Ruleset> ruleset = fetch();
        if (!ruleset) {
            return ruleset.error();
        }
        if (Result<Outcome> outcome = apply(*ruleset, change); !outcome) {
            return outcome.error();
        }
        Result<nft::Table> table = compile::compile_table(*ruleset);
        if (!table) {
            return table.error();
        }
        // A file knows no handles: the whole table, in one transaction.
        return "table ip ipchains\ndelete table ip ipchains\n" + nft::table_text(*table);
    }

private:
    // What nftables could not take is refused here, too.
    static Result<Outcome> apply_checked(Ruleset& ruleset, const Change& change) {
        Result<Outcome> outcome = apply(ruleset, change);
        if (outcome) {
            if (Result<nft::Table> table = compile::compile_table(ruleset); !table) {
                return table.error();
            }
        }
        return outcome;
    }

    template <typename Changer>
    Result<Outcome> change_with(Changer changer) {
        const std::string lock_path = path_ + ".lock";
        const File lock(open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
        if (!lock.good()) {
            return file_error(lock_path, errno);
        }
        while (flock(lock.fd(), LOCK_EX) != 0) {
            if (errno != EINTR) {
                return file_error(lock_path, errno);
            }
        }
        Result<Ruleset> ruleset = fetch();
        if (!ruleset) {
            return ruleset.error();
        }
        Result<Outcome> outcome = changer(*ruleset);
        if (outcome) {
            if (Status status = write_state_file(path_, *ruleset); !status) {
                return status.error();
            }
        }
        return outcome;
    }

    std::string path_;
};

}  // namespace

Result<std::unique_ptr<Store>> open_file_store(const std::string& path) {
    if (path.empty()) {
        return Error{Code::usage, "", -1, "the name of the state file is empty", "name a file"};
    }
    return std::unique_ptr<Store>(std::make_unique<FileStore>(path));
}

Status write_state_file(const std::string& path, const Ruleset& ruleset) {
    const Result<std::string> text = write_state(ruleset);
    if (!text) {
        return text.error();
    }
    return replace_file(path, *text);
}

}  // namespace fw
