#include "daemon/kafka/mock_cluster.h"

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include <array>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

namespace signinwatch::kafka {

class MockCluster::Impl {
 public:
  Impl(rd_kafka_t* client, rd_kafka_mock_cluster_t* cluster)
      : client_(client),
        cluster_(cluster),
        bootstrap_servers_(rd_kafka_mock_cluster_bootstraps(cluster)) {}
  ~Impl() {
    rd_kafka_mock_cluster_destroy(cluster_);
    rd_kafka_destroy(client_);
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  rd_kafka_mock_cluster_t* cluster() { return cluster_; }
  const std::string& bootstrap_servers() const { return bootstrap_servers_; }

 private:
  rd_kafka_t* client_;  // lends the cluster its threads
  rd_kafka_mock_cluster_t* cluster_;
  std::string bootstrap_servers_;
};

absl::StatusOr<std::unique_ptr<MockCluster>> MockCluster::Start(int brokers) {
  std::array<char, 512> reason{};
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  // It would warn that it has no brokers of its own.
  rd_kafka_conf_set(conf, "log_level", "2", nullptr, 0);
  rd_kafka_t* client = rd_kafka_new(RD_KAFKA_PRODUCER, conf, reason.data(), reason.size());
  if (client == nullptr) return absl::InternalError(reason.data());
  rd_kafka_mock_cluster_t* cluster = rd_kafka_mock_cluster_new(client, brokers);
  if (cluster == nullptr) {
    rd_kafka_destroy(client);
    return absl::InternalError("the mock cluster could not be started");
  }
#if RD_KAFKA_VERSION >= 0x02080000
  // By default, and always with older releases, a group's first member waits 3 s for others.
  rd_kafka_mock_group_initial_rebalance_delay_ms(cluster, 100);
#endif
  return std::unique_ptr<MockCluster>(new MockCluster(std::make_unique<Impl>(client, cluster)));
}

MockCluster::MockCluster(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
MockCluster::~MockCluster() = default;

const std::string& MockCluster::bootstrap_servers() const { return impl_->bootstrap_servers(); }

absl::Status MockCluster::CreateTopic(const std::string& topic, int partitions) {
  const rd_kafka_resp_err_t error =
      rd_kafka_mock_topic_create(impl_->cluster(), topic.c_str(), partitions, 1);
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return absl::OkStatus();
  return absl::InternalError(
      absl::StrCat("topic ", topic, " could not be made: ", rd_kafka_err2str(error)));
}

void MockCluster::SetBrokerDown(int broker_id) {
  rd_kafka_mock_broker_set_down(impl_->cluster(), broker_id);
}

void MockCluster::SetBrokerUp(int broker_id) {
  rd_kafka_mock_broker_set_up(impl_->cluster(), broker_id);
}

void MockCluster::SetRoundTrip(int broker_id, std::chrono::milliseconds delay) {
  rd_kafka_mock_broker_set_rtt(impl_->cluster(), broker_id, static_cast<int>(delay.count()));
}

void MockCluster::SetTopicMissing(const std::string& topic, bool missing) {
  rd_kafka_mock_topic_set_error(
      impl_->cluster(), topic.c_str(),
      missing ? RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART : RD_KAFKA_RESP_ERR_NO_ERROR);
}

void MockCluster::FailRequests(int16_t request, int error, int times) {
  const std::vector<rd_kafka_resp_err_t> errors(static_cast<size_t>(times),
                                                static_cast<rd_kafka_resp_err_t>(error));
  rd_kafka_mock_push_request_errors_array(impl_->cluster(), request, errors.size(), errors.data());
}

}  // namespace signinwatch::kafka
