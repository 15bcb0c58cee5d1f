#include "daemon/pipeline/parse_stage.h"

#include <utility>

namespace signinwatch {

ParseStage::ParseStage(const ParserOptions& options, int threads, size_t bytes_max)
    : options_(options), bytes_max_(bytes_max), busy_(SystemClock().Steady(), threads) {
  for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { Run(); });
}

ParseStage::~ParseStage() {
  Close();
  for (std::thread& thread : threads_) thread.join();
}

std::unique_ptr<Batch> ParseStage::NewBatch() {
  const std::lock_guard lock(mutex_);
  if (free_.empty()) return std::make_unique<Batch>();
  std::unique_ptr<Batch> batch = std::move(free_.back());
  free_.pop_back();
  free_bytes_ -= batch->held_bytes();
  return batch;
}

bool ParseStage::WaitForRoom(std::chrono::milliseconds timeout) {
  std::unique_lock lock(mutex_);
  return room_.wait_for(lock, timeout, [this] { return HasRoom(); });
}

void ParseStage::Submit(std::unique_ptr<Batch> batch) {
  const std::lock_guard lock(mutex_);
  ++in_flight_;
  Slot slot{.batch = nullptr,
            .parsed = false,
            .held_bytes = batch->held_bytes(),
            .parse_bytes = batch->parse_bytes()};
  slot.batch = std::move(batch);
  bytes_ += slot.held_bytes;
  unparsed_ += slot.held_bytes;
  slots_.push_back(std::make_unique<Slot>(std::move(slot)));
  to_parse_.push_back(slots_.back().get());
  work_.notify_one();
}

void ParseStage::Close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  work_.notify_all();
  ready_.notify_all();
}

bool ParseStage::MayParse() const {
  if (to_parse_.empty()) return false;
  const Slot* const next = to_parse_.front();
  return slots_.front().get() == next || bytes_ - unparsed_ + next->parse_bytes <= bytes_max_;
}

void ParseStage::Run() {
  MessageParser parser(options_);
  std::unique_lock lock(mutex_);
  while (true) {
    work_.wait(lock, [this] { return MayParse() || (closed_ && to_parse_.empty()); });
    if (to_parse_.empty()) return;
    Slot* slot = to_parse_.front();
    to_parse_.pop_front();
    unparsed_ -= slot->held_bytes;
    bytes_ += slot->parse_bytes;
    lock.unlock();
    {
      const BusyMeter::Span span(busy_, SystemClock());
      slot->batch->Parse(parser, options_.unwrap);
    }
    lock.lock();
    bytes_ += slot->batch->held_bytes() - slot->held_bytes;
    bytes_ -= slot->parse_bytes;
    slot->parsed = true;
    if (slots_.front().get() == slot) ready_.notify_one();
    work_.notify_one();
  }
}

std::unique_ptr<Batch> ParseStage::Next(std::chrono::milliseconds timeout) {
  std::unique_lock lock(mutex_);
  const auto first_is_parsed = [this] { return !slots_.empty() && slots_.front()->parsed; };
  ready_.wait_for(lock, timeout, [&] { return first_is_parsed() || (closed_ && slots_.empty()); });
  if (!first_is_parsed()) return nullptr;
  std::unique_ptr<Batch> batch = std::move(slots_.front()->batch);
  slots_.pop_front();
  work_.notify_one();  // another one is the first now
  return batch;
}

bool ParseStage::over() const {
  const std::lock_guard lock(mutex_);
  return closed_ && slots_.empty();
}

void ParseStage::Recycle(std::unique_ptr<Batch> batch) {
  const size_t bytes = batch->held_bytes();
  TakeBack(std::move(batch));
  const std::lock_guard lock(mutex_);
  --in_flight_;
  bytes_ -= bytes;
  room_.notify_one();
  work_.notify_one();
}

void ParseStage::TakeBack(std::unique_ptr<Batch> batch) {
  batch->Clear();
  const std::lock_guard lock(mutex_);
  const size_t bytes = batch->held_bytes();
  if (free_.size() >= kBatchesMax || free_bytes_ + bytes > bytes_max_ / 4) return;
  free_bytes_ += bytes;
  free_.push_back(std::move(batch));
}

size_t ParseStage::held_bytes() const {
  const std::lock_guard lock(mutex_);
  return bytes_;
}

bool ParseStage::idle() const {
  const std::lock_guard lock(mutex_);
  return in_flight_ == 0;
}

size_t ParseStage::queue_depth() const {
  const std::lock_guard lock(mutex_);
  return slots_.size();
}

}  // namespace signinwatch
