// Whose failures are to be explained, and which events are theirs (SPEC 6.2).
#ifndef SIGNINWATCH_DETECTORS_SUBJECT_H_
#define SIGNINWATCH_DETECTORS_SUBJECT_H_

#include <algorithm>
#include <span>
#include <string_view>

#include "absl/container/inlined_vector.h"
#include "detectors/keys.h"
#include "detectors/text_pool.h"
#include "parser/event_time.h"
#include "parser/ids.h"

namespace signinwatch {

// The failures of one user that are to be explained: a burst, or the user's part of a tenant's
// burst.
struct Subject {
  UserKey user;
  std::span<const TextId> names;  // every user principal name of the failures, as written
  EventTime start;
  EventTime end;
  bool closed = false;
  bool guest = false;  // of another tenant (SPEC 6.2), by the first failure
};

// The user who is known by a name only, which is compared without case.
[[nodiscard]] UserKey NameKey(TenantIndex tenant, std::string_view name);

// Visits the histories of a UserLog that have events of the subject's user: by object id; by any
// user principal name of the failures if either side has no id. visit(owner, history, name): only
// events that bear `name` are the user's; nullptr: all are.
template <typename Log, typename Visit>
void ForEachHistory(const Subject& subject, const Log& log, const TextPool& pool,
                    const Visit& visit) {
  const auto all_of = [&](const UserKey& owner) {
    if (const auto* history = log.Find(owner)) visit(owner, *history, nullptr);
  };
  all_of(subject.user);
  if (!subject.user.by_name()) {
    // Events that are known by name only.
    absl::InlinedVector<UserKey, 4> seen;
    for (const TextId name : subject.names) {
      const UserKey key = NameKey(subject.user.tenant, pool.Get(name));
      if (std::find(seen.begin(), seen.end(), key) != seen.end()) continue;
      seen.push_back(key);
      all_of(key);
    }
    return;
  }
  // Events of users with an id that bear the name.
  const std::vector<UserKey>* owners = log.FindByName(subject.user);
  if (owners == nullptr) return;
  for (const UserKey& owner : *owners) visit(owner, *log.Find(owner), &subject.user);
}

// Whether an event bears the name that ForEachHistory asks for.
template <typename Event>
[[nodiscard]] bool Bears(const Event& event, const UserKey& name, const TextPool& pool) {
  return event.user_principal_name != 0 &&
         MakeNameId(pool.Get(event.user_principal_name)) == name.user();
}

}  // namespace signinwatch

#endif  // SIGNINWATCH_DETECTORS_SUBJECT_H_
