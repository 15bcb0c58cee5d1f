// Values of the kinds that `serve` has, through ParseConfig; those of detection are in config_test.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "daemon/config/config.h"
#include "daemon/config/options.h"
#include "daemon/config/quantities.h"
#include "daemon/config/sink_types.h"
#include "tests/daemon/config_texts.h"

namespace signinwatch {
namespace value_reader_test {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::Pair;
using testing::SizeIs;
using testing::StartsWith;

constexpr const char* kSecretAllowed =
    ", allowed: env:NAME or file:PATH, the environment variable or the file that holds it";
constexpr const char* kTopicsAllowed =
    ", allowed: a list of one or more names of topics, each once; a name is 1 to 249 of the "
    "characters A-Z, a-z, 0-9, '.', _ and -";
constexpr const char* kOptionsAllowed =
    ", allowed: a mapping of librdkafka's names to values, but for those that signinwatch sets";

TEST(ValueReader, NamesEveryMistakeOfAValue) {
  const struct {
    const char* text;
    std::string want;  // the error, or its beginning if it ends in "..."
  } cases[] = {
      {"kafak: {}", "f:1:1: unknown key 'kafak', did you mean 'kafka'? allowed: input, ..."},
      {"kafka: {topic: a}", "f:1:9: unknown key 'topic' in kafka, did you mean 'topics'? ..."},
      {"metrics: {path: a}",
       "f:1:11: unknown key 'path' in metrics, it belongs to 'store' or 'dead_letters' or an entry "
       "of 'sinks'; allowed: max_tenants"},
      {"metrics: {url: a}",
       "f:1:11: unknown key 'url' in metrics, it belongs to 'store' or an entry of 'sinks'; "
       "allowed: "
       "max_tenants"},
      {"log: {format: JSON}", "f:1:15: log.format is 'JSON', allowed: one of logfmt, json"},
      {"log: {format: [json]}", "f:1:15: log.format is a list, allowed: one of logfmt, json"},
      {"log: {level: }", "f:1:14: log.level is empty, allowed: one of debug, info, ..."},
      {"log: {level: warn}", "f:1:14: log.level is 'warn', allowed: one of debug, info, ..."},
      {"http: {listen: }", "f:1:16: http.listen is empty, allowed: host:port, such as ..."},
      {"http: {listen: 9532}", "f:1:16: http.listen is '9532', allowed: host:port, such as ..."},
      {"metrics: {max_tenants: -1}",
       "f:1:24: metrics.max_tenants is '-1', allowed: a whole number from 0 to 10000"},
      {"metrics: {max_tenants: '5'}",
       "f:1:24: metrics.max_tenants is the text '5', allowed: a whole number from 0 to 10000"},
      {"pipeline: {parse_threads: 257}",
       "f:1:27: pipeline.parse_threads is '257', allowed: a whole number from 0 to 256"},
      {"pipeline: {queue_bytes: 1}",
       "f:1:25: pipeline.queue_bytes is '1', allowed: a size from 1MiB to 64GiB, such as 16MiB, "
       "64KiB, 1GB or a number of bytes"},
      {"pipeline: {commit_interval: 0s}",
       "f:1:29: pipeline.commit_interval is '0s', allowed: a duration from 10ms to 1m, ..."},
      {"pipeline: {commit_signals: 0}", "f:1:28: pipeline.commit_signals is '0', allowed: ..."},
      {"store: {path: }", "f:1:15: store.path is empty, allowed: the path of a file, up to ..."},
      {"store: {path: /x/}", "f:1:15: store.path is '/x/', allowed: the path of a file, up to ..."},
      {"store: {outbox_max: 0}", "f:1:21: store.outbox_max is '0', allowed: a whole number ..."},
      {"store: {keep_tickets: 90}",
       "f:1:23: store.keep_tickets is '90', a number without a unit, allowed: a duration from 1h "
       "to 3650d, such as 30m, 24h, 30d, 1h30m or 500ms"},
      {"kafka: {session_timeout: 5s}",
       "f:1:26: kafka.session_timeout is '5s', allowed: a duration from 6s to 5m, ..."},
      {"kafka: {session_timeout: 5m1s}",
       "f:1:26: kafka.session_timeout is '5m1s', allowed: a duration from 6s to 5m, ..."},
      {"kafka: {offset_commit_interval: 249ms}",
       "f:1:33: kafka.offset_commit_interval is '249ms', allowed: a duration from 250ms to ..."},
      {"kafka: {connections_max_idle: 0s}",
       "f:1:31: kafka.connections_max_idle is '0s', allowed: a duration from 10s to 24h, ..."},
      {"kafka: {metadata_max_age: 9s}",
       "f:1:27: kafka.metadata_max_age is '9s', allowed: a duration from 10s to 24h, ..."},
      {"kafka: {start: beginning}",
       "f:1:16: kafka.start is 'beginning', allowed: one of earliest, latest"},
      {"kafka: {group: ''}", "f:1:16: kafka.group is '', allowed: a text of 1 to 200 bytes ..."},
      {"kafka: {tls: yes}", "f:1:14: kafka.tls is 'yes', allowed: true or false"},
      {"kafka: {tls: 'true'}", "f:1:14: kafka.tls is the text 'true', allowed: true or false"},
      {"kafka: {tls: }", "f:1:14: kafka.tls is empty, allowed: true or false"},
      {"kafka: {ca_file: [/x], tls: true}",
       "f:1:18: kafka.ca_file is a list, allowed: the path ..."},
      {"kafka: {brokers: [a], topics: [a]}",
       "f:1:18: kafka.brokers is a list, allowed: host:port, ..."},
      {"kafka: {brokers: 'a:1', topics: []}",
       std::string("f:1:33: kafka.topics is an empty list") + kTopicsAllowed},
      {"kafka: {brokers: 'a:1', topics: a}",
       std::string("f:1:33: kafka.topics is 'a'") + kTopicsAllowed},
      {"kafka: {brokers: 'a:1', topics: [a, b c]}",
       std::string("f:1:37: kafka.topics[1] is 'b c'") + kTopicsAllowed},
      {"kafka: {brokers: 'a:1', topics: [a, [b]]}",
       std::string("f:1:37: kafka.topics[1] is a list") + kTopicsAllowed},
      {"kafka: {brokers: 'a:1', topics: [a, a]}",
       std::string("f:1:37: kafka.topics[1] is 'a' again") + kTopicsAllowed},
      {"kafka: {options: [a]}", std::string("f:1:18: kafka.options is a list") + kOptionsAllowed},
      {"kafka: {options: {acks: 1}}",
       "f:1:19: kafka.options.acks is refused: signinwatch produces with acks=all and idempotence, "
       "or tickets could be lost or doubled, allowed: other options"},
      {"kafka: {options: {enable.ssl.certificate.verification: false}}",
       "f:1:19: kafka.options.enable.ssl.certificate.verification is refused: certificates of "
       "brokers are always checked, allowed: other options"},
      {"kafka: {options: {a: 1, a: 2}}", "f:1:25: kafka.options.a is given again, allowed: once"},
      {"kafka: {options: {a: }}",
       "f:1:22: kafka.options.a is no value, allowed: a text of 1 to 4096 bytes without control "
       "characters, or a number"},
      {"kafka: {options: {a: [1]}}", "f:1:22: kafka.options.a is no value, allowed: a text ..."},
      {"kafka: {options: {'A b': 1}}",
       "f:1:19: a name in kafka.options is none, allowed: a-z, 0-9, '.' and _, as in librdkafka's "
       "CONFIGURATION.md"},
      {"kafka: {options: {[a]: 1}}", "f:1:19: a name in kafka.options is none, allowed: a-z, ..."},
      {"sinks: [{name: a, type: webhook, url: 'http://h'}]",
       "f:1:39: sinks[0].url is not usable: what goes to another machine by http can be read and "
       "changed on the way, allowed: an https:// URL without user name, password and fragment; "
       "http:// to this machine only (localhost, 127.x.x.x, [::1])"},
      {"sinks: [{name: a, type: alertmanager, urls: []}]",
       "f:1:45: sinks[0].urls is an empty list, allowed: a list of one or more URLs, each once; "
       "each is an https:// URL without ..."},
      {"sinks: [{name: a, type: alertmanager, urls: ['http://h']}]",
       "f:1:46: sinks[0].urls[0] is not usable: what goes to another machine by http can be read "
       "and changed on the way, allowed: a list of one or more URLs, each once; ..."},
      {"sinks: [{name: a, type: alertmanager, urls: ['https://h', 'https://h']}]",
       "f:1:59: sinks[0].urls[1] is given again, allowed: a list of one or more URLs, ..."},
      {"sinks: [{name: a, type: webhook, url: 'https://h', rate_per_second: 0}]",
       "f:1:69: sinks[0].rate_per_second is '0', allowed: a number from 0.001 to 100000"},
      {"sinks: [{name: a, type: webhook, url: 'https://h', rate_per_second: 1e9}]",
       "f:1:69: sinks[0].rate_per_second is '1e9', allowed: a number from 0.001 to 100000"},
      {"sinks: [{name: a, type: webhook, url: 'https://h', rate_per_second: .nan}]",
       "f:1:69: sinks[0].rate_per_second is '.nan', allowed: a number from 0.001 to 100000"},
      {"sinks: [{name: a, type: webhook, url: 'https://h', timeout: 6m}]",
       "f:1:61: sinks[0].timeout is '6m', allowed: a duration from 100ms to 5m, ..."},
      {"sinks: [{name: a, type: webhook, url: 'https://h', secret: 'env:a b'}]",
       std::string("f:1:60: sinks[0].secret is no reference to a secret") + kSecretAllowed},
      {"sinks: [{name: a, type: webhook, url: 'https://h', secret: {a: b}}]",
       std::string("f:1:60: sinks[0].secret is a mapping") + kSecretAllowed},
      {"sinks: [{name: a, type: file, path: /x, rotate_keep: 0}]",
       "f:1:54: sinks[0].rotate_keep is '0', allowed: a whole number from 1 to 1000"},
      {"sinks: [{name: a, type: file, path: /x, rotate_bytes: 1023}]",
       "f:1:55: sinks[0].rotate_bytes is '1023', allowed: a size from 1KiB to 1024GiB, ..."},
      {"sinks: [{name: a, type: stdout, roll_up: 1}]",
       "f:1:42: sinks[0].roll_up is '1', allowed: true or false"},
      {"dead_letters: {topic: 'a b'}",
       "f:1:23: dead_letters.topic is 'a b', allowed: the name of a topic, 1 to 249 of ..."},
      {",",
       "f:1:1: a second YAML document, or what is part of none, starts before this, allowed: one "
       "document"},
      {"{}\n,\n",
       "f:2:1: a second YAML document, or what is part of none, starts before this, allowed: one "
       "document"},
      {"log: {level: \"\\q\"}",
       "f:1:17: this is not YAML: unknown escape character, allowed: YAML 1.2 in block or flow "
       "style"},
      {"time: *S3CRET",
       "f:1:7: this is not YAML: the referenced anchor is not defined, allowed: YAML 1.2 in block "
       "or flow style"},
  };
  for (const auto& c : cases) {
    const auto errors = ErrorsOf(c.text);
    ASSERT_THAT(errors, SizeIs(1)) << c.text;
    if (c.want.ends_with("...")) {
      EXPECT_THAT(errors[0], StartsWith(c.want.substr(0, c.want.size() - 3)));
      EXPECT_THAT(errors[0], HasSubstr("allowed: "));
    } else {
      EXPECT_EQ(errors[0], c.want);
    }
  }
}

constexpr const char* kServiceNow =
    "sinks: [{name: a, url: 'https://h', username: u, password: 'env:P', type: servicenow, "
    "fields: ";

constexpr const char* kJira =
    "sinks: [{name: a, url: 'https://h', token: 'env:T', project: P, type: jira, fields: ";

std::map<std::string, std::string> FieldsOf(const std::string& sink, const std::string& fields) {
  const auto parsed = config::ParseConfig(sink + fields + "}]", "f");
  EXPECT_THAT(parsed.errors, IsEmpty()) << fields;
  return config::SettingOf<std::map<std::string, std::string>>(parsed.config->serve.sinks.at(0),
                                                               "fields");
}

TEST(ValueReader, ReadsFieldsOfATicketElsewhere) {
  const struct {
    const char* sink;
    const char* yaml;
    const char* json;
  } cases[] = {
      {kServiceNow, "abc", R"("abc")"},
      {kServiceNow, "2", R"("2")"},
      {kServiceNow, "true", R"("true")"},
      {kJira, "{name: High}", R"({"name":"High"})"},
      {kJira, "[{name: a}, 'b', 3, 0.5, true, ~, '7']",
       R"([{"name":"a"},"b",3,0.5,true,null,"7"])"},
      {kJira, "{a: {b: []}}", R"({"a":{"b":[]}})"},
  };
  for (const auto& c : cases) {
    EXPECT_THAT(FieldsOf(c.sink, std::string("{x: ") + c.yaml + "}"),
                ElementsAre(Pair("x", c.json)));
  }
  EXPECT_THAT(FieldsOf(kServiceNow, "{}"), IsEmpty());
  for (const char* bad : {"[a]", "{x: [a]}", "{x: }", "{x: a, x: b}", "{'': a}", "{[a]: b}"}) {
    EXPECT_THAT(ErrorsOf(std::string(kServiceNow) + bad + "}]"),
                ElementsAre(AllOf(HasSubstr("sinks[0].fields"), HasSubstr(", allowed: "))))
        << bad;
  }
}

TEST(ValueReader, FieldsThatAliasesMakeLargeAreRefused) {
  std::string text = std::string(kJira) + "{x: [&a [1, 1, 1, 1, 1, 1, 1, 1]";
  for (char c = 'b'; c <= 'f'; ++c) {
    text += std::string(", &") + c + " [";
    for (int i = 0; i < 8; ++i) text += std::string(i > 0 ? ", *" : "*") + static_cast<char>(c - 1);
    text += "]";
  }
  EXPECT_THAT(ErrorsOf(text + "]}}]"), ElementsAre(HasSubstr("sinks[0].fields.x is no value")));
  EXPECT_THAT(
      ErrorsOf(std::string(kJira) + "{x: " + std::string(20, '[') + std::string(20, ']') + "}}]"),
      ElementsAre(HasSubstr("sinks[0].fields.x is no value")));
}

TEST(ValueReader, ReadsRealNumbers) {
  EXPECT_EQ(config::ParseReal("20"), 20);
  EXPECT_EQ(config::ParseReal("0.5"), 0.5);
  EXPECT_EQ(config::ParseReal("-1.25"), -1.25);
  for (const char* bad : {"", "x", "1x", "1e3", "+1", " 1", "0x10", "nan", "inf", ".inf", "1,5"}) {
    EXPECT_EQ(config::ParseReal(bad), std::nullopt) << bad;
  }
}

// A section with one entry of the key of a secret.
std::vector<std::string> TextsWithSecret(const std::string& value) {
  std::vector<std::string> texts;
  for (const config::Option<config::KafkaCluster>& option : config::ClusterOptions()) {
    if (!std::holds_alternative<config::SecretKind>(option.kind)) continue;
    texts.push_back("kafka:\n  " + option.key + ": " + value + "\n");
    texts.push_back("dead_letters:\n  " + option.key + ": " + value + "\n");
  }
  for (const config::Option<config::SinkConfig>& option : config::SinkOptions()) {
    if (!std::holds_alternative<config::SecretKind>(option.kind)) continue;
    texts.push_back(
        "sinks:\n- name: a\n  type: " + (option.types.empty() ? "kafka" : option.types[0]) +
        "\n  " + option.key + ": " + value + "\n");
  }
  return texts;
}

void ExpectRefusedInSilence(const std::string& text) {
  const auto errors = ErrorsOf(text);
  EXPECT_THAT(errors, Not(IsEmpty())) << text;
  for (const std::string& error : errors) EXPECT_THAT(error, Not(HasSubstr("S3CRET"))) << text;
}

TEST(ValueReader, NeverRepeatsASecret) {
  const char* pasted[] = {
      "S3CRET",
      "'S3CRET'",
      "\"S3CRET\\q\"",
      "'S3CRET",
      "env:S3CRET=",
      "'env: S3CRET'",
      "'file:S3CRET/'",
      "Endpoint=sb://h.servicebus.windows.net/;SharedAccessKeyName=n;SharedAccessKey=S3CRET=",
      "[S3CRET]",
      "{S3CRET: S3CRET}",
      "*S3CRET",
      "&S3CRET x",
      "!S3CRET",
      "!S3CRET S3CRET",
      "%S3CRET",
      "@S3CRET",
      "`S3CRET",
      "S3CRET: S3CRET",
      "|\n    S3CRET",
      "|S3CRET",
      "'S3CRET' S3CRET",
      "{S3CRET",
      "\tS3CRET",
      "S3CRET\n     S3CRET",
  };
  for (const char* value : pasted) {
    const std::vector<std::string> texts = TextsWithSecret(value);
    EXPECT_THAT(texts, SizeIs(testing::Ge(4 + 4 + 6)));
    for (const std::string& text : texts) ExpectRefusedInSilence(text);
  }
}

TEST(ValueReader, NeverRepeatsASecretInAnotherField) {
  for (const char* text : {
           "kafka: {brokers: 'Endpoint=sb://h;SharedAccessKey=S3CRET', topics: [a]}",
           "kafka: {brokers: 'S3CRET', topics: [a]}",
           "kafka: {brokers: 'u:S3CRET@h:1', topics: [a]}",
           "kafka: {token_endpoint: 'https://u:S3CRET@h/'}",
           "kafka: {token_endpoint: S3CRET}",
           "kafka: {username: \"S3CRET\\n\"}",
           "kafka: {client_id: S3CRET}",
           "kafka: {scope: S3CRET}",
           "kafka: {options: {sasl.password: S3CRET}}",
           "kafka: {options: {sasl.jaas.config: S3CRET}}",
           "kafka: {options: {ssl.key.password: S3CRET}}",
           "kafka: {options: {ssl.key.pem: S3CRET}}",
           "kafka: {options: {sasl.password=S3CRET: }}",
           "kafka: {options: {a: [S3CRET]}}",
           "kafka: {options: {a: \"S3CRET\\n\"}}",
           "kafka: {options: S3CRET: 1}",
           "sinks: [{name: a, type: webhook, url: 'http://hooks.example/S3CRET'}]",
           "sinks: [{name: a, type: webhook, url: 'https://u:S3CRET@h/'}]",
           "sinks: [{name: a, type: webhook, url: 'https://h/#S3CRET'}]",
           "sinks: [{name: a, type: stdout, url: 'https://h/S3CRET'}]",
       }) {
    ExpectRefusedInSilence(text);
  }
}

}  // namespace value_reader_test
}  // namespace signinwatch
