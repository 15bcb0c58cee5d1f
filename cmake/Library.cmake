# signinwatch_library(NAME SOURCES ... [DEPS ...] [PRIVATE_DEPS ...])
#
# One part of the program. DEPS are what its headers need, PRIVATE_DEPS what only its sources need:
# third-party headers stay with the part that uses them.
function(signinwatch_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS;PRIVATE_DEPS" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_include_directories(${name} PUBLIC ${CMAKE_SOURCE_DIR})
  target_link_libraries(${name} PUBLIC ${ARG_DEPS} PRIVATE ${ARG_PRIVATE_DEPS})
  signinwatch_warnings(${name})
endfunction()

function(signinwatch_warnings target)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wshadow -Wnon-virtual-dtor -Wno-restrict)
  if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    # -Wno-restrict (a false alarm of g++ 12's std::string at -O3) is unknown to clang.
    target_compile_options(${target} PRIVATE -Wno-unknown-warning-option)
  endif()
  if(SIGNINWATCH_WERROR)
    target_compile_options(${target} PRIVATE -Werror)
  endif()
endfunction()
