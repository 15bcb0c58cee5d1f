// Writes JSON, one token after another, without blanks.
//
//   JsonWriter json(&out);
//   json.Open('{');
//   json.Member("open", true);
//   json.Key("codes");
//   json.Open('[');
//   json.Number(50132);
//   json.Close(']');
//   json.Close('}');  // {"open":true,"codes":[50132]}
//
// Commas are the writer's business: a value or key that follows another one in the same object or
// array gets one. Brackets are the caller's.
#ifndef SIGNINWATCH_DAEMON_JSON_JSON_WRITER_H_
#define SIGNINWATCH_DAEMON_JSON_JSON_WRITER_H_

#include <charconv>
#include <cmath>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "daemon/json/json_string.h"
#include "parser/event_time.h"

namespace signinwatch::json {

class JsonWriter {
 public:
  // Appends to `out`, which outlives it.
  explicit JsonWriter(std::string* out) : out_(*out) {}

  void Open(char bracket) {
    Separate();
    out_ += bracket;
    first_ = true;
  }
  void Close(char bracket) {
    out_ += bracket;
    first_ = false;
  }
  void Key(std::string_view key) {
    String(key);
    out_ += ':';
    first_ = true;
  }
  void String(std::string_view text) {
    Separate();
    AppendJsonString(text, &out_);
  }
  void StringOrNull(std::string_view text) { text.empty() ? Null() : String(text); }
  void Null() {
    Separate();
    out_ += "null";
  }
  void Bool(bool value) {
    Separate();
    out_ += value ? "true" : "false";
  }
  // Shortest digits that read back as `value`. What is no number, as 0.0 / 0, is null.
  template <typename T>
  void Number(T value) {
    if constexpr (std::is_floating_point_v<T>) {
      if (!std::isfinite(value)) return Null();
    }
    Separate();
    char digits[32];
    const auto end = std::to_chars(digits, digits + sizeof(digits), value).ptr;
    out_.append(digits, end);
  }
  void Time(EventTime time) { String(FormatEventTime(time)); }
  void TimeOrNull(const std::optional<EventTime>& time) { time ? Time(*time) : Null(); }
  // A value that is JSON already.
  void Raw(std::string_view value) {
    Separate();
    out_ += value;
  }
  // A member that is a number, a truth, a time or a text.
  template <typename T>
  void Member(std::string_view key, const T& value) {
    Key(key);
    if constexpr (std::is_same_v<T, bool>) {
      Bool(value);
    } else if constexpr (std::is_arithmetic_v<T>) {
      Number(value);
    } else if constexpr (std::is_same_v<T, EventTime>) {
      Time(value);
    } else {
      String(value);
    }
  }
  // A member that is a list of texts.
  void Texts(std::string_view key, const std::vector<std::string>& texts) {
    Key(key);
    Open('[');
    for (const std::string& text : texts) String(text);
    Close(']');
  }

 private:
  void Separate() {
    if (!first_) out_ += ',';
    first_ = false;
  }

  std::string& out_;
  bool first_ = true;  // nothing stands before in this object or array, or a key was just written
};

}  // namespace signinwatch::json

#endif  // SIGNINWATCH_DAEMON_JSON_JSON_WRITER_H_
