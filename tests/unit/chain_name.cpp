// Names of chains in the kernel, where nft must be able to read them.
#include <catch2/catch.hpp>
#include <fstream>
#include <set>

#include "compile/table.h"
#include "nft/name.h"

using namespace fw;

TEST_CASE("chain name: plain ones stay, others are escaped, and back again") {
    const struct {
        std::string model;
        std::string kernel;
    } rows[] = {
        {"input", "input"},
        {"good-if", "good-if"},
        {"a_1", "a_1"},
        {"log", "chain.log"},
        {"accept", "chain.accept"},
        {"1", "chain.1"},
        {"-x", "chain.-x"},
        {"_", "chain._"},
        {"a.b", "chain.a.2eb"},
        {"a b", "chain.a.20b"},
        {"", "chain."},
        {"chain.x", "chain.chain.2ex"},
        {"\xc3\xbc", "chain..c3.bc"},
        {std::string("\0", 1), "chain..00"},
    };
    for (const auto& row : rows) {
        INFO(row.model);
        CHECK(nft::kernel_chain_name(row.model) == row.kernel);
        CHECK(nft::model_chain_name(row.kernel) == row.model);
    }
}

TEST_CASE("chain name: every byte comes back, and no two names meet") {
    std::set<std::string> kernel_names;
    for (int first = 0; first < 256; ++first) {
        for (const char second : {'a', '.', '-', '2', '\0', '\xff'}) {
            const std::string name = {static_cast<char>(first), second};
            const std::string kernel = nft::kernel_chain_name(name);
            CHECK(nft::model_chain_name(kernel) == name);
            CHECK(kernel_names.insert(kernel).second);
        }
    }
}

TEST_CASE("chain name: the longest has room in the kernel, in a copy, too") {
    constexpr std::size_t kernel_limit = 127;  // NFT_NAME_MAXLEN less its NUL, Linux 6.18
    for (const std::string& copy : compile::possible_copies(std::string(max_chain_name, '\x01'))) {
        CHECK(copy.size() <= kernel_limit);
    }
}

TEST_CASE("chain name: none of nft's words is taken as it is") {
    std::ifstream words(FW_TEST_DATA "/nft-keywords.txt");
    REQUIRE(words);
    std::set<std::string> as_they_are;
    for (std::string word; words >> word;) {
        CHECK(nft::model_chain_name(nft::kernel_chain_name(word)) == word);
    }
    for (const char* word : {"accept", "drop", "log", "reject", "ip", "tcp", "counter", "map"}) {
        CHECK(nft::kernel_chain_name(word) == std::string("chain.") + word);
    }
}

TEST_CASE("chain name: frame chains and strangers are nobody's") {
    for (const char* name : {"input.hook", "nat.masquerade", "output.routed", "tos.x", "chain..g0",
                             "chain..1", "my.own", "."}) {
        INFO(name);
        CHECK_FALSE(nft::model_chain_name(name));
    }
    const auto copy = compile::origin_of("foo.rewritten");
    REQUIRE(copy);
    CHECK(copy->model == "foo");
    CHECK_FALSE(copy->primary);
}

TEST_CASE("chain name: what stands between quotes in a script can be read back") {
    for (const char* name : {"plain", "a.b", "a;b", "log", "a'b"}) {
        CHECK(nft::printable_chain(name) == name);
    }
    for (const char* name : {"a\"b", "a\\b", "$a", "a b", "\x7f", "\xc3\xbc"}) {
        CHECK(nft::printable_chain(name) == nft::kernel_chain_name(name));
    }
}
