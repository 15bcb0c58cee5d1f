// What waits for each sink, in SQLite. OutboxTables writes (within a transaction), OutboxReader
// reads.
#ifndef SIGNINWATCH_DAEMON_STORE_SQLITE_OUTBOX_TABLES_H_
#define SIGNINWATCH_DAEMON_STORE_SQLITE_OUTBOX_TABLES_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/store/outbox.h"
#include "daemon/store/sqlite/sqlite_connection.h"
#include "daemon/store/store_counts.h"

namespace signinwatch::store {

class OutboxTables {
 public:
  explicit OutboxTables(Connection& connection);

  // The revision `sequence` of a ticket waits for `sink`; earlier ones that wait for it too are
  // superseded.
  absl::Status Put(const std::string& sink, int64_t sequence, const std::string& ticket_id,
                   StoreCounts* change);
  // Takes out what has an outcome; failures are remembered.
  absl::Status Take(const std::string& sink, const DeliveryOutcome& outcome, EventTime now,
                    StoreCounts* change);
  absl::Status ForgetOldFailures();
  // Up to `count` superseded ones, the oldest first; how many there were:
  absl::StatusOr<int64_t> DropSuperseded(const std::string& sink, int64_t count,
                                         StoreCounts* change);
  absl::StatusOr<int64_t> DropOldest(const std::string& sink, int64_t count, StoreCounts* change);
  // All that waits for a sink that is not configured any more.
  absl::Status Forget(const std::string& sink);

 private:
  absl::StatusOr<int64_t> Drop(Statement& drop, const std::string& sink, int64_t count,
                               StoreCounts* change);

  Connection& connection_;
  Statement put_;
  Statement supersede_;
  Statement note_failure_;
  Statement take_;
  Statement forget_failures_;
  Statement drop_superseded_;
  Statement drop_oldest_;
  Statement forget_;
};

class OutboxReader {
 public:
  explicit OutboxReader(Connection& connection);

  absl::Status Next(const std::string& sink, int64_t after, size_t limit,
                    std::vector<Delivery>* deliveries);
  absl::Status Failed(size_t limit, std::vector<FailedDelivery>* failed);
  // When the oldest that waits was committed; kBeginningOfTime: nothing waits.
  absl::StatusOr<EventTime> Oldest(const std::string& sink);
  // Counts all.
  absl::Status Depths(std::map<std::string, int64_t>* waiting);

 private:
  Statement next_;
  Statement failed_;
  Statement oldest_;
  Statement depths_;
};

}  // namespace signinwatch::store

#endif  // SIGNINWATCH_DAEMON_STORE_SQLITE_OUTBOX_TABLES_H_
