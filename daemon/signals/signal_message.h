// What travels from `ingest` to `detect` in the signal topic (SPEC 14): three kinds of messages,
// their bytes as docs/signals.md describes them.
//
//   ingest:  encoder.Encode(origin, broker_time, parsed, wants, &messages);   // one a tenant
//   detect:  switch (decoder.Decode(bytes)) { case Decoded::kSignals: ... decoder.signals() ... }
//
// A *position* says where in the input a signal stands: the log, the offset of its message there,
// and its index within that. The signals of a source partition are sent in the order of their
// positions, so whoever keeps the last one that was taken knows a repeated one
// (input_watermarks.h). The index counts the accepted records of the message, tenant by tenant in
// the order in which the tenants first come, whether or not they are sent.
//
// Functions of their arguments: no clock, no I/O, no logging.
#ifndef SIGNINWATCH_DAEMON_SIGNALS_SIGNAL_MESSAGE_H_
#define SIGNINWATCH_DAEMON_SIGNALS_SIGNAL_MESSAGE_H_

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "parser/event_time.h"
#include "parser/message_parser.h"
#include "parser/signal.h"

namespace signinwatch::signals {

inline constexpr uint8_t kSignalFormatVersion = 1;

// Bounds of what is sent. What is read may be beyond none of them.
inline constexpr size_t kSourcePartitionsMax = 100'000;
inline constexpr size_t kSignalsPerMessageMax = 65'536;
// Entra allows 240 policies of Conditional Access in a tenant; those beyond are not sent.
inline constexpr size_t kFailingPoliciesMax = 256;
// A message that has reached this is not added to, so none is larger than twice this: Event Hubs
// takes 1 MB.
inline constexpr size_t kSignalMessageBytes = size_t{256} << 10;

struct SourcePosition {
  // Which log of that name, as a number that grows: seconds since 1970 at which it was found to be
  // another one than what was read before (a topic that was made anew); 0: it never was.
  uint64_t log = 0;
  int64_t offset = -1;  // -1: before the first
  uint32_t index = 0;
  friend auto operator<=>(const SourcePosition&, const SourcePosition&) = default;
};

// The source message that signals are of.
struct SignalOrigin {
  std::string topic;
  int32_t partition = 0;
  uint64_t log = 0;  // see SourcePosition
  int64_t offset = 0;
};

// Signals of one tenant from one source message.
struct SignalsMessage {
  SignalOrigin origin;
  EventTime broker_time = kEndOfTime;  // of the source message; kEndOfTime: none
  // The signals, with their text and details: all that detection reads. Not there: export_time,
  // correlation_id; of successes also what only failures are shown by (SentForm below).
  ParsedMessage parsed;
  std::vector<uint32_t> indices;  // of each signal; rising
};

// What one instance knows of the partitions that it reads, told to each output partition.
struct SourceWatermark {
  std::string topic;
  int32_t partition = 0;
  uint64_t log = 0;                              // see SourcePosition
  int64_t next_offset = 0;                       // all below it has been sent, or needed no sending
  std::optional<SourcePosition> last_sent = {};  // to this output partition, by this producer
  EventTime watermark = kBeginningOfTime;        // kBeginningOfTime: no record yet
  bool at_end = false;                           // read to its end
  bool idle = false;                             // as SPEC 4 has it
  friend bool operator==(const SourceWatermark&, const SourceWatermark&) = default;
};
struct WatermarksMessage {
  EventTime wall_time = kBeginningOfTime;  // of the instance
  std::vector<SourceWatermark> sources;
};

// Which partitions the input has. Of two lists the one with the greater version counts: when an
// instance started or saw a partition more, in microseconds since 1970.
struct SourceTopic {
  std::string topic;
  int32_t partitions = 0;
  friend bool operator==(const SourceTopic&, const SourceTopic&) = default;
};
struct SourcesMessage {
  uint64_t version = 0;
  std::vector<SourceTopic> topics;
  friend bool operator==(const SourcesMessage&, const SourcesMessage&) = default;
};

// The signal as it is sent: a success is never shown, so the texts that only tickets need go.
[[nodiscard]] Signal SentForm(Signal signal);

[[nodiscard]] std::string EncodeWatermarks(const WatermarksMessage& message);
[[nodiscard]] std::string EncodeSources(const SourcesMessage& message);

// What was read from the bytes of a message.
enum class Decoded : uint8_t {
  kSignals,
  kWatermarks,
  kSources,
  kMalformed,  // not made by this program, or damaged
  kNewer,      // of a later version: this program is to be updated first, then those that write
};

// Reads one message at a time, into buffers that are used again. Not thread-safe. Whatever the
// bytes are, what it holds is at most some tens of times their size.
class SignalDecoder {
 public:
  [[nodiscard]] Decoded Decode(std::string_view bytes);
  // The same, of signals into `signals`.
  [[nodiscard]] Decoded Decode(std::string_view bytes, SignalsMessage* signals);

  // Of the last message, if it was of the kind.
  [[nodiscard]] const SignalsMessage& signals() const { return signals_; }
  [[nodiscard]] const WatermarksMessage& watermarks() const { return watermarks_; }
  [[nodiscard]] const SourcesMessage& sources() const { return sources_; }

 private:
  SignalsMessage signals_;
  WatermarksMessage watermarks_;
  SourcesMessage sources_;
  std::string text_;
};

}  // namespace signinwatch::signals

#endif  // SIGNINWATCH_DAEMON_SIGNALS_SIGNAL_MESSAGE_H_
