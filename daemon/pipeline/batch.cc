#include "daemon/pipeline/batch.h"

namespace signinwatch {

void Batch::Parse(MessageParser& parser, bool unwrap) {
  if (parsed_.size() < input.messages.size()) parsed_.resize(input.messages.size());
  for (size_t i = 0; i < input.messages.size(); ++i) {
    const FetchedMessage& message = input.messages[i];
    payload_bytes_.push_back(message.payload.size());
    parser.Parse(message.payload, message.broker_time, &parsed_[i]);
    for (const Reject& reject : parsed_[i].rejects) {
      rejected_ += message.payload.substr(reject.offset, reject.size);
    }
    if (!shape_ && parsed_[i].records > 0 && parsed_[i].signals.empty()) {
      shape_.emplace(i, RecogniseShape(message.payload, unwrap));
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
  payload_bytes_.clear();
  shape_.reset();
  // A batch of garbage may have been large.
  if (rejected_.capacity() > (size_t{1} << 20)) rejected_ = {};
  rejected_.clear();
  rejected_taken_ = 0;
}

}  // namespace signinwatch
