// Writes rows of the option table (options.h): an option and the field that it is stored in.
#ifndef SIGNINWATCH_DAEMON_CONFIG_STORED_OPTION_H_
#define SIGNINWATCH_DAEMON_CONFIG_STORED_OPTION_H_

#include <concepts>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "daemon/config/options.h"

namespace signinwatch::config {

// An option that is stored in the field that `field` gives a reference to. V is the alternative of
// OptionValue that carries it.
template <typename V, typename T, typename Field>
Option<T> Stored(std::string key, OptionKind kind, Field field, std::string help,
                 std::string default_text = {}) {
  return {.key = std::move(key),
          .kind = std::move(kind),
          .get = [field](const T& from) { return OptionValue(static_cast<V>(field(from))); },
          .set =
              [field](T& to, const OptionValue& value) {
                using Target = std::remove_reference_t<decltype(field(to))>;
                field(to) = static_cast<Target>(std::get<V>(value));
              },
          .help = std::move(help),
          .default_text = std::move(default_text)};
}

// The alternative of OptionValue that carries a field of this type.
template <typename Field>
using CarrierOf =
    std::conditional_t<std::integral<Field> && !std::same_as<Field, bool>, int64_t, Field>;

// An option that is stored in a member.
template <typename T, typename Field>
Option<T> StoredIn(std::string key, OptionKind kind, Field T::*member, std::string help) {
  return Stored<CarrierOf<Field>, T>(
      std::move(key), std::move(kind), [member](auto& of) -> auto& { return of.*member; },
      std::move(help));
}

// A choice by name, stored as an enumerator.
template <typename T, typename Enum>
Option<T> ChoiceIn(std::string key, std::vector<std::pair<std::string, Enum>> choices,
                   Enum T::*member, std::string help) {
  ChoiceKind kind;
  for (const auto& [name, value] : choices) kind.choices.push_back(name);
  return {.key = std::move(key),
          .kind = std::move(kind),
          .get =
              [choices, member](const T& from) {
                for (const auto& [name, value] : choices) {
                  if (value == from.*member) return OptionValue(name);
                }
                return OptionValue(std::string());
              },
          .set =
              [choices, member](T& to, const OptionValue& value) {
                for (const auto& [name, enumerator] : choices) {
                  if (name == std::get<std::string>(value)) to.*member = enumerator;
                }
              },
          .help = std::move(help),
          .default_text = {}};
}

// An option of one type of sink, kept by its key (SinkConfig::settings); V as above.
template <typename V>
Option<SinkConfig> Setting(std::string key, OptionKind kind, V standard, std::string help) {
  return {.key = key,
          .kind = std::move(kind),
          .get =
              [key, standard = std::move(standard)](const SinkConfig& sink) {
                // Another type may have the key with values of another kind.
                const auto given = sink.settings.find(key);
                return given != sink.settings.end() && std::holds_alternative<V>(given->second)
                           ? given->second
                           : OptionValue(standard);
              },
          .set = [key](SinkConfig& sink,
                       const OptionValue& value) { sink.settings.insert_or_assign(key, value); },
          .help = std::move(help),
          .default_text = {}};
}

// An option that is not set by default.
template <typename T>
Option<T> Unset(Option<T> option, std::string example) {
  option.example = std::move(example);
  option.nullable = true;
  return option;
}

template <typename T>
Option<T> MustBeGiven(Option<T> option, std::string example) {
  option.default_text = "none: must be given";
  option.example = std::move(example);
  return option;
}

template <typename T>
void Append(std::vector<Option<T>>* options, std::vector<Option<T>> more) {
  for (Option<T>& option : more) options->push_back(std::move(option));
}

// The same options of what is within T, where `reach` gives a reference to it.
template <typename T, typename Inner, typename Reach>
std::vector<Option<T>> Within(const std::vector<Option<Inner>>& options, Reach reach) {
  std::vector<Option<T>> reached;
  for (const Option<Inner>& option : options) {
    reached.push_back({.key = option.key,
                       .kind = option.kind,
                       .get = [get = option.get, reach](const T& of) { return get(reach(of)); },
                       .set = [set = option.set, reach](
                                  T& of, const OptionValue& value) { set(reach(of), value); },
                       .help = option.help,
                       .default_text = option.default_text,
                       .example = option.example,
                       .nullable = option.nullable,
                       .of_cluster = option.of_cluster,
                       .types = option.types});
  }
  return reached;
}

}  // namespace signinwatch::config

#endif  // SIGNINWATCH_DAEMON_CONFIG_STORED_OPTION_H_
