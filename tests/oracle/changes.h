// Credential events and the changes they form (SPEC 6.1), by sort and scan.
#ifndef SIGNINWATCH_TESTS_ORACLE_CHANGES_H_
#define SIGNINWATCH_TESTS_ORACLE_CHANGES_H_

#include <compare>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tests/oracle/lower.h"
#include "tests/oracle/oracle_config.h"
#include "tests/oracle/plain_record.h"

namespace signinwatch::oracle {

// The key of SPEC 3.2. A user known by name only is never the user whose object id has that text
// (SPEC 6.1, 6.3: grouped apart, count as two).
struct UserKey {
  std::string text;  // object id, else the user principal name in lower case
  bool by_name = false;
  friend auto operator<=>(const UserKey&, const UserKey&) = default;
};
[[nodiscard]] std::optional<UserKey> UserOf(const PlainRecord& record);

// An operation as it is compared: lower case, without outer blanks and trailing dots and blanks.
[[nodiscard]] std::string Normalized(const std::string& operation);
// SPEC 7: the user by name, else by id; else the application by the first of four names.
[[nodiscard]] std::string ShownActor(const PlainActor& actor);

// The kind of a credential event of a user, taken alone; nullopt for every other record.
[[nodiscard]] std::optional<std::string> KindOf(const PlainRecord& record,
                                                const OracleConfig& config);

// 0 is the strongest (SPEC 6.1).
[[nodiscard]] int RankOf(const std::string& kind);

struct Change {
  std::string tenant;
  UserKey user;
  int64_t time_us = 0;
  std::string kind;
  std::string actor;  // as shown; empty: null
  std::vector<std::string> operations;
  std::vector<std::string> record_ids;
  // The user principal names of its records in lower case: what a burst is matched with when either
  // side has no object id (SPEC 6.2). Any of them may match.
  std::set<std::string> names;
  std::vector<int64_t> sync_times_us;  // of its records that are of kind `sync`
};

// `records` without duplicates. By time, then strength of kind, record ids, operations and actor.
[[nodiscard]] std::vector<Change> FindChanges(const std::vector<PlainRecord>& records,
                                              const OracleConfig& config);

}  // namespace signinwatch::oracle

#endif  // SIGNINWATCH_TESTS_ORACLE_CHANGES_H_
