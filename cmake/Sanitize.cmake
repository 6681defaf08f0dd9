# FW_SANITIZE and FW_FUZZERS: the sanitizers are for everything that is compiled. (What fuzzers need besides
# is in libfw/CMakeLists.txt.)
if(FW_FUZZERS AND NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  message(FATAL_ERROR "FW_FUZZERS needs clang: configure with -DCMAKE_CXX_COMPILER=clang++")
endif()
if(FW_SANITIZE OR FW_FUZZERS)
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=undefined
    -fno-omit-frame-pointer
    # The checks that go in confuse g++'s analysis: std::variant looks uninitialized to it.
    $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
  add_link_options(-fsanitize=address,undefined)
endif()
