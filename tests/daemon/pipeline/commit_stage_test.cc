#include "daemon/pipeline/commit_stage.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "daemon/words/ticket_json.h"
#include "tests/daemon/clock/manual_clock.h"
#include "tests/daemon/noon.h"
#include "tests/daemon/pipeline/memory_store.h"

namespace signinwatch::pipeline {
namespace commit_stage_test {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

// Fails its first flushes.
class FlakyDeadLetters : public sinks::DeadLetterSink {
 public:
  FlakyDeadLetters(int failures, const MemoryStore& store) : failures_(failures), store_(store) {}
  absl::Status Write(const json::DeadLetter& letter) override {
    waiting.emplace_back(letter.payload);
    return absl::OkStatus();
  }
  absl::Status Flush(milliseconds) override {
    commits_at_flush.push_back(store_.commits());
    if (failures_-- > 0) return absl::UnavailableError("the broker is away");
    flushed.insert(flushed.end(), waiting.begin(), waiting.end());
    waiting.clear();
    return absl::OkStatus();
  }
  std::vector<std::string> waiting, flushed;
  std::vector<int> commits_at_flush;

 private:
  int failures_;
  const MemoryStore& store_;
};

store::TicketRevision RevisionOf(std::string id, GroupBy scope, std::string parent,
                                 Severity severity) {
  store::TicketRevision revision;
  revision.ticket.ticket_id = std::move(id);
  revision.ticket.scope = scope;
  revision.ticket.parent_ticket_id = std::move(parent);
  revision.ticket.severity = severity;
  return revision;
}

bool Submit(CommitStage& stage, CommitWork& work) {
  std::vector<CommitWork> works;
  works.push_back(std::move(work));
  const bool taken = stage.Submit(works);
  if (!taken) work = std::move(works.front());
  return taken;
}

CommitWork WorkWith(std::vector<store::TicketRevision> revisions) {
  CommitWork work;
  work.commit.revisions = std::move(revisions);
  return work;
}

class CommitStageTest : public testing::Test {
 protected:
  std::unique_ptr<CommitStage> Make(sinks::DeadLetterSink* dead_letters = nullptr) {
    return std::make_unique<CommitStage>(
        config_, store_, dead_letters, clock_, metrics_,
        CommitHooks{.work = [this] { ++work_; },
                    .room = [this] { ++room_; },
                    .committed = [this](const store::StoreCommit&) { ++committed_; },
                    .ended = [this](const store::ShardClaim& claim,
                                    bool taken) { ended_.emplace_back(claim, taken); },
                    .failed = [this](const absl::Status& status) { failure_ = status; }});
  }
  steps::StepResult Step(CommitStage& stage) { return stage.Step(clock_.Now()); }
  // Goes on to when it wants to be called, and calls it.
  steps::StepResult StepLater(CommitStage& stage, const steps::StepResult& last) {
    clock_.AdvanceTo(last.again_at);
    return Step(stage);
  }
  // Writes `work` as the only one.
  void Write(CommitStage& stage, CommitWork work) {
    ASSERT_TRUE(Submit(stage, work));
    stage.Close();
    EXPECT_EQ(Step(stage), steps::StepResult::Done());
  }

  config::Config config_;
  clock::ManualClock clock_{kNoon};
  MemoryStore store_;
  metrics::Metrics metrics_;
  int work_ = 0, room_ = 0;
  int committed_ = 0;
  std::vector<std::pair<store::ShardClaim, bool>> ended_;
  absl::Status failure_;
};

TEST_F(CommitStageTest, WritesJsonAndTheSinksThatWantIt) {
  config_.serve.sinks.resize(2);
  config_.serve.sinks[0].name = "all";
  config_.serve.sinks[1].name = "rolled-up";
  config_.serve.sinks[1].roll_up = true;
  auto stage = Make();
  Write(*stage, WorkWith({RevisionOf("alone", GroupBy::kUser, "", Severity::kHigh),
                          RevisionOf("child", GroupBy::kUser, "parent", Severity::kHigh),
                          RevisionOf("grave", GroupBy::kUser, "parent", Severity::kCritical),
                          RevisionOf("parent", GroupBy::kTenant, "", Severity::kHigh)}));
  const auto revisions = store_.revisions();
  ASSERT_EQ(revisions.size(), 4u);
  EXPECT_THAT(revisions[0].sinks, ElementsAre("all", "rolled-up"));
  EXPECT_THAT(revisions[1].sinks, ElementsAre("all"));
  EXPECT_THAT(revisions[2].sinks, ElementsAre("all", "rolled-up"));
  EXPECT_THAT(revisions[3].sinks, ElementsAre("all", "rolled-up"));
  EXPECT_EQ(revisions[1].json, words::TicketToJson(revisions[1].ticket));
  EXPECT_EQ(committed_, 1);
  EXPECT_EQ(stage->last_commit_at(), kNoon);
}

TEST_F(CommitStageTest, WhatIsExceptedIsSaidAndCountedAndSentToNobody) {
  config_.serve.sinks.resize(1);
  config_.serve.sinks[0].name = "all";
  config::ExceptionConfig backup;
  backup.name = "backup";
  backup.users = {"svc-*"};
  backup.until = kNoon + kDay;
  backup.why = backup.who = "w";
  config::ExceptionConfig& exception = config_.serve.exceptions.emplace_back();
  exception.name = "backup";
  exception.users = {"svc-*"};
  exception.until = kNoon + kDay;
  store::TicketRevision expected = RevisionOf("expected", GroupBy::kUser, "", Severity::kHigh);
  expected.ticket.user_principal_name = "svc-backup@contoso.com";
  CommitWork work = WorkWith({expected, RevisionOf("other", GroupBy::kUser, "", Severity::kHigh)});
  work.commit.moment = kNoon;
  auto stage = Make();
  Write(*stage, std::move(work));
  const auto revisions = store_.revisions();
  ASSERT_EQ(revisions.size(), 2u);
  EXPECT_THAT(revisions[0].sinks, IsEmpty());
  EXPECT_THAT(revisions[0].json, HasSubstr(R"("exception":"backup")"));
  EXPECT_THAT(revisions[1].sinks, ElementsAre("all"));
  EXPECT_THAT(revisions[1].json, Not(HasSubstr("exception")));
  EXPECT_THAT(metrics_.Expose(metrics::Exposition::kText),
              HasSubstr("signinwatch_ticket_revisions_excepted_total{exception=\"backup\"} 1"));
}

TEST_F(CommitStageTest, TicketsLinkToTheirPage) {
  config_.serve.http.external_url = "https://soc.contoso.example";
  auto stage = Make();
  Write(*stage, WorkWith({RevisionOf("t-1", GroupBy::kUser, "", Severity::kHigh)}));
  ASSERT_EQ(store_.revisions().size(), 1u);
  EXPECT_THAT(store_.revisions()[0].json,
              HasSubstr(R"("url":"https://soc.contoso.example/tickets/t-1",)"));
}

TEST_F(CommitStageTest, TriesAgainWhatMayPass) {
  store_.FailAfter(0, absl::ResourceExhaustedError("the disk is full"));
  auto stage = Make();
  CommitWork work;
  ASSERT_TRUE(Submit(*stage, work));
  steps::StepResult next = Step(*stage);
  EXPECT_EQ(next, steps::StepResult::At(clock_.Steady() + milliseconds(100)));
  EXPECT_EQ(stage->problem(), "the disk is full");
  EXPECT_EQ(Step(*stage), next) << "called too early it does nothing";
  EXPECT_EQ(store_.failures(), 1);
  // Each time it waits twice as long, up to 5 s.
  for (const int pause_ms : {200, 400, 800, 1'600, 3'200, 5'000, 5'000}) {
    next = StepLater(*stage, next);
    EXPECT_EQ(next, steps::StepResult::At(clock_.Steady() + milliseconds(pause_ms)));
  }
  EXPECT_EQ(store_.failures(), 8);
  EXPECT_EQ(stage->problem(), "the disk is full");
  EXPECT_FALSE(stage->idle());
  store_.FailNever();
  StepLater(*stage, next);
  EXPECT_EQ(committed_, 1);
  EXPECT_TRUE(stage->idle());
  EXPECT_THAT(stage->problem(), IsEmpty());
  EXPECT_TRUE(failure_.ok());
  EXPECT_THAT(metrics_.Expose(metrics::Exposition::kText),
              HasSubstr("signinwatch_store_commits_total{outcome=\"success\"} 1"));
}

TEST_F(CommitStageTest, WordsAreMadeOnceForAllTries) {
  config_.serve.sinks.resize(1);
  config_.serve.sinks[0].name = "all";
  config_.serve.http.external_url = "https://first.example";
  store_.FailAfter(0, absl::ResourceExhaustedError("the disk is full"));
  auto stage = Make();
  CommitWork work = WorkWith({RevisionOf("t-1", GroupBy::kUser, "", Severity::kHigh)});
  ASSERT_TRUE(Submit(*stage, work));
  const steps::StepResult next = Step(*stage);
  ASSERT_EQ(store_.failures(), 1);
  // Would be seen, if they were made again.
  config_.serve.http.external_url = "https://second.example";
  store_.FailNever();
  StepLater(*stage, next);
  ASSERT_EQ(store_.revisions().size(), 1u);
  EXPECT_THAT(store_.revisions()[0].json, HasSubstr("https://first.example/tickets/t-1"));
  EXPECT_THAT(store_.revisions()[0].sinks, ElementsAre("all"));
}

TEST_F(CommitStageTest, OneIsWrittenWhileTheNextWaits) {
  store_.FailAfter(0, absl::ResourceExhaustedError("the disk is full"));
  auto stage = Make();
  EXPECT_TRUE(stage->idle());
  CommitWork first, second, third;
  ASSERT_TRUE(Submit(*stage, first));
  EXPECT_EQ(work_, 1);
  EXPECT_FALSE(Submit(*stage, second)) << "the first has not been taken yet";
  const steps::StepResult next = Step(*stage);
  EXPECT_EQ(room_, 1);
  ASSERT_TRUE(Submit(*stage, second));
  third.rejected_taken = 3;
  EXPECT_FALSE(Submit(*stage, third));
  EXPECT_EQ(third.rejected_taken, 3u) << "not taken";
  EXPECT_EQ(stage->queue_depth(), 2u);
  store_.FailNever();
  EXPECT_EQ(StepLater(*stage, next), steps::StepResult::AtOnce());
  EXPECT_EQ(stage->queue_depth(), 1u);
  EXPECT_EQ(room_, 2) << "one is over";
  Step(*stage);
  EXPECT_TRUE(stage->idle());
  EXPECT_EQ(room_, 4);
  EXPECT_EQ(committed_, 2);
}

TEST_F(CommitStageTest, LooksAfterTheStoreEveryTenSeconds) {
  auto stage = Make();
  EXPECT_EQ(Step(*stage), steps::StepResult::At(clock_.Steady() + seconds(10)));
  clock_.Advance(seconds(4));
  EXPECT_EQ(Step(*stage), steps::StepResult::At(clock_.Steady() + seconds(6)));
}

TEST_F(CommitStageTest, EndsWhereItCanNotGoOn) {
  store_.FailAfter(0, absl::DataLossError("the file is damaged"));
  auto stage = Make();
  CommitWork work;
  ASSERT_TRUE(Submit(*stage, work));
  EXPECT_FALSE(stage->over());
  EXPECT_EQ(Step(*stage), steps::StepResult::Done());
  // Refused once it has ended.
  EXPECT_FALSE(Submit(*stage, work));
  EXPECT_TRUE(stage->over());
  EXPECT_EQ(failure_.message(), "the file is damaged");
  EXPECT_EQ(store_.failures(), 1);
}

TEST_F(CommitStageTest, PatienceIsLimited) {
  store_.FailAfter(0, absl::ResourceExhaustedError("the disk is full"));
  auto stage = Make();
  CommitWork work;
  ASSERT_TRUE(Submit(*stage, work));
  const steps::StepResult next = Step(*stage);
  EXPECT_EQ(next, steps::StepResult::At(clock_.Steady() + milliseconds(100)));
  const clock::SteadyTime until = clock_.Steady() + milliseconds(1);
  stage->LimitPatience(until);
  EXPECT_EQ(work_, 2) << "it is woken";
  EXPECT_EQ(Step(*stage), steps::StepResult::At(until));
  EXPECT_EQ(StepLater(*stage, steps::StepResult::At(until)), steps::StepResult::Done());
  EXPECT_EQ(store_.commits(), 0);
  EXPECT_TRUE(stage->over());
}

TEST_F(CommitStageTest, WithoutPatienceEachIsTriedOnce) {
  auto stage = Make();
  CommitWork work;
  ASSERT_TRUE(Submit(*stage, work));
  stage->LimitPatience(clock_.Steady());
  stage->Close();
  EXPECT_EQ(Step(*stage), steps::StepResult::Done());
  EXPECT_EQ(store_.commits(), 1);
}

// Another instance owns the shard by now: it does the work, and this one goes on with others.
TEST_F(CommitStageTest, WhatAnotherHasTakenIsDropped) {
  store_.TakeAway();
  auto stage = Make();
  CommitWork work;
  ASSERT_TRUE(Submit(*stage, work));
  stage->Close();
  EXPECT_EQ(Step(*stage), steps::StepResult::Done());
  EXPECT_EQ(committed_, 0);
  EXPECT_TRUE(failure_.ok());
  EXPECT_EQ(stage->problem(), "");
  ASSERT_THAT(ended_, SizeIs(1));
  EXPECT_TRUE(ended_[0].second);
}

TEST_F(CommitStageTest, GivesAShardBackBehindItsLastCommit) {
  auto stage = Make();
  CommitWork work;
  work.release = true;
  ASSERT_TRUE(Submit(*stage, work));
  stage->Close();
  EXPECT_EQ(Step(*stage), steps::StepResult::Done());
  EXPECT_EQ(committed_, 1);
  ASSERT_THAT(ended_, SizeIs(1));
  EXPECT_FALSE(ended_[0].second);
  EXPECT_TRUE(absl::IsAborted(store_.Commit(ended_[0].first, {})));
}

TEST_F(CommitStageTest, DeadLettersAreSafeBeforePositionsMove) {
  FlakyDeadLetters letters(2, store_);
  auto stage = Make(&letters);
  CommitWork work;
  work.rejected.push_back({.reason = "no_time",
                           .detail = "",
                           .source = "signins",
                           .partition = 1,
                           .position = 2,
                           .payload = "{}"});
  ASSERT_TRUE(Submit(*stage, work));
  for (int i = 0; i < 2; ++i) {
    const steps::StepResult next = Step(*stage);
    EXPECT_THAT(stage->problem(), HasSubstr("dead letters"));
    EXPECT_EQ(committed_, 0);
    clock_.AdvanceTo(next.again_at);
  }
  Step(*stage);
  EXPECT_EQ(committed_, 1);
  EXPECT_EQ(stage->problem(), "");
  EXPECT_THAT(letters.commits_at_flush, ElementsAre(0, 0, 0));
  EXPECT_THAT(letters.flushed, ElementsAre("{}")) << "given once, flushed three times";
  EXPECT_THAT(metrics_.Expose(metrics::Exposition::kText),
              HasSubstr("signinwatch_dead_letters_total{outcome=\"written\"} 1"));
}

}  // namespace commit_stage_test
}  // namespace signinwatch::pipeline
