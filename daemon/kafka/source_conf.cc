#include "daemon/kafka/source_conf.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "absl/strings/str_cat.h"

namespace signinwatch::kafka {
namespace {

using std::chrono::milliseconds;

std::string InMilliseconds(Duration duration) {
  return absl::StrCat(std::chrono::ceil<milliseconds>(duration).count());
}

}  // namespace

absl::StatusOr<ConfHandle> MakeSourceConf(const config::KafkaSourceConfig& config,
                                          bool several_members, ClientContext* context) {
  const auto session = std::chrono::ceil<milliseconds>(config.session_timeout);
  const ClientOptions defaults = {
      {"partition.assignment.strategy", several_members ? "range" : "cooperative-sticky"},
      {"session.timeout.ms", absl::StrCat(session.count())},
      {"heartbeat.interval.ms", absl::StrCat(std::min<int64_t>(3'000, session.count() / 3))},
      {"max.poll.interval.ms", absl::StrCat(std::max<int64_t>(300'000, session.count()))},
      {"connections.max.idle.ms", InMilliseconds(config.connections_max_idle)},
      {"topic.metadata.refresh.interval.ms", InMilliseconds(config.metadata_max_age)},
      {"metadata.max.age.ms", InMilliseconds(config.metadata_max_age)},
      // Fetched and not taken: this much, one response more from each broker, and what compressed
      // ones grow to. Small buffers that are used again cost less than fresh memory, and messages
      // that were just received are still in the processor's cache.
      {"queued.max.messages.kbytes", "16384"},
      {"fetch.max.bytes", absl::StrCat(4 << 20)},
      {"max.partition.fetch.bytes", absl::StrCat(1 << 20)},
      {"fetch.wait.max.ms", "500"},
      // A request that the client keeps for a coordinator that went away (seen of the question
      // which one it is, where a broker is killed soon after its start) holds up the group until
      // then. By default that is a minute; Event Hubs may take 20 s to answer.
      {"socket.timeout.ms", "30000"},
      // The broker has checked it, TLS does, and the parser finds what is not JSON.
      {"check.crcs", "false"},
  };
  const ClientOptions fixed = {
      {"group.id", config.group},
      {"enable.auto.commit", "false"},
      {"enable.auto.offset.store", "false"},
      {"enable.partition.eof", "true"},
      // An offset that is out of range: the client goes on at the log's start, and the source sees
      // by the offsets what happened. With "error" the partition could only be started again by
      // assigning it anew, which a rebalance at the same time would take for its own.
      {"auto.offset.reset", "earliest"},
      {"statistics.interval.ms", "1000"},
  };
  absl::StatusOr<ConfHandle> conf = MakeConf(config.cluster, defaults, fixed, context);
  if (!conf.ok()) return conf.status();
  // Since 2.2: by default a full queue is not filled again for a second, however empty it is by
  // then.
  SetIfKnown(conf->get(), "fetch.queue.backoff.ms", "10");
  return conf;
}

size_t QueueBytes(const rd_kafka_conf_t* conf) {
  return std::strtoull(GetOption(conf, "queued.max.messages.kbytes").c_str(), nullptr, 10) * 1024;
}

}  // namespace signinwatch::kafka
