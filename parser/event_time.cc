#include "parser/event_time.h"

#include <bit>
#include <cstddef>
#include <cstring>

#include "parser/ascii.h"

namespace signinwatch {
namespace {

constexpr EventTime kFirstReadable{std::chrono::sys_days{std::chrono::year{2000} / 1 / 1}};
constexpr EventTime kFirstBeyond{std::chrono::sys_days{std::chrono::year{10000} / 1 / 1}};

// Reads a text from left to right. Every Read returns false, or -1, where the text does not fit.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : at_(text.data()), end_(text.data() + text.size()) {}

  [[nodiscard]] bool done() const { return at_ == end_; }
  [[nodiscard]] char peek() const { return at_ == end_ ? '\0' : *at_; }

  bool Take(char c) {
    if (peek() != c || done()) return false;
    ++at_;
    return true;
  }
  // Letters, without case; `lower` is lower case.
  bool TakeLetter(char lower) {
    if (done() || static_cast<char>(*at_ | 0x20) != lower) return false;
    ++at_;
    return true;
  }
  // A blank, U+00A0 or U+202F: those stand before AM and PM where Windows wrote the time.
  bool TakeBlank() { return Take(' ') || TakeText("\xc2\xa0") || TakeText("\xe2\x80\xaf"); }
  void SkipBlanks() {
    while (TakeBlank()) {
    }
  }
  // A number of at least `digits_min` and at most `digits_max` digits.
  int Number(int digits_min, int digits_max) {
    int value = 0;
    int digits = 0;
    while (digits < digits_max && at_ != end_ && IsDigit(*at_)) {
      value = value * 10 + (*at_++ - '0');
      ++digits;
    }
    return digits < digits_min ? -1 : value;
  }
  // What follows a fraction's point: any number of digits, cut to microseconds.
  int Microseconds() {
    if (done() || !IsDigit(*at_)) return -1;
    int value = 0;
    int unit = 100'000;
    for (; at_ != end_ && IsDigit(*at_); ++at_, unit /= 10) value += (*at_ - '0') * unit;
    return value;
  }

 private:
  bool TakeText(std::string_view text) {
    if (std::string_view(at_, static_cast<size_t>(end_ - at_)).substr(0, text.size()) != text) {
      return false;
    }
    at_ += text.size();
    return true;
  }

  const char* at_;
  const char* end_;
};

struct ClockReading {
  int hour = 0;
  int minute = 0;
  int second = 0;
  int microsecond = 0;
};

// H:MM:SS or HH:MM:SS with an optional fraction.
bool ReadClock(Scanner& in, ClockReading* clock) {
  clock->hour = in.Number(1, 2);
  if (clock->hour < 0 || !in.Take(':')) return false;
  clock->minute = in.Number(2, 2);
  if (clock->minute < 0 || !in.Take(':')) return false;
  clock->second = in.Number(2, 2);
  if (clock->second < 0) return false;
  if (in.Take('.')) {
    clock->microsecond = in.Microseconds();
    if (clock->microsecond < 0) return false;
  }
  return clock->hour <= 23 && clock->minute <= 59 && clock->second <= 59;
}

// Z, +HH:MM, +HHMM, +HH (or with a minus), or nothing, up to the end; in minutes.
bool ReadZone(Scanner& in, int* offset) {
  *offset = 0;
  in.SkipBlanks();
  if (in.done() || in.TakeLetter('z')) return in.done();
  const bool minus = in.peek() == '-';
  if (!in.Take('-') && !in.Take('+')) return false;
  const int hours = in.Number(2, 2);
  int minutes = 0;
  if (!in.done()) {
    in.Take(':');
    minutes = in.Number(2, 2);
  }
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return false;
  *offset = (minus ? -1 : 1) * (hours * 60 + minutes);
  return in.done();
}

// AM or PM behind a 12-hour clock, if there is one.
bool ReadHalfDay(Scanner& in, ClockReading* clock) {
  in.SkipBlanks();
  const bool pm = in.TakeLetter('p');
  if (!pm && !in.TakeLetter('a')) return true;
  if (!in.TakeLetter('m') || clock->hour < 1 || clock->hour > 12) return false;
  clock->hour = clock->hour % 12 + (pm ? 12 : 0);
  return true;
}

std::optional<EventTime> Combine(int year, int month, int day, const ClockReading& clock,
                                 int offset_minutes) {
  const std::chrono::year_month_day date{std::chrono::year{year},
                                         std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(day)}};
  if (!date.ok()) return std::nullopt;
  const EventTime time = std::chrono::sys_days{date} + std::chrono::hours(clock.hour) +
                         std::chrono::minutes(clock.minute - offset_minutes) +
                         std::chrono::seconds(clock.second) +
                         std::chrono::microseconds(clock.microsecond);
  if (!IsReadable(time)) return std::nullopt;
  return time;
}

std::optional<EventTime> ParseIso(Scanner in) {
  const int year = in.Number(4, 4);
  if (year < 0 || !in.Take('-')) return std::nullopt;
  const int month = in.Number(2, 2);
  if (month < 0 || !in.Take('-')) return std::nullopt;
  const int day = in.Number(2, 2);
  if (day < 0 || (!in.TakeBlank() && !in.TakeLetter('t'))) return std::nullopt;
  ClockReading clock;
  int offset = 0;
  if (!ReadClock(in, &clock) || !ReadZone(in, &offset)) return std::nullopt;
  return Combine(year, month, day, clock, offset);
}

std::optional<EventTime> ParseMonthFirst(Scanner in) {
  const int month = in.Number(1, 2);
  if (month < 0 || !in.Take('/')) return std::nullopt;
  const int day = in.Number(1, 2);
  if (day < 0 || !in.Take('/')) return std::nullopt;
  const int year = in.Number(4, 4);
  if (year < 0 || !in.TakeBlank()) return std::nullopt;
  ClockReading clock;
  int offset = 0;
  if (!ReadClock(in, &clock) || !ReadHalfDay(in, &clock) || !ReadZone(in, &offset)) {
    return std::nullopt;
  }
  return Combine(year, month, day, clock, offset);
}

// The two digits at `at`; anything else gives at least 256.
constexpr unsigned TwoDigits(const char* at) {
  const unsigned tens = static_cast<uint8_t>(at[0] - '0');
  const unsigned ones = static_cast<uint8_t>(at[1] - '0');
  const bool none = (tens > 9) | (ones > 9);
  return tens * 10 + ones + (none ? 256 : 0);
}

// One to seven digits at the start of `text`, as Entra writes fractions, with more text behind
// them: how many, and their value in microseconds. 0: look closer.
size_t ReadFraction(std::string_view text, int* microseconds) {
  if (text.size() < 8) return 0;
  uint64_t word;
  std::memcpy(&word, text.data(), 8);
  constexpr uint64_t kOnes = 0x0101010101010101;
  // Bytes that are no digits get their high bit set: those above '9', below '0', and not ASCII.
  const uint64_t low = word & kOnes * 0x7f;
  const uint64_t other =
      ((low + kOnes * (0x80 - '9' - 1)) | ~(low + kOnes * (0x80 - '0')) | word) & kOnes * 0x80;
  if (other == 0) return 0;
  const int digits = std::countr_zero(other) / 8;
  if (digits == 0) return 0;
  // Moved to the end of the word, behind zeros, the digits are a number of eight digits.
  uint64_t value = (word & kOnes * 0x0f) << (8 * (8 - digits));
  value = (value * 10 + (value >> 8)) & 0x00ff00ff00ff00ff;
  value = (value * 100 + (value >> 16)) & 0x0000ffff0000ffff;
  value = (value * 10'000 + (value >> 32)) & 0xffffffff;
  static constexpr uint64_t kTenths[] = {0, 1'000'000, 100'000, 10'000, 1'000, 100, 10, 1};
  *microseconds = static_cast<int>(value * kTenths[digits] / 10);
  return static_cast<size_t>(digits);
}

// The form that nearly all times have, 2022-01-24T05:10:14 with a fraction and Z or +00:00, without
// a branch for each digit. nullopt: look closer.
std::optional<EventTime> ParseUsualIso(std::string_view text) {
  const char* const at = text.data();
  if (text.size() < 20 || at[10] != 'T' || at[13] != ':' || at[16] != ':' || at[7] != '-') {
    return std::nullopt;
  }
  ClockReading clock{static_cast<int>(TwoDigits(at + 11)), static_cast<int>(TwoDigits(at + 14)),
                     static_cast<int>(TwoDigits(at + 17)), 0};
  const unsigned century = TwoDigits(at);
  const unsigned year = TwoDigits(at + 2);
  const unsigned month = TwoDigits(at + 5);
  const unsigned day = TwoDigits(at + 8);
  if (century > 99 || year > 99 || month > 12 || day > 31 || clock.hour > 23 || clock.minute > 59 ||
      clock.second > 59) {
    return std::nullopt;
  }
  size_t end = 19;
  if (at[19] == '.') {
    const size_t digits = ReadFraction(text.substr(20), &clock.microsecond);
    if (digits == 0) return std::nullopt;
    end = 20 + digits;
  }
  const std::string_view zone = text.substr(end);
  if (zone != "Z" && zone != "+00:00") return std::nullopt;
  return Combine(static_cast<int>(century * 100 + year), static_cast<int>(month),
                 static_cast<int>(day), clock, 0);
}

// Writes `value` with leading zeros into text[at, at + digits).
void PutNumber(std::string* text, size_t at, int digits, int64_t value) {
  for (int i = digits - 1; i >= 0; --i, value /= 10) {
    (*text)[at + static_cast<size_t>(i)] = static_cast<char>('0' + value % 10);
  }
}

}  // namespace

std::optional<EventTime> ParseEventTime(std::string_view text) {
  if (text.size() > 4 && text[4] == '-') {
    if (const auto time = ParseUsualIso(text)) return time;
    return ParseIso(Scanner(text));
  }
  return ParseMonthFirst(Scanner(text));
}

bool IsReadable(EventTime t) { return t >= kFirstReadable && t < kFirstBeyond; }

std::string FormatEventTime(EventTime t) {
  const auto days = std::chrono::floor<std::chrono::days>(t);
  const std::chrono::year_month_day date{days};
  int64_t rest = (t - days).count();
  std::string text = "0000-00-00T00:00:00.000000Z";
  PutNumber(&text, 20, 6, rest % 1'000'000);
  rest /= 1'000'000;
  PutNumber(&text, 17, 2, rest % 60);
  PutNumber(&text, 14, 2, rest / 60 % 60);
  PutNumber(&text, 11, 2, rest / 3600);
  PutNumber(&text, 8, 2, static_cast<unsigned>(date.day()));
  PutNumber(&text, 5, 2, static_cast<unsigned>(date.month()));
  PutNumber(&text, 0, 4, static_cast<int>(date.year()));
  return text;
}

}  // namespace signinwatch
