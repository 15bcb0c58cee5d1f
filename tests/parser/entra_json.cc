#include "tests/parser/entra_json.h"

#include <algorithm>

namespace signinwatch {
namespace {

template <typename Iterator>
std::string Write(Iterator begin, Iterator end) {
  std::string json = "{";
  for (Iterator member = begin; member != end; ++member) {
    if (member != begin) json += ",";
    json += "\"" + member->first + "\":" + member->second;
  }
  return json + "}";
}

}  // namespace

Members& Members::Set(std::string_view key, std::string_view json) {
  for (auto& member : members_) {
    if (member.first == key) {
      member.second = json;
      return *this;
    }
  }
  return Add(key, json);
}

Members& Members::Add(std::string_view key, std::string_view json) {
  members_.emplace_back(key, json);
  return *this;
}

Members& Members::Remove(std::string_view key) {
  std::erase_if(members_, [key](const auto& member) { return member.first == key; });
  return *this;
}

std::string Members::Json() const { return Write(members_.begin(), members_.end()); }
std::string Members::ReversedJson() const { return Write(members_.rbegin(), members_.rend()); }

std::string RecordParts::Json() const {
  return Members(record).Add("properties", properties.Json()).Json();
}
std::string RecordParts::ReversedJson() const {
  return Members(record).Add("properties", properties.ReversedJson()).ReversedJson();
}

RecordParts SignInParts() {
  return {
      {
          {"time", R"("2026-11-24T09:02:10.1234567Z")"},
          {"resourceId",
           R"("/tenants/3c0e9a51-7f2d-4d1b-9a44-5b8f0a6c2d10/providers/Microsoft.aadiam")"},
          {"operationName", R"("Sign-in activity")"},
          {"operationVersion", R"("1.0")"},
          {"category", R"("SignInLogs")"},
          {"tenantId", R"("3c0e9a51-7f2d-4d1b-9a44-5b8f0a6c2d10")"},
          {"resultType", R"("50132")"},
          {"resultSignature", R"("None")"},
          {"resultDescription", R"("The session isn't valid.")"},
          {"durationMs", "0"},
          {"callerIpAddress", R"("192.0.2.7")"},
          {"correlationId", R"("5b0e4f1c-6d2a-4a3e-8c77-90d1e2f3a4b5")"},
          {"identity", R"("Vera Muster")"},
          {"Level", "4"},
          {"location", R"("DE")"},
      },
      {
          {"id", R"("e1d2c3b4-a596-8778-695a-4b3c2d1e0f00")"},
          {"createdDateTime", R"("2026-11-24T09:00:00.1234567+00:00")"},
          {"userDisplayName", R"("Vera Muster")"},
          {"userPrincipalName", R"("Vera.Muster@example.com")"},
          {"userId", R"("b7a1f0c2-93de-4c55-8e1a-2f6d4b9c7e01")"},
          {"appId", R"("1950a258-227b-4e31-a9cf-717495945fc2")"},
          {"appDisplayName", R"("Mail Client")"},
          {"ipAddress", R"("198.51.100.20")"},
          {"status", R"({"errorCode":50132,"failureReason":"Other."})"},
          {"clientAppUsed", R"("Browser")"},
          {"deviceDetail",
           R"({"deviceId":"d0a1b2c3-0000-4111-8222-933344445555","browser":"Edge"})"},
          {"location", R"({"city":"Ulm","countryOrRegion":"DE",)"
                       R"("geoCoordinates":{"latitude":48.4,"longitude":-9.9}})"},
          {"mfaDetail", "{}"},
          {"correlationId", R"("6c1f5a2d-7e3b-4b4f-9d88-a1e2f3b4c5d6")"},
          {"appliedConditionalAccessPolicies", R"([{"id":"x","result":"notApplied","list":[]}])"},
          {"isInteractive", "true"},
          {"riskEventTypes", "[]"},
      }};
}

RecordParts AuditParts() {
  return {
      {
          {"time", R"("2026-11-24T08:30:00.5000000Z")"},
          {"operationName", R"j("Reset password (by admin)")j"},
          {"category", R"("AuditLogs")"},
          {"tenantId", R"("3c0e9a51-7f2d-4d1b-9a44-5b8f0a6c2d10")"},
          {"resultSignature", R"("None")"},
          {"callerIpAddress", R"("<null>")"},
          {"level", R"("Informational")"},
      },
      {
          {"id", R"("SSPR_6c1f5a2d_ABCDE_77")"},
          {"category", R"("UserManagement")"},
          {"result", R"("success")"},
          {"activityDisplayName", R"j("Reset password (by admin)")j"},
          {"activityDateTime", R"("2026-11-24T08:30:00.5+00:00")"},
          {"initiatedBy",
           R"({"user":{"id":"aaaaaaaa-1111-4222-8333-444455556666","displayName":null,)"
           R"("userPrincipalName":"Helpdesk@example.com"}})"},
          {"targetResources", R"([{"id":"c0ffee00-1111-4222-8333-444455556666","type":"Group"},)"
                              R"({"id":"B7A1F0C2-93DE-4C55-8E1A-2F6D4B9C7E01","displayName":null,)"
                              R"("type":"User","userPrincipalName":"Vera.Muster@example.com",)"
                              R"("modifiedProperties":[{"oldValue":null}]}])"},
          {"additionalDetails", "[]"},
      }};
}

Members GraphSignIn() {
  return SignInParts().properties.Set("createdDateTime", R"("2026-11-24T09:00:00Z")");
}

Members GraphAudit() {
  return AuditParts().properties.Set("activityDateTime", R"("2026-11-24T08:30:00.5Z")");
}

std::string Quoted(std::string_view text) {
  std::string json = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') json.push_back('\\');
    json.push_back(c);
  }
  return json + "\"";
}

std::string Batch(const std::vector<std::string>& records) {
  std::string json = "{\"records\":[";
  for (size_t i = 0; i < records.size(); ++i) json += (i == 0 ? "" : ",") + records[i];
  return json + "]}";
}

ParsedMessage ParseMessage(std::string_view message) {
  ParserOptions options;
  options.default_tenant = kTenantGuid;
  MessageParser parser(options);
  ParsedMessage parsed;
  parser.Parse(message, *ParseEventTime("2030-01-01T00:00:00Z"), &parsed);
  return parsed;
}

}  // namespace signinwatch
