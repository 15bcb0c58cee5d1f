// `signinwatch generate --kafka`: the generator's messages into a topic, at a pace.
#ifndef SIGNINWATCH_DAEMON_FEED_FEED_H_
#define SIGNINWATCH_DAEMON_FEED_FEED_H_

#include <cstdint>
#include <cstdio>
#include <string>

#include "daemon/config/serve_config.h"
#include "daemon/generator/generate.h"

namespace signinwatch::feed {

struct FeedOptions {
  config::KafkaCluster cluster;
  std::string topic;
  std::string compression;  // as KafkaProducerOptions has it
  uint32_t rate = 0;        // messages in a second; 0: no limit
  uint32_t speed = 0;       // seconds of export time in a second; 0: as fast as it goes
};

// Messages get the generator's partition when it deals them to several, else the client's choice,
// and the time of sending. `generate.output` is not used. Returns as RunGenerate does; 2 also where
// the cluster's options can't be used.
[[nodiscard]] int RunFeed(const generator::GenerateOptions& generate, const FeedOptions& feed,
                          std::FILE* err);

}  // namespace signinwatch::feed

#endif  // SIGNINWATCH_DAEMON_FEED_FEED_H_
