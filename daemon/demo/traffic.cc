#include "daemon/demo/traffic.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "daemon/feed/kafka_feed.h"
#include "daemon/generator/generate.h"
#include "daemon/kafka/kafka_producer.h"

namespace signinwatch::demo {
namespace {

constexpr uint32_t kTenants = 6;
constexpr Duration kBack = 3 * kDay;
constexpr Duration kLength = 33 * kDay;
// The first scenarios are planted in the fifth hour; before it nothing happens. That is at midnight
// UTC: so by which method their users pass MFA was seen on the day before.
constexpr Duration kFirstScenario = std::chrono::hours(4);
constexpr Duration kHeadStart = kFirstScenario + std::chrono::minutes(35);
constexpr std::chrono::seconds kFlushTimeout{2};

generator::GenerateOptions Scenario(EventTime now, const DemoTrafficOptions& options) {
  generator::GenerateOptions generate;
  generate.start = std::chrono::floor<std::chrono::days>(now) - kBack - kFirstScenario;
  generate.duration = kLength;
  generate.tenants = kTenants;
  generate.users = options.users;
  generate.partitions = options.partitions;
  return generate;
}

}  // namespace

absl::StatusOr<std::unique_ptr<DemoTraffic>> DemoTraffic::Start(const clock::Clock& clock,
                                                                const DemoTrafficOptions& options) {
  kafka::KafkaProducerOptions producer_options;
  producer_options.cluster.brokers = options.brokers;
  // The mock cluster keeps the last 5 MiB of each partition: the head start must fit in there.
  producer_options.compression = "zstd";
  absl::StatusOr<std::unique_ptr<kafka::KafkaProducer>> producer =
      kafka::MakeKafkaProducer(clock, producer_options);
  if (!producer.ok()) return producer.status();

  std::unique_ptr<DemoTraffic> traffic(new DemoTraffic);
  const generator::GenerateOptions generate = Scenario(clock.Wall(), options);
  feed::KafkaFeedOptions feed;
  feed.topic = options.topic;
  feed.keep_partitions = true;
  feed.pace = {.rate = 0, .speed = options.speed, .head_start = kHeadStart};
  feed.start = generate.start;
  feed.now = [&clock] { return clock.Wall(); };
  feed.stop = &traffic->stop_;
  feed.flush_timeout = kFlushTimeout;
  traffic->thread_ = std::thread(
      [self = traffic.get(), generate, feed, producer = *std::move(producer)]() mutable {
        feed::KafkaFeed sink(std::move(feed), producer.get());
        // Its summary is of no interest here; its errors are the sink's.
        std::FILE* const nowhere = std::fopen("/dev/null", "w");
        if (nowhere == nullptr) std::abort();
        (void)generator::RunGenerate(generate, &sink, nowhere);
        std::fclose(nowhere);
        // What is cut off by stopping is no error.
        if (self->stop_) return;
        self->error_ = sink.error();
        self->failed_ = !self->error_.empty();
      });
  return traffic;
}

DemoTraffic::~DemoTraffic() { Stop(); }

void DemoTraffic::Stop() {
  stop_ = true;
  if (thread_.joinable()) thread_.join();
}

}  // namespace signinwatch::demo
