#include "daemon/kafka/unreadable_batch.h"

#include <algorithm>

namespace signinwatch::kafka {

UnreadableBatch::Step UnreadableBatch::OnError(int64_t first, int64_t log_end) {
  switch (state_) {
    case State::kTrying:
      if (++tries_ < kTriesMax) return {};
      inside_ = next_;
      return Gallop(log_end);
    case State::kGalloping:
    case State::kNarrowing:
      // Another one that can't be read: behind what was the end of the log, or with a beginning of
      // its own.
      if (at_log_end_ || first > inside_) {
        behind_ = first > inside_ ? std::min(first, probe_) : probe_;
        return Narrow();
      }
      inside_ = probe_;
      return state_ == State::kGalloping ? Gallop(log_end) : Narrow();
    case State::kConfirming:
      return {Do::kSkip, behind_};
  }
  return {};
}

UnreadableBatch::Step UnreadableBatch::OnSilence(int64_t log_end) {
  if (state_ == State::kTrying) {
    if (++tries_ < kSilencesMax) return {Do::kSeek, next_};
    tries_ = kTriesMax;
  }
  return OnError(kUnknownOffset, log_end);
}

UnreadableBatch::Step UnreadableBatch::OnReadable(int64_t offset) {
  switch (state_) {
    case State::kTrying:
    case State::kConfirming:
      if (offset <= next_) return {Do::kTake, next_};
      // The client has stepped past it by itself, as it does behind a wrong checksum.
      return {Do::kSkip, state_ == State::kTrying ? offset : std::min(offset, behind_)};
    case State::kGalloping:
    case State::kNarrowing:
      behind_ = probe_;
      return Narrow();
  }
  return {};
}

UnreadableBatch::Step UnreadableBatch::Gallop(int64_t log_end) {
  state_ = State::kGalloping;
  const int64_t target = inside_ + stride_;
  stride_ *= 2;
  // The end of the log lies behind every batch, and can be fetched from: there is nothing.
  const int64_t end = std::max(log_end, inside_ + 1);
  at_log_end_ = target >= end;
  return Probe(std::min(target, end));
}

UnreadableBatch::Step UnreadableBatch::Narrow() {
  at_log_end_ = false;
  if (behind_ - inside_ <= 1) {
    state_ = State::kConfirming;
    return Probe(next_);
  }
  state_ = State::kNarrowing;
  return Probe(inside_ + (behind_ - inside_) / 2);
}

UnreadableBatch::Step UnreadableBatch::Probe(int64_t offset) {
  probe_ = offset;
  return {Do::kSeek, offset};
}

}  // namespace signinwatch::kafka
