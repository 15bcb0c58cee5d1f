#include "daemon/sinks/kafka/kafka_sink.h"

#include <algorithm>

#include "daemon/config/sink_types.h"
#include "daemon/http_client/token_request.h"

namespace signinwatch::sinks {
namespace {

constexpr std::chrono::milliseconds kSlice{50};

kafka::ProducedMessage MessageOf(const std::string& topic, const store::Delivery& delivery) {
  kafka::ProducedMessage message;
  message.topic = topic;
  message.key = delivery.ticket_id;
  message.value = delivery.json;
  message.headers = {{"ticket_id", delivery.ticket_id},
                     {"revision", std::to_string(delivery.revision)},
                     {"schema", "signinwatch.ticket/1"},
                     {"severity", delivery.severity},
                     {"state", delivery.state}};
  return message;
}

}  // namespace

// The producer's answers to one Send. They may come after it was given up: each callback keeps it
// alive.
struct KafkaSink::Batch {
  std::vector<SendResult> results;
  size_t waiting = 0;

  void Finish(size_t index, SendResult result) {
    results[index] = std::move(result);
    --waiting;
  }
};

std::vector<SendResult> KafkaSink::Send(std::span<const store::Delivery> deliveries) {
  std::vector<SendResult> results = SendBatch(deliveries);
  // A broker refuses the batch that a message travels in: only alone it is refused for itself.
  for (size_t i = 0; i < results.size() && results.size() > 1; ++i) {
    if (results[i].kind != SendResult::Kind::kPermanent) continue;
    results[i] = SendBatch(deliveries.subspan(i, 1)).front();
  }
  return results;
}

std::vector<SendResult> KafkaSink::SendBatch(std::span<const store::Delivery> deliveries) {
  const auto deadline = clock_.Steady() + timeout_;
  auto batch = std::make_shared<Batch>();
  batch->waiting = deliveries.size();
  batch->results.assign(
      deliveries.size(),
      {SendResult::Kind::kTemporary, "the broker has not acknowledged it in time", {}, true});
  for (size_t i = 0; i < deliveries.size(); ++i) Produce(deliveries[i], i, batch, deadline);
  while (batch->waiting > 0 && MayWait(deadline)) producer_->Poll(kSlice);
  return batch->results;
}

void KafkaSink::Produce(const store::Delivery& delivery, size_t index,
                        const std::shared_ptr<Batch>& batch, clock::SteadyTime deadline) {
  const kafka::ProducedMessage message = MessageOf(topic_, delivery);
  const auto done = [batch, index](const absl::Status& status) {
    batch->Finish(index, KafkaSendResult(status));
  };
  absl::Status status = producer_->Produce(message, done);
  while (absl::IsResourceExhausted(status) && MayWait(deadline)) {
    producer_->Poll(kSlice);
    status = producer_->Produce(message, done);
  }
  if (!status.ok()) batch->Finish(index, KafkaSendResult(status));
}

bool KafkaSink::MayWait(clock::SteadyTime deadline) const {
  return !cancelled_ && clock_.Steady() < deadline;
}

TicketSinkOr MakeKafkaSink(const config::SinkConfig& config, const SinkParts& parts) {
  // The batch's deadline lies behind that of its last message, so that each answer is waited for.
  constexpr std::chrono::seconds kSlack{5};
  kafka::KafkaProducerOptions options;
  options.cluster = config.cluster.brokers.empty() ? parts.source_cluster : config.cluster;
  options.fetch_token =
      http_client::MakeTokenFetcher(options.cluster, parts.clock, parts.make_http);
  absl::StatusOr<std::unique_ptr<kafka::KafkaProducer>> producer =
      kafka::MakeKafkaProducer(parts.clock, options);
  if (!producer.ok()) return producer.status();
  return std::make_unique<KafkaSink>(*std::move(producer),
                                     config::SettingOf<std::string>(config, "topic"),
                                     options.message_timeout + kSlack, parts.clock);
}

bool IsMessageAtFault(const absl::Status& status) {
  return absl::IsInvalidArgument(status) || absl::IsOutOfRange(status);
}

SendResult KafkaSendResult(const absl::Status& status) {
  if (status.ok()) return {};
  const bool permanent = IsMessageAtFault(status);
  return {permanent ? SendResult::Kind::kPermanent : SendResult::Kind::kTemporary,
          std::string(status.message()),
          {},
          !permanent};
}

}  // namespace signinwatch::sinks
