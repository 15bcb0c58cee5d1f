#include "daemon/generator/ticks.h"

#include <chrono>
#include <cstring>
#include <string_view>

namespace signinwatch::generator {
namespace {

char* WriteText(std::string_view text, char* out) {
  std::memcpy(out, text.data(), text.size());
  return out + text.size();
}

char* WritePadded(int64_t value, int digits, char* out) {
  for (int i = digits - 1; i >= 0; --i) {
    out[i] = static_cast<char>('0' + value % 10);
    value /= 10;
  }
  return out + digits;
}

char* WriteShort(int64_t value, char* out) { return WritePadded(value, value < 10 ? 1 : 2, out); }

struct Civil {
  int year, month, day;
  int64_t hour, minute, second, fraction;
};

Civil ToCivil(Ticks t) {
  const int64_t days = t / kWholeDay;
  const int64_t rest = t % kWholeDay;
  const std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::days{days}}};
  return {static_cast<int>(date.year()),
          static_cast<int>(static_cast<unsigned>(date.month())),
          static_cast<int>(static_cast<unsigned>(date.day())),
          rest / kHour,
          rest / kMinute % 60,
          rest / kSecond % 60,
          rest % kSecond};
}

char* WriteToSeconds(const Civil& c, char* out) {
  out = WritePadded(c.year, 4, out);
  *out++ = '-';
  out = WritePadded(c.month, 2, out);
  *out++ = '-';
  out = WritePadded(c.day, 2, out);
  *out++ = 'T';
  out = WritePadded(c.hour, 2, out);
  *out++ = ':';
  out = WritePadded(c.minute, 2, out);
  *out++ = ':';
  return WritePadded(c.second, 2, out);
}

}  // namespace

char* WriteZulu(Ticks t, char* out) {
  const Civil c = ToCivil(t);
  out = WriteToSeconds(c, out);
  *out++ = '.';
  out = WritePadded(c.fraction, 7, out);
  *out++ = 'Z';
  return out;
}

char* WriteOffset(Ticks t, char* out) {
  const Civil c = ToCivil(t);
  out = WriteToSeconds(c, out);
  if (c.fraction != 0) {
    *out++ = '.';
    out = WritePadded(c.fraction, 7, out);
    while (out[-1] == '0') --out;
  }
  return WriteText("+00:00", out);
}

char* WriteAmerican(Ticks t, char* out) {
  const Civil c = ToCivil(t);
  out = WriteShort(c.month, out);
  *out++ = '/';
  out = WriteShort(c.day, out);
  *out++ = '/';
  out = WritePadded(c.year, 4, out);
  *out++ = ' ';
  out = WriteShort(c.hour % 12 == 0 ? 12 : c.hour % 12, out);
  *out++ = ':';
  out = WritePadded(c.minute, 2, out);
  *out++ = ':';
  out = WritePadded(c.second, 2, out);
  return WriteText(c.hour < 12 ? " AM" : " PM", out);
}

char* WriteMicros(Ticks t, char* out) {
  const Civil c = ToCivil(t);
  out = WriteToSeconds(c, out);
  *out++ = '.';
  out = WritePadded(c.fraction / 10, 6, out);
  *out++ = 'Z';
  return out;
}

}  // namespace signinwatch::generator
