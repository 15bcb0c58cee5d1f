// What each path answers, without a network.
#include "daemon/http/routes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "daemon/http/api.h"
#include "daemon/http/page/assets.h"
#include "daemon/http/problem.h"
#include "daemon/words/ticket_json.h"
#include "nlohmann/json.hpp"
#include "tests/daemon/clock/manual_clock.h"
#include "tests/daemon/http/fake_store.h"
#include "tests/daemon/http/http_tickets.h"
#include "tests/daemon/http/sample_status.h"

namespace signinwatch::http {
namespace routes_test {

using Json = nlohmann::json;
using testing::HasSubstr;
using testing::IsEmpty;

// Nobody has looked at it.
const std::string kNobody = R"({"needed":true,"at":null,"by":null,"revision":null})";

class RoutesTest : public testing::Test {
 protected:
  HttpReply Get(const std::string& path,
                const std::multimap<std::string, std::string>& parameters = {},
                const std::string& accept = "") {
    return routes_.Answer(
        {.method = "GET", .path = path, .parameters = parameters, .hosts = {}, .accept = accept},
        true);
  }
  Json GetJson(const std::string& path,
               const std::multimap<std::string, std::string>& parameters = {}) {
    const HttpReply reply = Get(path, parameters);
    EXPECT_EQ(reply.status, 200) << reply.body;
    EXPECT_EQ(reply.content_type, kJsonType);
    return Json::parse(reply.body);
  }

  FakeStore store_;
  pipeline::ServeStatus status_ = SampleStatus();
  HttpLimits limits_{.page_age_max = std::chrono::hours(1)};
  clock::ManualClock clock_{*ParseEventTime("2026-11-24T10:00:00Z")};
  Routes routes_{clock_,
                 {.store = &store_,
                  .status = [this] { return status_; },
                  .metrics = [](bool openmetrics) { return openmetrics ? "om" : "text"; },
                  .reload = {}},
                 limits_};
};

TEST_F(RoutesTest, Metrics) {
  EXPECT_EQ(Get("/metrics").body, "text");
  EXPECT_EQ(Get("/metrics").content_type, "text/plain; version=0.0.4; charset=utf-8");
  const HttpReply reply = Get("/metrics", {}, "application/openmetrics-text;version=1.0.0");
  EXPECT_EQ(reply.body, "om");
  EXPECT_EQ(reply.content_type, "application/openmetrics-text; version=1.0.0; charset=utf-8");
}

struct ReloadCase {
  const char* name;
  bool loopback;
  bool authenticated;
  const char* method;
  const char* origin;
  int status;
};

TEST(ReloadRouteTest, IsForThisMachineOrForWhoHasShownWhoTheyAre) {
  const ReloadCase cases[] = {
      {"this machine", true, false, "POST", "", 200},
      {"this machine, logged in", true, true, "POST", "", 200},
      {"the network", false, false, "POST", "", 403},
      {"the network, logged in", false, true, "POST", "", 200},
      {"a look", true, false, "GET", "", 405},
      {"a look from the network", false, false, "HEAD", "", 405},
      {"our page", true, false, "POST", "http://localhost:9532", 200},
      {"our page by TLS", false, true, "POST", "https://LOCALHOST:9532", 200},
      {"another page", true, false, "POST", "https://evil.example", 403},
      {"another page, logged in", false, true, "POST", "https://evil.example", 403},
      {"a file", true, false, "POST", "null", 403},
  };
  for (const ReloadCase& c : cases) {
    SCOPED_TRACE(c.name);
    int reloads = 0;
    Routes routes(clock::SystemClock(),
                  {.store = nullptr,
                   .status = {},
                   .metrics = {},
                   .reload =
                       [&reloads] {
                         ++reloads;
                         return absl::OkStatus();
                       }},
                  {});
    const HttpReply reply = routes.Answer({.method = c.method,
                                           .path = "/-/reload",
                                           .parameters = {},
                                           .hosts = {"localhost:9532"},
                                           .accept = "",
                                           .origin = c.origin,
                                           .authenticated = c.authenticated},
                                          c.loopback);
    EXPECT_EQ(reply.status, c.status) << reply.body;
    EXPECT_EQ(reloads, c.status == 200 ? 1 : 0);
    EXPECT_EQ(reply.allow, c.status == 405 ? "POST" : "");
  }
}

TEST(ReloadRouteTest, SaysWhyNot) {
  absl::Status status;
  Routes routes(clock::SystemClock(),
                {.store = nullptr, .status = {}, .metrics = {}, .reload = [&] { return status; }},
                {});
  const HttpRequest request{
      .method = "POST", .path = "/-/reload", .parameters = {}, .hosts = {}, .accept = ""};
  EXPECT_EQ(routes.Answer(request, true).body, "reloaded\n");
  status = absl::InvalidArgumentError("a.yaml:1:2: unknown key");
  EXPECT_EQ(routes.Answer(request, true).status, 400);
  EXPECT_THAT(routes.Answer(request, true).body, HasSubstr("a.yaml:1:2: unknown key"));
  status = absl::UnavailableError("it is stopping");
  EXPECT_EQ(routes.Answer(request, true).status, 500);
  Routes without(clock::SystemClock(),
                 {.store = nullptr, .status = {}, .metrics = {}, .reload = {}}, {});
  for (const bool loopback : {true, false}) {
    EXPECT_EQ(without.Answer(request, loopback).status, 404);
    EXPECT_THAT(without.Answer(request, loopback).body, HasSubstr("http.enable_reload"));
  }
}

TEST(ReloadRouteTest, OneAtATimeAndNothingWhereNothingHasChanged) {
  ReloadAnswer answer = absl::OkStatus();
  Routes routes(clock::SystemClock(),
                {.store = nullptr, .status = {}, .metrics = {}, .reload = [&] { return answer; }},
                {});
  const HttpRequest request{
      .method = "POST", .path = "/-/reload", .parameters = {}, .hosts = {}, .accept = ""};
  answer.unchanged = true;
  EXPECT_EQ(routes.Answer(request, true).body, "nothing has changed\n");
  answer.retry_after_s = 7;
  EXPECT_EQ(routes.Answer(request, true).status, 429);
  EXPECT_EQ(routes.Answer(request, true).retry_after_s, 7);
}

TEST_F(RoutesTest, HealthAndReadiness) {
  status_.not_ready = {};
  for (const char* path : {"/-/ready", "/readyz"}) {
    EXPECT_EQ(Get(path).status, 200);
    EXPECT_EQ(Get(path).body, "ready\n");
  }
  // What it reads is of no use: reading works, and it says so.
  status_.warnings = {{pipeline::Condition::Reason::kUnused, "Nothing in topic t is of use."}};
  EXPECT_EQ(Get("/-/ready").status, 200);
  EXPECT_EQ(Get("/-/ready").body, "ready\nNothing in topic t is of use.\n");
  EXPECT_EQ(Json::parse(Get("/-/ready", {}, "application/json").body),
            Json({{"ready", true}, {"reasons", {"Nothing in topic t is of use."}}}));
  status_.warnings = {};
  status_.not_ready = {{pipeline::Condition::Reason::kStopping, "One."},
                       {pipeline::Condition::Reason::kNoBroker, "Two."}};
  for (const char* path : {"/-/healthy", "/healthz"}) {
    EXPECT_EQ(Get(path).status, 200);
    EXPECT_EQ(Get(path).body, "healthy\n");
  }
  for (const char* path : {"/-/ready", "/readyz"}) {
    EXPECT_EQ(Get(path).status, 503);
    EXPECT_EQ(Get(path).body, "One.\nTwo.\n");
    const HttpReply reply = Get(path, {}, "application/json");
    EXPECT_EQ(reply.status, 503);
    EXPECT_EQ(Json::parse(reply.body), Json({{"ready", false}, {"reasons", {"One.", "Two."}}}));
  }
}

TEST_F(RoutesTest, NoTickets) {
  EXPECT_EQ(Get("/api/v1/tickets").body,
            R"({"tickets":[],"reviews":[],"next_cursor":null,"total":0})");
}

TEST_F(RoutesTest, TicketsAreAsTheyWereSent) {
  const std::string sent = words::TicketToJson(UserTicketNumber(1));
  store_.Add(sent);
  EXPECT_EQ(Get("/api/v1/tickets").body, "{\"tickets\":[" + sent + "],\"reviews\":[" + kNobody +
                                             "],\"next_cursor\":null,\"total\":1}");
}

TEST_F(RoutesTest, TicketsByPages) {
  for (uint64_t i = 1; i <= 5; ++i) store_.Add(words::TicketToJson(UserTicketNumber(i)));
  std::vector<std::string> seen;
  std::multimap<std::string, std::string> parameters{{"limit", "2"}};
  for (int page = 0; page < 3; ++page) {
    const Json answer = GetJson("/api/v1/tickets", parameters);
    EXPECT_EQ(answer["total"], 5);
    for (const Json& ticket : answer["tickets"]) seen.push_back(ticket["ticket_id"]);
    if (page == 2) {
      EXPECT_TRUE(answer["next_cursor"].is_null());
    } else {
      parameters = {{"limit", "2"}, {"cursor", answer["next_cursor"]}};
    }
  }
  EXPECT_EQ(seen, (std::vector<std::string>{TicketId(1), TicketId(2), TicketId(3), TicketId(4),
                                            TicketId(5)}));
}

TEST_F(RoutesTest, TicketsByFilter) {
  store_.Add(words::TicketToJson(UserTicketNumber(1)));
  store_.Add(words::TicketToJson(Resolved(UserTicketNumber(2))));
  store_.Add(words::TicketToJson(TenantTicketNumber(3)));
  const struct {
    const char* name;
    const char* value;
    int total;
  } cases[] = {
      {"tenant", "11111111-2222-3333-4444-555555555555", 3},
      {"tenant", "x", 0},
      {"user", "ADA2@contoso.example", 1},
      {"user", "aaaaaaaa-0000-0000-0000-000000000001", 1},
      {"state", "open", 2},
      {"cause", "password_reset_by_admin", 3},
      {"severity", "medium", 1},
      {"scope", "tenant", 1},
      {"detector", "user-session-invalid", 2},
      {"from", "2026-11-24T10:08:00Z", 1},
      {"to", "2026-11-24T09:57:30Z", 1},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(GetJson("/api/v1/tickets", {{c.name, c.value}})["total"], c.total)
        << c.name << "=" << c.value;
  }
}

TEST_F(RoutesTest, BadParametersAreToldAllAtOnce) {
  const HttpReply reply = Get("/api/v1/tickets", {{"state", "burning"}, {"colour", "red"}});
  EXPECT_EQ(reply.status, 400);
  EXPECT_EQ(reply.content_type, kProblemType);
  const Json problem = Json::parse(reply.body);
  EXPECT_EQ(problem["title"], "Bad Request");
  EXPECT_EQ(problem["status"], 400);
  ASSERT_EQ(problem["errors"].size(), 2u);
  EXPECT_EQ(problem["errors"][0]["parameter"], "colour");
  EXPECT_EQ(problem["errors"][1]["allowed"], Json({"open", "resolved", "merged"}));
  EXPECT_THAT(problem["detail"].get<std::string>(), HasSubstr("state: no such value"));
}

TEST_F(RoutesTest, ACursorOfAnotherIsABadParameter) {
  const HttpReply reply = Get("/api/v1/tickets", {{"cursor", "nonsense"}});
  EXPECT_EQ(reply.status, 400);
  EXPECT_EQ(Json::parse(reply.body)["errors"][0]["parameter"], "cursor");
  EXPECT_EQ(Get("/tickets", {{"cursor", "nonsense"}}).status, 400);
}

TEST_F(RoutesTest, OneTicketWithItsRevisions) {
  const std::string first = words::TicketToJson(UserTicketNumber(1));
  const std::string last = words::TicketToJson(Resolved(UserTicketNumber(1)));
  store_.Add(first);
  store_.Add(last);
  const std::string begin = "{\"ticket\":" + last + ",\"revisions\":[" + first + "," + last +
                            "],\"handling\":{\"review\":" + kNobody + ",\"ticks\":[]},";
  const std::string end = R"("rolled_up":[],"rolled_up_under":[]})";
  EXPECT_EQ(Get("/api/v1/tickets/" + TicketId(1)).body, begin + "\"deliveries\":[]," + end);
  store_.AddRemote({.sink = "archive", .ticket_id = TicketId(1), .revision = 2});
  store_.AddRemote({.sink = "soc",
                    .ticket_id = TicketId(1),
                    .remote_id = "SOC-7",
                    .link = "https://jira.contoso.example/browse/SOC-7",
                    .state = store::RemoteState::kClosedByPerson,
                    .revision = 1,
                    .error = "HTTP 503"});
  EXPECT_EQ(Get("/api/v1/tickets/" + TicketId(1)).body,
            begin +
                R"("deliveries":[{"sink":"archive","remote_id":null,"link":null,"revision":2,)"
                R"("state":"open","error":null},{"sink":"soc","remote_id":"SOC-7",)"
                R"("link":"https://jira.contoso.example/browse/SOC-7","revision":1,)"
                R"("state":"closed_by_person","error":"HTTP 503"}],)" +
                end);
}

TEST_F(RoutesTest, WhatIsRolledUpIsCountedAndListed) {
  store_.Add(words::TicketToJson(UserTicketNumber(1)));
  store_.Add(words::TicketToJson(TenantTicketNumber(2)));
  store_.roll_ups[TicketId(1)].under = {{"soc", TicketId(2)}};
  store_.roll_ups[TicketId(2)].holds = {
      {"soc", {.total = 37, .shown = {{TicketId(1), "<b>ada</b>@contoso.example"}}}}};
  EXPECT_THAT(Get("/api/v1/tickets/" + TicketId(1)).body,
              HasSubstr(R"("rolled_up_under":[{"sink":"soc","ticket_id":")" + TicketId(2)));
  EXPECT_THAT(Get("/api/v1/tickets/" + TicketId(2)).body,
              HasSubstr(R"("rolled_up":[{"sink":"soc","total":37,"tickets":[{"ticket_id":")" +
                        TicketId(1)));
  EXPECT_THAT(Get("/tickets/" + TicketId(1)).body,
              HasSubstr("Not sent to soc: rolled up under <a href=\"/tickets/" + TicketId(2)));
  const std::string page = Get("/tickets/" + TicketId(2)).body;
  EXPECT_THAT(page, HasSubstr("Rolled up at soc, 37 users&#39; tickets: <a href=\"/tickets/"));
  EXPECT_THAT(page, HasSubstr("&lt;b&gt;ada&lt;/b&gt;@contoso.example</a> and 36 more."));
}

TEST_F(RoutesTest, ATicketsPageSaysWhereItWasSentAndFollowsNoStrangeLink) {
  store_.Add(words::TicketToJson(UserTicketNumber(1)));
  store_.AddRemote({.sink = "soc",
                    .ticket_id = TicketId(1),
                    .remote_id = "<b>7</b>",
                    .link = "javascript:alert(1)",
                    .error = "<script>"});
  store_.AddRemote({.sink = "desk",
                    .ticket_id = TicketId(1),
                    .remote_id = "INC0010001",
                    .link = "https://desk.contoso.example/1"});
  const std::string body = Get("/tickets/" + TicketId(1)).body;
  EXPECT_THAT(body, HasSubstr("Where it was sent"));
  EXPECT_THAT(body, HasSubstr("&lt;b&gt;7&lt;/b&gt;"));
  EXPECT_THAT(body, HasSubstr("&lt;script&gt;"));
  EXPECT_THAT(body, Not(HasSubstr("javascript:")));
  EXPECT_THAT(body, HasSubstr("<a href=\"https://desk.contoso.example/1\" "
                              "rel=\"noreferrer\">INC0010001</a>"));
}

TEST_F(RoutesTest, ATicketThatIsNotThere) {
  for (const std::string& id :
       {TicketId(1), std::string("x"), std::string(65, 'a'), std::string("../../etc/passwd")}) {
    const HttpReply reply = Get("/api/v1/tickets/" + id);
    EXPECT_EQ(reply.status, 404) << id;
    EXPECT_EQ(reply.content_type, kProblemType);
  }
  EXPECT_EQ(Get("/tickets/" + TicketId(1)).status, 404);
  EXPECT_EQ(Get("/tickets/" + TicketId(1)).content_type, kHtmlType);
  EXPECT_FALSE(IsTicketId(""));
}

TEST_F(RoutesTest, AStoreThatFails) {
  const struct {
    absl::Status status;
    int answer;
  } cases[] = {
      {absl::UnavailableError("busy"), 503},
      {absl::ResourceExhaustedError("full"), 503},
      {absl::DataLossError("/secret/path is damaged"), 500},
  };
  for (const auto& c : cases) {
    store_.Fail(c.status);
    for (const std::string& path :
         {std::string("/api/v1/tickets"), "/api/v1/tickets/" + TicketId(1), std::string("/tickets"),
          "/tickets/" + TicketId(1)}) {
      const HttpReply reply = Get(path);
      EXPECT_EQ(reply.status, c.answer) << path;
      EXPECT_EQ(reply.body.find("secret"), std::string::npos);
    }
  }
  // The page shows the rest.
  const HttpReply page = Get("/");
  EXPECT_EQ(page.status, 200);
  EXPECT_THAT(page.body, HasSubstr("The tickets can't be read"));
  EXPECT_THAT(page.body, HasSubstr("Watched failures by code"));
}

TEST_F(RoutesTest, StatusPageIsMadeOnceForAll) {
  EXPECT_EQ(Get("/").status, 200);
  const int searches = store_.searches();
  EXPECT_GT(searches, 0);
  store_.Add(words::TicketToJson(UserTicketNumber(1)));
  const std::string before = Get("/").body;
  EXPECT_EQ(store_.searches(), searches);
  EXPECT_THAT(before, HasSubstr("Nothing is burning"));
  clock_.Advance(std::chrono::hours(1));
  EXPECT_THAT(Get("/").body, HasSubstr("ada1@contoso.example")) << "its time is over";

  limits_.page_age_max = {};
  Routes fresh(
      clock::SystemClock(),
      {.store = &store_, .status = [this] { return status_; }, .metrics = {}, .reload = {}},
      limits_);
  const HttpRequest request{
      .method = "GET", .path = "/", .parameters = {}, .hosts = {}, .accept = {}};
  EXPECT_THAT(fresh.Answer(request, true).body, HasSubstr("ada1@contoso.example"));
  store_.Add(words::TicketToJson(UserTicketNumber(2)));
  EXPECT_THAT(fresh.Answer(request, true).body, HasSubstr("ada2@contoso.example"));
}

TEST_F(RoutesTest, Assets) {
  EXPECT_EQ(Get("/assets/page.css").body, kPageCss);
  EXPECT_EQ(Get("/assets/page.css").content_type, "text/css; charset=utf-8");
  EXPECT_TRUE(Get("/assets/page.css").cacheable);
  EXPECT_EQ(Get("/assets/page.js").body, kPageJs);
  EXPECT_EQ(Get("/assets/icon.svg").body, kIconSvg);
  EXPECT_EQ(Get("/api/v1/openapi.yaml").body, kOpenApiYaml);
  EXPECT_FALSE(Get("/").cacheable);
}

TEST_F(RoutesTest, NothingElse) {
  for (const char* path :
       {"", "/nothing", "/metrics/", "/assets/", "/assets/../page.css", "/assets/secret",
        "/tickets/", "/tickets/a/b", "/api", "/api/v1", "/api/v1/tickets/", "/-/reload/", "//"}) {
    const HttpReply reply = Get(path);
    EXPECT_EQ(reply.status, 404) << path;
    EXPECT_EQ(reply.content_type, kProblemType) << path;
  }
}

TEST_F(RoutesTest, OtherMethods) {
  for (const std::string& path : Routes::Paths()) {
    if (path == "/-/reload") continue;                                    // ReloadRouteTest
    if (path.ends_with("/review") || path.ends_with("/ticks")) continue;  // HandlingTest
    for (const char* method : {"POST", "PUT", "DELETE", "PATCH", "OPTIONS", ""}) {
      const HttpReply reply = routes_.Answer(
          {.method = method, .path = path, .parameters = {}, .hosts = {}, .accept = {}}, true);
      EXPECT_EQ(reply.status, 405) << method << " " << path;
      EXPECT_EQ(reply.allow, "GET, HEAD");
    }
  }
}

TEST(Problem, OfEachStatusHasAName) {
  for (const int status : {400, 401, 403, 404, 405, 414, 416, 421, 429, 500, 503}) {
    const HttpReply reply = ProblemReply(status, "why");
    const Json problem = Json::parse(reply.body);
    EXPECT_EQ(reply.status, status);
    EXPECT_EQ(problem["status"], status);
    EXPECT_EQ(problem["detail"], "why");
    EXPECT_NE(problem["title"], "Client Error") << status;
  }
}

}  // namespace routes_test
}  // namespace signinwatch::http
