// Reads a topic from its beginning to its end with librdkafka, and throws it away: what any
// consumer pays before it looks at a byte.
//
//   bare_consumer BROKERS TOPIC [--keep-memory] [NAME=VALUE...]     (options of librdkafka)
//
// Prints one JSON object: messages, bytes (of the payloads), seconds, cpu_seconds.
#include <librdkafka/rdkafka.h>
#include <malloc.h>
#include <sys/resource.h>

#include <chrono>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

constexpr int kCallTimeoutMs = 10'000;
constexpr int kIdleTimeoutMs = 30'000;
constexpr size_t kBatch = 1'000;

[[noreturn]] void Die(std::string_view what, std::string_view why) {
  std::fprintf(stderr, "bare_consumer: %.*s: %.*s\n", static_cast<int>(what.size()), what.data(),
               static_cast<int>(why.size()), why.data());
  std::exit(1);
}

double ProcessorSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

void Set(rd_kafka_conf_t* conf, const std::string& name, const std::string& value) {
  char error[512];
  if (rd_kafka_conf_set(conf, name.c_str(), value.c_str(), error, sizeof(error)) !=
      RD_KAFKA_CONF_OK) {
    Die(name, error);
  }
}

struct ConsumerDestroyer {
  void operator()(rd_kafka_t* consumer) const { rd_kafka_destroy(consumer); }
};
using Consumer = std::unique_ptr<rd_kafka_t, ConsumerDestroyer>;

Consumer MakeConsumer(const std::string& brokers,
                      const std::vector<std::pair<std::string, std::string>>& options) {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  Set(conf, "bootstrap.servers", brokers);
  Set(conf, "group.id", "bare_consumer");
  Set(conf, "enable.auto.commit", "false");
  Set(conf, "enable.partition.eof", "true");
  Set(conf, "auto.offset.reset", "earliest");
  for (const auto& [name, value] : options) Set(conf, name, value);
  char error[512];
  Consumer consumer(rd_kafka_new(RD_KAFKA_CONSUMER, conf, error, sizeof(error)));
  if (consumer == nullptr) Die("consumer", error);
  rd_kafka_poll_set_consumer(consumer.get());
  return consumer;
}

// All partitions from their beginning. Gives how many there are.
int AssignAll(rd_kafka_t* consumer, const std::string& topic) {
  rd_kafka_topic_t* handle = rd_kafka_topic_new(consumer, topic.c_str(), nullptr);
  const struct rd_kafka_metadata* metadata = nullptr;
  const auto failure = rd_kafka_metadata(consumer, 0, handle, &metadata, kCallTimeoutMs);
  if (failure != RD_KAFKA_RESP_ERR_NO_ERROR) Die(topic, rd_kafka_err2str(failure));
  const int partitions = metadata->topics[0].partition_cnt;
  rd_kafka_metadata_destroy(metadata);
  rd_kafka_topic_destroy(handle);
  if (partitions == 0) Die(topic, "no such topic");
  rd_kafka_topic_partition_list_t* list = rd_kafka_topic_partition_list_new(partitions);
  for (int i = 0; i < partitions; ++i) {
    rd_kafka_topic_partition_list_add(list, topic.c_str(), i)->offset = RD_KAFKA_OFFSET_BEGINNING;
  }
  const auto refused = rd_kafka_assign(consumer, list);
  if (refused != RD_KAFKA_RESP_ERR_NO_ERROR) Die("assign", rd_kafka_err2str(refused));
  rd_kafka_topic_partition_list_destroy(list);
  return partitions;
}

struct Totals {
  uint64_t messages = 0, bytes = 0;
};

Totals Drain(rd_kafka_t* consumer, int partitions) {
  Totals totals;
  rd_kafka_queue_t* queue = rd_kafka_queue_get_consumer(consumer);
  std::vector<rd_kafka_message_t*> messages(kBatch);
  int at_end = 0;
  while (at_end < partitions) {
    const ssize_t count =
        rd_kafka_consume_batch_queue(queue, kIdleTimeoutMs, messages.data(), messages.size());
    if (count <= 0) Die("consume", "nothing came for half a minute");
    for (ssize_t i = 0; i < count; ++i) {
      rd_kafka_message_t* message = messages[static_cast<size_t>(i)];
      if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
        ++totals.messages;
        totals.bytes += message->len;
      } else if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
        ++at_end;
      } else {
        Die("consume", rd_kafka_message_errstr(message));
      }
      rd_kafka_message_destroy(message);
    }
  }
  rd_kafka_queue_destroy(queue);
  return totals;
}

// As RunServe does: freed memory is used again instead of being returned and faulted in anew.
void KeepFreedMemory() {
  ::mallopt(M_MMAP_THRESHOLD, 64 << 20);
  ::mallopt(M_TRIM_THRESHOLD, 256 << 20);
  ::mallopt(M_TOP_PAD, 16 << 20);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) Die("usage", "bare_consumer BROKERS TOPIC [--keep-memory] [NAME=VALUE...]");
  std::vector<std::pair<std::string, std::string>> options;
  for (int i = 3; i < argc; ++i) {
    const std::string argument = argv[i];
    const size_t equals = argument.find('=');
    if (argument == "--keep-memory") {
      KeepFreedMemory();
    } else if (equals != std::string::npos) {
      options.emplace_back(argument.substr(0, equals), argument.substr(equals + 1));
    } else {
      Die(argument, "is neither --keep-memory nor NAME=VALUE");
    }
  }
  const auto began = std::chrono::steady_clock::now();
  const Consumer consumer = MakeConsumer(argv[1], options);
  const Totals totals = Drain(consumer.get(), AssignAll(consumer.get(), argv[2]));
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  std::printf("{\"messages\":%" PRIu64 ",\"bytes\":%" PRIu64
              ",\"seconds\":%.3f,\"cpu_seconds\":%.3f}\n",
              totals.messages, totals.bytes, took.count(), ProcessorSeconds());
  return 0;
}
