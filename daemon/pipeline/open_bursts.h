// The bursts that are open, counted by what the metrics show of them. Not thread-safe.
#ifndef SIGNINWATCH_DAEMON_PIPELINE_OPEN_BURSTS_H_
#define SIGNINWATCH_DAEMON_PIPELINE_OPEN_BURSTS_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <tuple>

#include "absl/container/flat_hash_map.h"
#include "detectors/ticket.h"
#include "parser/table_hash.h"

namespace signinwatch::pipeline {

struct BurstLabels {
  std::string detector;
  GroupBy scope = GroupBy::kUser;
  Cause cause = Cause::kPending;
  Severity severity = Severity::kInfo;
  friend auto operator<=>(const BurstLabels&, const BurstLabels&) = default;
};

// Bounded as the detector's tickets are.
class OpenBursts {
 public:
  // A revision: opens, changes or closes the burst of its ticket.
  void Note(const Ticket& ticket);
  [[nodiscard]] const std::map<BurstLabels, uint64_t>& counts() const { return counts_; }
  [[nodiscard]] size_t size() const { return open_.size(); }

 private:
  absl::flat_hash_map<std::string, BurstLabels, TableHash> open_;  // by ticket id
  std::map<BurstLabels, uint64_t> counts_;
};

}  // namespace signinwatch::pipeline

#endif  // SIGNINWATCH_DAEMON_PIPELINE_OPEN_BURSTS_H_
