#include "daemon/sinks/pagerduty/pagerduty_event.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "daemon/json/json_value.h"
#include "daemon/json/json_writer.h"
#include "daemon/sinks/cut_text.h"

namespace signinwatch::sinks {
namespace {

constexpr size_t kSummaryMax = 1'024;
constexpr size_t kTextMax = 20'000;
constexpr size_t kStepMax = 2'000;

std::string AsItIs(const std::string& text) { return text; }

const char* SeverityOf(std::string_view severity) {
  if (severity == "critical") return "critical";
  if (severity == "high") return "error";
  if (severity == "medium") return "warning";
  return "info";
}

void WriteHead(json::JsonWriter& json, const Telling& telling, std::string_view routing_key,
               std::string_view action) {
  json.Member("routing_key", routing_key);
  json.Member("event_action", action);
  json.Member("dedup_key", telling.delivery.ticket_id);
}

void WriteRelated(json::JsonWriter& json, const TicketMessage& message) {
  for (const RelatedTicket& related : message.related) {
    json.Member(related.relation, related.ticket.ticket_id);
  }
}

// What stands beside each other in the incident's details, by name. Members keep their order.
void WriteDetails(json::JsonWriter& json, const Telling& telling, const TicketMessage& message,
                  const std::optional<std::string>& body) {
  json.Open('{');
  json.Member("ticket_id", telling.delivery.ticket_id);
  json.Member("revision", telling.delivery.revision);
  WriteRelated(json, message);
  if (body) {
    json.Member("What happened", CutCharacters(*body, kTextMax));
  } else {
    json.Member("What happened", message.text);
    for (const MessageFact& fact : message.facts) json.Member(fact.name, fact.value);
    const size_t steps = std::min(message.steps.size(), kMessageSteps);
    for (size_t i = 0; i < steps; ++i) {
      const MessageStep& step = message.steps[i];
      json.Member(absl::StrCat("Step ", i + 1),
                  CutCharacters(absl::StrCat(step.title, ". ", step.detail), kStepMax));
    }
  }
  json.Close('}');
}

}  // namespace

std::string TriggerEvent(const Telling& telling, const MessageWording& wording,
                         std::string_view routing_key) {
  const TicketMessage message = WriteTicketMessage(telling);
  const json::JsonDocument document(telling.delivery.json);
  const json::JsonValue ticket = document.root();
  std::string event;
  json::JsonWriter json(&event);
  json.Open('{');
  WriteHead(json, telling, routing_key, "trigger");
  json.Member("client", "signinwatch");
  if (!message.url.empty()) json.Member("client_url", message.url);
  json.Key("payload");
  json.Open('{');
  json.Member("summary", CutCharacters(wording.Title(telling, AsItIs), kSummaryMax));
  json.Member("source", telling.delivery.tenant_id);
  json.Member("severity", SeverityOf(telling.delivery.severity));
  if (const std::string time = ticket["first_event_time"].Text(); !time.empty()) {
    json.Member("timestamp", time);
  }
  json.Member("component", ticket["detector"].Text());
  json.Member("group", telling.delivery.tenant_id);
  json.Member("class", ticket["cause"].Text());
  json.Key("custom_details");
  WriteDetails(json, telling, message, wording.Body(telling, AsItIs));
  json.Close('}');
  if (!message.url.empty()) {
    json.Key("links");
    json.Open('[');
    json.Open('{');
    json.Member("href", message.url);
    json.Member("text", "The ticket in signinwatch");
    json.Close('}');
    json.Close(']');
  }
  json.Close('}');
  return event;
}

std::string ResolveEvent(const Telling& telling, std::string_view routing_key) {
  std::string event;
  json::JsonWriter json(&event);
  json.Open('{');
  WriteHead(json, telling, routing_key, "resolve");
  json.Close('}');
  return event;
}

}  // namespace signinwatch::sinks
