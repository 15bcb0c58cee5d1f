// A naive JSON reader, strict (RFC 8259) but for control characters in strings: the plain half of a
// comparison with the real parser.
//
//   const JsonReading reading = ReadJson(R"({"records":[{"a":1},{"b)", 1024);
//   *reading.broken_at;                         // 24: where the text stops being JSON
//   Find(reading.root, "records")->elements;    // what was read up to there; the second not whole
//
// Written to be obviously right: one pass that copies everything. Reading stops where the text is
// broken; all that was begun before is in the tree, marked as not whole.
#ifndef SIGNINWATCH_TESTS_ORACLE_JSON_READER_H_
#define SIGNINWATCH_TESTS_ORACLE_JSON_READER_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace signinwatch::oracle {

// kUnread: broken before it could be told, or nested too deep.
enum class JsonKind { kUnread, kNull, kFalse, kTrue, kNumber, kString, kArray, kObject };

struct JsonMember;

struct JsonValue {
  JsonKind kind = JsonKind::kUnread;
  // The value's bytes are [begin, end) of the text; end is 0 until it is whole.
  size_t begin = 0;
  size_t end = 0;
  bool whole = false;

  std::string text;                 // kString: unescaped, valid UTF-8. kNumber: as written
  std::vector<JsonValue> elements;  // kArray
  std::vector<JsonMember> members;  // kObject, in the order of the text, equal keys included
};

struct JsonMember {
  std::string key;  // unescaped
  JsonValue value;
};

struct JsonReading {
  JsonValue root;
  // The first byte that can't be read; the text's size where it is cut off.
  std::optional<size_t> broken_at;
  // The opening bracket of the first container that is nested too deep. What such containers hold
  // is read, but not kept.
  std::optional<size_t> too_deep_at;
  // In the strings that were read: lone surrogates in escapes, each now a U+FFFD, and control
  // characters that are not escaped, taken as they are.
  uint64_t lone_surrogates = 0;
  uint64_t control_characters = 0;

  // The first of the two; nullopt: none.
  [[nodiscard]] std::optional<size_t> damaged_at() const {
    return too_deep_at ? too_deep_at : broken_at;
  }
};

// Reads one JSON text, blanks (space, tab, CR, LF) around it allowed and nothing else.
// `depth_max`: containers nested at most that deep, the outermost being at depth 1.
// Invalid UTF-8 inside strings becomes U+FFFD, one for each maximal subpart (Unicode 15, section
// 3.9, table 3-7); outside strings the text is broken by it.
[[nodiscard]] JsonReading ReadJson(std::string_view text, size_t depth_max);

// The value of the first of equal keys; nullptr: no such key, or not an object.
[[nodiscard]] const JsonValue* Find(const JsonValue& object, std::string_view key);

// Bytes of the UTF-8 sequence or of the maximal subpart of one that starts `text`, which is not
// empty; *valid tells which of the two.
[[nodiscard]] size_t Utf8SequenceSize(std::string_view text, bool* valid);

// How many U+FFFD stand for the invalid UTF-8 of `text`.
[[nodiscard]] uint64_t CountInvalidUtf8(std::string_view text);

}  // namespace signinwatch::oracle

#endif  // SIGNINWATCH_TESTS_ORACLE_JSON_READER_H_
