#include "daemon/sinks/ticket_sink.h"

#include <unistd.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/http_client/token_request.h"
#include "daemon/kafka/kafka_producer.h"
#include "daemon/sinks/file_sink.h"
#include "daemon/sinks/kafka_sink.h"
#include "daemon/sinks/stdout_sink.h"
#include "daemon/sinks/webhook_sink.h"

namespace signinwatch {
namespace {

using SinkOr = absl::StatusOr<std::unique_ptr<TicketSink>>;

SinkOr MakeFileSink(const SinkConfig& config) {
  auto sink = std::make_unique<FileSink>(
      LineFile::Options{.path = config.path,
                        .line_start = "{\"schema\":\"signinwatch.ticket/",
                        .rotate_bytes = config.rotate_bytes,
                        .rotate_keep = config.rotate_keep});
  if (absl::Status status = sink->Open(); !status.ok()) return status;
  return sink;
}

SinkOr MakeWebhookSink(const SinkConfig& config) {
  auto sink = std::make_unique<WebhookSink>(config);
  if (absl::Status status = sink->Check(); !status.ok()) return status;
  return sink;
}

SinkOr MakeKafkaSink(const SinkConfig& config, const KafkaCluster& fallback_cluster) {
  // The batch's deadline lies behind that of its last message, so that each answer is waited for.
  constexpr std::chrono::seconds kSlack{5};
  KafkaProducerOptions options;
  options.cluster = config.cluster.brokers.empty() ? fallback_cluster : config.cluster;
  options.fetch_token = MakeTokenFetcher(options.cluster);
  absl::StatusOr<std::unique_ptr<KafkaProducer>> producer =
      MakeKafkaProducer(SystemClock(), options);
  if (!producer.ok()) return producer.status();
  return std::make_unique<KafkaSink>(*std::move(producer), config.topic,
                                     options.message_timeout + kSlack);
}

SinkOr MakeOf(const SinkConfig& config, const KafkaCluster& fallback_cluster) {
  switch (config.type) {
    case SinkType::kFile:
      return MakeFileSink(config);
    case SinkType::kKafka:
      return MakeKafkaSink(config, fallback_cluster);
    case SinkType::kWebhook:
      return MakeWebhookSink(config);
    case SinkType::kStdout:
      return std::make_unique<StdoutSink>(STDOUT_FILENO);
  }
  return absl::InvalidArgumentError("no such type of sink");
}

}  // namespace

SinkOr MakeTicketSink(const SinkConfig& config, const KafkaCluster& fallback_cluster) {
  SinkOr sink = MakeOf(config, fallback_cluster);
  if (sink.ok()) return sink;
  return absl::Status(sink.status().code(),
                      absl::StrCat("sink ", config.name, ": ", sink.status().message()));
}

}  // namespace signinwatch
