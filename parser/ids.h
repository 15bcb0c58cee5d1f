// Identifiers of Entra objects and records, as fixed-size values.
//
// Nearly every id in Entra's logs is a GUID and is kept as its 16 bytes. Anything else (old exports
// and anonymised ones have "user1"; users without an object id are known by user principal name) is
// kept as the XXH3-128 hash of its text, with the text itself carried beside it where it will be
// shown. XXH3 is a stable, documented function, so ids may be stored and shared between processes;
// a collision needs about 2^64 distinct texts.
#ifndef SIGNINWATCH_PARSER_IDS_H_
#define SIGNINWATCH_PARSER_IDS_H_

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "parser/table_hash.h"

namespace signinwatch {

enum class IdForm : uint8_t {
  kNone = 0,  // absent; hi and lo are zero
  kGuid = 1,  // hi, lo: the GUID's bytes in the order they are written, big-endian
  kText = 2,  // hi, lo: XXH3-128 of the text
  kName = 3,  // a user known by user principal name only: XXH3-128 of the lower-cased name
};

template <typename Tag>
struct NamedId {
  uint64_t hi = 0;
  uint64_t lo = 0;
  IdForm form = IdForm::kNone;

  [[nodiscard]] bool present() const { return form != IdForm::kNone; }
  friend bool operator==(const NamedId&, const NamedId&) = default;
  friend auto operator<=>(const NamedId&, const NamedId&) = default;

  friend TableKey KeyOfTable(const NamedId& id) { return {id.hi, id.lo, uint64_t(id.form)}; }
};

using TenantId = NamedId<struct TenantIdTag>;
using UserId = NamedId<struct UserIdTag>;
using RecordId = NamedId<struct RecordIdTag>;

struct Hash128 {
  uint64_t hi = 0;
  uint64_t lo = 0;
  friend bool operator==(const Hash128&, const Hash128&) = default;
  friend TableKey KeyOfTable(const Hash128& hash) { return {hash.hi, hash.lo, 0}; }
};

// XXH3 of `text`, seed 0.
[[nodiscard]] Hash128 HashText128(std::string_view text);
[[nodiscard]] uint64_t HashText64(std::string_view text);
// XXH3 with a seed, for tables (table_hash.h).
[[nodiscard]] uint64_t HashTextSeeded(std::string_view text, uint64_t seed);

// The 16 bytes of a GUID written 8-4-4-4-12 with lower-case hex digits; nullopt for anything else
// (upper case included: an id is shown as it was written, so only what can be written back is
// binary).
[[nodiscard]] std::optional<Hash128> ParseLowerGuid(std::string_view text);
[[nodiscard]] std::string FormatGuid(uint64_t hi, uint64_t lo);

// kGuid when `text` is a lower-case GUID, kNone when it is empty or the zero GUID, else kText.
template <typename Id>
[[nodiscard]] Id MakeId(std::string_view text) {
  if (text.empty()) return {};
  if (const auto guid = ParseLowerGuid(text)) {
    if (guid->hi == 0 && guid->lo == 0) return {};
    return {guid->hi, guid->lo, IdForm::kGuid};
  }
  const Hash128 hash = HashText128(text);
  return {hash.hi, hash.lo, IdForm::kText};
}

// The id of a record as people see it: a lower-case GUID as its 16 bytes, any other text as it is.
// A ticket lists twenty of them in each revision, so they are made texts where words are made.
class ShownId {
 public:
  ShownId() = default;  // of the empty text
  ShownId(std::string text) {
    const auto guid = ParseLowerGuid(text);
    if (guid && *guid != Hash128{}) {
      guid_ = *guid;
    } else {
      text_ = std::move(text);
    }
  }
  ShownId(const char* text) : ShownId(std::string(text)) {}
  // Of a GUID, other than zero.
  explicit ShownId(const Hash128& guid) : guid_(guid) {}

  [[nodiscard]] std::string ToText() const {
    return guid_ == Hash128{} ? text_ : FormatGuid(guid_.hi, guid_.lo);
  }
  // What it refers to outside of itself; empty for a GUID.
  [[nodiscard]] const std::string& text() const { return text_; }
  friend bool operator==(const ShownId&, const ShownId&) = default;

 private:
  Hash128 guid_;
  std::string text_;
};

// A user known by user principal name only; `name` is lower-cased. Never equal to an id, whatever
// the name looks like (some are GUIDs). kNone when it is empty.
[[nodiscard]] inline UserId MakeNameId(std::string_view name) {
  if (name.empty()) return {};
  const Hash128 hash = HashText128(name);
  return {hash.hi, hash.lo, IdForm::kName};
}

// ASCII letters only, in place.
void LowerAscii(std::string& text);

// At most so much of a text is kept (SPEC 3.3), so that what is held has a bound.
inline constexpr size_t kKeptTextBytes = 1024;
// The beginning of `text`, valid UTF-8, that is kept: cut at a character.
[[nodiscard]] std::string_view CutText(std::string_view text);

// A text that identifies something is compared whole. So of one above the limit the beginning is
// kept with the hash of the whole text behind it, and that is what its id is the hash of: two kept
// texts are equal when the texts are, and an id can be made from a kept text again.
//
// Turns what `text` has from `start` on into the kept form. `whole` is what is hashed, the same
// text where it is compared as it is written.
void KeepIdentity(std::string_view whole, size_t start, std::string* text);
// What people see of a kept text: its beginning, without the hash.
[[nodiscard]] std::string_view ShownText(std::string_view kept);

}  // namespace signinwatch

#endif  // SIGNINWATCH_PARSER_IDS_H_
