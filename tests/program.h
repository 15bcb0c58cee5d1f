// A program as a test sees it.
#ifndef SIGNINWATCH_TESTS_PROGRAM_H_
#define SIGNINWATCH_TESTS_PROGRAM_H_

#include <sys/wait.h>

#include <cstdio>
#include <string>
#include <utility>

namespace signinwatch {

// What a command of the shell says on both outputs, and its exit status (127: it is missing; -1: it
// could not be started, or a signal has ended it).
inline std::pair<std::string, int> RunProgram(const std::string& command) {
  std::FILE* const pipe = ::popen((command + " 2>&1").c_str(), "r");
  if (pipe == nullptr) return {"popen failed", -1};
  std::string output;
  char buffer[4096];
  for (size_t size = 0; (size = std::fread(buffer, 1, sizeof(buffer), pipe)) > 0;) {
    output.append(buffer, size);
  }
  const int status = ::pclose(pipe);
  return {output, WIFEXITED(status) ? WEXITSTATUS(status) : -1};
}

}  // namespace signinwatch

#endif  // SIGNINWATCH_TESTS_PROGRAM_H_
