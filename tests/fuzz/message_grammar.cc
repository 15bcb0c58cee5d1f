#include "tests/fuzz/message_grammar.h"

#include <algorithm>
#include <cstdio>

namespace signinwatch {
namespace {

constexpr std::string_view kGuid = "1a2b3c4d-1111-2222-3333-44445555aaff";
constexpr std::string_view kZeroGuid = "00000000-0000-0000-0000-000000000000";

}  // namespace

std::string_view MessageGrammar::Pick(std::initializer_list<std::string_view> choices) {
  return choices.begin()[Below(choices.size())];
}

std::string MessageGrammar::Blank() {
  if (!Chance(5)) return "";
  return std::string(Pick({" ", "  ", "\n", "\r\n", "\t", " \t\r\n"}));
}

// A JSON string, some of its characters written as escapes that need not be.
std::string MessageGrammar::Text(std::string_view text) {
  const size_t escaped_percent = Chance(10) ? 20 : 0;
  std::string json = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < 0x20 && !Chance(5)) || (byte < 0x80 && Chance(escaped_percent))) {
      char escape[8];
      std::snprintf(escape, sizeof(escape), Chance(50) ? "\\u%04x" : "\\u%04X", byte);
      json += escape;
    } else {
      if (c == '"' || c == '\\') json += '\\';
      json += c;
    }
  }
  return json + "\"";
}

// Some JSON value, of whatever type.
std::string MessageGrammar::Junk(int depth) {
  const size_t kind = Below(depth > 0 ? 12 : 9);
  if (kind < 5) {
    return std::string(Pick({"null",
                             "true",
                             "false",
                             "0",
                             "1",
                             "-1",
                             "50132",
                             "-0",
                             "5e4",
                             "1.5",
                             "0.0",
                             "1E-7",
                             "9223372036854775807",
                             "9223372036854775808",
                             "-9223372036854775808",
                             "-9223372036854775809",
                             "123456789012345678901234567890",
                             "\"\"",
                             "{}",
                             "[]"}));
  }
  if (kind < 8) return Text(Name());
  if (kind == 8) {
    return std::string(
        Pick({R"("\ud800")", R"("\udc00x")", R"("\ud83d\ude00")", R"("\ud83d\u00e9")",
              R"("\ud800\ud83d\ude00")", "\"\x1c\"", "\"a\nb\tc\"", "\"\xFF\"", "\"\xE2\x82\"",
              "\"\xF0\x90\x80z\"", "\"\xED\xA0\x80\"", R"("\/\b\f\n\r\t\\\"")", "\"\x7f\"",
              R"("\u0000")"}));
  }
  if (kind == 9) return Deep();
  std::vector<std::string> elements(Below(4));
  for (std::string& element : elements) element = Junk(depth - 1);
  if (kind == 10) return Array(elements);
  Members members;
  for (std::string& element : elements) {
    members.emplace_back(Pick({"a", "id", "time", "properties", "records", "value", "type", ""}),
                         std::move(element));
  }
  return Object(std::move(members));
}

// Nested, rarely so deep that the limit is near.
std::string MessageGrammar::Deep() {
  const size_t depth = Chance(20) ? 1015 + Below(15) : Below(70);
  const bool objects = Chance(50);
  std::string json;
  for (size_t i = 0; i < depth; ++i) json += objects ? "{\"a\":" : "[";
  json += objects || Chance(50) ? "1" : "";
  json.append(depth, objects ? '}' : ']');
  return depth == 0 ? "1" : json;
}

std::string MessageGrammar::Array(const std::vector<std::string>& elements) {
  std::string json = "[" + Blank();
  for (size_t i = 0; i < elements.size(); ++i) {
    if (i > 0) json += "," + Blank();
    json += elements[i] + Blank();
  }
  return json + "]";
}

std::string MessageGrammar::Object(Members members) {
  if (!members.empty() && Chance(8)) {
    // One key twice; the first counts, wherever the second came to stand.
    const std::string key = members[Below(members.size())].first;
    members.insert(members.begin() + static_cast<ptrdiff_t>(Below(members.size() + 1)),
                   {key, Junk(1)});
  }
  if (Chance(50)) {
    for (size_t i = members.size(); i > 1; --i) std::swap(members[i - 1], members[Below(i)]);
  }
  std::string json = "{" + Blank();
  for (size_t i = 0; i < members.size(); ++i) {
    if (i > 0) json += "," + Blank();
    json += Text(members[i].first) + Blank() + ":" + Blank() + members[i].second + Blank();
  }
  return json + "}";
}

// Mostly there, mostly of the right type.
void MessageGrammar::AddMember(Members* members, std::string_view key, std::string value) {
  if (!tidy_) {
    if (Chance(10)) return;
    if (Chance(6)) value = Junk(2);
    if (Chance(2)) value = "null";
  }
  members->emplace_back(key, std::move(value));
}

void MessageGrammar::AddRarely(Members* members, std::string_view key, std::string value) {
  if (Chance(15)) AddMember(members, key, std::move(value));
}

std::string MessageGrammar::Digits(size_t least, size_t most) {
  std::string digits(least + Below(most - least + 1), '0');
  for (char& digit : digits) digit = static_cast<char>('0' + Below(10));
  return digits;
}

std::string MessageGrammar::Time() {
  if (tidy_ && Chance(70)) return Text("2026-11-24T09:00:" + Digits(2, 2) + ".1234567Z");
  if (Chance(15)) return Text(MonthFirstTime());
  if (Chance(10)) {
    return Text(Pick({"2026-11-24T10:05:00Z",
                      "2026-11-24T10:05:00.000001Z",
                      "2026-11-24T10:05:00.0000009Z",
                      "1999-12-31T23:59:59.9999999Z",
                      "1999-12-31T20:00:00-04:00",
                      "2000-01-01T00:00:00Z",
                      "2024-02-29T00:00:00Z",
                      "2025-02-29T00:00:00Z",
                      "2026-11-24T24:00:00Z",
                      "2026-11-24T23:59:60Z",
                      "9999-12-31T23:59:59.999999Z",
                      "9999-12-31T23:59:59-00:01",
                      "2026-11-24",
                      "2026-11-24T09:00Z",
                      "2026-11-24T09:00:00.Z",
                      "2026-11-24t09:00:00z",
                      "2026-11-24T09:00:00,5Z",
                      " 2026-11-24T09:00:00Z",
                      "2026-11-24T09:00:00Z ",
                      "2026-1-24T09:00:00Z",
                      "2026-11-24T09:00:00+24:00",
                      "2026-11-24T09:00:00 Z",
                      "2026-11-24T09:00:00+5",
                      "2026-11-24T09:00:00 +01:00",
                      "20261124T090000Z",
                      "2026-11-24  09:00:00",
                      "2026-11-24\xC2\xA0"
                      "09:00:00",
                      "2026-11-24\xE2\x80\xAF"
                      "9:00:00\xE2\x80\xAF+01:00",
                      "2026-11-24\xE2\x80\x89"
                      "09:00:00",
                      "02026-11-24T09:00:00Z",
                      "-2026-11-24T09:00:00Z"}));
  }
  std::string time = "20" + Digits(2, 2) + "-" + std::string(Pick({"01", "02", "06", "11", "12"})) +
                     "-" + std::string(Pick({"01", "15", "24", "28", "29", "30", "31"})) +
                     (Chance(85) ? "T" : " ");
  if (Chance(80)) time.replace(0, 4, "2026");
  time += Chance(80) ? std::string(Pick({"00", "08", "09", "23"})) : Digits(1, 2);
  time += ":" + std::string(Pick({"00", "01", "30", "59", "60"})) + ":";
  time += Pick({"00", "07", "59", "5"});
  if (Chance(70)) time += "." + Digits(1, Chance(10) ? 30 : 9);
  time +=
      Pick({"Z", "Z", "Z", "", "+00:00", "-05:00", "+0530", "+01", "+14:00", "-23:59", "+01:60"});
  return Text(time);
}

std::string MessageGrammar::MonthFirstTime() {
  if (Chance(10)) {
    return std::string(
        Pick({"13/1/2026 1:00:00", "11/24/26 1:00:00 AM", "11/24/2026", "11/24/2026 1:00 AM",
              "11/24/2026 9:00:00 AMZ", "11/24/2026 9:00:00 M", "11/24/2026 9:00:00 AM ",
              "11/24/2026T9:00:00", "11/24/2026 9:00:00Z", "11/24/2026 9:00:00 Z",
              "11/24/2026  9:00:00 AM", "11/24/2026 9:00:00.5 AM", "011/24/2026 9:00:00 AM"}));
  }
  std::string time(Pick({"1/9/", "11/24/", "02/29/", "8/22/", "12/31/", "24/11/"}));
  time += std::string(Pick({"2026 ", "2026 ", "2024 ", "1999 ", "2000 "})) + Digits(1, 2) + ":";
  time += std::string(Pick({"00", "41", "59"})) + ":" + std::string(Pick({"00", "05", "59"}));
  time += Pick({" AM", " PM",
                "\xE2\x80\xAF"
                "AM",
                "\xC2\xA0"
                "PM",
                " am", " pm", "PM", "", "", " XM"});
  time += Pick({"", "", "", " +01:00", "+01:00", " -0500", " Z"});
  return time;
}

std::string MessageGrammar::Id() {
  if (Chance(8)) return Text(kZeroGuid);
  if (Chance(2)) return Text(Long());
  if (Chance(50)) {
    std::string guid(kGuid);
    guid[Below(8)] = static_cast<char>('0' + Below(10));
    if (Chance(15)) guid[0] = 'A';
    return Text(guid);
  }
  return Text(Pick({"user1", "USER1", "", "Directory_1PF86_84995790", "A@B.example", "0",
                    "1a2b3c4d-1111-2222-3333-44445555aaf", "1a2b3c4d-1111-2222-3333-44445555aafg",
                    "1a2b3c4d11112222333344445555aaff", "{1a2b3c4d-1111-2222-3333-44445555aaff}",
                    " ", "\xC3\x84\xC3\xA4", "a\xFFz", "q\"uo\\te"}));
}

// A text of which only the beginning is kept, the cut being within a character at times.
std::string MessageGrammar::Long() {
  std::string text(1015 + Below(12), 'L');
  for (size_t i = Below(6); i > 0; --i)
    text += Pick({"\xC3\xA4", "\xE2\x82\xAC", "x", "\xF0\x9F\x98\x80"});
  return text + std::string(Pick({"", "a", "A"}));
}

std::string MessageGrammar::Name() {
  if (Chance(1)) return Long();
  return std::string(Pick({"Alice@Contoso.example",
                           "alice@contoso.example",
                           "",
                           " ",
                           "Browser",
                           "BROWSER",
                           "Mobile Apps and Desktop clients",
                           "mobile apps and desktop Clients",
                           "Exchange ActiveSync",
                           "DE",
                           "User",
                           "user",
                           "success",
                           "Success",
                           "Sync_dc01_1@contoso.onmicrosoft.example",
                           "ConnectSyncProvisioning_dc01",
                           "Change user password",
                           "Reset user password. ",
                           "0",
                           "x",
                           "\xC3\x9Cn\xC3\xAF",
                           "\xF0\x9F\x98\x80",
                           "\xE2\x82",
                           "tab\there",
                           "{\"a\":1}",
                           "[1]",
                           "{"}));
}

std::string MessageGrammar::Code() {
  if (tidy_ && Chance(70)) return std::string(Pick({"50132", "\"50132\"", "0"}));
  return std::string(Pick({"0",
                           "50132",
                           "50133",
                           "50173",
                           "\"50132\"",
                           "\"0\"",
                           "-1",
                           "\"-50132\"",
                           "\"Success\"",
                           "\"success\"",
                           "\"\"",
                           "\"Update\"",
                           "50132.0",
                           "5e4",
                           "\"050132\"",
                           "\"+1\"",
                           "\"1 \"",
                           "\"-\"",
                           "9223372036854775807",
                           "9223372036854775808",
                           "-9223372036854775808",
                           "-9223372036854775809",
                           "\"9223372036854775807\"",
                           "\"9223372036854775808\"",
                           "\"-9223372036854775808\"",
                           "\"-9223372036854775809\"",
                           "\"0000000000000000000000000000007\"",
                           "-0",
                           "\"-0\"",
                           "500133",
                           "18446744073709551615",
                           "18446744073709601748",
                           "\"5\\u0030132\""}));
}

std::string MessageGrammar::AddressText() {
  if (Chance(30)) {
    std::string text = Digits(1, 3);
    for (int i = 0; i < 3; ++i) text += "." + Digits(1, 3);
    return text + (Chance(30) ? ":" + Digits(0, 6) : "");
  }
  if (Chance(30)) {
    std::string text;
    const size_t groups = 1 + Below(9);
    for (size_t i = 0; i < groups; ++i) {
      text += std::string(Pick({"0", "0", "db8", "2001", "ABCD", "1", "ffff", "", "00a"})) + ":";
    }
    text += Pick({"1", "", "192.0.2.1", "0", "192.0.2.256"});
    if (Chance(20)) text = "[" + text + "]" + std::string(Pick({"", ":443", ":", ":99999", "x"}));
    return text;
  }
  return std::string(Pick({"192.0.2.1",
                           "192.0.2.1:443",
                           "192.0.2.77",
                           "198.51.100.1",
                           "2001:db8::1",
                           "[2001:db8::1]:443",
                           "[2001:db8::1]",
                           "2001:db8:0:0:1:0:0:1",
                           "::ffff:192.0.2.1",
                           "::FFFF:c000:201",
                           "[::ffff:192.0.2.1]:80",
                           "::",
                           "::1",
                           "1::",
                           "::192.0.2.1",
                           "<null>",
                           "",
                           "192.0.2.01",
                           "192.0.2",
                           "0xc0.0.2.1",
                           "192.0.2.1:",
                           "192.0.2.1:65535",
                           "192.0.2.1:65536",
                           "192.0.2.1:00443",
                           "192.0.2.1 ",
                           " 192.0.2.1",
                           "fe80::1%eth0",
                           "::2a02:cf40:1:2:3:4:5:6:7",
                           "1:2:3:4::5:6:7:8",
                           "1:2:3:4:5:6:7::",
                           "::2:3:4:5:6:7:8",
                           "[192.0.2.1]",
                           "[192.0.2.1]:80",
                           "2001:db8:1:2:3:4:5:6:443",
                           "::ffff:192.0.2.1:443",
                           "::ffff:0:192.0.2.1",
                           "64:ff9b::192.0.2.1",
                           "[2001:db8::1",
                           "2001:db8::1]",
                           "[]",
                           "0.0.0.0",
                           "255.255.255.255",
                           "1.2.3.4.5",
                           "1..2.3",
                           "::1.2.3",
                           "12345::",
                           ":::"}));
}

std::string MessageGrammar::Address() { return Text(AddressText()); }

std::string MessageGrammar::Category() {
  if (tidy_ && Chance(70)) {
    return Text(Pick({"SignInLogs", "NonInteractiveUserSignInLogs", "ADFSSignInLogs"}));
  }
  if (Chance(3)) return Text("Category" + Digits(1, 2));
  return Text(Pick({"SignInLogs",
                    "NonInteractiveUserSignInLogs",
                    "ADFSSignInLogs",
                    "SignIn",
                    "signinlogs",
                    "NonInteractiveUserSIgnInLogs",
                    "SignInLogs",
                    "SignInLogs",
                    "AuditLogs",
                    "Audit",
                    "AUDIT",
                    "UserRiskEvents",
                    "userriskevents",
                    "RiskyUsers",
                    "riskyusers",
                    "UserManagement",
                    "",
                    "none",
                    "other",
                    "SignInLogs ",
                    "ServicePrincipalSignInLogs"}));
}

std::string MessageGrammar::ResourceId() {
  return Text(Pick({"/tenants/1a2b3c4d-1111-2222-3333-44445555aaff/providers/Microsoft.aadiam",
                    "/TENANTS/Contoso/providers/microsoft.aadiam", "/tenants/Contoso", "/tenants/",
                    "/tenants//providers", "/tenants/00000000-0000-0000-0000-000000000000/x",
                    "tenants/contoso/", "/subscriptions/s/tenants/Fabrikam/x", "/tenant/contoso",
                    "", "/tenants//tenants/contoso/"}));
}

std::string MessageGrammar::EventTypes() {
  std::vector<std::string> types(Below(4));
  for (std::string& type : types) {
    type = Chance(10) ? Junk(1)
                      : Text(Pick({"interactiveUser", "interactiveUser", "nonInteractiveUser",
                                   "nonInteractiveUser", "servicePrincipal", "managedIdentity",
                                   "NonInteractiveUser", "SERVICEPRINCIPAL"}));
  }
  return Chance(5) ? Text("servicePrincipal") : Array(types);
}

MessageGrammar::Members MessageGrammar::SignInFields() {
  Members fields;
  AddMember(&fields, "createdDateTime", Time());
  AddMember(&fields, "id", Id());
  AddMember(&fields, "userId", Id());
  AddMember(&fields, "userPrincipalName", Text(Name()));
  Members status;
  AddMember(&status, "errorCode", Code());
  AddRarely(&status, "failureReason", Junk(1));
  AddMember(&fields, "status", Object(status));
  AddMember(&fields, "ipAddress", Address());
  AddRarely(&fields, "tenantId", Id());
  AddMember(&fields, "appId", Id());
  AddMember(&fields, "appDisplayName", Text(Name()));
  AddMember(&fields, "deviceDetail", Object({{"deviceId", Id()}, {"browser", Junk(0)}}));
  AddMember(&fields, "location", Object({{"city", Junk(0)}, {"countryOrRegion", Text(Name())}}));
  AddMember(&fields, "clientAppUsed", Text(Name()));
  if (Chance(50)) AddMember(&fields, "isInteractive", Chance(50) ? "true" : "false");
  AddMember(&fields, "correlationId", Id());
  AddMember(&fields, "userType", Text(Pick({"Guest", "guest", "Member", "Guest "})));
  AddMember(&fields, "homeTenantId", Id());
  AddEvidence(&fields);
  AddRarely(&fields, "unknown", Junk(3));
  AddRarely(&fields, "ID", Id());
  return fields;
}

std::string MessageGrammar::Target() {
  Members target;
  AddMember(&target, Pick({"type", "type", "Type", "TYPE"}),
            Text(Pick({"User", "User", "user", "USER", "Group", "Other", ""})));
  AddRarely(&target, "Type", Text(Pick({"User", "Group"})));
  AddMember(&target, "id", Id());
  AddMember(&target, "userPrincipalName", Text(Name()));
  if (Chance(50)) AddMember(&target, "displayName", Text(Name()));
  return Object(target);
}

std::string MessageGrammar::InitiatedBy() {
  Members user;
  AddMember(&user, "id", Id());
  AddMember(&user, "userPrincipalName", Text(Name()));
  Members app;
  AddMember(&app, "displayName", Text(Name()));
  AddMember(&app, "servicePrincipalName", Text(Name()));
  AddMember(&app, "servicePrincipalId", Id());
  AddMember(&app, "appId", Id());
  Members by;
  if (Chance(70)) AddMember(&by, "user", Object(user));
  if (Chance(40)) AddMember(&by, "app", Object(app));
  return Object(by);
}

MessageGrammar::Members MessageGrammar::AuditFields() {
  Members fields;
  AddMember(&fields, "activityDateTime", Time());
  AddMember(&fields, "id", Id());
  if (Chance(80)) {
    AddMember(&fields, "result",
              std::string(Pick({"\"success\"", "\"SUCCESS\"", "\"failure\"", "\"\"", "0", "1", "-0",
                                "0.0", "\"0\"", "null", "false", "\" success\""})));
  }
  AddMember(&fields, "activityDisplayName", Text(Name()));
  AddRarely(&fields, "tenantId", Id());
  std::vector<std::string> targets(Below(4));
  for (std::string& target : targets) target = Chance(85) ? Target() : Junk(1);
  AddMember(&fields, "targetResources", Array(targets));
  AddMember(&fields, "initiatedBy", InitiatedBy());
  AddRarely(&fields, "additionalDetails", Junk(3));
  return fields;
}

// The object, or at times a text of it.
std::string MessageGrammar::Properties(Members fields) {
  const std::string object = Object(std::move(fields));
  if (Chance(85)) return object;
  std::string text = Blank() + object + Blank();
  if (Chance(20)) Damage(&text);
  return Text(text);
}

std::string MessageGrammar::Exported(const char* category, Members fields) {
  Members record;
  AddMember(&record, "time", Time());
  AddMember(&record, "resourceId", ResourceId());
  AddMember(&record, "operationName", Text(Name()));
  if (Chance(30)) {
    AddMember(&record, "category", Category());
  } else {
    record.emplace_back("category", Text(category));
  }
  if (Chance(85)) AddMember(&record, "tenantId", wrapped_ > 0 ? Text("wrapped") : Id());
  AddMember(&record, "resultType", Code());
  AddMember(&record, "callerIpAddress", Address());
  AddMember(&record, "correlationId", Id());
  AddRarely(&record, "Level", Junk(1));
  AddRarely(&record, "records", Junk(2));
  AddRarely(&record, "Type", Text(Name()));
  if (Chance(3)) AddMember(&record, "TimeGenerated", Time());
  AddMember(&record, "properties", Properties(std::move(fields)));
  return Object(record);
}

// What is an object or array elsewhere may be a text of it in a row.
std::string MessageGrammar::JsonText(std::string json) {
  if (Chance(50)) return json;
  std::string text = Blank() + json + Blank();
  if (Chance(10)) Damage(&text);
  return Text(text);
}

// A row of a Log Analytics workspace: the fields of all kinds under the names of its columns.
std::string MessageGrammar::Row() {
  const std::string_view type =
      Pick({"SigninLogs", "AADNonInteractiveUserSignInLogs", "aadnoninteractiveusersigninlogs",
            "ADFSSignInLogs", "AuditLogs", "AuditLogs", "AADUserRiskEvents", "SigninLogs"});
  Members row;
  if (!Chance(3)) row.emplace_back("TimeGenerated", Chance(90) ? Time() : Junk(1));
  if (Chance(90)) {
    row.emplace_back("Type", Text(type));
  } else {
    AddMember(&row, "Type", Text(Pick({"SignIn", "Audit", "AADRiskyUsers", "", "AzureActivity"})));
  }
  Members fields = Chance(50) ? SignInFields() : Chance(80) ? AuditFields() : RiskFields();
  const bool both = Chance(10);
  for (auto& member : both ? AuditFields() : Members()) fields.push_back(member);
  for (auto& [key, value] : fields) {
    if (Chance(3)) {
      row.emplace_back(key, value);  // under the name that it has elsewhere
      continue;
    }
    std::string column = key;
    column[0] =
        static_cast<char>(column[0] >= 'a' && column[0] <= 'z' ? column[0] - 'a' + 'A' : column[0]);
    if (key == "ipAddress") column = Chance(95) ? "IPAddress" : "IpAddress";
    if (key == "location") column = "LocationDetails";
    const bool container = value.starts_with('{') || value.starts_with('[');
    if (key != "tenantId") row.emplace_back(column, container ? JsonText(value) : value);
  }
  AddMember(&row, "TenantId", Text("workspace"));
  AddMember(&row, "AADTenantId", Chance(70) ? Text("Row") : Id());
  AddMember(&row, "ResourceId", ResourceId());
  AddMember(&row, "ResultType", Code());
  AddMember(&row, "OperationName", Text(Name()));
  AddRarely(&row, "CallerIpAddress", Address());
  AddMember(&row, "Location", Chance(80) ? Text(Name()) : Junk(1));
  AddMember(&row, "Category", Text("UserManagement"));
  AddRarely(&row, "category", Category());
  AddRarely(&row, "time", Time());
  AddRarely(&row, "properties", Junk(1));
  return Object(row);
}

// A record that a shipper wrapped, or nearly.
std::string MessageGrammar::Wrapped() {
  Members record;
  ++wrapped_;
  std::string message = wrapped_ > 2 ? Record() : MakeWhole();
  --wrapped_;
  if (Chance(10)) Damage(&message);
  const std::string text = Chance(90) ? Text(message) : Chance(50) ? message : Text(Name());
  if (Chance(60)) {
    record.emplace_back("message", text);
  } else {
    AddMember(&record, "event", Object({{"kind", Junk(1)}, {"original", text}}));
    if (Chance(10)) record.emplace_back("message", Junk(1));
  }
  record.emplace_back("@timestamp", Time());
  if (Chance(10)) {
    record.emplace_back(Pick({"properties", "time", "category", "createdDateTime",
                              "activityDateTime", "TimeGenerated"}),
                        Junk(1));
  }
  AddRarely(&record, "records", Junk(1));
  return Object(record);
}

std::string MessageGrammar::Graph(bool audit) {
  Members record = audit ? AuditFields() : SignInFields();
  if (Chance(10)) {
    const Members other = audit ? SignInFields() : AuditFields();
    record.insert(record.end(), other.begin(), other.end());
  }
  if (Chance(50)) AddMember(&record, "signInEventTypes", EventTypes());
  AddRarely(&record, "time", Chance(50) ? Text("soon") : Time());
  AddRarely(&record, "properties", Junk(1));
  AddRarely(&record, "category", Category());
  AddRarely(&record, "resultType", Code());
  AddRarely(&record, "callerIpAddress", Address());
  AddRarely(&record, "operationName", Text(Name()));
  AddRarely(&record, "resourceId", ResourceId());
  return Object(record);
}

std::string MessageGrammar::Record() {
  const size_t kind = Below(30);
  tidy_ = Chance(50);
  if (kind < 9) return Exported("SignInLogs", SignInFields());
  if (kind < 14) return Exported("AuditLogs", AuditFields());
  if (kind < 15) return Exported("UserRiskEvents", RiskFields());
  if (kind < 17) return Graph(false);
  if (kind < 19) return Graph(true);
  if (kind < 24) return Row();
  if (kind < 27) return wrapped_ > 2 ? Junk(1) : Wrapped();
  if (kind < 28) return Object({{"category", Category()}, {"x", Junk(2)}});
  return Junk(2);
}

}  // namespace signinwatch
