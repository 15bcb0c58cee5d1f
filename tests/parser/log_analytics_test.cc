// Rows of a Log Analytics workspace (SPEC 3.2): data export to an event hub, saved query results.
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "parser/message_parser.h"
#include "tests/parser/entra_json.h"

namespace signinwatch {
namespace log_analytics_test {

using std::string_literals::operator""s;

constexpr char kWorkspace[] = "0f0f0f0f-1111-4222-8333-444455556666";

Members SignInRow() {
  return {
      {"TenantId", Quoted(kWorkspace)},
      {"SourceSystem", R"("Azure AD")"},
      {"TimeGenerated", R"("2026-11-24T09:02:10.1234567Z")"},
      {"ResourceId", R"("/tenants/other/providers/Microsoft.aadiam")"},
      {"OperationName", R"("Sign-in activity")"},
      {"Category", R"("SignInLogs")"},
      {"ResultType", R"("1")"},
      {"AADTenantId", Quoted(kTenantGuid)},
      {"Id", R"("r1")"},
      {"CreatedDateTime", R"("2026-11-24T09:00:00.1234567+00:00")"},
      {"UserId", R"("B7A1F0C2-93DE-4C55-8E1A-2F6D4B9C7E01")"},
      {"UserPrincipalName", R"("Vera@Example.com")"},
      {"AppId", R"("app")"},
      {"AppDisplayName", R"("Mail Client")"},
      {"IPAddress", R"("198.51.100.20")"},
      {"ClientAppUsed", R"("Browser")"},
      {"CorrelationId", R"("c1")"},
      {"IsInteractive", "false"},
      {"Status", Quoted(R"({"errorCode":50132,"failureReason":"Other."})")},
      {"DeviceDetail", Quoted(R"({"deviceId":"d1"})")},
      {"LocationDetails", Quoted(R"({"city":"Ulm","countryOrRegion":"DE"})")},
      {"Location", R"("SE")"},
      {"Type", R"("SigninLogs")"},
  };
}

Members AuditRow() {
  return {
      {"TenantId", Quoted(kWorkspace)},
      {"TimeGenerated", R"("2026-11-24T08:31:00Z")"},
      {"AADTenantId", Quoted(kTenantGuid)},
      {"ActivityDateTime", R"("2026-11-24T08:30:00.5Z")"},
      {"ActivityDisplayName", R"j("Reset password (by admin)")j"},
      {"OperationName", R"("other")"},
      {"Category", R"("UserManagement")"},
      {"Result", R"("success")"},
      {"Id", R"("a1")"},
      {"TargetResources",
       Quoted(R"([{"id":"U1","type":"User","userPrincipalName":"Vera@Example.com"}])")},
      {"InitiatedBy", Quoted(R"({"user":{"id":"h1","userPrincipalName":"Help@Example.com"}})")},
      {"Type", R"("AuditLogs")"},
  };
}

struct Read {
  explicit Read(const Members& row, std::string_view default_tenant = "") {
    ParserOptions options;
    options.default_tenant = default_tenant;
    for (const std::string& json : {row.ReversedJson(), row.Json()}) {
      MessageParser(options).Parse(json, *ParseEventTime("2030-01-01T00:00:00Z"), &parsed);
      EXPECT_EQ(parsed.records, 1u);
      EXPECT_TRUE(outcome.empty() || outcome == Outcome()) << "it depends on the order of keys";
      outcome = Outcome();
    }
  }
  [[nodiscard]] std::string Outcome() const {
    if (!parsed.rejects.empty()) return RejectReasonName(parsed.rejects[0].reason);
    if (!parsed.irrelevant.empty()) {
      return "irrelevant " + std::string(parsed.Text(parsed.irrelevant[0].category));
    }
    return CategoryName(parsed.signals.at(0).category);
  }
  [[nodiscard]] const Signal& signal() const { return parsed.signals.at(0); }
  [[nodiscard]] const AuditDetail& audit() const { return parsed.audits.at(0); }
  [[nodiscard]] std::string Text(TextRef ref) const { return std::string(parsed.Text(ref)); }
  [[nodiscard]] std::string Tenant() const { return Text(signal().tenant_text); }

  ParsedMessage parsed;
  std::string outcome;
};

TEST(LogAnalyticsTest, SignInInFull) {
  const Read read(SignInRow());
  const Signal& signal = read.signal();
  EXPECT_EQ(signal.category, Category::kSignIn);
  EXPECT_EQ(FormatEventTime(signal.event_time), "2026-11-24T09:00:00.123456Z");
  EXPECT_EQ(FormatEventTime(signal.export_time), "2026-11-24T09:02:10.123456Z");
  EXPECT_EQ(signal.code, 50132);
  EXPECT_EQ(read.Tenant(), kTenantGuid);
  EXPECT_EQ(signal.user, MakeId<UserId>(kUserGuid));
  EXPECT_EQ(read.Text(signal.user_principal_name), "Vera@Example.com");
  EXPECT_EQ(read.Text(signal.id_text), "r1");
  EXPECT_EQ(FormatIpAddress(signal.address), "198.51.100.20");
  EXPECT_EQ(read.Text(signal.app_id), "app");
  EXPECT_EQ(read.Text(signal.app_name), "Mail Client");
  EXPECT_EQ(read.Text(signal.device_id), "d1");
  EXPECT_EQ(read.Text(signal.country), "DE");
  EXPECT_EQ(read.Text(signal.correlation_id), "c1");
  EXPECT_FALSE(signal.interactive);
  EXPECT_TRUE(signal.modern_client);
}

// The export writes objects, a query's result texts of them; each column may be either.
TEST(LogAnalyticsTest, ContainersMayBeTextsOfThem) {
  Members row = SignInRow();
  row.Set("Status", R"({"errorCode":50132})");
  row.Set("DeviceDetail", R"({"deviceId":"d1"})");
  row.Set("LocationDetails", R"({"countryOrRegion":"DE"})");
  const Read read(row);
  EXPECT_EQ(read.signal().code, 50132);
  EXPECT_EQ(read.Text(read.signal().device_id), "d1");
  EXPECT_EQ(read.Text(read.signal().country), "DE");
  // Text that is no JSON, or nested too deep, is as if absent.
  for (const std::string& text : {"\"\""s, "\"x\""s, "\"{\""s, "null"s, "\"[]\""s, "7"s,
                                  Quoted("{\"errorCode\":50132,\"deviceId\":\"x\",\"a\":" +
                                         std::string(1024, '[') + std::string(1024, ']') + "}")}) {
    row.Set("Status", text).Set("DeviceDetail", text).Set("LocationDetails", text);
    const Read none(row);
    EXPECT_EQ(none.signal().code, 1) << text;  // of ResultType
    EXPECT_TRUE(none.signal().device_id.empty()) << text;
    EXPECT_EQ(none.Text(none.signal().country), "SE") << text;  // of Location
  }
  row.Set("Location", R"({"countryOrRegion":"DE"})");
  EXPECT_TRUE(Read(row).signal().country.empty());
}

TEST(LogAnalyticsTest, TablesAreCategories) {
  const auto outcome = [](const char* type) { return Read(SignInRow().Set("Type", type)).outcome; };
  EXPECT_EQ(outcome(R"("SIGNINLOGS")"), "SignInLogs");
  EXPECT_EQ(outcome(R"("AADNonInteractiveUserSignInLogs")"), "NonInteractiveUserSignInLogs");
  EXPECT_EQ(outcome(R"("ADFSSignInLogs")"), "ADFSSignInLogs");
  EXPECT_EQ(outcome(R"("AuditLogs")"), "AuditLogs");
  EXPECT_EQ(outcome(R"("AADUserRiskEvents")"), "UserRiskEvents");
  EXPECT_EQ(outcome(R"("AADServicePrincipalSignInLogs")"),
            "irrelevant AADServicePrincipalSignInLogs");
  EXPECT_EQ(outcome(R"("SignIn")"), "irrelevant SignIn");
  EXPECT_EQ(outcome(R"("")"), "irrelevant none");
  // Without either key it is none, and goes by its category.
  EXPECT_EQ(outcome("7"), "irrelevant none");
  EXPECT_EQ(Read(SignInRow().Remove("Type")).outcome, "irrelevant none");
  EXPECT_EQ(Read(SignInRow().Remove("TimeGenerated")).outcome, "irrelevant none");
  EXPECT_EQ(Read(SignInRow().Add("category", R"("AuditLogs")")).outcome, "SignInLogs");
}

// `TenantId` is the workspace's: all tenants of one would be one.
TEST(LogAnalyticsTest, Tenant) {
  Members row = SignInRow();
  EXPECT_EQ(Read(row, "default").Tenant(), kTenantGuid);
  row.Remove("AADTenantId");
  EXPECT_EQ(Read(row, "default").Tenant(), "other");
  row.Remove("ResourceId");
  EXPECT_EQ(Read(row, "default").Tenant(), "default");
  EXPECT_EQ(Read(row).outcome, "no_tenant");
  row.Set("AADTenantId", R"("00000000-0000-0000-0000-000000000000")");
  EXPECT_EQ(Read(row).outcome, "no_tenant");
}

TEST(LogAnalyticsTest, TimesAndRejects) {
  Members row = SignInRow();
  row.Set("CreatedDateTime", R"("soon")");
  EXPECT_EQ(FormatEventTime(Read(row).signal().event_time), "2026-11-24T09:02:10.123456Z");
  row.Set("TimeGenerated", "null");
  EXPECT_EQ(Read(row).outcome, "no_time");
  row = SignInRow().Set("Status", "null").Set("ResultType", R"("x")");
  EXPECT_EQ(Read(row).outcome, "no_code");
  EXPECT_EQ(Read(row.Set("ResultType", R"("success")")).signal().code, 0);
  EXPECT_EQ(Read(row.Set("CreatedDateTime", R"("2030-01-01T00:05:01Z")")).outcome, "future");
}

TEST(LogAnalyticsTest, AuditInFull) {
  const Read read(AuditRow());
  const Signal& signal = read.signal();
  EXPECT_EQ(FormatEventTime(signal.event_time), "2026-11-24T08:30:00.500000Z");
  EXPECT_EQ(read.Text(signal.user_text), "u1");
  EXPECT_EQ(read.Text(signal.user_principal_name), "Vera@Example.com");
  EXPECT_EQ(read.Text(signal.id_text), "a1");
  EXPECT_TRUE(read.audit().success);
  EXPECT_EQ(read.Text(read.audit().operation), "Reset password (by admin)");
  EXPECT_EQ(read.Text(read.audit().actor_user_principal_name), "Help@Example.com");
  EXPECT_EQ(read.Text(read.audit().actor_user_id), "h1");
  Members row = AuditRow();
  row.Set("TargetResources", R"([{"id":"U2","type":"User"}])").Remove("ActivityDisplayName");
  row.Set("InitiatedBy", R"({"app":{"displayName":"Sync"}})").Remove("Result");
  row.Add("ResultType", R"("Success")");
  const Read plain(row);
  EXPECT_EQ(plain.Text(plain.signal().user_text), "u2");
  EXPECT_EQ(plain.Text(plain.audit().operation), "other");
  EXPECT_EQ(plain.Text(plain.audit().actor_app_display_name), "Sync");
  EXPECT_TRUE(plain.audit().success);
}

TEST(LogAnalyticsTest, CountsWhatIsWrongInTexts) {
  Members row = SignInRow();
  row.Set("DeviceDetail", R"("{\"deviceId\":\"\\ud800\\u0041\"}")");
  const Read read(row);
  EXPECT_EQ(read.Text(read.signal().device_id),
            "\xef\xbf\xbd"
            "A");
  EXPECT_EQ(read.parsed.invalid_utf8, 1u);
}

}  // namespace log_analytics_test
}  // namespace signinwatch
