// Several instances of the role detect in this process, on librdkafka's mock cluster and a real
// PostgreSQL: they share the partitions, one leaves and another comes, and the tickets are those of
// replay, each revision once. One of the role ingest shows them too.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "daemon/config/sink_types.h"
#include "daemon/kafka/kafka_producer.h"
#include "daemon/kafka/mock_cluster.h"
#include "daemon/serve/ingest_daemon.h"
#include "daemon/serve/serve.h"
#include "tests/daemon/generator/traffic.h"
#include "tests/daemon/pipeline/pipeline_input.h"
#include "tests/daemon/pipeline/signal_topic.h"
#include "tests/daemon/store/postgres_server.h"
#include "tests/daemon/temporary_folder.h"

namespace signinwatch::serve {
namespace instances_test {

using Json = nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::seconds;

class InstancesTest : public testing::Test {
 protected:
  InstancesTest()
      : cluster_(*kafka::MockCluster::Start()),
        url_(store::PostgresServer::Shared().NewDatabase()) {
    EXPECT_TRUE(cluster_->CreateTopic(pipeline::kSignalTopic, pipeline::kSignalPartitions).ok());
  }

  std::unique_ptr<Serve> Start(const std::string& name) {
    config::Config config;
    config.serve.role = config::Role::kDetect;
    config.serve.kafka.cluster.brokers = cluster_->bootstrap_servers();
    // The mock cluster waits for a member that left until its session is over.
    config.serve.kafka.session_timeout = seconds(6);
    config.serve.signals.topic = pipeline::kSignalTopic;
    config.serve.signals.partitions = pipeline::kSignalPartitions;
    config.serve.store.path.clear();
    config.serve.store.url = url_;
    config.serve.http.listen = "127.0.0.1:0";
    config.serve.sinks.resize(1);
    config.serve.sinks[0].name = "out";
    config.serve.sinks[0].type = "file";
    files_.push_back(folder_.Path(name));
    config.serve.sinks[0].settings["path"] = files_.back();
    auto serve = Serve::Start(config);
    EXPECT_TRUE(serve.ok()) << serve.status();
    return serve.ok() ? *std::move(serve) : nullptr;
  }

  std::unique_ptr<IngestDaemon> StartIngest() {
    config::Config config;
    config.serve.role = config::Role::kIngest;
    config.serve.kafka.cluster.brokers = cluster_->bootstrap_servers();
    config.serve.kafka.topics = {"in"};
    config.serve.signals.topic = pipeline::kSignalTopic;
    config.serve.signals.partitions = pipeline::kSignalPartitions;
    config.serve.store.url = url_;
    config.serve.http.listen = "127.0.0.1:0";
    auto ingest = IngestDaemon::Start(config, clock::SystemClock());
    EXPECT_TRUE(ingest.ok()) << ingest.status();
    return ingest.ok() ? *std::move(ingest) : nullptr;
  }

  void Produce(const pipeline::SignalTopic& topic, double from, double to) {
    kafka::KafkaProducerOptions options;
    options.cluster.brokers = cluster_->bootstrap_servers();
    auto producer = kafka::MakeKafkaProducer(clock::SystemClock(), options);
    ASSERT_TRUE(producer.ok()) << producer.status();
    for (size_t p = 0; p < topic.size(); ++p) {
      const auto size = static_cast<double>(topic[p].size());
      for (auto i = static_cast<size_t>(from * size); i < static_cast<size_t>(to * size); ++i) {
        kafka::ProducedMessage message;
        message.topic = pipeline::kSignalTopic;
        message.value = topic[p][i];
        message.partition = static_cast<int32_t>(p);
        ASSERT_TRUE(
            (*producer)
                ->Produce(message,
                          [](const absl::Status& status) { EXPECT_TRUE(status.ok()) << status; })
                .ok());
      }
    }
    ASSERT_TRUE((*producer)->Flush(seconds(30)).ok());
  }

  static bool WaitUntil(const std::function<bool()>& done) {
    const auto deadline = std::chrono::steady_clock::now() + seconds(90);
    while (!done()) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      std::this_thread::sleep_for(milliseconds(50));
    }
    return true;
  }
  // Of each partition that one of them works on: its next offset. Empty: two work on the same.
  static std::map<int32_t, int64_t> Owned(const std::vector<const Serve*>& instances) {
    std::map<int32_t, int64_t> owned;
    for (const Serve* instance : instances) {
      for (const pipeline::PartitionStatus& p : instance->status().partitions) {
        if (p.assigned && !owned.emplace(p.partition, p.next_offset).second) return {};
      }
    }
    return owned;
  }

  // The last revision of each ticket, of what all were told together.
  std::map<std::string, Json> Told() {
    std::map<std::string, std::map<uint32_t, Json>> revisions;
    for (const std::string& file : files_) {
      for (const std::string& line : generator::Lines(ReadWholeFile(file))) {
        const Json ticket = Json::parse(line);
        Json& told =
            revisions[ticket["ticket_id"].get<std::string>()][ticket["revision"].get<uint32_t>()];
        if (!told.is_null()) {
          EXPECT_EQ(told, ticket) << "one number, two contents";
        }
        told = ticket;
      }
    }
    std::map<std::string, Json> last;
    for (const auto& [id, each] : revisions) {
      EXPECT_EQ(each.size(), each.rbegin()->first) << "a revision is missing";
      last[id] = each.rbegin()->second;
    }
    return last;
  }

  std::unique_ptr<kafka::MockCluster> cluster_;
  const std::string url_;
  const TemporaryFolder folder_;
  std::vector<std::string> files_;
};

TEST_F(InstancesTest, ShareTheWorkAndTakeItOver) {
  const pipeline::SignalTopic topic =
      pipeline::MakeSignalTopic(pipeline::TheInput(), pipeline::PipelineTestConfig(), 1);
  auto first = Start("first");
  auto second = Start("second");
  ASSERT_TRUE(first != nullptr && second != nullptr);
  Produce(topic, 0, 0.4);
  ASSERT_TRUE(WaitUntil([&] {
    return Owned({first.get(), second.get()}).size() == pipeline::kSignalPartitions &&
           !Owned({first.get()}).empty() && !Owned({second.get()}).empty();
  }));
  ASSERT_TRUE(first->Stop().ok());
  first.reset();
  Produce(topic, 0.4, 0.7);
  auto third = Start("third");
  ASSERT_TRUE(WaitUntil([&] {
    return Owned({second.get(), third.get()}).size() == pipeline::kSignalPartitions &&
           !Owned({third.get()}).empty();
  }));
  Produce(topic, 0.7, 1);
  ASSERT_TRUE(WaitUntil([&] {
    const auto owned = Owned({second.get(), third.get()});
    for (int32_t p = 0; p < pipeline::kSignalPartitions; ++p) {
      const auto at = owned.find(p);
      if (at == owned.end() ||
          at->second < static_cast<int64_t>(topic[static_cast<size_t>(p)].size()))
        return false;
    }
    const pipeline::ServeStatus a = second->status(), b = third->status();
    return a.not_ready.empty() && b.not_ready.empty() && a.state.open_tickets == 0 &&
           b.state.open_tickets == 0 && a.sinks[0].outbox.depth == 0 &&
           b.sinks[0].outbox.depth == 0;
  }));
  const auto ingest = StartIngest();
  ASSERT_NE(ingest, nullptr);
  httplib::Client client("http://" + ingest->http_address());
  const auto get = [&](const std::string& path) {
    const auto reply = client.Get(path.c_str());
    EXPECT_TRUE(reply && reply->status == 200) << path;
    return reply ? reply->body : "{}";
  };
  const Json shown = Json::parse(get("/api/v1/tickets?limit=1000"));
  EXPECT_TRUE(WaitUntil([&] {
    const Json listed = Json::parse(get("/api/v1/instances"));
    std::set<std::string> roles;
    for (const Json& instance : listed["instances"]) {
      roles.insert(instance["role"].get<std::string>());
    }
    return roles == std::set<std::string>{"detect", "ingest"};
  }));
  EXPECT_THAT(get("/"), testing::HasSubstr("This instance has the role ingest"));
  EXPECT_TRUE(second->Stop().ok());
  EXPECT_TRUE(third->Stop().ok());

  const auto told = Told();
  EXPECT_EQ(shown["tickets"].size(), told.size());
  for (const Json& ticket : shown["tickets"]) {
    EXPECT_EQ(ticket, told.at(ticket["ticket_id"].get<std::string>()));
  }
  std::vector<std::string> tickets;
  for (const auto& [id, ticket] : told) {
    if (ticket["state"] != "merged") tickets.push_back(pipeline::ComparableTicket(ticket.dump()));
  }
  std::sort(tickets.begin(), tickets.end());
  EXPECT_EQ(tickets, pipeline::TheInput().expected);
}

}  // namespace instances_test
}  // namespace signinwatch::serve
