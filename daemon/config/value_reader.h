// Reads values out of YAML by the kinds of the option table, and collects what is wrong with them.
// Part of yaml_document.h: with it and its readers the only place that includes yaml-cpp.
#ifndef SIGNINWATCH_DAEMON_CONFIG_VALUE_READER_H_
#define SIGNINWATCH_DAEMON_CONFIG_VALUE_READER_H_

#include <yaml-cpp/yaml.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "daemon/config/given_values.h"
#include "daemon/config/options.h"
#include "daemon/config/yaml_document.h"

namespace signinwatch::config {

// "a mapping", "empty", "'text'": what a node is, for people.
[[nodiscard]] std::string NodeText(const YAML::Node& node);
[[nodiscard]] Place PlaceOf(const YAML::Mark& mark);
[[nodiscard]] std::string EntryPath(const std::string& path, size_t index);  // "sinks[0]"

[[nodiscard]] bool Contains(const std::vector<std::string>& texts, const std::string& text);

class ValueReader {
 public:
  // Reads a mapping of `options` into *to. Values that are not usable are reported and left out.
  template <typename T>
  void ReadOptions(const YAML::Node& node, const std::string& path,
                   const std::vector<Option<T>>& options, T* to) {
    for (const auto& [key, value_node] : ReadMapping(node, path, KeysOf(options))) {
      ReadOption(value_node, path + "." + key, OptionOf(options, key), to);
    }
  }
  template <typename T>
  void ReadOption(const YAML::Node& node, const std::string& path, const Option<T>& option, T* to) {
    if (node.IsNull() && option.nullable) return;
    const auto value = ReadValue(node, option.kind, path);
    given_.Add(path, PlaceOf(node.Mark()), value.has_value());
    if (value) option.set(*to, *value);
  }

  // The entries of a mapping by key, without those that are reported here: keys that are not text,
  // come twice, or are not among `known`.
  using Entries = std::vector<std::pair<std::string, YAML::Node>>;
  Entries ReadMapping(const YAML::Node& node, const std::string& path,
                      const std::vector<std::string>& known);

  void Report(Place place, std::string text);
  [[nodiscard]] size_t mistakes() const { return mistakes_.size(); }
  [[nodiscard]] std::vector<ConfigMistake> TakeMistakes();  // by place
  GivenValues& given() { return given_; }

 private:
  void ReportUnknownKey(const YAML::Node& key, const std::string& path,
                        const std::vector<std::string>& known);

  // nullopt: reported.
  std::optional<OptionValue> ReadValue(const YAML::Node& node, const OptionKind& kind,
                                       const std::string& path);
  std::optional<OptionValue> ReadScalar(const YAML::Node& node, const OptionKind& kind,
                                        const std::string& path);
  std::optional<OptionValue> ReadText(const YAML::Node& node, const OptionKind& kind,
                                      const std::string& path);
  std::optional<OptionValue> ReadNumber(const YAML::Node& node, const OptionKind& kind,
                                        const std::string& path);
  std::optional<OptionValue> ReadPlain(const YAML::Node& node, const OptionKind& kind,
                                       const std::string& path);
  std::optional<OptionValue> ReadList(const YAML::Node& node, const OptionKind& kind,
                                      const std::string& path);
  std::optional<OptionValue> ReadCodes(const YAML::Node& node, const OptionKind& kind,
                                       const std::string& path);
  std::optional<OptionValue> ReadForms(const YAML::Node& node, const OptionKind& kind,
                                       TextForm form, const std::string& path);
  std::optional<OptionValue> ReadOperations(const YAML::Node& node, const OptionKind& kind,
                                            const std::string& path);
  std::optional<OptionValue> ReadKafkaOptions(const YAML::Node& node, const OptionKind& kind,
                                              const std::string& path);
  std::optional<OptionValue> ReadFields(const YAML::Node& node, const FieldsKind& kind,
                                        const std::string& path);
  // "PATH is WHY, allowed: ..."; WHY is what the node is if not given.
  std::nullopt_t Refuse(const YAML::Node& node, const OptionKind& kind, const std::string& path,
                        const std::string& why = {});

  std::vector<ConfigMistake> mistakes_;
  GivenValues given_;
};

}  // namespace signinwatch::config

#endif  // SIGNINWATCH_DAEMON_CONFIG_VALUE_READER_H_
