// Why a burst happened, and what else stands beside it (SPEC 6.2 to 6.4), by scan over all records.
#ifndef SIGNINWATCH_TESTS_ORACLE_CAUSES_H_
#define SIGNINWATCH_TESTS_ORACLE_CAUSES_H_

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/oracle/bursts.h"
#include "tests/oracle/changes.h"
#include "tests/oracle/oracle_config.h"
#include "tests/oracle/plain_record.h"

namespace signinwatch::oracle {

// A user's events between s and e, both included: a user burst, or one user's part of a tenant
// burst.
struct UserSpan {
  std::string tenant;
  UserKey user;
  int64_t s = 0;
  int64_t e = 0;
  Events events;
};

// SPEC 6.2: whether its user is a guest, by the first event.
[[nodiscard]] bool BeginsAsGuest(const UserSpan& span);

class Facts {
 public:
  // Removes the duplicates. `config` must outlive it.
  Facts(const std::vector<PlainRecord>& records, const OracleConfig& config);

  [[nodiscard]] const std::vector<PlainRecord>& records() const { return records_; }
  [[nodiscard]] const std::vector<Change>& changes() const { return changes_; }
  [[nodiscard]] const Events& SigninsOf(const std::string& tenant, const UserKey& user) const;

  [[nodiscard]] std::string CauseOf(const UserSpan& span) const;

  // All changes of the span's user in [s - lookback, max(e, s + max_clock_skew)], by time.
  [[nodiscard]] std::vector<const Change*> ListedChanges(const UserSpan& span) const;
  // The changes of the tenant in [s - 24 h, e].
  [[nodiscard]] std::vector<const Change*> TenantChanges(const std::string& tenant, int64_t s,
                                                         int64_t e) const;

  // The failures of the span from a source that is unfamiliar at s.
  [[nodiscard]] std::set<const PlainRecord*> UnfamiliarFailures(const UserSpan& span) const;

  // The earliest sign-in in [from, until) that shows the user is back (SPEC 6.4).
  [[nodiscard]] std::optional<int64_t> BackAt(const std::string& tenant, const UserKey& user,
                                              int64_t from, int64_t until) const;

 private:
  [[nodiscard]] bool Matches(const Change& change, const UserSpan& span) const;
  [[nodiscard]] std::string ExplainedBy(const std::vector<const Change*>& explaining) const;
  // Failures with a code of `codes` in [from, to].
  [[nodiscard]] size_t CountFailures(const std::string& tenant, const UserKey& user,
                                     const std::set<int64_t>& codes, int64_t from,
                                     int64_t to) const;

  const OracleConfig& config_;
  std::vector<PlainRecord> records_;
  std::vector<Change> changes_;
  std::map<std::pair<std::string, UserKey>, Events> signins_;
};

}  // namespace signinwatch::oracle

#endif  // SIGNINWATCH_TESTS_ORACLE_CAUSES_H_
