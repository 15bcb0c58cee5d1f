#include "tests/oracle/record_text.h"

#include <nlohmann/json.hpp>

#include "tests/oracle/oracle.h"
#include "tests/oracle/oracle_config.h"

namespace signinwatch::oracle {
namespace {

using Json = nlohmann::json;

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

void SetText(Json* object, const char* key, const std::string& text) {
  if (!text.empty()) (*object)[key] = text;
}

// One of the ways in which the method is written (SPEC 6.5, `mfa`).
void AddMfa(const PlainRecord& r, uint64_t variant, Json* p) {
  if (r.mfa_method.empty()) return;
  (*p)["authenticationRequirement"] = "multiFactorAuthentication";
  if (r.mfa_method == "satisfied by claim") return;
  if ((variant & 32) != 0) {
    (*p)["mfaDetail"] = {{"authMethod", r.mfa_method}};
    return;
  }
  (*p)["authenticationDetails"] =
      Json::array({{{"authenticationMethod", "Password"}, {"succeeded", true}},
                   {{"authenticationMethod", "Failed first"}, {"succeeded", false}},
                   {{"authenticationMethod", r.mfa_method}, {"succeeded", true}}});
}

void AddFailure(const PlainRecord& r, uint64_t variant, Json* p) {
  if (r.conditional_access == "not_applied") {
    (*p)["conditionalAccessStatus"] = "notApplied";
  } else if (r.conditional_access != "unknown" || (variant & 32) != 0) {
    SetText(p, "conditionalAccessStatus",
            (variant & 1) != 0 ? Upper(r.conditional_access) : r.conditional_access);
  }
  Json policies = Json::array();
  for (const std::string& name : r.failing_policies) {
    policies.push_back({{"id", "an id"}, {"displayName", name}, {"result", "failure"}});
    policies.push_back({{"id", "another"}, {"displayName", name + "?"}, {"result", "success"}});
  }
  if (!policies.empty()) (*p)["appliedConditionalAccessPolicies"] = policies;
  SetText(p, "incomingTokenType", r.token_type.empty() ? "none" : r.token_type);
  SetText(p, "sessionId", r.session_id);
  SetText(p, "riskLevelDuringSignIn", r.sign_in_risk.empty() ? "hidden" : r.sign_in_risk);
}

Json SigninProperties(const PlainRecord& r, uint64_t variant) {
  Json p;
  p["userId"] = (variant & 1) != 0 ? Upper(r.user_id) : r.user_id;
  SetText(&p, "userPrincipalName", r.user_principal_name);
  SetText(&p, "appId", r.app_id);
  SetText(&p, "appDisplayName", r.app_name);
  SetText(&p, "clientAppUsed", r.client_app);
  SetText(&p, "correlationId", r.correlation_id);
  SetText(&p, "userType", r.user_type);
  SetText(&p, "homeTenantId", (variant & 1) != 0 ? Upper(r.home_tenant) : r.home_tenant);
  p["isInteractive"] = r.interactive;
  p["deviceDetail"] = Json::object();
  SetText(&p["deviceDetail"], "deviceId", r.device_id);
  p["location"] = Json::object();
  SetText(&p["location"], "countryOrRegion", r.country);
  SetText(&p, "ipAddress", r.address);
  if ((variant & 2) != 0) p["status"] = {{"errorCode", *r.code}};
  if (*r.code == 0) {
    AddMfa(r, variant, &p);
  } else {
    AddFailure(r, variant, &p);
  }
  return p;
}

Json RiskProperties(const PlainRecord& r, uint64_t variant) {
  Json p;
  p["userId"] = (variant & 1) != 0 ? Upper(r.user_id) : r.user_id;
  SetText(&p, "userPrincipalName", r.user_principal_name);
  SetText(&p, "riskEventType", r.risk_type);
  SetText(&p, "riskLevel", r.risk_level);
  SetText(&p, "riskState", r.risk_state);
  p["lastUpdatedDateTime"] = TimeText(r.risk_updated_us, (variant & 2) != 0);
  return p;
}

Json AuditProperties(const PlainRecord& r, uint64_t variant) {
  Json p;
  p["result"] = r.success ? "success" : "failure";
  SetText(&p, "activityDisplayName", r.operation);
  Json target = {{"type", "User"}};
  target["id"] = (variant & 1) != 0 ? Upper(r.user_id) : r.user_id;
  SetText(&target, "userPrincipalName", r.user_principal_name);
  Json first = {{"type", "Group"}, {"id", "g1"}};
  SetText(&first, "displayName", r.target_name);
  p["targetResources"] = Json::array({first});
  if (!r.user_id.empty() || !r.user_principal_name.empty()) p["targetResources"].push_back(target);
  const PlainActor& a = r.actor;
  Json user = Json::object();
  SetText(&user, "userPrincipalName", a.user_principal_name);
  SetText(&user, "id", a.user_id);
  Json app = Json::object();
  SetText(&app, "displayName", a.app_display_name);
  SetText(&app, "servicePrincipalName", a.service_principal_name);
  SetText(&app, "servicePrincipalId", a.service_principal_id);
  SetText(&app, "appId", a.app_id);
  p["initiatedBy"] = Json::object();
  if (!user.empty()) p["initiatedBy"]["user"] = user;
  if (!app.empty()) p["initiatedBy"]["app"] = app;
  return p;
}

}  // namespace

std::string RecordText(const PlainRecord& r, uint64_t variant) {
  Json record;
  // The export time: later than the event, and another one for each copy.
  record["time"] = TimeText(r.time_us + static_cast<int64_t>(variant % 977) * kSecondUs, false);
  record["category"] = (variant & 4) != 0 ? Upper(r.category) : r.category;
  record["tenantId"] = (variant & 8) != 0 ? Upper(r.tenant) : r.tenant;
  Json& properties = record["properties"];
  if (r.is_audit()) {
    record["operationName"] = r.operation;
    properties = AuditProperties(r, variant);
    properties["activityDateTime"] = TimeText(r.time_us, (variant & 16) != 0);
  } else if (r.is_risk_event()) {
    record["operationName"] = "User Risk Detection";
    properties = RiskProperties(r, variant);
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
