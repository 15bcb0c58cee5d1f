#include "daemon/kafka/client.h"

#include <algorithm>
#include <array>
#include <future>
#include <span>
#include <thread>

#include "absl/strings/str_cat.h"
#include "daemon/config/secret.h"
#include "daemon/log/log.h"

namespace signinwatch::kafka {
namespace {

constexpr size_t kErrorBytesMax = 500;
constexpr std::chrono::seconds kErrorShown{5};

std::atomic<size_t> clients_left = 0;

void OnLog(const rd_kafka_t* /*client*/, int syslog_level, const char* facility, const char* text) {
  // Of a client that reconnects by itself, a lost connection is no error of this program.
  constexpr int kCritical = 2, kWarning = 4, kInfo = 6;
  const config::LogLevel level = syslog_level <= kCritical  ? config::LogLevel::kError
                                 : syslog_level <= kWarning ? config::LogLevel::kWarning
                                 : syslog_level <= kInfo    ? config::LogLevel::kInfo
                                                            : config::LogLevel::kDebug;
  log::Log(level, "kafka client", {{"facility", facility}, {"text", text}});
}

void OnError(rd_kafka_t* /*client*/, int code, const char* reason, void* opaque) {
  static_cast<ClientContext*>(opaque)->NoteError(
      absl::StrCat(rd_kafka_err2str(static_cast<rd_kafka_resp_err_t>(code)), ": ", reason));
}

void OnTokenRefresh(rd_kafka_t* client, const char* /*config*/, void* opaque) {
  static_cast<ClientContext*>(opaque)->RefreshToken(client);
}

absl::Status Set(rd_kafka_conf_t* conf, const char* name, const std::string& value) {
  std::array<char, 512> error{};
  if (rd_kafka_conf_set(conf, name, value.c_str(), error.data(), error.size()) !=
      RD_KAFKA_CONF_OK) {
    return absl::InvalidArgumentError(error.data());
  }
  return absl::OkStatus();
}

absl::Status SetAll(rd_kafka_conf_t* conf, const ClientOptions& options) {
  for (const auto& [name, value] : options) {
    if (absl::Status status = Set(conf, name, value); !status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status SetPlain(rd_kafka_conf_t* conf, const std::string& username,
                      const config::SecretRef& secret) {
  absl::StatusOr<std::string> password = config::ReadSecret(secret);
  if (!password.ok()) return absl::InvalidArgumentError(password.status().message());
  return SetAll(conf, {{"sasl.mechanisms", "PLAIN"},
                       {"sasl.username", username},
                       {"sasl.password", *std::move(password)}});
}

absl::Status SetAuth(rd_kafka_conf_t* conf, const config::KafkaCluster& cluster) {
  const bool always_tls =
      cluster.auth == config::KafkaAuth::kConnectionString || config::UsesTokens(cluster.auth);
  const bool tls = cluster.tls || always_tls;
  const char* protocol = cluster.auth == config::KafkaAuth::kNone
                             ? (tls ? "ssl" : "plaintext")
                             : (tls ? "sasl_ssl" : "sasl_plaintext");
  if (absl::Status status = Set(conf, "security.protocol", protocol); !status.ok()) return status;
  if (!cluster.ca_file.empty()) {
    absl::Status status = Set(conf, "ssl.ca.location", cluster.ca_file);
    if (!status.ok()) return status;
  }
  switch (cluster.auth) {
    case config::KafkaAuth::kNone:
      return absl::OkStatus();
    case config::KafkaAuth::kConnectionString:
      return SetPlain(conf, "$ConnectionString", cluster.connection_string);
    case config::KafkaAuth::kPlain:
      return SetPlain(conf, cluster.username, cluster.password);
    case config::KafkaAuth::kOauthBearer:
    case config::KafkaAuth::kClientCertificate:
    case config::KafkaAuth::kManagedIdentity:
    case config::KafkaAuth::kWorkloadIdentity:
      rd_kafka_conf_set_oauthbearer_token_refresh_cb(conf, OnTokenRefresh);
      rd_kafka_conf_enable_sasl_queue(conf, 1);
      return Set(conf, "sasl.mechanisms", "OAUTHBEARER");
  }
  return absl::InternalError("unknown kind of log-in");
}

}  // namespace

void ClientContext::NoteError(std::string_view text) {
  ++errors_;
  const std::lock_guard lock(mutex_);
  last_error_ = text.substr(0, kErrorBytesMax);
  failed_at_ = clock_.Steady();
  failing_ = true;
}

void ClientContext::NoteSuccess() {
  if (!failing_) return;
  const std::lock_guard lock(mutex_);
  last_error_.clear();
  failing_ = false;
}

void ClientContext::ForgetOldError() {
  if (!failing_) return;
  const std::lock_guard lock(mutex_);
  if (clock_.Steady() - failed_at_ < kErrorShown) return;
  last_error_.clear();
  failing_ = false;
}

std::string ClientContext::last_error() const {
  const std::lock_guard lock(mutex_);
  return last_error_;
}

void ClientContext::RefreshToken(rd_kafka_t* client) {
  absl::StatusOr<AccessToken> token =
      fetch_token_ ? fetch_token_() : absl::FailedPreconditionError("no token endpoint");
  std::string error;
  if (token.ok()) {
    const auto expires =
        std::chrono::duration_cast<std::chrono::milliseconds>(token->expires_at.time_since_epoch());
    const std::string& principal = token->principal.empty() ? principal_ : token->principal;
    std::array<char, 512> reason{};
    if (rd_kafka_oauthbearer_set_token(client, token->value.c_str(), expires.count(),
                                       principal.c_str(), nullptr, 0, reason.data(),
                                       reason.size()) == RD_KAFKA_RESP_ERR_NO_ERROR) {
      ++token_refreshes_;
      return;
    }
    // What librdkafka says of a token that it refuses may hold the token.
    error = "the token endpoint's token is malformed or has expired";
  } else {
    error = absl::StrCat("no token: ", token.status().message());
  }
  NoteError(error);
  ++token_failures_;
  log::Log(config::LogLevel::kWarning, "no token for the kafka log-in", {{"error", error}});
  // The client asks again in 10 s.
  rd_kafka_oauthbearer_set_token_failure(client, error.c_str());
}

absl::StatusOr<ConfHandle> MakeConf(const config::KafkaCluster& cluster,
                                    const ClientOptions& defaults, const ClientOptions& fixed,
                                    ClientContext* context) {
  ConfHandle conf(rd_kafka_conf_new());
  rd_kafka_conf_set_opaque(conf.get(), context);
  rd_kafka_conf_set_log_cb(conf.get(), OnLog);
  rd_kafka_conf_set_error_cb(conf.get(), OnError);
  ClientOptions shared = {
      {"client.id", "signinwatch"},
      // Event Hubs drops idle connections without a word.
      {"socket.keepalive.enable", "true"},
      // A broker that is back is found within seconds; by default it can take 10.
      {"reconnect.backoff.max.ms", "3000"},
  };
  if (absl::Status status = SetAll(conf.get(), shared); !status.ok()) return status;
  if (absl::Status status = SetAll(conf.get(), defaults); !status.ok()) return status;
  for (const auto& [name, value] : cluster.options) {
    if (absl::Status status = Set(conf.get(), name.c_str(), value); !status.ok()) return status;
  }
  if (absl::Status status = SetAuth(conf.get(), cluster); !status.ok()) return status;
  if (absl::Status status = SetAll(conf.get(), fixed); !status.ok()) return status;
  if (absl::Status status = Set(conf.get(), "bootstrap.servers", cluster.brokers); !status.ok()) {
    return status;
  }
  return conf;
}

std::string GetOption(const rd_kafka_conf_t* conf, const char* name) {
  size_t size = 0;
  if (rd_kafka_conf_get(conf, name, nullptr, &size) != RD_KAFKA_CONF_OK) return "";
  std::string value(size, '\0');
  if (rd_kafka_conf_get(conf, name, value.data(), &size) != RD_KAFKA_CONF_OK) return "";
  value.resize(value.find('\0'));
  return value;
}

void SetIfKnown(rd_kafka_conf_t* conf, const char* name, const char* value) {
  (void)rd_kafka_conf_set(conf, name, value, nullptr, 0);
}

std::map<std::string, int32_t> CountPartitions(rd_kafka_t* client,
                                               std::chrono::milliseconds timeout) {
  const rd_kafka_metadata_t* raw = nullptr;
  const rd_kafka_resp_err_t error =
      rd_kafka_metadata(client, /*all_topics=*/0, nullptr, &raw, static_cast<int>(timeout.count()));
  const MetadataHandle metadata(raw);
  std::map<std::string, int32_t> counts;
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return counts;
  for (const auto& topic : std::span(metadata->topics, static_cast<size_t>(metadata->topic_cnt))) {
    if (topic.err == RD_KAFKA_RESP_ERR_NO_ERROR) counts[topic.topic] = topic.partition_cnt;
  }
  return counts;
}

absl::StatusOr<rd_kafka_t*> MakeClient(rd_kafka_type_t type, ConfHandle conf) {
  const bool uses_tokens = GetOption(conf.get(), "sasl.mechanisms") == "OAUTHBEARER";
  std::array<char, 512> reason{};
  rd_kafka_t* client = rd_kafka_new(type, conf.get(), reason.data(), reason.size());
  if (client == nullptr) return absl::InvalidArgumentError(reason.data());
  (void)conf.release();  // the client's now
  if (uses_tokens) {
    const ErrorHandle error(rd_kafka_sasl_background_callbacks_enable(client));
    if (error != nullptr) {
      absl::Status status = absl::InternalError(rd_kafka_error_string(error.get()));
      rd_kafka_destroy(client);
      return status;
    }
  }
  return client;
}

bool DestroyClient(rd_kafka_t* client, std::unique_ptr<ClientContext> context,
                   std::chrono::milliseconds timeout) {
  struct Ending {
    std::promise<void> gone;
    std::atomic<bool> decided = false;  // by whoever is first: it is gone, or it is left
  };
  auto ending = std::make_shared<Ending>();
  std::future<void> waited = ending->gone.get_future();
  std::thread([client, ending, kept = std::move(context)] {
    rd_kafka_destroy_flags(client, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
    if (ending->decided.exchange(true)) --clients_left;
    ending->gone.set_value();
  }).detach();
  if (waited.wait_for(timeout) == std::future_status::ready) return true;
  ++clients_left;
  if (ending->decided.exchange(true)) {
    --clients_left;
    return true;
  }
  log::Log(config::LogLevel::kWarning, "kafka client does not shut down and is abandoned",
           {{"left", clients_left.load()}});
  return false;
}

void LeaveClient(std::unique_ptr<ClientContext> context) {
  (void)context.release();
  const size_t left = ++clients_left;
  log::Log(config::LogLevel::kWarning,
           "kafka client can't be shut down while it joins its group and is abandoned",
           {{"left", left}});
}

size_t ClientsLeft() { return clients_left; }

}  // namespace signinwatch::kafka
