// Marking tickets and ticking steps, through the routes: who may, what is kept, where a form leads.
#include "daemon/http/handling.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "daemon/clock/clock.h"
#include "daemon/http/routes.h"
#include "daemon/words/ticket_json.h"
#include "nlohmann/json.hpp"
#include "tests/daemon/http/fake_store.h"
#include "tests/daemon/http/http_tickets.h"
#include "tests/daemon/http/sample_status.h"

namespace signinwatch::http {
namespace handling_test {

using Json = nlohmann::json;
using testing::HasSubstr;
using testing::Not;

const std::string kApi = "/api/v1/tickets/" + TicketId(1);
const std::string kPage = "/tickets/" + TicketId(1);

class HandlingTest : public testing::Test {
 protected:
  void SetUp() override {
    Ticket ticket = UserTicketNumber(1);
    ticket.cause = Cause::kUnexplained;
    store_.Add(words::TicketToJson(ticket));
    ticket.revision = 2;
    ticket.severity = Severity::kHigh;
    store_.Add(words::TicketToJson(ticket));
  }
  HttpReply Ask(const std::string& method, const std::string& path,
                const std::multimap<std::string, std::string>& parameters = {}) {
    request_.method = method;
    request_.path = path;
    request_.parameters = parameters;
    return routes_.Answer(request_, loopback_);
  }
  Json AskJson(const std::string& method, const std::string& path,
               const std::multimap<std::string, std::string>& parameters = {}) {
    const HttpReply reply = Ask(method, path, parameters);
    EXPECT_EQ(reply.status, 200) << reply.body;
    return Json::parse(reply.body);
  }
  std::string FirstStep() {
    return Json::parse(Ask("GET", kApi).body)["ticket"]["runbook"][0]["title"];
  }

  FakeStore store_;
  bool loopback_ = true;
  HttpRequest request_{
      .method = "", .path = "", .parameters = {}, .hosts = {"localhost:9532"}, .accept = ""};
  Routes routes_{
      clock::SystemClock(),
      {.store = &store_, .status = [] { return SampleStatus(); }, .metrics = {}, .reload = {}},
      {.page_age_max = std::chrono::hours(1)}};
};

TEST_F(HandlingTest, AReviewIsMadeShownAndTakenBack) {
  EXPECT_EQ(Json::parse(Ask("GET", kApi).body)["handling"],
            Json::parse(R"({"review":{"needed":true,"at":null,"by":null,"revision":null},
                            "ticks":[]})"));
  request_.user = "ada";
  const Json done = Json::parse(R"({"needed":false,"at":"2026-11-24T10:03:05.000000Z","by":"ada",
                                    "revision":2})");
  EXPECT_EQ(AskJson("POST", kApi + "/review")["review"], done);
  EXPECT_EQ(AskJson("GET", kApi)["handling"]["review"], done);
  EXPECT_EQ(AskJson("GET", "/api/v1/tickets")["reviews"][0], done);
  EXPECT_EQ(AskJson("GET", "/api/v1/tickets", {{"review", "needed"}})["total"], 0);
  EXPECT_EQ(AskJson("DELETE", kApi + "/review")["review"]["needed"], true);
  EXPECT_EQ(AskJson("GET", "/api/v1/tickets", {{"review", "needed"}})["total"], 1);
}

TEST_F(HandlingTest, WhatWasSeenBeforeItBecameWorseIsNoReview) {
  EXPECT_EQ(AskJson("POST", kApi + "/review", {{"revision", "1"}})["review"]["needed"], true);
  EXPECT_EQ(AskJson("POST", kApi + "/review", {{"revision", "2"}})["review"]["needed"], false);
  EXPECT_EQ(Ask("POST", kApi + "/review", {{"revision", "3"}}).status, 404);
  for (const char* none : {"", "0", "-1", "1x", "99999999999"}) {
    EXPECT_EQ(Ask("POST", kApi + "/review", {{"revision", none}}).status, 400) << none;
  }
}

TEST_F(HandlingTest, NobodyIsLocal) {
  EXPECT_EQ(AskJson("POST", kApi + "/review")["review"]["by"], "local");
  request_.user = std::string(5'000, 'x');
  EXPECT_EQ(AskJson("POST", kApi + "/review")["review"]["by"].get<std::string>().size(), 256u);
  request_.user = "x" + std::string(400, '\0');
  for (size_t i = 1; i < request_.user.size(); i += 2) request_.user.replace(i, 2, "\u00e9");
  EXPECT_EQ(AskJson("POST", kApi + "/review")["review"]["by"].get<std::string>().size(), 255u)
      << "no half character";
}

TEST_F(HandlingTest, AStepIsTickedAndNot) {
  const std::string step = FirstStep();
  request_.user = "bo";
  const Json ticks = AskJson("POST", kApi + "/ticks", {{"step", step}})["ticks"];
  EXPECT_EQ(ticks,
            Json::array({{{"step", step}, {"at", "2026-11-24T10:03:05.000000Z"}, {"by", "bo"}}}));
  EXPECT_EQ(AskJson("DELETE", kApi + "/ticks", {{"step", step}})["ticks"], Json::array());
  EXPECT_EQ(Ask("POST", kApi + "/ticks", {{"step", "Buy cake"}}).status, 409);
  EXPECT_EQ(Ask("POST", kApi + "/ticks").status, 400);
  EXPECT_EQ(Ask("POST", kApi + "/ticks", {{"step", step}, {"stop", "1"}}).status, 400);
}

struct AccessCase {
  const char* name;
  bool loopback;
  bool authenticated;
  const char* origin;
  int status;
};

// As /-/reload: from this machine, or by who has shown who they are, and by no other site's page.
TEST_F(HandlingTest, IsNotForEverybody) {
  const AccessCase cases[] = {
      {"this machine", true, false, "", 200},
      {"the network", false, false, "", 403},
      {"the network, logged in", false, true, "", 200},
      {"our page", true, false, "http://localhost:9532", 200},
      {"another page", true, false, "https://evil.example", 403},
      {"another page, logged in", false, true, "https://evil.example", 403},
      {"a page that hides where it is from", true, false, "null", 403},
  };
  const std::string step = FirstStep();
  for (const AccessCase& c : cases) {
    SCOPED_TRACE(c.name);
    loopback_ = c.loopback;
    request_.authenticated = c.authenticated;
    request_.origin = c.origin;
    EXPECT_EQ(Ask("POST", kApi + "/review").status, c.status);
    EXPECT_EQ(Ask("POST", kApi + "/ticks", {{"step", step}}).status, c.status);
    EXPECT_EQ(Ask("DELETE", kApi + "/ticks", {{"step", step}}).status, c.status);
    EXPECT_EQ(Ask("DELETE", kApi + "/review").status, c.status);
    const int led = c.status == 200 ? 303 : c.status;
    EXPECT_EQ(Ask("POST", kPage + "/review", {{"done", "yes"}}).status, led);
    EXPECT_EQ(Ask("POST", kPage + "/ticks", {{"done", "no"}, {"step", step}}).status, led);
  }
}

TEST_F(HandlingTest, MethodsAreTold) {
  for (const std::string& path : {kApi + "/review", kApi + "/ticks"}) {
    for (const char* method : {"GET", "HEAD", "PUT"}) {
      EXPECT_EQ(Ask(method, path).status, 405);
      EXPECT_EQ(Ask(method, path).allow, "POST, DELETE");
    }
  }
  EXPECT_EQ(Ask("DELETE", kPage + "/review").allow, "POST");
  EXPECT_EQ(Ask("POST", kApi).status, 405);
}

TEST_F(HandlingTest, UnknownTicketsAndPaths) {
  for (const char* path : {"/api/v1/tickets/abc/review", "/api/v1/tickets/<b>/review"}) {
    EXPECT_EQ(Ask("POST", path).status, 404);
    EXPECT_EQ(Ask("DELETE", path).status, 404);
  }
  EXPECT_EQ(Ask("POST", kApi + "/reviews").status, 404);
  EXPECT_EQ(Ask("POST", kApi + "/review/x").status, 404);
  EXPECT_EQ(Ask("POST", "/api/v1/tickets//review").status, 404);
}

TEST_F(HandlingTest, AStoreThatFailsIsTold) {
  store_.Fail(absl::UnavailableError("busy"));
  EXPECT_EQ(Ask("POST", kApi + "/review").status, 503);
  EXPECT_EQ(Ask("POST", kPage + "/review", {{"done", "yes"}}).status, 503);
}

// A form leads back to where it is, and never off this site.
TEST_F(HandlingTest, AFormLeadsBack) {
  const struct {
    const char* referer;
    const char* location;
  } cases[] = {
      {"http://localhost:9532/", "/"},
      {"http://localhost:9532/tickets?severity=high", "/tickets?severity=high"},
      {"https://localhost:9532/tickets", "/tickets"},
      {"https://evil.example/tickets", nullptr},
      {"http://localhost:9532//evil.example/", nullptr},
      {"http://localhost:95321/", nullptr},
      {"http://localhost:9532", nullptr},
      {"", nullptr},
  };
  for (const auto& c : cases) {
    request_.referer = c.referer;
    const HttpReply reply = Ask("POST", kPage + "/review", {{"done", "yes"}, {"revision", "2"}});
    EXPECT_EQ(reply.status, 303) << reply.body;
    EXPECT_EQ(reply.location, c.location == nullptr ? kPage : c.location) << c.referer;
  }
  EXPECT_EQ(Ask("POST", kPage + "/review").status, 400);
  EXPECT_EQ(Ask("POST", kPage + "/review", {{"done", "maybe"}}).status, 400);
  EXPECT_EQ(Ask("POST", "/tickets/abc/review", {{"done", "yes"}}).status, 404);
}

// The status page is kept for a while, but not beyond what changes it; and it has no buttons for
// who may not press them.
TEST_F(HandlingTest, TheStatusPageShowsItAtOnce) {
  EXPECT_THAT(Ask("GET", "/").body, HasSubstr("Mark as looked at"));
  EXPECT_EQ(Ask("POST", kPage + "/review", {{"done", "yes"}}).status, 303);
  EXPECT_THAT(Ask("GET", "/").body, HasSubstr("Every ticket has been looked at"));
  EXPECT_THAT(Ask("GET", "/").body, HasSubstr("Looked at by <bdi>local</bdi>"));
  EXPECT_EQ(Ask("DELETE", kApi + "/review").status, 200);
  EXPECT_THAT(Ask("GET", "/").body, HasSubstr("Mark as looked at"));
  loopback_ = false;
  EXPECT_THAT(Ask("GET", "/").body, Not(HasSubstr("<button")));
  EXPECT_THAT(Ask("GET", kPage).body, Not(HasSubstr("<button")));
}

}  // namespace handling_test
}  // namespace signinwatch::http
