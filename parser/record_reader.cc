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

}  // namespace

void RecordReader::Begin(EventTime reference_time, ParsedMessage* out) {
  latest_ = reference_time + max_clock_skew_;
  out_ = out;
  Restart();
}

void RecordReader::Read(const JsonView& view, const FieldSet& fields, const FieldSet& properties,
                        size_t offset, size_t size) {
  ++out_->records;
  record_.view = record_.properties_view = view;
  record_.fields = fields;
  record_.properties = properties;
  record_.has_properties = Own(Field::kProperties).IsObject();
  record_.graph = false;
  const auto reject = [&](RejectReason reason, const char* detail) {
    out_->rejects.push_back({reason, detail, offset, size});
  };

  Signal signal;
  const std::optional<EventTime> export_time = Time(Own(Field::kTime));
  const Kind kind = Classify(&signal.category, export_time);
  if (kind == Kind::kIrrelevant) return;
  if (!FindTenant(&signal)) return reject(RejectReason::kNoTenant, "no usable tenant id");
  std::optional<EventTime> time =
      Time(Property(kind == Kind::kSignIn ? Field::kCreatedDateTime : Field::kActivityDateTime));
  if (!time) time = export_time;
  if (!time) return reject(RejectReason::kNoTime, "no readable time");
  if (kind == Kind::kSignIn && !FindCode(&signal)) {
    return reject(RejectReason::kNoCode, "no usable error code");
  }
  if (*time > latest_) return reject(RejectReason::kFuture, "event time is in the future");

  signal.event_time = *time;
  signal.export_time = export_time.value_or(kBeginningOfTime);
  const std::string_view id = Text(Property(Field::kId));
  signal.id = MakeId<RecordId>(id);
  if (signal.id.form == IdForm::kText) signal.id_text = Keep(id);
  if (kind == Kind::kSignIn) {
    ReadSignIn(&signal);
  } else {
    ReadAudit(&signal);
  }
  out_->signals.push_back(signal);
}

void RecordReader::Trim(size_t bytes) {
  inner_index_.Trim(bytes);
  if (inner_text_.capacity() > bytes) inner_text_ = {};
  if (scratch_.capacity() > bytes) scratch_ = {};
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

TextRef RecordReader::Keep(std::string_view text) {
  const size_t offset = out_->text.size();
  out_->text.append(text);
  return {static_cast<uint32_t>(offset), static_cast<uint32_t>(text.size())};
}

TextRef RecordReader::KeepLower(std::string_view text) {
  const TextRef ref = Keep(text);
  LowerAsciiRange(out_->text.data() + ref.offset, ref.size);
  return ref;
}

// `properties` that came as text: read, it stands for the object. false: it is none.
bool RecordReader::UnpackProperties() {
  const Value value = Own(Field::kProperties);
  if (!value.IsText()) return false;
  inner_text_.clear();
  AppendUnescaped(value.view->RawString(value.i), value.view->has_invalid_utf8, &inner_text_);
  if (inner_text_.size() > StructuralIndex::kTextBytesMax) return false;
  inner_index_.Build(inner_text_);
  const JsonView view(inner_text_, inner_index_);
  if (view.count == 0 || view.At(0) != '{' || !inner_index_.whole()) return false;
  FieldSet fields;
  if (WalkFields(inner_walker_, view, 0, 1, &fields, nullptr) != view.count) return false;
  out_->invalid_utf8 += inner_index_.replacements();
  record_.properties = fields;
  record_.properties_view = view;
  record_.has_properties = true;
  return true;
}

RecordReader::Kind RecordReader::Classify(Category* category,
                                          std::optional<EventTime> export_time) {
  Kind kind = Kind::kIrrelevant;
  if (!export_time && !record_.has_properties && !UnpackProperties() &&
      ClassifyGraph(&kind, category)) {
    return kind;
  }
  const std::string_view name = Text(Own(Field::kCategory));
  if (EqualsWithoutCase(name, "signinlogs") || EqualsWithoutCase(name, "signin")) {
    *category = Category::kSignIn;
  } else if (EqualsWithoutCase(name, "noninteractiveusersigninlogs")) {
    *category = Category::kNonInteractiveSignIn;
  } else if (EqualsWithoutCase(name, "adfssigninlogs")) {
    *category = Category::kAdfsSignIn;
  } else if (EqualsWithoutCase(name, "auditlogs") || EqualsWithoutCase(name, "audit")) {
    *category = Category::kAudit;
  } else {
    CountIrrelevant(name.empty() ? kNoCategory : name);
    return kind;
  }
  if (!record_.has_properties) UnpackProperties();
  return *category == Category::kAudit ? Kind::kAudit : Kind::kSignIn;
}

// A record as Graph lists it. false: it is none.
bool RecordReader::ClassifyGraph(Kind* kind, Category* category) {
  if (Time(Own(Field::kCreatedDateTime)) && Own(Field::kStatus).IsObject()) {
    *kind = Kind::kSignIn;
    *category = Category::kSignIn;
  } else if (Own(Field::kActivityDisplayName).IsText() && Time(Own(Field::kActivityDateTime))) {
    *kind = Kind::kAudit;
    *category = Category::kAudit;
  } else {
    return false;
  }
  record_.graph = true;
  record_.has_properties = true;
  record_.properties = record_.fields;
  const Value types = Own(Field::kSignInEventTypes);
  if (*kind == Kind::kAudit || !types.IsArray()) return true;
  std::string_view irrelevant;
  for (uint32_t i = types.i + 1; types.view->At(i) != ']';) {
    const std::string_view type = Text({types.view, i});
    if (type == "nonInteractiveUser") *category = Category::kNonInteractiveSignIn;
    if (type == "servicePrincipal") irrelevant = "ServicePrincipalSignInLogs";
    if (type == "managedIdentity") irrelevant = "ManagedIdentitySignInLogs";
    i = NextValue(*types.view, i);
    if (types.view->At(i) == ',') ++i;
  }
  if (irrelevant.empty()) return true;
  *kind = Kind::kIrrelevant;
  CountIrrelevant(irrelevant);
  return true;
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
  if (record_.graph) return UseTenant(default_tenant_, signal);
  return UseTenant(Text(Own(Field::kTenantId)), signal) ||
         UseTenant(TenantOfResource(Text(Own(Field::kResourceId))), signal) ||
         UseTenant(Text(Property(Field::kTenantId)), signal);
}

bool RecordReader::UseTenant(std::string_view text, Signal* signal) {
  if (text.empty() || text == kZeroGuid) return false;
  if (!tenant_.present() || text != tenant_written_) {
    tenant_written_.assign(text);
    tenant_text_ = KeepLower(text);
    tenant_ = MakeId<TenantId>(Kept(tenant_text_));
  }
  signal->tenant = tenant_;
  signal->tenant_text = tenant_text_;
  return true;
}

bool RecordReader::FindCode(Signal* signal) {
  const Value code = Property(Field::kStatus).Member("errorCode");
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
    signal->user_text = KeepLower(id_text);
    signal->user = MakeId<UserId>(Kept(signal->user_text));
  }
  const std::string_view name_text = IdText(name);
  if (name_text.empty()) return signal->user.present();
  signal->user_principal_name = Keep(name_text);
  if (signal->user.present()) return true;
  signal->user_text = KeepLower(name_text);
  signal->user = MakeNameId(Kept(signal->user_text));
  return true;
}

void RecordReader::ReadSignIn(Signal* signal) {
  SetUser(Property(Field::kUserId), Property(Field::kUserPrincipalName), signal);
  signal->address = ParseIpAddress(Text(Property(Field::kIpAddress)));
  if (!signal->address.present) {
    signal->address = ParseIpAddress(Text(Own(Field::kCallerIpAddress)));
  }
  signal->app_id = Keep(IdText(Property(Field::kAppId)));
  signal->app_name = Keep(Text(Property(Field::kAppDisplayName)));
  signal->correlation_id = Keep(IdText(Property(Field::kCorrelationId)));
  const std::string_view device = IdText(Property(Field::kDeviceDetail).Member("deviceId"));
  if (!device.empty()) {
    signal->device_key = HashText64(device);
    signal->device_id = Keep(device);
  }
  const std::string_view country = Text(Property(Field::kLocation).Member("countryOrRegion"));
  if (!country.empty()) {
    signal->country_key = HashText64(country);
    signal->country = Keep(country);
  }
  ReadHome(signal);
  signal->modern_client = IsModernClient(Text(Property(Field::kClientAppUsed)));
  const Value interactive = Property(Field::kIsInteractive);
  const char first = interactive.present() ? interactive.first() : '\0';
  signal->interactive =
      first == 't' || (first != 'f' && signal->category != Category::kNonInteractiveSignIn);
}

void RecordReader::ReadHome(Signal* signal) {
  const std::string_view home = IdText(Property(Field::kHomeTenantId));
  if (EqualsWithoutCase(home, Kept(signal->tenant_text))) return;
  if (!home.empty()) signal->home_tenant = KeepLower(home);
  signal->guest = EqualsWithoutCase(Text(Property(Field::kUserType)), "guest") ||
                  MarksGuest(Kept(signal->user_principal_name));
}

void RecordReader::ReadAudit(Signal* signal) {
  signal->audit = static_cast<uint32_t>(out_->audits.size());
  AuditDetail detail;
  detail.success = IsAuditSuccess();
  detail.operation = KeepOperation();
  ReadTarget(signal);
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

// The first target of type User, whether its ids are usable or not.
void RecordReader::ReadTarget(Signal* signal) {
  const Value targets = Property(Field::kTargetResources);
  if (!targets.IsArray()) return;
  for (uint32_t i = targets.i + 1; targets.view->At(i) != ']';) {
    const Value target{targets.view, i};
    if (target.IsObject()) {
      const Value type{target.view, FindMemberWithoutCase(*target.view, i, "type")};
      if (EqualsWithoutCase(Text(type), "user")) {
        SetUser(target.Member("id"), target.Member("userPrincipalName"), signal);
        return;
      }
    }
    i = NextValue(*targets.view, i);
    if (targets.view->At(i) == ',') ++i;
  }
}

void RecordReader::ReadActor(AuditDetail* detail) {
  const Value initiator = Property(Field::kInitiatedBy);
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
