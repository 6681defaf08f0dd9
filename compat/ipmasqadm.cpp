#include "tool.h"

int main(int argc, char** argv) {
    return compat::run_tool("ipmasqadm", fw::parse_ipmasqadm, compat::Serves::ipchains, argc, argv);
}
