// What people did with tickets: who looked at which, which steps are done, and when it counts no
// more.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/daemon/store/conformance/store_kinds.h"

namespace signinwatch::store {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class HandlingConformance : public StoreConformance<Store> {
 protected:
  void CommitTicket(const std::string& id, uint32_t revision, Severity severity,
                    TicketState state = TicketState::kOpen, EventTime moment = Minute(0)) {
    TicketRevision r = RevisionOf(id, revision, {});
    r.ticket.severity = severity;
    r.ticket.state = state;
    const absl::Status s = CommitTo(*store_, {.moment = moment, .revisions = {r}});
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
};

INSTANTIATE_TEST_SUITE_P(Each, HandlingConformance, testing::ValuesIn(Stores()), NameOf());

TEST_P(HandlingConformance, WhatNobodyHasLookedAtNeedsReviewOpenOrOver) {
  CommitTicket("open", 1, Severity::kHigh);
  CommitTicket("over", 1, Severity::kCritical);
  CommitTicket("over", 2, Severity::kCritical, TicketState::kResolved);
  CommitTicket("merged", 1, Severity::kHigh, TicketState::kMerged);
  EXPECT_TRUE(Needed("open"));
  EXPECT_TRUE(Needed("over"));
  EXPECT_FALSE(Needed("merged"));
  EXPECT_EQ(HandlingOf("open").review.at, kBeginningOfTime);
}

// What an exception keeps quiet needs no review, until a revision is not quiet any more.
TEST_P(HandlingConformance, WhatAnExceptionKeepsQuietNeedsNoReview) {
  TicketRevision quiet = RevisionOf("quiet", 1, {});
  quiet.ticket.exception = "Teams Rooms";
  ASSERT_TRUE(CommitTo(*store_, {.moment = Minute(0), .revisions = {quiet}}).ok());
  CommitTicket("loud", 1, Severity::kHigh);
  EXPECT_FALSE(Needed("quiet"));
  EXPECT_THAT(TicketsOf(*store_, {.excepted = true}), ElementsAre("quiet#1"));
  EXPECT_THAT(TicketsOf(*store_, {.excepted = false}), ElementsAre("loud#1"));
  CommitTicket("quiet", 2, Severity::kHigh);
  EXPECT_TRUE(Needed("quiet"));
  EXPECT_THAT(TicketsOf(*store_, {.excepted = true}), IsEmpty());
}

TEST_P(HandlingConformance, WhoAndWhenIsKept) {
  CommitTicket("t", 1, Severity::kHigh);
  ASSERT_TRUE(store_->Review("t", 1, "ada", Minute(5)).ok());
  Reopen();
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

TEST_P(HandlingConformance, ARaisedSeverityNeedsReviewAgain) {
  CommitTicket("t", 1, Severity::kMedium);
  ASSERT_TRUE(store_->Review("t", 1, "ada", Minute(5)).ok());
  CommitTicket("t", 2, Severity::kMedium);
  EXPECT_FALSE(Needed("t")) << "another revision alone is no reason";
  CommitTicket("t", 3, Severity::kLow);
  EXPECT_FALSE(Needed("t"));
  CommitTicket("t", 4, Severity::kHigh);
  EXPECT_TRUE(Needed("t"));
  EXPECT_EQ(HandlingOf("t").review.by, "ada") << "who has looked before is still told";
  ASSERT_TRUE(store_->Review("t", 4, "bo", Minute(6)).ok());
  EXPECT_FALSE(Needed("t"));
}

// The page was opened before the ticket became worse.
TEST_P(HandlingConformance, WhatCountsIsTheRevisionThatWasSeen) {
  CommitTicket("t", 1, Severity::kMedium);
  CommitTicket("t", 2, Severity::kCritical);
  ASSERT_TRUE(store_->Review("t", 1, "ada", Minute(5)).ok());
  EXPECT_TRUE(Needed("t"));
  EXPECT_EQ(store_->Review("t", 3, "ada", Minute(5)).code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(store_->Review("u", 1, "ada", Minute(5)).code(), absl::StatusCode::kNotFound);
}

TEST_P(HandlingConformance, AReviewIsTakenBack) {
  CommitTicket("t", 1, Severity::kHigh);
  ASSERT_TRUE(store_->Review("t", 1, "ada", Minute(5)).ok());
  ASSERT_TRUE(store_->TakeBackReview("t").ok());
  EXPECT_TRUE(Needed("t"));
  EXPECT_EQ(HandlingOf("t").review.by, "");
  EXPECT_TRUE(store_->TakeBackReview("t").ok()) << "again is fine";
  EXPECT_EQ(store_->TakeBackReview("u").code(), absl::StatusCode::kNotFound);
}

TEST_P(HandlingConformance, TicksAreKeptByStep) {
  CommitTicket("t", 1, Severity::kHigh);
  ASSERT_TRUE(store_->Tick("t", {"Revoke", Minute(2), "ada"}).ok());
  ASSERT_TRUE(store_->Tick("t", {"Call", Minute(1), "bo"}).ok());
  EXPECT_THAT(TicksOf("t"), ElementsAre("Call bo", "Revoke ada")) << "the first first";
  ASSERT_TRUE(store_->Tick("t", {"Revoke", Minute(3), "cy"}).ok());
  EXPECT_THAT(TicksOf("t"), ElementsAre("Call bo", "Revoke cy"));
  CommitTicket("t", 2, Severity::kHigh);
  ASSERT_TRUE(store_->TakeBackTick("t", "Call").ok());
  EXPECT_THAT(TicksOf("t"), ElementsAre("Revoke cy")) << "a revision changes none";
  EXPECT_EQ(store_->Tick("u", {"Call", Minute(1), "bo"}).code(), absl::StatusCode::kNotFound);
}

TEST_P(HandlingConformance, TicksAreBounded) {
  CommitTicket("t", 1, Severity::kHigh);
  for (size_t i = 0; i < kTicksMax; ++i) {
    ASSERT_TRUE(store_->Tick("t", {"step " + std::to_string(i), Minute(1), "ada"}).ok());
  }
  EXPECT_EQ(store_->Tick("t", {"more", Minute(1), "ada"}).code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(store_->Tick("t", {"step 0", Minute(2), "bo"}).ok()) << "one that is there";
}

TEST_P(HandlingConformance, IsForgottenWithTheTicket) {
  for (int life = 0; life < 2; ++life) {
    CommitTicket("t", 1, Severity::kHigh, TicketState::kResolved);
    EXPECT_TRUE(Needed("t"));
    EXPECT_THAT(TicksOf("t"), IsEmpty());
    ASSERT_TRUE(store_->Review("t", 1, "ada", Minute(5)).ok());
    ASSERT_TRUE(store_->Tick("t", {"Call", Minute(1), "bo"}).ok());
    MaintainAll(*store_, Minute(0) + 101 * kDay);
    TicketHandling handling;
    EXPECT_EQ(store_->Handling("t", &handling).code(), absl::StatusCode::kNotFound);
  }
}

}  // namespace
}  // namespace signinwatch::store
