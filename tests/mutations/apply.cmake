# Writes the source file of one mutation of a table:
#
#   cmake -D MUTATION=quiet_closed -D TABLE=tests/oracle/mutations.cmake -D SOURCES=FOLDER
#     -D OUTPUT=FILE -P apply.cmake
#
# OUTPUT becomes the mutation's file with its one change. It is an error when the old text does not
# occur exactly once: the table must follow the code.
cmake_minimum_required(VERSION 3.25)

function(mutation name file breaks old new)
  if(NOT name STREQUAL MUTATION)
    return()
  endif()
  # Read and searched as a quoted string throughout, so that semicolons and brackets stay text.
  file(READ "${SOURCES}/${file}" text)
  string(FIND "${text}" "${old}" first)
  string(FIND "${text}" "${old}" last REVERSE)
  if(first EQUAL -1)
    message(FATAL_ERROR "mutation ${name}: ${file} does not have the text\n${old}")
  endif()
  if(NOT first EQUAL last)
    message(FATAL_ERROR "mutation ${name}: ${file} has this text more than once\n${old}")
  endif()
  string(REPLACE "${old}" "${new}" text "${text}")
  file(WRITE "${OUTPUT}" "${text}")
  set(applied TRUE PARENT_SCOPE)
endfunction()

include(${TABLE})
if(NOT applied)
  message(FATAL_ERROR "${TABLE} has no mutation ${MUTATION}")
endif()
