// As much of JSON schema as deploy/openapi.yaml uses, no more: a keyword that is not known here is
// an error, so that nothing in the document goes unchecked.
#ifndef SIGNINWATCH_TESTS_DAEMON_HTTP_JSON_SCHEMA_H_
#define SIGNINWATCH_TESTS_DAEMON_HTTP_JSON_SCHEMA_H_

#include <set>
#include <string>
#include <vector>

#include "nlohmann/json.hpp"

namespace signinwatch::http {

// The document, with YAML's plain words as JSON has them; aliases are written out.
[[nodiscard]] nlohmann::json ReadYaml(const std::string& text);

class SchemaCheck {
 public:
  explicit SchemaCheck(const nlohmann::json& document) : document_(document) {}

  // Adds what is wrong with `value`, and remembers which properties were seen to have a value.
  void Check(const nlohmann::json& schema, const nlohmann::json& value, const std::string& at);

  [[nodiscard]] const std::vector<std::string>& errors() const { return errors_; }
  // Properties of the schema that no value so far had: "Ticket.user_id".
  [[nodiscard]] std::vector<std::string> Unseen(const nlohmann::json& schema) const;
  // What `$ref` names, or the object itself.
  [[nodiscard]] const nlohmann::json& Resolve(const nlohmann::json& object) const;

 private:
  void CheckOneOf(const nlohmann::json& schemas, const nlohmann::json& value,
                  const std::string& at);
  void CheckType(const nlohmann::json& schema, const nlohmann::json& value, const std::string& at);
  void CheckObject(const nlohmann::json& schema, const nlohmann::json& value,
                   const std::string& at);
  void FindUnseen(const nlohmann::json& schema, const std::string& at,
                  std::vector<std::string>* unseen) const;

  const nlohmann::json& document_;
  std::vector<std::string> errors_;
  std::set<const nlohmann::json*> seen_;  // schemas of properties
};

}  // namespace signinwatch::http

#endif  // SIGNINWATCH_TESTS_DAEMON_HTTP_JSON_SCHEMA_H_
