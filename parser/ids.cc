#include "parser/ids.h"

#include <xxhash.h>

#include <bit>
#include <cstring>

#include "parser/ascii.h"

namespace signinwatch {
namespace {

constexpr uint64_t Each(uint8_t byte) { return 0x0101010101010101u * byte; }
constexpr uint64_t kHighBits = Each(0x80);

// The value of eight lower-case hex digits, the first of them in the lowest byte. *good loses its
// high bits where one is none.
inline uint64_t EightHexDigits(uint64_t text, uint64_t* good) {
  // With the high bits clear, each sum has its byte's high bit set just if the byte is that much.
  const uint64_t low = text & ~kHighBits;
  const uint64_t digit = (low + Each(0x80 - '0')) & ~(low + Each(0x80 - '9' - 1));
  const uint64_t letter = (low + Each(0x80 - 'a')) & ~(low + Each(0x80 - 'f' - 1));
  *good &= (digit | letter) & ~text;
  uint64_t value = (low & Each(0x0f)) + (letter >> 7 & Each(1)) * 9;
  value = __builtin_bswap64(value);
  value = (value | value >> 4) & 0x00ff00ff00ff00ff;
  value = (value | value >> 8) & 0x0000ffff0000ffff;
  return (value | value >> 16) & 0xffffffff;
}

// The other way.
inline uint64_t ToEightHexDigits(uint64_t value) {
  value = (value | value << 16) & 0x0000ffff0000ffff;
  value = (value | value << 8) & 0x00ff00ff00ff00ff;
  value = __builtin_bswap64((value | value << 4) & Each(0x0f));
  const uint64_t letter = (value + Each(6)) >> 4 & Each(1);
  return value + Each('0') + letter * ('a' - '0' - 10);
}

template <typename Word>
Word Load(const char* bytes) {
  static_assert(std::endian::native == std::endian::little);
  Word word;
  std::memcpy(&word, bytes, sizeof(word));
  return word;
}

// The 32 digits of 8-4-4-4-12: from which on, where they stand, how many.
constexpr struct {
  uint8_t first, at, count;
} kGuidParts[] = {{0, 0, 8}, {8, 9, 4}, {12, 14, 4}, {16, 19, 4}, {20, 24, 12}};

constexpr size_t kHexDigits = 32;
// The shortest beginning that is cut, with its hash, is longer than any text that is kept whole.
static_assert(kKeptTextBytes - 3 + kHexDigits > kKeptTextBytes);

std::string HexDigits(const Hash128& hash) {
  std::string digits = FormatGuid(hash.hi, hash.lo);
  std::erase(digits, '-');
  return digits;
}

}  // namespace

Hash128 HashText128(std::string_view text) {
  const XXH128_hash_t hash = XXH3_128bits(text.data(), text.size());
  return {hash.high64, hash.low64};
}

uint64_t HashText64(std::string_view text) { return XXH3_64bits(text.data(), text.size()); }
uint64_t HashTextSeeded(std::string_view text, uint64_t seed) {
  return XXH3_64bits_withSeed(text.data(), text.size(), seed);
}

std::optional<Hash128> ParseLowerGuid(std::string_view text) {
  if (text.size() != 36 || text[8] != '-' || text[13] != '-' || text[18] != '-' ||
      text[23] != '-') {
    return std::nullopt;
  }
  const char* const at = text.data();
  const auto four_and_four = [at](int first, int second) {
    return Load<uint32_t>(at + first) | uint64_t{Load<uint32_t>(at + second)} << 32;
  };
  uint64_t good = kHighBits;
  uint64_t hi = EightHexDigits(Load<uint64_t>(at), &good) << 32;
  hi |= EightHexDigits(four_and_four(9, 14), &good);
  uint64_t lo = EightHexDigits(four_and_four(19, 24), &good) << 32;
  lo |= EightHexDigits(Load<uint64_t>(at + 28), &good);
  if (good != kHighBits) return std::nullopt;
  return Hash128{hi, lo};
}

std::string FormatGuid(uint64_t hi, uint64_t lo) {
  const uint64_t digits[4] = {ToEightHexDigits(hi >> 32), ToEightHexDigits(hi & 0xffffffff),
                              ToEightHexDigits(lo >> 32), ToEightHexDigits(lo & 0xffffffff)};
  const auto* from = reinterpret_cast<const char*>(digits);
  std::string text(36, '-');
  for (const auto& [first, at, count] : kGuidParts) std::memcpy(&text[at], from + first, count);
  return text;
}

void LowerAscii(std::string& text) { LowerAsciiRange(text.data(), text.size()); }

std::string_view CutText(std::string_view text) {
  if (text.size() <= kKeptTextBytes) return text;
  size_t size = kKeptTextBytes;
  while (size > 0 && (static_cast<uint8_t>(text[size]) & 0xc0) == 0x80) --size;
  return text.substr(0, size);
}

void KeepIdentity(std::string_view whole, size_t start, std::string* text) {
  if (text->size() - start <= kKeptTextBytes) return;
  const Hash128 hash = HashText128(whole);
  text->resize(start + CutText(std::string_view(*text).substr(start)).size());
  text->append(HexDigits(hash));
}

std::string_view ShownText(std::string_view kept) {
  if (kept.size() > kKeptTextBytes) kept.remove_suffix(kHexDigits);
  return kept;
}

}  // namespace signinwatch
