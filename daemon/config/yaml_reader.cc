#include "daemon/config/yaml_reader.h"

#include <yaml-cpp/depthguard.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>
#include <utility>

#include "daemon/config/options.h"
#include "daemon/config/quantities.h"
#include "daemon/config/suggestion.h"

namespace signinwatch {
namespace {

constexpr std::string_view kZeroGuid = "00000000-0000-0000-0000-000000000000";

std::string Quoted(std::string_view text) {
  constexpr size_t kShown = 60;
  const bool cut = text.size() > kShown;
  if (cut) {
    size_t end = kShown;
    while (end > 0 && (text[end] & 0xc0) == 0x80) --end;  // not within a character
    text = text.substr(0, end);
  }
  std::string quoted = "'";
  for (const char c : text) {
    quoted += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
  }
  return quoted + (cut ? "...'" : "'");
}

// What a node is, for people.
std::string NodeText(const YAML::Node& node) {
  if (node.IsMap()) return "a mapping";
  if (node.IsSequence()) return "a list";
  if (node.IsNull()) return "empty";
  return Quoted(node.Scalar());
}

// "!" is yaml-cpp's tag of a quoted scalar; quoting says that the value is text.
bool IsQuoted(const YAML::Node& node) {
  return node.Tag() == "!" || node.Tag() == "tag:yaml.org,2002:str";
}

bool IsShownText(std::string_view text) {
  return !text.empty() && text.size() <= kTextBytesMax &&
         std::none_of(text.begin(), text.end(),
                      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

std::string JoinKeys(const std::vector<std::string>& keys) {
  std::string joined;
  for (const std::string& key : keys) joined += (joined.empty() ? "" : ", ") + key;
  return joined;
}

bool Contains(const std::vector<std::string>& texts, const std::string& text) {
  return std::find(texts.begin(), texts.end(), text) != texts.end();
}

std::string EntryPath(const std::string& path, size_t index) {
  return path + "[" + std::to_string(index) + "]";
}

class Reader {
 public:
  void ReadRoot(const YAML::Node& root, Config* config);
  void Report(const YAML::Mark& mark, std::string text);
  [[nodiscard]] std::vector<ConfigMistake> TakeMistakes();

 private:
  // The entries of a mapping by key, without those that are reported here: keys that are not text,
  // come twice, or are not among `known`.
  using Entries = std::vector<std::pair<std::string, YAML::Node>>;
  Entries ReadMapping(const YAML::Node& node, const std::string& path,
                      const std::vector<std::string>& known);
  void ReportUnknownKey(const YAML::Node& key, const std::string& path,
                        const std::vector<std::string>& known);

  void ReadDetectors(const YAML::Node& node, std::vector<BurstRule>* rules);
  std::optional<BurstRule> ReadDetector(const YAML::Node& node, const std::string& path);
  void CheckDetector(const BurstRule& rule, const std::string& path,
                     const std::map<std::string, YAML::Mark>& marks);

  // nullopt: reported.
  std::optional<OptionValue> ReadValue(const YAML::Node& node, const OptionKind& kind,
                                       const std::string& path);
  std::optional<OptionValue> ReadScalar(const YAML::Node& node, const OptionKind& kind,
                                        const std::string& path);
  std::optional<OptionValue> ReadNumber(const YAML::Node& node, const OptionKind& kind,
                                        const std::string& path);
  std::optional<OptionValue> ReadList(const YAML::Node& node, const OptionKind& kind,
                                      const std::string& path);
  std::optional<OptionValue> ReadCodes(const YAML::Node& node, const OptionKind& kind,
                                       const std::string& path);
  std::optional<OptionValue> ReadOperations(const YAML::Node& node, const OptionKind& kind,
                                            const std::string& path);
  std::nullopt_t Refuse(const YAML::Node& node, const OptionKind& kind, const std::string& path,
                        const std::string& why = {});

  std::vector<ConfigMistake> mistakes_;
};

void Reader::Report(const YAML::Mark& mark, std::string text) {
  if (mistakes_.size() >= kMistakesMax) return;
  mistakes_.push_back({.line = std::max(mark.line, 0) + 1,
                       .column = std::max(mark.column, 0) + 1,
                       .text = std::move(text)});
}

std::vector<ConfigMistake> Reader::TakeMistakes() {
  std::stable_sort(mistakes_.begin(), mistakes_.end(),
                   [](const ConfigMistake& a, const ConfigMistake& b) {
                     return std::tie(a.line, a.column) < std::tie(b.line, b.column);
                   });
  return std::move(mistakes_);
}

std::nullopt_t Reader::Refuse(const YAML::Node& node, const OptionKind& kind,
                              const std::string& path, const std::string& why) {
  Report(node.Mark(),
         path + " is " + (why.empty() ? NodeText(node) : why) + ", allowed: " + AllowedText(kind));
  return std::nullopt;
}

void Reader::ReportUnknownKey(const YAML::Node& key, const std::string& path,
                              const std::vector<std::string>& known) {
  const std::string& name = key.Scalar();
  std::string text = "unknown key " + Quoted(name) + (path.empty() ? "" : " in " + path);
  if (name == "<<") {
    text += ": merge keys are not read, write the keys out";
  } else if (const std::string* near = NearestName(name, known); near != nullptr) {
    text += ", did you mean " + Quoted(*near) + "?";
  } else {
    for (const Section& section : ConfigSections()) {
      for (const Option<Config>& option : section.options) {
        if (option.key == name) text += ", it belongs to " + Quoted(section.name) + ";";
      }
    }
    for (const Option<BurstRule>& option : DetectorOptions()) {
      if (option.key == name) text += ", it belongs to an entry of 'detectors';";
    }
  }
  Report(key.Mark(), text + (text.back() == '?' || text.back() == ';' ? "" : ",") +
                         " allowed: " + JoinKeys(known));
}

Reader::Entries Reader::ReadMapping(const YAML::Node& node, const std::string& path,
                                    const std::vector<std::string>& known) {
  Entries entries;
  if (node.IsNull()) return entries;
  if (!node.IsMap()) {
    Report(node.Mark(), (path.empty() ? "the file" : path) + " is " + NodeText(node) +
                            ", allowed: a mapping with the keys " + JoinKeys(known));
    return entries;
  }
  std::map<std::string, int> lines;
  for (const auto& entry : node) {
    const YAML::Node& key = entry.first;
    if (mistakes_.size() >= kMistakesMax) break;
    if (!key.IsScalar()) {
      Report(key.Mark(), "a key is " + NodeText(key) + ", allowed: " + JoinKeys(known));
      continue;
    }
    const auto [first, is_new] = lines.emplace(key.Scalar(), key.Mark().line + 1);
    if (!is_new) {
      Report(key.Mark(), "key " + Quoted(key.Scalar()) + (path.empty() ? "" : " in " + path) +
                             " is given again after line " + std::to_string(first->second) +
                             ", allowed: once");
    } else if (!Contains(known, key.Scalar())) {
      ReportUnknownKey(key, path, known);
    } else {
      entries.emplace_back(key.Scalar(), entry.second);
    }
  }
  return entries;
}

std::optional<OptionValue> Reader::ReadNumber(const YAML::Node& node, const OptionKind& kind,
                                              const std::string& path) {
  const std::string& text = node.Scalar();
  if (const auto* duration = std::get_if<DurationKind>(&kind)) {
    const auto value = ParseDuration(text);
    if (value && *value >= duration->least && *value <= duration->most) return *value;
    const bool bare = !value && ParseInteger(text).has_value();
    return Refuse(node, kind, path, bare ? Quoted(text) + ", a number without a unit" : "");
  }
  if (const auto* size = std::get_if<SizeKind>(&kind)) {
    const auto value = ParseSize(text);
    if (value && *value >= size->least && *value <= size->most) return *value;
    return Refuse(node, kind, path);
  }
  const auto& bounds = std::get<IntegerKind>(kind);
  if (IsQuoted(node)) return Refuse(node, kind, path, "the text " + Quoted(text));
  const auto value = ParseInteger(text);
  if (value && *value >= bounds.least && *value <= bounds.most) return *value;
  return Refuse(node, kind, path);
}

std::optional<OptionValue> Reader::ReadScalar(const YAML::Node& node, const OptionKind& kind,
                                              const std::string& path) {
  if (std::holds_alternative<TenantKind>(kind) && node.IsNull()) return std::string();
  if (!node.IsScalar()) return Refuse(node, kind, path);
  std::string text = node.Scalar();
  if (const auto* choice = std::get_if<ChoiceKind>(&kind)) {
    if (!Contains(choice->choices, text)) return Refuse(node, kind, path);
    return text;
  }
  if (std::holds_alternative<TextKind>(kind) || std::holds_alternative<TenantKind>(kind)) {
    if (!IsShownText(text)) return Refuse(node, kind, path);
    if (std::holds_alternative<TenantKind>(kind)) {
      LowerAscii(text);
      if (text == kZeroGuid) return Refuse(node, kind, path);
    }
    return text;
  }
  return ReadNumber(node, kind, path);
}

std::optional<OptionValue> Reader::ReadList(const YAML::Node& node, const OptionKind& kind,
                                            const std::string& path) {
  if (!node.IsSequence()) return Refuse(node, kind, path);
  if (node.size() == 0 && !std::holds_alternative<PrefixesKind>(kind)) {
    return Refuse(node, kind, path, "an empty list");
  }
  if (node.size() > kListEntriesMax) {
    return Refuse(node, kind, path,
                  "a list of more than " + std::to_string(kListEntriesMax) + " entries");
  }
  if (std::holds_alternative<CodesKind>(kind)) return ReadCodes(node, kind, path);
  const auto* choices = std::get_if<ChoicesKind>(&kind);
  const auto fits = [choices](const std::string& text) {
    return choices == nullptr ? IsShownText(text) : Contains(choices->choices, text);
  };
  std::vector<std::string> texts;
  for (size_t i = 0; i < node.size(); ++i) {
    if (node[i].IsScalar() && fits(node[i].Scalar())) {
      texts.push_back(node[i].Scalar());
    } else {
      Refuse(node[i], kind, EntryPath(path, i));
    }
  }
  if (texts.size() < node.size()) return std::nullopt;
  return texts;
}

std::optional<OptionValue> Reader::ReadCodes(const YAML::Node& node, const OptionKind& kind,
                                             const std::string& path) {
  std::vector<int64_t> codes;
  for (size_t i = 0; i < node.size(); ++i) {
    const bool plain = node[i].IsScalar() && !IsQuoted(node[i]);
    const int64_t code = plain ? ParseInteger(node[i].Scalar()).value_or(0) : 0;
    if (code == 0) {
      Refuse(node[i], kind, EntryPath(path, i));
    } else {
      codes.push_back(code);
    }
  }
  if (codes.size() < node.size()) return std::nullopt;
  std::sort(codes.begin(), codes.end());
  codes.erase(std::unique(codes.begin(), codes.end()), codes.end());
  return codes;
}

std::optional<OptionValue> Reader::ReadOperations(const YAML::Node& node, const OptionKind& kind,
                                                  const std::string& path) {
  std::map<std::string, ChangeKind> operations;
  if (node.IsNull()) return operations;
  if (!node.IsMap()) return Refuse(node, kind, path);
  if (node.size() > kListEntriesMax) {
    return Refuse(node, kind, path,
                  "a mapping of more than " + std::to_string(kListEntriesMax) + " names");
  }
  const std::vector<std::string> kinds = ChangeKindNames();
  bool good = true;
  for (const auto& entry : node) {
    const std::string name = entry.first.IsScalar() ? NormalizeOperation(entry.first.Scalar()) : "";
    const std::string value = entry.second.IsScalar() ? entry.second.Scalar() : "";
    const auto found = std::find(kinds.begin(), kinds.end(), value);
    const size_t mistakes = mistakes_.size();
    if (!IsShownText(name)) {
      Report(entry.first.Mark(), "a name in " + path + " is " + NodeText(entry.first) +
                                     ", allowed: the name of an audit operation");
    } else if (operations.contains(name)) {
      Report(entry.first.Mark(), Quoted(entry.first.Scalar()) + " in " + path +
                                     " is given again (names are compared without case, outer "
                                     "blanks and trailing dots), allowed: once");
    }
    if (found == kinds.end()) {
      Refuse(entry.second, kind, path + "." + Quoted(name));
    } else {
      operations[name] = static_cast<ChangeKind>(found - kinds.begin());
    }
    good = good && mistakes == mistakes_.size();
  }
  if (!good) return std::nullopt;
  return operations;
}

std::optional<OptionValue> Reader::ReadValue(const YAML::Node& node, const OptionKind& kind,
                                             const std::string& path) {
  if (std::holds_alternative<OperationsKind>(kind)) return ReadOperations(node, kind, path);
  if (std::holds_alternative<CodesKind>(kind) || std::holds_alternative<ChoicesKind>(kind) ||
      std::holds_alternative<PrefixesKind>(kind)) {
    return ReadList(node, kind, path);
  }
  return ReadScalar(node, kind, path);
}

template <typename T>
std::vector<std::string> KeysOf(const std::vector<Option<T>>& options) {
  std::vector<std::string> keys;
  for (const Option<T>& option : options) keys.push_back(option.key);
  return keys;
}

template <typename T>
const Option<T>& OptionOf(const std::vector<Option<T>>& options, const std::string& key) {
  return *std::find_if(options.begin(), options.end(),
                       [&key](const Option<T>& option) { return option.key == key; });
}

std::optional<BurstRule> Reader::ReadDetector(const YAML::Node& node, const std::string& path) {
  const std::vector<Option<BurstRule>>& options = DetectorOptions();
  BurstRule rule;
  std::map<std::string, YAML::Mark> marks;  // of the values that could be read
  const size_t mistakes = mistakes_.size();
  const Entries entries = ReadMapping(node, path, KeysOf(options));
  for (const auto& [key, value_node] : entries) {
    const Option<BurstRule>& option = OptionOf(options, key);
    if (const auto value = ReadValue(value_node, option.kind, path + "." + key)) {
      option.set(rule, *value);
      marks.emplace(key, value_node.Mark());
    }
  }
  const bool named = std::any_of(entries.begin(), entries.end(),
                                 [](const auto& entry) { return entry.first == "name"; });
  if ((node.IsMap() || node.IsNull()) && !named) {
    Report(node.Mark(), path + " has no name, allowed: " + AllowedText(TextKind{}));
  }
  // What is not given is as in the default detector of the same scope (SPEC 5).
  for (const BurstRule& standard : DetectionConfig::DefaultRules()) {
    if (standard.group_by != rule.group_by) continue;
    if (!marks.contains("window")) rule.window = standard.window;
    if (!marks.contains("threshold")) rule.threshold = standard.threshold;
    if (!marks.contains("codes")) rule.codes = standard.codes;
  }
  if (!marks.contains("quiet")) rule.quiet = rule.window;
  if (mistakes == mistakes_.size()) CheckDetector(rule, path, marks);
  // Handed back even with mistakes, so that its name is compared with the others'.
  if (!marks.contains("name")) return std::nullopt;
  return rule;
}

void Reader::CheckDetector(const BurstRule& rule, const std::string& path,
                           const std::map<std::string, YAML::Mark>& marks) {
  if (rule.quiet < rule.window) {
    Report(marks.at("quiet"), path + ".quiet is " + FormatDuration(rule.quiet) +
                                  ", below the window, allowed: " + FormatDuration(rule.window) +
                                  " or more");
  }
  if (rule.group_by == GroupBy::kUser && rule.min_users > 1) {
    Report(marks.at("min_users"), path + ".min_users is " + std::to_string(rule.min_users) +
                                      " with group_by: user, allowed: with group_by: tenant only");
  }
}

void Reader::ReadDetectors(const YAML::Node& node, std::vector<BurstRule>* rules) {
  if (!node.IsSequence() || node.size() == 0 || node.size() > kDetectorsMax) {
    Report(node.Mark(),
           "detectors is " +
               (node.IsSequence() ? "a list of " + std::to_string(node.size()) + " entries"
                                  : NodeText(node)) +
               ", allowed: a list of 1 to " + std::to_string(kDetectorsMax) +
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

void Reader::ReadRoot(const YAML::Node& root, Config* config) {
  std::vector<std::string> names;
  for (const Section& section : ConfigSections()) names.push_back(section.name);
  for (const auto& [name, node] : ReadMapping(root, "", names)) {
    if (name == "detectors") {
      ReadDetectors(node, &config->detection.rules);
      continue;
    }
    const auto section =
        std::find_if(ConfigSections().begin(), ConfigSections().end(),
                     [&name = name](const Section& each) { return each.name == name; });
    for (const auto& [key, value_node] : ReadMapping(node, name, KeysOf(section->options))) {
      const Option<Config>& option = OptionOf(section->options, key);
      if (const auto value = ReadValue(value_node, option.kind, name + "." + key)) {
        option.set(*config, *value);
      }
    }
  }
}

}  // namespace

std::vector<ConfigMistake> ReadYaml(std::string_view text, Config* config) {
  Reader reader;
  try {
    const std::vector<YAML::Node> documents = YAML::LoadAll(std::string(text));
    if (documents.size() > 1) {
      reader.Report(documents[1].Mark(),
                    "a second YAML document starts before this, allowed: one document");
    }
    if (!documents.empty()) reader.ReadRoot(documents.front(), config);
  } catch (const YAML::DeepRecursion& e) {
    reader.Report(e.mark, "this is nested too deeply, allowed: what CONFIGURATION.md shows");
  } catch (const YAML::Exception& e) {
    reader.Report(e.mark,
                  "this is not YAML: " + e.msg + ", allowed: YAML 1.2 in block or flow style");
  }
  return reader.TakeMistakes();
}

}  // namespace signinwatch
