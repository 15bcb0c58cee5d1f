#include "tests/oracle/json_fields.h"

#include <limits>

#include "tests/oracle/plain_time.h"

namespace signinwatch::oracle {
namespace {

constexpr size_t kShownMax = 1024;

}  // namespace

bool EqualsWithoutCase(std::string_view a, std::string_view b) {
  return Lower(std::string(a)) == Lower(std::string(b));
}

const JsonValue* ObjectIn(const JsonValue* object, std::string_view key) {
  const JsonValue* value = object ? Find(*object, key) : nullptr;
  return value && value->kind == JsonKind::kObject ? value : nullptr;
}

const JsonValue* ArrayIn(const JsonValue* object, std::string_view key) {
  const JsonValue* value = object ? Find(*object, key) : nullptr;
  return value && value->kind == JsonKind::kArray ? value : nullptr;
}

std::string TextIn(const JsonValue* object, std::string_view key) {
  const JsonValue* value = object ? Find(*object, key) : nullptr;
  return value && value->kind == JsonKind::kString ? value->text : "";
}

std::string Shown(std::string text) {
  if (text.size() <= kShownMax) return text;
  std::string shown;
  std::string_view rest = text;
  for (;;) {
    bool valid = false;
    const size_t size = Utf8SequenceSize(rest, &valid);
    if (shown.size() + size > kShownMax) return shown;
    shown += rest.substr(0, size);
    rest.remove_prefix(size);
  }
}

std::string ShownIn(const JsonValue* object, std::string_view key) {
  return Shown(TextIn(object, key));
}

bool Has(const JsonValue& object, std::string_view key) { return Find(object, key) != nullptr; }

std::string IdIn(const JsonValue* object, std::string_view key) {
  const std::string text = TextIn(object, key);
  return text == kZeroGuid ? "" : text;
}

std::optional<int64_t> TimeIn(const JsonValue* object, std::string_view key) {
  return ReadTimeMicros(TextIn(object, key));
}

std::optional<int64_t> ReadInteger(std::string_view text) {
  const bool negative = !text.empty() && text[0] == '-';
  if (negative) text.remove_prefix(1);
  if (text.empty()) return std::nullopt;
  int64_t value = 0;  // negated, since the least number has no positive counterpart
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    const int64_t digit = c - '0';
    if (value < (std::numeric_limits<int64_t>::min() + digit) / 10) return std::nullopt;
    value = value * 10 - digit;
  }
  if (negative) return value;
  if (value == std::numeric_limits<int64_t>::min()) return std::nullopt;
  return -value;
}

std::optional<int64_t> CodeIn(const JsonValue* object, std::string_view key) {
  const JsonValue* value = object ? Find(*object, key) : nullptr;
  if (!value || (value->kind != JsonKind::kNumber && value->kind != JsonKind::kString)) {
    return std::nullopt;
  }
  return ReadInteger(value->text);
}

const JsonValue* FindWithoutCase(const JsonValue& object, std::string_view key) {
  for (const JsonMember& member : object.members) {
    if (EqualsWithoutCase(member.key, key)) return &member.value;
  }
  return nullptr;
}

}  // namespace signinwatch::oracle
