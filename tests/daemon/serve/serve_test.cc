// The daemon as a whole, in this process, on librdkafka's own mock cluster.
#include "daemon/serve/serve.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "daemon/config/sink_types.h"
#include "daemon/generator/generate.h"
#include "daemon/kafka/kafka_producer.h"
#include "daemon/kafka/mock_cluster.h"
#include "daemon/replay/replay.h"
#include "tests/daemon/generator/traffic.h"
#include "tests/daemon/generator/without_risk_events.h"
#include "tests/daemon/kafka/raw_batch.h"
#include "tests/daemon/temporary_folder.h"

namespace signinwatch::serve {
namespace serve_test {

using Json = nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;

constexpr uint32_t kPartitions = 4;
constexpr const char* kTopic = "signins";

// What SPEC 4 leaves out of the comparison.
std::string Comparable(Json ticket) {
  for (const char* key : {"ticket_id", "revision", "reason", "opened_at", "resolved_at",
                          "continues", "merged_into"}) {
    ticket.erase(key);
  }
  ticket["parent_ticket_id"] = !ticket["parent_ticket_id"].is_null();
  return ticket.dump();
}

generator::GenerateOptions FourPartitions() {
  generator::GenerateOptions options = generator::SmallTraffic();
  options.duration = kDay;
  options.scenarios = true;
  options.users = 10;  // the mock cluster keeps 5 MB of a partition
  options.partitions = kPartitions;
  return options;
}

const generator::Traffic& FourPartitionsOfTraffic() {
  static const generator::Traffic kTraffic = [] {
    generator::Traffic traffic = generator::Generate(FourPartitions());
    for (std::string& output : traffic.outputs) output = generator::WithoutRiskEvents(output);
    return traffic;
  }();
  return kTraffic;
}

class ServeTest : public testing::Test {
 protected:
  ServeTest() : cluster_(*kafka::MockCluster::Start()) {
    EXPECT_TRUE(cluster_->CreateTopic(kTopic, kPartitions).ok());
    config_.detection.time.idle_timeout = seconds(2);
    config_.serve.kafka.cluster.brokers = cluster_->bootstrap_servers();
    config_.serve.kafka.topics = {kTopic};
    // The mock cluster waits for a member that left until its session is over.
    config_.serve.kafka.session_timeout = seconds(6);
    config_.serve.store.path = folder_.Path("state.db");
    config_.serve.http.listen = "127.0.0.1:0";
    config_.serve.sinks.resize(1);
    config_.serve.sinks[0].name = "out";
    config_.serve.sinks[0].type = "file";
    config_.serve.sinks[0].settings["path"] = folder_.Path("tickets.jsonl");
  }

  void Produce(const std::vector<std::string>& outputs) {
    kafka::KafkaProducerOptions options;
    options.cluster.brokers = cluster_->bootstrap_servers();
    auto producer = kafka::MakeKafkaProducer(clock::SystemClock(), options);
    ASSERT_TRUE(producer.ok()) << producer.status();
    for (size_t i = 0; i < outputs.size(); ++i) {
      for (const std::string& line : generator::Lines(outputs[i])) {
        kafka::ProducedMessage message;
        message.topic = kTopic;
        message.value = line;
        message.partition = static_cast<int32_t>(i);
        ASSERT_TRUE(
            (*producer)
                ->Produce(message,
                          [](const absl::Status& status) { EXPECT_TRUE(status.ok()) << status; })
                .ok());
      }
    }
    ASSERT_TRUE((*producer)->Flush(seconds(30)).ok());
  }

  // The tickets of FourPartitionsOfTraffic.
  const std::vector<std::string>& Replayed() {
    static const std::vector<std::string> kTickets = ReplayOf(FourPartitionsOfTraffic().outputs);
    return kTickets;
  }
  std::vector<std::string> ReplayOf(const std::vector<std::string>& outputs) {
    replay::ReplayOptions replay;
    for (const std::string& output : outputs) {
      replay.paths.push_back(folder_.Write("part-" + std::to_string(replay.paths.size()), output));
    }
    replay.now = kEndOfTime - 365 * kDay;
    std::FILE* out = std::fopen(folder_.Path("out").c_str(), "w");
    std::FILE* err = std::fopen(folder_.Path("err").c_str(), "w");
    EXPECT_EQ(replay::RunReplay({}, replay, out, err), 0);
    std::fclose(out);
    std::fclose(err);
    std::vector<std::string> tickets;
    for (const std::string& line : generator::Lines(ReadWholeFile(folder_.Path("out")))) {
      tickets.push_back(Comparable(Json::parse(line)));
    }
    std::sort(tickets.begin(), tickets.end());
    return tickets;
  }

  // The last revision of each ticket at the sink. Checks that none is missing or came twice.
  std::vector<std::string> Delivered() {
    std::map<std::string, Json> last;
    for (const std::string& line : generator::Lines(
             ReadWholeFile(config::SettingOf<std::string>(config_.serve.sinks[0], "path")))) {
      const Json ticket = Json::parse(line);
      Json& before = last[ticket["ticket_id"].get<std::string>()];
      EXPECT_EQ(ticket["revision"].get<int>(),
                before.is_null() ? 1 : before["revision"].get<int>() + 1);
      before = ticket;
    }
    std::vector<std::string> tickets;
    for (const auto& [id, ticket] : last) {
      if (ticket["state"] != "merged") tickets.push_back(Comparable(ticket));
    }
    std::sort(tickets.begin(), tickets.end());
    return tickets;
  }

  static bool Finished(const pipeline::ServeStatus& status) {
    return status.partitions.size() == kPartitions && status.state.open_tickets == 0 &&
           status.sinks[0].outbox.depth == 0 &&
           std::all_of(status.partitions.begin(), status.partitions.end(),
                       [](const pipeline::PartitionStatus& p) { return p.idle; });
  }

  std::unique_ptr<kafka::MockCluster> cluster_;
  TemporaryFolder folder_;
  config::Config config_;
};

// Of each output, the lines of one of `parts` parts.
std::vector<std::string> PartOf(const std::vector<std::string>& outputs, size_t part,
                                size_t parts) {
  std::vector<std::string> cut;
  for (const std::string& output : outputs) {
    const std::vector<std::string> lines = generator::Lines(output);
    std::string text;
    for (size_t i = lines.size() * part / parts; i < lines.size() * (part + 1) / parts; ++i) {
      text += lines[i] + "\n";
    }
    cut.push_back(text);
  }
  return cut;
}

TEST_F(ServeTest, DeliversTheTicketsOfReplay) {
  const generator::Traffic& traffic = FourPartitionsOfTraffic();
  Produce(traffic.outputs);
  auto serve = Serve::Start(config_);
  ASSERT_TRUE(serve.ok()) << serve.status();
  while (!Finished((*serve)->status())) std::this_thread::sleep_for(milliseconds(20));
  const pipeline::ServeStatus status = (*serve)->status();
  EXPECT_THAT(status.not_ready, testing::IsEmpty());
  EXPECT_EQ(status.detection.late, 0u);
  EXPECT_EQ(status.records, status.accepted + status.irrelevant + status.rejected);
  EXPECT_THAT((*serve)->metrics(), HasSubstr("signinwatch_records_total{topic=\"signins\""));
  EXPECT_TRUE((*serve)->Stop().ok());
  const std::vector<std::string> expected = Replayed();
  EXPECT_GT(expected.size(), 5u);
  EXPECT_EQ(Delivered(), expected);
}

TEST_F(ServeTest, GoesOnWhereItStopped) {
  const generator::Traffic& traffic = FourPartitionsOfTraffic();
  Produce(traffic.outputs);
  uint64_t records = 0;
  {
    auto serve = Serve::Start(config_);
    ASSERT_TRUE(serve.ok()) << serve.status();
    while ((*serve)->status().records == 0) std::this_thread::sleep_for(milliseconds(1));
    EXPECT_TRUE((*serve)->Stop().ok());
    records = (*serve)->status().records;
  }
  auto serve = Serve::Start(config_);
  ASSERT_TRUE(serve.ok()) << serve.status();
  while (!Finished((*serve)->status())) std::this_thread::sleep_for(milliseconds(20));
  records += (*serve)->status().records;
  EXPECT_TRUE((*serve)->Stop().ok());
  EXPECT_EQ(Delivered(), Replayed());
  size_t messages = 0;
  for (const std::string& output : traffic.outputs) messages += generator::Lines(output).size();
  EXPECT_GE(records, messages) << "each was read once";
}

// As a restart, a reload changes no ticket: detection is stopped and goes on, again and again,
// while records are read; a detector that finds nothing comes and goes.
TEST_F(ServeTest, ReloadsChangeNoTicket) {
  constexpr size_t kReloads = 3;
  const generator::Traffic& traffic = FourPartitionsOfTraffic();
  config::Config next = config_;
  auto serve = Serve::Start(config_, {.load_config = [&] { return next; }});
  ASSERT_TRUE(serve.ok()) << serve.status();
  uint64_t records = 0;
  for (size_t i = 0; i < kReloads; ++i) {
    Produce(PartOf(traffic.outputs, i, kReloads));
    while ((*serve)->status().records == records) std::this_thread::sleep_for(milliseconds(1));
    next.detection.rules = config_.detection.rules;
    if (i % 2 == 0) {
      next.detection.rules.insert(next.detection.rules.begin(), {.name = "idle", .codes = {1}});
    }
    EXPECT_TRUE((*serve)->Reload().ok());
    EXPECT_GE((*serve)->status().records, records) << "the count goes on";
    records = (*serve)->status().records;
  }
  while (!Finished((*serve)->status())) std::this_thread::sleep_for(milliseconds(20));
  EXPECT_THAT((*serve)->metrics(), HasSubstr("signinwatch_config_last_reload_successful 1\n"));
  EXPECT_TRUE((*serve)->Stop().ok());
  EXPECT_EQ(Delivered(), Replayed());
}

TEST_F(ServeTest, AReloadBringsDetectorsAndSinks) {
  const generator::Traffic& traffic = FourPartitionsOfTraffic();
  config::Config next = config_;
  config_.detection.rules = {{.name = "never", .codes = {1}}};
  auto serve = Serve::Start(config_, {.load_config = [&] { return next; }});
  ASSERT_TRUE(serve.ok()) << serve.status();
  next.serve.sinks[0].name = "other";
  next.serve.sinks[0].settings["path"] = folder_.Path("other.jsonl");
  ASSERT_TRUE((*serve)->Reload().ok());
  Produce(traffic.outputs);
  while (!Finished((*serve)->status())) std::this_thread::sleep_for(milliseconds(20));
  const std::string metrics = (*serve)->metrics();
  EXPECT_TRUE((*serve)->Stop().ok());
  EXPECT_THAT(metrics, HasSubstr("signinwatch_sink_up{sink=\"other\"} 1\n"));
  EXPECT_THAT(metrics, testing::Not(HasSubstr("signinwatch_sink_up{sink=\"out\"}")));
  config_.serve.sinks = next.serve.sinks;
  EXPECT_EQ(Delivered(), Replayed());
}

TEST_F(ServeTest, AReloadThatFailsLeavesEverythingAsItWas) {
  const generator::Traffic& traffic = FourPartitionsOfTraffic();
  absl::StatusOr<config::Config> next = absl::InvalidArgumentError("a.yaml:1:2: unknown key");
  auto serve = Serve::Start(config_, {.load_config = [&] { return next; }});
  ASSERT_TRUE(serve.ok()) << serve.status();
  EXPECT_THAT(std::string((*serve)->Reload().message()), HasSubstr("a.yaml:1:2"));
  EXPECT_THAT((*serve)->metrics(), HasSubstr("signinwatch_config_last_reload_successful 0\n"));

  next = config_;
  next->serve.store.path = folder_.Path("other.db");
  next->serve.http.listen = "127.0.0.1:1";
  EXPECT_EQ((*serve)->Reload().message(), "store.path, http.listen are changed by a restart only");

  // Well-formed, and can't be started.
  next = config_;
  next->serve.sinks[0].settings["path"] = folder_.Path("no folder/tickets.jsonl");
  EXPECT_EQ((*serve)->Reload().code(), absl::StatusCode::kFailedPrecondition);

  Produce(traffic.outputs);
  while (!Finished((*serve)->status())) std::this_thread::sleep_for(milliseconds(20));
  EXPECT_THAT((*serve)->status().not_ready, testing::IsEmpty());
  next = config_;
  EXPECT_TRUE((*serve)->Reload().ok());
  EXPECT_THAT((*serve)->metrics(), HasSubstr("signinwatch_config_last_reload_successful 1\n"));
  EXPECT_TRUE((*serve)->Stop().ok());
  EXPECT_EQ((*serve)->Reload().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(Delivered(), Replayed());
}

// Whoever asks for a reload while it stops is answered, and holds nothing up.
TEST_F(ServeTest, ReloadsWhileItStopsAreRefused) {
  config_.serve.http.enable_reload = true;
  auto serve = Serve::Start(config_, {.load_config = [&] { return config_; }});
  ASSERT_TRUE(serve.ok()) << serve.status();
  std::vector<std::thread> askers;
  for (int i = 0; i < 3; ++i) {
    askers.emplace_back([address = (*serve)->http_address()] {
      const std::string url = "http://" + address;
      httplib::Client client(url);
      while (true) {
        const auto answer = client.Post("/-/reload");
        if (!answer || answer->status == 500) return;
        EXPECT_TRUE(answer->status == 200 || answer->status == 429) << answer->body;
      }
    });
  }
  EXPECT_TRUE((*serve)->Stop().ok());
  for (std::thread& asker : askers) asker.join();
}

// A reload costs seconds without reading: 460 in 40 s let nothing be read, once.
TEST_F(ServeTest, ReloadsByHttpAreFewAndCheap) {
  const auto post = [](const Serve& serve) {
    const std::string url = "http://" + serve.http_address();
    const auto answer = httplib::Client(url).Post("/-/reload");
    return answer ? answer->status : 0;
  };
  config::Config next = config_;
  {
    auto serve = Serve::Start(config_, {.load_config = [&] { return next; }});
    ASSERT_TRUE(serve.ok()) << serve.status();
    EXPECT_EQ(post(**serve), 404) << "off unless it is asked for";
  }
  config_.serve.http.enable_reload = next.serve.http.enable_reload = true;
  auto serve = Serve::Start(config_, {.load_config = [&] { return next; }});
  ASSERT_TRUE(serve.ok()) << serve.status();
  EXPECT_EQ(post(**serve), 200);
  EXPECT_EQ(post(**serve), 429);
  // SIGHUP is not held up by that, and does nothing where nothing has changed: readiness stays.
  EXPECT_TRUE((*serve)->Reload().ok());
  EXPECT_THAT((*serve)->metrics(), HasSubstr("signinwatch_config_last_reload_successful 1\n"));
}

// `count` messages with one irrelevant record each.
std::string Irrelevant(const std::string& category, int count) {
  std::string lines;
  for (int i = 0; i < count; ++i) {
    lines += R"({"category":")" + category + R"(","n":)" + std::to_string(i) + "}\n";
  }
  return lines;
}

// 6 KB of zstd stopped their partition for ever, and /-/ready said yes.
TEST_F(ServeTest, ABatchThatCanNotBeReadIsSteppedPastAndKept) {
  config_.serve.kafka.cluster.options["fetch.error.backoff.ms"] = "20";
  config_.serve.dead_letters.path = folder_.Path("dead.jsonl");
  Produce({Irrelevant("Before", 5)});
  kafka::ProduceRaw(cluster_->bootstrap_servers(), kTopic, 0,
                    {.records = 9, .codec = 1, .payload = "no gzip"});
  Produce({Irrelevant("Behind", 3)});
  auto serve = Serve::Start(config_);
  ASSERT_TRUE(serve.ok()) << serve.status();
  while ((*serve)->status().irrelevant < 8) std::this_thread::sleep_for(milliseconds(20));
  const pipeline::ServeStatus status = (*serve)->status();
  EXPECT_THAT(status.not_ready, testing::IsEmpty());
  EXPECT_THAT(pipeline::SentencesOf(status.warnings),
              testing::Contains(HasSubstr("1 batch since the start can't be read "
                                          "and was skipped")));
  EXPECT_EQ(status.rejected, 1u);
  EXPECT_EQ(status.records, status.accepted + status.irrelevant + status.rejected);
  EXPECT_THAT((*serve)->metrics(),
              HasSubstr(R"(signinwatch_unreadable_batches_total{topic="signins",)"
                        R"(reason="compression"} 1)"));
  EXPECT_TRUE((*serve)->Stop().ok());
  const std::vector<std::string> letters =
      generator::Lines(ReadWholeFile(config_.serve.dead_letters.path));
  ASSERT_EQ(letters.size(), 1u);
  const Json letter = Json::parse(letters[0]);
  EXPECT_EQ(letter["reason"], "unreadable");
  EXPECT_EQ(letter["detail"], "offsets 5 to 13: compression");
  EXPECT_EQ(letter["source"], kTopic);
  EXPECT_EQ(letter["partition"], 0);
  EXPECT_EQ(letter["position"], 5);
  EXPECT_EQ(letter["payload_base64"], "");
}

// A hub that was deleted and made anew while the daemon was down, and had outgrown the position by
// then, was read on in the middle of a stranger's log without a word.
TEST_F(ServeTest, ATopicThatWasMadeAnewWhileItWasDownIsReadFromItsStart) {
  Produce({Irrelevant("Former", 20)});
  {
    auto serve = Serve::Start(config_);
    ASSERT_TRUE(serve.ok()) << serve.status();
    while ((*serve)->status().records < 20) std::this_thread::sleep_for(milliseconds(20));
    EXPECT_TRUE((*serve)->Stop().ok());
  }
  cluster_ = *kafka::MockCluster::Start();
  ASSERT_TRUE(cluster_->CreateTopic(kTopic, kPartitions).ok());
  config_.serve.kafka.cluster.brokers = cluster_->bootstrap_servers();
  Produce({Irrelevant("Present", 70)});
  auto serve = Serve::Start(config_);
  ASSERT_TRUE(serve.ok()) << serve.status();
  const auto partition = [&](const pipeline::ServeStatus& status) {
    for (const pipeline::PartitionStatus& p : status.partitions) {
      if (p.partition == 0) return p;
    }
    return pipeline::PartitionStatus();
  };
  pipeline::ServeStatus status;
  do {
    std::this_thread::sleep_for(milliseconds(20));
    status = (*serve)->status();
  } while (partition(status).next_offset < 70);
  EXPECT_EQ(status.records, 70u);
  EXPECT_EQ(partition(status).made_anew, 1u);
  EXPECT_THAT(pipeline::SentencesOf(status.warnings),
              testing::Contains(HasSubstr("partition 0 was recreated")));
  EXPECT_THAT((*serve)->metrics(),
              HasSubstr(R"(signinwatch_partitions_made_anew_total{topic="signins"} 1)"));
}

TEST_F(ServeTest, WithoutAFileThereIsNothingToReload) {
  auto serve = Serve::Start(config_);
  ASSERT_TRUE(serve.ok()) << serve.status();
  EXPECT_EQ((*serve)->Reload().code(), absl::StatusCode::kUnimplemented);
  const std::string url = "http://" + (*serve)->http_address();
  const auto answer = httplib::Client(url).Post("/-/reload");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 404);
  EXPECT_THAT((*serve)->metrics(), HasSubstr("signinwatch_config_last_reload_successful 1\n"));
}

TEST_F(ServeTest, ASecondOneOnTheSameStoreIsRefused) {
  auto first = Serve::Start(config_);
  ASSERT_TRUE(first.ok()) << first.status();
  const auto second = Serve::Start(config_);
  EXPECT_EQ(second.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(second.status().message()), HasSubstr("store.path"));
}

TEST_F(ServeTest, AnAddressThatIsTakenIsNamed) {
  auto first = Serve::Start(config_);
  ASSERT_TRUE(first.ok()) << first.status();
  config_.serve.http.listen = (*first)->http_address();
  config_.serve.store.path = folder_.Path("other.db");
  const auto second = Serve::Start(config_);
  EXPECT_FALSE(second.ok());
  EXPECT_THAT(std::string(second.status().message()), HasSubstr((*first)->http_address()));
}

TEST_F(ServeTest, WithoutABrokerItStartsAndSaysThatItIsNotReady) {
  cluster_->SetBrokerDown(1);
  auto serve = Serve::Start(config_);
  ASSERT_TRUE(serve.ok()) << serve.status();
  EXPECT_THAT(pipeline::SentencesOf((*serve)->status().not_ready),
              testing::Contains(HasSubstr("broker")));
  cluster_->SetBrokerUp(1);
  while (!(*serve)->status().not_ready.empty()) std::this_thread::sleep_for(milliseconds(20));
  EXPECT_TRUE((*serve)->Stop().ok());
}

}  // namespace serve_test
}  // namespace signinwatch::serve
