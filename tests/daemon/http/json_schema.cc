#include "tests/daemon/http/json_schema.h"

#include <yaml-cpp/yaml.h>

#include "parser/event_time.h"

namespace signinwatch {
namespace {

using nlohmann::json;

json Scalar(const YAML::Node& node) {
  const std::string& text = node.Scalar();
  if (node.Tag() == "!") return text;  // in quotes
  if (text == "true" || text == "false") return text == "true";
  if (text == "null" || text == "~" || text.empty()) return nullptr;
  const json number = json::parse(text, nullptr, false);
  return number.is_number() ? number : json(text);
}

json Plain(const YAML::Node& node) {
  if (node.IsNull()) return nullptr;
  if (node.IsScalar()) return Scalar(node);
  json plain = node.IsMap() ? json::object() : json::array();
  for (const auto& entry : node) {
    if (node.IsMap()) {
      plain[entry.first.Scalar()] = Plain(entry.second);
    } else {
      plain.push_back(Plain(entry));
    }
  }
  return plain;
}

bool HasType(const json& value, const std::string& type) {
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

json ReadYaml(const std::string& text) { return Plain(YAML::Load(text)); }

const json& SchemaCheck::Resolve(const json& object) const {
  if (!object.contains("$ref")) return object;
  const std::string reference = object["$ref"];
  return document_.at(json::json_pointer(reference.substr(1)));
}

void SchemaCheck::Check(const json& schema, const json& value, const std::string& at) {
  const json& plain = Resolve(schema);
  for (const auto& [keyword, unused] : plain.items()) {
    if (!Keywords().contains(keyword)) errors_.push_back(at + ": keyword " + keyword);
  }
  if (value.is_null() && plain.value("nullable", false)) return;
  if (plain.contains("oneOf")) return CheckOneOf(plain["oneOf"], value, at);
  CheckType(plain, value, at);
}

void SchemaCheck::CheckOneOf(const json& schemas, const json& value, const std::string& at) {
  std::vector<SchemaCheck> fitting;
  std::vector<std::string> errors;
  for (const json& schema : schemas) {
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

void SchemaCheck::CheckType(const json& schema, const json& value, const std::string& at) {
  const std::string type = schema.at("type");
  if (!HasType(value, type)) {
    errors_.push_back(at + ": " + value.dump() + " is no " + type);
    return;
  }
  if (schema.contains("enum")) {
    const json& words = schema["enum"];
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
    for (const json& element : value) Check(schema.at("items"), element, at + "[]");
  }
  if (type == "object") CheckObject(schema, value, at);
}

void SchemaCheck::CheckObject(const json& schema, const json& value, const std::string& at) {
  for (const json& name : schema.value("required", json::array())) {
    if (!value.contains(name.get<std::string>())) {
      errors_.push_back(at + ": lacks " + name.get<std::string>());
    }
  }
  const json properties = json::object();
  const json& known = schema.contains("properties") ? schema["properties"] : properties;
  // What is not said would allow anything.
  if (!schema.contains("additionalProperties")) errors_.push_back(at + ": no additionalProperties");
  const json& others = schema.value("additionalProperties", json(false)).is_object()
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

std::vector<std::string> SchemaCheck::Unseen(const json& schema) const {
  std::vector<std::string> unseen;
  FindUnseen(schema, "", &unseen);
  return unseen;
}

void SchemaCheck::FindUnseen(const json& schema, const std::string& at,
                             std::vector<std::string>* unseen) const {
  const json& plain = Resolve(schema);
  if (plain.contains("items")) FindUnseen(plain["items"], at + "[]", unseen);
  for (const json& one : plain.value("oneOf", json::array())) {
    FindUnseen(document_.at(json::json_pointer(one.at("$ref").get<std::string>().substr(1))), at,
               unseen);
  }
  if (!plain.contains("properties")) return;
  for (const auto& [name, property] : plain["properties"].items()) {
    if (!seen_.contains(&property)) unseen->push_back(at + "." + name);
    FindUnseen(property, at + "." + name, unseen);
  }
}

}  // namespace signinwatch
