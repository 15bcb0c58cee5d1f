#include "daemon/config/yaml_reader.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "daemon/config/options.h"
#include "daemon/config/options_exceptions.h"
#include "daemon/config/quantities.h"
#include "daemon/config/quoted.h"
#include "daemon/config/role_rules.h"
#include "daemon/config/serve_rules.h"
#include "daemon/config/sink_types.h"
#include "daemon/config/value_reader.h"
#include "parser/ascii.h"
#include "parser/ids.h"

namespace signinwatch::config {
namespace {

class Reader {
 public:
  explicit Reader(ValueReader& values) : values_(values) {}
  void ReadRoot(const YAML::Node& root, Config* config);

 private:
  void Report(const YAML::Mark& mark, std::string text) {
    values_.Report(PlaceOf(mark), std::move(text));
  }
  void ReadDetectors(const YAML::Node& node, std::vector<BurstRule>* rules);
  std::optional<BurstRule> ReadDetector(const YAML::Node& node, const std::string& path);
  void CheckDetector(const BurstRule& rule, const std::string& path);
  void ReadTenants(const YAML::Node& node, TenantNames* tenants);
  // A list of at most `most` mappings; options_of(entry) are the options of one.
  template <typename T, typename OptionsOf>
  void ReadEntries(const YAML::Node& node, const std::string& name, size_t most,
                   OptionsOf options_of, std::vector<T>* entries);

  ValueReader& values_;
};

// nullopt: it has no name, and can't be compared with others.
std::optional<BurstRule> Reader::ReadDetector(const YAML::Node& node, const std::string& path) {
  BurstRule rule;
  values_.ReadOptions(node, path, DetectorOptions(), &rule);
  const auto is_given = [this, &path](const char* key) {
    return values_.given().Find(path + "." + key) != nullptr;
  };
  if ((node.IsMap() || node.IsNull()) && !is_given("name")) {
    Report(node.Mark(), path + " has no name, allowed: " + AllowedText(TextKind{}));
  }
  // What is not given is as in the default detector of the same scope (SPEC 5).
  for (const BurstRule& standard : DetectionConfig::DefaultRules()) {
    if (standard.group_by != rule.group_by) continue;
    if (!is_given("window")) rule.window = standard.window;
    if (!is_given("threshold")) rule.threshold = standard.threshold;
    if (!is_given("codes")) rule.codes = standard.codes;
  }
  if (!is_given("quiet")) rule.quiet = rule.window;
  CheckDetector(rule, path);
  // Handed back even with mistakes, so that its name is compared with the others'.
  if (rule.name.empty()) return std::nullopt;
  return rule;
}

void Reader::CheckDetector(const BurstRule& rule, const std::string& path) {
  // Each rule as far as what it compares is known: a mistake beside it hides nothing.
  const auto is_usable = [this, &path](const char* key) {
    return values_.given().IsKnown(path + "." + key);
  };
  const bool quiet_given = values_.given().Find(path + ".quiet") != nullptr;
  if (quiet_given && is_usable("quiet") && is_usable("window") &&
      (is_usable("group_by") || values_.given().Find(path + ".window") != nullptr) &&
      rule.quiet < rule.window) {
    values_.Report(*values_.given().Find(path + ".quiet"),
                   path + ".quiet is " + FormatDuration(rule.quiet) +
                       ", below the window, allowed: " + FormatDuration(rule.window) + " or more");
  }
  if (is_usable("group_by") && is_usable("min_users") && rule.group_by == GroupBy::kUser &&
      rule.min_users > 1) {
    values_.Report(*values_.given().Find(path + ".min_users"),
                   path + ".min_users is " + std::to_string(rule.min_users) +
                       " with group_by: user, allowed: with group_by: tenant only");
  }
}

std::string ListText(const YAML::Node& node) {
  return node.IsSequence() ? "a list of " + std::to_string(node.size()) + " entries"
                           : NodeText(node);
}

void Reader::ReadDetectors(const YAML::Node& node, std::vector<BurstRule>* rules) {
  if (!node.IsSequence() || node.size() == 0 || node.size() > kDetectorsMax) {
    Report(node.Mark(), "detectors is " + ListText(node) + ", allowed: a list of 1 to " +
                            std::to_string(kDetectorsMax) +
                            " detectors, or no such key for the default ones");
    return;
  }
  rules->clear();
  std::map<std::string, size_t> names;
  for (size_t i = 0; i < node.size(); ++i) {
    const std::string path = EntryPath("detectors", i);
    auto rule = ReadDetector(node[i], path);
    if (!rule) continue;
    const auto [first, is_new] = names.emplace(rule->name, i);
    if (!is_new) {
      Report(node[i]["name"].Mark(),
             path + ".name is " + Quoted(rule->name) + ", the name of detectors[" +
                 std::to_string(first->second) + "] too, allowed: a name of its own");
    }
    rules->push_back(*std::move(rule));
  }
}

// Keys of other types are read too, and refused by the rules, which know more to say.
std::vector<Option<SinkConfig>> OptionsOfSink(const YAML::Node& entry) {
  const YAML::Node type = entry.IsMap() ? entry["type"] : YAML::Node();
  return SinkOptionsFor(type.IsDefined() && type.IsScalar() ? type.Scalar() : "");
}

template <typename T, typename OptionsOf>
void Reader::ReadEntries(const YAML::Node& node, const std::string& name, size_t most,
                         OptionsOf options_of, std::vector<T>* entries) {
  if (node.IsNull()) return;
  if (!node.IsSequence() || node.size() > most) {
    Report(node.Mark(), name + " is " + ListText(node) + ", allowed: a list of up to " +
                            std::to_string(most) + " " + name);
    return;
  }
  for (size_t i = 0; i < node.size(); ++i) {
    const std::string path = EntryPath(name, i);
    values_.given().Add(path, PlaceOf(node[i].Mark()), node[i].IsMap() || node[i].IsNull());
    // Also where there are mistakes: the rules find an entry by its number.
    values_.ReadOptions(node[i], path, options_of(node[i]), &entries->emplace_back());
  }
}

void Reader::ReadTenants(const YAML::Node& node, TenantNames* tenants) {
  if (node.IsNull()) return;
  if (!node.IsMap() || node.size() > kTenantNamesMax) {
    Report(node.Mark(), "tenants is " + ListText(node) + ", allowed: a mapping of up to " +
                            std::to_string(kTenantNamesMax) + " tenants' ids to their names");
    return;
  }
  for (const auto& entry : node) {
    std::string id = entry.first.IsScalar() ? entry.first.Scalar() : "";
    LowerAsciiRange(id.data(), id.size());
    const std::string name = entry.second.IsScalar() ? entry.second.Scalar() : "";
    const auto guid = ParseLowerGuid(id);
    if (!guid || (guid->hi == 0 && guid->lo == 0)) {
      Report(entry.first.Mark(), "a key in tenants is " + NodeText(entry.first) +
                                     ", allowed: the object id of a tenant, such as "
                                     "11111111-2222-4333-8444-555555555555");
    } else if (tenants->contains(id)) {
      Report(entry.first.Mark(), "tenants." + id + " is given again, allowed: once");
    } else if (!IsShownText(name, kTextBytesMax)) {
      Report(entry.second.Mark(), "tenants." + id + " is " + NodeText(entry.second) +
                                      ", allowed: " + AllowedText(TextKind{}));
    } else {
      tenants->emplace(std::move(id), name);
    }
  }
}

void Reader::ReadRoot(const YAML::Node& root, Config* config) {
  std::vector<std::string> names;
  for (const Section& section : ConfigSections()) names.push_back(section.name);
  for (const auto& [name, node] : values_.ReadMapping(root, "", names)) {
    if (name == "detectors") {
      ReadDetectors(node, &config->detection.rules);
    } else if (name == "sinks") {
      ReadEntries(node, name, kSinksMax, &OptionsOfSink, &config->serve.sinks);
    } else if (name == "exceptions") {
      const auto options = [](const YAML::Node&) { return ExceptionOptions(); };
      ReadEntries(node, name, kExceptionsMax, options, &config->serve.exceptions);
    } else if (name == "tenants") {
      ReadTenants(node, &config->serve.tenants);
    } else {
      const auto section =
          std::find_if(ConfigSections().begin(), ConfigSections().end(),
                       [&name = name](const Section& each) { return each.name == name; });
      if (section->is_value) {
        values_.ReadOption(node, name, section->options.front(), config);
      } else {
        values_.ReadOptions(node, name, section->options, config);
      }
    }
  }
  for (auto& [place, text] : BrokenRules(*config, values_.given())) {
    values_.Report(place, std::move(text));
  }
  for (auto& [place, text] : BrokenRoles(config->serve, values_.given())) {
    values_.Report(place, std::move(text));
  }
  for (auto& [place, text] : BrokenExceptions(config->serve.exceptions, values_.given())) {
    values_.Report(place, std::move(text));
  }
  DeriveOptions(config);
}

}  // namespace

std::vector<ConfigMistake> ReadYaml(std::string_view text, Config* config) {
  return ReadYamlDocument(text, "CONFIGURATION.md",
                          [config](const YAML::Node& root, ValueReader& values) {
                            Reader(values).ReadRoot(root, config);
                          });
}

}  // namespace signinwatch::config
