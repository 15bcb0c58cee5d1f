// The readable value of a field of a JSON object: nullopt, empty or null where it is as if absent
// (SPEC 3.2). `object` may be null, as may what ObjectIn and ArrayIn give.
#ifndef SIGNINWATCH_TESTS_ORACLE_JSON_FIELDS_H_
#define SIGNINWATCH_TESTS_ORACLE_JSON_FIELDS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tests/oracle/json_reader.h"
#include "tests/oracle/lower.h"

namespace signinwatch::oracle {

inline constexpr std::string_view kZeroGuid = "00000000-0000-0000-0000-000000000000";

[[nodiscard]] bool EqualsWithoutCase(std::string_view a, std::string_view b);

[[nodiscard]] bool Has(const JsonValue& object, std::string_view key);
[[nodiscard]] const JsonValue* FindWithoutCase(const JsonValue& object, std::string_view key);
[[nodiscard]] const JsonValue* ObjectIn(const JsonValue* object, std::string_view key);
[[nodiscard]] const JsonValue* ArrayIn(const JsonValue* object, std::string_view key);

[[nodiscard]] std::string TextIn(const JsonValue* object, std::string_view key);
// What is kept of a text that is only shown: its first 1,024 bytes, cut at a character.
[[nodiscard]] std::string Shown(std::string text);
[[nodiscard]] std::string ShownIn(const JsonValue* object, std::string_view key);
[[nodiscard]] std::string IdIn(const JsonValue* object, std::string_view key);
[[nodiscard]] std::optional<int64_t> TimeIn(const JsonValue* object, std::string_view key);

// Digits with an optional minus, as far as 64 bits go.
[[nodiscard]] std::optional<int64_t> ReadInteger(std::string_view text);
// An integer, or a text of one.
[[nodiscard]] std::optional<int64_t> CodeIn(const JsonValue* object, std::string_view key);

}  // namespace signinwatch::oracle

#endif  // SIGNINWATCH_TESTS_ORACLE_JSON_FIELDS_H_
