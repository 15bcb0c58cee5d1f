// What a ticket's page shows of its context: the answers in words, the lanes below the failures,
// and the table of what happened around the burst.
#include "daemon/http/page/ticket_answers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "daemon/http/page/ticket_lanes.h"
#include "daemon/http/page/ticket_timeline.h"
#include "tests/daemon/http/http_tickets.h"
#include "tests/daemon/words/sample_context.h"

namespace signinwatch::http {
namespace ticket_answers_test {

using std::chrono::minutes;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

EventTime At(const char* text) { return *ParseEventTime(text); }

// Of a burst from 09:00 to 09:18 that the context was made for.
Ticket Known() {
  Ticket ticket = UserTicketNumber(1);
  ticket.first_event_time = At("2026-11-24T09:00:00Z");
  ticket.last_event_time = At("2026-11-24T09:18:00Z");
  ticket.changes.clear();
  ticket.context = words::FullUserContext();
  ticket.findings = {.session_elsewhere = true, .risk_detected = true};
  ticket.apps.shown[0].first_event_time = ticket.first_event_time;
  ticket.apps.shown[0].last_event_time = ticket.last_event_time;
  ticket.apps.shown[1].first_event_time = ticket.first_event_time;
  ticket.apps.shown[1].last_event_time = ticket.first_event_time + minutes(3);
  return ticket;
}

std::vector<std::string> KindsOf(const std::vector<TicketLane>& lanes) {
  std::vector<std::string> kinds;
  for (const TicketLane& lane : lanes) kinds.emplace_back(lane.kind);
  return kinds;
}

TEST(TicketAnswersHtml, MarksWhatAlarms) {
  const std::string html = TicketAnswersHtml(Known()).text();
  EXPECT_THAT(html, AllOf(HasSubstr("<div class=\"alarm\"><dt>Sessions</dt><dd>one was used from "
                                    "two places, 203.0.113.0/24 in DE"),
                          HasSubstr("<div class=\"alarm\"><dt>Risk</dt>"),
                          HasSubstr("<div class=\"alarm\"><dt>Conditional Access</dt>"),
                          HasSubstr("<div><dt>MFA</dt><dd>passed by Mobile app notification"),
                          HasSubstr("Teams (17) stopped on 2026-11-24 09:03:00 UTC")));
}

TEST(TicketAnswersHtml, SaysThatMfaWasNotSeen) {
  Ticket ticket = Known();
  ticket.context.mfa = {};
  EXPECT_THAT(TicketAnswersHtml(ticket).text(),
              HasSubstr("<div class=\"open-question\"><dt>MFA</dt><dd>not seen in the days"));
  Ticket tenant = TenantTicketNumber(2);
  tenant.context = words::FullTenantContext();
  EXPECT_THAT(TicketAnswersHtml(tenant).text(), Not(HasSubstr("MFA</dt>")))
      << "a tenant's ticket does not know";
}

TEST(TicketAnswersHtml, IsNotThereForTicketsOfFormerVersions) {
  EXPECT_THAT(TicketAnswersHtml(UserTicketNumber(1)).text(), IsEmpty());
  EXPECT_THAT(AroundTheBurst(UserTicketNumber(1)).text(), IsEmpty());
}

TEST(AroundTheBurst, HasEverythingByTime) {
  Ticket ticket = Known();
  ticket.context.risk_events.total = 1'002;
  const std::string html = AroundTheBurst(ticket).text();
  size_t from = 0;
  for (const char* text :
       {"08:50:00", "Update conditional access policy: Require MFA", "08:55:00",
        "User registered security info", "ada@contoso.example", "09:00:00", "DE, 203.0.113.0/24",
        "09:04:00", "BR, 198.51.100.0/24", "09:05:00", "anomalousToken, medium, atRisk", "09:06:00",
        "unfamiliarFeatures", "and 1,000 more"}) {
    const size_t at = html.find(text, from);
    ASSERT_NE(at, std::string::npos) << text << " in " << html.substr(from);
    from = at;
  }
}

TEST(TicketLanes, AreOfPlacesRisksChangesAndPrograms) {
  const std::vector<TicketLane> lanes = LanesOf(Known());
  EXPECT_THAT(KindsOf(lanes), ElementsAre("place", "place", "risk", "risk", "security-info",
                                          "policy", "failing", "stopped"));
  EXPECT_EQ(lanes[1].text, "session in BR, 198.51.100.0/24 (3)");
  EXPECT_EQ(lanes[7].text, "Teams (17), stopped");
  EXPECT_EQ(lanes[7].to - lanes[7].from, Duration(minutes(3)));
}

TEST(TicketLanes, AreBounded) {
  Ticket ticket = Known();
  auto& places = ticket.context.sessions_elsewhere.shown[0].places.shown;
  places.resize(20, places[0]);
  auto& events = ticket.context.risk_events.shown;
  events.resize(20, events[0]);
  events.back().type = "the latest";
  ticket.apps.shown.resize(20, ticket.apps.shown[0]);
  const std::vector<TicketLane> lanes = LanesOf(ticket);
  EXPECT_EQ(lanes.size(), 6u + 6u + 1u + 1u + 6u);
  EXPECT_EQ(lanes[11].text, "the latest");
}

TEST(TicketLanes, StandWhereTheirTimesAre) {
  const TimeAxis axis{At("2026-11-24T09:00:00Z"), At("2026-11-24T10:00:00Z")};
  const std::vector<TicketLane> lanes = {
      {At("2026-11-24T09:15:00Z"), At("2026-11-24T09:45:00Z"), "Outlook", "failing"},
      {At("2026-11-24T08:00:00Z"), At("2026-11-24T08:00:00Z"), "early", "policy"},
      {At("2026-11-24T09:54:00Z"), At("2026-11-24T09:54:00Z"), "late", "risk"}};
  const std::string html = LanesHtml(lanes, axis, 100).text();
  EXPECT_THAT(html,
              AllOf(HasSubstr("<rect x=\"25.00%\" width=\"50.00%\""),
                    HasSubstr("<circle cx=\"0.00%\""), HasSubstr("\xe2\x97\x80 early"),
                    HasSubstr("<circle cx=\"90.00%\""), HasSubstr("text-anchor=\"end\">late")));
  EXPECT_EQ(LanesHeight(lanes), 30 + 21 + 21);
  EXPECT_THAT(LanesLegend(lanes).text(), AllOf(HasSubstr("key-failing"), HasSubstr("key-policy"),
                                               Not(HasSubstr("key-place"))));
}

TEST(TicketTimeline, DrawsFailuresByTime) {
  Ticket ticket = Known();
  ticket.timeline = {
      .start = At("2026-11-24T09:00:00Z"), .step = minutes(5), .counts = {30, 0, 0, 7}};
  const std::string html = TicketTimeline(ticket, {}).text();
  EXPECT_THAT(html,
              AllOf(HasSubstr("<title>2026-11-24 09:00:00 UTC to 2026-11-24 09:05:00 UTC: 30 "
                              "failures</title>"),
                    HasSubstr("2026-11-24 09:20:00 UTC: 7 failures</title>"),
                    Not(HasSubstr("UTC: 0 failures")), HasSubstr("failures in 5 min, at most 30"),
                    HasSubstr("class=\"lane place")));
}

// A ticket that knows no times between them shows them as one.
TEST(TicketTimeline, DrawsOneBarWithoutTimes) {
  const std::string html = TicketTimeline(Known(), {}).text();
  EXPECT_THAT(html, AllOf(HasSubstr("2026-11-24 09:18:01 UTC: 37 failures</title>"),
                          HasSubstr("key-failures\"></i>failures</li>")));
}

}  // namespace ticket_answers_test
}  // namespace signinwatch::http
