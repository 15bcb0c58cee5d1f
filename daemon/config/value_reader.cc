#include "daemon/config/value_reader.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "daemon/config/kafka_options.h"
#include "daemon/config/options.h"
#include "daemon/config/quantities.h"
#include "daemon/config/quoted.h"
#include "daemon/config/sink_types.h"
#include "daemon/config/suggestion.h"
#include "daemon/config/text_forms.h"
#include "daemon/json/json_writer.h"
#include "parser/ids.h"

namespace signinwatch::config {
namespace {

constexpr size_t kFieldBytesMax = 10'000;  // of a field's JSON
constexpr int kFieldLevelsMax = 16;

constexpr std::string_view kZeroGuid = "00000000-0000-0000-0000-000000000000";

// "!" is yaml-cpp's tag of a quoted scalar; quoting says that the value is text.
bool IsQuoted(const YAML::Node& node) {
  return node.Tag() == "!" || node.Tag() == "tag:yaml.org,2002:str";
}

// false: it is too deep or too large, which aliases can make of a small file.
bool AppendJsonOf(const YAML::Node& node, int level, const std::string* json,
                  json::JsonWriter* writer) {
  if (level > kFieldLevelsMax || json->size() > kFieldBytesMax) return false;
  if (node.IsMap() || node.IsSequence()) {
    writer->Open(node.IsMap() ? '{' : '[');
    for (const auto& entry : node) {
      if (node.IsMap() && !entry.first.IsScalar()) return false;
      if (node.IsMap()) writer->Key(entry.first.Scalar());
      const YAML::Node& value = node.IsMap() ? entry.second : entry;
      if (!AppendJsonOf(value, level + 1, json, writer)) return false;
    }
    writer->Close(node.IsMap() ? '}' : ']');
    return true;
  }
  const std::string text = node.IsScalar() ? node.Scalar() : "";
  const auto integer = ParseInteger(text);
  const auto real = ParseReal(text);
  if (!node.IsScalar()) {
    writer->Null();
  } else if (IsQuoted(node)) {
    writer->String(text);
  } else if (text == "true" || text == "false") {
    writer->Bool(text == "true");
  } else if (integer) {
    writer->Number(*integer);
  } else if (real) {
    writer->Number(*real);
  } else {
    writer->String(text);
  }
  return true;
}

template <typename T>
bool HasKey(const std::vector<Option<T>>& options, const std::string& key) {
  return Contains(KeysOf(options), key);
}

// Where a key is known, for one that stands elsewhere: "'time' or an entry of 'detectors'".
std::string OwnersOf(const std::string& key) {
  std::string owners;
  const auto add = [&owners](const std::string& owner) {
    owners += (owners.empty() ? "" : " or ") + owner;
  };
  for (const Section& section : ConfigSections()) {
    if (!section.is_value && HasKey(section.options, key)) add(Quoted(section.name));
  }
  if (HasKey(DetectorOptions(), key)) add("an entry of 'detectors'");
  if (HasKey(SinkOptions(), key)) add("an entry of 'sinks'");
  if (HasKey(ExceptionOptions(), key)) add("an entry of 'exceptions'");
  return owners;
}

}  // namespace

bool Contains(const std::vector<std::string>& texts, const std::string& text) {
  return std::find(texts.begin(), texts.end(), text) != texts.end();
}

std::string NodeText(const YAML::Node& node) {
  if (node.IsMap()) return "a mapping";
  if (node.IsSequence()) return "a list";
  if (node.IsNull()) return "empty";
  return Quoted(node.Scalar());
}

std::string EntryPath(const std::string& path, size_t index) {
  return path + "[" + std::to_string(index) + "]";
}

Place PlaceOf(const YAML::Mark& mark) {
  return {.line = std::max(mark.line, 0) + 1, .column = std::max(mark.column, 0) + 1};
}

void ValueReader::Report(Place place, std::string text) {
  if (mistakes_.size() >= kMistakesMax) return;
  mistakes_.push_back({.line = place.line, .column = place.column, .text = std::move(text)});
}

std::vector<ConfigMistake> ValueReader::TakeMistakes() {
  std::stable_sort(mistakes_.begin(), mistakes_.end(),
                   [](const ConfigMistake& a, const ConfigMistake& b) {
                     return std::tie(a.line, a.column) < std::tie(b.line, b.column);
                   });
  return std::move(mistakes_);
}

std::nullopt_t ValueReader::Refuse(const YAML::Node& node, const OptionKind& kind,
                                   const std::string& path, const std::string& why) {
  Report(PlaceOf(node.Mark()),
         path + " is " + (why.empty() ? NodeText(node) : why) + ", allowed: " + AllowedText(kind));
  return std::nullopt;
}

void ValueReader::ReportUnknownKey(const YAML::Node& key, const std::string& path,
                                   const std::vector<std::string>& known) {
  const std::string& name = key.Scalar();
  std::string text = "unknown key " + Quoted(name) + (path.empty() ? "" : " in " + path);
  if (name == "<<") {
    text += ": merge keys are not read, write the keys out";
  } else if (const std::string* near = NearestName(name, known); near != nullptr) {
    text += ", did you mean " + Quoted(*near) + "?";
  } else if (const std::string owners = OwnersOf(name); !owners.empty()) {
    text += ", it belongs to " + owners + ";";
  }
  Report(PlaceOf(key.Mark()), text + (text.back() == '?' || text.back() == ';' ? "" : ",") +
                                  " allowed: " + JoinTexts(known));
}

ValueReader::Entries ValueReader::ReadMapping(const YAML::Node& node, const std::string& path,
                                              const std::vector<std::string>& known) {
  Entries entries;
  if (node.IsNull()) return entries;
  if (!node.IsMap()) {
    Report(PlaceOf(node.Mark()), (path.empty() ? "the file" : path) + " is " + NodeText(node) +
                                     ", allowed: a mapping with the keys " + JoinTexts(known));
    return entries;
  }
  std::map<std::string, int> lines;
  for (const auto& entry : node) {
    const YAML::Node& key = entry.first;
    if (mistakes_.size() >= kMistakesMax) break;
    if (!key.IsScalar()) {
      Report(PlaceOf(key.Mark()), "a key is " + NodeText(key) + ", allowed: " + JoinTexts(known));
      continue;
    }
    const auto [first, is_new] = lines.emplace(key.Scalar(), key.Mark().line + 1);
    if (!is_new) {
      Report(PlaceOf(key.Mark()),
             "key " + Quoted(key.Scalar()) + (path.empty() ? "" : " in " + path) +
                 " is given again after line " + std::to_string(first->second) + ", allowed: once");
    } else if (!Contains(known, key.Scalar())) {
      ReportUnknownKey(key, path, known);
    } else {
      entries.emplace_back(key.Scalar(), entry.second);
    }
  }
  return entries;
}

std::optional<OptionValue> ValueReader::ReadNumber(const YAML::Node& node, const OptionKind& kind,
                                                   const std::string& path) {
  const std::string& text = node.Scalar();
  if (const auto* duration = std::get_if<DurationKind>(&kind)) {
    const auto value = ParseDuration(text);
    if (value && *value >= duration->least && *value <= duration->most) return *value;
    const bool bare = !value && ParseInteger(text).has_value();
    return Refuse(node, kind, path, bare ? Quoted(text) + ", a number without a unit" : "");
  }
  const auto& size = std::get<SizeKind>(kind);
  const auto value = ParseSize(text);
  if (value && *value >= size.least && *value <= size.most) return *value;
  return Refuse(node, kind, path);
}

// What YAML itself has: numbers, true and false. In quotes they are text.
std::optional<OptionValue> ValueReader::ReadPlain(const YAML::Node& node, const OptionKind& kind,
                                                  const std::string& path) {
  const std::string& text = node.Scalar();
  if (IsQuoted(node)) return Refuse(node, kind, path, "the text " + Quoted(text));
  if (const auto* bounds = std::get_if<IntegerKind>(&kind)) {
    const auto value = ParseInteger(text);
    if (value && *value >= bounds->least && *value <= bounds->most) return *value;
  } else if (const auto* range = std::get_if<RealKind>(&kind)) {
    const auto value = ParseReal(text);
    if (value && *value >= range->least && *value <= range->most) return *value;
  } else if (text == "true" || text == "false") {
    return text == "true";
  }
  return Refuse(node, kind, path);
}

std::optional<OptionValue> ValueReader::ReadText(const YAML::Node& node, const OptionKind& kind,
                                                 const std::string& path) {
  std::string text = node.Scalar();
  if (const auto* choice = std::get_if<ChoiceKind>(&kind)) {
    if (!Contains(choice->choices, text)) return Refuse(node, kind, path);
    return text;
  }
  if (const auto* formed = std::get_if<FormKind>(&kind)) {
    std::string fault;
    auto value = ReadForm(formed->form, text, &fault);
    if (!value) return Refuse(node, kind, path, fault);
    return *std::move(value);
  }
  if (!IsShownText(text, kTextBytesMax)) return Refuse(node, kind, path);
  if (std::holds_alternative<TenantKind>(kind)) {
    LowerAscii(text);
    if (text == kZeroGuid) return Refuse(node, kind, path);
  }
  return text;
}

std::optional<OptionValue> ValueReader::ReadScalar(const YAML::Node& node, const OptionKind& kind,
                                                   const std::string& path) {
  if (std::holds_alternative<TenantKind>(kind) && node.IsNull()) return std::string();
  if (!node.IsScalar()) return Refuse(node, kind, path);
  if (std::holds_alternative<SecretKind>(kind)) {
    if (auto secret = ParseSecretRef(node.Scalar())) return *std::move(secret);
    // It may be the secret itself: it is not repeated.
    return Refuse(node, kind, path, "no reference to a secret");
  }
  if (std::holds_alternative<DurationKind>(kind) || std::holds_alternative<SizeKind>(kind)) {
    return ReadNumber(node, kind, path);
  }
  if (std::holds_alternative<IntegerKind>(kind) || std::holds_alternative<RealKind>(kind) ||
      std::holds_alternative<YesNoKind>(kind)) {
    return ReadPlain(node, kind, path);
  }
  return ReadText(node, kind, path);
}

std::optional<OptionValue> ValueReader::ReadList(const YAML::Node& node, const OptionKind& kind,
                                                 const std::string& path) {
  if (!node.IsSequence()) return Refuse(node, kind, path);
  if (node.size() == 0 && !std::holds_alternative<PrefixesKind>(kind) &&
      !std::holds_alternative<HostsKind>(kind)) {
    return Refuse(node, kind, path, "an empty list");
  }
  if (node.size() > kListEntriesMax) {
    return Refuse(node, kind, path,
                  "a list of more than " + std::to_string(kListEntriesMax) + " entries");
  }
  if (std::holds_alternative<CodesKind>(kind)) return ReadCodes(node, kind, path);
  if (std::holds_alternative<TopicsKind>(kind))
    return ReadForms(node, kind, TextForm::kTopic, path);
  if (std::holds_alternative<UrlsKind>(kind)) return ReadForms(node, kind, TextForm::kUrl, path);
  const auto* choices = std::get_if<ChoicesKind>(&kind);
  const auto fits = [choices, &kind](const std::string& text) {
    if (std::holds_alternative<HostsKind>(kind)) return IsHostName(text);
    return choices == nullptr ? IsShownText(text, kTextBytesMax) : Contains(choices->choices, text);
  };
  std::vector<std::string> texts;
  for (size_t i = 0; i < node.size(); ++i) {
    if (node[i].IsScalar() && fits(node[i].Scalar())) {
      texts.push_back(node[i].Scalar());
      if (std::holds_alternative<HostsKind>(kind)) LowerAscii(texts.back());
    } else {
      Refuse(node[i], kind, EntryPath(path, i));
    }
  }
  if (texts.size() < node.size()) return std::nullopt;
  return texts;
}

std::optional<OptionValue> ValueReader::ReadCodes(const YAML::Node& node, const OptionKind& kind,
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

std::optional<OptionValue> ValueReader::ReadForms(const YAML::Node& node, const OptionKind& kind,
                                                  TextForm form, const std::string& path) {
  std::vector<std::string> texts;
  for (size_t i = 0; i < node.size(); ++i) {
    std::string fault;
    const auto text = node[i].IsScalar() ? ReadForm(form, node[i].Scalar(), &fault) : std::nullopt;
    if (!text || Contains(texts, *text)) {
      // A URL may be a secret: it is not repeated.
      const std::string shown = text && form != TextForm::kUrl ? Quoted(*text) : "given";
      Refuse(node[i], kind, EntryPath(path, i), text ? shown + " again" : fault);
    } else {
      texts.push_back(*text);
    }
  }
  if (texts.size() < node.size()) return std::nullopt;
  return texts;
}

std::optional<OptionValue> ValueReader::ReadOperations(const YAML::Node& node,
                                                       const OptionKind& kind,
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
    if (!IsShownText(name, kTextBytesMax)) {
      Report(PlaceOf(entry.first.Mark()), "a name in " + path + " is " + NodeText(entry.first) +
                                              ", allowed: the name of an audit operation");
    } else if (operations.contains(name)) {
      Report(PlaceOf(entry.first.Mark()),
             Quoted(entry.first.Scalar()) + " in " + path +
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

// Neither names nor values are repeated: they may be secrets that do not belong here.
std::optional<OptionValue> ValueReader::ReadKafkaOptions(const YAML::Node& node,
                                                         const OptionKind& kind,
                                                         const std::string& path) {
  constexpr size_t kValueBytesMax = 4'096;
  constexpr size_t kOptionsMax = 100;
  std::map<std::string, std::string> options;
  if (node.IsNull()) return options;
  if (!node.IsMap()) return Refuse(node, kind, path);
  if (node.size() > kOptionsMax)
    return Refuse(node, kind, path, "a mapping of more than 100 names");
  const size_t mistakes = mistakes_.size();
  for (const auto& entry : node) {
    const std::string name = entry.first.IsScalar() ? entry.first.Scalar() : "";
    const std::string value = entry.second.IsScalar() ? entry.second.Scalar() : "";
    const std::string_view refusal = KafkaOptionRefusal(name, value);
    if (!IsKafkaOptionName(name)) {
      Report(PlaceOf(entry.first.Mark()),
             "a name in " + path +
                 " is none, allowed: a-z, 0-9, '.' and _, as in librdkafka's "
                 "CONFIGURATION.md");
    } else if (!refusal.empty()) {
      Report(PlaceOf(entry.first.Mark()), path + "." + name + " is refused: " +
                                              std::string(refusal) + ", allowed: other options");
    } else if (!options.emplace(name, value).second) {
      Report(PlaceOf(entry.first.Mark()), path + "." + name + " is given again, allowed: once");
    } else if (!IsShownText(value, kValueBytesMax)) {
      Report(PlaceOf(entry.second.Mark()),
             path + "." + name +
                 " is no value, allowed: a text of 1 to 4096 bytes without control "
                 "characters, or a number");
    }
  }
  if (mistakes < mistakes_.size()) return std::nullopt;
  return options;
}

// Values are not repeated: whatever belongs to another system may be nobody's business.
std::optional<OptionValue> ValueReader::ReadFields(const YAML::Node& node, const FieldsKind& kind,
                                                   const std::string& path) {
  std::map<std::string, std::string> fields;
  if (node.IsNull()) return fields;
  if (!node.IsMap()) return Refuse(node, kind, path);
  const size_t mistakes = mistakes_.size();
  for (const auto& entry : node) {
    const std::string name = entry.first.IsScalar() ? entry.first.Scalar() : "";
    std::string json;
    json::JsonWriter writer(&json);
    bool good = true;
    if (kind.texts) {
      good = entry.second.IsScalar();
      if (good) writer.String(entry.second.Scalar());
    } else {
      good = AppendJsonOf(entry.second, 1, &json, &writer);
    }
    if (!IsShownText(name, kTextBytesMax)) {
      Report(PlaceOf(entry.first.Mark()),
             "a name in " + path + " is none, allowed: a text of 1 to " +
                 std::to_string(kTextBytesMax) + " bytes without control characters");
    } else if (fields.contains(name)) {
      Report(PlaceOf(entry.first.Mark()), path + "." + name + " is given again, allowed: once");
    } else if (!good || json.size() > kFieldBytesMax) {
      Report(PlaceOf(entry.second.Mark()),
             path + "." + name + " is no value of a field, allowed: " +
                 (kind.texts ? "a text" : "a text, a number, true, false, a list or a mapping") +
                 " of at most " + std::to_string(kFieldBytesMax) + " bytes");
    } else {
      fields.emplace(name, std::move(json));
    }
  }
  if (mistakes < mistakes_.size()) return std::nullopt;
  return fields;
}

std::optional<OptionValue> ValueReader::ReadValue(const YAML::Node& node, const OptionKind& kind,
                                                  const std::string& path) {
  if (std::holds_alternative<OperationsKind>(kind)) return ReadOperations(node, kind, path);
  if (std::holds_alternative<KafkaOptionsKind>(kind)) return ReadKafkaOptions(node, kind, path);
  if (const auto* fields = std::get_if<FieldsKind>(&kind)) return ReadFields(node, *fields, path);
  if (std::holds_alternative<CodesKind>(kind) || std::holds_alternative<ChoicesKind>(kind) ||
      std::holds_alternative<PrefixesKind>(kind) || std::holds_alternative<HostsKind>(kind) ||
      std::holds_alternative<TopicsKind>(kind) || std::holds_alternative<UrlsKind>(kind)) {
    return ReadList(node, kind, path);
  }
  return ReadScalar(node, kind, path);
}

}  // namespace signinwatch::config
