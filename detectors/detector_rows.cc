// Saving and loading (state_row.h says which rows there are).
#include <algorithm>
#include <string>
#include <utility>

#include "detectors/detector_impl.h"
#include "detectors/row_archive.h"
#include "detectors/state_row.h"

namespace signinwatch {

// ---------------------------------------------------------------------------------------- saving

void Detector::Impl::EmitMeta(const Emit& emit) {
  RowWriter writer(&pool_, &profiles_);
  uint32_t version = kStateVersion;
  uint64_t next_number = tickets_.next_number();
  writer(version);
  rules_.all().Archive(writer);
  writer(watermark_, settled_at_, next_number, counters_.duplicates, counters_.late,
         counters_.late_dropped, tickets_.bursts_opened(), counters_.unknown_password_operations);
  for (uint64_t& count : counters_.credential_events) writer(count);
  emit(CheckedRow(std::string(kStateHead), writer.Take()));
}

void Detector::Impl::EmitTenant(TenantIndex index, const Emit& emit) {
  RowWriter writer(&pool_, &profiles_);
  writer(tenants_.text(index));
  tracks_.Write(UserKey(index, UserId()), &writer);
  emit(CheckedRow(RowKey(RowKind::kTenant, tenants_.id(index), UserId()), writer.Take()));
}

void Detector::Impl::EmitUser(const UserKey& key, const Emit& emit) {
  UserState* state = users_.Find(key);
  if (state == nullptr) return;
  RowWriter writer(&pool_, &profiles_);
  state->Archive(writer);
  if (state->detail != nullptr) tracks_.Write(key, &writer);
  emit(CheckedRow(RowKey(RowKind::kUser, tenants_.id(key.tenant), key.user()), writer.Take()));
}

template <typename Log>
void Detector::Impl::EmitLog(RowKind kind, const Log& log, const UserKey& key, const Emit& emit) {
  if (log.Find(key) == nullptr) return;
  RowWriter writer(&pool_, &profiles_);
  log.Write(key, &writer);
  emit(CheckedRow(RowKey(kind, tenants_.id(key.tenant), key.user()), writer.Take()));
}

void Detector::Impl::EmitMfaMethod(SourceKey key, const Emit& emit) {
  std::string row_key = RowKey(RowKind::kMfaMethod, key);
  const MfaMethods::Method* held = mfa_methods_.Find(key);
  if (held == nullptr) return emit({std::move(row_key), {}});
  RowWriter writer(&pool_, &profiles_);
  MfaMethods::Method method = *held;
  writer(method);
  emit(CheckedRow(std::move(row_key), writer.Take()));
}

void Detector::Impl::EmitDuplicate(const Hash128& id, EventTime until, const Emit& emit) {
  emit(until == kBeginningOfTime ? StateRow{RowKey(RowKind::kDuplicate, id), {}}
                                 : TimeRow(RowKind::kDuplicate, id, until));
}

void Detector::Impl::Save(const Emit& emit) {
  EmitMeta(emit);
  tenants_.ForEach([&](TenantIndex index) { EmitTenant(index, emit); });
  users_.ForEach([&](const UserKey& key, const UserState&) { EmitUser(key, emit); });
  const auto save = [&](RowKind kind, const auto& log) {
    log.ForEachUser([&](const UserKey& key) { EmitLog(kind, log, key, emit); });
  };
  save(RowKind::kCredentials, credentials_);
  save(RowKind::kRisks, risks_);
  save(RowKind::kAudits, audits_);
  mfa_methods_.ForEach([&](SourceKey key, const MfaMethods::Method&) { EmitMfaMethod(key, emit); });
  tickets_.Save(emit);
  dedup_.ForEach([&](const Hash128& id, EventTime until) { EmitDuplicate(id, until, emit); });
  StartJournal();
}

void Detector::Impl::SaveChanges(const Emit& emit) {
  if (!journal_.on()) return Save(emit);
  EmitMeta(emit);
  ChangeJournal::Changes changes = journal_.Take();
  for (StateRow& row : changes.deleted) emit(std::move(row));
  for (const UserKey& key : changes.tenants) {
    if (tenants_.Holds(key.tenant)) EmitTenant(key.tenant, emit);
  }
  for (const UserKey& key : changes.users) EmitUser(key, emit);
  const auto save = [&](RowKind kind, const auto& log) {
    for (const UserKey& key : changes.logs[kind]) EmitLog(kind, log, key, emit);
  };
  save(RowKind::kCredentials, credentials_);
  save(RowKind::kRisks, risks_);
  save(RowKind::kAudits, audits_);
  for (const SourceKey key : mfa_methods_.TakeJournal()) EmitMfaMethod(key, emit);
  tickets_.SaveChanges(emit);
  for (const Hash128& id : dedup_.TakeJournal()) {
    EmitDuplicate(id, dedup_.RememberedUntil(id), emit);
  }
}

void Detector::Impl::StartJournal() {
  journal_.Start();
  tickets_.StartJournal();
  (void)mfa_methods_.TakeJournal();
  (void)dedup_.TakeJournal();
}

// ---------------------------------------------------------------------------------------- loading

bool Detector::Impl::Load(const std::function<void(const StateVisitor&)>& rows, EventTime now) {
  bool good = true;
  bool head = false;
  SavedRules saved;
  rows([&](const StateRow& row) {
    if (row.value.empty()) return true;
    if (!good) return false;
    if (head) return good = LoadRow(row, saved);
    head = good = row.key == kStateHead && LoadMeta(row, &saved);
    NotBeyond(now);
    return good;
  });
  return good && (!head || AdoptRules(saved));
}

// Before the timers are set, which go by the watermark. The moments were taken by the same clock.
void Detector::Impl::NotBeyond(EventTime now) {
  if (watermark_ > now) {
    set_back_from_ = watermark_ - now;
    watermark_ = now - config_.time.allowed_lateness;
  }
  settled_at_ = std::min(settled_at_, now);
}

bool Detector::Impl::LoadMeta(const StateRow& row, SavedRules* saved) {
  const auto value = CheckedValue(row);
  if (!value) return false;
  RowReader reader(*value, &pool_, &profiles_);
  uint32_t version = 0;
  uint64_t next_number = 0;
  reader(version);
  if (version != kStateVersion) return false;
  saved->Archive(reader);
  reader(watermark_, settled_at_, next_number, counters_.duplicates, counters_.late,
         counters_.late_dropped, tickets_.bursts_opened(), counters_.unknown_password_operations);
  for (uint64_t& count : counters_.credential_events) reader(count);
  tickets_.RestoreNextNumber(next_number);
  // Names that the configuration has learnt since are no news any more.
  for (const auto& [name, kind] : config_.correlation.operations) {
    counters_.unknown_password_operations.erase(name);
  }
  return reader.done();
}

bool Detector::Impl::LoadRow(const StateRow& row, const SavedRules& saved) {
  const auto value = CheckedValue(row);
  if (row.key.empty() || !value) return false;
  RowReader reader(*value, &pool_, &profiles_);
  switch (RowKind(row.key.front())) {
    case RowKind::kTenant:
      return LoadTenant(row.key, &reader, saved);
    case RowKind::kUser:
      return LoadUser(row.key, &reader, saved);
    case RowKind::kCredentials:
      return LoadLog(row.key, &reader, &credentials_);
    case RowKind::kRisks:
      return LoadLog(row.key, &reader, &risks_);
    case RowKind::kAudits:
      return LoadLog(row.key, &reader, &audits_);
    case RowKind::kMfaMethod:
      return LoadMfaMethod(row.key, &reader);
    case RowKind::kTicket:
      return tickets_.ReadTicket(row.key, saved, &reader,
                                 [this](const TenantId& id) { return TenantOf(id, {}); });
    case RowKind::kTicketId:
      return tickets_.ReadId(row.key, *value);
    case RowKind::kDuplicate: {
      Hash128 id;
      EventTime until;
      if (!ReadTimeRow(row.key, *value, &id, &until)) return false;
      dedup_.Restore(id, until);
      return true;
    }
    case RowKind::kMeta:
      break;
  }
  return false;
}

bool Detector::Impl::LoadTenant(std::string_view key, RowReader* row, const SavedRules& saved) {
  TenantId id;
  UserId none;
  if (!ReadRowKey(key, &id, &none)) return false;
  const TenantIndex index = TenantOf(id, {});
  (*row)(tenants_.text(index));
  return tracks_.Read(UserKey(index, UserId()), saved, row);
}

bool Detector::Impl::LoadUser(std::string_view key, RowReader* row, const SavedRules& saved) {
  TenantId id;
  UserId user;
  if (!ReadRowKey(key, &id, &user)) return false;
  UserState loaded;
  loaded.Archive(*row);
  if (!row->ok()) return false;
  const UserKey user_key(TenantOf(id, {}), user);
  UserState& state = User(users_.Hash(user_key));
  if (loaded.detail != nullptr) {
    (void)Detail(user_key, state);
    if (!tracks_.Read(user_key, saved, row)) return false;
  }
  const size_t bytes_before = state.familiar.bytes();
  state = std::move(loaded);
  users_.NoteResized(bytes_before, state);
  return row->done();
}

template <typename Log>
bool Detector::Impl::LoadLog(std::string_view key, RowReader* row, Log* log) {
  TenantId id;
  UserId user;
  if (!ReadRowKey(key, &id, &user)) return false;
  return log->Read(UserKey(TenantOf(id, {}), user), row);
}

bool Detector::Impl::LoadMfaMethod(std::string_view key, RowReader* row) {
  SourceKey source = 0;
  MfaMethods::Method method;
  if (!ReadRowKey(key, &source)) return false;
  (*row)(method);
  if (!row->done()) return false;
  mfa_methods_.Restore(source, std::move(method));
  return true;
}

bool Detector::Impl::AdoptRules(const SavedRules& saved) {
  const bool same = rules_.IsAsSaved(saved);
  if (!same) {
    std::vector<bool> used_rules(saved.rules.size());
    tracks_.NoteRules(saved, &used_rules);
    tickets_.NoteRules(&used_rules);
    RuleBook::Places places;
    if (!rules_.AdoptRules(saved, used_rules, &places)) return false;
    std::vector<bool> used_codes(saved.codes.size());
    tracks_.NoteCodes(&used_codes);
    tracks_.RenameCodes(rules_.AdoptCodes(saved, used_codes));
    tracks_.AdoptRules(saved, places);
    tickets_.AdoptRules(places);
  }
  tracks_.AfterLoad();
  tickets_.AfterLoad();
  const auto arm = [this](auto* log, Duration span) {
    log->ForEachUser([&](const UserKey& user) { log->Arm(user, watermark_, span); });
  };
  arm(&credentials_, rules_.credentials_span() + kChangeSpan);
  arm(&risks_, rules_.risks_span());
  arm(&audits_, rules_.audits_span());
  StartJournal();
  if (same) return true;
  // All that is laid out otherwise now.
  users_.ForEachFailing([this](const UserKey& key) { journal_.MarkUser(key); });
  tenants_.ForEach([this](TenantIndex index) { journal_.MarkTenant(index); });
  tickets_.JournalAll();
  return true;
}

}  // namespace signinwatch
