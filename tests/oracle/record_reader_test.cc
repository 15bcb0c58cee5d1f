#include "tests/oracle/record_reader.h"

#include <gtest/gtest.h>

#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/oracle/plain_address.h"
#include "tests/oracle/plain_time.h"

namespace signinwatch::oracle {
namespace record_reader_test {

constexpr int64_t kSecond = 1'000'000;
constexpr int64_t kNine = 1'795'510'800 * kSecond;  // 2026-11-24T09:00:00Z
constexpr int64_t kNow = kNine + 3600 * kSecond;
constexpr char kTenant[] = "11111111-2222-3333-4444-555555555555";
constexpr char kZero[] = "00000000-0000-0000-0000-000000000000";

PlainMessage Read(std::string_view message, const std::string& default_tenant = "") {
  return ReadMessage(message, kNow, {.default_tenant = default_tenant});
}

// A sign-in that is accepted; `properties` and `top` are members added first, so they count.
std::string SignIn(const std::string& properties = "", const std::string& top = "") {
  return "{" + top + R"("time":"2026-11-24T09:02:00Z","category":"SignInLogs","tenantId":")" +
         kTenant + R"(","resultType":"50132","properties":{)" + properties +
         R"("createdDateTime":"2026-11-24T09:00:00Z","userId":"u1"}})";
}

std::string Audit(const std::string& properties = "", const std::string& top = "") {
  return "{" + top + R"("time":"2026-11-24T09:02:00Z","category":"AuditLogs","tenantId":")" +
         kTenant + R"(","operationName":"Other name","properties":{)" + properties +
         R"("activityDateTime":"2026-11-24T09:00:00Z","result":"success",)"
         R"("activityDisplayName":"Reset user password"}})";
}

// The only record of a message, which has to be accepted.
PlainSignal Only(const std::string& message, const std::string& default_tenant = "") {
  const PlainMessage read = Read(message, default_tenant);
  EXPECT_EQ(read.records, 1u) << message;
  EXPECT_EQ(read.accepted.size(), 1u) << message;
  return read.accepted.empty() ? PlainSignal{} : read.accepted[0];
}

std::string ReasonOf(const std::string& message) {
  const PlainMessage read = Read(message);
  if (read.rejected.size() != 1 || read.records != 1) return "";
  return read.rejected[0].reason;
}

TEST(ReadTime, EveryFormat) {
  struct Case {
    const char* text;
    std::optional<int64_t> micros;
  };
  const Case cases[] = {
      {"2026-11-24T09:00:00Z", kNine},
      {"2026-11-24T09:00:00.1234567Z", kNine + 123456},
      {"2026-11-24T09:00:00.1Z", kNine + 100000},
      {"2026-11-24T09:00:00.123456789123456789Z", kNine + 123456},
      {"2026-11-24T09:00:00.0000009+00:00", kNine},
      {"2026-11-24T09:00:00", kNine},
      {"2026-11-24 09:00:00", kNine},
      {"2026-11-24T9:00:00Z", kNine},
      {"2026-11-24T10:30:00+01:30", kNine},
      {"2026-11-24T10:30:00+0130", kNine},
      {"2026-11-24T04:00:00.5-05:00", kNine + 500000},
      {"2026-11-24T10:00:00+01", kNine},
      {"11/24/2026 9:00:00 AM", kNine},
      {"11/24/2026 09:00:00", kNine},
      {"11/24/2026 10:00:00 AM +01:00", kNine},
      {"11/24/2026 10:00:00 +01:00", kNine},
      {"11/24/2026 12:00:00 AM", kNine - 9 * 3600 * kSecond},
      {"11/24/2026 12:00:00 PM", kNine + 3 * 3600 * kSecond},
      {"11/24/2026 1:00:00 PM", kNine + 4 * 3600 * kSecond},
      {"1/2/2026 13:00:00", 1'767'358'800 * kSecond},
      {"2000-01-01T00:00:00Z", 946'684'800 * kSecond},
      {"1999-12-31T23:59:59.999999Z", std::nullopt},
      {"1999-12-31T23:00:00-01:00", 946'684'800 * kSecond},
      {"2000-01-01T00:30:00+01:00", std::nullopt},
      {"9999-12-31T23:59:59Z", 253'402'300'799 * kSecond},
      {"9999-12-31T23:59:59-01:00", std::nullopt},
      {"2024-02-29T00:00:00Z", 1'709'164'800 * kSecond},
      {"2025-02-29T00:00:00Z", std::nullopt},
      {"2026-11-31T00:00:00Z", std::nullopt},
      {"2026-13-01T00:00:00Z", std::nullopt},
      {"2026-11-24T24:00:00Z", std::nullopt},
      {"2026-11-24T09:60:00Z", std::nullopt},
      {"2026-11-24T09:00:60Z", std::nullopt},
      {"2026-11-24 10:00:00 +01:00", kNine},
      {"2026-11-24t09:00:00z", kNine},
      {"11/24/2026 9:00:00AM", kNine},
      {"11/24/2026 13:00:00 PM", std::nullopt},
      {"11/24/2026 0:00:00 AM", std::nullopt},
      {"24/11/2026 9:00:00 AM", std::nullopt},
      {"2026-11-24T09:00:00.Z", std::nullopt},
      {"2026-11-24", std::nullopt},
      {"2026-11-24T09:00:00Zx", std::nullopt},
      {"2026-11-24T09:00:00+1:00", std::nullopt},
      {"", std::nullopt},
  };
  for (const Case& c : cases) EXPECT_EQ(ReadTimeMicros(c.text), c.micros) << c.text;
}

TEST(ReadAddress, EveryForm) {
  struct Case {
    const char* text;
    const char* address;  // empty: none
    const char* network;
  };
  static constexpr Case kCases[] = {
      {"192.0.2.1", "192.0.2.1", "192.0.2.0/24"},
      {"192.0.2.1:443", "192.0.2.1", "192.0.2.0/24"},
      {"0.0.0.0", "0.0.0.0", "0.0.0.0/24"},
      {"2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1", "2001:db8:0::/48"},
      {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1", "2001:db8:0::/48"},
      {"2001:0:0:1:0:0:0:1", "2001:0:0:1::1", "2001:0:0::/48"},
      {"[2001:db8::1]:443", "2001:db8::1", "2001:db8:0::/48"},
      {"[2001:db8::1]", "2001:db8::1", "2001:db8:0::/48"},
      {"::ffff:192.0.2.1", "192.0.2.1", "192.0.2.0/24"},
      {"[::ffff:c000:201]:80", "192.0.2.1", "192.0.2.0/24"},
      {"::ffff:192.0.2.1:443", "192.0.2.1", "192.0.2.0/24"},
      {"::", "::", "0:0:0::/48"},
      {"::1", "::1", "0:0:0::/48"},
      {"1::", "1::", "1:0:0::/48"},
      {"::192.0.2.1", "::c000:201", "0:0:0::/48"},
      {"1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0", "1:2:3::/48"},
      {"1:2:3:4:5:6:192.0.2.1", "1:2:3:4:5:6:c000:201", "1:2:3::/48"},
      {"<null>", "", ""},
      {"", "", ""},
      {"192.0.2", "", ""},
      {"192.0.2.256", "", ""},
      {"192.0.2.01", "", ""},
      {"192.0.2.1:", "", ""},
      {"192.0.2.1:65536", "", ""},
      {"192.0.2.1 ", "", ""},
      {"::2a02:cf40:1:2:3:4:5:6:7", "", ""},
      {"1:2:3:4::5:6:7:8", "", ""},
      {"1::2::3", "", ""},
      {":::", "", ""},
      {"12345::", "", ""},
      {"192.0.2.1::", "", ""},
      {"[192.0.2.1]:80", "", ""},
      {"[2001:db8::1", "", ""},
      {"[2001:db8::1]443", "", ""},
      {"fe80::1%eth0", "", ""},
  };
  for (const Case& c : kCases) {
    const std::optional<PlainAddress> address = ReadAddress(c.text);
    EXPECT_EQ(address ? address->text : "", c.address) << c.text;
    EXPECT_EQ(address ? address->network : "", c.network) << c.text;
  }
}

TEST(Envelope, EveryFormHoldsItsRecords) {
  const std::string a = SignIn();
  struct Case {
    std::string message;
    size_t accepted;
  };
  const Case cases[] = {
      {R"({"records":[)" + a + "," + a + "]}", 2},
      {"[" + a + "," + a + "]", 2},
      {a, 1},
      {"\xEF\xBB\xBF" + a + "\r\n", 1},
      {R"({"value":[)" + a + R"(],"@odata.nextLink":"x"})", 1},
      {R"({"value":[)" + a + R"(],"records":[)" + a + "," + a + "]}", 2},
      {R"({"records":{},"value":[)" + a + "]}", 1},
      {R"({"records":[],"records":[)" + a + "]}", 0},
      {R"({"\u0072ecords":[)" + a + "]}", 1},
      {"", 0},
      {" \r\n\t", 0},
      {"\xEF\xBB\xBF", 0},
      {"[]", 0},
  };
  for (const Case& c : cases) {
    const PlainMessage read = Read(c.message);
    EXPECT_EQ(read.accepted.size(), c.accepted) << c.message;
    EXPECT_EQ(read.records, c.accepted) << c.message;
  }
}

TEST(Envelope, BareScalarIsOneRecord) {
  for (const char* message : {"1", "\"a\"", "true", "false", " null "}) {
    EXPECT_EQ(ReasonOf(message), "not_object") << message;
  }
}

TEST(Reject, EachReasonWithItsBytes) {
  const std::string a = SignIn();
  const std::string deep = std::string(1024, '[') + std::string(1024, ']');
  struct Case {
    std::string before;   // bytes before the payload
    std::string payload;  // of the last reject
    std::string after;
    const char* reason;
    size_t accepted;
  };
  const Case cases[] = {
      {"", "{\"a\":1", "", "not_json", 0},
      {"", a + "x", "", "not_json", 0},
      {"", "{\"x\":1,\"records\"", "", "not_json", 0},
      {"", "\xEF\xBB\xBFtru", "", "not_json", 0},
      {"{\"records\":[", "", "", "damaged", 0},
      {"{\"records\":[" + a + ",", a.substr(0, 40), "", "damaged", 1},
      {"[" + a + " ", a + "]", "", "damaged", 1},
      {"[" + a + ",", "]", "", "damaged", 1},
      {"[" + a, "] x", "", "damaged", 1},
      {"{\"records\":[" + a, "],\"x\":}", "", "damaged", 1},
      {"{\"value\":[" + a, "],\"x\":}", "", "damaged", 1},
      {"{\"value\":[3],\"records\":[" + a + ",", "{]}", "", "damaged", 1},
      {"\xEF\xBB\xBF[" + a + ",", "12", "", "damaged", 1},
      {"{\"records\":[" + a + ",", "{\"x\":" + deep + "},1]}", "", "damaged", 1},
      {"", "{\"x\":" + deep + "}", "", "damaged", 0},
      {"", "{\"x\":" + deep + ",\"records\":[]}", "", "damaged", 0},
      {"", "{\"x\":" + deep + ",\"records\":[", "", "damaged", 0},
      {"", "{\"x\":" + deep + ",\"records\"", "", "not_json", 0},
      {"[" + a + ",", "\"a\"", "," + a + "]", "not_object", 2},
      {"[", "{\"category\":\"SignInLogs\"}", "]", "no_tenant", 0},
      {"[", R"({"category":"SignInLogs","tenantId":"T"})", "]", "no_time", 0},
      {" ", R"({"category":"SignInLogs","tenantId":"T","time":"2026-11-24T09:00:00Z"})", "\n",
       "no_code", 0},
      {"", SignIn(R"("createdDateTime":"2026-11-24T10:05:00.000001Z",)"), "", "future", 0},
  };
  for (const Case& c : cases) {
    const PlainMessage read = Read(c.before + c.payload + c.after);
    ASSERT_FALSE(read.rejected.empty()) << c.before;
    const PlainReject expected{c.reason, c.before.size(), c.payload.size()};
    EXPECT_EQ(read.rejected.back().reason, expected.reason) << c.before;
    EXPECT_EQ(read.rejected.back().offset, expected.offset) << c.before;
    EXPECT_EQ(read.rejected.back().size, expected.size) << c.before;
    EXPECT_EQ(read.accepted.size(), c.accepted) << c.before;
    EXPECT_EQ(read.records, read.accepted.size() + read.rejected.size()) << c.before;
  }
}

TEST(Reject, TooLargeComesFirst) {
  const std::string message(70'000, '{');
  const PlainMessage read = ReadMessage(message, kNow, {.message_bytes_max = 69'999});
  ASSERT_EQ(read.rejected.size(), 1u);
  EXPECT_EQ(read.rejected[0], (PlainReject{"too_large", 0, 65'536}));
  EXPECT_EQ(ReadMessage(message, kNow, {.message_bytes_max = 70'000}).rejected[0].reason,
            "not_json");
}

TEST(Reject, FutureStartsBehindTheSkew) {
  EXPECT_EQ(Only(SignIn(R"("createdDateTime":"2026-11-24T10:05:00Z",)")).record.time_us,
            kNow + 300 * kSecond);
}

TEST(Category, WithoutCaseAndByItsOtherName) {
  struct Case {
    const char* written;
    const char* category;
  };
  static constexpr Case kCases[] = {
      {"signinLOGS", "SignInLogs"},
      {"SignIn", "SignInLogs"},
      {"NonInteractiveUserSIgnInLogs", "NonInteractiveUserSignInLogs"},
      {"adfssigninlogs", "ADFSSignInLogs"},
      {"AUDITLOGS", "AuditLogs"},
      {"audit", "AuditLogs"},
  };
  for (const Case& c : kCases) {
    const std::string top = std::string(R"("category":")") + c.written + "\",";
    EXPECT_EQ(Only(SignIn("", top)).record.category, c.category);
  }
}

TEST(Category, OthersAreCountedByName) {
  const PlainMessage read = Read(
      R"([{"category":"RiskyUsers"},{"category":"riskyusers"},{},{"category":7},{"category":""}])");
  EXPECT_EQ(read.records, 5u);
  EXPECT_EQ(read.irrelevant, (std::vector<PlainIrrelevant>{{"RiskyUsers", 2}, {"none", 3}}));
}

TEST(Category, BeyondTheLimitTheyAreOther) {
  std::string message = "[";
  for (int i = 0; i < 35; ++i) message += R"({"category":"c)" + std::to_string(i) + "\"},";
  message += R"({"category":"c0"}])";
  const PlainMessage read = Read(message);
  ASSERT_EQ(read.irrelevant.size(), 33u);
  EXPECT_EQ(read.irrelevant[0], (PlainIrrelevant{"c0", 2}));
  EXPECT_EQ(read.irrelevant[32], (PlainIrrelevant{"other", 3}));
}

TEST(Graph, SignIn) {
  const std::string record =
      R"({"createdDateTime":"2026-11-24T09:00:00Z","userId":"U1","status":{"errorCode":50132},)"
      R"("ipAddress":"192.0.2.1","appId":"a")";
  const PlainSignal signal = Only(record + "}", "DDD");
  EXPECT_EQ(signal.record.category, "SignInLogs");
  EXPECT_EQ(signal.record.tenant, "ddd");
  EXPECT_EQ(signal.record.user_id, "u1");
  EXPECT_EQ(signal.record.code, 50132);
  EXPECT_EQ(signal.record.address, "192.0.2.1");
  EXPECT_EQ(signal.record.app_id, "a");
  EXPECT_TRUE(signal.record.interactive);
  EXPECT_FALSE(signal.export_time_us);
  EXPECT_EQ(ReasonOf(record + "}"), "no_tenant");
  EXPECT_EQ(Only(record + R"(,"signInEventTypes":["interactiveUser","nonInteractiveUser"]})", "d")
                .record.category,
            "NonInteractiveUserSignInLogs");
  EXPECT_EQ(Read(record + R"(,"signInEventTypes":["nonInteractiveUser","managedIdentity"]})")
                .irrelevant[0]
                .category,
            "ManagedIdentitySignInLogs");
  EXPECT_EQ(Read(record + R"(,"signInEventTypes":["servicePrincipal"]})").irrelevant[0].category,
            "ServicePrincipalSignInLogs");
}

TEST(Graph, LastForeignTypeNamesTheCategory) {
  const std::string record =
      R"({"createdDateTime":"2026-11-24T09:00:00Z","status":{},"signInEventTypes":)";
  EXPECT_EQ(Read(record + R"(["servicePrincipal","managedIdentity"]})").irrelevant[0].category,
            "ManagedIdentitySignInLogs");
  EXPECT_EQ(Read(record + R"(["managedIdentity","servicePrincipal"]})").irrelevant[0].category,
            "ServicePrincipalSignInLogs");
}

TEST(Graph, AuditRecord) {
  const PlainSignal signal =
      Only(R"({"category":"UserManagement","activityDisplayName":"Change user password",)"
           R"("activityDateTime":"2026-11-24T09:00:00Z","result":"success","id":"x",)"
           R"("targetResources":[{"Type":"user","id":"U9"}]})",
           "d");
  EXPECT_TRUE(signal.record.is_audit());
  EXPECT_TRUE(signal.record.success);
  EXPECT_EQ(signal.record.operation, "Change user password");
  EXPECT_EQ(signal.record.user_id, "u9");
  EXPECT_EQ(signal.record.id, "x");
}

TEST(Rows, SignInByItsColumns) {
  const std::string row =
      R"({"TimeGenerated":"2026-11-24T09:02:00Z","Type":"AADNonInteractiveUserSignInLogs",)"
      R"("CreatedDateTime":"2026-11-24T09:00:00Z","TenantId":"workspace","category":"AuditLogs",)"
      R"("UserId":"U1","Status":"{\"errorCode\":50132}","DeviceDetail":{"deviceId":"d"},)"
      R"("IPAddress":"192.0.2.1","Location":"SE","ResultType":"1")";
  PlainSignal signal = Only(row + R"(,"AADTenantId":"T1"})");
  EXPECT_EQ(signal.record.category, "NonInteractiveUserSignInLogs");
  EXPECT_EQ(signal.record.tenant, "t1");
  EXPECT_EQ(signal.record.time_us, kNine);
  EXPECT_EQ(signal.export_time_us, kNine + 120 * kSecond);
  EXPECT_EQ(signal.record.code, 50132);
  EXPECT_EQ(signal.record.user_id, "u1");
  EXPECT_EQ(signal.record.device_id, "d");
  EXPECT_EQ(signal.record.address, "192.0.2.1");
  EXPECT_EQ(signal.record.country, "SE");
  signal = Only(row + R"(,"LocationDetails":"{\"countryOrRegion\":\"DE\"}"})", "d");
  EXPECT_EQ(signal.record.tenant, "d");
  EXPECT_EQ(signal.record.country, "DE");
  EXPECT_EQ(Only(row + R"(,"ResourceId":"/tenants/R/x"})", "d").record.tenant, "r");
  EXPECT_EQ(ReasonOf(row + "}"), "no_tenant");
  EXPECT_EQ(Read(R"({"TimeGenerated":0,"Type":"Heartbeat","category":"SignInLogs"})")
                .irrelevant[0]
                .category,
            "Heartbeat");
}

TEST(Risk, IsACategoryOfItsOwn) {
  const PlainSignal signal =
      Only(R"({"time":"2026-11-24T09:02:00Z","category":"userriskevents","tenantId":"t",)"
           R"("properties":{"activityDateTime":"2026-11-24T09:00:00Z","userId":"U1","id":"r"}})");
  EXPECT_EQ(signal.record.category, "UserRiskEvents");
  EXPECT_FALSE(signal.record.is_audit());
  EXPECT_EQ(signal.record.time_us, kNine);
  EXPECT_EQ(signal.record.user_id, "u1");
  EXPECT_EQ(signal.record.id, "r");
}

TEST(Wrapped, StandsForTheMessageInIt) {
  const auto read = [](const std::string& message, bool unwrap = true) {
    return ReadMessage(message, kNow, {.unwrap = unwrap});
  };
  const std::string inner = R"([1,{\"category\":\"x\"},2,3])";
  const std::string record = R"({"message":")" + inner + R"("})";
  const PlainMessage message = read("[7," + record + "]");
  EXPECT_EQ(message.records, 5u);
  ASSERT_EQ(message.rejected.size(), 3u);
  EXPECT_EQ(message.rejected[1], (PlainReject{"not_object", 3, record.size(), 1}));
  EXPECT_EQ(message.rejected[2], (PlainReject{"not_object", 3, record.size(), 2}));
  EXPECT_EQ(message.irrelevant[0].category, "x");
  EXPECT_EQ(read(record, false).irrelevant[0].category, "none");
  EXPECT_EQ(read(R"({"event":{"original":"{}"},"time":0})").irrelevant[0].category, "none");
  EXPECT_EQ(read(R"({"event":{"original":"[]"}})").records, 0u);
  EXPECT_EQ(read(R"({"event":{"original":"[]"},"message":0})").records, 1u);
}

TEST(Graph, NotWithPropertiesOrTime) {
  const std::string fields =
      R"("createdDateTime":"2026-11-24T09:00:00Z","status":{"errorCode":50132}})";
  EXPECT_EQ(Read(R"({"properties":{},)" + fields, "d").irrelevant.size(), 1u);
  EXPECT_EQ(Read(R"({"time":"2026-11-24T09:00:00Z",)" + fields, "d").irrelevant.size(), 1u);
  EXPECT_EQ(Read(R"({"time":null,)" + fields, "d").irrelevant.size(), 1u);
  EXPECT_EQ(Read(R"({"properties":"no JSON",)" + fields, "d").irrelevant.size(), 1u);
  EXPECT_EQ(Read(R"({"createdDateTime":"soon","status":{}})", "d").rejected[0].reason, "no_time");
  EXPECT_EQ(Read(R"({"createdDateTime":"2026-11-24T09:00:00Z","status":7})", "d").irrelevant.size(),
            1u);
}

TEST(Fields, TenantFallsBack) {
  struct Case {
    std::string top;  // put before the record's own tenantId, so it counts
    const char* tenant;
  };
  const std::string zero = std::string("\"tenantId\":\"") + kZero + "\",";
  const Case cases[] = {
      {R"("tenantId":"ABC",)", "abc"},
      {R"("tenantId":7,"resourceId":"/Tenants/ABC/providers/x",)", "abc"},
      {R"("tenantId":"","resourceId":"x/TENANTS/ABC",)", "abc"},
      {zero + R"("resourceId":"/tenants/A",)", "a"},
      {zero + R"("resourceId":"/tenants//x",)", "p"},
      {zero + R"("resourceId":"/tenants/)" + kZero + R"(/x",)", "p"},
      {zero, "p"},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(Only(SignIn(R"("tenantId":"P",)", c.top)).record.tenant, c.tenant) << c.top;
  }
}

TEST(Fields, CodeFallsBack) {
  struct Case {
    const char* error_code;
    const char* result_type;
    std::optional<int64_t> code;
  };
  static constexpr Case kCases[] = {
      {"50132", "\"0\"", 50132},
      {"\"50132\"", "\"0\"", 50132},
      {"\"-0050132\"", "\"0\"", -50132},
      {"0", "\"7\"", 0},
      {"-0", "\"7\"", 0},
      {"50132.0", "\"7\"", 7},
      {"5e4", "7", 7},
      {"null", "\"success\"", 0},
      {"\"Success\"", "7", 7},
      {"9223372036854775807", "7", 9223372036854775807},
      {"9223372036854775808", "7", 7},
      {"\"-\"", "7", 7},
      {"\" 1\"", "7", 7},
      {"\"+1\"", "7", 7},
      {"{}", "\"\"", std::nullopt},
      {"true", "\"Update\"", std::nullopt},
  };
  for (const Case& c : kCases) {
    const PlainMessage read =
        Read(SignIn(std::string(R"("status":{"errorCode":)") + c.error_code + "},",
                    std::string(R"("resultType":)") + c.result_type + ","));
    if (c.code) {
      ASSERT_EQ(read.accepted.size(), 1u) << c.error_code;
      EXPECT_EQ(read.accepted[0].record.code, c.code) << c.error_code;
    } else {
      ASSERT_EQ(read.rejected.size(), 1u) << c.error_code;
      EXPECT_EQ(read.rejected[0].reason, "no_code") << c.error_code;
    }
  }
  EXPECT_EQ(Only(SignIn(R"("status":{"errorCode":-9223372036854775808},)")).record.code,
            std::numeric_limits<int64_t>::min());
}

TEST(Fields, TimeAndExportTime) {
  const PlainSignal signal = Only(SignIn());
  EXPECT_EQ(signal.record.time_us, kNine);
  EXPECT_EQ(signal.export_time_us, kNine + 120 * kSecond);
  const PlainSignal fallen = Only(SignIn(R"("createdDateTime":null,)"));
  EXPECT_EQ(fallen.record.time_us, kNine + 120 * kSecond);
  EXPECT_FALSE(Only(SignIn("", R"("time":"x",)")).export_time_us);
}

TEST(Fields, UserAndId) {
  const std::string zero = std::string("\"") + kZero + "\"";
  const PlainSignal by_name =
      Only(SignIn(R"("userId":)" + zero + R"(,"userPrincipalName":"A@X.org","id":)" + zero + ","));
  EXPECT_EQ(by_name.record.user_id, "");
  EXPECT_EQ(by_name.record.user_principal_name, "A@X.org");
  EXPECT_EQ(by_name.record.id, "");
  const PlainSignal by_id = Only(SignIn(R"("userId":"ABC","id":"Xy",)"));
  EXPECT_EQ(by_id.record.user_id, "abc");
  EXPECT_EQ(by_id.record.id, "Xy");
  EXPECT_EQ(Only(SignIn(R"("userId":7,)")).record.user_id, "");
}

TEST(Fields, AddressFallsBack) {
  const std::string caller = R"("callerIpAddress":"192.0.2.7:80",)";
  EXPECT_EQ(Only(SignIn(R"("ipAddress":"::1",)", caller)).record.address, "::1");
  EXPECT_EQ(Only(SignIn(R"("ipAddress":"<null>",)", caller)).record.address, "192.0.2.7");
  EXPECT_EQ(Only(SignIn("", caller)).record.address, "192.0.2.7");
  EXPECT_EQ(Only(SignIn()).record.address, "");
}

TEST(Fields, KeptBesides) {
  const PlainRecord record =
      Only(SignIn(R"("appId":"a","appDisplayName":"A","deviceDetail":{"deviceId":"d"},)"
                  R"("location":{"countryOrRegion":"DE"},"clientAppUsed":"Browser",)"
                  R"("correlationId":"c","isInteractive":false,)"
                  R"("userType":"Guest","homeTenantId":"OTHER",)"))
          .record;
  EXPECT_EQ(record.app_id, "a");
  EXPECT_EQ(record.app_name, "A");
  EXPECT_EQ(record.device_id, "d");
  EXPECT_EQ(record.country, "DE");
  EXPECT_EQ(record.client_app, "Browser");
  EXPECT_EQ(record.correlation_id, "c");
  EXPECT_EQ(record.user_type, "Guest");
  EXPECT_EQ(record.home_tenant, "other");
  EXPECT_EQ(
      Only(SignIn(R"("homeTenantId":)" + std::string("\"") + kZero + "\",")).record.home_tenant,
      "");
  EXPECT_FALSE(record.interactive);
  const std::string non_interactive = R"("category":"NonInteractiveUserSignInLogs",)";
  EXPECT_TRUE(Only(SignIn()).record.interactive);
  EXPECT_TRUE(Only(SignIn(R"("isInteractive":"false",)")).record.interactive);
  EXPECT_FALSE(Only(SignIn("", non_interactive)).record.interactive);
  EXPECT_TRUE(Only(SignIn(R"("isInteractive":true,)", non_interactive)).record.interactive);
}

TEST(Fields, PropertiesAsText) {
  const std::string top =
      std::string(R"({"category":"SignInLogs","time":"2026-11-24T09:02:00Z",)") +
      R"("tenantId":")" + kTenant + R"(","resultType":7,"properties":)";
  EXPECT_EQ(Only(top + R"(" {\"userId\":\"U\\u0031\\ud800\"} "})").record.user_id, "u1\uFFFD");
  EXPECT_EQ(Read(top + R"(" {\"userId\":\"U\\u0031\\ud800\"} "})").invalid_utf8, 1u);
  for (const char* text : {R"("{\"userId\":\"u1\"")", R"("[]")", R"("")", "7", "null"}) {
    EXPECT_EQ(Only(top + text + "}").record.user_id, "") << text;
  }
}

TEST(Audit, ResultIsASuccess) {
  struct Case {
    const char* result;
    const char* result_type;
    bool success;
  };
  static constexpr Case kCases[] = {
      {"\"SUCCESS\"", "\"Failure\"", true},
      {"0", "\"Failure\"", true},
      {"1", "\"Success\"", false},
      {"\"failure\"", "\"Success\"", false},
      {"\"0\"", "\"Success\"", false},
      {"null", "\"success\"", true},
      {"\"\"", "\"Success\"", true},
      {"\"\"", "\"0\"", false},
      {"null", "0", false},
      {"{}", "\"Success\"", true},
  };
  for (const Case& c : kCases) {
    const std::string message = Audit(std::string(R"("result":)") + c.result + ",",
                                      std::string(R"("resultType":)") + c.result_type + ",");
    EXPECT_EQ(Only(message).record.success, c.success) << message;
  }
}

TEST(Audit, OperationTargetAndActor) {
  EXPECT_EQ(Only(Audit()).record.operation, "Reset user password");
  EXPECT_EQ(Only(Audit(R"("activityDisplayName":"",)")).record.operation, "Other name");
  EXPECT_EQ(Only(Audit(R"("activityDisplayName":" ",)")).record.operation, "Other name");
  const PlainRecord record =
      Only(Audit(R"("targetResources":[7,{"type":null,"id":"g"},{"type":"Group","id":"g"},)"
                 R"({"TYPE":"user","id":"U1","userPrincipalName":"U@x"},{"type":"User","id":"z"}],)"
                 R"("initiatedBy":{"user":{"id":"I","userPrincipalName":"Sync_1"},)"
                 R"("app":{"displayName":"N","servicePrincipalName":"S",)"
                 R"("servicePrincipalId":"P","appId":"A"}},)"))
          .record;
  EXPECT_EQ(record.user_id, "u1");
  EXPECT_EQ(record.user_principal_name, "U@x");
  EXPECT_EQ(record.actor.user_id, "I");
  EXPECT_EQ(record.actor.user_principal_name, "Sync_1");
  EXPECT_EQ(record.actor.app_display_name, "N");
  EXPECT_EQ(record.actor.service_principal_name, "S");
  EXPECT_EQ(record.actor.service_principal_id, "P");
  EXPECT_EQ(record.actor.app_id, "A");
  EXPECT_EQ(Only(Audit(R"("initiatedBy":{},)")).record.actor.user_id, "");
}

TEST(Utf8, IsReplacedAndCounted) {
  const PlainMessage read =
      Read(SignIn("\"userPrincipalName\":\"a\xE2\x82\xFFz\",\"x\":\"\\udc00\","));
  ASSERT_EQ(read.accepted.size(), 1u);
  EXPECT_EQ(read.accepted[0].record.user_principal_name, "a\uFFFD\uFFFDz");
  EXPECT_EQ(read.invalid_utf8, 3u);
}

}  // namespace record_reader_test
}  // namespace signinwatch::oracle
