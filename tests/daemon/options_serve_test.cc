// Every option of `serve` is read, and documented as it is.
#include "daemon/config/options_serve.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/config/config.h"
#include "daemon/config/option_kinds.h"
#include "daemon/config/options_detection.h"
#include "daemon/config/reference.h"
#include "daemon/config/sink_types.h"
#include "tests/daemon/config_texts.h"

namespace signinwatch {
namespace options_serve_test {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::Pair;
using testing::SizeIs;

std::string TextOf(const config::SecretRef& secret) {
  return config::ValueText(config::SecretKind{}, secret);
}

constexpr const char* kDetect = R"(
role: detect
kafka: {brokers: 'a:1'}
signals: {topic: s, partitions: 8, group: d}
store: {url: "postgresql://signinwatch@db/signinwatch", password: "env:PG"}
)";

// Everything but the log-in by a token.
constexpr const char* kEverything = R"(
kafka:
  brokers: a:9092, b:9092
  auth: plain
  tls: true
  ca_file: /ca.pem
  username: me
  password: file:/run/secrets/kafka
  options: {fetch.max.bytes: 1000, client.id: mine, socket.keepalive.enable: true}
  topics: [signins, audit]
  group: watchers
  start: latest
  connections_max_idle: 10m
  metadata_max_age: 5m
  session_timeout: 6s
  offset_commit_interval: 250ms
pipeline: {parse_threads: 3, queue_bytes: 1MiB, commit_interval: 100ms, commit_signals: 7}
store: {path: /tmp/x.db, keep_tickets: 400d, outbox_max: 9}
sinks:
  - {name: archive, type: file, roll_up: true, path: /t.jsonl, rotate_bytes: 1KiB, rotate_keep: 2,
     min_severity: high, tenants: [11111111-2222-4333-8444-555555555555]}
  - {name: bus, type: kafka, topic: tickets, brokers: "c:1", auth: connection_string,
     connection_string: "env:CS", ca_file: /kafka.pem, options: {linger.ms: 3},
     backoff_min: 20ms, backoff_max: 30ms}
  - {name: soc, type: webhook, url: "https://soc.example/x", secret: "env:HMAC",
     authorization: "file:/auth", ca_file: /web.pem, timeout: 3s, rate_per_second: 0.5,
     body: "{\"id\": \"{{ticket_id}}\"}", resolved_url: "https://soc.example/y",
     backoff_min: 2s, backoff_max: 2s}
  - {name: console, type: stdout}
  - {name: pager, type: pagerduty, routing_key: "env:KEY", url: "https://events.eu.pagerduty.com",
     api_token: "env:TOKEN", api_url: "https://api.eu.pagerduty.com", rate_per_minute: 90,
     title: "{{severity}}", body: "{{summary}}"}
  - {name: chat, type: slack, token: "env:BOT", channel: C0123, url: "https://slack.example/api"}
  - {name: cards, type: teams, url: "env:TEAMS_URL"}
  - {name: desk, type: servicenow, url: "https://h.example", username: u, password: "env:SN",
     table: u_incident, close_code: Done, fields: {assignment_group: soc},
     short_description_max: 80, description_max: 2000, flap_after: 3}
  - {name: issues, type: jira, url: "https://h.example", api: cloud, username: u, token: "env:J",
     project: SOC, issue_type: Bug, resolve_transition: Close, reopen_transition: Open,
     wont_fix: [Never], search_lag: 1m, fields: {priority: {name: High}}}
  - {name: am, type: alertmanager, urls: ["https://am-1.example", "http://127.0.0.1:9093"],
     resend: 2m}
  - {name: siem, type: syslog, server: "siem.contoso.example:514", transport: udp, format: cef,
     enterprise: 99999}
  - {name: mail, type: smtp, server: "[::1]:465", tls: implicit, from: a@b.example, to: [c@d.example],
     username: u, password: "env:MAIL"}
  - {name: hive, type: thehive, url: "https://hive.example", token: "env:HIVE", closed_status: Ignored}
dead_letters:
  path: /d.jsonl
  rotate_bytes: 2KiB
  rotate_keep: 3
  topic: dead
  brokers: d:1
  auth: plain
  tls: true
  ca_file: /dead.pem
  username: you
  password: env:DEAD
  options: {linger.ms: 4}
http: {listen: "0.0.0.0:0", web_config_file: /etc/web.yaml, external_url: "https://soc.example/",
       hosts: [Soc, signinwatch.monitoring.svc], enable_reload: true}
health: {irrelevant_after: 20m}
metrics: {max_tenants: 0}
log: {format: json, level: warning}
)";

constexpr const char* kTokens = R"(
kafka: {brokers: "contoso.servicebus.windows.net:9093", topics: [a], auth: oauthbearer,
        client_id: app, client_secret: "env:SECRET", token_endpoint: "https://login.example/token",
        scope: mine}
sinks:
  - {name: a, type: kafka, topic: t, brokers: "c:1", auth: oauthbearer, client_id: app,
     client_secret: "env:SECRET", token_endpoint: "http://127.0.0.1:1/token", scope: mine}
  - {name: b, type: kafka, topic: t, brokers: "c:1", auth: plain, tls: true, username: me,
     password: "env:P"}
dead_letters: {topic: t, brokers: "c:1", auth: oauthbearer, client_id: app,
               client_secret: "env:SECRET", token_endpoint: "https://login.example/token",
               scope: mine}
)";

constexpr const char* kConnectionStrings = R"(
kafka: {brokers: "contoso.servicebus.windows.net:9093", topics: [a], auth: connection_string,
        connection_string: "env:CS"}
dead_letters: {topic: t, brokers: "c:1", auth: connection_string, connection_string: "env:CS"}
)";

// Sinks and dead letters have one way each, and all of them together each key.
constexpr const char* kCertificate = R"(
kafka: {brokers: "contoso.servicebus.windows.net:9093", topics: [a], auth: client_certificate,
        client_id: app, client_certificate: /c.pem, client_key: "file:/k.pem", tenant_id: t}
sinks:
  - {name: a, type: kafka, topic: t, brokers: "c:1", auth: client_certificate, client_id: app,
     client_certificate: /c.pem, client_key: "file:/k.pem", tenant_id: t, scope: mine}
dead_letters: {topic: t, brokers: "c:1", auth: client_certificate, client_id: app,
               client_certificate: /c.pem, client_key: "file:/k.pem", tenant_id: t, scope: mine}
)";
constexpr const char* kFederated = R"(
kafka: {brokers: "contoso.servicebus.usgovcloudapi.net:9093", topics: [a], auth: workload_identity,
        federated_token_file: /f, tenant_id: t}
sinks:
  - {name: a, type: kafka, topic: t, brokers: "c:1", auth: workload_identity, scope: mine,
     federated_token_file: /f}
dead_letters: {topic: t, brokers: "c:1", auth: workload_identity, federated_token_file: /f,
               scope: mine}
)";

TEST(ServeOptions, SourceIsRead) {
  const config::KafkaSourceConfig kafka = Good(kEverything).serve.kafka;
  EXPECT_EQ(kafka.cluster.brokers, "a:9092,b:9092");
  EXPECT_EQ(kafka.cluster.auth, config::KafkaAuth::kPlain);
  EXPECT_TRUE(kafka.cluster.tls);
  EXPECT_EQ(kafka.cluster.ca_file, "/ca.pem");
  EXPECT_EQ(kafka.cluster.username, "me");
  EXPECT_EQ(TextOf(kafka.cluster.password), "file:/run/secrets/kafka");
  EXPECT_THAT(kafka.cluster.options,
              ElementsAre(Pair("client.id", "mine"), Pair("fetch.max.bytes", "1000"),
                          Pair("socket.keepalive.enable", "true")));
  EXPECT_THAT(kafka.topics, ElementsAre("signins", "audit"));
  EXPECT_EQ(kafka.group, "watchers");
  EXPECT_EQ(kafka.start, config::KafkaSourceConfig::Start::kLatest);
  EXPECT_EQ(kafka.connections_max_idle, minutes(10));
  EXPECT_EQ(kafka.metadata_max_age, minutes(5));
  EXPECT_EQ(kafka.session_timeout, seconds(6));
  EXPECT_EQ(kafka.offset_commit_interval, milliseconds(250));
}

TEST(ServeOptions, PipelineStoreAndOutputsAreRead) {
  const config::ServeConfig serve = Good(kEverything).serve;
  EXPECT_EQ(serve.pipeline.parse_threads, 3);
  EXPECT_EQ(serve.pipeline.queue_bytes, size_t{1} << 20);
  EXPECT_EQ(serve.pipeline.commit_interval, milliseconds(100));
  EXPECT_EQ(serve.pipeline.commit_signals, 7u);
  EXPECT_EQ(serve.store.path, "/tmp/x.db");
  EXPECT_EQ(serve.store.keep_tickets, 400 * kDay);
  EXPECT_EQ(serve.store.outbox_max, 9u);
  EXPECT_EQ(serve.dead_letters.path, "/d.jsonl");
  EXPECT_EQ(serve.dead_letters.rotate_bytes, 2'048u);
  EXPECT_EQ(serve.dead_letters.rotate_keep, 3);
  EXPECT_EQ(serve.dead_letters.topic, "dead");
  EXPECT_EQ(serve.dead_letters.cluster.brokers, "d:1");
  EXPECT_EQ(TextOf(serve.dead_letters.cluster.password), "env:DEAD");
  EXPECT_EQ(serve.http.listen, "0.0.0.0:0");
  EXPECT_EQ(serve.http.web_config_file, "/etc/web.yaml");
  EXPECT_EQ(serve.http.hosts, (std::vector<std::string>{"soc", "signinwatch.monitoring.svc"}));
  EXPECT_TRUE(serve.http.enable_reload);
  EXPECT_EQ(serve.http.external_url, "https://soc.example");
  EXPECT_EQ(serve.metrics.max_tenants, 0u);
  EXPECT_EQ(serve.log.format, config::LogFormat::kJson);
  EXPECT_EQ(serve.log.level, config::LogLevel::kWarning);
}

TEST(ServeOptions, SinksAreRead) {
  const std::vector<config::SinkConfig> sinks = Good(kEverything).serve.sinks;
  ASSERT_THAT(sinks, SizeIs(config::SinkTypes().size()));
  EXPECT_EQ(sinks[0].name, "archive");
  EXPECT_EQ(sinks[0].type, "file");
  EXPECT_TRUE(sinks[0].roll_up);
  EXPECT_EQ(config::SettingOf<std::string>(sinks[0], "path"), "/t.jsonl");
  EXPECT_EQ(config::SettingOf<int64_t>(sinks[0], "rotate_bytes"), 1'024);
  EXPECT_EQ(config::SettingOf<int64_t>(sinks[0], "rotate_keep"), 2);
  EXPECT_EQ(sinks[0].min_severity, Severity::kHigh);
  EXPECT_THAT(sinks[0].tenants, ElementsAre("11111111-2222-4333-8444-555555555555"));
  EXPECT_EQ(sinks[1].type, "kafka");
  EXPECT_EQ(config::SettingOf<std::string>(sinks[1], "topic"), "tickets");
  EXPECT_EQ(sinks[1].cluster.brokers, "c:1");
  EXPECT_EQ(sinks[1].cluster.auth, config::KafkaAuth::kConnectionString);
  EXPECT_EQ(TextOf(sinks[1].cluster.connection_string), "env:CS");
  EXPECT_EQ(sinks[1].cluster.ca_file, "/kafka.pem");
  EXPECT_THAT(sinks[1].cluster.options, ElementsAre(Pair("linger.ms", "3")));
  EXPECT_EQ(sinks[1].backoff_min, milliseconds(20));
  EXPECT_EQ(sinks[1].backoff_max, milliseconds(30));
  EXPECT_FALSE(sinks[1].roll_up);
  EXPECT_EQ(sinks[1].min_severity, Severity::kInfo);
  EXPECT_THAT(sinks[1].tenants, IsEmpty());
  EXPECT_EQ(sinks[2].type, "webhook");
  EXPECT_EQ(config::SettingOf<std::string>(sinks[2], "url"), "https://soc.example/x");
  EXPECT_EQ(TextOf(config::SettingOf<config::SecretRef>(sinks[2], "secret")), "env:HMAC");
  EXPECT_EQ(TextOf(config::SettingOf<config::SecretRef>(sinks[2], "authorization")), "file:/auth");
  EXPECT_EQ(sinks[2].ca_file, "/web.pem");
  EXPECT_EQ(config::SettingOf<Duration>(sinks[2], "timeout"), seconds(3));
  EXPECT_EQ(config::SettingOf<double>(sinks[2], "rate_per_second"), 0.5);
  EXPECT_EQ(sinks[3].type, "stdout");
  EXPECT_EQ(sinks[3].backoff_max, minutes(5));
  const auto desk = std::find_if(sinks.begin(), sinks.end(), [](const config::SinkConfig& sink) {
    return sink.name == "desk";
  });
  ASSERT_NE(desk, sinks.end());
  EXPECT_THAT((config::SettingOf<std::map<std::string, std::string>>(*desk, "fields")),
              ElementsAre(Pair("assignment_group", "\"soc\"")));
}

TEST(ServeOptions, LogInByTokenIsRead) {
  const config::KafkaCluster cluster = Good(kTokens).serve.kafka.cluster;
  EXPECT_EQ(cluster.auth, config::KafkaAuth::kOauthBearer);
  EXPECT_EQ(cluster.client_id, "app");
  EXPECT_EQ(TextOf(cluster.client_secret), "env:SECRET");
  EXPECT_EQ(cluster.token_endpoint, "https://login.example/token");
  EXPECT_EQ(cluster.scope, "mine");
}

TEST(ServeOptions, LogInByAssertionIsRead) {
  const config::KafkaCluster certificate = Good(kCertificate).serve.kafka.cluster;
  EXPECT_EQ(certificate.auth, config::KafkaAuth::kClientCertificate);
  EXPECT_EQ(certificate.client_certificate, "/c.pem");
  EXPECT_EQ(TextOf(certificate.client_key), "file:/k.pem");
  EXPECT_EQ(certificate.tenant_id, "t");
  const config::KafkaCluster federated = Good(kFederated).serve.kafka.cluster;
  EXPECT_EQ(federated.auth, config::KafkaAuth::kWorkloadIdentity);
  EXPECT_EQ(federated.federated_token_file, "/f");
}

bool IsMapping(const config::OptionKind& kind) {
  return std::holds_alternative<config::KafkaOptionsKind>(kind) ||
         std::holds_alternative<config::FieldsKind>(kind);
}

// The values of all options, but for mappings, which are written as {} whatever is in them.
template <typename T>
std::set<std::string> ValuesOf(const std::vector<config::Option<T>>& options, const T& from) {
  std::set<std::string> values;
  for (const config::Option<T>& option : options) {
    if (IsMapping(option.kind)) continue;
    values.insert(option.key + ": " + config::ValueText(option.kind, option.get(from)));
  }
  return values;
}

template <typename T>
void ExpectAllDiffer(const std::vector<config::Option<T>>& options, const std::vector<T>& configs) {
  for (const config::Option<T>& option : options) {
    if (IsMapping(option.kind)) continue;
    const std::string standard = config::ValueText(option.kind, option.get(T{}));
    EXPECT_TRUE(std::any_of(configs.begin(), configs.end(), [&](const T& config) {
      return config::ValueText(option.kind, option.get(config)) != standard;
    })) << option.key;
  }
}

// No option is forgotten by the texts above, and none is stored where another one is.
TEST(ServeOptions, NoneIsLeftOut) {
  const std::vector<config::Config> configs{Good(kEverything),        Good(kTokens),
                                            Good(kConnectionStrings), Good(kCertificate),
                                            Good(kFederated),         Good(kDetect)};
  for (const config::Section& section : config::ServeSections())
    ExpectAllDiffer(section.options, configs);
  std::vector<config::SinkConfig> sinks;
  for (const config::Config& config : configs) {
    sinks.insert(sinks.end(), config.serve.sinks.begin(), config.serve.sinks.end());
  }
  ExpectAllDiffer(config::SinkOptions(), sinks);
}

TEST(ServeOptions, FollowThoseOfDetection) {
  std::vector<std::string> names;
  for (const config::Section& section : config::DetectionSections()) names.push_back(section.name);
  EXPECT_THAT(names, ElementsAre("input", "limits", "time", "detectors", "correlation", "tickets"));
  for (const config::Section& section : config::ServeSections()) names.push_back(section.name);
  std::vector<std::string> all;
  for (const config::Section& section : config::ConfigSections()) all.push_back(section.name);
  EXPECT_EQ(all, names);
}

TEST(ServeOptions, WhatFollowsFromOthersIsSet) {
  const config::KafkaCluster hub =
      Good(
          "kafka: {brokers: 'Contoso.ServiceBus.windows.net:9093', topics: [a], auth: oauthbearer, "
          "client_id: a, client_secret: 'env:S', token_endpoint: 'https://h'}")
          .serve.kafka.cluster;
  EXPECT_TRUE(hub.tls);
  EXPECT_EQ(hub.scope, "https://contoso.servicebus.windows.net/.default");
  const config::KafkaCluster certificate = Good(kCertificate).serve.kafka.cluster;
  EXPECT_TRUE(certificate.tls);
  EXPECT_EQ(certificate.scope, "https://contoso.servicebus.windows.net/.default");
  EXPECT_EQ(certificate.token_endpoint, "https://login.microsoftonline.com/t/oauth2/v2.0/token");
  EXPECT_EQ(Good(kCertificate).serve.sinks[0].cluster.token_endpoint, certificate.token_endpoint);
  EXPECT_EQ(Good(kFederated).serve.kafka.cluster.token_endpoint,
            "https://login.microsoftonline.us/t/oauth2/v2.0/token");
  EXPECT_EQ(Good(kFederated).serve.sinks[0].cluster.token_endpoint, "");
  EXPECT_TRUE(Good(kConnectionStrings).serve.kafka.cluster.tls);
  EXPECT_EQ(Good(kConnectionStrings).serve.kafka.cluster.scope, "");
  EXPECT_TRUE(Good(kConnectionStrings).serve.dead_letters.cluster.tls);
  EXPECT_TRUE(Good(kEverything).serve.sinks[1].cluster.tls);
  EXPECT_FALSE(Good("kafka: {brokers: 'a:1', topics: [a]}").serve.kafka.cluster.tls);
}

TEST(ServeOptions, NullIsNotSet) {
  std::string text;
  for (const config::Section& section : config::ServeSections()) {
    if (section.options.empty() || section.is_value) continue;
    text += section.name + ":\n";
    for (const config::Option<config::Config>& option : section.options) {
      if (option.nullable) text += "  " + option.key + ": null\n";
    }
  }
  text += "sinks:\n";
  const config::Config config = Good(text);
  for (const config::Section& section : config::ServeSections()) {
    EXPECT_EQ(ValuesOf(section.options, config), ValuesOf(section.options, config::Config{}));
  }
  EXPECT_THAT(config.serve.sinks, IsEmpty());
}

TEST(ServeOptions, TenantsHaveNames) {
  const config::Config config = Good(
      "tenants: {11111111-2222-4333-8444-55555555555A: Contoso Ltd., "
      "'21111111-2222-4333-8444-555555555555': '<b>'}");
  EXPECT_THAT(config.serve.tenants,
              ElementsAre(testing::Pair("11111111-2222-4333-8444-55555555555a", "Contoso Ltd."),
                          testing::Pair("21111111-2222-4333-8444-555555555555", "<b>")));
  EXPECT_THAT(Good("tenants:").serve.tenants, IsEmpty());
  EXPECT_THAT(
      config::ParseConfig(
          "tenants:\n  contoso: Contoso\n  00000000-0000-0000-0000-000000000000: Zero\n"
          "  11111111-2222-4333-8444-55555555555A: A\n"
          "  11111111-2222-4333-8444-55555555555a: B\n"
          "  31111111-2222-4333-8444-555555555555: ''\n"
          "  41111111-2222-4333-8444-555555555555: [x]\n",
          "f")
          .errors,
      ElementsAre(HasSubstr("f:2:3: a key in tenants is 'contoso', allowed: the object id"),
                  HasSubstr("f:3:3: a key in tenants is '00000000-"),
                  HasSubstr("f:5:3: tenants.11111111-2222-4333-8444-55555555555a is given again"),
                  HasSubstr("tenants.31111111-2222-4333-8444-555555555555 is '', allowed: a text"),
                  HasSubstr("tenants.41111111-2222-4333-8444-555555555555 is a list, allowed")));
  EXPECT_THAT(config::ParseConfig("tenants: [a]", "f").errors,
              ElementsAre(HasSubstr("tenants is a list of 1 entries, allowed: a mapping")));
}

TEST(ServeOptions, WhatServeNeedsIsNamed) {
  EXPECT_THAT(
      config::MissingForServe(config::Config{}),
      ElementsAre(HasSubstr("kafka.brokers is not given"), HasSubstr("kafka.topics is not given")));
  EXPECT_THAT(config::MissingForServe(Good("kafka: {brokers: 'a:1', topics: [a]}")), IsEmpty());
}

TEST(Reference, ExampleHasTheDefaultsOfServe) {
  const config::Config example = Good(config::ConfigurationExample());
  for (const config::Section& section : config::ServeSections()) {
    EXPECT_EQ(ValuesOf(section.options, example), ValuesOf(section.options, config::Config{}));
  }
  EXPECT_THAT(example.serve.sinks, IsEmpty());
}

// The lines of the example that are in comments are good too: as they stand, or one at a time.
TEST(Reference, ExamplesInCommentsAreGood) {
  const std::string example = config::ConfigurationExample();
  const size_t begin = example.find("# sinks:\n");
  ASSERT_NE(begin, std::string::npos);
  std::string sinks = example.substr(begin, example.find("\n\n", begin) - begin);
  sinks.erase(0, 2);
  for (size_t at = 0; (at = sinks.find("\n# ", at)) != std::string::npos;) sinks.erase(at + 1, 2);
  EXPECT_THAT(Good(sinks).serve.sinks, SizeIs(config::SinkTypes().size())) << sinks;

  const auto errors_of = [](const config::Section& section,
                            const config::Option<config::Config>& option) {
    const std::string line =
        section.name + ": {" + option.key + ": " +
        (option.example.front() == '[' ? option.example : "'" + option.example + "'") + "}";
    std::string errors;
    for (const std::string& error : config::ParseConfig(line, "f").errors) errors += error + "\n";
    return errors;
  };
  for (const config::Section& section : config::ServeSections()) {
    for (const config::Option<config::Config>& option : section.options) {
      if (option.example.empty()) continue;
      EXPECT_THAT(example, HasSubstr("# " + option.key + ": " + option.example));
      // Only what else has to be given may be missing.
      EXPECT_THAT(errors_of(section, option), Not(HasSubstr(config::AllowedText(option.kind))));
    }
  }
}

size_t CountOf(std::string_view text, std::string_view part) {
  size_t count = 0;
  for (size_t at = 0; (at = text.find(part, at)) != std::string_view::npos; ++at) ++count;
  return count;
}

TEST(Reference, DescribesTheKeysOfAClusterOnce) {
  // And refers to them twice: sinks and dead letters.
  for (const std::string& text :
       {config::ConfigurationReference(), config::ConfigurationExample()}) {
    EXPECT_EQ(CountOf(text, "A cluster of its own"), 2u);
    EXPECT_EQ(CountOf(text, "OAUTHBEARER)."), 1u);
  }
}

TEST(Reference, DescribesEveryOptionOfServe) {
  const std::string reference = config::ConfigurationReference();
  for (const config::Section& section : config::ServeSections()) {
    EXPECT_THAT(reference, HasSubstr("\n## " + section.name + "\n"));
    if (section.is_value) continue;
    for (const config::Option<config::Config>& option : section.options) {
      EXPECT_THAT(reference, HasSubstr("`" + option.key + "`"));
    }
  }
  for (const char* row :
       {"Default: `all`; allowed: one of all, ingest, detect.", "| `topics` | `null` | a list",
        "| `url` | webhook | none: must be given", "| `backoff_min` | kafka, webhook",
        "| `rate_per_second` | webhook | `20` | a number from 0.001 to 100000 |",
        "`scope`, `options` | as in `kafka` |", "| `tls` | `false` | true or"}) {
    EXPECT_THAT(reference, HasSubstr(row));
  }
}

}  // namespace options_serve_test
}  // namespace signinwatch
