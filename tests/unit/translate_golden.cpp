// What old rules become: tests/golden/translate/NAME.sh (command lines) or NAME.saved, and beside
// it NAME.nft. The first line of the input says the options. FW_UPDATE_GOLDEN=1 writes them anew;
// then read each as its owner would.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "fw/translate.h"
#include "translate/commands.h"
#include "translate/replay.h"
#include "unit/file_names.h"

namespace {

std::string file_text(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

std::map<std::string, std::filesystem::path> inputs() {
    std::map<std::string, std::filesystem::path> found;
    for (const auto& entry :
         std::filesystem::directory_iterator(std::string(FW_GOLDEN) + "/translate")) {
        if (entry.path().extension() != ".nft") {
            found.emplace(entry.path().stem().string(), entry.path());
        }
    }
    return found;
}

std::vector<fw::translate::ScriptCommand> commands_of(const std::string& text,
                                                      const std::string& name) {
    if (fw::translate::recognise(text) == fw::translate::Kind::saved) {
        return {{"ipchains-restore", {"-f"}, text, {}}};
    }
    const fw::translate::CommandList list = fw::translate::read_commands(text, name);
    REQUIRE(list.errors.empty());
    return list.commands;
}

std::string translated(const std::filesystem::path& path) {
    const std::string text = file_text(path);
    const std::string first = text.substr(0, text.find('\n'));
    const auto replayed =
        fw::translate::replay(commands_of(text, path.filename().string()), recorded_names());
    REQUIRE(replayed.errors.empty());
    fw::TranslateOptions options;
    options.comments = first.find("--comments") != first.npos;
    options.optimize = first.find("--optimize") != first.npos;
    options.counters = first.find("--counters") != first.npos;
    options.from = path.filename().string();
    const auto made =
        fw::translate_ruleset(replayed.ruleset, options, recorded_names(), replayed.sources);
    REQUIRE(made);
    const auto checked = fw::verify_translation(replayed.ruleset, made->text);
    REQUIRE(checked);
    CHECK(checked->packets > 0);
    CHECK(checked->differences == std::vector<std::string>());
    return made->text;
}

}  // namespace

TEST_CASE("translate: old rules become the nft files in tests/golden/translate") {
    const auto files = inputs();
    CHECK(files.size() >= 14);
    for (const auto& [name, path] : files) {
        INFO(name);
        const std::string text = translated(path);
        const std::string golden = std::string(FW_GOLDEN) + "/translate/" + name + ".nft";
        if (std::getenv("FW_UPDATE_GOLDEN") != nullptr) {
            std::ofstream(golden, std::ios::binary) << text;
        }
        CHECK(text == file_text(golden));
    }
}
