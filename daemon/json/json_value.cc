#include "daemon/json/json_value.h"

#include <algorithm>

#include "parser/json_escape.h"

namespace signinwatch::json {
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
  return view_ == nullptr ? 0 : ReadIntegerToken(*view_, at_).value_or(0);
}

uint64_t JsonValue::Count() const { return static_cast<uint64_t>(std::max<int64_t>(Integer(), 0)); }

bool JsonValue::IsNumber() const {
  const char first = First();
  return first == '-' || (first >= '0' && first <= '9');
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

JsonDocument::JsonDocument(std::string text) {
  if (text.size() > StructuralIndex::kTextBytesMax) return;
  auto content = std::make_unique<Content>();
  content->text = std::move(text);
  content->index.Build(content->text);
  content->view = JsonView(content->text, content->index);
  const JsonView& view = content->view;
  const bool valid =
      content->index.whole() && JsonWalker(kLevelsMax).SkipValue(view, 0, 1) == view.count;
  if (valid) content_ = std::move(content);
}

JsonValue JsonDocument::root() const {
  return content_ == nullptr ? JsonValue() : JsonValue(&content_->view, 0);
}

}  // namespace signinwatch::json
