// Holds deploy/openapi.yaml against the server: every path, parameter, status, content type and
// field of the document is answered, and nothing is answered that is not in it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "daemon/clock/clock.h"
#include "daemon/http/http_server.h"
#include "daemon/http/instance_details.h"
#include "daemon/http/page/assets.h"
#include "daemon/http/routes.h"
#include "daemon/http/ticket_parameters.h"
#include "daemon/words/ticket_json.h"
#include "nlohmann/json.hpp"
#include "parser/ascii.h"
#include "tests/daemon/http/fake_instances.h"
#include "tests/daemon/http/fake_store.h"
#include "tests/daemon/http/http_tickets.h"
#include "tests/daemon/http/json_schema.h"
#include "tests/daemon/http/sample_status.h"
#include "tests/daemon/words/sample_context.h"

namespace signinwatch::http {
namespace openapi_test {

using Json = nlohmann::json;
using testing::ContainerEq;
using testing::IsEmpty;

enum class Mood {
  kWell,
  kTroubled,
  kStoreBusy,
  kStoreBroken,
  kBadConfig,
  kStopping,
  kReloading,
  kReloadOff
};

// A request, and what is to come of it.
struct Question {
  const char* path;    // as in the document
  const char* target;  // as it is asked
  int status;
  Mood mood = Mood::kWell;
  const char* accept = "";
  const char* method = "GET";
  const char* origin = "";
};

constexpr const char* kTicketTarget = "/api/v1/tickets/00000000-0000-5000-8000-000000000001";
constexpr const char* kReviewPath = "/api/v1/tickets/{id}/review";
constexpr const char* kReviewTarget = "/api/v1/tickets/00000000-0000-5000-8000-000000000001/review";
constexpr const char* kTicksPath = "/api/v1/tickets/{id}/ticks";
constexpr const char* kTicksTarget = "/api/v1/tickets/00000000-0000-5000-8000-000000000003/ticks";
// A step of the runbook of that ticket.
constexpr const char* kTickTarget =
    "/api/v1/tickets/00000000-0000-5000-8000-000000000003/ticks?step=Contain%3A%20revoke%20all%20"
    "sessions";
constexpr const char* kEvilOrigin = "https://evil.example";
constexpr const char* kTenantTarget = "/api/v1/tickets/00000000-0000-5000-8000-000000000002";

const std::vector<Question>& Questions() {
  static const std::vector<Question> questions{
      {"/api/v1/tickets", "/api/v1/tickets", 200},
      {"/api/v1/tickets", "/api/v1/tickets?limit=1", 200},
      {"/api/v1/tickets", "/api/v1/tickets?state=x&y=z", 400},
      {"/api/v1/tickets", "/api/v1/tickets", 405, Mood::kWell, "", "POST"},
      {"/api/v1/tickets", "/api/v1/tickets", 500, Mood::kStoreBroken},
      {"/api/v1/tickets", "/api/v1/tickets", 503, Mood::kStoreBusy},
      {"/api/v1/tickets/{id}", kTicketTarget, 200},
      {"/api/v1/tickets/{id}", kTenantTarget, 200},
      {"/api/v1/tickets/{id}", "/api/v1/tickets/abc", 404},
      {"/api/v1/tickets/{id}", kTicketTarget, 405, Mood::kWell, "", "POST"},
      {"/api/v1/tickets/{id}", kTicketTarget, 500, Mood::kStoreBroken},
      {"/api/v1/tickets/{id}", kTicketTarget, 503, Mood::kStoreBusy},
      {kReviewPath, kReviewTarget, 200, Mood::kWell, "", "POST"},
      {kTicksPath, kTickTarget, 200, Mood::kWell, "", "POST"},
      {"/api/v1/tickets", "/api/v1/tickets?limit=1000", 200},
      {"/api/v1/tickets/{id}", "/api/v1/tickets/00000000-0000-5000-8000-000000000003", 200},
      {kReviewPath, kReviewTarget, 200, Mood::kWell, "", "DELETE"},
      {kTicksPath, kTickTarget, 200, Mood::kWell, "", "DELETE"},
      {kReviewPath, kReviewTarget, 405},
      {kTicksPath, kTicksTarget, 405},
      {kReviewPath, "/api/v1/tickets/00000000-0000-5000-8000-000000000001/review?revision=x", 400,
       Mood::kWell, "", "POST"},
      {kReviewPath, "/api/v1/tickets/00000000-0000-5000-8000-000000000001/review?revision=1", 400,
       Mood::kWell, "", "DELETE"},
      {kTicksPath, kTicksTarget, 400, Mood::kWell, "", "POST"},
      {kTicksPath, kTicksTarget, 400, Mood::kWell, "", "DELETE"},
      {kTicksPath, "/api/v1/tickets/00000000-0000-5000-8000-000000000003/ticks?step=none", 409,
       Mood::kWell, "", "POST"},
      {kReviewPath, kReviewTarget, 403, Mood::kWell, "", "POST", kEvilOrigin},
      {kReviewPath, "/api/v1/tickets/abc/review", 404, Mood::kWell, "", "POST"},
      {kReviewPath, kReviewTarget, 500, Mood::kStoreBroken, "", "POST"},
      {kReviewPath, kReviewTarget, 503, Mood::kStoreBusy, "", "POST"},
      {kReviewPath, kReviewTarget, 403, Mood::kWell, "", "DELETE", kEvilOrigin},
      {kReviewPath, "/api/v1/tickets/abc/review", 404, Mood::kWell, "", "DELETE"},
      {kReviewPath, kReviewTarget, 500, Mood::kStoreBroken, "", "DELETE"},
      {kReviewPath, kReviewTarget, 503, Mood::kStoreBusy, "", "DELETE"},
      {kTicksPath, kTickTarget, 403, Mood::kWell, "", "POST", kEvilOrigin},
      {kTicksPath, "/api/v1/tickets/abc/ticks?step=x", 404, Mood::kWell, "", "POST"},
      {kTicksPath, kTickTarget, 500, Mood::kStoreBroken, "", "POST"},
      {kTicksPath, kTickTarget, 503, Mood::kStoreBusy, "", "POST"},
      {kTicksPath, kTickTarget, 403, Mood::kWell, "", "DELETE", kEvilOrigin},
      {kTicksPath, "/api/v1/tickets/abc/ticks?step=x", 404, Mood::kWell, "", "DELETE"},
      {kTicksPath, kTickTarget, 500, Mood::kStoreBroken, "", "DELETE"},
      {kTicksPath, kTickTarget, 503, Mood::kStoreBusy, "", "DELETE"},
      {"/api/v1/instances", "/api/v1/instances", 200},
      {"/api/v1/instances", "/api/v1/instances", 404, Mood::kReloadOff},
      {"/api/v1/instances", "/api/v1/instances", 405, Mood::kWell, "", "POST"},
      {"/api/v1/instances", "/api/v1/instances", 500, Mood::kStoreBroken},
      {"/api/v1/instances", "/api/v1/instances", 503, Mood::kStoreBusy},
      {"/api/v1/status", "/api/v1/status", 200},
      {"/api/v1/status", "/api/v1/status", 200, Mood::kTroubled},
      {"/api/v1/status", "/api/v1/status", 405, Mood::kWell, "", "POST"},
      {"/api/v1/openapi.yaml", "/api/v1/openapi.yaml", 200},
      {"/api/v1/openapi.yaml", "/api/v1/openapi.yaml", 405, Mood::kWell, "", "POST"},
      {"/metrics", "/metrics", 200},
      {"/metrics", "/metrics", 200, Mood::kWell, "application/openmetrics-text"},
      {"/metrics", "/metrics", 405, Mood::kWell, "", "POST"},
      {"/-/healthy", "/-/healthy", 200},
      {"/-/healthy", "/-/healthy", 405, Mood::kWell, "", "POST"},
      {"/healthz", "/healthz", 200},
      {"/healthz", "/healthz", 405, Mood::kWell, "", "POST"},
      {"/-/ready", "/-/ready", 200},
      {"/-/ready", "/-/ready", 200, Mood::kWell, "application/json"},
      {"/-/ready", "/-/ready", 405, Mood::kWell, "", "POST"},
      {"/-/ready", "/-/ready", 503, Mood::kTroubled},
      {"/-/ready", "/-/ready", 503, Mood::kTroubled, "application/json"},
      {"/-/reload", "/-/reload", 200, Mood::kWell, "", "POST"},
      {"/-/reload", "/-/reload", 400, Mood::kBadConfig, "", "POST"},
      {"/-/reload", "/-/reload", 403, Mood::kWell, "", "POST", "https://evil.example"},
      {"/-/reload", "/-/reload", 404, Mood::kReloadOff, "", "POST"},
      {"/-/reload", "/-/reload", 405},
      {"/-/reload", "/-/reload", 429, Mood::kReloading, "", "POST"},
      {"/-/reload", "/-/reload", 500, Mood::kStopping, "", "POST"},
      {"/readyz", "/readyz", 200},
      {"/readyz", "/readyz", 200, Mood::kWell, "application/json"},
      {"/readyz", "/readyz", 405, Mood::kWell, "", "POST"},
      {"/readyz", "/readyz", 503, Mood::kTroubled},
      {"/readyz", "/readyz", 503, Mood::kTroubled, "application/json"},
  };
  return questions;
}

class OpenApiTest : public testing::Test {
 protected:
  void SetUp() override {
    Ticket user = UserTicketNumber(1);
    user.findings.persistent = true;
    user.context = words::FullUserContext();
    user.context.sign_in_risk = {0, 1, 2, 3};
    user.timeline = {
        .start = user.first_event_time, .step = std::chrono::minutes(1), .counts = {30, 0, 7}};
    user.parent_ticket_id = user.continues = user.merged_into = TicketId(2);
    store_.Add(words::TicketToJson(user));
    store_.Add(words::TicketToJson(Resolved(user), "https://soc.contoso.example"));
    store_.AddRemote({.sink = "files", .ticket_id = user.ticket_id, .revision = 2});
    store_.AddRemote({.sink = "jira",
                      .ticket_id = user.ticket_id,
                      .remote_id = "SOC-7",
                      .link = "https://contoso.atlassian.example/browse/SOC-7",
                      .state = store::RemoteState::kClosedByPerson,
                      .revision = 1,
                      .error = "HTTP 503"});
    Ticket tenant = TenantTicketNumber(2);
    tenant.context = words::FullTenantContext();
    store_.Add(words::TicketToJson(tenant));
    store_.roll_ups[user.ticket_id].under = {{"chat", TicketId(2)}};
    store_.roll_ups[TicketId(2)].holds = {
        {"chat", {.total = 1, .shown = {{user.ticket_id, "ada@contoso.example"}}}}};
    Ticket unexplained = UserTicketNumber(3);
    unexplained.cause = Cause::kUnexplained;
    unexplained.exception = "Teams Rooms";
    store_.Add(words::TicketToJson(unexplained));
    instances_.known = {.seen = {{.facts = {.name = "detect-0",
                                            .role = "detect",
                                            .version = "1.2.3",
                                            .started_at = user.first_event_time,
                                            .details = InstanceDetails(12)},
                                  .seen_at = user.last_event_time,
                                  .shards = {0, 3},
                                  .is_this = true},
                                 {.facts = {.name = "detect-1",
                                            .role = "detect",
                                            .version = "1.2.3",
                                            .started_at = user.first_event_time},
                                  .seen_at = user.last_event_time}},
                        .unowned = {2}};
    config::HttpConfig config;
    config.listen = "127.0.0.1:0";
    auto server = HttpServer::Start(clock::SystemClock(), config,
                                    {.store = &store_,
                                     .instances = &instances_,
                                     .status = [this] { return status_; },
                                     .metrics = [](bool) { return std::string("m\n"); },
                                     .reload = [this] { return reload_; }});
    ASSERT_TRUE(server.ok());
    server_ = *std::move(server);
    auto without = HttpServer::Start(clock::SystemClock(), config,
                                     {.store = &store_, .status = {}, .metrics = {}, .reload = {}});
    ASSERT_TRUE(without.ok());
    without_reload_ = *std::move(without);
    client_ = std::make_unique<httplib::Client>("127.0.0.1", server_->port());
  }

  httplib::Result Ask(const Question& question) {
    status_ = question.mood == Mood::kTroubled ? TroubledStatus() : SampleStatus();
    instances_.status = question.mood == Mood::kStoreBusy     ? absl::UnavailableError("busy")
                        : question.mood == Mood::kStoreBroken ? absl::DataLossError("broken")
                                                              : absl::OkStatus();
    store_.Fail(instances_.status);
    reload_ = question.mood == Mood::kBadConfig  ? absl::InvalidArgumentError("a.yaml:1:2: what")
              : question.mood == Mood::kStopping ? absl::UnavailableError("it is stopping")
                                                 : absl::OkStatus();
    reload_.retry_after_s = question.mood == Mood::kReloading ? 7 : 0;
    httplib::Request request;
    request.method = question.method;
    request.path = question.target;
    if (*question.accept != '\0') request.set_header("Accept", question.accept);
    if (*question.origin != '\0') request.set_header("Origin", question.origin);
    if (question.mood != Mood::kReloadOff) return client_->send(request);
    return httplib::Client("127.0.0.1", without_reload_->port()).send(request);
  }
  int StatusOf(const std::string& target) { return Ask({"", target.c_str(), 0})->status; }

  // As the document spells a method. One that is not described is asked for to be refused, as is
  // said with each method that is.
  std::string MethodOf(const Question& question) {
    std::string method = question.method;
    std::transform(method.begin(), method.end(), method.begin(),
                   [](char c) { return LowerAsciiOf(c); });
    const Json& methods = document_.at("paths").at(question.path);
    return methods.contains(method) ? method : methods.begin().key();
  }

  // The answer that the document describes for a question's status.
  const Json& Response(const Question& question, int status) {
    static const Json none = Json::object();
    const Json& responses =
        document_.at("paths").at(question.path).at(MethodOf(question)).at("responses");
    const std::string key = std::to_string(status);
    return responses.contains(key) ? check_.Resolve(responses[key]) : none;
  }

  void CheckAnswer(const Question& question, const httplib::Response& answer) {
    const std::string where = question.path + std::string(" ") + std::to_string(question.status);
    const std::string full_type = answer.get_header_value("Content-Type");
    const std::string type = full_type.substr(0, full_type.find(';'));
    const Json& response = Response(question, answer.status);
    ASSERT_TRUE(response.contains("content")) << where;
    ASSERT_TRUE(response["content"].contains(type)) << where << " " << type;
    // That a method is not allowed is said with each that is.
    for (const auto& [method, unused] : document_.at("paths").at(question.path).items()) {
      if (method == MethodOf(question) || answer.status == 405) {
        types_seen_[method + question.path + std::to_string(answer.status)].insert(type);
      }
    }
    if (response.contains("headers")) {
      for (const auto& [name, unused] : response["headers"].items()) {
        EXPECT_TRUE(answer.has_header(name)) << where << " " << name;
      }
    }
    const bool is_json = type.ends_with("json");
    const Json value = is_json ? Json::parse(answer.body) : Json(answer.body);
    check_.Check(response["content"][type]["schema"], value, where);
  }

  const Json document_ = ReadYaml(kOpenApiYaml);
  SchemaCheck check_{document_};
  std::map<std::string, std::set<std::string>> types_seen_;  // by method, path and status
  FakeStore store_;
  FakeInstances instances_;
  pipeline::ServeStatus status_;
  ReloadAnswer reload_ = absl::OkStatus();
  std::unique_ptr<HttpServer> server_;
  std::unique_ptr<HttpServer> without_reload_;
  std::unique_ptr<httplib::Client> client_;
};

TEST_F(OpenApiTest, AnswersAreAsDescribedAndAllThatIsDescribedIsAnswered) {
  for (const Question& question : Questions()) {
    const auto answer = Ask(question);
    ASSERT_TRUE(answer) << question.target;
    EXPECT_EQ(answer->status, question.status) << question.target;
    CheckAnswer(question, *answer);
  }
  EXPECT_THAT(check_.errors(), IsEmpty());

  std::map<std::string, std::set<std::string>> described;
  for (const auto& [path, methods] : document_["paths"].items()) {
    for (const auto& [method, operation] : methods.items()) {
      for (const auto& [status, response] : operation["responses"].items()) {
        for (const auto& [type, content] : check_.Resolve(response)["content"].items()) {
          described[method + path + status].insert(type);
        }
      }
    }
  }
  EXPECT_THAT(types_seen_, ContainerEq(described));
  for (const auto& [name, schema] : document_["components"]["schemas"].items()) {
    EXPECT_THAT(check_.Unseen(schema), IsEmpty()) << name;
  }
}

TEST_F(OpenApiTest, PathsAreThoseOfTheServer) {
  // Pages for people are not for programs.
  const std::set<std::string> pages{"/",
                                    "/tickets",
                                    "/tickets/{id}",
                                    "/tickets/{id}/review",
                                    "/tickets/{id}/ticks",
                                    "/tenants",
                                    "/tenant",
                                    "/user",
                                    "/runbook",
                                    "/capacity",
                                    "/instances",
                                    "/assets/{id}"};
  std::set<std::string> served;
  for (const std::string& path : Routes::Paths()) {
    if (!pages.contains(path)) served.insert(path);
  }
  std::set<std::string> described;
  for (const auto& [path, methods] : document_["paths"].items()) described.insert(path);
  EXPECT_THAT(described, ContainerEq(served));
}

TEST_F(OpenApiTest, ParametersAreThoseOfTheServer) {
  const auto refusal = Ask({"", "/api/v1/tickets?nonsense=1", 400});
  ASSERT_EQ(refusal->status, 400);
  const std::set<std::string> taken =
      Json::parse(refusal->body)["errors"][0]["allowed"].get<std::set<std::string>>();
  std::set<std::string> described;
  for (const Json& parameter : document_["paths"]["/api/v1/tickets"]["get"]["parameters"]) {
    described.insert(parameter["name"].get<std::string>());
  }
  EXPECT_THAT(described, ContainerEq(taken));
}

TEST_F(OpenApiTest, ParametersTakeWhatIsDescribedAndNothingElse) {
  const std::string base = "/api/v1/tickets?";
  for (const Json& parameter : document_["paths"]["/api/v1/tickets"]["get"]["parameters"]) {
    const std::string name = parameter["name"].get<std::string>() + "=";
    const Json& whole = check_.Resolve(parameter["schema"]);
    const bool several = whole["type"] == "array";
    const Json& schema = several ? check_.Resolve(whole["items"]) : whole;
    if (schema.contains("enum")) {
      const std::string first = name + schema["enum"][0].get<std::string>();
      const std::string second = name + schema["enum"][1].get<std::string>();
      EXPECT_EQ(StatusOf(base + first + "&" + second), several ? 200 : 400) << name;
      for (const Json& word : schema["enum"]) {
        EXPECT_EQ(StatusOf(base + name + word.get<std::string>()), 200) << name << word;
      }
      EXPECT_EQ(StatusOf(base + name + "x"), 400) << name;
    } else if (schema["type"] == "integer") {
      for (const char* bound : {"minimum", "maximum"}) {
        const int value = schema[bound];
        const int beyond = bound == std::string("minimum") ? value - 1 : value + 1;
        EXPECT_EQ(StatusOf(base + name + std::to_string(value)), 200) << name << value;
        EXPECT_EQ(StatusOf(base + name + std::to_string(beyond)), 400) << name << beyond;
      }
      store::TicketFilter filter;
      EXPECT_EQ(schema["default"], filter.limit);
    } else if (schema.value("format", "") == "date-time") {
      EXPECT_EQ(StatusOf(base + name + "2026-11-24T09:00:00%2B01:00"), 200) << name;
      EXPECT_EQ(StatusOf(base + name + "yesterday"), 400) << name;
    } else {
      const size_t longest = schema["maxLength"];
      const bool cursor = name == "cursor=";  // only the store's own are good
      EXPECT_EQ(StatusOf(base + name + std::string(longest, '1')), cursor ? 400 : 200) << name;
      EXPECT_EQ(StatusOf(base + name + std::string(longest + 1, '1')), 400) << name;
      EXPECT_EQ(StatusOf(base + name), 400) << name;
    }
  }
  EXPECT_EQ(StatusOf(base + "cursor=1&limit=1"), 200);
}

TEST_F(OpenApiTest, WordsAreThoseOfTheProgram) {
  const Json& schemas = document_["components"]["schemas"];
  EXPECT_EQ(schemas["State"]["enum"], Json(StateWords()));
  EXPECT_EQ(schemas["Cause"]["enum"], Json(CauseWords()));
  EXPECT_EQ(schemas["Severity"]["enum"], Json(SeverityWords()));
  EXPECT_EQ(schemas["Scope"]["enum"], Json(ScopeWords()));
  Json kinds = Json::array();
  for (int i = 0; i < kChangeKindCount; ++i) {
    kinds.push_back(ChangeKindName(static_cast<ChangeKind>(i)));
  }
  EXPECT_EQ(schemas["ChangeKind"]["enum"], kinds);
  Json reasons = Json::array();
  for (int i = 0; i <= static_cast<int>(RevisionReason::kMerged); ++i) {
    reasons.push_back(RevisionReasonName(static_cast<RevisionReason>(i)));
  }
  EXPECT_EQ(schemas["Ticket"]["properties"]["reason"]["enum"], reasons);
}

TEST_F(OpenApiTest, TheServerServesTheDocument) {
  const auto answer = Ask({"", "/api/v1/openapi.yaml", 200});
  EXPECT_EQ(ReadYaml(answer->body), document_);
}

}  // namespace openapi_test
}  // namespace signinwatch::http
