#include "detectors/evidence.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>
#include <vector>

#include "parser/ids.h"

namespace signinwatch {
namespace {

// SPEC 6.5: how long before a burst changes of security info and policies, and syncs, are told.
constexpr Duration kBefore = kDay;

// States of a risk event that nothing is to be feared of, lower-cased.
constexpr std::string_view kSettledStates[] = {"dismissed", "remediated", "confirmedsafe"};

std::string Lower(std::string_view text) {
  std::string lower(text);
  LowerAscii(lower);
  return lower;
}

// The latest of a list by time are shown.
template <typename T>
ShownOf<T> Latest(std::vector<T> values) {
  ShownOf<T> list{.shown = {}, .total = values.size()};
  const size_t cut = values.size() - std::min(values.size(), kShownMax);
  list.shown.assign(std::make_move_iterator(values.begin() + static_cast<ptrdiff_t>(cut)),
                    std::make_move_iterator(values.end()));
  return list;
}

ShownOf<AuditChange> ShownChanges(std::vector<const AuditEvent*> events, const TextPool& pool) {
  std::sort(events.begin(), events.end(), [&pool](const AuditEvent* a, const AuditEvent* b) {
    return ComesBefore(*a, *b, pool);
  });
  std::vector<AuditChange> changes;
  changes.reserve(events.size());
  const auto shown = [&pool](TextId text) { return std::string(ShownText(pool.Get(text))); };
  for (const AuditEvent* event : events) {
    changes.push_back({.time = event->time,
                       .operation = shown(event->operation),
                       .policy = shown(event->policy),
                       .actor = shown(event->actor),
                       .record_id = shown(event->record_id)});
  }
  return Latest(std::move(changes));
}

}  // namespace

Evidence::Evidence(const Tables& tables) : t_(tables) {
  for (const std::string& type : t_.config->correlation.theft_risks) {
    theft_risks_.insert(Lower(type));
  }
}

void Evidence::WriteDeciding(const Subject& subject, Ticket* ticket) const {
  ticket->context.security_info_changes = SecurityInfoOf(subject);
  (void)WriteRisks(subject, ticket);
}

void Evidence::WriteRest(const Subject& subject, Ticket* ticket) const {
  ticket->context.mfa = MfaOf(subject);
  WriteOfTenant(subject.user.tenant, ticket);
}

void Evidence::WriteOfTenant(TenantIndex tenant, Ticket* ticket) const {
  const EventTime from = ticket->first_event_time - kBefore;
  const EventTime to = ticket->last_event_time;
  TicketContext& context = ticket->context;
  context.sync = t_.credentials->SyncsIn(tenant, from, to);
  if (context.conditional_access.failure > 0) {
    context.policy_changes = PoliciesOf(tenant, from, to);
  }
}

ShownOf<MfaMethod> Evidence::MfaOf(const Subject& subject) const {
  const UserState* state = t_.users->Find(subject.user);
  if (state == nullptr) return {};
  std::vector<MfaMethod> methods;
  for (const auto& [key, day] :
       state->familiar.MfaDays(subject.start, t_.config->correlation.familiar_days,
                               state->detail == nullptr ? nullptr : &state->detail->spilled)) {
    methods.push_back(
        {std::string(ShownText(t_.methods->Text(key))), EventTime(std::chrono::days(day))});
  }
  std::sort(methods.begin(), methods.end(), [](const MfaMethod& a, const MfaMethod& b) {
    return a.last_day != b.last_day ? a.last_day > b.last_day : a.value < b.value;
  });
  ShownOf<MfaMethod> list{.shown = std::move(methods), .total = 0};
  list.total = list.shown.size();
  if (list.shown.size() > kShownMax) list.shown.resize(kShownMax);
  return list;
}

ShownOf<AuditChange> Evidence::SecurityInfoOf(const Subject& subject) const {
  const EventTime from = subject.start - kBefore;
  const EventTime to = std::max(subject.end, subject.start + t_.config->time.max_clock_skew);
  std::vector<const AuditEvent*> events;
  ForEachHistory(subject, *t_.audits, *t_.pool,
                 [&](const UserKey&, const AuditLog::History& history, const UserKey* name) {
                   for (const AuditEvent& event : history) {
                     if (event.time < from || event.time > to) continue;
                     if (name != nullptr && !Bears(event, *name, *t_.pool)) continue;
                     events.push_back(&event);
                   }
                 });
  return ShownChanges(std::move(events), *t_.pool);
}

ShownOf<AuditChange> Evidence::PoliciesOf(TenantIndex tenant, EventTime from, EventTime to) const {
  const AuditLog::History* history = t_.audits->Find(UserKey(tenant, UserId()));
  std::vector<const AuditEvent*> events;
  if (history != nullptr) {
    for (const AuditEvent& event : *history) {
      if (event.time >= from && event.time <= to) events.push_back(&event);
    }
  }
  return ShownChanges(std::move(events), *t_.pool);
}

bool Evidence::IsTheft(const RiskEntry& entry) const {
  const std::string state = Lower(t_.pool->Get(entry.state));
  return std::find(std::begin(kSettledStates), std::end(kSettledStates), state) ==
             std::end(kSettledStates) &&
         theft_risks_.contains(Lower(t_.pool->Get(entry.type)));
}

bool Evidence::WriteRisks(const Subject& subject, Ticket* ticket) const {
  TicketContext& context = ticket->context;
  bool detected = context.sign_in_risk[static_cast<size_t>(SignInRisk::kHigh)] > 0;
  std::vector<RiskEvent> events;
  if (const RiskLog::History* history = t_.risks->Find(subject.user)) {
    const auto shown = [this](TextId text) { return std::string(ShownText(t_.pool->Get(text))); };
    for (const RiskEntry& entry : *history) {
      if (entry.time < subject.start - t_.config->correlation.risk_before ||
          entry.time > subject.end + t_.config->time.max_clock_skew) {
        continue;
      }
      detected = detected || IsTheft(entry);
      events.push_back({.time = entry.time,
                        .type = shown(entry.type),
                        .level = shown(entry.level),
                        .state = shown(entry.state),
                        .id = shown(entry.id)});
    }
  }
  ShownOf<RiskEvent> list = Latest(std::move(events));
  const bool changed = list != context.risk_events || detected != ticket->findings.risk_detected;
  context.risk_events = std::move(list);
  ticket->findings.risk_detected = detected;
  return changed;
}

}  // namespace signinwatch
