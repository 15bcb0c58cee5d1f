#include "daemon/sinks/dead_letter_sink.h"

#include <deque>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/http_client/token_request.h"
#include "daemon/json/dead_letter.h"
#include "daemon/sinks/buffered_dead_letters.h"

namespace signinwatch::sinks {

absl::StatusOr<std::unique_ptr<DeadLetterSink>> MakeDeadLetterSink(
    const config::DeadLetterConfig& config, const config::KafkaCluster& source_cluster,
    const clock::Clock& clock, const http_client::HttpTransportMaker& make_http) {
  if (config.path.empty() && config.topic.empty()) return nullptr;
  std::unique_ptr<LineFile> file;
  if (!config.path.empty()) {
    file = std::make_unique<LineFile>(LineFile::Options{.path = config.path,
                                                        .line_start = "{\"reason\":",
                                                        .rotate_bytes = config.rotate_bytes,
                                                        .rotate_keep = config.rotate_keep});
    if (absl::Status status = file->Open(); !status.ok()) {
      return absl::Status(status.code(), absl::StrCat("dead letters: ", status.message()));
    }
  }
  std::unique_ptr<DeadLetterTopic> topic;
  if (!config.topic.empty()) {
    kafka::KafkaProducerOptions options;
    options.cluster = config.cluster.brokers.empty() ? source_cluster : config.cluster;
    options.fetch_token = http_client::MakeTokenFetcher(options.cluster, clock, make_http);
    absl::StatusOr<std::unique_ptr<kafka::KafkaProducer>> producer =
        kafka::MakeKafkaProducer(clock, options);
    if (!producer.ok()) {
      return absl::Status(producer.status().code(),
                          absl::StrCat("dead letters: ", producer.status().message()));
    }
    topic = std::make_unique<DeadLetterTopic>(*std::move(producer), config.topic, clock);
  }
  return std::make_unique<BufferedDeadLetters>(std::move(file), std::move(topic));
}

}  // namespace signinwatch::sinks
