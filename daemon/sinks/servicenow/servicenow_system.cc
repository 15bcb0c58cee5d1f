#include "daemon/sinks/servicenow/servicenow_system.h"

#include <algorithm>
#include <array>
#include <memory>
#include <set>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "daemon/config/sink_types.h"
#include "daemon/http_client/percent_encoding.h"
#include "daemon/sinks/servicenow/servicenow_texts.h"
#include "daemon/sinks/ticket_life.h"

namespace signinwatch::sinks {
namespace {

using Kind = Answer::Kind;

// Read, look at the journal, update, resolve.
constexpr size_t kRequestsOfARevision = 4;
// The limit is applied before access rules, which may hide rows.
constexpr const char* kRowsMax = "20";

constexpr const char* kInProgress = "2";
constexpr const char* kResolved = "6";

// That we write and people may change.
constexpr const char* kParent = "parent_incident";
constexpr std::array<const char*, 5> kColumns{"short_description", "description", "impact",
                                              "urgency", kParent};
constexpr const char* kRead =
    "sys_id,number,state,correlation_id,close_notes,sys_created_on,short_description,description,"
    "impact,urgency,parent_incident";

// Part of a path: what is no id is none.
bool IsSysId(const std::string& id) {
  return !id.empty() && id.size() <= 64 && std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           c == '-';
  });
}

// Of a reference to a record too: {"link": ..., "value": sys_id}.
std::string ColumnOf(const json::JsonValue& row, const char* name) {
  const json::JsonValue value = row[name];
  return absl::StrReplaceAll(value.IsObject() ? value["value"].Text() : value.Text(), {{"\r", ""}});
}

std::string Query(std::initializer_list<std::pair<const char*, std::string>> parameters) {
  std::string query;
  for (const auto& [name, value] : parameters) http_client::AppendFormField(name, value, &query);
  return "?" + query;
}

void WriteColumns(const RemoteFields& fields, const std::set<std::string>& leave,
                  json::JsonWriter* json) {
  for (const auto& [name, value] : fields) {
    const bool is_none = name == kParent && value.empty();
    if (!is_none && !leave.contains(name)) json->Member(name, value);
  }
}

std::string SysIdOf(const RemoteHandle& handle) {
  return handle.memo.empty() ? handle.id : handle.memo;
}

}  // namespace

ServiceNowSystem::ServiceNowSystem(const config::SinkConfig& config, const SinkParts& parts)
    : table_(config::SettingOf<std::string>(config, "table")),
      close_code_(config::SettingOf<std::string>(config, "close_code")),
      fields_(config::SettingOf<std::map<std::string, std::string>>(config, "fields")),
      wording_(config::SettingOf<std::string>(config, "title"),
               config::SettingOf<std::string>(config, "body")),
      lengths_{.short_description =
                   static_cast<size_t>(config::SettingOf<int64_t>(config, "short_description_max")),
               .description =
                   static_cast<size_t>(config::SettingOf<int64_t>(config, "description_max"))},
      http_(config, parts,
            {.username = config::SettingOf<std::string>(config, "username"),
             .secret = config::SettingOf<config::SecretRef>(config, "password")}) {}

Answer ServiceNowSystem::Ready() { return http_.Ready(kRequestsOfARevision); }

Answer ServiceNowSystem::Call(const std::string& method, const std::string& target,
                              const std::string& body, bool names_ticket,
                              json::JsonDocument* json) {
  http_client::HttpResponse response;
  Answer answer = http_.Send(
      {.method = method, .target = absl::StrCat("/api/now/table/", table_, target), .body = body},
      {.names_ticket = names_ticket, .wants_json = true}, &response, json);
  if (response.status == 403) {
    return {.kind = Kind::kRefused,
            .error = "HTTP 403: an access rule, a business rule or a data policy of the instance",
            .reason = "client"};
  }
  const json::JsonValue result = json->root()["result"];
  if (answer.done() && !result.IsObject() && !result.IsArray()) {
    return {.kind = Kind::kUnknown,
            .error = absl::StrCat("HTTP ", response.status, " without a result"),
            .reason = "server"};
  }
  return answer;
}

Seen ServiceNowSystem::SeenOf(const json::JsonValue& row) const {
  Seen seen{.key = row["correlation_id"].Text()};
  const std::string sys_id = row["sys_id"].Text();
  const std::string number = row["number"].Text();
  seen.handle = {
      .id = number.empty() ? sys_id : number,
      .link = absl::StrCat(http_.url(), "/nav_to.do?uri=", table_, ".do%3Fsys_id%3D", sys_id),
      .memo = sys_id};
  const std::string state = row["state"].Text();
  if (state == kResolved) {
    seen.state = IsOurNote(row["close_notes"].Text()) ? store::RemoteState::kClosed
                                                      : store::RemoteState::kClosedByPerson;
  } else if (state == "7" || state == "8") {
    seen.state = store::RemoteState::kClosedByPerson;
  }
  for (const char* name : kColumns) seen.fields[name] = ColumnOf(row, name);
  return seen;
}

Answer ServiceNowSystem::Create(const Telling& telling, Made* made) {
  std::string body;
  json::JsonWriter json(&body);
  json.Open('{');
  json.Member("correlation_id", telling.key);
  json.Member("correlation_display", "signinwatch");
  WriteColumns(Fields(telling), {}, &json);
  for (const auto& [name, value] : fields_) {
    json.Key(name);
    json.Raw(value);
  }
  json.Close('}');
  json::JsonDocument document("");
  Answer answer = Call("POST", Query({{"sysparm_fields", "sys_id,number,state,correlation_id"}}),
                       body, false, &document);
  if (!answer.done()) return answer;
  const Seen seen = SeenOf(document.root()["result"]);
  if (!IsSysId(seen.handle.memo)) {
    return {.kind = Kind::kUnknown, .error = "an answer without sys_id", .reason = "server"};
  }
  made->handle = seen.handle;
  return {};
}

Answer ServiceNowSystem::Find(const Telling& telling, std::vector<Seen>* found) {
  json::JsonDocument document("");
  Answer answer = Call("GET",
                       Query({{"sysparm_query", absl::StrCat("correlation_id=", telling.key,
                                                             "^ORDERBYsys_created_on")},
                              {"sysparm_limit", kRowsMax},
                              {"sysparm_fields", kRead},
                              {"sysparm_exclude_reference_link", "true"}}),
                       "", false, &document);
  if (!answer.done()) return answer;
  std::vector<json::JsonValue> rows = document.root()["result"].Elements();
  const auto age = [](const json::JsonValue& row) {
    const std::string number = row["number"].Text();
    return std::tuple(row["sys_created_on"].Text(), number.size(), number);
  };
  std::stable_sort(
      rows.begin(), rows.end(),
      [&](const json::JsonValue& a, const json::JsonValue& b) { return age(a) < age(b); });
  for (const json::JsonValue& row : rows) {
    if (IsSysId(row["sys_id"].Text())) found->push_back(SeenOf(row));
  }
  return {};
}

Answer ServiceNowSystem::Read(const Known& known, Seen* seen) {
  const std::string sys_id = SysIdOf(known.handle);
  if (!IsSysId(sys_id)) return {.kind = Kind::kGone, .error = "no sys_id", .reason = "client"};
  described_sys_id_.clear();
  json::JsonDocument document("");
  Answer answer = Call(
      "GET",
      absl::StrCat("/", sys_id,
                   Query({{"sysparm_fields", kRead}, {"sysparm_exclude_reference_link", "true"}})),
      "", true, &document);
  if (!answer.done()) return answer;
  *seen = SeenOf(document.root()["result"]);
  if (seen->handle.memo != sys_id) {
    return {.kind = Kind::kNotDone, .error = "another record came back", .reason = "server"};
  }
  described_sys_id_ = sys_id;
  description_ = seen->fields["description"];
  return {};
}

RemoteFields ServiceNowSystem::Fields(const Telling& telling) const {
  const std::string impact = ImpactOf(telling.delivery.severity);
  RemoteFields fields{{"short_description", ShortDescription(wording_, telling, lengths_)},
                      {"description", Description(wording_, telling, lengths_)},
                      {"impact", impact},
                      {"urgency", impact}};
  const RemoteName& above = telling.parent.ticket_id.empty() ? telling.continues : telling.parent;
  // None is a value too: by it is seen whether a person has set one.
  fields[kParent] = IsSysId(above.memo) ? above.memo : "";
  // Where the site says something itself, we do not.
  std::erase_if(fields, [this](const auto& field) { return fields_.contains(field.first); });
  return fields;
}

Answer ServiceNowSystem::Patch(const RemoteHandle& handle, const std::string& body) {
  const std::string sys_id = SysIdOf(handle);
  if (!IsSysId(sys_id)) return {.kind = Kind::kGone, .error = "no sys_id", .reason = "client"};
  json::JsonDocument document("");
  return Call("PATCH",
              absl::StrCat("/", sys_id, Query({{"sysparm_fields", "sys_id,number,state"}})), body,
              true, &document);
}

Answer ServiceNowSystem::HasNote(const Telling& telling, const RemoteHandle& handle, bool* has) {
  const std::string sys_id = SysIdOf(handle);
  if (described_sys_id_ == sys_id && !telling.leave.contains("description")) {
    *has = HasReference(description_, telling.reference);
    return {};
  }
  json::JsonDocument document("");
  Answer answer = Call(
      "GET",
      absl::StrCat("/", sys_id,
                   Query({{"sysparm_fields", "work_notes"}, {"sysparm_display_value", "true"}})),
      "", true, &document);
  // It changes nothing.
  if (answer.kind == Kind::kUnknown) answer.kind = Kind::kNotDone;
  *has = answer.done() &&
         HasReference(document.root()["result"]["work_notes"].Text(), telling.reference);
  return answer;
}

Answer ServiceNowSystem::Write(const Telling& telling, const std::string& state,
                               const RemoteHandle& handle) {
  bool has_note = false;
  if (Answer answer = HasNote(telling, handle, &has_note); !answer.done()) return answer;
  if (has_note && state.empty()) return {};  // and so the texts, which came with it
  std::string body;
  json::JsonWriter json(&body);
  json.Open('{');
  if (!state.empty()) json.Member("state", state);
  WriteColumns(Fields(telling), telling.leave, &json);
  if (!has_note) json.Member("work_notes", Note(telling));
  json.Close('}');
  described_sys_id_.clear();  // until it is known what became of it
  Answer answer = Patch(handle, body);
  if (answer.done()) written_ = absl::StrCat(SysIdOf(handle), " ", telling.reference);
  return answer;
}

Answer ServiceNowSystem::Update(const Telling& telling, RemoteHandle* handle) {
  // It was written when it was opened again.
  const std::string done = absl::StrCat(SysIdOf(*handle), " ", telling.reference);
  if (std::exchange(written_, "") == done) return {};
  return Write(telling, "", *handle);
}

Answer ServiceNowSystem::Reopen(const Telling& telling, RemoteHandle* handle) {
  return Write(telling, kInProgress, *handle);
}

Answer ServiceNowSystem::Close(const std::string& note, const RemoteHandle& handle) {
  std::string body;
  json::JsonWriter json(&body);
  json.Open('{');
  json.Member("state", kResolved);
  json.Member("close_code", close_code_);
  json.Member("close_notes", note);
  json.Close('}');
  return Patch(handle, body);
}

Answer ServiceNowSystem::Resolve(const Telling& telling, RemoteHandle* handle) {
  return Close(Note(telling), *handle);
}

Answer ServiceNowSystem::CloseTwin(const Telling& telling, const RemoteHandle& twin,
                                   const RemoteHandle& stays) {
  return Close(TwinNote(telling, stays.id), twin);
}

Answer ServiceNowSystem::FindNote(const Telling&, const RemoteHandle&, bool* found) {
  *found = true;
  return {};
}

Answer ServiceNowSystem::Ask(std::string* said) {
  json::JsonDocument json("");
  Answer answer =
      Call("GET", Query({{"sysparm_limit", "1"}, {"sysparm_fields", "sys_id"}}), "", false, &json);
  if (answer.done()) *said = absl::StrCat("the user may read table ", table_);
  return answer;
}

TicketSinkOr MakeServiceNowSink(const config::SinkConfig& config, const SinkParts& parts) {
  auto system = std::make_unique<ServiceNowSystem>(config, parts);
  if (absl::Status status = system->Check(); !status.ok()) return status;
  const auto fields = config::SettingOf<std::map<std::string, std::string>>(config, "fields");
  for (const char* ours : {"correlation_id", "correlation_display", "state", "work_notes"}) {
    if (fields.contains(ours)) {
      return absl::InvalidArgumentError(
          absl::StrCat("fields.", ours, " is written by signinwatch"));
    }
  }
  return std::make_unique<TicketLife>(config.name, std::move(system), parts.outbox, parts.clock);
}

}  // namespace signinwatch::sinks
