// What consumer and producer share: configuration, log-in, errors, the client's own log. For the
// sources of this folder only.
#ifndef SIGNINWATCH_DAEMON_KAFKA_CLIENT_H_
#define SIGNINWATCH_DAEMON_KAFKA_CLIENT_H_

#include <librdkafka/rdkafka.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/clock/clock.h"
#include "daemon/config/serve_config.h"
#include "daemon/kafka/token.h"

namespace signinwatch::kafka {

// Calls librdkafka's function that gives a handle back.
template <auto kDestroy>
struct HandleDeleter {
  template <typename T>
  void operator()(T* handle) const {
    kDestroy(handle);
  }
};
using ConfHandle = std::unique_ptr<rd_kafka_conf_t, HandleDeleter<rd_kafka_conf_destroy>>;
using QueueHandle = std::unique_ptr<rd_kafka_queue_t, HandleDeleter<rd_kafka_queue_destroy>>;
using TopicHandle = std::unique_ptr<rd_kafka_topic_t, HandleDeleter<rd_kafka_topic_destroy>>;
using MessageHandle = std::unique_ptr<rd_kafka_message_t, HandleDeleter<rd_kafka_message_destroy>>;
using ErrorHandle = std::unique_ptr<rd_kafka_error_t, HandleDeleter<rd_kafka_error_destroy>>;
using MetadataHandle =
    std::unique_ptr<const rd_kafka_metadata_t, HandleDeleter<rd_kafka_metadata_destroy>>;
using PartitionListHandle = std::unique_ptr<rd_kafka_topic_partition_list_t,
                                            HandleDeleter<rd_kafka_topic_partition_list_destroy>>;
using EventHandle = std::unique_ptr<rd_kafka_event_t, HandleDeleter<rd_kafka_event_destroy>>;
using AdminOptionsHandle =
    std::unique_ptr<rd_kafka_AdminOptions_t, HandleDeleter<rd_kafka_AdminOptions_destroy>>;

// Behind the opaque pointer of every client. Thread-safe, as the client calls from its own threads
// too.
class ClientContext {
 public:
  // `owner`: whoever has further callbacks; these come from threads that it polls with.
  // `clock` outlives the client, also one that is left alone.
  ClientContext(const clock::Clock& clock, const config::KafkaCluster& cluster,
                TokenFetcher fetch_token, void* owner)
      : clock_(clock),
        owner_(owner),
        fetch_token_(std::move(fetch_token)),
        principal_(cluster.client_id) {}
  ClientContext(const ClientContext&) = delete;
  ClientContext& operator=(const ClientContext&) = delete;

  void NoteError(std::string_view text);
  void NoteSuccess();
  // There is no sign of trouble now: an error that is a few seconds old is over.
  void ForgetOldError();
  [[nodiscard]] std::string last_error() const;
  [[nodiscard]] uint64_t errors() const { return errors_; }
  [[nodiscard]] uint64_t token_refreshes() const { return token_refreshes_; }
  [[nodiscard]] uint64_t token_failures() const { return token_failures_; }

  // Fetches a token and gives it to `client`.
  void RefreshToken(rd_kafka_t* client);

  [[nodiscard]] const clock::Clock& clock() const { return clock_; }

  template <typename T>
  static T* OwnerOf(void* opaque) {
    return static_cast<T*>(static_cast<ClientContext*>(opaque)->owner_);
  }

 private:
  const clock::Clock& clock_;
  void* const owner_;
  const TokenFetcher fetch_token_;
  const std::string principal_;
  std::atomic<uint64_t> errors_ = 0, token_refreshes_ = 0, token_failures_ = 0;
  std::atomic<bool> failing_ = false;  // last_error_ is not empty
  mutable std::mutex mutex_;
  std::string last_error_;
  clock::SteadyTime failed_at_;
};

using ClientOptions = std::vector<std::pair<const char*, std::string>>;

// A configuration for `cluster` whose callbacks go to `context`, which must outlive the client.
// The operator's options go before `defaults`, and `fixed` before all. kInvalidArgument: an option
// or value that librdkafka does not know, a secret that can not be read.
[[nodiscard]] absl::StatusOr<ConfHandle> MakeConf(const config::KafkaCluster& cluster,
                                                  const ClientOptions& defaults,
                                                  const ClientOptions& fixed,
                                                  ClientContext* context);

// The value of an option; empty if there is none.
[[nodiscard]] std::string GetOption(const rd_kafka_conf_t* conf, const char* name);

// Sets an option of newer releases; an older one does without.
void SetIfKnown(rd_kafka_conf_t* conf, const char* name, const char* value);

// How many partitions each topic has that the client has a handle of; those that do not exist are
// left out. Empty: no broker has answered within `timeout`.
[[nodiscard]] std::map<std::string, int32_t> CountPartitions(rd_kafka_t* client,
                                                             std::chrono::milliseconds timeout);

// Makes the client; takes the configuration. The token callback is served by a thread of the
// client's, whatever the caller does.
[[nodiscard]] absl::StatusOr<rd_kafka_t*> MakeClient(rd_kafka_type_t type, ConfHandle conf);

// Destroys `client`, which can wait for what never comes: messages that were not released, or, in
// older releases, an assignment that arrived while the group was being left. After `timeout` it is
// left alone, with the context. Returns whether it is gone.
bool DestroyClient(rd_kafka_t* client, std::unique_ptr<ClientContext> context,
                   std::chrono::milliseconds timeout);

// Enough for one that only asks.
inline constexpr std::chrono::milliseconds kAskingClientDestroyTimeout{2'000};

// Leaves a client alone that must not be destroyed, for the process to end.
void LeaveClient(std::unique_ptr<ClientContext> context);

// How many are left alone by now; some of DestroyClient's may end later.
[[nodiscard]] size_t ClientsLeft();

}  // namespace signinwatch::kafka

#endif  // SIGNINWATCH_DAEMON_KAFKA_CLIENT_H_
