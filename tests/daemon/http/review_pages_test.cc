// The status page as a queue: what nobody has looked at comes first; and what is not known is not
// called well.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "daemon/http/page/burning.h"
#include "daemon/http/page/failure_chart.h"
#include "daemon/http/page/sight.h"
#include "daemon/http/page/status_page.h"
#include "daemon/http/page/ticket_row.h"
#include "daemon/words/ticket_json.h"
#include "tests/daemon/http/fake_store.h"
#include "tests/daemon/http/http_tickets.h"
#include "tests/daemon/http/sample_status.h"

namespace signinwatch::http {
namespace review_pages_test {

using std::chrono::hours;
using std::chrono::minutes;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

EventTime ReviewedAt() { return SampleStatus().now; }

std::string PageOf(FakeStore& store, const pipeline::ServeStatus& status = SampleStatus()) {
  return StatusPage(store, status, {.now = status.now, .may_change = true}).body;
}

// The text between two headings.
std::string Between(const std::string& page, const std::string& from, const std::string& to) {
  const size_t begin = page.find(from);
  return page.substr(begin, page.find(to) - begin);
}

TEST(NeedsReview, BeginsWithWhatNobodyHasLookedAtOpenOrOver) {
  FakeStore store;
  Ticket overnight = UserTicketNumber(600);
  overnight.severity = Severity::kCritical;
  overnight.cause = Cause::kUnexplained;
  store.Add(words::TicketToJson(Resolved(overnight)));
  Ticket open = UserTicketNumber(2);
  open.severity = Severity::kHigh;
  store.Add(words::TicketToJson(open));
  Ticket seen = UserTicketNumber(3);
  seen.severity = Severity::kHigh;
  store.Add(words::TicketToJson(seen));
  ASSERT_TRUE(store.Review(TicketId(3), 1, "ada", ReviewedAt() - minutes(4)).ok());

  const std::string page = PageOf(store);
  const std::string review = Between(page, "Needs review", "Burning now");
  EXPECT_THAT(review, HasSubstr("2 tickets that nobody has looked at, open or over"));
  EXPECT_LT(review.find(TicketId(600)), review.find(TicketId(2))) << "the most severe first";
  EXPECT_THAT(review, HasSubstr("Signed in again, resolved "));
  EXPECT_THAT(review, HasSubstr("<b>First:</b> Contain: revoke all sessions"))
      << "its first step, though it is over";
  EXPECT_THAT(review, HasSubstr("action=\"/tickets/" + TicketId(600) +
                                "/review?done=yes&amp;revision=2\""));
  EXPECT_THAT(review, Not(HasSubstr(TicketId(3))));
  const std::string burning = Between(page, "Burning now", "Recently over");
  EXPECT_THAT(burning, HasSubstr("<b>2</b> high")) << "all that are open are counted";
  EXPECT_THAT(burning, HasSubstr("Looked at by <bdi>ada</bdi>"));
  EXPECT_THAT(burning, HasSubstr("1 of them nobody has looked at"));
}

TEST(NeedsReview, ARaisedSeverityComesBackAndSaysWhoHasLooked) {
  FakeStore store;
  Ticket ticket = UserTicketNumber(1);
  store.Add(words::TicketToJson(ticket));
  ASSERT_TRUE(store.Review(TicketId(1), 1, "ada", ReviewedAt()).ok());
  EXPECT_THAT(PageOf(store), HasSubstr("Every ticket has been looked at"));
  ticket.revision = 2;
  ticket.severity = Severity::kCritical;
  store.Add(words::TicketToJson(ticket));
  EXPECT_THAT(PageOf(store),
              HasSubstr("Severity was raised since it was looked at by <bdi>ada</bdi>"));
}

// What the configuration keeps quiet asks nobody to look, and is counted apart.
TEST(NeedsReview, WhatAnExceptionKeepsQuietStandsApart) {
  FakeStore store;
  Ticket room = UserTicketNumber(1);
  room.exception = "Teams Rooms";
  store.Add(words::TicketToJson(room));
  std::string page = PageOf(store);
  EXPECT_THAT(page, AllOf(HasSubstr("Every ticket has been looked at."),
                          HasSubstr("Nothing is burning: no open tickets."),
                          HasSubstr("1 open ticket that the configuration keeps from sinks")));
  EXPECT_THAT(Between(page, "Quiet by exception</h2>", "Recently over"), HasSubstr(TicketId(1)));
  store.Add(words::TicketToJson(UserTicketNumber(2)));
  page = PageOf(store);
  EXPECT_THAT(Between(page, "Needs review", "Burning now"),
              AllOf(HasSubstr("1 ticket that nobody has looked at"), Not(HasSubstr(TicketId(1)))));
  EXPECT_THAT(Between(page, "Burning now", "Quiet by exception</h2>"), HasSubstr("<b>1</b> low"));
  for (uint64_t i = 3; i < 10; ++i) {
    Ticket another = UserTicketNumber(i);
    another.exception = "Teams Rooms";
    store.Add(words::TicketToJson(another));
  }
  EXPECT_THAT(PageOf(store), HasSubstr("/tickets?quiet=yes&amp;state=open\">All 8 of them</a>"));
}

TEST(NeedsReview, OpenOnesGoBeforeThoseThatAreOver) {
  FakeStore store;
  store.Add(words::TicketToJson(Resolved(TenantTicketNumber(1))));
  Ticket open = UserTicketNumber(50);
  open.severity = Severity::kMedium;
  store.Add(words::TicketToJson(open));
  const std::string page = PageOf(store);
  EXPECT_LT(page.find("id=\"t-" + TicketId(50)), page.find("id=\"t-" + TicketId(1)));
}

TEST(NeedsReview, WithoutTheRightToMarkItSaysHowToGetIt) {
  FakeStore store;
  store.Add(words::TicketToJson(UserTicketNumber(1)));
  const std::string page = StatusPage(store, SampleStatus(), {.now = ReviewedAt()}).body;
  EXPECT_THAT(page, AllOf(HasSubstr("http.web_config_file"), Not(HasSubstr("<button"))));
}

// ------------------------------------------------------------------------------- unknown is not
// well

TEST(WhyBlind, SaysWhatIsNotRead) {
  EXPECT_THAT(WhyBlind(SampleStatus()), IsEmpty());
  EXPECT_THAT(WhyBlind(TroubledStatus()), HasSubstr("not reading now"));
  EXPECT_THAT(WhyBlind({}), HasSubstr("no partition is assigned"));
  pipeline::ServeStatus status = SampleStatus();
  status.watermark = kBeginningOfTime;
  EXPECT_THAT(WhyBlind(status), HasSubstr("no record has been read yet"));
  status = SampleStatus();
  status.partitions[1].lag_seconds = 3'600;
  EXPECT_THAT(WhyBlind(status), HasSubstr("reading is 1 h behind"));
  status.partitions[1].lag_seconds = 60;
  EXPECT_THAT(WhyBlind(status), IsEmpty());
}

TEST(StatusPage, WithoutABrokerNothingIsCalledWell) {
  FakeStore store;
  pipeline::ServeStatus status;
  status.now = status.started_at = ReviewedAt();
  status.not_ready = {{pipeline::Condition::Reason::kNoBroker,
                       "No broker answers: localhost:9092: connection refused"}};
  const std::string page = PageOf(store, status);
  EXPECT_THAT(page, AllOf(Not(HasSubstr("Nothing is burning")), Not(HasSubstr("class=\"calm\"")),
                          Not(HasSubstr("No watched failures in the last day")),
                          Not(HasSubstr("The stream is well")),
                          Not(HasSubstr("Every ticket has been looked at"))));
  EXPECT_THAT(page, HasSubstr("<b>Not known:</b> no ticket is open, but signinwatch is not "
                              "reading now"));
  EXPECT_THAT(page, HasSubstr("no watched failures were read, but"));
}

TEST(StatusPage, WithNothingToReadNothingIsCalledWell) {
  FakeStore store;
  pipeline::ServeStatus status;
  status.now = status.started_at = ReviewedAt();
  EXPECT_THAT(PageOf(store, status), AllOf(Not(HasSubstr("The stream is well")),
                                           HasSubstr("It is not known whether all is well"),
                                           Not(HasSubstr("class=\"calm\""))));
}

TEST(FailureChart, SaysThatThereMayBeMore) {
  const EventTime end = SampleStatus().watermark;
  const std::vector<store::FailureCount> failures = SampleStatus().failures;
  EXPECT_THAT(FailureChart(failures, end, "reading is 1 h behind.").text(),
              HasSubstr("there may be more failures than these, as reading is 1 h behind."));
  EXPECT_THAT(FailureChart(failures, end).text(), Not(HasSubstr("Not known")));
}

}  // namespace review_pages_test
}  // namespace signinwatch::http
