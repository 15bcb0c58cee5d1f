// Holds the parser against the plain second reader (tests/oracle/record_reader.h).
//
//   Differential differential({.default_tenant = "t"});
//   const std::string difference = differential.Find(bytes);   // empty: both agree
//
// They have to agree in the accounting, in every rejected record's reason and bytes, in every field
// of every signal and, where the message is not broken, in the count of invalid UTF-8. One thread
// at a time.
#ifndef SIGNINWATCH_TESTS_FUZZ_DIFFERENTIAL_H_
#define SIGNINWATCH_TESTS_FUZZ_DIFFERENTIAL_H_

#include <string>
#include <string_view>

#include "parser/message_parser.h"
#include "tests/oracle/record_reader.h"

namespace signinwatch {

// 2026-11-24T10:00:00Z: the broker's timestamp of every message that is compared.
inline constexpr EventTime kReferenceTime{std::chrono::seconds(1'795'514'400)};

class Differential {
 public:
  // `options.default_tenant` is lower-cased, as the parser asks for.
  explicit Differential(const oracle::ReaderOptions& options);

  // The first lines in which the readings of `message` differ, as
  // "accepted[0].code: parser 7, reader 8"; empty when there are none.
  [[nodiscard]] std::string Find(std::string_view message);

 private:
  oracle::ReaderOptions options_;
  // Kept from message to message, as the program does, so that what one leaves behind would show in
  // the next.
  MessageParser parser_;
  ParsedMessage parsed_;
};

// `bytes` as a C++ string literal would write them.
[[nodiscard]] std::string AsLiteral(std::string_view bytes);

}  // namespace signinwatch

#endif  // SIGNINWATCH_TESTS_FUZZ_DIFFERENTIAL_H_
