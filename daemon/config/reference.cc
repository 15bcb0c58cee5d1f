#include "daemon/config/reference.h"

#include <string_view>
#include <vector>

#include "daemon/config/options.h"

namespace signinwatch {
namespace {

constexpr std::string_view kIntroduction =
    R"(# Configuration

`signinwatch` reads one YAML file (`--config FILE`); every key is optional. `signinwatch check-config
FILE` reports all mistakes of a file at once, each as `FILE:LINE:COLUMN: what is wrong, what is
allowed`. Unknown keys and keys given twice are mistakes; so is a second document in the file.
`signinwatch example-config` prints a file with every key at its default.

Durations are whole numbers with units, from the greatest unit to the least: `d`, `h`, `m`, `s`,
`ms`, so `30d`, `24h`, `1h30m`, `500ms`. A number without a unit is a mistake. Sizes are in bytes, or
with `KB`, `MB`, `GB` (powers of 1,000) or `KiB`, `MiB`, `GiB` (powers of 1,024). Columns are counted
in bytes. Anchors and aliases may be used; merge keys (`<<`) may not.

This page is written by `signinwatch example-config --reference` from the table that reads the file.
)";

// Table cells may hold no bar.
std::string Cell(std::string_view text) {
  std::string cell;
  for (const char c : text) {
    if (c == '|') cell += '\\';
    cell += c;
  }
  return cell;
}

template <typename T>
std::string DefaultText(const Option<T>& option, const T& defaults) {
  if (!option.default_text.empty() && option.default_text.find(' ') != std::string::npos) {
    return option.default_text;
  }
  return "`" + ValueText(option.kind, option.get(defaults)) + "`";
}

template <typename T>
std::string OptionTable(const std::vector<Option<T>>& options, const T& defaults) {
  std::string table = "| key | default | allowed | what it does |\n|---|---|---|---|\n";
  for (const Option<T>& option : options) {
    table += "| `" + option.key + "` | " + Cell(DefaultText(option, defaults)) + " | " +
             Cell(AllowedText(option.kind)) + " | " + Cell(option.help) + " |\n";
  }
  return table;
}

std::string OperationsTable() {
  std::string table =
      "\nThe built-in names of `correlation.operations`, as they are compared:\n\n"
      "| kind | operations |\n|---|---|\n";
  for (const std::string& kind : ChangeKindNames()) {
    std::string names;
    for (const auto& [name, its_kind] : CorrelationConfig::DefaultOperations()) {
      if (ChangeKindName(its_kind) != kind) continue;
      names += (names.empty() ? "`" : ", `") + name + "`";
    }
    if (kind == ChangeKindName(ChangeKind::kSync)) {
      names = "a password operation by an actor of `sync_actors` or `sync_apps`";
    }
    table += "| `" + kind + "` | " + names + " |\n";
  }
  return table;
}

constexpr size_t kExampleColumns = 100;

// Words of `text`, wrapped, as comment lines.
std::string Comment(std::string_view text, std::string_view indent) {
  std::string comment;
  std::string line;
  const auto flush = [&] {
    if (!line.empty()) comment += line + "\n";
    line.clear();
  };
  while (!text.empty()) {
    const size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!line.empty() && line.size() + 1 + word.size() > kExampleColumns) flush();
    if (line.empty()) line = std::string(indent) + "#";
    line.append(" ").append(word);
  }
  flush();
  return comment;
}

std::string DetectorExample(const BurstRule& rule) {
  std::string text;
  for (const Option<BurstRule>& option : DetectorOptions()) {
    if (option.key == "min_users" && rule.group_by == GroupBy::kUser) continue;
    text += text.empty() ? "  - " : "    ";
    text += option.key + ": " + ValueText(option.kind, option.get(rule)) + "\n";
  }
  return text;
}

std::string DetectorsExample() {
  std::string text;
  for (const Option<BurstRule>& option : DetectorOptions()) {
    text += Comment(option.key + ": " + option.help, "  ");
  }
  for (const BurstRule& rule : DetectionConfig::DefaultRules()) text += DetectorExample(rule);
  return text;
}

}  // namespace

std::string ConfigurationReference() {
  std::string text(kIntroduction);
  for (const Section& section : ConfigSections()) {
    text += "\n## " + section.name + "\n\n" + section.help + "\n\n";
    text += section.name == "detectors" ? OptionTable(DetectorOptions(), BurstRule{})
                                        : OptionTable(section.options, Config{});
    if (section.name == "correlation") text += OperationsTable();
  }
  return text;
}

std::string ConfigurationExample() {
  std::string text =
      "# Configuration of signinwatch. Every key is optional and stands here at its default;\n"
      "# CONFIGURATION.md says what is allowed. `signinwatch check-config FILE` checks a file.\n";
  const Config defaults;
  for (const Section& section : ConfigSections()) {
    text += "\n" + Comment(section.help, "") + section.name + ":\n";
    if (section.name == "detectors") text += DetectorsExample();
    for (const Option<Config>& option : section.options) {
      text += Comment(option.help, "  ");
      text += "  " + option.key + ": " + ValueText(option.kind, option.get(defaults)) + "\n";
    }
  }
  return text;
}

}  // namespace signinwatch
