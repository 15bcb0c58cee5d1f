#include "parser/record_fields.h"

#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <string>
#include <string_view>

namespace signinwatch {
namespace record_fields_test {

const struct {
  const char* name;
  Field field;
} kFields[] = {
    {"records", Field::kRecords},
    {"value", Field::kValue},
    {"category", Field::kCategory},
    {"time", Field::kTime},
    {"tenantId", Field::kTenantId},
    {"resourceId", Field::kResourceId},
    {"resultType", Field::kResultType},
    {"operationName", Field::kOperationName},
    {"callerIpAddress", Field::kCallerIpAddress},
    {"properties", Field::kProperties},
    {"createdDateTime", Field::kCreatedDateTime},
    {"activityDateTime", Field::kActivityDateTime},
    {"activityDisplayName", Field::kActivityDisplayName},
    {"status", Field::kStatus},
    {"userId", Field::kUserId},
    {"userPrincipalName", Field::kUserPrincipalName},
    {"id", Field::kId},
    {"ipAddress", Field::kIpAddress},
    {"appId", Field::kAppId},
    {"appDisplayName", Field::kAppDisplayName},
    {"deviceDetail", Field::kDeviceDetail},
    {"location", Field::kLocation},
    {"clientAppUsed", Field::kClientAppUsed},
    {"isInteractive", Field::kIsInteractive},
    {"correlationId", Field::kCorrelationId},
    {"result", Field::kResult},
    {"targetResources", Field::kTargetResources},
    {"initiatedBy", Field::kInitiatedBy},
    {"signInEventTypes", Field::kSignInEventTypes},
    {"userType", Field::kUserType},
    {"homeTenantId", Field::kHomeTenantId},
    {"TimeGenerated", Field::kTimeGenerated},
    {"Type", Field::kType},
    {"message", Field::kMessage},
    {"event", Field::kEvent},
    {"conditionalAccessStatus", Field::kConditionalAccessStatus},
    {"appliedConditionalAccessPolicies", Field::kAppliedConditionalAccessPolicies},
    {"incomingTokenType", Field::kIncomingTokenType},
    {"sessionId", Field::kSessionId},
    {"riskLevelDuringSignIn", Field::kRiskLevelDuringSignIn},
    {"authenticationRequirement", Field::kAuthenticationRequirement},
    {"authenticationDetails", Field::kAuthenticationDetails},
    {"mfaDetail", Field::kMfaDetail},
    {"riskEventType", Field::kRiskEventType},
    {"riskLevel", Field::kRiskLevel},
    {"riskState", Field::kRiskState},
    {"lastUpdatedDateTime", Field::kLastUpdatedDateTime},
};

Field FieldOf(std::string_view key, std::string_view behind = ":1}") {
  std::string text = "{\"";
  text.append(key).append("\"").append(behind);
  auto exact = std::make_unique<char[]>(text.size());
  std::memcpy(exact.get(), text.data(), text.size());
  const std::string_view view_text(exact.get(), text.size());
  StructuralIndex index;
  index.Build(view_text);
  return KeyField(JsonView(view_text, index), 1);
}

std::string Escaped(std::string_view name) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string out;
  for (const char c : name) {
    out.append("\\u00").push_back(kHex[c >> 4]);
    out.push_back(kHex[c & 15]);
  }
  return out;
}

TEST(RecordFieldsTest, EveryNameIsFound) {
  for (const auto& f : kFields) {
    EXPECT_EQ(FieldOf(f.name), f.field) << f.name;
    EXPECT_EQ(FieldOf(f.name, "  :  1 , \"more\" : \"and more\" }"), f.field) << f.name;
    EXPECT_EQ(FieldOf(Escaped(f.name)), f.field) << f.name;
  }
}

TEST(RecordFieldsTest, NothingElseIs) {
  for (const auto& f : kFields) {
    const std::string name = f.name;
    for (size_t i = 0; i < name.size(); ++i) {
      std::string other = name;
      other[i] ^= 0x20;
      EXPECT_EQ(FieldOf(other), Field::kNone) << other;
      const std::string prefix = name.substr(0, i);
      EXPECT_EQ(FieldOf(prefix), prefix == "result"      ? Field::kResult
                                 : prefix == "riskLevel" ? Field::kRiskLevel
                                                         : Field::kNone);
      other[i] = '?';
      EXPECT_EQ(FieldOf(other, ":1                        }"), Field::kNone) << other;
    }
    EXPECT_EQ(FieldOf(name + "s"), Field::kNone) << name;
    EXPECT_EQ(FieldOf(name + std::string(1, '\x7f')), Field::kNone) << name;
  }
  EXPECT_EQ(FieldOf(""), Field::kNone);
  EXPECT_EQ(FieldOf(std::string(1000, 'a')), Field::kNone);
}

TEST(RecordFieldsTest, NotesTheFirstOfEqualKeys) {
  const std::string_view text = R"({"time":1,"properties":{"id":"a","\u0069d":"b","x":{"id":"c"}},)"
                                R"("time":2,"properties":{"id":"d","appId":""}})";
  StructuralIndex index;
  index.Build(text);
  const JsonView view(text, index);
  JsonWalker walker(10);
  FieldSet fields;
  FieldSet properties;
  EXPECT_EQ(WalkFields(walker, view, 0, 1, &fields, &properties), view.count);
  EXPECT_EQ(view.At(fields[Field::kTime]), '1');
  EXPECT_EQ(view.RawString(properties[Field::kId]), "a");
  EXPECT_EQ(properties[Field::kAppId], 0u);
}

TEST(RecordFieldsTest, FindsTheColumnsOfARow) {
  const std::string_view text =
      R"({"TenantId":0,"AADTenantId":1,"TimeGenerated":2,"time":3,"\u0049d":4,"id":5,"Id":6,)"
      R"("IPAddress":"7","IpAddress":8,"Location":{"a":[9]},"LocationDetails":10,"Type":11})";
  StructuralIndex index;
  index.Build(text);
  const JsonView view(text, index);
  const FieldSet fields = RowFields(view, 0);
  EXPECT_EQ(view.At(fields[Field::kTenantId]), '1');
  EXPECT_EQ(view.At(fields[Field::kTime]), '2');
  EXPECT_EQ(view.At(fields[Field::kId]), '4');
  EXPECT_EQ(view.RawString(fields[Field::kIpAddress]), "7");
  EXPECT_EQ(view.At(fields[Field::kLocation]), '{');
  EXPECT_EQ(view.At(fields[Field::kLocationDetails]), '1');
  EXPECT_EQ(fields[Field::kType], 0u);
}

TEST(RecordFieldsTest, FindsDamageAndDepth) {
  const auto walk = [](std::string_view text) {
    StructuralIndex index;
    index.Build(text);
    const JsonView view(text, index);
    JsonWalker walker(3);
    FieldSet fields;
    FieldSet properties;
    return WalkFields(walker, view, 0, 1, &fields, &properties);
  };
  for (const char* text :
       {"{", "{\"time\"", "{\"time\":", "{\"time\":1", "{\"time\":1,", "{\"time\":1,}",
        "{\"time\":x}", "{\"time\" 1}", "{time:1}", "{\"properties\":{\"id\":x}}",
        "{\"properties\":{}", "{\"properties\":{}]", "{\"properties\":{\"id\":[}}"}) {
    EXPECT_EQ(walk(text), kBroken) << text;
  }
  EXPECT_EQ(walk("{}"), 2u);
  EXPECT_EQ(walk(R"({"properties":{"status":{}}})"), 10u);
  EXPECT_EQ(walk(R"({"properties":{"status":{"a":[]}}})"), kTooDeep);
  EXPECT_EQ(walk(R"({"x":{"status":{"a":[]}}})"), kTooDeep);
}

}  // namespace record_fields_test
}  // namespace signinwatch
