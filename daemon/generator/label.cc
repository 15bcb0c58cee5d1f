#include "daemon/generator/label.h"

#include <algorithm>

namespace signinwatch::generator {
namespace {

constexpr std::string_view kSeverities[] = {"info", "low", "medium", "high", "critical"};
constexpr int kCritical = 4;

int CauseLevel(std::string_view cause) {
  static constexpr std::string_view kLow[] = {"password_changed", "password_reset",
                                              "password_reset_by_admin", "password_synced"};
  if (std::find(std::begin(kLow), std::end(kLow), cause) != std::end(kLow)) return 1;
  return cause == "unexplained" ? 3 : 2;
}

void AppendMember(std::string_view key, std::string_view value, std::string* out) {
  *out += ",\"";
  *out += key;
  *out += "\":";
  if (value.empty()) {
    *out += "null";
    return;
  }
  *out += '"';
  *out += value;
  *out += '"';
}

void AppendNumber(std::string_view key, uint64_t value, std::string* out) {
  *out += ",\"";
  *out += key;
  *out += "\":";
  *out += std::to_string(value);
}

void AppendTime(std::string_view key, Ticks t, std::string* out) {
  char text[40];
  AppendMember(key, {text, static_cast<size_t>(WriteMicros(t, text) - text)}, out);
}

void AppendTexts(const std::vector<std::string_view>& texts, std::string* out) {
  for (size_t i = 0; i < texts.size(); ++i) {
    if (i > 0) *out += ',';
    *out += '"';
    *out += texts[i];
    *out += '"';
  }
}

void AppendFindings(const Label& label, std::string* out) {
  std::vector<std::string_view> findings;
  if (label.unfamiliar_source) findings.push_back("unfamiliar_source");
  if (label.persistent) findings.push_back("persistent");
  if (label.session_elsewhere) findings.push_back("session_elsewhere");
  if (label.risk_detected) findings.push_back("risk_detected");
  if (label.security_info_changed) findings.push_back("security_info_changed");
  AppendTexts(findings, out);
}

// How many of each list; a policy that blocks is one and the same for all failures.
void AppendContext(const Label& label, std::string* out) {
  *out += R"(,"context":{"mfa_methods":[)";
  AppendTexts(label.mfa_methods, out);
  *out += ']';
  AppendNumber("blocked", label.blocked, out);
  AppendNumber("failing_policies", label.blocked > 0 ? 1 : 0, out);
  AppendNumber("sessions_elsewhere", label.session_elsewhere ? 1 : 0, out);
  AppendNumber("risk_events", label.risk_events, out);
  AppendNumber("security_info_changes", label.security_info_changed ? 1 : 0, out);
  AppendNumber("policy_changes", label.policy_changes, out);
  *out += R"(,"home_tenant":)";
  *out += label.guest ? "true}" : "false}";
}

}  // namespace

std::string_view SeverityOf(const Label& label) {
  if (label.detector.empty()) return {};
  if (label.unfamiliar_source) return kSeverities[kCritical];
  constexpr int kRaisedMax = 2;  // by all findings together
  int level = 3;
  if (label.cause != "mixed")
    level = CauseLevel(label.cause) + (label.detector == kTenantDetector ? 1 : 0);
  level += std::min(label.persistent + label.session_elsewhere + label.risk_detected +
                        label.security_info_changed,
                    kRaisedMax);
  return kSeverities[std::min(level, kCritical)];
}

std::string LabelToJson(const Label& label) {
  std::string out = R"({"scenario":")";
  out += label.scenario;
  out += '"';
  AppendMember("detector", label.detector, &out);
  AppendMember("tenant_id", label.tenant_id, &out);
  AppendMember("user_id", label.user_id, &out);
  AppendMember("user_principal_name", label.user_principal_name, &out);
  AppendMember("cause", label.cause, &out);
  AppendMember("severity", SeverityOf(label), &out);
  out += R"(,"findings":[)";
  AppendFindings(label, &out);
  out += ']';
  AppendTime("first_event_time", label.first, &out);
  AppendTime("last_event_time", label.last, &out);
  AppendNumber("event_count", label.event_count, &out);
  AppendNumber("total_event_count", label.total_event_count, &out);
  AppendMember("resolution", label.detector.empty() ? std::string_view() : label.resolution, &out);
  AppendNumber("reopened", label.reopened, &out);
  out += R"(,"parent":)";
  out += label.parent ? "true" : "false";
  if (label.detector == kUserDetector) AppendContext(label, &out);
  return out + "}\n";
}

}  // namespace signinwatch::generator
