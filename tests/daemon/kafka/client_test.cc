#include "daemon/kafka/client.h"

#include <memory>
#include <string>

#include "daemon/kafka/source_conf.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/daemon/temporary_folder.h"

namespace signinwatch::kafka {
namespace client_test {

using testing::HasSubstr;

class ClientTest : public testing::Test {
 protected:
  config::SecretRef Secret(const std::string& text) {
    return {config::SecretRef::From::kFile, folder_.Write("secret", text)};
  }
  ConfHandle Make(const ClientOptions& defaults = {}, const ClientOptions& fixed = {}) {
    auto conf = MakeConf(cluster_, defaults, fixed, &context_);
    EXPECT_TRUE(conf.ok()) << conf.status();
    return conf.ok() ? *std::move(conf) : nullptr;
  }

  TemporaryFolder folder_;
  static config::KafkaCluster Cluster() {
    config::KafkaCluster cluster;
    cluster.brokers = "one:9092,two:9092";
    return cluster;
  }

  config::KafkaCluster cluster_ = Cluster();
  ClientContext context_{clock::SystemClock(), cluster_, nullptr, nullptr};
};

TEST_F(ClientTest, PlainConnection) {
  const ConfHandle conf = Make();
  EXPECT_EQ(GetOption(conf.get(), "bootstrap.servers"), "one:9092,two:9092");
  EXPECT_EQ(GetOption(conf.get(), "security.protocol"), "plaintext");
  EXPECT_EQ(GetOption(conf.get(), "client.id"), "signinwatch");
  EXPECT_EQ(GetOption(conf.get(), "socket.keepalive.enable"), "true");
  EXPECT_EQ(GetOption(conf.get(), "no.such.option"), "");
}

TEST_F(ClientTest, TlsWithACertificate) {
  cluster_.tls = true;
  cluster_.ca_file = "/some/ca.pem";
  const ConfHandle conf = Make();
  EXPECT_EQ(GetOption(conf.get(), "security.protocol"), "ssl");
  EXPECT_EQ(GetOption(conf.get(), "ssl.ca.location"), "/some/ca.pem");
}

TEST_F(ClientTest, ConnectionStringOfEventHubs) {
  cluster_.auth = config::KafkaAuth::kConnectionString;
  cluster_.connection_string = Secret("Endpoint=sb://hub/;SharedAccessKey=abc=\n");
  const ConfHandle conf = Make();
  EXPECT_EQ(GetOption(conf.get(), "security.protocol"), "sasl_ssl");
  EXPECT_EQ(GetOption(conf.get(), "sasl.mechanisms"), "PLAIN");
  EXPECT_EQ(GetOption(conf.get(), "sasl.username"), "$ConnectionString");
  EXPECT_EQ(GetOption(conf.get(), "sasl.password"), "Endpoint=sb://hub/;SharedAccessKey=abc=");
}

TEST_F(ClientTest, UserAndPassword) {
  cluster_.auth = config::KafkaAuth::kPlain;
  cluster_.username = "reader";
  cluster_.password = Secret("pass");
  EXPECT_EQ(GetOption(Make().get(), "security.protocol"), "sasl_plaintext");
  cluster_.tls = true;
  const ConfHandle conf = Make();
  EXPECT_EQ(GetOption(conf.get(), "security.protocol"), "sasl_ssl");
  EXPECT_EQ(GetOption(conf.get(), "sasl.username"), "reader");
  EXPECT_EQ(GetOption(conf.get(), "sasl.password"), "pass");
}

TEST_F(ClientTest, Tokens) {
  for (const config::KafkaAuth auth :
       {config::KafkaAuth::kOauthBearer, config::KafkaAuth::kClientCertificate,
        config::KafkaAuth::kManagedIdentity, config::KafkaAuth::kWorkloadIdentity}) {
    cluster_.auth = auth;
    const ConfHandle conf = Make();
    EXPECT_EQ(GetOption(conf.get(), "security.protocol"), "sasl_ssl");
    EXPECT_EQ(GetOption(conf.get(), "sasl.mechanisms"), "OAUTHBEARER");
  }
}

TEST_F(ClientTest, OptionsGoBeforeDefaultsAndFixedOnesBeforeAll) {
  cluster_.options = {{"fetch.wait.max.ms", "7"}, {"enable.auto.commit", "true"}};
  const ConfHandle conf = Make({{"fetch.wait.max.ms", "500"}, {"fetch.min.bytes", "3"}},
                               {{"enable.auto.commit", "false"}});
  EXPECT_EQ(GetOption(conf.get(), "fetch.wait.max.ms"), "7");
  EXPECT_EQ(GetOption(conf.get(), "fetch.min.bytes"), "3");
  EXPECT_EQ(GetOption(conf.get(), "enable.auto.commit"), "false");
}

TEST_F(ClientTest, MistakesAreNamed) {
  cluster_.options = {{"fetch.wait.max.ms", "soon"}};
  auto conf = MakeConf(cluster_, {}, {}, &context_);
  EXPECT_EQ(conf.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(conf.status().message()), HasSubstr("fetch.wait.max.ms"));

  cluster_.options = {};
  cluster_.auth = config::KafkaAuth::kPlain;
  cluster_.password = {config::SecretRef::From::kEnvironment, "SIGNINWATCH_TEST_NOT_SET"};
  conf = MakeConf(cluster_, {}, {}, &context_);
  EXPECT_EQ(conf.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(conf.status().message()), HasSubstr("SIGNINWATCH_TEST_NOT_SET"));
}

TEST_F(ClientTest, KeepsTheLastErrorUntilASuccess) {
  EXPECT_EQ(context_.last_error(), "");
  context_.NoteError("one");
  context_.NoteError(std::string(2'000, 'x'));
  EXPECT_EQ(context_.errors(), 2);
  EXPECT_EQ(context_.last_error(), std::string(500, 'x'));
  context_.NoteSuccess();
  EXPECT_EQ(context_.last_error(), "");
  EXPECT_EQ(context_.errors(), 2);
}

// The promise to lose nothing and to repeat nothing stands on these.
TEST(SourceConfTest, PositionsAreNotTheGroups) {
  config::KafkaSourceConfig config;
  config.cluster.brokers = "one:9092";
  config.group = "watchers";
  config.session_timeout = std::chrono::seconds(6);
  config.connections_max_idle = std::chrono::seconds(100);
  config.metadata_max_age = std::chrono::seconds(50);
  ClientContext context(clock::SystemClock(), config.cluster, nullptr, nullptr);
  const auto made = MakeSourceConf(config, /*several_members=*/false, &context);
  ASSERT_TRUE(made.ok()) << made.status();
  rd_kafka_conf_t* conf = made->get();
  const struct {
    const char* name;
    const char* value;
  } expected[] = {
      {"group.id", "watchers"},
      {"enable.auto.commit", "false"},
      {"enable.auto.offset.store", "false"},
      {"enable.partition.eof", "true"},
      {"auto.offset.reset", "smallest"},  // as librdkafka spells "earliest"
      {"partition.assignment.strategy", "cooperative-sticky"},
      {"session.timeout.ms", "6000"},
      {"heartbeat.interval.ms", "2000"},
      {"max.poll.interval.ms", "300000"},
      {"connections.max.idle.ms", "100000"},
      {"topic.metadata.refresh.interval.ms", "50000"},
      {"metadata.max.age.ms", "50000"},
      {"statistics.interval.ms", "1000"},
  };
  for (const auto& [name, value] : expected) EXPECT_EQ(GetOption(conf, name), value) << name;
  EXPECT_EQ(QueueBytes(conf), 16 << 20);
}

}  // namespace client_test
}  // namespace signinwatch::kafka
