// What a look at a database finds (store_probe.h).
#ifndef SIGNINWATCH_DAEMON_STORE_DATABASE_FACTS_H_
#define SIGNINWATCH_DAEMON_STORE_DATABASE_FACTS_H_

#include <chrono>
#include <cstdint>
#include <string>

namespace signinwatch::store {

struct DatabaseFacts {
  std::string problem;                     // why it can't be used; empty: it can
  std::string server;                      // "PostgreSQL at host:5432/database"
  int server_version = 0;                  // 150'004 is 15.4
  std::chrono::microseconds round_trip{};  // of a statement
  int64_t version = 0, known_version = 0;  // of the tables, 0: there are none yet; and ours
  bool may_make_tables = true;
  uint64_t bytes = 0;
  uint64_t shards = 0;          // that were ever claimed
  int64_t greatest_shard = -1;  // of those; -1: there is none
  uint64_t shards_owned = 0;    // by somebody who is connected
  uint64_t owners = 0;
};

}  // namespace signinwatch::store

#endif  // SIGNINWATCH_DAEMON_STORE_DATABASE_FACTS_H_
