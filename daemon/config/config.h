// The configuration file: YAML in, checked values out (SPEC 8, 12).
//
// Every mistake of a file is found in one go, each with its place and with what is allowed.
#ifndef SIGNINWATCH_DAEMON_CONFIG_CONFIG_H_
#define SIGNINWATCH_DAEMON_CONFIG_CONFIG_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/config/serve_config.h"
#include "detectors/config.h"
#include "parser/message_parser.h"

namespace signinwatch::config {

struct Config {
  ParserOptions parser;  // max_clock_skew and detailed_codes by `detection`
  DetectionConfig detection;
  ServeConfig serve;
  // limits.memory: the budget of the process. ShareMemory derives others from it.
  size_t memory_bytes = size_t{3} << 30;
};

// Gives each large user of memory its share of the budget: half of it to the detectors' state
// (limits.state_bytes), at most an eighth to the messages in the pipeline. Done by all that follow.
void ShareMemory(Config* config);

struct ConfigResult {
  std::optional<Config> config;  // set exactly when there are no errors
  // One line each: "FILE:LINE:COLUMN: what is wrong, what is allowed", by place in the file.
  std::vector<std::string> errors;
};

// `path` may be unreadable: that is an error too, "FILE: why".
[[nodiscard]] ConfigResult LoadConfigFile(const std::string& path);
// `name` stands for FILE in the errors. Empty text is the default configuration.
[[nodiscard]] ConfigResult ParseConfig(std::string_view text, const std::string& name);

// The same for `serve`: what MissingForServe names is a mistake too.
[[nodiscard]] ConfigResult LoadServeConfigFile(const std::string& path);

// What `serve` needs and the file does not say, one line each. Other commands do without.
[[nodiscard]] std::vector<std::string> MissingForServe(const Config& config);

}  // namespace signinwatch::config

#endif  // SIGNINWATCH_DAEMON_CONFIG_CONFIG_H_
