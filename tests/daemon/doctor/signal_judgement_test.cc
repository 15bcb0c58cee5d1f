// What is made of the signal topic, by table: verdict, check, and the part of the text that says
// why or what to do.
#include "daemon/doctor/signal_judgement.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "daemon/signals/signal_message.h"

namespace signinwatch::doctor {
namespace signal_judgement_test {

using config::Role;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::HasSubstr;
using State = kafka::ProbedTopic::State;

constexpr EventTime kMoment{std::chrono::sys_days(std::chrono::year(2026) / 11 / 24)};

struct Wanted {
  Verdict verdict;
  const char* part;
};

void ExpectAll(const char* check, const std::vector<Finding>& findings,
               const std::vector<Wanted>& wanted) {
  ASSERT_EQ(findings.size(), wanted.size()) << (findings.empty() ? "" : findings[0].text);
  for (size_t i = 0; i < wanted.size(); ++i) {
    EXPECT_STREQ(VerdictName(findings[i].verdict), VerdictName(wanted[i].verdict))
        << findings[i].text;
    EXPECT_EQ(findings[i].check, check);
    EXPECT_THAT(findings[i].text, HasSubstr(wanted[i].part));
  }
}

config::ServeConfig Serve(Role role, const char* brokers = "kafka.example:9092") {
  config::ServeConfig serve;
  serve.role = role;
  serve.kafka.cluster.brokers = brokers;
  return serve;
}
constexpr const char* kHub = "contoso.servicebus.windows.net:9093";

kafka::ProbedPartition Stretch(int64_t start, int64_t end, Duration age = Duration{0}) {
  return {.topic = "s",
          .partition = 2,
          .start = start,
          .end = end,
          .error = {},
          .oldest = age == Duration{0} ? kBeginningOfTime : kMoment - age};
}

TEST(SignalJudgement, OfTheTopic) {
  const struct {
    config::ServeConfig serve;
    State state;
    int32_t partitions;
    Wanted wanted;
  } cases[] = {
      {Serve(Role::kIngest),
       State::kThere,
       32,
       {Verdict::kOk, "'s' has 32 partitions, as configured"}},
      {Serve(Role::kDetect),
       State::kThere,
       4,
       {Verdict::kFail, "'s' has 4 partitions, but signals.partitions is 32: tenants are spread"}},
      {Serve(Role::kIngest), State::kThere, 64, {Verdict::kFail, "Set it to 64 in all files"}},
      {Serve(Role::kIngest),
       State::kMissing,
       0,
       {Verdict::kWarn,
        "ingest makes it when it starts, if it may (Create on the topic); else "
        "create it with 32 partitions"}},
      {Serve(Role::kIngest, kHub),
       State::kMissing,
       0,
       {Verdict::kWarn, "by the role Azure Event Hubs Data Owner"}},
      {Serve(Role::kDetect),
       State::kMissing,
       0,
       {Verdict::kFail, "start an instance of role ingest"}},
      {Serve(Role::kIngest), State::kForbidden, 0, {Verdict::kFail, "allow Write and Describe"}},
      {Serve(Role::kDetect), State::kForbidden, 0, {Verdict::kFail, "allow Read and Describe"}},
      {Serve(Role::kIngest, kHub), State::kForbidden, 0, {Verdict::kFail, "Hubs Data Sender"}},
      {Serve(Role::kDetect, kHub), State::kForbidden, 0, {Verdict::kFail, "Hubs Data Receiver"}},
      {Serve(Role::kDetect), State::kUnknown, 0, {Verdict::kFail, "'s': why"}},
  };
  for (const auto& c : cases) {
    ExpectAll("signal topic",
              {JudgeSignalTopic(
                  {"s", c.state, c.partitions, c.state == State::kUnknown ? "why" : ""}, c.serve)},
              {c.wanted});
  }
}

TEST(SignalJudgement, OfItsSettings) {
  const auto settings = [](const char* policy, const char* retention, const char* bytes) {
    return kafka::ProbedSettings{.values = {{"cleanup.policy", policy},
                                            {"retention.ms", retention},
                                            {"max.message.bytes", bytes}},
                                 .error = {}};
  };
  const kafka::ProbedSettings good = settings("delete", "604800000", "1048588");
  const kafka::ProbedSettings unknown{.values = {}, .error = "not allowed"};
  const std::vector<kafka::ProbedPartition> all{Stretch(0, 9, minutes(5))};
  const struct {
    kafka::ProbedSettings settings;
    std::vector<kafka::ProbedPartition> partitions;
    std::vector<Wanted> wanted;
  } cases[] = {
      {good, all, {{Verdict::kOk, "messages are kept for 7d; of 1048588 bytes at most"}}},
      {settings("delete", "-1", "1048588"), all, {{Verdict::kOk, "kept for ever"}}},
      {settings("delete", "9223372036854775807", "1048588"),
       all,
       {{Verdict::kOk, "kept for ever"}}},
      {settings("delete", "86400000", "1048588"), all, {{Verdict::kOk, "kept for 24h;"}}},
      {settings("compact", "604800000", "1048588"),
       all,
       {{Verdict::kFail, "cleanup.policy is compact: of each tenant all messages but the last"}}},
      {settings("compact,delete", "604800000", "1048588"),
       all,
       {{Verdict::kFail, "set it to delete"}}},
      {settings("delete", "3600000", "1048588"),
       all,
       {{Verdict::kWarn, "messages are kept for 1h, and signals that detect has not read"}}},
      // They go sooner than by their age.
      {good,
       {Stretch(4, 9, hours(3)), Stretch(0, 9, minutes(1))},
       {{Verdict::kWarn, "what came before the last 3h is gone"}}},
      {good, {Stretch(4, 9, hours(30)), Stretch(7, 7)}, {{Verdict::kOk, "kept for 7d"}}},
      {settings("delete", "604800000", "524287"),
       all,
       {{Verdict::kFail, "a message of signals has up to 524288: set it to 1048588"}}},
      {settings("delete", "604800000", "999999"),
       all,
       {{Verdict::kWarn, "a batch of messages has up to 1000000"}}},
      {unknown, all, {{Verdict::kSkip, "could not be asked: not allowed; see to it that"}}},
      {unknown,
       {Stretch(4, 9, hours(3))},
       {{Verdict::kWarn, "what came before the last 3h is gone"}, {Verdict::kSkip, "asked"}}},
      {settings("compact", "1000", "1000"),
       all,
       {{Verdict::kFail, "compact"}, {Verdict::kWarn, "1s"}, {Verdict::kFail, "is 1000"}}},
      // A broker that tells other things.
      {{.values = {{"retention.ms", "?"}}, .error = {}},
       all,
       {{Verdict::kOk, "retention.ms is not told"}}},
  };
  for (const auto& c : cases) {
    ExpectAll("signal settings", JudgeSignalSettings(c.settings, c.partitions, kMoment), c.wanted);
  }
}

TEST(SignalJudgement, OfAccess) {
  kafka::ProbedPartition away = Stretch(-1, -1);
  away.error = "no leader";
  const std::vector<kafka::ProbedPartition> there{Stretch(0, 9)}, gone{Stretch(0, 9), away};
  const absl::Status refused = absl::PermissionDeniedError("refused");
  const struct {
    std::vector<kafka::ProbedPartition> partitions;
    absl::Status read;
    config::ServeConfig serve;
    Wanted wanted;
  } cases[] = {
      {there, {}, Serve(Role::kDetect), {Verdict::kOk, "it may be read"}},
      {there, {}, Serve(Role::kIngest), {Verdict::kOk, "may be written to is not tried"}},
      {gone, {}, Serve(Role::kDetect), {Verdict::kFail, "partition 2: no leader: its broker"}},
      {gone, {}, Serve(Role::kIngest), {Verdict::kWarn, "partition 2: no leader: its broker"}},
      {there, refused, Serve(Role::kDetect), {Verdict::kFail, "refused: allow Read on it"}},
      {there, refused, Serve(Role::kDetect, kHub), {Verdict::kFail, "Hubs Data Receiver"}},
      {there,
       absl::UnavailableError("no answer in time"),
       Serve(Role::kDetect),
       {Verdict::kFail, "it can't be read: no answer in time"}},
  };
  for (const auto& c : cases) {
    ExpectAll("signal access", {JudgeSignalAccess(c.partitions, c.read, c.serve)}, {c.wanted});
  }
}

TEST(SignalJudgement, LooksAtMessages) {
  const std::string ours =
      signals::EncodeWatermarks({.wall_time = kMoment - seconds(3), .sources = {}});
  std::string later = ours;
  ASSERT_EQ(later[2], signals::kSignalFormatVersion);
  ++later[2];
  const std::vector<kafka::ProbedMessage> messages{
      {.partition = 0, .offset = 7, .broker_time = kMoment - seconds(9), .payload = ours},
      {.partition = 1, .offset = 8, .broker_time = kMoment - seconds(3), .payload = later},
      {.partition = 2, .offset = 9, .payload = "{}"},
      {.partition = 3,
       .offset = 10,
       .payload = signals::EncodeSources({.version = 1, .topics = {}})}};
  const SignalSample sample = SampleSignals(messages);
  EXPECT_EQ(sample.messages, 4u);
  EXPECT_EQ(sample.newer, 1u);
  EXPECT_EQ(sample.newer_at, "partition 1, offset 8");
  EXPECT_EQ(sample.malformed, 1u);
  EXPECT_EQ(sample.malformed_at, "partition 2, offset 9");
  EXPECT_EQ(sample.newest, kMoment - seconds(3));
  EXPECT_EQ(SampleSignals({}).messages, 0u);
}

TEST(SignalJudgement, OfMessages) {
  const SignalSample good{.messages = 9, .newest = kMoment - seconds(4)};
  const auto with = [&good](auto change) {
    SignalSample sample = good;
    change(sample);
    return sample;
  };
  const SignalSample newer = with([](auto& s) {
    s.newer = 2;
    s.newer_at = "partition 1, offset 8";
  });
  const SignalSample old = with([](auto& s) { s.newest = kMoment - minutes(7); });
  const std::vector<kafka::ProbedPartition> some{Stretch(0, 9)}, none{Stretch(0, 0), Stretch(7, 7)};
  const struct {
    SignalSample sample;
    std::vector<kafka::ProbedPartition> partitions;
    Role role;
    std::vector<Wanted> wanted;
  } cases[] = {
      {good,
       some,
       Role::kDetect,
       {{Verdict::kOk,
         "the version of the newest 9 messages is known (at most 1); the newest "
         "message is 4s old"}}},
      {good, some, Role::kIngest, {{Verdict::kOk, "is known"}}},
      {newer,
       some,
       Role::kDetect,
       {{Verdict::kFail,
         "2 of the newest 9 messages are of a later version of the format (partition 1, offset 8), "
         "and this version of detect ends at them: update the instances of role detect before"}}},
      {newer, some, Role::kIngest, {{Verdict::kWarn, "are newer than this: update it too"}}},
      {with([](auto& s) { s.malformed = 1; }),
       some,
       Role::kDetect,
       {{Verdict::kWarn, "1 of the newest 9 messages are no signals"}}},
      {old, some, Role::kDetect, {{Verdict::kWarn, "is 7m old, and each instance of role ingest"}}},
      {old, some, Role::kIngest, {{Verdict::kOk, "is 7m old"}}},
      {with([](auto& s) { s.newest = kBeginningOfTime; }),
       some,
       Role::kDetect,
       {{Verdict::kOk, "is known (at most 1)"}}},
      {{}, none, Role::kDetect, {{Verdict::kWarn, "there are no messages: no instance"}}},
      {{}, none, Role::kIngest, {{Verdict::kOk, "there are no messages"}}},
      {{}, some, Role::kDetect, {{Verdict::kFail, "no message could be read in time"}}},
      {{}, some, Role::kIngest, {{Verdict::kSkip, "ingest need not be allowed"}}},
  };
  for (const auto& c : cases) {
    ExpectAll("signals", JudgeSignals(c.sample, c.partitions, c.role, kMoment), c.wanted);
  }
}

TEST(SignalJudgement, OfASharedGroup) {
  const kafka::ProbedGroup none,
      two{{{"signinwatch", "/10.0.0.1"}, {"signinwatch", "/10.0.0.2"}}, ""};
  const kafka::ProbedGroup mixed{{{"signinwatch", "/10.0.0.1"}, {"other", "/10.0.0.2"}}, ""};
  config::KafkaCluster cluster;
  const auto judge = [&cluster](const kafka::ProbedGroup& group, size_t partitions) {
    return std::vector<Finding>{JudgeSharedGroup("g", group, partitions, cluster)};
  };
  ExpectAll("group", judge(none, 4), {{Verdict::kOk, "'g' has no member now"}});
  ExpectAll("group", judge(two, 4), {{Verdict::kOk, "'g' has 2 members"}});
  ExpectAll("group", judge(two, 1),
            {{Verdict::kOk, "'g' has 2 members, more than partitions (1): those beyond wait"}});
  ExpectAll("group", judge(mixed, 4),
            {{Verdict::kWarn, "not called 'signinwatch': 'other' at /10.0.0.2: what another"}});
  ExpectAll("group", judge({{}, "not allowed"}, 4),
            {{Verdict::kSkip, "could not be looked up: not allowed"}});
  cluster.options = {{"client.id", "other"}};
  ExpectAll("group", judge(mixed, 4), {{Verdict::kWarn, "not called 'other': 'signinwatch' at"}});
}

TEST(SignalJudgement, OfShards) {
  const auto facts = [](uint64_t shards, int64_t greatest) {
    store::DatabaseFacts some;
    some.shards = some.shards_owned = shards;
    some.greatest_shard = greatest;
    return some;
  };
  store::DatabaseFacts away;
  away.problem = "no answer";
  const struct {
    store::DatabaseFacts facts;
    Wanted wanted;
  } cases[] = {
      {facts(0, -1), {Verdict::kOk, "none was claimed yet"}},
      {facts(32, 31), {Verdict::kOk, "all 32 partitions were claimed, 32 are owned now"}},
      {facts(4, 3), {Verdict::kWarn, "only 4 of 32 partitions were ever claimed: where"}},
      {facts(64, 63),
       {Verdict::kFail, "partition 63 was claimed in the database, but signals.partitions is 32"}},
      {facts(1, 32), {Verdict::kFail, "partition 32 was claimed"}},
      {away, {Verdict::kSkip, "needs the store"}},
  };
  for (const auto& c : cases) ExpectAll("shards", {JudgeShards(c.facts, {})}, {c.wanted});
}

}  // namespace signal_judgement_test
}  // namespace signinwatch::doctor
