// What has changed since the state was last saved, of the rows that a tenant or a user names. (Ids
// and tickets have journals of their own, in their tables.)
#ifndef SIGNINWATCH_DETECTORS_CHANGE_JOURNAL_H_
#define SIGNINWATCH_DETECTORS_CHANGE_JOURNAL_H_

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "detectors/keys.h"
#include "detectors/state_row.h"
#include "parser/table_hash.h"

namespace signinwatch {

class ChangeJournal {
 public:
  // What is saved now is all: from here on changes are kept. Before, none is.
  void Start() {
    *this = {};
    on_ = true;
  }
  [[nodiscard]] bool on() const { return on_; }

  void MarkTenant(TenantIndex index) {
    if (on_) tenants_.insert(UserKey(index, UserId()));
  }
  void MarkUser(const UserKey& user) {
    if (on_) users_.insert(user);
  }
  // The row of a log: kCredentials, kRisks or kAudits.
  void Mark(RowKind log, const UserKey& key) {
    if (on_) logs_[log].insert(key);
  }
  // What is kept in the row of the key's user, or of its tenant where it names none.
  void MarkTracks(const UserKey& key) {
    if (on_) (key.form == IdForm::kNone ? tenants_ : users_).insert(key);
  }
  // The row is gone. Noted by its key at once, for the tenant that names it may go too.
  void MarkDeleted(RowKind kind, const TenantId& tenant, const UserId& user) {
    if (on_) deleted_.push_back({RowKey(kind, tenant, user), {}});
  }

  struct Changes {
    std::vector<StateRow> deleted;  // before what has changed: it may have come again
    absl::flat_hash_set<UserKey, TableHash> tenants;  // some may be gone, as of the next
    absl::flat_hash_set<UserKey, TableHash> users;
    std::map<RowKind, absl::flat_hash_set<UserKey, TableHash>> logs;
  };
  // Since the last call, or since Start.
  [[nodiscard]] Changes Take() {
    return {std::exchange(deleted_, {}), std::exchange(tenants_, {}), std::exchange(users_, {}),
            std::exchange(logs_, {})};
  }

 private:
  bool on_ = false;
  std::vector<StateRow> deleted_;
  absl::flat_hash_set<UserKey, TableHash> tenants_;
  absl::flat_hash_set<UserKey, TableHash> users_;
  std::map<RowKind, absl::flat_hash_set<UserKey, TableHash>> logs_;
};

}  // namespace signinwatch

#endif  // SIGNINWATCH_DETECTORS_CHANGE_JOURNAL_H_
