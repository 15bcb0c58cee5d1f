#include "tests/oracle/changes.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

namespace signinwatch::oracle {
namespace {

constexpr int64_t kActionSpan = 5 * kMinuteUs;

bool StartsWithAny(const std::string& text, const std::vector<std::string>& prefixes) {
  return std::any_of(prefixes.begin(), prefixes.end(), [&](const std::string& prefix) {
    return Lower(text).rfind(Lower(prefix), 0) == 0;
  });
}

bool IsStamp(const PlainRecord& r) {
  return Normalized(r.operation) == "update stsrefreshtokenvalidfrom timestamp";
}

bool IsSyncActor(const PlainActor& actor, const OracleConfig& config) {
  return StartsWithAny(actor.user_principal_name, config.sync_actors) ||
         StartsWithAny(actor.app_display_name, config.sync_apps) ||
         StartsWithAny(actor.service_principal_name, config.sync_apps);
}

// By time, then id (none is the least). Records that tie in both are told apart by their text, so
// that the answer depends on the set alone.
bool Earlier(const PlainRecord* a, const PlainRecord* b) {
  return std::make_tuple(a->time_us, a->id, a->operation, ShownActor(a->actor)) <
         std::make_tuple(b->time_us, b->id, b->operation, ShownActor(b->actor));
}

Change MakeChange(const std::vector<const PlainRecord*>& records, const OracleConfig& config) {
  Change change;
  const PlainRecord& first = *records.front();
  change.tenant = first.tenant;
  change.user = *UserOf(first);
  change.time_us = first.time_us;
  // "In a change with `Disable account` the stamp stays `revoke`."
  const bool disabled = std::any_of(records.begin(), records.end(), [](const PlainRecord* r) {
    return Normalized(r->operation) == "disable account";
  });
  const auto kind_of = [&](const PlainRecord& r) -> std::string {
    const std::string kind = *KindOf(r, config);
    return disabled && kind == "sync" && IsStamp(r) ? "revoke" : kind;
  };
  change.kind = kind_of(first);
  for (const PlainRecord* r : records) {
    const std::string kind = kind_of(*r);
    if (RankOf(kind) < RankOf(change.kind)) change.kind = kind;
    if (kind == "sync") change.sync_times_us.push_back(r->time_us);
    if (!r->id.empty()) change.record_ids.push_back(r->id);
    if (!r->user_principal_name.empty()) change.names.insert(Lower(r->user_principal_name));
    if (std::find(change.operations.begin(), change.operations.end(), r->operation) ==
        change.operations.end()) {
      change.operations.push_back(r->operation);
    }
  }
  // "its actor that of the earliest record of its kind (of several at one time: the least id)"; of
  // several that tie in both, the least actor.
  const PlainRecord* decisive = nullptr;
  const auto order = [](const PlainRecord* r) {
    return std::make_tuple(r->time_us, r->id, ShownActor(r->actor));
  };
  for (const PlainRecord* r : records) {
    if (kind_of(*r) != change.kind) continue;
    if (decisive == nullptr || order(r) < order(decisive)) decisive = r;
  }
  change.actor = ShownActor(decisive->actor);
  return change;
}

}  // namespace

std::string Normalized(const std::string& operation) {
  const size_t first = operation.find_first_not_of(" \t\r\n");
  if (first == std::string::npos) return "";
  const size_t last = operation.find_last_not_of(" \t\r\n.");
  if (last == std::string::npos || last < first) return "";
  return Lower(operation.substr(first, last - first + 1));
}

std::string ShownActor(const PlainActor& actor) {
  for (const std::string* text :
       {&actor.user_principal_name, &actor.user_id, &actor.app_display_name,
        &actor.service_principal_name, &actor.service_principal_id, &actor.app_id}) {
    if (!text->empty()) return *text;
  }
  return "";
}

std::optional<UserKey> UserOf(const PlainRecord& record) {
  if (!record.user_id.empty()) return UserKey{record.user_id, false};
  if (!record.user_principal_name.empty()) {
    return UserKey{Lower(record.user_principal_name), true};
  }
  return std::nullopt;
}

std::optional<std::string> KindOf(const PlainRecord& record, const OracleConfig& config) {
  if (!record.is_audit() || !record.success || !UserOf(record)) return std::nullopt;
  const std::string operation = Normalized(record.operation);
  const auto it = config.operations.find(operation);
  if (it == config.operations.end() || it->second == "ignore") return std::nullopt;
  const bool synchronised = operation == "change user password" ||
                            operation == "reset user password" ||
                            operation == "update passwordprofile" || IsStamp(record);
  if (synchronised && IsSyncActor(record.actor, config)) return "sync";
  if (operation == "reset user password" &&
      Lower(record.actor.user_principal_name) == "fim_password_service@support.onmicrosoft.com") {
    return "self_reset";
  }
  return it->second;
}

int RankOf(const std::string& kind) {
  static const std::vector<std::string>& kinds = *new std::vector<std::string>{
      "admin_reset", "self_reset", "change", "sync", "revoke", "force_change"};
  return static_cast<int>(std::find(kinds.begin(), kinds.end(), kind) - kinds.begin());
}

std::vector<Change> FindChanges(const std::vector<PlainRecord>& records,
                                const OracleConfig& config) {
  std::map<std::pair<std::string, UserKey>, std::vector<const PlainRecord*>> by_user;
  for (const PlainRecord& r : records) {
    if (KindOf(r, config)) by_user[{r.tenant, *UserOf(r)}].push_back(&r);
  }
  std::vector<Change> changes;
  for (auto& [user, events] : by_user) {
    std::sort(events.begin(), events.end(), Earlier);
    for (size_t first = 0; first < events.size();) {
      size_t end = first;
      while (end < events.size() && events[end]->time_us - events[first]->time_us <= kActionSpan) {
        ++end;
      }
      changes.push_back(MakeChange({events.begin() + static_cast<ptrdiff_t>(first),
                                    events.begin() + static_cast<ptrdiff_t>(end)},
                                   config));
      first = end;
    }
  }
  std::sort(changes.begin(), changes.end(), [](const Change& a, const Change& b) {
    const int rank_a = RankOf(a.kind);
    const int rank_b = RankOf(b.kind);
    return std::tie(a.time_us, rank_a, a.record_ids, a.operations, a.actor) <
           std::tie(b.time_us, rank_b, b.record_ids, b.operations, b.actor);
  });
  return changes;
}

}  // namespace signinwatch::oracle
