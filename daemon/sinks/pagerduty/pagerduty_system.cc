#include "daemon/sinks/pagerduty/pagerduty_system.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/config/secret.h"
#include "daemon/config/sink_types.h"
#include "daemon/http_client/percent_encoding.h"
#include "daemon/json/json_value.h"
#include "daemon/sinks/pagerduty/pagerduty_event.h"
#include "daemon/sinks/ticket_life.h"

namespace signinwatch::sinks {
namespace {

using Kind = Answer::Kind;
using std::chrono::milliseconds;

constexpr char kRestApi[] = "REST";  // has a pause of its own
constexpr size_t kIncidentsBytesMax = 4 << 20;

}  // namespace

PagerDutySystem::PagerDutySystem(const config::SinkConfig& config, const SinkParts& parts)
    : url_(WithoutSlashes(config::SettingOf<std::string>(config, "url"))),
      api_url_(WithoutSlashes(config::SettingOf<std::string>(config, "api_url"))),
      routing_key_(config::SettingOf<config::SecretRef>(config, "routing_key")),
      api_token_(config::SettingOf<config::SecretRef>(config, "api_token")),
      wording_(config::SettingOf<std::string>(config, "title"),
               config::SettingOf<std::string>(config, "body")),
      clock_(parts.clock),
      http_(parts.make_http(config.ca_file),
            static_cast<size_t>(config::SettingOf<int64_t>(config, "rate_per_minute")),
            std::chrono::ceil<milliseconds>(config::SettingOf<Duration>(config, "timeout")),
            parts.clock) {}

Answer PagerDutySystem::SendEvent(std::string event) {
  http_client::HttpResponse response;
  return http_.Send({.url = url_ + "/v2/enqueue",
                     .headers = {{"Content-Type", "application/json"}},
                     .body = std::move(event)},
                    {.wants_json = true}, &response);
}

Answer PagerDutySystem::Trigger(const Telling& telling) {
  const absl::StatusOr<std::string> key = config::ReadSecret(routing_key_);
  if (!key.ok()) return JudgeHttp(key.status(), {}, clock_.Wall());
  Answer answer = SendEvent(TriggerEvent(telling, wording_, *key));
  if (answer.done()) told_ = telling.reference;
  return answer;
}

Answer PagerDutySystem::Create(const Telling& telling, Made* made) {
  made->handle.memo = telling.delivery.ticket_id;
  // A first one has no incidents before it.
  if (telling.key != telling.delivery.ticket_id) {
    if (Answer answer = NoteNewest(telling, &made->handle.memo); !answer.done()) return answer;
  }
  return Trigger(telling);
}

Answer PagerDutySystem::Update(const Telling& telling, RemoteHandle* /*handle*/) {
  return told_ == telling.reference ? Answer() : Trigger(telling);
}

Answer PagerDutySystem::Reopen(const Telling& telling, RemoteHandle* handle) {
  if (Answer answer = NoteNewest(telling, &handle->memo); !answer.done()) return answer;
  return Trigger(telling);
}

Answer PagerDutySystem::Resolve(const Telling& telling, RemoteHandle* /*handle*/) {
  const absl::StatusOr<std::string> key = config::ReadSecret(routing_key_);
  if (!key.ok()) return JudgeHttp(key.status(), {}, clock_.Wall());
  return SendEvent(ResolveEvent(telling, *key));
}

Answer PagerDutySystem::Read(const Known& known, Seen* seen) {
  const std::string& memo = known.handle.memo;
  const size_t blank = std::min(memo.find(' '), memo.size());
  Incidents incidents;
  if (Answer answer = ReadIncidents(memo.substr(0, blank), &incidents); !answer.done()) {
    return answer;
  }
  const bool has_come = !incidents.newest.empty() &&
                        (blank == memo.size() || incidents.newest != memo.substr(blank + 1));
  seen->state =
      has_come && !incidents.any_open ? store::RemoteState::kClosed : store::RemoteState::kOpen;
  return {};
}

Answer PagerDutySystem::NoteNewest(const Telling& telling, std::string* memo) {
  *memo = telling.delivery.ticket_id;
  if (api_token_.empty()) return {};
  Incidents incidents;
  Answer answer = ReadIncidents(telling.delivery.ticket_id, &incidents);
  if (answer.kind == Kind::kUnknown) answer.kind = Kind::kNotDone;  // nothing was written
  if (answer.done() && !incidents.any_open && !incidents.newest.empty()) {
    absl::StrAppend(memo, " ", incidents.newest);
  }
  return answer;
}

// Of the events' key only an event can tell.
Answer PagerDutySystem::Ask(std::string* said) {
  if (api_token_.empty()) return {};
  Incidents none;
  Answer answer = ReadIncidents("signinwatch-doctor", &none);
  if (answer.done()) *said = "the REST API takes the api_token; the routing_key is not tried";
  return answer;
}

Answer PagerDutySystem::ReadIncidents(const std::string& ticket_id, Incidents* incidents) {
  const absl::StatusOr<std::string> token = config::ReadSecret(api_token_);
  if (!token.ok()) return JudgeHttp(token.status(), {}, clock_.Wall());
  std::string query;
  http_client::AppendFormField("incident_key", ticket_id, &query);
  http_client::HttpResponse response;
  Answer answer = http_.Send(
      {.method = "GET",
       .url = absl::StrCat(api_url_, "/incidents?", query),
       .headers = {{"Accept", "application/json"}, {"Authorization", "Token token=" + *token}},
       .response_bytes_max = kIncidentsBytesMax},
      {.wants_json = true, .part = kRestApi}, &response);
  http_.PausePart(kRestApi, &answer);
  if (answer.kind == Kind::kRefused) answer.kind = Kind::kNotDone;  // it says nothing of the ticket
  if (!answer.done()) return answer;
  const json::JsonDocument document(std::move(response.body));
  const json::JsonValue list = document.root()["incidents"];
  // A cut answer is not one without incidents.
  if (!list.IsArray()) {
    return {.kind = Kind::kNotDone, .error = "HTTP 200 without incidents", .reason = "server"};
  }
  std::string newest_at;
  for (const json::JsonValue& incident : list.Elements()) {
    // A filter that is not understood may be left out: only what carries the key is ours.
    if (incident["incident_key"].Text() != ticket_id) continue;
    incidents->any_open |= incident["status"].Text() != "resolved";
    const std::string at = incident["created_at"].Text();
    if (incidents->newest.empty() || at > newest_at) {
      newest_at = at;
      incidents->newest = incident["id"].Text();
    }
  }
  return {};
}

TicketSinkOr MakePagerDutySink(const config::SinkConfig& config, const SinkParts& parts) {
  for (const char* key : {"routing_key", "api_token"}) {
    const config::SecretRef secret = config::SettingOf<config::SecretRef>(config, key);
    if (secret.empty()) continue;
    if (absl::Status status = config::ReadSecret(secret).status(); !status.ok()) return status;
  }
  return std::make_unique<TicketLife>(config.name, std::make_unique<PagerDutySystem>(config, parts),
                                      parts.outbox, parts.clock);
}

}  // namespace signinwatch::sinks
