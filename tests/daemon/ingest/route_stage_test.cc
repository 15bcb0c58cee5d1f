// The route stage by steps: a source, a producer and a reader of the topic of the test's own.
#include "daemon/ingest/route_stage.h"

#include <gtest/gtest.h>

#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "daemon/signals/input_watermarks.h"
#include "daemon/signals/partitioner.h"
#include "tests/daemon/clock/manual_clock.h"

namespace signinwatch::ingest {
namespace route_stage_test {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr EventTime kStart{std::chrono::sys_days{std::chrono::year{2026} / 11 / 24}};
constexpr int kInputs = 3, kOutputs = 4;

// The partitions of the signal topic, and what producers do to them.
struct FakeTopic {
  std::vector<std::vector<std::string>> logs{kOutputs};
};

// Acknowledges when it is told to. Where it fails, of each partition a beginning of what was under
// way has arrived.
class FakeProducer : public kafka::KafkaProducer {
 public:
  FakeProducer(FakeTopic& topic, FakeProducer** self) : topic_(topic), self_(self) {
    *self_ = this;
  }
  ~FakeProducer() override {
    if (*self_ == this) *self_ = nullptr;
  }
  absl::Status Produce(const kafka::ProducedMessage& message, Done done) override {
    EXPECT_TRUE(message.key.empty() ||
                signals::PartitionOfTenant(message.key, kOutputs) == message.partition);
    waiting_.push_back({message.partition, std::string(message.value), std::move(done)});
    return absl::OkStatus();
  }
  void Poll(milliseconds) override {
    for (; to_acknowledge > 0 && !waiting_.empty(); --to_acknowledge) {
      Waiting each = std::move(waiting_.front());
      waiting_.pop_front();
      topic_.logs[static_cast<size_t>(each.partition)].push_back(std::move(each.value));
      each.done(absl::OkStatus());
    }
    to_acknowledge = 0;
    if (!fails) return;
    std::vector<size_t> arrive(kOutputs);
    for (size_t& each : arrive) each = (*fails)() % 3;
    for (Waiting& each : waiting_) {
      size_t& left = arrive[static_cast<size_t>(each.partition)];
      if (left == 0) continue;
      --left;
      topic_.logs[static_cast<size_t>(each.partition)].push_back(std::move(each.value));
    }
    while (!waiting_.empty()) {
      const Done done = std::move(waiting_.front().done);
      waiting_.pop_front();
      done(absl::UnavailableError("lost"));
    }
    fails = nullptr;
  }
  absl::Status Flush(milliseconds) override { return absl::OkStatus(); }

  size_t to_acknowledge = 0;
  std::mt19937_64* fails = nullptr;

 private:
  struct Waiting {
    int32_t partition;
    std::string value;
    Done done;
  };
  FakeTopic& topic_;
  FakeProducer** self_;
  std::deque<Waiting> waiting_;
};

class DeadLetters : public sinks::DeadLetterSink {
 public:
  absl::Status Write(const json::DeadLetter& letter) override {
    waiting_.push_back(letter.position);
    return absl::OkStatus();
  }
  absl::Status Flush(milliseconds) override {
    if (!status.ok()) return status;
    written.insert(waiting_.begin(), waiting_.end());
    waiting_.clear();
    return absl::OkStatus();
  }
  absl::Status status;
  std::set<uint64_t> written;

 private:
  std::vector<uint64_t> waiting_;
};

// What is asked of the source, and what the group knows.
class FakeGroup : public kafka::RecordSource {
 public:
  absl::Status Poll(milliseconds, kafka::MessageBatch*) override { return absl::OkStatus(); }
  absl::Status KeepAlive(milliseconds) override { return absl::OkStatus(); }
  void Pause(std::span<const kafka::PartitionSlot>) override {}
  void Resume(std::span<const kafka::PartitionSlot>) override {}
  void StartAt(kafka::PartitionSlot slot, int64_t offset, uint64_t) override {
    next[slot] = offset;
    NoteAssigned(slot);
  }
  void CommitOffsets(std::span<const position::PartitionPosition> positions) override {
    for (const position::PartitionPosition& each : positions) {
      committed[static_cast<kafka::PartitionSlot>(each.partition)] = each.next_offset;
      log[static_cast<kafka::PartitionSlot>(each.partition)] = each.log;
    }
  }
  void Close(milliseconds) override {}
  [[nodiscard]] kafka::SourceFacts facts() const override { return {}; }

  void NoteAssigned(kafka::PartitionSlot slot) {
    events.push_back({.kind = kafka::PartitionEvent::Kind::kAssigned,
                      .slot = slot,
                      .offset = next[slot],
                      .topic = "in",
                      .partition = static_cast<int32_t>(slot),
                      .log = log[slot]});
  }

  std::map<kafka::PartitionSlot, int64_t> next, committed;
  std::map<kafka::PartitionSlot, uint64_t> log;
  std::vector<kafka::PartitionEvent> events;
};

// Signals of the message at an offset of the input: a failure of one of three tenants, or two, some
// of them risk events; of each tenth nothing that can be read.
std::string MessageAt(int32_t partition, int64_t offset) {
  if (offset % 10 == 9) return "{";
  std::string text = "{\"records\":[";
  for (int64_t i = 0; i <= offset % 2; ++i) {
    if (i > 0) text += ',';
    const std::string id =
        std::to_string(partition) + "/" + std::to_string(offset) + "/" + std::to_string(i);
    const char* category = offset % 10 == 7 ? "UserRiskEvents" : "SignInLogs";
    text += std::string(R"({"category":")") + category + R"(","resultType":"50132","time":")" +
            FormatEventTime(kStart + minutes(offset)) + R"(","tenantId":"tenant)" +
            std::to_string((offset + i) % 3) + R"(","properties":{"userId":"u","id":")" + id +
            R"("}})";
  }
  return text + "]}";
}

class RouteTest : public testing::Test {
 protected:
  RouteTest() {
    config_.serve.signals.partitions = kOutputs;
    config_.detection.time.allowed_lateness = Duration(0);
    Begin();
  }

  // A process starts: of what was, only the group's offsets and the topic are left.
  void Begin() {
    route_.reset();
    output_.reset();
    parse_ = std::make_unique<pipeline::ParseStage>(
        pipeline::RecordReaders(config_.parser), 1, size_t{64} << 20, clock_,
        pipeline::ParseHooks{.work = [] {}, .ready = [] {}, .room = [] {}});
    commands_ = std::make_unique<pipeline::SourceCommands>();
    output_ = std::make_unique<SignalOutput>(
        "signals", [this]() -> absl::StatusOr<std::unique_ptr<kafka::KafkaProducer>> {
          if (!cluster_.ok()) return cluster_;
          return std::make_unique<FakeProducer>(topic_, &producer_);
        });
    fold_metrics_ = std::make_unique<pipeline::FoldMetrics>(metrics_);
    route_ = std::make_unique<RouteStage>(RouteParts{.config = config_,
                                                     .commands = *commands_,
                                                     .parse = *parse_,
                                                     .output = *output_,
                                                     .dead_letters = &letters_,
                                                     .clock = clock_,
                                                     .metrics = metrics_,
                                                     .fold_metrics = *fold_metrics_},
                                          clock_.Now());
    group_.events.clear();
    for (kafka::PartitionSlot slot = 0; slot < kInputs; ++slot) {
      group_.next[slot] = group_.committed[slot];
      group_.NoteAssigned(slot);
    }
  }

  // The source hands out some messages of a partition.
  void Read(kafka::PartitionSlot slot, int64_t count) {
    std::unique_ptr<pipeline::Batch> batch = parse_->NewBatch();
    batch->input.events = std::exchange(group_.events, {});
    for (; count > 0; --count) {
      const int64_t offset = group_.next[slot]++;
      texts_.push_back(MessageAt(static_cast<int32_t>(slot), offset));
      batch->input.messages.push_back({.payload = texts_.back(),
                                       .slot = slot,
                                       .offset = offset,
                                       .broker_time = clock_.Wall(),
                                       .handle = nullptr});
    }
    parse_->Submit(std::move(batch));
  }
  void Step(milliseconds pass = milliseconds(1)) {
    (void)parse_->Step(clock_.Now());
    (void)route_->Step(clock_.Now());
    commands_->Apply(group_);
    clock_.Advance(pass);
  }
  void Acknowledge(size_t messages = 1'000'000) {
    if (producer_ != nullptr) producer_->to_acknowledge = messages;
  }

  clock::ManualClock clock_{kStart + hours(24 * 30)};
  config::Config config_;
  metrics::Metrics metrics_;
  std::unique_ptr<pipeline::FoldMetrics> fold_metrics_;
  FakeTopic topic_;
  FakeProducer* producer_ = nullptr;
  absl::Status cluster_;
  FakeGroup group_;
  DeadLetters letters_;
  std::deque<std::string> texts_;
  std::unique_ptr<pipeline::ParseStage> parse_;
  std::unique_ptr<pipeline::SourceCommands> commands_;
  std::unique_ptr<SignalOutput> output_;
  std::unique_ptr<RouteStage> route_;
};

TEST_F(RouteTest, CommitsWhatIsAcknowledgedAndNoMore) {
  Read(0, 5);
  for (int i = 0; i < 3; ++i) Step(milliseconds(300));
  EXPECT_EQ(group_.committed[0], 0);
  // The list, the watermarks, then the signals of the first messages.
  Acknowledge(kOutputs);
  for (int i = 0; i < 3; ++i) Step(milliseconds(300));
  EXPECT_LT(group_.committed[0], 5);
  Acknowledge();
  for (int i = 0; i < 3; ++i) Step(milliseconds(300));
  EXPECT_EQ(group_.committed[0], 5);
}

// Whoever reads the topic takes what is below the position it has seen for repeated: so a log that
// was made anew keeps its greater number, whoever reads on.
TEST_F(RouteTest, ALogThatWasMadeAnewKeepsItsNumberOverARestart) {
  // By a reader of the whole topic.
  const auto signals_taken = [this] {
    size_t count = 0;
    signals::SignalDecoder decoder;
    for (const std::vector<std::string>& log : topic_.logs) {
      signals::InputWatermarks input(config_.detection.time);
      for (const std::string& message : log) {
        if (decoder.Decode(message) != signals::Decoded::kSignals) continue;
        const signals::SignalsMessage& signals = decoder.signals();
        count += signals.indices.size() - *input.Take(signals.origin, signals.indices);
      }
    }
    return count;
  };
  const auto settle = [this] {
    for (int i = 0; i < 4; ++i) {
      Acknowledge();
      Step(milliseconds(300));
    }
  };
  Read(0, 8);
  settle();
  EXPECT_EQ(signals_taken(), 12u);
  group_.next[0] = 0;
  group_.events.push_back(
      {.kind = kafka::PartitionEvent::Kind::kReset, .slot = 0, .offset = 8, .topic = {}});
  Read(0, 2);
  settle();
  EXPECT_EQ(signals_taken(), 12u + 3u);
  EXPECT_EQ(group_.committed[0], 2);
  Begin();
  Read(0, 3);
  settle();
  EXPECT_EQ(signals_taken(), 12u + 3u + 4u);
}

TEST_F(RouteTest, CommitsNothingThatTheDeadLettersHaveNot) {
  letters_.status = absl::UnavailableError("full");
  Read(0, 12);
  for (int i = 0; i < 10; ++i) {
    Acknowledge();
    Step(milliseconds(300));
  }
  EXPECT_EQ(group_.committed[0], 0);
  EXPECT_EQ(route_->snapshot().problem, "dead letters: full");
  letters_.status = absl::OkStatus();
  for (int i = 0; i < 10; ++i) {
    Acknowledge();
    Step(milliseconds(300));
  }
  EXPECT_EQ(group_.committed[0], 12);
  EXPECT_EQ(letters_.written, std::set<uint64_t>{9});
  EXPECT_EQ(route_->snapshot().problem, "");
}

TEST_F(RouteTest, WaitsForAClusterAndSaysWhy) {
  cluster_ = absl::UnavailableError("no broker");
  Begin();
  Read(0, 1);
  Step(milliseconds(300));
  Step(milliseconds(300));
  EXPECT_EQ(route_->snapshot().problem, "no broker");
  cluster_ = absl::OkStatus();
  for (int i = 0; i < 10; ++i) {
    Acknowledge();
    Step(milliseconds(500));
  }
  EXPECT_EQ(group_.committed[0], 1);
}

TEST_F(RouteTest, EndsWhenAllIsAcknowledged) {
  Read(0, 3);
  Step();
  parse_->Close();
  for (int i = 0; i < 5; ++i) Step(milliseconds(100));
  EXPECT_FALSE(route_->Step(clock_.Now()).done);
  Acknowledge();
  for (int i = 0; i < 3; ++i) Step(milliseconds(100));
  EXPECT_TRUE(route_->Step(clock_.Now()).done);
  commands_->Apply(group_);
  EXPECT_EQ(group_.committed[0], 3);
}

TEST_F(RouteTest, EndsWithoutWhenThePatienceIsOver) {
  Read(0, 3);
  Step();
  parse_->Close();
  Step();
  route_->LimitPatience(clock_.Steady());
  EXPECT_TRUE(route_->Step(clock_.Now()).done);
}

TEST_F(RouteTest, WhatCanNotBeDeliveredIsReadAndSentAgain) {
  std::mt19937_64 random(1);
  Read(0, 5);
  Step();
  producer_->fails = &random;
  Step();
  Step(seconds(2));
  Step();
  EXPECT_EQ(route_->snapshot().rewinds, 1u);
  EXPECT_EQ(group_.next[0], 0);
  Read(0, 5);
  for (int i = 0; i < 5; ++i) {
    Acknowledge();
    Step(milliseconds(300));
  }
  EXPECT_EQ(group_.committed[0], 5);
}

// Deliveries fail, processes are killed, partitions come and go. Whoever reads the topic as detect
// does has each signal once, none is missing, and none comes below the watermark that was told.
class RouteFaults : public RouteTest, public testing::WithParamInterface<uint64_t> {};

TEST_P(RouteFaults, LoseNothingAndTellNothingTooEarly) {
  constexpr int64_t kMessages = 60;
  std::mt19937_64 random(GetParam());
  for (int step = 0; step < 3'000; ++step) {
    const auto slot = static_cast<kafka::PartitionSlot>(random() % kInputs);
    switch (random() % 40) {
      case 0:
        if (producer_ != nullptr && step < 2'000) producer_->fails = &random;
        break;
      case 1:
        if (step < 2'000 && random() % 4 == 0) Begin();
        break;
      case 2:
        if (step < 2'000) {
          group_.events.push_back(
              {.kind = kafka::PartitionEvent::Kind::kRevoked, .slot = slot, .topic = {}});
          group_.next[slot] = group_.committed[slot];
          group_.NoteAssigned(slot);
        }
        break;
      default:
        if (parse_->HasRoom()) {
          Read(slot, std::min<int64_t>(static_cast<int64_t>(random() % 3),
                                       kMessages - group_.next[slot]));
        }
    }
    Acknowledge(random() % 20);
    Step(milliseconds(random() % 100));
    Step(milliseconds(random() % 100));
  }
  for (int i = 0; i < 50; ++i) {
    Acknowledge();
    Step(milliseconds(500));
  }
  for (kafka::PartitionSlot slot = 0; slot < kInputs; ++slot)
    EXPECT_EQ(group_.committed[slot], kMessages);
  EXPECT_EQ(letters_.written, (std::set<uint64_t>{9, 19, 29, 39, 49, 59}));

  std::set<std::string> expected, taken;
  for (int32_t partition = 0; partition < kInputs; ++partition) {
    for (int64_t offset = 0; offset < kMessages; ++offset) {
      if (offset % 10 == 9) continue;
      for (int64_t i = 0; i <= offset % 2; ++i) {
        expected.insert(std::to_string(partition) + "/" + std::to_string(offset) + "/" +
                        std::to_string(i));
      }
    }
  }
  signals::SignalDecoder decoder;
  for (const std::vector<std::string>& log : topic_.logs) {
    signals::InputWatermarks input(config_.detection.time);
    for (const std::string& message : log) {
      const signals::Decoded decoded = decoder.Decode(message);
      ASSERT_NE(decoded, signals::Decoded::kMalformed);
      if (decoded == signals::Decoded::kWatermarks) input.Hear(decoder.watermarks());
      if (decoded == signals::Decoded::kSources) input.Hear(decoder.sources());
      if (decoded != signals::Decoded::kSignals) continue;
      const signals::SignalsMessage& signals = decoder.signals();
      for (size_t i = *input.Take(signals.origin, signals.indices); i < signals.indices.size();
           ++i) {
        const Signal& signal = signals.parsed.signals[i];
        EXPECT_TRUE(taken.emplace(signals.parsed.Text(signal.id_text)).second) << "twice";
        EXPECT_GE(signal.event_time, input.stream_watermark()) << "late";
      }
    }
    EXPECT_GE(input.stream_watermark(), kStart + minutes(kMessages - 2)) << "it came to the end";
  }
  EXPECT_EQ(taken, expected);
}

INSTANTIATE_TEST_SUITE_P(Seeds, RouteFaults, testing::Range<uint64_t>(1, 21));

}  // namespace route_stage_test
}  // namespace signinwatch::ingest
