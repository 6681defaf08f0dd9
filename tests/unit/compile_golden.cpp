// What command lines become in nft's language: tests/golden/NAME.nft, one feature each. The kernel
// tests load the same files. FW_UPDATE_GOLDEN=1 writes them anew; then look at the difference.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "compile/table.h"
#include "goldens.h"
#include "nft/text.h"

namespace {

std::string compiled(const Golden& golden) {
    const auto table = fw::compile::compile_table(ruleset_of(golden), {golden.log});
    REQUIRE(table);
    return fw::nft::table_text(*table);
}

std::string file_text(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

}  // namespace

TEST_CASE("compile: command lines become the nft scripts in tests/golden") {
    std::vector<Golden> all = goldens;
    all.insert(all.end(), ipfwadm_goldens.begin(), ipfwadm_goldens.end());
    for (const Golden& golden : all) {
        INFO(golden.name);
        const std::string path = std::string(FW_GOLDEN) + "/" + golden.name + ".nft";
        const std::string text = compiled(golden);
        if (std::getenv("FW_UPDATE_GOLDEN") != nullptr) {
            std::ofstream(path, std::ios::binary) << text;
        }
        CHECK(text == file_text(path));
    }
}
