// What `signinwatch serve` can be told beside detection: where records come from, where state and
// tickets go, who may look. Plain values with their defaults; reading them from YAML is config.h.
#ifndef SIGNINWATCH_DAEMON_CONFIG_SERVE_CONFIG_H_
#define SIGNINWATCH_DAEMON_CONFIG_SERVE_CONFIG_H_

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/config/option_value.h"
#include "detectors/ticket.h"
#include "parser/event_time.h"

namespace signinwatch::config {

enum class KafkaAuth : uint8_t {
  kNone,
  kConnectionString,  // SASL PLAIN, user $ConnectionString: an Event Hubs namespace or a hub
  kPlain,             // SASL PLAIN with a user name and password
  // SASL OAUTHBEARER: an access token, which is had
  kOauthBearer,        // by client id and secret
  kClientCertificate,  // by an assertion that a certificate's key signs
  kManagedIdentity,    // from the metadata service of the Azure machine this runs on
  kWorkloadIdentity,   // by an assertion that somebody else made: a Kubernetes service account
};

[[nodiscard]] constexpr bool UsesTokens(KafkaAuth auth) { return auth >= KafkaAuth::kOauthBearer; }

// A cluster and how to log in. Used by the source, the Kafka sinks and the Kafka dead letters.
struct KafkaCluster {
  std::string brokers;  // "host:port,host:port"
  KafkaAuth auth = KafkaAuth::kNone;
  bool tls = false;     // implied by connection_string and by tokens
  std::string ca_file;  // empty: the system's
  std::string username;
  SecretRef password;
  SecretRef connection_string;
  std::string client_id;
  SecretRef client_secret;
  std::string client_certificate;  // PEM file
  SecretRef client_key;            // PEM
  std::string federated_token_file;
  std::string tenant_id;       // where token_endpoint is not given, it follows from this
  std::string token_endpoint;  // https, or http on a loopback address
  std::string scope;           // "https://HOST/.default"
  // Any other librdkafka option, by its own name. Names that signinwatch sets itself because its
  // promise depends on them (enable.auto.commit, ...) are refused.
  std::map<std::string, std::string> options;
};

// Which part of the work an instance does (SPEC 14).
enum class Role : uint8_t {
  kAll,     // everything, in one process
  kIngest,  // kafka.topics -> signals.topic
  kDetect,  // signals.topic -> tickets
};
inline constexpr std::array<std::string_view, 3> kRoleNames{"all", "ingest", "detect"};

struct KafkaSourceConfig {
  KafkaCluster cluster;
  std::vector<std::string> topics;
  std::string group = "signinwatch";
  // Where a partition starts that the store has no position of.
  enum class Start : uint8_t { kEarliest, kLatest } start = Start::kEarliest;
  // Event Hubs closes connections that were idle for 240 s, without a word.
  Duration connections_max_idle = std::chrono::minutes(3);
  Duration metadata_max_age = std::chrono::minutes(3);
  Duration session_timeout = std::chrono::seconds(30);
  // Offsets are committed to the group for lag tools only. Event Hubs allows 4 calls a second and
  // partition.
  Duration offset_commit_interval = std::chrono::seconds(5);
};

// Between ingest and detect: a topic of the cluster `kafka`.
struct SignalsConfig {
  std::string topic = "signinwatch-signals";
  int32_t partitions = 32;  // tenants are spread over them by this number: it can't be changed
  std::string group = "signinwatch-detect";
};

struct PipelineConfig {
  int parse_threads = 0;                  // 0: by the number of processors
  size_t queue_bytes = size_t{64} << 20;  // fetched payloads that are not folded yet
  Duration commit_interval = std::chrono::seconds(1);
  uint64_t commit_signals = 500'000;  // a commit after so many, if that is sooner
};

struct StoreConfig {
  std::string path = "/var/lib/signinwatch/signinwatch.db";  // without meaning where there is a url
  std::string url;                                           // of PostgreSQL; empty: a file
  SecretRef password;
  Duration keep_tickets = 90 * kDay;  // resolved ones, by their last event time
  uint64_t outbox_max = 1'000'000;    // waiting deliveries of one sink
};

struct SinkConfig {
  std::string name;             // [a-z0-9_-]+, unique
  std::string type = "stdout";  // one of SinkTypes() (sink_types.h)
  bool roll_up = false;  // not user tickets that have a parent, unless they are critical (SPEC 6.3)
  Severity min_severity = Severity::kInfo;  // from the first revision of this severity on
  std::vector<std::string> tenants;         // of these alone; empty: of all

  // What only its type has, by key, as far as it was given: SettingOf (sink_types.h) knows the
  // rest.
  std::map<std::string, OptionValue> settings;
  KafkaCluster cluster;  // of types that write a topic; no brokers: that of the source

  // Of types that send over a network.
  std::string ca_file;
  Duration backoff_min = std::chrono::seconds(1);  // after temporary failures
  Duration backoff_max = std::chrono::minutes(5);
};

// Bursts that are expected: their tickets exist, and nobody is told. daemon/routing/routing.h says
// which tickets come under one. An empty list does not restrict; one of them is given.
struct ExceptionConfig {
  std::string name;                    // [a-z0-9_-]+, unique
  std::vector<std::string> users;      // object ids, or user principal names with * for any text
  std::vector<std::string> apps;       // ids or names
  std::vector<std::string> addresses;  // or ranges of them (network.h)
  std::vector<std::string> devices;    // ids
  std::vector<std::string> tenants;    // ids
  std::vector<std::string> causes;     // names
  EventTime until = kBeginningOfTime;  // wall time; from then on it has no effect
  std::string why;
  std::string who;
};

struct DeadLetterConfig {
  std::string path;  // empty: none; JSON lines, rotated like a file sink
  size_t rotate_bytes = size_t{100} << 20;
  int rotate_keep = 10;
  std::string topic;     // empty: none
  KafkaCluster cluster;  // no brokers: that of the source
};

struct HttpConfig {
  std::string listen = "127.0.0.1:9532";  // host:port; port 0: any free one
  // TLS, client certificates and basic auth (web_config.h); empty: none of these.
  std::string web_config_file;
  // Where people reach it, without a slash at its end: "https://signinwatch.contoso.example";
  // empty: not known, so nothing links to it.
  std::string external_url;
  std::vector<std::string> hosts;  // names that it may be called by, in lower case
  bool enable_reload = false;      // POST /-/reload
};

// What tenants are called, by their lower-cased object ids.
using TenantNames = std::map<std::string, std::string>;
inline constexpr size_t kTenantNamesMax = 10'000;
struct HealthConfig {
  // A topic of which records are read and none is of use is said after this time.
  Duration irrelevant_after = std::chrono::hours(1);
};

struct MetricsConfig {
  uint32_t max_tenants = 100;
};

enum class LogLevel : uint8_t { kDebug, kInfo, kWarning, kError };
// By level.
inline constexpr std::array<std::string_view, 4> kLogLevelNames{"debug", "info", "warning",
                                                                "error"};
enum class LogFormat : uint8_t { kLogfmt, kJson };
struct LogConfig {
  LogFormat format = LogFormat::kLogfmt;
  LogLevel level = LogLevel::kInfo;
};

struct ServeConfig {
  Role role = Role::kAll;
  KafkaSourceConfig kafka;
  SignalsConfig signals;
  PipelineConfig pipeline;
  StoreConfig store;
  std::vector<SinkConfig> sinks;
  std::vector<ExceptionConfig> exceptions;
  DeadLetterConfig dead_letters;
  HttpConfig http;
  TenantNames tenants;
  HealthConfig health;
  MetricsConfig metrics;
  LogConfig log;
};

}  // namespace signinwatch::config

#endif  // SIGNINWATCH_DAEMON_CONFIG_SERVE_CONFIG_H_
