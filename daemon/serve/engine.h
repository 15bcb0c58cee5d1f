// What runs by one configuration: from the Kafka source to the sinks, over a store that stays. A
// reload stops one and starts another, so whatever a configuration can say can be changed by the
// code that starts the daemon, and goes on from the store as after a restart.
#ifndef SIGNINWATCH_DAEMON_SERVE_ENGINE_H_
#define SIGNINWATCH_DAEMON_SERVE_ENGINE_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/clock/clock.h"
#include "daemon/config/config.h"
#include "daemon/http_client/http_client.h"
#include "daemon/kafka/kafka_source.h"
#include "daemon/kafka/record_source.h"
#include "daemon/pipeline/fold_metrics.h"
#include "daemon/pipeline/pipeline.h"
#include "daemon/pipeline/status.h"
#include "daemon/sinks/dead_letter_sink.h"
#include "daemon/sinks/delivery_worker.h"
#include "daemon/store/outbox.h"
#include "daemon/store/state_store.h"
#include "metrics/metrics.h"

namespace signinwatch::serve {

// Makes what records are read from.
using SourceMaker = std::function<absl::StatusOr<std::unique_ptr<kafka::RecordSource>>(
    const clock::Clock&, const kafka::KafkaSourceOptions&)>;

// All outlive the engine.
struct EngineParts {
  store::StateStore& state;
  store::Outbox& outbox;
  const clock::Clock& clock;
  uint64_t seed = 0;  // of what is drawn for back-off
  metrics::Metrics& metrics;
  pipeline::FoldMetrics& fold_metrics;
  std::function<void(const store::StoreCommit&)> committed;  // on the commit thread
  std::function<void(const absl::Status&)> failed;  // on any thread, once: it can not go on
  SourceMaker make_source = kafka::MakeKafkaSource;
  http_client::HttpTransportMaker make_http = http_client::NetworkTransports();
};

// Thread-safe but for Start and Stop.
class Engine {
 public:
  // Loads the store's state and starts. An error says what part of the configuration can't be used;
  // nothing runs then, and the store is as it was.
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<Engine>> Start(const config::Config& config,
                                                                     EngineParts parts);
  ~Engine();  // Stop, without patience
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  // Reads no more, commits what was read within `commit_patience`, delivers for `delivery_grace`.
  // What can't be committed is as if it had never been read. The status stays readable.
  void Stop(std::chrono::milliseconds commit_patience, std::chrono::milliseconds delivery_grace);

  [[nodiscard]] const config::Config& config() const { return config_; }
  [[nodiscard]] pipeline::FoldSnapshot snapshot() const { return pipeline_->snapshot(); }
  [[nodiscard]] kafka::SourceFacts source_facts() const { return source_->facts(); }
  // Empty: shards can be taken over.
  [[nodiscard]] std::string takeover_problem() const { return pipeline_->takeover_problem(); }
  // Empty: commits work.
  [[nodiscard]] std::string commit_problem() const { return pipeline_->commit_stage().problem(); }
  // All that is known of the stages from the source to the sinks. `now` is the wall clock.
  void FillStatus(EventTime now, pipeline::ServeStatus* status) const;

 private:
  Engine(const config::Config& config, EngineParts parts);
  [[nodiscard]] absl::Status StartDelivery();
  [[nodiscard]] absl::Status StartPipeline();
  // What the store has, of the role `all`: it is read before anything starts.
  [[nodiscard]] absl::StatusOr<pipeline::RestoredState> LoadAll();
  [[nodiscard]] kafka::KafkaSourceOptions SourceOptions(const pipeline::RestoredState& restored);
  void FillSinks(pipeline::ServeStatus* status) const;
  void OnCommitted(const store::StoreCommit& commit);
  void OnAttempt(const std::string& sink, const store::Delivery& delivery,
                 const sinks::SendResult& result);

  const config::Config config_;
  const EngineParts parts_;
  std::unique_ptr<sinks::DeadLetterSink> dead_letters_;
  std::unique_ptr<kafka::RecordSource> source_;
  std::vector<std::unique_ptr<sinks::DeliveryWorker>> deliveries_;
  std::unique_ptr<pipeline::Pipeline> pipeline_;
  bool stopped_ = false;
};

}  // namespace signinwatch::serve

#endif  // SIGNINWATCH_DAEMON_SERVE_ENGINE_H_
