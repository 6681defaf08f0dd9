# fw_program(NAME SOURCE...): one of our command-line programs. A script runs one thousands of
# times, and most of a run's time is starting up; so it links the static library, brings along the
# parts of the C++ runtime that it uses, and leaves out what nothing calls.
function(fw_program name)
  add_executable(${name} ${ARGN})
  target_link_libraries(${name} PRIVATE cli_common fw_static fw_warnings)
  if(FW_SANITIZE OR FW_FUZZERS)
    return()
  endif()
  target_link_options(${name} PRIVATE -static-libstdc++ -static-libgcc
    LINKER:--gc-sections,-O1,--as-needed,--hash-style=gnu)
  install(TARGETS ${name} RUNTIME DESTINATION ${CMAKE_INSTALL_SBINDIR})
endfunction()
