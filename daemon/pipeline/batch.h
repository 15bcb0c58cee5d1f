// What travels from stage to stage: some fetched messages, then what was parsed from them.
#ifndef SIGNINWATCH_DAEMON_PIPELINE_BATCH_H_
#define SIGNINWATCH_DAEMON_PIPELINE_BATCH_H_

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/kafka/record_source.h"
#include "daemon/shape/message_shape.h"
#include "daemon/signals/signal_message.h"
#include "parser/message_parser.h"

namespace signinwatch::pipeline {

// A message of the signal topic, read. Of the three what `kind` says.
struct DecodedMessage {
  signals::Decoded kind = signals::Decoded::kMalformed;
  signals::SignalsMessage signals;
  signals::WatermarksMessage watermarks;
  signals::SourcesMessage sources;
  std::string malformed;  // its bytes
};

class Batch {
 public:
  // Parses all messages and gives their payloads back, but for the bytes of rejected records. A
  // message's time is no later than `read_at` from here on: what is `future` is judged by the
  // earlier of both (SPEC 3.3), since a producer may set a timestamp as it likes.
  // `unwrap`: input.unwrap.
  void Parse(MessageParser& parser, bool unwrap);

  // The same for messages of the signal topic; those that are malformed keep their bytes.
  void Decode(signals::SignalDecoder& decoder);

  [[nodiscard]] const ParsedMessage& parsed(size_t i) const { return parsed_[i]; }
  [[nodiscard]] const DecodedMessage& decoded(size_t i) const { return decoded_[i]; }
  [[nodiscard]] size_t payload_bytes(size_t i) const { return payload_bytes_[i]; }
  // What message `i` looks like, if it was looked at: the first of the batch whose records are all
  // of no use. nullptr: it was not.
  [[nodiscard]] const shape::MessageShape* shape(size_t i) const {
    return shape_.has_value() && shape_->first == i ? &shape_->second : nullptr;
  }
  // The original bytes of the next rejected record: for each reject of each message, in order.
  [[nodiscard]] std::string_view TakeRejectedBytes(const Reject& reject);
  // Makes it fit for another use; keeps the buffers, unless they are far larger than most batches
  // need.
  void Clear();

  // What is held in memory for it: payloads until they are parsed, what was parsed, rejected bytes,
  // and buffers that are kept.
  [[nodiscard]] size_t held_bytes() const;
  // Estimate of what it may take while it is parsed, beside held_bytes().
  [[nodiscard]] size_t parse_bytes() const;

  kafka::MessageBatch input;
  EventTime read_at = kEndOfTime;  // wall clock when it was polled; kEndOfTime: no bound

 private:
  std::vector<DecodedMessage> decoded_;
  std::vector<ParsedMessage> parsed_;  // may be more than messages: kept for their buffers
  std::vector<size_t> payload_bytes_;
  std::optional<std::pair<size_t, shape::MessageShape>> shape_;
  std::string rejected_;
  size_t rejected_taken_ = 0;
  size_t parsed_bytes_ = 0;  // of parsed_
};

}  // namespace signinwatch::pipeline

#endif  // SIGNINWATCH_DAEMON_PIPELINE_BATCH_H_
