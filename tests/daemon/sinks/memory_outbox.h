// The outbox of one sink in memory; of the store nothing else works.
#ifndef SIGNINWATCH_TESTS_DAEMON_SINKS_MEMORY_OUTBOX_H_
#define SIGNINWATCH_TESTS_DAEMON_SINKS_MEMORY_OUTBOX_H_

#include <atomic>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "daemon/store/store.h"

namespace signinwatch {

class MemoryOutbox : public Store {
 public:
  // So many of the next calls fail.
  std::atomic<int> failing_reads{0};
  std::atomic<int> failing_acknowledgements{0};

  void Add(Delivery delivery) {
    const std::lock_guard lock(mutex_);
    waiting_[delivery.sequence] = std::move(delivery);
  }
  [[nodiscard]] size_t depth() const {
    const std::lock_guard lock(mutex_);
    return waiting_.size();
  }
  // The deliveries that were read, and the calls of Acknowledge that worked.
  [[nodiscard]] size_t read() const { return read_; }
  [[nodiscard]] size_t acknowledgements() const { return acknowledgements_; }
  [[nodiscard]] std::vector<DeliveryOutcome> outcomes() const {
    const std::lock_guard lock(mutex_);
    return outcomes_;
  }

  absl::Status NextDeliveries(const std::string&, int64_t after, size_t limit,
                              std::vector<Delivery>* deliveries) override {
    const std::lock_guard lock(mutex_);
    if (failing_reads > 0) {
      --failing_reads;
      return absl::UnavailableError("busy");
    }
    for (auto at = waiting_.upper_bound(after); at != waiting_.end() && limit > 0; ++at, --limit) {
      deliveries->push_back(at->second);
      ++read_;
    }
    return absl::OkStatus();
  }
  absl::Status Acknowledge(const std::string&, std::span<const DeliveryOutcome> outcomes) override {
    const std::lock_guard lock(mutex_);
    if (failing_acknowledgements > 0) {
      --failing_acknowledgements;
      return absl::ResourceExhaustedError("disk full");
    }
    ++acknowledgements_;
    for (const DeliveryOutcome& outcome : outcomes) {
      waiting_.erase(outcome.sequence);
      outcomes_.push_back(outcome);
    }
    return absl::OkStatus();
  }

  absl::Status LoadState(std::vector<StateRow>*) override { return No(); }
  absl::Status LoadPositions(std::vector<PartitionPosition>*) override { return No(); }
  absl::Status LoadFailures(EventTime, std::vector<FailureCount>*) override { return No(); }
  absl::Status Commit(const StoreCommit&) override { return No(); }
  absl::Status OutboxSizes(std::vector<OutboxSize>*) override { return No(); }
  absl::Status FindTickets(const TicketFilter&, TicketPage*) override { return No(); }
  absl::Status TicketRevisions(const std::string&, std::vector<std::string>*) override {
    return No();
  }
  absl::StatusOr<bool> Maintain(EventTime) override { return No(); }
  absl::Status Size(StoreSize*) override { return No(); }
  [[nodiscard]] std::vector<std::pair<std::string, uint64_t>> dropped_deliveries() const override {
    return {};
  }

 private:
  static absl::Status No() { return absl::UnimplementedError("an outbox only"); }

  mutable std::mutex mutex_;
  std::map<int64_t, Delivery> waiting_;
  std::vector<DeliveryOutcome> outcomes_;
  std::atomic<size_t> read_{0};
  std::atomic<size_t> acknowledgements_{0};
};

}  // namespace signinwatch

#endif  // SIGNINWATCH_TESTS_DAEMON_SINKS_MEMORY_OUTBOX_H_
