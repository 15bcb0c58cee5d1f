// Bursts to tickets.
#include <algorithm>
#include <iterator>
#include <map>
#include <string>
#include <utility>

#include "detectors/detector_impl.h"

namespace signinwatch {
namespace {

constexpr Duration kPace = std::chrono::minutes(1);

// RFC 9562 version 8: the bits are ours, from a hash of what names the ticket.
std::string UuidOf(const std::string& name) {
  Hash128 hash = HashText128(name);
  hash.hi = (hash.hi & ~uint64_t{0xf000}) | 0x8000;
  hash.lo = (hash.lo & ~(uint64_t{3} << 62)) | uint64_t{2} << 62;
  return FormatGuid(hash.hi, hash.lo);
}

}  // namespace

void Detector::Impl::ForEachTicket(const std::function<void(const Ticket&)>& visit) const {
  desk_.ForEach([&](TicketNumber, const TicketEntry& entry) {
    if (entry.last.revision > 0) visit(entry.last);
  });
}

// ------------------------------------------------------------------------- tickets of the bursts

std::vector<Detector::Impl::BurstRef> Detector::Impl::BurstsOf(Track* track) const {
  std::vector<BurstRef> bursts;
  bursts.reserve(track->past.size() + track->sessions.size());
  for (PastBurst& past : track->past) {
    bursts.push_back(
        {past.start, past.end, past.count, &past.ticket, past.continues, nullptr, &past});
  }
  for (const auto& session : track->sessions) {
    if (!session->hot()) continue;
    bursts.push_back({session->start(), session->last(), session->count(), &session->ticket,
                      session->continues, session.get(), nullptr});
  }
  std::stable_sort(bursts.begin(), bursts.end(),
                   [](const BurstRef& a, const BurstRef& b) { return a.start < b.start; });
  return bursts;
}

const Detector::Impl::BurstRef* Detector::Impl::LatestOf(const std::vector<BurstRef>& bursts,
                                                         TicketNumber number) {
  const auto latest = std::find_if(bursts.rbegin(), bursts.rend(),
                                   [&](const BurstRef& burst) { return *burst.ticket == number; });
  return latest == bursts.rend() ? nullptr : &*latest;
}

void Detector::Impl::AssignTickets(const TrackRef& ref, Track* track, EventTime moment) {
  const std::vector<BurstRef> bursts = BurstsOf(track);
  for (const BurstRef& burst : bursts) {
    if (*burst.ticket != 0 && desk_.Find(*burst.ticket) == nullptr) *burst.ticket = 0;
  }
  for (size_t i = 0; i < bursts.size(); ++i) {
    const BurstRef* before = i == 0 ? nullptr : &bursts[i - 1];
    const BurstRef& burst = bursts[i];
    const bool reopens = before != nullptr && !burst.continues && *before->ticket != 0 &&
                         burst.start - before->end < config_.tickets.reopen_within;
    if (*burst.ticket == 0 && burst.session != nullptr) ++counters_.bursts_opened;
    if (reopens && *burst.ticket == 0) {
      *burst.ticket = *before->ticket;
      desk_.Touch(*burst.ticket, moment);
    } else if (reopens) {
      MergeTickets(track, *before->ticket, *burst.ticket, moment);
    } else if (*burst.ticket == 0 && burst.session != nullptr) {
      *burst.ticket = OpenTicket(ref, *burst.session, before, moment);
    }
  }
}

TicketNumber Detector::Impl::OpenTicket(const TrackRef& ref, const Session& session,
                                        const BurstRef* before, EventTime moment) {
  const BurstRule& rule = config_.rules[ref.rule];
  Tenant& tenant = *tenants_[ref.key.tenant];
  TicketEntry entry;
  entry.rule = ref.rule;
  entry.key = ref.key;
  Ticket& ticket = entry.last;
  const Failure* first = session.FirstOfBurst(pool_);
  ticket.ticket_id = TicketIdFor(ref, session.start(), first);
  ticket.detector = rule.name;
  ticket.scope = rule.group_by;
  ticket.tenant_id = std::string(ShownText(tenant.text));
  if (first != nullptr && rule.group_by == GroupBy::kUser && !first->user.by_name) {
    ticket.user_id = std::string(ShownText(pool_.Get(first->user.text)));
  }
  ticket.opened_at = moment;
  ticket.threshold_events = rule.threshold;
  ticket.threshold_users = rule.group_by == GroupBy::kUser ? 1 : rule.min_users;
  ticket.threshold_window = rule.window;
  if (session.continues && before != nullptr && session.first() - before->end < rule.quiet) {
    const TicketEntry* continued = desk_.Find(*before->ticket);
    if (continued != nullptr) ticket.continues = continued->last.ticket_id;
  }
  const TicketNumber number = desk_.Open(std::move(entry));
  ++tenant.tickets;
  if (rule.group_by == GroupBy::kUser) tenant.user_tickets.push_back(number);
  MarkTrack(ref);
  desk_.Touch(number, moment);
  return number;
}

std::string Detector::Impl::TicketIdFor(const TrackRef& ref, EventTime start,
                                        const Failure* first) const {
  const Tenant& tenant = *tenants_[ref.key.tenant];
  std::string name = "signinwatch\n" + tenant.text + "\n" + config_.rules[ref.rule].name + "\n";
  if (ref.key.form != IdForm::kNone) {
    name += ref.key.by_name() ? "name\n" : "id\n";
    name += FormatGuid(ref.key.hi, ref.key.lo) + "\n";
  }
  name += FormatEventTime(start) + "\n";
  if (first != nullptr) name += first->id.ToText(pool_);
  return UuidOf(name);
}

void Detector::Impl::MergeTickets(Track* track, TicketNumber a, TicketNumber b, EventTime moment) {
  if (a == b) return;
  const auto [older, younger] = std::minmax(a, b);
  for (const BurstRef& burst : BurstsOf(track)) {
    if (*burst.ticket == younger) *burst.ticket = older;
  }
  TicketEntry* kept = desk_.Change(older);
  TicketEntry* merged = desk_.Change(younger);
  if (kept == nullptr || merged == nullptr) return;
  kept->earlier_bursts += merged->earlier_bursts;
  kept->earlier_count += merged->earlier_count;
  merged->merged_into = older;
  desk_.Touch(younger, moment);
  desk_.Touch(older, moment);
}

void Detector::Impl::ForgetPast(GroupBy scope, Track* track, EventTime moment) {
  const auto forgotten = [&](const PastBurst& burst) {
    return watermark_ > burst.end + PastSpan(scope);
  };
  for (const PastBurst& burst : track->past) {
    if (!forgotten(burst)) continue;
    // A review that waits for its pace would come too late.
    if (const TicketEntry* entry = desk_.Find(burst.ticket);
        entry != nullptr && entry->review_at != kEndOfTime) {
      Review(burst.ticket, moment);
    }
    const std::vector<BurstRef> bursts = BurstsOf(track);
    const bool held = std::any_of(bursts.begin(), bursts.end(), [&](const BurstRef& other) {
      return *other.ticket == burst.ticket && (other.past == nullptr || !forgotten(*other.past));
    });
    if (!held) {
      DropTicket(burst.ticket);
    } else if (TicketEntry* entry = desk_.Change(burst.ticket)) {
      ++entry->earlier_bursts;
      entry->earlier_count += burst.count;
    }
  }
  std::erase_if(track->past, forgotten);
}

void Detector::Impl::DropTicket(TicketNumber number) {
  const TicketEntry* entry = desk_.Find(number);
  if (entry == nullptr) return;
  const TenantIndex index = entry->key.tenant;
  if (entry->key.form != IdForm::kNone) std::erase(tenants_[index]->user_tickets, number);
  desk_.Drop(number);
  --tenants_[index]->tickets;
  // A merged ticket that waited to be sent may be the last that is held of its tenant.
  ReleaseTenant(index);
}

// ---------------------------------------------------------------------------------------- reviews

void Detector::Impl::TouchUserBursts(const UserKey& key, EventTime moment, bool late) {
  const UserState* state = users_.Find(key);
  if (state == nullptr || state->detail == nullptr) return;
  for (const Track& track : state->detail->tracks) {
    for (const auto& session : track.sessions) {
      if (session->hot()) desk_.Touch(session->ticket, moment);
    }
    for (const PastBurst& burst : track.past) {
      if (!late || watermark_ - burst.end >= config_.tickets.revise_for) continue;
      TicketEntry* entry = desk_.Change(burst.ticket);
      if (entry == nullptr || entry->last.state != TicketState::kResolved) continue;
      entry->recheck_cause = true;
      desk_.Touch(burst.ticket, moment);
    }
  }
}

void Detector::Impl::TouchTenantBursts(TenantIndex tenant, EventTime moment) {
  for (const Track& track : tenants_[tenant]->tracks) {
    for (const auto& session : track.sessions) {
      if (session->hot()) desk_.Touch(session->ticket, moment);
    }
  }
}

void Detector::Impl::TouchForChange(const UserKey& user, TextId name, EventTime moment, bool late) {
  TouchUserBursts(user, moment, late);
  if (user.by_name()) {
    // Bursts of users with an id may bear the name; such changes are rare.
    const std::vector<TicketNumber> numbers = tenants_[user.tenant]->user_tickets;
    for (const TicketNumber number : numbers) {
      if (const TicketEntry* entry = desk_.Find(number)) {
        TouchUserBursts(entry->key, moment, late);
      }
    }
  } else if (name != 0) {
    TouchUserBursts(UserKey(user.tenant, MakeNameId(pool_.Get(name))), moment, late);
  }
  TouchTenantBursts(user.tenant, moment);
}

// A tenant's review looks at every user of the burst, so large bursts are looked at less often.
Duration Detector::Impl::PaceOf(const TicketEntry& entry) const {
  return kPace + std::chrono::milliseconds(entry.last.distinct_users);
}

void Detector::Impl::RunReviews(EventTime moment) {
  while (const TicketNumber number = desk_.NextDue(moment)) Review(number, moment);
}

void Detector::Impl::Review(TicketNumber number, EventTime moment) {
  TicketEntry* entry = desk_.Change(number);
  if (entry->merged_into != 0) {
    SendMerged(number, entry);
    return;
  }
  Track* track = FindTrack({entry->rule, entry->key});
  if (track == nullptr) return;
  const std::vector<BurstRef> bursts = BurstsOf(track);
  const BurstRef* latest = LatestOf(bursts, number);
  if (latest == nullptr) return;
  if (latest->session != nullptr) {
    ReviewOpen(number, entry, track, latest->session, moment);
  } else {
    ReviewResolved(number, entry, *latest->past);
  }
  desk_.Reviewed(entry, moment, PaceOf(*entry));
}

void Detector::Impl::SendMerged(TicketNumber number, TicketEntry* entry) {
  const TicketEntry* into = desk_.Find(entry->merged_into);
  while (into != nullptr && into->merged_into != 0) into = desk_.Find(into->merged_into);
  if (entry->last.revision > 0) {
    Ticket ticket = entry->last;
    ticket.state = TicketState::kMerged;
    ticket.merged_into = into == nullptr ? "" : into->last.ticket_id;
    desk_.Send(number, std::move(ticket), RevisionReason::kMerged);
  }
  DropTicket(number);
}

void Detector::Impl::ReviewOpen(TicketNumber number, TicketEntry* entry, Track* track,
                                Session* session, EventTime moment) {
  const TrackRef ref{entry->rule, entry->key};
  (void)session->Settle(config_.rules[ref.rule], &window_users_);
  uint64_t evicted = 0;
  Ticket ticket = BuildTicket(number, ref, track, *session, false, nullptr, &evicted);
  const Ticket& last = entry->last;
  RevisionReason reason;
  if (last.revision == 0) {
    reason = RevisionReason::kOpened;
  } else if (last.state == TicketState::kResolved) {
    reason = RevisionReason::kReopened;
  } else if (ticket.cause != last.cause) {
    reason = RevisionReason::kCauseChanged;
  } else if (ticket.findings != last.findings) {
    reason = RevisionReason::kFindingsChanged;
  } else if (ticket.severity != last.severity) {
    reason = RevisionReason::kSeverityChanged;
  } else if (ticket.event_count >= 2 * last.event_count) {
    reason = RevisionReason::kCountDoubled;
  } else {
    session->notify_at = 2 * last.event_count;
    if (ticket.scope == GroupBy::kTenant) LinkUserTickets(ref.key.tenant, moment);
    return;
  }
  session->notify_at = 2 * ticket.event_count;
  desk_.Send(number, std::move(ticket), reason);
  if (entry->last.scope == GroupBy::kTenant) LinkUserTickets(ref.key.tenant, moment);
}

void Detector::Impl::ReviewResolved(TicketNumber number, TicketEntry* entry,
                                    const PastBurst& burst) {
  if (entry->last.state != TicketState::kResolved || entry->last.scope != GroupBy::kUser) return;
  Ticket ticket = entry->last;
  const Subject subject{entry->key, burst.names, burst.start, burst.end, true};
  RevisionReason reason = RevisionReason::kParentChanged;
  bool changed = false;
  if (entry->recheck_cause) {
    entry->recheck_cause = false;
    if (explainer_.CauseOf(subject, watermark_) != ticket.cause) {
      ExplainUserBurst(subject, &ticket);
      reason = RevisionReason::kCauseChanged;
      changed = true;
    }
  }
  const std::string parent = ParentOf(entry->key.tenant, burst.start, burst.end);
  if (!parent.empty() && parent != ticket.parent_ticket_id) {
    ticket.parent_ticket_id = parent;
    changed = true;
  }
  if (changed) desk_.Send(number, std::move(ticket), reason);
}

// ---------------------------------------------------------------------------------------- closing

void Detector::Impl::Close(const TrackRef& ref, Track* track, size_t index, EventTime moment) {
  Session& session = *track->sessions[index];
  live_events_ -= session.held();
  --open_sessions_;
  TicketEntry* entry = session.hot() ? desk_.Change(session.ticket) : nullptr;
  if (entry == nullptr) {
    track->sessions.erase(track->sessions.begin() + static_cast<ptrdiff_t>(index));
    return;
  }
  const TicketNumber number = session.ticket;
  PastBurst past{.start = session.start(),
                 .end = session.last(),
                 .count = session.count(),
                 .ticket = number,
                 .continues = session.continues,
                 .names = {}};
  const bool resolves = LatestOf(BurstsOf(track), number)->session == &session;
  if (resolves && entry->last.revision == 0) ReviewOpen(number, entry, track, &session, moment);
  uint64_t evicted = 0;
  Ticket ticket = BuildTicket(number, ref, track, session, true, &past, &evicted);
  values_evicted_ += evicted;
  track->sessions.erase(track->sessions.begin() + static_cast<ptrdiff_t>(index));
  track->past.insert(
      std::upper_bound(track->past.begin(), track->past.end(), past,
                       [](const PastBurst& a, const PastBurst& b) { return a.start < b.start; }),
      std::move(past));
  if (resolves) {
    ticket.state = TicketState::kResolved;
    ticket.resolved_at = moment;
    desk_.Send(number, std::move(ticket), RevisionReason::kResolved);
    desk_.Reviewed(entry, moment, PaceOf(*entry));
    if (const TicketNumber over = desk_.NoteResolved(number); over != 0) DropTicket(over);
  }
  if (ref.key.form == IdForm::kNone) LinkUserTickets(ref.key.tenant, moment);
}

// ---------------------------------------------------------------------------------------- content

UserKey Detector::Impl::KeyOf(TenantIndex tenant, const UserText& user) const {
  const std::string_view text = pool_.Get(user.text);
  return UserKey(tenant, user.by_name ? MakeNameId(text) : MakeId<UserId>(text));
}

Ticket Detector::Impl::BuildTicket(TicketNumber number, const TrackRef& ref, Track* track,
                                   const Session& session, bool closed, PastBurst* past,
                                   uint64_t* evicted) {
  const TicketEntry& entry = *desk_.Find(number);
  Ticket ticket;
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

  const std::vector<BurstRef> bursts = BurstsOf(track);
  ticket.total_event_count = entry.earlier_count;
  uint32_t of_ticket = entry.earlier_bursts;
  for (const BurstRef& burst : bursts) {
    if (*burst.ticket != number) continue;
    ticket.total_event_count += burst.count;
    ++of_ticket;
  }
  ticket.reopened = of_ticket - 1;
  ticket.findings.persistent = Persistent(bursts, session.start(), session.last());

  const bool of_user = ticket.scope == GroupBy::kUser;
  const UserState* state = of_user ? users_.Find(ref.key) : nullptr;
  const BurstSummary summary =
      session.Summarize(pool_, config_.limits.distinct_values, [&](const Failure& failure) {
        return of_user && explainer_.Unfamiliar(state, failure, session.start());
      });
  *evicted = summary.evicted();
  ticket.findings.unfamiliar_source = summary.any_unfamiliar();
  summary.WriteTo(pool_, codes_, summary.any_unfamiliar(), &ticket);
  if (of_user) {
    static const std::vector<TextId> kNoNames;
    const std::vector<TextId>& names =
        summary.users().empty() ? kNoNames : summary.users().begin()->second.names_borne;
    if (past != nullptr) past->names = names;
    ExplainUserBurst({ref.key, names, session.start(), session.last(), closed}, &ticket);
    ticket.parent_ticket_id = ParentOf(ref.key.tenant, session.start(), session.last());
  } else {
    ExplainTenantBurst(ref.key.tenant, summary, closed, &ticket);
  }
  if (closed) Resolve(ref, summary, &ticket);
  return ticket;
}

void Detector::Impl::ExplainUserBurst(const Subject& subject, Ticket* ticket) {
  ticket->cause = explainer_.CauseOf(subject, watermark_);
  ticket->severity = SeverityOf(ticket->cause, ticket->findings, GroupBy::kUser);
  ticket->changes = explainer_.ChangesOf(subject);
}

void Detector::Impl::ExplainTenantBurst(TenantIndex tenant, const BurstSummary& summary,
                                        bool closed, Ticket* ticket) const {
  for (const auto& [user, span] : summary.users()) {
    const Subject subject{KeyOf(tenant, user), span.names_borne, span.first, span.last, closed};
    ++ticket->users_by_cause[explainer_.CauseOf(subject, watermark_)];
  }
  // The cause that at least half of the users have, if there is exactly one.
  ticket->cause = Cause::kMixed;
  int halves = 0;
  for (const auto& [cause, users] : ticket->users_by_cause) {
    if (2 * users < summary.users().size()) continue;
    ticket->cause = ++halves == 1 ? cause : Cause::kMixed;
  }
  ticket->severity = SeverityOf(ticket->cause, ticket->findings, GroupBy::kTenant);
  explainer_.CountTenantChanges(tenant, ticket->first_event_time, ticket->last_event_time, ticket);
}

void Detector::Impl::Resolve(const TrackRef& ref, const BurstSummary& summary,
                             Ticket* ticket) const {
  const EventTime end = ticket->last_event_time + config_.rules[ref.rule].quiet;
  // The user's earliest return in [from, end).
  const auto returned = [&](const UserKey& key, EventTime from) -> std::optional<EventTime> {
    const UserState* state = users_.Find(key);
    if (state == nullptr) return std::nullopt;
    const auto found = std::lower_bound(state->returns.begin(), state->returns.end(), from);
    if (found == state->returns.end() || *found >= end) return std::nullopt;
    return *found;
  };
  ticket->resolution = Resolution::kQuiet;
  if (ticket->scope == GroupBy::kUser) {
    ticket->reauthenticated_at = returned(ref.key, ticket->last_event_time);
    if (ticket->reauthenticated_at) ticket->resolution = Resolution::kReauthenticated;
    return;
  }
  size_t back = 0;
  for (const auto& [user, span] : summary.users()) {
    back += returned(KeyOf(ref.key.tenant, user), span.last).has_value() ? 1 : 0;
  }
  if (!summary.users().empty() && 2 * back >= summary.users().size()) {
    ticket->resolution = Resolution::kReauthenticated;
  }
}

bool Detector::Impl::Persistent(const std::vector<BurstRef>& bursts, EventTime start,
                                EventTime end) const {
  if (end - start > config_.tickets.persistent_after) return true;
  return std::count_if(bursts.begin(), bursts.end(), [&](const BurstRef& burst) {
           return burst.start >= start - kDay && burst.start < start;
         }) >= 2;
}

std::string Detector::Impl::ParentOf(TenantIndex tenant, EventTime start, EventTime end) {
  EventTime first = kEndOfTime;
  TicketNumber parent = 0;
  for (size_t rule = 0; rule < config_.rules.size(); ++rule) {
    if (config_.rules[rule].group_by != GroupBy::kTenant) continue;
    for (const BurstRef& burst : BurstsOf(&tenants_[tenant]->tracks[slot_[rule]])) {
      if (burst.start > end || burst.end < start || burst.start >= first) continue;
      first = burst.start;
      parent = *burst.ticket;
    }
  }
  const TicketEntry* entry = desk_.Find(parent);
  return entry == nullptr ? "" : entry->last.ticket_id;
}

void Detector::Impl::LinkUserTickets(TenantIndex tenant, EventTime moment) {
  for (const TicketNumber number : tenants_[tenant]->user_tickets) {
    const TicketEntry* entry = desk_.Find(number);
    if (entry == nullptr || entry->last.state != TicketState::kResolved) continue;
    const Ticket& last = entry->last;
    const std::string parent = ParentOf(tenant, last.first_event_time, last.last_event_time);
    if (!parent.empty() && parent != last.parent_ticket_id) desk_.Touch(number, moment);
  }
}

}  // namespace signinwatch
