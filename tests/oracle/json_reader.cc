#include "tests/oracle/json_reader.h"

#include <utility>

namespace signinwatch::oracle {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// What may stand directly behind a number or a literal.
bool EndsToken(char c) {
  return IsBlank(c) || c == ',' || c == ':' || c == '[' || c == ']' || c == '{' || c == '}';
}

std::optional<uint32_t> HexValue(char c) {
  if (c >= '0' && c <= '9') return static_cast<uint32_t>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<uint32_t>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<uint32_t>(c - 'A' + 10);
  return std::nullopt;
}

void AppendUtf8(uint32_t code_point, std::string* out) {
  const auto add = [out](uint32_t byte) { out->push_back(static_cast<char>(byte)); };
  if (code_point < 0x80) {
    add(code_point);
  } else if (code_point < 0x800) {
    add(0xC0 | code_point >> 6);
    add(0x80 | (code_point & 0x3F));
  } else if (code_point < 0x10000) {
    add(0xE0 | code_point >> 12);
    add(0x80 | (code_point >> 6 & 0x3F));
    add(0x80 | (code_point & 0x3F));
  } else {
    add(0xF0 | code_point >> 18);
    add(0x80 | (code_point >> 12 & 0x3F));
    add(0x80 | (code_point >> 6 & 0x3F));
    add(0x80 | (code_point & 0x3F));
  }
}

class Reader {
 public:
  Reader(std::string_view text, size_t depth_max) : text_(text), depth_max_(depth_max) {}

  JsonReading Read() {
    SkipBlanks();
    bool readable = ReadValue(&reading_.root);
    while (readable && !open_.empty()) readable = ReadNext();
    SkipBlanks();
    if (readable && !AtEnd()) Broken();
    return std::move(reading_);
  }

 private:
  // A container whose closing bracket has not come yet.
  struct Open {
    JsonValue* value;  // where its elements or members go; null: they are not kept
    char closing;
    bool empty = true;
  };

  [[nodiscard]] bool AtEnd() const { return at_ == text_.size(); }
  [[nodiscard]] bool At(char c) const { return !AtEnd() && text_[at_] == c; }

  void SkipBlanks() {
    while (!AtEnd() && IsBlank(text_[at_])) ++at_;
  }

  // Notes that the text can't be read from here on; false, for the callers to return.
  bool Broken() {
    reading_.broken_at = at_;
    return false;
  }

  bool Whole(JsonValue* value) {
    value->end = at_;
    value->whole = true;
    return true;
  }

  // A scalar in full; of a container the opening bracket, which makes it the innermost open one.
  bool ReadValue(JsonValue* value) {
    value->begin = at_;
    if (AtEnd()) return Broken();
    switch (text_[at_]) {
      case '{':
        return OpenContainer(JsonKind::kObject, '}', value);
      case '[':
        return OpenContainer(JsonKind::kArray, ']', value);
      case '"':
        value->kind = JsonKind::kString;
        return ReadString(&value->text) && Whole(value);
      case 'n':
        return ReadLiteral("null", JsonKind::kNull, value);
      case 'f':
        return ReadLiteral("false", JsonKind::kFalse, value);
      case 't':
        return ReadLiteral("true", JsonKind::kTrue, value);
      default:
        return ReadNumber(value);
    }
  }

  bool OpenContainer(JsonKind kind, char closing, JsonValue* value) {
    const bool too_deep = open_.size() == depth_max_;
    if (too_deep && !reading_.too_deep_at) reading_.too_deep_at = at_;
    const bool kept = !too_deep && value != &unkept_;
    if (kept) value->kind = kind;
    open_.push_back({kept ? value : nullptr, closing});
    ++at_;
    return true;
  }

  // What comes next in the innermost open container: its closing bracket, or an element or member
  // with the comma before it.
  bool ReadNext() {
    Open& container = open_.back();
    SkipBlanks();
    if (At(container.closing)) {
      ++at_;
      if (container.value) Whole(container.value);
      open_.pop_back();
      return true;
    }
    if (!container.empty) {
      if (!At(',')) return Broken();
      ++at_;
      SkipBlanks();
      if (At(container.closing)) return Broken();
    }
    if (AtEnd()) return Broken();
    container.empty = false;
    return container.closing == '}' ? ReadMember(container.value) : ReadElement(container.value);
  }

  // `array`, `object`: null if what is in them is not kept.
  bool ReadElement(JsonValue* array) {
    if (array) return ReadValue(&array->elements.emplace_back());
    unkept_ = JsonValue();
    return ReadValue(&unkept_);
  }

  bool ReadMember(JsonValue* object) {
    std::string key;
    if (!At('"')) return Broken();
    if (!ReadString(&key)) return false;
    SkipBlanks();
    if (!At(':')) return Broken();
    ++at_;
    SkipBlanks();
    if (object) {
      JsonMember& member = object->members.emplace_back();
      member.key = std::move(key);
      return ReadValue(&member.value);
    }
    unkept_ = JsonValue();
    return ReadValue(&unkept_);
  }

  bool ReadLiteral(std::string_view word, JsonKind kind, JsonValue* value) {
    for (const char c : word) {
      if (!At(c)) return Broken();
      ++at_;
    }
    if (!AtEnd() && !EndsToken(text_[at_])) return Broken();
    value->kind = kind;
    return Whole(value);
  }

  // RFC 8259 section 6. A number that the end of the text cuts off inside a container can't be
  // known to be whole: more digits may have followed.
  bool ReadNumber(JsonValue* value) {
    if (At('-')) ++at_;
    if (At('0')) {
      ++at_;
    } else if (!ReadDigits()) {
      return Broken();
    }
    if (At('.')) {
      ++at_;
      if (!ReadDigits()) return Broken();
    }
    if (At('e') || At('E')) {
      ++at_;
      if (At('+') || At('-')) ++at_;
      if (!ReadDigits()) return Broken();
    }
    if (AtEnd() ? !open_.empty() : !EndsToken(text_[at_])) return Broken();
    value->kind = JsonKind::kNumber;
    value->text = text_.substr(value->begin, at_ - value->begin);
    return Whole(value);
  }

  bool ReadDigits() {
    const size_t begin = at_;
    while (!AtEnd() && IsDigit(text_[at_])) ++at_;
    return at_ > begin;
  }

  bool ReadString(std::string* out) {
    ++at_;  // the opening quote
    while (!AtEnd()) {
      const char c = text_[at_];
      if (c == '"') {
        ++at_;
        return true;
      }
      if (static_cast<unsigned char>(c) < 0x20) ++reading_.control_characters;
      if (c == '\\') {
        if (!ReadEscape(out)) return false;
        continue;
      }
      bool valid = false;
      const size_t size = Utf8SequenceSize(text_.substr(at_), &valid);
      out->append(valid ? text_.substr(at_, size) : kReplacement);
      at_ += size;
    }
    return Broken();
  }

  bool ReadEscape(std::string* out) {
    static constexpr std::string_view kLetters = "\"\\/bfnrt";
    static constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
    if (at_ + 1 == text_.size()) return Broken();
    const char letter = text_[at_ + 1];
    if (letter == 'u') return ReadUnicodeEscape(out);
    const size_t index = kLetters.find(letter);
    if (index == std::string_view::npos) return Broken();
    out->push_back(kMeanings[index]);
    at_ += 2;
    return true;
  }

  bool ReadUnicodeEscape(std::string* out) {
    const std::optional<uint32_t> unit = Utf16UnitAt(at_);
    if (!unit) return Broken();
    at_ += 6;
    if (*unit < 0xD800 || *unit > 0xDFFF) {
      AppendUtf8(*unit, out);
      return true;
    }
    if (*unit <= 0xDBFF) {
      const std::optional<uint32_t> low = Utf16UnitAt(at_);
      if (low && *low >= 0xDC00 && *low <= 0xDFFF) {
        at_ += 6;
        AppendUtf8(0x10000 + ((*unit - 0xD800) << 10) + (*low - 0xDC00), out);
        return true;
      }
    }
    out->append(kReplacement);
    ++reading_.lone_surrogates;
    return true;
  }

  // The four digits of a \uXXXX that starts at `at`; nullopt: none does.
  [[nodiscard]] std::optional<uint32_t> Utf16UnitAt(size_t at) const {
    if (text_.size() < at + 6 || text_[at] != '\\' || text_[at + 1] != 'u') return std::nullopt;
    uint32_t unit = 0;
    for (size_t i = at + 2; i < at + 6; ++i) {
      const std::optional<uint32_t> digit = HexValue(text_[i]);
      if (!digit) return std::nullopt;
      unit = unit << 4 | *digit;
    }
    return unit;
  }

  const std::string_view text_;
  const size_t depth_max_;
  size_t at_ = 0;
  std::vector<Open> open_;  // the outermost first
  JsonValue unkept_;        // takes what is not kept
  JsonReading reading_;
};

}  // namespace

JsonReading ReadJson(std::string_view text, size_t depth_max) {
  return Reader(text, depth_max).Read();
}

const JsonValue* Find(const JsonValue& object, std::string_view key) {
  for (const JsonMember& member : object.members) {
    if (member.key == key) return &member.value;
  }
  return nullptr;
}

size_t Utf8SequenceSize(std::string_view text, bool* valid) {
  const auto byte = [text](size_t i) { return static_cast<unsigned char>(text[i]); };
  *valid = true;
  const unsigned lead = byte(0);
  if (lead < 0x80) return 1;
  *valid = false;
  if (lead < 0xC2 || lead > 0xF4) return 1;
  const size_t size = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  for (size_t i = 1; i < size; ++i) {
    // Table 3-7: the second byte of some leads has a narrower span.
    unsigned lowest = 0x80;
    unsigned highest = 0xBF;
    if (i == 1 && lead == 0xE0) lowest = 0xA0;
    if (i == 1 && lead == 0xED) highest = 0x9F;
    if (i == 1 && lead == 0xF0) lowest = 0x90;
    if (i == 1 && lead == 0xF4) highest = 0x8F;
    if (i == text.size() || byte(i) < lowest || byte(i) > highest) return i;
  }
  *valid = true;
  return size;
}

uint64_t CountInvalidUtf8(std::string_view text) {
  uint64_t count = 0;
  while (!text.empty()) {
    bool valid = false;
    text.remove_prefix(Utf8SequenceSize(text, &valid));
    if (!valid) ++count;
  }
  return count;
}

}  // namespace signinwatch::oracle
