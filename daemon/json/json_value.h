// Reads JSON of our own: the one reader of tickets, as daemon/words/ticket_json.h writes them.
//
//   JsonDocument document(json);
//   document.root()["threshold"]["events"].Integer();
//
// What is absent or of another kind reads as empty or zero, so a ticket of another version shows
// what it has, and what is in a store can't break who reads it. A byte that is no UTF-8 becomes
// U+FFFD.
#ifndef SIGNINWATCH_DAEMON_JSON_JSON_VALUE_H_
#define SIGNINWATCH_DAEMON_JSON_JSON_VALUE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "parser/json_walk.h"
#include "parser/structural_index.h"

namespace signinwatch::json {

// A value in a JsonDocument, which must outlive it; that may be moved. Copy it freely.
class JsonValue {
 public:
  JsonValue() = default;
  JsonValue(const JsonView* view, uint32_t at) : view_(view), at_(at) {}

  // The member of an object.
  [[nodiscard]] JsonValue operator[](std::string_view name) const;
  // Of a string.
  [[nodiscard]] std::string Text() const;
  [[nodiscard]] int64_t Integer() const;
  [[nodiscard]] uint64_t Count() const;  // an integer; 0 if it is negative
  [[nodiscard]] bool IsNumber() const;   // of any kind
  [[nodiscard]] bool IsTrue() const { return First() == 't'; }
  [[nodiscard]] bool IsObject() const { return First() == '{'; }
  [[nodiscard]] bool IsArray() const { return First() == '['; }
  // Of an array.
  [[nodiscard]] std::vector<JsonValue> Elements() const;
  // Of an object, in its order.
  [[nodiscard]] std::vector<std::pair<std::string, JsonValue>> Members() const;

 private:
  [[nodiscard]] char First() const { return view_ == nullptr ? '\0' : view_->At(at_); }

  const JsonView* view_ = nullptr;  // null: absent
  uint32_t at_ = 0;
};

class JsonDocument {
 public:
  explicit JsonDocument(std::string text);

  // Absent if the text is not JSON.
  [[nodiscard]] JsonValue root() const;

 private:
  struct Content {
    std::string text;
    StructuralIndex index;
    JsonView view;  // of the two
  };
  std::unique_ptr<const Content> content_;  // null: the text is not JSON
};

}  // namespace signinwatch::json

#endif  // SIGNINWATCH_DAEMON_JSON_JSON_VALUE_H_
