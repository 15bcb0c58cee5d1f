// Tells piece by piece whether a text is one whole JSON value, without holding it.
//
//   JsonScanner scanner;
//   for each piece: scanner.Feed(piece);
//   if (scanner.Finish() != JsonShape::kNotJson) ...
//
// The grammar is that of RFC 8259, but that bytes above 0x7f are taken in strings without looking
// at UTF-8 (SPEC 3.3: invalid UTF-8 rejects nothing), and that a byte order mark at the start is
// skipped. Brackets nested deeper than kDepthMax make it no value, so the memory is bounded
// whatever the input. It is for texts too large for ClassifyJson, which is faster.
#ifndef SIGNINWATCH_DAEMON_FILES_JSON_SCANNER_H_
#define SIGNINWATCH_DAEMON_FILES_JSON_SCANNER_H_

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "parser/message_parser.h"

namespace signinwatch {

class JsonScanner {
 public:
  void Feed(std::string_view piece);
  // Of all that was fed; blanks alone are kNotJson. Feed must not be called again before Reset.
  [[nodiscard]] JsonShape Finish();
  void Reset();
  // No continuation can make it a value.
  [[nodiscard]] bool broken() const { return state_ == State::kBroken; }

 private:
  static constexpr size_t kDepthMax = size_t{1} << 20;

  enum class State : uint8_t {
    kStart,  // before the first byte; a byte order mark may come
    kMark1,
    kMark2,
    kValue,          // a value must come
    kValueOrEnd,     // after '['
    kKeyOrEnd,       // after '{'
    kKey,            // after ',' in an object
    kColon,          // after a key
    kAfterValue,     // ',' or a closing bracket, or at the top nothing
    kString,         // inside a string
    kEscape,         // after a backslash
    kHex,            // inside \uXXXX
    kMinus,          // number: after '-'
    kZero,           // number: a leading 0
    kInteger,        // number: digits
    kPoint,          // number: after '.'
    kFraction,       // number: digits after '.'
    kExponent,       // number: after 'e'
    kExponentSign,   // number: after its sign
    kExponentDigit,  // number: its digits
    kWord,           // true, false, null
    kBroken,
  };

  void Step(char c);
  void StepNumber(char c);
  void StepString(char c);
  void BeginValue(char c);
  void EndValue() { state_ = State::kAfterValue; }
  void Open(bool object);
  void Close(bool object);
  void AfterValue(char c);

  State state_ = State::kStart;
  JsonShape shape_ = JsonShape::kNotJson;
  bool key_ = false;  // the string being read is a key
  int hex_left_ = 0;
  const char* word_left_ = nullptr;
  std::vector<bool> objects_;  // of the open brackets: which are '{'
};

}  // namespace signinwatch

#endif  // SIGNINWATCH_DAEMON_FILES_JSON_SCANNER_H_
