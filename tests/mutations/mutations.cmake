# Bugs that are planted on purpose, to see whether a test finds them.
#
#   signinwatch_mutations(promise_test TABLE mutations.cmake SOURCES ${CMAKE_SOURCE_DIR}/detectors
#     OBJECTS signinwatch_promise DEPS signinwatch_detectors ...)
#
# TABLE has mutation(NAME FILE BREAKS OLD NEW) for each, which changes one place of SOURCES/FILE. Of
# each a program is made, promise_test_mutant_NAME: OBJECTS, the whole test compiled before, linked
# with DEPS, but for the one file. The mutation is made while building, in a copy of that file; the
# linker takes what the copy defines from there, and the rest from the unchanged library: so that has to
# be compiled source by source, as the plain preset does.
#
# `cmake --build BUILD --target promise_test_mutations` builds and runs them (run.sh) and fails if one
# is not found; the target mutation_check does for all tests that have mutants.

set(mutation_scripts ${CMAKE_CURRENT_LIST_DIR})
add_custom_target(mutation_check)

# Within signinwatch_mutations, whose variables it sees.
function(mutation name file breaks)
  set(mutant ${mutant_folder}/${name}/${file})
  add_custom_command(
    OUTPUT ${mutant}
    COMMAND ${CMAKE_COMMAND} -D MUTATION=${name} -D TABLE=${ARG_TABLE} -D SOURCES=${ARG_SOURCES}
      -D OUTPUT=${mutant} -P ${mutation_scripts}/apply.cmake
    DEPENDS ${ARG_SOURCES}/${file} ${mutation_scripts}/apply.cmake ${ARG_TABLE}
    VERBATIM)
  add_executable(${test}_mutant_${name} EXCLUDE_FROM_ALL
    ${mutant} $<TARGET_OBJECTS:${ARG_OBJECTS}>)
  target_link_libraries(${test}_mutant_${name} PRIVATE ${ARG_DEPS} GTest::gtest)
  set(mutants ${mutants} ${test}_mutant_${name} PARENT_SCOPE)
  set(mutation_list "${mutation_list}${name}\t${breaks}\n" PARENT_SCOPE)
endfunction()

function(signinwatch_mutations test)
  cmake_parse_arguments(ARG "" "TABLE;SOURCES;OBJECTS" "DEPS" ${ARGN})
  set(ARG_TABLE ${CMAKE_CURRENT_SOURCE_DIR}/${ARG_TABLE})
  set(mutant_folder ${CMAKE_CURRENT_BINARY_DIR}/mutants)
  set(mutants)
  set(mutation_list)
  include(${ARG_TABLE})
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${ARG_TABLE})
  file(CONFIGURE OUTPUT ${mutant_folder}/list.tsv CONTENT "${mutation_list}" @ONLY)
  add_custom_target(${test}_mutations
    COMMAND ${mutation_scripts}/run.sh ${CMAKE_BINARY_DIR} ${test} ${mutant_folder}
    DEPENDS ${test} ${mutants}
    USES_TERMINAL VERBATIM)
  add_dependencies(mutation_check ${test}_mutations)
endfunction()
