#include "parser/record_reader.h"

#include <algorithm>

#include "parser/ascii.h"
#include "parser/json_escape.h"

namespace signinwatch {
namespace {

constexpr std::string_view kZeroGuid = "00000000-0000-0000-0000-000000000000";
constexpr std::string_view kNoCategory = "none";
constexpr std::string_view kOtherCategories = "other";

// A user principal name is kept twice, and a byte of a message becomes three at most (U+FFFD).
static_assert(6 * StructuralIndex::kTextBytesMax <= 0xffffffff, "TextRef can't hold the text");

struct NamedCategory {
  std::string_view name;  // in lower case
  Category category;
};

// `category` of what Entra exports.
constexpr NamedCategory kCategoryNames[] = {
    {"signinlogs", Category::kSignIn},
    {"noninteractiveusersigninlogs", Category::kNonInteractiveSignIn},
    {"adfssigninlogs", Category::kAdfsSignIn},
    {"auditlogs", Category::kAudit},
    {"userriskevents", Category::kUserRisk},
    {"signin", Category::kSignIn},
    {"audit", Category::kAudit},
};

// `Type` of a workspace's row: the name of its table.
constexpr NamedCategory kTableNames[] = {
    {"signinlogs", Category::kSignIn},
    {"aadnoninteractiveusersigninlogs", Category::kNonInteractiveSignIn},
    {"adfssigninlogs", Category::kAdfsSignIn},
    {"auditlogs", Category::kAudit},
    {"aaduserriskevents", Category::kUserRisk},
};

template <size_t N>
std::optional<Category> FindCategory(std::string_view name, const NamedCategory (&names)[N]) {
  for (const NamedCategory& named : names) {
    if (EqualsWithoutCase(name, named.name)) return named.category;
  }
  return std::nullopt;
}

// The text after `/tenants/`, up to the next slash.
std::string_view TenantOfResource(std::string_view resource) {
  constexpr std::string_view kMark = "/tenants/";
  for (size_t at = 0; at + kMark.size() < resource.size(); ++at) {
    if (!EqualsWithoutCase(resource.substr(at, kMark.size()), kMark)) continue;
    const std::string_view rest = resource.substr(at + kMark.size());
    return rest.substr(0, rest.find('/'));
  }
  return {};
}

// Something besides blanks and dots, which normalisation takes off (SPEC 3.2).
bool IsOperation(std::string_view text) {
  return text.find_first_not_of(" \t\r\n.") != std::string_view::npos;
}

bool MarksGuest(std::string_view user_principal_name) {
  constexpr std::string_view kMark = "#ext#";
  for (size_t at = user_principal_name.find('#'); at != std::string_view::npos;
       at = user_principal_name.find('#', at + 1)) {
    if (EqualsWithoutCase(user_principal_name.substr(at, kMark.size()), kMark)) return true;
  }
  return false;
}

bool IsModernClient(std::string_view client) {
  return client.empty() || EqualsWithoutCase(client, "browser") ||
         EqualsWithoutCase(client, "mobile apps and desktop clients");
}

// What `authenticationMethod` says where no second factor was asked for (SPEC 6.5).
bool IsMfaMethod(std::string_view method) {
  return !method.empty() && !EqualsWithoutCase(method, "password") &&
         !EqualsWithoutCase(method, "previously satisfied") &&
         !EqualsWithoutCase(method, "satisfied by token");
}

// Whether a text begins as `failure` does, be it by an escape.
bool MayBeFailure(const JsonView& view, uint32_t i) {
  const char first = view.bytes[view.positions[i] + 1];
  return (first | 0x20) == 'f' || first == '\\';
}

SignInRisk RiskOf(std::string_view level) {
  if (EqualsWithoutCase(level, "low")) return SignInRisk::kLow;
  if (EqualsWithoutCase(level, "medium")) return SignInRisk::kMedium;
  return EqualsWithoutCase(level, "high") ? SignInRisk::kHigh : SignInRisk::kNone;
}

}  // namespace

template <typename Visit>
void RecordReader::Value::VisitElements(Visit visit) const {
  if (!IsArray()) return;
  for (uint32_t element = i + 1; view->At(element) != ']';) {
    element = visit(Value{view, element});
    if (element == 0) return;
    if (view->At(element) == ',') ++element;
  }
}

void RecordReader::Begin(EventTime reference_time, size_t message_bytes, ParsedMessage* out) {
  latest_ = reference_time + max_clock_skew_;
  out_ = out;
  rejects_.Begin(message_bytes, out);
  Restart();
}

void RecordReader::Read(const JsonView& view, uint32_t object, const FieldSet& fields,
                        const FieldSet& properties, size_t offset, size_t size) {
  ++out_->records;
  record_.object = object;
  record_.view = record_.properties_view = view;
  record_.fields = fields;
  record_.properties = properties;
  record_.names_tenant = true;
  record_.row = false;
  const auto reject = [&](RejectReason reason, const char* detail) {
    rejects_.Add(reason, detail, offset, size);
  };

  const std::optional<Category> category = Classify();
  if (!category) return;
  Signal signal;
  signal.category = *category;
  if (!FindTenant(&signal)) return reject(RejectReason::kNoTenant, "no usable tenant id");
  const std::optional<EventTime> export_time = Time(Own(Field::kTime));
  std::optional<EventTime> time = Time(Property(TimeField(signal.category)));
  if (!time) time = export_time;
  if (!time) return reject(RejectReason::kNoTime, "no readable time");
  if (signal.is_sign_in() && !FindCode(&signal)) {
    return reject(RejectReason::kNoCode, "no usable error code");
  }
  if (*time > latest_) return reject(RejectReason::kFuture, "event time is in the future");

  signal.event_time = *time;
  signal.export_time = export_time.value_or(kBeginningOfTime);
  const std::string_view id = Text(Property(Field::kId));
  signal.id = MakeId<RecordId>(id);
  if (signal.id.form == IdForm::kText) {
    signal.id_text = KeepId(id);
    signal.id = MakeId<RecordId>(Kept(signal.id_text));
  }
  if (signal.is_sign_in()) {
    ReadSignIn(&signal);
  } else if (signal.is_audit()) {
    ReadAudit(&signal);
  } else {
    ReadRisk(&signal);
  }
  out_->signals.push_back(signal);
}

void RecordReader::Trim(size_t bytes) {
  inner_index_.Trim(bytes);
  if (inner_text_.capacity() > bytes) std::string().swap(inner_text_);
  if (scratch_.capacity() > bytes) std::string().swap(scratch_);
}

std::string_view RecordReader::Text(Value value) {
  if (!value.IsText()) return {};
  const std::string_view raw = value.view->RawString(value.i);
  if (!NeedsUnescape(*value.view, raw)) return raw;
  scratch_.clear();
  AppendUnescaped(raw, value.view->has_invalid_utf8, &scratch_);
  return scratch_;
}

std::string_view RecordReader::IdText(Value value) {
  const std::string_view text = Text(value);
  return text == kZeroGuid ? std::string_view{} : text;
}

std::optional<EventTime> RecordReader::Time(Value value) {
  const std::string_view text = Text(value);
  if (text.empty()) return std::nullopt;
  return ParseEventTime(text);
}

TextRef RecordReader::KeepWhole(std::string_view text) {
  const size_t offset = out_->text.size();
  out_->text.append(text);
  return {static_cast<uint32_t>(offset), static_cast<uint32_t>(text.size())};
}

TextRef RecordReader::Keep(std::string_view text) { return KeepWhole(CutText(text)); }

TextRef RecordReader::KeepId(std::string_view text) {
  TextRef ref = KeepWhole(text);
  if (text.size() > kKeptTextBytes) {
    KeepIdentity(text, ref.offset, &out_->text);
    ref.size = static_cast<uint32_t>(out_->text.size() - ref.offset);
  }
  return ref;
}

TextRef RecordReader::KeepLowerId(std::string_view text) {
  TextRef ref = KeepWhole(text);
  LowerAsciiRange(out_->text.data() + ref.offset, ref.size);
  if (text.size() > kKeptTextBytes) {
    KeepIdentity(Kept(ref), ref.offset, &out_->text);
    ref.size = static_cast<uint32_t>(out_->text.size() - ref.offset);
  }
  return ref;
}

TextRef RecordReader::KeepName(std::string_view text) {
  TextRef ref = KeepWhole(text);
  if (text.size() > kKeptTextBytes) {
    std::string lower(text);
    LowerAscii(lower);
    KeepIdentity(lower, ref.offset, &out_->text);
    ref.size = static_cast<uint32_t>(out_->text.size() - ref.offset);
  }
  return ref;
}

bool RecordReader::Unpack(Value value, FieldSet* fields) {
  if (!value.IsText()) return false;
  inner_text_.clear();
  AppendUnescaped(value.view->RawString(value.i), value.view->has_invalid_utf8, &inner_text_);
  if (inner_text_.size() > StructuralIndex::kTextBytesMax) return false;
  inner_index_.Build(inner_text_);
  inner_ = JsonView(inner_text_, inner_index_);
  if (inner_.count == 0 || !inner_index_.whole()) return false;
  const uint32_t end = fields != nullptr && inner_.At(0) == '{'
                           ? WalkFields(inner_walker_, inner_, 0, 1, fields, nullptr)
                           : inner_walker_.SkipValue(inner_, 0, 1);
  if (end != inner_.count) return false;
  out_->invalid_utf8 += inner_index_.repairs();
  return true;
}

// `properties` that came as the text of an object stands for that.
void RecordReader::UnpackProperties() {
  FieldSet fields;
  if (!Unpack(Own(Field::kProperties), &fields) || inner_.At(0) != '{') return;
  record_.properties = fields;
  record_.properties_view = inner_;
}

RecordReader::Value RecordReader::Container(Field field) {
  const Value value = Property(field);
  return record_.row && Unpack(value, nullptr) ? Value{&inner_, 0} : value;
}

std::optional<Category> RecordReader::Classify() {
  if (Has(Field::kTimeGenerated) && Own(Field::kType).IsText()) return ClassifyRow();
  if (!Has(Field::kTime) && !Has(Field::kProperties)) {
    if (Has(Field::kCreatedDateTime) && Own(Field::kStatus).IsObject()) {
      return ClassifyGraphSignIn();
    }
    if (Has(Field::kActivityDisplayName) && Has(Field::kActivityDateTime)) {
      UseAsGraph();
      return Category::kAudit;
    }
  }
  const std::string_view name = Text(Own(Field::kCategory));
  const std::optional<Category> category = FindCategory(name, kCategoryNames);
  if (!category) return Irrelevant(name);
  UnpackProperties();
  return category;
}

// A record as Graph lists it: its own fields stand for `properties`.
void RecordReader::UseAsGraph() {
  record_.names_tenant = false;
  record_.properties = record_.fields;
}

std::optional<Category> RecordReader::ClassifyGraphSignIn() {
  UseAsGraph();
  Category category = Category::kSignIn;
  std::string_view irrelevant;
  Own(Field::kSignInEventTypes).VisitElements([&](Value element) {
    const std::string_view type = Text(element);
    if (type == "nonInteractiveUser") category = Category::kNonInteractiveSignIn;
    if (type == "servicePrincipal") irrelevant = "ServicePrincipalSignInLogs";
    if (type == "managedIdentity") irrelevant = "ManagedIdentitySignInLogs";
    return NextValue(*element.view, element.i);
  });
  if (irrelevant.empty()) return category;
  return Irrelevant(irrelevant);
}

// A row of a Log Analytics workspace: all its columns are at the top.
std::optional<Category> RecordReader::ClassifyRow() {
  const std::string_view type = Text(Own(Field::kType));
  const std::optional<Category> category = FindCategory(type, kTableNames);
  if (!category) return Irrelevant(type);
  record_.row = true;
  record_.fields = record_.properties = RowFields(record_.view, record_.object);
  return category;
}

std::optional<Category> RecordReader::Irrelevant(std::string_view category) {
  CountIrrelevant(category.empty() ? kNoCategory : CutText(category));
  return std::nullopt;
}

Field RecordReader::TimeField(Category category) {
  return category <= Category::kAdfsSignIn ? Field::kCreatedDateTime : Field::kActivityDateTime;
}

void RecordReader::CountIrrelevant(std::string_view category) {
  const auto find = [this](std::string_view name) {
    return std::find_if(out_->irrelevant.begin(), out_->irrelevant.end(), [&](const auto& count) {
      return EqualsWithoutCase(Kept(count.category), name);
    });
  };
  auto entry = find(category);
  if (entry == out_->irrelevant.end() && out_->irrelevant.size() >= kMaxIrrelevantCategories) {
    category = kOtherCategories;
    entry = find(category);
  }
  if (entry == out_->irrelevant.end()) {
    out_->irrelevant.push_back({Keep(category), 1});
  } else {
    ++entry->records;
  }
}

bool RecordReader::FindTenant(Signal* signal) {
  if (!record_.names_tenant) return UseTenant(default_tenant_, signal);
  if (UseTenant(Text(Own(Field::kTenantId)), signal) ||
      UseTenant(TenantOfResource(Text(Own(Field::kResourceId))), signal)) {
    return true;
  }
  return UseTenant(record_.row ? default_tenant_ : Text(Property(Field::kTenantId)), signal);
}

bool RecordReader::UseTenant(std::string_view text, Signal* signal) {
  if (text.empty() || text == kZeroGuid) return false;
  if (!tenant_.present() || text != tenant_written_) {
    tenant_written_.assign(text);
    tenant_text_ = KeepLowerId(text);
    tenant_ = MakeId<TenantId>(Kept(tenant_text_));
  }
  signal->tenant = tenant_;
  signal->tenant_text = tenant_text_;
  return true;
}

bool RecordReader::FindCode(Signal* signal) {
  const Value code = Container(Field::kStatus).Member("errorCode");
  std::optional<int64_t> number;
  if (code.present()) number = ReadInteger(*code.view, code.i);
  const Value result = Own(Field::kResultType);
  if (!number && result.present()) {
    number = ReadInteger(*result.view, result.i);
    if (!number && EqualsWithoutCase(Text(result), "success")) number = 0;
  }
  signal->code = number.value_or(0);
  return number.has_value();
}

bool RecordReader::SetUser(Value id, Value name, Signal* signal) {
  const std::string_view id_text = IdText(id);
  if (!id_text.empty()) {
    signal->user_text = KeepLowerId(id_text);
    signal->user = MakeId<UserId>(Kept(signal->user_text));
  }
  const std::string_view name_text = IdText(name);
  if (name_text.empty()) return signal->user.present();
  signal->user_principal_name = KeepName(name_text);
  if (signal->user.present()) return true;
  signal->user_text = KeepLowerId(name_text);
  signal->user = MakeNameId(Kept(signal->user_text));
  return true;
}

void RecordReader::ReadSignIn(Signal* signal) {
  SetUser(Property(Field::kUserId), Property(Field::kUserPrincipalName), signal);
  signal->address = ParseIpAddress(Text(Property(Field::kIpAddress)));
  if (!signal->address.present) {
    signal->address = ParseIpAddress(Text(Own(Field::kCallerIpAddress)));
  }
  signal->app_id = KeepId(IdText(Property(Field::kAppId)));
  signal->app_name = Keep(Text(Property(Field::kAppDisplayName)));
  signal->correlation_id = KeepId(IdText(Property(Field::kCorrelationId)));
  // The keys are those of the texts that are kept: they are made of those again.
  const std::string_view device = IdText(Container(Field::kDeviceDetail).Member("deviceId"));
  if (!device.empty()) {
    signal->device_id = KeepId(device);
    signal->device_key = HashText64(Kept(signal->device_id));
  }
  const std::string_view country = Country();
  if (!country.empty()) {
    signal->country = Keep(country);
    signal->country_key = HashText64(Kept(signal->country));
  }
  ReadHome(signal);
  signal->modern_client = IsModernClient(Text(Property(Field::kClientAppUsed)));
  const Value interactive = Property(Field::kIsInteractive);
  const char first = interactive.present() ? interactive.first() : '\0';
  signal->interactive =
      first == 't' || (first != 'f' && signal->category != Category::kNonInteractiveSignIn);
  if (signal->code != 0) {
    if (IsDetailed(signal->code)) ReadFailure(signal);
  } else if (signal->category != Category::kAdfsSignIn) {
    signal->mfa_method = KeepMfaMethod();
  }
}

std::string_view RecordReader::Country() {
  if (!record_.row) return Text(Property(Field::kLocation).Member("countryOrRegion"));
  const std::string_view country =
      Text(Container(Field::kLocationDetails).Member("countryOrRegion"));
  return country.empty() ? Text(Property(Field::kLocation)) : country;
}

void RecordReader::ReadHome(Signal* signal) {
  const std::string_view home = IdText(Property(Field::kHomeTenantId));
  if (EqualsWithoutCase(home, Kept(signal->tenant_text))) return;
  if (!home.empty()) {
    // Of one that is too long to be kept as it is, what is kept tells.
    const TextRef kept = KeepLowerId(home);
    if (Kept(kept) == Kept(signal->tenant_text)) return;
    signal->home_tenant = kept;
  }
  signal->guest = EqualsWithoutCase(Text(Property(Field::kUserType)), "guest") ||
                  MarksGuest(Kept(signal->user_principal_name));
}

TextRef RecordReader::KeepMfaMethod() {
  const std::string_view method = Text(Container(Field::kMfaDetail).Member("authMethod"));
  if (!method.empty()) return Keep(method);
  TextRef passed;
  Container(Field::kAuthenticationDetails).VisitElements([&](Value step) {
    const auto [succeeded, behind] = step.MemberAndBehind("succeeded");
    if (!succeeded.present() || succeeded.first() != 't') return behind;
    const std::string_view name = Text(step.Member("authenticationMethod"));
    if (!IsMfaMethod(name)) return behind;
    passed = Keep(name);
    return uint32_t{0};
  });
  if (!passed.empty()) return passed;
  const std::string_view requirement = Text(Property(Field::kAuthenticationRequirement));
  return EqualsWithoutCase(requirement, "multifactorauthentication") ? Keep("satisfied by claim")
                                                                     : TextRef{};
}

bool RecordReader::IsDetailed(int64_t code) const {
  return detailed_codes_.empty() ||
         std::binary_search(detailed_codes_.begin(), detailed_codes_.end(), code);
}

void RecordReader::ReadFailure(Signal* signal) {
  signal->detail = static_cast<uint32_t>(out_->failures.size());
  FailureDetail detail;
  detail.conditional_access = ConditionalAccess();
  detail.risk = RiskOf(Text(Property(Field::kRiskLevelDuringSignIn)));
  detail.client = Keep(Text(Property(Field::kClientAppUsed)));
  const std::string_view token_type = Text(Property(Field::kIncomingTokenType));
  if (!EqualsWithoutCase(token_type, "none")) detail.token_type = Keep(token_type);
  detail.session = KeepId(IdText(Property(Field::kSessionId)));
  ReadFailingPolicies(&detail);
  out_->failures.push_back(detail);
}

ConditionalAccessStatus RecordReader::ConditionalAccess() {
  const Value value = Property(Field::kConditionalAccessStatus);
  if (!value.present()) return ConditionalAccessStatus::kUnknown;
  const std::string_view text = Text(value);
  const int64_t number = ReadInteger(*value.view, value.i).value_or(-1);
  if (number == 0 || EqualsWithoutCase(text, "success")) return ConditionalAccessStatus::kSuccess;
  if (number == 1 || EqualsWithoutCase(text, "failure")) return ConditionalAccessStatus::kFailure;
  if (number == 2 || EqualsWithoutCase(text, "notapplied")) {
    return ConditionalAccessStatus::kNotApplied;
  }
  return ConditionalAccessStatus::kUnknown;
}

void RecordReader::ReadFailingPolicies(FailureDetail* detail) {
  std::vector<TextRef>& policies = out_->failing_policies;
  detail->policies_begin = static_cast<uint32_t>(policies.size());
  Value list = Container(Field::kConditionalAccessPolicies);
  if (!list.IsArray()) list = Container(Field::kAppliedConditionalAccessPolicies);
  list.VisitElements([&](Value policy) {
    const auto [result, behind] = policy.MemberAndBehind("result");
    if (result.IsText() && MayBeFailure(*result.view, result.i) &&
        EqualsWithoutCase(Text(result), "failure")) {
      TextRef name = Keep(Text(policy.Member("displayName")));
      if (name.empty()) name = KeepId(IdText(policy.Member("id")));
      if (!name.empty()) policies.push_back(name);
    }
    return behind;
  });
  // Each once. There may be very many in a record that somebody made up.
  const auto begin = policies.begin() + detail->policies_begin;
  std::sort(begin, policies.end(), [this](TextRef a, TextRef b) { return Kept(a) < Kept(b); });
  policies.erase(std::unique(begin, policies.end(),
                             [this](TextRef a, TextRef b) { return Kept(a) == Kept(b); }),
                 policies.end());
  detail->policies_end = static_cast<uint32_t>(policies.size());
}

void RecordReader::ReadRisk(Signal* signal) {
  SetUser(Property(Field::kUserId), Property(Field::kUserPrincipalName), signal);
  signal->detail = static_cast<uint32_t>(out_->risks.size());
  RiskDetail detail;
  detail.type = Keep(Text(Property(Field::kRiskEventType)));
  detail.level = Keep(Text(Property(Field::kRiskLevel)));
  detail.state = Keep(Text(Property(Field::kRiskState)));
  const EventTime exported =
      signal->export_time == kBeginningOfTime ? signal->event_time : signal->export_time;
  detail.last_updated = Time(Property(Field::kLastUpdatedDateTime)).value_or(exported);
  out_->risks.push_back(detail);
}

void RecordReader::ReadAudit(Signal* signal) {
  signal->detail = static_cast<uint32_t>(out_->audits.size());
  AuditDetail detail;
  detail.success = IsAuditSuccess();
  detail.operation = KeepOperation();
  ReadTargets(signal, &detail);
  ReadActor(&detail);
  out_->audits.push_back(detail);
}

bool RecordReader::IsAuditSuccess() {
  const Value result = Property(Field::kResult);
  if (result.IsText()) {
    const std::string_view text = Text(result);
    if (!text.empty()) return EqualsWithoutCase(text, "success");
  } else if (result.present()) {
    if (const auto number = ReadIntegerToken(*result.view, result.i)) return *number == 0;
  }
  return EqualsWithoutCase(Text(Own(Field::kResultType)), "success");
}

TextRef RecordReader::KeepOperation() {
  const std::string_view activity = Text(Property(Field::kActivityDisplayName));
  if (IsOperation(activity)) return Keep(activity);
  const std::string_view operation = Text(Own(Field::kOperationName));
  return IsOperation(operation) ? Keep(operation) : TextRef{};
}

// The first target's name, and the first target of type User, whether its ids are usable or not.
void RecordReader::ReadTargets(Signal* signal, AuditDetail* detail) {
  bool first = true;
  Container(Field::kTargetResources).VisitElements([&](Value target) {
    const uint32_t behind = NextValue(*target.view, target.i);
    if (!target.IsObject()) return behind;
    if (first) detail->target_name = Keep(Text(target.Member("displayName")));
    first = false;
    const Value type =
        Value::At(*target.view, FindMemberWithoutCase(*target.view, target.i, "type"));
    if (!EqualsWithoutCase(Text(type), "user")) return behind;
    SetUser(target.Member("id"), target.Member("userPrincipalName"), signal);
    return uint32_t{0};
  });
}

void RecordReader::ReadActor(AuditDetail* detail) {
  const Value initiator = Container(Field::kInitiatedBy);
  const Value user = initiator.Member("user");
  detail->actor_user_principal_name = Keep(IdText(user.Member("userPrincipalName")));
  detail->actor_user_id = Keep(IdText(user.Member("id")));
  const Value app = initiator.Member("app");
  detail->actor_app_display_name = Keep(Text(app.Member("displayName")));
  detail->actor_service_principal_name = Keep(Text(app.Member("servicePrincipalName")));
  detail->actor_service_principal_id = Keep(IdText(app.Member("servicePrincipalId")));
  detail->actor_app_id = Keep(IdText(app.Member("appId")));
}

}  // namespace signinwatch
