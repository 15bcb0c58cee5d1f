#include "detectors/burst_tickets.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "detectors/row_archive.h"

namespace signinwatch {
namespace {

// Ids are remembered for less time than tickets are held, but also of those that were merged or
// evicted.
constexpr size_t kIdsPerTicket = 4;
constexpr size_t kIdsMin = 1024;
constexpr size_t kTicketIdBytes = 112;

// RFC 9562 version 8: the bits are ours, from a hash of what names the ticket.
Hash128 UuidOf(const std::string& name) {
  Hash128 hash = HashText128(name);
  hash.hi = (hash.hi & ~uint64_t{0xf000}) | 0x8000;
  hash.lo = (hash.lo & ~(uint64_t{3} << 62)) | uint64_t{2} << 62;
  return hash;
}

// Whether a burst of the track begins after that of the session, or may.
bool HasLater(const Track& track, const Session& session) {
  return track.sessions.back().get() != &session ||
         (!track.past.empty() && track.past.back().start > session.start());
}

// What a look at a ticket costs, in steps of about a tenth of a microsecond (ticket_desk.h).
uint64_t LookCost(const Session& session, const BurstFacts& facts, size_t linked) {
  constexpr uint64_t kStepsPerUser = 4;
  return session.held() + kStepsPerUser * facts.ticket.distinct_users + facts.summary->values() +
         linked;
}

// What of a failure can change a burst's findings or cause: where it came from, in which session
// and at which risk, under which name, and whether as a guest.
uint64_t FingerprintOf(const Failure& failure) {
  uint64_t hash = failure.address().FamiliarNetwork();
  for (const uint64_t part : {uint64_t{failure.country}, uint64_t{failure.device},
                              uint64_t{failure.session} << 32 | failure.profile,
                              uint64_t{failure.user_principal_name} << 1 | failure.guest}) {
    hash = (hash ^ part) * 0x9e3779b97f4a7c15u;
    hash ^= hash >> 29;
  }
  return hash;
}

}  // namespace

BurstTickets::BurstTickets(const Tables& tables)
    : t_(tables),
      desk_(tables.config->limits.tickets, tables.config->limits.ticket_bytes),
      ids_(kIdsMin + kIdsPerTicket * tables.config->limits.tickets) {}

// -------------------------------------------------------------- what became of a track's bursts

void BurstTickets::NoteJoined(Track* track, const TrackUpdate& update, Now now) {
  if (update.joined_ticket != 0) Merge(track, update.kept_ticket, update.joined_ticket, now);
}

void BurstTickets::NoteFailure(const TrackRef& ref, Track* track, const TrackUpdate& update,
                               const Failure& failure, bool moved, Now now) {
  Session& session = *update.session;
  // A burst that has grown may have come near enough to the one after it to share a ticket.
  if (moved || (session.hot() && (session.ticket == 0 || HasLater(*track, session)))) {
    Assign(ref, track, now);
  }
  if (moved) {
    // Also what another burst of the key says: a new one before it may make it persistent.
    for (const auto& other : track->sessions) desk_.Touch(other->ticket, now.moment);
  }
  if (!session.hot()) return;
  const Duration length = session.last() - session.start();
  const bool now_long = !session.long_noted && length > t_.config->tickets.persistent_after;
  session.long_noted |= now_long;
  const bool of_user = !ref.key.is_tenant();
  if (session.count() >= session.notify_at || now_long ||
      (of_user && (session.NoteSource(FingerprintOf(failure)) ||
                   ReachesPasswordFailures(ref.key, update.end_before, session.last())))) {
    desk_.Touch(session.ticket, now.moment);
  } else if (!of_user) {
    desk_.Touch(session.ticket, now.moment, Weight::kSlight);
  }
}

// Failures with a wrong or an expired password up to a burst's end decide its cause.
bool BurstTickets::ReachesPasswordFailures(const UserKey& user, EventTime end_before,
                                           EventTime end) const {
  if (end <= end_before) return false;
  const UserDetail* detail = t_.users->FindDetail(user);
  return detail != nullptr && detail->AnyPasswordFailureIn(end_before + Duration{1}, end);
}

void BurstTickets::NoteSettled(const TrackRef& ref, Track* track, bool moved, Now now) {
  Assign(ref, track, now);
  for (const auto& session : track->sessions) {
    desk_.Touch(session->ticket, now.moment, moved ? Weight::kFull : Weight::kSlight);
  }
}

void BurstTickets::Assign(const TrackRef& ref, Track* track, Now now) {
  const BurstRefs bursts = BurstsOf(track);
  for (const BurstRef& burst : bursts) {
    if (*burst.ticket != 0 && desk_.Find(*burst.ticket) == nullptr) *burst.ticket = 0;
  }
  for (size_t i = 0; i < bursts.size(); ++i) {
    const BurstRef* before = i == 0 ? nullptr : &bursts[i - 1];
    const BurstRef& burst = bursts[i];
    const bool reopens = before != nullptr && !burst.continues && *before->ticket != 0 &&
                         burst.start - before->end < t_.config->tickets.reopen_within;
    if (*burst.ticket == 0 && burst.session != nullptr) ++bursts_opened_;
    if (reopens && *burst.ticket == 0) {
      *burst.ticket = *before->ticket;
      desk_.Touch(*burst.ticket, now.moment);
    } else if (reopens) {
      Merge(track, *before->ticket, *burst.ticket, now);
    } else if (*burst.ticket == 0 && burst.session != nullptr) {
      *burst.ticket = Open(ref, *burst.session, before, now);
    }
  }
}

TicketNumber BurstTickets::Open(const TrackRef& ref, const Session& session, const BurstRef* before,
                                Now now) {
  const BurstRule& rule = (*t_.rules)[ref.rule];
  TicketEntry entry;
  entry.rule = ref.rule;
  entry.key = ref.key;
  Ticket& ticket = entry.last;
  const Failure* first = session.FirstOfBurst(*t_.pool);
  ticket.ticket_id = NewId(ref, session.start(), first);
  ticket.detector = rule.name;
  ticket.scope = rule.group_by;
  ticket.tenant_id = std::string(ShownText(t_.tenants->text(ref.key.tenant)));
  if (first != nullptr && rule.group_by == GroupBy::kUser && !first->user.by_name) {
    ticket.user_id = std::string(ShownText(t_.pool->Get(first->user.text)));
  }
  ticket.opened_at = now.moment;
  ticket.threshold_events = rule.threshold;
  ticket.threshold_users = rule.group_by == GroupBy::kUser ? 1 : rule.min_users;
  ticket.threshold_window = rule.window;
  if (session.continues && before != nullptr && session.first() - before->end < rule.quiet) {
    ticket.continues = NamedId(*before->ticket, now);
  }
  const TicketNumber number = desk_.Open(std::move(entry));
  Hold(ref.key, number);
  t_.journal->MarkTracks(ref.key);
  desk_.Touch(number, now.moment);
  return number;
}

std::string BurstTickets::NewId(const TrackRef& ref, EventTime start, const Failure* first) {
  std::string name =
      "signinwatch\n" + t_.tenants->text(ref.key.tenant) + "\n" + (*t_.rules)[ref.rule].name + "\n";
  if (!ref.key.is_tenant()) {
    name += ref.key.by_name() ? "name\n" : "id\n";
    name += FormatGuid(ref.key.hi, ref.key.lo) + "\n";
  }
  name += FormatEventTime(start) + "\n";
  if (first != nullptr) name += first->id.ToText(*t_.pool);
  Hash128 id = UuidOf(name);
  for (int n = 2; !ids_.Give(id, start); ++n) id = UuidOf(name + "\n" + std::to_string(n));
  return FormatGuid(id.hi, id.lo);
}

std::string BurstTickets::NamedId(TicketNumber number, Now now) {
  const TicketEntry* entry = desk_.Find(number);
  if (entry == nullptr) return {};
  if (entry->last.revision == 0) Review(number, now);
  return entry->last.revision == 0 ? std::string() : entry->last.ticket_id;
}

void BurstTickets::Merge(Track* track, TicketNumber a, TicketNumber b, Now now) {
  if (a == b) return;
  auto [older, younger] = std::pair(std::min(a, b), std::max(a, b));
  // One whose row was lost can't go on.
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
  TicketDesk::Looked(merged, now.moment, 0);
  kept->merging.push_back(younger);
  for (const TicketNumber number : std::exchange(merged->merging, {})) {
    desk_.Edit(number)->merged_into = older;
    kept->merging.push_back(number);
  }
  desk_.Touch(younger, now.moment);
  desk_.Touch(older, now.moment);
}

void BurstTickets::NoteGrace(Session* session, Now now) {
  if (!session->hot() || session->grace_over ||
      now.watermark <= session->start() + t_.config->correlation.correlation_grace) {
    return;
  }
  session->grace_over = true;
  desk_.Touch(session->ticket, now.moment);
}

bool BurstTickets::Close(const TrackRef& ref, Track* track, size_t index, Now now) {
  Session& session = *track->sessions[index];
  TicketEntry* entry = session.hot() ? desk_.Edit(session.ticket) : nullptr;
  if (entry == nullptr) return false;
  const TicketNumber number = session.ticket;
  const BurstRefs bursts = BurstsOf(track);
  const BurstRef* latest = LatestOf(bursts, number);
  // Another burst of the ticket that is still open resolves it.
  const bool resolves = latest->session == &session ||
                        (latest->session == nullptr && entry->last.state == TicketState::kOpen);
  if (resolves && entry->last.revision == 0) ReviewOpen(number, entry, track, &session, now);
  BurstFacts facts =
      t_.facts->Judge(number, *entry, &session, BurstsOf(track), true, now.watermark);
  values_evicted_ += facts.summary->evicted();
  if (resolves) Complete(session, *entry, &facts, now);
  const bool of_user = !ref.key.is_tenant();
  t_.tracks->Close(ref, track, index,
                   PastBurst{.start = session.start(),
                             .end = session.last(),
                             .count = session.count(),
                             .ticket = number,
                             .continues = session.continues,
                             .guest = of_user && facts.user().guest,
                             .names = of_user ? facts.user().names_borne : std::vector<TextId>()});
  if (resolves) {
    facts.ticket.state = TicketState::kResolved;
    facts.ticket.resolved_at = now.moment;
    desk_.Send(number, std::move(facts.ticket), RevisionReason::kResolved, now.moment);
    desk_.NoteResolved(number);
    while (desk_.over_limit() && EvictOldest(now)) {
    }
  }
  if (ref.key.is_tenant()) LinkUserTickets(ref.key.tenant, now);
  return true;
}

void BurstTickets::ForgetPast(GroupBy scope, Track* track, Now now) {
  const auto forgotten = [&](const PastBurst& burst) {
    return now.watermark > burst.end + t_.rules->PastSpan(scope);
  };
  for (const PastBurst& burst : track->past) {
    TicketEntry* entry = forgotten(burst) ? desk_.Edit(burst.ticket) : nullptr;
    if (entry == nullptr || entry->parting != nullptr) continue;
    const BurstRefs bursts = BurstsOf(track);
    const bool held = std::any_of(bursts.begin(), bursts.end(), [&](const BurstRef& other) {
      return *other.ticket == burst.ticket && (other.past == nullptr || !forgotten(*other.past));
    });
    if (held) {
      ++entry->earlier_bursts;
      entry->earlier_count += burst.count;
    } else if (entry->review_at != kEndOfTime) {
      // A review that waits for its pace would come too late.
      const BurstRef* latest = LatestOf(bursts, burst.ticket);
      SendParting(burst.ticket, RevisionOfResolved(entry, *latest->past, now), now);
    } else {
      Drop(burst.ticket, now);
    }
  }
  std::erase_if(track->past, forgotten);
}

void BurstTickets::SendParting(TicketNumber number, std::unique_ptr<Ticket> parting, Now now) {
  if (parting == nullptr) return Drop(number, now);
  desk_.Part(number, std::move(parting));
  TicketEntry* entry = desk_.Edit(number);
  TicketDesk::Looked(entry, now.moment, 0);
  if (TicketDesk::MaySend(*entry, now.moment)) return Review(number, now);
  desk_.Touch(number, now.moment);
}

// ---------------------------------------------------------------------------------------- holding

void BurstTickets::Hold(const UserKey& key, TicketNumber number) {
  OfTenant& held = of_tenants_[key.tenant];
  ++held.tickets;
  if (!key.is_tenant()) held.of_users.push_back(number);
}

void BurstTickets::Drop(TicketNumber number, Now now) {
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
                    : std::make_unique<Ticket>(MergedTicket(*merged, kept, now)),
                now);
  }
  const UserKey key = entry->key;
  desk_.Drop(number);
  OfTenant& held = of_tenants_[key.tenant];
  if (!key.is_tenant()) std::erase(held.of_users, number);
  if (--held.tickets > 0) return;
  // A merged ticket that waited to be sent may be the last that is held of its tenant.
  of_tenants_.erase(key.tenant);
  t_.tenants->MayBeIdle(key.tenant);
}

const std::vector<TicketNumber>& BurstTickets::UserTicketsOf(TenantIndex tenant) const {
  static const std::vector<TicketNumber> kNone;
  const auto found = of_tenants_.find(tenant);
  return found == of_tenants_.end() ? kNone : found->second.of_users;
}

void BurstTickets::ForgetIds(EventTime watermark) {
  ids_.ForgetBefore(watermark - t_.rules->PastSpan(GroupBy::kUser));
}

bool BurstTickets::EvictOldest(Now now) {
  const TicketNumber oldest = desk_.EvictOldest();
  if (oldest != 0) Drop(oldest, now);
  return oldest != 0;
}

size_t BurstTickets::bytes() const { return desk_.bytes() + ids_.size() * kTicketIdBytes; }

// ------------------------------------------------------------------- what may change what they say

void BurstTickets::TouchUser(const UserKey& user, Now now, bool late) {
  const TrackTable::Tracks* tracks = t_.tracks->Of(user);
  if (tracks == nullptr) return;
  for (const Track& track : *tracks) {
    for (const auto& session : track.sessions) {
      if (session->hot()) desk_.Touch(session->ticket, now.moment);
    }
    for (const PastBurst& burst : track.past) {
      if (!late || now.watermark - burst.end >= t_.config->tickets.revise_for) continue;
      TicketEntry* entry = desk_.Edit(burst.ticket);
      if (entry == nullptr || entry->last.state != TicketState::kResolved) continue;
      entry->recheck_cause = true;
      desk_.Touch(burst.ticket, now.moment);
    }
  }
}

void BurstTickets::TouchTenant(TenantIndex tenant, Now now, Weight weight) {
  const TrackTable::Tracks* tracks = t_.tracks->Of(UserKey(tenant, UserId()));
  if (tracks == nullptr) return;
  for (const Track& track : *tracks) {
    for (const auto& session : track.sessions) {
      if (session->hot()) desk_.Touch(session->ticket, now.moment, weight);
    }
  }
}

void BurstTickets::TouchForRisk(const UserKey& user, Now now) {
  TouchUser(user, now);
  const TrackTable::Tracks* tracks = t_.tracks->Of(user);
  if (tracks == nullptr) return;
  for (const Track& track : *tracks) {
    for (const PastBurst& burst : track.past) {
      if (now.watermark - burst.end >= t_.config->tickets.revise_risks_for) continue;
      TicketEntry* entry = desk_.Edit(burst.ticket);
      if (entry == nullptr || entry->last.state != TicketState::kResolved) continue;
      entry->recheck_risks = true;
      desk_.Touch(burst.ticket, now.moment);
    }
  }
}

void BurstTickets::TouchForChange(const UserKey& user, TextId name, Now now, bool late) {
  TouchNamed(user, name, now, late);
  TouchTenant(user.tenant, now);
}

void BurstTickets::TouchNamed(const UserKey& user, TextId name, Now now, bool late) {
  TouchUser(user, now, late);
  if (user.by_name()) {
    // Bursts of users with an id may bear the name; such changes are rare.
    for (const TicketNumber number : UserTicketsOf(user.tenant)) {
      if (const TicketEntry* entry = desk_.Find(number)) TouchUser(entry->key, now, late);
    }
  } else if (name != 0) {
    TouchUser(UserKey(user.tenant, MakeNameId(t_.pool->Get(name))), now, late);
  }
}

TicketNumber BurstTickets::ParentOf(TenantIndex tenant, EventTime start, EventTime end) {
  EventTime first = kEndOfTime;
  TicketNumber parent = 0;
  TrackTable::Tracks* tracks = t_.tracks->Of(UserKey(tenant, UserId()));
  if (tracks == nullptr) return parent;
  for (Track& track : *tracks) {
    for (const BurstRef& burst : BurstsOf(&track)) {
      if (burst.start > end || burst.end < start || burst.start >= first) continue;
      first = burst.start;
      parent = *burst.ticket;
    }
  }
  return parent;
}

void BurstTickets::LinkUserTickets(TenantIndex tenant, Now now) {
  for (const TicketNumber number : UserTicketsOf(tenant)) {
    const TicketEntry* entry = desk_.Find(number);
    if (entry == nullptr || entry->last.state != TicketState::kResolved) continue;
    const Ticket& last = entry->last;
    const TicketEntry* parent =
        desk_.Find(ParentOf(tenant, last.first_event_time, last.last_event_time));
    if (parent != nullptr && parent->last.ticket_id != last.parent_ticket_id) {
      desk_.Touch(number, now.moment);
    }
  }
}

// ---------------------------------------------------------------------------------------- reviews

void BurstTickets::RunReviews(Now now) {
  while (const TicketNumber number = desk_.NextDue(now.moment)) Review(number, now);
}

void BurstTickets::Review(TicketNumber number, Now now) {
  TicketEntry* entry = desk_.Edit(number);
  entry->review_at = kEndOfTime;  // also where another ticket that names it did not wait for that
  if (entry->parting != nullptr) {
    const std::unique_ptr<Ticket> parting = desk_.TakeParting(number);
    desk_.Send(number, *parting, parting->reason, now.moment);
    return Drop(number, now);
  }
  if (entry->merged_into != 0) {
    const std::string kept = NamedId(entry->merged_into, now);
    const bool told = entry->last.revision > 0;
    if (told) {
      Ticket merged = MergedTicket(*entry, kept, now);
      const RevisionReason reason = merged.reason;
      desk_.Send(number, std::move(merged), reason, now.moment);
    }
    return Drop(number, now);
  }
  Track* track = t_.tracks->Find({entry->rule, entry->key});
  if (track == nullptr) return;
  const BurstRefs bursts = BurstsOf(track);
  const BurstRef* latest = LatestOf(bursts, number);
  if (latest == nullptr) return;
  if (latest->session != nullptr) return ReviewOpen(number, entry, track, latest->session, now);
  if (const auto revision = RevisionOfResolved(entry, *latest->past, now)) {
    desk_.Send(number, *revision, revision->reason, now.moment);
  }
}

Ticket BurstTickets::MergedTicket(const TicketEntry& entry, std::string kept, Now now) {
  Ticket ticket = entry.last;
  ticket.state = TicketState::kMerged;
  ticket.reason = RevisionReason::kMerged;
  ticket.merged_into = std::move(kept);
  if (ticket.merged_into.empty()) {
    // Of rows that were damaged: what it would name is not there.
    ticket.state = TicketState::kResolved;
    ticket.reason = RevisionReason::kResolved;
    ticket.resolution = Resolution::kQuiet;
    ticket.resolved_at = now.moment;
  }
  return ticket;
}

void BurstTickets::Complete(const Session& session, const TicketEntry& entry, BurstFacts* facts,
                            Now now) {
  t_.facts->Complete(entry, facts);
  if (facts->ticket.scope == GroupBy::kUser) {
    facts->ticket.parent_ticket_id =
        NamedId(ParentOf(entry.key.tenant, session.start(), session.last()), now);
  }
}

void BurstTickets::ReviewOpen(TicketNumber number, TicketEntry* entry, Track* track,
                              Session* session, Now now) {
  (void)t_.tracks->SettleOne({entry->rule, entry->key}, session);
  BurstFacts facts =
      t_.facts->Judge(number, *entry, session, BurstsOf(track), false, now.watermark);
  const Ticket& ticket = facts.ticket;
  const bool of_tenant = ticket.scope == GroupBy::kTenant;
  const TenantIndex tenant = entry->key.tenant;
  const size_t linked = of_tenant ? UserTicketsOf(tenant).size() : 0;
  TicketDesk::Looked(entry, now.moment, LookCost(*session, facts, linked));
  const Ticket& last = entry->last;
  RevisionReason reason;
  if (last.revision == 0) {
    reason = RevisionReason::kOpened;
  } else if (last.state == TicketState::kResolved) {
    reason = RevisionReason::kReopened;
  } else if (ticket.cause != last.cause) {
    reason = RevisionReason::kCauseChanged;
  } else if (ticket.findings != last.findings ||
             ticket.context.risk_events != last.context.risk_events) {
    reason = RevisionReason::kFindingsChanged;
  } else if (ticket.severity != last.severity) {
    reason = RevisionReason::kSeverityChanged;
  } else if (ticket.event_count >= 2 * last.event_count) {
    reason = RevisionReason::kCountDoubled;
  } else {
    session->notify_at = 2 * last.event_count;
    if (of_tenant) LinkUserTickets(tenant, now);
    return;
  }
  session->notify_at = 2 * ticket.event_count;
  Complete(*session, *entry, &facts, now);
  desk_.Send(number, std::move(facts.ticket), reason, now.moment);
  if (of_tenant) LinkUserTickets(tenant, now);
}

std::unique_ptr<Ticket> BurstTickets::RevisionOfResolved(TicketEntry* entry, const PastBurst& burst,
                                                         Now now) {
  if (entry->last.state != TicketState::kResolved || entry->last.scope != GroupBy::kUser) {
    return nullptr;
  }
  auto ticket = std::make_unique<Ticket>(entry->last);
  const Subject subject{entry->key, burst.names, burst.start, burst.end, true, burst.guest};
  ticket->reason = RevisionReason::kParentChanged;
  bool changed = false;
  if (entry->recheck_cause) {
    entry->recheck_cause = false;
    if (t_.explainer->CauseOf(subject, now.watermark) != ticket->cause) {
      t_.facts->Explain(subject, now.watermark, ticket.get());
      ticket->reason = RevisionReason::kCauseChanged;
      changed = true;
    }
  }
  if (entry->recheck_risks) {
    entry->recheck_risks = false;
    if (t_.facts->ReviseRisks(subject, ticket.get())) {
      if (!changed) ticket->reason = RevisionReason::kFindingsChanged;
      changed = true;
    }
  }
  const std::string parent = NamedId(ParentOf(entry->key.tenant, burst.start, burst.end), now);
  if (!parent.empty() && parent != ticket->parent_ticket_id) {
    ticket->parent_ticket_id = parent;
    changed = true;
  }
  return changed ? std::move(ticket) : nullptr;
}

// ------------------------------------------------------------------------------------------- rows

void BurstTickets::EmitTicket(TicketNumber number, const Emit& emit) {
  std::string key = RowKey(RowKind::kTicket, number);
  TicketEntry* entry = desk_.Edit(number);
  if (entry == nullptr) return emit({std::move(key), {}});
  RowWriter writer(nullptr);
  TenantId tenant = t_.tenants->id(entry->key.tenant);
  UserId user = entry->key.user();
  entry->Archive(writer, tenant, user);
  emit(CheckedRow(std::move(key), writer.Take()));
}

void BurstTickets::EmitId(const Hash128& id, EventTime start, const Emit& emit) {
  emit(start == kEndOfTime ? StateRow{RowKey(RowKind::kTicketId, id), {}}
                           : TimeRow(RowKind::kTicketId, id, start));
}

void BurstTickets::Save(const Emit& emit) {
  desk_.ForEach([&](TicketNumber number, const TicketEntry&) { EmitTicket(number, emit); });
  ids_.ForEach([&](const Hash128& id, EventTime start) { EmitId(id, start, emit); });
}

void BurstTickets::SaveChanges(const Emit& emit) {
  for (const TicketNumber number : desk_.TakeJournal()) EmitTicket(number, emit);
  (void)desk_.TakeJournal();  // reading them for the rows is no change
  for (const Hash128& id : ids_.TakeJournal()) EmitId(id, ids_.StartOf(id), emit);
}

void BurstTickets::StartJournal() {
  (void)desk_.TakeJournal();
  (void)ids_.TakeJournal();
}

bool BurstTickets::ReadTicket(std::string_view key, const SavedRules& saved, RowReader* row,
                              const std::function<TenantIndex(const TenantId&)>& tenant_of) {
  TicketNumber number = 0;
  if (!ReadRowKey(key, &number)) return false;
  TicketEntry entry;
  TenantId tenant;
  UserId user;
  entry.Archive(*row, tenant, user);
  if (!row->done() || entry.rule >= saved.rules.size()) return false;
  entry.key = UserKey(tenant_of(tenant), user);
  Hold(entry.key, number);
  desk_.Restore(number, std::move(entry));
  return true;
}

bool BurstTickets::ReadId(std::string_view key, std::string_view value) {
  Hash128 id;
  EventTime start;
  if (!ReadTimeRow(key, value, &id, &start)) return false;
  ids_.Restore(id, start);
  return true;
}

void BurstTickets::NoteRules(std::vector<bool>* used) const {
  desk_.ForEach([used](TicketNumber, const TicketEntry& entry) { (*used)[entry.rule] = true; });
}

void BurstTickets::AdoptRules(const RuleBook::Places& places) {
  desk_.ForEach([&places](TicketNumber, TicketEntry& entry) { entry.rule = places[entry.rule]; });
}

}  // namespace signinwatch
