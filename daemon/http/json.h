// JSON read and written for the API and the pages: nlohmann-json, which only daemon/http and tests
// include. Text that is no UTF-8 is mended when it is written, and a wrong type when it is read
// is as if the field were absent: what is in the store must not be able to break a page.
#ifndef SIGNINWATCH_DAEMON_HTTP_JSON_H_
#define SIGNINWATCH_DAEMON_HTTP_JSON_H_

#include <cstdint>
#include <string>

#include "nlohmann/json.hpp"

namespace signinwatch {

using Json = nlohmann::json;
using OrderedJson = nlohmann::ordered_json;

[[nodiscard]] std::string JsonText(const OrderedJson& json);

// null if it is not JSON.
[[nodiscard]] Json ReadJson(const std::string& text);

// Of a field of an object: empty, 0, false or an empty array where there is none such.
[[nodiscard]] std::string TextOf(const Json& object, const char* key);
[[nodiscard]] uint64_t NumberOf(const Json& object, const char* key);
[[nodiscard]] bool TruthOf(const Json& object, const char* key);
[[nodiscard]] const Json& ListOf(const Json& object, const char* key);
[[nodiscard]] const Json& ObjectOf(const Json& object, const char* key);

}  // namespace signinwatch

#endif  // SIGNINWATCH_DAEMON_HTTP_JSON_H_
