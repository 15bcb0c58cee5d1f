#include "tests/oracle/plain_time.h"

#include <cstddef>

namespace signinwatch::oracle {
namespace {

constexpr int64_t kSecond = 1'000'000;
constexpr int64_t kMinute = 60 * kSecond;
constexpr int64_t kHour = 60 * kMinute;
constexpr int64_t kDay = 24 * kHour;

// What is still to be read of a text. Each Take... reads one thing and says whether it was there.
class Cursor {
 public:
  explicit Cursor(std::string_view rest) : rest_(rest) {}

  [[nodiscard]] bool AtEnd() const { return rest_.empty(); }

  bool Take(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  // An ASCII letter, in upper or lower case.
  bool TakeLetter(char upper) { return Take(upper) || Take(static_cast<char>(upper - 'A' + 'a')); }

  // As many digits as there are, `least` to `most` of them.
  bool TakeNumber(size_t least, size_t most, int64_t* value) {
    size_t count = 0;
    *value = 0;
    while (count < rest_.size() && rest_[count] >= '0' && rest_[count] <= '9') {
      if (count == most) return false;
      *value = *value * 10 + (rest_[count] - '0');
      ++count;
    }
    rest_.remove_prefix(count);
    return count >= least;
  }

  // A fraction of a second if there is one, cut to microseconds. False: a point without digits.
  bool TakeFraction(int64_t* micros) {
    *micros = 0;
    if (!Take('.')) return true;
    int64_t unit = kSecond;
    size_t count = 0;
    for (; count < rest_.size() && rest_[count] >= '0' && rest_[count] <= '9'; ++count) {
      unit /= 10;
      *micros += unit * (rest_[count] - '0');
    }
    rest_.remove_prefix(count);
    return count > 0;
  }

  // A blank, a no-break space (U+00A0) or a narrow one (U+202F).
  bool TakeBlank() {
    for (const std::string_view blank : {" ", "\xC2\xA0", "\xE2\x80\xAF"}) {
      if (rest_.substr(0, blank.size()) != blank) continue;
      rest_.remove_prefix(blank.size());
      return true;
    }
    return false;
  }

  void SkipBlanks() {
    while (TakeBlank()) continue;
  }

  // Z or an offset (+05:30, +0530, +05), blanks before it or none, or nothing, which is UTC. False:
  // neither, or trailing text.
  bool TakeZone(int64_t* offset) {
    *offset = 0;
    SkipBlanks();
    if (AtEnd()) return true;
    if (TakeLetter('Z')) return AtEnd();
    const bool negative = Take('-');
    if (!negative && !Take('+')) return false;
    int64_t hours = 0;
    int64_t minutes = 0;
    if (rest_.size() == 4) {
      if (!TakeNumber(4, 4, &minutes)) return false;
      hours = minutes / 100;
      minutes %= 100;
    } else {
      if (!TakeNumber(2, 2, &hours)) return false;
      if (Take(':') && !TakeNumber(2, 2, &minutes)) return false;
    }
    if (hours > 23 || minutes > 59) return false;
    *offset = (negative ? -1 : 1) * (hours * kHour + minutes * kMinute);
    return AtEnd();
  }

 private:
  std::string_view rest_;
};

struct Civil {
  int64_t year = 0, month = 0, day = 0;
  int64_t hour = 0, minute = 0, second = 0, micros = 0;
  int64_t offset = 0;  // local time less UTC
};

bool IsLeapYear(int64_t year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

int64_t DaysOfMonth(int64_t year, int64_t month) {
  if (month == 2) return IsLeapYear(year) ? 29 : 28;
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

// Counted year by year and month by month, so that no formula has to be believed.
int64_t DaysSince1970(const Civil& t) {
  int64_t days = t.day - 1;
  for (int64_t month = 1; month < t.month; ++month) days += DaysOfMonth(t.year, month);
  for (int64_t year = 1970; year < t.year; ++year) days += IsLeapYear(year) ? 366 : 365;
  return days;
}

std::optional<int64_t> ToMicros(const Civil& t) {
  static constexpr int64_t kYear2000 = 946'684'800 * kSecond;
  static constexpr int64_t kYear10000 = 253'402'300'800 * kSecond;
  // 1999 can still be 2000 in UTC.
  if (t.year < 1999 || t.month < 1 || t.month > 12) return std::nullopt;
  if (t.day < 1 || t.day > DaysOfMonth(t.year, t.month)) return std::nullopt;
  if (t.hour > 23 || t.minute > 59 || t.second > 59) return std::nullopt;
  const int64_t micros = DaysSince1970(t) * kDay + t.hour * kHour + t.minute * kMinute +
                         t.second * kSecond + t.micros - t.offset;
  if (micros < kYear2000 || micros >= kYear10000) return std::nullopt;
  return micros;
}

// 2026-11-24T09:00:00.1234567+01:00
std::optional<int64_t> ReadIso(std::string_view text) {
  Cursor cursor(text);
  Civil t;
  const bool readable =
      cursor.TakeNumber(4, 4, &t.year) && cursor.Take('-') && cursor.TakeNumber(2, 2, &t.month) &&
      cursor.Take('-') && cursor.TakeNumber(2, 2, &t.day) &&
      (cursor.TakeLetter('T') || cursor.TakeBlank()) && cursor.TakeNumber(1, 2, &t.hour) &&
      cursor.Take(':') && cursor.TakeNumber(2, 2, &t.minute) && cursor.Take(':') &&
      cursor.TakeNumber(2, 2, &t.second) && cursor.TakeFraction(&t.micros) &&
      cursor.TakeZone(&t.offset);
  if (!readable) return std::nullopt;
  return ToMicros(t);
}

// AM or PM behind a 12-hour clock; false: neither, or no hour of a 12-hour clock.
bool TakeHalfOfDay(Cursor* cursor, int64_t* hour) {
  const bool afternoon = cursor->TakeLetter('P');
  if (!afternoon && !cursor->TakeLetter('A')) return false;
  if (!cursor->TakeLetter('M') || *hour < 1 || *hour > 12) return false;
  *hour = *hour % 12 + (afternoon ? 12 : 0);
  return true;
}

// 11/24/2026 9:00:00 AM +01:00
std::optional<int64_t> ReadMonthFirst(std::string_view text) {
  Cursor cursor(text);
  Civil t;
  const bool readable =
      cursor.TakeNumber(1, 2, &t.month) && cursor.Take('/') && cursor.TakeNumber(1, 2, &t.day) &&
      cursor.Take('/') && cursor.TakeNumber(4, 4, &t.year) && cursor.TakeBlank() &&
      cursor.TakeNumber(1, 2, &t.hour) && cursor.Take(':') && cursor.TakeNumber(2, 2, &t.minute) &&
      cursor.Take(':') && cursor.TakeNumber(2, 2, &t.second) && cursor.TakeFraction(&t.micros);
  if (!readable) return std::nullopt;
  const Cursor behind_clock = cursor;
  cursor.SkipBlanks();
  if (!TakeHalfOfDay(&cursor, &t.hour)) cursor = behind_clock;
  if (!cursor.TakeZone(&t.offset)) return std::nullopt;
  return ToMicros(t);
}

}  // namespace

std::optional<int64_t> ReadTimeMicros(std::string_view text) {
  if (const std::optional<int64_t> time = ReadIso(text)) return time;
  return ReadMonthFirst(text);
}

}  // namespace signinwatch::oracle
