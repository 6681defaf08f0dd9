// /etc/ipchains.conf: what it may say, and what is said about what it may not.
#include "fw/settings.h"

#include <stdlib.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <fstream>

namespace {

// A file of this text, for as long as it is looked at.
class File {
public:
    explicit File(const std::string& text) {
        path_ = "/tmp/settings-XXXXXX";
        close(mkstemp(path_.data()));
        std::ofstream(path_) << text;
    }
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    ~File() { unlink(path_.c_str()); }
    [[nodiscard]] const std::string& path() const { return path_; }

private:
    std::string path_;
};

}  // namespace

TEST_CASE("settings: what a file says", "[settings]") {
    using fw::LogTo;
    struct Row {
        std::string text;
        LogTo log;
    };
    const Row row = GENERATE(values<Row>({
        {"", LogTo::kernel},
        {"\n\n", LogTo::kernel},
        {"# log = daemon\n", LogTo::kernel},
        {"log = daemon\n", LogTo::daemon},
        {"log = daemon", LogTo::daemon},
        {"log=daemon", LogTo::daemon},
        {"log daemon", LogTo::daemon},
        {"\tlog\t=\tdaemon\t# as in 1999\n", LogTo::daemon},
        {"log= daemon#\n", LogTo::daemon},
        {"log = daemon\r\n", LogTo::daemon},
        {"log = kernel\n", LogTo::kernel},
        {"log = daemon\nlog = kernel\n", LogTo::kernel},
    }));
    INFO(row.text);
    const File file(row.text);
    const auto settings = fw::read_settings(file.path());
    REQUIRE(settings.ok());
    CHECK(settings->log == row.log);
}

TEST_CASE("settings: no file is no trouble", "[settings]") {
    const auto settings = fw::read_settings("/nonexistent/ipchains.conf");
    REQUIRE(settings.ok());
    CHECK(*settings == fw::Settings{});
}

TEST_CASE("settings: errors name the word and its line", "[settings]") {
    struct Row {
        std::string text;
        std::string word;
        int line;
    };
    const Row row = GENERATE(values<Row>({
        {"logs = daemon\n", "logs", 1},
        {"\n# fine\nLog = daemon\n", "Log", 3},
        {"log = daemon\nlog = syslog\n", "syslog", 2},
        {"log =\n", "log", 1},
        {"log\n", "log", 1},
        {"log = daemon kernel\n", "kernel", 1},
        {"log == daemon\n", "= daemon", 1},
        {"= daemon\n", "= daemon", 1},
        {"log = daemon\ncolour", "colour", 2},
    }));
    INFO(row.text);
    const File file(row.text);
    const auto settings = fw::read_settings(file.path());
    REQUIRE_FALSE(settings.ok());
    CHECK(settings.error().code == fw::Code::usage);
    CHECK(settings.error().word == file.path() + " line " + std::to_string(row.line));
    CHECK(settings.error().problem.find(row.word + ": ") == 0);
    CHECK_FALSE(settings.error().remedy.empty());
}

TEST_CASE("settings: a directory is no file", "[settings]") {
    const auto settings = fw::read_settings("/");
    REQUIRE_FALSE(settings.ok());
    CHECK(settings.error().code == fw::Code::system);
    CHECK(settings.error().word == "/");
}
