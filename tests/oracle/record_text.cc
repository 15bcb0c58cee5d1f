#include "tests/oracle/record_text.h"

#include <nlohmann/json.hpp>

#include "tests/oracle/oracle.h"
#include "tests/oracle/oracle_config.h"

namespace signinwatch::oracle {
namespace {

using nlohmann::json;

std::string Upper(std::string text) {
  for (char& c : text) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return text;
}

// 2026-11-24T09:00:00.1234560Z, or with the trailing zeros trimmed and an offset, as
// createdDateTime often is.
std::string TimeText(int64_t time_us, bool trimmed) {
  std::string text = FormatTime(time_us);
  text.pop_back();
  if (!trimmed) return text + "0Z";
  while (text.back() == '0') text.pop_back();
  if (text.back() == '.') text.pop_back();
  return text + "+00:00";
}

void SetText(json* object, const char* key, const std::string& text) {
  if (!text.empty()) (*object)[key] = text;
}

json SigninProperties(const PlainRecord& r, uint64_t variant) {
  json p;
  p["userId"] = (variant & 1) != 0 ? Upper(r.user_id) : r.user_id;
  SetText(&p, "userPrincipalName", r.user_principal_name);
  SetText(&p, "appId", r.app_id);
  SetText(&p, "appDisplayName", r.app_name);
  SetText(&p, "clientAppUsed", r.client_app);
  SetText(&p, "correlationId", r.correlation_id);
  SetText(&p, "userType", r.user_type);
  SetText(&p, "homeTenantId", (variant & 1) != 0 ? Upper(r.home_tenant) : r.home_tenant);
  p["isInteractive"] = r.interactive;
  p["deviceDetail"] = json::object();
  SetText(&p["deviceDetail"], "deviceId", r.device_id);
  p["location"] = json::object();
  SetText(&p["location"], "countryOrRegion", r.country);
  SetText(&p, "ipAddress", r.address);
  if ((variant & 2) != 0) p["status"] = {{"errorCode", *r.code}};
  return p;
}

json AuditProperties(const PlainRecord& r, uint64_t variant) {
  json p;
  p["result"] = r.success ? "success" : "failure";
  SetText(&p, "activityDisplayName", r.operation);
  json target = {{"type", "User"}};
  target["id"] = (variant & 1) != 0 ? Upper(r.user_id) : r.user_id;
  SetText(&target, "userPrincipalName", r.user_principal_name);
  p["targetResources"] = json::array({{{"type", "Group"}, {"id", "g1"}}, target});
  const PlainActor& a = r.actor;
  json user = json::object();
  SetText(&user, "userPrincipalName", a.user_principal_name);
  SetText(&user, "id", a.user_id);
  json app = json::object();
  SetText(&app, "displayName", a.app_display_name);
  SetText(&app, "servicePrincipalName", a.service_principal_name);
  SetText(&app, "servicePrincipalId", a.service_principal_id);
  SetText(&app, "appId", a.app_id);
  p["initiatedBy"] = json::object();
  if (!user.empty()) p["initiatedBy"]["user"] = user;
  if (!app.empty()) p["initiatedBy"]["app"] = app;
  return p;
}

}  // namespace

std::string RecordText(const PlainRecord& r, uint64_t variant) {
  json record;
  // The export time: later than the event, and another one for each copy.
  record["time"] = TimeText(r.time_us + static_cast<int64_t>(variant % 977) * kSecondUs, false);
  record["category"] = (variant & 4) != 0 ? Upper(r.category) : r.category;
  record["tenantId"] = (variant & 8) != 0 ? Upper(r.tenant) : r.tenant;
  json& properties = record["properties"];
  if (r.is_audit()) {
    record["operationName"] = r.operation;
    properties = AuditProperties(r, variant);
    properties["activityDateTime"] = TimeText(r.time_us, (variant & 16) != 0);
  } else {
    record["operationName"] = "Sign-in activity";
    record["resultType"] = std::to_string(*r.code);
    properties = SigninProperties(r, variant);
    properties["createdDateTime"] = TimeText(r.time_us, (variant & 16) != 0);
  }
  SetText(&properties, "id", r.id);
  return record.dump();
}

}  // namespace signinwatch::oracle
