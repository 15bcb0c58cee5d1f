#include "daemon/signals/wire.h"

#include <optional>
#include <utility>

#include "parser/utf8.h"

namespace signinwatch::signals {
namespace {

// What stands before a text.
enum TextForm : uint8_t { kAbsent, kBytes, kGuid, kTable };

bool IsValidUtf8(std::string_view text) {
  while (!text.empty()) {
    const Utf8Step step = NextUtf8(text);
    if (!step.valid) return false;
    text.remove_prefix(step.size);
  }
  return true;
}

}  // namespace

void WireWriter::Text(std::string_view text) {
  if (text.empty()) return Number(kAbsent);
  const auto [known, is_new] = texts_.try_emplace(text, texts_.size());
  if (!is_new) return Number(kTable + known->second);
  if (const std::optional<Hash128> guid = ParseLowerGuid(text)) {
    Number(kGuid);
    Fixed(guid->hi, 8);
    Fixed(guid->lo, 8);
    return;
  }
  Number(kBytes);
  Number(text.size());
  Raw(text);
}

std::string WireWriter::Take() {
  texts_.clear();
  return std::exchange(bytes_, {});
}

uint64_t WireReader::Number() {
  uint64_t value = 0;
  for (int shift = 0; shift < 64 && left() > 0; shift += 7) {
    const auto byte = static_cast<uint8_t>(bytes_[at_++]);
    // The tenth byte has one bit to give.
    if (shift == 63 && byte > 1) break;
    value |= uint64_t{byte & 0x7fu} << shift;
    if (byte < 0x80) return ok_ ? value : 0;
  }
  Fail();
  return 0;
}

uint64_t WireReader::Number(uint64_t most) {
  const uint64_t value = Number();
  if (value <= most) return value;
  Fail();
  return 0;
}

int64_t WireReader::Signed() {
  const uint64_t value = Number();
  return static_cast<int64_t>(value >> 1 ^ (~(value & 1) + 1));
}

std::string_view WireReader::Raw(size_t size) {
  if (!ok_ || size > left()) {
    Fail();
    return {};
  }
  at_ += size;
  return bytes_.substr(at_ - size, size);
}

uint64_t WireReader::Fixed(int bytes) {
  uint64_t value = 0;
  for (const char c : Raw(static_cast<size_t>(bytes))) value = value << 8 | static_cast<uint8_t>(c);
  return value;
}

TextRef WireReader::Keep(std::string_view text) {
  const TextRef ref{static_cast<uint32_t>(text_->size()), static_cast<uint32_t>(text.size())};
  text_->append(text);
  texts_.push_back(ref);
  return ref;
}

TextRef WireReader::Text() {
  const uint64_t form = Number();
  if (form == kAbsent) return {};
  if (form == kGuid) {
    const uint64_t hi = Fixed(8);
    const uint64_t lo = Fixed(8);
    if (ok_) return Keep(FormatGuid(hi, lo));
  } else if (form == kBytes) {
    const std::string_view text = Raw(Number(kWireTextBytes));
    if (!text.empty() && IsValidUtf8(text)) return Keep(text);
  } else if (form - kTable < texts_.size()) {
    return texts_[form - kTable];
  }
  Fail();
  return {};
}

TextRef WireReader::PresentText() {
  const TextRef ref = Text();
  if (ref.empty()) Fail();
  return ref;
}

}  // namespace signinwatch::signals
