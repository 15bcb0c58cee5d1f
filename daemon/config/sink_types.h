// The types of sinks as the configuration and the doctor know them: a row a type, as data. What a
// type does is in its folder under daemon/sinks, and made by its row of
// daemon/sinks/sink_registry.cc; nothing else knows a type by its name.
//
//   const std::string url = SettingOf<std::string>(config, "url");
//
// A new type is a header in daemon/config/sinks, a line in sink_types.cc, a folder in daemon/sinks
// and a line in sink_registry.cc.
#ifndef SIGNINWATCH_DAEMON_CONFIG_SINK_TYPES_H_
#define SIGNINWATCH_DAEMON_CONFIG_SINK_TYPES_H_

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "daemon/config/options.h"

namespace signinwatch::config {

struct SinkType {
  std::string name;
  std::string what;  // "messages to a topic": for the documentation
  // Beside those that every sink has. Where types have the same option (key, kind, default and
  // help), it is documented once; one key may also be of another kind for each type.
  std::vector<Option<SinkConfig>> options = {};

  // Which of its keys mean what to the rules across options (serve_rules.h) and the doctor. Empty:
  // it has no such key.
  std::string written_file = {};   // a path that is written, and rotated to PATH.1, PATH.2, ...
  std::string written_topic = {};  // a topic that is written, of SinkConfig::cluster
  std::string url = {};            // what it connects to: one URL, or several
  std::string doctor_says = {};    // of what has none of these
  // What is wrong with its values though each alone is fine; a key that is empty: nothing is.
  struct Fault {
    std::string key = {};
    std::string text = {};  // "sinks[2].to" stands before it
  };
  Fault (*fault)(const SinkConfig& sink) = nullptr;
};

// In the order in which they are documented.
[[nodiscard]] const std::vector<SinkType>& SinkTypes();
// `name` is one of them.
[[nodiscard]] const SinkType& SinkTypeOf(std::string_view name);
[[nodiscard]] std::vector<std::string> SinkTypeNames();

// Those of all sinks, then those of one type, then those that several types have.
[[nodiscard]] const std::vector<Option<SinkConfig>>& SinkOptions();
[[nodiscard]] bool IsForType(const Option<SinkConfig>& option, std::string_view type);
// Each key once, as it is for `type`, and those that only other types have: by what an entry is
// read.
[[nodiscard]] std::vector<Option<SinkConfig>> SinkOptionsFor(std::string_view type);

[[nodiscard]] bool HasSetting(const SinkConfig& sink, std::string_view key);
// The value of an option of the sink's type, its default if it was not given.
[[nodiscard]] OptionValue SettingValue(const SinkConfig& sink, std::string_view key);
// V is the alternative of OptionValue that the option has.
template <typename V>
[[nodiscard]] V SettingOf(const SinkConfig& sink, std::string_view key) {
  return std::get<V>(SettingValue(sink, key));
}

}  // namespace signinwatch::config

#endif  // SIGNINWATCH_DAEMON_CONFIG_SINK_TYPES_H_
