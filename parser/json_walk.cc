#include "parser/json_walk.h"

#include <charconv>
#include <cstring>

#include "parser/ascii.h"
#include "parser/json_escape.h"

namespace signinwatch {
namespace {

const char* SkipDigits(const char* at, const char* end) {
  while (at < end && IsDigit(*at)) ++at;
  return at;
}

// A number of RFC 8259 section 6 that ends at `end` or a blank.
bool IsNumber(const char* at, const char* end) {
  if (*at == '-' && ++at == end) return false;
  if (!IsDigit(*at)) return false;
  at = *at == '0' ? at + 1 : SkipDigits(at, end);
  if (at < end && *at == '.') {
    const char* const fraction = ++at;
    at = SkipDigits(at, end);
    if (at == fraction) return false;
  }
  if (at < end && (*at | 0x20) == 'e') {
    if (++at < end && (*at == '+' || *at == '-')) ++at;
    const char* const exponent = at;
    at = SkipDigits(at, end);
    if (at == exponent) return false;
  }
  return at == end || IsBlank(*at);
}

template <size_t N>
bool IsLiteral(const char (&literal)[N], const char* at, const char* end) {
  constexpr size_t kSize = N - 1;
  return static_cast<size_t>(end - at) >= kSize && std::memcmp(at, literal, kSize) == 0 &&
         (at + kSize == end || IsBlank(at[kSize]));
}

// Whether a token is an integer of eight digits at most with no blank behind it, where `text` is
// the token's first eight bytes. Without a branch for each digit: such numbers are many, and how
// many digits they have is not to be foretold.
inline bool IsShortInteger(uint64_t text, size_t size) {
  // Digits become 0 to 9 and what is behind the token goes out at the top. A byte above 9 has its
  // high bit set, or gets it when 0x76 is added; a carry comes from such a byte alone.
  const uint64_t digits = (text ^ 0x3030303030303030) << (64 - 8 * size);
  const uint64_t above_nine = (digits | (digits + 0x7676767676767676)) & 0x8080808080808080;
  return (above_nine == 0) & ((size == 1) | ((text & 0xff) != '0'));
}

// Any number or literal.
bool IsAnyScalar(const char* at, const char* end) {
  switch (*at) {
    case 't':
      return IsLiteral("true", at, end);
    case 'f':
      return IsLiteral("false", at, end);
    case 'n':
      return IsLiteral("null", at, end);
    default:
      return IsNumber(at, end);
  }
}

// A number or literal, where the next token (or the text's end) is at `end`. What is between two
// tokens belongs to the first or is blank.
inline bool IsScalarText(const char* at, const char* end, const char* text_end) {
  // simdjson takes these two bytes for operators (they share their low bits with ',' and ':').
  if (end < text_end && (*end == '\x0c' || *end == '\x1a') && !IsBlank(end[-1])) return false;
  const size_t size = static_cast<size_t>(end - at);
  if (size <= 8 && text_end - at >= 8) {
    uint64_t text;
    std::memcpy(&text, at, 8);
    if (IsShortInteger(text, size)) return true;
  }
  return IsAnyScalar(at, end);
}

// In ASCII the brackets are 5B, 5D and 7B, 7D.
constexpr bool IsOpening(char c) { return (c | 0x20) == '{'; }
constexpr char ClosingOf(char open) { return static_cast<char>(open + 2); }

// Two bytes as one number.
constexpr uint16_t PairOf(char first, char second) {
  return static_cast<uint16_t>(static_cast<uint8_t>(first) | static_cast<uint8_t>(second) << 8);
}

// The tokens of a text, for the one loop in which each instruction shows.
struct Tokens {
  const char* bytes;
  const uint32_t* positions;
  size_t count;
  const char* text_end;

  char operator[](size_t i) const { return bytes[positions[i]]; }

  // The first byte of token i, which is not the last, and the one behind it.
  [[nodiscard]] uint16_t Pair(size_t i) const {
    uint16_t pair;
    std::memcpy(&pair, bytes + positions[i], 2);
    return pair;
  }

  // Whether token i, a closing brace that two more tokens follow, stands between two objects of an
  // array with no blank in between.
  [[nodiscard]] bool IsNextObject(size_t i) const {
    return std::memcmp(bytes + positions[i], "},{\"", 4) == 0;
  }

  [[nodiscard]] bool IsScalar(size_t i) const {
    return IsScalarText(bytes + positions[i], bytes + positions[i + 1], text_end);
  }

  // The tokens of the container at i, which is not the last token, if it is an empty one or a list
  // of one text: so are most lists of a record. 0: any other container.
  [[nodiscard]] size_t ShortContainer(size_t i) const {
    const char open = (*this)[i];
    if ((*this)[i + 1] == ClosingOf(open)) return 2;
    const bool one_text =
        open == '[' && (*this)[i + 1] == '"' && i + 2 < count && (*this)[i + 2] == ']';
    return one_text ? 3 : 0;
  }
};

// The next key, or the closing brace, behind the member of a valid object whose key is at i.
inline uint32_t BehindMember(const JsonView& view, uint32_t i) {
  const uint32_t* const positions = view.positions;
  const char* const bytes = view.bytes;
  i += 2;
  const char first = bytes[positions[i++]];
  if (IsOpening(first)) {
    i = bytes[positions[i]] == ClosingOf(first) ? i + 1 : NextValue(view, i - 1);
  }
  return i + (bytes[positions[i]] == ',' ? 1 : 0);
}

template <typename Matches>
uint32_t FindMemberIf(const JsonView& view, uint32_t object, Matches matches) {
  std::string meant;
  for (uint32_t i = object + 1; view.At(i) == '"'; i = BehindMember(view, i)) {
    std::string_view key = view.RawString(i);
    if (view.has_escaped_letters && key.find('\\') != std::string_view::npos) {
      meant.clear();
      AppendUnescaped(key, false, &meant);
      key = meant;
    }
    if (matches(key)) return i + 2;
  }
  return 0;
}

// A name as it is written mostly, which is not empty: what most keys are not is seen by their first
// letter.
class WrittenName {
 public:
  explicit WrittenName(std::string_view name) : name_(name), first_(name[0]) {}

  [[nodiscard]] bool IsAt(const JsonView& view, uint32_t i) const {
    const size_t at = size_t{view.positions[i]} + 1;
    const char* const key = view.bytes + at;
    return *key == first_ && view.size - at > name_.size() && key[name_.size()] == '"' &&
           std::memcmp(key, name_.data(), name_.size()) == 0;
  }

 private:
  const std::string_view name_;
  const char first_;
};

std::optional<int64_t> ParseInteger(const char* begin, const char* end) {
  int64_t value = 0;
  const auto [stop, error] = std::from_chars(begin, end, value);
  if (error != std::errc() || stop != end) return std::nullopt;
  return value;
}

}  // namespace

void JsonWalker::SetLevelsMax(uint32_t levels_max) {
  if (levels_max == levels_max_) return;
  levels_max_ = levels_max;
  is_object_ = std::vector<uint8_t>(size_t{levels_max} + 1);
}

bool JsonWalker::IsScalar(const JsonView& view, uint32_t i) {
  return IsScalarText(view.bytes + view.positions[i], view.bytes + view.positions[i + 1],
                      view.bytes + view.size);
}

// Most of a message is walked over here, so the states are labels: what comes next is then known
// from the place in the code, and the processor predicts each branch by what came before it. In
// compact JSON, which is what Entra exports, one token follows on another's last byte, so that two
// or four bytes are compared at once. A member takes four tokens of a valid text (key, colon,
// value, and a comma or the bracket): one check of the bounds is enough for all four, and where
// there is a fifth, there is a byte behind each of them.
uint32_t JsonWalker::SkipContainer(const JsonView& view, uint32_t start, uint32_t level) {
  const Tokens at{view.bytes, view.positions, view.count, view.bytes + view.size};
  const uint32_t base = level;
  const uint32_t levels_max = levels_max_;
  uint8_t* const is_object = is_object_.data();
  size_t i = start;
  size_t tokens;

open:
  if (level > levels_max) return kTooDeep;
  if (at[i++] == '[') goto array;

  is_object[level] = 1;
  if (i == at.count) return kBroken;
  if (at[i] == '}') goto close;
member:
  if (i == at.count || at[i] != '"') return kBroken;
key:
  if (i + 4 < at.count && at.Pair(i + 1) == PairOf(':', '"')) {
    i += 3;
    goto member_end;
  }
  if (i + 4 > at.count || at[i + 1] != ':') return kBroken;
  i += 2;
  if (at[i] == '"') {
    ++i;
  } else if (IsOpening(at[i])) {
    if (++level > levels_max) return kTooDeep;
    tokens = at.ShortContainer(i);
    if (tokens == 0) goto open;
    --level;
    i += tokens;
    if (i == at.count) return kBroken;
  } else {
    if (!at.IsScalar(i)) return kBroken;
    ++i;
  }
member_end:
  if (i + 1 < at.count && at.Pair(i) == PairOf(',', '"')) {
    ++i;
    goto key;
  }
  if (at[i] == ',') {
    ++i;
    goto member;
  }
  if (at[i] != '}') return kBroken;

close:
  ++i;
  if (level-- == base) return static_cast<uint32_t>(i);
  if (i == at.count) return kBroken;
  if (is_object[level] != 0) goto member_end;
  if (i + 2 < at.count && at.IsNextObject(i - 1)) {
    ++level;
    i += 2;
    goto key;
  }
  goto element_end;

array:
  is_object[level] = 0;
  if (i == at.count) return kBroken;
  if (at[i] == ']') goto close;
element:
  if (i + 2 > at.count) return kBroken;
  if (at[i] != '"') {
    if (IsOpening(at[i])) {
      ++level;
      goto open;
    }
    if (!at.IsScalar(i)) return kBroken;
  }
  ++i;
element_end:
  if (at[i] == ',') {
    ++i;
    goto element;
  }
  if (at[i] != ']') return kBroken;
  goto close;
}

uint32_t NextValue(const JsonView& view, uint32_t i) {
  uint32_t open = 0;
  do {
    const char first = view.At(i++);
    if (IsOpening(first)) ++open;
    if ((first | 0x20) == '}') --open;
  } while (open > 0);
  return i;
}

uint32_t FindMember(const JsonView& view, uint32_t object, std::string_view name) {
  if (view.has_escaped_letters) {
    return FindMemberIf(view, object, [name](std::string_view key) { return key == name; });
  }
  const WrittenName written(name);
  for (uint32_t i = object + 1; view.At(i) == '"'; i = BehindMember(view, i)) {
    if (written.IsAt(view, i)) return i + 2;
  }
  return 0;
}

MemberAndEnd FindMemberAndEnd(const JsonView& view, uint32_t object, std::string_view name) {
  if (view.has_escaped_letters) return {FindMember(view, object, name), NextValue(view, object)};
  const JsonView local = view;  // which nothing else can change
  const WrittenName written(name);
  uint32_t i = object + 1;
  for (; local.At(i) == '"'; i = BehindMember(local, i)) {
    if (!written.IsAt(local, i)) continue;
    const uint32_t found = i + 2;
    do i = BehindMember(local, i);
    while (local.At(i) == '"');
    return {found, i + 1};
  }
  return {0, i + 1};
}

uint32_t FindMemberWithoutCase(const JsonView& view, uint32_t object, std::string_view name) {
  return FindMemberIf(view, object,
                      [name](std::string_view key) { return EqualsWithoutCase(key, name); });
}

bool NeedsUnescape(const JsonView& view, std::string_view raw) {
  if (view.has_invalid_utf8) return true;
  if (!view.has_escapes) return false;
  // Few blocks of a message have a backslash, and a string lies in few blocks.
  const size_t first = static_cast<size_t>(raw.data() - view.bytes);
  const size_t last = first + raw.size();
  for (size_t block = first / StructuralIndex::kBlockBytes;
       block <= last / StructuralIndex::kBlockBytes; ++block) {
    if ((view.escape_blocks[block / 64] >> (block % 64) & 1) != 0) {
      return raw.find('\\') != std::string_view::npos;
    }
  }
  return false;
}

std::optional<int64_t> ReadIntegerToken(const JsonView& view, uint32_t i) {
  if (view.At(i) != '-' && !IsDigit(view.At(i))) return std::nullopt;
  const char* const begin = view.bytes + view.positions[i];
  const char* end = view.bytes + view.positions[i + 1];
  while (IsBlank(end[-1])) --end;
  return ParseInteger(begin, end);
}

std::optional<int64_t> ReadInteger(const JsonView& view, uint32_t i) {
  if (view.At(i) != '"') return ReadIntegerToken(view, i);
  std::string_view text = view.RawString(i);
  std::string meant;
  if (NeedsUnescape(view, text)) {
    AppendUnescaped(text, view.has_invalid_utf8, &meant);
    text = meant;
  }
  return ParseInteger(text.data(), text.data() + text.size());
}

}  // namespace signinwatch
