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

}  // namespace

std::string_view SeverityOf(const Label& label) {
  if (label.detector.empty()) return {};
  if (label.unfamiliar_source) return kSeverities[kCritical];
  int level = 3;
  if (label.cause != "mixed")
    level = CauseLevel(label.cause) + (label.detector == kTenantDetector ? 1 : 0);
  if (label.persistent) ++level;
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
  if (label.unfamiliar_source) out += R"("unfamiliar_source")";
  if (label.unfamiliar_source && label.persistent) out += ',';
  if (label.persistent) out += R"("persistent")";
  out += ']';
  AppendTime("first_event_time", label.first, &out);
  AppendTime("last_event_time", label.last, &out);
  AppendNumber("event_count", label.event_count, &out);
  AppendNumber("total_event_count", label.total_event_count, &out);
  AppendMember("resolution", label.detector.empty() ? std::string_view() : label.resolution, &out);
  AppendNumber("reopened", label.reopened, &out);
  out += R"(,"parent":)";
  out += label.parent ? "true}\n" : "false}\n";
  return out;
}

}  // namespace signinwatch::generator
