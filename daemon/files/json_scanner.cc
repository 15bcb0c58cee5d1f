#include "daemon/files/json_scanner.h"

#include "parser/ascii.h"

namespace signinwatch::files {
namespace {

bool IsHexDigit(char c) { return IsDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
bool IsPlainInString(char c) { return c != '"' && c != '\\'; }

}  // namespace

void JsonScanner::Reset() {
  state_ = State::kValue;
  objects_.clear();
}

bool JsonScanner::EndsWhole() const {
  switch (state_) {
    case State::kWhole:
      return true;
    case State::kZero:
    case State::kInteger:
    case State::kFraction:
    case State::kExponentDigit:  // a number ends only with what follows it
      return objects_.empty();
    default:
      return false;
  }
}

size_t JsonScanner::Feed(std::string_view piece) {
  const char* p = piece.data();
  const char* const end = p + piece.size();
  while (p != end && !whole()) {
    if (state_ == State::kString) {
      // Most bytes of a record are inside strings.
      while (p != end && IsPlainInString(*p)) ++p;
      if (p == end) break;
    }
    const bool in_number = state_ >= State::kMinus && state_ <= State::kExponentDigit;
    if (in_number && !StepNumber(*p)) {
      if (whole() || broken()) break;
      continue;
    }
    if (!in_number) Step(*p);
    if (broken()) break;
    ++p;
  }
  return static_cast<size_t>(p - piece.data());
}

void JsonScanner::Step(char c) {
  switch (state_) {
    case State::kString:
    case State::kEscape:
    case State::kHex:
      return StepString(c);
    case State::kWord:
      if (c != *word_left_++)
        state_ = State::kBroken;
      else if (*word_left_ == '\0')
        EndValue();
      return;
    default:
      break;
  }
  if (IsBlank(c)) return;
  switch (state_) {
    case State::kValueOrEnd:
      return c == ']' ? Close(false) : BeginValue(c);
    case State::kKeyOrEnd:
      if (c == '}') return Close(true);
      [[fallthrough]];
    case State::kKey:
      key_ = true;
      state_ = c == '"' ? State::kString : State::kBroken;
      return;
    case State::kColon:
      state_ = c == ':' ? State::kValue : State::kBroken;
      return;
    case State::kAfterValue:
      return AfterValue(c);
    default:
      return BeginValue(c);
  }
}

void JsonScanner::BeginValue(char c) {
  key_ = false;
  word_left_ = c == 't' ? "rue" : c == 'f' ? "alse" : "ull";
  switch (c) {
    case '{':
      return Open(true);
    case '[':
      return Open(false);
    case '"':
      state_ = State::kString;
      return;
    case 't':
    case 'f':
    case 'n':
      state_ = State::kWord;
      return;
    case '-':
      state_ = State::kMinus;
      return;
    case '0':
      state_ = State::kZero;
      return;
    default:
      state_ = IsDigit(c) ? State::kInteger : State::kBroken;
  }
}

void JsonScanner::Open(bool object) {
  if (objects_.size() == kDepthMax) {
    state_ = State::kBroken;
    return;
  }
  objects_.push_back(object);
  state_ = object ? State::kKeyOrEnd : State::kValueOrEnd;
}

void JsonScanner::Close(bool object) {
  if (objects_.empty() || objects_.back() != object) {
    state_ = State::kBroken;
    return;
  }
  objects_.pop_back();
  EndValue();
}

void JsonScanner::AfterValue(char c) {
  if (c == '}' || c == ']') return Close(c == '}');
  if (c != ',') {
    state_ = State::kBroken;
    return;
  }
  state_ = objects_.back() ? State::kKey : State::kValue;
}

void JsonScanner::StepString(char c) {
  if (state_ == State::kHex) {
    if (!IsHexDigit(c))
      state_ = State::kBroken;
    else if (--hex_left_ == 0)
      state_ = State::kString;
  } else if (state_ == State::kEscape) {
    hex_left_ = 4;
    constexpr std::string_view kEscapes = "\"\\/bfnrt";
    state_ = c == 'u'                                     ? State::kHex
             : kEscapes.find(c) != std::string_view::npos ? State::kString
                                                          : State::kBroken;
  } else if (c == '"') {
    if (key_) {
      state_ = State::kColon;
    } else {
      EndValue();
    }
  } else {
    state_ = c == '\\' ? State::kEscape : State::kBroken;
  }
}

bool JsonScanner::StepNumber(char c) {
  const bool digit = IsDigit(c);
  switch (state_) {
    case State::kMinus:
      state_ = c == '0' ? State::kZero : digit ? State::kInteger : State::kBroken;
      return !broken();
    case State::kPoint:
      state_ = digit ? State::kFraction : State::kBroken;
      return !broken();
    case State::kExponent:
      state_ = digit                  ? State::kExponentDigit
               : c == '+' || c == '-' ? State::kExponentSign
                                      : State::kBroken;
      return !broken();
    case State::kExponentSign:
      state_ = digit ? State::kExponentDigit : State::kBroken;
      return !broken();
    default:
      break;
  }
  if (digit && state_ != State::kZero) return true;
  const bool integer = state_ == State::kZero || state_ == State::kInteger;
  if (c == '.' && integer) {
    state_ = State::kPoint;
  } else if ((c == 'e' || c == 'E') && state_ != State::kExponentDigit) {
    state_ = State::kExponent;
  } else {
    EndValue();
    return false;
  }
  return true;
}

}  // namespace signinwatch::files
