#include "daemon/pipeline/parse_stage.h"

#include <utility>

namespace signinwatch {

ParseStage::ParseStage(const ParserOptions& options, int threads, size_t bytes_max)
    : options_(options), bytes_max_(bytes_max), busy_(threads) {
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
  return batch;
}

bool ParseStage::WaitForRoom(std::chrono::milliseconds timeout) {
  std::unique_lock lock(mutex_);
  return room_.wait_for(lock, timeout, [this] { return HasRoom(); });
}

void ParseStage::Submit(std::unique_ptr<Batch> batch) {
  const std::lock_guard lock(mutex_);
  ++in_flight_;
  bytes_ += batch->input.bytes;
  slots_.push_back(std::make_unique<Slot>(Slot{.batch = std::move(batch), .parsed = false}));
  to_parse_.push_back(slots_.back().get());
  work_.notify_one();
}

void ParseStage::Close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  work_.notify_all();
  ready_.notify_all();
}

void ParseStage::Run() {
  MessageParser parser(options_);
  std::unique_lock lock(mutex_);
  while (true) {
    work_.wait(lock, [this] { return !to_parse_.empty() || closed_; });
    if (to_parse_.empty()) return;
    Slot* slot = to_parse_.front();
    to_parse_.pop_front();
    lock.unlock();
    {
      const BusyMeter::Span span(busy_);
      slot->batch->Parse(parser, false);
    }
    lock.lock();
    slot->parsed = true;
    if (slots_.front().get() == slot) ready_.notify_one();
  }
}

std::unique_ptr<Batch> ParseStage::Next(std::chrono::milliseconds timeout) {
  std::unique_lock lock(mutex_);
  const auto first_is_parsed = [this] { return !slots_.empty() && slots_.front()->parsed; };
  ready_.wait_for(lock, timeout, [&] { return first_is_parsed() || (closed_ && slots_.empty()); });
  if (!first_is_parsed()) return nullptr;
  std::unique_ptr<Batch> batch = std::move(slots_.front()->batch);
  slots_.pop_front();
  return batch;
}

bool ParseStage::over() const {
  const std::lock_guard lock(mutex_);
  return closed_ && slots_.empty();
}

void ParseStage::Recycle(std::unique_ptr<Batch> batch) {
  const size_t bytes = batch->input.bytes;
  TakeBack(std::move(batch));
  const std::lock_guard lock(mutex_);
  --in_flight_;
  bytes_ -= bytes;
  room_.notify_one();
}

void ParseStage::TakeBack(std::unique_ptr<Batch> batch) {
  batch->Clear();
  const std::lock_guard lock(mutex_);
  if (free_.size() < kBatchesMax) free_.push_back(std::move(batch));
}

size_t ParseStage::queue_depth() const {
  const std::lock_guard lock(mutex_);
  return slots_.size();
}

}  // namespace signinwatch
