#include "parser/reject_list.h"

#include <algorithm>

namespace signinwatch {

void RejectList::Begin(size_t message_bytes, ParsedMessage* out) {
  out_ = out;
  message_bytes_ = message_bytes;
  bytes_ = 0;
  last_ = {};
}

void RejectList::Add(RejectReason reason, const char* detail, size_t offset, size_t size) {
  uint32_t& last = last_[static_cast<size_t>(reason)];
  const bool room = out_->rejects.size() < LettersMax(message_bytes_) &&
                    bytes_ + size <= BytesMax(message_bytes_);
  if (!room && last != 0) return Join(reason, offset, size);
  out_->rejects.push_back({reason, detail, offset, size});
  last = static_cast<uint32_t>(out_->rejects.size());
  bytes_ += size;
}

void RejectList::Join(RejectReason reason, size_t offset, size_t size) {
  Reject& letter = out_->rejects[last_[static_cast<size_t>(reason)] - 1];
  ++letter.records;
  const size_t joined = std::max(letter.size, offset + size - letter.offset);
  bytes_ += joined - letter.size;
  letter.size = joined;
}

RejectList::Mark RejectList::Now() const {
  Mark mark{.letters = out_->rejects.size(), .bytes = bytes_, .last = last_, .as_it_was = {}};
  for (size_t i = 0; i < last_.size(); ++i) {
    if (last_[i] == 0) continue;
    const Reject& letter = out_->rejects[last_[i] - 1];
    mark.as_it_was[i] = {letter.size, letter.records};
  }
  return mark;
}

void RejectList::TakeBack(const Mark& mark) {
  out_->rejects.resize(mark.letters);
  bytes_ = mark.bytes;
  last_ = mark.last;
  for (size_t i = 0; i < last_.size(); ++i) {
    if (last_[i] == 0) continue;
    Reject& letter = out_->rejects[last_[i] - 1];
    letter.size = mark.as_it_was[i].size;
    letter.records = mark.as_it_was[i].records;
  }
}

}  // namespace signinwatch
