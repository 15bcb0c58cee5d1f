// The text of a configuration file: read, bounded, checked to be text, and its mistakes with their
// places. What is in it is for the reader that is handed in.
#ifndef SIGNINWATCH_DAEMON_CONFIG_CONFIG_TEXT_H_
#define SIGNINWATCH_DAEMON_CONFIG_CONFIG_TEXT_H_

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/config/yaml_document.h"

namespace signinwatch::config {

using ConfigTextReader = std::function<std::vector<ConfigMistake>(std::string_view text)>;

// The mistakes, one line each: "NAME:LINE:COLUMN: what is wrong, what is allowed". The reader is
// called only with UTF-8 of at most 1 MiB.
[[nodiscard]] std::vector<std::string> ReadConfigText(std::string_view text,
                                                      const std::string& name,
                                                      const ConfigTextReader& read);
// "NAME:LINE:COLUMN: text"
[[nodiscard]] std::string PlacedText(const std::string& name, const ConfigMistake& mistake);
// The same of a file; one that can not be read is "PATH: why".
[[nodiscard]] std::vector<std::string> ReadConfigFile(const std::string& path,
                                                      const ConfigTextReader& read);

}  // namespace signinwatch::config

#endif  // SIGNINWATCH_DAEMON_CONFIG_CONFIG_TEXT_H_
