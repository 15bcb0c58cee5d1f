#include "parser/structural_index.h"

#include <simdjson.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "parser/ascii.h"
#include "parser/json_escape.h"
#include "parser/utf8.h"

namespace signinwatch {
namespace {

constexpr size_t kSmallestCapacity = size_t{64} << 10;

constexpr bool IsOperator(char c) {
  return c == ',' || c == ':' || c == '[' || c == ']' || c == '{' || c == '}';
}

constexpr bool IsLetterOrDigit(uint32_t c) {
  return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z' && c < 0x80);
}

// The closing quote of the string that opens at `open`; nullptr if it has none. Counts the control
// characters before it.
const char* ClosingQuote(const char* open, const char* end, uint64_t* control_characters) {
  for (const char* at = open + 1; at < end; ++at) {
    if (*at == '"') return at;
    if (static_cast<uint8_t>(*at) < 0x20) ++*control_characters;
    if (*at == '\\' && ++at == end) break;
  }
  return nullptr;
}

// The first backslash at or behind `at`. Escapes come in clusters (JSON in a string), so the bytes
// next to the last one are looked at before the search is set up anew.
size_t FindBackslash(std::string_view text, size_t at) {
  if (at + 16 <= text.size()) {
    constexpr uint64_t kOnes = 0x0101010101010101;
    for (int i = 0; i < 2; ++i, at += 8) {
      uint64_t word;
      std::memcpy(&word, text.data() + at, 8);
      word ^= kOnes * '\\';
      const uint64_t zero = (word - kOnes) & ~word & kOnes * 0x80;
      if (zero != 0) return at + static_cast<size_t>(std::countr_zero(zero)) / 8;
    }
  }
  return text.find('\\', at);
}

}  // namespace

struct StructuralIndex::Stage1 {
  std::unique_ptr<simdjson::internal::dom_parser_implementation> parser;
};

StructuralIndex::StructuralIndex() : stage1_(std::make_unique<Stage1>()) {}
StructuralIndex::~StructuralIndex() = default;
StructuralIndex::StructuralIndex(StructuralIndex&&) noexcept = default;
StructuralIndex& StructuralIndex::operator=(StructuralIndex&&) noexcept = default;

void StructuralIndex::Build(std::string_view text) {
  whole_ = true;
  has_escapes_ = has_escaped_letters_ = has_invalid_utf8_ = false;
  repairs_ = 0;
  if (!IndexFast(text)) {
    std::string_view source = text;
    if (!simdjson::validate_utf8(text.data(), text.size())) {
      has_invalid_utf8_ = true;
      masked_.assign(text);
      repairs_ = MaskInvalidUtf8(&masked_);
      source = masked_;
    }
    if (!has_invalid_utf8_ || !IndexFast(source)) IndexPlain(source);
  }
  CheckEscapes(text);
}

// false: the text has a lexical error or a control character in a string (or there is no memory for
// the index).
bool StructuralIndex::IndexFast(std::string_view text) {
  auto& parser = stage1_->parser;
  if (parser == nullptr || parser->capacity() < text.size()) {
    const size_t capacity = std::max(kSmallestCapacity, std::bit_ceil(text.size()));
    parser.reset();
    // Depth is stage 2's business, which is not used; 1 keeps its buffers small.
    if (simdjson::get_active_implementation()->create_dom_parser_implementation(
            capacity, 1, parser) != simdjson::SUCCESS) {
      parser.reset();
      return false;
    }
  }
  const auto error = parser->stage1(reinterpret_cast<const uint8_t*>(text.data()), text.size(),
                                    simdjson::stage1_mode::regular);
  if (error != simdjson::SUCCESS && error != simdjson::EMPTY) return false;
  count_ = error == simdjson::EMPTY ? 0 : parser->n_structural_indexes;
  parser->structural_indexes[count_] = static_cast<uint32_t>(text.size());
  positions_ = parser->structural_indexes.get();
  return true;
}

void StructuralIndex::IndexPlain(std::string_view text) {
  plain_.clear();
  const char* const begin = text.data();
  const char* const end = begin + text.size();
  const char* at = begin;
  while (at < end) {
    if (IsBlank(*at)) {
      ++at;
      continue;
    }
    plain_.push_back(static_cast<uint32_t>(at - begin));
    if (*at == '"') {
      at = ClosingQuote(at, end, &repairs_);
      if (at == nullptr) break;
      ++at;
    } else if (IsOperator(*at)) {
      ++at;
    } else {
      while (at < end && !IsBlank(*at) && !IsOperator(*at)) ++at;
    }
  }
  whole_ = at != nullptr;
  if (whole_) plain_.push_back(static_cast<uint32_t>(text.size()));
  count_ = static_cast<uint32_t>(plain_.size() - 1);
  positions_ = plain_.data();
}

// Outside strings a backslash is part of a token that no grammar knows, so it does not matter what
// is found about it or behind it.
void StructuralIndex::CheckEscapes(std::string_view text) {
  size_t at = text.find('\\');
  if (at == std::string_view::npos) return;
  has_escapes_ = true;
  escape_blocks_.assign(text.size() / kBlockBytes / 64 + 1, 0);
  const size_t end = positions_[count_];
  while (at < end) {
    const JsonEscape escape = ReadEscape(text.substr(at));
    if (escape.size == 0) return CutAt(at);
    escape_blocks_[at / kBlockBytes / 64] |= uint64_t{1} << (at / kBlockBytes % 64);
    if (escape.lone_surrogate) ++repairs_;
    if (escape.size > 2 && IsLetterOrDigit(escape.code_point)) has_escaped_letters_ = true;
    at = FindBackslash(text, at + escape.size);
  }
}

// Ends the index before the token that `offset` is in.
void StructuralIndex::CutAt(size_t offset) {
  const uint32_t* const behind =
      std::upper_bound(positions_, positions_ + count_, static_cast<uint32_t>(offset));
  count_ = static_cast<uint32_t>(behind - positions_) - 1;
  whole_ = false;
}

void StructuralIndex::Trim(size_t bytes) {
  if (stage1_->parser != nullptr && stage1_->parser->capacity() > std::bit_ceil(bytes)) {
    stage1_->parser.reset();
  }
  if (plain_.capacity() > bytes) plain_ = {};
  if (masked_.capacity() > bytes) masked_ = {};
  count_ = 0;
  positions_ = nullptr;
}

}  // namespace signinwatch
