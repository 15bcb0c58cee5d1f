// Options whose values are checked as they are read: bad ones are bad usage that says what is
// allowed.
#ifndef SIGNINWATCH_DAEMON_CLI_OPTION_VALUES_H_
#define SIGNINWATCH_DAEMON_CLI_OPTION_VALUES_H_

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "daemon/config/quantities.h"
#include "parser/event_time.h"

namespace signinwatch::cli {

inline constexpr const char* kTimeAllowed =
    "a time such as 2026-11-24T09:00:00Z, 2026-11-24 9:00:00.5+01:00 or 11/24/2026 9:00:00 AM, "
    "from the year 2000 on (UTC where no zone is given)";
inline constexpr const char* kDurationAllowed = "a duration such as 30m, 24h, 30d or 1h30m";
inline constexpr const char* kSizeAllowed = "a size such as 64KiB, 16MiB, 1GB or a number of bytes";
inline constexpr const char* kPathAllowed = "a path";

inline std::optional<std::string> ParseText(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

// An option whose text `parse` turns into a value; nullopt from it is bad usage that names what is
// allowed.
template <typename Parse, typename Target>
CLI::Option* AddParsed(CLI::App* app, const std::string& name, const std::string& type,
                       const std::string& help, const std::string& allowed, Parse parse,
                       Target* target) {
  return app
      ->add_option_function<std::string>(
          name,
          [name, allowed, parse, target](const std::string& text) {
            auto value = parse(text);
            if (!value) {
              throw CLI::ValidationError(name,
                                         "'" + text + "' cannot be used, allowed: " + allowed);
            }
            *target = *std::move(value);
          },
          help)
      ->type_name(type);
}

template <typename Integer>
CLI::Option* AddInteger(CLI::App* app, const std::string& name, const std::string& help,
                        int64_t least, int64_t most, Integer* target) {
  const auto parse = [least, most](const std::string& text) -> std::optional<Integer> {
    const auto value = config::ParseInteger(text);
    if (!value || *value < least || *value > most) return std::nullopt;
    return static_cast<Integer>(*value);
  };
  return AddParsed(app, name, "N", help,
                   "a whole number from " + std::to_string(least) + " to " + std::to_string(most),
                   parse, target);
}

// As AddParsed, of a text that must be one of `choices`.
template <typename Target, typename Convert>
CLI::Option* AddChoice(CLI::App* app, const std::string& name, const std::string& help,
                       const std::vector<std::string>& choices, Convert convert, Target* target) {
  std::string type;
  for (const std::string& choice : choices) type += (type.empty() ? "" : "|") + choice;
  const auto parse = [choices, convert](const std::string& text) -> std::optional<Target> {
    if (std::find(choices.begin(), choices.end(), text) == choices.end()) return std::nullopt;
    return convert(text);
  };
  return AddParsed(app, name, type, help, "one of " + type, parse, target);
}

}  // namespace signinwatch::cli

#endif  // SIGNINWATCH_DAEMON_CLI_OPTION_VALUES_H_
