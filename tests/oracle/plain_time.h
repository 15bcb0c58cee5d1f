// Times as SPEC 3.2 reads them, written a second time.
#ifndef SIGNINWATCH_TESTS_ORACLE_PLAIN_TIME_H_
#define SIGNINWATCH_TESTS_ORACLE_PLAIN_TIME_H_

#include <cstdint>
#include <optional>
#include <string_view>

namespace signinwatch::oracle {

// Microseconds since 1970-01-01T00:00:00Z; nullopt: unreadable, before 2000 or after 9999 in UTC.
[[nodiscard]] std::optional<int64_t> ReadTimeMicros(std::string_view text);

}  // namespace signinwatch::oracle

#endif  // SIGNINWATCH_TESTS_ORACLE_PLAIN_TIME_H_
