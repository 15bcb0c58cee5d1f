// The kinds of values that options have, with their bounds: what is allowed, and how a value is
// written.
#ifndef SIGNINWATCH_DAEMON_CONFIG_OPTION_KINDS_H_
#define SIGNINWATCH_DAEMON_CONFIG_OPTION_KINDS_H_

#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "daemon/config/option_value.h"
#include "daemon/config/serve_config.h"
#include "daemon/config/text_forms.h"
#include "detectors/config.h"

namespace signinwatch::config {

// Bounds are inclusive.
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
struct RealKind {
  double least;
  double most;
};
struct YesNoKind {};
struct TextKind {};    // 1 to kTextBytesMax bytes, no control characters
struct TenantKind {};  // as TextKind, or null; not the zero GUID; lower-cased
struct FormKind {
  TextForm form;
};
struct SecretKind {};  // where a secret is
struct ChoiceKind {
  std::vector<std::string> choices;
};
struct ChoicesKind {  // one or more of `choices`
  std::vector<std::string> choices;
};
struct CodesKind {};         // one or more AADSTS codes
struct PrefixesKind {};      // texts, none of them empty; the list may be
struct HostsKind {};         // names of hosts; the list may be empty
struct TopicsKind {};        // one or more topics, each once
struct UrlsKind {};          // one or more URLs, each once
struct OperationsKind {};    // operation name -> ChangeKind, added to the defaults
struct KafkaOptionsKind {};  // name -> value, both librdkafka's; some are refused
// Names of fields of a ticket elsewhere -> the JSON of their values.
struct FieldsKind {
  bool texts = false;  // values are texts alone, whatever they look like
};
using OptionKind =
    std::variant<DurationKind, IntegerKind, SizeKind, RealKind, YesNoKind, TextKind, TenantKind,
                 FormKind, SecretKind, ChoiceKind, ChoicesKind, CodesKind, PrefixesKind, HostsKind,
                 TopicsKind, UrlsKind, OperationsKind, KafkaOptionsKind, FieldsKind>;

inline constexpr size_t kTextBytesMax = 200;
inline constexpr size_t kListEntriesMax = 1'000;

// "a duration from 0s to 30d, such as 30m, ...": ends an error text, and is the documentation.
[[nodiscard]] std::string AllowedText(const OptionKind& kind);
// As YAML (flow style where it is a list). What is empty is null.
[[nodiscard]] std::string ValueText(const OptionKind& kind, const OptionValue& value);

// The names of `operations` values, in the order of strength; `ignore` is the last.
[[nodiscard]] std::vector<std::string> ChangeKindNames();

[[nodiscard]] std::string JoinTexts(const std::vector<std::string>& texts);  // "a, b"

}  // namespace signinwatch::config

#endif  // SIGNINWATCH_DAEMON_CONFIG_OPTION_KINDS_H_
