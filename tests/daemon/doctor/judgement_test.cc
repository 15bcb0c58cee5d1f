// What each check makes of its facts, by table: verdict, check, and the part of the text that says
// why or what to do.
#include "daemon/doctor/judgement.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace signinwatch::doctor {
namespace judgement_test {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::HasSubstr;
using Reached = http_client::ConnectionFacts::Reached;
using State = kafka::ProbedTopic::State;

constexpr EventTime kNow{std::chrono::sys_days(std::chrono::year(2026) / 11 / 24)};
const auto kNowSeconds = std::chrono::floor<seconds>(kNow);

struct Want {
  Verdict verdict;
  const char* check;
  const char* part;
};

void Expect(const std::vector<Finding>& findings, const std::vector<Want>& wanted) {
  ASSERT_EQ(findings.size(), wanted.size()) << (findings.empty() ? "" : findings[0].text);
  for (size_t i = 0; i < wanted.size(); ++i) {
    EXPECT_STREQ(VerdictName(findings[i].verdict), VerdictName(wanted[i].verdict))
        << findings[i].text;
    EXPECT_EQ(findings[i].check, wanted[i].check) << findings[i].text;
    EXPECT_THAT(findings[i].text, HasSubstr(wanted[i].part));
  }
}

config::KafkaCluster Hub(config::KafkaAuth auth = config::KafkaAuth::kConnectionString) {
  config::KafkaCluster cluster;
  cluster.brokers = "contoso.servicebus.windows.net:9093";
  cluster.auth = auth;
  return cluster;
}

config::KafkaCluster Plain(config::KafkaAuth auth = config::KafkaAuth::kPlain) {
  config::KafkaCluster cluster;
  cluster.brokers = "kafka.example:9092";
  cluster.auth = auth;
  return cluster;
}

TEST(Judgement, OfTheConfiguration) {
  const auto judge = [](const config::KafkaCluster& cluster, bool sinks = true) {
    config::Config config;
    config.serve.kafka.cluster = cluster;
    if (sinks) config.serve.sinks.emplace_back();
    return JudgeConfiguration(config, "/etc/x.yaml");
  };
  Expect(judge(Hub()), {{Verdict::kOk, "configuration", "/etc/x.yaml is valid"}});
  Expect(judge(Plain(), false), {{Verdict::kWarn, "configuration", "there are no sinks"}});
  config::KafkaCluster idle = Hub();
  idle.options = {{"topic.metadata.refresh.interval.ms", "300000"},
                  {"socket.keepalive.enable", "false"}};
  Expect(judge(idle), {{Verdict::kWarn, "configuration", "idle for 240 s"},
                       {Verdict::kWarn, "configuration", "socket.keepalive.enable is off"}});
  idle.brokers = "kafka.example:9092";
  Expect(judge(idle), {{Verdict::kOk, "configuration", "is valid"}});
  idle = Hub();
  idle.options = {{"topic.metadata.refresh.interval.ms", "180000"}};
  Expect(judge(idle), {{Verdict::kOk, "configuration", "is valid"}});
  idle.brokers = "contoso.servicebus.windows.net:9092";
  Expect(judge(idle), {{Verdict::kWarn, "configuration", "port 9093"}});

  config::Config config;
  config.serve.role = config::Role::kIngest;
  Expect(JudgeConfiguration(config, "f"), {{Verdict::kOk, "configuration", "f is valid"}});
  config.serve.role = config::Role::kDetect;
  Expect(JudgeConfiguration(config, "f"),
         {{Verdict::kWarn, "configuration", "there are no sinks"}});
  config.serve.sinks.emplace_back();
  Expect(JudgeConfiguration(config, "f"), {{Verdict::kOk, "configuration", "f is valid"}});
}

TEST(Judgement, OfAClientCertificate) {
  const auto judge = [](std::chrono::seconds left) {
    return std::vector{JudgeClientCertificate("c.pem", kNowSeconds + left, kNowSeconds)};
  };
  using std::chrono::days;
  Expect(judge(days(21)), {{Verdict::kOk, "certificate", "c.pem is valid for 21 days"}});
  Expect(judge(days(21) - std::chrono::seconds(1)),
         {{Verdict::kWarn, "certificate", "valid for 20 days: create a new one"}});
  Expect(judge(std::chrono::seconds(0)), {{Verdict::kWarn, "certificate", "0 days"}});
  Expect(judge(-std::chrono::seconds(1)), {{Verdict::kFail, "certificate", "has expired"}});
}

TEST(Judgement, OfAConnection) {
  const auto judge = [](const http_client::ConnectionFacts& facts, bool tls = true) {
    return JudgeConnection({.address = "h:1", .tls = tls}, facts, kNowSeconds);
  };
  Expect(judge({Reached::kNothing, "", "Could not resolve host: h"}),
         {{Verdict::kFail, "dns", "h:1: Could not resolve host: h: check the name"},
          {Verdict::kSkip, "tcp", "needs dns"}});
  Expect(judge({Reached::kName, "10.0.0.1", "timed out"}),
         {{Verdict::kOk, "dns", "h:1 is 10.0.0.1"}, {Verdict::kFail, "tcp", "a firewall here"}});
  Expect(judge({Reached::kPeer, "10.0.0.1", ""}, false),
         {{Verdict::kOk, "dns", ""}, {Verdict::kOk, "tcp", "takes connections"}});
  using Fault = http_client::ConnectionFacts::TlsFault;
  const struct {
    const char* error;
    Fault fault;
    const char* part;
  } tls_errors[] = {
      {"SSL certificate problem: certificate has expired", Fault::kExpired, "have it renewed"},
      {"SSL: no alternative certificate subject name matches target host name 'h'",
       Fault::kOtherName, "use the name that the certificate is for"},
      {"SSL certificate problem: unable to get local issuer certificate", Fault::kUntrusted,
       "in ca_file"},
      {"SSL certificate problem: self-signed certificate", Fault::kUntrusted, "in ca_file"},
      {"wrong version number", Fault::kNoTls, "the port is the one for TLS"},
      {"OpenSSL SSL_connect: SSL_ERROR_SYSCALL", Fault::kNoTls, "the port is the one for TLS"},
  };
  for (const auto& c : tls_errors) {
    Expect(judge({Reached::kPeer, "10.0.0.1", c.error, {}, c.fault}),
           {{Verdict::kOk, "dns", ""}, {Verdict::kOk, "tcp", ""}, {Verdict::kFail, "tls", c.part}});
  }
  Expect(
      judge({Reached::kTls, "10.0.0.1", "", kNowSeconds + std::chrono::days(90)}),
      {{Verdict::kOk, "dns", ""}, {Verdict::kOk, "tcp", ""}, {Verdict::kOk, "tls", "for 90 days"}});
  Expect(judge({Reached::kTls, "10.0.0.1", "", kNowSeconds + std::chrono::days(20)}),
         {{Verdict::kOk, "dns", ""},
          {Verdict::kOk, "tcp", ""},
          {Verdict::kWarn, "tls", "for 20 days: have it renewed"}});
}

TEST(Judgement, OfTheLogIn) {
  const absl::Status refused = absl::UnauthenticatedError("refused");
  const struct {
    config::KafkaCluster cluster;
    absl::Status status;
    Verdict verdict;
    const char* part;
  } cases[] = {
      {Hub(), absl::OkStatus(), Verdict::kOk, "accepts it"},
      {Plain(config::KafkaAuth::kNone), absl::OkStatus(), Verdict::kOk, "none is required"},
      {Hub(), refused, Verdict::kFail, "refused: check the policy's name and key"},
      {Hub(), refused, Verdict::kFail, "the Basic tier does not support Kafka"},
      {Hub(config::KafkaAuth::kManagedIdentity), refused, Verdict::kFail, "Data Receiver"},
      {Plain(), refused, Verdict::kFail, "check username and password"},
      {Plain(), absl::UnavailableError("away"), Verdict::kFail,
       "away: the broker may require a different"},
      {Hub(config::KafkaAuth::kOauthBearer), absl::NotFoundError("no token: x"), Verdict::kFail,
       "no token: x;"},
  };
  for (const auto& c : cases) {
    Expect({JudgeLogIn(c.cluster, c.status)}, {{c.verdict, "authentication", c.part}});
  }
}

TEST(Judgement, OfTopics) {
  const std::vector<kafka::ProbedTopic> good{{"a", State::kThere, 3, ""},
                                             {"b", State::kThere, 1, ""}};
  Expect(JudgeTopics(good, Hub()), {{Verdict::kOk, "topics", "2 topics with 4 partitions"}});
  const std::vector<kafka::ProbedTopic> bad{{"a", State::kThere, 3, ""},
                                            {"b", State::kMissing, 0, ""},
                                            {"c", State::kForbidden, 0, ""},
                                            {"d", State::kUnknown, 0, "why"}};
  Expect(JudgeTopics(bad, Hub()), {{Verdict::kFail, "topics", "'b' is not a hub of the namespace"},
                                   {Verdict::kFail, "topics", "'c' may not be read: give"},
                                   {Verdict::kFail, "topics", "'d': why"}});
  Expect(JudgeTopics(bad, Plain()), {{Verdict::kFail, "topics", "'b' does not exist"},
                                     {Verdict::kFail, "topics", "allow Read and Describe"},
                                     {Verdict::kFail, "topics", "'d': why"}});
}

kafka::ProbedPartition Partition(int64_t start, int64_t end, Duration age = Duration{0}) {
  return {.topic = "t",
          .partition = 2,
          .start = start,
          .end = end,
          .error = {},
          .oldest = age == Duration{0} ? kBeginningOfTime : kNow - age};
}

TEST(Judgement, OfPartitions) {
  kafka::ProbedPartition away = Partition(-1, -1);
  away.error = "no leader";
  Expect(JudgePartitions({Partition(5, 9), Partition(0, 0)}, milliseconds(0)),
         {{Verdict::kOk, "partitions", "2 partitions with 4 messages, 1 of them empty"}});
  Expect(JudgePartitions({Partition(5, 9), away}, milliseconds(0)),
         {{Verdict::kFail, "partitions", "t 2: no leader"}});
  Expect(JudgePartitions({Partition(5, 6)}, milliseconds(700)),
         {{Verdict::kOk, "partitions", "1 partition with 1 message"},
          {Verdict::kWarn, "throttling", "delayed by 700 ms, which no error shows"}});
}

TEST(Judgement, OfRetention) {
  const DetectionConfig detection;
  const struct {
    std::vector<kafka::ProbedPartition> partitions;
    Verdict verdict;
    const char* part;
  } cases[] = {
      {{}, Verdict::kSkip, "no message to judge by"},
      {{Partition(0, 0)}, Verdict::kSkip, "no message to judge by"},
      {{Partition(0, 9, hours(5))}, Verdict::kOk, "nothing has expired yet"},
      {{Partition(3, 9, minutes(29)), Partition(0, 9, minutes(2))},
       Verdict::kFail,
       "less than time.allowed_lateness (30m)"},
      {{Partition(3, 9, hours(5)), Partition(3, 9, hours(30))}, Verdict::kWarn, "kept for 5h"},
      {{Partition(3, 9, 7 * kDay)}, Verdict::kOk, "correlation.lookback is 30d"},
      {{Partition(3, 9, 60 * kDay)}, Verdict::kOk, "kept for 60d"},
      // A clock that is behind.
      {{Partition(3, 9, -hours(1))}, Verdict::kFail, "kept for 0s"},
  };
  for (const auto& c : cases) {
    Expect({JudgeRetention(c.partitions, detection, kNow)}, {{c.verdict, "retention", c.part}});
  }
}

TEST(Judgement, OfTheGroup) {
  const kafka::ProbedGroup none, one{{{"signinwatch", "/10.0.0.1"}}, ""};
  const kafka::ProbedGroup two{{{"signinwatch", "/10.0.0.1"}, {"other", "/10.0.0.2"}}, ""};
  const struct {
    kafka::ProbedGroup group;
    bool runs;
    Verdict verdict;
    const char* part;
  } cases[] = {
      {none, false, Verdict::kOk, "'g' has no member now"},
      {one, true, Verdict::kOk, "has one member, as the running daemon: 'signinwatch'"},
      {one, false, Verdict::kWarn, "no daemon runs on this store: 'signinwatch' at /10.0.0.1"},
      {two, true, Verdict::kFail, "a group spans the namespace"},
      {{{}, "not allowed"}, true, Verdict::kSkip, "could not be looked up: not allowed"},
  };
  for (const auto& c : cases) {
    Expect({JudgeGroup("g", c.group, c.runs)}, {{c.verdict, "group", c.part}});
  }
}

TEST(Judgement, OfTheClock) {
  const auto other = [](seconds ahead) {
    return ClockFacts{.other = kNowSeconds + ahead, .whose = "the token endpoint", .now = kNow};
  };
  const auto newest = [](Duration ahead) {
    return ClockFacts{.newest_message = kNow + ahead, .now = kNow};
  };
  const struct {
    ClockFacts facts;
    Verdict verdict;
    const char* part;
  } cases[] = {
      {other(seconds(-2)), Verdict::kOk, "is right, by the clock of the token endpoint"},
      {other(seconds(60)), Verdict::kWarn, "is 1m behind, by the clock of the token endpoint: set"},
      {other(seconds(-45)), Verdict::kWarn, "is 45s ahead"},
      {other(seconds(3'600)), Verdict::kFail, "assertions are refused"},
      {newest(-hours(9)), Verdict::kOk,
       "is not behind the broker's; a fast clock can't be detected"},
      {newest(minutes(2)), Verdict::kWarn, "is 2m behind, by the broker's time"},
      {newest(hours(2)), Verdict::kFail, "is 2h behind"},
      {ClockFacts{.now = kNow}, Verdict::kSkip, "nothing to compare it with"},
  };
  for (const auto& c : cases) Expect({JudgeClock(c.facts)}, {{c.verdict, "clock", c.part}});
}

TEST(Judgement, OfRecords) {
  RecordShape good;
  good.messages = 10;
  good.records = 412;
  good.accepted = {200, 150, 0, 62};
  good.newest_message = kNow - minutes(3);
  good.has_delays = true;
  good.least_delay = seconds(30);
  good.most_delay = minutes(17);
  const auto judge = [](const RecordShape& shape) {
    return JudgeRecords(shape, TimeConfig{}, kNow);
  };
  Expect(judge(good), {{Verdict::kOk, "records",
                        "412 records in the newest 10 messages, 200 SignInLogs, 150 "
                        "NonInteractiveUserSignInLogs, 62 AuditLogs; at most 17m after"}});
  Expect(judge({}),
         {{Verdict::kWarn, "records", "there are no messages: check that a diagnostic"}});

  RecordShape shape = good;
  shape.accepted = {400, 12, 0, 0};
  Expect(judge(shape),
         {{Verdict::kWarn, "records",
           "no AuditLogs among the newest 412 records: add the category to the diagnostic setting, "
           "or causes will be 'unexplained'"}});
  shape.accepted = {0, 0, 400, 12};
  Expect(judge(shape), {{Verdict::kWarn, "records", "no SignInLogs"},
                        {Verdict::kWarn, "records", "no NonInteractiveUserSignInLogs"}});
  shape = good;
  shape.rejected = {{"no_time", 2}, {"not_json", 1}};
  Expect(judge(shape), {{Verdict::kWarn, "records",
                         "3 records of the newest 412 cannot be read: 2 no_time, 1 not_json"}});
  shape.accepted = {};
  shape.unused = {.name = "CSV", .advice = "export the log as JSON"};
  Expect(judge(shape),
         {{Verdict::kFail, "records",
           "none among the newest 412 records is of use (2 no_time, 1 not_json); they look like "
           "CSV: export the log as JSON"}});
  shape = good;
  shape.broken_messages = 2;
  Expect(judge(shape),
         {{Verdict::kWarn, "records",
           "2 messages break in the middle, and what follows the break is lost: "
           "another service seems to write broken records to this hub; export Entra's "
           "logs to a hub of their own"}});
  shape = good;
  shape.unused = {.name = "CSV", .advice = "export the log as JSON"};
  shape.unused_messages = 3;
  Expect(judge(shape), {{Verdict::kWarn, "records",
                         "nothing in 3 of the newest 10 messages is of use; they look like CSV: "
                         "export the log as JSON"}});
  shape = good;
  shape.newest_message = kNow - hours(9);
  Expect(judge(shape), {{Verdict::kWarn, "records", "the newest message is 9h old"}});
  shape = good;
  shape.most_delay = hours(3);
  Expect(judge(shape),
         {{Verdict::kWarn, "records", "more than time.allowed_lateness (30m): raise it"}});
}

TEST(Judgement, OfTheStore) {
  constexpr uint64_t kGiB = uint64_t{1} << 30;
  const struct {
    store::StoreFacts facts;
    Verdict verdict;
    const char* part;
  } cases[] = {
      {{"", 0, 5 * kGiB, ""}, Verdict::kOk, "/s.db will be created, 5GiB free"},
      {{"", 9, 5 * kGiB, "process 7"}, Verdict::kOk, "a daemon runs on it (process 7), which is"},
      {{"", 9, kGiB / 2, ""}, Verdict::kWarn, "free some space"},
      {{"", 9, 1'000, ""}, Verdict::kFail, "its disk is full"},
      {{"/x can't be written to: no", 0, kGiB, ""}, Verdict::kFail, "no: create the folder"},
  };
  for (const auto& c : cases) {
    Expect({JudgeStore("/s.db", c.facts)}, {{c.verdict, "store", c.part}});
  }
}

TEST(Judgement, Databases) {
  const store::DatabaseFacts good{.problem = "",
                                  .server = "PostgreSQL at db/s",
                                  .server_version = 150'004,
                                  .round_trip = std::chrono::microseconds(300),
                                  .version = 1,
                                  .known_version = 1,
                                  .shards = 32,
                                  .shards_owned = 31,
                                  .owners = 3};
  const auto with = [&good](auto change) {
    store::DatabaseFacts facts = good;
    change(facts);
    return facts;
  };
  const struct {
    store::DatabaseFacts facts;
    Verdict verdict;
    const char* part;
  } cases[] = {
      {good, Verdict::kOk, "version 15.4, answers in 300 us"},
      {good, Verdict::kOk, "31 shards of 32 claimed by 3 instances"},
      {with([](auto& f) { f.version = 0; }), Verdict::kOk, "will be made"},
      {with([](auto& f) { f.known_version = 2; }), Verdict::kOk, "brought up to date"},
      {with([](auto& f) { f.version = 2; }), Verdict::kFail, "a newer signinwatch"},
      {with([](auto& f) {
         f.version = 0;
         f.may_make_tables = false;
       }),
       Verdict::kFail, "GRANT CREATE"},
      {with([](auto& f) { f.round_trip = std::chrono::milliseconds(80); }), Verdict::kWarn,
       "far away"},
      {with([](auto& f) { f.problem = "no answer in time"; }), Verdict::kFail, "check store.url"},
  };
  for (const auto& c : cases) Expect({JudgeDatabase(c.facts)}, {{c.verdict, "store", c.part}});
}

}  // namespace judgement_test
}  // namespace signinwatch::doctor
