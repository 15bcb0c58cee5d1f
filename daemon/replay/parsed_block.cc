#include "daemon/replay/parsed_block.h"

#include <algorithm>

namespace signinwatch::replay {
namespace {

// What a message may keep for the next one that is parsed into it.
constexpr size_t kWarmBytes = size_t{1} << 20;

void RejectTooLarge(const files::FileMessage& message, ParsedMessage* parsed) {
  parsed->Clear();
  parsed->records = 1;
  parsed->rejects.push_back(
      {RejectReason::kTooLarge, "above limits.message_bytes", 0, message.size});
}

// The rest that the file lacks is one rejected record, unless the parser has already found this
// message to be broken.
void RejectMissingRest(const files::FileMessage& message, const char* damage,
                       ParsedMessage* parsed) {
  const bool seen =
      std::any_of(parsed->rejects.begin(), parsed->rejects.end(), [](const Reject& reject) {
        return reject.reason == RejectReason::kTooLarge ||
               reject.reason == RejectReason::kNotJson || reject.reason == RejectReason::kDamaged;
      });
  if (seen) return;
  parsed->rejects.push_back({RejectReason::kDamaged, damage, message.size, 0});
  ++parsed->records;
}

}  // namespace

void ParsedBlock::Fill(const files::FileBlock& block, MessageParser& parser, EventTime now,
                       bool keep_rejected, bool unwrap, const char* damage) {
  const size_t count = block.messages.size();
  if (messages_.size() < count) messages_.resize(count);
  positions_.clear();
  if (rejected_.capacity() > kWarmBytes) rejected_ = {};
  unused_shape_.reset();
  rejected_.clear();
  rejected_taken_ = 0;
  for (size_t i = 0; i < count; ++i) {
    const files::FileMessage& message = block.messages[i];
    const std::string_view bytes = block.Bytes(message);
    ParsedMessage& parsed = messages_[i];
    if (parsed.bytes() > kWarmBytes) parsed = ParsedMessage();
    if (message.too_large) {
      RejectTooLarge(message, &parsed);
    } else {
      parser.Parse(bytes, now, &parsed);
    }
    if (message.cut_short) RejectMissingRest(message, damage, &parsed);
    if (!unused_shape_ && parsed.records > 0 && parsed.signals.empty()) {
      unused_shape_ = shape::RecogniseShape(bytes, unwrap);
    }
    positions_.push_back(message.position);
    if (!keep_rejected) continue;
    for (const Reject& reject : parsed.rejects) {
      rejected_.append(bytes.substr(reject.offset, reject.size));
    }
  }
}

std::string_view ParsedBlock::TakeRejectedBytes(const Reject& reject) {
  const std::string_view bytes = std::string_view(rejected_).substr(rejected_taken_, reject.size);
  rejected_taken_ += reject.size;
  return bytes;
}

}  // namespace signinwatch::replay
