#include "daemon/generator/record_writer.h"

#include <array>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "daemon/generator/record_templates.h"
#include "daemon/generator/vocabulary.h"

namespace signinwatch::generator {
namespace {

// More than the parts of any record that are kept: ids, times, names, an address.
constexpr size_t kKeptBytesMax = 4096;

// What the Conditional Access policies said of a sign-in.
enum Access : uint8_t { kNotApplied, kSatisfied, kFailed, kAccessCount };
constexpr std::string_view kAccessNames[] = {"notApplied", "success", "failure"};

// Policies per set: the greatest part of a record's size, and what makes tenants differ in it.
constexpr uint32_t kPolicyCounts[] = {19, 28, 16, 23, 5, 25, 11, 29};

constexpr struct HexPairs {
  char text[256][2];
  constexpr HexPairs() : text() {
    for (int i = 0; i < 256; ++i) {
      text[i][0] = "0123456789abcdef"[i >> 4];
      text[i][1] = "0123456789abcdef"[i & 15];
    }
  }
} kHexPairs;

char* WriteHex(uint64_t value, int bytes, char* out) {
  for (int i = bytes - 1; i >= 0; --i) {
    std::memcpy(out, kHexPairs.text[value >> (8 * i) & 0xff], 2);
    out += 2;
  }
  return out;
}

char* WriteGuid(const Guid& guid, char* out) {
  out = WriteHex(guid.hi >> 32, 4, out);
  *out++ = '-';
  out = WriteHex(guid.hi >> 16, 2, out);
  *out++ = '-';
  out = WriteHex(guid.hi, 2, out);
  *out++ = '-';
  out = WriteHex(guid.lo >> 48, 2, out);
  *out++ = '-';
  return WriteHex(guid.lo, 6, out);
}

std::string PolicyName(Random random) {
  const auto aims = PolicyAims();
  const auto subjects = PolicySubjects();
  std::string name = "CA" + std::to_string(100 + random.Below(900)) + ' ';
  name += subjects[random.Below(subjects.size())];
  name += ": ";
  name += aims[random.Below(aims.size())];
  return name;
}

// One entry of appliedConditionalAccessPolicies. Of a set the first policy always applies, of the
// others one in four; where access failed, it is the first that says no.
void AppendPolicy(Random random, bool first, Access access, std::string* out) {
  const std::string id = FormatGuid(NextGuid(random));
  const bool grants = random.Percent(75);
  const std::string name = PolicyName(random);
  const bool applies = access != kNotApplied && (first || random.OneIn(4));
  *out += R"({"id":")" + id + R"(","displayName":")" + name;
  *out += R"(","enforcedGrantControls":[)";
  *out += grants ? R"("Mfa"])" : "]";
  *out += R"(,"enforcedSessionControls":[)";
  *out += grants ? "]" : R"("SignInFrequency"])";
  *out += R"(,"sessionControlsNotSatisfied":[],"includeRulesSatisfied":[],)"
          R"("excludeRulesSatisfied":[],"conditionsSatisfied":")";
  *out += applies ? "application,users" : "none";
  *out += R"(","conditionsNotSatisfied":")";
  *out += applies ? "none" : "users";
  *out += R"(","result":")";
  *out += kAccessNames[!applies ? kNotApplied : first ? access : kSatisfied];
  *out += "\"}";
}

std::string PolicyList(uint64_t set_seed, uint32_t count, Access access) {
  std::string text = "[";
  for (uint32_t i = 0; i < count; ++i) {
    if (i > 0) text += ',';
    AppendPolicy(Random(Mix(set_seed, i)), i == 0, access, &text);
  }
  return text + "]";
}

// Of a list of policies that has one.
std::string NameOfFirst(std::string_view list) {
  constexpr std::string_view kKey = R"("displayName":")";
  const std::string_view rest = list.substr(list.find(kKey) + kKey.size());
  return std::string(rest.substr(0, rest.find('"')));
}

void AppendUserActor(std::string_view id, std::string_view name, std::string* out) {
  *out += R"({"user":{"id":)";
  *out += id.empty() ? "null" : "\"" + std::string(id) + "\"";
  *out += R"(,"displayName":null,"userPrincipalName":")";
  *out += name;
  *out += R"(","ipAddress":"<null>","roles":[]}})";
}

std::string_view CategoryOf(RecordKind kind) {
  switch (kind) {
    case RecordKind::kInteractive:
      return "SignInLogs";
    case RecordKind::kNonInteractive:
      return "NonInteractiveUserSignInLogs";
    case RecordKind::kAdfs:
      return "ADFSSignInLogs";
    case RecordKind::kServicePrincipal:
      return "ServicePrincipalSignInLogs";
    case RecordKind::kManagedIdentity:
      return "ManagedIdentitySignInLogs";
    default:
      return {};
  }
}

}  // namespace

std::string FormatGuid(const Guid& guid) {
  std::string text(36, '\0');
  WriteGuid(guid, text.data());
  return text;
}

Guid NextGuid(Random& random) {
  const uint64_t hi = random.Next();
  const uint64_t lo = random.Next();
  return {(hi & ~uint64_t{0xf000}) | 0x4000, (lo & ~(uint64_t{3} << 62)) | (uint64_t{1} << 63)};
}

RecordWriter::RecordWriter(uint64_t seed, uint32_t policy_sets) : kept_(kKeptBytesMax) {
  for (int kind = 0; kind <= static_cast<int>(RecordKind::kProvisioning); ++kind)
    templates_.emplace_back(RecordTemplate(static_cast<RecordKind>(kind)));
  for (uint32_t set = 0; set < policy_sets; ++set) {
    const uint32_t count = kPolicyCounts[set % std::size(kPolicyCounts)];
    for (int access = 0; access < kAccessCount; ++access)
      policies_.push_back(PolicyList(Mix(seed, set), count, static_cast<Access>(access)));
    blocking_.push_back(NameOfFirst(policies_.back()));
  }
}

std::string_view RecordWriter::Keep(std::string_view text) {
  if (kept_size_ + text.size() > kept_.size()) std::abort();  // kKeptBytesMax is wrong
  char* const at = kept_.data() + kept_size_;
  std::memcpy(at, text.data(), text.size());
  kept_size_ += text.size();
  return {at, text.size()};
}

std::string_view RecordWriter::Keep(const Guid& guid) {
  if (guid.hi == 0 && guid.lo == 0) return {};
  char text[36];
  WriteGuid(guid, text);
  return Keep({text, sizeof text});
}

std::string_view RecordWriter::KeepTime(char* (*write)(Ticks, char*), Ticks t) {
  char text[40];
  return Keep({text, static_cast<size_t>(write(t, text) - text)});
}

std::string_view RecordWriter::KeepToken(Random& random) {
  static constexpr char kAlphabet[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  char text[22];
  uint64_t word = 0;
  for (size_t i = 0; i < sizeof text; ++i) {
    if (i % 10 == 0) word = random.Next();
    text[i] = kAlphabet[word & 63];
    word >>= 6;
  }
  return Keep({text, sizeof text});
}

void RecordWriter::FillPerson(const Record& record) {
  slots_[Slot::kName] = record.person.name;
  slots_[Slot::kUpn] = record.person.user_principal_name;
  slots_[Slot::kUserId] = Keep(record.person.id);
  slots_[Slot::kHomeTenant] = Keep(record.person.home_tenant);
  slots_[Slot::kUserType] = record.person.guest ? "Guest" : "Member";
  slots_[Slot::kCrossTenant] = record.person.guest ? "b2bCollaboration" : "none";
}

void RecordWriter::FillSource(const Source& source) {
  const Place& place = *source.place;
  slots_[Slot::kAddress] = source.address;
  slots_[Slot::kCountry] = place.country;
  slots_[Slot::kState] = place.state;
  slots_[Slot::kCity] = place.city;
  slots_[Slot::kLatitude] = place.latitude;
  slots_[Slot::kLongitude] = place.longitude;
  slots_[Slot::kAsn] = place.asn;
  slots_[Slot::kClientApp] = source.client->app_used;
  slots_[Slot::kUserAgent] = source.client->user_agent;
  slots_[Slot::kSystem] = source.client->operating_system;
  slots_[Slot::kBrowser] = source.client->browser;
  const bool registered = source.device.hi != 0;
  const std::string_view device = Keep(source.device);
  slots_[Slot::kDeviceId] = device;
  slots_[Slot::kDeviceName] = registered ? device.substr(0, 8) : std::string_view();
  slots_[Slot::kTrust] = registered ? source.client->trust : std::string_view();
}

void RecordWriter::FillVerdict(const Record& record, Random& random) {
  const std::string_view reason = ReasonOf(record.code);
  slots_[Slot::kCode] = Keep(std::to_string(record.code));
  slots_[Slot::kSignature] = record.code == 0 ? "SUCCESS" : "FAILURE";
  status_ = R"({"errorCode":)";
  status_ += slots_[Slot::kCode];
  description_.clear();
  if (!reason.empty()) {
    status_ += R"(,"failureReason":")";
    status_ += reason;
    status_ += "\"";
    description_ = R"("resultDescription":")";
    description_ += reason;
    description_ += "\",";
  }
  status_ += "}";
  slots_[Slot::kStatus] = status_;
  slots_[Slot::kDescription] = description_;
  Access access = random.Percent(85) ? kSatisfied : kNotApplied;
  if (record.blocked || record.code == 53003 || record.code == 50074 || record.code == 50076) {
    access = kFailed;
  }
  slots_[Slot::kAccess] = kAccessNames[access];
  slots_[Slot::kPolicies] = policies_[record.tenant->policy_set * kAccessCount + access];
}

void RecordWriter::FillMfa(const Record& record) {
  const std::string_view method = record.mfa_method;
  slots_[Slot::kRequirement] =
      method.empty() ? "singleFactorAuthentication" : "multiFactorAuthentication";
  slots_[Slot::kMfaDetail] = "{}";
  second_step_.clear();
  if (!method.empty()) {
    const bool claimed = method == kByClaim;
    second_step_ = R"(,{"authenticationStepDateTime":")";
    second_step_ += slots_[Slot::kCreated];
    second_step_ += R"(","authenticationMethod":")";
    second_step_ += claimed ? "Previously satisfied" : method;
    second_step_ += R"(","succeeded":true,"authenticationStepResultDetail":"MFA )";
    second_step_ += claimed ? "requirement satisfied by claim in the token" : "completed";
    second_step_ += R"(","authenticationStepRequirement":"Secondary authentication",)"
                    R"("StatusSequence":0,"RequestSequence":0})";
    // The older field, which has the method of phones alone.
    if (method == "Text message") slots_[Slot::kMfaDetail] = R"({"authMethod":"Text message"})";
  }
  slots_[Slot::kSecondStep] = second_step_;
}

void RecordWriter::FillSignIn(const Record& record, Random& random) {
  FillSource(record.source);
  FillVerdict(record, random);
  FillMfa(record);
  const bool interactive = record.kind == RecordKind::kInteractive;
  slots_[Slot::kInteractive] = interactive ? "true" : "false";
  slots_[Slot::kEventType] = interactive ? "interactiveUser" : "nonInteractiveUser";
  if (interactive) {
    slots_[Slot::kTokenType] = "none";
  } else {
    slots_[Slot::kTokenType] = random.Percent(60) ? "primaryRefreshToken" : "refreshToken";
  }
  slots_[Slot::kCategory] = CategoryOf(record.kind);
  slots_[Slot::kAppId] = record.app->id;
  slots_[Slot::kApp] = record.app->name;
  slots_[Slot::kResourceId] = record.app->resource_id;
  slots_[Slot::kResource] = record.app->resource;
}

void RecordWriter::FillTargets(const Record& record) {
  if (record.operation.category == "Policy") {
    targets_ = R"([{"id":"8d4f0c1e-5b7a-4c62-9a3e-7f1b2c3d4e5f","displayName":")";
    targets_ += blocking_[record.tenant->policy_set];
    targets_ +=
        R"(","type":"Policy","modifiedProperties":[{"displayName":"ConditionalAccessPolicy",)"
        R"("oldValue":null,"newValue":"{\"state\":\"enabled\"}"}],"administrativeUnits":[]}])";
    slots_[Slot::kTargets] = targets_;
    return;
  }
  const std::string_view target = slots_[Slot::kUserId];
  targets_ = R"([{"id":)";
  targets_ += target.empty() ? "null" : "\"" + std::string(target) + "\"";
  targets_ += R"(,"displayName":null,"type":"User","userPrincipalName":")";
  targets_ += record.person.user_principal_name;
  targets_ += R"(","modifiedProperties":[{"displayName":"StsRefreshTokensValidFrom",)"
              R"("oldValue":"[\"2025-01-07T10:21:44Z\"]","newValue":"[\"2025-03-03T08:00:01Z\"]"},)"
              R"({"displayName":"LastPasswordChangeTimestamp","oldValue":null,"newValue":null},)"
              R"({"displayName":"Included Updated Properties","oldValue":null,)"
              R"("newValue":"\"StsRefreshTokensValidFrom, LastPasswordChangeTimestamp\""},)"
              R"({"displayName":"TargetId.UserType","oldValue":null,"newValue":"\"Member\""},)"
              R"({"displayName":"ActorId.ServicePrincipalNames","oldValue":null,)"
              R"("newValue":"\"\""}],"administrativeUnits":[]}])";
  slots_[Slot::kTargets] = targets_;
}

void RecordWriter::FillAudit(const Record& record) {
  slots_[Slot::kOperation] = record.operation.name;
  slots_[Slot::kService] = record.operation.service;
  slots_[Slot::kGroup] = record.operation.category;
  slots_[Slot::kType] = record.operation.type;
  slots_[Slot::kAddress] = record.actor == Actor::kSelf ? "192.0.2.10" : "<null>";
  FillTargets(record);

  const std::string_view target = slots_[Slot::kUserId];
  initiated_by_.clear();
  const Guid admin{record.tenant->id.lo, record.tenant->id.hi};
  switch (record.actor) {
    case Actor::kSelf:
      AppendUserActor(target, record.person.user_principal_name, &initiated_by_);
      break;
    case Actor::kAdmin:
      AppendUserActor(Keep(admin), "helpdesk@" + record.tenant->domain, &initiated_by_);
      break;
    case Actor::kSyncAccount:
      AppendUserActor({}, "Sync_DC01_4f1c0f2b7a90@" + record.tenant->domain, &initiated_by_);
      break;
    case Actor::kResetService:
      AppendUserActor({}, "fim_password_service@support.onmicrosoft.com", &initiated_by_);
      break;
    case Actor::kCloudSyncAccount:
      AppendUserActor({}, "ADToAADSyncServiceAccount@" + record.tenant->domain, &initiated_by_);
      break;
    case Actor::kSyncApp:
      initiated_by_ =
          R"({"app":{"appId":null,"displayName":"ConnectSyncProvisioning_DC01_4f1c0f2b7a90",)"
          R"("servicePrincipalId":"a3d1a9b7-5c1e-4f0e-9d55-0d1f3f6f2b10",)"
          R"("servicePrincipalName":null}})";
      break;
    case Actor::kNobody:
      initiated_by_ = "{}";
      break;
  }
  slots_[Slot::kInitiatedBy] = initiated_by_;
}

void RecordWriter::Write(const Record& record, std::string* out) {
  kept_size_ = 0;
  Random random(record.seed);
  const bool american = record.kind == RecordKind::kAdfs ||
                        record.kind == RecordKind::kServicePrincipal ||
                        record.kind == RecordKind::kRiskEvent;
  slots_[Slot::kTime] = KeepTime(american ? WriteAmerican : WriteZulu, record.export_time);
  slots_[Slot::kCreated] = KeepTime(WriteOffset, record.event_time);
  slots_[Slot::kUpdated] = KeepTime(WriteZulu, record.export_time);
  slots_[Slot::kTenant] = record.tenant->id_text;
  slots_[Slot::kId] = Keep(NextGuid(random));
  slots_[Slot::kCorrelation] = Keep(NextGuid(random));
  const Guid session = NextGuid(random);
  slots_[Slot::kSession] = Keep(record.session.hi == 0 ? session : record.session);
  slots_[Slot::kToken] = KeepToken(random);
  slots_[Slot::kProcessing] = Keep(std::to_string(40 + random.Below(900)));
  slots_[Slot::kRisk] = record.risk;
  slots_[Slot::kRiskType] = record.risk_type;
  FillPerson(record);
  if (record.kind == RecordKind::kRiskEvent) FillSource(record.source);
  if (record.kind == RecordKind::kAudit) {
    FillAudit(record);
  } else if (!CategoryOf(record.kind).empty()) {
    FillSignIn(record, random);
  }
  templates_[static_cast<size_t>(record.kind)].Fill(slots_, out);
}

}  // namespace signinwatch::generator
