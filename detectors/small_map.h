// A hash table for what mostly has few keys: a list while it is short, with an index from there on.
//
// A burst is told of by ten such tables, and nearly all of them have one, two or three keys. A list
// of these is compared through sooner than one hash is computed, and needs no memory of its own.
//
// Entries stand in the order in which they came. Pointers to them are valid until the next is
// added.
#ifndef SIGNINWATCH_DETECTORS_SMALL_MAP_H_
#define SIGNINWATCH_DETECTORS_SMALL_MAP_H_

#include <cstddef>
#include <cstdint>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/inlined_vector.h"
#include "parser/table_hash.h"

namespace signinwatch {

// `kInline` entries lie within the map itself.
template <typename Key, typename Value, size_t kInline>
class SmallMap {
 public:
  using key_type = Key;
  using mapped_type = Value;
  using value_type = std::pair<Key, Value>;
  // Entries that are compared one after another; beyond it they are found by the index.
  static constexpr size_t kListMax = 8;

  [[nodiscard]] size_t size() const { return entries_.size(); }
  [[nodiscard]] bool empty() const { return entries_.empty(); }
  [[nodiscard]] auto begin() { return entries_.begin(); }
  [[nodiscard]] auto end() { return entries_.end(); }
  [[nodiscard]] auto begin() const { return entries_.begin(); }
  [[nodiscard]] auto end() const { return entries_.end(); }

  // nullptr: it is not there.
  [[nodiscard]] Value* Find(const Key& key) {
    return const_cast<Value*>(std::as_const(*this).Find(key));
  }
  [[nodiscard]] const Value* Find(const Key& key) const {
    if (!index_.empty()) {
      const auto found = index_.find(key);
      return found == index_.end() ? nullptr : &entries_[found->second].second;
    }
    for (const value_type& entry : entries_) {
      if (entry.first == key) return &entry.second;
    }
    return nullptr;
  }
  // It must not be there.
  Value& Add(const Key& key, Value value = {}) {
    entries_.emplace_back(key, std::move(value));
    if (!index_.empty()) {
      index_.emplace(key, static_cast<uint32_t>(entries_.size() - 1));
    } else if (entries_.size() > kListMax) {
      for (const value_type& entry : entries_) {
        index_.emplace(entry.first, static_cast<uint32_t>(index_.size()));
      }
    }
    return entries_.back().second;
  }
  // Made where it is not there.
  [[nodiscard]] Value& Get(const Key& key) {
    Value* value = Find(key);
    return value != nullptr ? *value : Add(key);
  }
  // Nothing is done where it is there.
  void emplace(const Key& key, Value value) {
    if (Find(key) == nullptr) Add(key, std::move(value));
  }

  // Beside the map itself.
  [[nodiscard]] size_t bytes() const {
    return (entries_.capacity() > kInline ? entries_.capacity() * sizeof(value_type) : 0) +
           index_.capacity() * (sizeof(std::pair<const Key, uint32_t>) + 1);
  }

 private:
  absl::InlinedVector<value_type, kInline> entries_;
  absl::flat_hash_map<Key, uint32_t, TableHash> index_;  // empty, or of all entries
};

}  // namespace signinwatch

#endif  // SIGNINWATCH_DETECTORS_SMALL_MAP_H_
