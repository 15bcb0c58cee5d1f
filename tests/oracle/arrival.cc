#include "tests/oracle/arrival.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <set>
#include <utility>

#include "detectors/watermark.h"
#include "tests/oracle/random.h"

namespace signinwatch::oracle {
namespace {

EventTime TimeOf(const PlainRecord& record) { return EventTime{Duration{record.time_us}}; }

// How the next record is chosen among those that may come.
enum class Order : uint8_t {
  kByTime,    // in order
  kShuffled,  // any
  kLatest,    // the latest that makes nobody late: the watermark presses on the others
  kAhead,     // one partition runs far ahead of the others
  kMixed,     // another of these for each record
};

class ArrivalMaker {
 public:
  ArrivalMaker(const std::vector<PlainRecord>& records, const OracleConfig& config,
               int64_t allowed_lateness, uint64_t seed)
      : records_(records),
        risks_lag_max_(config.revise_risks_for - config.max_clock_skew - 1),
        random_(seed ^ 0x5bd1e995),
        tracker_(1 + random_.Below(4), Duration{allowed_lateness}) {
    arrival_.partitions = tracker_.size();
    arrival_.allowed_lateness = allowed_lateness;
    arrival_.watermark_per_batch = random_.Percent(25);
    if (random_.Percent(30)) {
      arrival_.clock_step = random_.Pick(std::vector<int64_t>{1'000, 1'000'000, 20'000'000});
    }
    order_ = static_cast<Order>(random_.Below(5));
    batch_max_ = random_.Percent(40) ? 1 : 1 + random_.Below(20);
    disturbance_percent_ = random_.Pick(std::vector<uint64_t>{0, 2, 10, 30});
  }

  Arrival Make() {
    for (size_t i = 0; i < records_.size(); ++i) AddPending(i);
    size_t in_batch = 0;
    while (!pending_.empty()) {
      Disturb();
      Deliver();
      if (++in_batch >= batch_max_ || pending_.empty()) {
        arrival_.steps.push_back({.what = Step::What::kBatchEnds});
        in_batch = 0;
      }
    }
    return std::move(arrival_);
  }

 private:
  void AddPending(size_t record) {
    const PlainRecord& r = records_[record];
    size_t copies = 1;
    const bool may_repeat = !r.id.empty() || (r.is_sign_in() && *r.code == 0);
    if (may_repeat && random_.Percent(10)) copies += 1 + random_.Below(3);
    for (size_t i = 0; i < copies; ++i) pending_.emplace(DeadlineOf(r), record);
  }
  // The greatest watermark at which the record is in time. A risk event must find every burst that
  // it is told of: these end at its time less max_clock_skew, or later.
  [[nodiscard]] int64_t DeadlineOf(const PlainRecord& r) const {
    return r.is_risk_event() ? r.time_us + risks_lag_max_ : r.time_us;
  }

  // Saves, restarts, and partitions that end.
  void Disturb() {
    if (random_.Percent(disturbance_percent_)) {
      arrival_.steps.push_back({.what = Step::What::kBatchEnds});
      arrival_.steps.push_back({.what = Step::What::kSave, .whole = random_.Percent(20)});
    }
    if (random_.Percent(disturbance_percent_ / 2)) {
      arrival_.steps.push_back({.what = Step::What::kBatchEnds});
      arrival_.steps.push_back({.what = Step::What::kRestart});
    }
    if (random_.Percent(3)) {
      const size_t partition = random_.Below(arrival_.partitions);
      WatermarkTracker tracker = tracker_;
      tracker.SetIdle(partition);
      // One stays awake, so that there is always a partition that can take the earliest record.
      if (tracker.furthest_behind() == tracker.size()) return;
      if (tracker.stream_watermark() > FirstPending()) return;
      tracker_ = std::move(tracker);
      arrival_.steps.push_back({.what = Step::What::kIdle, .partition = partition});
    }
  }

  [[nodiscard]] EventTime FirstPending() const {
    return pending_.empty() ? kEndOfTime : EventTime{Duration{pending_.begin()->first}};
  }

  void Deliver() {
    const Order order = order_ == Order::kMixed ? static_cast<Order>(random_.Below(4)) : order_;
    if (order == Order::kLatest) {
      const size_t partition = random_.Below(arrival_.partitions);
      for (auto it = pending_.rbegin(); it != pending_.rend(); ++it) {
        if (TryDeliver(std::prev(it.base()), partition)) return;
      }
    }
    for (int attempt = 0; attempt < 8 && order != Order::kByTime; ++attempt) {
      const size_t reach = order == Order::kAhead ? pending_.size() : 40;
      const auto it =
          std::next(pending_.begin(),
                    static_cast<ptrdiff_t>(random_.Below(std::min(pending_.size(), reach))));
      const size_t partition =
          order == Order::kAhead && random_.Percent(70) ? 0 : random_.Below(arrival_.partitions);
      if (TryDeliver(it, partition)) return;
    }
    if (TryDeliver(pending_.begin(), random_.Below(arrival_.partitions))) return;
    // In the partition that holds the stream back, the earliest record makes nobody late: its
    // watermark stays at or below it.
    TryDeliver(pending_.begin(), tracker_.furthest_behind());
  }

  // Delivers if nothing that comes after it would be late then.
  bool TryDeliver(std::multiset<std::pair<int64_t, size_t>>::iterator it, size_t partition) {
    const auto entry = *it;
    WatermarkTracker tracker = tracker_;
    const PlainRecord& record = records_[entry.second];
    if (!record.is_risk_event()) tracker.Observe(partition, TimeOf(record));
    pending_.erase(it);
    if (tracker.stream_watermark() > FirstPending()) {
      pending_.insert(entry);
      return false;
    }
    tracker_ = std::move(tracker);
    arrival_.steps.push_back({.what = Step::What::kRecord,
                              .record = entry.second,
                              .partition = partition,
                              .variant = random_.Below(1 << 20)});
    return true;
  }

  const std::vector<PlainRecord>& records_;
  const int64_t risks_lag_max_;
  Random random_;
  WatermarkTracker tracker_;
  Arrival arrival_;
  std::multiset<std::pair<int64_t, size_t>> pending_;  // by deadline
  Order order_ = Order::kByTime;
  size_t batch_max_ = 1;
  uint64_t disturbance_percent_ = 0;
};

size_t CountAgainstWatermark(const Arrival& arrival, const std::vector<PlainRecord>& records,
                             bool (*counts)(EventTime time, EventTime watermark)) {
  WatermarkTracker tracker(arrival.partitions, Duration{arrival.allowed_lateness});
  size_t found = 0;
  for (const Step& step : arrival.steps) {
    if (step.what == Step::What::kIdle) tracker.SetIdle(step.partition);
    if (step.what != Step::What::kRecord) continue;
    if (records[step.record].is_risk_event()) continue;
    const EventTime time = TimeOf(records[step.record]);
    if (counts(time, tracker.stream_watermark())) ++found;
    tracker.Observe(step.partition, time);
  }
  return found;
}

}  // namespace

Arrival MakeArrival(const std::vector<PlainRecord>& records, const OracleConfig& config,
                    uint64_t seed) {
  return ArrivalMaker(records, config, config.allowed_lateness, seed).Make();
}

Arrival MakeWildArrival(const std::vector<PlainRecord>& records, const OracleConfig& config,
                        uint64_t seed) {
  Random random(seed ^ 0x2545f491);
  const bool may_be_late = random.Percent(50);
  const int64_t disorder =
      config.allowed_lateness + (may_be_late ? random.Between(1, 180) * kMinuteUs : 0);
  Arrival arrival = ArrivalMaker(records, config, disorder, seed).Make();
  arrival.may_be_late = may_be_late;
  arrival.allowed_lateness = config.allowed_lateness;
  if (random.Percent(25)) arrival.tickets_max = static_cast<size_t>(random.Between(1, 4));
  return arrival;
}

size_t LateRecords(const Arrival& arrival, const std::vector<PlainRecord>& records) {
  return CountAgainstWatermark(
      arrival, records, [](EventTime time, EventTime watermark) { return time < watermark; });
}

size_t RecordsAtTheWatermark(const Arrival& arrival, const std::vector<PlainRecord>& records) {
  return CountAgainstWatermark(
      arrival, records, [](EventTime time, EventTime watermark) { return time == watermark; });
}

}  // namespace signinwatch::oracle
