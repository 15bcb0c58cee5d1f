# What makes a bug harder to use by somebody else. tests/deploy/hardening.sh looks for each in the
# program that is packaged. Not under sanitizers, which see more and do not go with all of it.
include(CheckCXXCompilerFlag)
include(CheckCXXSourceCompiles)

if(NOT SIGNINWATCH_SANITIZED)
  foreach(flag -fstack-protector-strong -fstack-clash-protection -fcf-protection=full)
    string(MAKE_C_IDENTIFIER "SIGNINWATCH_HAS${flag}" has)
    check_cxx_compiler_flag(${flag} ${has})
    if(${has})
      add_compile_options(${flag})
    endif()
  endforeach()

  # Level 3 also checks buffers whose size is known only at run time (g++ 12, clang 9).
  set(CMAKE_REQUIRED_FLAGS "-O2 -Werror -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3")
  check_cxx_source_compiles("
    #include <cstdlib>
    #if !defined(__USE_FORTIFY_LEVEL) || __USE_FORTIFY_LEVEL < 3
    #error no level 3
    #endif
    int main() {}" SIGNINWATCH_HAS_FORTIFY_3)
  unset(CMAKE_REQUIRED_FLAGS)
  if(SIGNINWATCH_HAS_FORTIFY_3)
    set(fortify 3)
  else()
    set(fortify 2)
  endif()
  add_compile_options($<$<CONFIG:Release>:-U_FORTIFY_SOURCE>
    $<$<CONFIG:Release>:-D_FORTIFY_SOURCE=${fortify}>)
endif()
