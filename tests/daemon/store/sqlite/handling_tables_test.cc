// What people did with tickets: who looked at which, which steps are done, and when it counts no
// more.
#include "daemon/store/sqlite/handling_tables.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/daemon/store/store_samples.h"
#include "tests/daemon/temporary_folder.h"

namespace signinwatch {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class HandlingTest : public testing::Test {
 protected:
  void Commit(const std::string& id, uint32_t revision, Severity severity,
              TicketState state = TicketState::kOpen, EventTime moment = Minute(0)) {
    TicketRevision r = RevisionOf(id, revision, {});
    r.ticket.severity = severity;
    r.ticket.state = state;
    const absl::Status s = store_->Commit({.moment = moment, .revisions = {r}});
    ASSERT_TRUE(s.ok()) << s;
  }
  TicketHandling HandlingOf(const std::string& id) {
    TicketHandling handling;
    const absl::Status s = store_->Handling(id, &handling);
    EXPECT_TRUE(s.ok()) << s;
    return handling;
  }
  // As the list has it and as the ticket itself: they are to agree.
  bool Needed(const std::string& id) {
    TicketPage page;
    EXPECT_TRUE(store_->FindTickets({.needs_review = true}, &page).ok());
    bool listed = false;
    for (const std::string& json : page.tickets) listed |= json.starts_with(id + "#");
    EXPECT_EQ(HandlingOf(id).review.needed, listed);
    return listed;
  }
  std::vector<std::string> TicksOf(const std::string& id) {
    std::vector<std::string> ticks;
    for (const StepTick& tick : HandlingOf(id).ticks) ticks.push_back(tick.step + " " + tick.by);
    return ticks;
  }

  TemporaryFolder folder_;
  std::unique_ptr<Store> store_ = MustOpen({.path = folder_.Path("store.db")});
};

TEST_F(HandlingTest, WhatNobodyHasLookedAtNeedsReviewOpenOrOver) {
  Commit("open", 1, Severity::kHigh);
  Commit("over", 1, Severity::kCritical);
  Commit("over", 2, Severity::kCritical, TicketState::kResolved);
  Commit("merged", 1, Severity::kHigh, TicketState::kMerged);
  EXPECT_TRUE(Needed("open"));
  EXPECT_TRUE(Needed("over"));
  EXPECT_FALSE(Needed("merged"));
  EXPECT_EQ(HandlingOf("open").review.at, kBeginningOfTime);
}

TEST_F(HandlingTest, WhoAndWhenIsKept) {
  Commit("t", 1, Severity::kHigh);
  ASSERT_TRUE(store_->Review("t", 1, "ada", Minute(5)).ok());
  store_.reset();
  store_ = MustOpen({.path = folder_.Path("store.db")});
  EXPECT_FALSE(Needed("t"));
  const TicketReview review = HandlingOf("t").review;
  EXPECT_EQ(review.by, "ada");
  EXPECT_EQ(review.at, Minute(5));
  EXPECT_EQ(review.revision, 1u);
  TicketPage page;
  ASSERT_TRUE(store_->FindTickets({.needs_review = false}, &page).ok());
  ASSERT_EQ(page.reviews.size(), 1u);
  EXPECT_EQ(page.reviews[0].by, "ada");
  EXPECT_EQ(page.reviews[0].at, Minute(5));
  EXPECT_FALSE(page.reviews[0].needed);
}

TEST_F(HandlingTest, ARaisedSeverityNeedsReviewAgain) {
  Commit("t", 1, Severity::kMedium);
  ASSERT_TRUE(store_->Review("t", 1, "ada", Minute(5)).ok());
  Commit("t", 2, Severity::kMedium);
  EXPECT_FALSE(Needed("t")) << "another revision alone is no reason";
  Commit("t", 3, Severity::kLow);
  EXPECT_FALSE(Needed("t"));
  Commit("t", 4, Severity::kHigh);
  EXPECT_TRUE(Needed("t"));
  EXPECT_EQ(HandlingOf("t").review.by, "ada") << "who has looked before is still told";
  ASSERT_TRUE(store_->Review("t", 4, "bo", Minute(6)).ok());
  EXPECT_FALSE(Needed("t"));
}

// The page was opened before the ticket became worse.
TEST_F(HandlingTest, WhatCountsIsTheRevisionThatWasSeen) {
  Commit("t", 1, Severity::kMedium);
  Commit("t", 2, Severity::kCritical);
  ASSERT_TRUE(store_->Review("t", 1, "ada", Minute(5)).ok());
  EXPECT_TRUE(Needed("t"));
  EXPECT_EQ(store_->Review("t", 3, "ada", Minute(5)).code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(store_->Review("u", 1, "ada", Minute(5)).code(), absl::StatusCode::kNotFound);
}

TEST_F(HandlingTest, AReviewIsTakenBack) {
  Commit("t", 1, Severity::kHigh);
  ASSERT_TRUE(store_->Review("t", 1, "ada", Minute(5)).ok());
  ASSERT_TRUE(store_->TakeBackReview("t").ok());
  EXPECT_TRUE(Needed("t"));
  EXPECT_EQ(HandlingOf("t").review.by, "");
  EXPECT_TRUE(store_->TakeBackReview("t").ok()) << "again is fine";
  EXPECT_EQ(store_->TakeBackReview("u").code(), absl::StatusCode::kNotFound);
}

TEST_F(HandlingTest, TicksAreKeptByStep) {
  Commit("t", 1, Severity::kHigh);
  ASSERT_TRUE(store_->Tick("t", {"Revoke", Minute(2), "ada"}).ok());
  ASSERT_TRUE(store_->Tick("t", {"Call", Minute(1), "bo"}).ok());
  EXPECT_THAT(TicksOf("t"), ElementsAre("Call bo", "Revoke ada")) << "the first first";
  ASSERT_TRUE(store_->Tick("t", {"Revoke", Minute(3), "cy"}).ok());
  EXPECT_THAT(TicksOf("t"), ElementsAre("Call bo", "Revoke cy"));
  Commit("t", 2, Severity::kHigh);
  ASSERT_TRUE(store_->TakeBackTick("t", "Call").ok());
  EXPECT_THAT(TicksOf("t"), ElementsAre("Revoke cy")) << "a revision changes none";
  EXPECT_EQ(store_->Tick("u", {"Call", Minute(1), "bo"}).code(), absl::StatusCode::kNotFound);
}

TEST_F(HandlingTest, TicksAreBounded) {
  Commit("t", 1, Severity::kHigh);
  for (size_t i = 0; i < kTicksMax; ++i) {
    ASSERT_TRUE(store_->Tick("t", {"step " + std::to_string(i), Minute(1), "ada"}).ok());
  }
  EXPECT_EQ(store_->Tick("t", {"more", Minute(1), "ada"}).code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(store_->Tick("t", {"step 0", Minute(2), "bo"}).ok()) << "one that is there";
}

TEST_F(HandlingTest, IsForgottenWithTheTicket) {
  Commit("old", 1, Severity::kHigh, TicketState::kResolved);
  Commit("new", 1, Severity::kHigh, TicketState::kResolved, Minute(0) + 100 * kDay);
  for (const char* id : {"old", "new"}) {
    ASSERT_TRUE(store_->Review(id, 1, "ada", Minute(5)).ok());
    ASSERT_TRUE(store_->Tick(id, {"Call", Minute(1), "bo"}).ok());
  }
  MaintainAll(*store_, Minute(0) + 101 * kDay);
  TicketHandling handling;
  EXPECT_EQ(store_->Handling("old", &handling).code(), absl::StatusCode::kNotFound);
  const auto db =
      Connection::Open(folder_.Path("store.db"), Connection::Access::kReadOnly, 1 << 20);
  ASSERT_TRUE(db.ok());
  for (const char* table : {"reviews", "ticks", "ticket_words"}) {
    EXPECT_EQ(*(*db)->QueryText(std::string("SELECT group_concat(ticket_id) FROM ") + table), "new")
        << table;
  }
}

TEST_F(HandlingTest, AReaderChangesNothing) {
  Commit("t", 1, Severity::kHigh);
  const std::unique_ptr<Store> reader =
      MustOpen({.path = folder_.Path("store.db"), .read_only = true});
  EXPECT_EQ(reader->Review("t", 1, "ada", Minute(5)).code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(reader->Tick("t", {"Call", Minute(1), "bo"}).code(),
            absl::StatusCode::kPermissionDenied);
  EXPECT_THAT(TicksOf("t"), IsEmpty());
}

}  // namespace
}  // namespace signinwatch
