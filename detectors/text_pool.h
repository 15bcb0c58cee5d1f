// The texts that detection keeps: each once, named by a number.
//
// Numbers stay valid while the text is marked in every sweep. Sweeping is by marking and not by
// counting references, so that the many small structs which hold a TextId stay plain data.
#ifndef SIGNINWATCH_DETECTORS_TEXT_POOL_H_
#define SIGNINWATCH_DETECTORS_TEXT_POOL_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "parser/table_hash.h"

namespace signinwatch {

// 0 is the empty (absent) text.
using TextId = uint32_t;

class TextPool {
 public:
  // Beyond about `bytes_max` new texts become the empty text; counted in evicted().
  explicit TextPool(size_t bytes_max = SIZE_MAX);
  TextPool(const TextPool&) = delete;
  TextPool& operator=(const TextPool&) = delete;

  // Costs least when `guess` is right; 0 is no guess.
  [[nodiscard]] TextId Intern(std::string_view text, TextId guess = 0) {
    if (guess != 0 && Get(guess) == text) return guess;
    return InternUnknown(text);
  }
  // Valid until the next EndSweep.
  [[nodiscard]] std::string_view Get(TextId id) const {
    return {entries_[id].data, entries_[id].size};
  }

  // Brings what Get needs nearer to the processor.
  void Prefetch(TextId id) const { __builtin_prefetch(&entries_[id]); }

  // True when the pool has doubled since the last sweep, so that sweeping costs O(1) amortised.
  [[nodiscard]] bool wants_sweep() const { return bytes_ > sweep_at_; }
  void BeginSweep();
  void Mark(TextId id) { entries_[id].marked = true; }
  void EndSweep();

  // Estimate of the memory held.
  [[nodiscard]] size_t bytes() const { return bytes_; }
  [[nodiscard]] uint64_t evicted() const { return evicted_; }

 private:
  struct Entry {
    const char* data = nullptr;
    uint32_t size = 0;
    bool marked = false;
    uint64_t hash = 0;
  };
  struct Hash {
    using is_transparent = void;
    const TextPool* pool;
    size_t operator()(TextId id) const { return pool->entries_[id].hash; }
    size_t operator()(const Entry& entry) const { return entry.hash; }
  };
  struct Equal {
    using is_transparent = void;
    const TextPool* pool;
    bool operator()(TextId a, TextId b) const { return a == b; }
    bool operator()(TextId a, const Entry& b) const {
      return pool->Get(a) == std::string_view(b.data, b.size);
    }
    bool operator()(const Entry& a, TextId b) const { return operator()(b, a); }
  };

  [[nodiscard]] TextId InternUnknown(std::string_view text);
  const char* Store(std::string_view text);

  const uint64_t seed_ = TableSeed();
  std::vector<Entry> entries_;
  std::vector<TextId> free_;
  absl::flat_hash_set<TextId, Hash, Equal> index_;
  std::vector<std::unique_ptr<char[]>> chunks_;
  size_t chunk_used_ = 0;
  size_t chunk_size_ = 0;
  size_t bytes_ = 0;
  size_t bytes_max_;
  size_t sweep_at_;
  uint64_t evicted_ = 0;
};

}  // namespace signinwatch

#endif  // SIGNINWATCH_DETECTORS_TEXT_POOL_H_
