#include "daemon/pipeline/batch.h"

#include <algorithm>

namespace signinwatch::pipeline {
namespace {

// What a batch may keep for the next one that is parsed into it.
constexpr size_t kWarmBytes = size_t{8} << 20;
// What a message of more than Event Hubs takes (1 MB) may need while it is parsed: its structure
// and its records cost up to some ten bytes for each byte, where it was made for that.
constexpr size_t kLargeMessage = size_t{2} << 20;
constexpr size_t kLargeMessageFactor = 10;

// What fits into the string itself is no memory of its own.
size_t HeldBytes(const std::string& text) {
  return text.capacity() > std::string().capacity() ? text.capacity() : 0;
}

}  // namespace

void Batch::Parse(MessageParser& parser, bool unwrap) {
  if (parsed_.size() < input.messages.size()) parsed_.resize(input.messages.size());
  for (size_t i = 0; i < input.messages.size(); ++i) {
    kafka::FetchedMessage& message = input.messages[i];
    message.broker_time = std::min(message.broker_time, read_at);
    payload_bytes_.push_back(message.payload.size());
    parser.Parse(message.payload, message.broker_time, &parsed_[i]);
    for (const Reject& reject : parsed_[i].rejects) {
      rejected_ += message.payload.substr(reject.offset, reject.size);
    }
    if (!shape_ && parsed_[i].records > 0 && parsed_[i].signals.empty()) {
      shape_.emplace(i, shape::RecogniseShape(message.payload, unwrap));
    }
  }
  input.ReleasePayloads();
  parsed_bytes_ = 0;
  for (const ParsedMessage& parsed : parsed_) parsed_bytes_ += parsed.bytes();
}

void Batch::Decode(signals::SignalDecoder& decoder) {
  if (decoded_.size() < input.messages.size()) decoded_.resize(input.messages.size());
  for (size_t i = 0; i < input.messages.size(); ++i) {
    const kafka::FetchedMessage& message = input.messages[i];
    DecodedMessage& decoded = decoded_[i];
    payload_bytes_.push_back(message.payload.size());
    decoded.kind = decoder.Decode(message.payload, &decoded.signals);
    if (decoded.kind == signals::Decoded::kWatermarks) decoded.watermarks = decoder.watermarks();
    if (decoded.kind == signals::Decoded::kSources) decoded.sources = decoder.sources();
    decoded.malformed = decoded.kind == signals::Decoded::kMalformed ? message.payload : "";
  }
  input.ReleasePayloads();
  parsed_bytes_ = 0;
  for (const DecodedMessage& decoded : decoded_) {
    parsed_bytes_ += decoded.signals.parsed.bytes() + HeldBytes(decoded.malformed);
  }
}

size_t Batch::held_bytes() const {
  const bool released = !payload_bytes_.empty() || input.messages.empty();
  return (released ? 0 : input.bytes) + parsed_bytes_ + HeldBytes(rejected_);
}

size_t Batch::parse_bytes() const {
  size_t bytes = input.bytes;
  for (const kafka::FetchedMessage& message : input.messages) {
    if (message.payload.size() > kLargeMessage) {
      bytes += kLargeMessageFactor * message.payload.size();
    }
  }
  return bytes;
}

std::string_view Batch::TakeRejectedBytes(const Reject& reject) {
  const std::string_view bytes = std::string_view(rejected_).substr(rejected_taken_, reject.size);
  rejected_taken_ += reject.size;
  return bytes;
}

void Batch::Clear() {
  input = {};
  read_at = kEndOfTime;
  payload_bytes_.clear();
  shape_.reset();
  if (parsed_bytes_ + HeldBytes(rejected_) > kWarmBytes) {
    parsed_ = {};
    decoded_ = {};
    parsed_bytes_ = 0;
    std::string().swap(rejected_);  // an assignment would keep the memory
  }
  rejected_.clear();
  rejected_taken_ = 0;
}

}  // namespace signinwatch::pipeline
