#include "daemon/sinks/thehive/thehive_system.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/config/secret.h"
#include "daemon/config/sink_types.h"
#include "daemon/json/json_writer.h"
#include "daemon/sinks/thehive/thehive_alert.h"
#include "daemon/sinks/ticket_life.h"

namespace signinwatch::sinks {
namespace {

using Kind = Answer::Kind;
using std::chrono::milliseconds;

constexpr char kOpenStatus[] = "New";
constexpr size_t kAnswerBytesMax = 4 << 20;  // an alert repeats its description

// "~354": what would lead elsewhere is no id.
bool IsId(const std::string& id) {
  return !id.empty() && std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '~' ||
           c == '-' || c == '_';
  });
}

Answer NoAnswer(const char* what) {
  return {.kind = Kind::kUnknown, .error = what, .reason = "server"};
}

}  // namespace

TheHiveSystem::TheHiveSystem(const config::SinkConfig& config, const SinkParts& parts)
    : url_(WithoutSlashes(config::SettingOf<std::string>(config, "url"))),
      token_(config::SettingOf<config::SecretRef>(config, "token")),
      closed_status_(config::SettingOf<std::string>(config, "closed_status")),
      wording_(config::SettingOf<std::string>(config, "title"),
               config::SettingOf<std::string>(config, "body")),
      clock_(parts.clock),
      http_(parts.make_http(config.ca_file),
            static_cast<size_t>(config::SettingOf<int64_t>(config, "rate_per_minute")),
            std::chrono::ceil<milliseconds>(config::SettingOf<Duration>(config, "timeout")),
            parts.clock) {}

Answer TheHiveSystem::Send(const std::string& method, const std::string& path, std::string body,
                           const RequestMeaning& meaning, http_client::HttpResponse* response) {
  const absl::StatusOr<std::string> token = config::ReadSecret(token_);
  if (!token.ok()) return JudgeHttp(token.status(), {}, clock_.Wall());
  http_client::HttpCall call{
      .method = method,
      .url = absl::StrCat(url_, "/api/v1/", path),
      .headers = {{"Authorization", "Bearer " + *token}, {"Accept", "application/json"}},
      .body = std::move(body),
      .response_bytes_max = kAnswerBytesMax};
  if (!call.body.empty()) call.headers.emplace_back("Content-Type", "application/json");
  return http_.Send(std::move(call), meaning, response);
}

Answer TheHiveSystem::Create(const Telling& telling, Made* made) {
  http_client::HttpResponse response;
  Answer answer =
      Send("POST", "alert", TheHiveAlert(telling, wording_), {.wants_json = true}, &response);
  if (answer.done()) {
    const json::JsonDocument document(std::move(response.body));
    made->handle = HandleOf(document.root()["_id"].Text());
    return made->handle.id.empty() ? NoAnswer("an alert without an id") : Answer();
  }
  if (response.status != 400 && response.status != 409) return answer;
  // That it is there already is told apart from a bad request by a look alone.
  const Answer looked = LookUp(telling.key, &made->handle);
  made->existed = looked.done();
  return looked.kind == Kind::kRefused ? answer : looked;
}

Answer TheHiveSystem::LookUp(const std::string& key, RemoteHandle* handle) {
  std::string body;
  json::JsonWriter json(&body);
  const auto equals = [&json](const char* field, std::string_view value) {
    json.Open('{');
    json.Key("_eq");
    json.Open('{');
    json.Member("_field", field);
    json.Member("_value", value);
    json.Close('}');
    json.Close('}');
  };
  json.Open('{');
  json.Key("query");
  json.Open('[');
  json.Open('{');
  json.Member("_name", "listAlert");
  json.Close('}');
  json.Open('{');
  json.Member("_name", "filter");
  json.Key("_and");
  json.Open('[');
  equals("sourceRef", key);
  equals("source", kTheHiveSource);
  json.Close(']');
  json.Close('}');
  json.Close(']');
  json.Close('}');
  http_client::HttpResponse response;
  Answer answer =
      Send("POST", "query?name=alerts", std::move(body), {.wants_json = true}, &response);
  if (answer.kind == Kind::kRefused) answer.kind = Kind::kUnknown;  // it is not about the ticket
  if (!answer.done()) return answer;
  const json::JsonDocument document(std::move(response.body));
  for (const json::JsonValue& alert : document.root().Elements()) {
    // Only what carries our key is ours, whatever the filter was taken for.
    if (alert["sourceRef"].Text() != key || alert["source"].Text() != kTheHiveSource ||
        alert["type"].Text() != kTheHiveSource) {
      continue;
    }
    *handle = HandleOf(alert["_id"].Text());
    if (!handle->id.empty()) return {};
  }
  return {.kind = Kind::kRefused};
}

Answer TheHiveSystem::Read(const Known& known, Seen* seen) {
  http_client::HttpResponse response;
  Answer answer = Send("GET", "alert/" + known.handle.id, {},
                       {.names_ticket = true, .wants_json = true}, &response);
  if (answer.kind == Kind::kRefused) answer.kind = Kind::kNotDone;
  if (!answer.done()) return answer;
  const json::JsonDocument document(std::move(response.body));
  const json::JsonValue alert = document.root();
  if (alert["_id"].Text() != known.handle.id) return NoAnswer("another alert than was asked for");
  const std::string stage = alert["stage"].Text();
  const std::string status = alert["status"].Text();
  if (stage == "Imported" || status == "Imported" ||
      (stage == "Closed" && status != closed_status_)) {
    seen->state = store::RemoteState::kClosedByPerson;
  } else if (stage == "Closed") {
    seen->state = store::RemoteState::kClosed;
  }
  for (const char* name : {"title", "description", "summary"}) {
    seen->fields[name] = alert[name].Text();
  }
  seen->fields["severity"] = absl::StrCat(alert["severity"].Integer());
  return {};
}

RemoteFields TheHiveSystem::Fields(const Telling& telling) const {
  return TheHiveFields(telling, wording_);
}

Answer TheHiveSystem::Update(const Telling& telling, RemoteHandle* handle) {
  RemoteFields fields = Fields(telling);
  for (const std::string& name : telling.leave) fields.erase(name);
  return Patch(*handle, fields, {});
}

Answer TheHiveSystem::Resolve(const Telling& telling, RemoteHandle* handle) {
  return Patch(*handle, Reference(telling), closed_status_);
}

Answer TheHiveSystem::Reopen(const Telling& telling, RemoteHandle* handle) {
  return Patch(*handle, Reference(telling), kOpenStatus);
}

RemoteFields TheHiveSystem::Reference(const Telling& telling) const {
  const RemoteFields fields = Fields(telling);
  for (const char* name : {"summary", "description"}) {
    if (!telling.leave.contains(name)) return {{name, fields.at(name)}};
  }
  return {};
}

Answer TheHiveSystem::Patch(const RemoteHandle& handle, const RemoteFields& fields,
                            const std::string& status) {
  if (fields.empty() && status.empty()) return {};
  std::string body;
  json::JsonWriter json(&body);
  json.Open('{');
  for (const auto& [name, value] : fields) {
    json.Key(name);
    name == "severity" ? json.Raw(value) : json.String(value);
  }
  if (!status.empty()) json.Member("status", status);
  json.Close('}');
  http_client::HttpResponse response;
  return Send("PATCH", "alert/" + handle.id, std::move(body),
              {.names_ticket = true, .wants_nothing = true}, &response);
}

RemoteHandle TheHiveSystem::HandleOf(const std::string& id) const {
  if (!IsId(id)) return {};
  return {.id = id, .link = absl::StrCat(url_, "/alerts/", id, "/details")};
}

Answer TheHiveSystem::Ask(std::string* said) {
  http_client::HttpResponse response;
  Answer answer = Send("GET", "user/current", "", {.wants_json = true}, &response);
  if (!answer.done()) return answer;
  const json::JsonDocument document(std::move(response.body));
  *said = absl::StrCat("the token is that of ", document.root()["login"].Text(),
                       " in organisation ", document.root()["organisation"].Text());
  return {};
}

TicketSinkOr MakeTheHiveSink(const config::SinkConfig& config, const SinkParts& parts) {
  if (absl::Status status =
          config::ReadSecret(config::SettingOf<config::SecretRef>(config, "token")).status();
      !status.ok()) {
    return status;
  }
  return std::make_unique<TicketLife>(config.name, std::make_unique<TheHiveSystem>(config, parts),
                                      parts.outbox, parts.clock);
}

}  // namespace signinwatch::sinks
