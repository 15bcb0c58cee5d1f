// Walking over an indexed JSON text: grammar first, values where they are wanted.
//
// Structurals are numbers of tokens in a StructuralIndex. What is walked over by JsonWalker is
// valid JSON afterwards (RFC 8259); the free functions below rely on that.
#ifndef SIGNINWATCH_PARSER_JSON_WALK_H_
#define SIGNINWATCH_PARSER_JSON_WALK_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "parser/structural_index.h"

namespace signinwatch {

// An indexed text. Refers to both; copy it freely.
struct JsonView {
  JsonView() = default;
  JsonView(std::string_view text, const StructuralIndex& index)
      : bytes(text.data()),
        size(text.size()),
        positions(index.positions()),
        count(index.count()),
        escape_blocks(index.escape_blocks()),
        has_escapes(index.has_escapes()),
        has_escaped_letters(index.has_escaped_letters()),
        has_invalid_utf8(index.has_invalid_utf8()) {}

  // The first byte of structural i, which is below count.
  [[nodiscard]] char At(uint32_t i) const { return bytes[positions[i]]; }

  // What is between the quotes of string i, escapes and all.
  [[nodiscard]] std::string_view RawString(uint32_t i) const {
    const uint32_t start = positions[i] + 1;
    uint32_t end = positions[i + 1];
    while (bytes[--end] != '"') {
    }
    return {bytes + start, end - start};
  }

  const char* bytes = nullptr;
  size_t size = 0;
  const uint32_t* positions = nullptr;  // count + 1
  uint32_t count = 0;
  const uint64_t* escape_blocks = nullptr;  // of the index, if has_escapes
  bool has_escapes = false;
  bool has_escaped_letters = false;
  bool has_invalid_utf8 = false;
};

// What a walk gives instead of a structural.
inline constexpr uint32_t kBroken = 0xffffffff;   // no JSON, or its end is missing
inline constexpr uint32_t kTooDeep = 0xfffffffe;  // nested too deep
[[nodiscard]] constexpr bool WalkFailed(uint32_t i) { return i >= kTooDeep; }

class JsonWalker {
 public:
  explicit JsonWalker(uint32_t levels_max) { SetLevelsMax(levels_max); }

  // A container at `levels_max` is fine, one level further is kTooDeep.
  void SetLevelsMax(uint32_t levels_max);
  [[nodiscard]] uint32_t levels_max() const { return levels_max_; }

  // Checks the value that starts at structural i (at most count) and gives the structural behind
  // it. `level` is what the value would be as a container; the text's root is level 1.
  [[nodiscard]] uint32_t SkipValue(const JsonView& view, uint32_t i, uint32_t level) {
    if (i >= view.count) return kBroken;
    const char first = view.At(i);
    if (first == '"') return i + 1;
    if (first == '{' || first == '[') return SkipContainer(view, i, level);
    return IsScalar(view, i) ? i + 1 : kBroken;
  }

  // The same of a value that starts with a bracket.
  [[nodiscard]] uint32_t SkipContainer(const JsonView& view, uint32_t start, uint32_t level);

  // Whether structural i is a number or literal of JSON.
  [[nodiscard]] static bool IsScalar(const JsonView& view, uint32_t i);

 private:
  uint32_t levels_max_ = 0;
  // By level: whether the container that is open there is an object. Only what lies between the
  // value that is skipped and the current container is in use.
  std::vector<uint8_t> is_object_;
};

// The structural behind the valid value at i.
[[nodiscard]] uint32_t NextValue(const JsonView& view, uint32_t i);

// The value of the first member called `name` of the valid object at structural `object`; 0 if
// there is none.
[[nodiscard]] uint32_t FindMember(const JsonView& view, uint32_t object, std::string_view name);
// The same, and the structural behind the object, in one walk.
struct MemberAndEnd {
  uint32_t value;
  uint32_t end;
};
[[nodiscard]] MemberAndEnd FindMemberAndEnd(const JsonView& view, uint32_t object,
                                            std::string_view name);
[[nodiscard]] uint32_t FindMemberWithoutCase(const JsonView& view, uint32_t object,
                                             std::string_view name);

// Whether string i has escapes or invalid UTF-8, so that RawString is not what it means.
[[nodiscard]] bool NeedsUnescape(const JsonView& view, std::string_view raw);

// The integer that valid value i is: an integer token, or a string of digits with an optional
// minus. nullopt for anything else, 1.0 and 1e3 included, and beyond int64.
[[nodiscard]] std::optional<int64_t> ReadInteger(const JsonView& view, uint32_t i);
// The same of an integer token alone.
[[nodiscard]] std::optional<int64_t> ReadIntegerToken(const JsonView& view, uint32_t i);

}  // namespace signinwatch

#endif  // SIGNINWATCH_PARSER_JSON_WALK_H_
