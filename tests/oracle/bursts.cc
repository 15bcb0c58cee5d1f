#include "tests/oracle/bursts.h"

#include <algorithm>
#include <optional>
#include <set>
#include <tuple>

#include "tests/oracle/changes.h"

namespace signinwatch::oracle {
namespace {

// The earliest event of (t - W, t] if an event at `t` is hot in this session.
std::optional<int64_t> StartIfHot(const Events& session, int64_t t, const OracleRule& rule) {
  size_t count = 0;
  std::set<UserKey> users;
  std::optional<int64_t> earliest;
  for (const PlainRecord* r : session) {
    if (r->time_us <= t - rule.window || r->time_us > t) continue;
    ++count;
    if (const auto user = UserOf(*r)) users.insert(*user);
    if (!earliest) earliest = r->time_us;
  }
  if (count < rule.threshold || users.size() < rule.min_users) return std::nullopt;
  return earliest;
}

std::optional<Burst> FindBurst(const Events& session, const OracleRule& rule) {
  for (const PlainRecord* r : session) {
    const auto start = StartIfHot(session, r->time_us, rule);
    if (!start) continue;
    Burst burst{.start_us = *start, .end_us = session.back()->time_us, .events = {}};
    for (const PlainRecord* event : session) {
      if (event->time_us >= *start) burst.events.push_back(event);
    }
    return burst;
  }
  return std::nullopt;
}

}  // namespace

std::vector<Events> FindSessions(Events events, const OracleRule& rule) {
  std::sort(events.begin(), events.end(), [](const PlainRecord* a, const PlainRecord* b) {
    return std::tie(a->time_us, a->id) < std::tie(b->time_us, b->id);
  });
  std::vector<Events> sessions;
  for (const PlainRecord* r : events) {
    if (sessions.empty() || r->time_us - sessions.back().back()->time_us >= rule.quiet) {
      sessions.emplace_back();
    }
    sessions.back().push_back(r);
  }
  return sessions;
}

std::vector<Burst> FindBursts(const Events& events, const OracleRule& rule) {
  std::vector<Burst> bursts;
  for (const Events& session : FindSessions(events, rule)) {
    if (auto burst = FindBurst(session, rule)) bursts.push_back(std::move(*burst));
  }
  return bursts;
}

}  // namespace signinwatch::oracle
