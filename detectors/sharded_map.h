// A hash table of many small ones, so that one that grows or is swept stops the fold only for a
// moment.
//
// Each call hashes its key once: what a look-up costs most, where the table is in the processor's
// cache. Who needs a key several times hashes it by Hash and hands that on. Pointers to values are
// valid until the next insertion.
#ifndef SIGNINWATCH_DETECTORS_SHARDED_MAP_H_
#define SIGNINWATCH_DETECTORS_SHARDED_MAP_H_

#include <array>
#include <bit>
#include <cstddef>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "parser/table_hash.h"

namespace signinwatch {

// A key with its hash, which tables made under one seed (table_hash.h) agree on.
template <typename Key>
struct Hashed {
  Hashed() = default;  // of no table
  Hashed(const Key& hashed_key, const TableHash& of) : key(hashed_key), hash(of(hashed_key)) {}
  explicit operator const Key&() const { return key; }

  Key key{};
  size_t hash = 0;
};

template <typename Key, typename Value, size_t kShardCount>
requires(std::has_single_bit(kShardCount)) class ShardedMap {
  using HashedKey = Hashed<Key>;
  struct Hasher {
    using is_transparent = void;
    size_t operator()(const Key& key) const { return hash(key); }
    size_t operator()(const HashedKey& key) const { return key.hash; }
    TableHash hash;
  };
  struct Equal {
    using is_transparent = void;
    bool operator()(const Key& a, const Key& b) const { return a == b; }
    bool operator()(const Key& a, const HashedKey& b) const { return a == b.key; }
    bool operator()(const HashedKey& a, const Key& b) const { return a.key == b; }
  };

 public:
  using Shard = absl::flat_hash_map<Key, Value, Hasher, Equal>;
  static constexpr size_t kShards = kShardCount;
  static constexpr size_t kEntryBytes = sizeof(typename Shard::value_type) + 1;

  [[nodiscard]] HashedKey Hash(const Key& key) const { return {key, hash_}; }

  // nullptr: it is not there.
  [[nodiscard]] const Value* Find(const HashedKey& key) const {
    const Shard& shard = shards_[ShardOf(key)];
    const auto found = shard.find(key);
    return found == shard.end() ? nullptr : &found->second;
  }
  [[nodiscard]] Value* Find(const HashedKey& key) {
    return const_cast<Value*>(std::as_const(*this).Find(key));
  }
  [[nodiscard]] const Value* Find(const Key& key) const { return Find(Hash(key)); }
  [[nodiscard]] Value* Find(const Key& key) { return Find(Hash(key)); }

  struct Place {
    Value* value;
    bool created;
  };
  Place TryEmplace(const HashedKey& key) {
    Shard& shard = shards_[ShardOf(key)];
    const size_t slots = shard.capacity();
    const auto [it, created] = shard.try_emplace(key);
    slots_ += shard.capacity() - slots;
    size_ += created ? 1 : 0;
    return {&it->second, created};
  }
  void Erase(const Key& key) {
    const HashedKey hashed = Hash(key);
    size_ -= shards_[ShardOf(hashed)].erase(hashed);
  }
  // Erases those of one shard of which erase(key, value) is true, and gives memory back.
  template <typename EraseThis>
  void EraseIf(size_t shard_number, const EraseThis& erase) {
    Shard& shard = shards_[shard_number];
    for (auto it = shard.begin(); it != shard.end();) {
      if (erase(it->first, it->second)) {
        shard.erase(it++);
        --size_;
      } else {
        ++it;
      }
    }
    Shrink(shard_number);
  }
  // Gives memory back that many took which are gone.
  void Shrink(size_t shard_number) {
    Shard& shard = shards_[shard_number];
    if (shard.size() > shard.capacity() / 4) return;
    slots_ -= shard.capacity();
    shard.rehash(0);
    slots_ += shard.capacity();
  }
  void Prefetch(const HashedKey& key) const { shards_[ShardOf(key)].prefetch(key); }

  [[nodiscard]] size_t ShardOf(const HashedKey& key) const {
    return key.hash >> (64 - std::countr_zero(kShardCount));
  }
  [[nodiscard]] const Shard& shard(size_t number) const { return shards_[number]; }
  template <typename Visit>
  void ForEach(const Visit& visit) const {
    for (const Shard& shard : shards_) {
      for (const auto& [key, value] : shard) visit(key, value);
    }
  }
  template <typename Visit>
  void ForEach(const Visit& visit) {
    for (Shard& shard : shards_) {
      for (auto& [key, value] : shard) visit(key, value);
    }
  }

  [[nodiscard]] size_t size() const { return size_; }
  // What the tables take, without what values refer to; O(1).
  [[nodiscard]] size_t bytes() const { return slots_ * kEntryBytes; }

 private:
  const TableHash hash_;  // as the shards'
  std::array<Shard, kShardCount> shards_;
  size_t size_ = 0;
  size_t slots_ = 0;
};

}  // namespace signinwatch

#endif  // SIGNINWATCH_DETECTORS_SHARDED_MAP_H_
