#include "daemon/kafka/cluster_probe.h"

#include <algorithm>
#include <map>
#include <span>
#include <string_view>
#include <utility>

#include "daemon/kafka/client.h"

namespace signinwatch::kafka {
namespace {

using std::chrono::milliseconds;
using ConfigResourceHandle =
    std::unique_ptr<rd_kafka_ConfigResource_t, HandleDeleter<rd_kafka_ConfigResource_destroy>>;

constexpr milliseconds kSlice{300};

ProbedTopic::State StateOf(rd_kafka_resp_err_t error) {
  switch (error) {
    case RD_KAFKA_RESP_ERR_NO_ERROR:
      return ProbedTopic::State::kThere;
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
      return ProbedTopic::State::kMissing;
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
      return ProbedTopic::State::kForbidden;
    default:
      return ProbedTopic::State::kUnknown;
  }
}

EventTime TimeOf(const rd_kafka_message_t& message) {
  rd_kafka_timestamp_type_t type{};
  const int64_t ms = rd_kafka_message_timestamp(&message, &type);
  return type == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE || ms < 0 ? kBeginningOfTime
                                                            : EventTime(milliseconds(ms));
}

absl::Status ReadingStatus(rd_kafka_resp_err_t error) {
  switch (error) {
    case RD_KAFKA_RESP_ERR_NO_ERROR:
    case RD_KAFKA_RESP_ERR__PARTITION_EOF:
      return absl::OkStatus();
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
      return absl::PermissionDeniedError(rd_kafka_err2str(error));
    default:
      return absl::UnavailableError(rd_kafka_err2str(error));
  }
}

// Offsets [from, to) of a partition.
struct Stretch {
  std::string topic;
  int32_t partition = 0;
  int64_t from = 0;
  int64_t to = 0;
};

}  // namespace

class ClusterProbe::Impl {
 public:
  Impl(const clock::Clock& clock, const config::KafkaCluster& cluster, TokenFetcher fetch_token)
      : clock_(clock),
        context_(std::make_unique<ClientContext>(clock, cluster, std::move(fetch_token), this)) {}
  ~Impl() {
    topics_.clear();
    if (client_ != nullptr)
      DestroyClient(client_, std::move(context_), kAskingClientDestroyTimeout);
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  absl::Status Start(const config::KafkaCluster& cluster);
  absl::Status LogIn(Timeout timeout);
  std::vector<ProbedTopic> Topics(const std::vector<std::string>& names, Timeout timeout);
  std::vector<ProbedPartition> Partitions(const std::vector<ProbedTopic>& topics, Timeout timeout);
  std::vector<ProbedMessage> Read(const std::vector<Stretch>& stretches, size_t bytes_max,
                                  Timeout timeout);
  absl::Status TryToRead(const ProbedPartition& partition, Timeout timeout);
  ProbedGroup Group(const std::string& name, Timeout timeout);
  ProbedSettings Settings(const std::string& topic, Timeout timeout);
  [[nodiscard]] milliseconds throttled() const { return throttled_; }

 private:
  static void OnError(rd_kafka_t* client, int code, const char* reason, void* opaque);
  static void OnThrottle(rd_kafka_t* client, const char* broker, int32_t id, int throttle_ms,
                         void* opaque);

  rd_kafka_topic_t* TopicOf(const std::string& name);
  // The starts or the ends of all of them.
  void AskOffsets(std::vector<ProbedPartition>* partitions, int64_t which,
                  int64_t ProbedPartition::*field, Timeout timeout);

  // Until then, for the client's functions.
  [[nodiscard]] int Left(clock::SteadyTime deadline) const {
    const auto left = std::chrono::ceil<milliseconds>(deadline - clock_.Steady()).count();
    return static_cast<int>(std::clamp<int64_t>(left, 0, 60'000));
  }

  const clock::Clock& clock_;
  std::unique_ptr<ClientContext> context_;
  rd_kafka_t* client_ = nullptr;
  std::map<std::string, TopicHandle> topics_;
  std::string refusal_;  // of the log-in
  std::string tls_error_;
  std::string last_error_;
  milliseconds throttled_{0};
  int32_t some_broker_ = -1;
};

// From the thread that polls.
void ClusterProbe::Impl::OnError(rd_kafka_t* /*client*/, int code, const char* reason,
                                 void* opaque) {
  auto* self = ClientContext::OwnerOf<Impl>(opaque);
  switch (code) {
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
    case RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED:
      self->refusal_ = reason;
      break;
    case RD_KAFKA_RESP_ERR__SSL:
      self->tls_error_ = reason;
      break;
    case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
      break;  // says nothing of why
    default:
      self->last_error_ = reason;
  }
}

void ClusterProbe::Impl::OnThrottle(rd_kafka_t* /*client*/, const char* /*broker*/, int32_t /*id*/,
                                    int throttle_ms, void* opaque) {
  auto* self = ClientContext::OwnerOf<Impl>(opaque);
  self->throttled_ = std::max(self->throttled_, milliseconds(throttle_ms));
}

absl::Status ClusterProbe::Impl::Start(const config::KafkaCluster& cluster) {
  const ClientOptions fixed = {
      {"client.id", "signinwatch-doctor"},     {"enable.auto.commit", "false"},
      {"enable.partition.eof", "true"},        {"auto.offset.reset", "earliest"},
      {"allow.auto.create.topics", "false"},   {"fetch.wait.max.ms", "100"},
      {"queued.max.messages.kbytes", "16384"}, {"statistics.interval.ms", "0"},
  };
  absl::StatusOr<ConfHandle> conf = MakeConf(cluster, {}, fixed, context_.get());
  if (!conf.ok()) return conf.status();
  rd_kafka_conf_set_error_cb(conf->get(), OnError);
  rd_kafka_conf_set_throttle_cb(conf->get(), OnThrottle);
  absl::StatusOr<rd_kafka_t*> client = MakeClient(RD_KAFKA_CONSUMER, *std::move(conf));
  if (!client.ok()) return client.status();
  client_ = *client;
  return absl::OkStatus();
}

absl::Status ClusterProbe::Impl::LogIn(Timeout timeout) {
  const auto deadline = clock_.Steady() + timeout;
  do {
    const rd_kafka_metadata_t* raw = nullptr;
    const int slice = std::min<int>(Left(deadline), static_cast<int>(kSlice.count()));
    const rd_kafka_resp_err_t error = rd_kafka_metadata(client_, 0, nullptr, &raw, slice);
    const MetadataHandle metadata(raw);
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
      if (metadata->broker_cnt > 0) some_broker_ = metadata->brokers[0].id;
      return absl::OkStatus();
    }
    while (rd_kafka_poll(client_, 0) > 0) {
    }
    if (context_->token_failures() > 0) return absl::NotFoundError(context_->last_error());
    if (!refusal_.empty()) return absl::UnauthenticatedError(refusal_);
    if (!tls_error_.empty()) return absl::FailedPreconditionError(tls_error_);
  } while (clock_.Steady() < deadline);
  return absl::UnavailableError(last_error_.empty() ? "no broker answers in time" : last_error_);
}

rd_kafka_topic_t* ClusterProbe::Impl::TopicOf(const std::string& name) {
  TopicHandle& topic = topics_[name];
  if (topic == nullptr) topic.reset(rd_kafka_topic_new(client_, name.c_str(), nullptr));
  return topic.get();
}

std::vector<ProbedTopic> ClusterProbe::Impl::Topics(const std::vector<std::string>& names,
                                                    Timeout timeout) {
  std::vector<ProbedTopic> topics;
  for (const std::string& name : names) {
    TopicOf(name);
    topics.push_back({.name = name, .error = "no answer in time"});
  }
  const rd_kafka_metadata_t* raw = nullptr;
  const rd_kafka_resp_err_t error =
      rd_kafka_metadata(client_, 0, nullptr, &raw, static_cast<int>(timeout.count()));
  const MetadataHandle metadata(raw);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    for (ProbedTopic& topic : topics) topic.error = rd_kafka_err2str(error);
    return topics;
  }
  for (const auto& found : std::span(raw->topics, static_cast<size_t>(raw->topic_cnt))) {
    for (ProbedTopic& topic : topics) {
      if (topic.name != found.topic) continue;
      topic.state = StateOf(found.err);
      topic.partitions = found.partition_cnt;
      topic.error = topic.state == ProbedTopic::State::kUnknown ? rd_kafka_err2str(found.err) : "";
    }
  }
  return topics;
}

void ClusterProbe::Impl::AskOffsets(std::vector<ProbedPartition>* partitions, int64_t which,
                                    int64_t ProbedPartition::*field, Timeout timeout) {
  const PartitionListHandle list(
      rd_kafka_topic_partition_list_new(static_cast<int>(partitions->size())));
  for (const ProbedPartition& p : *partitions) {
    rd_kafka_topic_partition_list_add(list.get(), p.topic.c_str(), p.partition)->offset = which;
  }
  // One request a broker, where asking by partition would take a round trip each.
  const rd_kafka_resp_err_t error =
      rd_kafka_offsets_for_times(client_, list.get(), static_cast<int>(timeout.count()));
  for (ProbedPartition& p : *partitions) {
    const auto* found =
        rd_kafka_topic_partition_list_find(list.get(), p.topic.c_str(), p.partition);
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR && found->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      p.*field = found->offset;
    } else {
      p.error = rd_kafka_err2str(error != RD_KAFKA_RESP_ERR_NO_ERROR ? error : found->err);
    }
  }
}

std::vector<ProbedPartition> ClusterProbe::Impl::Partitions(const std::vector<ProbedTopic>& topics,
                                                            Timeout timeout) {
  const auto deadline = clock_.Steady() + timeout;
  std::vector<ProbedPartition> partitions;
  for (const ProbedTopic& topic : topics) {
    for (int32_t id = 0; id < topic.partitions; ++id) {
      partitions.push_back({.topic = topic.name, .partition = id, .error = {}});
    }
  }
  if (partitions.empty()) return partitions;
  // In this order, so that a partition in which records expire meanwhile does not end before it
  // begins.
  AskOffsets(&partitions, RD_KAFKA_OFFSET_BEGINNING, &ProbedPartition::start, timeout);
  AskOffsets(&partitions, RD_KAFKA_OFFSET_END, &ProbedPartition::end, milliseconds(Left(deadline)));
  return partitions;
}

std::vector<ProbedMessage> ClusterProbe::Impl::Read(const std::vector<Stretch>& stretches,
                                                    size_t bytes_max, Timeout timeout) {
  const auto deadline = clock_.Steady() + timeout;
  const QueueHandle queue(rd_kafka_queue_new(client_));
  std::map<std::pair<std::string, int32_t>, int64_t> pending;  // -> where it ends
  for (const Stretch& s : stretches) {
    if (rd_kafka_consume_start_queue(TopicOf(s.topic), s.partition, s.from, queue.get()) == 0) {
      pending.emplace(std::pair(s.topic, s.partition), s.to);
    }
  }
  const auto started = pending;
  std::vector<ProbedMessage> messages;
  size_t bytes = 0;
  while (!pending.empty() && bytes < bytes_max && Left(deadline) > 0) {
    const MessageHandle message(rd_kafka_consume_queue(queue.get(), Left(deadline)));
    rd_kafka_poll(client_, 0);
    if (message == nullptr || message->rkt == nullptr) continue;
    const auto at = pending.find({rd_kafka_topic_name(message->rkt), message->partition});
    if (at == pending.end()) continue;
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      bytes += message->len;
      messages.push_back(
          {.topic = at->first.first,
           .partition = message->partition,
           .offset = message->offset,
           .broker_time = TimeOf(*message),
           .payload = message->payload == nullptr
                          ? std::string()
                          : std::string(static_cast<const char*>(message->payload), message->len)});
    }
    // An error, or the end of the partition, is the end of it here.
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR || message->offset + 1 >= at->second) {
      pending.erase(at);
    }
  }
  for (const auto& [where, end] : started) {
    rd_kafka_consume_stop(TopicOf(where.first), where.second);
  }
  return messages;
}

absl::Status ClusterProbe::Impl::TryToRead(const ProbedPartition& partition, Timeout timeout) {
  const auto deadline = clock_.Steady() + timeout;
  const QueueHandle queue(rd_kafka_queue_new(client_));
  rd_kafka_topic_t* const topic = TopicOf(partition.topic);
  const int64_t from = partition.empty() ? partition.end : partition.end - 1;
  if (rd_kafka_consume_start_queue(topic, partition.partition, from, queue.get()) != 0) {
    return ReadingStatus(rd_kafka_last_error());
  }
  absl::Status status = absl::UnavailableError("no answer in time");
  while (Left(deadline) > 0) {
    const MessageHandle message(rd_kafka_consume_queue(queue.get(), Left(deadline)));
    rd_kafka_poll(client_, 0);
    if (message == nullptr || message->rkt == nullptr) continue;
    status = ReadingStatus(message->err);
    break;
  }
  rd_kafka_consume_stop(topic, partition.partition);
  return status;
}

ProbedSettings ClusterProbe::Impl::Settings(const std::string& topic, Timeout timeout) {
  ProbedSettings settings;
  const int patience = static_cast<int>(timeout.count());
  char why[512] = "";
  const AdminOptionsHandle options(
      rd_kafka_AdminOptions_new(client_, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS));
  rd_kafka_AdminOptions_set_request_timeout(options.get(), patience, why, sizeof(why));
  // Each knows them; by default the controller is waited for, which some clusters don't name.
  rd_kafka_AdminOptions_set_broker(options.get(), some_broker_, why, sizeof(why));
  const ConfigResourceHandle asked(
      rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str()));
  const QueueHandle answers(rd_kafka_queue_new(client_));
  rd_kafka_ConfigResource_t* resources[] = {asked.get()};
  rd_kafka_DescribeConfigs(client_, resources, 1, options.get(), answers.get());
  const EventHandle event(rd_kafka_queue_poll(answers.get(), patience));
  if (event == nullptr) return {.values = {}, .error = "no answer in time"};
  if (rd_kafka_event_error(event.get()) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return {.values = {}, .error = rd_kafka_event_error_string(event.get())};
  }
  size_t count = 0;
  const rd_kafka_ConfigResource_t** found = rd_kafka_DescribeConfigs_result_resources(
      rd_kafka_event_DescribeConfigs_result(event.get()), &count);
  if (count == 0) return {.values = {}, .error = "the answer is empty"};
  if (rd_kafka_ConfigResource_error(found[0]) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    const char* text = rd_kafka_ConfigResource_error_string(found[0]);
    return {.values = {},
            .error =
                text != nullptr ? text : rd_kafka_err2str(rd_kafka_ConfigResource_error(found[0]))};
  }
  const rd_kafka_ConfigEntry_t** entries = rd_kafka_ConfigResource_configs(found[0], &count);
  for (const rd_kafka_ConfigEntry_t* entry : std::span(entries, count)) {
    const char* value = rd_kafka_ConfigEntry_value(entry);
    if (value != nullptr) settings.values[rd_kafka_ConfigEntry_name(entry)] = value;
  }
  return settings;
}

ProbedGroup ClusterProbe::Impl::Group(const std::string& name, Timeout timeout) {
  ProbedGroup group;
  const rd_kafka_group_list* raw = nullptr;
  const rd_kafka_resp_err_t error =
      rd_kafka_list_groups(client_, name.c_str(), &raw, static_cast<int>(timeout.count()));
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) group.error = rd_kafka_err2str(error);
  if (raw == nullptr) return group;
  for (const auto& found : std::span(raw->groups, static_cast<size_t>(raw->group_cnt))) {
    if (found.group == nullptr || name != found.group) continue;
    if (found.err != RD_KAFKA_RESP_ERR_NO_ERROR) group.error = rd_kafka_err2str(found.err);
    for (const auto& member : std::span(found.members, static_cast<size_t>(found.member_cnt))) {
      group.members.push_back({.client_id = member.client_id, .host = member.client_host});
    }
  }
  rd_kafka_group_list_destroy(raw);
  return group;
}

absl::StatusOr<std::unique_ptr<ClusterProbe>> ClusterProbe::Make(
    const clock::Clock& clock, const config::KafkaCluster& cluster, TokenFetcher fetch_token) {
  auto impl = std::make_unique<Impl>(clock, cluster, std::move(fetch_token));
  if (absl::Status status = impl->Start(cluster); !status.ok()) return status;
  return std::unique_ptr<ClusterProbe>(new ClusterProbe(std::move(impl)));
}

ClusterProbe::ClusterProbe(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ClusterProbe::~ClusterProbe() = default;

absl::Status ClusterProbe::LogIn(Timeout timeout) { return impl_->LogIn(timeout); }

std::vector<ProbedTopic> ClusterProbe::Topics(const std::vector<std::string>& names,
                                              Timeout timeout) {
  return impl_->Topics(names, timeout);
}

std::vector<ProbedPartition> ClusterProbe::Partitions(const std::vector<ProbedTopic>& topics,
                                                      Timeout timeout) {
  return impl_->Partitions(topics, timeout);
}

void ClusterProbe::FindOldest(std::vector<ProbedPartition>* partitions, Timeout timeout) {
  std::vector<Stretch> firsts;
  for (const ProbedPartition& p : *partitions) {
    if (!p.empty()) firsts.push_back({p.topic, p.partition, p.start, p.start + 1});
  }
  for (const ProbedMessage& message : impl_->Read(firsts, SIZE_MAX, timeout)) {
    for (ProbedPartition& p : *partitions) {
      if (p.topic != message.topic || p.partition != message.partition) continue;
      // What expired meanwhile makes a later one the first.
      if (p.oldest == kBeginningOfTime) p.oldest = message.broker_time;
    }
  }
}

std::vector<ProbedMessage> ClusterProbe::Newest(const std::vector<ProbedPartition>& partitions,
                                                int64_t each, size_t bytes_max, Timeout timeout) {
  std::vector<Stretch> ends;
  for (const ProbedPartition& p : partitions) {
    if (p.empty()) continue;
    ends.push_back({p.topic, p.partition, std::max(p.start, p.end - each), p.end});
  }
  return impl_->Read(ends, bytes_max, timeout);
}

ProbedGroup ClusterProbe::Group(const std::string& name, Timeout timeout) {
  return impl_->Group(name, timeout);
}

ProbedSettings ClusterProbe::Settings(const std::string& topic, Timeout timeout) {
  return impl_->Settings(topic, timeout);
}

absl::Status ClusterProbe::TryToRead(const ProbedPartition& partition, Timeout timeout) {
  return impl_->TryToRead(partition, timeout);
}

milliseconds ClusterProbe::throttled() const { return impl_->throttled(); }

}  // namespace signinwatch::kafka
