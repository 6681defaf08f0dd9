// The firewall in a file: what happens to the file, and what never happens to any other.
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "fw/store.h"

namespace {

namespace fs = std::filesystem;

// A directory that goes away with all that is in it.
class Directory {
public:
    Directory() {
        std::string name = (fs::temp_directory_path() / "fw-file-store-XXXXXX").string();
        REQUIRE(mkdtemp(name.data()) != nullptr);
        path_ = name;
    }
    Directory(const Directory&) = delete;
    Directory& operator=(const Directory&) = delete;
    ~Directory() {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }
    [[nodiscard]] std::string operator/(const std::string& name) const {
        return (path_ / name).string();
    }
    [[nodiscard]] std::size_t count() const {
        return static_cast<std::size_t>(
            std::distance(fs::directory_iterator(path_), fs::directory_iterator()));
    }

private:
    fs::path path_;
};

fw::Result<fw::Outcome> commit(const std::string& path, const fw::Change& change) {
    const fw::Result<std::unique_ptr<fw::Store>> store = fw::open_file_store(path);
    return store ? (*store)->commit(change) : fw::Result<fw::Outcome>(store.error());
}

fw::Result<fw::Ruleset> fetch(const std::string& path) {
    const fw::Result<std::unique_ptr<fw::Store>> store = fw::open_file_store(path);
    return store ? (*store)->fetch() : fw::Result<fw::Ruleset>(store.error());
}

bool has_chain(const std::string& path, const std::string& chain) {
    const fw::Result<fw::Ruleset> ruleset = fetch(path);
    return ruleset && ruleset->find(chain) != nullptr;
}

mode_t mode_of(const std::string& path) {
    struct stat status {};
    REQUIRE(lstat(path.c_str(), &status) == 0);
    return status.st_mode & 07777;
}

std::string text_of(const std::string& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

void write_text(const std::string& path, const std::string& text) { std::ofstream(path) << text; }

// For a child process: chains NAME0, NAME1, ... one command each. 0 if all went well.
int make_chains(const std::string& path, const std::string& name, int count) {
    for (int i = 0; i < count; ++i) {
        if (!commit(path, fw::NewChain{name + std::to_string(i)})) {
            return 1;
        }
    }
    return 0;
}

}  // namespace

TEST_CASE("a state file that does not exist is an empty firewall, and private once made") {
    const Directory directory;
    const std::string file = directory / "state";
    const fw::Result<fw::Ruleset> ruleset = fetch(file);
    REQUIRE(ruleset);
    CHECK(ruleset->find("input") != nullptr);
    CHECK(directory.count() == 0);
    REQUIRE(commit(file, fw::NewChain{"mine"}));
    CHECK(has_chain(file, "mine"));
    CHECK(mode_of(file) == 0600);
    CHECK(directory.count() == 2);  // the file and its lock
}

TEST_CASE("a state file in a directory that is missing is refused by name") {
    const Directory directory;
    const fw::Result<fw::Outcome> outcome = commit(directory / "no/state", fw::NewChain{"mine"});
    REQUIRE_FALSE(outcome);
    CHECK(outcome.error().word == directory / "no/state");
}

TEST_CASE("a link to the state file stays a link") {
    const Directory directory;
    const std::string file = directory / "state";
    const std::string link = directory / "link";
    REQUIRE(commit(file, fw::NewChain{"first"}));
    REQUIRE(symlink("state", link.c_str()) == 0);
    REQUIRE(commit(link, fw::NewChain{"second"}));
    CHECK(fs::is_symlink(link));
    CHECK_FALSE(fs::is_symlink(file));
    CHECK(has_chain(file, "first"));
    CHECK(has_chain(file, "second"));
    CHECK(directory.count() == 3);  // both ways take turns with one lock
}

TEST_CASE("a state file keeps its mode") {
    const Directory directory;
    const std::string file = directory / "state";
    for (const mode_t mode : {0640U, 0604U, 0666U}) {
        REQUIRE(commit(file, fw::NewChain{"mode" + std::to_string(mode)}));
        REQUIRE(chmod(file.c_str(), mode) == 0);
        REQUIRE(commit(file, fw::Flush{}));
        CHECK(mode_of(file) == mode);
    }
}

TEST_CASE("a state file tells whose rules it holds, and nobody else may have them") {
    const Directory directory;
    const std::string path = directory / "state";
    const auto held = [&] { return fw::dialect_of_file(path); };
    REQUIRE(held());
    CHECK_FALSE(*held());
    REQUIRE(fw::write_state_file(path, fw::Ruleset::empty(fw::Dialect::ipfwadm)));
    REQUIRE(held());
    CHECK(*held() == fw::Dialect::ipfwadm);
    const fw::Result<fw::Outcome> outcome = commit(path, fw::NewChain{"foo"});
    REQUIRE_FALSE(outcome);
    CHECK(outcome.error().code == fw::Code::refused);
    CHECK(outcome.error().problem.find("ipfwadm") != std::string::npos);
    std::ofstream(path) << "nonsense\n";
    REQUIRE_FALSE(held());
    CHECK(held().error().word == path);
}

TEST_CASE("what is no regular file is refused, by its name, and stays what it is") {
    const Directory directory;
    const std::string fifo = directory / "fifo";
    const std::string link = directory / "link to fifo";
    const std::string nowhere = directory / "link to nothing";
    const std::string folder = directory / "folder";
    REQUIRE(mkfifo(fifo.c_str(), 0600) == 0);
    REQUIRE(symlink("fifo", link.c_str()) == 0);
    REQUIRE(symlink("nothing", nowhere.c_str()) == 0);
    REQUIRE(mkdir(folder.c_str(), 0700) == 0);
    const std::vector<std::array<std::string, 2>> cases = {{fifo, fifo},
                                                           {link, fifo},
                                                           {nowhere, nowhere},
                                                           {folder, folder}};
    for (const auto& [path, named] : cases) {
        CAPTURE(path);
        const fw::Result<fw::Ruleset> read = fetch(path);
        REQUIRE_FALSE(read);
        CHECK(read.error().code == fw::Code::refused);
        CHECK(read.error().word == named);
        const fw::Result<fw::Outcome> outcome = commit(path, fw::NewChain{"mine"});
        REQUIRE_FALSE(outcome);
        CHECK(outcome.error().code == fw::Code::refused);
        const fw::Status status = fw::write_state_file(path, fw::Ruleset::empty());
        REQUIRE_FALSE(status);
        CHECK(status.error().code == fw::Code::refused);
    }
    CHECK(fs::is_fifo(fifo));
    CHECK(fs::is_symlink(nowhere));
    CHECK_FALSE(fs::exists(directory / "nothing"));
    CHECK(fs::is_directory(folder));
}

TEST_CASE("links planted beside the state file are not followed") {
    const Directory directory;
    const std::string file = directory / "state";
    const std::string victim = directory / "victim";
    write_text(victim, "precious");
    SECTION("FILE.new, a name that is easy to guess") {
        REQUIRE(symlink("victim", (directory / "state.new").c_str()) == 0);
        REQUIRE(commit(file, fw::NewChain{"mine"}));
        CHECK(has_chain(file, "mine"));
        CHECK_FALSE(fs::is_symlink(file));
        CHECK(fs::is_symlink(directory / "state.new"));
    }
    SECTION("FILE.lock") {
        REQUIRE(symlink("made", (directory / "state.lock").c_str()) == 0);
        const fw::Result<fw::Outcome> outcome = commit(file, fw::NewChain{"mine"});
        REQUIRE_FALSE(outcome);
        CHECK(outcome.error().word == directory / "state.lock");
        CHECK_FALSE(fs::exists(directory / "made"));
        CHECK_FALSE(fs::exists(file));
    }
    CHECK(text_of(victim) == "precious");
}

TEST_CASE("writers at the same time lose nothing of each other's") {
    constexpr int writers = 6;
    constexpr int chains = 15;
    const Directory directory;
    const std::string file = directory / "state";
    std::vector<pid_t> children;
    for (int writer = 0; writer < writers; ++writer) {
        const pid_t child = fork();
        if (child == 0) {
            _exit(make_chains(file, "w" + std::to_string(writer) + "-", chains));
        }
        children.push_back(child);
    }
    for (const pid_t child : children) {
        REQUIRE(child > 0);
        int status = -1;
        REQUIRE(waitpid(child, &status, 0) == child);
        CHECK(status == 0);
    }
    for (int writer = 0; writer < writers; ++writer) {
        for (int i = 0; i < chains; ++i) {
            CHECK(has_chain(file, "w" + std::to_string(writer) + "-" + std::to_string(i)));
        }
    }
    CHECK(directory.count() == 2);  // nothing temporary stays behind
}
