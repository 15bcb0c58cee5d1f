// Reads the YAML of a configuration by the option table. The only place that includes yaml-cpp.
#ifndef SIGNINWATCH_DAEMON_CONFIG_YAML_READER_H_
#define SIGNINWATCH_DAEMON_CONFIG_YAML_READER_H_

#include <string>
#include <string_view>
#include <vector>

#include "daemon/config/config.h"

namespace signinwatch {

// A mistake and its place in the text, both counted from 1; columns count bytes.
struct ConfigMistake {
  int line = 1;
  int column = 1;
  std::string text;
};

// More mistakes than these are not looked for: aliases can make a small file large.
inline constexpr size_t kMistakesMax = 1'000;

// Fills *config, and returns the mistakes by place, at most kMistakesMax. `text` is UTF-8 (checked
// by the caller) and bounded. Where there are mistakes, *config is of no use.
[[nodiscard]] std::vector<ConfigMistake> ReadYaml(std::string_view text, Config* config);

}  // namespace signinwatch

#endif  // SIGNINWATCH_DAEMON_CONFIG_YAML_READER_H_
