#include "tests/oracle/stream_cast.h"

#include <map>
#include <set>
#include <utility>

namespace signinwatch::oracle {
namespace {

using Text = std::vector<std::string>;

struct App {
  std::string id;
  std::string name;
};

const std::vector<App>& Apps() {
  static const auto& apps = *new std::vector<App>{
      {"11111111-0000-0000-0000-000000000001", "Teams"},
      {"11111111-0000-0000-0000-000000000001", "Microsoft Teams"},
      {"11111111-0000-0000-0000-000000000002", ""},
      {"App-3", "Mail"},
      {"", "Mail"},
      {"", "Office"},
      {"", ""},
  };
  return apps;
}

const std::map<std::string, Text>& Operations() {
  static const auto& operations = *new std::map<std::string, Text>{
      {"change",
       {"Change password (self-service)", "Change user password", "change USER password."}},
      {"self_reset", {"Reset password (self-service)", "Reset user password"}},
      {"admin_reset",
       {"Reset password (by admin)", "Reset password", "Reset user password",
        "Update PasswordProfile", "User Password Reset", " reset password . "}},
      {"sync",
       {"Change user password", "Reset user password", "Update PasswordProfile",
        "Update StsRefreshTokenValidFrom Timestamp"}},
      {"revoke",
       {"Update StsRefreshTokenValidFrom Timestamp", "Update StsRefreshTokenValidFrom Timestamp.",
        "Revoke sign in sessions", "Disable account"}},
      {"force_change", {"Set force change user password"}},
  };
  return operations;
}

PlainActor RandomActor(const std::string& kind, const std::string& operation, Random* random) {
  static const auto& sync = *new std::vector<PlainActor>{
      {"Sync_HOST_1@contoso.test", "", "", "", "", ""},
      {"", "", "ConnectSyncProvisioning_HOST", "", "", ""},
      {"", "", "Other", "ConnectSyncProvisioning_HOST_2", "", ""},
      {"ADToAADSyncServiceAccount@contoso.test", "", "", "", "", ""},
      {"sync_lower@contoso.test", "", "", "", "", ""},
      {"adtoaadsyncserviceaccount@CONTOSO.test", "", "", "", "", ""},
      {"", "", "connectsyncprovisioning_host", "", "", ""},
  };
  static const auto& others = *new std::vector<PlainActor>{
      {"", "", "", "", "", ""},
      {"admin@contoso.test", "aaaaaaaa-0000-0000-0000-00000000000a", "", "", "", ""},
      {"Helpdesk@contoso.test", "", "", "", "", ""},
      {"", "aaaaaaaa-0000-0000-0000-00000000000b", "", "", "", ""},
      {"", "", "Portal", "portal-sp", "", ""},
      {"", "", "", "portal-sp", "sp-id", ""},
      {"", "", "", "", "sp-id", "app-id"},
      {"", "", "", "", "", "app-id"},
      {"sync.admin@contoso.test", "", "", "", "", ""},
      {"admin@contoso.test", "", "Portal", "", "", ""},
  };
  if (kind == "sync") return random->Pick(sync);
  if (kind == "self_reset" && operation == "Reset user password") {
    return {random->Percent(50) ? "fim_password_service@support.onmicrosoft.com"
                                : "FIM_password_service@support.onmicrosoft.com",
            "",
            "",
            "",
            "",
            ""};
  }
  // Directory synchronisation also disables accounts: that stays a revocation.
  if (kind == "revoke" && operation != "Update StsRefreshTokenValidFrom Timestamp" &&
      random->Percent(20)) {
    return random->Pick(sync);
  }
  return random->Pick(others);
}

std::set<int64_t> RandomCodes(Random* random) {
  static const auto& choices = *new std::vector<std::set<int64_t>>{
      {50132, 50133, 50173}, {50132, 50133, 50173}, {50132, 50133, 50173}, {50132}, {50173},
      {50133, 50173},        {50132, 50126},        {50173, 50055},
  };
  return random->Pick(choices);
}

OracleRule RandomRule(size_t number, Random* random) {
  static const auto& windows = *new std::vector<int64_t>{kMinuteUs, 2 * kMinuteUs, 5 * kMinuteUs,
                                                         10 * kMinuteUs, 30 * kMinuteUs};
  OracleRule rule;
  rule.by_tenant = random->Percent(number == 0 ? 15 : 60);
  // Names whose order is not that of the configuration.
  rule.name = std::string(1, static_cast<char>('a' + random->Below(26))) +
              (rule.by_tenant ? "-tenant-" : "-user-") + std::to_string(number);
  rule.codes = RandomCodes(random);
  rule.window = random->Pick(windows);
  rule.quiet = rule.window;
  if (random->Percent(40)) rule.quiet += random->Between(0, 2) * rule.window + kSecondUs;
  rule.threshold = static_cast<size_t>(random->Between(rule.by_tenant ? 2 : 1, 5));
  if (rule.by_tenant) rule.min_users = static_cast<size_t>(random->Between(1, 3));
  if (random->Percent(5)) rule.max_duration = 6 * kHourUs;
  return rule;
}

}  // namespace

OracleConfig RandomConfig(Random* random) {
  const auto pick = [&](std::vector<int64_t> from) { return random->Pick(from); };
  OracleConfig config;
  config.rules.clear();
  const size_t rules = 1 + random->Below(4);
  for (size_t n = 0; n < rules; ++n) config.rules.push_back(RandomRule(n, random));
  config.allowed_lateness =
      pick({0, kMinuteUs, 10 * kMinuteUs, 30 * kMinuteUs, 30 * kMinuteUs, 3 * kHourUs});
  config.dedup_horizon = pick({0, kMinuteUs, kHourUs, kDayUs, kDayUs});
  config.max_clock_skew = pick({0, kMinuteUs, 5 * kMinuteUs, 5 * kMinuteUs, kHourUs});
  config.lookback = pick({kHourUs, kDayUs, 2 * kDayUs, 30 * kDayUs, 30 * kDayUs});
  config.risk_before = pick({0, kHourUs, kDayUs, kDayUs, 2 * kDayUs});
  config.revise_risks_for = pick({2 * kHourUs, kDayUs, 3 * kDayUs, 3 * kDayUs});
  config.familiar_days = static_cast<int>(pick({1, 2, 14, 14, 28}));
  config.reopen_within = pick({0, 10 * kMinuteUs, kHourUs, kHourUs, 2 * kHourUs, 5 * kHourUs});
  config.persistent_after = pick({0, 3 * kMinuteUs, 20 * kMinuteUs, 4 * kHourUs});
  if (random->Percent(10)) config.operations["user password reset"] = "ignore";
  if (random->Percent(10)) config.operations["change user password"] = "ignore";
  return config;
}

const std::vector<Source>& Sources() {
  static const auto& sources = *new std::vector<Source>{
      {"192.0.2.1", "192.0.2", "DE", "d1"},        {"192.0.2.200", "192.0.2", "DE", "d2"},
      {"198.51.100.7", "198.51.100", "US", "d3"},  {"198.51.101.7", "198.51.101", "us", ""},
      {"2001:db8:1::1", "2001:db8:1", "FR", "d1"}, {"2001:db8:1:ffff::2", "2001:db8:1", "BR", "d4"},
      {"2001:db8:2::1", "2001:db8:2", "BR", ""},   {"", "", "DE", "d1"},
      {"203.0.113.9", "203.0.113", "", "d5"},      {"", "", "", ""},
  };
  return sources;
}

namespace {

// One of three is one, or seems to be.
void MakeGuest(Person* person, Random* random) {
  static const auto& types = *new Text{"Guest", "guest", "Member", "", "Guests"};
  if (random->Percent(67)) return;
  person->user_type = random->Pick(types);
  const uint64_t home = random->Below(4);
  if (home == 0) person->home_tenant = person->tenant;
  if (home <= 1) return;
  if (home == 2) person->home_tenant = random->Guid();
  if (person->names.empty() || random->Percent(50)) return;
  std::string& name = person->names[0];
  const size_t at = name.find('@');
  if (at == std::string::npos) return;
  name.insert(at, random->Percent(50) ? "_fabrikam.test#EXT#" : "#ext#");
}

}  // namespace

std::vector<Person> RandomPeople(Random* random) {
  std::vector<Person> people;
  const size_t tenants = 1 + random->Below(3);
  std::vector<std::string> tenant_ids;
  for (size_t t = 0; t < tenants; ++t) {
    tenant_ids.push_back(random->Percent(80) ? random->Guid() : "tenant" + std::to_string(t));
  }
  const size_t count = 2 + random->Below(7);
  for (size_t n = 0; n < count; ++n) {
    Person person;
    person.tenant = random->Percent(60) ? tenant_ids[0] : random->Pick(tenant_ids);
    person.id = random->Percent(85) ? random->Guid() : "user" + std::to_string(n);
    person.names = {"Person" + std::to_string(n) + "@contoso.test"};
    person.home = Sources()[random->Below(6)];
    const uint64_t form = random->Below(12);
    if (form == 0) person.names.push_back("renamed" + std::to_string(n) + "@contoso.test");
    if (form == 1) person.names.clear();
    if (form == 2 || form == 3) person.id.clear();
    if (form == 4 && n > 0) {
      // The same person as the one before, whose records lack the object id.
      person.tenant = people.back().tenant;
      person.names = people.back().names;
      person.id.clear();
      if (person.names.empty()) person.names = {people.back().id};
    }
    if (form == 5) person = {person.tenant, "", {}, person.home};
    if (form == 6 && n > 0 && !people.back().id.empty()) {
      person = {people.back().tenant, "", {people.back().id}, person.home};
    }
    MakeGuest(&person, random);
    people.push_back(std::move(person));
  }
  return people;
}

std::string RandomId(Random* random) {
  const uint64_t form = random->Below(100);
  std::string id = random->Guid();
  if (form < 12) return "";
  if (form < 22) return "Directory_" + id.substr(0, 8);
  if (form < 32) {
    for (char& c : id) {
      if (c >= 'a' && c <= 'f') c = static_cast<char>(c - 'a' + 'A');
    }
  }
  return id;
}

namespace {

const Text& Policies() {
  static const auto& policies =
      *new Text{"Require MFA", "require mfa", "Block legacy authentication", "Compliant device"};
  return policies;
}

// What only failures have.
void AddFailureDetail(Random* random, PlainRecord* r) {
  static const auto& statuses = *new Text{"success", "failure", "not_applied", "unknown"};
  static const auto& tokens = *new Text{"", "primaryRefreshToken", "refreshToken", "RefreshToken"};
  static const auto& sessions = *new Text{"", "", "session-1", "session-2", "Session-2"};
  static const auto& risks = *new Text{"", "", "", "", "", "", "low", "medium", "high"};
  r->conditional_access = random->Pick(statuses);
  if (r->conditional_access == "failure" || random->Percent(5)) {
    std::set<std::string> policies;
    for (uint64_t n = random->Below(3); n > 0; --n) policies.insert(random->Pick(Policies()));
    r->failing_policies.assign(policies.begin(), policies.end());
  }
  r->token_type = random->Pick(tokens);
  r->session_id = random->Pick(sessions);
  // Most streams' users are at no risk: the finding would be on nearly every ticket.
  if (random->Percent(20)) r->sign_in_risk = random->Pick(risks);
}

void AddMfaMethod(Random* random, PlainRecord* r) {
  static const auto& methods = *new Text{"",
                                         "",
                                         "",
                                         "Mobile app notification",
                                         "mobile app notification",
                                         "FIDO2 key",
                                         "Text message",
                                         "satisfied by claim"};
  if (r->category != "ADFSSignInLogs") r->mfa_method = random->Pick(methods);
}

}  // namespace

PlainRecord RandomSignin(const Person& person, int64_t code, int64_t time_us, Random* random) {
  static const auto& categories =
      *new Text{"SignInLogs", "NonInteractiveUserSignInLogs", "ADFSSignInLogs"};
  static const auto& clients = *new Text{"",
                                         "",
                                         "Browser",
                                         "browser",
                                         "Mobile Apps and Desktop clients",
                                         "Exchange ActiveSync",
                                         "Authenticated SMTP"};
  PlainRecord r;
  r.category = random->Percent(60) ? "NonInteractiveUserSignInLogs" : random->Pick(categories);
  r.time_us = time_us;
  r.tenant = person.tenant;
  r.id = RandomId(random);
  r.user_id = person.id;
  if (!person.names.empty()) r.user_principal_name = random->Pick(person.names);
  if (random->Percent(10)) {
    for (char& c : r.user_principal_name) {
      if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    }
  } else if (!person.id.empty() && random->Percent(5)) {
    r.user_principal_name.clear();
  }
  r.code = code;
  const Source& source = random->Percent(75) ? person.home : random->Pick(Sources());
  r.address = source.address;
  r.network = source.network;
  r.country = source.country;
  r.device_id = source.device_id;
  const App& app = random->Pick(Apps());
  r.app_id = app.id;
  r.app_name = app.name;
  r.interactive = random->Percent(60);
  r.client_app = random->Pick(clients);
  // Not every record of a guest says so.
  if (random->Percent(90)) r.user_type = person.user_type;
  if (random->Percent(90)) r.home_tenant = person.home_tenant;
  if (code == 0) {
    AddMfaMethod(random, &r);
  } else {
    AddFailureDetail(random, &r);
  }
  return r;
}

PlainRecord RandomCredentialEvent(const Person& person, const std::string& kind, int64_t time_us,
                                  Random* random) {
  PlainRecord r;
  r.category = "AuditLogs";
  r.time_us = time_us;
  r.tenant = person.tenant;
  r.id = RandomId(random);
  r.user_id = person.id;
  if (!person.names.empty()) r.user_principal_name = random->Pick(person.names);
  // Some audit records know their target by name only.
  if (!r.user_principal_name.empty() && random->Percent(15)) r.user_id.clear();
  if (!r.user_id.empty() && random->Percent(15)) r.user_principal_name.clear();
  r.operation = random->Pick(Operations().at(kind));
  r.success = true;
  r.actor = RandomActor(kind, r.operation, random);
  return r;
}

PlainRecord RandomOtherAudit(const Person& person, int64_t time_us, Random* random) {
  PlainRecord r = RandomCredentialEvent(person, "admin_reset", time_us, random);
  switch (random->Below(3)) {
    case 0:
      r.success = false;
      break;
    case 1:
      r.operation = "User started password change";
      break;
    default:
      r.user_id.clear();
      r.user_principal_name.clear();
      break;
  }
  return r;
}

PlainRecord RandomRiskEvent(const Person& person, int64_t time_us, Random* random) {
  static const auto& types = *new Text{
      "anomalousToken", "anomaloustoken",     "leakedCredentials", "unfamiliarFeatures", "",
      "riskyIPAddress", "tokenIssuerAnomaly", "maliciousIPAddress"};
  static const auto& levels = *new Text{"low", "medium", "high", "hidden", ""};
  static const auto& states = *new Text{
      "atRisk", "atRisk", "confirmedCompromised", "dismissed", "Remediated", "confirmedSafe", ""};
  PlainRecord r;
  r.category = "UserRiskEvents";
  r.time_us = time_us;
  r.tenant = person.tenant;
  r.id = RandomId(random);
  r.user_id = person.id;
  if (!person.names.empty()) r.user_principal_name = random->Pick(person.names);
  r.risk_type = random->Pick(types);
  r.risk_level = random->Pick(levels);
  r.risk_state = random->Pick(states);
  r.risk_updated_us = time_us + random->Between(0, 48) * kHourUs;
  return r;
}

PlainRecord RandomSecurityInfo(const Person& person, int64_t time_us, Random* random) {
  static const auto& operations =
      *new Text{"User registered security info",      "user deleted security info",
                "Admin registered security info.",    "Disable Strong Authentication",
                "User changed default security info", "User reviewed security info"};
  PlainRecord r = RandomCredentialEvent(person, "admin_reset", time_us, random);
  r.operation = random->Pick(operations);
  r.success = random->Percent(90);
  if (random->Percent(40)) {
    r.actor = {r.user_principal_name, r.user_id, "", "", "", ""};
    if (random->Percent(70)) r.user_id = r.user_principal_name = "";
  }
  return r;
}

PlainRecord RandomPolicyChange(const Person& person, int64_t time_us, Random* random) {
  static const auto& operations =
      *new Text{"Add conditional access policy", "Update conditional access policy",
                "update Conditional Access policy.", "Delete conditional access policy"};
  PlainRecord r = RandomCredentialEvent(person, "admin_reset", time_us, random);
  r.user_id = r.user_principal_name = "";
  r.operation = random->Pick(operations);
  r.success = random->Percent(90);
  if (random->Percent(90)) r.target_name = random->Pick(Policies());
  return r;
}

}  // namespace signinwatch::oracle
