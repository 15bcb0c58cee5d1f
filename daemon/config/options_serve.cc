#include "daemon/config/options_serve.h"

#include <chrono>
#include <string>
#include <utility>

#include "daemon/config/options_exceptions.h"
#include "daemon/config/rotation_options.h"
#include "daemon/config/stored_option.h"

namespace signinwatch::config {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr int64_t kCountMax = 1'000'000'000;

FormKind Form(TextForm form) { return FormKind{form}; }

std::vector<Option<KafkaCluster>> MakeClusterOptions() {
  const FormKind plain = Form(TextForm::kPlain);
  std::vector<Option<KafkaCluster>> options{
      Unset(StoredIn("brokers", Form(TextForm::kBrokers), &KafkaCluster::brokers,
                     "Where the cluster is; an Event Hubs namespace is NAME.servicebus.windows.net "
                     "at port 9093."),
            "contoso.servicebus.windows.net:9093"),
      ChoiceIn(
          "auth",
          {{"none", KafkaAuth::kNone},
           {"connection_string", KafkaAuth::kConnectionString},
           {"plain", KafkaAuth::kPlain},
           {"oauthbearer", KafkaAuth::kOauthBearer},
           {"client_certificate", KafkaAuth::kClientCertificate},
           {"managed_identity", KafkaAuth::kManagedIdentity},
           {"workload_identity", KafkaAuth::kWorkloadIdentity}},
          &KafkaCluster::auth,
          "How to log in: by the connection string of an Event Hubs namespace or hub, by user "
          "name and password (SASL PLAIN), or by an access token (SASL OAUTHBEARER). Tokens are "
          "issued for a client id and secret (`oauthbearer`), for the certificate of an app "
          "registration, for the managed identity of the Azure machine this runs on, or for a "
          "Kubernetes service account (workload identity). With Entra, that app or identity "
          "needs the role Azure Event Hubs Data Receiver (for tickets in a hub, Data Sender "
          "there). Managed identities work on virtual machines and scale sets, not on App Service "
          "or Azure Arc."),
      StoredIn("tls", YesNoKind{}, &KafkaCluster::tls,
               "Encrypt the connection; always on with `connection_string` and tokens. Without it, "
               "`plain` sends the password in clear text. Certificates and host names are always "
               "checked."),
      Unset(StoredIn("ca_file", Form(TextForm::kPath), &KafkaCluster::ca_file,
                     "Certificate authorities to trust instead of the system's, PEM: for brokers, "
                     "and with tokens for `token_endpoint` too (so with a private broker CA and "
                     "Entra's tokens, the file needs both). The system's if not set."),
            "/etc/ssl/certs/ca-certificates.crt"),
      Unset(StoredIn("username", plain, &KafkaCluster::username, "For `auth: plain`."),
            "signinwatch"),
      Unset(StoredIn("password", SecretKind{}, &KafkaCluster::password, "For `auth: plain`."),
            "file:/etc/signinwatch/kafka-password"),
      Unset(StoredIn("connection_string", SecretKind{}, &KafkaCluster::connection_string,
                     "For `auth: connection_string`, as the portal shows it; reading needs the "
                     "right Listen only."),
            "env:EVENTHUBS_CONNECTION_STRING"),
      Unset(StoredIn("client_id", plain, &KafkaCluster::client_id,
                     "For tokens: the id of the app registration or identity. With "
                     "`managed_identity` only for a user-assigned one; with `workload_identity` "
                     "the environment variable AZURE_CLIENT_ID if not set."),
            "11111111-2222-4333-8444-555555555555"),
      Unset(StoredIn("client_secret", SecretKind{}, &KafkaCluster::client_secret,
                     "For `auth: oauthbearer`. Read again for each token, so it can be rotated "
                     "without a restart."),
            "env:EVENTHUBS_CLIENT_SECRET"),
      Unset(StoredIn("client_certificate", Form(TextForm::kPath), &KafkaCluster::client_certificate,
                     "For `auth: client_certificate`: the app registration's certificate, PEM. "
                     "Read again for each token, like its key."),
            "/etc/signinwatch/client.pem"),
      Unset(StoredIn("client_key", SecretKind{}, &KafkaCluster::client_key,
                     "For `auth: client_certificate`: the certificate's RSA key, PEM and not "
                     "encrypted; may be in the same file as the certificate. It only signs and "
                     "never leaves this machine."),
            "file:/etc/signinwatch/client.key"),
      Unset(StoredIn("federated_token_file", Form(TextForm::kPath),
                     &KafkaCluster::federated_token_file,
                     "For `auth: workload_identity`: the projected token of the service account, "
                     "read again for each access token. The environment variable "
                     "AZURE_FEDERATED_TOKEN_FILE if not set."),
            "/var/run/secrets/azure/tokens/azure-identity-token"),
      Unset(StoredIn("tenant_id", plain, &KafkaCluster::tenant_id,
                     "For tokens of Entra: the tenant of the app registration, instead of "
                     "`token_endpoint`. With `workload_identity` the environment variable "
                     "AZURE_TENANT_ID if neither is set."),
            "22222222-3333-4444-8555-666666666666"),
      Unset(StoredIn(
                "token_endpoint", Form(TextForm::kUrl), &KafkaCluster::token_endpoint,
                "URL that issues access tokens. If not set: with `tenant_id` that of Entra, with "
                "`managed_identity` the machine's metadata service (169.254.169.254, never "
                "through a proxy)."),
            "https://login.microsoftonline.com/TENANT/oauth2/v2.0/token"),
      Unset(StoredIn("scope", plain, &KafkaCluster::scope,
                     "What the token is for. With Event Hubs https://HOST/.default if not set; "
                     "`managed_identity` asks for the resource, which is the same without "
                     "/.default."),
            "https://contoso.servicebus.windows.net/.default"),
      StoredIn("options", KafkaOptionsKind{}, &KafkaCluster::options,
               "Any other librdkafka option, by its own name. Not accepted: options that have a "
               "key here, secrets, options that could lose records, and options that turn "
               "certificate checks off."),
  };
  for (Option<KafkaCluster>& option : options) option.of_cluster = true;
  return options;
}

std::vector<Option<KafkaSourceConfig>> SourceOptions() {
  std::vector<Option<KafkaSourceConfig>> options = Within<KafkaSourceConfig>(
      ClusterOptions(), [](auto& k) -> auto& { return k.cluster; });
  Append(
      &options,
      {Unset(StoredIn("topics", TopicsKind{}, &KafkaSourceConfig::topics,
                      "Topics to read: the hubs that Entra's diagnostic settings export to. One "
                      "topic may mix several categories."),
             "[insights-logs-signinlogs, insights-logs-noninteractiveusersigninlogs, "
             "insights-logs-auditlogs]"),
       StoredIn("group", TextKind{}, &KafkaSourceConfig::group,
                "The consumer group. No other program may use it, or each would get only part of "
                "the records. Event Hubs creates it automatically, for the whole namespace."),
       ChoiceIn("start",
                {{"earliest", KafkaSourceConfig::Start::kEarliest},
                 {"latest", KafkaSourceConfig::Start::kLatest}},
                &KafkaSourceConfig::start,
                "Where to start a topic that the store has no position for. Others continue from "
                "the store's position; the group's committed offsets are ignored."),
       StoredIn("connections_max_idle", DurationKind{seconds(10), hours(24)},
                &KafkaSourceConfig::connections_max_idle,
                "Connections idle for this long are closed by this side. Event Hubs silently drops "
                "them after 4m, and the next request then waits for a time-out: stay below 4m."),
       StoredIn("metadata_max_age", DurationKind{seconds(10), hours(24)},
                &KafkaSourceConfig::metadata_max_age,
                "How often topics and partitions are refreshed, and so how soon a new partition is "
                "found. Below 4m it also keeps Event Hubs from dropping idle connections."),
       StoredIn("session_timeout", DurationKind{seconds(6), minutes(5)},
                &KafkaSourceConfig::session_timeout,
                "A group member that is silent for this long loses its partitions. Event Hubs "
                "accepts 6s to 5m and recommends 30s."),
       StoredIn("offset_commit_interval", DurationKind{milliseconds(250), hours(1)},
                &KafkaSourceConfig::offset_commit_interval,
                "How often positions are also committed to the group, for lag tools to read; the "
                "store is what counts. Event Hubs allows 4 commits a second and partition.")});
  return options;
}

Section RoleSection() {
  return {
      .name = "role",
      .help =
          "Which part of the work this instance does. `all` needs no other. Where several "
          "share it, `ingest` reads `kafka.topics`, parses, and sends what detection needs "
          "to `signals.topic`; `detect` reads that, each instance the tenants of its "
          "partitions, and keeps everything in PostgreSQL (`store.url`). Any number of "
          "both. All may have one file but for `role`: `ingest` does not look at `sinks`, nor "
          "`detect` at `kafka.topics`. With `store.url`, `ingest` shows the tickets too.",
      .options = Within<Config>(
          std::vector<Option<ServeConfig>>{ChoiceIn(
              "role", {{"all", Role::kAll}, {"ingest", Role::kIngest}, {"detect", Role::kDetect}},
              &ServeConfig::role, "The part.")},
          [](auto& c) -> auto& { return c.serve; }),
      .is_value = true};
}

std::vector<Option<SignalsConfig>> SignalsOptions() {
  return {
      StoredIn("topic", Form(TextForm::kTopic), &SignalsConfig::topic,
               "The topic, in the cluster of `kafka`. `ingest` creates it if it may. Whoever can "
               "read it can read sign-ins; whoever can write to it can forge them."),
      StoredIn("partitions", IntegerKind{1, 1'024}, &SignalsConfig::partitions,
               "How many partitions it has, and so how many instances of `detect` can share the "
               "work. Tenants are assigned by this number, so it can't be changed later: an "
               "instance refuses to start if the topic has another."),
      StoredIn("group", TextKind{}, &SignalsConfig::group,
               "The consumer group of `detect`; another than `kafka.group`, which is that of "
               "`ingest`."),
  };
}

std::vector<Option<PipelineConfig>> PipelineOptions() {
  return {
      StoredIn("parse_threads", IntegerKind{0, 256}, &PipelineConfig::parse_threads,
               "Parser threads; 0: by the number of processors."),
      StoredIn("queue_bytes", SizeKind{int64_t{1} << 20, int64_t{1} << 36},
               &PipelineConfig::queue_bytes,
               "Memory for messages that are fetched but not yet processed; at most an eighth of "
               "`limits.memory`. When it is full, fetching pauses."),
      StoredIn("commit_interval", DurationKind{milliseconds(10), minutes(1)},
               &PipelineConfig::commit_interval,
               "How often state, tickets and positions are committed, all together. Tickets are "
               "sent after the commit; after a crash, what was not committed is read again."),
      StoredIn("commit_signals", IntegerKind{1, kCountMax}, &PipelineConfig::commit_signals,
               "Also commit after this many signals, if that is sooner."),
  };
}

std::vector<Option<StoreConfig>> StoreOptions() {
  return {
      StoredIn("path", Form(TextForm::kPath), &StoreConfig::path,
               "File with state, tickets, the outbox and positions. For one process only; on a "
               "local disk. Or `url`."),
      Unset(
          StoredIn("url", Form(TextForm::kPostgresUrl), &StoreConfig::url,
                   "A PostgreSQL database (14 or later, UTF8) instead of a file. What libpq takes "
                   "behind the `?` can be said there; without `sslmode` it is `verify-full` for "
                   "every host but this one, without `sslrootcert` by the system's authorities."),
          "postgresql://signinwatch@db.contoso.example:5432/signinwatch"),
      Unset(StoredIn("password", SecretKind{}, &StoreConfig::password, "For `url`."),
            "env:PGPASSWORD"),
      StoredIn("keep_tickets", DurationKind{hours(1), 3'650 * kDay}, &StoreConfig::keep_tickets,
               "Resolved tickets are deleted this long after their last event. Must be more than "
               "`tickets.revise_for`, `tickets.revise_risks_for` and `tickets.reopen_within`."),
      StoredIn("outbox_max", IntegerKind{1, kCountMax}, &StoreConfig::outbox_max,
               "Ticket revisions that may wait for a sink that is down. Beyond it the oldest are "
               "dropped and counted, superseded revisions first."),
  };
}

std::vector<Option<DeadLetterConfig>> DeadLetterOptions() {
  std::vector<Option<DeadLetterConfig>> options{
      Unset(StoredIn("path", Form(TextForm::kPath), &DeadLetterConfig::path,
                     "A file of JSON lines, as `replay --dead-letters` writes it."),
            "/var/lib/signinwatch/dead-letters.jsonl")};
  Append(&options,
         {StoredIn("rotate_bytes", kRotateBytesKind, &DeadLetterConfig::rotate_bytes,
                   kRotateBytesHelp),
          StoredIn("rotate_keep", kRotateKeepKind, &DeadLetterConfig::rotate_keep, kRotateKeepHelp),
          Unset(StoredIn("topic", Form(TextForm::kTopic), &DeadLetterConfig::topic,
                         "Topic for dead letters: the original bytes as the value, the reason and "
                         "the origin in headers. Must not be a topic that is read."),
                "signinwatch-dead-letters")});
  Append(&options, Within<DeadLetterConfig>(
                       ClusterOptions(), [](auto& d) -> auto& { return d.cluster; }));
  return options;
}

Section SinksSection() {
  return {
      .name = "sinks",
      .help =
          "A list of where to send tickets. Each revision is sent at least once; `ticket_id` and "
          "`revision` identify duplicates. A sink that is down delays only its own tickets.",
      .options = {}};
}

std::vector<std::pair<std::string, LogLevel>> LogLevels() {
  std::vector<std::pair<std::string, LogLevel>> levels;
  for (size_t i = 0; i < kLogLevelNames.size(); ++i) {
    levels.emplace_back(kLogLevelNames[i], static_cast<LogLevel>(i));
  }
  return levels;
}

}  // namespace

const std::vector<Option<KafkaCluster>>& ClusterOptions() {
  static const std::vector<Option<KafkaCluster>> options = MakeClusterOptions();
  return options;
}

std::vector<Section> ServeSections() {
  const std::vector<Option<HttpConfig>> http{
      StoredIn("listen", Form(TextForm::kListen), &HttpConfig::listen,
               "Address for metrics, the API and the console. Listen beyond this machine only with "
               "`web_config_file`, or behind a proxy that authenticates."),
      StoredIn("hosts", HostsKind{}, &HttpConfig::hosts,
               "Further host names (`Host`) to answer to, beside IP addresses, localhost and the "
               "host of `external_url`: a Kubernetes service, or what a proxy passes on. Other "
               "names get 421, so that no web page can make a browser read the tickets. Not needed "
               "where everybody has to log in."),
      StoredIn("enable_reload", YesNoKind{}, &HttpConfig::enable_reload,
               "`POST /-/reload` reloads the configuration, as SIGHUP always does; at most once in "
               "10s."),
      Unset(
          StoredIn("web_config_file", Form(TextForm::kPath), &HttpConfig::web_config_file,
                   "TLS, client certificates and basic auth, in the file format of the Prometheus "
                   "exporter toolkit. Read again when it or a file that it names changes."),
          "/etc/signinwatch/web.yaml"),
      Unset(StoredIn("external_url", Form(TextForm::kExternalUrl), &HttpConfig::external_url,
                     "URL under which people open the console, perhaps through a proxy. Each "
                     "ticket then links to its page (`url`); no links if not set."),
            "https://signinwatch.contoso.com")};
  const std::vector<Option<HealthConfig>> health{StoredIn(
      "irrelevant_after", DurationKind{minutes(1), 7 * kDay}, &HealthConfig::irrelevant_after,
      "Report a topic whose records have all been useless for this long: on `/-/ready` (still "
      "ready), on the status page and by an alert.")};
  const std::vector<Option<MetricsConfig>> metrics{
      StoredIn("max_tenants", IntegerKind{0, 10'000}, &MetricsConfig::max_tenants,
               "Tenants with series of their own; the rest count as `other`.")};
  const std::vector<Option<LogConfig>> log{
      ChoiceIn("format", {{"logfmt", LogFormat::kLogfmt}, {"json", LogFormat::kJson}},
               &LogConfig::format, "Format of log lines, on standard error."),
      ChoiceIn("level", LogLevels(), &LogConfig::level, "Lowest level that is logged.")};
  const auto section = [](std::string name, std::string help, const auto& options, auto reach) {
    return Section{.name = std::move(name),
                   .help = std::move(help),
                   .options = Within<Config>(options, reach)};
  };
  return {
      RoleSection(),
      section(
          "kafka", "Where `serve` reads from: Kafka, or Event Hubs, which speaks its protocol.",
          SourceOptions(), [](auto& c) -> auto& { return c.serve.kafka; }),
      section(
          "signals", "What `ingest` hands to `detect`.", SignalsOptions(),
          [](auto& c) -> auto& { return c.serve.signals; }),
      section(
          "pipeline", "How records move from the cluster to the store.", PipelineOptions(),
          [](auto& c) -> auto& { return c.serve.pipeline; }),
      section(
          "store", "Where state is kept.", StoreOptions(),
          [](auto& c) -> auto& { return c.serve.store; }),
      SinksSection(),
      ExceptionsSection(),
      section(
          "dead_letters",
          "Where rejected records go: a file, a topic, both, or nowhere. They are always counted.",
          DeadLetterOptions(), [](auto& c) -> auto& { return c.serve.dead_letters; }),
      section(
          "http", "What is served by HTTP.", http, [](auto& c) -> auto& { return c.serve.http; }),
      {.name = "tenants",
       .help = "Display names of tenants, for the console. Tickets and metrics show ids.",
       .options = {}},
      section(
          "health", "When the daemon reports that something may be wrong.", health,
          [](auto& c) -> auto& { return c.serve.health; }),
      section(
          "metrics", "What is counted.", metrics, [](auto& c) -> auto& { return c.serve.metrics; }),
      section(
          "log", "What is logged.", log, [](auto& c) -> auto& { return c.serve.log; }),
  };
}

}  // namespace signinwatch::config
