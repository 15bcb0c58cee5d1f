#include "daemon/config/reference.h"

#include <string_view>
#include <vector>

#include "daemon/config/options.h"
#include "daemon/config/sink_types.h"

namespace signinwatch::config {
namespace {

constexpr std::string_view kIntroduction =
    R"(# Configuration

`signinwatch` reads one YAML file (`--config FILE`); every key is optional. `signinwatch check-config
FILE` reports all mistakes of a file at once, each as `FILE:LINE:COLUMN: what is wrong, what is
allowed`. Unknown keys and keys given twice are mistakes; so is a second document in the file.
`signinwatch example-config` prints a file with every key at its default. Keys whose default is
`null` are not set, and may be given as `null` too.

Durations are whole numbers with units, from the greatest unit to the least: `d`, `h`, `m`, `s`,
`ms`, so `30d`, `24h`, `1h30m`, `500ms`. A number without a unit is a mistake. Sizes are in bytes, or
with `KB`, `MB`, `GB` (powers of 1,000) or `KiB`, `MiB`, `GiB` (powers of 1,024). Columns are counted
in bytes. Anchors and aliases may be used; merge keys (`<<`) may not.

Secrets are never written here: a key of one names the environment variable (`env:NAME`) or the file
(`file:PATH`, which fits systemd credentials and mounted secrets) that holds it, on one line.

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

constexpr std::string_view kClusterHelp =
    "A cluster of its own and how to log in, as in `kafka`. Without `brokers`, the cluster and "
    "log-in of `kafka` are used, and none of these may be given.";

// "`brokers`, `auth`, ...": of the options that are part of a cluster.
template <typename T>
std::string ClusterKeys(const std::vector<Option<T>>& options) {
  std::string keys;
  for (const Option<T>& option : options) {
    if (option.of_cluster) keys += (keys.empty() ? "`" : ", `") + option.key + "`";
  }
  return keys;
}

std::string TypesText(const std::vector<std::string>& types) {
  return types.empty() ? "all" : JoinTexts(types);
}

// `borrowed_cluster`: the options of a cluster are described once, elsewhere. `by_type`: with the
// types of sinks that each is for.
template <typename T>
std::string OptionTable(const std::vector<Option<T>>& options, const T& defaults,
                        bool borrowed_cluster = false, bool by_type = false) {
  std::string table = by_type ? "| key | of type | default | allowed | what it does |\n"
                                "|---|---|---|---|---|\n"
                              : "| key | default | allowed | what it does |\n|---|---|---|---|\n";
  const auto row = [&](const std::string& keys, const Option<T>& option, std::string_view standard,
                       std::string_view allowed, std::string_view help) {
    table += "| " + keys + " | " + (by_type ? TypesText(option.types) + " | " : "") +
             Cell(standard) + " | " + Cell(allowed) + " | " + Cell(help) + " |\n";
  };
  bool cluster_done = false;
  for (const Option<T>& option : options) {
    if (!borrowed_cluster || !option.of_cluster) {
      row("`" + option.key + "`", option, DefaultText(option, defaults), AllowedText(option.kind),
          option.help);
    } else if (!cluster_done) {
      cluster_done = true;
      row(ClusterKeys(options), option, "as in `kafka`", "as in `kafka`", kClusterHelp);
    }
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
      names =
          "four of these (`change user password`, `reset user password`, `update passwordprofile`, "
          "`update stsrefreshtokenvalidfrom timestamp`) by an actor of `sync_actors` or "
          "`sync_apps`";
    }
    table += "| `" + kind + "` | " + names + " |\n";
  }
  return table;
}

std::string SectionTable(const Section& section) {
  if (section.name == "detectors") return OptionTable(DetectorOptions(), BurstRule{});
  if (section.name == "sinks") return OptionTable(SinkOptions(), SinkConfig{}, true, true);
  if (section.name == "tenants") {
    return "A mapping of up to " + std::to_string(kTenantNamesMax) +
           " tenants' object ids to their names; a name is " + AllowedText(TextKind{}) + ".\n";
  }
  if (section.name == "exceptions") return OptionTable(ExceptionOptions(), ExceptionConfig{});
  if (section.is_value) {
    const Option<Config>& option = section.options.front();
    return "Default: " + DefaultText(option, Config{}) + "; allowed: " + AllowedText(option.kind) +
           ".\n";
  }
  std::string table = OptionTable(section.options, Config{}, section.name != "kafka");
  if (section.name == "correlation") table += OperationsTable();
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

// The keys of a list's entries.
template <typename T>
std::string EntryComments(const std::vector<Option<T>>& options, std::string_view indent) {
  std::string text;
  bool cluster_done = false;
  for (const Option<T>& option : options) {
    if (!option.of_cluster) {
      const std::string types = option.types.empty() ? "" : " (" + JoinTexts(option.types) + ")";
      text += Comment(option.key + types + ": " + option.help, indent);
    } else if (!cluster_done) {
      cluster_done = true;
      text += Comment(ClusterKeys(options) + " (kafka): " + std::string(kClusterHelp), indent);
    }
  }
  return text;
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
  std::string text = EntryComments(DetectorOptions(), "  ");
  for (const BurstRule& rule : DetectionConfig::DefaultRules()) text += DetectorExample(rule);
  return text;
}

// An entry of each type, all commented out: there is no sink by default.
std::string SinksExample() {
  std::string text = EntryComments(SinkOptions(), "") + "sinks: []\n# sinks:\n";
  const SinkConfig defaults;
  for (const SinkType& type : SinkTypes()) {
    for (const Option<SinkConfig>& option : SinkOptions()) {
      if (!IsForType(option, type.name) || option.of_cluster) continue;
      // What writes a topic has this of the cluster that it borrows.
      if (!type.written_topic.empty() && option.key == "ca_file") continue;
      std::string value =
          option.example.empty() ? ValueText(option.kind, option.get(defaults)) : option.example;
      if (option.key == "name") value += "-" + type.name;
      if (option.key == "type") value = type.name;
      text += (option.key == "name" ? "#   - " : "#     ") + option.key + ": " + value + "\n";
    }
  }
  return text;
}

// An entry, commented out: there is no exception by default.
std::string ExceptionsExample() {
  std::string text = EntryComments(ExceptionOptions(), "") + "exceptions: []\n# exceptions:\n";
  for (const Option<ExceptionConfig>& option : ExceptionOptions()) {
    text +=
        (option.key == "name" ? "#   - " : "#     ") + option.key + ": " + option.example + "\n";
  }
  return text;
}

std::string SectionExample(const Section& section, const Config& defaults) {
  std::string text;
  bool cluster_done = false;
  for (const Option<Config>& option : section.options) {
    if (option.of_cluster && section.name != "kafka") {
      if (!cluster_done) {
        text += Comment(ClusterKeys(section.options) + ": " + std::string(kClusterHelp), "  ");
      }
      cluster_done = true;
      continue;
    }
    text += Comment(option.help, "  ");
    text += option.example.empty()
                ? "  " + option.key + ": " + ValueText(option.kind, option.get(defaults)) + "\n"
                : "  # " + option.key + ": " + option.example + "\n";
  }
  return text;
}

}  // namespace

std::string ConfigurationReference() {
  std::string text(kIntroduction);
  for (const Section& section : ConfigSections()) {
    text += "\n## " + section.name + "\n\n" + section.help + "\n\n";
    text += SectionTable(section);
  }
  return text;
}

std::string ConfigurationExample() {
  std::string text =
      "# Configuration of signinwatch. Every key is optional and stands here at its default, or as "
      "an\n# example in a comment where it has none. CONFIGURATION.md says what is allowed; "
      "`signinwatch\n# check-config FILE` checks a file. `serve` needs kafka.brokers and "
      "kafka.topics.\n";
  const Config defaults;
  for (const Section& section : ConfigSections()) {
    text += "\n" + Comment(section.help, "");
    if (section.name == "sinks") {
      text += SinksExample();
      continue;
    }
    if (section.name == "tenants") {
      text += "tenants: {}\n  # 11111111-2222-4333-8444-555555555555: Contoso\n";
      continue;
    }
    if (section.name == "exceptions") {
      text += ExceptionsExample();
      continue;
    }
    if (section.is_value) {
      const Option<Config>& option = section.options.front();
      text += section.name + ": " + ValueText(option.kind, option.get(defaults)) + "\n";
      continue;
    }
    text += section.name + ":\n";
    text += section.name == "detectors" ? DetectorsExample() : SectionExample(section, defaults);
  }
  return text;
}

}  // namespace signinwatch::config
