// What a value of the configuration may be, once it is read.
#ifndef SIGNINWATCH_DAEMON_CONFIG_OPTION_VALUE_H_
#define SIGNINWATCH_DAEMON_CONFIG_OPTION_VALUE_H_

#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "detectors/config.h"
#include "parser/event_time.h"

namespace signinwatch::config {

// Where a secret is: never its text. In YAML `env:NAME` or `file:PATH`.
struct SecretRef {
  enum class From : uint8_t { kNone, kEnvironment, kFile };
  From from = From::kNone;
  std::string name;  // of the variable, or the file's path
  [[nodiscard]] bool empty() const { return from == From::kNone; }
};

// A value of any option. Choices are text, flags are a list of the texts that are on.
using OptionValue =
    std::variant<Duration, int64_t, double, bool, std::string, SecretRef, std::vector<int64_t>,
                 std::vector<std::string>, std::map<std::string, ChangeKind>,
                 std::map<std::string, std::string>>;

}  // namespace signinwatch::config

#endif  // SIGNINWATCH_DAEMON_CONFIG_OPTION_VALUE_H_
