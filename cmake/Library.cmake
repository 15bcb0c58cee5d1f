# signinwatch_library(NAME [CORE] [FUZZED] SOURCES ... [DEPS ...] [PRIVATE_DEPS ...])
#
# One part of the program. DEPS are what its headers need, PRIVATE_DEPS what only its sources need:
# third-party headers stay with the part that uses them. The tests spend their time in what is CORE,
# which has SIGNINWATCH_CORE_OPTIONS. In what is FUZZED libFuzzer sees which ways are taken.
function(signinwatch_library name)
  cmake_parse_arguments(ARG "CORE;FUZZED" "" "SOURCES;DEPS;PRIVATE_DEPS" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_include_directories(${name} PUBLIC ${CMAKE_SOURCE_DIR})
  target_link_libraries(${name} PUBLIC ${ARG_DEPS} PRIVATE ${ARG_PRIVATE_DEPS})
  signinwatch_warnings(${name})
  set(options)
  if(ARG_CORE)
    list(APPEND options ${SIGNINWATCH_CORE_OPTIONS})
  endif()
  if(ARG_FUZZED AND SIGNINWATCH_FUZZ)
    list(APPEND options -fsanitize=fuzzer-no-link)
  endif()
  if(options)
    target_compile_options(${name} PRIVATE ${options})
  elseif(SIGNINWATCH_PRECOMPILE)
    target_precompile_headers(${name} REUSE_FROM signinwatch_precompiled_parts)
  endif()
  if(SIGNINWATCH_UNITY)
    signinwatch_unity(${name})
  endif()
endfunction()

# No warnings about names that another source of the folder has, or has not, in view; nor, with more in
# view, g++ 12's false alarms about its own strings.
function(signinwatch_unity_options target)
  target_compile_options(${target} PRIVATE -Wno-shadow -Wno-unused-function
    $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage -Wno-array-bounds -Wno-stringop-overflow
      -Wno-stringop-overread>)
endfunction()

# The sources of one folder are compiled a dozen at a time, and what they all include is read once. So
# no two sources of a folder may give one name different meanings; this build says so, and the plain
# preset, which compiles one by one, that each includes what it uses.
function(signinwatch_unity target)
  signinwatch_unity_options(${target})
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
  get_target_property(sources ${target} SOURCES)
  foreach(source IN LISTS sources)
    if(source MATCHES "^(.*/)?[^/]*\\.cc$")
      set(folder "in/${CMAKE_MATCH_1}")
      string(MAKE_C_IDENTIFIER "${folder}" folder)
      math(EXPR ${folder}_count "0${${folder}_count} + 1")
      math(EXPR batch "(${${folder}_count} - 1) / 12")
      set_source_files_properties(${source} PROPERTIES UNITY_GROUP "${folder}_${batch}")
    endif()
  endforeach()
endfunction()

# signinwatch_precompiled(NAME HEADER ...): a target whose precompiled headers others can share, if
# their options are its options. Sources include what they use all the same: the plain preset
# compiles without.
function(signinwatch_precompiled name)
  file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/precompiled.cc CONTENT "")
  add_library(${name} OBJECT ${CMAKE_BINARY_DIR}/precompiled.cc)
  target_precompile_headers(${name} PRIVATE
    <algorithm> <array> <chrono> <condition_variable> <filesystem> <functional> <map> <memory>
    <mutex> <optional> <random> <set> <span> <sstream> <string> <string_view> <thread> <utility>
    <vector>
    <absl/container/flat_hash_map.h> <absl/container/flat_hash_set.h> <absl/status/status.h>
    <absl/status/statusor.h> <absl/strings/str_cat.h> ${ARGN})
endfunction()

if(SIGNINWATCH_PRECOMPILE)
  signinwatch_precompiled(signinwatch_precompiled_parts)
endif()

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
