// Records in the shapes that Entra exports, of invented people, for the parser's tests.
#ifndef SIGNINWATCH_TESTS_PARSER_ENTRA_JSON_H_
#define SIGNINWATCH_TESTS_PARSER_ENTRA_JSON_H_

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "parser/message_parser.h"

namespace signinwatch {

// The members of one object as they are written, in order; the values are JSON.
class Members {
 public:
  Members() = default;
  Members(std::initializer_list<std::pair<std::string, std::string>> members) : members_(members) {}

  // Replaces the value, or adds the member at the end.
  Members& Set(std::string_view key, std::string_view json);
  Members& Add(std::string_view key, std::string_view json);
  Members& Remove(std::string_view key);
  [[nodiscard]] std::string Json() const;
  [[nodiscard]] std::string ReversedJson() const;

 private:
  std::vector<std::pair<std::string, std::string>> members_;
};

inline constexpr char kTenantGuid[] = "3c0e9a51-7f2d-4d1b-9a44-5b8f0a6c2d10";
inline constexpr char kUserGuid[] = "b7a1f0c2-93de-4c55-8e1a-2f6d4b9c7e01";

// A record without `properties`, and what goes into them.
struct RecordParts {
  Members record;
  Members properties;
  // With `properties` at the end; reversed: with every object's members in reverse.
  [[nodiscard]] std::string Json() const;
  [[nodiscard]] std::string ReversedJson() const;
};

[[nodiscard]] RecordParts SignInParts();
[[nodiscard]] RecordParts AuditParts();
// As Graph lists them.
[[nodiscard]] Members GraphSignIn();
[[nodiscard]] Members GraphAudit();

[[nodiscard]] std::string Quoted(std::string_view text);  // as a JSON string
[[nodiscard]] std::string Batch(const std::vector<std::string>& records);

// Parses with the reference time 2030 and the default tenant kTenantGuid.
[[nodiscard]] ParsedMessage ParseMessage(std::string_view message);

}  // namespace signinwatch

#endif  // SIGNINWATCH_TESTS_PARSER_ENTRA_JSON_H_
