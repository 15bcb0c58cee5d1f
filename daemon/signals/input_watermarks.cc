#include "daemon/signals/input_watermarks.h"

#include <algorithm>

#include "daemon/signals/wire.h"

namespace signinwatch::signals {
namespace {

constexpr char kListKey[] = "list";

std::string KeyOf(const std::string& topic, int32_t partition) {
  return "source/" + topic + "/" + std::to_string(partition);
}

void PutPosition(const SourcePosition& position, WireWriter* w) {
  w->Number(position.log);
  w->Signed(position.offset);
  w->Number(position.index);
}

SourcePosition ReadPosition(WireReader* r) {
  const uint64_t log = r->Number();
  const int64_t offset = r->Signed();
  return {.log = log, .offset = offset, .index = static_cast<uint32_t>(r->Number(UINT32_MAX))};
}

}  // namespace

InputWatermarks::Source* InputWatermarks::Find(const std::string& topic, int32_t partition) {
  const auto known = by_name_.find(std::pair(topic, partition));
  return known == by_name_.end() ? nullptr : &sources_[known->second];
}

InputWatermarks::Source* InputWatermarks::FindOrAdd(const std::string& topic, int32_t partition) {
  if (Source* known = Find(topic, partition)) return known;
  if (sources_.size() >= kSourcePartitionsMax) return nullptr;
  by_name_.emplace(std::pair(topic, partition), sources_.size());
  sources_.emplace_back();
  sources_.back().topic = topic;
  sources_.back().partition = partition;
  changed_.push_back(true);
  return &sources_.back();
}

void InputWatermarks::MarkChanged(const Source& source) {
  changed_[static_cast<size_t>(&source - sources_.data())] = true;
}

std::optional<size_t> InputWatermarks::Take(const SignalOrigin& origin,
                                            std::span<const uint32_t> indices) {
  Source* const source = FindOrAdd(origin.topic, origin.partition);
  if (source == nullptr) return std::nullopt;
  const SourcePosition& taken = source->taken;
  const auto is_taken = [&](uint32_t index) {
    return SourcePosition{origin.log, origin.offset, index} <= taken;
  };
  const auto first = std::partition_point(indices.begin(), indices.end(), is_taken);
  if (first != indices.end()) {
    source->taken = {origin.log, origin.offset, indices.back()};
    MarkChanged(*source);
  }
  return static_cast<size_t>(first - indices.begin());
}

void InputWatermarks::Hear(const WatermarksMessage& message) {
  for (const SourceWatermark& word : message.sources) HearOne(word, message.wall_time);
  NoteBehind();
  Advance();
}

void InputWatermarks::HearOne(const SourceWatermark& word, EventTime wall_time) {
  Source* const source = FindOrAdd(word.topic, word.partition);
  if (source == nullptr) return;
  if (word.last_sent && source->taken < *word.last_sent) return;
  const bool heard = source->heard_at > kBeginningOfTime;
  if (heard &&
      std::pair(word.log, word.next_offset) < std::pair(source->log, source->next_offset)) {
    return;
  }
  source->log = word.log;
  source->next_offset = word.next_offset;
  source->watermark = std::max(source->watermark, word.watermark);
  source->at_end = word.at_end;
  source->idle = word.idle;
  source->heard_at = std::max(source->heard_at, wall_time);
  newest_word_ = std::max(newest_word_, wall_time);
  MarkChanged(*source);
}

void InputWatermarks::NoteBehind() {
  EventTime greatest = kBeginningOfTime;
  for (const Source& source : sources_) {
    if (source.listed) greatest = std::max(greatest, source.watermark);
  }
  for (Source& source : sources_) {
    const bool behind = source.at_end && source.watermark <= greatest - config_.alignment;
    if (behind == (source.behind_since != kEndOfTime)) continue;
    source.behind_since = behind ? source.heard_at : kEndOfTime;
    MarkChanged(source);
  }
}

void InputWatermarks::Hear(const SourcesMessage& message) {
  if (message.version <= list_.version) return;
  list_ = message;
  list_changed_ = true;
  ListSources();
  Advance();
}

void InputWatermarks::ListSources() {
  for (Source& source : sources_) source.listed = false;
  for (const SourceTopic& topic : list_.topics) {
    for (int32_t i = 0; i < topic.partitions; ++i) {
      Source* const source = FindOrAdd(topic.topic, i);
      if (source != nullptr) source->listed = true;
    }
  }
}

bool InputWatermarks::IsIdle(const Source& source) const {
  if (source.heard_at == kBeginningOfTime ||
      source.heard_at < newest_word_ - config_.max_clock_skew) {
    return false;
  }
  const bool is_behind = source.behind_since != kEndOfTime &&
                         source.heard_at - source.behind_since >= config_.idle_timeout;
  return source.idle || is_behind;
}

void InputWatermarks::Advance() {
  EventTime least = kEndOfTime, least_idle = kEndOfTime;
  bool any = false;
  for (const Source& source : sources_) {
    if (!source.listed) continue;
    any = true;
    if (source.heard_at == kBeginningOfTime) return;
    if (IsIdle(source)) {
      least_idle = std::min(least_idle, source.heard_at - config_.allowed_lateness);
    } else {
      least = std::min(least, source.watermark);
    }
  }
  if (any) stream_ = std::max(stream_, least == kEndOfTime ? least_idle : least);
}

void InputWatermarks::SaveChanges(const RowTaker& emit) {
  if (std::exchange(list_changed_, false)) emit(kListKey, EncodeSources(list_));
  for (size_t i = 0; i < sources_.size(); ++i) {
    if (!changed_[i]) continue;
    changed_[i] = false;
    const Source& source = sources_[i];
    WireWriter w;
    w.Text(source.topic);
    w.Number(static_cast<uint64_t>(source.partition));
    PutPosition(source.taken, &w);
    PutPosition({.log = source.log, .offset = source.next_offset, .index = 0}, &w);
    for (const EventTime time : {source.heard_at, source.watermark, source.behind_since}) {
      w.Signed(MicrosOf(time));
    }
    w.Number((source.at_end ? 1u : 0u) + (source.idle ? 2u : 0u));
    emit(KeyOf(source.topic, source.partition), w.Take());
  }
}

bool InputWatermarks::Restore(std::string_view key, std::string_view value) {
  if (key == kListKey) {
    SignalDecoder decoder;
    if (decoder.Decode(value) != Decoded::kSources) return false;
    list_ = decoder.sources();
    return true;
  }
  std::string text;
  WireReader r(value, &text);
  const std::string topic(r.View(r.PresentText()));
  const auto partition = static_cast<int32_t>(r.Number(INT32_MAX));
  const SourcePosition taken = ReadPosition(&r);
  const SourcePosition covered = ReadPosition(&r);
  const EventTime heard_at = TimeOfMicros(r.Signed());
  const EventTime watermark = TimeOfMicros(r.Signed());
  const EventTime behind_since = TimeOfMicros(r.Signed());
  const uint64_t flags = r.Number(3);
  if (!r.ok() || r.left() > 0 || key != KeyOf(topic, partition)) return false;
  Source* const source = FindOrAdd(topic, partition);
  if (source == nullptr) return false;
  source->taken = taken;
  source->log = covered.log;
  source->next_offset = covered.offset;
  source->heard_at = heard_at;
  source->watermark = watermark;
  source->behind_since = behind_since;
  source->at_end = (flags & 1) != 0;
  source->idle = (flags & 2) != 0;
  changed_[by_name_.at(std::pair(topic, partition))] = false;
  newest_word_ = std::max(newest_word_, heard_at);
  return true;
}

size_t InputWatermarks::Restored(EventTime stream, EventTime now) {
  size_t set_back = 0;
  newest_word_ = kBeginningOfTime;
  for (Source& source : sources_) {
    if (source.watermark > now) {
      source.watermark = now - config_.allowed_lateness;
      MarkChanged(source);
      ++set_back;
    }
    source.heard_at = std::min(source.heard_at, now);
    newest_word_ = std::max(newest_word_, source.heard_at);
  }
  stream_ = stream;
  ListSources();
  return set_back;
}

}  // namespace signinwatch::signals
