#include "daemon/words/context_json.h"

#include <string>
#include <string_view>

namespace signinwatch::words {
namespace {

// `write(element)` writes the members of an element.
template <typename T, typename Write>
void WriteList(json::JsonWriter& json, std::string_view key, const ShownOf<T>& list, Write write) {
  json.Key(key);
  json.Open('[');
  for (const T& element : list.shown) {
    json.Open('{');
    write(element);
    json.Close('}');
  }
  json.Close(']');
  json.Member(std::string(key) + "_total", list.total);
}

void MemberOrNull(json::JsonWriter& json, std::string_view key, std::string_view text) {
  json.Key(key);
  json.StringOrNull(text);
}

void WriteTexts(json::JsonWriter& json, std::string_view key, const ShownOf<TextCount>& texts) {
  WriteList(json, key, texts, [&json](const TextCount& text) {
    json.Member("value", text.value);
    json.Member("count", text.count);
  });
}

void WriteMfa(json::JsonWriter& json, const ShownOf<MfaMethod>& mfa) {
  constexpr size_t kDayLength = std::string_view("2026-11-23").size();
  json.Key("mfa");
  json.Open('{');
  WriteList(json, "methods", mfa, [&json](const MfaMethod& method) {
    json.Member("value", method.value);
    json.Member("last_day", FormatEventTime(method.last_day).substr(0, kDayLength));
  });
  json.Close('}');
}

void WriteConditionalAccess(json::JsonWriter& json, const ConditionalAccessContext& access) {
  json.Key("conditional_access");
  json.Open('{');
  json.Member("success", access.success);
  json.Member("failure", access.failure);
  json.Member("not_applied", access.not_applied);
  json.Member("unknown", access.unknown);
  WriteTexts(json, "failing_policies", access.failing_policies);
  json.Close('}');
}

void WriteSessions(json::JsonWriter& json, const TicketContext& context) {
  json.Member("sessions_total", context.sessions_total);
  WriteList(json, "sessions_elsewhere", context.sessions_elsewhere,
            [&json](const SessionElsewhere& session) {
              json.Member("session_id", session.session_id);
              WriteList(json, "places", session.places, [&json](const SessionPlace& place) {
                json.Member("network", place.network);
                json.Member("country", place.country);
                json.Member("count", place.count);
                json.Member("first_event_time", place.first_event_time);
              });
            });
}

void WriteRisk(json::JsonWriter& json, const TicketContext& context) {
  constexpr const char* kLevels[] = {nullptr, "low", "medium", "high"};  // in SignInRisk's order
  json.Key("risk");
  json.Open('{');
  json.Key("sign_in");
  json.Open('{');
  for (size_t level = 1; level < context.sign_in_risk.size(); ++level) {
    if (context.sign_in_risk[level] != 0) json.Member(kLevels[level], context.sign_in_risk[level]);
  }
  json.Close('}');
  WriteList(json, "events", context.risk_events, [&json](const RiskEvent& event) {
    json.Member("time", event.time);
    json.Member("type", event.type);
    MemberOrNull(json, "level", event.level);
    MemberOrNull(json, "state", event.state);
    MemberOrNull(json, "id", event.id);
  });
  json.Close('}');
}

void WriteSecurityInfoChanges(json::JsonWriter& json, const ShownOf<AuditChange>& changes) {
  WriteList(json, "security_info_changes", changes, [&json](const AuditChange& change) {
    json.Member("time", change.time);
    json.Member("operation", change.operation);
    MemberOrNull(json, "actor", change.actor);
    MemberOrNull(json, "record_id", change.record_id);
  });
}

void WritePolicyChanges(json::JsonWriter& json, const ShownOf<AuditChange>& changes) {
  WriteList(json, "policy_changes", changes, [&json](const AuditChange& change) {
    json.Member("time", change.time);
    json.Member("operation", change.operation);
    MemberOrNull(json, "policy", change.policy);
    MemberOrNull(json, "actor", change.actor);
    MemberOrNull(json, "record_id", change.record_id);
  });
}

void WriteSync(json::JsonWriter& json, const SyncContext& sync) {
  json.Key("sync");
  json.Open('{');
  json.Key("last");
  json.TimeOrNull(sync.last);
  json.Member("last_24h", sync.last_24h);
  json.Close('}');
}

}  // namespace

void WriteContext(json::JsonWriter& json, const Ticket& ticket) {
  const TicketContext& context = ticket.context;
  const bool user = ticket.scope == GroupBy::kUser;
  json.Key("context");
  json.Open('{');
  if (user) WriteMfa(json, context.mfa);
  WriteConditionalAccess(json, context.conditional_access);
  WriteTexts(json, "token_types", context.token_types);
  WriteTexts(json, "clients", context.clients);
  if (user) {
    WriteSessions(json, context);
    WriteRisk(json, context);
    WriteSecurityInfoChanges(json, context.security_info_changes);
  }
  WritePolicyChanges(json, context.policy_changes);
  WriteSync(json, context.sync);
  if (user) {
    MemberOrNull(json, "home_tenant_id", context.home_tenant_id);
  } else {
    json.Member("risky_users", context.risky_users);
  }
  json.Close('}');
}

void WriteTimeline(json::JsonWriter& json, const Timeline& timeline) {
  json.Key("timeline");
  if (timeline.counts.empty()) return json.Null();
  json.Open('{');
  json.Member("start", timeline.start);
  json.Member("step_seconds", timeline.step.count());
  json.Key("counts");
  json.Open('[');
  for (const uint64_t count : timeline.counts) json.Number(count);
  json.Close(']');
  json.Close('}');
}

}  // namespace signinwatch::words
