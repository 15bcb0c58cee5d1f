#include "daemon/config/serve_rules.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>
#include <map>
#include <string_view>

#include "daemon/config/options.h"
#include "daemon/config/quantities.h"
#include "daemon/config/quoted.h"
#include "daemon/config/sink_types.h"
#include "daemon/config/text_forms.h"

namespace signinwatch::config {
namespace {

// A key of a log-in, and the kinds of log-in that need it, or may have it.
struct LoginKey {
  const char* key;
  std::vector<KafkaAuth> needed_by;
  std::vector<KafkaAuth> taken_by = {};
};
const std::vector<LoginKey>& LoginKeys() {
  using enum KafkaAuth;
  static const std::vector<LoginKey> keys{
      {"connection_string", {kConnectionString}},
      {"username", {kPlain}},
      {"password", {kPlain}},
      {"client_id", {kOauthBearer, kClientCertificate}, {kManagedIdentity, kWorkloadIdentity}},
      {"client_secret", {kOauthBearer}},
      {"client_certificate", {kClientCertificate}},
      {"client_key", {kClientCertificate}},
      {"federated_token_file", {}, {kWorkloadIdentity}},
      {"tenant_id", {}, {kOauthBearer, kClientCertificate, kWorkloadIdentity}},
      {"token_endpoint", {kOauthBearer, kClientCertificate}, {kManagedIdentity, kWorkloadIdentity}},
      {"scope", {kOauthBearer, kClientCertificate, kManagedIdentity, kWorkloadIdentity}}};
  return keys;
}

bool IsAmong(KafkaAuth auth, const std::vector<KafkaAuth>& several) {
  return std::find(several.begin(), several.end(), auth) != several.end();
}

std::string AuthName(KafkaAuth auth) {
  KafkaCluster cluster;
  cluster.auth = auth;
  return std::get<std::string>(OptionOf(ClusterOptions(), "auth").get(cluster));
}

bool ImpliesTls(KafkaAuth auth) { return auth == KafkaAuth::kConnectionString || UsesTokens(auth); }

// Whether two files that are rotated to NAME.1, NAME.2, ... get into each other's way.
bool Clash(const std::string& a, const std::string& b) {
  const std::string& longer = a.size() < b.size() ? b : a;
  std::string_view rest = longer;
  const std::string& shorter = a.size() < b.size() ? a : b;
  if (!rest.starts_with(shorter)) return false;
  rest.remove_prefix(shorter.size());
  return rest.empty() || (rest.size() > 1 && rest.front() == '.' &&
                          rest.find_first_not_of("0123456789", 1) == std::string_view::npos);
}

class Rules {
 public:
  Rules(const Config& config, const GivenValues& given)
      : serve_(config.serve), tickets_(config.detection.tickets), given_(given) {}

  std::vector<std::pair<Place, std::string>> Check() {
    CheckSource();
    CheckStore();
    for (size_t i = 0; i < serve_.sinks.size(); ++i) {
      CheckSink("sinks[" + std::to_string(i) + "]", serve_.sinks[i]);
    }
    CheckDeadLetters();
    return std::move(broken_);
  }

 private:
  [[nodiscard]] const Place* Given(const std::string& path) const { return given_.Find(path); }
  [[nodiscard]] bool Known(const std::string& path) const { return given_.IsKnown(path); }
  void Report(const Place& place, std::string text) {
    broken_.emplace_back(place, std::move(text));
  }

  void CheckSource();
  void CheckEventHubs();
  void CheckPorts(const std::string& path, const KafkaCluster& cluster);
  void CheckStore();
  void CheckCluster(const std::string& path, const KafkaCluster& cluster);
  void CheckLogin(const std::string& path, const KafkaCluster& cluster);
  bool CheckBorrowedCluster(const std::string& path);
  void CheckIsNotRead(const std::string& path, const std::string& topic,
                      const KafkaCluster& cluster);
  void CheckSink(const std::string& path, const SinkConfig& sink);
  void CheckSinkKeys(const std::string& path, const std::string& type);
  void CheckSinkName(const std::string& path, const SinkConfig& sink);
  void CheckFile(const std::string& path, const std::string& file);
  void CheckDeadLetters();

  const ServeConfig& serve_;
  const TicketConfig& tickets_;
  const GivenValues& given_;
  std::map<std::string, std::string> names_;                // of sinks -> path
  std::vector<std::pair<std::string, std::string>> files_;  // that are written, with their keys
  std::vector<std::pair<Place, std::string>> broken_;
};

void Rules::CheckSource() {
  const Place* brokers = Given("kafka.brokers");
  const Place* topics = Given("kafka.topics");
  const Place* auth = serve_.kafka.cluster.auth == KafkaAuth::kNone ? nullptr : Given("kafka.auth");
  if (brokers == nullptr && (topics != nullptr || auth != nullptr)) {
    Report(topics != nullptr ? *topics : *auth,
           std::string(topics != nullptr ? "kafka.topics" : "kafka.auth") +
               " also needs kafka.brokers");
  }
  if (brokers != nullptr && topics == nullptr && serve_.role != Role::kDetect) {
    Report(*brokers, "kafka.brokers also needs kafka.topics");
  }
  CheckCluster("kafka", serve_.kafka.cluster);
  CheckEventHubs();
  // What has a key of its own is said there.
  constexpr std::array<std::pair<const char*, const char*>, 3> kOwnKeys{
      {{"connections.max.idle.ms", "kafka.connections_max_idle"},
       {"metadata.max.age.ms", "kafka.metadata_max_age"},
       {"session.timeout.ms", "kafka.session_timeout"}}};
  for (const auto& [name, key] : kOwnKeys) {
    if (!serve_.kafka.cluster.options.contains(name)) continue;
    Report(*Given("kafka.options"), std::string("kafka.options.") + name +
                                        " is refused, allowed: the key " + key + " instead");
  }
}

void Rules::CheckEventHubs() {
  constexpr Duration kIdleMax = std::chrono::minutes(4);
  const KafkaSourceConfig& kafka = serve_.kafka;
  CheckPorts("kafka", kafka.cluster);
  if (!Known("kafka.brokers") || !IsEventHubs(FirstBrokerHost(kafka.cluster.brokers))) return;
  const std::array<std::pair<const char*, Duration>, 2> ages{
      {{"kafka.connections_max_idle", kafka.connections_max_idle},
       {"kafka.metadata_max_age", kafka.metadata_max_age}}};
  for (const auto& [key, age] : ages) {
    if (age < kIdleMax || Given(key) == nullptr) continue;
    Report(*Given(key), std::string(key) + " is " + FormatDuration(age) +
                            ", and Event Hubs drops connections that were idle for 4m, allowed: "
                            "less than 4m with Event Hubs, such as 3m");
  }
}

// Event Hubs speaks AMQP at the ports that its other clients use.
void Rules::CheckPorts(const std::string& path, const KafkaCluster& cluster) {
  const std::string key = path + ".brokers";
  const Place* place = Given(key);
  if (place == nullptr || !Known(key) || !IsEventHubs(FirstBrokerHost(cluster.brokers))) return;
  for (const char* port : {"5671", "5672"}) {
    if ((cluster.brokers + ",").find(":" + std::string(port) + ",") == std::string::npos) continue;
    Report(*place, key + " is at port " + port +
                       ", where Event Hubs speaks AMQP, allowed: port 9093, where it speaks Kafka");
  }
}

void Rules::CheckStore() {
  const Duration keep = serve_.store.keep_tickets;
  const std::array<std::pair<const char*, Duration>, 3> needs{
      {{"tickets.revise_for", tickets_.revise_for},
       {"tickets.revise_risks_for", tickets_.revise_risks_for},
       {"tickets.reopen_within", tickets_.reopen_within}}};
  for (const auto& [key, need] : needs) {
    if (keep > need || !Known("store.keep_tickets") || !Known(key)) continue;
    const Place* place = Given("store.keep_tickets");
    if (place == nullptr) place = Given(key);
    Report(*place, "store.keep_tickets is " + FormatDuration(keep) + ", and " + key + " " +
                       FormatDuration(need) +
                       ": tickets that may still change would be deleted, "
                       "allowed: keep them for longer");
    break;
  }
  const Place* url = Given("store.url");
  if (const Place* path = Given("store.path"); url != nullptr && path != nullptr) {
    Report(*path, "store.path is given beside store.url, allowed: one of them");
  }
  if (const Place* password = Given("store.password"); url == nullptr && password != nullptr) {
    Report(*password, "store.password also needs store.url");
  }
  if (url == nullptr) CheckFile("store.path", serve_.store.path);
}

void Rules::CheckCluster(const std::string& path, const KafkaCluster& cluster) {
  if (!Known(path + ".auth")) return;
  CheckLogin(path, cluster);
  if (!Known(path + ".tls")) return;
  const Place* tls = Given(path + ".tls");
  const Place* ca_file = Given(path + ".ca_file");
  const bool implied = ImpliesTls(cluster.auth);
  if (implied && tls != nullptr && !cluster.tls) {
    Report(*tls, path + ".tls is false with auth: " + AuthName(cluster.auth) +
                     ", which is always encrypted, allowed: true");
  }
  if (!implied && !cluster.tls && ca_file != nullptr) {
    Report(*ca_file, path + ".ca_file also needs tls: true");
  }
}

void Rules::CheckLogin(const std::string& path, const KafkaCluster& cluster) {
  const auto follows = [&](std::string_view key) {
    return (key == "scope" && IsEventHubs(FirstBrokerHost(cluster.brokers))) ||
           (key == "token_endpoint" && Given(path + ".tenant_id") != nullptr);
  };
  for (const LoginKey& login : LoginKeys()) {
    const std::string key = path + "." + login.key;
    const Place* place = Given(key);
    const bool needed = IsAmong(cluster.auth, login.needed_by);
    if (place != nullptr && !needed && !IsAmong(cluster.auth, login.taken_by)) {
      std::vector<std::string> names;
      for (const KafkaAuth auth : login.needed_by) names.push_back(AuthName(auth));
      for (const KafkaAuth auth : login.taken_by) names.push_back(AuthName(auth));
      Report(*place, key + " is given with auth: " + AuthName(cluster.auth) +
                         ", allowed: with auth: " + JoinTexts(names));
    }
    // auth is given: its default needs nothing.
    if (place == nullptr && needed && !follows(login.key)) {
      Report(*Given(path + ".auth"),
             path + ".auth: " + AuthName(cluster.auth) + " requires " + key);
    }
  }
  const Place* tenant = Given(path + ".tenant_id");
  if (tenant != nullptr && Given(path + ".token_endpoint") != nullptr) {
    Report(*tenant, path + ".tenant_id is given beside " + path +
                        ".token_endpoint, which names the tenant itself, allowed: one of them");
  }
  if (tenant != nullptr && Known(path + ".tenant_id") && !IsTenantName(cluster.tenant_id)) {
    Report(*tenant, path + ".tenant_id is no tenant, allowed: the tenant's id or a domain of it");
  }
}

// Without brokers of its own it uses the cluster of the source, and the log-in there. True if so.
bool Rules::CheckBorrowedCluster(const std::string& path) {
  if (Given(path + ".brokers") != nullptr) return false;
  for (const Option<KafkaCluster>& option : ClusterOptions()) {
    const std::string key = path + "." + option.key;
    if (const Place* place = Given(key)) {
      Report(*place,
             key + " also needs " + path +
                 ".brokers; without brokers, the cluster and the log-in are those of kafka");
    }
  }
  return true;
}

void Rules::CheckIsNotRead(const std::string& path, const std::string& topic,
                           const KafkaCluster& cluster) {
  const KafkaSourceConfig& kafka = serve_.kafka;
  const bool same = cluster.brokers.empty() ||
                    FirstBrokerHost(cluster.brokers) == FirstBrokerHost(kafka.cluster.brokers);
  const bool read =
      std::find(kafka.topics.begin(), kafka.topics.end(), topic) != kafka.topics.end();
  const Place* place = Given(path);
  if (!same || !read || place == nullptr) return;
  Report(*place, path + " is " + Quoted(topic) +
                     ", which kafka.topics reads: what is sent would come back, allowed: a topic "
                     "that is not read");
}

void Rules::CheckSink(const std::string& path, const SinkConfig& sink) {
  if (!Known(path)) return;  // no mapping
  CheckSinkName(path, sink);
  if (Given(path + ".type") == nullptr) {
    Report(*Given(path),
           path + " has no type, allowed: " + AllowedText(OptionOf(SinkOptions(), "type").kind));
  }
  if (Given(path + ".type") == nullptr || !Known(path + ".type")) return;
  CheckSinkKeys(path, sink.type);
  const SinkType& type = SinkTypeOf(sink.type);
  if (!type.written_file.empty()) {
    CheckFile(path + "." + type.written_file, SettingOf<std::string>(sink, type.written_file));
  }
  if (!type.written_topic.empty()) {
    if (!CheckBorrowedCluster(path)) CheckCluster(path, sink.cluster);
    CheckPorts(path, sink.cluster);
    CheckIsNotRead(path + "." + type.written_topic,
                   SettingOf<std::string>(sink, type.written_topic), sink.cluster);
  }
  if (type.fault != nullptr) {
    const SinkType::Fault fault = type.fault(sink);
    const std::string key = path + "." + fault.key;
    const Place* place = fault.key.empty() ? nullptr : Given(key);
    if (place != nullptr && Known(key)) Report(*place, key + fault.text);
  }
  if (HasSetting(sink, "backoff_max") && sink.backoff_min > sink.backoff_max &&
      Known(path + ".backoff_min") && Known(path + ".backoff_max")) {
    const Place* most = Given(path + ".backoff_max");
    Report(most != nullptr ? *most : *Given(path + ".backoff_min"),
           path + ".backoff_max is " + FormatDuration(sink.backoff_max) + ", below backoff_min, " +
               "allowed: " + FormatDuration(sink.backoff_min) + " or more");
  }
}

void Rules::CheckSinkName(const std::string& path, const SinkConfig& sink) {
  const Place* name = Given(path + ".name");
  if (name == nullptr) {
    Report(*Given(path),
           path + " has no name, allowed: " + AllowedText(OptionOf(SinkOptions(), "name").kind));
  } else if (Known(path + ".name")) {
    const auto [first, is_new] = names_.emplace(sink.name, path);
    if (is_new) return;
    Report(*name, path + ".name is " + Quoted(sink.name) + ", the name of " + first->second +
                      " too, allowed: a name of its own");
  }
}

void Rules::CheckSinkKeys(const std::string& path, const std::string& type) {
  std::vector<std::string> allowed;
  std::map<std::string, std::vector<std::string>> types;  // that have a key
  for (const auto& option : SinkOptions()) {
    if (IsForType(option, type)) allowed.push_back(option.key);
    for (const std::string& name : option.types) types[option.key].push_back(name);
  }
  for (const auto& option : SinkOptionsFor(type)) {
    const std::string key = path + "." + option.key;
    const Place* place = Given(key);
    const bool is_for = IsForType(option, type);
    if (place != nullptr && !is_for) {
      Report(*place, key + " is not for a sink of type " + type + " but for " +
                         JoinTexts(types[option.key]) + ", allowed: " + JoinTexts(allowed));
    }
    const bool needed = is_for && !option.types.empty() && !option.default_text.empty();
    if (place == nullptr && needed) {
      Report(*Given(path), path + " is of type " + type + " and has no " + option.key +
                               ", allowed: " + AllowedText(option.kind));
    }
  }
}

// Two writers of one file would rotate it under each other.
void Rules::CheckFile(const std::string& path, const std::string& file) {
  if (file.empty() || !Known(path)) return;
  const std::string normal = std::filesystem::path(file).lexically_normal().string();
  for (const auto& [other, other_path] : files_) {
    if (!Clash(normal, other)) continue;
    // Of the default and one that is given, the given one is to be changed.
    const Place* place = Given(path) != nullptr ? Given(path) : Given(other_path);
    Report(*place, path + " and " + other_path +
                       " are one file, or would be when rotated, allowed: a file of its own");
    return;
  }
  files_.emplace_back(normal, path);
}

void Rules::CheckDeadLetters() {
  const DeadLetterConfig& letters = serve_.dead_letters;
  CheckFile("dead_letters.path", letters.path);
  if (!CheckBorrowedCluster("dead_letters")) CheckCluster("dead_letters", letters.cluster);
  CheckPorts("dead_letters", letters.cluster);
  CheckIsNotRead("dead_letters.topic", letters.topic, letters.cluster);
  const Place* brokers = Given("dead_letters.brokers");
  if (brokers != nullptr && Given("dead_letters.topic") == nullptr) {
    Report(*brokers, "dead_letters.brokers also needs dead_letters.topic");
  }
}

void DeriveClusterOptions(KafkaCluster* cluster) {
  if (ImpliesTls(cluster->auth)) cluster->tls = true;
  if (!UsesTokens(cluster->auth)) return;
  const std::string host = FirstBrokerHost(cluster->brokers);
  if (cluster->scope.empty() && IsEventHubs(host)) cluster->scope = "https://" + host + "/.default";
  if (cluster->token_endpoint.empty() && !cluster->tenant_id.empty()) {
    cluster->token_endpoint = EntraTokenEndpoint(EntraAuthority(host), cluster->tenant_id);
  }
}

}  // namespace

std::vector<std::pair<Place, std::string>> BrokenRules(const Config& config,
                                                       const GivenValues& given) {
  return Rules(config, given).Check();
}

void DeriveOptions(Config* config) {
  DeriveClusterOptions(&config->serve.kafka.cluster);
  DeriveClusterOptions(&config->serve.dead_letters.cluster);
  for (SinkConfig& sink : config->serve.sinks) DeriveClusterOptions(&sink.cluster);
}

}  // namespace signinwatch::config
