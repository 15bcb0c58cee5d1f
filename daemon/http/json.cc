#include "daemon/http/json.h"

#include "parser/harmful_characters.h"

namespace signinwatch {
namespace {

// nullptr: absent, or no object.
const Json* FieldOf(const Json& object, const char* key) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(key);
  return found == object.end() ? nullptr : &*found;
}

}  // namespace

std::string JsonText(const OrderedJson& json) {
  return EscapeHarmfulInJson(json.dump(-1, ' ', false, OrderedJson::error_handler_t::replace));
}

Json ReadJson(const std::string& text) {
  constexpr bool kNoExceptions = false;
  Json json = Json::parse(text, nullptr, kNoExceptions);
  return json.is_discarded() ? Json() : json;
}

std::string TextOf(const Json& object, const char* key) {
  const Json* field = FieldOf(object, key);
  return field != nullptr && field->is_string() ? field->get<std::string>() : std::string();
}

uint64_t NumberOf(const Json& object, const char* key) {
  const Json* field = FieldOf(object, key);
  return field != nullptr && field->is_number_unsigned() ? field->get<uint64_t>() : 0;
}

bool TruthOf(const Json& object, const char* key) {
  const Json* field = FieldOf(object, key);
  return field != nullptr && field->is_boolean() && field->get<bool>();
}

const Json& ListOf(const Json& object, const char* key) {
  static const Json empty = Json::array();
  const Json* field = FieldOf(object, key);
  return field != nullptr && field->is_array() ? *field : empty;
}

const Json& ObjectOf(const Json& object, const char* key) {
  static const Json empty = Json::object();
  const Json* field = FieldOf(object, key);
  return field != nullptr && field->is_object() ? *field : empty;
}

}  // namespace signinwatch
