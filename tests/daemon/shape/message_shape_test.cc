#include "daemon/shape/message_shape.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace signinwatch::shape {
namespace message_shape_test {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

struct ShapeCase {
  const char* message;
  const char* name;
  const char* advice;  // a part of it
};

// Each wrong shape that people have brought, by its name and with what to do.
TEST(MessageShapeTest, NamesWhatItSees) {
  const ShapeCase cases[] = {
      {R"({"records":[{"TimeGenerated":"2026-11-24T09:00:00Z","Type":"SecurityEvent","TenantId":"w"}]})",
       "rows of a Log Analytics workspace, of the table 'SecurityEvent'", "AuditLogs"},
      {R"({"TimeGenerated":"2026-11-24T09:00:00Z","ResultType":"50132"})",
       "rows of a Log Analytics workspace without their column Type", "keep that column"},
      {R"({"@timestamp":"2026-11-24T09:00:00Z","message":"{\"category\":\"SignInLogs\"}"})",
       "records wrapped by a shipper", "set input.unwrap: true"},
      {R"({"event":{"original":"{\"category\":\"SignInLogs\"}"},"host":"h"})",
       "records wrapped by a shipper", "set input.unwrap: true"},
      {R"({"records":[{"time":"2026-11-24T09:00:00Z","resourceId":"/SUBSCRIPTIONS/1/RESOURCEGROUPS/g",
         "operationName":"MICROSOFT.COMPUTE/VIRTUALMACHINES/WRITE","category":"Administrative",
         "resultType":"Success"}]})",
       "the Azure activity log, which a subscription exports", "Microsoft Entra ID itself"},
      {R"({"records":[{"time":"2026-11-24T09:00:00Z","resourceId":"/SUBSCRIPTIONS/1/X",
         "category":"AuditEvent"}]})",
       "the log of an Azure resource, category 'AuditEvent'", "Microsoft Entra ID itself"},
      {R"({"records":[{"time":"2026-11-24T09:00:00Z","category":"AdvancedHunting-DeviceEvents",
         "properties":{}}]})",
       "the stream of Microsoft Defender XDR, category 'AdvancedHunting-DeviceEvents'",
       "NonInteractiveUserSignInLogs"},
      {R"({"records":[{"time":"2026-11-24T09:00:00Z","category":"ServicePrincipalSignInLogs",
         "resourceId":"/tenants/t/providers/Microsoft.aadiam","properties":{}}]})",
       "records of Entra of another category, 'ServicePrincipalSignInLogs' for example",
       "kafka.topics"},
      {R"([{"CreationTime":"2026-11-24T09:00:00","Workload":"AzureActiveDirectory",
         "Operation":"UserLoggedIn"}])",
       "the unified audit log of Microsoft 365", "Microsoft Entra ID itself"},
      {R"({"@timestamp":"2026-11-24T09:00:00Z","azure":{"signinlogs":{}}})",
       "documents of Elastic or Logstash", "event.original"},
      {R"({"time":1,"event":{"a":1},"host":"h","sourcetype":"azure:aad"})",
       "events of Splunk's collector", "as the event hub has them"},
      {R"([{"specversion":"1.0","type":"x","data":{}}])", "events of Event Grid", "Entra"},
      {R"({"value":[{"id":"1","createdDateTime":"2026-11-24T09:00:00Z","status":{}}]})",
       "records from Graph", "input.default_tenant"},
      {R"({"temperature":21,"unit":"C"})",
       "JSON of another kind with the keys 'temperature', 'unit'", "Microsoft Entra ID itself"},
      {"Date (UTC),User,Status\n2026-11-24,Ada,Failure\n", "CSV", "JSON"},
      {"Obj\x01\x04\x14"
       "avro.codec EventData",
       "Avro of Event Hubs Capture", "read the hub"},
      {"<34>1 2026-11-24T09:00:00Z host app - - - it failed", "text that is no JSON", "Entra"},
      {"[1,2,3]", "a list that holds no records", "Entra"},
  };
  for (const ShapeCase& c : cases) {
    const MessageShape shape = RecogniseShape(c.message, false);
    EXPECT_EQ(shape.name, c.name);
    EXPECT_THAT(shape.advice, HasSubstr(c.advice)) << c.name;
    EXPECT_THAT(shape.advice, Not(testing::EndsWith("."))) << c.name;
  }
  EXPECT_EQ(RecogniseShape(std::string_view("\x00\x01\x02", 3), false).name, "binary data");
}

TEST(MessageShapeTest, WhereWrappingIsTakenOffWhatIsWithinCounts) {
  EXPECT_EQ(RecogniseShape(R"({"message":"{\"temperature\":21}"})", true).name,
            "JSON of another kind with the keys 'temperature'");
  EXPECT_EQ(RecogniseShape(R"({"message":"{\"message\":\"{\\\"a\\\":1}\"}"})", true).name,
            "records wrapped twice by shippers");
}

// A log line with a `message` of plain words is wrapped by nobody.
TEST(MessageShapeTest, AMessageOfWordsIsNoWrapping) {
  EXPECT_THAT(RecogniseShape(R"({"message":"it failed","level":"warn"})", false).name,
              StartsWith("JSON of another kind"));
}

// Only a beginning is looked at, and what is broken is named as far as it goes.
TEST(MessageShapeTest, OfWhatIsBrokenOrLongTheBeginningIsEnough) {
  EXPECT_EQ(RecogniseShape(R"({"records":[{"TimeGenerated":"2026","Type":"X","a":)", false).name,
            "rows of a Log Analytics workspace, of the table 'X'");
  const std::string large = R"({"records":[{"time":"t","category":"Other","properties":{"a":")" +
                            std::string(kShapeBytes, 'x') + "\"}}]}";
  EXPECT_THAT(RecogniseShape(large, false).name, HasSubstr("'Other'"));
}

TEST(MessageShapeTest, NeverRepeatsWhatIsNoName) {
  for (const char* message : {"{\"\\u001b[31mred\":1}", "{\"<script>\":1}", "{\"a\\nb\":1}",
                              R"({"records":[{"time":"t","category":"<b>","properties":{}}]})"}) {
    const std::string name = RecogniseShape(message, false).name;
    EXPECT_EQ(name.find_first_of("<\x1b\n"), std::string::npos) << name;
  }
}

TEST(MessageShapeTest, TakesAnything) {
  for (const char* message :
       {"", " ", "{", "[", "{}", "[]", "[{", "{\"records\":", "{\"records\":[", "{\"records\":[]}",
        "\"", "{\"a\"", "{\"a\":", "[[", "null"}) {
    EXPECT_FALSE(RecogniseShape(message, true).name.empty()) << message;
  }
}

}  // namespace message_shape_test
}  // namespace signinwatch::shape
