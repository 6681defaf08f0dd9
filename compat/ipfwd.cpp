#include "tool.h"

int main(int argc, char** argv) {
    return compat::run_tool("ipfwd", fw::parse_ipfwd, compat::Serves::either, argc, argv);
}
