// Numbers, spans and moments as people read them.
#ifndef SIGNINWATCH_DAEMON_HTTP_WORDS_H_
#define SIGNINWATCH_DAEMON_HTTP_WORDS_H_

#include <cstdint>
#include <string>

#include "parser/event_time.h"

namespace signinwatch::http {

[[nodiscard]] std::string Thousands(uint64_t number);  // "1,234,567"
// "1 ticket", "1,200 tickets"
[[nodiscard]] std::string CountWords(uint64_t count, const char* one, const char* many);
// The two largest units: "45 s", "31 min", "2 h 5 min", "3 d 4 h"; a negative span is "0 s".
[[nodiscard]] std::string ShortSpan(Duration span);
[[nodiscard]] std::string BytesWords(uint64_t bytes);   // "12.3 MB", of 1,000 kB
[[nodiscard]] std::string PercentWords(double ratio);   // "37 %"
[[nodiscard]] std::string MinuteWords(EventTime time);  // "2026-11-24 09:00 UTC"
[[nodiscard]] std::string SecondWords(EventTime time);  // "2026-11-24 09:00:05 UTC"

}  // namespace signinwatch::http

#endif  // SIGNINWATCH_DAEMON_HTTP_WORDS_H_
