// The table of all configuration options: the one place that knows an option's key, kind, bounds,
// default and help. The reader (yaml_reader.h), its error texts, deploy/CONFIGURATION.md and
// deploy/config.example.yaml (reference.h) all come from it.
//
// Defaults are not written here again: they are what a default Config holds.
#ifndef SIGNINWATCH_DAEMON_CONFIG_OPTIONS_H_
#define SIGNINWATCH_DAEMON_CONFIG_OPTIONS_H_

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "daemon/config/config.h"
#include "daemon/config/option_kinds.h"

namespace signinwatch::config {

inline constexpr size_t kDetectorsMax = 64;
inline constexpr size_t kSinksMax = 32;
inline constexpr size_t kExceptionsMax = 200;

template <typename T>
struct Option {
  std::string key;  // without the section's name
  OptionKind kind;
  std::function<OptionValue(const T&)> get;
  std::function<void(T&, const OptionValue&)> set;
  std::string help;          // one or more sentences
  std::string default_text;  // for people, where the default is no fixed value; else empty
  std::string example = {};  // a value as YAML, where the default is none
  bool nullable = false;     // null is "not set", which is the default
  bool of_cluster = false;   // one of ClusterOptions()
  std::vector<std::string> types = {};  // of sinks, that it is for; empty: all
};

struct Section {
  std::string name;
  std::string help;
  // Empty for `detectors`, `sinks` (sink_types.h) and `exceptions`: lists, whose entries have
  // options of their own.
  std::vector<Option<Config>> options;
  bool is_value = false;  // no mapping but a value: that of its one option, of the same name
};

// In the order in which they are documented.
[[nodiscard]] const std::vector<Section>& ConfigSections();
[[nodiscard]] const std::vector<Option<BurstRule>>& DetectorOptions();
[[nodiscard]] const std::vector<Option<ExceptionConfig>>& ExceptionOptions();
// A Kafka cluster and how to log in: part of `kafka`, `dead_letters` and each Kafka sink.
[[nodiscard]] const std::vector<Option<KafkaCluster>>& ClusterOptions();

template <typename T>
[[nodiscard]] std::vector<std::string> KeysOf(const std::vector<Option<T>>& options) {
  std::vector<std::string> keys;
  for (const Option<T>& option : options) keys.push_back(option.key);
  return keys;
}

// `key` is one of them.
template <typename T>
[[nodiscard]] const Option<T>& OptionOf(const std::vector<Option<T>>& options,
                                        const std::string& key) {
  return *std::find_if(options.begin(), options.end(),
                       [&key](const Option<T>& option) { return option.key == key; });
}

}  // namespace signinwatch::config

#endif  // SIGNINWATCH_DAEMON_CONFIG_OPTIONS_H_
