// TheHive, played by a strict stand-in: a request that it would not take fails the test.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "nlohmann/json.hpp"
#include "tests/daemon/sinks/sink_driver.h"
#include "tests/daemon/temporary_folder.h"

namespace signinwatch {
namespace {

using nlohmann::json;
using std::chrono::minutes;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::Pair;
using testing::SizeIs;

constexpr char kUrl[] = "https://hive.example";
constexpr char kClosed[] = "Resolved by signinwatch";

class FakeTheHive {
 public:
  struct Fault {
    absl::StatusOr<HttpResponse> answer;
    bool after_work = false;
  };

  absl::StatusOr<HttpResponse> Answer(const HttpCall& call) {
    if (!faults.empty()) {
      const Fault fault = faults.front();
      faults.erase(faults.begin());
      if (fault.after_work) (void)Work(call);
      return fault.answer;
    }
    HttpResponse answer = Work(call);
    if (--lost_answer == 0) return absl::AbortedError("reset");
    return answer;
  }

  std::vector<Fault> faults;
  int lost_answer = 0;  // of so many requests from now on the last
  std::vector<json> alerts;
  std::vector<std::string> requests;  // "PATCH alert/~2"

 private:
  HttpResponse Work(const HttpCall& call) {
    const std::string begin = std::string(kUrl) + "/api/v1/";
    EXPECT_EQ(call.url.substr(0, begin.size()), begin);
    const std::string path = call.url.substr(begin.size());
    requests.push_back(call.method + " " + path);
    EXPECT_THAT(call.headers, Contains(Pair("Authorization", "Bearer key")));
    if (call.method != "GET") {
      EXPECT_THAT(call.headers, Contains(Pair("Content-Type", "application/json")));
    }
    if (path == "alert") return Create(json::parse(call.body));
    if (path == "query?name=alerts") return Query(json::parse(call.body));
    const std::string id = path.substr(std::string("alert/").size());
    const auto found = std::find_if(alerts.begin(), alerts.end(),
                                    [&id](const json& alert) { return alert.at("_id") == id; });
    if (found == alerts.end()) return {404, R"({"type":"NotFoundError"})", ""};
    if (call.method == "GET") return {200, found->dump(), ""};
    EXPECT_EQ(call.method, "PATCH");
    return Patch(json::parse(call.body), &*found);
  }

  static void ExpectTexts(const json& alert) {
    if (alert.contains("title")) {
      const std::string title = alert.at("title").get<std::string>();
      EXPECT_THAT(title, Not(IsEmpty()));
      EXPECT_LE(title.size(), 512u);
    }
    if (alert.contains("description")) {
      EXPECT_LE(alert.at("description").get<std::string>().size(), 1'048'576u);
    }
    if (alert.contains("severity")) {
      EXPECT_GE(alert.at("severity").get<int>(), 1);
      EXPECT_LE(alert.at("severity").get<int>(), 4);
    }
  }

  HttpResponse Create(json alert) {
    ExpectTexts(alert);
    for (const char* name : {"type", "source", "sourceRef", "title", "description"}) {
      EXPECT_TRUE(alert.contains(name)) << name;
    }
    EXPECT_EQ(alert.at("type"), "signinwatch");
    EXPECT_EQ(alert.at("source"), "signinwatch");
    EXPECT_LE(alert.at("sourceRef").get<std::string>().size(), 128u);
    EXPECT_TRUE(alert.at("date").is_number_integer());
    std::set<json> tags;
    for (const json& tag : alert.at("tags")) {
      EXPECT_TRUE(tags.insert(tag).second);
      EXPECT_THAT(tag.get<std::string>(), Not(HasSubstr("@")));
    }
    std::set<json> observables;
    for (const json& each : alert.at("observables")) {
      EXPECT_TRUE(observables.insert(each).second) << each;
    }
    for (const json& other : alerts) {
      if (other.at("sourceRef") == alert.at("sourceRef")) {
        return {400, R"({"type":"CreateError","message":"Alert already exists"})", ""};
      }
    }
    alert["_id"] = "~" + std::to_string(alerts.size() + 1);
    alert["stage"] = alert["status"] = "New";
    alerts.push_back(alert);
    return {201, alert.dump(), ""};
  }

  // It also finds a stranger's, as if a filter was not understood.
  HttpResponse Query(const json& query) {
    EXPECT_EQ(query.at("query")[0].at("_name"), "listAlert");
    const json& filter = query.at("query")[1];
    EXPECT_EQ(filter.at("_name"), "filter");
    EXPECT_EQ(filter.at("_and")[1].at("_eq"),
              json({{"_field", "source"}, {"_value", "signinwatch"}}));
    json found = {{{"_id", "~99"}, {"type", "x"}, {"source", "x"}, {"sourceRef", kSampleTicket}}};
    for (const json& alert : alerts) {
      if (alert.at("sourceRef") == filter.at("_and")[0].at("_eq").at("_value")) {
        found.push_back(alert);
      }
    }
    return {200, found.dump(), ""};
  }

  HttpResponse Patch(const json& fields, json* alert) {
    ExpectTexts(fields);
    EXPECT_THAT(fields.dump(), HasSubstr(std::string(kSampleTicket) + "/"));
    for (const auto& [name, value] : fields.items()) {
      EXPECT_THAT((std::set<std::string>{"title", "description", "severity", "summary", "status"}),
                  Contains(name));
      (*alert)[name] = value;
    }
    if (fields.contains("status")) {
      const bool closed = fields.at("status") == kClosed;
      EXPECT_TRUE(closed || fields.at("status") == "New");
      (*alert)["stage"] = closed ? "Closed" : "New";
    }
    return {204, "", ""};
  }
};

class TheHiveTest : public testing::Test {
 protected:
  TheHiveTest() {
    config_.name = "hive";
    config_.type = "thehive";
    config_.settings["url"] = std::string(kUrl) + "/";
    config_.settings["token"] = SecretRef{SecretRef::From::kFile, folder_.Write("token", "key")};
    config_.settings["closed_status"] = std::string(kClosed);
    world_.answer = [this](const HttpCall& call) { return service_.Answer(call); };
  }
  [[nodiscard]] json& Only() {
    EXPECT_THAT(service_.alerts, SizeIs(1));
    return service_.alerts.front();
  }

  const TemporaryFolder folder_;
  SinkConfig config_;
  FakeParts world_;
  FakeTheHive service_;
};

TEST_F(TheHiveTest, ATicketIsOneAlertThroughItsLife) {
  SinkDriver driver(config_, &world_);
  driver.Tell("open", 0, Severity::kMedium);
  EXPECT_EQ(Only().at("sourceRef"), kSampleTicket);
  EXPECT_EQ(Only().at("severity"), 2);
  EXPECT_EQ(Only().at("date"), 1'795'510'800'000);
  EXPECT_EQ(Only().at("externalLink"),
            std::string("https://signinwatch.contoso.example/tickets/") + kSampleTicket);
  EXPECT_THAT(Only().at("description").get<std::string>(),
              AllOf(HasSubstr("ada@contoso.example"), HasSubstr("\n1. **"),
                    EndsWith(std::string("Reference: ") + kSampleTicket + "/1")));
  EXPECT_THAT(Only().at("observables"),
              Contains(json({{"dataType", "mail"}, {"data", "ada@contoso.example"}})));
  EXPECT_EQ(driver.Remote().remote_id, "~1");
  EXPECT_EQ(driver.Remote().link, "https://hive.example/alerts/~1/details");
  driver.Tell("open", 0, Severity::kCritical);
  EXPECT_EQ(Only().at("severity"), 4);
  driver.Tell("resolved");
  EXPECT_EQ(Only().at("status"), kClosed);
  EXPECT_THAT(Only().at("description").get<std::string>(), EndsWith("/3"));
  driver.Tell("resolved");
  EXPECT_EQ(Only().at("stage"), "Closed");
  EXPECT_THAT(Only().at("description").get<std::string>(), EndsWith("/4"));
  driver.Tell("open", 1);
  EXPECT_EQ(Only().at("stage"), "New");
  EXPECT_EQ(driver.Remote().state, RemoteState::kOpen);
}

TEST_F(TheHiveTest, MergedNamesTheTicketThatGoesOnAndIsClosed) {
  SinkDriver driver(config_, &world_);
  driver.Tell("merged");
  EXPECT_EQ(Only().at("stage"), "Closed");
  EXPECT_THAT(Only().at("description").get<std::string>(),
              HasSubstr("**Merged into:** 00000000-0000-5000-8000-00000000000a"));
}

TEST_F(TheHiveTest, AfterALostAnswerTheOneThatIsThereIsTaken) {
  for (const auto& fault : std::vector<absl::StatusOr<HttpResponse>>{
           absl::DeadlineExceededError("no answer"), absl::AbortedError("reset"),
           HttpResponse{503, "", "7"}, HttpResponse{500, "", ""},
           HttpResponse{201, "<html>", ""}}) {
    service_ = {};
    world_.outbox.Clear();
    SinkDriver driver(config_, &world_);
    service_.faults = {{fault, true}};
    driver.Add(driver.Next("open"));
    driver.Step();
    driver.Restart();
    driver.Run();
    EXPECT_EQ(driver.Remote().remote_id, "~1");
    EXPECT_THAT(service_.requests, Contains("POST query?name=alerts"));
    driver.Tell("resolved");
    EXPECT_EQ(Only().at("stage"), "Closed");
  }
}

TEST_F(TheHiveTest, WhatALookUpAfterALostAnswerFindsClosedIsAPersons) {
  SinkDriver driver(config_, &world_);
  service_.faults = {{absl::AbortedError("reset"), true}};
  driver.Add(driver.Next("open"));
  driver.Step();
  Only()["stage"] = "Closed";
  Only()["status"] = "Duplicated";
  const json before = Only();
  driver.Run();
  EXPECT_EQ(Only(), before);
  EXPECT_EQ(driver.Remote().state, RemoteState::kClosedByPerson);
}

TEST_F(TheHiveTest, ABadRequestIsGivenUpAndTheNextIsTriedAnew) {
  SinkDriver driver(config_, &world_);
  service_.faults = {{HttpResponse{400, R"({"type":"BadRequest"})", ""}, false}};
  driver.Tell("open");
  EXPECT_THAT(service_.alerts, IsEmpty());
  EXPECT_EQ(world_.outbox.outcomes().back().kind, DeliveryOutcome::Kind::kFailed);
  driver.Tell("open");
  EXPECT_THAT(service_.alerts, SizeIs(1));
}

TEST_F(TheHiveTest, APersonsAlertIsLeftAloneUntilTheBurstComesBack) {
  for (const auto& [stage, status] :
       std::map<std::string, std::string>{{"Imported", "Imported"}, {"Closed", "FalsePositive"}}) {
    service_ = {};
    world_.outbox.Clear();
    SinkDriver driver(config_, &world_);
    driver.Tell("open");
    Only()["stage"] = stage;
    Only()["status"] = status;
    const json before = Only();
    driver.Tell("open", 0, Severity::kCritical);
    driver.Tell("resolved");
    EXPECT_EQ(Only(), before);
    EXPECT_EQ(driver.Remote().state, RemoteState::kClosedByPerson);
    driver.Tell("open", 1);
    ASSERT_THAT(service_.alerts, SizeIs(2));
    EXPECT_EQ(service_.alerts[0], before);
    EXPECT_EQ(service_.alerts[1].at("sourceRef"), std::string(kSampleTicket) + "-2");
    EXPECT_THAT(service_.alerts[1].at("description").get<std::string>(),
                HasSubstr("https://hive.example/alerts/~1/details"));
  }
}

TEST_F(TheHiveTest, WhatAPersonTookBackOrDeletedIsSeen) {
  SinkDriver driver(config_, &world_);
  driver.Tell("open");
  driver.Tell("resolved");
  Only()["stage"] = Only()["status"] = "InProgress";
  driver.Tell("resolved");
  EXPECT_EQ(Only().at("stage"), "Closed") << "a resolved revision closes it again";
  service_.alerts.clear();
  driver.Tell("resolved");
  EXPECT_THAT(service_.alerts, IsEmpty());
  EXPECT_EQ(driver.Remote().state, RemoteState::kClosedByPerson);
  driver.Tell("open", 1);
  EXPECT_EQ(Only().at("sourceRef"), std::string(kSampleTicket) + "-2");
}

TEST_F(TheHiveTest, FieldsThatAPersonChangedAreTheirs) {
  SinkDriver driver(config_, &world_);
  driver.Tell("open", 0, Severity::kMedium);
  Only()["title"] = "Ada, again";
  Only()["description"] = "We know.";
  Only()["severity"] = 1;
  driver.Tell("open", 0, Severity::kCritical);
  driver.Tell("resolved");
  EXPECT_EQ(Only().at("title"), "Ada, again");
  EXPECT_EQ(Only().at("description"), "We know.");
  EXPECT_EQ(Only().at("severity"), 1);
  EXPECT_THAT(Only().at("summary").get<std::string>(),
              EndsWith(std::string("Reference: ") + kSampleTicket + "/3"));
  EXPECT_EQ(Only().at("stage"), "Closed");
}

TEST_F(TheHiveTest, AnExpiredTokenAndAPauseWait) {
  SinkDriver driver(config_, &world_);
  const SteadyTime begin = world_.clock.Steady();
  service_.faults = {{HttpResponse{401, "", ""}, false},
                     {HttpResponse{403, "", ""}, false},
                     {HttpResponse{429, "", "300"}, false}};
  driver.Tell("open");
  EXPECT_GE(world_.clock.Steady() - begin, minutes(5));
  EXPECT_THAT(service_.alerts, SizeIs(1));
}

TEST_F(TheHiveTest, AProcessThatEndsWithinAChangeGoesOnThere) {
  SinkDriver driver(config_, &world_);
  driver.Tell("open");
  for (int request = 1; request <= 3; ++request) {  // read, text, status
    driver.Add(driver.Next("resolved"));
    service_.lost_answer = request;
    driver.Step();
    driver.Restart();
    driver.Run();
    EXPECT_EQ(Only().at("stage"), "Closed");
    EXPECT_EQ(driver.Remote().state, RemoteState::kClosed);
    driver.Tell("open", static_cast<uint32_t>(request));
    EXPECT_EQ(Only().at("stage"), "New");
  }
}

TEST_F(TheHiveTest, TitleAndBodyAreTheSitesAndRecordsHaveNoMarkup) {
  config_.settings["title"] = std::string("SOC {{severity}}: {{user_principal_name}}");
  config_.settings["body"] = std::string("*{{user_principal_name}}*");
  SinkDriver driver(config_, &world_);
  Delivery delivery = driver.Next("open");
  json ticket = json::parse(delivery.json);
  ticket["user_principal_name"] = "[x](https://evil.example)<b>";
  delivery.json = ticket.dump();
  delivery.parent_ticket_id = "p1";
  driver.Tell(delivery);
  EXPECT_EQ(Only().at("title"), "SOC high: [x](https://evil.example)<b>") << "titles are plain";
  EXPECT_EQ(
      Only().at("description"),
      std::string("*\\[x\\](https://evil.example)\\<b\\>*\n\n- **Part of:** p1\n\nReference: ") +
          kSampleTicket + "/1");
}

TEST_F(TheHiveTest, ASecretThatIsMissingIsSaidAtTheStart) {
  config_.settings["token"] = SecretRef{SecretRef::From::kFile, folder_.Path("none")};
  const SinkParts parts = world_.parts();
  EXPECT_THAT(std::string(MakeTicketSink(config_, parts).status().message()),
              HasSubstr("sink hive"));
}

}  // namespace
}  // namespace signinwatch
