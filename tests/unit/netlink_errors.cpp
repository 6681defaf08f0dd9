// What the kernel's refusals mean to a user.
#include <catch2/catch.hpp>
#include <cerrno>

#include "netlink/session.h"

using namespace fw;

TEST_CASE("netlink: an errno becomes an error that says what to do") {
    const struct {
        int number;
        Code code;
        const char* problem;
        const char* remedy;
    } rows[] = {
        {EPERM, Code::permission, "root", "--state"},
        {EACCES, Code::permission, "root", "--state"},
        {EPROTONOSUPPORT, Code::unsupported, "no nf_tables", "CONFIG_NF_TABLES"},
        {EAFNOSUPPORT, Code::unsupported, "no nf_tables", "module nf_tables"},
        {ENOMEM, Code::system, "memory", ""},
    };
    for (const auto& row : rows) {
        INFO(row.number);
        const Error error = netlink::error_from(row.number);
        CHECK(error.code == row.code);
        CHECK(error.problem.find(row.problem) != std::string::npos);
        CHECK(error.remedy.find(row.remedy) != std::string::npos);
    }
    CHECK(netlink::error_from(EINVAL, "its own words").problem.find("its own words") !=
          std::string::npos);
}
