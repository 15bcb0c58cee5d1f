// What analysts look things up on: the list and its form, the pages of a user and of a tenant, the
// users of a tenant's ticket, and the texts that are copied.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "daemon/http/page/links.h"
#include "daemon/http/page/page_parameters.h"
#include "daemon/http/page/tenant_page.h"
#include "daemon/http/page/tenant_users.h"
#include "daemon/http/page/ticket_copy.h"
#include "daemon/http/page/ticket_list.h"
#include "daemon/http/page/ticket_story.h"
#include "daemon/http/page/user_page.h"
#include "daemon/words/ticket_json.h"
#include "tests/daemon/http/fake_store.h"
#include "tests/daemon/http/http_tickets.h"
#include "tests/daemon/http/sample_status.h"

namespace signinwatch::http {
namespace people_pages_test {

using Json = nlohmann::json;
using std::chrono::minutes;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kTenant = "11111111-2222-3333-4444-555555555555";
constexpr const char* kEvilText =
    "\"'><script>alert(1)</script><img src=x onerror=alert(2)>\u202e&";

PageContext Context(const std::string& name = "") {
  PageContext context{.now = SampleStatus().now, .may_change = true};
  if (!name.empty()) {
    context.tenants =
        std::make_shared<const config::TenantNames>(config::TenantNames{{kTenant, name}});
  }
  return context;
}

HttpRequest Asking(const std::multimap<std::string, std::string>& parameters) {
  return {.method = "GET", .path = "", .parameters = parameters, .hosts = {}, .accept = ""};
}

size_t Lines(const std::string& text) {
  return static_cast<size_t>(std::count(text.begin(), text.end(), '\n'));
}

void ExpectNoMarkup(const std::string& html) {
  EXPECT_THAT(html, AllOf(Not(HasSubstr("<script>alert")), Not(HasSubstr("<img")),
                          Not(HasSubstr("\u202e")), HasSubstr("&lt;script&gt;")));
}

// -------------------------------------------------------------------------------------------- list

TEST(TicketListForm, KeepsAllThatIsGiven) {
  FakeStore store;
  Ticket ticket = UserTicketNumber(1);
  ticket.severity = Severity::kHigh;
  store.Add(words::TicketToJson(ticket));
  const HttpReply reply = TicketListPage(store,
                                         Asking({{"q", "ada1"},
                                                 {"severity", "high"},
                                                 {"severity", "critical"},
                                                 {"cause", "password_reset_by_admin"},
                                                 {"from", "2026-11-20"},
                                                 {"to", "2026-11-25T00:00:00Z"},
                                                 {"detector", "user-session-invalid"},
                                                 {"review", "needed"},
                                                 {"sort", "failures"},
                                                 {"limit", "1"}}),
                                         Context());
  EXPECT_EQ(reply.status, 200);
  for (const char* part : {
           "id=\"q\" name=\"q\" value=\"ada1\"",
           "name=\"severity\" value=\"high\" checked",
           "name=\"severity\" value=\"critical\" checked",
           "name=\"severity\" value=\"low\">",
           "name=\"cause\" value=\"password_reset_by_admin\" checked",
           "<details id=\"causes\" open><summary>causes (1)</summary>",
           "type=\"date\" name=\"from\" value=\"2026-11-20\"",
           "type=\"text\" name=\"to\" value=\"2026-11-25T00:00:00Z\"",
           "name=\"detector\" value=\"user-session-invalid\"",
           "name=\"limit\" value=\"1\"",
           "<option value=\"needed\" selected>needs review",
           "<option value=\"failures\" selected>number of failures",
           "1 ticket, sorted by number of failures",
       }) {
    EXPECT_THAT(reply.body, HasSubstr(part));
  }
}

TEST(TicketListForm, EachRestrictionCanBeTakenOff) {
  FakeStore store;
  const HttpReply reply = TicketListPage(
      store, Asking({{"severity", "high"}, {"severity", "low"}, {"q", "a&b"}}), Context());
  EXPECT_THAT(reply.body,
              HasSubstr("href=\"/tickets?q=a%26b&amp;severity=low\" aria-label=\"without "
                        "severity: high\""));
  EXPECT_THAT(reply.body, HasSubstr("search: <bdi>a&amp;b</bdi>"));
}

TEST(TicketListForm, WhatIsUnknownIsTold) {
  FakeStore store;
  const HttpReply reply =
      TicketListPage(store, Asking({{"severty", "high"}, {"severity", "x"}}), Context());
  EXPECT_EQ(reply.status, 400);
  EXPECT_THAT(reply.body, HasSubstr("<b>severty</b> no such parameter"));
  EXPECT_THAT(reply.body, HasSubstr("<b>severity</b> no such value"));
}

TEST(TicketListForm, ATenantIsFoundByItsName) {
  FakeStore store;
  store.Add(words::TicketToJson(TenantTicketNumber(1)));
  EXPECT_THAT(TicketListPage(store, Asking({{"q", "woodgrove"}}), Context("Woodgrove Bank")).body,
              AllOf(HasSubstr("1 ticket,"), HasSubstr("<bdi>Tenant Woodgrove Bank</bdi>")));
  EXPECT_THAT(TicketListPage(store, Asking({{"q", "woodgrove"}}), Context()).body,
              HasSubstr("0 tickets,"));
}

TEST(TicketListForm, EscapesAllOfIt) {
  FakeStore store;
  for (const char* name : {"q", "user", "tenant", "detector"}) {
    ExpectNoMarkup(TicketListPage(store, Asking({{name, kEvilText}}), Context()).body);
  }
}

// ------------------------------------------------------------------------------------------- links

TEST(Links, LeadToAUserInEntraOnlyByObjectIds) {
  const std::string user = "aaaaaaaa-0000-0000-0000-000000000001";
  EXPECT_THAT(EntraLink(kTenant, user).text(),
              HasSubstr("https://entra.microsoft.com/11111111-2222-3333-4444-555555555555/#view/"
                        "Microsoft_AAD_UsersAndTenants/UserProfileMenuBlade/~/overview/userId/"
                        "aaaaaaaa-0000-0000-0000-000000000001\""));
  EXPECT_TRUE(EntraLink("contoso", user).empty());
  EXPECT_TRUE(EntraLink(kTenant, "ada@contoso.example").empty());
  EXPECT_TRUE(EntraLink(kTenant, "").empty());
}

TEST(Links, AreEscaped) {
  ExpectNoMarkup(TenantLink(kEvilText, Context()).text());
  ExpectNoMarkup(UserLink(kEvilText, kEvilText, kEvilText).text());
  ExpectNoMarkup(SearchLink(kEvilText, kEvilText).text());
  EXPECT_THAT(SearchLink("a\"b", "x").text(), HasSubstr("q=%22a%20b%22"));
  EXPECT_TRUE(UserLink(kTenant, "", "").empty());
  EXPECT_THAT(UserLink(kTenant, "", "ada@x").text(), HasSubstr("&amp;id=ada%40x\"><bdi>ada@x"));
}

// ------------------------------------------------------------------------------------------- pages

TEST(PageParameters, AreAllThereOnceAndNoOthers) {
  std::string id;
  const auto problems = [&id](const std::multimap<std::string, std::string>& given) {
    std::string text;
    for (const ParameterProblem& problem : ReadPageParameters(Asking(given), {{"id", &id}})) {
      text += problem.parameter + " " + problem.detail + ";";
    }
    return text;
  };
  EXPECT_EQ(problems({{"id", "x"}}), "");
  EXPECT_EQ(id, "x");
  EXPECT_EQ(problems({}), "id has to be given;");
  EXPECT_EQ(problems({{"id", ""}}), "id has to be given;");
  EXPECT_EQ(problems({{"id", "x"}, {"id", "y"}}), "id given more than once;");
  EXPECT_EQ(problems({{"id", std::string(1'025, 'x')}}), "id is too long;");
  EXPECT_EQ(problems({{"id", "x"}, {"it", "y"}}), "it no such parameter;");
  EXPECT_THAT(ProblemsPage("User", {{"<b>", "<i>", {}}}).body,
              HasSubstr("<b>&lt;b&gt;</b> &lt;i&gt;"));
}

TEST(UserPage, HasAllTicketsChangesAndSources) {
  FakeStore store;
  Ticket first = UserTicketNumber(10);
  first.ip_addresses = {{{"203.0.113.7", "", 30}, {"203.0.113.8", "", 7}}, 2};
  Ticket second = UserTicketNumber(500);
  second.user_id = first.user_id;
  second.user_principal_name = "ada.old@contoso.example";
  for (const Ticket& ticket : {first, second}) store.Add(words::TicketToJson(Resolved(ticket)));
  Ticket burst = TenantTicketNumber(11);
  burst.users = {{{first.user_id, "ada10@contoso.example", 9}}, 1};
  store.Add(words::TicketToJson(burst));
  store.Add(words::TicketToJson(UserTicketNumber(12)));
  const HttpReply reply =
      UserPage(store, Asking({{"tenant", kTenant}, {"id", first.user_id}}), Context("Contoso"));
  EXPECT_EQ(reply.status, 200);
  for (const std::string& part :
       {std::string("<h1><bdi>ada10@contoso.example</bdi></h1>"),
        std::string("<bdi>ada10@contoso.example, ada.old@contoso.example</bdi>"),
        std::string("<bdi>Contoso</bdi></a>"), std::string("https://entra.microsoft.com/"),
        "id=\"t-" + TicketId(10) + "\"", "id=\"t-" + TicketId(500) + "\"",
        "id=\"t-" + TicketId(11) + "\"", std::string("Reset by an administrator</td>"),
        std::string("<bdi>203.0.113.7</bdi></a></td><td>67</td><td>2</td>"),
        std::string("<bdi>203.0.113.8</bdi></a></td><td>7</td><td>1</td>")}) {
    EXPECT_THAT(reply.body, HasSubstr(part));
  }
  EXPECT_THAT(reply.body, Not(HasSubstr(TicketId(12))));
  EXPECT_EQ(UserPage(store, Asking({{"tenant", kTenant}, {"id", "nobody"}}), Context()).status,
            404);
  EXPECT_EQ(UserPage(store, Asking({{"id", "x"}}), Context()).status, 400);
  EXPECT_EQ(UserPage(store, Asking({{"tenant", "a"}, {"id", "x"}, {"y", "z"}}), Context()).status,
            400);
  store.Fail(absl::DataLossError("broken"));
  EXPECT_EQ(UserPage(store, Asking({{"tenant", "a"}, {"id", "x"}}), Context()).status, 500);
}

TEST(TenantPage, HasItsNameItsTicketsAndItsUsers) {
  FakeStore store;
  for (const uint64_t number : {1, 2, 3}) store.Add(words::TicketToJson(UserTicketNumber(number)));
  ASSERT_TRUE(store.Review(TicketId(2), 1, "ada", SampleStatus().now).ok());
  const HttpReply reply = TenantPage(store, Asking({{"id", kTenant}}), Context("<b>Contoso"));
  EXPECT_EQ(reply.status, 200);
  EXPECT_THAT(reply.body, HasSubstr("<h1><bdi>&lt;b&gt;Contoso</bdi></h1>"));
  EXPECT_THAT(reply.body, HasSubstr("<dt>Tickets that need review</dt><dd>2</dd>"));
  EXPECT_THAT(reply.body, HasSubstr("<dt>Open tickets</dt><dd>3</dd>"));
  EXPECT_LT(reply.body.find("id=\"t-" + TicketId(3)), reply.body.find("id=\"t-" + TicketId(2)));
  EXPECT_THAT(reply.body, HasSubstr("<bdi>ada2@contoso.example</bdi></a></td><td>1</td>"));
  EXPECT_EQ(TenantPage(store, Asking({{"id", "nobody"}}), Context()).status, 404);
  EXPECT_EQ(TenantPage(store, Asking({}), Context()).status, 400);
  FakeStore empty;
  EXPECT_EQ(TenantPage(empty, Asking({{"id", kTenant}}), Context("Contoso")).status, 200);
}

TEST(Injection, NothingBecomesMarkupOnThePagesOfPeople) {
  FakeStore store;
  Ticket ticket = UserTicketNumber(1);
  ticket.tenant_id = ticket.user_id = kEvilText;
  ticket.user_principal_name = kEvilText;
  ticket.ip_addresses = ticket.apps = {{{kEvilText, kEvilText, 3}}, 1};
  ticket.changes[0].actor = kEvilText;
  store.Add(words::TicketToJson(ticket));
  Ticket tenant = TenantTicketNumber(2);
  tenant.users = {{{kEvilText, kEvilText, 3}}, 1};
  store.Add(words::TicketToJson(tenant));
  ASSERT_TRUE(store.Review(TicketId(1), 1, kEvilText, SampleStatus().now).ok());
  ASSERT_TRUE(store.Tick(TicketId(1), {"Contain", SampleStatus().now, kEvilText}).ok());
  std::string id = kEvilText;
  ExpectNoMarkup(UserPage(store, Asking({{"tenant", id}, {"id", id}}), Context()).body);
  ExpectNoMarkup(TenantPage(store, Asking({{"id", id}}), Context()).body);
  ExpectNoMarkup(TicketStoryPage(store, TicketId(1), Context(kEvilText)).body);
  ExpectNoMarkup(TicketStoryPage(store, TicketId(2), Context(kEvilText)).body);
}

// ----------------------------------------------------------------------------------- tenant's
// users

TEST(TenantUsers, AreSortedByCauseWithWhoIsNotBack) {
  FakeStore store;
  const Ticket tenant = TenantTicketNumber(1);
  Ticket away = UserTicketNumber(1);
  away.ticket_id = TicketId(50);
  away.user_id = "id-away";
  away.parent_ticket_id = TicketId(1);
  store.Add(words::TicketToJson(away));
  Ticket back = Resolved(UserTicketNumber(1));
  back.ticket_id = TicketId(51);
  back.user_id = "id-back";
  back.parent_ticket_id = TicketId(1);
  store.Add(words::TicketToJson(back));
  Ticket another = UserTicketNumber(1);  // not of this burst
  another.ticket_id = TicketId(52);
  another.user_id = "id-known";
  store.Add(words::TicketToJson(another));
  Json ticket = Json::parse(words::TicketToJson(tenant));
  ticket["users"] = Json::parse(R"([
      {"id":"id-back","name":"back@x","count":9,"cause":"password_changed"},
      {"id":"id-away","name":"away@x","count":8,"cause":"password_changed"},
      {"id":"id-known","name":"known@x","count":7,"cause":"unexplained"},
      {"id":null,"name":"name@x","count":6,"cause":"pending"}])");
  std::map<std::string, UserTicket> found;
  const json::JsonDocument document(ticket.dump());
  ASSERT_TRUE(FindUserTickets(store, document.root(), &found).ok());
  EXPECT_EQ(found.size(), 2u);
  const std::string html = TenantUsers(document.root(), found).text();
  size_t before = 0;
  for (const char* name : {"known@x", "name@x", "away@x", "back@x"}) {
    const size_t at = html.find(name);
    ASSERT_NE(at, std::string::npos) << name;
    EXPECT_GT(at, before) << name;
    before = at;
  }
  EXPECT_THAT(html, HasSubstr("<td>Unexplained</td>"));
  EXPECT_THAT(html, HasSubstr("<b class=\"bad\">not yet</b> <a href=\"/tickets/" + TicketId(50)));
  EXPECT_THAT(html, HasSubstr("2026-11-24 10:10:00 UTC"));
  EXPECT_THAT(html, HasSubstr("not known"));
}

TEST(TenantUsers, WithoutCausesThereIsNoSuchColumn) {
  Json ticket = Json::parse(words::TicketToJson(TenantTicketNumber(1)));
  for (Json& user : ticket["users"]) user.erase("cause");
  EXPECT_THAT(TenantUsers(json::JsonDocument(ticket.dump()).root(), {}).text(),
              Not(HasSubstr("cause</th>")));
  EXPECT_TRUE(TenantUsers(json::JsonDocument("{}").root(), {}).empty());
}

// -------------------------------------------------------------------------------------------
// copied

TEST(TicketCopy, AChatGetsTenLines) {
  Ticket ticket = UserTicketNumber(1);
  ticket.cause = Cause::kUnexplained;
  ticket.user_principal_name = "ada\n@everyone";
  const std::string text =
      ChatText(json::JsonDocument(words::TicketToJson(ticket)).root(), Context("Contoso"));
  EXPECT_EQ(Lines(text), 9u) << "the page's address is the tenth\n" << text;
  EXPECT_THAT(text, testing::StartsWith("[low] "));
  EXPECT_THAT(text, HasSubstr("\nWho: ada @everyone, tenant Contoso\n"));
  EXPECT_THAT(text, HasSubstr("\nState: open, Unexplained\n"));
  EXPECT_THAT(text, HasSubstr("\nApps: Outlook Mobile (20), Teams (17)\n"));
  EXPECT_THAT(text, HasSubstr("\nFirst: Contain: revoke all sessions\n"));
}

TEST(TicketCopy, AllOfItHasTheRunbookWithWhatIsDone) {
  const Ticket ticket = UserTicketNumber(1);
  const json::JsonDocument document(words::TicketToJson(ticket));
  store::TicketHandling handling;
  handling.ticks = {
      {document.root()["runbook"].Elements().at(0)["title"].Text(), SampleStatus().now, "bo"}};
  const std::string text = WholeText(document.root(), handling, Context());
  EXPECT_THAT(text, HasSubstr("- [x] " + handling.ticks[0].step + " (done by bo, 2026-11-24"));
  EXPECT_THAT(text, HasSubstr("\n- [ ] "));
  EXPECT_THAT(text, HasSubstr("Sign-in records: record-1, record-2"));
  EXPECT_THAT(text, HasSubstr("Devices: device-1 (3) and 24 more"));
  EXPECT_THAT(text, HasSubstr(TicketId(1) + ", revision 1"));
  EXPECT_FALSE(WholeText(json::JsonDocument("{}").root(), {}, Context()).empty());
}

}  // namespace people_pages_test
}  // namespace signinwatch::http
