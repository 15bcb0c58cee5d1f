// Plain values to the bytes of a state row and back.
//
// One description of a type's fields serves both directions:
//   template <typename A> void Fields(A& a, Thing& thing) { a(thing.x, thing.y); }
// RowWriter appends, RowReader fills in; a reader that meets damage says so by ok() and then gives
// zeros. Numbers are LEB128 varints (signed ones zigzag), text is its length and its bytes. A
// TextId is written as its text, and a ProfileId as its profile, once in a row and by number after
// that, so every row stands by itself. Fields of a class with private parts are its member
// Archive(a), which its source file instantiates for both.
#ifndef SIGNINWATCH_DETECTORS_ROW_ARCHIVE_H_
#define SIGNINWATCH_DETECTORS_ROW_ARCHIVE_H_

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "detectors/failure_profiles.h"
#include "detectors/text_pool.h"
#include "parser/event_time.h"
#include "parser/ids.h"

namespace signinwatch {

class RowWriter {
 public:
  static constexpr bool kReading = false;
  explicit RowWriter(TextPool* pool, const FailureProfiles* profiles = nullptr)
      : pool_(pool), profiles_(profiles) {}

  template <typename... T>
  void operator()(T&... values) {
    (Put(values), ...);
  }
  void Text(TextId& id) {
    const auto [it, created] = texts_.try_emplace(id, texts_.size() + 1);
    Varint(created ? 0 : it->second);
    if (created) Bytes(pool_->Get(id));
  }
  void Profile(ProfileId& id) {
    const auto [it, created] = written_profiles_.try_emplace(id, written_profiles_.size() + 1);
    Varint(created ? 0 : it->second);
    if (!created) return;
    FailureProfile profile = profiles_->Get(id);
    Put(profile);
  }
  [[nodiscard]] std::string Take() { return std::move(row_); }

 private:
  void Varint(uint64_t value) {
    while (value >= 0x80) {
      row_.push_back(static_cast<char>(value | 0x80));
      value >>= 7;
    }
    row_.push_back(static_cast<char>(value));
  }
  void Bytes(std::string_view bytes) {
    Varint(bytes.size());
    row_.append(bytes);
  }
  template <std::integral T>
  void Put(T& value) {
    if constexpr (std::is_signed_v<T>) {
      const auto wide = static_cast<int64_t>(value);
      Varint(static_cast<uint64_t>(wide) << 1 ^ static_cast<uint64_t>(wide >> 63));
    } else {
      Varint(value);
    }
  }
  template <typename T>
  requires std::is_enum_v<T>
  void Put(T& value) { Varint(static_cast<uint64_t>(value)); }
  void Put(Duration& value) {
    int64_t count = value.count();
    Put(count);
  }
  void Put(EventTime& value) {
    Duration since = value.time_since_epoch();
    Put(since);
  }
  void Put(std::string& value) { Bytes(value); }
  template <typename T>
  void Put(std::optional<T>& value) {
    bool has = value.has_value();
    Put(has);
    if (has) Put(*value);
  }
  template <typename T>
  void Put(std::vector<T>& values) {
    Varint(values.size());
    for (T& value : values) Put(value);
  }
  template <typename K, typename V>
  void Put(std::map<K, V>& values) {
    Varint(values.size());
    for (auto& [key, value] : values) {
      K copy = key;
      Put(copy);
      Put(value);
    }
  }
  template <typename T>
  requires std::is_class_v<T>
  void Put(T& value) { Fields(*this, value); }

  TextPool* pool_;
  const FailureProfiles* profiles_;
  std::string row_;
  absl::flat_hash_map<TextId, uint64_t, TableHash> texts_;
  absl::flat_hash_map<ProfileId, uint64_t, TableHash> written_profiles_;
};

class RowReader {
 public:
  static constexpr bool kReading = true;
  RowReader(std::string_view row, TextPool* pool, FailureProfiles* profiles = nullptr)
      : row_(row), pool_(pool), profiles_(profiles) {}

  template <typename... T>
  void operator()(T&... values) {
    (Get(values), ...);
  }
  void Text(TextId& id) {
    const uint64_t number = Varint();
    if (number == 0) {
      texts_.push_back(pool_->Intern(Bytes()));
      id = texts_.back();
    } else if (number <= texts_.size()) {
      id = texts_[number - 1];
    } else {
      Fail();
    }
  }
  void Profile(ProfileId& id) {
    const uint64_t number = Varint();
    if (number == 0) {
      FailureProfile profile;
      Get(profile);
      // By the numbers that their texts have now.
      std::sort(profile.failing_policies.begin(), profile.failing_policies.end());
      read_profiles_.push_back(profiles_->Intern(profile));
      id = read_profiles_.back();
    } else if (number <= read_profiles_.size()) {
      id = read_profiles_[number - 1];
    } else {
      Fail();
    }
  }
  // Whether everything read so far was there and sound.
  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] bool done() const { return ok_ && row_.empty(); }
  void Fail() {
    ok_ = false;
    row_ = {};
  }
  // A count of things that take at least one byte each.
  [[nodiscard]] size_t Count() {
    const uint64_t count = Varint();
    if (count > row_.size()) Fail();
    return ok_ ? count : 0;
  }

 private:
  uint64_t Varint() {
    uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (row_.empty()) break;
      const auto byte = static_cast<uint8_t>(row_.front());
      row_.remove_prefix(1);
      value |= uint64_t{byte & 0x7fu} << shift;
      if (byte < 0x80) return value;
    }
    Fail();
    return 0;
  }
  std::string_view Bytes() {
    const size_t size = Count();
    const std::string_view bytes = row_.substr(0, size);
    row_.remove_prefix(size);
    return bytes;
  }
  template <std::integral T>
  void Get(T& value) {
    const uint64_t raw = Varint();
    if constexpr (std::is_signed_v<T>) {
      value = static_cast<T>(static_cast<int64_t>(raw >> 1) ^ -static_cast<int64_t>(raw & 1));
    } else {
      value = static_cast<T>(raw);
    }
  }
  template <typename T>
  requires std::is_enum_v<T>
  void Get(T& value) { value = static_cast<T>(Varint()); }
  void Get(Duration& value) {
    int64_t count = 0;
    Get(count);
    value = Duration(count);
  }
  void Get(EventTime& value) {
    Duration since{};
    Get(since);
    value = EventTime(since);
  }
  void Get(std::string& value) { value = std::string(Bytes()); }
  template <typename T>
  void Get(std::optional<T>& value) {
    bool has = false;
    Get(has);
    if (has) Get(value.emplace());
  }
  template <typename T>
  void Get(std::vector<T>& values) {
    const size_t count = Count();
    values.clear();
    for (size_t i = 0; i < count && ok_; ++i) Get(values.emplace_back());
  }
  template <typename K, typename V>
  void Get(std::map<K, V>& values) {
    const size_t count = Count();
    for (size_t i = 0; i < count && ok_; ++i) {
      K key{};
      Get(key);
      Get(values[key]);
    }
  }
  template <typename T>
  requires std::is_class_v<T>
  void Get(T& value) { Fields(*this, value); }

  std::string_view row_;
  TextPool* pool_;
  FailureProfiles* profiles_;
  bool ok_ = true;
  std::vector<TextId> texts_;
  std::vector<ProfileId> read_profiles_;
};

template <typename A, typename Tag>
void Fields(A& a, NamedId<Tag>& id) {
  a(id.hi, id.lo, id.form);
}
template <typename A>
void Fields(A& a, Hash128& hash) {
  a(hash.hi, hash.lo);
}
template <typename A>
void Fields(A& a, ShownId& id) {
  std::string text = id.ToText();
  a(text);
  if constexpr (A::kReading) id = std::move(text);
}

// A list, each of which is made by fields(value).
template <typename A, typename T, typename EachFields>
void ListFields(A& a, std::vector<T>& list, EachFields fields) {
  uint64_t count = list.size();
  a(count);
  for (uint64_t i = 0; i < count; ++i) {
    if constexpr (A::kReading) {
      if (!a.ok()) return;
      list.emplace_back();
    }
    fields(list[i]);
  }
}
template <typename A>
void Texts(A& a, std::vector<TextId>& texts) {
  ListFields(a, texts, [&a](TextId& text) { a.Text(text); });
}
// A hash map as a list of pairs.
template <typename A, typename Map, typename PairFields>
void MapFields(A& a, Map& map, PairFields fields) {
  uint64_t count = map.size();
  a(count);
  if constexpr (A::kReading) {
    for (uint64_t i = 0; i < count && a.ok(); ++i) {
      typename Map::key_type key{};
      typename Map::mapped_type value{};
      fields(key, value);
      map.emplace(key, value);
    }
  } else {
    for (auto& [key, value] : map) {
      auto copy = key;
      fields(copy, value);
    }
  }
}

}  // namespace signinwatch

#endif  // SIGNINWATCH_DETECTORS_ROW_ARCHIVE_H_
