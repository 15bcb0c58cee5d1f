// The configuration's documentation, written out from the option table.
//
// deploy/CONFIGURATION.md and deploy/config.example.yaml are these texts; a house test compares
// them.
#ifndef SIGNINWATCH_DAEMON_CONFIG_REFERENCE_H_
#define SIGNINWATCH_DAEMON_CONFIG_REFERENCE_H_

#include <string>

namespace signinwatch::config {

[[nodiscard]] std::string ConfigurationReference();  // Markdown
[[nodiscard]] std::string ConfigurationExample();    // YAML: every key at its default, explained

}  // namespace signinwatch::config

#endif  // SIGNINWATCH_DAEMON_CONFIG_REFERENCE_H_
