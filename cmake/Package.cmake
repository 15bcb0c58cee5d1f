# `cmake --install` and the Debian package (./dev package). Each Debian release needs a package of its
# own: the names of the libraries' versions differ.
include(GNUInstallDirs)

# Calls through the table of functions can not be redirected once the program has started.
target_link_options(signinwatch PRIVATE LINKER:-z,relro,-z,now)

set(doc share/doc/signinwatch)
install(TARGETS signinwatch RUNTIME DESTINATION bin)
install(FILES deploy/systemd/signinwatch.service DESTINATION lib/systemd/system)
# The same unit for several instances on a machine: signinwatch@NAME runs /etc/signinwatch/NAME.yaml.
file(READ deploy/systemd/signinwatch.service unit)
string(REPLACE "/etc/signinwatch/signinwatch.yaml" "/etc/signinwatch/%i.yaml" unit "${unit}")
string(REPLACE "StateDirectory=signinwatch" "StateDirectory=signinwatch/%i" unit "${unit}")
string(REPLACE "/etc/signinwatch/environment" "/etc/signinwatch/%i.environment" unit "${unit}")
file(CONFIGURE OUTPUT signinwatch@.service CONTENT "${unit}" @ONLY)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS deploy/systemd/signinwatch.service)
install(FILES ${CMAKE_BINARY_DIR}/signinwatch@.service DESTINATION lib/systemd/system)
install(FILES deploy/systemd/signinwatch.sysusers DESTINATION lib/sysusers.d RENAME signinwatch.conf)
install(FILES deploy/debian/signinwatch.yaml DESTINATION /etc/signinwatch)
install(FILES README.md deploy/CONFIGURATION.md deploy/METRICS.md deploy/RUNBOOK.md DESTINATION ${doc})
# All documents, in the folders that their links to each other name.
install(DIRECTORY docs DESTINATION ${doc} FILES_MATCHING PATTERN "*.md" PATTERN "*.svg"
  PATTERN "man" EXCLUDE PATTERN "screens" EXCLUDE PATTERN "examples" EXCLUDE)
install(DIRECTORY deploy DESTINATION ${doc} FILES_MATCHING PATTERN "*.md"
  PATTERN "debian" EXCLUDE PATTERN "helm" EXCLUDE PATTERN "systemd" EXCLUDE
  PATTERN "completion" EXCLUDE PATTERN "compose" EXCLUDE)
install(FILES ARCHITECTURE.md SECURITY.md DESTINATION ${doc})
install(PROGRAMS deploy/debian/signinwatch-doctor DESTINATION bin)
install(FILES deploy/debian/copyright DESTINATION ${doc})
install(FILES deploy/config.example.yaml deploy/openapi.yaml DESTINATION share/signinwatch)
install(DIRECTORY deploy/alertmanager deploy/prometheus deploy/grafana DESTINATION share/signinwatch
  REGEX "[.]py$" EXCLUDE)

# Completion by the shells' own names of these files.
foreach(completion
    signinwatch.bash:bash-completion/completions/signinwatch
    _signinwatch:zsh/vendor-completions/_signinwatch
    signinwatch.fish:fish/vendor_completions.d/signinwatch.fish)
  string(REPLACE ":" ";" completion ${completion})
  list(GET completion 0 source)
  list(GET completion 1 target)
  if(EXISTS ${CMAKE_SOURCE_DIR}/deploy/completion/${source})
    cmake_path(GET target PARENT_PATH folder)
    cmake_path(GET target FILENAME name)
    install(FILES deploy/completion/${source} DESTINATION share/${folder} RENAME ${name})
  endif()
endforeach()

# The release of Debian is part of the version, so that an upgrade of Debian takes the newer one.
file(STRINGS /etc/os-release release REGEX "^VERSION_ID=")
string(REGEX REPLACE "[^0-9.]" "" release "${release}")

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME signinwatch)
set(CPACK_PACKAGE_CONTACT "The signinwatch maintainers <maintainers@signinwatch.example>")
set(CPACK_SET_DESTDIR ON)  # for what goes to /etc
set(CPACK_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1~deb${release})
set(CPACK_DEBIAN_PACKAGE_SECTION admin)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# For its user. In a container image it is one of the small ones.
set(CPACK_DEBIAN_PACKAGE_DEPENDS "systemd | systemd-standalone-sysusers | systemd-sysusers")
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "ca-certificates")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "prometheus, prometheus-alertmanager")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
  "finds bursts of invalid sessions in Microsoft Entra ID's sign-in logs
signinwatch reads Entra's exported sign-in and audit logs from Event Hubs or
Kafka, finds bursts of AADSTS50132, 50133 and 50173 per user and per tenant in
event time, explains each by the password changes around it, and delivers
tickets. The same program replays exported files.")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA
  ${CMAKE_SOURCE_DIR}/deploy/debian/conffiles
  ${CMAKE_SOURCE_DIR}/deploy/debian/postinst
  ${CMAKE_SOURCE_DIR}/deploy/debian/prerm
  ${CMAKE_SOURCE_DIR}/deploy/debian/postrm)

# What Debian wants compressed. Without a time in it, the same commit gives the same bytes.
execute_process(COMMAND git log -1 --format=%h%n%aD
  WORKING_DIRECTORY ${CMAKE_SOURCE_DIR} OUTPUT_VARIABLE commit ERROR_QUIET)
string(REGEX MATCH "^([^\n]*)\n([^\n]*)" matched "${commit}\nThu, 01 Jan 1970 00:00:00 +0000\n")
file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/package/changelog.Debian CONTENT
"signinwatch (@PROJECT_VERSION@-@CPACK_DEBIAN_PACKAGE_RELEASE@) unstable; urgency=medium

  * What has changed is in changelog.gz.

 -- @CPACK_PACKAGE_CONTACT@  @CMAKE_MATCH_2@
")
# install_compressed(FILE NAME FOLDER)
function(install_compressed file name folder)
  set(compressed ${CMAKE_BINARY_DIR}/package/${name}.gz)
  install(CODE "
    execute_process(COMMAND gzip -9nc ${file} OUTPUT_FILE ${compressed} COMMAND_ERROR_IS_FATAL ANY)")
  install(FILES ${compressed} DESTINATION ${folder})
endfunction()
install_compressed(${CMAKE_BINARY_DIR}/package/changelog.Debian changelog.Debian ${doc})
install_compressed(${CMAKE_SOURCE_DIR}/CHANGELOG.md changelog ${doc})
if(EXISTS ${CMAKE_SOURCE_DIR}/docs/man/signinwatch.1)
  install_compressed(${CMAKE_SOURCE_DIR}/docs/man/signinwatch.1 signinwatch.1 share/man/man1)
  install_compressed(${CMAKE_SOURCE_DIR}/docs/man/signinwatch-doctor.1 signinwatch-doctor.1
    share/man/man1)
endif()

include(CPack)
