#include "daemon/pipeline/commit_stage.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "tests/daemon/pipeline/memory_store.h"

namespace signinwatch {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::AnyOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr EventTime kNoon = EventTime(Duration(1'764'158'400'000'000));

// Fails its first flushes.
class FlakyDeadLetters : public DeadLetterSink {
 public:
  FlakyDeadLetters(int failures, const MemoryStore& store) : failures_(failures), store_(store) {}
  absl::Status Write(const DeadLetter& letter) override {
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

TicketRevision RevisionOf(std::string id, GroupBy scope, std::string parent, Severity severity) {
  TicketRevision revision;
  revision.ticket.ticket_id = std::move(id);
  revision.ticket.scope = scope;
  revision.ticket.parent_ticket_id = std::move(parent);
  revision.ticket.severity = severity;
  return revision;
}

CommitWork WorkWith(std::vector<TicketRevision> revisions) {
  CommitWork work;
  work.commit.revisions = std::move(revisions);
  return work;
}

class CommitStageTest : public testing::Test {
 protected:
  std::unique_ptr<CommitStage> Make(DeadLetterSink* dead_letters = nullptr) {
    auto stage = std::make_unique<CommitStage>(
        config_, store_, dead_letters, metrics_,
        CommitHooks{.now = [] { return kNoon; },
                    .committed = [this](const StoreCommit&) { ++committed_; },
                    .failed = [this](const absl::Status& status) { failure_ = status; }});
    stage->Start();
    return stage;
  }

  Config config_;
  MemoryStore store_;
  Metrics metrics_;
  std::atomic<int> committed_ = 0;
  absl::Status failure_;
};

TEST_F(CommitStageTest, WritesJsonAndTheSinksThatWantIt) {
  config_.serve.sinks.resize(2);
  config_.serve.sinks[0].name = "all";
  config_.serve.sinks[1].name = "rolled-up";
  config_.serve.sinks[1].roll_up = true;
  auto stage = Make();
  ASSERT_TRUE(
      stage->Submit(WorkWith({RevisionOf("alone", GroupBy::kUser, "", Severity::kHigh),
                              RevisionOf("child", GroupBy::kUser, "parent", Severity::kHigh),
                              RevisionOf("grave", GroupBy::kUser, "parent", Severity::kCritical),
                              RevisionOf("parent", GroupBy::kTenant, "", Severity::kHigh)})));
  stage->Finish();
  const auto revisions = store_.revisions();
  ASSERT_EQ(revisions.size(), 4u);
  EXPECT_THAT(revisions[0].sinks, ElementsAre("all", "rolled-up"));
  EXPECT_THAT(revisions[1].sinks, ElementsAre("all"));
  EXPECT_THAT(revisions[2].sinks, ElementsAre("all", "rolled-up"));
  EXPECT_THAT(revisions[3].sinks, ElementsAre("all", "rolled-up"));
  EXPECT_EQ(revisions[1].json, TicketToJson(revisions[1].ticket));
  EXPECT_EQ(committed_, 1);
  EXPECT_EQ(stage->last_commit_at(), kNoon);
}

TEST_F(CommitStageTest, WhatIsExceptedIsSaidAndCountedAndSentToNobody) {
  config_.serve.sinks.resize(1);
  config_.serve.sinks[0].name = "all";
  ExceptionConfig backup;
  backup.name = "backup";
  backup.users = {"svc-*"};
  backup.until = kNoon + kDay;
  backup.why = backup.who = "w";
  ExceptionConfig& exception = config_.serve.exceptions.emplace_back();
  exception.name = "backup";
  exception.users = {"svc-*"};
  exception.until = kNoon + kDay;
  TicketRevision expected = RevisionOf("expected", GroupBy::kUser, "", Severity::kHigh);
  expected.ticket.user_principal_name = "svc-backup@contoso.com";
  CommitWork work = WorkWith({expected, RevisionOf("other", GroupBy::kUser, "", Severity::kHigh)});
  work.commit.moment = kNoon;
  auto stage = Make();
  ASSERT_TRUE(stage->Submit(std::move(work)));
  stage->Finish();
  const auto revisions = store_.revisions();
  ASSERT_EQ(revisions.size(), 2u);
  EXPECT_THAT(revisions[0].sinks, IsEmpty());
  EXPECT_THAT(revisions[0].json, HasSubstr(R"("exception":"backup")"));
  EXPECT_THAT(revisions[1].sinks, ElementsAre("all"));
  EXPECT_THAT(revisions[1].json, Not(HasSubstr("exception")));
  EXPECT_THAT(metrics_.Expose(Exposition::kText),
              HasSubstr("signinwatch_ticket_revisions_excepted_total{exception=\"backup\"} 1"));
}

TEST_F(CommitStageTest, TicketsLinkToTheirPage) {
  config_.serve.http.external_url = "https://soc.contoso.example";
  auto stage = Make();
  ASSERT_TRUE(stage->Submit(WorkWith({RevisionOf("t-1", GroupBy::kUser, "", Severity::kHigh)})));
  stage->Finish();
  ASSERT_EQ(store_.revisions().size(), 1u);
  EXPECT_THAT(store_.revisions()[0].json,
              HasSubstr(R"("url":"https://soc.contoso.example/tickets/t-1",)"));
}

TEST_F(CommitStageTest, TriesAgainWhatMayPass) {
  store_.FailAfter(0, absl::ResourceExhaustedError("the disk is full"));
  auto stage = Make();
  ASSERT_TRUE(stage->Submit({}));
  while (store_.failures() < 2) std::this_thread::sleep_for(milliseconds(1));
  EXPECT_EQ(stage->problem(), "the disk is full");
  EXPECT_FALSE(stage->idle());
  store_.FailNever();
  while (committed_ == 0) std::this_thread::sleep_for(milliseconds(1));
  EXPECT_THAT(stage->problem(), IsEmpty());
  EXPECT_TRUE(failure_.ok());
  EXPECT_THAT(metrics_.Expose(Exposition::kText),
              HasSubstr("signinwatch_store_commits_total{outcome=\"success\"} 1"));
}

TEST_F(CommitStageTest, EndsWhereItCanNotGoOn) {
  store_.FailAfter(0, absl::DataLossError("the file is damaged"));
  auto stage = Make();
  ASSERT_TRUE(stage->Submit({}));
  // Refused once it has ended.
  while (stage->Submit({})) std::this_thread::sleep_for(milliseconds(1));
  stage->Finish();
  EXPECT_EQ(failure_.message(), "the file is damaged");
  EXPECT_EQ(store_.failures(), 1);
}

TEST_F(CommitStageTest, PatienceIsLimited) {
  store_.FailAfter(0, absl::ResourceExhaustedError("the disk is full"));
  auto stage = Make();
  ASSERT_TRUE(stage->Submit({}));
  while (store_.failures() == 0) std::this_thread::sleep_for(milliseconds(1));
  stage->LimitPatience(milliseconds(1));
  stage->Finish();
  EXPECT_EQ(store_.commits(), 0);
}

TEST_F(CommitStageTest, DeadLettersAreSafeBeforePositionsMove) {
  FlakyDeadLetters letters(2, store_);
  auto stage = Make(&letters);
  CommitWork work;
  work.rejected.push_back({.reason = "no_time",
                           .detail = "",
                           .topic = "signins",
                           .partition = 1,
                           .offset = 2,
                           .payload = "{}"});
  ASSERT_TRUE(stage->Submit(std::move(work)));
  while (committed_ == 0) {
    const std::string problem = stage->problem();
    EXPECT_THAT(problem, AnyOf("", HasSubstr("dead letters")));
    std::this_thread::sleep_for(milliseconds(1));
  }
  stage->Finish();
  EXPECT_THAT(letters.commits_at_flush, ElementsAre(0, 0, 0));
  EXPECT_THAT(letters.flushed, ElementsAre("{}")) << "given once, flushed three times";
  EXPECT_THAT(metrics_.Expose(Exposition::kText),
              HasSubstr("signinwatch_dead_letters_total{outcome=\"written\"} 1"));
}

}  // namespace
}  // namespace signinwatch
