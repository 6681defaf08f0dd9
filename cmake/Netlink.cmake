# The two libraries that carry netlink messages. Programs take libnftnl from its archive where there
# is one (fw_nftnl_static): a shared library less to find and to relocate each time they start.
find_package(PkgConfig REQUIRED)
pkg_check_modules(MNL REQUIRED IMPORTED_TARGET libmnl>=1.0.4)
pkg_check_modules(NFTNL REQUIRED IMPORTED_TARGET libnftnl>=1.2.0)

find_library(FW_NFTNL_ARCHIVE libnftnl.a HINTS ${NFTNL_LIBRARY_DIRS})
mark_as_advanced(FW_NFTNL_ARCHIVE)
add_library(fw_nftnl_static INTERFACE)
if(FW_NFTNL_ARCHIVE)
  target_link_libraries(fw_nftnl_static INTERFACE ${FW_NFTNL_ARCHIVE})
else()
  target_link_libraries(fw_nftnl_static INTERFACE PkgConfig::NFTNL)
endif()
