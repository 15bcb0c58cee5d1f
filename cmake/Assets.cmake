# signinwatch_assets(OUT HEADER [NAME FILE]...)
#
# Files that become part of the program: OUT, a source file that is written when they change, defines
# what HEADER declares as `extern const char* const NAME`.
function(signinwatch_assets out header)
  # daemon/PART/...: names are in the namespace of their part.
  string(REGEX REPLACE "^daemon/([a-z_]+)/.*" "\\1" part ${header})
  set(source "#include \"${header}\"\n\nnamespace signinwatch::${part} {\n")
  while(ARGN)
    list(POP_FRONT ARGN name file)
    file(READ ${file} text)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
    string(APPEND source "\nconst char* const ${name} = R\"asset(${text})asset\";\n")
  endwhile()
  string(APPEND source "\n}  // namespace signinwatch::${part}\n")
  file(CONFIGURE OUTPUT ${out} CONTENT "\@source\@" @ONLY)
endfunction()
