// Saving and loading.
//
// Rows by the first byte of their key: 'm' the watermark and counts (one row), 't' a tenant and its
// tracks, 'u' a user with everything of them, 'c' a user's credential events, 'k' a ticket, 'd' an
// id of the duplicates' index, 'i' the id of a ticket. Tenants are named by their id, for their
// numbers are of one run.
//
// A row's value ends in a check of its key and value, so that damage in whatever place is refused
// and what is loaded needs no second look.
#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "detectors/detector_impl.h"
#include "detectors/row_archive.h"

namespace signinwatch {

template <typename A, typename Tag>
void Fields(A& a, NamedId<Tag>& id) {
  a(id.hi, id.lo, id.form);
}
template <typename A>
void Fields(A& a, Hash128& hash) {
  a(hash.hi, hash.lo);
}
template <typename A>
void Fields(A& a, EventId& id) {
  a(id.hi, id.lo);
  a.Text(id.text);
}
template <typename A>
void Fields(A& a, UserText& user) {
  a.Text(user.text);
  a(user.by_name);
}
template <typename A>
void Fields(A& a, Failure& f) {
  a(f.time, f.id, f.address_hi, f.address_lo, f.user, f.code_index, f.has_address, f.guest);
  for (TextId* text : {&f.user_principal_name, &f.app_id, &f.app_name, &f.device, &f.country}) {
    a.Text(*text);
  }
}
template <typename A>
void Fields(A& a, SpilledDay& day) {
  a(day.source, day.first);
}
template <typename A>
void Fields(A& a, FamiliarSources::Source& source) {
  a(source.key, source.days, source.newest);
  for (auto& first : source.first) {
    for (uint8_t& byte : first) a(byte);
  }
}
template <typename A>
void Fields(A& a, CredentialEvent& event) {
  a(event.time, event.kind, event.sync_stamp, event.disables, event.after_bad_password);
  for (TextId* text :
       {&event.record_id, &event.operation, &event.actor, &event.user_principal_name}) {
    a.Text(*text);
  }
}
template <typename A>
void Texts(A& a, std::vector<TextId>& texts) {
  uint64_t count = texts.size();
  a(count);
  for (uint64_t i = 0; i < count; ++i) {
    if constexpr (A::kReading) {
      if (!a.ok()) return;
      texts.emplace_back();
    }
    a.Text(texts[i]);
  }
}
template <typename A>
void Fields(A& a, BurstRule& rule) {
  a(rule.name, rule.codes, rule.group_by, rule.window, rule.threshold, rule.min_users, rule.quiet,
    rule.max_duration);
}
template <typename A>
void Fields(A& a, PastBurst& burst) {
  a(burst.start, burst.end, burst.count, burst.ticket, burst.continues, burst.guest);
  Texts(a, burst.names);
}
template <typename A>
void Fields(A& a, BurstSummary::UserSpan& span) {
  a(span.count, span.first, span.last, span.first_id, span.guest);
  a.Text(span.name);
  Texts(a, span.names_borne);
}

template <typename A>
void Fields(A& a, Counted& counted) {
  a(counted.id, counted.name, counted.count, counted.cause);
}
template <typename A>
void Fields(A& a, CountedList& list) {
  a(list.shown, list.total);
}
template <typename A>
void Fields(A& a, TicketChange& change) {
  a(change.time, change.kind, change.age_seconds, change.during, change.operations, change.actor,
    change.record_ids);
}
template <typename A>
void Fields(A& a, Findings& findings) {
  a(findings.unfamiliar_source, findings.persistent);
}
template <typename A>
void Fields(A& a, Ticket& t) {
  a(t.ticket_id, t.revision, t.reason, t.state, t.resolution, t.detector, t.scope, t.tenant_id,
    t.user_id, t.user_principal_name, t.severity, t.cause, t.findings, t.first_event_time,
    t.last_event_time, t.opened_at, t.resolved_at, t.event_count, t.total_event_count,
    t.distinct_users, t.threshold_events, t.threshold_users, t.threshold_window, t.codes, t.apps,
    t.ip_addresses, t.countries, t.devices, t.users, t.users_by_cause, t.changes_by_kind,
    t.changes_by_actor, t.changes, t.evidence, t.reauthenticated_at, t.parent_ticket_id,
    t.continues, t.merged_into, t.reopened);
}

// A hash map as a list of pairs.
template <typename A, typename Map, typename Pair>
void MapFields(A& a, Map& map, Pair pair) {
  uint64_t count = map.size();
  a(count);
  if constexpr (A::kReading) {
    for (uint64_t i = 0; i < count && a.ok(); ++i) {
      typename Map::key_type key{};
      typename Map::mapped_type value{};
      pair(key, value);
      map.emplace(key, value);
    }
  } else {
    for (auto& [key, value] : map) {
      auto copy = key;
      pair(copy, value);
    }
  }
}

// The private parts of sessions and summaries.
struct StateAccess {
  // Rules that are configured (a bit of CodeClass each), and those that are gone.
  static constexpr uint64_t kTracksMax = 64 + kRetiredRulesMax;

  template <typename A>
  static void Summary(A& a, BurstSummary& s) {
    a(s.distinct_max_, s.count_, s.unfamiliar_count_, s.evicted_, s.first_, s.first_id_, s.codes_);
    a.Text(s.first_name_);
    MapFields(a, s.apps_, [&](BurstSummary::AppKey& key, BurstSummary::App& app) {
      a.Text(key.text);
      a(key.by_name, app.count, app.first, app.first_id);
      a.Text(app.name);
    });
    MapFields(a, s.addresses_,
              [&](BurstSummary::AddressKey& key, uint64_t& count) { a(key.hi, key.lo, count); });
    for (auto* counts : {&s.countries_, &s.devices_}) {
      MapFields(a, *counts, [&](TextId& text, uint64_t& count) {
        a.Text(text);
        a(count);
      });
    }
    MapFields(a, s.users_, [&](UserText& user, BurstSummary::UserSpan& span) { a(user, span); });
    for (auto* list : {&s.familiar_, &s.unfamiliar_}) {
      uint64_t count = list->size();
      a(count);
      for (uint64_t i = 0; i < count; ++i) {
        if constexpr (A::kReading) {
          if (!a.ok()) return;
          list->emplace_back();
        }
        a((*list)[i].time, (*list)[i].id);
      }
    }
  }

  template <typename A>
  static void OneSession(A& a, Session& s) {
    a(s.failures_, s.sorted_, s.first_, s.last_, s.hot_at_, s.start_, s.count_, s.dirty_,
      s.dirty_from_, s.dirty_to_, s.folded_until_, s.ticket, s.continues, s.notify_at, s.grace_over,
      s.long_noted);
    bool folded = s.folded_ != nullptr;
    a(folded);
    if constexpr (A::kReading) {
      if (folded) s.folded_ = std::make_unique<BurstSummary>();
      if (s.sorted_ > s.failures_.size()) a.Fail();
      if (s.hot()) return FinishSession(a, s);
      for (const Failure& failure : s.failures_) {
        if (failure.user.text != 0) s.users_.insert(failure.user);
      }
    }
    FinishSession(a, s);
  }
  template <typename A>
  static void FinishSession(A& a, Session& s) {
    if (s.folded_ != nullptr) Summary(a, *s.folded_);
  }

  template <typename A>
  static void OneTrack(A& a, Track& track) {
    uint64_t sessions = track.sessions.size();
    a(track.past, sessions);
    for (uint64_t i = 0; i < sessions; ++i) {
      if constexpr (A::kReading) {
        if (!a.ok()) return;
        track.sessions.push_back(std::unique_ptr<Session>(new Session()));
      }
      OneSession(a, *track.sessions[i]);
    }
  }

  template <typename A>
  static void Tracks(A& a, std::vector<Track>& tracks) {
    uint64_t count = tracks.size();
    a(count);
    if constexpr (A::kReading) {
      if (count > kTracksMax) return a.Fail();
      tracks = std::vector<Track>(count);
    }
    for (Track& track : tracks) OneTrack(a, track);
  }
};

namespace {

template <typename A>
void DetailFields(A& a, UserDetail& detail) {
  a(detail.failing_since, detail.last_failure, detail.spilled);
  for (FailureTimes* times : {&detail.bad_passwords, &detail.expired}) {
    std::vector<EventTime> copy = times->times();
    a(copy);
    if constexpr (A::kReading) times->Restore(std::move(copy));
  }
  StateAccess::Tracks(a, detail.tracks);
}

template <typename A>
void UserFields(A& a, UserState& state) {
  std::vector<FamiliarSources::Source> sources = state.familiar.sources();
  std::vector<EventTime> returns(state.returns.begin(), state.returns.end());
  bool detail = state.detail != nullptr;
  a(sources, returns, detail);
  if constexpr (A::kReading) {
    state.familiar.Restore(std::move(sources));
    state.returns.assign(returns.begin(), returns.end());
    if (detail) state.detail = std::make_unique<UserDetail>();
  }
  if (detail) DetailFields(a, *state.detail);
}

std::string RowKey(char kind, TenantId tenant, UserId user) {
  RowWriter key(nullptr);
  key(tenant, user);
  return std::string(1, kind) + key.Take();
}

bool ReadRowKey(std::string_view key, TenantId* tenant, UserId* user) {
  RowReader reader(key.substr(1), nullptr);
  reader(*tenant, *user);
  return reader.done();
}

std::string NumberKey(char kind, uint64_t number) {
  RowWriter key(nullptr);
  key(number);
  return std::string(1, kind) + key.Take();
}

std::string HashKey(char kind, Hash128 hash) {
  RowWriter key(nullptr);
  key(hash);
  return std::string(1, kind) + key.Take();
}

uint32_t CheckOf(std::string_view key, std::string_view value) {
  return static_cast<uint32_t>(HashText64(value) ^ HashText64(key) * 0x9e3779b97f4a7c15u);
}

StateRow Checked(std::string key, std::string value) {
  for (uint32_t check = CheckOf(key, value), i = 0; i < sizeof(check); ++i) {
    value.push_back(static_cast<char>(check >> 8 * i));
  }
  return {std::move(key), std::move(value)};
}

// A row that says a time of a hash.
StateRow HashRow(char kind, Hash128 hash, EventTime time) {
  RowWriter writer(nullptr);
  writer(time);
  return Checked(HashKey(kind, hash), writer.Take());
}

// The row's value without its check; false: damaged.
bool Verify(const StateRow& row, std::string_view* value) {
  uint32_t check = 0;
  if (row.value.size() < sizeof(check)) return false;
  *value = std::string_view(row.value).substr(0, row.value.size() - sizeof(check));
  for (size_t i = 0; i < sizeof(check); ++i) {
    check |= uint32_t{static_cast<uint8_t>(row.value[value->size() + i])} << 8 * i;
  }
  return check == CheckOf(row.key, *value);
}

}  // namespace

// ---------------------------------------------------------------------------------------- saving

void Detector::Impl::EmitUser(const UserKey& key, const Emit& emit) {
  UserState* state = users_.Find(key);
  if (state == nullptr) return;
  RowWriter writer(&pool_);
  UserFields(writer, *state);
  emit(Checked(RowKey('u', tenants_[key.tenant]->id, key.user()), writer.Take()));
}

void Detector::Impl::DeleteUserRow(const UserKey& key) {
  if (!journaling_) return;
  deleted_rows_.push_back({RowKey('u', tenants_[key.tenant]->id, key.user()), {}});
}

void Detector::Impl::DeleteCredentialsRow(const UserKey& key) {
  if (!journaling_) return;
  deleted_rows_.push_back({RowKey('c', tenants_[key.tenant]->id, key.user()), {}});
}

void Detector::Impl::EmitTenant(TenantIndex index, const Emit& emit) {
  Tenant& tenant = *tenants_[index];
  RowWriter writer(&pool_);
  writer(tenant.text);
  StateAccess::Tracks(writer, tenant.tracks);
  emit(Checked(RowKey('t', tenant.id, {}), writer.Take()));
}

void Detector::Impl::EmitCredentials(const UserKey& key, const Emit& emit) {
  const CredentialLog::History* history = credentials_.Find(key);
  if (history == nullptr) return;
  CredentialLog::History copy = *history;
  RowWriter writer(&pool_);
  writer(copy);
  emit(Checked(RowKey('c', tenants_[key.tenant]->id, key.user()), writer.Take()));
}

void Detector::Impl::EmitTicket(TicketNumber number, const Emit& emit) {
  StateRow row{NumberKey('k', number), {}};
  if (TicketEntry* entry = desk_.Edit(number)) {
    RowWriter writer(&pool_);
    TenantId tenant = tenants_[entry->key.tenant]->id;
    UserId user = entry->key.user();
    bool parting = entry->parting != nullptr;
    writer(entry->last, entry->rule, tenant, user, entry->earlier_bursts, entry->earlier_count,
           entry->sent_at, entry->review_at, entry->recheck_cause, entry->merged_into, parting);
    if (parting) writer(*entry->parting);
    row = Checked(std::move(row.key), writer.Take());
  }
  emit(std::move(row));
}

void Detector::Impl::EmitDedup(const Hash128& key, EventTime until, const Emit& emit) {
  emit(until == kBeginningOfTime ? StateRow{HashKey('d', key), {}} : HashRow('d', key, until));
}

void Detector::Impl::EmitTicketId(const Hash128& id, EventTime start, const Emit& emit) {
  emit(start == kEndOfTime ? StateRow{HashKey('i', id), {}} : HashRow('i', id, start));
}

void Detector::Impl::EmitMeta(const Emit& emit) {
  RowWriter writer(&pool_);
  uint32_t version = kStateVersion;
  uint64_t next_number = desk_.next_number();
  writer(version, config_.rules, codes_, watermark_, settled_at_, next_number, counters_.duplicates,
         counters_.late, counters_.late_dropped, counters_.bursts_opened,
         counters_.unknown_password_operations);
  for (uint64_t& count : counters_.credential_events) writer(count);
  emit(Checked(std::string(kStateHead), writer.Take()));
}

void Detector::Impl::Save(const Emit& emit) {
  EmitMeta(emit);
  for (TenantIndex i = 0; i < tenants_.size(); ++i) {
    if (tenants_[i] != nullptr) EmitTenant(i, emit);
  }
  users_.ForEach([&](const UserKey& key, const UserState&) { EmitUser(key, emit); });
  credentials_.ForEach(
      [&](const UserKey& key, const CredentialLog::History&) { EmitCredentials(key, emit); });
  desk_.ForEach([&](TicketNumber number, const TicketEntry&) { EmitTicket(number, emit); });
  dedup_.ForEach([&](const Hash128& key, EventTime until) { EmitDedup(key, until, emit); });
  ids_.ForEach([&](const Hash128& id, EventTime start) { EmitTicketId(id, start, emit); });
  StartJournal();
}

// What is saved now is all: from here on the changes are kept track of.
void Detector::Impl::StartJournal() {
  journaling_ = true;
  changed_users_.clear();
  changed_credentials_.clear();
  changed_tenants_.clear();
  deleted_rows_.clear();
  (void)dedup_.TakeJournal();
  (void)desk_.TakeJournal();
  (void)ids_.TakeJournal();
}

void Detector::Impl::SaveChanges(const Emit& emit) {
  if (!journaling_) return Save(emit);
  EmitMeta(emit);
  for (StateRow& row : std::exchange(deleted_rows_, {})) emit(std::move(row));
  for (const TenantIndex index : std::exchange(changed_tenants_, {})) {
    if (tenants_[index] != nullptr) EmitTenant(index, emit);
  }
  for (const UserKey& key : std::exchange(changed_users_, {})) EmitUser(key, emit);
  for (const UserKey& key : std::exchange(changed_credentials_, {})) EmitCredentials(key, emit);
  for (const TicketNumber number : desk_.TakeJournal()) EmitTicket(number, emit);
  (void)desk_.TakeJournal();  // reading them for the rows is no change
  for (const Hash128& key : dedup_.TakeJournal()) {
    EmitDedup(key, dedup_.RememberedUntil(key), emit);
  }
  for (const Hash128& id : ids_.TakeJournal()) EmitTicketId(id, ids_.StartOf(id), emit);
}

// ---------------------------------------------------------------------------------------- loading

bool Detector::Impl::Load(const std::function<void(const StateVisitor&)>& rows, EventTime now) {
  bool good = true;
  bool head = false;
  rows([&](const StateRow& row) {
    if (row.value.empty()) return true;
    good = good && !row.key.empty() && (row.key == kStateHead) == !head && LoadRow(row);
    if (good && !head) {
      head = true;
      NotBeyond(now);
    }
    return good;
  });
  return good && (!head || AdoptSaved());
}

// Before the timers are set, which go by the watermark. The moments were taken by the same clock.
void Detector::Impl::NotBeyond(EventTime now) {
  if (watermark_ > now) {
    set_back_from_ = watermark_ - now;
    watermark_ = now - config_.time.allowed_lateness;
  }
  settled_at_ = std::min(settled_at_, now);
}

bool Detector::Impl::LoadRow(const StateRow& row) {
  std::string_view value;
  if (!Verify(row, &value)) return false;
  switch (row.key.front()) {
    case 'm':
      return LoadMeta(value);
    case 't':
      return LoadTenant(row.key, value);
    case 'u':
      return LoadUser(row.key, value);
    case 'c':
      return LoadCredentials(row.key, value);
    case 'k':
      return LoadTicket(row.key, value);
    case 'd':
    case 'i': {
      RowReader key(std::string_view(row.key).substr(1), nullptr);
      RowReader reader(value, nullptr);
      Hash128 hash;
      EventTime time;
      key(hash);
      reader(time);
      if (!key.done() || !reader.done()) return false;
      if (row.key.front() == 'd') {
        dedup_.Restore(hash, time);
      } else {
        ids_.Restore(hash, time);
      }
      return true;
    }
    default:
      return false;
  }
}

bool Detector::Impl::LoadMeta(std::string_view value) {
  RowReader reader(value, &pool_);
  uint32_t version = 0;
  uint64_t next_number = 0;
  reader(version);
  if (version != kStateVersion) return false;
  reader(saved_.rules, saved_.codes, watermark_, settled_at_, next_number, counters_.duplicates,
         counters_.late, counters_.late_dropped, counters_.bursts_opened,
         counters_.unknown_password_operations);
  for (uint64_t& count : counters_.credential_events) reader(count);
  desk_.RestoreNextNumber(next_number);
  // Names that the configuration has learnt since are no news any more.
  for (const auto& [name, kind] : config_.correlation.operations) {
    counters_.unknown_password_operations.erase(name);
  }
  return reader.done();
}

bool Detector::Impl::LoadTenant(std::string_view key, std::string_view value) {
  TenantId id;
  UserId none;
  if (!ReadRowKey(key, &id, &none)) return false;
  RowReader reader(value, &pool_);
  Tenant& tenant = *tenants_[TenantById(id, {})];
  reader(tenant.text);
  StateAccess::Tracks(reader, tenant.tracks);
  return reader.done() && tenant.tracks.size() == saved_.CountOf(GroupBy::kTenant);
}

bool Detector::Impl::LoadUser(std::string_view key, std::string_view value) {
  TenantId id;
  UserId user;
  if (!ReadRowKey(key, &id, &user)) return false;
  RowReader reader(value, &pool_);
  const UserKey user_key(TenantById(id, {}), user);
  UserState loaded;
  UserFields(reader, loaded);
  if (!reader.done()) return false;
  if (loaded.detail != nullptr && !loaded.detail->tracks.empty() &&
      loaded.detail->tracks.size() != saved_.CountOf(GroupBy::kUser)) {
    return false;
  }
  UserState& state = User(user_key);
  const bool detail = loaded.detail != nullptr;
  if (detail) (void)Detail(user_key, state);
  const size_t bytes_before = state.familiar.bytes();
  state = std::move(loaded);
  users_.NoteResized(bytes_before, state);
  return true;
}

bool Detector::Impl::LoadCredentials(std::string_view key, std::string_view value) {
  TenantId id;
  UserId user;
  if (!ReadRowKey(key, &id, &user)) return false;
  RowReader reader(value, &pool_);
  CredentialLog::History history;
  reader(history);
  if (!reader.done() || history.empty()) return false;
  credentials_.Restore(UserKey(TenantById(id, {}), user), std::move(history));
  return true;
}

bool Detector::Impl::LoadTicket(std::string_view key, std::string_view value) {
  RowReader number_reader(key.substr(1), nullptr);
  TicketNumber number = 0;
  number_reader(number);
  RowReader reader(value, &pool_);
  TicketEntry entry;
  TenantId tenant;
  UserId user;
  bool parting = false;
  reader(entry.last, entry.rule, tenant, user, entry.earlier_bursts, entry.earlier_count,
         entry.sent_at, entry.review_at, entry.recheck_cause, entry.merged_into, parting);
  if (parting) {
    entry.parting = std::make_unique<Ticket>();
    reader(*entry.parting);
  }
  if (!number_reader.done() || !reader.done() || entry.rule >= saved_.rules.size()) return false;
  entry.key = UserKey(TenantById(tenant, {}), user);
  Tenant& of = *tenants_[entry.key.tenant];
  ++of.tickets;
  if (user.present()) of.user_tickets.push_back(number);
  desk_.Restore(number, std::move(entry));
  return true;
}

// Timers, and what else follows from the rows.
void Detector::Impl::AfterLoad() {
  const auto arm = [this](const TrackRef& ref, Track* track) {
    for (const auto& session : track->sessions) {
      ++open_sessions_;
      live_events_.Add(ref.key.tenant, session->held());
      folded_bytes_ += session->folded_bytes();
      if (session->SettlingDue(config_.rules[ref.rule]) != Session::Settling::kNeedless) {
        pending_.insert(ref);
      }
    }
    track->timer_due = kEndOfTime;
    if (!track->empty()) ArmTrack(ref, track);
  };
  for (uint16_t rule = 0; rule < config_.rules.size(); ++rule) {
    if (config_.rules[rule].group_by == GroupBy::kUser) {
      for (const UserKey& key : users_.detailed()) {
        if (Track* track = FindTrack({rule, key})) arm({rule, key}, track);
      }
    } else {
      for (TenantIndex i = 0; i < tenants_.size(); ++i) {
        const UserKey key(i, UserId());
        arm({rule, key}, FindTrack({rule, key}));
      }
    }
  }
  credentials_.ForEach(
      [this](const UserKey& key, const CredentialLog::History&) { ArmCredentials(key); });
  desk_.LinkMerging();
}

}  // namespace signinwatch
