#include "tool.h"

int main(int argc, char** argv) {
    return compat::run_tool("ipautofw", fw::parse_ipautofw, compat::Serves::either, argc, argv);
}
