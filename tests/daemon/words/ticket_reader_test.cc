#include "daemon/words/ticket_reader.h"

#include <gtest/gtest.h>

#include <string>

#include "daemon/words/ticket_json.h"
#include "tests/daemon/words/sample_context.h"
#include "tests/daemon/words/sample_tickets.h"

namespace signinwatch::words {
namespace ticket_reader_test {

Ticket ReadBack(const Ticket& ticket) {
  const json::JsonDocument document(TicketToJson(ticket));
  return ReadTicket(document.root());
}

class TicketReaderTest : public testing::TestWithParam<TicketCase> {};

// Whatever is written of a ticket's facts is read back as it was.
TEST_P(TicketReaderTest, ReadsWhatIsWritten) {
  Ticket ticket = MakeTicket(GetParam().scope, GetParam().cause);
  const bool user = GetParam().scope == GroupBy::kUser;
  ticket.findings = GetParam().findings;
  ticket.context = user ? FullUserContext() : FullTenantContext();
  ticket.context.sign_in_risk[0] = 0;  // failures without a risk are not written
  for (Counted& app : ticket.apps.shown) {
    app.first_event_time = ticket.first_event_time;
    app.last_event_time = ticket.last_event_time;
  }
  ticket.opened_at = ticket.last_event_time;
  ticket.revision = 3;
  ticket.reason = RevisionReason::kMerged;
  ticket.state = TicketState::kMerged;
  ticket.resolution = Resolution::kQuiet;
  ticket.severity = Severity::kCritical;
  ticket.resolved_at = ticket.reauthenticated_at = At("2026-11-24T10:00:00.000001Z");
  ticket.threshold_events = 10;
  ticket.threshold_users = 15;
  ticket.threshold_window = std::chrono::minutes(30);
  ticket.codes = {{-1, 2}, {9002341, 4}};
  ticket.devices = {{{"device", "", 2}}, 21};
  ticket.parent_ticket_id = "parent";
  ticket.continues = "before";
  ticket.merged_into = "older";
  ticket.reopened = 2;
  ticket.exception = "Teams Rooms";
  ticket.timeline = {
      .start = ticket.first_event_time, .step = std::chrono::minutes(5), .counts = {30, 0, 0, 7}};
  EXPECT_EQ(ReadBack(ticket), ticket) << TicketToJson(ReadBack(ticket)) << "\n"
                                      << TicketToJson(ticket);
}

INSTANTIATE_TEST_SUITE_P(All, TicketReaderTest, testing::ValuesIn(AllTicketCases()),
                         TicketCaseName);

TEST(TicketReaderTest, WhatIsAbsentStaysAsItIsFromTheStart) {
  const json::JsonDocument nothing("{}");
  EXPECT_EQ(ReadTicket(nothing.root()), Ticket{});
  const json::JsonDocument broken(
      "{\"context\":{\"mfa\":7,\"risk\":[]},\"apps\":{},\"cause\":\"later\"");
  EXPECT_EQ(ReadTicket(broken.root()), Ticket{});
  const json::JsonDocument later(
      "{\"context\":{\"mfa\":7,\"risk\":[]},\"apps\":{},\"cause\":\"later\"}");
  EXPECT_EQ(ReadTicket(later.root()), Ticket{});
}

}  // namespace ticket_reader_test
}  // namespace signinwatch::words
