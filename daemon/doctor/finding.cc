#include "daemon/doctor/finding.h"

#include <algorithm>
#include <string_view>

#include "daemon/json/json_string.h"
#include "parser/harmful_characters.h"

namespace signinwatch::doctor {
namespace {

std::string Padded(std::string_view text, size_t columns) {
  std::string padded(text);
  padded.resize(std::max(columns, text.size() + 1), ' ');
  return padded;
}

}  // namespace

const char* VerdictName(Verdict verdict) {
  switch (verdict) {
    case Verdict::kOk:
      return "ok";
    case Verdict::kWarn:
      return "warn";
    case Verdict::kFail:
      return "fail";
    case Verdict::kSkip:
      return "skip";
  }
  return "fail";
}

std::string FindingText(const Finding& finding) {
  std::string text =
      Padded(VerdictName(finding.verdict), 6) + Padded(finding.check, 16) + finding.text;
  // What others say, such as a broker, may have several lines.
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
  return Harmless(text) + "\n";
}

std::string FindingJson(const Finding& finding) {
  std::string json = "{\"verdict\":\"";
  json.append(VerdictName(finding.verdict)).append("\",\"check\":");
  json::AppendJsonString(finding.check, &json);
  json += ",\"text\":";
  json::AppendJsonString(finding.text, &json);
  return json + "}\n";
}

}  // namespace signinwatch::doctor
