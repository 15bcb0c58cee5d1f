#include "detectors/credential_log.h"

#include <algorithm>
#include <tuple>

#include "detectors/audit_record.h"
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
  event.record_id = InternRecordId(signal, message, pool);
  event.actor = InternActor(detail, message, pool);
  event.user_principal_name = InternName(signal.user_principal_name, message, pool);
  return event;
}

bool ComesBefore(const CredentialEvent& a, const CredentialEvent& b, const TextPool& pool) {
  if (a.time != b.time) return a.time < b.time;
  const auto text = [&pool](const CredentialEvent& event) {
    return std::tuple(pool.Get(event.record_id), pool.Get(event.operation), pool.Get(event.actor));
  };
  return text(a) < text(b);
}

void MarkTextsOf(const CredentialEvent& event, TextPool* pool) {
  for (const TextId text :
       {event.record_id, event.operation, event.actor, event.user_principal_name}) {
    pool->Mark(text);
  }
}

std::vector<EventTime> CredentialLog::SyncsOf(const UserKey& user) const {
  std::vector<EventTime> times;
  const History* history = Find(user);
  if (history == nullptr ||
      std::none_of(history->begin(), history->end(),
                   [](const CredentialEvent& event) { return event.kind == ChangeKind::kSync; })) {
    return times;
  }
  for (const Change& change : Group(*history)) {
    for (size_t i = change.first; i < change.first + change.count; ++i) {
      const CredentialEvent& event = (*history)[i];
      if (KindIn(event, change) == ChangeKind::kSync) times.push_back(event.time);
    }
  }
  return times;
}

template <typename Alter>
void CredentialLog::WithSyncs(const UserKey& user, const Alter& alter) {
  for (const EventTime time : SyncsOf(user)) syncs_.Remove(user.tenant, time);
  alter();
  for (const EventTime time : SyncsOf(user)) syncs_.Add(user.tenant, time);
}

void CredentialLog::Add(const UserKey& user, const CredentialEvent& event) {
  WithSyncs(user, [&] { UserLog::Add(user, event); });
}

bool CredentialLog::NoteBadPassword(const UserKey& user, EventTime t) {
  History* history = Edit(user);
  if (history == nullptr) return false;
  bool any = false;
  for (CredentialEvent& event : *history) {
    if (event.time < t || event.time > t + kBadPasswordSpan) continue;
    any |= !event.after_bad_password;
    event.after_bad_password = true;
  }
  return any;
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
               pool().Get(event.actor) < pool().Get(earliest->actor)) {
      earliest = &event;
    }
  }
  return earliest == nullptr ? 0 : earliest->actor;
}

void CredentialLog::PruneUser(const UserKey& user, EventTime horizon) {
  const History* history = Find(user);
  if (history == nullptr) return;
  size_t old = 0;
  for (const Change& change : Group(*history)) {
    if ((*history)[change.first + change.count - 1].time >= horizon) break;
    old = change.first + change.count;
  }
  WithSyncs(user, [&] { Erase(user, 0, old); });
}

UserKey CredentialLog::EvictOldest() {
  const UserKey user = OldestOwner();
  WithSyncs(user, [&] { (void)UserLog::EvictOldest(); });
  return user;
}

bool CredentialLog::Read(const UserKey& user, RowReader* row) {
  bool good = false;
  WithSyncs(user, [&] { good = UserLog::Read(user, row); });
  return good;
}

}  // namespace signinwatch
