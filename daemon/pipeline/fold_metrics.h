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

namespace signinwatch::pipeline {

struct FoldTotals {
  uint64_t records = 0, accepted = 0, irrelevant = 0, rejected = 0;
};

class FoldMetrics {
 public:
  explicit FoldMetrics(metrics::Metrics& metrics);

  // A fold begins, with this configuration.
  void Begin(const DetectionConfig& config, size_t max_tenants);

  void CountMessage(kafka::PartitionSlot slot, const std::string& topic, size_t bytes,
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
  void CountSignalMessage(kafka::PartitionSlot slot, const std::string& topic, size_t bytes);
  void CountRevision(const Ticket& ticket);
  void CountGap(const std::string& topic, int64_t messages);
  // A batch that can't be read: one rejected record.
  void CountUnreadable(kafka::PartitionSlot slot, const std::string& topic,
                       kafka::UnreadableReason reason);
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
    metrics::Counter* messages = nullptr;
    metrics::Counter* bytes = nullptr;
    metrics::Counter* accepted = nullptr;
    metrics::Counter* irrelevant = nullptr;
    metrics::Counter* rejected = nullptr;
  };
  struct CategorySeries {
    metrics::Counter* success = nullptr;  // nullptr: audit records
    metrics::Counter* watched = nullptr;
    metrics::Counter* failure = nullptr;
    metrics::Histogram* export_delay = nullptr;
    metrics::Histogram* end_to_end = nullptr;
  };
  [[nodiscard]] TopicSeries& TopicOf(kafka::PartitionSlot slot, const std::string& topic);
  [[nodiscard]] std::string IrrelevantLabel(std::string_view category);
  [[nodiscard]] metrics::Counter& FailuresOf(const Signal& signal, const ParsedMessage& parsed);
  // What a resolved ticket found, and what its records answer.
  void CountFacts(const Ticket& ticket);

  metrics::Metrics& metrics_;
  FoldTotals totals_;
  metrics::TenantLabels tenants_;
  absl::flat_hash_set<int64_t> watched_codes_;
  std::vector<TopicSeries> by_slot_;
  CategorySeries categories_[kCategoryCount];
  metrics::Counter* rejected_[kRejectReasonCount];
  metrics::Counter& invalid_utf8_;
  metrics::Histogram& late_by_;
  std::set<std::string> irrelevant_;  // lower-cased names that have their own series
  // Of labelled tenants and watched codes: bounded by max_tenants times the number of codes.
  absl::flat_hash_map<std::pair<std::string, int64_t>, metrics::Counter*> failures_;
};

}  // namespace signinwatch::pipeline

#endif  // SIGNINWATCH_DAEMON_PIPELINE_FOLD_METRICS_H_
