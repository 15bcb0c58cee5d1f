// Time can't be forged: whatever records come in one partition, and under whatever timestamps, the
// tickets of what comes in order in the others stay as they are. What the contract allows (SPEC 4):
//
//   - A record up to max_clock_skew beyond the wall clock is taken, so while all others are idle
//     the watermark may run ahead of what the wall clock alone would make of it by that much. What
//     the others bring with delays below allowed_lateness less max_clock_skew is never late.
//   - A record less than `alignment` behind the greatest watermark of the others holds them back,
//     by alignment and allowed_lateness at most. Older ones hold nobody, once their partition has
//     been seen at its end.
//
// Checked on random honest traffic of three partitions (bursts, changes, quiet hours, a backlog at
// the start) beside a fourth whose sender forges what can be forged. All of parsing, event time and
// detection is run, by a wall clock of the test's.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "daemon/pipeline/stream_fold.h"
#include "daemon/words/ticket_json.h"
#include "tests/sanitizer.h"

namespace signinwatch::pipeline {
namespace forged_time_test {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using Kind = kafka::PartitionEvent::Kind;

constexpr EventTime kStart = EventTime(Duration(1'764'158'400'000'000));
constexpr Duration kTraffic = hours(14);
constexpr Duration kStep = seconds(15);
constexpr kafka::PartitionSlot kHonest = 3;  // partitions; the next one is the forger's

struct Arrival {
  EventTime at;  // wall time from which on it can be fetched
  std::string text;
};
using Traffic = std::vector<std::deque<Arrival>>;  // by partition, in its order

class Dice {
 public:
  explicit Dice(uint32_t seed) : engine_(seed) {}
  int64_t Below(int64_t n) { return static_cast<int64_t>(engine_() % static_cast<uint64_t>(n)); }
  bool Percent(int64_t percent) { return Below(100) < percent; }
  Duration Span(Duration below) { return Duration(Below(below.count())); }

 private:
  std::mt19937_64 engine_;
};

std::string SignIn(EventTime time, const std::string& tenant, const std::string& user, int64_t code,
                   const std::string& id) {
  return R"({"category":"SignInLogs","tenantId":")" + tenant + R"(","properties":{"id":")" + id +
         R"(","createdDateTime":")" + FormatEventTime(time) + R"(","userId":")" + user +
         R"(","status":{"errorCode":)" + std::to_string(code) + "}}}";
}

std::string Reset(EventTime time, const std::string& user, const std::string& id) {
  return R"({"category":"AuditLogs","tenantId":"honest","properties":{"id":")" + id +
         R"(","activityDateTime":")" + FormatEventTime(time) +
         R"(","activityDisplayName":"Reset user password","result":"success",)" +
         R"("targetResources":[{"type":"User","id":")" + user + R"("}]}})";
}

// In the order of their event times in each partition, with delays below 25 minutes. The hours
// from 6 to 9 are quiet.
Traffic HonestTraffic(uint32_t seed) {
  Dice dice(seed);
  std::vector<std::pair<EventTime, std::string>> records;
  int number = 0;
  const auto id = [&] { return "h" + std::to_string(number++); };
  const auto moment = [&] {
    const Duration into = dice.Span(kTraffic - hours(3));
    return kStart + into + (into >= hours(6) ? hours(3) : hours(0));
  };
  for (int i = 0; i < 400; ++i) {
    const EventTime time = moment();
    records.emplace_back(time, SignIn(time, "honest", "u" + std::to_string(dice.Below(40)),
                                      dice.Percent(80) ? 0 : 50126, id()));
  }
  for (int burst = 0; burst < 12; ++burst) {
    const std::string user = "u" + std::to_string(dice.Below(12));
    const EventTime from = moment();
    if (dice.Percent(60)) {
      const EventTime time = from - dice.Span(minutes(50));
      records.emplace_back(time, Reset(time, user, id()));
    }
    EventTime time = from;
    for (int64_t n = 8 + dice.Below(30); n > 0; --n) {
      records.emplace_back(time, SignIn(time, "honest", user, 50173, id()));
      time += seconds(1 + dice.Below(80));
    }
  }
  std::sort(records.begin(), records.end());
  Traffic traffic(kHonest);
  for (auto& [time, text] : records) {
    std::deque<Arrival>& partition = traffic[static_cast<size_t>(dice.Below(kHonest))];
    EventTime at = time + seconds(1) + dice.Span(minutes(24));
    if (!partition.empty()) at = std::max(at, partition.back().at);
    // What stands behind another waits for it, but none for longer than the delay allows.
    at = std::min(at, time + minutes(25) - seconds(15));
    if (!partition.empty()) partition.back().at = std::min(partition.back().at, at);
    partition.push_back({at, text});
  }
  for (std::deque<Arrival>& partition : traffic) {
    for (size_t i = partition.size(); i-- > 1;) {
      partition[i - 1].at = std::min(partition[i - 1].at, partition[i].at);
    }
  }
  return traffic;
}

// What its sender makes up at a moment.
class Forger {
 public:
  Forger(uint32_t seed, bool seen_at_its_end)
      : dice_(seed * 31 + 7), seen_at_its_end_(seen_at_its_end), habit_(dice_.Below(8)) {}

  [[nodiscard]] std::vector<std::string> Send(EventTime now) {
    std::vector<std::string> texts;
    for (int64_t n = dice_.Below(4); n > 0; --n) texts.push_back(Text(now));
    return texts;
  }
  EventTime Timestamp(EventTime now) {
    const EventTime times[] = {now, kEndOfTime, kStart + 30'000 * kDay, kBeginningOfTime,
                               now + minutes(4)};
    return times[dice_.Below(5)];
  }
  // Whether its partition is told to be read to its end after a step.
  bool TellsEnd() { return seen_at_its_end_ || dice_.Percent(30); }

 private:
  std::string Text(EventTime now) {
    if (dice_.Percent(5)) return "{]";
    const Duration edge = Duration(dice_.Below(3) - 1);
    const EventTime times[] = {
        kStart + 27'000 * kDay,             // the year 2100 or so
        now + minutes(5) + edge,            // the last that is taken
        now + hours(2),                     //
        now - hours(2),                     // "one record a second that is two hours old"
        now - minutes(90) + edge,           // at the edge of being old
        now - minutes(30) + edge,           // at the edge of being late
        now - dice_.Span(hours(300)),       //
        kStart - 9'000 * kDay - minutes(1)  //
    };
    // Most of the time it keeps to one kind.
    const EventTime time = times[dice_.Percent(80) ? habit_ : dice_.Below(8)];
    return SignIn(time, "forger", "f" + std::to_string(dice_.Below(3)), 50173,
                  "f" + std::to_string(number_++));
  }

  Dice dice_;
  const bool seen_at_its_end_;
  const int64_t habit_;
  int number_ = 0;
};

// The daemon's fold by the test's wall clock, fed as the source would.
class World {
 public:
  World(Traffic traffic, std::optional<Forger> forger, EventTime start)
      : traffic_(std::move(traffic)), forger_(std::move(forger)), now_(start) {
    config_.serve.kafka.topics = {"signins"};
    EXPECT_TRUE(fold_.Restore({}, now_).ok());
    Batch batch;
    const kafka::PartitionSlot count = kHonest + (forger_.has_value() ? 1 : 0);
    for (kafka::PartitionSlot slot = 0; slot < count; ++slot) {
      batch.input.events.push_back({.kind = Kind::kAssigned,
                                    .slot = slot,
                                    .offset = 0,
                                    .gap_end = 0,
                                    .topic = "signins",
                                    .partition = static_cast<int32_t>(slot)});
    }
    fold_.Apply(batch, now_);
    offsets_.resize(count);
    paused_.resize(count);
  }

  void Step(Duration span = kStep) {
    now_ += span;
    if (forger_.has_value()) Forge();
    // Little by little, as long as somebody has something and may hand it out.
    for (bool more = true; more;) {
      more = false;
      for (kafka::PartitionSlot slot = 0; slot < kHonest; ++slot) more |= HandOut(slot);
      Align();
    }
    for (kafka::PartitionSlot slot = 0; slot < kHonest; ++slot) {
      if (!paused_[slot] && !HasMore(slot)) Tell(slot);
    }
    fold_.Tick(now_);
    Align();
    Take();
  }

  [[nodiscard]] EventTime now() const { return now_; }
  [[nodiscard]] EventTime watermark() const { return fold_.partitions().stream_watermark(); }
  [[nodiscard]] EventTime GreatestOfHonest() const {
    EventTime greatest = kBeginningOfTime;
    for (size_t i = 0; i < kHonest; ++i) {
      greatest = std::max(greatest, fold_.partitions().watermark(i));
    }
    return greatest;
  }
  [[nodiscard]] uint64_t late() const { return fold_.detector().counters().late; }
  [[nodiscard]] uint64_t rejected() const { return fold_.totals().rejected; }
  void SilenceForger() { silent_ = true; }

  // The final tickets of the honest tenant, without what may differ between runs; sorted.
  [[nodiscard]] std::vector<std::string> Tickets() const {
    std::vector<std::string> texts;
    for (const auto& [id, last] : last_) {
      if (last.tenant_id != "honest" || last.state == TicketState::kMerged) continue;
      Ticket ticket = last;
      ticket.ticket_id.clear();
      ticket.revision = 0;
      ticket.reason = RevisionReason::kOpened;
      ticket.opened_at = kBeginningOfTime;
      if (ticket.resolved_at.has_value()) ticket.resolved_at = kBeginningOfTime;
      ticket.parent_ticket_id = ticket.parent_ticket_id.empty() ? "" : "a parent";
      texts.push_back(words::TicketToJson(ticket));
    }
    std::sort(texts.begin(), texts.end());
    return texts;
  }

 private:
  [[nodiscard]] bool HasMore(kafka::PartitionSlot slot) const {
    return !traffic_[slot].empty() && traffic_[slot].front().at <= now_;
  }
  bool HandOut(kafka::PartitionSlot slot) {
    if (paused_[slot] || !HasMore(slot)) return false;
    const Arrival arrival = std::move(traffic_[slot].front());
    traffic_[slot].pop_front();
    Feed(slot, arrival.text, std::min(arrival.at, now_));
    return true;
  }
  void Forge() {
    if (!silent_ && !paused_[kHonest]) {
      for (const std::string& text : forger_->Send(now_)) {
        Feed(kHonest, text, forger_->Timestamp(now_));
      }
    }
    Align();
    if (!paused_[kHonest] && (silent_ || forger_->TellsEnd())) Tell(kHonest);
  }
  void Feed(kafka::PartitionSlot slot, const std::string& text, EventTime timestamp) {
    Batch batch;
    batch.input.messages.push_back({.payload = text,
                                    .slot = slot,
                                    .offset = offsets_[slot]++,
                                    .broker_time = timestamp,
                                    .handle = nullptr});
    batch.read_at = now_;
    batch.Parse(parser_, false);
    fold_.Apply(batch, now_);
  }
  void Tell(kafka::PartitionSlot slot) {
    Batch batch;
    batch.input.events.push_back({.kind = Kind::kReachedEnd,
                                  .slot = slot,
                                  .offset = offsets_[slot],
                                  .gap_end = 0,
                                  .topic = "",
                                  .partition = 0});
    fold_.Apply(batch, now_);
  }
  void Align() {
    const PartitionTable::Alignment alignment = fold_.Align();
    for (const kafka::PartitionSlot slot : alignment.pause) paused_[slot] = true;
    for (const kafka::PartitionSlot slot : alignment.resume) paused_[slot] = false;
  }
  void Take() {
    for (store::TicketRevision& revision : fold_.TakeWork(now_).commit.revisions) {
      last_[revision.ticket.ticket_id] = std::move(revision.ticket);
    }
  }

  config::Config config_;
  metrics::Metrics metrics_;
  FoldMetrics fold_metrics_{metrics_};
  StreamFold fold_{config_, metrics_, fold_metrics_};
  MessageParser parser_{config_.parser};
  Traffic traffic_;
  std::optional<Forger> forger_;
  EventTime now_;
  std::vector<int64_t> offsets_;
  std::vector<bool> paused_;
  bool silent_ = false;
  std::map<std::string, Ticket> last_;
};

class ForgedTimeTest : public testing::TestWithParam<bool> {};

TEST_P(ForgedTimeTest, NoRecordsOfOnePartitionChangeTheTicketsOfTheOthers) {
  const TimeConfig time;
  size_t tickets = 0;
  uint64_t refused = 0;
  // Under sanitizers they take minutes.
  constexpr uint32_t kSeeds = kSanitizedMemory ? 2 : 6;
  for (uint32_t seed = 1; seed <= kSeeds; ++seed) {
    SCOPED_TRACE(seed);
    // Every other one starts with a backlog.
    const EventTime start = kStart + (seed % 2 == 0 ? hours(3) : hours(0));
    World honest(HonestTraffic(seed), std::nullopt, start);
    World forged(HonestTraffic(seed), Forger(seed, GetParam()), start);
    std::deque<EventTime> greatest;  // of the honest partitions, of the last idle_timeout
    while (honest.now() < kStart + kTraffic + hours(2)) {
      honest.Step();
      forged.Step();
      greatest.push_back(forged.GreatestOfHonest());
      ASSERT_LE(
          forged.watermark(),
          std::max(honest.watermark(), forged.now() + time.max_clock_skew - time.allowed_lateness));
      // Before that it may be a partition of whose records nothing is known yet.
      if (!GetParam() || greatest.size() <= static_cast<size_t>(time.idle_timeout / kStep) + 1) {
        continue;
      }
      greatest.pop_front();
      const EventTime held = greatest.front() - time.alignment - time.allowed_lateness;
      ASSERT_GE(forged.watermark(), std::min(honest.watermark(), held));
    }
    forged.SilenceForger();
    while (honest.now() < kStart + kTraffic + hours(30)) {
      honest.Step(minutes(5));
      forged.Step(minutes(5));
    }
    EXPECT_EQ(honest.late(), 0u);
    EXPECT_EQ(honest.rejected(), 0u);
    ASSERT_EQ(honest.Tickets(), forged.Tickets());
    tickets += honest.Tickets().size();
    refused += forged.rejected();
  }
  EXPECT_GT(tickets, 5 * kSeeds);
  EXPECT_GT(refused, 100 * kSeeds / 6);
}

INSTANTIATE_TEST_SUITE_P(SeenAtItsEnd, ForgedTimeTest, testing::Bool());

}  // namespace forged_time_test
}  // namespace signinwatch::pipeline
