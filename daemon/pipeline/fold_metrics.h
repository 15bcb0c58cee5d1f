// What the fold counts, record by record. Each time series is looked up once and kept.
//
// It outlives the pipeline, as a reload makes a new one and no count may begin anew by that.
//
// One thread's at a time; all calls but Begin inside a Metrics update, so that the counts add up at
// every scrape.
#ifndef SIGNINWATCH_DAEMON_PIPELINE_FOLD_METRICS_H_
#define SIGNINWATCH_DAEMON_PIPELINE_FOLD_METRICS_H_

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "daemon/kafka/record_source.h"
#include "daemon/pipeline/partition_table.h"
#include "detectors/config.h"
#include "detectors/detector.h"
#include "metrics/metrics.h"
#include "metrics/tenant_labels.h"
#include "parser/message_parser.h"

namespace signinwatch {

struct FoldTotals {
  uint64_t records = 0, accepted = 0, irrelevant = 0, rejected = 0;
};

class FoldMetrics {
 public:
  explicit FoldMetrics(Metrics& metrics);

  // A fold begins, with this configuration.
  void Begin(const DetectionConfig& config, size_t max_tenants);

  void CountMessage(PartitionSlot slot, const std::string& topic, size_t bytes,
                    const ParsedMessage& parsed);
  // An accepted record, by who reads records.
  void CountRecord(const Signal& signal);
  // The same, by who applies it to a detector.
  void CountDetected(const Signal& signal, const ParsedMessage& parsed, const Outcome& outcome,
                     EventTime now);
  // A failure whose code belongs to a detector.
  [[nodiscard]] bool IsWatched(const Signal& signal) const {
    return signal.is_sign_in() && !signal.is_success() && watched_codes_.contains(signal.code);
  }
  // A message of the signal topic: its records were counted by who read them.
  void CountSignalMessage(PartitionSlot slot, const std::string& topic, size_t bytes);
  void CountRevision(const Ticket& ticket);
  void CountGap(const std::string& topic, int64_t messages);
  // A batch that can't be read: one rejected record.
  void CountUnreadable(PartitionSlot slot, const std::string& topic, UnreadableReason reason);
  void CountMadeAnew(const std::string& topic);
  void CountSetBack(size_t watermarks);
  // A detector's own counts, as they are now and as they were when they were counted last, which
  // becomes the same.
  void CountDetection(const DetectorCounters& now, DetectorCounters* counted);

  [[nodiscard]] const FoldTotals& totals() const { return totals_; }
  [[nodiscard]] size_t tenants_other() const { return tenants_.others(); }

 private:
  static constexpr size_t kIrrelevantNamesMax = 100;

  struct TopicSeries {
    Counter* messages = nullptr;
    Counter* bytes = nullptr;
    Counter* accepted = nullptr;
    Counter* irrelevant = nullptr;
    Counter* rejected = nullptr;
  };
  struct CategorySeries {
    Counter* success = nullptr;  // nullptr: audit records
    Counter* watched = nullptr;
    Counter* failure = nullptr;
    Histogram* export_delay = nullptr;
    Histogram* end_to_end = nullptr;
  };
  [[nodiscard]] TopicSeries& TopicOf(PartitionSlot slot, const std::string& topic);
  [[nodiscard]] std::string IrrelevantLabel(std::string_view category);
  [[nodiscard]] Counter& FailuresOf(const Signal& signal, const ParsedMessage& parsed);
  // What a resolved ticket found, and what its records answer.
  void CountFacts(const Ticket& ticket);

  Metrics& metrics_;
  FoldTotals totals_;
  TenantLabels tenants_;
  absl::flat_hash_set<int64_t> watched_codes_;
  std::vector<TopicSeries> by_slot_;
  CategorySeries categories_[kCategoryCount];
  Counter* rejected_[kRejectReasonCount];
  Counter& invalid_utf8_;
  Histogram& late_by_;
  std::set<std::string> irrelevant_;  // lower-cased names that have their own series
  // Of labelled tenants and watched codes: bounded by max_tenants times the number of codes.
  absl::flat_hash_map<std::pair<std::string, int64_t>, Counter*> failures_;
};

}  // namespace signinwatch

#endif  // SIGNINWATCH_DAEMON_PIPELINE_FOLD_METRICS_H_
