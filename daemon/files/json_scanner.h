// Finds the end of one JSON value in a text that comes in pieces, without holding it.
//
//   JsonScanner scanner;
//   for each piece: taken = scanner.Feed(piece);      // less than the piece: the value ends there
//   if (scanner.whole() || scanner.EndsWhole()) ...
//
// The text begins with the value's first byte. The grammar is the parser's: that of RFC 8259, but
// that control characters and bytes above 0x7f are taken in strings as they are (SPEC 3.3).
// Brackets nested deeper than kDepthMax make it no value, so the memory is bounded whatever the
// input.
#ifndef SIGNINWATCH_DAEMON_FILES_JSON_SCANNER_H_
#define SIGNINWATCH_DAEMON_FILES_JSON_SCANNER_H_

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace signinwatch::files {

class JsonScanner {
 public:
  // Takes the bytes of the value, up to its end or the first that does not belong to it, and gives
  // their number. Once the value is whole or broken it takes none.
  size_t Feed(std::string_view piece);
  [[nodiscard]] bool whole() const { return state_ == State::kWhole; }
  // No continuation can make it a value.
  [[nodiscard]] bool broken() const { return state_ == State::kBroken; }
  // Whether the value is whole if the text ends here, as a number may be.
  [[nodiscard]] bool EndsWhole() const;
  void Reset();

 private:
  static constexpr size_t kDepthMax = size_t{1} << 20;

  enum class State : uint8_t {
    kValue,          // a value must come
    kValueOrEnd,     // after '['
    kKeyOrEnd,       // after '{'
    kKey,            // after ',' in an object
    kColon,          // after a key
    kAfterValue,     // ',' or a closing bracket
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
    kWhole,
    kBroken,
  };

  void Step(char c);
  // false: `c` ends the number, and is not of it.
  [[nodiscard]] bool StepNumber(char c);
  void StepString(char c);
  void BeginValue(char c);
  void EndValue() { state_ = objects_.empty() ? State::kWhole : State::kAfterValue; }
  void Open(bool object);
  void Close(bool object);
  void AfterValue(char c);

  State state_ = State::kValue;
  bool key_ = false;  // the string being read is a key
  int hex_left_ = 0;
  const char* word_left_ = nullptr;
  std::vector<bool> objects_;  // of the open brackets: which are '{'
};

}  // namespace signinwatch::files

#endif  // SIGNINWATCH_DAEMON_FILES_JSON_SCANNER_H_
