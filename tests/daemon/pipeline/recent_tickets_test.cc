#include "daemon/pipeline/recent_tickets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/daemon/noon.h"

namespace signinwatch::pipeline {
namespace recent_tickets_test {

using std::chrono::hours;
using std::chrono::minutes;
using testing::ElementsAre;
using testing::IsEmpty;

Ticket TicketOf(const std::string& id, TicketState state, Severity severity,
                const std::string& tenant = "t") {
  Ticket ticket;
  ticket.ticket_id = id;
  ticket.tenant_id = tenant;
  ticket.state = state;
  ticket.severity = severity;
  ticket.cause = severity == Severity::kInfo ? Cause::kPending : Cause::kUnexplained;
  return ticket;
}

// "high unexplained t 1"
std::vector<std::string> Shown(RecentTickets& tickets, EventTime now) {
  std::vector<std::string> shown;
  for (const RecentTickets::Row& row : tickets.Rows(now)) {
    shown.push_back(std::string(SeverityName(row.severity)) + " " + row.cause + " " + row.tenant +
                    " " + std::to_string(row.tickets));
  }
  return shown;
}

class RecentTicketsTest : public testing::Test {
 protected:
  void SetUp() override { tickets_.SetMaxTenants(2); }
  RecentTickets tickets_;
};

// A burst under 50 minutes is called unexplained in the moment in which it closes: the gauge of
// open bursts never had it, and no alert was raised.
TEST_F(RecentTicketsTest, OneThatIsHighOnlyWhenItCloses) {
  tickets_.Note(TicketOf("a", TicketState::kOpen, Severity::kInfo), kNoon);
  EXPECT_THAT(Shown(tickets_, kNoon), ElementsAre("info pending t 1"));
  const EventTime closed = kNoon + minutes(12);
  tickets_.Note(TicketOf("a", TicketState::kResolved, Severity::kHigh), closed);
  EXPECT_THAT(Shown(tickets_, closed + minutes(59)), ElementsAre("high unexplained t 1"));
  EXPECT_THAT(Shown(tickets_, closed + minutes(61)), IsEmpty());
}

// No alert is to fire for it, from the moment on in which it comes under an exception.
TEST_F(RecentTicketsTest, OneThatIsExceptedIsNotSeen) {
  Ticket ticket = TicketOf("a", TicketState::kOpen, Severity::kHigh);
  tickets_.Note(ticket, kNoon);
  ticket.exception = "backup";
  tickets_.Note(ticket, kNoon + minutes(1));
  EXPECT_THAT(Shown(tickets_, kNoon + minutes(1)), IsEmpty());
  ticket.exception = "";
  tickets_.Note(ticket, kNoon + minutes(2));
  EXPECT_THAT(Shown(tickets_, kNoon + minutes(2)), ElementsAre("high unexplained t 1"));
}

TEST_F(RecentTicketsTest, TheWorstIsSeenThoughItPassed) {
  tickets_.Note(TicketOf("a", TicketState::kOpen, Severity::kCritical), kNoon);
  tickets_.Note(TicketOf("a", TicketState::kOpen, Severity::kLow), kNoon + minutes(1));
  EXPECT_THAT(Shown(tickets_, kNoon + minutes(59)), ElementsAre("critical unexplained t 1"));
  EXPECT_THAT(Shown(tickets_, kNoon + minutes(61)), ElementsAre("low unexplained t 1"));
}

TEST_F(RecentTicketsTest, AnOpenOneIsSeenForAsLongAsItIsOpen) {
  tickets_.Note(TicketOf("a", TicketState::kOpen, Severity::kHigh), kNoon);
  EXPECT_THAT(Shown(tickets_, kNoon + hours(20)), ElementsAre("high unexplained t 1"));
  tickets_.Note(TicketOf("a", TicketState::kResolved, Severity::kHigh), kNoon + hours(21));
  EXPECT_THAT(Shown(tickets_, kNoon + hours(21)), IsEmpty());
}

TEST_F(RecentTicketsTest, AnOpenOneThatNobodyWillResolveIsNotSeenForEver) {
  tickets_.Note(TicketOf("a", TicketState::kOpen, Severity::kHigh), kNoon);
  EXPECT_THAT(Shown(tickets_, kNoon + 2 * kDay), IsEmpty());
}

TEST_F(RecentTicketsTest, OneThatWasMergedIsSeenToo) {
  tickets_.Note(TicketOf("a", TicketState::kOpen, Severity::kHigh), kNoon);
  tickets_.Note(TicketOf("a", TicketState::kMerged, Severity::kHigh), kNoon + minutes(2));
  EXPECT_THAT(Shown(tickets_, kNoon + minutes(30)), ElementsAre("high unexplained t 1"));
}

// The process was killed right after the commit: what the store has goes on.
TEST_F(RecentTicketsTest, ARestartLosesNone) {
  tickets_.Restore({{.ticket_id = "a",
                     .tenant_id = "t",
                     .scope = GroupBy::kUser,
                     .cause = "unexplained",
                     .severity = Severity::kLow,
                     .open = false,
                     .committed_at = kNoon,
                     .peak = Severity::kCritical,
                     .peaked_at = kNoon - minutes(10)}});
  EXPECT_THAT(Shown(tickets_, kNoon + minutes(49)), ElementsAre("critical unexplained t 1"));
  EXPECT_THAT(Shown(tickets_, kNoon + minutes(51)), IsEmpty());
}

TEST_F(RecentTicketsTest, TheWorstComeFirstAndTenantsAreBounded) {
  tickets_.Note(TicketOf("a", TicketState::kOpen, Severity::kLow, "t1"), kNoon);
  tickets_.Note(TicketOf("b", TicketState::kOpen, Severity::kHigh, "t1"), kNoon);
  EXPECT_THAT(Shown(tickets_, kNoon), ElementsAre("high unexplained t1 1", "low unexplained t1 1"));
  tickets_.Note(TicketOf("c", TicketState::kOpen, Severity::kMedium, "t2"), kNoon);
  (void)tickets_.Rows(kNoon);
  tickets_.Note(TicketOf("d", TicketState::kOpen, Severity::kMedium, "t3"), kNoon);
  tickets_.Note(TicketOf("e", TicketState::kOpen, Severity::kMedium, "t4"), kNoon);
  EXPECT_THAT(Shown(tickets_, kNoon),
              ElementsAre("high unexplained t1 1", "medium unexplained other 2",
                          "medium unexplained t2 1", "low unexplained t1 1"));
}

// However many there are, each high one is in a row that says high.
TEST_F(RecentTicketsTest, ManyTenantsHideNoSeverity) {
  tickets_.SetMaxTenants(10'000);
  constexpr int kTenants = 3'000;
  for (int i = 0; i < kTenants; ++i) {
    const std::string name = std::to_string(i);
    tickets_.Note(TicketOf("l" + name, TicketState::kOpen, Severity::kLow, name), kNoon);
    tickets_.Note(TicketOf("h" + name, TicketState::kOpen, Severity::kHigh, name), kNoon);
  }
  const auto rows = tickets_.Rows(kNoon);
  EXPECT_LE(rows.size(), RecentTickets::kRowsMax + 2);
  std::map<Severity, uint64_t> counts;
  for (const RecentTickets::Row& row : rows) counts[row.severity] += row.tickets;
  EXPECT_EQ(counts[Severity::kHigh], kTenants);
  EXPECT_EQ(counts[Severity::kLow], kTenants);
}

TEST_F(RecentTicketsTest, ThereIsAlwaysRoomForTheWorst) {
  for (size_t i = 0; i < RecentTickets::kTicketsMax; ++i) {
    tickets_.Note(TicketOf("l" + std::to_string(i), TicketState::kOpen, Severity::kLow), kNoon);
  }
  EXPECT_THAT(Shown(tickets_, kNoon), ElementsAre("low unexplained t 50000"));
  tickets_.Note(TicketOf("c", TicketState::kOpen, Severity::kCritical), kNoon);
  EXPECT_THAT(Shown(tickets_, kNoon),
              ElementsAre("critical unexplained t 1", "low unexplained t 50000"));
  // And again for all, once those are over.
  const EventTime later = kNoon + 3 * kDay;
  EXPECT_THAT(Shown(tickets_, later), IsEmpty());
  tickets_.Note(TicketOf("l", TicketState::kOpen, Severity::kLow), later);
  EXPECT_THAT(Shown(tickets_, later), ElementsAre("low unexplained t 1"));
}

}  // namespace recent_tickets_test
}  // namespace signinwatch::pipeline
