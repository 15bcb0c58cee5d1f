// Tickets as messages of a Kafka topic: the ticket id is the key, so that a ticket's revisions are
// in one partition and in order; the value is the ticket's JSON. Headers, all of them text, for
// consumers that route without reading the value: ticket_id, revision, schema, severity, state.
#ifndef SIGNINWATCH_DAEMON_SINKS_KAFKA_KAFKA_SINK_H_
#define SIGNINWATCH_DAEMON_SINKS_KAFKA_KAFKA_SINK_H_

#include <atomic>
#include <chrono>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "daemon/kafka/kafka_producer.h"
#include "daemon/sinks/sink_parts.h"

namespace signinwatch::sinks {

class KafkaSink : public TicketSink {
 public:
  // `timeout`: for a whole batch; what the broker has not acknowledged then is kTemporary.
  KafkaSink(std::unique_ptr<kafka::KafkaProducer> producer, std::string topic,
            std::chrono::milliseconds timeout, const clock::Clock& clock)
      : producer_(std::move(producer)),
        topic_(std::move(topic)),
        timeout_(timeout),
        clock_(clock) {}

  [[nodiscard]] std::vector<SendResult> Send(std::span<const store::Delivery> deliveries) override;
  [[nodiscard]] size_t batch_max() const override { return 100; }
  void Cancel() override { cancelled_ = true; }

 private:
  struct Batch;
  [[nodiscard]] std::vector<SendResult> SendBatch(std::span<const store::Delivery> deliveries);
  void Produce(const store::Delivery& delivery, size_t index, const std::shared_ptr<Batch>& batch,
               clock::SteadyTime deadline);
  [[nodiscard]] bool MayWait(clock::SteadyTime deadline) const;

  const std::unique_ptr<kafka::KafkaProducer> producer_;
  const std::string topic_;
  const std::chrono::milliseconds timeout_;
  const clock::Clock& clock_;
  std::atomic<bool> cancelled_{false};
};

[[nodiscard]] TicketSinkOr MakeKafkaSink(const config::SinkConfig& config, const SinkParts& parts);

// Whether an error of the producer is about the message itself, or others in its batch: too large,
// mostly. Of the errors that are for good only this condemns a message. A topic that is missing or
// not allowed is the configuration's or the broker's fault, and can be mended.
[[nodiscard]] bool IsMessageAtFault(const absl::Status& status);
// What it means for the delivery.
[[nodiscard]] SendResult KafkaSendResult(const absl::Status& status);

}  // namespace signinwatch::sinks

#endif  // SIGNINWATCH_DAEMON_SINKS_KAFKA_KAFKA_SINK_H_
