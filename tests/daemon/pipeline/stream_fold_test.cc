#include "daemon/pipeline/stream_fold.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <deque>
#include <string>
#include <vector>

#include "tests/daemon/noon.h"
#include "tests/daemon/pipeline/memory_store.h"

namespace signinwatch::pipeline {
namespace stream_fold_test {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

constexpr const char* kTenant = "11111111-1111-1111-1111-111111111111";
constexpr const char* kUser = "22222222-2222-2222-2222-222222222222";

std::string SignIn(EventTime time, int code, const std::string& id) {
  return R"({"time":")" + FormatEventTime(time + minutes(2)) +
         R"(","category":"NonInteractiveUserSignInLogs","tenantId":")" + kTenant +
         R"(","properties":{"id":")" + id + R"(","createdDateTime":")" + FormatEventTime(time) +
         R"(","userId":")" + kUser + R"(","status":{"errorCode":)" + std::to_string(code) + "}}}";
}

class StreamFoldTest : public testing::Test {
 protected:
  StreamFoldTest() { config_.serve.kafka.topics = {"signins"}; }

  void Start(StreamFold& fold, RestoredState restored = {}) {
    ASSERT_TRUE(fold.Restore(std::move(restored), kNoon).ok());
    Batch batch;
    batch.input.events.push_back({.kind = kafka::PartitionEvent::Kind::kAssigned,
                                  .slot = 0,
                                  .offset = offset_,
                                  .gap_end = 0,
                                  .topic = "signins",
                                  .partition = 3});
    fold.Apply(batch, kNoon);
  }

  // What a store gives back that `work` was committed to.
  RestoredState Stored(const CommitWork& work) {
    EXPECT_TRUE(store_.Commit(work.claim, work.commit).ok());
    return store_.Restored();
  }

  // One message of these records.
  void Feed(StreamFold& fold, const std::vector<std::string>& records, EventTime now = kNoon) {
    std::string text = R"({"records":[)";
    for (size_t i = 0; i < records.size(); ++i) text += (i > 0 ? "," : "") + records[i];
    FeedText(fold, text + "]}", now);
  }
  void FeedText(StreamFold& fold, std::string text, EventTime now = kNoon) {
    texts_.push_back(std::move(text));
    Batch batch;
    batch.input.messages.push_back({.payload = texts_.back(),
                                    .slot = 0,
                                    .offset = offset_++,
                                    .broker_time = kNoon + minutes(1),
                                    .handle = nullptr});
    batch.input.bytes = texts_.back().size();
    MessageParser parser(config_.parser);
    batch.Parse(parser, false);
    fold.Apply(batch, now);
  }
  std::vector<std::string> Burst(EventTime from, int count) {
    std::vector<std::string> records;
    for (int i = 0; i < count; ++i) {
      records.push_back(SignIn(from + seconds(i), 50132, "id-" + std::to_string(next_id_++)));
    }
    return records;
  }

  config::Config config_;
  metrics::Metrics metrics_;
  MemoryStore store_;
  FoldMetrics fold_metrics_{metrics_};
  std::deque<std::string> texts_;
  int64_t offset_ = 0;
  int next_id_ = 0;
};

TEST_F(StreamFoldTest, ABurstBecomesARevisionWithItsBrokerTime) {
  StreamFold fold(config_, metrics_, fold_metrics_);
  Start(fold);
  Feed(fold, Burst(kNoon - minutes(5), 12));
  EXPECT_TRUE(fold.has_revisions());
  EXPECT_TRUE(fold.changed());
  EXPECT_EQ(fold.signals(), 12u);
  CommitWork work = fold.TakeWork(kNoon);
  ASSERT_THAT(work.commit.revisions, SizeIs(1));
  EXPECT_EQ(work.commit.revisions[0].broker_time, kNoon + minutes(1));
  EXPECT_EQ(work.commit.revisions[0].ticket.opened_at, kNoon) << "the wall clock";
  EXPECT_EQ(work.commit.moment, kNoon);
  ASSERT_THAT(work.commit.positions, SizeIs(1));
  EXPECT_EQ(work.commit.positions[0].partition, 3);
  EXPECT_EQ(work.commit.positions[0].next_offset, 1);
  EXPECT_EQ(work.commit.positions[0].watermark, kNoon - minutes(35) + seconds(11));
  EXPECT_FALSE(work.commit.state.empty());
  ASSERT_THAT(work.commit.failures, SizeIs(1));
  EXPECT_EQ(work.commit.failures[0].count, 12u);
  EXPECT_EQ(fold.open_bursts().size(), 1u);
  EXPECT_FALSE(fold.changed());
  EXPECT_FALSE(fold.has_revisions());
}

// They come when Entra's analysis is done, hours after the sign-in, or of the moment: either would
// make sign-ins late, or hold the others back.
TEST_F(StreamFoldTest, RiskEventsMoveNoWatermarkAndAreNeverLate) {
  const auto risk = [](EventTime time) {
    return R"({"category":"UserRiskEvents","tenantId":"t","properties":{"id":"r",)"
           R"("activityDateTime":")" +
           FormatEventTime(time) + R"("}})";
  };
  StreamFold fold(config_, metrics_, fold_metrics_);
  Start(fold);
  Feed(fold, {risk(kNoon), risk(kNoon - minutes(600))});
  CommitWork work = fold.TakeWork(kNoon);
  ASSERT_THAT(work.commit.positions, SizeIs(1));
  EXPECT_EQ(work.commit.positions[0].next_offset, 1);
  EXPECT_EQ(work.commit.positions[0].watermark, kBeginningOfTime);
  EXPECT_EQ(fold_metrics_.totals().accepted, 2u);
  std::vector<std::string> records = Burst(kNoon - minutes(65), 12);
  records.push_back(risk(kNoon - minutes(6000)));
  Feed(fold, records);
  work = fold.TakeWork(kNoon);
  EXPECT_THAT(work.commit.revisions, SizeIs(1));
  ASSERT_THAT(work.commit.positions, SizeIs(1));
  EXPECT_EQ(work.commit.positions[0].watermark, kNoon - minutes(95) + seconds(11));
}

TEST_F(StreamFoldTest, TimeAloneBringsRevisionsToo) {
  config_.detection.time.idle_timeout = seconds(1);
  StreamFold fold(config_, metrics_, fold_metrics_);
  Start(fold);
  Feed(fold, Burst(kNoon - minutes(5), 12));
  (void)fold.TakeWork(kNoon);
  Batch end;
  end.input.events.push_back({.kind = kafka::PartitionEvent::Kind::kReachedEnd,
                              .slot = 0,
                              .offset = 1,
                              .gap_end = 0,
                              .topic = "",
                              .partition = 0});
  fold.Apply(end, kNoon);
  fold.Tick(kNoon + std::chrono::hours(3));
  ASSERT_TRUE(fold.has_revisions());
  const CommitWork work = fold.TakeWork(kNoon);
  EXPECT_EQ(work.commit.revisions.back().ticket.state, TicketState::kResolved);
  EXPECT_EQ(work.commit.revisions.back().broker_time, kBeginningOfTime);
  EXPECT_EQ(fold.open_bursts().size(), 0u);
}

TEST_F(StreamFoldTest, GoesOnWithWhatItCommitted) {
  CommitWork work;
  {
    StreamFold fold(config_, metrics_, fold_metrics_);
    Start(fold);
    Feed(fold, Burst(kNoon - minutes(5), 12));
    work = fold.TakeWork(kNoon);
  }
  metrics::Metrics metrics;
  FoldMetrics fold_metrics(metrics);
  StreamFold fold(config_, metrics, fold_metrics);
  Start(fold, Stored(work));
  EXPECT_EQ(fold.open_bursts().size(), 1u);
  EXPECT_EQ(fold.partitions().size(), 1u) << "the assigned partition is the restored one";
  EXPECT_EQ(fold.partitions().watermark(0), kNoon - minutes(35) + seconds(11));
  Feed(fold, {SignIn(kNoon - minutes(5), 50132, "id-0")});
  EXPECT_EQ(fold.detector().counters().duplicates, 1u);
  EXPECT_EQ(fold.failures().All()[0].count, 12u) << "a duplicate is no failure";
}

// Thresholds are set by looking at them, so a restart must not empty the list.
TEST_F(StreamFoldTest, NearMissesSurviveARestart) {
  config_.detection.time.idle_timeout = seconds(1);
  RestoredState stored;
  {
    StreamFold fold(config_, metrics_, fold_metrics_);
    Start(fold);
    Feed(fold, Burst(kNoon - minutes(5), 9));
    Batch end;
    end.input.events.push_back({.kind = kafka::PartitionEvent::Kind::kReachedEnd,
                                .slot = 0,
                                .offset = 1,
                                .gap_end = 0,
                                .topic = "",
                                .partition = 0});
    fold.Apply(end, kNoon);
    fold.Tick(kNoon + hours(3));
    ASSERT_THAT(fold.near_misses().All(), SizeIs(1));
    EXPECT_TRUE(fold.changed());
    stored = Stored(fold.TakeWork(kNoon));
  }
  metrics::Metrics metrics;
  FoldMetrics fold_metrics(metrics);
  StreamFold fold(config_, metrics, fold_metrics);
  Start(fold, std::move(stored));
  ASSERT_THAT(fold.near_misses().All(), SizeIs(1));
  EXPECT_EQ(fold.near_misses().All()[0].events, 9u);
}

// A resolved ticket's findings, and the guide's questions that its records answer.
TEST_F(StreamFoldTest, FindingsAndAnswersAreCounted) {
  Ticket ticket;
  ticket.detector = "user-session-invalid";
  ticket.findings = {.session_elsewhere = true, .risk_detected = true};
  ticket.context.conditional_access.success = 12;
  ticket.context.sessions_total = 1;
  fold_metrics_.CountRevision(ticket);
  ticket.reason = RevisionReason::kResolved;
  fold_metrics_.CountRevision(ticket);
  const std::string text = metrics_.Expose(metrics::Exposition::kText);
  for (const char* line : {
           "signinwatch_burst_findings_total{finding=\"session_elsewhere\"} 1",
           "signinwatch_burst_findings_total{finding=\"risk_detected\"} 1",
           "signinwatch_burst_findings_total{finding=\"persistent\"} 0",
           "signinwatch_guide_answers_total{question=\"conditional_access\"} 1",
           "signinwatch_guide_answers_total{question=\"session\"} 1",
           "signinwatch_guide_answers_total{question=\"mfa\"} 0",
       }) {
    EXPECT_THAT(text, HasSubstr(line));
  }
}

TEST_F(StreamFoldTest, PositionsOfOtherTopicsAreLeftOut) {
  StreamFold fold(config_, metrics_, fold_metrics_);
  Start(fold,
        {.rows = {},
         .positions = {{.topic = "gone", .partition = 0, .next_offset = 4, .watermark = kNoon}},
         .failures = {}});
  EXPECT_EQ(fold.partitions().size(), 1u);
}

TEST_F(StreamFoldTest, RejectedRecordsAreKeptWithTheirPlace) {
  config_.serve.dead_letters.path = "dead.jsonl";
  StreamFold fold(config_, metrics_, fold_metrics_);
  Start(fold);
  Feed(fold, {"7", SignIn(kNoon, 0, "ok"), R"({"category":"SignInLogs"})"});
  EXPECT_GT(fold.rejected_bytes(), 0u);
  const CommitWork work = fold.TakeWork(kNoon);
  ASSERT_THAT(work.rejected, SizeIs(2));
  EXPECT_EQ(work.rejected[0].reason, "not_object");
  EXPECT_EQ(work.rejected[0].payload, "7");
  EXPECT_EQ(work.rejected[0].source, "signins");
  EXPECT_EQ(work.rejected[0].partition, 3);
  EXPECT_EQ(work.rejected[1].reason, "no_tenant");
  EXPECT_EQ(work.rejected[1].payload, R"({"category":"SignInLogs"})");
  EXPECT_EQ(fold.rejected_bytes(), 0u);
}

// 6 KB of zstd stopped their partition for ever. Nobody knows how many records a batch held that
// can't be read: it counts as one, so that the sums hold, and its offsets are kept.
TEST_F(StreamFoldTest, ABatchThatCanNotBeReadIsOneRejectedRecord) {
  config_.serve.dead_letters.path = "dead.jsonl";
  StreamFold fold(config_, metrics_, fold_metrics_);
  Start(fold);
  Feed(fold, {SignIn(kNoon, 0, "ok"), R"({"category":"SignInLogs"})"});
  Batch batch;
  batch.input.events.push_back({.kind = kafka::PartitionEvent::Kind::kUnreadable,
                                .slot = 0,
                                .offset = 1,
                                .gap_end = 701,
                                .topic = "",
                                .partition = 0,
                                .reason = kafka::UnreadableReason::kCompression});
  fold.Apply(batch, kNoon);
  EXPECT_TRUE(fold.changed());
  const FoldTotals& totals = fold.totals();
  EXPECT_EQ(totals.records, 3u);
  EXPECT_EQ(totals.rejected, 2u);
  EXPECT_EQ(totals.records, totals.accepted + totals.irrelevant + totals.rejected);
  EXPECT_EQ(fold.topics().statuses().at(0).rejected, 2u);
  const CommitWork work = fold.TakeWork(kNoon);
  ASSERT_THAT(work.rejected, SizeIs(2));
  EXPECT_EQ(work.rejected[1].reason, "unreadable");
  EXPECT_EQ(work.rejected[1].detail, "offsets 1 to 700: compression");
  EXPECT_EQ(work.rejected[1].source, "signins");
  EXPECT_EQ(work.rejected[1].partition, 3);
  EXPECT_EQ(work.rejected[1].position, 1);
  EXPECT_EQ(work.rejected[1].payload, "");
  ASSERT_THAT(work.commit.positions, SizeIs(1));
  EXPECT_EQ(work.commit.positions[0].next_offset, 701);
  const std::string text = metrics_.Expose(metrics::Exposition::kText);
  for (const char* line :
       {R"(signinwatch_unreadable_batches_total{topic="signins",reason="compression"} 1)",
        R"(signinwatch_records_rejected_total{reason="unreadable"} 1)",
        R"(signinwatch_records_total{topic="signins",outcome="rejected"} 2)"}) {
    EXPECT_THAT(text, HasSubstr(line));
  }
}

TEST_F(StreamFoldTest, ATopicThatWasMadeAnewIsCountedAndReadFromItsStart) {
  StreamFold fold(config_, metrics_, fold_metrics_);
  Start(fold);
  Feed(fold, {SignIn(kNoon, 0, "ok")});
  Batch batch;
  batch.input.events.push_back({.kind = kafka::PartitionEvent::Kind::kReset,
                                .slot = 0,
                                .offset = 1,
                                .gap_end = 0,
                                .topic = "",
                                .partition = 0});
  fold.Apply(batch, kNoon);
  EXPECT_EQ(fold.TakeWork(kNoon).commit.positions.at(0).next_offset, 0);
  EXPECT_THAT(metrics_.Expose(metrics::Exposition::kText),
              HasSubstr(R"(signinwatch_partitions_made_anew_total{topic="signins"} 1)"));
}

TEST_F(StreamFoldTest, WithoutDeadLettersRejectedBytesAreNotKept) {
  StreamFold fold(config_, metrics_, fold_metrics_);
  Start(fold);
  Feed(fold, {"7"});
  EXPECT_THAT(fold.TakeWork(kNoon).rejected, IsEmpty());
  EXPECT_EQ(fold.totals().rejected, 1u);
}

// One record of the year 2100, under a timestamp of 2100, moved the watermark there, and every
// later burst was dropped as late.
TEST_F(StreamFoldTest, AForgedTimestampIsJudgedByTheWallClock) {
  StreamFold fold(config_, metrics_, fold_metrics_);
  Start(fold);
  const EventTime far = kNoon + 25'000 * kDay;
  texts_.push_back(R"({"records":[)" + SignIn(far, 0, "forged") + "," +
                   SignIn(kNoon + minutes(5), 0, "a clock that is ahead") + "]}");
  Batch batch;
  batch.input.messages.push_back(
      {.payload = texts_.back(), .slot = 0, .offset = offset_++, .broker_time = far});
  batch.read_at = kNoon;
  MessageParser parser(config_.parser);
  batch.Parse(parser, false);
  fold.Apply(batch, kNoon);
  EXPECT_EQ(fold.totals().rejected, 1u);
  EXPECT_EQ(fold.totals().accepted, 1u);
  EXPECT_EQ(fold.partitions().stream_watermark(), kNoon - minutes(25));
  Feed(fold, Burst(kNoon - minutes(5), 12));
  ASSERT_THAT(fold.TakeWork(kNoon).commit.revisions, SizeIs(1));
}

// What an earlier release, or a wrong clock, has left in the store.
TEST_F(StreamFoldTest, AStoredWatermarkOfTheFutureIsSetBackAndSaid) {
  CommitWork work;
  {
    StreamFold fold(config_, metrics_, fold_metrics_);
    Start(fold);
    Feed(fold, Burst(kNoon - minutes(5), 3));
    work = fold.TakeWork(kNoon);
  }
  metrics::Metrics metrics;
  FoldMetrics fold_metrics(metrics);
  StreamFold fold(config_, metrics, fold_metrics);
  const EventTime before = kNoon - hours(12);  // the clock was half a day ahead
  ASSERT_TRUE(fold.Restore(Stored(work), before).ok());
  EXPECT_EQ(fold.detector().watermark(), before - minutes(30));
  EXPECT_EQ(fold.partitions().stream_watermark(), before - minutes(30));
  EXPECT_TRUE(fold.changed()) << "it is stored";
  EXPECT_THAT(metrics.Expose(metrics::Exposition::kText),
              HasSubstr("signinwatch_watermarks_set_back_total 2"));
}

TEST_F(StreamFoldTest, EverythingIsCounted) {
  StreamFold fold(config_, metrics_, fold_metrics_);
  Start(fold);
  Feed(fold, Burst(kNoon - minutes(5), 11));
  Feed(fold, {"7", SignIn(kNoon, 0, "a"), SignIn(kNoon, 50126, "b"), SignIn(kNoon, 0, "a"),
              R"({"category":"RiskyUsers"})", R"({"category":"riskyusers"})"});
  FeedText(fold, "not JSON");
  FeedText(fold, "");
  Feed(fold, {SignIn(kNoon - minutes(5), 50132, "id-0")});
  const std::string text = metrics_.Expose(metrics::Exposition::kText);
  for (const char* line : {
           "signinwatch_records_total{topic=\"signins\",outcome=\"accepted\"} 15",
           "signinwatch_records_total{topic=\"signins\",outcome=\"irrelevant\"} 2",
           "signinwatch_records_total{topic=\"signins\",outcome=\"rejected\"} 2",
           "signinwatch_records_rejected_total{reason=\"not_object\"} 1",
           "signinwatch_records_rejected_total{reason=\"not_json\"} 1",
           "signinwatch_messages_total{topic=\"signins\"} 5",
           "signinwatch_duplicate_records_total 1",
       }) {
    EXPECT_THAT(text, HasSubstr(line));
  }
  EXPECT_EQ(fold.totals().records, 19u);
  EXPECT_EQ(fold.totals().records,
            fold.totals().accepted + fold.totals().irrelevant + fold.totals().rejected);
}

// Whatever the records say: state and metrics stay within their bounds, what applied is counted,
// and a real burst is still found.
TEST_F(StreamFoldTest, NamesWithoutEndStayWithinTheBounds) {
  config_.detection.limits.tenants = 4'000;
  config_.detection.limits.users = 4'000;
  config_.detection.limits.failing_users = 50;
  config_.detection.limits.dedup_ids = 1'000;
  config_.serve.metrics.max_tenants = 10;
  StreamFold fold(config_, metrics_, fold_metrics_);
  Start(fold);
  Feed(fold, Burst(kNoon - minutes(5), 12));
  ptrdiff_t series = 0;
  for (int round = 0; round < 40; ++round) {
    std::vector<std::string> records;
    for (int i = 0; i < 500; ++i) {
      const std::string number = std::to_string(round * 500 + i);
      const std::string code = i % 2 == 0 ? "50132" : "0";
      records.push_back(R"({"category":"SignInLogs","tenantId":"tenant-)" + number +
                        R"(","properties":{"id":"x)" + number + R"(","createdDateTime":")" +
                        FormatEventTime(kNoon - minutes(4)) + R"(","userId":"user-)" + number +
                        R"(","appId":"app-)" + number + R"(","status":{"errorCode":)" + code +
                        "}}}");
      records.push_back(R"({"category":"Category)" + number + R"("})");
      records.push_back(
          R"({"category":"AuditLogs","tenantId":"t","properties":{"activityDateTime":")" +
          FormatEventTime(kNoon) + R"(","activityDisplayName":"Password thing )" + number +
          R"(","result":"success"}})");
    }
    Feed(fold, records);
    const std::string text = metrics_.Expose(metrics::Exposition::kText);
    const ptrdiff_t lines = std::count(text.begin(), text.end(), '\n');
    // After the first rounds every bound is reached.
    if (round < 5) series = lines;
    EXPECT_EQ(lines, series);
  }
  EXPECT_EQ(fold.totals().records, 12u + 40 * 1'500);
  EXPECT_EQ(fold.totals().accepted + fold.totals().irrelevant, fold.totals().records);
  const DetectorSizes sizes = fold.detector().sizes();
  // Users are kept in 1,024 parts, each of which holds one at least.
  EXPECT_LE(sizes.tenants, 4'000u + 1'024u);
  EXPECT_LE(sizes.users, 4'000u + 1'024u);
  EXPECT_LE(sizes.failing_users, 50u);
  EXPECT_LE(sizes.dedup_ids, 1'000u);
  EXPECT_GT(fold.Look().tenants_other, 0u);
  const std::string text = metrics_.Expose(metrics::Exposition::kText);
  for (const char* line : {"signinwatch_evictions_total{policy=\"tenants\"} ",
                           "signinwatch_evictions_total{policy=\"failing_users\"} ",
                           "signinwatch_evictions_total{policy=\"dedup_ids\"} "}) {
    EXPECT_THAT(text, HasSubstr(line));
    EXPECT_THAT(text, Not(HasSubstr(std::string(line) + "0\n")));
  }
  EXPECT_THAT(text, HasSubstr("tenant=\"other\""));
  EXPECT_THAT(text, HasSubstr("category=\"other\""));
  EXPECT_EQ(fold.open_bursts().size(), 1u) << "the burst of before is held";
  // And one of now is found.
  std::vector<std::string> burst;
  for (int i = 0; i < 12; ++i) {
    std::string record =
        SignIn(kNoon - minutes(3) + seconds(i), 50132, "late-" + std::to_string(i));
    burst.push_back(record.replace(record.find(kUser), 8, "33333333"));
  }
  Feed(fold, burst);
  EXPECT_EQ(fold.open_bursts().size(), 2u);
}

}  // namespace stream_fold_test
}  // namespace signinwatch::pipeline
