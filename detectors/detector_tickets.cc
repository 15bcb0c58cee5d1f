// Bursts to tickets.
#include <algorithm>
#include <iterator>
#include <map>
#include <string>
#include <utility>

#include "detectors/detector_impl.h"

namespace signinwatch {
namespace {

// RFC 9562 version 8: the bits are ours, from a hash of what names the ticket.
Hash128 UuidOf(const std::string& name) {
  Hash128 hash = HashText128(name);
  hash.hi = (hash.hi & ~uint64_t{0xf000}) | 0x8000;
  hash.lo = (hash.lo & ~(uint64_t{3} << 62)) | uint64_t{2} << 62;
  return hash;
}

// What a look at a ticket costs, in steps of about a tenth of a microsecond (ticket_desk.h).
uint64_t LookCost(const Session& session, const Ticket& ticket, size_t linked) {
  constexpr uint64_t kStepsPerUser = 4;
  return session.held() + kStepsPerUser * ticket.distinct_users + ticket.ip_addresses.total +
         ticket.devices.total + linked;
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
  ticket.ticket_id = NewTicketId(ref, session.start(), first);
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
    ticket.continues = NamedId(*before->ticket, moment);
  }
  const TicketNumber number = desk_.Open(std::move(entry));
  ++tenant.tickets;
  if (rule.group_by == GroupBy::kUser) tenant.user_tickets.push_back(number);
  MarkTrack(ref);
  desk_.Touch(number, moment);
  return number;
}

std::string Detector::Impl::NewTicketId(const TrackRef& ref, EventTime start,
                                        const Failure* first) {
  const Tenant& tenant = *tenants_[ref.key.tenant];
  std::string name = "signinwatch\n" + tenant.text + "\n" + config_.rules[ref.rule].name + "\n";
  if (ref.key.form != IdForm::kNone) {
    name += ref.key.by_name() ? "name\n" : "id\n";
    name += FormatGuid(ref.key.hi, ref.key.lo) + "\n";
  }
  name += FormatEventTime(start) + "\n";
  if (first != nullptr) name += first->id.ToText(pool_);
  Hash128 id = UuidOf(name);
  for (int n = 2; !ids_.Give(id, start); ++n) id = UuidOf(name + "\n" + std::to_string(n));
  return FormatGuid(id.hi, id.lo);
}

std::string Detector::Impl::NamedId(TicketNumber number, EventTime moment) {
  const TicketEntry* entry = desk_.Find(number);
  if (entry == nullptr) return {};
  if (entry->last.revision == 0) Review(number, moment);
  return entry->last.revision == 0 ? std::string() : entry->last.ticket_id;
}

void Detector::Impl::MergeTickets(Track* track, TicketNumber a, TicketNumber b, EventTime moment) {
  if (a == b) return;
  auto [older, younger] = std::pair(std::min(a, b), std::max(a, b));
  // One that was evicted can't go on.
  if (desk_.Find(older) == nullptr) std::swap(older, younger);
  for (const BurstRef& burst : BurstsOf(track)) {
    if (*burst.ticket == younger) *burst.ticket = older;
  }
  TicketEntry* kept = desk_.Edit(older);
  TicketEntry* merged = desk_.Edit(younger);
  if (kept == nullptr || merged == nullptr) return;
  kept->earlier_bursts += merged->earlier_bursts;
  kept->earlier_count += merged->earlier_count;
  merged->merged_into = older;
  TicketDesk::Looked(merged, moment, 0);
  kept->merging.push_back(younger);
  for (const TicketNumber number : std::exchange(merged->merging, {})) {
    desk_.Edit(number)->merged_into = older;
    kept->merging.push_back(number);
  }
  desk_.Touch(younger, moment);
  desk_.Touch(older, moment);
}

void Detector::Impl::ForgetPast(GroupBy scope, Track* track, EventTime moment) {
  const auto forgotten = [&](const PastBurst& burst) {
    return watermark_ > burst.end + PastSpan(scope);
  };
  for (const PastBurst& burst : track->past) {
    TicketEntry* entry = forgotten(burst) ? desk_.Edit(burst.ticket) : nullptr;
    if (entry == nullptr || entry->parting != nullptr) continue;
    const std::vector<BurstRef> bursts = BurstsOf(track);
    const bool held = std::any_of(bursts.begin(), bursts.end(), [&](const BurstRef& other) {
      return *other.ticket == burst.ticket && (other.past == nullptr || !forgotten(*other.past));
    });
    if (held) {
      ++entry->earlier_bursts;
      entry->earlier_count += burst.count;
    } else if (entry->review_at != kEndOfTime) {
      // A review that waits for its pace would come too late.
      const BurstRef* latest = LatestOf(bursts, burst.ticket);
      SendParting(burst.ticket, RevisionOfResolved(entry, *latest->past, moment), moment);
    } else {
      DropTicket(burst.ticket, moment);
    }
  }
  std::erase_if(track->past, forgotten);
}

void Detector::Impl::SendParting(TicketNumber number, std::unique_ptr<Ticket> parting,
                                 EventTime moment) {
  if (parting == nullptr) return DropTicket(number, moment);
  desk_.Part(number, std::move(parting));
  TicketEntry* entry = desk_.Edit(number);
  TicketDesk::Looked(entry, moment, 0);
  if (TicketDesk::MaySend(*entry, moment)) return Review(number, moment);
  desk_.Touch(number, moment);
}

void Detector::Impl::DropTicket(TicketNumber number, EventTime moment) {
  TicketEntry* entry = desk_.Edit(number);
  if (entry == nullptr) return;
  if (TicketEntry* kept = desk_.Edit(entry->merged_into)) std::erase(kept->merging, number);
  // Those that wait to say that they are merged into it know no more than its id from now on.
  for (const TicketNumber merging : std::exchange(entry->merging, {})) {
    TicketEntry* merged = desk_.Edit(merging);
    merged->merged_into = 0;
    const std::string kept = entry->last.revision == 0 ? "" : entry->last.ticket_id;
    SendParting(merging,
                merged->last.revision == 0
                    ? nullptr
                    : std::make_unique<Ticket>(MergedTicket(*merged, kept, moment)),
                moment);
  }
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
      TicketEntry* entry = desk_.Edit(burst.ticket);
      if (entry == nullptr || entry->last.state != TicketState::kResolved) continue;
      entry->recheck_cause = true;
      desk_.Touch(burst.ticket, moment);
    }
  }
}

void Detector::Impl::TouchTenantBursts(TenantIndex tenant, EventTime moment,
                                       TicketDesk::Weight weight) {
  for (const Track& track : tenants_[tenant]->tracks) {
    for (const auto& session : track.sessions) {
      if (session->hot()) desk_.Touch(session->ticket, moment, weight);
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

void Detector::Impl::RunReviews(EventTime moment) {
  while (const TicketNumber number = desk_.NextDue(moment)) Review(number, moment);
}

void Detector::Impl::Review(TicketNumber number, EventTime moment) {
  TicketEntry* entry = desk_.Edit(number);
  entry->review_at = kEndOfTime;  // also where another ticket that names it did not wait for that
  if (entry->parting != nullptr) {
    const std::unique_ptr<Ticket> parting = desk_.TakeParting(number);
    desk_.Send(number, *parting, parting->reason, moment);
    return DropTicket(number, moment);
  }
  if (entry->merged_into != 0) {
    const std::string kept = NamedId(entry->merged_into, moment);
    const bool told = entry->last.revision > 0;
    if (told) {
      Ticket merged = MergedTicket(*entry, kept, moment);
      const RevisionReason reason = merged.reason;
      desk_.Send(number, std::move(merged), reason, moment);
    }
    return DropTicket(number, moment);
  }
  Track* track = FindTrack({entry->rule, entry->key});
  if (track == nullptr) return;
  const std::vector<BurstRef> bursts = BurstsOf(track);
  const BurstRef* latest = LatestOf(bursts, number);
  if (latest == nullptr) return;
  if (latest->session != nullptr) return ReviewOpen(number, entry, track, latest->session, moment);
  if (const auto revision = RevisionOfResolved(entry, *latest->past, moment)) {
    desk_.Send(number, *revision, revision->reason, moment);
  }
}

Ticket Detector::Impl::MergedTicket(const TicketEntry& entry, std::string kept, EventTime moment) {
  Ticket ticket = entry.last;
  ticket.state = TicketState::kMerged;
  ticket.reason = RevisionReason::kMerged;
  ticket.merged_into = std::move(kept);
  if (ticket.merged_into.empty()) {
    // Of rows that were damaged: what it would name is not there.
    ticket.state = TicketState::kResolved;
    ticket.reason = RevisionReason::kResolved;
    ticket.resolution = Resolution::kQuiet;
    ticket.resolved_at = moment;
  }
  return ticket;
}

void Detector::Impl::ReviewOpen(TicketNumber number, TicketEntry* entry, Track* track,
                                Session* session, EventTime moment) {
  const TrackRef ref{entry->rule, entry->key};
  (void)session->Settle(config_.rules[ref.rule], &window_users_);
  uint64_t evicted = 0;
  Ticket ticket = BuildTicket(number, ref, track, *session, false, moment, nullptr, &evicted);
  const bool of_tenant = ticket.scope == GroupBy::kTenant;
  const size_t linked = of_tenant ? tenants_[ref.key.tenant]->user_tickets.size() : 0;
  TicketDesk::Looked(entry, moment, LookCost(*session, ticket, linked));
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
    if (of_tenant) LinkUserTickets(ref.key.tenant, moment);
    return;
  }
  session->notify_at = 2 * ticket.event_count;
  desk_.Send(number, std::move(ticket), reason, moment);
  if (of_tenant) LinkUserTickets(ref.key.tenant, moment);
}

std::unique_ptr<Ticket> Detector::Impl::RevisionOfResolved(TicketEntry* entry,
                                                           const PastBurst& burst,
                                                           EventTime moment) {
  if (entry->last.state != TicketState::kResolved || entry->last.scope != GroupBy::kUser) {
    return nullptr;
  }
  auto ticket = std::make_unique<Ticket>(entry->last);
  const Subject subject{entry->key, burst.names, burst.start, burst.end, true, burst.guest};
  ticket->reason = RevisionReason::kParentChanged;
  bool changed = false;
  if (entry->recheck_cause) {
    entry->recheck_cause = false;
    if (explainer_.CauseOf(subject, watermark_) != ticket->cause) {
      ExplainUserBurst(subject, ticket.get());
      ticket->reason = RevisionReason::kCauseChanged;
      changed = true;
    }
  }
  const std::string parent = NamedId(ParentOf(entry->key.tenant, burst.start, burst.end), moment);
  if (!parent.empty() && parent != ticket->parent_ticket_id) {
    ticket->parent_ticket_id = parent;
    changed = true;
  }
  return changed ? std::move(ticket) : nullptr;
}

// ---------------------------------------------------------------------------------------- closing

void Detector::Impl::Close(const TrackRef& ref, Track* track, size_t index, EventTime moment) {
  Session& session = *track->sessions[index];
  live_events_.Remove(ref.key.tenant, session.held());
  folded_bytes_ -= std::min(folded_bytes_, session.folded_bytes());
  --open_sessions_;
  TicketEntry* entry = session.hot() ? desk_.Edit(session.ticket) : nullptr;
  if (entry == nullptr) {
    NoteNearMiss(ref, session);
    track->sessions.erase(track->sessions.begin() + static_cast<ptrdiff_t>(index));
    return;
  }
  const TicketNumber number = session.ticket;
  PastBurst past{.start = session.start(),
                 .end = session.last(),
                 .count = session.count(),
                 .ticket = number,
                 .continues = session.continues,
                 .guest = false,
                 .names = {}};
  const std::vector<BurstRef> bursts = BurstsOf(track);
  const BurstRef* latest = LatestOf(bursts, number);
  // Another burst of the ticket that is still open resolves it.
  const bool resolves = latest->session == &session ||
                        (latest->session == nullptr && entry->last.state == TicketState::kOpen);
  if (resolves && entry->last.revision == 0) ReviewOpen(number, entry, track, &session, moment);
  uint64_t evicted = 0;
  Ticket ticket = BuildTicket(number, ref, track, session, true, moment, &past, &evicted);
  values_evicted_ += evicted;
  track->sessions.erase(track->sessions.begin() + static_cast<ptrdiff_t>(index));
  track->past.insert(
      std::upper_bound(track->past.begin(), track->past.end(), past,
                       [](const PastBurst& a, const PastBurst& b) { return a.start < b.start; }),
      std::move(past));
  if (resolves) {
    ticket.state = TicketState::kResolved;
    ticket.resolved_at = moment;
    desk_.Send(number, std::move(ticket), RevisionReason::kResolved, moment);
    desk_.NoteResolved(number);
    while (desk_.over_limit() && EvictTicket(moment)) {
    }
  }
  if (ref.key.form == IdForm::kNone) LinkUserTickets(ref.key.tenant, moment);
}

void Detector::Impl::NoteNearMiss(const TrackRef& ref, const Session& session) {
  const BurstRule& rule = config_.rules[ref.rule];
  const auto peak = session.NearMiss(rule, &window_users_);
  if (!peak) return;
  NearMiss miss{.detector = rule.name,
                .scope = rule.group_by,
                .tenant_id = std::string(ShownText(tenants_[ref.key.tenant]->text)),
                .user = {},
                .events = peak->events,
                .users = peak->users,
                .threshold_events = rule.threshold,
                .threshold_users = rule.min_users,
                .first_event_time = peak->first,
                .last_event_time = peak->last};
  if (const Failure* failure = session.any_failure();
      failure != nullptr && rule.group_by == GroupBy::kUser) {
    std::string_view name = pool_.Get(failure->user_principal_name);
    if (name.empty()) name = pool_.Get(failure->user.text);
    miss.user = std::string(ShownText(name));
  }
  if (near_misses_.size() == kNearMissesMax) near_misses_.pop_front();
  near_misses_.push_back(std::move(miss));
}

// ---------------------------------------------------------------------------------------- content

UserKey Detector::Impl::KeyOf(TenantIndex tenant, const UserText& user) const {
  const std::string_view text = pool_.Get(user.text);
  return UserKey(tenant, user.by_name ? MakeNameId(text) : MakeId<UserId>(text));
}

Ticket Detector::Impl::BuildTicket(TicketNumber number, const TrackRef& ref, Track* track,
                                   const Session& session, bool closed, EventTime moment,
                                   PastBurst* past, uint64_t* evicted) {
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
    static const BurstSummary::UserSpan kNobody;
    const BurstSummary::UserSpan& span =
        summary.users().empty() ? kNobody : summary.users().begin()->second;
    if (past != nullptr) {
      past->names = span.names_borne;
      past->guest = span.guest;
    }
    ExplainUserBurst(
        {ref.key, span.names_borne, session.start(), session.last(), closed, span.guest}, &ticket);
    ticket.parent_ticket_id =
        NamedId(ParentOf(ref.key.tenant, session.start(), session.last()), moment);
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
  const auto cause_of = [&](const UserText& user, const BurstSummary::UserSpan& span) {
    return explainer_.CauseOf(
        {KeyOf(tenant, user), span.names_borne, span.first, span.last, closed, span.guest},
        watermark_);
  };
  for (const auto& [user, span] : summary.users()) ++ticket->users_by_cause[cause_of(user, span)];
  summary.WriteUsers(
      pool_, [&](const UserText& user) { return cause_of(user, summary.users().at(user)); },
      ticket);
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

TicketNumber Detector::Impl::ParentOf(TenantIndex tenant, EventTime start, EventTime end) {
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
  return parent;
}

void Detector::Impl::LinkUserTickets(TenantIndex tenant, EventTime moment) {
  for (const TicketNumber number : tenants_[tenant]->user_tickets) {
    const TicketEntry* entry = desk_.Find(number);
    if (entry == nullptr || entry->last.state != TicketState::kResolved) continue;
    const Ticket& last = entry->last;
    const TicketEntry* parent =
        desk_.Find(ParentOf(tenant, last.first_event_time, last.last_event_time));
    if (parent != nullptr && parent->last.ticket_id != last.parent_ticket_id) {
      desk_.Touch(number, moment);
    }
  }
}

}  // namespace signinwatch
