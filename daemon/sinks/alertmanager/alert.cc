#include "daemon/sinks/alertmanager/alert.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "daemon/json/json_value.h"
#include "daemon/json/json_writer.h"
#include "daemon/sinks/cut_text.h"

namespace signinwatch::sinks {
namespace {

constexpr size_t kSummaryMax = 500;
constexpr size_t kDescriptionMax = 10'000;

// What Alertmanager notifies passes texts on as they are, and <!channel> in a record would call all
// of Slack: a zero-width space breaks it up.
std::string Tame(const std::string& text) { return absl::StrReplaceAll(text, {{"<", "<\u200b"}}); }

std::string LabelsOf(const Telling& telling, const json::JsonValue& ticket) {
  std::string text;
  json::JsonWriter json(&text);
  json.Open('{');
  json.Member("alertname", "SigninwatchBurst");
  json.Member("ticket_id", telling.delivery.ticket_id);
  json.Member("tenant", ticket["tenant_id"].Text());
  json.Member("detector", ticket["detector"].Text());
  json.Close('}');
  return text;
}

std::string AnnotationsOf(const Telling& telling, const json::JsonValue& ticket,
                          const TicketMessage& message, const MessageWording& wording) {
  const std::string description =
      wording.Body(telling, Tame).value_or(Tame(PlainText(message, kMessageSteps)));
  std::string text;
  json::JsonWriter json(&text);
  json.Open('{');
  json.Member("summary", CutCharacters(wording.Title(telling, Tame), kSummaryMax));
  json.Member("description",
              CutCharactersBefore(description, "\n\n" + ReferenceLine(message), kDescriptionMax));
  json.Member("revision", absl::StrCat(telling.delivery.revision));
  for (const char* name : {"severity", "state", "cause"}) json.Member(name, ticket[name].Text());
  for (const auto& [name, other] : {std::pair("merged_into", &telling.merged_into),
                                    std::pair("parent_ticket_id", &telling.parent),
                                    std::pair("continues", &telling.continues)}) {
    if (!other->ticket_id.empty()) json.Member(name, other->ticket_id);
  }
  json.Close('}');
  return text;
}

}  // namespace

Alert MakeAlert(const Telling& telling, const MessageWording& wording) {
  const json::JsonDocument document(telling.delivery.json);
  const json::JsonValue ticket = document.root();
  const TicketMessage message = WriteTicketMessage(telling);
  return {
      .ticket_id = telling.delivery.ticket_id,
      .reference = telling.reference,
      .labels = LabelsOf(telling, ticket),
      .annotations = AnnotationsOf(telling, ticket, message, wording),
      .url = message.url,
      .starts_at = ParseEventTime(ticket["first_event_time"].Text()).value_or(kBeginningOfTime)};
}

std::string AlertsBody(std::span<const Alert* const> alerts, EventTime now, Duration lasts) {
  std::string body;
  json::JsonWriter json(&body);
  json.Open('[');
  for (const Alert* alert : alerts) {
    json.Open('{');
    json.Key("labels");
    json.Raw(alert->labels);
    json.Key("annotations");
    json.Raw(alert->annotations);
    // A clock of a record may be ahead, and what ends before it starts is refused.
    if (alert->starts_at != kBeginningOfTime) {
      json.Member("startsAt", std::min(alert->starts_at, alert->ended_at.value_or(now)));
    }
    json.Member("endsAt", alert->ended_at.value_or(now + lasts));
    if (!alert->url.empty()) json.Member("generatorURL", alert->url);
    json.Close('}');
  }
  json.Close(']');
  return body;
}

}  // namespace signinwatch::sinks
