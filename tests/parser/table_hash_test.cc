// Ids chosen by whoever writes the records spread like random ones, whatever family they are of.
// GUIDs with one ending once all hashed to 0, and 40,000 users of that kind cost eighty times what
// others did.
#include "parser/table_hash.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "parser/ids.h"

namespace signinwatch {
namespace table_hash_test {

constexpr size_t kKeys = 40'000;
constexpr size_t kAllMeet = 1'000;  // probes

struct Family {
  const char* name;
  std::function<UserId(uint64_t)> make;  // the i-th id
};

// What makes the second factor of seed 0's first multiplication zero, and with it the hash.
constexpr uint64_t kZeroOfSeed0 = 0x9e3779b97f4a7c15u * 0xd6e8feb86659fd93u;

std::vector<Family> Families() {
  const auto guid = [](uint64_t hi, uint64_t lo) { return UserId{hi, lo, IdForm::kGuid}; };
  std::vector<Family> families{
      {"one ending",
       [=](uint64_t i) { return guid(i * 0x9e3779b97f4a7c15u, 0xd6e8feb86659fd93u); }},
      {"one beginning",
       [=](uint64_t i) { return guid(0x9e3779b97f4a7c15u, i * 0xd6e8feb86659fd93u); }},
      {"chosen for seed 0", [=](uint64_t i) { return guid(i, kZeroOfSeed0); }},
      {"counted up in the first half", [=](uint64_t i) { return guid(i, 7); }},
      {"counted up in the second half", [=](uint64_t i) { return guid(7, i); }},
      {"counted up in both", [=](uint64_t i) { return guid(i, i); }},
      {"opposite halves", [=](uint64_t i) { return guid(i, ~i); }},
      {"in the top bits", [=](uint64_t i) { return guid(i << 48, i << 48); }},
      {"multiples of 2^32", [=](uint64_t i) { return guid(i << 32, 0); }},
  };
  // Two of the sixteen bytes vary.
  for (int at = 0; at <= 48; at += 16) {
    families.push_back({"two bytes of the first half", [=](uint64_t i) {
                          return guid(0x0f1e2d3c4b5a6978u ^ i << at, 0x8796a5b4c3d2e1f0u);
                        }});
    families.push_back({"two bytes of the second half", [=](uint64_t i) {
                          return guid(0x0f1e2d3c4b5a6978u, 0x8796a5b4c3d2e1f0u ^ i << at);
                        }});
  }
  return families;
}

struct Spread {
  double probes = 0;    // to find a key, on average, in a table that is 61 % full
  size_t fullest = 0;   // keys in the fullest of 1,024 parts by the hash's top bits
  size_t same_tag = 0;  // keys that share the commonest low 7 bits
};

Spread SpreadOf(const Family& family, uint64_t seed) {
  const TableHash hash(seed);
  constexpr size_t kSlots = 65'536;
  std::vector<bool> taken(kSlots);
  std::vector<size_t> parts(1024);
  std::vector<size_t> tags(128);
  Spread spread;
  for (uint64_t i = 0; i < kKeys; ++i) {
    const uint64_t h = hash(family.make(i));
    ++parts[h >> 54];
    ++tags[h & 127];
    size_t slot = h >> 7 & (kSlots - 1);
    size_t probes = 1;
    for (; taken[slot]; slot = (slot + 1) & (kSlots - 1)) ++probes;
    taken[slot] = true;
    spread.probes += static_cast<double>(probes) / kKeys;
    if (probes > kAllMeet) {  // going on would take as long as the attack
      spread.probes = kAllMeet;
      break;
    }
  }
  spread.fullest = *std::max_element(parts.begin(), parts.end());
  spread.same_tag = *std::max_element(tags.begin(), tags.end());
  return spread;
}

TEST(TableHashTest, ChosenIdsSpreadLikeRandomOnes) {
  std::mt19937_64 random(20251129);
  for (int round = 0; round < 8; ++round) {
    const uint64_t seed = random();
    for (const Family& family : Families()) {
      SCOPED_TRACE(std::string(family.name) + ", seed " + std::to_string(seed));
      const Spread spread = SpreadOf(family, seed);
      EXPECT_LT(spread.probes, 2.5);     // 1.8 is to be expected
      EXPECT_LT(spread.fullest, 80u);    // 39 of each on average
      EXPECT_LT(spread.same_tag, 480u);  // 313 of each on average
    }
  }
}

TEST(TableHashTest, KnowingTheSeedIsKnowingWhatMeets) {
  // That there is such a family shows that the test above would see it.
  const Family family{"chosen for seed 0", [](uint64_t i) {
                        return UserId{i, kZeroOfSeed0, IdForm::kGuid};
                      }};
  EXPECT_EQ(SpreadOf(family, 0).probes, kAllMeet);
}

TEST(TableHashTest, TextsAreHashedWithTheSeed) {
  const std::string text = "j.doe@contoso.example";
  EXPECT_EQ(TableHash(1)(text), TableHash(1)(text));
  EXPECT_NE(TableHash(1)(text), TableHash(2)(text));
}

TEST(TableHashTest, ATableKeepsTheSeedItWasMadeWith) {
  const uint64_t before = TableSeed();
  SeedTables(1);
  const TableHash hash;
  const size_t of_seed_1 = hash(uint64_t{5});
  SeedTables(2);
  EXPECT_EQ(hash(uint64_t{5}), of_seed_1);
  EXPECT_NE(TableHash()(uint64_t{5}), of_seed_1);
  SeedTables(before);
}

}  // namespace table_hash_test
}  // namespace signinwatch
