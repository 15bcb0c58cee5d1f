#include "detectors/credential_log.h"

#include <algorithm>
#include <tuple>

#include "detectors/row_archive.h"
#include "parser/ascii.h"
#include "parser/ids.h"

namespace signinwatch {
namespace {

bool StartsWithAny(std::string_view text, const std::vector<std::string>& prefixes) {
  return std::any_of(prefixes.begin(), prefixes.end(), [&](const std::string& prefix) {
    return !prefix.empty() && EqualsWithoutCase(text.substr(0, prefix.size()), prefix);
  });
}

// The account in whose name the self-service password reset service writes.
constexpr std::string_view kSelfServiceActor = "fim_password_service@support.onmicrosoft.com";

// Operations whose actor matters, as they are compared.
constexpr std::string_view kResetUserPassword = "reset user password";
constexpr std::string_view kChangeUserPassword = "change user password";
constexpr std::string_view kUpdateProfile = "update passwordprofile";
constexpr std::string_view kTokenStamp = "update stsrefreshtokenvalidfrom timestamp";
constexpr std::string_view kDisableAccount = "disable account";

}  // namespace

bool OperationTable::IsSync(const Actor& actor) const {
  return StartsWithAny(actor.user_principal_name, config_.sync_actors) ||
         StartsWithAny(actor.app_display_name, config_.sync_apps) ||
         StartsWithAny(actor.service_principal_name, config_.sync_apps);
}

std::optional<OperationTable::Meaning> OperationTable::Classify(const std::string& operation,
                                                                const Actor& actor) const {
  const auto found = config_.operations.find(operation);
  if (found == config_.operations.end()) return std::nullopt;
  Meaning meaning{.kind = found->second};
  if (meaning.kind == ChangeKind::kIgnore) return meaning;
  meaning.disables = operation == kDisableAccount;
  const bool reset = operation == kResetUserPassword;
  const bool stamp = operation == kTokenStamp;
  if (reset && EqualsWithoutCase(actor.user_principal_name, kSelfServiceActor)) {
    meaning.kind = ChangeKind::kSelfReset;
  } else if ((reset || stamp || operation == kChangeUserPassword || operation == kUpdateProfile) &&
             IsSync(actor)) {
    meaning.kind = ChangeKind::kSync;
    meaning.sync_stamp = stamp;
  }
  return meaning;
}

CredentialEvent MakeCredentialEvent(const Signal& signal, const ParsedMessage& message,
                                    const OperationTable::Meaning& meaning, TextPool* pool) {
  const AuditDetail& detail = message.audits[signal.detail];
  CredentialEvent event{.time = signal.event_time,
                        .kind = meaning.kind,
                        .sync_stamp = meaning.sync_stamp,
                        .disables = meaning.disables};
  event.operation = pool->Intern(message.Text(detail.operation));
  event.record_id = signal.id.form == IdForm::kGuid
                        ? pool->Intern(FormatGuid(signal.id.hi, signal.id.lo))
                        : pool->Intern(message.Text(signal.id_text));
  for (const TextRef actor : {detail.actor_user_principal_name, detail.actor_user_id,
                              detail.actor_app_display_name, detail.actor_service_principal_name,
                              detail.actor_service_principal_id, detail.actor_app_id}) {
    if (actor.empty()) continue;
    event.actor = pool->Intern(message.Text(actor));
    break;
  }
  std::string name(message.Text(signal.user_principal_name));
  LowerAscii(name);
  event.user_principal_name = pool->Intern(name);
  return event;
}

bool CredentialLog::Before(const CredentialEvent& a, const CredentialEvent& b) const {
  if (a.time != b.time) return a.time < b.time;
  const auto text = [this](const CredentialEvent& event) {
    return std::tuple(pool_->Get(event.record_id), pool_->Get(event.operation),
                      pool_->Get(event.actor));
  };
  return text(a) < text(b);
}

void CredentialLog::Add(const UserKey& user, const CredentialEvent& event) {
  History& history = histories_[user];
  const auto place =
      std::upper_bound(history.begin(), history.end(), event,
                       [this](const auto& a, const auto& b) { return Before(a, b); });
  history.insert(place, event);
  Index(user, event);
  if (history.size() > events_max_) {
    ++evicted_;
    EraseFront(user, history, 1);
  }
}

void CredentialLog::Index(const UserKey& user, const CredentialEvent& event) {
  ++by_time_[{user.tenant, event.time, user}];
  events_of_tenant_.Add(user.tenant, 1);
  if (user.by_name() || event.user_principal_name == 0) return;
  const UserKey name(user.tenant, MakeNameId(pool_->Get(event.user_principal_name)));
  std::vector<UserKey>& users = by_name_[name];
  if (std::find(users.begin(), users.end(), user) == users.end()) users.push_back(user);
}

void CredentialLog::EraseFront(const UserKey& user, History& history, size_t count) {
  const auto end = history.begin() + static_cast<ptrdiff_t>(count);
  for (auto event = history.begin(); event != end; ++event) {
    const auto timed = by_time_.find({user.tenant, event->time, user});
    if (--timed->second == 0) by_time_.erase(timed);
    events_of_tenant_.Remove(user.tenant, 1);
    if (user.by_name() || event->user_principal_name == 0) continue;
    const TextId name = event->user_principal_name;
    const bool borne_later = std::any_of(end, history.end(), [name](const CredentialEvent& later) {
      return later.user_principal_name == name;
    });
    if (borne_later) continue;
    const auto named = by_name_.find(UserKey(user.tenant, MakeNameId(pool_->Get(name))));
    if (named == by_name_.end()) continue;
    std::erase(named->second, user);
    if (named->second.empty()) by_name_.erase(named);
  }
  history.erase(history.begin(), end);
}

bool CredentialLog::NoteBadPassword(const UserKey& user, EventTime t) {
  const auto found = histories_.find(user);
  if (found == histories_.end()) return false;
  bool any = false;
  for (CredentialEvent& event : found->second) {
    if (event.time < t || event.time > t + kBadPasswordSpan) continue;
    any |= !event.after_bad_password;
    event.after_bad_password = true;
  }
  return any;
}

const CredentialLog::History* CredentialLog::Find(const UserKey& user) const {
  const auto found = histories_.find(user);
  return found == histories_.end() ? nullptr : &found->second;
}

const std::vector<UserKey>* CredentialLog::FindByName(const UserKey& name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : &found->second;
}

std::vector<UserKey> CredentialLog::UsersIn(TenantIndex tenant, EventTime from,
                                            EventTime to) const {
  std::vector<UserKey> users;
  for (auto it = by_time_.lower_bound({tenant, from, {}});
       it != by_time_.end() && it->first.tenant == tenant && it->first.time <= to; ++it) {
    users.push_back(it->first.user);
  }
  std::sort(users.begin(), users.end());
  users.erase(std::unique(users.begin(), users.end()), users.end());
  return users;
}

std::vector<Change> CredentialLog::Group(const History& history) {
  std::vector<Change> changes;
  for (size_t i = 0; i < history.size(); ++i) {
    const CredentialEvent& event = history[i];
    if (changes.empty() || event.time > changes.back().time + kChangeSpan) {
      changes.push_back({.first = i,
                         .count = 0,
                         .time = event.time,
                         .after_bad_password = event.after_bad_password});
    }
    Change& change = changes.back();
    ++change.count;
    change.disables |= event.disables;
  }
  // What else is in a change decides the kind of some of its records, so the records come first.
  for (Change& change : changes) {
    for (size_t i = change.first; i < change.first + change.count; ++i) {
      change.kind = std::min(change.kind, KindIn(history[i], change));
    }
  }
  return changes;
}

TextId CredentialLog::ActorOf(const History& history, const Change& change) const {
  // Of several records at one time the least id decides; the order of the history breaks the rest
  // of ties by operation, so equal ids are settled by the least actor here.
  const CredentialEvent* earliest = nullptr;
  for (size_t i = change.first; i < change.first + change.count; ++i) {
    const CredentialEvent& event = history[i];
    if (KindIn(event, change) != change.kind) continue;
    if (earliest == nullptr) {
      earliest = &event;
    } else if (event.time == earliest->time && event.record_id == earliest->record_id &&
               pool_->Get(event.actor) < pool_->Get(earliest->actor)) {
      earliest = &event;
    }
  }
  return earliest == nullptr ? 0 : earliest->actor;
}

void CredentialLog::PruneUser(const UserKey& user, EventTime horizon) {
  const auto found = histories_.find(user);
  if (found == histories_.end()) return;
  size_t old = 0;
  for (const Change& change : Group(found->second)) {
    if (found->second[change.first + change.count - 1].time >= horizon) break;
    old = change.first + change.count;
  }
  EraseFront(user, found->second, old);
  if (found->second.empty()) histories_.erase(found);
}

UserKey CredentialLog::EvictOldest() {
  const auto oldest = by_time_.lower_bound({events_of_tenant_.heaviest(), kBeginningOfTime, {}});
  const UserKey user = oldest->first.user;
  History& history = histories_[user];
  EraseFront(user, history, 1);
  ++evicted_;
  if (history.empty()) histories_.erase(user);
  return user;
}

void CredentialLog::Arm(const UserKey& user, EventTime watermark, Duration span) {
  constexpr Duration kTick{1};
  const History* history = Find(user);
  if (history == nullptr) return;
  timers_.Set(std::max(history->front().time + span + kChangeSpan, watermark + kTick), user);
}

template <typename A>
void Fields(A& a, CredentialEvent& event) {
  a(event.time, event.kind, event.sync_stamp, event.disables, event.after_bad_password);
  for (TextId* text :
       {&event.record_id, &event.operation, &event.actor, &event.user_principal_name}) {
    a.Text(*text);
  }
}

void CredentialLog::Write(const UserKey& user, RowWriter* row) const {
  History history = *Find(user);
  (*row)(history);
}

bool CredentialLog::Read(const UserKey& user, RowReader* row) {
  History history;
  (*row)(history);
  if (!row->done() || history.empty()) return false;
  for (const CredentialEvent& event : history) Index(user, event);
  histories_[user] = std::move(history);
  return true;
}

void CredentialLog::MarkTexts(TextPool* pool) const {
  for (const auto& [user, history] : histories_) {
    for (const CredentialEvent& event : history) {
      pool->Mark(event.record_id);
      pool->Mark(event.operation);
      pool->Mark(event.actor);
      pool->Mark(event.user_principal_name);
    }
  }
}

}  // namespace signinwatch
