#include "daemon/words/ticket_reader.h"

#include <cstdlib>
#include <string>
#include <string_view>

namespace signinwatch::words {
namespace {

// Reads `word` as one of the first `count` values of an enumeration; leaves `value` if it is none.
template <typename Enum>
void ReadName(const std::string& word, int count, const char* (*name_of)(Enum), Enum* value) {
  for (int i = 0; i < count; ++i) {
    const char* name = name_of(static_cast<Enum>(i));
    if (name != nullptr && word == name) *value = static_cast<Enum>(i);
  }
}

template <typename Enum>
Enum NameOr(const std::string& word, int count, const char* (*name_of)(Enum), Enum otherwise) {
  ReadName(word, count, name_of, &otherwise);
  return otherwise;
}

EventTime ReadTime(const json::JsonValue& time) {
  return ParseEventTime(time.Text()).value_or(kBeginningOfTime);
}

std::optional<EventTime> ReadOptionalTime(const json::JsonValue& time) {
  return ParseEventTime(time.Text());
}

std::vector<std::string> ReadTexts(const json::JsonValue& texts) {
  std::vector<std::string> read;
  for (const json::JsonValue& text : texts.Elements()) read.push_back(text.Text());
  return read;
}

template <typename Map, typename Key>
void ReadCount(const json::JsonValue& count, Key key, Map* counts) {
  if (count.IsNumber()) (*counts)[key] = count.Count();
}

// `read(element)` makes an element of the list.
template <typename T, typename Read>
ShownOf<T> ReadList(const json::JsonValue& object, const std::string& key, Read read) {
  ShownOf<T> list;
  for (const json::JsonValue& element : object[key].Elements()) list.shown.push_back(read(element));
  list.total = object[key + "_total"].Count();
  return list;
}

Counted ReadCounted(const json::JsonValue& value) {
  Counted counted;
  counted.id = value["id"].Text();
  if (counted.id.empty()) counted.id = value["value"].Text();
  counted.name = value["name"].Text();
  counted.count = value["count"].Count();
  ReadName(value["cause"].Text(), kCauseCount, CauseName, &counted.cause);
  counted.first_event_time = ReadTime(value["first_event_time"]);
  counted.last_event_time = ReadTime(value["last_event_time"]);
  return counted;
}

ShownOf<TextCount> ReadTextCounts(const json::JsonValue& object, const std::string& key) {
  return ReadList<TextCount>(object, key, [](const json::JsonValue& value) {
    return TextCount{value["value"].Text(), value["count"].Count()};
  });
}

TicketChange ReadChange(const json::JsonValue& value) {
  TicketChange change{};
  change.time = ReadTime(value["time"]);
  change.kind = NameOr(value["kind"].Text(), kChangeKindCount, ChangeKindName, ChangeKind::kIgnore);
  change.age_seconds = value["age_seconds"].Integer();
  change.during = value["during"].IsTrue();
  change.operations = ReadTexts(value["operations"]);
  change.actor = value["actor"].Text();
  change.record_ids = ReadTexts(value["record_ids"]);
  return change;
}

AuditChange ReadAuditChange(const json::JsonValue& value) {
  return {.time = ReadTime(value["time"]),
          .operation = value["operation"].Text(),
          .policy = value["policy"].Text(),
          .actor = value["actor"].Text(),
          .record_id = value["record_id"].Text()};
}

SessionElsewhere ReadSession(const json::JsonValue& value) {
  return {.session_id = value["session_id"].Text(),
          .places = ReadList<SessionPlace>(value, "places", [](const json::JsonValue& place) {
            return SessionPlace{.network = place["network"].Text(),
                                .country = place["country"].Text(),
                                .count = place["count"].Count(),
                                .first_event_time = ReadTime(place["first_event_time"])};
          })};
}

RiskEvent ReadRiskEvent(const json::JsonValue& value) {
  return {.time = ReadTime(value["time"]),
          .type = value["type"].Text(),
          .level = value["level"].Text(),
          .state = value["state"].Text(),
          .id = value["id"].Text()};
}

ConditionalAccessContext ReadConditionalAccess(const json::JsonValue& access) {
  return {.success = access["success"].Count(),
          .failure = access["failure"].Count(),
          .not_applied = access["not_applied"].Count(),
          .unknown = access["unknown"].Count(),
          .failing_policies = ReadTextCounts(access, "failing_policies")};
}

TicketContext ReadContext(const json::JsonValue& json) {
  TicketContext context;
  context.mfa = ReadList<MfaMethod>(json["mfa"], "methods", [](const json::JsonValue& method) {
    return MfaMethod{
        .value = method["value"].Text(),
        .last_day =
            ParseEventTime(method["last_day"].Text() + "T00:00:00Z").value_or(kBeginningOfTime)};
  });
  context.conditional_access = ReadConditionalAccess(json["conditional_access"]);
  context.token_types = ReadTextCounts(json, "token_types");
  context.clients = ReadTextCounts(json, "clients");
  context.sessions_total = json["sessions_total"].Count();
  context.sessions_elsewhere = ReadList<SessionElsewhere>(json, "sessions_elsewhere", ReadSession);
  const json::JsonValue sign_in = json["risk"]["sign_in"];
  context.sign_in_risk = {0, sign_in["low"].Count(), sign_in["medium"].Count(),
                          sign_in["high"].Count()};
  context.risk_events = ReadList<RiskEvent>(json["risk"], "events", ReadRiskEvent);
  context.security_info_changes =
      ReadList<AuditChange>(json, "security_info_changes", ReadAuditChange);
  context.policy_changes = ReadList<AuditChange>(json, "policy_changes", ReadAuditChange);
  context.sync = {.last = ReadOptionalTime(json["sync"]["last"]),
                  .last_24h = json["sync"]["last_24h"].Count()};
  context.home_tenant_id = json["home_tenant_id"].Text();
  context.risky_users = json["risky_users"].Count();
  return context;
}

Timeline ReadTimeline(const json::JsonValue& json) {
  Timeline timeline;
  const std::vector<json::JsonValue> counts = json["counts"].Elements();
  const std::chrono::seconds step(json["step_seconds"].Count());
  const std::optional<EventTime> start = ParseEventTime(json["start"].Text());
  if (!start || counts.size() > Timeline::kCountsMax || step.count() == 0) return timeline;
  timeline.start = *start;
  timeline.step = step;
  for (const json::JsonValue& count : counts) timeline.counts.push_back(count.Count());
  return timeline;
}

void ReadHead(const json::JsonValue& json, Ticket* ticket) {
  constexpr int kStates = static_cast<int>(TicketState::kMerged) + 1;
  constexpr int kResolutions = static_cast<int>(Resolution::kReauthenticated) + 1;
  constexpr int kReasons = static_cast<int>(RevisionReason::kMerged) + 1;
  ticket->ticket_id = json["ticket_id"].Text();
  ticket->revision = static_cast<uint32_t>(json["revision"].Count());
  ReadName(json["reason"].Text(), kReasons, RevisionReasonName, &ticket->reason);
  ReadName(json["state"].Text(), kStates, TicketStateName, &ticket->state);
  ReadName(json["resolution"].Text(), kResolutions, ResolutionName, &ticket->resolution);
  ticket->detector = json["detector"].Text();
  if (json["scope"].Text() == "tenant") ticket->scope = GroupBy::kTenant;
  ticket->tenant_id = json["tenant_id"].Text();
  ticket->user_id = json["user_id"].Text();
  ticket->user_principal_name = json["user_principal_name"].Text();
}

void ReadJudgement(const json::JsonValue& json, Ticket* ticket) {
  constexpr int kSeverities = static_cast<int>(Severity::kCritical) + 1;

  ReadName(json["severity"].Text(), kSeverities, SeverityName, &ticket->severity);
  ReadName(json["cause"].Text(), kCauseCount, CauseName, &ticket->cause);
  for (const json::JsonValue& name : json["findings"].Elements()) {
    for (const FindingName& finding : kFindingNames) {
      if (name.Text() == finding.name) ticket->findings.*finding.holds = true;
    }
  }
}

void ReadBurst(const json::JsonValue& json, Ticket* ticket) {
  ticket->first_event_time = ReadTime(json["first_event_time"]);
  ticket->last_event_time = ReadTime(json["last_event_time"]);
  ticket->opened_at = ReadTime(json["opened_at"]);
  ticket->resolved_at = ReadOptionalTime(json["resolved_at"]);
  ticket->event_count = json["event_count"].Count();
  ticket->total_event_count = json["total_event_count"].Count();
  ticket->distinct_users = json["distinct_users"].Count();
  const json::JsonValue threshold = json["threshold"];
  ticket->threshold_events = static_cast<uint32_t>(threshold["events"].Count());
  ticket->threshold_users = static_cast<uint32_t>(threshold["users"].Count());
  ticket->threshold_window = std::chrono::seconds(threshold["window_seconds"].Count());
  for (const auto& [code, count] : json["codes"].Members()) {
    ReadCount(count, std::strtoll(code.c_str(), nullptr, 10), &ticket->codes);
  }
}

void ReadLists(const json::JsonValue& json, Ticket* ticket) {
  ticket->apps = ReadList<Counted>(json, "apps", ReadCounted);
  ticket->ip_addresses = ReadList<Counted>(json, "ip_addresses", ReadCounted);
  ticket->countries = ReadList<Counted>(json, "countries", ReadCounted);
  ticket->devices = ReadList<Counted>(json, "devices", ReadCounted);
  ticket->users = ReadList<Counted>(json, "users", ReadCounted);
  for (const auto& [name, count] : json["users_by_cause"].Members()) {
    ReadCount(count, NameOr(name, kCauseCount, CauseName, Cause::kMixed), &ticket->users_by_cause);
  }
  for (const auto& [name, count] : json["changes_by_kind"].Members()) {
    ReadCount(count, NameOr(name, kChangeKindCount, ChangeKindName, ChangeKind::kIgnore),
              &ticket->changes_by_kind);
  }
  for (const json::JsonValue& actor : json["changes_by_actor"].Elements()) {
    ticket->changes_by_actor.push_back(ReadCounted(actor));
  }
  for (const json::JsonValue& change : json["changes"].Elements()) {
    ticket->changes.push_back(ReadChange(change));
  }
}

}  // namespace

Ticket ReadTicket(const json::JsonValue& json) {
  Ticket ticket;
  ReadHead(json, &ticket);
  ReadJudgement(json, &ticket);
  ReadBurst(json, &ticket);
  ReadLists(json, &ticket);
  for (const json::JsonValue& id : json["evidence"].Elements()) {
    ticket.evidence.push_back(id.Text());
  }
  ticket.reauthenticated_at = ReadOptionalTime(json["reauthenticated_at"]);
  ticket.parent_ticket_id = json["parent_ticket_id"].Text();
  ticket.continues = json["continues"].Text();
  ticket.merged_into = json["merged_into"].Text();
  ticket.reopened = static_cast<uint32_t>(json["reopened"].Count());
  ticket.context = ReadContext(json["context"]);
  ticket.timeline = ReadTimeline(json["timeline"]);
  ticket.exception = json["exception"].Text();
  return ticket;
}

}  // namespace signinwatch::words
