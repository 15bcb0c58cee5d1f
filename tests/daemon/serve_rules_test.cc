// Rules across the options of `serve`, by table: the whole text of each mistake.
#include "daemon/config/serve_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "daemon/config/config.h"
#include "daemon/config/sink_types.h"
#include "tests/daemon/config_texts.h"

namespace signinwatch {
namespace serve_rules_test {

using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::IsEmpty;

// "one of file, kafka, ..."
std::string OneOfTheTypes() {
  std::string text = "one of ";
  for (const std::string& type : config::SinkTypeNames())
    text += (text.back() == ' ' ? "" : ", ") + type;
  return text;
}
// Of those that have the option: "kafka, webhook, ...".
std::string TypesWith(const std::string& key) {
  std::string text;
  for (const config::SinkType& type : config::SinkTypes()) {
    for (const config::Option<config::SinkConfig>& option : type.options) {
      if (option.key == key) text += (text.empty() ? "" : ", ") + type.name;
    }
  }
  return text;
}

struct RuleCase {
  std::string text;
  std::vector<std::string> errors;
};

void Check(const std::vector<RuleCase>& cases) {
  for (const RuleCase& c : cases)
    EXPECT_THAT(ErrorsOf(c.text), ElementsAreArray(c.errors)) << c.text;
}

TEST(ServeRules, BrokersAndTopicsBelongTogether) {
  Check({
      {"kafka: {brokers: 'a:1'}", {"f:1:18: kafka.brokers also needs kafka.topics"}},
      {"kafka: {topics: [a]}", {"f:1:17: kafka.topics also needs kafka.brokers"}},
      {"kafka: {auth: connection_string, connection_string: 'env:C'}",
       {"f:1:15: kafka.auth also needs kafka.brokers"}},
      {"kafka: {brokers: 'a:1', topics: [a]}", {}},
      {"kafka: {auth: none, group: g}", {}},
      {"kafka: {}", {}},
      // A value that is a mistake already is given all the same.
      {"kafka: {brokers: a, topics: [b]}",
       {"f:1:18: kafka.brokers is not usable: entry 1 has no port, allowed: host:port, or several "
        "with commas between them"}},
  });
}

// In a cluster with these keys.
std::string Kafka(const std::string& keys) {
  return "kafka: {brokers: 'a:1', topics: [a], " + keys + "}";
}
std::string Hub(const std::string& keys) {
  return "kafka: {brokers: 'x.servicebus.windows.net:9093', topics: [a], " + keys + "}";
}

TEST(ServeRules, ARoleHasWhatItNeedsAndNothingElse) {
  const std::string kafka = "kafka: {brokers: 'a:1', topics: [a]}\n";
  const std::string database = "store: {url: 'postgresql://db/s'}\n";
  Check({
      {"role: ingest\n" + kafka, {}},
      {"role: detect\nkafka: {brokers: 'a:1'}\n" + database, {}},
      {"role: detect\nkafka: {brokers: 'a:1'}\nstore: {path: /s}",
       {"f:1:7: role: detect requires store.url, since its instances share what they know"}},
      {"role: both", {"f:1:7: role is 'both', allowed: one of all, ingest, detect"}},
      // One file for all of them.
      {"role: ingest\n" + kafka + database + "sinks: [{name: a, type: stdout}]", {}},
      {"role: detect\n" + kafka + database, {}},
      {"role: ingest\n" + kafka + "signals: {topic: a}",
       {"f:3:18: signals.topic: signals are sent to 'a', which kafka.topics reads, allowed: a "
        "topic of their own"}},
      {"role: ingest\n" + kafka + "signals: {group: signinwatch}",
       {"f:3:18: signals.group: 'signinwatch' is the group of ingest and of detect, allowed: a "
        "group for each"}},
      {"role: ingest\n" + kafka + "dead_letters: {topic: signinwatch-signals}",
       {"f:3:23: dead_letters.topic: signals and dead letters are both sent to "
        "'signinwatch-signals', allowed: a topic for each"}},
  });
}

TEST(ServeRules, EventHubsSpeaksKafkaAtOnePort) {
  Check({
      {"kafka: {brokers: 'x.servicebus.windows.net:5671', topics: [a]}",
       {"f:1:18: kafka.brokers is at port 5671, where Event Hubs speaks AMQP, allowed: port 9093, "
        "where it speaks Kafka"}},
      {"kafka: {brokers: 'x.servicebus.windows.net:5672', topics: [a]}",
       {"f:1:18: kafka.brokers is at port 5672, where Event Hubs speaks AMQP, allowed: port 9093, "
        "where it speaks Kafka"}},
      // Elsewhere a port is its owner's affair.
      {"kafka: {brokers: 'kafka.example:5671', topics: [a]}", {}},
  });
}

TEST(ServeRules, LogInHasWhatItNeedsAndNothingElse) {
  Check({
      {Kafka("auth: connection_string"),
       {"f:1:44: kafka.auth: connection_string requires kafka.connection_string"}},
      {Kafka("auth: plain"),
       {"f:1:44: kafka.auth: plain requires kafka.username",
        "f:1:44: kafka.auth: plain requires kafka.password"}},
      {Kafka("auth: oauthbearer"),
       {"f:1:44: kafka.auth: oauthbearer requires kafka.client_id",
        "f:1:44: kafka.auth: oauthbearer requires kafka.client_secret",
        "f:1:44: kafka.auth: oauthbearer requires kafka.token_endpoint",
        "f:1:44: kafka.auth: oauthbearer requires kafka.scope"}},
      {Hub("auth: oauthbearer, client_id: a, client_secret: 'env:S', token_endpoint: 'https://h'"),
       {}},
      {Kafka("password: 'env:P'"),
       {"f:1:48: kafka.password is given with auth: none, allowed: with auth: plain"}},
      {Kafka("auth: plain, username: u, password: 'env:P', connection_string: 'env:C'"),
       {"f:1:102: kafka.connection_string is given with auth: plain, allowed: with auth: "
        "connection_string"}},
      {Kafka("auth: connection_string, connection_string: 'env:C', scope: s"),
       {"f:1:98: kafka.scope is given with auth: connection_string, allowed: with auth: "
        "oauthbearer, client_certificate, managed_identity, workload_identity"}},
      // Of an unusable value only that is said.
      {Kafka("auth: x, password: 'env:P'"),
       {"f:1:44: kafka.auth is 'x', allowed: one of none, connection_string, plain, "
        "oauthbearer, client_certificate, managed_identity, workload_identity"}},
      {Kafka("auth: plain, username: u, password: p"),
       {"f:1:74: kafka.password is no reference to a secret, allowed: env:NAME or file:PATH, the "
        "environment variable or the file that holds it"}},
  });
}

TEST(ServeRules, TokensAreHadInFourWays) {
  const std::string certificate =
      "auth: client_certificate, client_id: a, client_certificate: /c, client_key: 'file:/k'";
  Check({
      {Hub("auth: oauthbearer, client_id: a, client_secret: 'env:S', tenant_id: t"), {}},
      {Hub(certificate + ", tenant_id: t"), {}},
      {Hub(certificate + ", token_endpoint: 'https://h'"), {}},
      {Hub("auth: managed_identity"), {}},
      {Hub("auth: managed_identity, client_id: a, token_endpoint: 'http://127.0.0.1:1/'"), {}},
      {Hub("auth: workload_identity"), {}},
      {Hub("auth: workload_identity, client_id: a, federated_token_file: /f, tenant_id: t"), {}},
      {Hub(certificate), {"f:1:70: kafka.auth: client_certificate requires kafka.token_endpoint"}},
      {Hub("auth: client_certificate, tenant_id: t"),
       {"f:1:70: kafka.auth: client_certificate requires kafka.client_id",
        "f:1:70: kafka.auth: client_certificate requires kafka.client_certificate",
        "f:1:70: kafka.auth: client_certificate requires kafka.client_key"}},
      {Kafka("auth: managed_identity"),
       {"f:1:44: kafka.auth: managed_identity requires kafka.scope"}},
      {Hub("auth: managed_identity, tenant_id: t"),
       {"f:1:99: kafka.tenant_id is given with auth: managed_identity, allowed: with auth: "
        "oauthbearer, client_certificate, workload_identity"}},
      {Hub("auth: workload_identity, client_key: 'env:K'"),
       {"f:1:101: kafka.client_key is given with auth: workload_identity, allowed: with auth: "
        "client_certificate"}},
      {Hub(certificate + ", tenant_id: t, token_endpoint: 'https://h'"),
       {"f:1:162: kafka.tenant_id is given beside kafka.token_endpoint, which names the tenant "
        "itself, allowed: one of them"}},
      {Hub("auth: workload_identity, tenant_id: t/u"),
       {"f:1:100: kafka.tenant_id is no tenant, allowed: the tenant's id or a domain of it"}},
      {Hub("tls: false, auth: managed_identity"),
       {"f:1:69: kafka.tls is false with auth: managed_identity, which is always encrypted, "
        "allowed: true"}},
  });
}

TEST(ServeRules, EncryptionIsAsTheLogInAsks) {
  Check({
      {Kafka("tls: false, auth: connection_string, connection_string: 'env:C'"),
       {"f:1:43: kafka.tls is false with auth: connection_string, which is always encrypted, "
        "allowed: true"}},
      {Kafka("ca_file: /ca"), {"f:1:47: kafka.ca_file also needs tls: true"}},
      {Kafka("ca_file: /ca, tls: true"), {}},
      {Kafka("ca_file: /ca, auth: connection_string, connection_string: 'env:C'"), {}},
      {Kafka("ca_file: /ca, tls: 'true'"),
       {"f:1:57: kafka.tls is the text 'true', allowed: true or false"}},
  });
}

TEST(ServeRules, EventHubsDropsIdleConnections) {
  Check({
      {Hub("connections_max_idle: 4m"),
       {"f:1:86: kafka.connections_max_idle is 4m, and Event Hubs drops connections that were idle "
        "for 4m, allowed: less than 4m with Event Hubs, such as 3m"}},
      {Hub("metadata_max_age: 15m"),
       {"f:1:82: kafka.metadata_max_age is 15m, and Event Hubs drops connections that were idle "
        "for 4m, allowed: less than 4m with Event Hubs, such as 3m"}},
      {Hub("connections_max_idle: 3m59s, metadata_max_age: 239s"), {}},
      {Kafka("connections_max_idle: 1h, metadata_max_age: 1h"), {}},
  });
}

TEST(ServeRules, WhatHasAKeyIsNotAnOption) {
  Check({
      {Kafka("options: {session.timeout.ms: 1}"),
       {"f:1:47: kafka.options.session.timeout.ms is refused, allowed: the key "
        "kafka.session_timeout instead"}},
      {Kafka("options: {metadata.max.age.ms: 1, connections.max.idle.ms: 1}"),
       {"f:1:47: kafka.options.connections.max.idle.ms is refused, allowed: the key "
        "kafka.connections_max_idle instead",
        "f:1:47: kafka.options.metadata.max.age.ms is refused, allowed: the key "
        "kafka.metadata_max_age instead"}},
      {"sinks: [{name: a, type: kafka, topic: t, brokers: 'a:1', options: "
       "{connections.max.idle.ms: 1}}]",
       {}},
  });
}

TEST(ServeRules, TicketsAreKeptWhileTheyMayChange) {
  Check({
      {"store: {keep_tickets: 24h}",
       {"f:1:23: store.keep_tickets is 24h, and tickets.revise_for 24h: tickets that may still "
        "change would be deleted, allowed: keep them for longer"}},
      {"store: {keep_tickets: 3d}",
       {"f:1:23: store.keep_tickets is 3d, and tickets.revise_risks_for 3d: tickets that may still "
        "change would be deleted, allowed: keep them for longer"}},
      {"store: {keep_tickets: 73h}", {}},
      {"tickets: {revise_for: 90d}",
       {"f:1:23: store.keep_tickets is 90d, and tickets.revise_for 90d: tickets that may still "
        "change would be deleted, allowed: keep them for longer"}},
      {"tickets: {reopen_within: 25h, revise_risks_for: 1h}\nstore: {keep_tickets: 25h}",
       {"f:2:23: store.keep_tickets is 25h, and tickets.reopen_within 25h: tickets that may still "
        "change would be deleted, allowed: keep them for longer"}},
      {"tickets: {revise_for: x, reopen_within: 0s, revise_risks_for: 0s}\nstore: {keep_tickets: "
       "1h}",
       {"f:1:23: tickets.revise_for is 'x', allowed: a duration from 0s to 365d, such as 30m, 24h, "
        "30d, 1h30m or 500ms"}},
  });
}

TEST(ServeRules, SinksHaveTheKeysOfTheirType) {
  Check({
      {"sinks: [{}]",
       {"f:1:9: sinks[0] has no name, allowed: a name of 1 to 63 of the characters a-z, 0-9, _ and "
        "-",
        "f:1:9: sinks[0] has no type, allowed: " + OneOfTheTypes()}},
      {"sinks:\n- name: a\n- type: stdout\n",
       {"f:2:3: sinks[0] has no type, allowed: " + OneOfTheTypes(),
        "f:3:3: sinks[1] has no name, allowed: a name of 1 to 63 of the characters a-z, 0-9, _ and "
        "-"}},
      {"sinks: [{name: a, type: file}]",
       {"f:1:9: sinks[0] is of type file and has no path, allowed: the path of a file, up to 4096 "
        "bytes"}},
      {"sinks: [{name: a, type: kafka}]",
       {"f:1:9: sinks[0] is of type kafka and has no topic, allowed: the name of a topic, 1 to 249 "
        "of the characters A-Z, a-z, 0-9, '.', _ and -"}},
      {"sinks: [{name: a, type: webhook}]",
       {"f:1:9: sinks[0] is of type webhook and has no url, allowed: an https:// URL without user "
        "name, password and fragment; http:// to this machine only (localhost, 127.x.x.x, "
        "[::1])"}},
      {"sinks: [{name: a, type: stdout, path: /x}]",
       {"f:1:39: sinks[0].path is not for a sink of type stdout but for file, allowed: name, type, "
        "roll_up, min_severity, tenants"}},
      {"sinks: [{name: a, type: file, path: /x, ca_file: /c}]",
       {"f:1:50: sinks[0].ca_file is not for a sink of type file but for " + TypesWith("ca_file") +
        ", allowed: "
        "name, type, roll_up, min_severity, tenants, path, rotate_bytes, rotate_keep"}},
      {"sinks: [{name: a, type: webhook, url: 'https://h', brokers: 'a:1'}]",
       {"f:1:61: sinks[0].brokers is not for a sink of type webhook but for kafka, allowed: name, "
        "type, roll_up, min_severity, tenants, url, body, resolved_url, secret, authorization, "
        "rate_per_second, ca_file, backoff_min, backoff_max, timeout"}},
      {"sinks: [{name: a, type: smtp, server: 'h:25', from: soc, to: [a@b], username: u}]",
       {"f:1:53: sinks[0].from is no address of a mail, allowed: addresses such as "
        "soc@contoso.example"}},
      {"sinks: [{name: a, type: smtp, server: 'h:25', from: a@b, to: ['a@b', 'x y@b']}]",
       {"f:1:62: sinks[0].to has what is no address of a mail, or none, allowed: addresses such as "
        "soc@contoso.example"}},
      {"sinks: [{name: a, type: smtp, server: 'h:25', from: a@b, to: [a@b], username: u}]",
       {"f:1:79: sinks[0].username stands alone, allowed: username and password, or neither"}},
      // Of a type that is a mistake nothing more is said.
      {"sinks: [{name: a, type: mail, path: /x}]",
       {"f:1:25: sinks[0].type is 'mail', allowed: " + OneOfTheTypes()}},
      {"sinks: [{name: a, type: stdout}, {name: a, type: stdout}]",
       {"f:1:41: sinks[1].name is 'a', the name of sinks[0] too, allowed: a name of its own"}},
      {"sinks: [{name: A, type: stdout}, {name: A, type: stdout}]",
       {"f:1:16: sinks[0].name is 'A', allowed: a name of 1 to 63 of the characters a-z, 0-9, _ "
        "and -",
        "f:1:41: sinks[1].name is 'A', allowed: a name of 1 to 63 of the characters a-z, 0-9, _ "
        "and -"}},
  });
}

TEST(ServeRules, ListsOfSinks) {
  std::string many = "sinks:\n";
  for (int i = 0; i < 33; ++i) many += "- {name: s" + std::to_string(i) + ", type: stdout}\n";
  Check({
      {many, {"f:2:1: sinks is a list of 33 entries, allowed: a list of up to 32 sinks"}},
      {"sinks: {name: a}", {"f:1:8: sinks is a mapping, allowed: a list of up to 32 sinks"}},
      {"sinks: []", {}},
      {"sinks:", {}},
  });
  const auto errors = ErrorsOf("sinks: [x]");
  ASSERT_THAT(errors, testing::SizeIs(1));
  EXPECT_THAT(errors[0], testing::StartsWith("f:1:9: sinks[0] is 'x', allowed: a mapping with the "
                                             "keys name, type, roll_up"));
}

std::string Sink(const std::string& keys) { return "sinks: [{name: a, " + keys + "}]"; }

TEST(ServeRules, BackOffGrows) {
  Check({
      {Sink("type: webhook, url: 'https://h', backoff_min: 2s, backoff_max: 1s"),
       {"f:1:82: sinks[0].backoff_max is 1s, below backoff_min, allowed: 2s or more"}},
      {Sink("type: kafka, topic: t, backoff_min: 6m"),
       {"f:1:55: sinks[0].backoff_max is 5m, below backoff_min, allowed: 6m or more"}},
      {Sink("type: kafka, topic: t, backoff_min: 6m, backoff_max: x"),
       {"f:1:72: sinks[0].backoff_max is 'x', allowed: a duration from 10ms to 24h, such as 30m, "
        "24h, 30d, 1h30m or 500ms"}},
      {Sink("type: kafka, topic: t, backoff_min: 5m"), {}},
  });
}

TEST(ServeRules, FilesHaveOneWriter) {
  const std::string file = "{name: a, type: file, path: /v/t}";
  Check({
      {"sinks: [" + file + ", {name: b, type: file, path: /v/./x/../t}]",
       {"f:1:72: sinks[1].path and sinks[0].path are one file, or would be when rotated, allowed: "
        "a file of its own"}},
      {"sinks: [" + file + ", {name: b, type: file, path: /v/t.12}]",
       {"f:1:72: sinks[1].path and sinks[0].path are one file, or would be when rotated, allowed: "
        "a file of its own"}},
      {"sinks: [" + file + ", {name: b, type: file, path: /v/t.x}]", {}},
      {"sinks: [" + file + ", {name: b, type: file, path: /v/t.}]", {}},
      {"sinks: [" + file + ", {name: b, type: file, path: /v/tt}]", {}},
      {"sinks: [" + file + "]\ndead_letters: {path: /v/t}",
       {"f:2:22: dead_letters.path and sinks[0].path are one file, or would be when rotated, "
        "allowed: a file of its own"}},
      {"dead_letters: {path: /var/lib/signinwatch/signinwatch.db}",
       {"f:1:22: dead_letters.path and store.path are one file, or would be when rotated, allowed: "
        "a file of its own"}},
      // Other sinks write no file.
      {"sinks: [{name: a, type: stdout}, {name: b, type: stdout}]", {}},
  });
}

TEST(ServeRules, ABorrowedClusterHasNoKeys) {
  Check({
      {Sink("type: kafka, topic: t"), {}},
      {Sink("type: kafka, topic: t, tls: true, ca_file: /c"),
       {"f:1:47: sinks[0].tls also needs sinks[0].brokers; without brokers, the cluster and "
        "the log-in are those of kafka",
        "f:1:62: sinks[0].ca_file also needs sinks[0].brokers; without brokers, the cluster and "
        "the log-in are those of kafka"}},
      {Sink("type: kafka, topic: t, brokers: 'a:1', auth: plain, username: u"),
       {"f:1:64: sinks[0].auth: plain requires sinks[0].password"}},
      {"dead_letters: {topic: t, auth: plain}",
       {"f:1:32: dead_letters.auth also needs dead_letters.brokers; without brokers, the cluster "
        "and "
        "the log-in are those of kafka"}},
      {"dead_letters: {topic: t, brokers: 'a:1', password: 'env:P'}",
       {"f:1:52: dead_letters.password is given with auth: none, allowed: with auth: plain"}},
      {"dead_letters: {brokers: 'a:1'}",
       {"f:1:25: dead_letters.brokers also needs dead_letters.topic"}},
  });
}

TEST(ServeRules, WhatIsSentDoesNotComeBack) {
  const std::string kafka = "kafka: {brokers: 'a:1', topics: [x, y]}\n";
  Check({
      {kafka + Sink("type: kafka, topic: y"),
       {"f:2:39: sinks[0].topic is 'y', which kafka.topics reads: what is sent would come back, "
        "allowed: a topic that is not read"}},
      {kafka + "dead_letters: {topic: x}",
       {"f:2:23: dead_letters.topic is 'x', which kafka.topics reads: what is sent would come "
        "back, allowed: a topic that is not read"}},
      {kafka + Sink("type: kafka, topic: y, brokers: 'A:9'"),
       {"f:2:39: sinks[0].topic is 'y', which kafka.topics reads: what is sent would come back, "
        "allowed: a topic that is not read"}},
      {kafka + Sink("type: kafka, topic: y, brokers: 'b:1'"), {}},
      {kafka + Sink("type: kafka, topic: z"), {}},
  });
}

TEST(ServeRules, AllMistakesComeAtOnceByPlace) {
  EXPECT_THAT(ErrorsOf("kafka: {brokers: 'a:1', session_timeout: 1h, pasword: x}\n"
                       "sinks: [{name: a, type: file}]\n"
                       "log: {level: loud}\n"),
              ElementsAre(testing::StartsWith("f:1:18: kafka.brokers also needs"),
                          testing::StartsWith("f:1:42: kafka.session_timeout is '1h'"),
                          testing::StartsWith("f:1:46: unknown key 'pasword' in kafka, did you "
                                              "mean 'password'?"),
                          testing::StartsWith("f:2:9: sinks[0] is of type file"),
                          testing::StartsWith("f:3:14: log.level is 'loud'")));
  EXPECT_THAT(config::BrokenRules(config::Config{}, config::GivenValues{}), IsEmpty());
}

}  // namespace serve_rules_test
}  // namespace signinwatch
