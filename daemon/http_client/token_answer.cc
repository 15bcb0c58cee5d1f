#include "daemon/http_client/token_answer.h"

#include <algorithm>
#include <optional>

#include "parser/json_escape.h"
#include "parser/json_walk.h"
#include "parser/structural_index.h"

namespace signinwatch::http_client {
namespace {

constexpr uint32_t kLevelsMax = 16;

std::string TextOf(const JsonView& view, std::string_view name) {
  const uint32_t value = FindMember(view, 0, name);
  std::string text;
  if (value == 0 || view.At(value) != '"') return text;
  AppendUnescaped(view.RawString(value), true, &text);
  return text;
}

// Entra's older endpoint and the metadata service write numbers as texts. 0: none, or below.
std::chrono::seconds SecondsOf(const JsonView& view, std::string_view name) {
  const uint32_t value = FindMember(view, 0, name);
  const std::optional<int64_t> seconds = value == 0 ? std::nullopt : ReadInteger(view, value);
  return std::chrono::seconds(seconds && *seconds > 0 ? *seconds : 0);
}

// An error's name as RFC 6749 has them, so that nothing else gets into a log.
std::string ErrorName(const std::string& text) {
  const bool plain = text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
                       return (c >= 'a' && c <= 'z') || c == '_';
                     });
  return plain ? text : "an error without a plain name";
}

// The first "AADSTS" with the digits behind it.
std::string EntraCode(std::string_view description) {
  constexpr std::string_view kPrefix = "AADSTS";
  const size_t start = description.find(kPrefix);
  if (start == std::string_view::npos) return {};
  size_t end = start + kPrefix.size();
  while (end < description.size() && description[end] >= '0' && description[end] <= '9') ++end;
  return std::string(description.substr(start, std::min<size_t>(end - start, 20)));
}

}  // namespace

TokenAnswer ParseTokenAnswer(std::string_view json) {
  TokenAnswer answer;
  StructuralIndex index;
  if (json.size() > StructuralIndex::kTextBytesMax) return answer;
  index.Build(json);
  const JsonView view(json, index);
  JsonWalker walker(kLevelsMax);
  if (!index.whole() || view.count == 0 || view.At(0) != '{') return answer;
  if (walker.SkipContainer(view, 0, 1) != view.count) return answer;
  answer.access_token = TextOf(view, "access_token");
  // Ten years: beyond, it is no span of seconds.
  if (const auto in = SecondsOf(view, "expires_in"); in < std::chrono::seconds(315'360'000)) {
    answer.expires_in = in;
  }
  // The year 2100.
  const auto on = SecondsOf(view, "expires_on");
  if (on.count() > 0 && on < std::chrono::seconds(4'102'444'800)) {
    answer.expires_on = std::chrono::sys_seconds(on);
  }
  if (const std::string error = TextOf(view, "error"); !error.empty()) {
    answer.error = ErrorName(error);
    answer.code = EntraCode(TextOf(view, "error_description"));
  }
  return answer;
}

}  // namespace signinwatch::http_client
