#include "tests/oracle/record_reader.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "tests/oracle/json_reader.h"
#include "tests/oracle/plain_address.h"
#include "tests/oracle/plain_time.h"

namespace signinwatch::oracle {
namespace {

constexpr size_t kDepthMax = 1024;
constexpr size_t kTooLargeKept = size_t{64} << 10;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::string_view kZeroGuid = "00000000-0000-0000-0000-000000000000";

std::string Lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

bool EqualsWithoutCase(std::string_view a, std::string_view b) {
  return Lower(std::string(a)) == Lower(std::string(b));
}

// The readable value of a field, nullopt or empty where it is as if absent. `object` and the result
// of ObjectIn may be null.

const JsonValue* ObjectIn(const JsonValue* object, std::string_view key) {
  const JsonValue* value = object ? Find(*object, key) : nullptr;
  return value && value->kind == JsonKind::kObject ? value : nullptr;
}

const JsonValue* ArrayIn(const JsonValue* object, std::string_view key) {
  const JsonValue* value = object ? Find(*object, key) : nullptr;
  return value && value->kind == JsonKind::kArray ? value : nullptr;
}

std::string TextIn(const JsonValue* object, std::string_view key) {
  const JsonValue* value = object ? Find(*object, key) : nullptr;
  return value && value->kind == JsonKind::kString ? value->text : "";
}

std::string IdIn(const JsonValue* object, std::string_view key) {
  const std::string text = TextIn(object, key);
  return text == kZeroGuid ? "" : text;
}

std::optional<int64_t> TimeIn(const JsonValue* object, std::string_view key) {
  return ReadTimeMicros(TextIn(object, key));
}

// Digits with an optional minus, as far as 64 bits go.
std::optional<int64_t> ReadInteger(std::string_view text) {
  const bool negative = !text.empty() && text[0] == '-';
  if (negative) text.remove_prefix(1);
  if (text.empty()) return std::nullopt;
  int64_t value = 0;  // negated, since the least number has no positive counterpart
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    const int64_t digit = c - '0';
    if (value < (std::numeric_limits<int64_t>::min() + digit) / 10) return std::nullopt;
    value = value * 10 - digit;
  }
  if (negative) return value;
  if (value == std::numeric_limits<int64_t>::min()) return std::nullopt;
  return -value;
}

std::optional<int64_t> CodeIn(const JsonValue* object, std::string_view key) {
  const JsonValue* value = object ? Find(*object, key) : nullptr;
  if (!value || (value->kind != JsonKind::kNumber && value->kind != JsonKind::kString)) {
    return std::nullopt;
  }
  return ReadInteger(value->text);
}

const JsonValue* FindWithoutCase(const JsonValue& object, std::string_view key) {
  for (const JsonMember& member : object.members) {
    if (EqualsWithoutCase(member.key, key)) return &member.value;
  }
  return nullptr;
}

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
  enum { kSignIn, kAudit, kIrrelevant } is = kIrrelevant;
  std::string category;  // SPEC 3.2's name of it; if irrelevant, as written
  bool from_graph = false;
};

Kind KindOfCategory(const std::string& category) {
  static constexpr const char* kNames[][2] = {
      {"SignInLogs", "SignInLogs"},
      {"SignIn", "SignInLogs"},
      {"NonInteractiveUserSignInLogs", "NonInteractiveUserSignInLogs"},
      {"ADFSSignInLogs", "ADFSSignInLogs"},
      {"AuditLogs", "AuditLogs"},
      {"Audit", "AuditLogs"}};
  for (const auto& [written, name] : kNames) {
    if (!EqualsWithoutCase(category, written)) continue;
    return {std::string_view(name) == "AuditLogs" ? Kind::kAudit : Kind::kSignIn, name};
  }
  return {Kind::kIrrelevant, category.empty() ? "none" : category};
}

Kind KindOfGraphSignIn(const JsonValue& record) {
  Kind user_sign_in{Kind::kSignIn, "SignInLogs", true};
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

// Of a record with neither `properties` nor `time`. nullopt: not Graph's either.
std::optional<Kind> KindOfGraph(const JsonValue& record) {
  if (TimeIn(&record, "createdDateTime") && ObjectIn(&record, "status")) {
    return KindOfGraphSignIn(record);
  }
  const JsonValue* activity = Find(record, "activityDisplayName");
  const bool is_named = activity && activity->kind == JsonKind::kString;
  if (is_named && TimeIn(&record, "activityDateTime")) return Kind{Kind::kAudit, "AuditLogs", true};
  return std::nullopt;
}

void ReadSignInFields(const JsonValue* properties, PlainRecord* out) {
  out->user_id = Lower(IdIn(properties, "userId"));
  out->user_principal_name = TextIn(properties, "userPrincipalName");
  out->app_id = IdIn(properties, "appId");
  out->app_name = TextIn(properties, "appDisplayName");
  out->device_id = IdIn(ObjectIn(properties, "deviceDetail"), "deviceId");
  out->country = TextIn(ObjectIn(properties, "location"), "countryOrRegion");
  out->client_app = TextIn(properties, "clientAppUsed");
  out->correlation_id = IdIn(properties, "correlationId");
  out->user_type = TextIn(properties, "userType");
  out->home_tenant = Lower(IdIn(properties, "homeTenantId"));

  out->interactive = out->category != "NonInteractiveUserSignInLogs";
  const JsonValue* interactive = properties ? Find(*properties, "isInteractive") : nullptr;
  if (interactive && interactive->kind == JsonKind::kTrue) out->interactive = true;
  if (interactive && interactive->kind == JsonKind::kFalse) out->interactive = false;
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
    out->user_principal_name = TextIn(&target, "userPrincipalName");
    return;
  }
}

void ReadAuditFields(const JsonValue& record, const JsonValue* properties, PlainRecord* out) {
  out->operation = TextIn(properties, "activityDisplayName");
  if (IsBlank(out->operation)) out->operation = TextIn(&record, "operationName");
  if (IsBlank(out->operation)) out->operation = "";
  out->success = IsSuccess(record, properties);
  ReadAuditTarget(properties, out);

  const JsonValue* initiated_by = ObjectIn(properties, "initiatedBy");
  const JsonValue* user = ObjectIn(initiated_by, "user");
  out->actor.user_principal_name = TextIn(user, "userPrincipalName");
  out->actor.user_id = IdIn(user, "id");
  const JsonValue* app = ObjectIn(initiated_by, "app");
  out->actor.app_display_name = TextIn(app, "displayName");
  out->actor.service_principal_name = TextIn(app, "servicePrincipalName");
  out->actor.service_principal_id = IdIn(app, "servicePrincipalId");
  out->actor.app_id = IdIn(app, "appId");
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
    json_begin_ = message_.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
    const std::string_view json = message_.substr(json_begin_);
    if (json.find_first_not_of(" \t\r\n") == std::string_view::npos) return std::move(out_);

    const JsonReading reading = ReadJson(json, kDepthMax);
    out_.invalid_utf8 += CountInvalidUtf8(json) + reading.lone_surrogates;
    const size_t damaged_at = reading.damaged_at().value_or(json.size());
    if (const JsonValue* batch = FindBatch(reading.root, damaged_at)) {
      ReadBatch(*batch, reading);
    } else if (reading.damaged_at()) {
      // What is both is not_json, which is checked first (SPEC 3.3).
      const bool is_json =
          !reading.broken_at || FindBatch(reading.root, *reading.broken_at) != nullptr;
      Reject(is_json ? "damaged" : "not_json", 0, message_.size());
    } else if (reading.root.kind != JsonKind::kObject) {
      Reject("not_object", 0, message_.size());
    } else {
      ReadElement(reading.root);
    }
    return std::move(out_);
  }

 private:
  // SPEC 3.1, from what begins before `end`. Null: the message is a single record as far as that.
  static const JsonValue* FindBatch(const JsonValue& root, size_t end) {
    const auto reached = [end](const JsonValue* array) { return array && array->begin < end; };
    if (root.kind == JsonKind::kArray) return &root;
    if (const JsonValue* records = ArrayIn(&root, "records"); reached(records)) return records;
    if (const JsonValue* value = ArrayIn(&root, "value"); reached(value)) return value;
    return nullptr;
  }

  void ReadBatch(const JsonValue& batch, const JsonReading& reading) {
    const size_t damaged_at = reading.damaged_at().value_or(message_.size());
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
    rest_begin += json_begin_;
    Reject("damaged", rest_begin, message_.size() - rest_begin);
  }

  void ReadElement(const JsonValue& element) {
    if (element.kind != JsonKind::kObject) {
      RejectElement("not_object", element);
      return;
    }
    const std::optional<int64_t> time = TimeIn(&element, "time");
    const Kind exported = KindOfCategory(TextIn(&element, "category"));
    if (time && exported.is == Kind::kIrrelevant) {
      // Not Graph, whatever its `properties` are: a text of them is not read.
      CountIrrelevant(exported.category);
      return;
    }
    JsonReading text_reading;
    const JsonValue* properties = PropertiesOf(element, &text_reading);
    const bool maybe_graph = !properties && !time;
    const Kind kind = (maybe_graph ? KindOfGraph(element) : std::nullopt).value_or(exported);
    if (kind.from_graph) properties = &element;
    if (kind.is == Kind::kIrrelevant) {
      CountIrrelevant(kind.category);
    } else {
      ReadRelevant(element, properties, time, kind);
    }
  }

  // `properties` as an object, be it one in a text, which is then kept in *text_reading.
  const JsonValue* PropertiesOf(const JsonValue& record, JsonReading* text_reading) {
    const JsonValue* properties = Find(record, "properties");
    if (!properties) return nullptr;
    if (properties->kind == JsonKind::kString) {
      *text_reading = ReadJson(properties->text, kDepthMax);
      if (text_reading->damaged_at()) return nullptr;
      out_.invalid_utf8 += text_reading->lone_surrogates;
      properties = &text_reading->root;
    }
    return properties->kind == JsonKind::kObject ? properties : nullptr;
  }

  void ReadRelevant(const JsonValue& element, const JsonValue* properties,
                    const std::optional<int64_t>& time, const Kind& kind) {
    const bool is_sign_in = kind.is == Kind::kSignIn;
    PlainSignal signal;
    PlainRecord& record = signal.record;
    record.category = kind.category;
    record.tenant = kind.from_graph ? FirstId({options_.default_tenant})
                                    : FirstId({TextIn(&element, "tenantId"),
                                               TenantOfResource(TextIn(&element, "resourceId")),
                                               TextIn(properties, "tenantId")});
    if (record.tenant.empty()) return RejectElement("no_tenant", element);

    std::optional<int64_t> event_time =
        TimeIn(properties, is_sign_in ? "createdDateTime" : "activityDateTime");
    if (!event_time) event_time = time;
    if (!event_time) return RejectElement("no_time", element);
    record.time_us = *event_time;
    signal.export_time_us = time;

    if (is_sign_in) {
      record.code = ReadCode(element, properties);
      if (!record.code) return RejectElement("no_code", element);
    }
    if (record.time_us > latest_us_) return RejectElement("future", element);

    record.id = IdIn(properties, "id");
    if (is_sign_in) {
      ReadSignInFields(properties, &record);
      ReadAddressFields(element, properties, &record);
    } else {
      ReadAuditFields(element, properties, &record);
    }
    ++out_.records;
    out_.accepted.push_back(std::move(signal));
  }

  static std::optional<int64_t> ReadCode(const JsonValue& element, const JsonValue* properties) {
    if (const auto code = CodeIn(ObjectIn(properties, "status"), "errorCode")) return code;
    if (const auto code = CodeIn(&element, "resultType")) return code;
    if (EqualsWithoutCase(TextIn(&element, "resultType"), "success")) return 0;
    return std::nullopt;
  }

  void CountIrrelevant(const std::string& category) {
    ++out_.records;
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
    Reject(reason, json_begin_ + element.begin, element.end - element.begin);
  }

  void Reject(const char* reason, size_t offset, size_t size) {
    ++out_.records;
    out_.rejected.push_back({reason, offset, size});
  }

  const std::string_view message_;
  const int64_t latest_us_;
  const ReaderOptions& options_;
  size_t json_begin_ = 0;  // behind the byte order mark
  PlainMessage out_;
};

}  // namespace

PlainMessage ReadMessage(std::string_view message, int64_t reference_time_us,
                         const ReaderOptions& options) {
  return MessageReader(message, reference_time_us, options).Read();
}

}  // namespace signinwatch::oracle
