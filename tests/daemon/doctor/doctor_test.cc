// The doctor against librdkafka's mock cluster, files and a web server.
#include "daemon/doctor/doctor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <ctime>
#include <filesystem>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "daemon/doctor/examination.h"
#include "daemon/kafka/kafka_producer.h"
#include "daemon/kafka/mock_cluster.h"
#include "daemon/signals/signal_message.h"
#include "daemon/store/open_store.h"
#include "tests/daemon/http_client/web_server.h"
#include "tests/daemon/temporary_folder.h"

namespace signinwatch::doctor {
namespace doctor_test {

using std::chrono::milliseconds;
using std::chrono::minutes;
using testing::HasSubstr;

std::string Record(const std::string& category, EventTime at) {
  const std::string time = FormatEventTime(at);
  return R"({"time":")" + time + R"(","category":")" + category +
         R"(","tenantId":"11111111-2222-4333-8444-555555555555","resultType":"0",)" +
         R"("operationName":"x","properties":{"id":"a","createdDateTime":")" + time +
         R"(","activityDateTime":")" + time +
         R"(","userId":"22222222-2222-4333-8444-555555555555","status":{"errorCode":0}}})";
}

class Doctor : public testing::Test {
 protected:
  Doctor() {
    config_.serve.kafka.cluster.brokers = cluster_->bootstrap_servers();
    config_.serve.kafka.topics = {"signins"};
    config_.serve.store.path = folder_.Path("store.db");
    config::SinkConfig sink;
    sink.name = "archive";
    sink.type = "file";
    sink.settings["path"] = folder_.Path("tickets.jsonl");
    config_.serve.sinks = {sink};
    EXPECT_TRUE(cluster_->CreateTopic("signins", 2).ok());
  }

  void Produce(const std::vector<std::string>& values, const char* topic = "signins") {
    kafka::KafkaProducerOptions options;
    options.cluster = config_.serve.kafka.cluster;
    auto producer = kafka::MakeKafkaProducer(clock::SystemClock(), options);
    ASSERT_TRUE(producer.ok());
    int32_t partition = 0;
    for (const std::string& value : values) {
      ASSERT_TRUE((*producer)
                      ->Produce({.topic = topic,
                                 .key = "",
                                 .value = value,
                                 .headers = {},
                                 .partition = partition++ % 2},
                                nullptr)
                      .ok());
    }
    ASSERT_TRUE((*producer)->Flush(milliseconds(10'000)).ok());
  }

  // By check; of several findings of one, the texts one after the other and the worst verdict.
  struct Result {
    Verdict verdict = Verdict::kOk;
    std::string text;
  };
  std::map<std::string, Result> Examined() {
    std::map<std::string, Result> results;
    Examine(config_, "f.yaml", clock::SystemClock(), [&](const Finding& finding) {
      Result& result = results[finding.check];
      if (finding.verdict == Verdict::kFail || result.text.empty()) {
        result.verdict = finding.verdict;
      }
      result.text += finding.text + "\n";
    });
    return results;
  }

  const TemporaryFolder folder_;
  const std::unique_ptr<kafka::MockCluster> cluster_ = *kafka::MockCluster::Start();
  config::Config config_;
};

TEST_F(Doctor, FindsNothingWhereAllIsWell) {
  const EventTime now = std::chrono::floor<Duration>(std::chrono::system_clock::now());
  Produce({Record("SignInLogs", now - minutes(3)),
           Record("NonInteractiveUserSignInLogs", now - minutes(2)),
           Record("AuditLogs", now - minutes(1))});
  const auto results = Examined();
  for (const char* check :
       {"configuration", "secrets", "dns", "tcp", "authentication", "topics", "partitions",
        "retention", "clock", "records", "store", "http", "sink archive"}) {
    ASSERT_TRUE(results.contains(check)) << check;
    EXPECT_EQ(results.at(check).verdict, Verdict::kOk) << check << ": " << results.at(check).text;
  }
  EXPECT_THAT(results.at("partitions").text, HasSubstr("2 partitions with 3 messages"));
  EXPECT_THAT(results.at("records").text, HasSubstr("3 records in the newest 3 messages"));
  EXPECT_THAT(results.at("clock").text, HasSubstr("not behind the broker's"));
  EXPECT_FALSE(results.contains("tls"));
}

TEST_F(Doctor, LeavesTheStoreAlone) {
  EXPECT_EQ(Examined().at("store").verdict, Verdict::kOk);
  EXPECT_TRUE(std::filesystem::is_empty(folder_.Path("")));
  const auto store = store::OpenStore({.path = config_.serve.store.path});
  ASSERT_TRUE(store.ok());
  EXPECT_THAT(Examined().at("store").text, HasSubstr("a daemon runs on it (process "));
  // It still has its lock.
  EXPECT_FALSE(store::OpenStore({.path = config_.serve.store.path}).ok());
}

TEST_F(Doctor, NamesWhatIsMissing) {
  cluster_->SetTopicMissing("signins", true);
  config_.serve.store.path = folder_.Path("missing/store.db");
  config_.serve.sinks[0].settings["path"] = folder_.Path("missing/tickets.jsonl");
  config::SinkConfig hook;
  hook.name = "hook";
  hook.type = "webhook";
  hook.settings["url"] = "http://127.0.0.1:1/secret-path";
  hook.settings["secret"] =
      config::SecretRef{config::SecretRef::From::kEnvironment, "SIGNINWATCH_TEST_NOT_SET"};
  config_.serve.sinks.push_back(hook);
  const auto results = Examined();
  for (const auto& [check, part] : std::map<std::string, std::string>{
           {"topics", "'signins' does not exist"},
           {"store", "create the folder"},
           {"sink archive", "create the folder"},
           {"sink hook", "tcp: 127.0.0.1:1: "},
           {"secrets", "sink hook.secret: environment variable SIGNINWATCH_TEST_NOT_SET: not set"},
       }) {
    EXPECT_EQ(results.at(check).verdict, Verdict::kFail) << check;
    EXPECT_THAT(results.at(check).text, HasSubstr(part));
    EXPECT_THAT(results.at(check).text, testing::Not(HasSubstr("secret-path")));
  }
  EXPECT_EQ(results.at("records").verdict, Verdict::kSkip);
}

TEST_F(Doctor, SkipsWhatNeedsABroker) {
  config_.serve.kafka.cluster.brokers = "127.0.0.1:1";
  const auto results = Examined();
  EXPECT_EQ(results.at("tcp").verdict, Verdict::kFail);
  for (const char* check : {"authentication", "topics", "partitions", "retention", "records"}) {
    EXPECT_EQ(results.at(check).verdict, Verdict::kSkip) << check;
  }
  EXPECT_EQ(results.at("store").verdict, Verdict::kOk);
}

TEST_F(Doctor, SendsNoTicket) {
  int requests = 0;
  const http_client::WebServer server(
      [&](const httplib::Request&, httplib::Response&) { ++requests; });
  config::SinkConfig hook;
  hook.name = "hook";
  hook.type = "webhook";
  hook.settings["url"] = server.Url("/hook");
  config::SinkConfig alerts;
  alerts.name = "alerts";
  alerts.type = "alertmanager";
  alerts.settings["urls"] = std::vector<std::string>{server.Url(""), "http://127.0.0.1:1"};
  config_.serve.sinks = {hook, alerts};
  const auto results = Examined();
  EXPECT_EQ(results.at("sink alerts").verdict, Verdict::kFail) << "one of two is down";
  EXPECT_EQ(results.at("sink hook").verdict, Verdict::kOk) << results.at("sink hook").text;
  EXPECT_THAT(results.at("sink hook").text, HasSubstr("no ticket was sent"));
  EXPECT_EQ(requests, 0);
}

TEST_F(Doctor, AsksATicketSystemAndLeavesNothingBehind) {
  ::setenv("DOCTOR_SLACK_TOKEN", "xoxb-very-secret", 1);
  std::vector<std::string> paths;
  bool ok = true;
  const http_client::WebServer server(
      [&](const httplib::Request& request, httplib::Response& response) {
        paths.push_back(request.path);
        response.set_content(ok ? R"({"ok":true,"user":"watch","team":"Contoso"})"
                                : R"({"ok":false,"error":"token_revoked"})",
                             "application/json");
      });
  config::SinkConfig chat;
  chat.name = "chat";
  chat.type = "slack";
  chat.settings["url"] = server.Url("");
  chat.settings["channel"] = std::string("C0123");
  chat.settings["token"] =
      config::SecretRef{config::SecretRef::From::kEnvironment, "DOCTOR_SLACK_TOKEN"};
  config_.serve.sinks = {chat};
  auto results = Examined();
  EXPECT_EQ(results.at("sink chat").verdict, Verdict::kOk) << results.at("sink chat").text;
  EXPECT_THAT(results.at("sink chat").text, HasSubstr("the token is that of watch in Contoso"));
  EXPECT_THAT(paths, testing::Each(testing::EndsWith("/auth.test")));
  ok = false;
  results = Examined();
  EXPECT_EQ(results.at("sink chat").verdict, Verdict::kFail);
  EXPECT_THAT(results.at("sink chat").text, HasSubstr("token_revoked"));
  EXPECT_THAT(results.at("sink chat").text, testing::Not(HasSubstr("xoxb")));
}

TEST_F(Doctor, LooksForTheTopicsThatAreWrittenTo) {
  const auto other = *kafka::MockCluster::Start();
  other->SetTopicMissing("gone", true);
  cluster_->SetTopicMissing("letters", true);
  const auto sink = [](const char* name, const char* topic, const std::string& brokers) {
    config::SinkConfig made;
    made.name = name;
    made.type = "kafka";
    made.settings["topic"] = topic;
    made.cluster.brokers = brokers;
    return made;
  };
  config_.serve.sinks = {sink("borrowed", "signins", ""),
                         sink("there", "tickets", other->bootstrap_servers()),
                         sink("gone", "gone", other->bootstrap_servers())};
  config_.serve.dead_letters.topic = "letters";
  const auto results = Examined();
  EXPECT_EQ(results.at("sink borrowed").verdict, Verdict::kOk);
  EXPECT_EQ(results.at("sink there").verdict, Verdict::kOk) << results.at("sink there").text;
  EXPECT_EQ(results.at("sink gone").text, "topic gone does not exist: make it\n");
  EXPECT_EQ(results.at("dead letters").text, "topic letters does not exist: make it\n");
}

TEST_F(Doctor, ATokenThatIsRefusedIsTheAuthentication) {
  const http_client::WebServer server([&](const httplib::Request&, httplib::Response& response) {
    response.status = 401;
    const std::time_t now = std::time(nullptr);
    char date[64];
    std::strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S GMT", std::gmtime(&now));
    response.set_header("Date", date);
    response.set_content(R"({"error":"invalid_client","error_description":"AADSTS7000215: wrong"})",
                         "application/json");
  });
  config::KafkaCluster& cluster = config_.serve.kafka.cluster;
  cluster.auth = config::KafkaAuth::kOauthBearer;
  cluster.client_id = "app";
  cluster.client_secret = {config::SecretRef::From::kFile, folder_.Write("secret", "S3CRET")};
  cluster.token_endpoint = server.Url("/token");
  const auto results = Examined();
  EXPECT_EQ(results.at("authentication").verdict, Verdict::kFail);
  EXPECT_THAT(results.at("authentication").text,
              HasSubstr("AADSTS7000215: the client secret is wrong"));
  EXPECT_EQ(results.at("topics").text, "needs authentication\n");
  EXPECT_THAT(results.at("clock").text, HasSubstr("is right, by the clock of the token endpoint"));
  for (const auto& [check, result] : results) {
    EXPECT_THAT(result.text, testing::Not(HasSubstr("S3CRET"))) << check;
  }
}

TEST_F(Doctor, OfAnIngestLooksAtBothTopicsAndAtNoStore) {
  ASSERT_TRUE(cluster_->CreateTopic("signals", 2).ok());
  config_.serve.role = config::Role::kIngest;
  config_.serve.signals = {.topic = "signals", .partitions = 2};
  config_.serve.sinks.clear();
  config_.serve.store.path = folder_.Path("missing/store.db");
  const EventTime now = std::chrono::floor<Duration>(std::chrono::system_clock::now());
  Produce({Record("SignInLogs", now), Record("NonInteractiveUserSignInLogs", now),
           Record("AuditLogs", now)});
  auto results = Examined();
  for (const char* check :
       {"configuration", "topics", "records", "signal topic", "signal access", "signals"}) {
    ASSERT_TRUE(results.contains(check)) << check;
    EXPECT_EQ(results.at(check).verdict, Verdict::kOk) << check << ": " << results.at(check).text;
  }
  EXPECT_EQ(results.at("signal settings").verdict, Verdict::kSkip) << "it tells none";
  EXPECT_THAT(results.at("signals").text, HasSubstr("there are no messages"));
  for (const char* check : {"store", "shards"}) EXPECT_FALSE(results.contains(check)) << check;
  config_.serve.signals.partitions = 8;
  results = Examined();
  EXPECT_EQ(results.at("signal topic").verdict, Verdict::kFail);
  EXPECT_THAT(results.at("signal topic").text, HasSubstr("2 partitions, but signals.partitions"));
  cluster_->SetTopicMissing("signals", true);
  results = Examined();
  EXPECT_EQ(results.at("signal topic").verdict, Verdict::kWarn);
  EXPECT_EQ(results.at("signals").text, "needs a topic\n");
}

TEST_F(Doctor, OfADetectLooksAtSignalsAndAtNoRecords) {
  ASSERT_TRUE(cluster_->CreateTopic("signals", 2).ok());
  config_.serve.role = config::Role::kDetect;
  config_.serve.kafka.topics.clear();
  config_.serve.signals = {.topic = "signals", .partitions = 2};
  const EventTime now = std::chrono::floor<Duration>(std::chrono::system_clock::now());
  std::string message = signals::EncodeWatermarks({.wall_time = now, .sources = {}});
  Produce({message, message, message}, "signals");
  auto results = Examined();
  for (const char* check : {"signal topic", "signal access", "signals", "clock"}) {
    ASSERT_TRUE(results.contains(check)) << check;
    EXPECT_EQ(results.at(check).verdict, Verdict::kOk) << check << ": " << results.at(check).text;
  }
  EXPECT_THAT(results.at("signals").text, HasSubstr("the newest 3 messages is known"));
  EXPECT_THAT(results.at("group").text, HasSubstr("'signinwatch-detect'"));
  for (const char* check : {"topics", "partitions", "retention", "records"}) {
    EXPECT_FALSE(results.contains(check)) << check;
  }
  ++message[2];  // its version
  Produce({message}, "signals");
  results = Examined();
  EXPECT_EQ(results.at("signals").verdict, Verdict::kFail);
  EXPECT_THAT(results.at("signals").text, HasSubstr("update the instances of role detect before"));
  constexpr int16_t kFetch = 1;
  constexpr int kTopicAuthorizationFailed = 29;
  cluster_->FailRequests(kFetch, kTopicAuthorizationFailed, 100);
  results = Examined();
  EXPECT_EQ(results.at("signal access").verdict, Verdict::kFail);
  EXPECT_THAT(results.at("signal access").text, HasSubstr("allow Read on it"));
  EXPECT_EQ(results.at("signals").verdict, Verdict::kSkip);
}

TEST_F(Doctor, SkipsSignalsWithoutABroker) {
  config_.serve.kafka.cluster.brokers = "127.0.0.1:1";
  config_.serve.role = config::Role::kDetect;
  const auto results = Examined();
  for (const char* check :
       {"group", "signal topic", "signal settings", "signal access", "signals"}) {
    EXPECT_EQ(results.at(check).text, "needs authentication\n") << check;
  }
  EXPECT_FALSE(results.contains("records"));
}

TEST_F(Doctor, TellsByItsExitCode) {
  const auto run = [this](DoctorOptions::Format format, std::string* output) {
    std::FILE* out = std::tmpfile();
    const int code = RunDoctor(config_, {.format = format, .config_path = "f.yaml"}, out, stderr);
    std::rewind(out);
    char text[16'384];
    output->assign(text, std::fread(text, 1, sizeof(text), out));
    std::fclose(out);
    return code;
  };
  std::string text;
  // Warnings are fine: there is no message.
  EXPECT_EQ(run(DoctorOptions::Format::kText, &text), 0);
  EXPECT_THAT(text, testing::StartsWith("ok    configuration   f.yaml is valid\n"));
  EXPECT_THAT(text, HasSubstr("\nwarn  records         there are no messages"));
  config_.serve.store.path = folder_.Path("missing/store.db");
  EXPECT_EQ(run(DoctorOptions::Format::kJson, &text), 1);
  std::istringstream lines(text);
  std::map<std::string, std::string> verdicts;
  for (std::string line; std::getline(lines, line);) {
    const auto json = nlohmann::json::parse(line);
    verdicts[json["check"]] = json["verdict"];
  }
  EXPECT_EQ(verdicts["store"], "fail");
  EXPECT_EQ(verdicts["records"], "warn");
}

}  // namespace doctor_test
}  // namespace signinwatch::doctor
