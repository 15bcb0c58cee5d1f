#include "bench/parse/sample_records.h"

#include <algorithm>
#include <cstdio>
#include <random>
#include <string_view>
#include <utility>
#include <vector>

namespace signinwatch {
namespace {

class SampleWriter {
 public:
  SampleWriter(KeyOrder order, uint32_t seed) : order_(order), random_(seed) {}

  std::string Record() {
    const std::string code = random_() % 8 == 0 ? "50132" : "0";
    const std::string id = Guid();
    const std::string address = "198.51." + Number(255) + "." + Number(255);
    Members record = {
        {"time", Text("2026-11-24T09:0" + Number(9) + ":1" + Number(9) + ".1234567Z")},
        {"resourceId", Text("/tenants/" + tenant_ + "/providers/Microsoft.aadiam")},
        {"operationName", Text("Sign-in activity")},
        {"operationVersion", Text("1.0")},
        {"category", Text("NonInteractiveUserSignInLogs")},
        {"tenantId", Text(tenant_)},
        {"resultType", Text(code)},
        {"resultSignature", Text("None")},
        {"durationMs", "0"},
        {"callerIpAddress", Text(address)},
        {"correlationId", Text(Guid())},
        {"identity", Text("Vera Muster " + Number(1000))},
        {"Level", "4"},
        {"location", Text("DE")},
        {"properties", Properties(id, code, address)},
    };
    return Object(std::move(record));
  }

 private:
  using Members = std::vector<std::pair<std::string, std::string>>;

  std::string Properties(const std::string& id, const std::string& code,
                         const std::string& address) {
    const bool blocked = code != "0" && random_() % 4 == 0;
    Members first = {
        {"id", Text(id)},
        {"createdDateTime", Text("2026-11-24T09:00:0" + Number(9) + ".1234567+00:00")},
        {"userDisplayName", Text("Vera Muster " + Number(1000))},
        {"userPrincipalName", Text("vera.muster" + Number(1000) + "@example.com")},
        {"userId", Text(Guid())},
        {"appId", Text(Guid())},
        {"appDisplayName", Text("Example Mail for Desktop " + Number(20))},
        {"ipAddress", Text(address)},
        {"status", Object({{"errorCode", code},
                           {"failureReason", Text("Other.")},
                           {"additionalDetails", Text("MFA requirement satisfied by claim")}})},
        {"clientAppUsed", Text("Mobile Apps and Desktop clients")},
        {"userAgent", Text("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, "
                           "like Gecko) Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0")},
        {"deviceDetail", Device()},
        {"location", Location()},
        {"mfaDetail", "{}"},
        {"correlationId", Text(Guid())},
        {"conditionalAccessStatus", Text(blocked ? "failure" : "success")},
        {"appliedConditionalAccessPolicies", Policies(blocked)},
        {"authenticationContextClassReferences", "[]"},
        {"originalRequestId", Text(id)},
        {"isInteractive", "false"},
        {"tokenIssuerName", Text("")},
        {"tokenIssuerType", Text("AzureAD")},
        {"authenticationProcessingDetails", ProcessingDetails()},
        {"networkLocationDetails", "[]"},
        {"clientCredentialType", Text("none")},
        {"processingTimeInMilliseconds", Number(500)},
        {"riskDetail", Text("none")},
        {"riskLevelAggregated", Text("none")},
        {"riskLevelDuringSignIn", Text("none")},
        {"riskState", Text("none")},
        {"riskEventTypes", "[]"},
        {"riskEventTypes_v2", "[]"},
        {"resourceDisplayName", Text("Example Exchange Online")},
        {"resourceId", Text(Guid())},
        {"resourceTenantId", Text(tenant_)},
        {"homeTenantId", Text(tenant_)},
        {"authenticationDetails", AuthenticationDetails()},
        {"authenticationRequirementPolicies", "[]"},
        {"sessionLifetimePolicies", "[]"},
        {"authenticationRequirement",
         Text(random_() % 2 == 0 ? "multiFactorAuthentication" : "singleFactorAuthentication")},
        {"servicePrincipalId", Text("")},
        {"userType", Text("Member")},
        {"flaggedForReview", "false"},
        {"isTenantRestricted", "false"},
        {"autonomousSystemNumber", "64500"},
        {"crossTenantAccessType", Text("none")},
        {"privateLinkDetails", "{}"},
        {"uniqueTokenIdentifier", Text("ZTFkMmMzYjQtYTU5Ni04Nzc4")},
        {"incomingTokenType", Text("primaryRefreshToken")},
        {"authenticationProtocol", Text("none")},
        {"signInTokenProtectionStatus", Text("none")},
        {"originalTransferMethod", Text("none")},
        {"sessionId", Text(Guid())},
    };
    return Object(std::move(first));
  }

  std::string Device() {
    return Object({{"deviceId", Text(Guid())},
                   {"displayName", Text("LAPTOP-" + Number(9999))},
                   {"operatingSystem", Text("Windows10")},
                   {"browser", Text("Edge 131.0.0")},
                   {"isCompliant", "true"},
                   {"isManaged", "true"},
                   {"trustType", Text("Azure AD joined")}});
  }

  std::string Location() {
    return Object(
        {{"city", Text("Ulm")},
         {"state", Text("Baden-Wuerttemberg")},
         {"countryOrRegion", Text("DE")},
         {"geoCoordinates", Object({{"latitude", "48.39841"}, {"longitude", "9.99155"}})}});
  }

  // `blocked`: the first of them says no.
  std::string Policies(bool blocked) {
    std::string json = "[";
    for (int i = 0; i < 30; ++i) {
      if (i > 0) json += ",";
      const char* const applied = random_() % 4 == 0 ? "success" : "notApplied";
      json += Object(
          {{"id", Text(Guid())},
           {"displayName", Text("CA" + Number(99) + ": Require MFA for group " + Number(999))},
           {"enforcedGrantControls", random_() % 3 == 0 ? "[\"Mfa\"]" : "[]"},
           {"enforcedSessionControls", "[]"},
           {"result", Text(blocked && i == 0 ? "failure" : applied)},
           {"conditionsSatisfied", Number(64)},
           {"conditionsNotSatisfied", Number(64)}});
    }
    return json + "]";
  }

  std::string ProcessingDetails() {
    const std::pair<const char*, const char*> kDetails[] = {
        {"Legacy TLS (TLS 1.0, 1.1, 3DES)", "False"},
        {"Oauth Scope Info", R"([\"email\",\"openid\",\"profile\",\"User.Read\"])"},
        {"Domain Hint Present", "True"},
        {"Is CAE Token", "True"}};
    std::string json = "[";
    for (const auto& [key, value] : kDetails) {
      if (json.size() > 1) json += ",";
      json += Object({{"key", Text(key)}, {"value", Text(value)}});
    }
    return json + "]";
  }

  std::string AuthenticationDetails() {
    return "[" +
           Object({{"authenticationStepDateTime", Text("2026-11-24T09:00:01.1234567+00:00")},
                   {"authenticationMethod", Text("Previously satisfied")},
                   {"succeeded", "true"},
                   {"authenticationStepResultDetail",
                    Text("First factor requirement satisfied by claim in the token")},
                   {"authenticationStepRequirement", Text("Primary authentication")},
                   {"StatusSequence", "0"},
                   {"RequestSequence", "0"}}) +
           "]";
  }

  std::string Object(Members members) {
    if (order_ == KeyOrder::kReversed) std::reverse(members.begin(), members.end());
    if (order_ == KeyOrder::kShuffled) std::shuffle(members.begin(), members.end(), random_);
    std::string json = "{";
    for (const auto& [key, value] : members) {
      if (json.size() > 1) json += ",";
      json.append("\"").append(key).append("\":").append(value);
    }
    return json + "}";
  }

  static std::string Text(std::string_view text) { return "\"" + std::string(text) + "\""; }
  std::string Number(uint32_t below) { return std::to_string(random_() % below); }
  std::string Guid() {
    char text[37];
    std::snprintf(text, sizeof(text), "%08x-%04x-4%03x-8%03x-%08x%04x",
                  static_cast<unsigned>(random_()), static_cast<unsigned>(random_() & 0xffff),
                  static_cast<unsigned>(random_() & 0xfff),
                  static_cast<unsigned>(random_() & 0xfff), static_cast<unsigned>(random_()),
                  static_cast<unsigned>(random_() & 0xffff));
    return text;
  }

  KeyOrder order_;
  std::mt19937 random_;
  std::string tenant_ = Guid();
};

}  // namespace

std::string SampleBatch(size_t bytes, KeyOrder order, uint32_t seed) {
  SampleWriter writer(order, seed);
  std::string json = "{\"records\":[";
  while (json.size() < bytes) json += writer.Record() + ",";
  json.back() = ']';
  return json + "}";
}

}  // namespace signinwatch
