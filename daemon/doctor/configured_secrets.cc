#include "daemon/doctor/configured_secrets.h"

#include <utility>

#include "absl/status/statusor.h"
#include "daemon/config/secret.h"
#include "daemon/config/sink_types.h"
#include "daemon/doctor/connection_string.h"

namespace signinwatch::doctor {
namespace {

// A secret that is in use, and what it is for.
struct NamedSecret {
  std::string key;
  config::SecretRef secret;
  config::SecretForm form = config::SecretForm::kLine;
  // Of connection strings.
  std::string brokers = {};
  std::vector<std::string> topics = {};
};

void AppendSecretsOf(const std::string& path, const config::KafkaCluster& cluster,
                     const std::vector<std::string>& topics, std::vector<NamedSecret>* secrets) {
  secrets->push_back({path + ".password", cluster.password});
  secrets->push_back({path + ".client_secret", cluster.client_secret});
  secrets->push_back({path + ".client_key", cluster.client_key, config::SecretForm::kPem});
  secrets->push_back({path + ".connection_string", cluster.connection_string,
                      config::SecretForm::kLine, cluster.brokers, topics});
}

std::vector<NamedSecret> SecretsOf(const config::ServeConfig& serve) {
  std::vector<NamedSecret> secrets;
  AppendSecretsOf("kafka", serve.kafka.cluster, serve.kafka.topics, &secrets);
  secrets.push_back({"store.password", serve.store.password});
  for (const config::SinkConfig& sink : serve.sinks) {
    const std::string path = "sink " + sink.name;
    const config::SinkType& type = config::SinkTypeOf(sink.type);
    if (!type.written_topic.empty()) {
      const auto topic = config::SettingOf<std::string>(sink, type.written_topic);
      AppendSecretsOf(path, sink.cluster, {topic}, &secrets);
    }
    for (const config::Option<config::SinkConfig>& option : type.options) {
      if (option.of_cluster || !std::holds_alternative<config::SecretKind>(option.kind)) continue;
      secrets.push_back({path + "." + option.key, std::get<config::SecretRef>(option.get(sink))});
    }
  }
  AppendSecretsOf("dead_letters", serve.dead_letters.cluster, {serve.dead_letters.topic}, &secrets);
  std::erase_if(secrets, [](const NamedSecret& named) { return named.secret.empty(); });
  return secrets;
}

SecretState StateOf(const NamedSecret& named) {
  using Kind = SecretState::Kind;
  const absl::StatusOr<std::string> text = config::ReadSecret(named.secret, named.form);
  if (!text.ok()) {
    const bool unread = absl::IsNotFound(text.status()) || absl::IsPermissionDenied(text.status());
    return {unread ? Kind::kUnread : Kind::kFault, named.key, std::string(text.status().message())};
  }
  std::string fault = named.brokers.empty()
                          ? std::string()
                          : ConnectionStringFault(*text, named.brokers, named.topics);
  return {fault.empty() ? Kind::kGood : Kind::kFault, named.key, std::move(fault)};
}

}  // namespace

std::vector<SecretState> LookAtSecrets(const config::ServeConfig& serve) {
  std::vector<SecretState> states;
  for (const NamedSecret& named : SecretsOf(serve)) states.push_back(StateOf(named));
  return states;
}

}  // namespace signinwatch::doctor
