#include "daemon/http/api.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <vector>

#include "daemon/http/handling.h"
#include "daemon/http/instance_details.h"
#include "daemon/http/problem.h"
#include "daemon/http/ticket_parameters.h"
#include "daemon/json/json_writer.h"
#include "parser/harmful_characters.h"

namespace signinwatch::http {
namespace {

HttpReply JsonReply(std::string body) {
  // Older versions stored tickets with harmful characters as they came.
  return {.content_type = kJsonType, .body = EscapeHarmfulInJson(std::move(body))};
}

// Tickets are JSON already, and are not looked into.
void WriteTickets(json::JsonWriter& json, std::string_view key,
                  const std::vector<std::string>& tickets) {
  json.Key(key);
  json.Open('[');
  for (const std::string& ticket : tickets) json.Raw(ticket);
  json.Close(']');
}

void WriteDelivery(json::JsonWriter& json, const store::RemoteTicket& remote) {
  json.Open('{');
  json.Member("sink", remote.sink);
  json.Key("remote_id");
  json.StringOrNull(remote.remote_id);
  json.Key("link");
  json.StringOrNull(remote.link);
  json.Member("revision", remote.revision);
  json.Member("state", store::RemoteStateName(remote.state));
  json.Key("error");
  json.StringOrNull(remote.error);
  json.Close('}');
}

// By sink: {"sink","total","tickets":[{"ticket_id","user"}]}.
void WriteRolledUp(json::JsonWriter& json, const store::TicketRollUps& roll_ups) {
  json.Key("rolled_up");
  json.Open('[');
  for (const store::TicketRollUps::AtSink& at : roll_ups.holds) {
    json.Open('{');
    json.Member("sink", at.sink);
    json.Member("total", at.tickets.total);
    json.Key("tickets");
    json.Open('[');
    for (const store::RolledUpTicket& ticket : at.tickets.shown) {
      json.Open('{');
      json.Member("ticket_id", ticket.ticket_id);
      json.Member("user", ticket.user);
      json.Close('}');
    }
    json.Close(']');
    json.Close('}');
  }
  json.Close(']');
  json.Key("rolled_up_under");
  json.Open('[');
  for (const store::TicketRollUps::Under& under : roll_ups.under) {
    json.Open('{');
    json.Member("sink", under.sink);
    json.Member("ticket_id", under.parent_ticket_id);
    json.Close('}');
  }
  json.Close(']');
}

void WriteShards(json::JsonWriter& json, std::string_view key,
                 const std::vector<store::Shard>& shards) {
  json.Key(key);
  json.Open('[');
  for (const store::Shard shard : shards) json.Number(shard);
  json.Close(']');
}

void WriteInstance(json::JsonWriter& json, const store::Instance& instance) {
  const std::optional<uint64_t> lag = LagRecordsOf(instance.facts);
  json.Open('{');
  json.Member("name", instance.facts.name);
  json.Member("role", instance.facts.role);
  json.Member("version", instance.facts.version);
  json.Key("started_at");
  json.Time(instance.facts.started_at);
  json.Key("seen_at");
  json.Time(instance.seen_at);
  WriteShards(json, "partitions", instance.shards);
  json.Key("lag_records");
  lag ? json.Number(*lag) : json.Null();
  json.Key("is_this");
  json.Bool(instance.is_this);
  json.Close('}');
}

}  // namespace

bool IsTicketId(const std::string& text) {
  constexpr size_t kBytesMax = 64;
  constexpr std::string_view kCharacters = "0123456789abcdefABCDEF-";
  return !text.empty() && text.size() <= kBytesMax &&
         text.find_first_not_of(kCharacters) == std::string::npos;
}

HttpReply TicketsReply(store::TicketStore& store, const HttpRequest& request,
                       const config::TenantNames& names) {
  store::TicketFilter filter;
  const std::vector<ParameterProblem> problems = ReadTicketParameters(request.parameters, &filter);
  if (!problems.empty()) return ParametersReply(problems);
  FindTenantsByName(names, &filter);
  store::TicketPage page;
  const absl::Status status = store.FindTickets(filter, &page);
  if (absl::IsInvalidArgument(status)) return ParametersReply({CursorProblem()});
  if (!status.ok()) return StoreProblemReply(status);
  std::string body;
  json::JsonWriter json(&body);
  json.Open('{');
  WriteTickets(json, "tickets", page.tickets);
  json.Key("reviews");
  json.Open('[');
  for (const store::TicketReview& review : page.reviews) WriteReview(json, review);
  json.Close(']');
  json.Key("next_cursor");
  json.StringOrNull(page.next_cursor);
  json.Member("total", page.total);
  json.Close('}');
  return JsonReply(std::move(body));
}

HttpReply TicketReply(store::TicketStore& store, const std::string& ticket_id) {
  const HttpReply missing = ProblemReply(404, "no such ticket");
  if (!IsTicketId(ticket_id)) return missing;
  std::vector<std::string> revisions;
  const absl::Status status = store.TicketRevisions(ticket_id, &revisions);
  if (absl::IsNotFound(status) || (status.ok() && revisions.empty())) return missing;
  if (!status.ok()) return StoreProblemReply(status);
  store::TicketHandling handling;
  const absl::Status read = store.Handling(ticket_id, &handling);
  if (!read.ok() && !absl::IsNotFound(read)) return StoreProblemReply(read);
  std::vector<store::RemoteTicket> remotes;
  const absl::Status told = store.RemoteTicketsOf(ticket_id, &remotes);
  if (!told.ok()) return StoreProblemReply(told);
  store::TicketRollUps roll_ups;
  const absl::Status rolled_up = store.RollUpsOf(ticket_id, &roll_ups);
  if (!rolled_up.ok()) return StoreProblemReply(rolled_up);
  std::string body;
  json::JsonWriter json(&body);
  json.Open('{');
  json.Key("ticket");
  json.Raw(revisions.back());
  WriteTickets(json, "revisions", revisions);
  json.Key("handling");
  WriteHandling(json, handling);
  json.Key("deliveries");
  json.Open('[');
  for (const store::RemoteTicket& remote : remotes) WriteDelivery(json, remote);
  json.Close(']');
  WriteRolledUp(json, roll_ups);
  json.Close('}');
  return JsonReply(std::move(body));
}

HttpReply InstancesReply(store::InstanceStore& store, EventTime now) {
  store::Instances instances;
  if (const absl::Status found = store.FindInstances(now, &instances); !found.ok()) {
    return StoreProblemReply(found);
  }
  std::string body;
  json::JsonWriter json(&body);
  json.Open('{');
  json.Key("instances");
  json.Open('[');
  for (const store::Instance& instance : instances.seen) WriteInstance(json, instance);
  json.Close(']');
  WriteShards(json, "unowned_partitions", instances.unowned);
  json.Close('}');
  return JsonReply(std::move(body));
}

}  // namespace signinwatch::http
