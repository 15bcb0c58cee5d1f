#include "parser/ids.h"

#include <xxhash.h>

namespace signinwatch {
namespace {

// 0 to 15, or 16 for what is no lower-case hex digit.
constexpr uint8_t HexValue(char c) {
  if (c >= '0' && c <= '9') return static_cast<uint8_t>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<uint8_t>(c - 'a' + 10);
  return 16;
}

constexpr struct HexTable {
  uint8_t value[256];
  constexpr HexTable() : value() {
    for (int i = 0; i < 256; ++i) value[i] = HexValue(static_cast<char>(i));
  }
} kHex;

// Where the 32 digits of 8-4-4-4-12 stand.
constexpr uint8_t kDigitAt[32] = {0,  1,  2,  3,  4,  5,  6,  7,  9,  10, 11, 12, 14, 15, 16, 17,
                                  19, 20, 21, 22, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35};

}  // namespace

Hash128 HashText128(std::string_view text) {
  const XXH128_hash_t hash = XXH3_128bits(text.data(), text.size());
  return {hash.high64, hash.low64};
}

uint64_t HashText64(std::string_view text) { return XXH3_64bits(text.data(), text.size()); }

std::optional<Hash128> ParseLowerGuid(std::string_view text) {
  if (text.size() != 36 || text[8] != '-' || text[13] != '-' || text[18] != '-' ||
      text[23] != '-') {
    return std::nullopt;
  }
  uint64_t half[2] = {0, 0};
  uint8_t bad = 0;
  for (int i = 0; i < 32; ++i) {
    const uint8_t digit = kHex.value[static_cast<uint8_t>(text[kDigitAt[i]])];
    bad |= digit & 16;
    half[i / 16] = half[i / 16] << 4 | digit;
  }
  if (bad != 0) return std::nullopt;
  return Hash128{half[0], half[1]};
}

std::string FormatGuid(uint64_t hi, uint64_t lo) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text(36, '-');
  const uint64_t half[2] = {hi, lo};
  for (int i = 0; i < 32; ++i)
    text[kDigitAt[i]] = kDigits[half[i / 16] >> (60 - 4 * (i % 16)) & 15];
  return text;
}

void LowerAscii(std::string& text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
}

}  // namespace signinwatch
