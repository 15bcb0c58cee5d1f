// Traffic of the generator, read back for the tests.
#ifndef SIGNINWATCH_TESTS_DAEMON_GENERATOR_TRAFFIC_H_
#define SIGNINWATCH_TESTS_DAEMON_GENERATOR_TRAFFIC_H_

#include <string>
#include <vector>

#include "daemon/generator/generate.h"

namespace signinwatch::generator {

struct Traffic {
  int exit_code = 0;
  std::string messages;              // what RunGenerate wrote to its last argument
  std::vector<std::string> outputs;  // the files, by partition
  std::string labels;
};

// 2025-03-03, a Monday, and few users: what most tests use.
[[nodiscard]] GenerateOptions SmallTraffic();

// Runs the generator into a directory of its own, which is removed. `options.output` and
// `options.labels` are replaced.
[[nodiscard]] Traffic Generate(GenerateOptions options);

// Without their ends, LF or CR LF.
[[nodiscard]] std::vector<std::string> Lines(const std::string& text);

}  // namespace signinwatch::generator

#endif  // SIGNINWATCH_TESTS_DAEMON_GENERATOR_TRAFFIC_H_
