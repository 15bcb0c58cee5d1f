#include "daemon/tickets/json_value.h"

#include "parser/json_escape.h"

namespace signinwatch {
namespace {

// A ticket has four.
constexpr uint32_t kLevelsMax = 64;

std::string TextAt(const JsonView& view, uint32_t at) {
  std::string text;
  AppendUnescaped(view.RawString(at), /*repair=*/true, &text);
  return text;
}

}  // namespace

JsonValue JsonValue::operator[](std::string_view name) const {
  if (First() != '{') return {};
  const uint32_t at = FindMember(*view_, at_, name);
  return at == 0 ? JsonValue() : JsonValue(view_, at);
}

std::string JsonValue::Text() const { return First() == '"' ? TextAt(*view_, at_) : std::string(); }

int64_t JsonValue::Integer() const {
  return view_ == nullptr ? 0 : ReadInteger(*view_, at_).value_or(0);
}

std::vector<JsonValue> JsonValue::Elements() const {
  std::vector<JsonValue> elements;
  if (First() != '[') return elements;
  for (uint32_t i = at_ + 1; view_->At(i) != ']';) {
    elements.emplace_back(view_, i);
    i = NextValue(*view_, i);
    if (view_->At(i) == ',') ++i;
  }
  return elements;
}

std::vector<std::pair<std::string, JsonValue>> JsonValue::Members() const {
  std::vector<std::pair<std::string, JsonValue>> members;
  if (First() != '{') return members;
  for (uint32_t i = at_ + 1; view_->At(i) != '}';) {
    const uint32_t value = i + 2;  // behind the key and the colon
    members.emplace_back(TextAt(*view_, i), JsonValue(view_, value));
    i = NextValue(*view_, value);
    if (view_->At(i) == ',') ++i;
  }
  return members;
}

JsonDocument::JsonDocument(std::string text) : text_(std::move(text)) {
  if (text_.size() > StructuralIndex::kTextBytesMax) return;
  index_.Build(text_);
  view_ = JsonView(text_, index_);
  valid_ = index_.whole() && JsonWalker(kLevelsMax).SkipValue(view_, 0, 1) == view_.count;
}

JsonValue JsonDocument::root() const { return valid_ ? JsonValue(&view_, 0) : JsonValue(); }

}  // namespace signinwatch
