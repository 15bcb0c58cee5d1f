// Parsing: one message in, signals and rejected records out.
//
//   MessageParser parser(options);          // one per thread; keeps its buffers
//   ParsedMessage parsed;                   // reuse it: no allocation on the good path once warm
//   parser.Parse(bytes, broker_time, &parsed);
//   for (const Signal& s : parsed.signals) detector.Apply(s, parsed);
//
// A function of its arguments: no clock, no I/O, no state that changes a result, no logging.
#ifndef SIGNINWATCH_PARSER_MESSAGE_PARSER_H_
#define SIGNINWATCH_PARSER_MESSAGE_PARSER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "parser/event_time.h"
#include "parser/signal.h"

namespace signinwatch {

// In the order in which they are checked (SPEC 3.3).
enum class RejectReason : uint8_t {
  kTooLarge,
  kNotJson,
  kDamaged,
  kNotObject,
  kNoTenant,
  kNoTime,
  kNoCode,
  kFuture,
};
inline constexpr int kRejectReasonCount = 8;
[[nodiscard]] const char* RejectReasonName(RejectReason reason);  // "too_large", "not_json", ...

// One dead letter: a rejected record, or several that stand one behind another and are no objects.
// `offset`, `size`: its original bytes within the message that was parsed (of a damaged rest: from
// the first record that is not whole to the message's end; of a message that is too large: its
// first 64 KiB; of what a shipper wrapped: the element that wraps it).
struct Reject {
  RejectReason reason;
  const char* detail;  // static text, a part of RejectDetail
  size_t offset;
  size_t size;
  uint64_t records = 1;
};
// In words: "no readable time", "3 elements that are not objects".
[[nodiscard]] std::string RejectDetail(const Reject& reject);

struct IrrelevantCount {
  TextRef category;  // as written, of the first record that had it; "none" when there is none
  uint64_t records;
};

struct ParsedMessage {
  std::string text;             // what every TextRef points into
  std::vector<Signal> signals;  // accepted records, in the order of the message
  std::vector<AuditDetail> audits;
  std::vector<FailureDetail> failures;
  std::vector<TextRef> failing_policies;  // see FailureDetail
  std::vector<RiskDetail> risks;
  std::vector<Reject> rejects;
  // Distinct by lower-cased name, at most kMaxIrrelevantCategories; the rest counts under "other".
  std::vector<IrrelevantCount> irrelevant;
  uint64_t records = 0;  // == signals.size() + rejected() + the sum of irrelevant
  // Of this message: replacements by U+FFFD, and control characters taken as they are (SPEC 3.3).
  uint64_t invalid_utf8 = 0;

  void Clear();
  [[nodiscard]] uint64_t rejected() const;  // records of all rejects
  // Of the memory that it holds, used or not.
  [[nodiscard]] size_t bytes() const {
    return text.capacity() + signals.capacity() * sizeof(Signal) +
           audits.capacity() * sizeof(AuditDetail) + failures.capacity() * sizeof(FailureDetail) +
           failing_policies.capacity() * sizeof(TextRef) + risks.capacity() * sizeof(RiskDetail) +
           rejects.capacity() * sizeof(Reject) + irrelevant.capacity() * sizeof(IrrelevantCount);
  }
  [[nodiscard]] std::string_view Text(TextRef ref) const {
    return std::string_view(text).substr(ref.offset, ref.size);
  }
};
inline constexpr size_t kMaxIrrelevantCategories = 32;

struct ParserOptions {
  std::string default_tenant;  // input.default_tenant, lower-cased; empty: none
  bool unwrap = false;         // input.unwrap: records that a shipper wrapped are taken out
  size_t message_bytes_max = size_t{16} << 20;
  Duration max_clock_skew = std::chrono::minutes(5);
  // The codes that detectors count, sorted: only of their failures Signal::detail is read, which
  // costs more than all else of a record, as it looks through the policies. Empty: of any.
  std::vector<int64_t> detailed_codes;
};

class MessageParser {
 public:
  explicit MessageParser(const ParserOptions& options);
  ~MessageParser();
  MessageParser(MessageParser&&) noexcept;
  MessageParser& operator=(MessageParser&&) noexcept;

  // Parses one message (SPEC 3.1 to 3.3) into *out, which is cleared first. `reference_time`: the
  // broker's timestamp, or for files the run's --now; event times later than it by more than
  // max_clock_skew are `future`. `message` needs no padding and is read in place.
  void Parse(std::string_view message, EventTime reference_time, ParsedMessage* out);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// Whether `text`, blanks around it aside, is one whole JSON value of the kinds asked for: how a
// file is told from lines (SPEC 3.1). Depth beyond 1,024 levels counts as JSON here.
enum class JsonShape : uint8_t { kNotJson, kScalar, kObject, kArray };
[[nodiscard]] JsonShape ClassifyJson(std::string_view text);

}  // namespace signinwatch

#endif  // SIGNINWATCH_PARSER_MESSAGE_PARSER_H_
