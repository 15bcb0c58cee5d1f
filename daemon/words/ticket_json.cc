#include "daemon/words/ticket_json.h"

#include <string>
#include <string_view>
#include <vector>

#include "daemon/json/json_writer.h"
#include "daemon/words/context_json.h"
#include "daemon/words/runbook.h"
#include "daemon/words/ticket_summary.h"

namespace signinwatch::words {
namespace {

void WriteValues(json::JsonWriter& json, std::string_view key, const std::vector<Counted>& values) {
  json.Key(key);
  json.Open('[');
  for (const Counted& value : values) {
    json.Open('{');
    json.Key("value");
    json.String(value.id);
    json.Key("count");
    json.Number(value.count);
    json.Close('}');
  }
  json.Close(']');
}

void WriteValueList(json::JsonWriter& json, std::string_view key, std::string_view total_key,
                    const CountedList& list) {
  WriteValues(json, key, list.shown);
  json.Key(total_key);
  json.Number(list.total);
}

// `write_more(value)` writes what a value has beside its id, name and count.
template <typename WriteMore>
void WriteNamedList(json::JsonWriter& json, std::string_view key, std::string_view total_key,
                    const CountedList& list, WriteMore write_more) {
  json.Key(key);
  json.Open('[');
  for (const Counted& value : list.shown) {
    json.Open('{');
    json.Key("id");
    json.StringOrNull(value.id);
    json.Key("name");
    json.StringOrNull(value.name);
    json.Key("count");
    json.Number(value.count);
    write_more(value);
    json.Close('}');
  }
  json.Close(']');
  json.Key(total_key);
  json.Number(list.total);
}

// `name` turns a key of the map into the text that stands for it.
template <typename Map, typename Name>
void WriteCounts(json::JsonWriter& json, std::string_view key, const Map& counts, Name name) {
  json.Key(key);
  json.Open('{');
  for (const auto& [value, count] : counts) {
    json.Key(name(value));
    json.Number(count);
  }
  json.Close('}');
}

void WriteHead(json::JsonWriter& json, const Ticket& ticket) {
  json.Key("schema");
  json.String("signinwatch.ticket/1");
  json.Key("ticket_id");
  json.String(ticket.ticket_id);
  json.Key("revision");
  json.Number(ticket.revision);
  json.Key("reason");
  json.String(RevisionReasonName(ticket.reason));
  json.Key("state");
  json.String(TicketStateName(ticket.state));
  json.Key("resolution");
  const char* resolution = ResolutionName(ticket.resolution);
  json.StringOrNull(resolution == nullptr ? std::string_view() : resolution);
  json.Key("detector");
  json.String(ticket.detector);
  json.Key("scope");
  json.String(ticket.scope == GroupBy::kUser ? "user" : "tenant");
  json.Key("tenant_id");
  json.String(ticket.tenant_id);
  json.Key("user_id");
  json.StringOrNull(ticket.user_id);
  json.Key("user_principal_name");
  json.StringOrNull(ticket.user_principal_name);
}

void WriteJudgement(json::JsonWriter& json, const Ticket& ticket) {
  json.Key("severity");
  json.String(SeverityName(ticket.severity));
  json.Key("cause");
  json.String(CauseName(ticket.cause));
  json.Key("findings");
  json.Open('[');
  for (const FindingName& finding : kFindingNames) {
    if (ticket.findings.*finding.holds) json.String(finding.name);
  }
  json.Close(']');
  json.Key("title");
  json.String(TicketTitle(ticket));
  json.Key("summary");
  json.String(TicketSummary(ticket));
}

void WriteBurst(json::JsonWriter& json, const Ticket& ticket) {
  json.Key("first_event_time");
  json.Time(ticket.first_event_time);
  json.Key("last_event_time");
  json.Time(ticket.last_event_time);
  json.Key("opened_at");
  json.Time(ticket.opened_at);
  json.Key("resolved_at");
  json.TimeOrNull(ticket.resolved_at);
  json.Key("event_count");
  json.Number(ticket.event_count);
  json.Key("total_event_count");
  json.Number(ticket.total_event_count);
  json.Key("distinct_users");
  json.Number(ticket.distinct_users);
  json.Key("threshold");
  json.Open('{');
  json.Key("events");
  json.Number(ticket.threshold_events);
  json.Key("users");
  json.Number(ticket.threshold_users);
  json.Key("window_seconds");
  json.Number(std::chrono::floor<std::chrono::seconds>(ticket.threshold_window).count());
  json.Close('}');
}

void WriteLists(json::JsonWriter& json, const Ticket& ticket) {
  WriteCounts(json, "codes", ticket.codes, [](int64_t code) { return std::to_string(code); });
  WriteNamedList(json, "apps", "apps_total", ticket.apps, [&json](const Counted& app) {
    json.Member("first_event_time", app.first_event_time);
    json.Member("last_event_time", app.last_event_time);
  });
  WriteValueList(json, "ip_addresses", "ip_addresses_total", ticket.ip_addresses);
  WriteValueList(json, "countries", "countries_total", ticket.countries);
  WriteValueList(json, "devices", "devices_total", ticket.devices);
  WriteNamedList(json, "users", "users_total", ticket.users, [&json](const Counted& user) {
    json.Key("cause");
    json.String(CauseName(user.cause));
  });
  WriteCounts(json, "users_by_cause", ticket.users_by_cause, CauseName);
  WriteCounts(json, "changes_by_kind", ticket.changes_by_kind, ChangeKindName);
  WriteValues(json, "changes_by_actor", ticket.changes_by_actor);
}

void WriteChanges(json::JsonWriter& json, const std::vector<TicketChange>& changes) {
  json.Key("changes");
  json.Open('[');
  for (const TicketChange& change : changes) {
    json.Open('{');
    json.Key("time");
    json.Time(change.time);
    json.Key("kind");
    json.String(ChangeKindName(change.kind));
    json.Key("age_seconds");
    json.Number(change.age_seconds);
    json.Key("during");
    json.Bool(change.during);
    json.Texts("operations", change.operations);
    json.Key("actor");
    json.StringOrNull(change.actor);
    json.Texts("record_ids", change.record_ids);
    json.Close('}');
  }
  json.Close(']');
}

void WriteTail(json::JsonWriter& json, const Ticket& ticket) {
  json.Key("evidence");
  json.Open('[');
  for (const ShownId& id : ticket.evidence) json.String(id.ToText());
  json.Close(']');
  json.Key("reauthenticated_at");
  json.TimeOrNull(ticket.reauthenticated_at);
  json.Key("parent_ticket_id");
  json.StringOrNull(ticket.parent_ticket_id);
  json.Key("continues");
  json.StringOrNull(ticket.continues);
  json.Key("merged_into");
  json.StringOrNull(ticket.merged_into);
  json.Key("reopened");
  json.Number(ticket.reopened);
}

void WriteUrl(json::JsonWriter& json, const Ticket& ticket, std::string_view external_url) {
  json.Key("url");
  if (external_url.empty()) return json.Null();
  json.String(std::string(external_url) + "/tickets/" + ticket.ticket_id);
}

void WriteRunbook(json::JsonWriter& json, const Ticket& ticket) {
  json.Key("runbook");
  json.Open('[');
  int number = 0;
  for (const RunbookStep& step : TicketRunbook(ticket)) {
    json.Open('{');
    json.Key("step");
    json.Number(++number);
    json.Key("title");
    json.String(step.title);
    json.Key("detail");
    json.String(step.detail);
    json.Close('}');
  }
  json.Close(']');
}

}  // namespace

std::string TicketToJson(const Ticket& ticket, std::string_view external_url) {
  // Most tickets are 6 to 12 KB, the runbook being the largest part.
  constexpr size_t kUsualBytes = 12 * 1024;
  std::string out;
  out.reserve(kUsualBytes);
  json::JsonWriter json(&out);
  json.Open('{');
  WriteHead(json, ticket);
  WriteJudgement(json, ticket);
  WriteBurst(json, ticket);
  WriteLists(json, ticket);
  WriteChanges(json, ticket.changes);
  WriteTail(json, ticket);
  WriteContext(json, ticket);
  WriteTimeline(json, ticket.timeline);
  WriteUrl(json, ticket, external_url);
  if (!ticket.exception.empty()) {
    json.Key("exception");
    json.String(ticket.exception);
  }
  WriteRunbook(json, ticket);
  json.Close('}');
  return out;
}

}  // namespace signinwatch::words
