// Reads the YAML of a configuration by the option table. The only place that includes yaml-cpp.
#ifndef SIGNINWATCH_DAEMON_CONFIG_YAML_READER_H_
#define SIGNINWATCH_DAEMON_CONFIG_YAML_READER_H_

#include <string_view>
#include <vector>

#include "daemon/config/config.h"
#include "daemon/config/yaml_document.h"

namespace signinwatch::config {

// Fills *config, and returns the mistakes by place, at most kMistakesMax. `text` is UTF-8 (checked
// by the caller) and bounded. Where there are mistakes, *config is of no use.
[[nodiscard]] std::vector<ConfigMistake> ReadYaml(std::string_view text, Config* config);

}  // namespace signinwatch::config

#endif  // SIGNINWATCH_DAEMON_CONFIG_YAML_READER_H_
