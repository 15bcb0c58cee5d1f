#include "daemon/kafka/topic_admin.h"

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/kafka/client.h"
#include "daemon/log/log.h"

namespace signinwatch::kafka {
namespace {

using std::chrono::milliseconds;
using NewTopicHandle =
    std::unique_ptr<rd_kafka_NewTopic_t, HandleDeleter<rd_kafka_NewTopic_destroy>>;

std::string WhatToDo(const std::string& topic, int32_t partitions) {
  return absl::StrCat("create ", topic, " with ", partitions, " partitions");
}

// A client for a few requests.
class Admin {
 public:
  Admin(const clock::Clock& clock, const config::KafkaCluster& cluster,
        const TokenFetcher& fetch_token)
      : cluster_(cluster),
        context_(std::make_unique<ClientContext>(clock, cluster, fetch_token, this)) {}
  ~Admin() {
    topic_.reset();
    if (client_ != nullptr)
      DestroyClient(client_, std::move(context_), kAskingClientDestroyTimeout);
  }

  absl::Status Start(const std::string& topic) {
    // A consumer's: asking for a topic must not make one, with some number of partitions.
    absl::StatusOr<ConfHandle> conf =
        MakeConf(cluster_, {}, {{"allow.auto.create.topics", "false"}}, context_.get());
    if (!conf.ok()) return conf.status();
    absl::StatusOr<rd_kafka_t*> client = MakeClient(RD_KAFKA_CONSUMER, *std::move(conf));
    if (!client.ok()) return client.status();
    client_ = *client;
    topic_.reset(rd_kafka_topic_new(client_, topic.c_str(), nullptr));
    return absl::OkStatus();
  }

  // 0: there is no such topic.
  absl::StatusOr<int32_t> Count(const std::string& topic, milliseconds timeout) {
    const rd_kafka_metadata_t* raw = nullptr;
    const rd_kafka_resp_err_t error =
        rd_kafka_metadata(client_, 0, topic_.get(), &raw, static_cast<int>(timeout.count()));
    const MetadataHandle metadata(raw);
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR || metadata == nullptr) {
      const std::string why = context_->last_error();
      return absl::UnavailableError(why.empty() ? rd_kafka_err2str(error) : why);
    }
    for (const auto& each : std::span(metadata->topics, static_cast<size_t>(metadata->topic_cnt))) {
      if (each.topic != topic) continue;
      if (each.err == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED) {
        return absl::PermissionDeniedError(absl::StrCat("topic ", topic, " may not be used"));
      }
      if (each.err == RD_KAFKA_RESP_ERR_NO_ERROR) return each.partition_cnt;
    }
    return 0;
  }

  absl::Status Create(const std::string& topic, int32_t partitions, milliseconds timeout) {
    char why[512] = "";
    const NewTopicHandle fresh(
        rd_kafka_NewTopic_new(topic.c_str(), partitions, -1, why, sizeof(why)));
    if (fresh == nullptr) return absl::InvalidArgumentError(why);
    const AdminOptionsHandle options(
        rd_kafka_AdminOptions_new(client_, RD_KAFKA_ADMIN_OP_CREATETOPICS));
    rd_kafka_AdminOptions_set_request_timeout(options.get(), static_cast<int>(timeout.count()), why,
                                              sizeof(why));
    const QueueHandle answers(rd_kafka_queue_new(client_));
    rd_kafka_NewTopic_t* topics[] = {fresh.get()};
    rd_kafka_CreateTopics(client_, topics, 1, options.get(), answers.get());
    const EventHandle event(rd_kafka_queue_poll(answers.get(), static_cast<int>(timeout.count())));
    if (event == nullptr) return absl::UnavailableError("no answer to the creation of a topic");
    if (rd_kafka_event_error(event.get()) != RD_KAFKA_RESP_ERR_NO_ERROR) {
      return absl::UnavailableError(rd_kafka_event_error_string(event.get()));
    }
    size_t count = 0;
    const rd_kafka_topic_result_t** results = rd_kafka_CreateTopics_result_topics(
        rd_kafka_event_CreateTopics_result(event.get()), &count);
    const rd_kafka_resp_err_t error =
        count == 0 ? RD_KAFKA_RESP_ERR_UNKNOWN : rd_kafka_topic_result_error(results[0]);
    if (error == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) return absl::OkStatus();
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
      return absl::PermissionDeniedError(absl::StrCat("topic ", topic, " can't be created (",
                                                      rd_kafka_err2str(error),
                                                      "): ", WhatToDo(topic, partitions)));
    }
    log::Log(config::LogLevel::kInfo, "topic created",
             {{"topic", topic}, {"partitions", partitions}});
    return absl::OkStatus();
  }

 private:
  const config::KafkaCluster cluster_;
  std::unique_ptr<ClientContext> context_;
  rd_kafka_t* client_ = nullptr;
  TopicHandle topic_;
};

}  // namespace

absl::Status EnsureTopic(const clock::Clock& clock, const config::KafkaCluster& cluster,
                         const TokenFetcher& fetch_token, const std::string& topic,
                         int32_t partitions, milliseconds timeout) {
  Admin admin(clock, cluster, fetch_token);
  if (absl::Status status = admin.Start(topic); !status.ok()) return status;
  absl::StatusOr<int32_t> count = admin.Count(topic, timeout);
  if (!count.ok()) return count.status();
  // What has just been created the brokers may not know yet: whoever uses it waits for that.
  if (*count == 0) return admin.Create(topic, partitions, timeout);
  if (*count == partitions) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("topic ", topic, " has ", *count, " partitions, but signals.partitions is ",
                   partitions, ": set it to ", *count, ", or ",
                   WhatToDo("another topic", partitions), " and start over with it"));
}

}  // namespace signinwatch::kafka
