// What is read of one record (SPEC 3.2), through the parser, in both orders of keys.
#include <gtest/gtest.h>

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "parser/message_parser.h"
#include "tests/parser/entra_json.h"

namespace signinwatch {
namespace record_reader_test {

constexpr char kZero[] = R"("00000000-0000-0000-0000-000000000000")";

// Values that are no usable text.
const char* const kNoText[] = {"null", "0", "1.5", "true", "{}", "[]", "[\"x\"]", "\"\""};

// Parses the record both ways and gives the message of the usual order; both must be the same.
ParsedMessage ParseBothWays(const RecordParts& parts) {
  ParsedMessage usual = ParseMessage(parts.Json());
  const ParsedMessage reversed = ParseMessage(parts.ReversedJson());
  EXPECT_EQ(usual.records, 1u);
  EXPECT_EQ(usual.signals.size(), reversed.signals.size());
  EXPECT_EQ(usual.rejects.size(), reversed.rejects.size());
  EXPECT_EQ(usual.irrelevant.size(), reversed.irrelevant.size());
  EXPECT_EQ(usual.text, reversed.text);
  if (!usual.rejects.empty() && !reversed.rejects.empty()) {
    EXPECT_EQ(usual.rejects[0].reason, reversed.rejects[0].reason);
  }
  if (!usual.signals.empty() && !reversed.signals.empty()) {
    EXPECT_EQ(usual.signals[0].event_time, reversed.signals[0].event_time);
    EXPECT_EQ(usual.signals[0].code, reversed.signals[0].code);
    EXPECT_EQ(usual.signals[0].user, reversed.signals[0].user);
    EXPECT_EQ(usual.signals[0].address, reversed.signals[0].address);
    EXPECT_EQ(usual.signals[0].interactive, reversed.signals[0].interactive);
  }
  return usual;
}

std::string Outcome(const ParsedMessage& parsed) {
  if (!parsed.rejects.empty()) return RejectReasonName(parsed.rejects[0].reason);
  if (!parsed.irrelevant.empty()) {
    return "irrelevant " + std::string(parsed.Text(parsed.irrelevant[0].category));
  }
  return parsed.signals.empty() ? "nothing" : CategoryName(parsed.signals[0].category);
}

std::string OutcomeWith(std::string_view key, std::string_view json) {
  RecordParts parts = SignInParts();
  parts.record.Set(key, json);
  return Outcome(ParseBothWays(parts));
}

struct ReadRecord {
  ParsedMessage parsed;
  const Signal& signal() const { return parsed.signals.at(0); }
  const AuditDetail& audit() const { return parsed.audits.at(signal().detail); }
  std::string Text(TextRef ref) const { return std::string(parsed.Text(ref)); }
  std::string Tenant() const { return Text(signal().tenant_text); }
  std::string User() const { return Text(signal().user_text); }
};

ReadRecord ReadWith(const std::function<void(RecordParts&)>& change,
                    RecordParts parts = SignInParts()) {
  change(parts);
  ReadRecord read{ParseBothWays(parts)};
  EXPECT_EQ(read.parsed.signals.size(), 1u) << parts.Json();
  return read;
}

ReadRecord ReadAudit(const std::function<void(RecordParts&)>& change) {
  return ReadWith(change, AuditParts());
}

void Nothing(RecordParts&) {}

TEST(RecordReaderTest, SignInInFull) {
  const ReadRecord read = ReadWith(Nothing);
  const Signal& signal = read.signal();
  EXPECT_EQ(FormatEventTime(signal.event_time), "2026-11-24T09:00:00.123456Z");
  EXPECT_EQ(FormatEventTime(signal.export_time), "2026-11-24T09:02:10.123456Z");
  EXPECT_EQ(signal.category, Category::kSignIn);
  EXPECT_TRUE(signal.interactive);
  EXPECT_TRUE(signal.modern_client);
  EXPECT_EQ(signal.detail, 0u);
  EXPECT_EQ(signal.code, 50132);
  EXPECT_EQ(signal.tenant, MakeId<TenantId>(kTenantGuid));
  EXPECT_EQ(signal.user, MakeId<UserId>(kUserGuid));
  EXPECT_EQ(signal.id, MakeId<RecordId>("e1d2c3b4-a596-8778-695a-4b3c2d1e0f00"));
  EXPECT_TRUE(signal.id_text.empty());
  EXPECT_EQ(read.Tenant(), kTenantGuid);
  EXPECT_EQ(read.User(), kUserGuid);
  EXPECT_EQ(read.Text(signal.user_principal_name), "Vera.Muster@example.com");
  EXPECT_EQ(FormatIpAddress(signal.address), "198.51.100.20");
  EXPECT_EQ(read.Text(signal.app_id), "1950a258-227b-4e31-a9cf-717495945fc2");
  EXPECT_EQ(read.Text(signal.app_name), "Mail Client");
  EXPECT_EQ(read.Text(signal.device_id), "d0a1b2c3-0000-4111-8222-933344445555");
  EXPECT_EQ(signal.device_key, HashText64("d0a1b2c3-0000-4111-8222-933344445555"));
  EXPECT_EQ(read.Text(signal.country), "DE");
  EXPECT_EQ(signal.country_key, HashText64("DE"));
  EXPECT_EQ(read.Text(signal.correlation_id), "6c1f5a2d-7e3b-4b4f-9d88-a1e2f3b4c5d6");
}

TEST(RecordReaderTest, Categories) {
  const struct {
    const char* json;
    const char* outcome;
  } kCases[] = {
      {R"("SignInLogs")", "SignInLogs"},
      {R"("signinlogs")", "SignInLogs"},
      {R"("SignIn")", "SignInLogs"},
      {R"("NonInteractiveUserSIgnInLogs")", "NonInteractiveUserSignInLogs"},
      {R"("ADFSSignInLogs")", "ADFSSignInLogs"},
      {R"("AuditLogs")", "AuditLogs"},
      {R"("AUDIT")", "AuditLogs"},
      {R"("\u0053ignInLogs")", "SignInLogs"},
      {R"("ServicePrincipalSignInLogs")", "irrelevant ServicePrincipalSignInLogs"},
      {R"("SignInLogs ")", "irrelevant SignInLogs "},
      {R"("")", "irrelevant none"},
      {"null", "irrelevant none"},
      {"4", "irrelevant none"},
      {"[\"SignInLogs\"]", "irrelevant none"},
  };
  for (const auto& c : kCases) EXPECT_EQ(OutcomeWith("category", c.json), c.outcome) << c.json;
  RecordParts parts = SignInParts();
  parts.record.Remove("category").Add("Category", R"("SignInLogs")");
  EXPECT_EQ(Outcome(ParseBothWays(parts)), "irrelevant none");
}

TEST(RecordReaderTest, KeysMayBeEscaped) {
  RecordParts parts = SignInParts();
  parts.record.Remove("category").Add("\\u0063ategory", R"("AuditLogs")");
  EXPECT_EQ(Outcome(ParseBothWays(parts)), "AuditLogs");
  parts = SignInParts();
  parts.properties.Set("status", R"({"error\u0043ode":7})");
  EXPECT_EQ(ParseBothWays(parts).signals.at(0).code, 7);
}

TEST(RecordReaderTest, EventTimeOfSignIns) {
  const auto time = [](const auto& change) {
    return FormatEventTime(ReadWith(change).signal().event_time);
  };
  EXPECT_EQ(time([](RecordParts& p) { p.properties.Remove("createdDateTime"); }),
            "2026-11-24T09:02:10.123456Z");
  for (const char* json : {"null", "1732438800", "\"\"", "\"soon\"", "\"1999-12-31T23:59:59Z\""}) {
    EXPECT_EQ(time([json](RecordParts& p) { p.properties.Set("createdDateTime", json); }),
              "2026-11-24T09:02:10.123456Z");
    const ReadRecord read = ReadWith([json](RecordParts& p) { p.record.Set("time", json); });
    EXPECT_EQ(FormatEventTime(read.signal().event_time), "2026-11-24T09:00:00.123456Z");
    EXPECT_EQ(read.signal().export_time, kBeginningOfTime);
  }
  // An audit record's own time is no sign-in's.
  EXPECT_EQ(
      time([](RecordParts& p) {
        p.properties.Remove("createdDateTime").Add("activityDateTime", R"("2026-11-24T01:00:00Z")");
      }),
      "2026-11-24T09:02:10.123456Z");
  EXPECT_EQ(time([](RecordParts& p) {
              p.properties.Set("createdDateTime", R"("11\/24\/2026 9:00:00 AM")");
            }),
            "2026-11-24T09:00:00.000000Z");
}

TEST(RecordReaderTest, Tenant) {
  const auto tenant = [](const char* id, const char* resource, const char* inner) {
    return ReadWith([&](RecordParts& p) {
             p.record.Set("tenantId", id).Set("resourceId", resource);
             p.properties.Set("tenantId", inner);
           })
        .Tenant();
  };
  constexpr char kResource[] = R"("/TENANTS/AbC/providers/x")";
  EXPECT_EQ(tenant(R"("ABC-1")", kResource, R"("inner")"), "abc-1");
  for (const char* json : kNoText) {
    EXPECT_EQ(tenant(json, kResource, R"("inner")"), "abc") << json;
    EXPECT_EQ(tenant(json, json, R"("INNER")"), "inner") << json;
  }
  EXPECT_EQ(tenant(kZero, kResource, R"("inner")"), "abc");
  EXPECT_EQ(tenant("null", R"("/tenants/last")", "null"), "last");
  EXPECT_EQ(tenant("null", R"("x/tenants/mid/y")", "null"), "mid");
  EXPECT_EQ(tenant("null", R"("/tenants//x")", R"("inner")"), "inner");
  EXPECT_EQ(tenant("null", R"("/tenants/")", R"("inner")"), "inner");
  EXPECT_EQ(tenant("null", R"("/tenants/00000000-0000-0000-0000-000000000000/x")", R"("inner")"),
            "inner");
  EXPECT_EQ(tenant("null", R"("https://api.example.com")", R"("inner")"), "inner");
}

TEST(RecordReaderTest, NoTenant) {
  RecordParts parts = SignInParts();
  parts.record.Remove("tenantId").Remove("resourceId");
  EXPECT_EQ(Outcome(ParseBothWays(parts)), "no_tenant");
  parts.properties.Set("tenantId", kZero);
  EXPECT_EQ(Outcome(ParseBothWays(parts)), "no_tenant");
}

TEST(RecordReaderTest, ErrorCode) {
  const auto code = [](const char* status, const char* result) -> std::optional<int64_t> {
    RecordParts parts = SignInParts();
    parts.properties.Set("status", status);
    parts.record.Set("resultType", result);
    const ParsedMessage parsed = ParseBothWays(parts);
    if (parsed.signals.empty()) {
      EXPECT_EQ(Outcome(parsed), "no_code");
      return std::nullopt;
    }
    return parsed.signals[0].code;
  };
  EXPECT_EQ(code(R"({"errorCode":50132})", R"("1")"), 50132);
  EXPECT_EQ(code(R"({"errorCode":"50133"})", R"("1")"), 50133);
  EXPECT_EQ(code(R"({"errorCode":0})", R"("1")"), 0);
  EXPECT_EQ(code(R"({"x":{"errorCode":3},"errorCode":-1,"errorCode":4})", R"("1")"), -1);
  for (const char* status :
       {"null", "{}", "50132", "\"50132\"", "[50132]", R"({"errorCode":null})",
        R"({"errorCode":50132.0})", R"({"errorCode":5e4})", R"({"errorCode":"x"})",
        R"({"errorCode":{}})", R"({"errorCode":[50132]})", R"({"errorCode":true})",
        R"({"errorCode":9223372036854775808})", R"({"ErrorCode":50132})", R"({"errorCode":""})",
        R"({"errorCode":"Success"})"}) {
    EXPECT_EQ(code(status, R"("500133")"), 500133) << status;
    EXPECT_EQ(code(status, "50173"), 50173) << status;
    EXPECT_EQ(code(status, R"("sUCCESS")"), 0) << status;
    EXPECT_EQ(code(status, R"("-7")"), -7) << status;
    for (const char* result :
         {"null", "\"\"", "\"Failure\"", "{}", "[]", "true", "1.0", "\"1.0\""}) {
      EXPECT_EQ(code(status, result), std::nullopt) << status << result;
    }
  }
}

TEST(RecordReaderTest, User) {
  const auto user = [](const char* id, const char* name) {
    return ReadWith(
        [&](RecordParts& p) { p.properties.Set("userId", id).Set("userPrincipalName", name); });
  };
  ReadRecord read = user(R"("B7A1F0C2-93DE-4C55-8E1A-2F6D4B9C7E01")", R"("Vera@Example.com")");
  EXPECT_EQ(read.signal().user, MakeId<UserId>(kUserGuid));
  EXPECT_EQ(read.User(), kUserGuid);
  EXPECT_EQ(read.Text(read.signal().user_principal_name), "Vera@Example.com");
  read = user(R"("User1")", R"("Vera@Example.com")");
  EXPECT_EQ(read.signal().user, MakeId<UserId>("user1"));
  EXPECT_EQ(read.User(), "user1");
  std::vector<const char*> absent(std::begin(kNoText), std::end(kNoText));
  absent.push_back(kZero);
  for (const char* id : absent) {
    read = user(id, R"("Vera@Example.com")");
    EXPECT_EQ(read.signal().user, MakeNameId("vera@example.com")) << id;
    EXPECT_EQ(read.User(), "vera@example.com");
    EXPECT_EQ(read.Text(read.signal().user_principal_name), "Vera@Example.com");
    for (const char* name : absent) {
      read = user(id, name);
      EXPECT_FALSE(read.signal().user.present()) << id << name;
      EXPECT_EQ(read.User(), "");
    }
  }
  // A name that looks like an object id is none.
  read = user("null", R"("b7a1f0c2-93de-4c55-8e1a-2f6d4b9c7e01")");
  EXPECT_EQ(read.signal().user.form, IdForm::kName);
  // Without case means ASCII letters.
  read = user("null", "\"\xc3\x84NNE@x\"");
  EXPECT_EQ(read.User(), "\xc3\x84nne@x");
}

TEST(RecordReaderTest, RecordId) {
  const auto id = [](const char* json) {
    return ReadWith([json](RecordParts& p) { p.properties.Set("id", json); });
  };
  for (const char* json : kNoText) EXPECT_FALSE(id(json).signal().id.present()) << json;
  EXPECT_FALSE(id(kZero).signal().id.present());
  const ReadRecord upper = id(R"("E1D2C3B4-A596-8778-695A-4B3C2D1E0F00")");
  EXPECT_EQ(upper.signal().id.form, IdForm::kText);
  EXPECT_EQ(upper.Text(upper.signal().id_text), "E1D2C3B4-A596-8778-695A-4B3C2D1E0F00");
}

TEST(RecordReaderTest, Address) {
  const auto address = [](const char* inner, const char* outer) {
    return FormatIpAddress(ReadWith([&](RecordParts& p) {
                             p.properties.Set("ipAddress", inner);
                             p.record.Set("callerIpAddress", outer);
                           })
                               .signal()
                               .address);
  };
  EXPECT_EQ(address(R"("198.51.100.20:5000")", R"("192.0.2.7")"), "198.51.100.20");
  for (const char* json : {"null", "\"\"", "7", "\"<null>\"", "{}", "\"::2a02:cf40::1\""}) {
    EXPECT_EQ(address(json, R"("[2001:db8::7]:443")"), "2001:db8::7") << json;
    EXPECT_EQ(address(json, json), "") << json;
  }
}

TEST(RecordReaderTest, WhatIsKeptBesides) {
  const char* const kWholeValue[] = {"deviceDetail", "location"};
  for (const char* key : kWholeValue) {
    for (const char* json : kNoText) {
      const ReadRecord read = ReadWith([&](RecordParts& p) { p.properties.Set(key, json); });
      const bool device = key == kWholeValue[0];
      EXPECT_EQ(read.signal().device_id.empty(), device) << key << json;
      EXPECT_EQ(read.signal().device_key == 0, device);
      EXPECT_EQ(read.signal().country.empty(), !device);
      EXPECT_EQ(read.signal().country_key == 0, !device);
    }
  }
  for (const char* json : kNoText) {
    const ReadRecord read = ReadWith([&](RecordParts& p) {
      p.properties.Set("appId", json)
          .Set("appDisplayName", json)
          .Set("correlationId", json)
          .Set("deviceDetail", std::string(R"({"deviceId":)") + json + "}")
          .Set("location", std::string(R"({"countryOrRegion":)") + json + "}");
    });
    EXPECT_TRUE(read.signal().app_id.empty());
    EXPECT_TRUE(read.signal().app_name.empty());
    EXPECT_TRUE(read.signal().correlation_id.empty());
    EXPECT_TRUE(read.signal().device_id.empty());
    EXPECT_TRUE(read.signal().country.empty());
  }
  const ReadRecord zero = ReadWith([](RecordParts& p) {
    p.properties.Set("appId", kZero)
        .Set("correlationId", kZero)
        .Set("deviceDetail", std::string(R"({"deviceId":)") + kZero + "}");
  });
  EXPECT_TRUE(zero.signal().app_id.empty());
  EXPECT_TRUE(zero.signal().correlation_id.empty());
  EXPECT_TRUE(zero.signal().device_id.empty());
}

// SPEC 6.2: whose sessions end with changes that another tenant's logs tell.
TEST(RecordReaderTest, Guests) {
  static constexpr char kTenant[] = R"("C0A70000-0000-4000-8000-000000000001")";
  const struct {
    const char* type;
    const char* name;
    const char* home;
    bool guest;
    const char* home_tenant;
  } cases[] = {
      {R"("Guest")", R"("a@x.example")", R"("B0B70000-0000-4000-8000-00000000000B")", true,
       "b0b70000-0000-4000-8000-00000000000b"},
      {R"("gUEST")", R"("a@x.example")", R"("other")", true, "other"},
      {R"("Guest")", "null", "null", true, ""},
      {R"("Guest")", "null", kZero, true, ""},
      {R"("Guest")", "null", kTenant, false, ""},
      {R"("Guest")", "null", R"("c0a70000-0000-4000-8000-000000000001")", false, ""},
      {R"("Member")", R"("a@x.example")", R"("other")", false, "other"},
      {"null", R"("a_y.example#EXT#@x.example")", R"("other")", true, "other"},
      {R"("Member")", R"("a#b#Ext#@x")", "7", true, ""},
      {R"("Member")", R"("a#EXT@x")", R"("other")", false, "other"},
      {R"("Guests")", R"("#EX")", R"("other")", false, "other"},
      {R"(["Guest"])", R"("a@x.example")", "{}", false, ""},
      {R"("Member")", R"("a_y.example#EXT#@x.example")", kTenant, false, ""},
  };
  for (const auto& c : cases) {
    const ReadRecord read = ReadWith([&](RecordParts& p) {
      p.record.Set("tenantId", kTenant);
      p.properties.Set("userType", c.type)
          .Set("userPrincipalName", c.name)
          .Set("homeTenantId", c.home);
    });
    EXPECT_EQ(read.signal().guest, c.guest) << c.type << c.name << c.home;
    EXPECT_EQ(read.Text(read.signal().home_tenant), c.home_tenant) << c.home;
  }
}

TEST(RecordReaderTest, TextIsUnescaped) {
  const ReadRecord read = ReadWith([](RecordParts& p) {
    p.properties.Set("appDisplayName", R"("A \"B\" \u00e9 \ud83d\ude00 \ud800")");
    p.properties.Set("userId", R"("\u0055ser\u0031")");
  });
  EXPECT_EQ(read.Text(read.signal().app_name), "A \"B\" \xc3\xa9 \xf0\x9f\x98\x80 \xef\xbf\xbd");
  EXPECT_EQ(read.User(), "user1");
  EXPECT_EQ(read.parsed.invalid_utf8, 1u);
}

TEST(RecordReaderTest, Interactive) {
  const auto interactive = [](const char* category, const char* json) {
    return ReadWith([&](RecordParts& p) {
             p.record.Set("category", category);
             p.properties.Set("isInteractive", json);
           })
        .signal()
        .interactive;
  };
  static constexpr char kNonInteractive[] = R"("NonInteractiveUserSignInLogs")";
  EXPECT_FALSE(interactive(R"("SignInLogs")", "false"));
  EXPECT_TRUE(interactive(kNonInteractive, "true"));
  for (const char* json : {"null", "0", "1", "\"false\"", "\"true\"", "{}", "[]"}) {
    EXPECT_TRUE(interactive(R"("SignInLogs")", json));
    EXPECT_TRUE(interactive(R"("ADFSSignInLogs")", json));
    EXPECT_FALSE(interactive(kNonInteractive, json));
  }
  EXPECT_FALSE(ReadWith([](RecordParts& p) {
                 p.record.Set("category", kNonInteractive);
                 p.properties.Remove("isInteractive");
               })
                   .signal()
                   .interactive);
}

TEST(RecordReaderTest, ModernClients) {
  const auto modern = [](const char* json) {
    return ReadWith([json](RecordParts& p) { p.properties.Set("clientAppUsed", json); })
        .signal()
        .modern_client;
  };
  for (const char* json : {"null", "\"\"", "\"browser\"", "\"Mobile apps and desktop clients\""}) {
    EXPECT_TRUE(modern(json)) << json;
  }
  for (const char* json : {"\"Exchange ActiveSync\"", "\"Authenticated SMTP\"", "\"Unknown\""}) {
    EXPECT_FALSE(modern(json)) << json;
  }
}

TEST(RecordReaderTest, AuditInFull) {
  const ReadRecord read = ReadAudit(Nothing);
  const Signal& signal = read.signal();
  EXPECT_EQ(signal.category, Category::kAudit);
  EXPECT_EQ(FormatEventTime(signal.event_time), "2026-11-24T08:30:00.500000Z");
  EXPECT_EQ(read.Text(signal.id_text), "SSPR_6c1f5a2d_ABCDE_77");
  EXPECT_EQ(signal.user, MakeId<UserId>(kUserGuid));
  EXPECT_EQ(read.User(), kUserGuid);
  EXPECT_EQ(read.Text(signal.user_principal_name), "Vera.Muster@example.com");
  EXPECT_FALSE(signal.interactive);
  EXPECT_FALSE(signal.address.present);
  EXPECT_EQ(signal.code, 0);
  EXPECT_FALSE(signal.is_success());
  EXPECT_TRUE(read.audit().success);
  EXPECT_EQ(read.Text(read.audit().operation), "Reset password (by admin)");
  EXPECT_EQ(read.Text(read.audit().actor_user_principal_name), "Helpdesk@example.com");
  EXPECT_EQ(read.Text(read.audit().actor_user_id), "aaaaaaaa-1111-4222-8333-444455556666");
  EXPECT_TRUE(read.audit().actor_app_id.empty());
}

TEST(RecordReaderTest, AuditTime) {
  const ReadRecord read = ReadAudit([](RecordParts& p) {
    p.properties.Set("activityDateTime", "null")
        .Add("createdDateTime", R"("2026-11-24T01:00:00Z")");
    p.record.Set("time", R"("2026-11-24T08:45:00Z")");
  });
  EXPECT_EQ(FormatEventTime(read.signal().event_time), "2026-11-24T08:45:00.000000Z");
}

TEST(RecordReaderTest, AuditSuccess) {
  const auto success = [](const char* result, const char* type) {
    return ReadAudit([&](RecordParts& p) {
             p.properties.Set("result", result);
             p.record.Set("resultType", type);
           })
        .audit()
        .success;
  };
  for (const char* result : {"\"success\"", "\"SUCCESS\"", "0", "-0"}) {
    EXPECT_TRUE(success(result, "null")) << result;
    EXPECT_TRUE(success(result, R"("Update")")) << result;
  }
  for (const char* result : {"\"failure\"", "1", "-1", "\"0\"", "\"successful\"", "\" \""}) {
    EXPECT_FALSE(success(result, R"("Success")")) << result;
  }
  for (const char* result : {"null", "\"\"", "{}", "[]", "false", "0.5"}) {
    EXPECT_TRUE(success(result, R"("SuccesS")")) << result;
    EXPECT_FALSE(success(result, R"("Update")")) << result;
    EXPECT_FALSE(success(result, "0")) << result;
  }
  EXPECT_TRUE(ReadAudit([](RecordParts& p) {
                p.properties.Remove("result");
                p.record.Set("resultType", R"("Success")");
              })
                  .audit()
                  .success);
}

TEST(RecordReaderTest, AuditOperation) {
  const auto operation = [](const char* activity, const char* name) {
    const ReadRecord read = ReadAudit([&](RecordParts& p) {
      p.properties.Set("activityDisplayName", activity);
      p.record.Set("operationName", name);
    });
    return read.Text(read.audit().operation);
  };
  EXPECT_EQ(operation(R"(" Change user password. ")", R"("x")"), " Change user password. ");
  for (const char* json : kNoText) {
    EXPECT_EQ(operation(json, R"("Reset user password.")"), "Reset user password.");
    EXPECT_EQ(operation(json, json), "");
  }
  EXPECT_EQ(operation(R"(" . ")", R"("Disable account")"), "Disable account");
}

TEST(RecordReaderTest, AuditTarget) {
  const auto user = [](const char* json) {
    return ReadAudit([json](RecordParts& p) { p.properties.Set("targetResources", json); }).User();
  };
  EXPECT_EQ(user(R"([{"type":"User","id":"A"},{"type":"User","id":"b"}])"), "a");
  EXPECT_EQ(user(R"([{"TYPE":"uSER","id":"a"}])"), "a");
  EXPECT_EQ(user(R"([{"Type":"Group","type":"User","id":"a"},{"type":"User","id":"b"}])"), "b");
  EXPECT_EQ(user(R"([null,1,"x",[{"type":"User","id":"n"}],{},)"
                 R"({"type":null,"id":"m"},{"id":"b","type":"User"}])"),
            "b");
  EXPECT_EQ(user(R"([{"type":"User","id":"00000000-0000-0000-0000-000000000000",)"
                 R"("userPrincipalName":"N@x"}])"),
            "n@x");
  EXPECT_EQ(user(R"([{"type":"User","id":"","userPrincipalName":"N@x"}])"), "n@x");
  EXPECT_EQ(user(R"([{"type":"User","id":5},{"type":"User","id":"b"}])"), "");
  EXPECT_EQ(user(R"([{"type":"User","ID":"a","UserPrincipalName":"n"}])"), "");
  for (const char* json : {"[]", "{}", "null", "\"x\"", "7", R"([{"type":"Device","id":"a"}])",
                           R"({"type":"User","id":"a"})"}) {
    EXPECT_EQ(user(json), "") << json;
  }
}

TEST(RecordReaderTest, AuditActor) {
  const auto read = [](const char* json) {
    return ReadAudit([json](RecordParts& p) { p.properties.Set("initiatedBy", json); });
  };
  const ReadRecord app = read(
      R"({"user":null,"app":{"appId":"00000000-0000-0000-0000-000000000000","displayName":"Sync",)"
      R"("servicePrincipalId":"s1","servicePrincipalName":"ConnectSyncProvisioning_H"}})");
  EXPECT_EQ(app.Text(app.audit().actor_app_display_name), "Sync");
  EXPECT_EQ(app.Text(app.audit().actor_service_principal_name), "ConnectSyncProvisioning_H");
  EXPECT_EQ(app.Text(app.audit().actor_service_principal_id), "s1");
  EXPECT_TRUE(app.audit().actor_app_id.empty());
  EXPECT_TRUE(app.audit().actor_user_id.empty());
  for (const char* json : {"null", "{}", "[]", "\"x\"", R"({"user":{}})", R"({"app":[],"user":7})",
                           R"({"user":{"id":null,"userPrincipalName":""}})"}) {
    const ReadRecord none = read(json);
    EXPECT_TRUE(none.audit().actor_user_principal_name.empty()) << json;
    EXPECT_TRUE(none.audit().actor_user_id.empty()) << json;
    EXPECT_TRUE(none.audit().actor_app_display_name.empty()) << json;
  }
}

TEST(RecordReaderTest, AuditOf2018) {
  const ParsedMessage parsed = ParseMessage(
      R"j({"records":[{"time":"2018-03-17T00:14:31.2585575Z","category":"Audit","tenantId":"T",)j"
      R"j("operationName":"Change password (self-service)","resultType":"Success","properties":)j"
      R"j({"identityType":"UPN","targetResourceName":"a@example.com__T__1__u__User"}}]})j");
  ASSERT_EQ(parsed.signals.size(), 1u);
  EXPECT_TRUE(parsed.audits[0].success);
  EXPECT_EQ(parsed.Text(parsed.audits[0].operation), "Change password (self-service)");
  EXPECT_FALSE(parsed.signals[0].user.present());
}

TEST(RecordReaderTest, GraphSignIns) {
  const auto outcome = [](Members members) {
    const ParsedMessage parsed = ParseMessage("{\"value\":[" + members.Json() + "]}");
    EXPECT_EQ(Outcome(parsed), Outcome(ParseMessage("[" + members.ReversedJson() + "]")));
    return Outcome(parsed);
  };
  EXPECT_EQ(outcome(GraphSignIn()), "SignInLogs");
  const auto with_types = [&](const char* json) {
    return outcome(GraphSignIn().Set("signInEventTypes", json));
  };
  EXPECT_EQ(with_types(R"(["interactiveUser"])"), "SignInLogs");
  EXPECT_EQ(with_types(R"([])"), "SignInLogs");
  EXPECT_EQ(with_types(R"("nonInteractiveUser")"), "SignInLogs");
  EXPECT_EQ(with_types(R"([null,"nonInteractiveUser"])"), "NonInteractiveUserSignInLogs");
  EXPECT_EQ(with_types(R"(["servicePrincipal"])"), "irrelevant ServicePrincipalSignInLogs");
  EXPECT_EQ(with_types(R"(["nonInteractiveUser","managedIdentity"])"),
            "irrelevant ManagedIdentitySignInLogs");
  // What makes it none.
  EXPECT_EQ(outcome(GraphSignIn().Set("status", "0")), "irrelevant none");
  EXPECT_EQ(outcome(GraphSignIn().Remove("createdDateTime")), "irrelevant none");
  // A time that can't be read was once no reason to keep the record for anybody to look at.
  EXPECT_EQ(outcome(GraphSignIn().Set("createdDateTime", "null")), "no_time");
  EXPECT_EQ(outcome(GraphSignIn().Set("createdDateTime", R"("\/Date(1789376400000)\/")")),
            "no_time");
  EXPECT_EQ(outcome(GraphSignIn().Set("properties", "{}")), "irrelevant none");
  EXPECT_EQ(outcome(GraphSignIn().Set("properties", R"("{}")")), "irrelevant none");
  EXPECT_EQ(outcome(GraphSignIn().Set("time", R"("2026-11-24T09:00:00Z")")), "irrelevant none");
  // It has a key whatever its value.
  EXPECT_EQ(outcome(GraphSignIn().Set("properties", "null")), "irrelevant none");
  EXPECT_EQ(outcome(GraphSignIn().Set("properties", R"("{")")), "irrelevant none");
  EXPECT_EQ(outcome(GraphSignIn().Set("time", "null")), "irrelevant none");
}

TEST(RecordReaderTest, GraphTakesItsOwnFields) {
  const ParsedMessage parsed =
      ParseMessage("{\"value\":[" + GraphSignIn().Set("tenantId", R"("other")").Json() + "]}");
  const Signal& signal = parsed.signals.at(0);
  EXPECT_EQ(parsed.Text(signal.tenant_text), kTenantGuid);
  EXPECT_EQ(signal.export_time, kBeginningOfTime);
  EXPECT_EQ(FormatEventTime(signal.event_time), "2026-11-24T09:00:00.000000Z");
  EXPECT_EQ(signal.code, 50132);
  EXPECT_EQ(parsed.Text(signal.user_text), kUserGuid);
  EXPECT_EQ(parsed.Text(signal.country), "DE");
  EXPECT_EQ(FormatIpAddress(signal.address), "198.51.100.20");
}

TEST(RecordReaderTest, GraphAudits) {
  const ParsedMessage parsed = ParseMessage("{\"value\":[" + GraphAudit().Json() + "]}");
  ASSERT_EQ(parsed.signals.size(), 1u);
  EXPECT_EQ(parsed.signals[0].category, Category::kAudit);
  EXPECT_TRUE(parsed.audits[0].success);
  EXPECT_EQ(parsed.Text(parsed.signals[0].user_text), kUserGuid);
  const auto outcome = [](Members members) { return Outcome(ParseMessage(members.Json())); };
  EXPECT_EQ(outcome(GraphAudit().Set("activityDateTime", "0")), "no_time");
  EXPECT_EQ(outcome(GraphAudit().Set("activityDisplayName", "0")), "AuditLogs");
  EXPECT_EQ(outcome(GraphAudit().Remove("activityDateTime")), "irrelevant UserManagement");
  EXPECT_EQ(outcome(GraphAudit().Remove("activityDisplayName")), "irrelevant UserManagement");
}

TEST(RecordReaderTest, GraphNeedsTheDefaultTenant) {
  MessageParser parser(ParserOptions{});
  ParsedMessage parsed;
  parser.Parse(GraphSignIn().Json(), kEndOfTime, &parsed);
  EXPECT_EQ(Outcome(parsed), "no_tenant");
}

TEST(RecordReaderTest, PropertiesAsText) {
  for (const RecordParts& parts : {SignInParts(), AuditParts()}) {
    const ParsedMessage object = ParseMessage(parts.Json());
    for (const std::string& inner :
         {parts.properties.Json(), " " + parts.properties.ReversedJson() + "\n "}) {
      std::string text = Quoted(inner);
      if (const size_t at = text.find('\n'); at != std::string::npos) text.replace(at, 1, "\\n");
      const ParsedMessage parsed =
          ParseMessage(Members(parts.record).Add("properties", text).Json());
      ASSERT_EQ(parsed.signals.size(), 1u);
      EXPECT_EQ(parsed.text, object.text);
      EXPECT_EQ(parsed.signals[0].event_time, object.signals[0].event_time);
      EXPECT_EQ(parsed.signals[0].code, object.signals[0].code);
      EXPECT_EQ(parsed.signals[0].user, object.signals[0].user);
    }
  }
}

TEST(RecordReaderTest, PropertiesThatAreNoObject) {
  std::string deep = "{\"id\":\"x\",\"a\":" + std::string(1024, '[') + std::string(1024, ']') + "}";
  for (const std::string json :
       {"null", "7", "[]", "\"\"", "\"x\"", R"("[]")", R"("{")", R"("{} x")", R"("{'id':'x'}")",
        R"("{\"id\":\"x\"")", R"("{\"id\":\"\\q\"}")", R"("{\"id\":\"x\",\"b\":tru}")",
        R"("null")"}) {
    const ReadRecord read{
        ParseMessage(Members(SignInParts().record).Add("properties", json).Json())};
    ASSERT_EQ(read.parsed.signals.size(), 1u) << json;
    EXPECT_EQ(FormatEventTime(read.signal().event_time), "2026-11-24T09:02:10.123456Z") << json;
    EXPECT_EQ(read.signal().code, 50132);
    EXPECT_EQ(FormatIpAddress(read.signal().address), "192.0.2.7");
    EXPECT_FALSE(read.signal().id.present()) << json;
  }
  const ReadRecord read{
      ParseMessage(Members(SignInParts().record).Add("properties", Quoted(deep)).Json())};
  EXPECT_FALSE(read.signal().id.present());
  deep.erase(deep.find('['), 1);
  deep.erase(deep.find(']'), 1);
  const ReadRecord just{
      ParseMessage(Members(SignInParts().record).Add("properties", Quoted(deep)).Json())};
  EXPECT_TRUE(just.signal().id.present());
}

TEST(RecordReaderTest, FirstOfEqualKeysCounts) {
  RecordParts parts = SignInParts();
  parts.record.Add("category", R"("AuditLogs")").Add("tenantId", R"("second")");
  parts.properties.Add("id", R"("second")").Add("status", R"({"errorCode":1})");
  std::string json = Members(parts.record)
                         .Add("properties", parts.properties.Json())
                         .Add("properties", R"({"id":"third","tenantId":"x"})")
                         .Json();
  const ReadRecord read{ParseMessage(json)};
  EXPECT_EQ(read.signal().category, Category::kSignIn);
  EXPECT_EQ(read.Tenant(), kTenantGuid);
  EXPECT_EQ(read.signal().id.form, IdForm::kGuid);
  EXPECT_EQ(read.signal().code, 50132);
  // Also where the first is of no use.
  json = Members{{"tenantId", "null"}, {"properties", "7"}}.Json();
  json.back() = ',';
  json += SignInParts().Json().substr(1);
  const ReadRecord fallback{ParseMessage(json)};
  EXPECT_EQ(fallback.Tenant(), kTenantGuid);  // of resourceId
  EXPECT_FALSE(fallback.signal().id.present());
}

TEST(RecordReaderTest, ReasonsInTheirOrder) {
  RecordParts parts = SignInParts();
  parts.record.Set("category", R"("x")").Remove("tenantId").Remove("resourceId");
  parts.record.Remove("time").Remove("resultType");
  parts.properties.Remove("createdDateTime").Remove("status");
  EXPECT_EQ(Outcome(ParseBothWays(parts)), "irrelevant x");
  parts.record.Set("category", R"("SignInLogs")");
  EXPECT_EQ(Outcome(ParseBothWays(parts)), "no_tenant");
  parts.record.Set("tenantId", R"("t")");
  EXPECT_EQ(Outcome(ParseBothWays(parts)), "no_time");
  parts.record.Set("time", R"("2030-01-01T00:05:00.000001Z")");
  EXPECT_EQ(Outcome(ParseBothWays(parts)), "no_code");
  parts.record.Set("resultType", R"("0")");
  EXPECT_EQ(Outcome(ParseBothWays(parts)), "future");
  parts.record.Set("time", R"("2030-01-01T00:05:00.000000Z")");
  EXPECT_EQ(Outcome(ParseBothWays(parts)), "SignInLogs");
  parts.record.Set("category", R"("Audit")").Remove("resultType");
  EXPECT_EQ(Outcome(ParseBothWays(parts)), "AuditLogs");
}

}  // namespace record_reader_test
}  // namespace signinwatch
