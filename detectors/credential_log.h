// Credential events (password changes, resets, revocations) and the changes they form (SPEC 6.1).
#ifndef SIGNINWATCH_DETECTORS_CREDENTIAL_LOG_H_
#define SIGNINWATCH_DETECTORS_CREDENTIAL_LOG_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "detectors/config.h"
#include "detectors/keys.h"
#include "detectors/tenant_shares.h"
#include "detectors/text_pool.h"
#include "detectors/timer_queue.h"
#include "parser/event_time.h"
#include "parser/message_parser.h"
#include "parser/signal.h"

namespace signinwatch {

class RowReader;
class RowWriter;

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

// The credential events of all users, each user's sorted by time, then record id, then operation.
class CredentialLog {
 public:
  using History = std::vector<CredentialEvent>;

  // At most `events_max` events of one user; beyond it the oldest are forgotten, counted in
  // evicted().
  CredentialLog(const TextPool* pool, size_t events_max) : pool_(pool), events_max_(events_max) {}

  void Add(const UserKey& user, const CredentialEvent& event);
  // A 50126 failure of a user known by object id. True when it comes before an event of the user.
  bool NoteBadPassword(const UserKey& user, EventTime t);

  // nullptr: none.
  [[nodiscard]] const History* Find(const UserKey& user) const;
  // Users known by object id that have an event whose target bore `name`.
  [[nodiscard]] const std::vector<UserKey>* FindByName(const UserKey& name) const;
  // Users of the tenant with an event in [from, to], each once.
  [[nodiscard]] std::vector<UserKey> UsersIn(TenantIndex tenant, EventTime from,
                                             EventTime to) const;

  // Greedy by SPEC 6.1: a change begins with the first event that is in none and takes all that are
  // at most kChangeSpan after it.
  [[nodiscard]] static std::vector<Change> Group(const History& history);
  // The event's kind as one of the change's.
  [[nodiscard]] static ChangeKind KindIn(const CredentialEvent& event, const Change& change) {
    return event.sync_stamp && change.disables ? ChangeKind::kRevoke : event.kind;
  }
  // What the ticket shows: the actor of the earliest event of the change's kind.
  [[nodiscard]] TextId ActorOf(const History& history, const Change& change) const;

  // Forgets the earliest event of the tenant that has most, whoever's it is; counted in evicted().
  // Returns whose it was. Only when there is any.
  UserKey EvictOldest();
  // Forgets changes whose events are all before `horizon`.
  void PruneUser(const UserKey& user, EventTime horizon);
  // Sets a timer for when the user's earliest change may be forgotten, `span` after it; next_due
  // says when the next fires, and TakeDue whose it was.
  void Arm(const UserKey& user, EventTime watermark, Duration span);
  [[nodiscard]] EventTime next_due() const { return timers_.next_due(); }
  [[nodiscard]] UserKey TakeDue() { return timers_.Take().subject; }

  template <typename Visit>
  void ForEachUser(const Visit& visit) const {
    for (const auto& [user, history] : histories_) visit(user);
  }
  void MarkTexts(TextPool* pool) const;
  // The user's row. Read is false where it is damaged.
  void Write(const UserKey& user, RowWriter* row) const;
  [[nodiscard]] bool Read(const UserKey& user, RowReader* row);

  [[nodiscard]] size_t size() const { return by_time_.size(); }
  // Estimate of the memory held; O(1).
  [[nodiscard]] size_t bytes() const { return size() * (sizeof(CredentialEvent) + 208); }
  [[nodiscard]] uint64_t evicted() const { return evicted_; }
  // Whether any user of the tenant has an event.
  [[nodiscard]] bool HasTenant(TenantIndex tenant) const {
    return events_of_tenant_.of(tenant) > 0;
  }

 private:
  void Index(const UserKey& user, const CredentialEvent& event);
  void EraseFront(const UserKey& user, History& history, size_t count);
  [[nodiscard]] bool Before(const CredentialEvent& a, const CredentialEvent& b) const;

  const TextPool* pool_;
  size_t events_max_;
  uint64_t evicted_ = 0;
  absl::flat_hash_map<UserKey, History, TableHash> histories_;
  // By the name of the target, as a UserKey of form kName.
  absl::flat_hash_map<UserKey, std::vector<UserKey>, TableHash> by_name_;
  // (tenant, time, user): a user's events of one time count once, so it is a multiset by count.
  struct TimedUser {
    TenantIndex tenant;
    EventTime time;
    UserKey user;
    friend auto operator<=>(const TimedUser&, const TimedUser&) = default;
  };
  std::map<TimedUser, uint32_t> by_time_;
  TenantShares events_of_tenant_;
  TimerQueue<UserKey> timers_;
};

}  // namespace signinwatch

#endif  // SIGNINWATCH_DETECTORS_CREDENTIAL_LOG_H_
