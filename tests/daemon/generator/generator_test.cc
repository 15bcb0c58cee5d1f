// What `signinwatch generate` writes: shapes, sizes, rhythm, delays and copies.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/generator/generate.h"
#include "detectors/watermark.h"
#include "parser/event_time.h"
#include "parser/ids.h"
#include "tests/daemon/generator/traffic.h"

namespace signinwatch::generator {
namespace generator_test {

using Json = nlohmann::json;
using std::chrono::minutes;
using std::chrono::seconds;

std::vector<Json> RecordsOf(const std::string& output) {
  std::vector<Json> records;
  for (const std::string& line : Lines(output)) {
    Json message = Json::parse(line);
    for (Json& record : message.at("records")) records.push_back(std::move(record));
  }
  return records;
}

EventTime Time(const Json& text) {
  const auto time = ParseEventTime(text.get<std::string>());
  EXPECT_TRUE(time.has_value()) << text;
  return time.value_or(kBeginningOfTime);
}

EventTime EventTimeOf(const Json& record) {
  const Json& properties = record.at("properties");
  for (const char* field : {"createdDateTime", "activityDateTime", "riskLastUpdatedDateTime"}) {
    if (properties.contains(field)) return Time(properties.at(field));
  }
  ADD_FAILURE() << record;
  return kBeginningOfTime;
}

bool IsSignIn(const Json& record) {
  return record.at("category").get<std::string>().ends_with("SignInLogs");
}

bool IsUserSignIn(const Json& record) {
  return record.at("category") == "SignInLogs" ||
         record.at("category") == "NonInteractiveUserSignInLogs";
}

using RecordKey = std::array<std::string, 3>;
RecordKey KeyOf(const Json& record) {
  return {record.at("tenantId"), record.at("category"), record.at("properties").at("id")};
}

TEST(GenerateTest, TheSameSeedGivesTheSameBytes) {
  GenerateOptions options = SmallTraffic();
  options.scenarios = true;
  const Traffic first = Generate(options);
  const Traffic second = Generate(options);
  EXPECT_EQ(first.exit_code, 0);
  EXPECT_TRUE(first.outputs == second.outputs);
  EXPECT_EQ(first.labels, second.labels);

  options.seed = 2;
  const Traffic other = Generate(options);
  EXPECT_FALSE(first.outputs == other.outputs);
  EXPECT_NE(first.labels, other.labels);
}

// A change of the generator changes this number; a change of the compiler must not.
TEST(GenerateTest, TheBytesAreTheSameEverywhere) {
  GenerateOptions options = SmallTraffic();
  options.scenarios = true;
  const Traffic traffic = Generate(options);
  EXPECT_EQ(HashText64(traffic.outputs[0]), 12335790133205638149U);
  EXPECT_EQ(HashText64(traffic.labels), 13793455528082940615U);
}

TEST(GenerateTest, EveryMessageIsAnEventHubsBatchOfAtMost256KB) {
  GenerateOptions options = SmallTraffic();
  options.scenarios = true;
  std::set<std::string> mixed;
  for (const std::string& line : Lines(Generate(options).outputs[0])) {
    EXPECT_LE(line.size(), size_t{256} << 10);
    const Json message = Json::parse(line);
    std::set<std::string> categories, tenants;
    for (const Json& record : message.at("records")) {
      categories.insert(record.at("category"));
      tenants.insert(record.at("tenantId"));
    }
    EXPECT_EQ(tenants.size(), 1U);
    if (categories.size() > 1) mixed.insert(categories.begin(), categories.end());
  }
  EXPECT_THAT(mixed, testing::IsSupersetOf({"SignInLogs", "NonInteractiveUserSignInLogs",
                                            "AuditLogs", "ServicePrincipalSignInLogs"}));
}

TEST(GenerateTest, LinesHoldOneRecordEachAndTheSameOnes) {
  GenerateOptions options = SmallTraffic();
  const std::vector<Json> batched = RecordsOf(Generate(options).outputs[0]);
  options.layout = "lines";
  const std::string output = Generate(options).outputs[0];
  EXPECT_TRUE(output.ends_with("}\r\n"));
  std::vector<Json> single;
  for (const std::string& line : Lines(output)) single.push_back(Json::parse(line));
  EXPECT_TRUE(batched == single);
}

TEST(GenerateTest, AllCategoriesComeWithTheirFields) {
  GenerateOptions options = SmallTraffic();
  options.records = 3000;
  std::map<std::string, Json> samples;
  for (Json& record : RecordsOf(Generate(options).outputs[0]))
    samples.emplace(record.at("category"), std::move(record));
  ASSERT_THAT(samples, testing::SizeIs(9));

  const Json& sign_in = samples.at("NonInteractiveUserSignInLogs");
  EXPECT_EQ(sign_in.at("operationName"), "Sign-in activity");
  EXPECT_TRUE(sign_in.at("resultType").is_string());
  const Json& properties = sign_in.at("properties");
  EXPECT_TRUE(properties.at("status").at("errorCode").is_number_integer());
  EXPECT_FALSE(properties.at("isInteractive").get<bool>());
  EXPECT_THAT(properties.at("appliedConditionalAccessPolicies"), testing::SizeIs(testing::Gt(3)));
  for (const char* field : {"userId", "userPrincipalName", "ipAddress", "appId", "sessionId",
                            "incomingTokenType", "uniqueTokenIdentifier", "deviceDetail"})
    EXPECT_TRUE(properties.contains(field)) << field;
  EXPECT_EQ(properties.at("originalRequestId"), properties.at("id"));

  EXPECT_TRUE(samples.at("SignInLogs").at("properties").at("isInteractive").get<bool>());
  EXPECT_TRUE(samples.at("ManagedIdentitySignInLogs").at("properties").at("userId").is_null());
  EXPECT_EQ(samples.at("ServicePrincipalSignInLogs").at("properties").at("userId"), "");
  EXPECT_THAT(samples.at("ADFSSignInLogs").at("time").get<std::string>(),
              testing::MatchesRegex("[0-9]+/[0-9]+/2025 [0-9]+:[0-9]+:[0-9]+ [AP]M"));
  const Json& risk = samples.at("UserRiskEvents").at("properties");
  EXPECT_EQ(risk.at("riskEventType"), "unfamiliarFeatures");
  EXPECT_EQ(Json::parse(risk.at("additionalInfo").get<std::string>()).at(0).at("Key"), "userAgent");
  EXPECT_GT(Time(risk.at("lastUpdatedDateTime")), Time(risk.at("activityDateTime")));
  const Json& audit = samples.at("AuditLogs");
  EXPECT_EQ(Time(audit.at("time")), Time(audit.at("properties").at("activityDateTime")));
  EXPECT_EQ(audit.at("properties").at("targetResources").at(0).at("type"), "User");
}

// What the guide's questions are answered from, as often as real tenants have it.
TEST(GenerateTest, SignInsTellOfMfaPoliciesSessionsAndRisk) {
  GenerateOptions options = SmallTraffic();
  options.records = 6000;
  std::set<std::string> methods, risks, requirements;
  size_t failing = 0;
  for (const Json& record : RecordsOf(Generate(options).outputs[0])) {
    if (!IsUserSignIn(record)) continue;
    const Json& properties = record.at("properties");
    for (const Json& step : properties.at("authenticationDetails"))
      methods.insert(step.at("authenticationMethod"));
    risks.insert(properties.at("riskLevelDuringSignIn"));
    requirements.insert(properties.at("authenticationRequirement"));
    EXPECT_FALSE(properties.at("sessionId").get<std::string>().empty());
    size_t failures = 0;
    for (const Json& policy : properties.at("appliedConditionalAccessPolicies"))
      failures += policy.at("result") == "failure" ? 1 : 0;
    EXPECT_EQ(failures, properties.at("conditionalAccessStatus") == "failure" ? 1U : 0U);
    failing += failures;
  }
  EXPECT_THAT(methods, testing::IsSupersetOf({"Password", "Previously satisfied",
                                              "Mobile app notification", "Text message"}));
  EXPECT_THAT(risks, testing::UnorderedElementsAre("none", "low"));
  EXPECT_THAT(requirements, testing::UnorderedElementsAre("singleFactorAuthentication",
                                                          "multiFactorAuthentication"));
  EXPECT_GT(failing, 20U);
}

TEST(GenerateTest, SizesAreThoseOfRealExports) {
  GenerateOptions options = SmallTraffic();
  options.records = 4000;
  options.tenants = 6;
  uint64_t sign_ins = 0, bytes = 0;
  for (const Json& record : RecordsOf(Generate(options).outputs[0])) {
    const size_t size = record.dump().size();
    EXPECT_LE(size, 16'500U);
    EXPECT_GE(size, record.at("category") == "AuditLogs" ? 1'500U : 700U);
    if (!IsUserSignIn(record)) continue;
    EXPECT_GE(size, 4'000U);
    ++sign_ins;
    bytes += size;
  }
  EXPECT_NEAR(static_cast<double>(bytes) / static_cast<double>(sign_ins), 11'000, 1'000);
}

TEST(GenerateTest, WorkFollowsTheHoursAndTheWeek) {
  GenerateOptions options = SmallTraffic();
  options.tenants = 1;  // in Germany, an hour ahead of UTC
  options.duration = 7 * kDay;
  options.layout = "lines";
  std::map<int64_t, int> by_hour, by_day;  // user sign-ins
  for (const std::string& line : Lines(Generate(options).outputs[0])) {
    const Json record = Json::parse(line);
    if (!IsUserSignIn(record)) continue;
    const Duration since = EventTimeOf(record) - options.start;
    ++by_hour[std::chrono::floor<std::chrono::hours>(since).count() % 24];
    ++by_day[std::chrono::floor<std::chrono::days>(since).count()];
  }
  EXPECT_GT(by_hour[9], 5 * by_hour[2]);
  EXPECT_GT(by_day[0], 4 * by_day[5]);
  EXPECT_GT(by_day[4], 4 * by_day[6]);
}

TEST(GenerateTest, AFewSignInsComeAgainWithAFreshTime) {
  GenerateOptions options = SmallTraffic();
  options.records = 6000;
  std::map<RecordKey, std::vector<Json>> records;
  for (Json& record : RecordsOf(Generate(options).outputs[0])) {
    if (IsSignIn(record)) records[KeyOf(record)].push_back(std::move(record));
  }
  size_t repeated = 0;
  for (const auto& [key, copies] : records) {
    repeated += copies.size() > 1 ? 1 : 0;
    EXPECT_LE(copies.size(), 4U);
    for (size_t i = 1; i < copies.size(); ++i) {
      EXPECT_EQ(copies[i].at("properties"), copies[0].at("properties"));
      EXPECT_GT(Time(copies[i].at("time")), Time(copies[0].at("time")));
    }
  }
  const double share = static_cast<double>(repeated) / static_cast<double>(records.size());
  EXPECT_GT(share, 0.03);
  EXPECT_LT(share, 0.04);
}

TEST(GenerateTest, TheExportLagsBehindTheEvents) {
  GenerateOptions options = SmallTraffic();
  std::set<RecordKey> seen;
  Duration least = kDay, greatest{};
  for (const Json& record : RecordsOf(Generate(options).outputs[0])) {
    if (!IsUserSignIn(record) || !seen.insert(KeyOf(record)).second) continue;
    const Duration lag = Time(record.at("time")) - EventTimeOf(record);
    least = std::min(least, lag);
    greatest = std::max(greatest, lag);
  }
  EXPECT_GE(least, seconds(28));
  EXPECT_LE(greatest, minutes(18));
  EXPECT_GT(greatest, minutes(15));
}

TEST(GenerateTest, NothingIsLate) {
  GenerateOptions options = SmallTraffic();
  options.scenarios = true;
  options.partitions = 3;
  const Traffic traffic = Generate(options);
  ASSERT_EQ(traffic.outputs.size(), 3U);
  Duration disorder{};
  for (const std::string& output : traffic.outputs) {
    EXPECT_FALSE(output.empty());
    // A stream of one partition is the strictest: with more, the least watermark counts.
    WatermarkTracker watermarks(1, minutes(30));
    for (const Json& record : RecordsOf(output)) {
      if (record.at("category") == "UserRiskEvents") continue;  // never late, whenever they come
      const EventTime time = EventTimeOf(record);
      EXPECT_GE(time, watermarks.stream_watermark());
      disorder = std::max<Duration>(disorder, watermarks.greatest_event_time() - time);
      watermarks.Observe(0, time);
    }
  }
  EXPECT_GT(disorder, minutes(10)) << "the disorder of real exports";
}

TEST(GenerateTest, RecordsAreAsManyAsAsked) {
  GenerateOptions options = SmallTraffic();
  options.records = 777;
  std::set<RecordKey> distinct;
  for (const Json& record : RecordsOf(Generate(options).outputs[0])) {
    // The single watched failures come on top.
    if (record.value("resultType", "") == "50132" || record.value("resultType", "") == "50173")
      continue;
    const RecordKey key = {record.at("tenantId"), record.at("category"),
                           record.at("correlationId")};
    distinct.insert(key);
  }
  // Risky users are known by the user's id, of which there may be several records.
  EXPECT_NEAR(static_cast<double>(distinct.size()), 777, 5);
}

TEST(GenerateTest, BytesSetTheSize) {
  GenerateOptions options = SmallTraffic();
  options.bytes = 20'000'000;
  const size_t whole = Generate(options).outputs[0].size();
  EXPECT_NEAR(static_cast<double>(whole), 20e6, 3e6);

  options.records = 100'000;
  options.bytes = 10'000'000;
  const size_t stopped = Generate(options).outputs[0].size();
  EXPECT_GT(stopped, 10'000'000U);
  EXPECT_LT(stopped, 30'000'000U);
}

TEST(GenerateTest, WhatCannotBeDoneIsRefused) {
  GenerateOptions options = SmallTraffic();
  options.layout = "columns";
  EXPECT_EQ(Generate(options).exit_code, 2);
  EXPECT_THAT(Generate(options).messages, testing::HasSubstr("batches or lines"));

  options = SmallTraffic();
  options.tenants = 0;
  EXPECT_EQ(Generate(options).exit_code, 2);

  options = SmallTraffic();
  options.start = kBeginningOfTime;
  EXPECT_EQ(Generate(options).exit_code, 2);
}

TEST(GenerateTest, TheSummaryIsOneJsonLine) {
  const Traffic traffic = Generate(SmallTraffic());
  const Json summary = Json::parse(traffic.messages);
  EXPECT_EQ(summary.at("bytes"), traffic.outputs[0].size());
  EXPECT_EQ(summary.at("records"), RecordsOf(traffic.outputs[0]).size());
}

}  // namespace generator_test
}  // namespace signinwatch::generator
