#include "daemon/kafka/kafka_producer.h"

#include <algorithm>
#include <mutex>
#include <shared_mutex>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/kafka/client.h"
#include "daemon/log/log.h"

namespace signinwatch::kafka {
namespace {

using std::chrono::milliseconds;

// What is given up for good; all else may pass.
absl::StatusCode CodeOf(rd_kafka_resp_err_t error) {
  switch (error) {
    case RD_KAFKA_RESP_ERR_NO_ERROR:
      return absl::StatusCode::kOk;
    case RD_KAFKA_RESP_ERR__QUEUE_FULL:
      return absl::StatusCode::kResourceExhausted;
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_INVALID_MSG:
    case RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE:
    case RD_KAFKA_RESP_ERR_INVALID_RECORD:
    case RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP:
    case RD_KAFKA_RESP_ERR_POLICY_VIOLATION:
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_COMPRESSION_TYPE:
    case RD_KAFKA_RESP_ERR__INVALID_ARG:
      return absl::StatusCode::kInvalidArgument;
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
      return absl::StatusCode::kNotFound;
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
      return absl::StatusCode::kPermissionDenied;
    default:
      return absl::StatusCode::kUnavailable;
  }
}

absl::Status StatusOf(rd_kafka_resp_err_t error) {
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return absl::OkStatus();
  return {CodeOf(error), rd_kafka_err2str(error)};
}

int Milliseconds(clock::SteadyTime::duration left) {
  const auto ms = std::chrono::ceil<milliseconds>(left).count();
  return static_cast<int>(std::clamp<int64_t>(ms, 0, 60'000));
}

class Producer final : public KafkaProducer {
 public:
  Producer(const clock::Clock& clock, const KafkaProducerOptions& options)
      : clock_(clock),
        options_(options),
        context_(clock, options.cluster, options.fetch_token, this) {}
  ~Producer() override { Destroy(); }

  absl::Status Start();

  absl::Status Produce(const ProducedMessage& message, Done done) override;
  void Poll(milliseconds timeout) override;
  absl::Status Flush(milliseconds timeout) override;

 private:
  static void OnDelivery(rd_kafka_t* client, const rd_kafka_message_t* message, void* opaque);

  bool IsFatal();
  void RenewIfFatal();
  void Destroy();
  void CallDone();

  const clock::Clock& clock_;
  const KafkaProducerOptions options_;
  ClientContext context_;
  // Exclusively to replace the client, shared to use it.
  std::shared_mutex client_mutex_;
  rd_kafka_t* client_ = nullptr;
  // Delivered or failed, to be told when no lock is held: a callback may produce again.
  std::mutex done_mutex_;
  std::vector<std::pair<std::unique_ptr<Done>, absl::Status>> done_;
};

absl::Status Producer::Start() {
  ClientOptions defaults = {
      // A dead letter may be as large as a message that was read; the broker has the last word.
      {"message.max.bytes", absl::StrCat((16 << 20) + (64 << 10))},
      {"queue.buffering.max.kbytes", absl::StrCat(64 << 10)},
      // As Java's clients do, so that a key has the same partition whoever produces.
      {"partitioner", "murmur2_random"},
      {"topic.metadata.propagation.max.ms", "10000"},
  };
  if (!options_.compression.empty())
    defaults.emplace_back("compression.type", options_.compression);
  ClientOptions fixed = {
      {"socket.nagle.disable", "true"},
      {"enable.idempotence", "true"},
      {"acks", "all"},
      {"linger.ms", absl::StrCat(options_.linger_ms)},
      {"message.timeout.ms", absl::StrCat(options_.message_timeout.count())},
  };
  // The client warns of it where it is named at all.
  if (options_.gapless) fixed.emplace_back("enable.gapless.guarantee", "true");
  absl::StatusOr<ConfHandle> conf = MakeConf(options_.cluster, defaults, fixed, &context_);
  if (!conf.ok()) return conf.status();
  rd_kafka_conf_set_dr_msg_cb(conf->get(), OnDelivery);
  absl::StatusOr<rd_kafka_t*> client = MakeClient(RD_KAFKA_PRODUCER, *std::move(conf));
  if (!client.ok()) return client.status();
  client_ = *client;
  return absl::OkStatus();
}

void Producer::OnDelivery(rd_kafka_t* /*client*/, const rd_kafka_message_t* message, void* opaque) {
  auto* producer = ClientContext::OwnerOf<Producer>(opaque);
  std::unique_ptr<Done> done(static_cast<Done*>(message->_private));
  if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) producer->context_.NoteSuccess();
  const std::lock_guard lock(producer->done_mutex_);
  producer->done_.emplace_back(std::move(done), StatusOf(message->err));
}

absl::Status Producer::Produce(const ProducedMessage& message, Done done) {
  const std::shared_lock lock(client_mutex_);
  if (client_ == nullptr) return absl::UnavailableError("the producer is being recreated");
  const std::string topic(message.topic);
  rd_kafka_headers_t* headers = rd_kafka_headers_new(message.headers.size());
  for (const auto& [name, value] : message.headers) {
    rd_kafka_header_add(headers, name.data(), static_cast<ssize_t>(name.size()), value.data(),
                        static_cast<ssize_t>(value.size()));
  }
  auto kept = std::make_unique<Done>(std::move(done));
  // The client only reads what it copies, but takes it as not constant.
  const auto bytes = [](std::string_view text) { return const_cast<char*>(text.data()); };
  const rd_kafka_resp_err_t error = rd_kafka_producev(
      client_, RD_KAFKA_V_TOPIC(topic.c_str()),
      RD_KAFKA_V_PARTITION(message.partition < 0 ? RD_KAFKA_PARTITION_UA : message.partition),
      RD_KAFKA_V_KEY(message.key.empty() ? nullptr : bytes(message.key), message.key.size()),
      RD_KAFKA_V_VALUE(bytes(message.value), message.value.size()),
      RD_KAFKA_V_TIMESTAMP(message.timestamp_ms), RD_KAFKA_V_HEADERS(headers),
      RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_OPAQUE(kept.get()), RD_KAFKA_V_END);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    rd_kafka_headers_destroy(headers);
    return StatusOf(error);
  }
  (void)kept.release();  // comes back with the delivery report
  return absl::OkStatus();
}

void Producer::Poll(milliseconds timeout) {
  {
    const std::shared_lock lock(client_mutex_);
    if (client_ != nullptr) rd_kafka_poll(client_, Milliseconds(timeout));
  }
  RenewIfFatal();
  CallDone();
}

absl::Status Producer::Flush(milliseconds timeout) {
  const auto deadline = clock_.Steady() + timeout;
  constexpr milliseconds kSlice{100};
  while (true) {
    const auto left = deadline - clock_.Steady();
    bool done = false;
    {
      const std::shared_lock lock(client_mutex_);
      const auto slice = std::min<clock::SteadyTime::duration>(left, kSlice);
      done = client_ == nullptr ||
             rd_kafka_flush(client_, Milliseconds(slice)) == RD_KAFKA_RESP_ERR_NO_ERROR;
    }
    RenewIfFatal();
    CallDone();
    if (done) return absl::OkStatus();
    if (clock_.Steady() >= deadline) {
      return absl::DeadlineExceededError("not all messages were delivered in time");
    }
  }
}

bool Producer::IsFatal() {
  const std::shared_lock lock(client_mutex_);
  return client_ == nullptr ||
         rd_kafka_fatal_error(client_, nullptr, 0) != RD_KAFKA_RESP_ERR_NO_ERROR;
}

// An idempotent producer that lost track of its sequence refuses all further work. What was under
// way is told to have failed and may be tried again: every receiver knows the deduplication key.
void Producer::RenewIfFatal() {
  if (!IsFatal()) return;
  const std::unique_lock lock(client_mutex_);
  if (client_ != nullptr) {
    if (rd_kafka_fatal_error(client_, nullptr, 0) == RD_KAFKA_RESP_ERR_NO_ERROR) return;
    log::Log(config::LogLevel::kWarning, "kafka producer is recreated",
             {{"error", context_.last_error()}});
  }
  Destroy();
  if (absl::Status status = Start(); !status.ok()) {
    context_.NoteError(std::string(status.message()));
    log::Log(config::LogLevel::kError, "kafka producer could not be created",
             {{"error", context_.last_error()}});
  }
}

void Producer::Destroy() {
  if (client_ == nullptr) return;
  rd_kafka_purge(client_, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
  constexpr int kPurgeMs = 1'000;
  rd_kafka_flush(client_, kPurgeMs);  // serves the delivery reports
  rd_kafka_destroy(std::exchange(client_, nullptr));
}

void Producer::CallDone() {
  std::vector<std::pair<std::unique_ptr<Done>, absl::Status>> done;
  {
    const std::lock_guard lock(done_mutex_);
    done.swap(done_);
  }
  for (const auto& [callback, status] : done) {
    if (*callback) (*callback)(status);
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<KafkaProducer>> MakeKafkaProducer(
    const clock::Clock& clock, const KafkaProducerOptions& options) {
  auto producer = std::make_unique<Producer>(clock, options);
  if (absl::Status status = producer->Start(); !status.ok()) return status;
  return producer;
}

}  // namespace signinwatch::kafka
