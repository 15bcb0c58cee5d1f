#include "tests/oracle/context.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <tuple>
#include <utility>
#include <vector>

#include "tests/oracle/counts.h"
#include "tests/oracle/oracle.h"

namespace signinwatch::oracle {
namespace {

using Json = nlohmann::json;

// "203.0.113.0/24", "2001:db8:1::/48", of an address as RFC 5952 writes it.
std::string NetworkText(const std::string& address) {
  if (address.find(':') == std::string::npos) {
    return address.substr(0, address.rfind('.')) + ".0/24";
  }
  // Its first three groups: what `::` stands for is zeros.
  std::vector<std::string> groups;
  const size_t gap = address.find("::");
  std::istringstream head(address.substr(0, gap));
  for (std::string group; std::getline(head, group, ':') && groups.size() < 3;) {
    groups.push_back(group);
  }
  while (!groups.empty() && groups.back() == "0") groups.pop_back();
  std::string text;
  for (const std::string& group : groups) text += text.empty() ? group : ":" + group;
  return text + "::/48";
}

void AddFailures(const Events& failures, Json* context) {
  std::map<std::string, size_t> by_status;
  Counts policies;
  Counts token_types;
  Counts clients;
  for (const PlainRecord* r : failures) {
    ++by_status[r->conditional_access.empty() ? "unknown" : r->conditional_access];
    for (const std::string& policy : r->failing_policies) policies.Add(policy);
    token_types.Add(r->token_type);
    clients.Add(r->client_app);
  }
  Json& c = *context;
  Json& access = c["conditional_access"];
  for (const char* status : {"success", "failure", "not_applied", "unknown"}) {
    access[status] = by_status[status];
  }
  access["failing_policies"] = policies.Shown();
  access["failing_policies_total"] = policies.total();
  c["token_types"] = token_types.Shown();
  c["token_types_total"] = token_types.total();
  c["clients"] = clients.Shown();
  c["clients_total"] = clients.total();
}

struct Place {
  int64_t first_us = 0;
  std::string network;  // as written
  std::string country;
  size_t count = 0;
  std::string compared;  // PlainRecord::network
};

std::vector<Place> PlacesOf(const Events& failures) {
  std::map<std::pair<std::string, std::string>, Place> places;
  for (const PlainRecord* r : failures) {
    if (r->network.empty() || r->country.empty() || r->category == "ADFSSignInLogs") continue;
    Place& place = places[{r->network, r->country}];
    if (place.count == 0) {
      place = {r->time_us, NetworkText(r->address), r->country, 0, r->network};
    }
    place.first_us = std::min(place.first_us, r->time_us);
    ++place.count;
  }
  std::vector<Place> list;
  for (auto& [key, place] : places) list.push_back(std::move(place));
  std::sort(list.begin(), list.end(), [](const Place& a, const Place& b) {
    return std::tie(a.first_us, a.network, a.country) < std::tie(b.first_us, b.network, b.country);
  });
  return list;
}

void AddSessions(const Events& failures, Json* context) {
  std::map<std::string, Events> by_session;
  for (const PlainRecord* r : failures) {
    if (!r->session_id.empty()) by_session[r->session_id].push_back(r);
  }
  Json elsewhere = Json::array();
  size_t total = 0;
  for (const auto& [session, events] : by_session) {
    const std::vector<Place> places = PlacesOf(events);
    bool two = false;
    for (const Place& a : places) {
      for (const Place& b : places) two |= a.compared != b.compared && a.country != b.country;
    }
    if (!two || ++total > kShown) continue;
    Json shown = Json::array();
    for (size_t i = 0; i < std::min(places.size(), kShown); ++i) {
      shown.push_back({{"network", places[i].network},
                       {"country", places[i].country},
                       {"count", places[i].count},
                       {"first_event_time", FormatTime(places[i].first_us)}});
    }
    elsewhere.push_back(
        {{"session_id", session}, {"places", shown}, {"places_total", places.size()}});
  }
  (*context)["sessions_total"] = by_session.size();
  (*context)["sessions_elsewhere"] = elsewhere;
  (*context)["sessions_elsewhere_total"] = total;
}

void AddMfa(const Facts& facts, const UserSpan& span, const OracleConfig& config, Json* context) {
  std::map<std::string, int64_t> latest;  // whole days since 1970
  const int64_t today = span.s / kDayUs;
  for (const PlainRecord* r : facts.SigninsOf(span.tenant, span.user)) {
    const int64_t day = r->time_us / kDayUs;
    if (*r->code != 0 || r->category == "ADFSSignInLogs" || r->mfa_method.empty()) continue;
    if (day >= today || day < today - config.familiar_days) continue;
    int64_t& known = latest[r->mfa_method];
    known = std::max(known, day);
  }
  std::vector<std::pair<std::string, int64_t>> methods(latest.begin(), latest.end());
  std::stable_sort(methods.begin(), methods.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  Json list = Json::array();
  for (size_t i = 0; i < std::min(methods.size(), kShown); ++i) {
    list.push_back({{"value", methods[i].first},
                    {"last_day", FormatTime(methods[i].second * kDayUs).substr(0, 10)}});
  }
  (*context)["mfa"] = {{"methods", list}, {"methods_total", methods.size()}};
}

// The user's risk events around the burst, by time, then id.
std::vector<const PlainRecord*> RisksOf(const Facts& facts, const UserSpan& span,
                                        const OracleConfig& config) {
  const auto version = [](const PlainRecord* r) {
    return std::tie(r->risk_updated_us, r->risk_state, r->risk_level, r->risk_type, r->time_us);
  };
  const auto order = [](const PlainRecord* r) {
    return std::tie(r->time_us, r->id, r->risk_type, r->risk_level, r->risk_state);
  };
  std::map<std::string, const PlainRecord*> by_id;
  std::vector<const PlainRecord*> risks;
  for (const PlainRecord& r : facts.records()) {
    if (!r.is_risk_event() || r.tenant != span.tenant || UserOf(r) != span.user) continue;
    if (r.id.empty()) {
      risks.push_back(&r);
      continue;
    }
    const PlainRecord*& known = by_id[r.id];
    if (known == nullptr || version(known) < version(&r)) known = &r;
  }
  for (const auto& [id, r] : by_id) risks.push_back(r);
  std::erase_if(risks, [&](const PlainRecord* r) {
    return r->time_us < span.s - config.risk_before || r->time_us > span.e + config.max_clock_skew;
  });
  std::sort(risks.begin(), risks.end(),
            [&](const auto* a, const auto* b) { return order(a) < order(b); });
  return risks;
}

// Of a list by time the latest are shown.
template <typename T, typename Shown>
Json Latest(const std::vector<T>& values, const Shown& shown) {
  Json list = Json::array();
  for (size_t i = values.size() - std::min(values.size(), kShown); i < values.size(); ++i) {
    list.push_back(shown(values[i]));
  }
  return list;
}

void AddRisks(const Facts& facts, const UserSpan& span, const OracleConfig& config, Json* context) {
  Json sign_in = Json::object();
  std::map<std::string, size_t> levels;
  for (const PlainRecord* r : span.events) ++levels[r->sign_in_risk];
  for (const char* level : {"low", "medium", "high"}) {
    if (levels[level] > 0) sign_in[level] = levels[level];
  }
  const auto risks = RisksOf(facts, span, config);
  (*context)["risk"] = {{"sign_in", sign_in},
                        {"events", Latest(risks,
                                          [](const PlainRecord* r) -> Json {
                                            return {{"time", FormatTime(r->time_us)},
                                                    {"type", r->risk_type},
                                                    {"level", TextOrNull(r->risk_level)},
                                                    {"state", TextOrNull(r->risk_state)},
                                                    {"id", TextOrNull(r->id)}};
                                          })},
                        {"events_total", risks.size()}};
}

// Successes of one of the operations that are asked for, each id once, by time, then id.
template <typename Wanted>
std::vector<const PlainRecord*> AuditRecords(const Facts& facts, const std::string& tenant,
                                             int64_t from, int64_t to, const Wanted& wanted) {
  std::vector<const PlainRecord*> found;
  std::set<std::string> ids;
  for (const PlainRecord& r : facts.records()) {
    if (!r.is_audit() || !r.success || r.tenant != tenant || r.time_us < from || r.time_us > to ||
        !wanted(r)) {
      continue;
    }
    if (r.id.empty() || ids.insert(r.id).second) found.push_back(&r);
  }
  const auto order = [](const PlainRecord* r) {
    return std::make_tuple(r->time_us, r->id, r->operation, ShownActor(r->actor), r->target_name);
  };
  std::sort(found.begin(), found.end(),
            [&](const auto* a, const auto* b) { return order(a) < order(b); });
  return found;
}

void AddSecurityInfo(const Facts& facts, const UserSpan& span, const OracleConfig& config,
                     Json* context) {
  std::set<std::string> operations;
  for (const std::string& operation : config.security_info_operations) {
    operations.insert(Normalized(operation));
  }
  std::set<std::string> names;
  for (const PlainRecord* r : span.events) {
    if (!r->user_principal_name.empty()) names.insert(Lower(r->user_principal_name));
  }
  const auto is_users = [&](const std::string& id, const std::string& name) {
    if (!id.empty() && !span.user.by_name) return Lower(id) == span.user.text;
    return names.count(Lower(name)) > 0;
  };
  const int64_t until = std::max(span.e, span.s + config.max_clock_skew);
  const auto found =
      AuditRecords(facts, span.tenant, span.s - kDayUs, until, [&](const PlainRecord& r) {
        if (operations.count(Normalized(r.operation)) == 0) return false;
        return UserOf(r) ? is_users(r.user_id, r.user_principal_name)
                         : is_users(r.actor.user_id, r.actor.user_principal_name);
      });
  (*context)["security_info_changes"] = Latest(found, [](const PlainRecord* r) -> Json {
    return {{"time", FormatTime(r->time_us)},
            {"operation", r->operation},
            {"actor", TextOrNull(ShownActor(r->actor))},
            {"record_id", TextOrNull(r->id)}};
  });
  (*context)["security_info_changes_total"] = found.size();
}

void AddOfTenant(const Facts& facts, const std::string& tenant, int64_t s, int64_t e,
                 Json* context) {
  static const auto& operations = *new std::set<std::string>{"add conditional access policy",
                                                             "update conditional access policy",
                                                             "delete conditional access policy"};
  std::vector<const PlainRecord*> policies;
  if ((*context)["conditional_access"]["failure"] != 0) {
    policies = AuditRecords(facts, tenant, s - kDayUs, e, [](const PlainRecord& r) {
      return operations.count(Normalized(r.operation)) > 0;
    });
  }
  (*context)["policy_changes"] = Latest(policies, [](const PlainRecord* r) -> Json {
    return {{"time", FormatTime(r->time_us)},
            {"operation", r->operation},
            {"policy", TextOrNull(r->target_name)},
            {"actor", TextOrNull(ShownActor(r->actor))},
            {"record_id", TextOrNull(r->id)}};
  });
  (*context)["policy_changes_total"] = policies.size();
  std::vector<int64_t> syncs;
  for (const Change& change : facts.changes()) {
    if (change.tenant != tenant) continue;
    for (const int64_t time : change.sync_times_us) {
      if (time >= s - kDayUs && time <= e) syncs.push_back(time);
    }
  }
  (*context)["sync"] = {
      {"last",
       syncs.empty() ? Json() : Json(FormatTime(*std::max_element(syncs.begin(), syncs.end())))},
      {"last_24h", syncs.size()}};
}

// Of a guest (SPEC 6.2), by the first failure; of several that tie in time and id the least.
Json HomeTenantOf(const UserSpan& span) {
  if (!BeginsAsGuest(span)) return nullptr;
  const PlainRecord* first = *std::min_element(
      span.events.begin(), span.events.end(), [](const PlainRecord* a, const PlainRecord* b) {
        return std::tie(a->time_us, a->id, a->home_tenant) <
               std::tie(b->time_us, b->id, b->home_tenant);
      });
  return TextOrNull(Lower(first->home_tenant));
}

}  // namespace

Json UserContext(const Facts& facts, const UserSpan& span, const OracleConfig& config) {
  Json context = Json::object();
  AddMfa(facts, span, config, &context);
  AddFailures(span.events, &context);
  AddSessions(span.events, &context);
  AddRisks(facts, span, config, &context);
  AddSecurityInfo(facts, span, config, &context);
  AddOfTenant(facts, span.tenant, span.s, span.e, &context);
  context["home_tenant_id"] = HomeTenantOf(span);
  return context;
}

Json TenantContext(const Facts& facts, const std::string& tenant, const Burst& burst) {
  Json context = Json::object();
  AddFailures(burst.events, &context);
  AddOfTenant(facts, tenant, burst.start_us, burst.end_us, &context);
  std::set<UserKey> risky;
  for (const PlainRecord* r : burst.events) {
    const auto user = UserOf(*r);
    if (user && (r->sign_in_risk == "medium" || r->sign_in_risk == "high")) risky.insert(*user);
  }
  context["risky_users"] = risky.size();
  return context;
}

bool RiskDetected(const Facts& facts, const UserSpan& span, const OracleConfig& config) {
  static const auto& settled =
      *new std::set<std::string>{"dismissed", "remediated", "confirmedsafe"};
  const auto risks = RisksOf(facts, span, config);
  return std::any_of(span.events.begin(), span.events.end(),
                     [](const PlainRecord* r) { return r->sign_in_risk == "high"; }) ||
         std::any_of(risks.begin(), risks.end(), [&](const PlainRecord* r) {
           return settled.count(Lower(r->risk_state)) == 0 &&
                  std::any_of(
                      config.theft_risks.begin(), config.theft_risks.end(),
                      [&](const std::string& type) { return Lower(type) == Lower(r->risk_type); });
         });
}

Json TimelineOf(const Burst& burst) {
  const int64_t start = burst.start_us / kMinuteUs * kMinuteUs;
  std::vector<int64_t> steps{1, 5, 15, 60};
  while ((burst.end_us / kMinuteUs - start / kMinuteUs) / steps.back() >= 60) {
    steps.push_back(2 * steps.back());
  }
  int64_t step = 0;
  for (const int64_t candidate : steps) {
    step = candidate * kMinuteUs;
    if ((burst.end_us - start) / step < 60) break;
  }
  std::vector<uint64_t> counts(static_cast<size_t>((burst.end_us - start) / step) + 1);
  for (const PlainRecord* r : burst.events)
    ++counts[static_cast<size_t>((r->time_us - start) / step)];
  return {{"start", FormatTime(start)}, {"step_seconds", step / kSecondUs}, {"counts", counts}};
}

}  // namespace signinwatch::oracle
