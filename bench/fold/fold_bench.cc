// How fast detection folds signals, in the same run as its limit.
//
// The fold does for each signal what replay does: Prefetch some signals ahead, Apply, Observe and
// AdvanceTo. Its state is what it must look up: one user among N at random. The limit is therefore
// a loop that looks the same keys up in an absl::flat_hash_map of N users, prefetched as far ahead,
// and adds to one 64-byte value.
//
// FailuresWorded is what the fold would cost if it also made the words and the JSON of each
// revision (daemon/words), which the daemon does on the thread of the commit: the difference to
// Failures is what that thread takes off it.
//
// Signals are made outside the time that is measured, a few at a time, so that they are in the
// processor's caches as they are after parsing, while the users are not. One thread, in its
// processor time. Counters:
//
//   items_per_second  signals folded
//   limit             look-ups of the limit's loop a second
//   of_limit          items_per_second / limit
//   bytes_per_user    Detector::sizes(), before the first failure
//   tickets           revisions per signal
//   ticket_bytes      of JSON, of one revision; FailuresWorded only
#include <benchmark/benchmark.h>
#include <time.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "bench/fold/traffic.h"
#include "daemon/words/ticket_json.h"
#include "detectors/detector.h"
#include "detectors/keys.h"
#include "detectors/watermark.h"

namespace signinwatch {
namespace {

constexpr size_t kBatch = 1024;
using Seconds = std::chrono::duration<double>;

// The processor time of this thread: what else the machine does takes none of it.
Seconds ProcessorTime() {
  timespec time{};
  (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

// A detector that knows `users` users, and the traffic that goes on from there.
class World {
 public:
  explicit World(uint64_t users)
      : traffic_(users), detector_(Config(users)), watermarks_(1, TimeConfig().allowed_lateness) {
    for (uint64_t first = 0; first < users; first += kBatch) {
      traffic_.Introduce(first, std::min<uint64_t>(kBatch, users - first), &message_);
      (void)Fold(false);
    }
    bytes_per_user_ = static_cast<double>(detector_.sizes().bytes) / static_cast<double>(users);
  }

  void Fill(FoldTraffic::Kind kind) { traffic_.Fill(kind, kBatch, &message_); }
  [[nodiscard]] const ParsedMessage& message() const { return message_; }

  [[nodiscard]] Seconds Fold(bool worded) {
    const Seconds begin = ProcessorTime();
    const std::vector<Signal>& signals = message_.signals;
    for (size_t i = 0; i < signals.size(); ++i) {
      if (i + Detector::kPrefetchDistance < signals.size()) {
        detector_.Prefetch(signals[i + Detector::kPrefetchDistance]);
      }
      detector_.Apply(signals[i], message_, Moment());
      watermarks_.Observe(0, signals[i].event_time);
      if (watermarks_.stream_watermark() > advanced_to_) {
        advanced_to_ = watermarks_.stream_watermark();
        detector_.AdvanceTo(advanced_to_, Moment());
      }
    }
    const std::vector<Ticket> revisions = detector_.TakeRevisions();
    revisions_ += revisions.size();
    if (worded) {
      for (const Ticket& ticket : revisions) json_bytes_ += words::TicketToJson(ticket).size();
    }
    return ProcessorTime() - begin;
  }

  [[nodiscard]] double bytes_per_user() const { return bytes_per_user_; }
  [[nodiscard]] uint64_t revisions() const { return revisions_; }
  [[nodiscard]] uint64_t json_bytes() const { return json_bytes_; }
  // Nothing that the benchmark means to measure was evicted, late or a copy.
  [[nodiscard]] bool undisturbed() const {
    const DetectorCounters& counters = detector_.counters();
    return counters.late == 0 && counters.duplicates == 0 &&
           std::all_of(std::begin(counters.evictions), std::end(counters.evictions),
                       [](uint64_t evictions) { return evictions == 0; });
  }

 private:
  static DetectionConfig Config(uint64_t users) {
    DetectionConfig config;
    config.limits.users = 2 * users;
    config.limits.dedup_ids = 64'000'000;
    return config;
  }
  [[nodiscard]] EventTime Moment() const { return watermarks_.greatest_event_time(); }

  FoldTraffic traffic_;
  Detector detector_;
  WatermarkTracker watermarks_;
  EventTime advanced_to_ = kBeginningOfTime;
  ParsedMessage message_;
  uint64_t revisions_ = 0;
  uint64_t json_bytes_ = 0;  // of those that were worded
  double bytes_per_user_ = 0;
};

// The limit: one hash table, one cache line of value.
class BareTable {
 public:
  explicit BareTable(uint64_t users) { values_.reserve(users); }

  void Introduce(const ParsedMessage& message) {
    for (const Signal& signal : message.signals) values_.try_emplace(UserKey(0, signal.user));
  }
  [[nodiscard]] Seconds LookUp(const ParsedMessage& message) {
    const Seconds begin = ProcessorTime();
    const std::vector<Signal>& signals = message.signals;
    for (size_t i = 0; i < signals.size(); ++i) {
      if (i + Detector::kPrefetchDistance < signals.size()) {
        values_.prefetch(UserKey(0, signals[i + Detector::kPrefetchDistance].user));
      }
      ++values_.find(UserKey(0, signals[i].user))->second.counts[0];
    }
    return ProcessorTime() - begin;
  }

 private:
  struct Value {
    uint64_t counts[8] = {};
  };
  absl::flat_hash_map<UserKey, Value, TableHash> values_;
};

// Both, for the size that is being measured; the one of before is given up first.
struct Subjects {
  explicit Subjects(uint64_t users) : world(users), bare(users) {
    FoldTraffic traffic(users);
    ParsedMessage message;
    for (uint64_t first = 0; first < users; first += kBatch) {
      traffic.Introduce(first, std::min<uint64_t>(kBatch, users - first), &message);
      bare.Introduce(message);
    }
  }
  World world;
  BareTable bare;
};

Subjects& SubjectsOf(uint64_t users) {
  static std::unique_ptr<Subjects> subjects;
  static uint64_t made_for = 0;
  if (made_for != users) {
    subjects.reset();
    subjects = std::make_unique<Subjects>(users);
    made_for = users;
  }
  return *subjects;
}

void Fold(benchmark::State& state, FoldTraffic::Kind kind, bool worded, uint64_t users) {
  auto& [world, bare] = SubjectsOf(users);
  const uint64_t revisions_before = world.revisions();
  const uint64_t json_bytes_before = world.json_bytes();
  Seconds folding{};
  Seconds looking_up{};
  for (auto _ : state) {
    world.Fill(kind);
    looking_up += bare.LookUp(world.message());
    const Seconds fold = world.Fold(worded);
    folding += fold;
    state.SetIterationTime(fold.count());
  }
  if (!world.undisturbed())
    state.SkipWithError("records were late or copies, or something was evicted");
  const auto signals = static_cast<double>(state.iterations() * kBatch);
  state.SetItemsProcessed(static_cast<int64_t>(signals));
  state.counters["limit"] = signals / looking_up.count();
  state.counters["of_limit"] = looking_up / folding;
  state.counters["bytes_per_user"] = world.bytes_per_user();
  const auto revisions = static_cast<double>(world.revisions() - revisions_before);
  state.counters["tickets"] = revisions / signals;
  if (worded && revisions > 0) {
    state.counters["ticket_bytes"] =
        static_cast<double>(world.json_bytes() - json_bytes_before) / revisions;
  }
}

void Register() {
  constexpr struct {
    const char* name;
    FoldTraffic::Kind kind;
    bool worded;
  } kKinds[] = {{"Successes", FoldTraffic::Kind::kSuccesses, false},
                {"Failures", FoldTraffic::Kind::kFailures, false},
                {"FailuresWorded", FoldTraffic::Kind::kFailures, true}};
  // All kinds of one size together: its users are introduced once.
  for (const uint64_t users : {1'000, 100'000, 1'000'000, 10'000'000}) {
    for (const auto& kind : kKinds) {
      benchmark::RegisterBenchmark(
          (std::string(kind.name) + "/users:" + std::to_string(users)).c_str(),
          [=](benchmark::State& state) { Fold(state, kind.kind, kind.worded, users); })
          ->UseManualTime()
          ->Unit(benchmark::kMicrosecond)
          ->Repetitions(5)
          ->ReportAggregatesOnly();
    }
  }
}

}  // namespace
}  // namespace signinwatch

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  signinwatch::Register();
  benchmark::RunSpecifiedBenchmarks();
}
