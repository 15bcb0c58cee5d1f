#include "daemon/pipeline/parse_stage.h"

#include <utility>

namespace signinwatch::pipeline {

BatchReaderMaker RecordReaders(const ParserOptions& options) {
  return [options] {
    return [parser = std::make_shared<MessageParser>(options),
            unwrap = options.unwrap](Batch& batch) { batch.Parse(*parser, unwrap); };
  };
}

BatchReaderMaker SignalReaders() {
  return [] {
    return [decoder = std::make_shared<signals::SignalDecoder>()](Batch& batch) {
      batch.Decode(*decoder);
    };
  };
}

ParseStage::ParseStage(BatchReaderMaker make_reader, int threads, size_t bytes_max,
                       const clock::Clock& clock, ParseHooks hooks)
    : make_reader_(std::move(make_reader)),
      bytes_max_(bytes_max),
      clock_(clock),
      hooks_(std::move(hooks)),
      busy_(clock.Steady(), threads) {}

steps::StepResult ParseStage::Step(clock::Instant /*now*/) {
  BatchReader reader;
  Slot* const slot = TakeSlot(&reader);
  if (slot == nullptr) {
    const std::lock_guard lock(mutex_);
    return closed_ && to_parse_.empty() ? steps::StepResult::Done()
                                        : steps::StepResult::WhenWoken();
  }
  if (!reader) reader = make_reader_();
  {
    const steps::BusyMeter::Span span(busy_, clock_);
    reader(*slot->batch);
  }
  PutParsed(slot, std::move(reader));
  return steps::StepResult::AtOnce();
}

ParseStage::Slot* ParseStage::TakeSlot(BatchReader* reader) {
  const std::lock_guard lock(mutex_);
  if (!MayParse()) return nullptr;
  Slot* const slot = to_parse_.front();
  to_parse_.pop_front();
  unparsed_ -= slot->held_bytes;
  bytes_ += slot->parse_bytes;
  if (!readers_.empty()) {
    *reader = std::move(readers_.back());  // the one whose buffers are warm
    readers_.pop_back();
  }
  return slot;
}

void ParseStage::PutParsed(Slot* slot, BatchReader reader) {
  bool is_first = false;
  bool room = false;
  bool more = false;
  {
    const std::lock_guard lock(mutex_);
    const bool had_room = WithinBounds();
    readers_.push_back(std::move(reader));
    bytes_ += slot->batch->held_bytes() - slot->held_bytes;
    bytes_ -= slot->parse_bytes;
    slot->parsed = true;
    is_first = slots_.front().get() == slot;
    room = !had_room && WithinBounds();
    more = MayParse();
  }
  if (room) hooks_.room();
  if (is_first) hooks_.ready();
  if (more) hooks_.work();
}

std::unique_ptr<Batch> ParseStage::NewBatch() {
  const std::lock_guard lock(mutex_);
  if (free_.empty()) return std::make_unique<Batch>();
  std::unique_ptr<Batch> batch = std::move(free_.back());
  free_.pop_back();
  free_bytes_ -= batch->held_bytes();
  return batch;
}

bool ParseStage::HasRoom() const {
  const std::lock_guard lock(mutex_);
  return WithinBounds();
}

void ParseStage::Submit(std::unique_ptr<Batch> batch) {
  auto slot = std::make_unique<Slot>();
  slot->held_bytes = batch->held_bytes();
  slot->parse_bytes = batch->parse_bytes();
  slot->batch = std::move(batch);
  {
    const std::lock_guard lock(mutex_);
    ++in_flight_;
    bytes_ += slot->held_bytes;
    unparsed_ += slot->held_bytes;
    to_parse_.push_back(slot.get());
    slots_.push_back(std::move(slot));
  }
  hooks_.work();
}

void ParseStage::Close() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  hooks_.work();
  hooks_.ready();
}

bool ParseStage::MayParse() const {
  if (to_parse_.empty()) return false;
  const Slot* const next = to_parse_.front();
  return slots_.front().get() == next || bytes_ - unparsed_ + next->parse_bytes <= bytes_max_;
}

std::unique_ptr<Batch> ParseStage::Next() {
  std::unique_ptr<Batch> batch;
  bool more = false;
  {
    const std::lock_guard lock(mutex_);
    if (slots_.empty() || !slots_.front()->parsed) return nullptr;
    batch = std::move(slots_.front()->batch);
    slots_.pop_front();
    more = MayParse();  // another one is the first now
  }
  if (more) hooks_.work();
  return batch;
}

bool ParseStage::over() const {
  const std::lock_guard lock(mutex_);
  return closed_ && slots_.empty();
}

void ParseStage::Recycle(std::unique_ptr<Batch> batch) {
  const size_t bytes = batch->held_bytes();
  TakeBack(std::move(batch));
  bool room = false;
  bool more = false;
  {
    const std::lock_guard lock(mutex_);
    const bool had_room = WithinBounds();
    --in_flight_;
    bytes_ -= bytes;
    room = !had_room && WithinBounds();
    more = MayParse();
  }
  if (room) hooks_.room();
  if (more) hooks_.work();
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

}  // namespace signinwatch::pipeline
