// How tables in memory hash keys that come from records.
//
// Whoever writes records chooses their ids, so a hash that anybody can compute lets them choose ids
// that all meet in one place, where each look-up walks past all the others. So the hash has a
// secret: a number drawn at random at the program's start. Every factor of its multiplications has
// a part of the secret in it, so that no key can be chosen that makes one zero.
//
// It is for tables alone. Nothing that is stored, compared between processes or decides a result
// may depend on it (HashText128 is for that), nor on the order in which a table is walked. What a
// container lets go of at its bound may: that is counted, and outside the promise.
#ifndef SIGNINWATCH_PARSER_TABLE_HASH_H_
#define SIGNINWATCH_PARSER_TABLE_HASH_H_

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

namespace signinwatch {

// The seed of the tables that are made from now on; those that are there keep theirs. Call it
// before the first thread starts: it is not thread-safe. 0, without a call.
void SeedTables(uint64_t seed);
[[nodiscard]] uint64_t TableSeed();

// A key of a table, as words. A type gets one by a function TableKey KeyOfTable(const T&) beside
// it.
struct TableKey {
  uint64_t a = 0;
  uint64_t b = 0;
  uint64_t c = 0;  // of few values: a kind, a small number
};

// The hash of a table: all tables of one seed agree, and copies and moved tables keep theirs. All
// bits of the result are alike.
class TableHash {
 public:
  TableHash() : TableHash(TableSeed()) {}
  explicit TableHash(uint64_t seed) : seed_(seed) {}

  template <typename Key>
  [[nodiscard]] size_t operator()(const Key& key) const {
    if constexpr (std::is_integral_v<Key>) {
      return OfWords({static_cast<uint64_t>(key), 0, 0});
    } else if constexpr (std::is_convertible_v<const Key&, std::string_view>) {
      return OfText(key);
    } else {
      return OfWords(KeyOfTable(key));
    }
  }

 private:
  [[nodiscard]] static uint64_t Fold(uint64_t a, uint64_t b) {
    const unsigned __int128 product = static_cast<unsigned __int128>(a) * b;
    return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
  }
  [[nodiscard]] size_t OfWords(const TableKey& key) const {
    const uint64_t second = (seed_ + 0x9e3779b97f4a7c15u) * 0xd6e8feb86659fd93u;
    const uint64_t third = seed_ ^ second >> 32 ^ 0xa0761d6478bd642fu;
    return Fold(Fold(key.a ^ seed_ ^ 0xe7037ed1a0b428dbu, key.b ^ second) ^ second, key.c ^ third);
  }
  [[nodiscard]] size_t OfText(std::string_view text) const;

  uint64_t seed_;
};

}  // namespace signinwatch

#endif  // SIGNINWATCH_PARSER_TABLE_HASH_H_
