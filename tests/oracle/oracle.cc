#include "tests/oracle/oracle.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

#include "tests/oracle/bursts.h"
#include "tests/oracle/causes.h"
#include "tests/oracle/changes.h"
#include "tests/oracle/context.h"
#include "tests/oracle/counts.h"

namespace signinwatch::oracle {
namespace {

using Json = nlohmann::json;

// A detector's key: a tenant, or a tenant and a user.
struct Key {
  std::string tenant;
  std::optional<UserKey> user;
  friend auto operator<=>(const Key&, const Key&) = default;
};

// The bursts that share one ticket. The ticket shows the last of them.
using Chain = std::vector<Burst>;

struct TicketPlan {
  const OracleRule* rule = nullptr;
  size_t rule_number = 0;
  Key key;
  Chain chain;
  size_t persistent_neighbours = 0;  // earlier bursts of the key started in [s - 24 h, s)
  [[nodiscard]] const Burst& shown() const { return chain.back(); }
};

std::map<Key, Events> EventsByKey(const std::vector<PlainRecord>& records, const OracleRule& rule) {
  std::map<Key, Events> by_key;
  for (const PlainRecord& r : records) {
    if (!r.is_sign_in() || rule.codes.count(*r.code) == 0) continue;
    const auto user = UserOf(r);
    if (rule.by_tenant) {
      by_key[{r.tenant, std::nullopt}].push_back(&r);
    } else if (user) {
      by_key[{r.tenant, user}].push_back(&r);
    }
  }
  return by_key;
}

size_t EarlierBursts(const std::vector<Burst>& bursts, int64_t s) {
  return static_cast<size_t>(std::count_if(bursts.begin(), bursts.end(), [&](const Burst& b) {
    return b.start_us >= s - kDayUs && b.start_us < s;
  }));
}

// SPEC 7: a burst that starts less than reopen_within after the end of the key's last burst shares
// its ticket.
std::vector<TicketPlan> PlanTickets(const Facts& facts, const OracleConfig& config) {
  std::vector<TicketPlan> plans;
  for (size_t n = 0; n < config.rules.size(); ++n) {
    const OracleRule& rule = config.rules[n];
    for (const auto& [key, events] : EventsByKey(facts.records(), rule)) {
      const std::vector<Burst> bursts = FindBursts(events, rule);
      for (size_t i = 0; i < bursts.size(); ++i) {
        const bool reopens =
            i > 0 && bursts[i].start_us - bursts[i - 1].end_us < config.reopen_within;
        if (!reopens) plans.push_back({&rule, n, key, {}, 0});
        plans.back().chain.push_back(bursts[i]);
        plans.back().persistent_neighbours = EarlierBursts(bursts, bursts[i].start_us);
      }
    }
  }
  return plans;
}

// An entry of `apps` or `users`: known by an id, or by a name only.
struct Named {
  std::string value;  // what it is sorted by
  bool by_name = false;
  std::string id;
  std::string name;  // of its first event
  uint64_t count = 0;
  std::string cause;                                   // of users
  std::optional<std::pair<int64_t, int64_t>> times{};  // of apps: the first and last failure
};

Json ShownNamed(std::vector<Named> entries) {
  std::sort(entries.begin(), entries.end(), [](const Named& a, const Named& b) {
    // An id that is equal to a name: none is the least, so the one without an id goes first.
    return std::make_tuple(b.count, a.value, !a.by_name) <
           std::make_tuple(a.count, b.value, !b.by_name);
  });
  if (entries.size() > kShown) entries.resize(kShown);
  Json list = Json::array();
  for (const Named& n : entries) {
    list.push_back({{"id", TextOrNull(n.id)}, {"name", TextOrNull(n.name)}, {"count", n.count}});
    if (!n.cause.empty()) list.back()["cause"] = n.cause;
    if (!n.times) continue;
    list.back()["first_event_time"] = FormatTime(n.times->first);
    list.back()["last_event_time"] = FormatTime(n.times->second);
  }
  return list;
}

// "That of the first event (of several at one time: the least id)": of several that tie in both,
// the least text, absent being the least.
std::string TextOfFirst(const Events& events, std::string PlainRecord::*field) {
  const PlainRecord* first = *std::min_element(
      events.begin(), events.end(), [&](const PlainRecord* a, const PlainRecord* b) {
        return std::tie(a->time_us, a->id, a->*field) < std::tie(b->time_us, b->id, b->*field);
      });
  return first->*field;
}

void AddApps(const Events& events, Json* ticket) {
  std::map<std::pair<bool, std::string>, Events> by_app;  // (by name, id or name)
  for (const PlainRecord* r : events) {
    if (!r->app_id.empty()) {
      by_app[{false, r->app_id}].push_back(r);
    } else if (!r->app_name.empty()) {
      by_app[{true, r->app_name}].push_back(r);
    }
  }
  std::vector<Named> apps;
  for (const auto& [app, app_events] : by_app) {
    const auto& [by_name, value] = app;
    const auto [first, last] =
        std::minmax_element(app_events.begin(), app_events.end(),
                            [](const auto* a, const auto* b) { return a->time_us < b->time_us; });
    apps.push_back({value, by_name, by_name ? "" : value,
                    TextOfFirst(app_events, &PlainRecord::app_name), app_events.size(), "",
                    std::pair((*first)->time_us, (*last)->time_us)});
  }
  (*ticket)["apps_total"] = apps.size();
  (*ticket)["apps"] = ShownNamed(std::move(apps));
}

void AddCounts(const Burst& burst, Json* ticket) {
  Counts addresses;
  Counts countries;
  Counts devices;
  std::map<int64_t, uint64_t> codes;
  for (const PlainRecord* r : burst.events) {
    addresses.Add(r->address);
    countries.Add(r->country);
    devices.Add(r->device_id);
    ++codes[*r->code];
  }
  Json& t = *ticket;
  t["event_count"] = burst.events.size();
  t["codes"] = Json::object();
  for (const auto& [code, count] : codes) t["codes"][std::to_string(code)] = count;
  t["ip_addresses"] = addresses.Shown();
  t["ip_addresses_total"] = addresses.total();
  t["countries"] = countries.Shown();
  t["countries_total"] = countries.total();
  t["devices"] = devices.Shown();
  t["devices_total"] = devices.total();
  AddApps(burst.events, ticket);
}

// All failures of the burst that have an id, those from unfamiliar sources first, then by time and
// id; the first 20 of that order, so that an unfamiliar source is listed however late it came.
Json Evidence(const Burst& burst, const std::set<const PlainRecord*>& unfamiliar) {
  std::vector<std::tuple<bool, int64_t, std::string>> order;
  for (const PlainRecord* r : burst.events) {
    if (!r->id.empty()) order.emplace_back(unfamiliar.count(r) == 0, r->time_us, r->id);
  }
  std::sort(order.begin(), order.end());
  if (order.size() > kShown) order.resize(kShown);
  Json list = Json::array();
  for (const auto& [familiar, time, id] : order) list.push_back(id);
  return list;
}

const std::vector<std::string>& Severities() {
  static const auto& names =
      *new std::vector<std::string>{"info", "low", "medium", "high", "critical"};
  return names;
}
constexpr size_t kHigh = 3;
constexpr size_t kCritical = 4;

size_t SeverityOf(const std::string& cause) {
  static const auto& severities = *new std::map<std::string, size_t>{
      {"password_changed", 1}, {"password_reset", 1},     {"password_reset_by_admin", 1},
      {"password_synced", 1},  {"sync_delay", 2},         {"sessions_revoked", 2},
      {"password_expired", 2}, {"incorrect_password", 2}, {"home_tenant", 2},
      {"unexplained", kHigh},
  };
  return severities.at(cause);
}

// Of SPEC 6.2 and 6.5, beside `persistent`; of tenants none.
struct Findings {
  bool unfamiliar_source = false;
  bool session_elsewhere = false;
  bool risk_detected = false;
  bool security_info_changed = false;
};

// `severity` is that of the cause.
void AddFindings(const TicketPlan& plan, const Findings& found, size_t severity,
                 const OracleConfig& config, Json* ticket) {
  const Burst& burst = plan.shown();
  const bool persistent =
      burst.end_us - burst.start_us > config.persistent_after || plan.persistent_neighbours >= 2;
  Json findings = Json::array();
  if (found.unfamiliar_source) findings.push_back("unfamiliar_source");
  if (persistent) findings.push_back("persistent");
  if (found.session_elsewhere) findings.push_back("session_elsewhere");
  if (found.risk_detected) findings.push_back("risk_detected");
  if (found.security_info_changed) findings.push_back("security_info_changed");
  // One severity up each, by two at most.
  severity = std::min(severity + std::min(findings.size(), size_t{2}), kCritical);
  if (found.unfamiliar_source) severity = kCritical;
  (*ticket)["findings"] = findings;
  (*ticket)["severity"] = Severities()[severity];
}

Json ShownChange(const Change& change, int64_t s, const OracleConfig& config) {
  return {{"time", FormatTime(change.time_us)},
          {"kind", change.kind},
          {"age_seconds", (s - change.time_us) / kSecondUs},
          {"during", change.time_us > s + config.max_clock_skew},
          {"operations", change.operations},
          {"actor", TextOrNull(change.actor)},
          {"record_ids", change.record_ids}};
}

void AddUserPart(const Facts& facts, const TicketPlan& plan, const OracleConfig& config,
                 Json* ticket) {
  const Burst& burst = plan.shown();
  const UserSpan span{plan.key.tenant, *plan.key.user, burst.start_us, burst.end_us, burst.events};
  const std::string cause = facts.CauseOf(span);
  const std::set<const PlainRecord*> unfamiliar = facts.UnfamiliarFailures(span);
  Json& t = *ticket;
  t["scope"] = "user";
  t["user_id"] = span.user.by_name ? Json() : Json(span.user.text);
  t["user_principal_name"] =
      TextOrNull(TextOfFirst(burst.events, &PlainRecord::user_principal_name));
  t["cause"] = cause;
  t["context"] = UserContext(facts, span, config);
  const bool suspect = cause == "unexplained" || cause == "home_tenant" || !unfamiliar.empty();
  AddFindings(
      plan,
      {.unfamiliar_source = !unfamiliar.empty(),
       .session_elsewhere = t["context"]["sessions_elsewhere_total"] != 0,
       .risk_detected = RiskDetected(facts, span, config),
       .security_info_changed = suspect && t["context"]["security_info_changes_total"] != 0},
      SeverityOf(cause), config, ticket);
  t["distinct_users"] = 1;
  t["users"] = Json::array();
  t["users_total"] = 0;
  t["users_by_cause"] = Json::object();
  t["changes_by_kind"] = Json::object();
  t["changes_by_actor"] = Json::array();
  t["changes"] = Json::array();
  for (const Change* c : facts.ListedChanges(span)) {
    t["changes"].push_back(ShownChange(*c, burst.start_us, config));
  }
  t["evidence"] = Evidence(burst, unfamiliar);
  const auto back =
      facts.BackAt(span.tenant, span.user, burst.end_us, burst.end_us + plan.rule->quiet);
  t["resolution"] = back ? "reauthenticated" : "quiet";
  t["reauthenticated_at"] = back ? Json(FormatTime(*back)) : Json();
}

std::vector<UserSpan> SpansByUser(const TicketPlan& plan) {
  std::map<UserKey, UserSpan> spans;
  for (const PlainRecord* r : plan.shown().events) {  // by time
    const auto user = UserOf(*r);
    if (!user) continue;
    UserSpan& span = spans[*user];
    if (span.events.empty()) span = {plan.key.tenant, *user, r->time_us, r->time_us, {}};
    span.e = r->time_us;
    span.events.push_back(r);
  }
  std::vector<UserSpan> list;
  for (auto& [user, span] : spans) list.push_back(std::move(span));
  return list;
}

// SPEC 6.3: what at least half of the users have; none or two: mixed.
std::string TenantCause(const std::map<std::string, size_t>& users_by_cause, size_t users) {
  std::string found;
  for (const auto& [cause, count] : users_by_cause) {
    if (2 * count < users) continue;
    if (!found.empty()) return "mixed";
    found = cause;
  }
  return found.empty() ? "mixed" : found;
}

void AddTenantChanges(const Facts& facts, const TicketPlan& plan, Json* ticket) {
  std::map<std::string, size_t> kinds;
  Counts actors;
  for (const Change* c :
       facts.TenantChanges(plan.key.tenant, plan.shown().start_us, plan.shown().end_us)) {
    ++kinds[c->kind];
    actors.Add(c->actor);
  }
  (*ticket)["changes_by_kind"] = Json(kinds);
  (*ticket)["changes_by_actor"] = actors.Shown();
  (*ticket)["changes"] = Json::array();
}

void AddTenantPart(const Facts& facts, const TicketPlan& plan, const OracleConfig& config,
                   Json* ticket) {
  const Burst& burst = plan.shown();
  const std::vector<UserSpan> spans = SpansByUser(plan);
  std::map<std::string, size_t> by_cause;
  std::vector<Named> users;
  size_t back = 0;
  for (const UserSpan& span : spans) {
    const std::string own_cause = facts.CauseOf(span);
    ++by_cause[own_cause];
    users.push_back({span.user.text, span.user.by_name, span.user.by_name ? "" : span.user.text,
                     TextOfFirst(span.events, &PlainRecord::user_principal_name),
                     span.events.size(), own_cause});
    if (facts.BackAt(span.tenant, span.user, span.e, burst.end_us + plan.rule->quiet)) ++back;
  }
  const std::string cause = TenantCause(by_cause, spans.size());
  Json& t = *ticket;
  t["scope"] = "tenant";
  t["user_id"] = nullptr;
  t["user_principal_name"] = nullptr;
  t["cause"] = cause;
  AddFindings(plan, {}, cause == "mixed" ? kHigh : SeverityOf(cause) + 1, config, ticket);
  t["context"] = TenantContext(facts, plan.key.tenant, burst);
  t["distinct_users"] = spans.size();
  t["users"] = ShownNamed(std::move(users));
  t["users_total"] = spans.size();
  t["users_by_cause"] = Json(by_cause);
  AddTenantChanges(facts, plan, ticket);
  t["evidence"] = Evidence(burst, {});
  t["resolution"] = 2 * back >= spans.size() ? "reauthenticated" : "quiet";
  t["reauthenticated_at"] = nullptr;
}

std::string ParentKey(const TicketPlan& parent) {
  return parent.rule->name + "|" + parent.key.tenant + "|" + FormatTime(parent.shown().start_us);
}

// SPEC 6.3: the tenant burst that overlaps the user ticket's shown burst and starts first, then
// that of the first detector. It may be an earlier burst of its ticket than the one the ticket
// shows.
Json ParentOf(const TicketPlan& plan, const std::vector<TicketPlan>& plans) {
  if (!plan.key.user) return nullptr;
  const TicketPlan* parent = nullptr;
  std::pair<int64_t, size_t> least;
  for (const TicketPlan& candidate : plans) {
    if (candidate.key.user || candidate.key.tenant != plan.key.tenant) continue;
    for (const Burst& burst : candidate.chain) {
      if (burst.start_us > plan.shown().end_us || burst.end_us < plan.shown().start_us) continue;
      const std::pair<int64_t, size_t> order{burst.start_us, candidate.rule_number};
      if (parent != nullptr && order >= least) continue;
      parent = &candidate;
      least = order;
    }
  }
  return parent == nullptr ? Json() : Json(ParentKey(*parent));
}

Json MakeTicket(const Facts& facts, const TicketPlan& plan, const std::vector<TicketPlan>& plans,
                const OracleConfig& config) {
  size_t total = 0;
  for (const Burst& burst : plan.chain) total += burst.events.size();
  Json ticket = {
      {"schema", "signinwatch.ticket/1"},
      {"state", "resolved"},
      {"detector", plan.rule->name},
      {"tenant_id", plan.key.tenant},
      {"first_event_time", FormatTime(plan.shown().start_us)},
      {"last_event_time", FormatTime(plan.shown().end_us)},
      {"total_event_count", total},
      {"threshold",
       {{"events", plan.rule->threshold},
        {"users", plan.rule->min_users},
        {"window_seconds", plan.rule->window / kSecondUs}}},
      {"parent_key", ParentOf(plan, plans)},
      {"continues", nullptr},
      {"merged_into", nullptr},
      {"reopened", plan.chain.size() - 1},
      {"timeline", TimelineOf(plan.shown())},
  };
  AddCounts(plan.shown(), &ticket);
  if (plan.key.user) {
    AddUserPart(facts, plan, config, &ticket);
  } else {
    AddTenantPart(facts, plan, config, &ticket);
  }
  return ticket;
}

}  // namespace

std::string FormatTime(int64_t time_us) {
  const std::chrono::sys_time<std::chrono::microseconds> time{std::chrono::microseconds(time_us)};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  char text[64];
  std::snprintf(
      text, sizeof(text), "%04d-%02u-%02uT%02d:%02d:%02d.%06dZ", static_cast<int>(date.year()),
      static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
      static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
      static_cast<int>(clock.seconds().count()), static_cast<int>(clock.subseconds().count()));
  return text;
}

std::string SortKey(const Json& ticket) {
  const auto text = [&](const char* field) {
    return ticket.at(field).is_string() ? ticket.at(field).get<std::string>() : std::string();
  };
  // A user known by name only is told apart by that name, which is its key.
  const std::string user =
      ticket.at("user_id").is_string() ? text("user_id") : Lower(text("user_principal_name"));
  return text("first_event_time") + "\x01" + text("tenant_id") + "\x01" + text("detector") +
         "\x01" + user + (ticket.at("user_id").is_string() ? "\x01id" : "\x01name");
}

std::vector<Json> OracleTickets(const std::vector<PlainRecord>& records,
                                const OracleConfig& config) {
  const Facts facts(records, config);
  const std::vector<TicketPlan> plans = PlanTickets(facts, config);
  std::vector<Json> tickets;
  for (const TicketPlan& plan : plans) tickets.push_back(MakeTicket(facts, plan, plans, config));
  std::sort(tickets.begin(), tickets.end(),
            [](const Json& a, const Json& b) { return SortKey(a) < SortKey(b); });
  return tickets;
}

bool HasLongSession(const std::vector<PlainRecord>& records, const OracleConfig& config) {
  for (const OracleRule& rule : config.rules) {
    for (const auto& [key, events] : EventsByKey(records, rule)) {
      for (const Events& session : FindSessions(events, rule)) {
        if (session.back()->time_us - session.front()->time_us >= rule.max_duration) return true;
      }
    }
  }
  return false;
}

}  // namespace signinwatch::oracle
