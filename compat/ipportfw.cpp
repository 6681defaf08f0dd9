#include "tool.h"

int main(int argc, char** argv) {
    return compat::run_tool("ipportfw", fw::parse_ipportfw, compat::Serves::either, argc, argv);
}
