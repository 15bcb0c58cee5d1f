// Credential events (password changes, resets, revocations) and the changes they form (SPEC 6.1).
#ifndef SIGNINWATCH_DETECTORS_CREDENTIAL_LOG_H_
#define SIGNINWATCH_DETECTORS_CREDENTIAL_LOG_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "detectors/config.h"
#include "detectors/keys.h"
#include "detectors/sync_times.h"
#include "detectors/text_pool.h"
#include "detectors/user_log.h"
#include "parser/event_time.h"
#include "parser/message_parser.h"
#include "parser/signal.h"

namespace signinwatch {

struct CredentialEvent {
  EventTime time;
  TextId record_id = 0;
  TextId operation = 0;            // as written
  TextId actor = 0;                // as shown; 0: null
  TextId user_principal_name = 0;  // of the target, lower-cased; 0: none
  ChangeKind kind = ChangeKind::kChange;
  // A token stamp that directory synchronisation wrote, and a `Disable account`: beside the second
  // the first is no password change (SPEC 6.1).
  bool sync_stamp = false;
  bool disables = false;
  // The target's object id had a 50126 failure in the 60 min up to `time` (SPEC 6.2, sync_delay).
  bool after_bad_password = false;
};

// Several records of one action. Indexes are into the history it was grouped from.
struct Change {
  size_t first = 0;
  size_t count = 0;
  EventTime time;                              // of its first record
  ChangeKind kind = ChangeKind::kForceChange;  // the strongest in it
  bool disables = false;                       // has a `Disable account`
  bool after_bad_password = false;             // of its first record
};

// The records of one change take at most this long from the first on.
inline constexpr Duration kChangeSpan = std::chrono::minutes(5);
// How long before a sync a 50126 makes it a sync_delay; closed span.
inline constexpr Duration kBadPasswordSpan = std::chrono::minutes(60);

// The kind of an operation by the table and the rules about its actor; SPEC 6.1.
class OperationTable {
 public:
  explicit OperationTable(const CorrelationConfig& config) : config_(config) {}

  struct Actor {
    std::string_view user_principal_name;
    std::string_view app_display_name;
    std::string_view service_principal_name;
  };
  // As the fields of CredentialEvent.
  struct Meaning {
    ChangeKind kind = ChangeKind::kIgnore;  // kIgnore: not a credential event, and known as such
    bool sync_stamp = false;
    bool disables = false;
  };
  // nullopt: an unknown operation. `operation` as normalised by NormalizeOperation.
  [[nodiscard]] std::optional<Meaning> Classify(const std::string& operation,
                                                const Actor& actor) const;

 private:
  [[nodiscard]] bool IsSync(const Actor& actor) const;

  CorrelationConfig config_;
};

// But for after_bad_password, which other records decide.
[[nodiscard]] CredentialEvent MakeCredentialEvent(const Signal& signal,
                                                  const ParsedMessage& message,
                                                  const OperationTable::Meaning& meaning,
                                                  TextPool* pool);

// By time, then record id, then operation.
[[nodiscard]] bool ComesBefore(const CredentialEvent& a, const CredentialEvent& b,
                               const TextPool& pool);
void MarkTextsOf(const CredentialEvent& event, TextPool* pool);
template <typename A>
void Fields(A& a, CredentialEvent& event) {
  a(event.time, event.kind, event.sync_stamp, event.disables, event.after_bad_password);
  for (TextId* text :
       {&event.record_id, &event.operation, &event.actor, &event.user_principal_name}) {
    a.Text(*text);
  }
}

// The credential events of all users.
class CredentialLog : public UserLog<CredentialEvent> {
 public:
  using UserLog::UserLog;

  void Add(const UserKey& user, const CredentialEvent& event);
  // A 50126 failure of a user known by object id. True when it comes before an event of the user.
  bool NoteBadPassword(const UserKey& user, EventTime t);

  // Greedy by SPEC 6.1: a change begins with the first event that is in none and takes all that are
  // at most kChangeSpan after it.
  [[nodiscard]] static std::vector<Change> Group(const History& history);
  // The event's kind as one of the change's.
  [[nodiscard]] static ChangeKind KindIn(const CredentialEvent& event, const Change& change) {
    return event.sync_stamp && change.disables ? ChangeKind::kRevoke : event.kind;
  }
  // What the ticket shows: the actor of the earliest event of the change's kind.
  [[nodiscard]] TextId ActorOf(const History& history, const Change& change) const;
  // The tenant's events of kind `sync` in [from, to].
  [[nodiscard]] SyncContext SyncsIn(TenantIndex tenant, EventTime from, EventTime to) const {
    return syncs_.In(tenant, from, to);
  }

  // Forgets the earliest event of the tenant that has most, whoever's it is; counted in evicted().
  // Returns whose it was. Only when there is any.
  UserKey EvictOldest();
  // Forgets changes whose events are all before `horizon`.
  void PruneUser(const UserKey& user, EventTime horizon);
  [[nodiscard]] bool Read(const UserKey& user, RowReader* row);

 private:
  // Does what alters the user's events, and follows with the times of those of kind `sync`: what
  // else is in a change decides what its stamps are.
  template <typename Alter>
  void WithSyncs(const UserKey& user, const Alter& alter);
  [[nodiscard]] std::vector<EventTime> SyncsOf(const UserKey& user) const;

  SyncTimes syncs_;
};

}  // namespace signinwatch

#endif  // SIGNINWATCH_DETECTORS_CREDENTIAL_LOG_H_
