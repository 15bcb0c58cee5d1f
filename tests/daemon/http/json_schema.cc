#include "tests/daemon/http/json_schema.h"

#include <yaml-cpp/yaml.h>

#include "parser/event_time.h"

namespace signinwatch::http {
namespace {

using Json = nlohmann::json;

Json Scalar(const YAML::Node& node) {
  const std::string& text = node.Scalar();
  if (node.Tag() == "!") return text;  // in quotes
  if (text == "true" || text == "false") return text == "true";
  if (text == "null" || text == "~" || text.empty()) return nullptr;
  const Json number = Json::parse(text, nullptr, false);
  return number.is_number() ? number : Json(text);
}

Json Plain(const YAML::Node& node) {
  if (node.IsNull()) return nullptr;
  if (node.IsScalar()) return Scalar(node);
  Json plain = node.IsMap() ? Json::object() : Json::array();
  for (const auto& entry : node) {
    if (node.IsMap()) {
      plain[entry.first.Scalar()] = Plain(entry.second);
    } else {
      plain.push_back(Plain(entry));
    }
  }
  return plain;
}

bool HasType(const Json& value, const std::string& type) {
  if (type == "string") return value.is_string();
  if (type == "integer") return value.is_number_integer();
  if (type == "number") return value.is_number();
  if (type == "boolean") return value.is_boolean();
  if (type == "array") return value.is_array();
  return type == "object" && value.is_object();
}

const std::set<std::string>& Keywords() {
  static const std::set<std::string> keywords{"type",        "nullable", "enum",
                                              "minimum",     "maximum",  "maxLength",
                                              "default",     "items",    "additionalProperties",
                                              "format",      "required", "properties",
                                              "description", "oneOf"};
  return keywords;
}

}  // namespace

Json ReadYaml(const std::string& text) { return Plain(YAML::Load(text)); }

const Json& SchemaCheck::Resolve(const Json& object) const {
  if (!object.contains("$ref")) return object;
  const std::string reference = object["$ref"];
  return document_.at(Json::json_pointer(reference.substr(1)));
}

void SchemaCheck::Check(const Json& schema, const Json& value, const std::string& at) {
  const Json& plain = Resolve(schema);
  for (const auto& [keyword, unused] : plain.items()) {
    if (!Keywords().contains(keyword)) errors_.push_back(at + ": keyword " + keyword);
  }
  if (value.is_null() && plain.value("nullable", false)) return;
  if (plain.contains("oneOf")) return CheckOneOf(plain["oneOf"], value, at);
  CheckType(plain, value, at);
}

void SchemaCheck::CheckOneOf(const Json& schemas, const Json& value, const std::string& at) {
  std::vector<SchemaCheck> fitting;
  std::vector<std::string> errors;
  for (const Json& schema : schemas) {
    SchemaCheck trial(document_);
    trial.Check(schema, value, at);
    if (trial.errors().empty()) fitting.push_back(trial);
    errors.insert(errors.end(), trial.errors().begin(), trial.errors().end());
  }
  if (fitting.size() == 1) {
    seen_.insert(fitting.front().seen_.begin(), fitting.front().seen_.end());
    return;
  }
  errors_.push_back(at + ": " + std::to_string(fitting.size()) + " of oneOf fit");
  errors_.insert(errors_.end(), errors.begin(), errors.end());
}

void SchemaCheck::CheckType(const Json& schema, const Json& value, const std::string& at) {
  const std::string type = schema.at("type");
  if (!HasType(value, type)) {
    errors_.push_back(at + ": " + value.dump() + " is no " + type);
    return;
  }
  if (schema.contains("enum")) {
    const Json& words = schema["enum"];
    if (std::find(words.begin(), words.end(), value) == words.end()) {
      errors_.push_back(at + ": " + value.dump() + " is none of " + words.dump());
    }
  }
  if (schema.contains("minimum") && value < schema["minimum"]) {
    errors_.push_back(at + ": " + value.dump() + " is too small");
  }
  if (schema.value("format", "") == "date-time" && !ParseEventTime(value.get<std::string>())) {
    errors_.push_back(at + ": " + value.dump() + " is no time");
  }
  if (type == "array") {
    for (const Json& element : value) Check(schema.at("items"), element, at + "[]");
  }
  if (type == "object") CheckObject(schema, value, at);
}

void SchemaCheck::CheckObject(const Json& schema, const Json& value, const std::string& at) {
  for (const Json& name : schema.value("required", Json::array())) {
    if (!value.contains(name.get<std::string>())) {
      errors_.push_back(at + ": lacks " + name.get<std::string>());
    }
  }
  const Json properties = Json::object();
  const Json& known = schema.contains("properties") ? schema["properties"] : properties;
  // What is not said would allow anything.
  if (!schema.contains("additionalProperties")) errors_.push_back(at + ": no additionalProperties");
  const Json& others = schema.value("additionalProperties", Json(false)).is_object()
                           ? schema["additionalProperties"]
                           : properties;
  for (const auto& [name, field] : value.items()) {
    if (known.contains(name)) {
      if (!field.is_null()) seen_.insert(&known[name]);
      Check(known[name], field, at + "." + name);
    } else if (!others.empty()) {
      Check(others, field, at + "." + name);
    } else {
      errors_.push_back(at + ": does not know " + name);
    }
  }
}

std::vector<std::string> SchemaCheck::Unseen(const Json& schema) const {
  std::vector<std::string> unseen;
  FindUnseen(schema, "", &unseen);
  return unseen;
}

void SchemaCheck::FindUnseen(const Json& schema, const std::string& at,
                             std::vector<std::string>* unseen) const {
  const Json& plain = Resolve(schema);
  if (plain.contains("items")) FindUnseen(plain["items"], at + "[]", unseen);
  for (const Json& one : plain.value("oneOf", Json::array())) {
    FindUnseen(document_.at(Json::json_pointer(one.at("$ref").get<std::string>().substr(1))), at,
               unseen);
  }
  if (!plain.contains("properties")) return;
  for (const auto& [name, property] : plain["properties"].items()) {
    if (!seen_.contains(&property)) unseen->push_back(at + "." + name);
    FindUnseen(property, at + "." + name, unseen);
  }
}

}  // namespace signinwatch::http
