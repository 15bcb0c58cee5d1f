#include "daemon/feed/feed.h"

#include <chrono>
#include <memory>
#include <utility>

#include "absl/status/statusor.h"
#include "daemon/feed/kafka_feed.h"
#include "daemon/kafka/kafka_producer.h"

namespace signinwatch::feed {
namespace {

// A broker may be restarted while it is fed.
constexpr std::chrono::seconds kMessageTimeout{60};

}  // namespace

int RunFeed(const generator::GenerateOptions& generate, const FeedOptions& feed, std::FILE* err) {
  const clock::Clock& clock = clock::SystemClock();
  kafka::KafkaProducerOptions options;
  options.cluster = feed.cluster;
  options.message_timeout = kMessageTimeout;
  options.compression = feed.compression;
  const absl::StatusOr<std::unique_ptr<kafka::KafkaProducer>> producer =
      kafka::MakeKafkaProducer(clock, options);
  if (!producer.ok()) {
    std::fprintf(err, "%s\n", std::string(producer.status().message()).c_str());
    return 2;
  }
  KafkaFeedOptions sink;
  sink.topic = feed.topic;
  sink.keep_partitions = generate.partitions > 1;
  sink.pace = {.rate = feed.rate, .speed = feed.speed, .head_start = Duration{0}};
  sink.start = generate.start;
  sink.now = [&clock] { return clock.Wall(); };
  KafkaFeed to_kafka(std::move(sink), producer->get());
  return generator::RunGenerate(generate, &to_kafka, err);
}

}  // namespace signinwatch::feed
