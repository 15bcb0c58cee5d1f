#include "daemon/json/dead_letter.h"

#include "absl/strings/escaping.h"
#include "daemon/json/json_string.h"

namespace signinwatch::json {

void AppendDeadLetterLine(const DeadLetter& letter, std::string* out) {
  *out += "{\"reason\":";
  AppendJsonString(letter.reason, out);
  *out += ",\"detail\":";
  AppendJsonString(letter.detail, out);
  *out += ",\"source\":";
  AppendJsonString(letter.source, out);
  *out += ",\"partition\":" + std::to_string(letter.partition);
  *out += ",\"position\":" + std::to_string(letter.position);
  *out += ",\"payload_base64\":\"";
  *out += absl::Base64Escape(absl::string_view(letter.payload.data(), letter.payload.size()));
  *out += "\"}\n";
}

}  // namespace signinwatch::json
