// What is read of one record for the guide's questions (SPEC 3.2, 6.5), in every shape of section 3
// and in both orders of keys.
#include <gtest/gtest.h>

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "parser/message_parser.h"
#include "tests/parser/entra_json.h"

namespace signinwatch {
namespace record_evidence_test {

using Change = std::function<void(Members&)>;  // of a record's `properties`

// A sign-in of `category` with this code, whose `properties` are changed.
RecordParts SignInWith(int code, const char* category, const Change& change) {
  RecordParts parts = SignInParts();
  parts.record.Set("category", "\"" + std::string(category) + "\"");
  parts.properties.Set("status", R"({"errorCode":)" + std::to_string(code) + "}");
  change(parts.properties);
  return parts;
}

// What a message's one signal has, in words: "failure notApplied none Browser - - [Policy]" or
// "success <method>". "-" stands for an absent text.
std::string Words(const ParsedMessage& parsed) {
  if (parsed.signals.size() != 1) return "no signal";
  const Signal& signal = parsed.signals[0];
  const auto text = [&](TextRef ref) {
    return ref.empty() ? "-" : std::string(ShownText(parsed.Text(ref)));
  };
  if (signal.is_success()) {
    EXPECT_EQ(signal.detail, kNoDetail);
    EXPECT_TRUE(parsed.failures.empty());
    return "success " + text(signal.mfa_method);
  }
  static constexpr const char* kStatus[] = {"unknown", "success", "failure", "notApplied"};
  static constexpr const char* kRisk[] = {"none", "low", "medium", "high"};
  const FailureDetail& failure = parsed.failures.at(signal.detail);
  std::string policies;
  for (uint32_t i = failure.policies_begin; i < failure.policies_end; ++i) {
    policies += (policies.empty() ? "" : ",") + text(parsed.failing_policies.at(i));
  }
  EXPECT_TRUE(signal.mfa_method.empty());
  return std::string("failure ") + kStatus[static_cast<int>(failure.conditional_access)] + " " +
         kRisk[static_cast<int>(failure.risk)] + " " + text(failure.client) + " " +
         text(failure.token_type) + " " + text(failure.session) + " [" + policies + "]";
}

std::string WordsOf(const RecordParts& parts) {
  const std::string usual = Words(ParseMessage(parts.Json()));
  EXPECT_EQ(Words(ParseMessage(parts.ReversedJson())), usual);
  return usual;
}

std::string Failure(const Change& change, const char* category = "SignInLogs") {
  return WordsOf(SignInWith(50132, category, change));
}
std::string Success(const Change& change, const char* category = "SignInLogs") {
  return WordsOf(SignInWith(0, category, change));
}

void InFull(Members& properties) {
  properties.Set("clientAppUsed", R"("Exchange ActiveSync")")
      .Set("conditionalAccessStatus", R"("failure")")
      .Set("appliedConditionalAccessPolicies",
           R"([{"id":"p1","displayName":"Require MFA","result":"failure"},)"
           R"({"id":"p2","displayName":"Block legacy","result":"notApplied"},)"
           R"({"id":"p3","displayName":"","enforcedGrantControls":["Block"],"result":"failure"}])")
      .Set("incomingTokenType", R"("primaryRefreshToken")")
      .Set("sessionId", R"("00aa11bb-0000-4000-8000-123456789abc")")
      .Set("riskLevelDuringSignIn", R"("medium")")
      .Set("authenticationRequirement", R"("multiFactorAuthentication")")
      .Set("authenticationDetails",
           R"([{"authenticationMethod":"Password","succeeded":true},)"
           R"({"authenticationMethod":"Text message","succeeded":false},)"
           R"({"authenticationMethod":"Mobile app notification","succeeded":true}])")
      .Set("mfaDetail", R"({"authMethod":null,"authDetail":null})");
}
constexpr char kFailureInFull[] =
    "failure failure medium Exchange ActiveSync primaryRefreshToken "
    "00aa11bb-0000-4000-8000-123456789abc [Require MFA,p3]";

TEST(RecordEvidenceTest, AFailureHasWhatOnlyFailuresNeed) {
  EXPECT_EQ(Failure(InFull), kFailureInFull);
  EXPECT_EQ(Failure(InFull, "NonInteractiveUserSignInLogs"), kFailureInFull);
  EXPECT_EQ(Failure(InFull, "ADFSSignInLogs"), kFailureInFull);
  EXPECT_EQ(Failure([](Members& p) { p.Remove("clientAppUsed"); }),
            "failure unknown none - - - []");
}

TEST(RecordEvidenceTest, ASuccessHasItsMethodAlone) {
  EXPECT_EQ(Success(InFull), "success Mobile app notification");
  EXPECT_EQ(Success(InFull, "NonInteractiveUserSignInLogs"), "success Mobile app notification");
  // Whoever holds an AD FS server can write its records.
  EXPECT_EQ(Success(InFull, "ADFSSignInLogs"), "success -");
}

TEST(RecordEvidenceTest, GraphHasThemToo) {
  for (const bool failed : {true, false}) {
    const RecordParts parts = SignInWith(failed ? 50132 : 0, "SignInLogs", InFull);
    const std::string expected = failed ? kFailureInFull : "success Mobile app notification";
    EXPECT_EQ(Words(ParseMessage(parts.properties.Json())), expected);
    EXPECT_EQ(Words(ParseMessage(parts.properties.ReversedJson())), expected);
  }
}

TEST(RecordEvidenceTest, PropertiesMayBeAText) {
  for (const bool failed : {true, false}) {
    RecordParts parts = SignInWith(failed ? 50132 : 0, "SignInLogs", InFull);
    parts.record.Set("properties", Quoted(parts.properties.Json()));
    EXPECT_EQ(Words(ParseMessage(parts.record.Json())),
              failed ? kFailureInFull : "success Mobile app notification");
  }
}

// A row of a workspace with the columns of `properties`, containers as JSON texts if `as_text`.
std::string RowOf(const RecordParts& parts, bool as_text, const char* policies_column) {
  Members row = {{"TimeGenerated", R"("2026-11-24T09:02:10Z")"},
                 {"Type", R"("AADNonInteractiveUserSignInLogs")"},
                 {"AADTenantId", "\"" + std::string(kTenantGuid) + "\""}};
  const nlohmann::json properties = nlohmann::json::parse(parts.properties.Json());
  for (const auto& [key, value] : properties.items()) {
    std::string column = key == "appliedConditionalAccessPolicies" ? policies_column : key;
    column[0] = static_cast<char>(std::toupper(column[0]));
    const bool text = as_text && value.is_structured();
    row.Add(column, text ? Quoted(value.dump()) : value.dump());
  }
  return row.Json();
}

TEST(RecordEvidenceTest, RowsOfAWorkspaceHaveThem) {
  for (const bool failed : {true, false}) {
    const RecordParts parts = SignInWith(failed ? 50132 : 0, "SignInLogs", InFull);
    for (const char* column : {"ConditionalAccessPolicies", "AppliedConditionalAccessPolicies"}) {
      for (const bool as_text : {true, false}) {
        EXPECT_EQ(Words(ParseMessage(RowOf(parts, as_text, column))),
                  failed ? kFailureInFull : "success Mobile app notification")
            << column << as_text;
      }
    }
  }
}

TEST(RecordEvidenceTest, TheFirstUsableColumnOfPoliciesCounts) {
  const struct {
    const char* first;
    const char* expected;
  } kCases[] = {
      {R"("[{\"id\":\"a\",\"result\":\"failure\"}]")", "[a]"},
      {R"([{"id":"a","result":"failure"}])", "[a]"},
      {"[]", "[]"},
      {R"("")", "[b]"},
      {R"("[{\"id\"")", "[b]"},
      {R"("{\"id\":\"a\",\"result\":\"failure\"}")", "[b]"},
      {"null", "[b]"},
  };
  for (const auto& c : kCases) {
    const std::string row =
        R"({"TimeGenerated":"2026-11-24T09:02:10Z","Type":"SigninLogs","ResultType":"50132",)"
        R"("AADTenantId":"t","AppliedConditionalAccessPolicies":[{"id":"b","result":"failure"}],)"
        R"("ConditionalAccessPolicies":)" +
        std::string(c.first) + "}";
    EXPECT_EQ(Words(ParseMessage(row)), "failure unknown none - - - " + std::string(c.expected))
        << row;
  }
}

// The word at `place` of what Words says, with the property set to `json`.
std::string WordOfFailure(int place, const char* key, const std::string& json) {
  const std::string words = Failure([&](Members& p) { p.Set(key, json); });
  size_t begin = 0;
  for (int i = 0; i < place; ++i) begin = words.find(' ', begin) + 1;
  return words.substr(begin, words.find(' ', begin) - begin);
}

TEST(RecordEvidenceTest, ConditionalAccessAsTextOrAsGraphsNumber) {
  const std::pair<const char*, const char*> kCases[] = {
      {R"("success")", "success"},
      {R"("FAILURE")", "failure"},
      {R"("notApplied")", "notApplied"},
      {R"("notapplied")", "notApplied"},
      {R"("n\u006ftApplied")", "notApplied"},
      {"0", "success"},
      {"1", "failure"},
      {"2", "notApplied"},
      {R"("0")", "success"},
      {R"("1")", "failure"},
      {R"("2")", "notApplied"},
      {"3", "unknown"},
      {"-1", "unknown"},
      {"1.0", "unknown"},
      {R"("unknownFutureValue")", "unknown"},
      {R"("")", "unknown"},
      {"null", "unknown"},
      {"true", "unknown"},
      {R"(["failure"])", "unknown"},
      {"{}", "unknown"},
  };
  for (const auto& [json, expected] : kCases) {
    EXPECT_EQ(WordOfFailure(1, "conditionalAccessStatus", json), expected) << json;
  }
}

TEST(RecordEvidenceTest, RiskOfTheSignIn) {
  const std::pair<const char*, const char*> kCases[] = {
      {R"("low")", "low"},     {R"("Medium")", "medium"},
      {R"("HIGH")", "high"},   {R"("none")", "none"},
      {R"("hidden")", "none"}, {R"("")", "none"},
      {R"(" high")", "none"},  {"3", "none"},
      {"null", "none"},        {R"(["high"])", "none"},
  };
  for (const auto& [json, expected] : kCases) {
    EXPECT_EQ(WordOfFailure(2, "riskLevelDuringSignIn", json), expected) << json;
  }
}

TEST(RecordEvidenceTest, TokenTypesAndSessions) {
  const struct {
    const char* json;
    const char* token_type;
    const char* session;
  } kCases[] = {
      {R"("refreshToken")", "refreshToken", "refreshToken"},
      {R"("none")", "-", "none"},
      {R"("None")", "-", "None"},
      {R"("")", "-", "-"},
      {"null", "-", "-"},
      {"7", "-", "-"},
      {R"("00000000-0000-0000-0000-000000000000")", "00000000-0000-0000-0000-000000000000", "-"},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(WordOfFailure(4, "incomingTokenType", c.json), c.token_type) << c.json;
    EXPECT_EQ(WordOfFailure(5, "sessionId", c.json), c.session) << c.json;
  }
}

TEST(RecordEvidenceTest, PoliciesThatFailed) {
  const struct {
    const char* json;
    const char* expected;
  } kCases[] = {
      {"[]", "[]"},
      {"null", "[]"},
      {R"("failure")", "[]"},
      {R"({"displayName":"A","result":"failure"})", "[]"},
      {R"(["failure",null,[{"displayName":"A","result":"failure"}]])", "[]"},
      {R"([{"displayName":"A","result":"Failure"}])", "[A]"},
      {R"([{"result":"failure","id":"i","displayName":"A"}])", "[A]"},
      {R"([{"displayName":"A","result":"success"},{"displayName":"B","result":"reportOnlyFailure"}])",
       "[]"},
      {R"([{"displayName":"A","result":["failure"]}])", "[]"},
      {R"([{"displayName":"A","Result":"failure"}])", "[]"},
      {R"([{"displayName":"A","result":"success","result":"failure"}])", "[]"},
      {R"([{"displayName":null,"id":"i","result":"failure"}])", "[i]"},
      {R"([{"displayName":7,"result":"failure"}])", "[]"},
      {R"([{"id":"00000000-0000-0000-0000-000000000000","result":"failure"}])", "[]"},
      // Each once, by name; an id that is another's name is that.
      {R"([{"displayName":"B","result":"failure"},{"id":"A","result":"failure"},)"
       R"({"displayName":"A","result":"failure"},{"displayName":"B","id":"x","result":"failure"}])",
       "[A,B]"},
      {R"([{"displayName":"a","result":"failure"},{"displayName":"A","result":"failure"}])",
       "[A,a]"},
      {R"([{"displayN\u0061me":"\u00dcber","result":"f\u0061ilure"}])", "[Über]"},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(WordOfFailure(6, "appliedConditionalAccessPolicies", c.json), c.expected) << c.json;
  }
}

TEST(RecordEvidenceTest, MethodsOfMfa) {
  const struct {
    const char* detail;       // mfaDetail
    const char* steps;        // authenticationDetails
    const char* requirement;  // authenticationRequirement
    const char* method;
  } kCases[] = {
      {R"({"authMethod":"Phone call"})", R"([{"authenticationMethod":"X","succeeded":true}])",
       R"("multiFactorAuthentication")", "Phone call"},
      {R"({"authMethod":"Password"})", "[]", "null", "Password"},
      {R"({"authMethod":""})", R"([{"authenticationMethod":"X","succeeded":true}])", "null", "X"},
      {R"({"AuthMethod":"Phone call"})", "[]", "null", "-"},
      {R"("Phone call")", "[]", R"("multiFactorAuthentication")", "satisfied by claim"},
      {"null", R"([{"succeeded":true,"authenticationMethod":"FIDO2 security key"}])", "null",
       "FIDO2 security key"},
      {"null",
       R"([{"authenticationMethod":"PASSWORD","succeeded":true},)"
       R"({"authenticationMethod":"previously Satisfied","succeeded":true},)"
       R"({"authenticationMethod":"Satisfied by token","succeeded":true},)"
       R"({"authenticationMethod":"","succeeded":true},{"succeeded":true},null,7,)"
       R"({"authenticationMethod":"Text message","succeeded":true},)"
       R"({"authenticationMethod":"Phone call","succeeded":true}])",
       R"("singleFactorAuthentication")", "Text message"},
      {"null",
       R"([{"authenticationMethod":"A","succeeded":false},{"authenticationMethod":"B"},)"
       R"({"authenticationMethod":"C","succeeded":"true"},)"
       R"({"authenticationMethod":"D","succeeded":1}])",
       R"("MULTIFACTORAUTHENTICATION")", "satisfied by claim"},
      {"null", R"({"authenticationMethod":"A","succeeded":true})", "null", "-"},
      {"null", "[]", R"("singleFactorAuthentication")", "-"},
      {"null", "null", R"(["multiFactorAuthentication"])", "-"},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(Success([&](Members& p) {
                p.Set("mfaDetail", c.detail)
                    .Set("authenticationDetails", c.steps)
                    .Set("authenticationRequirement", c.requirement);
              }),
              "success " + std::string(c.method))
        << c.detail << c.steps << c.requirement;
  }
}

TEST(RecordEvidenceTest, LongTextsAreCut) {
  const std::string text(3000, 'a');
  const ParsedMessage parsed =
      ParseMessage(SignInWith(50132, "SignInLogs", [&](Members& p) {
                     p.Set("clientAppUsed", "\"" + text + "\"")
                         .Set("incomingTokenType", "\"" + text + "\"")
                         .Set("sessionId", "\"" + text + "\"")
                         .Set("appliedConditionalAccessPolicies",
                              R"([{"displayName":")" + text + R"(1","result":"failure"},)" +
                                  R"({"displayName":")" + text + R"(2","result":"failure"},)" +
                                  R"({"id":")" + text + R"(1","result":"failure"},)" +
                                  R"({"id":")" + text + R"(2","result":"failure"}])");
                   }).Json());
  const FailureDetail& failure = parsed.failures.at(parsed.signals.at(0).detail);
  EXPECT_EQ(parsed.Text(failure.client), text.substr(0, kKeptTextBytes));
  EXPECT_EQ(parsed.Text(failure.token_type), text.substr(0, kKeptTextBytes));
  EXPECT_EQ(ShownText(parsed.Text(failure.session)), text.substr(0, kKeptTextBytes));
  // Names are shown only; ids are compared whole.
  EXPECT_EQ(failure.policies_end - failure.policies_begin, 3u);
  for (const TextRef policy : parsed.failing_policies) {
    EXPECT_EQ(ShownText(parsed.Text(policy)), text.substr(0, kKeptTextBytes));
  }
  const ParsedMessage other = ParseMessage(SignInWith(50132, "SignInLogs", [&](Members& p) {
                                             p.Set("sessionId", "\"" + text + "b\"");
                                           }).Json());
  EXPECT_NE(other.Text(other.failures.at(0).session), parsed.Text(failure.session));
}

TEST(RecordEvidenceTest, EachSignalHasItsOwnDetail) {
  const auto failure = [](const char* policy) {
    return SignInWith(50132, "SignInLogs",
                      [&](Members& p) {
                        p.Set("clientAppUsed", "\"" + std::string(policy) + "\"")
                            .Set("appliedConditionalAccessPolicies",
                                 R"([{"displayName":")" + std::string(policy) +
                                     R"(","result":"failure"}])");
                      })
        .Json();
  };
  const std::string success = SignInWith(0, "SignInLogs", InFull).Json();
  const std::string batch =
      Batch({failure("a"), success, AuditParts().Json(), failure("b"), failure("c")});
  // A `value` is taken back where `records` follow: nothing of it may be left.
  for (const std::string& message :
       {batch, R"({"value":[)" + failure("x") + "," + failure("y") + "]," + batch.substr(1)}) {
    const ParsedMessage parsed = ParseMessage(message);
    ASSERT_EQ(parsed.signals.size(), 5u);
    ASSERT_EQ(parsed.failures.size(), 3u);
    std::string policies;
    for (const Signal& signal : parsed.signals) {
      if (!signal.is_sign_in() || signal.is_success()) continue;
      const FailureDetail& detail = parsed.failures.at(signal.detail);
      ASSERT_EQ(detail.policies_end, detail.policies_begin + 1);
      EXPECT_EQ(parsed.Text(parsed.failing_policies.at(detail.policies_begin)),
                parsed.Text(detail.client));
      policies += parsed.Text(detail.client);
    }
    EXPECT_EQ(policies, "abc");
    EXPECT_EQ(parsed.failing_policies.size(), 3u);
    EXPECT_EQ(parsed.signals[2].detail, 0u);
    EXPECT_EQ(parsed.audits.size(), 1u);
  }
}

RecordParts RiskRecordParts() {
  return {
      {{"time", R"("8/22/2026 6:07:16 PM")"},
       {"category", R"("UserRiskEvents")"},
       {"tenantId", "\"" + std::string(kTenantGuid) + "\""}},
      {{"id", R"("ce0ed07f9ccf5be15e4b97d2979af6569b1f67db87ddc9b88b5bb743ea091e47")"},
       {"riskEventType", R"("anomalousToken")"},
       {"riskState", R"("atRisk")"},
       {"riskLevel", R"("high")"},
       {"activityDateTime", R"("2026-08-22T18:05:06.133Z")"},
       {"lastUpdatedDateTime", R"("2026-08-22T18:07:16.894Z")"},
       {"userId", "\"" + std::string(kUserGuid) + "\""},
       {"userPrincipalName", R"("Vera.Muster@example.com")"}},
  };
}

// "2026-08-22T18:05:06.133000Z type level state 2026-...", "-" for an absent text.
std::string RiskWords(const std::string& message) {
  const ParsedMessage parsed = ParseMessage(message);
  if (parsed.signals.size() != 1 || !parsed.signals[0].is_risk_event()) return "no risk event";
  const auto text = [&](TextRef ref) { return ref.empty() ? "-" : std::string(parsed.Text(ref)); };
  const RiskDetail& risk = parsed.risks.at(parsed.signals[0].detail);
  return FormatEventTime(parsed.signals[0].event_time) + " " + text(risk.type) + " " +
         text(risk.level) + " " + text(risk.state) + " " + FormatEventTime(risk.last_updated);
}

TEST(RecordEvidenceTest, RiskEvents) {
  constexpr char kInFull[] =
      "2026-08-22T18:05:06.133000Z anomalousToken high atRisk 2026-08-22T18:07:16.894000Z";
  RecordParts parts = RiskRecordParts();
  EXPECT_EQ(RiskWords(parts.Json()), kInFull);
  EXPECT_EQ(RiskWords(parts.ReversedJson()), kInFull);
  const std::string row = RowOf(parts, false, "");
  const size_t type = row.find("AADNonInteractiveUserSignInLogs");
  EXPECT_EQ(RiskWords(std::string(row).replace(type, 31, "AADUserRiskEvents")), kInFull);

  const ParsedMessage parsed = ParseMessage(parts.Json());
  EXPECT_EQ(parsed.signals.at(0).user, MakeId<UserId>(kUserGuid));
  EXPECT_EQ(parsed.Text(parsed.signals.at(0).id_text),
            "ce0ed07f9ccf5be15e4b97d2979af6569b1f67db87ddc9b88b5bb743ea091e47");
}

TEST(RecordEvidenceTest, RiskEventsThatLackSomething) {
  RecordParts parts = RiskRecordParts();
  parts.properties.Remove("riskEventType").Set("riskState", "null").Set("riskLevel", "3");
  parts.properties.Set("lastUpdatedDateTime", R"("soon")");
  EXPECT_EQ(RiskWords(parts.Json()),
            "2026-08-22T18:05:06.133000Z - - - 2026-08-22T18:07:16.000000Z");
  parts.record.Remove("time");
  EXPECT_EQ(RiskWords(parts.Json()),
            "2026-08-22T18:05:06.133000Z - - - 2026-08-22T18:05:06.133000Z");
  parts.properties.Remove("activityDateTime");
  EXPECT_EQ(RiskWords(parts.Json()), "no risk event");
}

std::string TargetName(const char* targets) {
  RecordParts parts = AuditParts();
  parts.properties.Set("targetResources", targets);
  const ParsedMessage usual = ParseMessage(parts.Json());
  const ParsedMessage reversed = ParseMessage(parts.ReversedJson());
  const auto name = [](const ParsedMessage& parsed) {
    return std::string(parsed.Text(parsed.audits.at(parsed.signals.at(0).detail).target_name));
  };
  EXPECT_EQ(name(usual), name(reversed));
  return name(usual);
}

TEST(RecordEvidenceTest, TheFirstTargetsName) {
  const std::pair<const char*, const char*> kCases[] = {
      {R"([{"type":"Policy","displayName":"Require MFA"},{"type":"User","displayName":"V"}])",
       "Require MFA"},
      {R"([{"displayName":"Require MFA","type":"User"}])", "Require MFA"},
      {R"([{"type":"Policy"},{"displayName":"Second"}])", ""},
      {R"([null,{"displayName":"Second"}])", "Second"},
      {R"([{"displayName":7}])", ""},
      {R"({"displayName":"A"})", ""},
      {"[]", ""},
      {"null", ""},
  };
  for (const auto& [json, expected] : kCases) EXPECT_EQ(TargetName(json), expected) << json;
}

TEST(RecordEvidenceTest, OnlyFailuresOfTheCodesThatCountAreReadInDetail) {
  ParserOptions options;
  options.detailed_codes = {50132, 50173};
  MessageParser parser(options);
  const auto failures = [&parser](int code) {
    ParsedMessage parsed;
    const std::string json = SignInWith(code, "SignInLogs", [](Members&) {}).Json();
    parser.Parse(json, *ParseEventTime("2026-11-24T12:00:00Z"), &parsed);
    EXPECT_EQ(parsed.signals.size(), 1u);
    EXPECT_EQ(parsed.signals.at(0).code, code);
    EXPECT_EQ(parsed.signals.at(0).detail == kNoDetail, parsed.failures.empty());
    return parsed.failures.size();
  };
  EXPECT_EQ(failures(0), 0u);
  EXPECT_EQ(failures(50058), 0u);
  EXPECT_EQ(failures(50132), 1u);
  EXPECT_EQ(failures(50133), 0u);
  EXPECT_EQ(failures(50173), 1u);
}

// Whatever it did: what is asked for is the detectors' to say.
TEST(RecordEvidenceTest, AuditRecordsOfEveryOperationAreKept) {
  for (const char* operation :
       {"User registered security info", "Update conditional access policy", "Add group"}) {
    RecordParts parts = AuditParts();
    parts.properties.Set("activityDisplayName", Quoted(operation));
    parts.properties.Set("targetResources", "[]");
    const ParsedMessage parsed = ParseMessage(parts.Json());
    const AuditDetail& audit = parsed.audits.at(parsed.signals.at(0).detail);
    EXPECT_EQ(parsed.Text(audit.operation), operation);
    EXPECT_TRUE(audit.success);
    EXPECT_EQ(parsed.Text(audit.actor_user_id), "aaaaaaaa-1111-4222-8333-444455556666");
  }
}

}  // namespace record_evidence_test
}  // namespace signinwatch
