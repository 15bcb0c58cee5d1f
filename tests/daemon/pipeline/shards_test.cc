// Several instances of the role detect on one database, under a scheduler with a seed: partitions
// move, owners are told late that they are none any more, processes die, the database is away. The
// tickets are those of replay, each revision once.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "daemon/pipeline/stages.h"
#include "tests/daemon/clock/manual_clock.h"
#include "tests/daemon/pipeline/pipeline_input.h"
#include "tests/daemon/pipeline/shard_database.h"
#include "tests/daemon/pipeline/signal_topic.h"
#include "tests/daemon/pipeline/stage_scheduler.h"

namespace signinwatch::pipeline {
namespace shards_test {

using std::chrono::milliseconds;

constexpr EventTime kNow = kEndOfTime - 365 * kDay;

config::Config DetectConfig() {
  config::Config config = PipelineTestConfig();
  config.serve.role = config::Role::kDetect;
  config.serve.signals.topic = kSignalTopic;
  config.detection.time = config::Config{}.detection.time;
  return config;
}

struct Instance {
  Instance(const config::Config& the_config, ShardDatabase& database, const SignalTopic& topic,
           uint32_t seed)
      : config(the_config),
        store(database),
        scheduler(clock, seed),
        source(topic, seed, [this](milliseconds time) { clock.Advance(time); }),
        stages({.config = config,
                .source = source,
                .store = store,
                .memory = MemoryGuard(
                    config.memory_bytes, [] { return size_t{0}; }, [] {}),
                .clock = clock,
                .metrics = metrics,
                .fold_metrics = fold_metrics,
                .committed = [](const store::StoreCommit&) {},
                .failed = [this](const absl::Status& status) { failure = status; }},
               [this](Stage stage) { scheduler.Wake(stage); }) {
    EXPECT_TRUE(stages.Start({}, clock.Now()).ok());
  }
  bool Step() { return scheduler.Step(stages); }
  void End() {
    stages.End();
    while (Step()) {
    }
    EXPECT_TRUE(scheduler.all_done());
  }

  const config::Config config;
  clock::ManualClock clock{kNow};
  metrics::Metrics metrics;
  FoldMetrics fold_metrics{metrics};
  ShardStore store;
  absl::Status failure;
  StageScheduler scheduler;
  SignalSource source;
  Stages stages;
};

// Who reads what, by the word of the group.
class Group {
 public:
  Group(ShardDatabase& database, const SignalTopic& topic, size_t instances, uint32_t seed)
      : database_(database), topic_(topic), random_(seed), seed_(seed) {
    for (size_t i = 0; i < instances; ++i) instances_.push_back(Make());
    for (int32_t p = 0; p < kSignalPartitions; ++p) Give(p, random_() % instances);
  }

  // Until all is committed and every ticket is closed.
  void Run(double chance_of_a_fault) {
    for (int rounds = 0; !Done(); ++rounds) {
      ASSERT_LT(rounds, 20'000) << "it does not come to an end";
      for (int i = 0; i < 50; ++i) {
        Instance& any = *instances_[random_() % instances_.size()];
        ASSERT_TRUE(any.Step()) << "all wait for each other";
        ASSERT_TRUE(any.failure.ok()) << any.failure;
      }
      TellLate();
      if (Chance() < chance_of_a_fault) Fault();
    }
    for (const auto& each : instances_) {
      each->store.away = absl::OkStatus();
      each->End();
      EXPECT_TRUE(each->store.held().All().empty()) << "given back";
    }
  }
  [[nodiscard]] int faults() const { return faults_; }

 private:
  std::unique_ptr<Instance> Make() {
    return std::make_unique<Instance>(config_, database_, topic_, ++seed_);
  }
  double Chance() { return std::uniform_real_distribution<>(0, 1)(random_); }
  void Give(int32_t partition, size_t to) {
    owner_[partition] = to;
    instances_[to]->source.Offer(partition);
  }

  void Fault() {
    ++faults_;
    const size_t which = random_() % instances_.size();
    switch (random_() % 4) {
      case 0: {  // a partition moves; its owner hears of it now or, frozen, late
        const auto partition = static_cast<int32_t>(random_() % kSignalPartitions);
        const size_t from = owner_[partition];
        if (from == which) return;
        if (random_() % 2 == 0) {
          instances_[from]->source.Revoke(partition);
        } else {
          late_.emplace_back(instances_[from].get(), partition);
        }
        TellLateOf(which, partition);
        Give(partition, which);
        return;
      }
      case 1: {  // a process dies, and another comes
        std::erase_if(late_,
                      [&](const auto& each) { return each.first == instances_[which].get(); });
        instances_[which] = Make();
        for (auto& [partition, owner] : owner_) {
          if (owner == which) Give(partition, random_() % instances_.size());
        }
        return;
      }
      case 2:
        instances_[which]->store.away = absl::UnavailableError("no database");
        return;
      case 3:
        for (const auto& each : instances_) each->store.away = absl::OkStatus();
        return;
    }
  }
  // Before a partition comes back to an instance it is told that it went.
  void TellLateOf(size_t instance, int32_t partition) {
    const std::pair<Instance*, int32_t> key(instances_[instance].get(), partition);
    if (std::erase(late_, key) > 0) key.first->source.Revoke(partition);
  }
  void TellLate() {
    if (late_.empty() || random_() % 10 != 0) return;
    late_.back().first->source.Revoke(late_.back().second);
    late_.pop_back();
  }

  bool Done() {
    for (int32_t p = 0; p < kSignalPartitions; ++p) {
      if (database_.next_offset(p) < static_cast<int64_t>(topic_[static_cast<size_t>(p)].size())) {
        return false;
      }
    }
    for (const auto& each : instances_) each->store.away = absl::OkStatus();
    const auto last = LastRevisions(database_.revisions);
    return std::all_of(last.begin(), last.end(), [](const auto& each) {
      return each.second.ticket.state != TicketState::kOpen;
    });
  }

  const config::Config config_ = DetectConfig();
  ShardDatabase& database_;
  const SignalTopic& topic_;
  std::mt19937 random_;
  uint32_t seed_;
  std::vector<std::unique_ptr<Instance>> instances_;
  std::map<int32_t, size_t> owner_;
  std::vector<std::pair<Instance*, int32_t>> late_;
  int faults_ = 0;
};

void ExpectEachRevisionOnce(const std::vector<store::TicketRevision>& revisions) {
  std::map<std::string, uint32_t> last;
  for (const store::TicketRevision& revision : revisions) {
    EXPECT_EQ(revision.ticket.revision, ++last[revision.ticket.ticket_id]);
  }
}

TEST(ShardsTest, OneInstanceGivesTheTicketsOfReplay) {
  const SignalTopic topic = MakeSignalTopic(TheInput(), DetectConfig(), 1);
  ShardDatabase database;
  Group group(database, topic, 1, 1);
  group.Run(0);
  EXPECT_GT(TheInput().expected.size(), 5u);
  EXPECT_EQ(FinalTickets(database.revisions), TheInput().expected);
  ExpectEachRevisionOnce(database.revisions);
}

TEST(ShardsTest, SeveralGiveTheSameWhateverHappensToThem) {
  int aborted = 0, faults = 0;
  for (uint32_t seed = 1; seed <= 6; ++seed) {
    SCOPED_TRACE(seed);
    const SignalTopic topic = MakeSignalTopic(TheInput(), DetectConfig(), seed);
    ShardDatabase database;
    Group group(database, topic, 2 + seed % 2, seed);
    group.Run(0.7);
    EXPECT_EQ(FinalTickets(database.revisions), TheInput().expected);
    ExpectEachRevisionOnce(database.revisions);
    aborted += database.aborted;
    faults += group.faults();
  }
  EXPECT_GT(aborted, 5) << "no former owner wrote, so nothing was shown";
  EXPECT_GT(faults, 60);
}

}  // namespace shards_test
}  // namespace signinwatch::pipeline
