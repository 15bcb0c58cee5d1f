// What people see, page by page: what is there, in which order, and that nothing from a record can
// become more than text.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <regex>
#include <string>
#include <vector>

#include "daemon/http/page/burning.h"
#include "daemon/http/page/capacity_page.h"
#include "daemon/http/page/layout.h"
#include "daemon/http/page/status_page.h"
#include "daemon/http/page/stream_health.h"
#include "daemon/http/page/tenants_page.h"
#include "daemon/http/page/ticket_list.h"
#include "daemon/http/page/ticket_row.h"
#include "daemon/http/page/ticket_story.h"
#include "daemon/http/page/ticket_timeline.h"
#include "daemon/words/ticket_json.h"
#include "tests/daemon/http/fake_store.h"
#include "tests/daemon/http/http_tickets.h"
#include "tests/daemon/http/sample_status.h"
#include "tests/daemon/words/sample_context.h"

namespace signinwatch::http {
namespace pages_test {

using std::chrono::hours;
using std::chrono::minutes;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

EventTime Now() { return SampleStatus().now; }
// Somebody who may only look.
PageContext Looking() { return {.now = Now(), .may_change = false}; }

size_t Count(const std::string& text, const std::string& part) {
  size_t count = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

// Elements that are opened and not closed, or closed and not opened.
std::vector<std::string> Unbalanced(const std::string& html) {
  static const std::regex tag("<(/?)([a-z][a-z0-9]*)[^>]*?(/?)>");
  std::vector<std::string> open;
  for (auto at = std::sregex_iterator(html.begin(), html.end(), tag); at != std::sregex_iterator();
       ++at) {
    const std::string name = (*at)[2];
    if (name == "meta" || name == "link" || name == "input" || (*at)[3] == "/") continue;
    if ((*at)[1].length() == 0) {
      open.push_back(name);
    } else if (!open.empty() && open.back() == name) {
      open.pop_back();
    } else {
      return {"</" + name + ">", open.empty() ? "" : open.back()};
    }
  }
  return open;
}

std::string StatusText(FakeStore& store, const pipeline::ServeStatus& status = SampleStatus()) {
  const HttpReply reply = StatusPage(store, status, Looking());
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.content_type, kHtmlType);
  EXPECT_THAT(Unbalanced(reply.body), IsEmpty());
  return reply.body;
}

TEST(Layout, Ago) {
  const EventTime now = Now();
  EXPECT_EQ(AgoHtml(now - minutes(12), now).text(),
            "<time datetime=\"2026-11-24T09:51:05.000000Z\" title=\"2026-11-24 09:51:05 UTC\">"
            "12 min ago</time>");
  EXPECT_THAT(AgoHtml(now - hours(24 * 8), now).text(), HasSubstr(">2026-11-16 10:03 UTC<"));
  EXPECT_THAT(AgoHtml(now + minutes(1), now).text(), HasSubstr(">2026-11-24 10:04 UTC<"));
}

TEST(StatusPage, WhenNothingBurns) {
  FakeStore store;
  EXPECT_THAT(StatusText(store),
              AllOf(HasSubstr("Nothing is burning"), HasSubstr("The stream is well"),
                    HasSubstr("Every ticket has been looked at"),
                    HasSubstr("<title>signinwatch</title>"), HasSubstr("None yet")));
}

TEST(StatusPage, BeforeAnythingIsKnown) {
  FakeStore store;
  pipeline::ServeStatus status;
  status.now = Now();
  status.started_at = Now();
  EXPECT_THAT(StatusText(store, status),
              AllOf(HasSubstr("no records yet"), HasSubstr("none assigned"),
                    HasSubstr("no watched failures were read, but"), HasSubstr("none configured")));
}

TEST(StatusPage, OfAnIngestIsOfTheStreamAlone) {
  FakeStore store;
  pipeline::ServeStatus status = SampleStatus();
  status.role = config::Role::kIngest;
  EXPECT_THAT(StatusText(store, status),
              AllOf(HasSubstr("This instance has the role ingest"), HasSubstr("Records read"),
                    HasSubstr("reading, parsing and sending"), HasSubstr("Partitions"),
                    Not(HasSubstr("Burning now")), Not(HasSubstr("Users tracked")),
                    Not(HasSubstr("Sinks"))));
}

TEST(StatusPage, WhoWhatWhyAndTheFirstStep) {
  FakeStore store;
  Ticket ticket = UserTicketNumber(20);
  ticket.cause = Cause::kUnexplained;
  ticket.severity = Severity::kCritical;
  ticket.findings.unfamiliar_source = true;
  ticket.parent_ticket_id = TicketId(7);
  store.Add(words::TicketToJson(ticket));
  const std::string page = StatusText(store);
  EXPECT_THAT(page, HasSubstr("<title>(1) signinwatch</title>"));
  EXPECT_THAT(page, HasSubstr("<span class=\"badge critical\">critical</span>"));
  EXPECT_THAT(page, HasSubstr("href=\"/tickets/" + TicketId(20) + "\"><bdi>ada20@contoso.example"));
  EXPECT_THAT(page, HasSubstr("<p>Unexplained <span class=\"tag\">Unfamiliar source</span>"));
  EXPECT_THAT(page, HasSubstr("href=\"/tickets/" + TicketId(7) + "\">Part of a tenant burst"));
  EXPECT_THAT(page, HasSubstr("<b>37 failures</b> within 9 min, last "));
  EXPECT_THAT(page, HasSubstr("<b>First:</b> Contain: revoke all sessions"));
}

TEST(StatusPage, TheMostSevereFirstThenTenantsThenTheUnexplainedThenTheLatest) {
  FakeStore store;
  const auto add = [&store](Ticket ticket, Severity severity, Cause cause) {
    ticket.severity = severity;
    ticket.cause = cause;
    store.Add(words::TicketToJson(ticket));
  };
  add(UserTicketNumber(1), Severity::kInfo, Cause::kPending);
  add(UserTicketNumber(2), Severity::kHigh, Cause::kPasswordExpired);
  add(UserTicketNumber(3), Severity::kHigh, Cause::kPasswordExpired);
  add(UserTicketNumber(4), Severity::kHigh, Cause::kUnexplained);
  add(TenantTicketNumber(5), Severity::kHigh, Cause::kMixed);
  add(UserTicketNumber(6), Severity::kCritical, Cause::kPasswordChanged);
  const std::string page = StatusText(store);
  size_t before = 0;
  for (const uint64_t number : {6, 5, 4, 2, 3, 1}) {
    const size_t at = page.find("id=\"t-" + TicketId(number));
    ASSERT_NE(at, std::string::npos) << number;
    EXPECT_GT(at, before) << number;
    before = at;
  }
}

TEST(StatusPage, AFloodOfOneSeverityHidesNoOther) {
  FakeStore store;
  for (uint64_t i = 1; i <= 500; ++i) store.Add(words::TicketToJson(UserTicketNumber(i)));
  Ticket critical = UserTicketNumber(900);
  critical.severity = Severity::kCritical;
  store.Add(words::TicketToJson(critical));
  const std::string page = StatusText(store);
  EXPECT_EQ(Count(page, "<li class=\"ticket low\">"), kBurningShown[3]);
  EXPECT_EQ(Count(page, "<li class=\"ticket critical\">"), 1u);
  EXPECT_THAT(page, HasSubstr("<a href=\"/tickets?review=needed&amp;severity=low\">490 more of "
                              "severity low</a>"));
  EXPECT_THAT(page, HasSubstr("<b>500</b> low"));
  EXPECT_THAT(page, HasSubstr("<title>(501) signinwatch</title>"));
}

TEST(StatusPage, WhatIsOverIsBelow) {
  FakeStore store;
  store.Add(words::TicketToJson(UserTicketNumber(1)));
  for (uint64_t i = 2; i <= 30; ++i) {
    store.Add(words::TicketToJson(Resolved(UserTicketNumber(i))));
    ASSERT_TRUE(store.Review(TicketId(i), 1, "bo", Now()).ok());
  }
  const std::string page = StatusText(store);
  const size_t over = page.find("Recently over");
  EXPECT_LT(page.find("id=\"t-" + TicketId(1)), over);
  EXPECT_GT(page.find("id=\"t-" + TicketId(2)), over);
  EXPECT_EQ(Count(page, "Signed in again, resolved "), kResolvedShown);
  EXPECT_THAT(page, HasSubstr("All 29 resolved tickets"));
}

TEST(StatusPage, TheStream) {
  FakeStore store;
  const std::string page = StatusText(store);
  EXPECT_THAT(page, HasSubstr("<th scope=\"row\">insights-logs-signinlogs / 0</th>"
                              "<td>read to the end</td><td>0</td><td>0 s</td>"));
  EXPECT_THAT(page, HasSubstr("value=\"31\"></meter> 31 %</td><td>1 of 64</td>"));
  EXPECT_THAT(page, HasSubstr("<th scope=\"row\">soc (webhook)</th><td class=\"good\">up</td>"
                              "<td>0</td><td>1,843</td>"));
  EXPECT_THAT(page, HasSubstr("<dd>162,408,226</dd>"));
  EXPECT_THAT(page, HasSubstr("31 min ago</time>"));
}

TEST(StatusPage, ProblemsAreAboveAllAndNoticesWithTheStream) {
  FakeStore store;
  const std::string page = StatusText(store, TroubledStatus());
  EXPECT_THAT(page, Not(HasSubstr("The stream is well")));
  const size_t burning = page.find("Needs review");
  EXPECT_LT(page.find("Nothing can be committed, so reading waits"), burning);
  EXPECT_LT(page.find("Sink soc takes no tickets"), burning);
  EXPECT_GT(page.find("Stage parse is 97 % busy"), page.find("The stream</h2>"));
  EXPECT_LT(page.find("Nothing in topic entra-logs is of use"), burning);
  EXPECT_EQ(Count(page, "<b>Problem:</b>"), 5u);
}

TEST(StatusPage, ManyPartitionsAreCut) {
  FakeStore store;
  pipeline::ServeStatus status = SampleStatus();
  status.partitions.resize(2'000, status.partitions[0]);
  const std::string page = StatusText(store, status);
  EXPECT_EQ(Count(page, "<th scope=\"row\">insights-logs-signinlogs"), kPartitionsShown);
  EXPECT_THAT(page, HasSubstr("and 1936 more"));
}

// Nothing is fetched from anywhere else, and nothing needs a style or script in the page.
TEST(StatusPage, NeedsNothingFromOutside) {
  FakeStore store;
  store.Add(words::TicketToJson(UserTicketNumber(1)));
  const std::string page = StatusText(store, TroubledStatus());
  EXPECT_THAT(page, AllOf(Not(HasSubstr("http://")), Not(HasSubstr("https://")),
                          Not(HasSubstr("style=")), Not(HasSubstr("<style")),
                          Not(HasSubstr("onclick")), Not(HasSubstr("javascript:"))));
}

TEST(TicketStory, TellsAllOfIt) {
  FakeStore store;
  Ticket ticket = UserTicketNumber(30);
  store.Add(words::TicketToJson(ticket));
  ticket = Resolved(ticket);
  ticket.reopened = 2;
  ticket.total_event_count = 90;
  ticket.continues = TicketId(8);
  store.Add(words::TicketToJson(ticket));
  const HttpReply reply = TicketStoryPage(store, TicketId(30), Looking());
  EXPECT_EQ(reply.status, 200);
  EXPECT_THAT(Unbalanced(reply.body), IsEmpty());
  for (const char* part : {
           "<title>ada30@contoso.example - signinwatch</title>",
           "resolved: signed in again",
           "Confirm that the administrator&#39;s reset was meant",  // the runbook
           "<dt>Failures</dt><dd><bdi>37</bdi>",
           "<dt>With earlier bursts</dt><dd><bdi>90</bdi>",
           "<dt>By code</dt><dd><bdi>50132 (30), 50173 (7)</bdi>",
           "<dt>Reopened</dt><dd><bdi>2 times</bdi>",
           "user-session-invalid: 10 failures within 10 min",
           "Reset by an administrator</td><td><bdi>admin@contoso.example</bdi>",
           "<tr title=\"app-1\"><td><a href=\"/tickets?q=%22app-1%22\"><bdi>Outlook "
           "Mobile</bdi></a>"
           "</td><td>20</td>",
           "<bdi>203.0.113.7</bdi>",
           "and 24 more",  // devices
           "<code>record-2</code>",
           "<td>1</td><td>Opened</td>",
           "<td>2</td><td>Resolved</td>",
       }) {
    EXPECT_THAT(reply.body, HasSubstr(part));
  }
  EXPECT_THAT(reply.body, HasSubstr("<a href=\"/tickets/" + TicketId(8) + "\">"));
  EXPECT_THAT(reply.body, HasSubstr("<a href=\"/api/v1/tickets/" + TicketId(30) + "\">as JSON"));
}

TEST(TicketStory, OfATenant) {
  FakeStore store;
  store.Add(words::TicketToJson(TenantTicketNumber(1)));
  const HttpReply reply = TicketStoryPage(store, TicketId(1), Looking());
  EXPECT_THAT(Unbalanced(reply.body), IsEmpty());
  for (const char* part : {
           "<dt>Users</dt><dd><bdi>34</bdi>",
           "50 failures of 15 users within 10 min",
           "<td>Password reset by an administrator</td><td>20</td>",
           "<td>Reset by an administrator</td><td>40</td>",
           "id=id-1\"><bdi>ada@contoso.example</bdi></a></td>",
           "<bdi>admin@contoso.example</bdi></a></td><td>38</td>",
           "there are 32 more",
       }) {
    EXPECT_THAT(reply.body, HasSubstr(part));
  }
}

TEST(TicketStory, AnUnreadableTicketBreaksNothing) {
  class Broken : public FakeStore {
   public:
    absl::Status TicketRevisions(const std::string&, std::vector<std::string>* list) override {
      *list = {"{\"ticket_id\":", "[1,2]", R"({"codes":[1],"apps":{"a":1},"runbook":["x",7,{}],
               "findings":[1],"changes":[{"operations":[1]}],"evidence":[{}],"first_event_time":7,
               "users_by_cause":{"x":"y"}})"};
      return absl::OkStatus();
    }
  } store;
  const HttpReply reply = TicketStoryPage(store, TicketId(1), Looking());
  EXPECT_EQ(reply.status, 200);
  EXPECT_THAT(Unbalanced(reply.body), IsEmpty());
}

TEST(TicketList, WithItsFilter) {
  FakeStore store;
  for (uint64_t i = 1; i <= 60; ++i) store.Add(words::TicketToJson(UserTicketNumber(i)));
  // A form sends empty fields as well.
  const HttpRequest request{.method = "GET",
                            .path = "/tickets",
                            .parameters = {{"state", "open"}, {"cause", ""}, {"user", ""}},
                            .hosts = {},
                            .accept = {}};
  const HttpReply reply = TicketListPage(store, request, Looking());
  EXPECT_EQ(reply.status, 200);
  EXPECT_THAT(Unbalanced(reply.body), IsEmpty());
  EXPECT_EQ(Count(reply.body, "<li class=\"ticket"), 50u);
  EXPECT_THAT(reply.body, HasSubstr("60 tickets"));
  EXPECT_THAT(reply.body, HasSubstr("<option value=\"open\" selected>"));
  EXPECT_THAT(reply.body, HasSubstr("<a href=\"/tickets?cursor=50&amp;state=open\">Next page"));
}

TEST(TicketList, TellsWhatIsWrong) {
  FakeStore store;
  const HttpRequest request{.method = "GET",
                            .path = "/tickets",
                            .parameters = {{"state", "<b>"}},
                            .hosts = {},
                            .accept = {}};
  const HttpReply reply = TicketListPage(store, request, Looking());
  EXPECT_EQ(reply.status, 400);
  EXPECT_THAT(reply.body, HasSubstr("<b>state</b> no such value"));
}

TEST(TicketRow, WordsOfALaterVersionAreShownAsTheyAre) {
  EXPECT_EQ(CauseTitle("moon_phase"), "moon_phase");
  EXPECT_EQ(FindingTitle("blue"), "blue");
  for (int i = 0; i < kCauseCount; ++i) {
    EXPECT_NE(CauseTitle(CauseName(static_cast<Cause>(i))), CauseName(static_cast<Cause>(i)));
  }
}

// Where nobody is told, the ticket says why.
TEST(TicketRow, AnExceptionIsMarkedOnThePagesThatShowIt) {
  FakeStore store;
  Ticket ticket = UserTicketNumber(1);
  ticket.exception = "Teams Rooms <b>";
  store.Add(words::TicketToJson(ticket));
  store.Add(words::TicketToJson(UserTicketNumber(2)));
  const std::string mark = "Quiet: <bdi>Teams Rooms &lt;b&gt;</bdi></span>";
  HttpRequest request;
  const std::string list = TicketListPage(store, request, Looking()).body;
  EXPECT_EQ(Count(list, mark), 1u);
  EXPECT_EQ(Count(list, "Quiet:"), 1u) << "the other has none";
  EXPECT_EQ(Count(StatusText(store), mark), 1u);
  EXPECT_THAT(TicketStoryPage(store, TicketId(1), Looking()).body,
              AllOf(HasSubstr(mark), HasSubstr("<dt>Quiet by exception</dt><dd><bdi>Teams Rooms "
                                               "&lt;b&gt;</bdi></dd>")));
}

// ---------------------------------------------------------------------------------------- timeline

// The attribute of the first element with `part` in it.
std::string Attribute(const std::string& html, const std::string& part, const std::string& name) {
  const size_t at = html.find(part);
  const size_t begin = html.find(" " + name + "=\"", at);
  if (at == std::string::npos || begin == std::string::npos) return "none";
  const size_t from = begin + name.size() + 3;
  return html.substr(from, html.find('"', from) - from);
}

std::string TimelineOf(const std::vector<Ticket>& revisions) {
  std::vector<std::string> texts;
  for (const Ticket& ticket : revisions) texts.push_back(words::TicketToJson(ticket));
  const std::string html = TicketTimeline(revisions.back(), texts).text();
  EXPECT_THAT(Unbalanced(html), IsEmpty());
  return html;
}

TEST(Timeline, IsToScale) {
  Ticket opened = UserTicketNumber(60);
  opened.changes.clear();
  opened.event_count = 10;
  opened.last_event_time = opened.first_event_time + minutes(20);
  Ticket last = opened;
  last.revision = 2;
  last.event_count = 40;
  last.last_event_time = opened.first_event_time + minutes(40);
  last.changes = {
      {opened.first_event_time - minutes(10), ChangeKind::kSelfReset, 600, false, {}, "", {}}};
  last.timeline = {.start = opened.first_event_time, .step = minutes(20), .counts = {10, 30}};
  // The axis: 20 minutes before the first failure (half of the burst), 10 after the last.
  const std::string html = TimelineOf({opened, last});
  EXPECT_EQ(Attribute(html, "<circle cx", "cx"), "14.29%") << "the change, 10 of 70 minutes";
  EXPECT_EQ(Attribute(html, "<rect", "x"), "28.57%") << "the first failure, 20 of 70";
  EXPECT_EQ(Attribute(html, "<rect", "width"), "28.57%") << "20 of 70";
  EXPECT_EQ(Attribute(html, "class=\"last\"", "x"), "85.71%");
  EXPECT_THAT(html, HasSubstr(">Self-service reset</text>"));
  EXPECT_THAT(html, HasSubstr("Revision 2: 40 failures"));
  EXPECT_THAT(html, HasSubstr("40 failures from "));
}

TEST(Timeline, WhatIsLongBeforeStandsAtTheEdge) {
  Ticket ticket = UserTicketNumber(60);
  ticket.changes = {
      {ticket.first_event_time - 20 * kDay, ChangeKind::kChange, 0, false, {}, "", {}},
      {ticket.first_event_time - 3 * kDay, ChangeKind::kAdminReset, 0, false, {}, "", {}}};
  const std::string html = TimelineOf({ticket});
  EXPECT_THAT(html, HasSubstr("Reset by an administrator, 3 d before the first failure, and 1 "
                              "earlier"));
  EXPECT_THAT(html, Not(HasSubstr("<g class=\"change\">")));
}

TEST(Timeline, ShowsWhenTheUserWasBack) {
  Ticket ticket = Resolved(UserTicketNumber(60));
  ticket.reauthenticated_at = ticket.last_event_time + minutes(3);
  EXPECT_THAT(TimelineOf({ticket}), HasSubstr("Signed in again: "));
}

TEST(Timeline, OneMomentIsATimelineToo) {
  Ticket ticket = UserTicketNumber(60);
  ticket.last_event_time = ticket.first_event_time;
  ticket.event_count = 1;
  EXPECT_THAT(TimelineOf({ticket}), HasSubstr("class=\"last\" x=\"50.00%\""));
}

TEST(Timeline, ManyRevisionsAndChangesHaveAnEnd) {
  Ticket ticket = UserTicketNumber(60);
  ticket.changes.clear();
  for (int i = 0; i < 500; ++i) {
    ticket.changes.push_back(
        {ticket.first_event_time + minutes(i % 5), ChangeKind::kRevoke, 0, true, {}, "", {}});
  }
  std::vector<Ticket> revisions;
  for (uint32_t i = 1; i <= 500; ++i) {
    revisions.push_back(ticket);
    revisions.back().revision = i;
  }
  const std::string html = TimelineOf(revisions);
  EXPECT_EQ(Count(html, "<circle"), 2 * kTimelineMarksMax);
}

TEST(Timeline, WithoutTimesThereIsNone) { EXPECT_EQ(TicketTimeline(Ticket{}, {"{}"}).text(), ""); }

// ----------------------------------------------------------------------------------------- tenants

TEST(TenantsPage, TheMostSevereFirstWithItsTrend) {
  FakeStore store;
  const auto add = [&store](uint64_t number, const std::string& tenant, int days_ago, bool open,
                            Severity severity) {
    Ticket ticket = UserTicketNumber(number);
    ticket.tenant_id = tenant;
    ticket.first_event_time -= days_ago * kDay;
    ticket.last_event_time -= days_ago * kDay;
    ticket.severity = severity;
    store.Add(words::TicketToJson(open ? ticket : Resolved(ticket)));
  };
  add(1, "many", 0, false, Severity::kLow);
  add(2, "many", 8, false, Severity::kLow);
  add(3, "many", 8, false, Severity::kLow);
  add(4, "severe", 2, true, Severity::kCritical);
  add(5, "old", 40, true, Severity::kInfo);
  const std::string page = TenantsPage(store, SampleStatus(), Looking()).body;
  EXPECT_THAT(Unbalanced(page), IsEmpty());
  EXPECT_LT(page.find("id=severe"), page.find("id=old"));
  EXPECT_LT(page.find("id=old"), page.find("id=many"));
  EXPECT_THAT(page, HasSubstr("<span class=\"badge critical\">1 critical</span>"));
  EXPECT_THAT(page, HasSubstr("<td>none</td><td>1</td><td>2</td>"))
      << "this week and the one before";
  EXPECT_THAT(page, HasSubstr("aria-label=\"3 tickets in 30 days, at most 2 in one\""));
  EXPECT_THAT(page, HasSubstr("3 tenants with tickets"));
}

TEST(TenantsPage, WithoutTicketsAndWithoutAStore) {
  FakeStore store;
  EXPECT_THAT(TenantsPage(store, SampleStatus(), Looking()).body,
              HasSubstr("no tenant had a burst"));
  store.Fail(absl::DataLossError("broken"));
  EXPECT_EQ(TenantsPage(store, SampleStatus(), Looking()).status, 500);
}

// ---------------------------------------------------------------------------------------- capacity

TEST(CapacityPage, NamesTheNarrowestStageAndHowFullTheStateIs) {
  pipeline::ServeStatus status = SampleStatus();
  status.limits.users = 50'000;
  const std::string page = CapacityPage(status).body;
  EXPECT_THAT(Unbalanced(page), IsEmpty());
  EXPECT_THAT(page,
              HasSubstr("The busiest stage is parse: it could take about 3.2 times the load"));
  EXPECT_THAT(page, HasSubstr("<td>48,112</td><td>50,000</td>"));
  EXPECT_THAT(page, HasSubstr("96 %"));
  EXPECT_THAT(page, HasSubstr("Nothing was evicted"));
  EXPECT_THAT(page, HasSubstr("limits.dedup_ids"));
}

TEST(CapacityPage, ShowsWhatWasNearlyABurst) {
  pipeline::ServeStatus status = TroubledStatus();
  EXPECT_THAT(CapacityPage(status).body, HasSubstr("None so far"));
  status.near_misses.push_back({.detector = "user-session-invalid",
                                .tenant_id = "t",
                                .user = "<b>a@contoso.example",
                                .events = 9,
                                .users = 1,
                                .threshold_events = 10,
                                .threshold_users = 1,
                                .first_event_time = status.now,
                                .last_event_time = status.now + std::chrono::minutes(8)});
  const std::string page = CapacityPage(status).body;
  EXPECT_THAT(page, HasSubstr("9 of 10 failures"));
  EXPECT_THAT(page, HasSubstr("&lt;b&gt;a@contoso.example"));
}

TEST(CapacityPage, ShowsWhatBoundsCost) {
  EXPECT_THAT(CapacityPage(TroubledStatus()).body, HasSubstr("<li>users: 204</li>"));
  EXPECT_THAT(CapacityPage({}).body, HasSubstr("Every stage is nearly idle."));
}

// Markup and what turns the reading order, wherever a record or a remote system has a say.
constexpr const char* kEvil = "\"'><script>alert(1)</script><img src=x onerror=alert(2)>\u202e&";

Ticket EvilTicket(Ticket ticket) {
  ticket.tenant_id = ticket.user_principal_name = ticket.user_id = ticket.detector = kEvil;
  for (CountedList* list :
       {&ticket.apps, &ticket.ip_addresses, &ticket.countries, &ticket.devices, &ticket.users}) {
    *list = {{{kEvil, kEvil, 3}}, 1};
  }
  ticket.changes_by_actor = {{kEvil, "", 2}};
  ticket.changes = {
      {ticket.first_event_time, ChangeKind::kChange, 0, false, {kEvil}, kEvil, {kEvil}}};
  ticket.evidence = {kEvil};
  ticket.exception = kEvil;
  ticket.context = words::FullUserContext();
  ticket.context.home_tenant_id = kEvil;
  ticket.context.mfa.shown[0].value = kEvil;
  for (ShownOf<TextCount>* list : {&ticket.context.token_types, &ticket.context.clients,
                                   &ticket.context.conditional_access.failing_policies}) {
    *list = {{{kEvil, 3}}, 1};
  }
  SessionElsewhere& session = ticket.context.sessions_elsewhere.shown[0];
  session.session_id = session.places.shown[0].network = session.places.shown[0].country = kEvil;
  RiskEvent& event = ticket.context.risk_events.shown[0];
  event.type = event.level = event.state = event.id = kEvil;
  for (ShownOf<AuditChange>* list :
       {&ticket.context.security_info_changes, &ticket.context.policy_changes}) {
    AuditChange& change = list->shown[0];
    change.operation = change.policy = change.actor = change.record_id = kEvil;
  }
  ticket.parent_ticket_id = ticket.continues = ticket.merged_into = kEvil;
  return ticket;
}

void ExpectHarmless(const std::string& html) {
  EXPECT_THAT(html, AllOf(Not(HasSubstr("<script>")), Not(HasSubstr("<img")),
                          Not(HasSubstr("\u202e")), HasSubstr("&lt;script&gt;")));
  EXPECT_THAT(Unbalanced(html), IsEmpty());
}

TEST(Injection, NothingFromARecordBecomesMarkup) {
  FakeStore store;
  store.Add(words::TicketToJson(EvilTicket(UserTicketNumber(1))));
  store.Add(words::TicketToJson(Resolved(EvilTicket(TenantTicketNumber(2)))));
  pipeline::ServeStatus status = TroubledStatus();
  status.not_ready = {{pipeline::Condition::Reason::kFailed, kEvil}};
  status.warnings = {{pipeline::Condition::Reason::kUnused, kEvil}};
  status.source_error = status.version = kEvil;
  status.partitions[0].topic = status.stages[1].name = status.brokers[0].name = kEvil;
  status.sinks[0].delivery.sink = status.sinks[0].delivery.last_error = kEvil;
  status.sinks[1].delivery.type = kEvil;
  status.detection.unknown_password_operations = {{kEvil, 1}};
  ExpectHarmless(StatusText(store, status));
  ExpectHarmless(TicketStoryPage(store, TicketId(1), Looking()).body);
  ExpectHarmless(TicketStoryPage(store, TicketId(2), Looking()).body);
  const HttpRequest request{.method = "GET",
                            .path = "/tickets",
                            .parameters = {{"user", kEvil}},
                            .hosts = {},
                            .accept = {}};
  ExpectHarmless(TicketListPage(store, request, Looking()).body);
  ExpectHarmless(TenantsPage(store, status, Looking()).body);
  ExpectHarmless(CapacityPage(status).body);
}

}  // namespace pages_test
}  // namespace signinwatch::http
