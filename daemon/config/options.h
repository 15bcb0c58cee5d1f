// The table of all configuration options: the one place that knows an option's key, kind, bounds,
// default and help. The reader (yaml_reader.h), its error texts, deploy/CONFIGURATION.md and
// deploy/config.example.yaml (reference.h) all come from it.
//
// Defaults are not written here again: they are what a default Config holds.
#ifndef SIGNINWATCH_DAEMON_CONFIG_OPTIONS_H_
#define SIGNINWATCH_DAEMON_CONFIG_OPTIONS_H_

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "daemon/config/config.h"

namespace signinwatch {

// A value of any option. Choices are text, flags are a list of the texts that are on.
using OptionValue = std::variant<Duration, int64_t, std::string, std::vector<int64_t>,
                                 std::vector<std::string>, std::map<std::string, ChangeKind>>;

// The kinds of values, with their bounds (both inclusive).
struct DurationKind {
  Duration least;
  Duration most;
};
struct IntegerKind {
  int64_t least;
  int64_t most;
};
struct SizeKind {  // bytes
  int64_t least;
  int64_t most;
};
struct TextKind {};    // 1 to kTextBytesMax bytes, no control characters
struct TenantKind {};  // as TextKind, or null; not the zero GUID; lower-cased
struct ChoiceKind {
  std::vector<std::string> choices;
};
struct ChoicesKind {  // one or more of `choices`
  std::vector<std::string> choices;
};
struct CodesKind {};       // one or more AADSTS codes
struct PrefixesKind {};    // texts, none of them empty; the list may be
struct OperationsKind {};  // operation name -> ChangeKind, added to the defaults
using OptionKind = std::variant<DurationKind, IntegerKind, SizeKind, TextKind, TenantKind,
                                ChoiceKind, ChoicesKind, CodesKind, PrefixesKind, OperationsKind>;

inline constexpr size_t kTextBytesMax = 200;
inline constexpr size_t kListEntriesMax = 1'000;
inline constexpr size_t kDetectorsMax = 64;

template <typename T>
struct Option {
  std::string key;  // without the section's name
  OptionKind kind;
  std::function<OptionValue(const T&)> get;
  std::function<void(T&, const OptionValue&)> set;
  std::string help;          // one or more sentences
  std::string default_text;  // for people, where the default is no fixed value; else empty
};

struct Section {
  std::string name;
  std::string help;
  std::vector<Option<Config>> options;  // empty for `detectors`, whose entries are DetectorOptions
};

// In the order in which they are documented.
[[nodiscard]] const std::vector<Section>& ConfigSections();
[[nodiscard]] const std::vector<Option<BurstRule>>& DetectorOptions();

// "a duration from 0s to 30d, such as 30m, ...": ends an error text, and is the documentation.
[[nodiscard]] std::string AllowedText(const OptionKind& kind);
// As YAML (flow style where it is a list).
[[nodiscard]] std::string ValueText(const OptionKind& kind, const OptionValue& value);

// The names of `operations` values, in the order of strength.
[[nodiscard]] std::vector<std::string> ChangeKindNames();

}  // namespace signinwatch

#endif  // SIGNINWATCH_DAEMON_CONFIG_OPTIONS_H_
