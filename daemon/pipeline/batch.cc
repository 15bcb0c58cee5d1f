#include "daemon/pipeline/batch.h"

#include <algorithm>

namespace signinwatch {

void Batch::Parse(MessageParser& parser) {
  if (parsed_.size() < input.messages.size()) parsed_.resize(input.messages.size());
  for (size_t i = 0; i < input.messages.size(); ++i) {
    FetchedMessage& message = input.messages[i];
    message.broker_time = std::min(message.broker_time, read_at);
    payload_bytes_.push_back(message.payload.size());
    parser.Parse(message.payload, message.broker_time, &parsed_[i]);
    for (const Reject& reject : parsed_[i].rejects) {
      rejected_ += message.payload.substr(reject.offset, reject.size);
    }
  }
  input.ReleasePayloads();
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
  // A batch of garbage may have been large.
  if (rejected_.capacity() > (size_t{1} << 20)) rejected_ = {};
  rejected_.clear();
  rejected_taken_ = 0;
}

}  // namespace signinwatch
