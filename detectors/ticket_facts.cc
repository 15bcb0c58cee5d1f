#include "detectors/ticket_facts.h"

#include <algorithm>
#include <optional>
#include <string_view>

namespace signinwatch {

BurstFacts TicketFacts::Of(TicketNumber number, const TicketEntry& entry, const Session& session,
                           const std::vector<BurstRef>& bursts, bool closed,
                           EventTime watermark) const {
  BurstFacts facts;
  Ticket& ticket = facts.ticket;
  ticket.ticket_id = entry.last.ticket_id;
  ticket.revision = entry.last.revision;
  ticket.detector = entry.last.detector;
  ticket.scope = entry.last.scope;
  ticket.tenant_id = entry.last.tenant_id;
  ticket.user_id = entry.last.user_id;
  ticket.opened_at = entry.last.opened_at;
  ticket.threshold_events = entry.last.threshold_events;
  ticket.threshold_users = entry.last.threshold_users;
  ticket.threshold_window = entry.last.threshold_window;
  ticket.continues = entry.last.continues;
  ticket.first_event_time = session.start();
  ticket.last_event_time = session.last();

  ticket.total_event_count = entry.earlier_count;
  uint32_t of_ticket = entry.earlier_bursts;
  for (const BurstRef& burst : bursts) {
    if (*burst.ticket != number) continue;
    ticket.total_event_count += burst.count;
    ++of_ticket;
  }
  ticket.reopened = of_ticket - 1;
  ticket.findings.persistent = IsPersistent(bursts, session.start(), session.last());

  const bool of_user = ticket.scope == GroupBy::kUser;
  const UserState* state = of_user ? users_->Find(entry.key) : nullptr;
  const BurstSummary summary = session.Summarize(
      *pool_, config_->limits.distinct_values, ticket.scope, [&](const Failure& failure) {
        return of_user && explainer_->Unfamiliar(state, failure, session.start());
      });
  facts.values_evicted = summary.evicted();
  ticket.findings.unfamiliar_source = summary.any_unfamiliar();
  summary.WriteTo(*pool_, *profiles_, rules_->codes(), summary.any_unfamiliar(), &ticket);
  ticket.findings.session_elsewhere = ticket.context.sessions_elsewhere.total > 0;
  if (of_user) {
    static const BurstSummary::UserSpan kNobody;
    const BurstSummary::UserSpan& span =
        summary.users().empty() ? kNobody : summary.users().begin()->second;
    if (closed) {
      facts.names = span.names_borne;
      facts.guest = span.guest;
    }
    const Subject subject{entry.key,      span.names_borne, session.start(),
                          session.last(), closed,           span.guest};
    evidence_->WriteOfUser(subject, &ticket);
    Explain(subject, watermark, &ticket);
  } else {
    evidence_->WriteOfTenant(entry.key.tenant, &ticket);
    ExplainTenant(entry.key.tenant, summary, closed, watermark, &ticket);
  }
  if (closed) Resolve(entry, summary, &ticket);
  return facts;
}

void TicketFacts::Explain(const Subject& subject, EventTime watermark, Ticket* ticket) const {
  ticket->cause = explainer_->CauseOf(subject, watermark);
  ticket->changes = explainer_->ChangesOf(subject);
  Findings& findings = ticket->findings;
  const bool suspect = ticket->cause == Cause::kUnexplained ||
                       ticket->cause == Cause::kHomeTenant || findings.unfamiliar_source;
  findings.security_info_changed = suspect && ticket->context.security_info_changes.total > 0;
  ticket->severity = SeverityOf(ticket->cause, findings, GroupBy::kUser);
}

bool TicketFacts::ReviseRisks(const Subject& subject, Ticket* ticket) const {
  if (!evidence_->WriteRisks(subject, ticket)) return false;
  ticket->severity = SeverityOf(ticket->cause, ticket->findings, GroupBy::kUser);
  return true;
}

void TicketFacts::ExplainTenant(TenantIndex tenant, const BurstSummary& summary, bool closed,
                                EventTime watermark, Ticket* ticket) const {
  const auto cause_of = [&](const UserText& user, const BurstSummary::UserSpan& span) {
    return explainer_->CauseOf(
        {KeyOf(tenant, user), span.names_borne, span.first, span.last, closed, span.guest},
        watermark);
  };
  for (const auto& [user, span] : summary.users()) ++ticket->users_by_cause[cause_of(user, span)];
  summary.WriteUsers(
      *pool_, [&](const UserText& user) { return cause_of(user, *summary.users().Find(user)); },
      ticket);
  // The cause that at least half of the users have, if there is exactly one.
  ticket->cause = Cause::kMixed;
  int halves = 0;
  for (const auto& [cause, users] : ticket->users_by_cause) {
    if (2 * users < summary.users().size()) continue;
    ticket->cause = ++halves == 1 ? cause : Cause::kMixed;
  }
  ticket->severity = SeverityOf(ticket->cause, ticket->findings, GroupBy::kTenant);
  explainer_->CountTenantChanges(tenant, ticket->first_event_time, ticket->last_event_time, ticket);
}

void TicketFacts::Resolve(const TicketEntry& entry, const BurstSummary& summary,
                          Ticket* ticket) const {
  const EventTime end = ticket->last_event_time + (*rules_)[entry.rule].quiet;
  const auto returned = [&](const UserKey& key, EventTime from) -> std::optional<EventTime> {
    const UserState* state = users_->Find(key);
    return state == nullptr ? std::nullopt : state->ReturnIn(from, end);
  };
  ticket->resolution = Resolution::kQuiet;
  if (ticket->scope == GroupBy::kUser) {
    ticket->reauthenticated_at = returned(entry.key, ticket->last_event_time);
    if (ticket->reauthenticated_at) ticket->resolution = Resolution::kReauthenticated;
    return;
  }
  size_t back = 0;
  for (const auto& [user, span] : summary.users()) {
    back += returned(KeyOf(entry.key.tenant, user), span.last).has_value() ? 1 : 0;
  }
  if (!summary.users().empty() && 2 * back >= summary.users().size()) {
    ticket->resolution = Resolution::kReauthenticated;
  }
}

bool TicketFacts::IsPersistent(const std::vector<BurstRef>& bursts, EventTime start,
                               EventTime end) const {
  if (end - start > config_->tickets.persistent_after) return true;
  return std::count_if(bursts.begin(), bursts.end(), [&](const BurstRef& burst) {
           return burst.start >= start - kDay && burst.start < start;
         }) >= 2;
}

UserKey TicketFacts::KeyOf(TenantIndex tenant, const UserText& user) const {
  const std::string_view text = pool_->Get(user.text);
  return UserKey(tenant, user.by_name ? MakeNameId(text) : MakeId<UserId>(text));
}

}  // namespace signinwatch
