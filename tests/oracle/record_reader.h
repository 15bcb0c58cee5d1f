// The plain second reader of SPEC section 3: a message in, plain records out.
//
//   const PlainMessage message = ReadMessage(bytes, broker_time_us, {});
//   for (const PlainSignal& signal : message.accepted) ...
//
// Written straight from the contract, for clarity and not for speed, and independent of parser/, so
// that the two can be held against each other record by record.
//
// Where the contract leaves a choice, this is what was chosen:
// - Too deep before the batch was reached: the message is `damaged` as a whole, but `not_json` if
// it
//   also is broken before the batch, since that is checked first.
// - The damaged rest begins at the first element of the batch that is not whole; without one, where
//   the next would have to begin; behind the batch, at its closing bracket.
// - A message that is a bare scalar is rejected as a whole, with the blanks around it; a single
//   record's bytes are those of its object.
// - A row of a Log Analytics workspace is one whatever else it has, a Graph record one whatever its
//   category.
// - Each JSON text, also one within a string, counts what is wrong in its own strings.
// - Of consecutive elements that are no objects the count is within one message: what a shipper
//   wrapped is a message of its own.
// - A message with more dead letters than one for each 64 of its bytes and 64, or with more bytes
// in
//   them than four times its own and 64 KiB, has no more of a reason that it has already: further
//   ones join the last of it, whose bytes then reach to theirs.
// - An audit record's `result` that is neither text nor an integer is unreadable, thus absent.
#ifndef SIGNINWATCH_TESTS_ORACLE_RECORD_READER_H_
#define SIGNINWATCH_TESTS_ORACLE_RECORD_READER_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/oracle/plain_record.h"

namespace signinwatch::oracle {

struct ReaderOptions {
  std::string default_tenant{};  // input.default_tenant; empty: none
  bool unwrap = false;           // input.unwrap
  size_t message_bytes_max = size_t{16} << 20;
  int64_t max_clock_skew_us = 5 * 60 * int64_t{1'000'000};
};

struct PlainSignal {
  PlainRecord record;
  std::optional<int64_t> export_time_us;  // top-level `time`
};

struct PlainReject {
  std::string reason;  // as SPEC 3.3 names it
  // The original bytes are [offset, offset + size) of the message.
  size_t offset = 0;
  size_t size = 0;
  uint64_t records = 1;  // that share this dead letter
  friend bool operator==(const PlainReject&, const PlainReject&) = default;
};

struct PlainIrrelevant {
  std::string category;  // as the first record of it wrote it; "none" without one
  uint64_t records = 0;
  friend bool operator==(const PlainIrrelevant&, const PlainIrrelevant&) = default;
};

struct PlainMessage {
  std::vector<PlainSignal> accepted;  // in the order of the message
  std::vector<PlainReject> rejected;  // likewise
  std::vector<PlainIrrelevant> irrelevant;
  uint64_t records = 0;
  // U+FFFD put in: for the invalid UTF-8 of the message's bytes, and for the lone surrogates in the
  // strings that were read, texts of JSON included where they matter; and control characters there.
  uint64_t invalid_utf8 = 0;
};

// Category names that are counted one by one; the records of all others count as "other".
inline constexpr size_t kIrrelevantCategoriesMax = 32;

// `reference_time_us`: the broker's timestamp or the run's --now, in microseconds since 1970.
[[nodiscard]] PlainMessage ReadMessage(std::string_view message, int64_t reference_time_us,
                                       const ReaderOptions& options);

}  // namespace signinwatch::oracle

#endif  // SIGNINWATCH_TESTS_ORACLE_RECORD_READER_H_
