// How much is in the store, kept beside it so that a scrape counts nothing.
#ifndef SIGNINWATCH_DAEMON_STORE_STORE_COUNTS_H_
#define SIGNINWATCH_DAEMON_STORE_STORE_COUNTS_H_

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>

namespace signinwatch::store {

// Numbers, or by how much one transaction changed them.
struct StoreCounts {
  int64_t state_rows = 0;
  int64_t tickets = 0;
  int64_t revisions = 0;
  std::map<std::string, int64_t> waiting = {};  // deliveries by sink
  std::map<std::string, int64_t> dropped = {};  // by the bound of the outbox, by sink

  void Add(const StoreCounts& change) {
    state_rows += change.state_rows;
    tickets += change.tickets;
    revisions += change.revisions;
    for (const auto& [sink, count] : change.waiting) waiting[sink] += count;
    for (const auto& [sink, count] : change.dropped) dropped[sink] += count;
  }
};

// Shared by all threads. A transaction's change is added when it has been committed.
class SharedCounts {
 public:
  void Add(const StoreCounts& change) {
    std::lock_guard lock(mutex_);
    counts_.Add(change);
  }
  // All but what was dropped, which is not in the store.
  void Set(StoreCounts counts) {
    std::lock_guard lock(mutex_);
    counts.dropped = std::move(counts_.dropped);
    counts_ = std::move(counts);
  }
  void ForgetSink(const std::string& sink) {
    std::lock_guard lock(mutex_);
    counts_.waiting.erase(sink);
  }
  [[nodiscard]] StoreCounts Get() const {
    std::lock_guard lock(mutex_);
    return counts_;
  }

 private:
  mutable std::mutex mutex_;
  StoreCounts counts_;
};

}  // namespace signinwatch::store

#endif  // SIGNINWATCH_DAEMON_STORE_STORE_COUNTS_H_
