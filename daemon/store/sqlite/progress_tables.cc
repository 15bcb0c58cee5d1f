#include "daemon/store/sqlite/progress_tables.h"

#include "detectors/detector.h"

namespace signinwatch::store {

ProgressTables::ProgressTables(Connection& connection)
    : connection_(connection),
      put_position_(connection,
                    "INSERT OR REPLACE INTO positions(topic, partition, next_offset, watermark, "
                    "mark) VALUES (?, ?, ?, ?, ?)"),
      read_positions_(connection,
                      "SELECT topic, partition, next_offset, watermark, mark FROM positions "
                      "ORDER BY topic, partition"),
      put_failures_(connection,
                    "INSERT OR REPLACE INTO failures(bucket, code, count) VALUES (?, ?, ?)"),
      read_failures_(connection,
                     "SELECT bucket, code, count FROM failures WHERE bucket >= ? "
                     "ORDER BY bucket, code"),
      forget_failures_(connection,
                       "DELETE FROM failures WHERE (bucket, code) IN (SELECT bucket, code FROM "
                       "failures WHERE bucket < (SELECT MAX(bucket) FROM failures) - ? "
                       "ORDER BY bucket LIMIT ?)"),
      put_meta_(connection, "INSERT OR REPLACE INTO meta(key, value) VALUES (?, ?)") {}

absl::Status ProgressTables::WritePositions(
    const std::vector<position::PartitionPosition>& positions) {
  for (const position::PartitionPosition& p : positions) {
    // SQLite's integers are signed: the same bits.
    absl::Status s = put_position_.Run(p.topic, int64_t{p.partition}, p.next_offset, p.watermark,
                                       static_cast<int64_t>(p.mark));
    if (!s.ok()) return s;
  }
  return absl::OkStatus();
}

absl::Status ProgressTables::ReadPositions(std::vector<position::PartitionPosition>* positions) {
  positions->clear();
  Statement& read = read_positions_;
  read.Bind();
  while (read.Next()) {
    positions->push_back({.topic = read.Bytes(0),
                          .partition = static_cast<int32_t>(read.Integer(1)),
                          .next_offset = read.Integer(2),
                          .watermark = read.Time(3),
                          .mark = static_cast<uint64_t>(read.Integer(4))});
  }
  return read.Finish();
}

absl::Status ProgressTables::WriteFailures(const std::vector<FailureCount>& failures) {
  for (const FailureCount& f : failures) {
    absl::Status s = put_failures_.Run(f.bucket, f.code, static_cast<int64_t>(f.count));
    if (!s.ok()) return s;
  }
  return absl::OkStatus();
}

absl::Status ProgressTables::ReadFailures(EventTime from, std::vector<FailureCount>* failures) {
  failures->clear();
  Statement& read = read_failures_;
  read.Bind(from);
  while (read.Next()) {
    failures->push_back({read.Time(0), read.Integer(1), static_cast<uint64_t>(read.Integer(2))});
  }
  return read.Finish();
}

absl::StatusOr<int64_t> ProgressTables::ForgetFailures(Duration keep, int64_t limit) {
  if (absl::Status s = forget_failures_.Run(keep.count(), limit); !s.ok()) return s;
  return connection_.changes();
}

absl::Status ProgressTables::WriteStateVersion() {
  return put_meta_.Run("state_version", std::to_string(kStateVersion));
}

}  // namespace signinwatch::store
