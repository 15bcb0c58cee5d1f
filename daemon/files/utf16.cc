#include "daemon/files/utf16.h"

#include <utility>

#include "parser/utf8.h"

namespace signinwatch::files {
namespace {

constexpr char kUnpaired = '\xff';

constexpr bool IsHighSurrogate(uint32_t unit) { return (unit & 0xfc00) == 0xd800; }
constexpr bool IsLowSurrogate(uint32_t unit) { return (unit & 0xfc00) == 0xdc00; }

}  // namespace

std::optional<ByteOrder> Utf16ByteOrder(std::string_view beginning) {
  if (beginning.starts_with("\xff\xfe")) return ByteOrder::kLittle;
  if (beginning.starts_with("\xfe\xff")) return ByteOrder::kBig;
  return std::nullopt;
}

void Utf16Decoder::Decode(std::string_view piece, std::string* out) {
  for (const char c : piece) {
    const auto byte = static_cast<uint8_t>(c);
    if (!half_.has_value()) {
      half_ = byte;
      continue;
    }
    const uint32_t first = *std::exchange(half_, std::nullopt);
    Take(order_ == ByteOrder::kLittle ? first | uint32_t{byte} << 8 : first << 8 | byte, out);
  }
}

void Utf16Decoder::Take(uint32_t unit, std::string* out) {
  const uint32_t high = std::exchange(high_, 0);
  if (high != 0 && IsLowSurrogate(unit)) {
    return AppendCodePoint(0x10000 + ((high & 0x3ff) << 10) + (unit & 0x3ff), out);
  }
  if (high != 0) out->push_back(kUnpaired);
  if (IsHighSurrogate(unit)) {
    high_ = unit;
  } else if (IsLowSurrogate(unit)) {
    out->push_back(kUnpaired);
  } else {
    AppendCodePoint(unit, out);
  }
}

void Utf16Decoder::Finish(std::string* out) {
  if (std::exchange(high_, 0) != 0) out->push_back(kUnpaired);
  if (std::exchange(half_, std::nullopt).has_value()) out->push_back(kUnpaired);
}

}  // namespace signinwatch::files
