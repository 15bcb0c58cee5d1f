#include "daemon/pipeline/shards_fold.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <string>

#include "daemon/log/log.h"

namespace signinwatch::pipeline {
namespace {

using Kind = kafka::PartitionEvent::Kind;

void Add(const DetectorCounters& more, DetectorCounters* sum) {
  sum->duplicates += more.duplicates;
  sum->late += more.late;
  sum->late_dropped += more.late_dropped;
  sum->bursts_opened += more.bursts_opened;
  for (size_t i = 0; i < kChangeKindCount; ++i) {
    sum->credential_events[i] += more.credential_events[i];
  }
  for (size_t i = 0; i < kEvictionCount; ++i) sum->evictions[i] += more.evictions[i];
  for (const auto& [operation, count] : more.unknown_password_operations) {
    sum->unknown_password_operations[operation] += count;
  }
}

void Add(const DetectorSizes& more, DetectorSizes* sum) {
  sum->tenants += more.tenants;
  sum->users += more.users;
  sum->failing_users += more.failing_users;
  sum->dedup_ids += more.dedup_ids;
  sum->live_events += more.live_events;
  sum->open_tickets += more.open_tickets;
  sum->tickets += more.tickets;
  sum->bytes += more.bytes;
}

}  // namespace

ShardsFold::ShardsFold(const config::Config& config, TakeoverStage& takeover,
                       SourceCommands& commands, metrics::Metrics& metrics,
                       FoldMetrics& fold_metrics, std::function<void(const absl::Status&)> failed)
    : config_(config),
      takeover_(takeover),
      commands_(commands),
      metrics_(metrics),
      fold_metrics_(fold_metrics),
      failed_(std::move(failed)) {
  fold_metrics_.Begin(config_.detection, config_.serve.metrics.max_tenants);
}

ShardsFold::Place* ShardsFold::FindSlot(kafka::PartitionSlot slot) {
  return slot < by_slot_.size() ? by_slot_[slot] : nullptr;
}

void ShardsFold::NoteEnded(const store::ShardClaim& claim, bool taken) {
  const std::lock_guard lock(ended_mutex_);
  ended_.push_back({.claim = claim, .taken = taken});
}

void ShardsFold::Attend(EventTime now) {
  std::vector<Ended> ended;
  {
    const std::lock_guard lock(ended_mutex_);
    ended = std::exchange(ended_, {});
  }
  for (const Ended& each : ended) {
    Place& place = places_[each.claim.shard];
    if (place.ending == each.claim) place.ending.reset();
    if (place.fold != nullptr && place.fold->claim() == each.claim) {
      place.fold.reset();
      place.reading = false;
      metrics_.counter(metrics::Metric::kShardsLost).Add();
    }
    WantIfNeeded(each.claim.shard, place);
  }
  for (std::unique_ptr<ShardFold>& fold : takeover_.TakeReady()) Install(std::move(fold), now);
}

void ShardsFold::WantIfNeeded(store::Shard shard, Place& place) {
  if (!place.ours || place.wanted || place.fold != nullptr || place.ending || ended_all_) return;
  place.wanted = true;
  takeover_.Want(shard);
}

void ShardsFold::Install(std::unique_ptr<ShardFold> fold, EventTime now) {
  Place& place = places_[fold->claim().shard];
  place.wanted = false;
  place.reading = false;
  if (fold->set_back() > 0) {
    fold_metrics_.CountSetBack(fold->set_back());
    log::Log(config::LogLevel::kWarning,
             "stored watermarks were beyond the wall clock and are set back: it was wrong, or is",
             {{"shard", fold->claim().shard}, {"watermarks", fold->set_back()}});
  }
  place.fold = std::move(fold);
  if (!place.ours || ended_all_) {
    Leave(place, now);
    return;
  }
  const position::PartitionPosition& position = place.fold->position();
  commands_.StartAt(place.slot, position.next_offset, position.mark);
}

void ShardsFold::Leave(Place& place, EventTime now) {
  if (place.fold == nullptr) return;
  CommitWork work = place.fold->TakeWork(now);
  work.release = true;
  place.ending = work.claim;
  last_works_.push_back(std::move(work));
  place.fold.reset();
  place.reading = false;
}

void ShardsFold::Handle(const kafka::PartitionEvent& event, EventTime now) {
  if (event.kind == Kind::kOffered) {
    Place& place = places_[event.partition];
    if (event.slot >= by_slot_.size()) by_slot_.resize(event.slot + 1, nullptr);
    by_slot_[event.slot] = &place;
    place.slot = event.slot;
    place.ours = true;
    WantIfNeeded(event.partition, place);
    return;
  }
  Place* const place = FindSlot(event.slot);
  if (place == nullptr) return;
  place->at_end = event.kind == Kind::kReachedEnd;
  switch (event.kind) {
    case Kind::kAssigned:
      Begin(event.offset, *place);
      break;
    case Kind::kRevoked:
      place->ours = false;
      Leave(*place, now);
      break;
    case Kind::kGap:
    case Kind::kReset:
    case Kind::kUnreadable:
      HandleLoss(event, now, *place);
      break;
    case Kind::kOffered:
    case Kind::kExists:
    case Kind::kReachedEnd:
    case Kind::kUnreachable:
      break;
  }
}

// Where the source was told to start before the shard was lost and taken anew, it may begin
// elsewhere than where this fold stands.
void ShardsFold::Begin(int64_t offset, Place& place) {
  if (place.fold == nullptr) return;
  const position::PartitionPosition& position = place.fold->position();
  place.reading = offset <= position.next_offset;
  if (!place.reading) commands_.StartAt(place.slot, position.next_offset, position.mark);
}

void ShardsFold::HandleLoss(const kafka::PartitionEvent& event, EventTime now, Place& place) {
  const std::string& topic = config_.serve.signals.topic;
  if (event.kind == Kind::kGap) {
    fold_metrics_.CountGap(topic, event.gap_end - event.offset);
  } else if (event.kind == Kind::kReset) {
    fold_metrics_.CountMadeAnew(topic);
    ++place.made_anew;
    place.made_anew_at = now;
  } else {
    fold_metrics_.CountUnreadable(event.slot, topic, event.reason);
    place.stepped_past = {.batches = place.stepped_past.batches + 1,
                          .from = event.offset,
                          .to = event.gap_end,
                          .reason = kafka::UnreadableReasonName(event.reason),
                          .at = now};
  }
  if (place.fold != nullptr && place.reading) place.fold->SkipTo(event.gap_end);
}

void ShardsFold::Apply(Batch& batch, EventTime now) {
  const auto update = metrics_.BeginUpdate();
  Attend(now);
  for (const kafka::PartitionEvent& event : batch.input.events) Handle(event, now);
  for (size_t i = 0; i < batch.input.messages.size(); ++i) {
    Place* const place = FindSlot(batch.input.messages[i].slot);
    if (place == nullptr || place->fold == nullptr || !place->reading) continue;  // taken from us
    if (batch.input.messages[i].offset < place->fold->position().next_offset) continue;
    place->at_end = false;
    place->touched = true;
    const absl::Status status = place->fold->Apply(batch, i, now, fold_metrics_);
    if (status.ok()) continue;
    place->reading = false;
    failed_(status);
  }
  for (auto& [shard, place] : places_) {
    const bool touched = std::exchange(place.touched, false);
    if (touched && place.fold != nullptr) place.fold->CountDetection(fold_metrics_);
  }
}

void ShardsFold::Tick(EventTime now) {
  const auto update = metrics_.BeginUpdate();
  Attend(now);
  for (auto& [shard, place] : places_) {
    if (place.fold != nullptr) place.fold->Tick(now, fold_metrics_);
  }
}

void ShardsFold::End() {
  if (std::exchange(ended_all_, true)) return;
  takeover_.Close();
}

bool ShardsFold::changed() const {
  return !last_works_.empty() ||
         std::any_of(places_.begin(), places_.end(), [this](const auto& each) {
           const ShardFold* const fold = each.second.fold.get();
           return fold != nullptr && (ended_all_ || fold->changed());
         });
}

bool ShardsFold::has_revisions() const {
  return !last_works_.empty() || std::any_of(places_.begin(), places_.end(), [](const auto& each) {
    const ShardFold* const fold = each.second.fold.get();
    return fold != nullptr && fold->has_revisions();
  });
}

uint64_t ShardsFold::signals() const {
  uint64_t sum = 0;
  for (const auto& [shard, place] : places_) {
    if (place.fold != nullptr) sum += place.fold->signals();
  }
  return sum;
}

size_t ShardsFold::rejected_bytes() const {
  size_t sum = 0;
  for (const auto& [shard, place] : places_) {
    if (place.fold != nullptr) sum += place.fold->rejected_bytes();
  }
  return sum;
}

std::vector<CommitWork> ShardsFold::TakeWorks(EventTime now, bool all) {
  if (ended_all_) {
    for (auto& [shard, place] : places_) Leave(place, now);
  }
  std::vector<CommitWork> works = std::exchange(last_works_, {});
  for (auto& [shard, place] : places_) {
    if (place.fold == nullptr) continue;
    if (place.fold->has_revisions() || (all && place.fold->changed())) {
      works.push_back(place.fold->TakeWork(now));
    }
  }
  return works;
}

FoldSnapshot ShardsFold::Look() const {
  FoldSnapshot sum;
  sum.partitions = PartitionStatuses();
  sum.totals = fold_metrics_.totals();
  sum.tenants_other = fold_metrics_.tenants_other();
  EventTime least = kEndOfTime;
  std::map<std::pair<EventTime, int64_t>, uint64_t> failures;
  for (const auto& [shard, place] : places_) {
    if (place.fold == nullptr) continue;
    const DetectionFold& detection = place.fold->detection();
    least = std::min(least, place.fold->input().stream_watermark());
    Add(detection.detector().counters(), &sum.detection);
    for (const store::FailureCount& each : detection.failures().All()) {
      failures[{each.bucket, each.code}] += each.count;
    }
    for (const auto& [labels, count] : detection.open_bursts().counts()) {
      sum.open_bursts[labels] += count;
    }
    const std::vector<NearMiss> misses = detection.near_misses().All();
    sum.near_misses.insert(sum.near_misses.end(), misses.begin(), misses.end());
  }
  if (least < kEndOfTime) sum.watermark = least;
  for (const auto& [key, count] : failures) {
    sum.failures.push_back({.bucket = key.first, .code = key.second, .count = count});
  }
  std::stable_sort(
      sum.near_misses.begin(), sum.near_misses.end(),
      [](const NearMiss& a, const NearMiss& b) { return a.last_event_time < b.last_event_time; });
  if (sum.near_misses.size() > RecentNearMisses::kMax) {
    sum.near_misses.erase(sum.near_misses.begin(), sum.near_misses.end() - RecentNearMisses::kMax);
  }
  return sum;
}

DetectorSizes ShardsFold::Measure() const {
  DetectorSizes sum;
  for (const auto& [shard, place] : places_) {
    if (place.fold != nullptr) Add(place.fold->detection().detector().sizes(), &sum);
  }
  return sum;
}

std::vector<PartitionStatus> ShardsFold::PartitionStatuses() const {
  std::vector<PartitionStatus> statuses;
  for (const auto& [shard, place] : places_) {
    PartitionStatus status;
    status.topic = config_.serve.signals.topic;
    status.partition = shard;
    status.assigned = place.fold != nullptr;
    status.waiting = place.ours && place.fold == nullptr;
    status.at_end = place.at_end;
    status.stepped_past = place.stepped_past;
    status.made_anew = place.made_anew;
    status.made_anew_at = place.made_anew_at;
    if (place.fold != nullptr) {
      status.next_offset = place.fold->position().next_offset;
      status.watermark = place.fold->input().stream_watermark();
    }
    statuses.push_back(std::move(status));
  }
  return statuses;
}

}  // namespace signinwatch::pipeline
