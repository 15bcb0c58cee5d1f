// Writes JSON, one token after another, without blanks.
//
//   JsonWriter json(&out);
//   json.Open('{');
//   json.Key("codes");
//   json.Open('[');
//   json.Number(50132);
//   json.Close(']');
//   json.Close('}');  // {"codes":[50132]}
//
// Commas are the writer's business: a value or key that follows another one in the same object or
// array gets one. Brackets are the caller's.
#ifndef SIGNINWATCH_DAEMON_JSON_JSON_WRITER_H_
#define SIGNINWATCH_DAEMON_JSON_JSON_WRITER_H_

#include <charconv>
#include <optional>
#include <string>
#include <string_view>

#include "daemon/json/json_string.h"
#include "parser/event_time.h"

namespace signinwatch {

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
  template <typename Integer>
  void Number(Integer value) {
    Separate();
    char digits[24];
    const auto end = std::to_chars(digits, digits + sizeof(digits), value).ptr;
    out_.append(digits, end);
  }
  void Time(EventTime time) { String(FormatEventTime(time)); }
  void TimeOrNull(const std::optional<EventTime>& time) { time ? Time(*time) : Null(); }

 private:
  void Separate() {
    if (!first_) out_ += ',';
    first_ = false;
  }

  std::string& out_;
  bool first_ = true;  // nothing stands before in this object or array, or a key was just written
};

}  // namespace signinwatch

#endif  // SIGNINWATCH_DAEMON_JSON_JSON_WRITER_H_
