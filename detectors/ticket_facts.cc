#include "detectors/ticket_facts.h"

#include <algorithm>
#include <optional>
#include <string_view>

namespace signinwatch {

BurstFacts TicketFacts::Judge(TicketNumber number, const TicketEntry& entry, Session* session,
                              const BurstRefs& bursts, bool closed, EventTime watermark) const {
  const GroupBy scope = entry.last.scope;
  const bool of_user = scope == GroupBy::kUser;
  const UserState* state = of_user ? users_->Find(entry.key) : nullptr;
  const EventTime start = session->start();
  const auto unfamiliar = [&](const Failure& failure) {
    return of_user && explainer_->Unfamiliar(state, failure, start);
  };
  BurstFacts facts{.ticket = {},
                   .summary = &tracks_->Summarize(session, scope, unfamiliar),
                   .closed = closed,
                   .watermark = watermark};
  Ticket& ticket = facts.ticket;
  ticket.scope = scope;
  ticket.first_event_time = start;
  ticket.last_event_time = session->last();
  ticket.total_event_count = entry.earlier_count;
  uint32_t of_ticket = entry.earlier_bursts;
  for (const BurstRef& burst : bursts) {
    if (*burst.ticket != number) continue;
    ticket.total_event_count += burst.count;
    ++of_ticket;
  }
  ticket.reopened = of_ticket - 1;
  ticket.findings.persistent = IsPersistent(bursts, start, session->last());
  ticket.findings.unfamiliar_source = facts.summary->any_unfamiliar();
  facts.summary->WriteDeciding(*pool_, *profiles_, &ticket);
  ticket.findings.session_elsewhere = ticket.context.sessions_elsewhere.total > 0;
  if (of_user) {
    const Subject subject = facts.SubjectOf(entry.key);
    evidence_->WriteDeciding(subject, &ticket);
    Decide(subject, watermark, &ticket);
  } else {
    DecideTenant(entry.key.tenant, &facts);
  }
  return facts;
}

void TicketFacts::Complete(const TicketEntry& entry, BurstFacts* facts) const {
  Ticket& ticket = facts->ticket;
  ticket.ticket_id = entry.last.ticket_id;
  ticket.revision = entry.last.revision;
  ticket.detector = entry.last.detector;
  ticket.tenant_id = entry.last.tenant_id;
  ticket.user_id = entry.last.user_id;
  ticket.opened_at = entry.last.opened_at;
  ticket.threshold_events = entry.last.threshold_events;
  ticket.threshold_users = entry.last.threshold_users;
  ticket.threshold_window = entry.last.threshold_window;
  ticket.continues = entry.last.continues;
  const BurstSummary& summary = *facts->summary;
  summary.WriteRest(*pool_, *profiles_, rules_->codes(), &ticket);
  const TenantIndex tenant = entry.key.tenant;
  if (ticket.scope == GroupBy::kUser) {
    const Subject subject = facts->SubjectOf(entry.key);
    evidence_->WriteRest(subject, &ticket);
    ticket.changes = explainer_->ChangesOf(subject);
  } else {
    evidence_->WriteOfTenant(tenant, &ticket);
    summary.WriteUsers(
        *pool_,
        [&](const UserText& user) {
          return CauseOf(tenant, *facts, user, *summary.users().Find(user));
        },
        &ticket);
    explainer_->CountTenantChanges(tenant, ticket.first_event_time, ticket.last_event_time,
                                   &ticket);
  }
  if (facts->closed) Resolve(entry, summary, &ticket);
}

void TicketFacts::Explain(const Subject& subject, EventTime watermark, Ticket* ticket) const {
  Decide(subject, watermark, ticket);
  ticket->changes = explainer_->ChangesOf(subject);
}

void TicketFacts::Decide(const Subject& subject, EventTime watermark, Ticket* ticket) const {
  ticket->cause = explainer_->CauseOf(subject, watermark);
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

Cause TicketFacts::CauseOf(TenantIndex tenant, const BurstFacts& facts, const UserText& user,
                           const BurstSummary::UserSpan& span) const {
  return explainer_->CauseOf(
      {KeyOf(tenant, user), span.names_borne, span.first, span.last, facts.closed, span.guest},
      facts.watermark);
}

void TicketFacts::DecideTenant(TenantIndex tenant, BurstFacts* facts) const {
  Ticket& ticket = facts->ticket;
  const BurstSummary::Users& users = facts->summary->users();
  for (const auto& [user, span] : users) {
    ++ticket.users_by_cause[CauseOf(tenant, *facts, user, span)];
  }
  // The cause that at least half of the users have, if there is exactly one.
  ticket.cause = Cause::kMixed;
  int halves = 0;
  for (const auto& [cause, count] : ticket.users_by_cause) {
    if (2 * count < users.size()) continue;
    ticket.cause = ++halves == 1 ? cause : Cause::kMixed;
  }
  ticket.severity = SeverityOf(ticket.cause, ticket.findings, GroupBy::kTenant);
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

bool TicketFacts::IsPersistent(const BurstRefs& bursts, EventTime start, EventTime end) const {
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
