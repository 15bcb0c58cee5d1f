#include "tests/oracle/record_reader.h"

#include <algorithm>
#include <initializer_list>
#include <map>
#include <set>
#include <utility>

#include "tests/oracle/json_fields.h"
#include "tests/oracle/json_reader.h"
#include "tests/oracle/plain_address.h"
#include "tests/oracle/plain_time.h"

namespace signinwatch::oracle {
namespace {

constexpr size_t kDepthMax = 1024;
constexpr size_t kTooLargeKept = size_t{64} << 10;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// Blanks alone are no name: none is left when the outer ones are taken off.
bool IsBlank(const std::string& name) { return name.find_first_not_of(' ') == std::string::npos; }

// The text after `/tenants/`, up to the next slash.
std::string TenantOfResource(const std::string& resource_id) {
  static constexpr std::string_view kMarker = "/tenants/";
  const size_t marker = Lower(resource_id).find(kMarker);
  if (marker == std::string::npos) return "";
  const size_t begin = marker + kMarker.size();
  return resource_id.substr(begin, resource_id.find('/', begin) - begin);
}

std::string FirstId(std::initializer_list<std::string> candidates) {
  for (const std::string& id : candidates) {
    if (!id.empty() && id != kZeroGuid) return Lower(id);
  }
  return "";
}

// What a record is, before its fields are read.
struct Kind {
  enum { kSignIn, kAudit, kRisk, kIrrelevant } is = kIrrelevant;
  std::string category;  // SPEC 3.2's name of it; if irrelevant, as written
};

Kind KindOfName(const std::string& name, std::initializer_list<std::pair<const char*, Kind>> all) {
  for (const auto& [written, kind] : all) {
    if (EqualsWithoutCase(name, written)) return kind;
  }
  return {Kind::kIrrelevant, name.empty() ? "none" : name};
}

Kind KindOfCategory(const std::string& category) {
  return KindOfName(
      category, {{"SignInLogs", {Kind::kSignIn, "SignInLogs"}},
                 {"SignIn", {Kind::kSignIn, "SignInLogs"}},
                 {"NonInteractiveUserSignInLogs", {Kind::kSignIn, "NonInteractiveUserSignInLogs"}},
                 {"ADFSSignInLogs", {Kind::kSignIn, "ADFSSignInLogs"}},
                 {"AuditLogs", {Kind::kAudit, "AuditLogs"}},
                 {"Audit", {Kind::kAudit, "AuditLogs"}},
                 {"UserRiskEvents", {Kind::kRisk, "UserRiskEvents"}}});
}

// By the table of the workspace that a row is of.
Kind KindOfTable(const std::string& type) {
  return KindOfName(
      type, {{"SigninLogs", {Kind::kSignIn, "SignInLogs"}},
             {"AADNonInteractiveUserSignInLogs", {Kind::kSignIn, "NonInteractiveUserSignInLogs"}},
             {"ADFSSignInLogs", {Kind::kSignIn, "ADFSSignInLogs"}},
             {"AuditLogs", {Kind::kAudit, "AuditLogs"}},
             {"AADUserRiskEvents", {Kind::kRisk, "UserRiskEvents"}}});
}

Kind KindOfGraphSignIn(const JsonValue& record) {
  Kind user_sign_in{Kind::kSignIn, "SignInLogs"};
  std::optional<Kind> other;
  const JsonValue* types = ArrayIn(&record, "signInEventTypes");
  for (const JsonValue& type : types ? types->elements : std::vector<JsonValue>()) {
    if (type.kind != JsonKind::kString) continue;
    if (type.text == "nonInteractiveUser") user_sign_in.category = "NonInteractiveUserSignInLogs";
    if (type.text == "servicePrincipal") other = {Kind::kIrrelevant, "ServicePrincipalSignInLogs"};
    if (type.text == "managedIdentity") other = {Kind::kIrrelevant, "ManagedIdentitySignInLogs"};
  }
  return other.value_or(user_sign_in);
}

// nullopt: not as Graph lists them.
std::optional<Kind> KindOfGraph(const JsonValue& record) {
  if (Has(record, "properties") || Has(record, "time")) return std::nullopt;
  if (Has(record, "createdDateTime") && ObjectIn(&record, "status")) {
    return KindOfGraphSignIn(record);
  }
  if (Has(record, "activityDisplayName") && Has(record, "activityDateTime")) {
    return Kind{Kind::kAudit, "AuditLogs"};
  }
  return std::nullopt;
}

constexpr char kPolicies[] = "appliedConditionalAccessPolicies";
// Only a row that was translated has policies under this name.
constexpr char kRowPolicies[] = "conditionalAccessPolicies";

// A row as the record that it would be on Event Hubs.
struct Row {
  JsonValue record;
  JsonValue properties;
  // By key of `properties`: what is wrong in the JSON text that the value came as.
  std::map<std::string, uint64_t> repairs;
};

void AddColumn(const JsonValue& row, const char* column, const char* key, JsonValue* to) {
  if (const JsonValue* value = Find(row, column)) to->members.push_back({key, *value});
}

uint64_t RepairsIn(const JsonReading& reading) {
  return reading.lone_surrogates + reading.control_characters;
}

// The same of a column that holds an object or array, or the text of one.
void AddContainer(const JsonValue& row, const char* column, const char* key, Row* to) {
  const JsonValue* value = Find(row, column);
  if (!value) return;
  if (value->kind == JsonKind::kString) {
    JsonReading reading = ReadJson(value->text, kDepthMax);
    if (!reading.damaged_at()) {
      to->repairs[key] = RepairsIn(reading);
      to->properties.members.push_back({key, std::move(reading.root)});
      return;
    }
  }
  to->properties.members.push_back({key, *value});
}

Row Translate(const JsonValue& row) {
  Row to;
  to.record.kind = to.properties.kind = JsonKind::kObject;
  AddColumn(row, "TimeGenerated", "time", &to.record);
  AddColumn(row, "AADTenantId", "tenantId", &to.record);
  for (const auto& [column, key] :
       {std::pair("ResourceId", "resourceId"), std::pair("ResultType", "resultType"),
        std::pair("OperationName", "operationName"),
        std::pair("CallerIpAddress", "callerIpAddress")}) {
    AddColumn(row, column, key, &to.record);
  }
  for (const auto& [column, key] :
       {std::pair("CreatedDateTime", "createdDateTime"),
        std::pair("ActivityDateTime", "activityDateTime"),
        std::pair("ActivityDisplayName", "activityDisplayName"),
        std::pair("Id", "id"),
        std::pair("UserId", "userId"),
        std::pair("UserPrincipalName", "userPrincipalName"),
        std::pair("IPAddress", "ipAddress"),
        std::pair("AppId", "appId"),
        std::pair("AppDisplayName", "appDisplayName"),
        std::pair("ClientAppUsed", "clientAppUsed"),
        std::pair("IsInteractive", "isInteractive"),
        std::pair("CorrelationId", "correlationId"),
        std::pair("UserType", "userType"),
        std::pair("HomeTenantId", "homeTenantId"),
        std::pair("Result", "result"),
        std::pair("Location", "country"),
        std::pair("ConditionalAccessStatus", "conditionalAccessStatus"),
        std::pair("IncomingTokenType", "incomingTokenType"),
        std::pair("SessionId", "sessionId"),
        std::pair("RiskLevelDuringSignIn", "riskLevelDuringSignIn"),
        std::pair("AuthenticationRequirement", "authenticationRequirement"),
        std::pair("RiskEventType", "riskEventType"),
        std::pair("RiskLevel", "riskLevel"),
        std::pair("RiskState", "riskState"),
        std::pair("LastUpdatedDateTime", "lastUpdatedDateTime")}) {
    AddColumn(row, column, key, &to.properties);
  }
  AddContainer(row, "Status", "status", &to);
  AddContainer(row, "DeviceDetail", "deviceDetail", &to);
  AddContainer(row, "LocationDetails", "location", &to);
  AddContainer(row, "TargetResources", "targetResources", &to);
  AddContainer(row, "InitiatedBy", "initiatedBy", &to);
  AddContainer(row, "ConditionalAccessPolicies", kRowPolicies, &to);
  AddContainer(row, "AppliedConditionalAccessPolicies", kPolicies, &to);
  AddContainer(row, "MfaDetail", "mfaDetail", &to);
  AddContainer(row, "AuthenticationDetails", "authenticationDetails", &to);
  return to;
}

void ReadSignInFields(const JsonValue* properties, bool from_row, PlainRecord* out) {
  out->user_id = Lower(IdIn(properties, "userId"));
  out->user_principal_name = IdIn(properties, "userPrincipalName");
  out->app_id = IdIn(properties, "appId");
  out->app_name = ShownIn(properties, "appDisplayName");
  out->device_id = IdIn(ObjectIn(properties, "deviceDetail"), "deviceId");
  out->country = ShownIn(ObjectIn(properties, "location"), "countryOrRegion");
  // Only a row that was translated has a text of this name.
  if (out->country.empty() && from_row) out->country = ShownIn(properties, "country");
  out->client_app = TextIn(properties, "clientAppUsed");
  out->correlation_id = IdIn(properties, "correlationId");
  out->user_type = TextIn(properties, "userType");
  out->home_tenant = Lower(IdIn(properties, "homeTenantId"));

  out->interactive = out->category != "NonInteractiveUserSignInLogs";
  const JsonValue* interactive = properties ? Find(*properties, "isInteractive") : nullptr;
  if (interactive && interactive->kind == JsonKind::kTrue) out->interactive = true;
  if (interactive && interactive->kind == JsonKind::kFalse) out->interactive = false;
}

// A word of SPEC 6.5 in the record's own lower case, or one of Graph's numbers.
std::string ConditionalAccess(const JsonValue* properties) {
  const std::string word = Lower(TextIn(properties, "conditionalAccessStatus"));
  const std::optional<int64_t> number = CodeIn(properties, "conditionalAccessStatus");
  if (word == "success" || number == 0) return "success";
  if (word == "failure" || number == 1) return "failure";
  if (word == "notapplied" || number == 2) return "not_applied";
  return "unknown";
}

std::string SignInRisk(const JsonValue* properties) {
  const std::string level = Lower(TextIn(properties, "riskLevelDuringSignIn"));
  return level == "low" || level == "medium" || level == "high" ? level : "";
}

std::vector<std::string> FailingPolicies(const JsonValue* policies) {
  std::set<std::string> names;
  for (const JsonValue& policy : policies ? policies->elements : std::vector<JsonValue>()) {
    if (policy.kind != JsonKind::kObject) continue;
    if (Lower(TextIn(&policy, "result")) != "failure") continue;
    std::string name = ShownIn(&policy, "displayName");
    if (name.empty()) name = IdIn(&policy, "id");
    if (!name.empty()) names.insert(name);
  }
  return {names.begin(), names.end()};
}

std::string MethodOfSteps(const JsonValue* steps) {
  static const std::set<std::string> kNoMethods = {"", "password", "previously satisfied",
                                                   "satisfied by token"};
  for (const JsonValue& step : steps ? steps->elements : std::vector<JsonValue>()) {
    if (step.kind != JsonKind::kObject) continue;
    const JsonValue* succeeded = Find(step, "succeeded");
    if (!succeeded || succeeded->kind != JsonKind::kTrue) continue;
    const std::string method = TextIn(&step, "authenticationMethod");
    if (!kNoMethods.contains(Lower(method))) return Shown(method);
  }
  return "";
}

void ReadAddressFields(const JsonValue& record, const JsonValue* properties, PlainRecord* out) {
  std::optional<PlainAddress> address = ReadAddress(TextIn(properties, "ipAddress"));
  if (!address) address = ReadAddress(TextIn(&record, "callerIpAddress"));
  if (!address) return;
  out->address = address->text;
  out->network = address->network;
}

bool IsSuccess(const JsonValue& record, const JsonValue* properties) {
  const JsonValue* result = properties ? Find(*properties, "result") : nullptr;
  if (result && result->kind == JsonKind::kString && !result->text.empty()) {
    return EqualsWithoutCase(result->text, "success");
  }
  if (result && result->kind == JsonKind::kNumber) {
    if (const std::optional<int64_t> code = ReadInteger(result->text)) return *code == 0;
  }
  return EqualsWithoutCase(TextIn(&record, "resultType"), "success");
}

void ReadAuditTarget(const JsonValue* properties, PlainRecord* out) {
  const JsonValue* targets = ArrayIn(properties, "targetResources");
  if (!targets) return;
  for (const JsonValue& target : targets->elements) {
    if (target.kind != JsonKind::kObject) continue;
    const JsonValue* type = FindWithoutCase(target, "type");
    if (!type || type->kind != JsonKind::kString || !EqualsWithoutCase(type->text, "User")) {
      continue;
    }
    out->user_id = Lower(IdIn(&target, "id"));
    out->user_principal_name = IdIn(&target, "userPrincipalName");
    return;
  }
}

std::string FirstTargetName(const JsonValue* properties) {
  const JsonValue* targets = ArrayIn(properties, "targetResources");
  for (const JsonValue& target : targets ? targets->elements : std::vector<JsonValue>()) {
    if (target.kind == JsonKind::kObject) return ShownIn(&target, "displayName");
  }
  return "";
}

void ReadAuditFields(const JsonValue& record, const JsonValue* properties, PlainRecord* out) {
  out->operation = ShownIn(properties, "activityDisplayName");
  if (IsBlank(TextIn(properties, "activityDisplayName"))) {
    const std::string name = TextIn(&record, "operationName");
    out->operation = IsBlank(name) ? "" : Shown(name);
  }
  out->success = IsSuccess(record, properties);
  ReadAuditTarget(properties, out);
  out->target_name = FirstTargetName(properties);

  const JsonValue* initiated_by = ObjectIn(properties, "initiatedBy");
  const JsonValue* user = ObjectIn(initiated_by, "user");
  out->actor.user_principal_name = Shown(IdIn(user, "userPrincipalName"));
  out->actor.user_id = Shown(IdIn(user, "id"));
  const JsonValue* app = ObjectIn(initiated_by, "app");
  out->actor.app_display_name = ShownIn(app, "displayName");
  out->actor.service_principal_name = ShownIn(app, "servicePrincipalName");
  out->actor.service_principal_id = Shown(IdIn(app, "servicePrincipalId"));
  out->actor.app_id = Shown(IdIn(app, "appId"));
}

// The text that a shipper's record wraps, if it is one.
const std::string* WrappedText(const JsonValue& record) {
  for (const char* key :
       {"properties", "time", "category", "createdDateTime", "activityDateTime", "TimeGenerated"}) {
    if (Has(record, key)) return nullptr;
  }
  const JsonValue* text = Find(record, "message");
  if (!text) {
    const JsonValue* event = ObjectIn(&record, "event");
    text = event ? Find(*event, "original") : nullptr;
  }
  return text && text->kind == JsonKind::kString ? &text->text : nullptr;
}

bool HoldsObjectOrArray(std::string_view text) {
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  const JsonReading reading = ReadJson(text, kDepthMax);
  return !reading.broken_at &&
         (reading.root.kind == JsonKind::kObject || reading.root.kind == JsonKind::kArray);
}

class MessageReader {
 public:
  MessageReader(std::string_view message, int64_t reference_time_us, const ReaderOptions& options)
      : message_(message),
        latest_us_(reference_time_us + options.max_clock_skew_us),
        options_(options) {}

  PlainMessage Read() {
    if (message_.size() > options_.message_bytes_max) {
      Reject("too_large", 0, std::min(message_.size(), kTooLargeKept));
      return std::move(out_);
    }
    ReadText(message_, nullptr);
    return std::move(out_);
  }

 private:
  // A JSON text to be read: the message, or what a shipper wrapped in one of its elements.
  struct Text {
    size_t size = 0;
    size_t begin = 0;                      // behind the byte order mark
    const PlainReject* element = nullptr;  // the bytes that stand for all in it; null: its own
    bool last_was_no_object = false;
  };

  void ReadText(std::string_view text, const PlainReject* element) {
    const Text outer = text_;
    text_ = {.size = text.size(),
             .begin = text.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0,
             .element = element};
    ReadJsonText(text.substr(text_.begin));
    text_ = outer;
  }

  void ReadJsonText(std::string_view json) {
    if (json.find_first_not_of(" \t\r\n") == std::string_view::npos) return;

    const JsonReading reading = ReadJson(json, kDepthMax);
    out_.invalid_utf8 += CountInvalidUtf8(json) + RepairsIn(reading);
    const size_t damaged_at = reading.damaged_at().value_or(json.size());
    if (const JsonValue* batch = FindBatch(reading.root, damaged_at)) {
      ReadBatch(*batch, reading);
    } else if (reading.damaged_at()) {
      // What is both is not_json, which is checked first (SPEC 3.3).
      const bool is_json =
          !reading.broken_at || FindBatch(reading.root, *reading.broken_at) != nullptr;
      Reject(is_json ? "damaged" : "not_json", 0, text_.size);
    } else if (reading.root.kind != JsonKind::kObject) {
      Reject("not_object", 0, text_.size);
    } else {
      ReadElement(reading.root);
    }
  }

  // SPEC 3.1, from what begins before `end`. Null: the message is a single record as far as that.
  static const JsonValue* FindBatch(const JsonValue& root, size_t end) {
    const auto reached = [end](const JsonValue* array) { return array && array->begin < end; };
    if (root.kind == JsonKind::kArray) return &root;
    if (const JsonValue* records = ArrayIn(&root, "records"); reached(records)) return records;
    if (const JsonValue* value = ArrayIn(&root, "value"); reached(value)) return value;
    return nullptr;
  }

  void ReadBatch(const JsonValue& batch, const JsonReading& reading) {
    const size_t damaged_at = reading.damaged_at().value_or(text_.size);
    const auto is_whole = [damaged_at](const JsonValue& value) {
      return value.whole && value.end <= damaged_at;
    };
    size_t read = 0;
    for (; read < batch.elements.size() && is_whole(batch.elements[read]); ++read) {
      ReadElement(batch.elements[read]);
    }
    if (!reading.damaged_at()) return;
    size_t rest_begin = damaged_at;
    if (read < batch.elements.size()) {
      rest_begin = batch.elements[read].begin;
    } else if (is_whole(batch)) {
      rest_begin = batch.end - 1;
    }
    rest_begin += text_.begin;
    Reject("damaged", rest_begin, text_.size - rest_begin);
  }

  void ReadElement(const JsonValue& element) {
    if (element.kind != JsonKind::kObject) return RejectNoObject(element);
    text_.last_was_no_object = false;
    if (ReadWrapped(element)) return;
    const JsonValue* type = Find(element, "Type");
    if (Has(element, "TimeGenerated") && type && type->kind == JsonKind::kString) {
      ReadRow(element, KindOfTable(type->text));
    } else if (const std::optional<Kind> graph = KindOfGraph(element)) {
      ReadRecord(element, {*graph, element, &element, FirstId({options_.default_tenant})});
    } else {
      ReadExported(element);
    }
  }

  bool ReadWrapped(const JsonValue& element) {
    const bool may_be = options_.unwrap && !text_.element;
    const std::string* wrapped = may_be ? WrappedText(element) : nullptr;
    if (!wrapped || !HoldsObjectOrArray(*wrapped)) return false;
    const PlainReject bytes{"", text_.begin + element.begin, element.end - element.begin};
    ReadText(*wrapped, &bytes);
    return true;
  }

  // A record of whatever shape, once that is known.
  struct Shape {
    Kind kind;
    const JsonValue& top;         // time, resultType, ...
    const JsonValue* properties;  // null: none
    std::string tenant;
    std::map<std::string, uint64_t> repairs{};
    bool is_row = false;
  };

  void ReadRow(const JsonValue& element, const Kind& kind) {
    if (kind.is == Kind::kIrrelevant) return CountIrrelevant(kind.category);
    Row row = Translate(element);
    ReadRecord(element, {kind, row.record, &row.properties,
                         FirstId({TextIn(&row.record, "tenantId"),
                                  TenantOfResource(TextIn(&row.record, "resourceId")),
                                  options_.default_tenant}),
                         row.repairs, true});
  }

  void ReadExported(const JsonValue& element) {
    const Kind kind = KindOfCategory(TextIn(&element, "category"));
    if (kind.is == Kind::kIrrelevant) return CountIrrelevant(kind.category);
    JsonReading text_reading;
    const JsonValue* properties = PropertiesOf(element, &text_reading);
    ReadRecord(element, {kind, element, properties,
                         FirstId({TextIn(&element, "tenantId"),
                                  TenantOfResource(TextIn(&element, "resourceId")),
                                  TextIn(properties, "tenantId")})});
  }

  // `properties` as an object, be it one in a text, which is then kept in *text_reading.
  const JsonValue* PropertiesOf(const JsonValue& record, JsonReading* text_reading) {
    const JsonValue* properties = Find(record, "properties");
    if (!properties) return nullptr;
    if (properties->kind == JsonKind::kString) {
      *text_reading = ReadJson(properties->text, kDepthMax);
      if (text_reading->damaged_at()) return nullptr;
      out_.invalid_utf8 += RepairsIn(*text_reading);
      properties = &text_reading->root;
    }
    return properties->kind == JsonKind::kObject ? properties : nullptr;
  }

  void ReadRecord(const JsonValue& element, const Shape& shape) {
    if (shape.kind.is == Kind::kIrrelevant) return CountIrrelevant(shape.kind.category);
    const JsonValue* properties = shape.properties;
    const bool is_sign_in = shape.kind.is == Kind::kSignIn;
    const auto count_repairs = [&](const char* key) {
      const auto found = shape.repairs.find(key);
      if (found != shape.repairs.end()) out_.invalid_utf8 += found->second;
    };
    PlainSignal signal;
    PlainRecord& record = signal.record;
    record.category = shape.kind.category;
    record.tenant = shape.tenant;
    if (record.tenant.empty()) return RejectElement("no_tenant", element);

    const std::optional<int64_t> time = TimeIn(&shape.top, "time");
    std::optional<int64_t> event_time =
        TimeIn(properties, is_sign_in ? "createdDateTime" : "activityDateTime");
    if (!event_time) event_time = time;
    if (!event_time) return RejectElement("no_time", element);
    record.time_us = *event_time;
    signal.export_time_us = time;

    if (is_sign_in) {
      count_repairs("status");
      record.code = ReadCode(shape.top, properties);
      if (!record.code) return RejectElement("no_code", element);
    }
    if (record.time_us > latest_us_) return RejectElement("future", element);

    record.id = IdIn(properties, "id");
    if (is_sign_in) {
      count_repairs("deviceDetail");
      count_repairs("location");
      ReadSignInFields(properties, shape.is_row, &record);
      ReadAddressFields(shape.top, properties, &record);
      if (record.code != 0) {
        ReadFailureFields(properties, shape.is_row, count_repairs, &record);
      } else if (record.category != "ADFSSignInLogs") {
        ReadMfaMethod(properties, count_repairs, &record);
      }
    } else if (shape.kind.is == Kind::kAudit) {
      count_repairs("targetResources");
      count_repairs("initiatedBy");
      ReadAuditFields(shape.top, properties, &record);
    } else {
      record.user_id = Lower(IdIn(properties, "userId"));
      record.user_principal_name = IdIn(properties, "userPrincipalName");
      record.risk_type = ShownIn(properties, "riskEventType");
      record.risk_level = ShownIn(properties, "riskLevel");
      record.risk_state = ShownIn(properties, "riskState");
      record.risk_updated_us =
          TimeIn(properties, "lastUpdatedDateTime").value_or(time.value_or(record.time_us));
    }
    ++out_.records;
    out_.accepted.push_back(std::move(signal));
  }

  // `count_repairs(key)` counts what is wrong in the JSON text of a container that is read.
  template <typename CountRepairs>
  static void ReadFailureFields(const JsonValue* properties, bool from_row,
                                const CountRepairs& count_repairs, PlainRecord* out) {
    out->conditional_access = ConditionalAccess(properties);
    out->sign_in_risk = SignInRisk(properties);
    out->token_type = ShownIn(properties, "incomingTokenType");
    if (Lower(out->token_type) == "none") out->token_type.clear();
    out->session_id = IdIn(properties, "sessionId");
    const JsonValue* policies = from_row ? ArrayIn(properties, kRowPolicies) : nullptr;
    count_repairs(kRowPolicies);
    if (!policies) {
      policies = ArrayIn(properties, kPolicies);
      count_repairs(kPolicies);
    }
    out->failing_policies = FailingPolicies(policies);
  }

  template <typename CountRepairs>
  static void ReadMfaMethod(const JsonValue* properties, const CountRepairs& count_repairs,
                            PlainRecord* out) {
    count_repairs("mfaDetail");
    out->mfa_method = ShownIn(ObjectIn(properties, "mfaDetail"), "authMethod");
    if (!out->mfa_method.empty()) return;
    count_repairs("authenticationDetails");
    out->mfa_method = MethodOfSteps(ArrayIn(properties, "authenticationDetails"));
    if (!out->mfa_method.empty()) return;
    const std::string requirement = Lower(TextIn(properties, "authenticationRequirement"));
    if (requirement == "multifactorauthentication") out->mfa_method = "satisfied by claim";
  }

  static std::optional<int64_t> ReadCode(const JsonValue& element, const JsonValue* properties) {
    if (const auto code = CodeIn(ObjectIn(properties, "status"), "errorCode")) return code;
    if (const auto code = CodeIn(&element, "resultType")) return code;
    if (EqualsWithoutCase(TextIn(&element, "resultType"), "success")) return 0;
    return std::nullopt;
  }

  void CountIrrelevant(const std::string& written) {
    ++out_.records;
    const std::string category = Shown(written);
    if (CountKnown(category)) return;
    if (out_.irrelevant.size() < kIrrelevantCategoriesMax) {
      out_.irrelevant.push_back({category, 1});
    } else if (!CountKnown("other")) {  // a category may be called that too
      out_.irrelevant.push_back({"other", 1});
    }
  }

  bool CountKnown(const std::string& category) {
    for (PlainIrrelevant& counted : out_.irrelevant) {
      if (!EqualsWithoutCase(counted.category, category)) continue;
      ++counted.records;
      return true;
    }
    return false;
  }

  void RejectElement(const char* reason, const JsonValue& element) {
    Reject(reason, text_.begin + element.begin, element.end - element.begin);
  }

  // Those that follow on each other share one dead letter, from the first to the last of them.
  void RejectNoObject(const JsonValue& element) {
    if (!text_.last_was_no_object) {
      text_.last_was_no_object = true;
      return RejectElement("not_object", element);
    }
    ++out_.records;
    Join(LastOf("not_object"), text_.begin + element.begin, element.end - element.begin);
  }

  // The last dead letter of this reason; null: there is none.
  PlainReject* LastOf(const std::string& reason) {
    const auto last =
        std::find_if(out_.rejected.rbegin(), out_.rejected.rend(),
                     [&](const PlainReject& letter) { return letter.reason == reason; });
    return last == out_.rejected.rend() ? nullptr : &*last;
  }

  void Join(PlainReject* letter, size_t offset, size_t size) {
    if (text_.element) {
      offset = text_.element->offset;
      size = text_.element->size;
    }
    ++letter->records;
    letter->size = std::max(letter->size, offset + size - letter->offset);
  }

  void Reject(const char* reason, size_t offset, size_t size) {
    ++out_.records;
    if (text_.element) {
      offset = text_.element->offset;
      size = text_.element->size;
    }
    size_t bytes = size;
    for (const PlainReject& letter : out_.rejected) bytes += letter.size;
    const bool many =
        out_.rejected.size() >= 64 + message_.size() / 64 || bytes > 65'536 + 4 * message_.size();
    if (PlainReject* last = LastOf(reason); many && last) return Join(last, offset, size);
    out_.rejected.push_back({reason, offset, size});
  }

  const std::string_view message_;
  const int64_t latest_us_;
  const ReaderOptions& options_;
  Text text_;
  PlainMessage out_;
};

}  // namespace

PlainMessage ReadMessage(std::string_view message, int64_t reference_time_us,
                         const ReaderOptions& options) {
  return MessageReader(message, reference_time_us, options).Read();
}

}  // namespace signinwatch::oracle
