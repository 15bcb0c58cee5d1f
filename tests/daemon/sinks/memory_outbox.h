// The outbox of one sink in memory, with what is known of tickets there.
#ifndef SIGNINWATCH_TESTS_DAEMON_SINKS_MEMORY_OUTBOX_H_
#define SIGNINWATCH_TESTS_DAEMON_SINKS_MEMORY_OUTBOX_H_

#include <algorithm>
#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "daemon/store/outbox.h"

namespace signinwatch::sinks {

class MemoryOutbox : public store::Outbox {
 public:
  // So many of the next calls fail.
  std::atomic<int> failing_reads{0};
  std::atomic<int> failing_acknowledgements{0};

  std::atomic<int> failing_notes{0};  // of NoteRemote
  std::atomic<int> failing_claims{0};
  std::atomic<uint64_t> claims{0};  // see ClaimsVersion
  // Called before and after each write: a test may end the process there.
  std::function<void()> on_write = [] {};

  void Clear() {
    const std::lock_guard lock(mutex_);
    waiting_.clear();
    outcomes_.clear();
    remotes_.clear();
  }
  void Add(store::Delivery delivery) {
    const std::lock_guard lock(mutex_);
    texts_[{delivery.ticket_id, delivery.revision}] = delivery.json;
    waiting_[delivery.sequence] = std::move(delivery);
  }
  [[nodiscard]] size_t depth() const {
    const std::lock_guard lock(mutex_);
    return waiting_.size();
  }
  // The deliveries that were read, and the calls of Acknowledge that worked.
  [[nodiscard]] size_t read() const { return read_; }
  [[nodiscard]] size_t acknowledgements() const { return acknowledgements_; }
  [[nodiscard]] std::vector<store::DeliveryOutcome> outcomes() const {
    const std::lock_guard lock(mutex_);
    return outcomes_;
  }

  absl::Status NextDeliveries(const std::string&, int64_t after, size_t limit,
                              std::vector<store::Delivery>* deliveries) override {
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
  absl::Status Acknowledge(const std::string&, std::span<const store::DeliveryOutcome> outcomes,
                           EventTime) override {
    const std::lock_guard lock(mutex_);
    if (failing_acknowledgements > 0) {
      --failing_acknowledgements;
      return absl::ResourceExhaustedError("disk full");
    }
    on_write();
    ++acknowledgements_;
    for (const store::DeliveryOutcome& outcome : outcomes) {
      waiting_.erase(outcome.sequence);
      outcomes_.push_back(outcome);
      if (!outcome.remote) continue;
      store::RemoteTicket remote = *outcome.remote;
      remote.error = outcome.error;
      remotes_[{remote.sink, remote.ticket_id}][remote.generation] = remote;
    }
    on_write();
    return absl::OkStatus();
  }

  absl::Status NoteRemote(const store::RemoteTicket& remote) override {
    if (failing_notes > 0) {
      --failing_notes;
      return absl::ResourceExhaustedError("disk full");
    }
    on_write();
    remotes_[{remote.sink, remote.ticket_id}][remote.generation] = remote;
    on_write();
    return absl::OkStatus();
  }
  absl::Status RemoteTickets(const std::string& sink, const std::string& ticket_id,
                             std::vector<store::RemoteTicket>* remotes) override {
    for (const auto& [generation, remote] : remotes_[{sink, ticket_id}]) remotes->push_back(remote);
    return absl::OkStatus();
  }
  absl::Status ToldTickets(const std::string& sink, std::vector<store::ToldTicket>* told) override {
    for (const auto& [key, generations] : remotes_) {
      if (key.first != sink) continue;
      for (const auto& [generation, remote] : generations) {
        const bool wanted = remote.state == store::RemoteState::kOpen ||
                            (remote.state == store::RemoteState::kClosed && !remote.memo.empty());
        const uint32_t intended = remote.intent ? remote.intent->revision : 0;
        const auto text = texts_.find({remote.ticket_id, std::max(remote.revision, intended)});
        if (wanted && text != texts_.end()) told->push_back({remote, text->second});
      }
    }
    return absl::OkStatus();
  }
  absl::Status RolledUpUnder(const std::string&, const std::string& ticket_id, EventTime as_of,
                             store::RolledUp* found) override {
    *found = as_of >= rolled_up_since ? rolled_up[ticket_id] : store::RolledUp();
    return absl::OkStatus();
  }
  // Under which tickets others are left out, and since when.
  std::map<std::string, store::RolledUp> rolled_up;
  EventTime rolled_up_since = kBeginningOfTime;

  absl::Status FailedDeliveries(size_t, std::vector<store::FailedDelivery>*) override {
    return No();
  }
  absl::Status OutboxSizes(std::vector<store::OutboxSize>*) override { return No(); }
  [[nodiscard]] std::vector<std::pair<std::string, uint64_t>> dropped_deliveries() const override {
    return {};
  }
  absl::StatusOr<uint64_t> ClaimsVersion(clock::SteadyTime) override {
    if (failing_claims > 0) {
      --failing_claims;
      return absl::UnavailableError("no answer");
    }
    return claims.load();
  }

 private:
  static absl::Status No() { return absl::UnimplementedError("what delivery asks for only"); }

  mutable std::mutex mutex_;
  std::map<int64_t, store::Delivery> waiting_;
  std::vector<store::DeliveryOutcome> outcomes_;
  std::map<std::pair<std::string, uint32_t>, std::string> texts_;  // by ticket and revision
  // By sink and ticket, then generation.
  std::map<std::pair<std::string, std::string>, std::map<uint32_t, store::RemoteTicket>> remotes_;
  std::atomic<size_t> read_{0};
  std::atomic<size_t> acknowledgements_{0};
};

}  // namespace signinwatch::sinks

#endif  // SIGNINWATCH_TESTS_DAEMON_SINKS_MEMORY_OUTBOX_H_
