#include "daemon/http/health_advice.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <functional>

#include "tests/daemon/http/sample_status.h"

namespace signinwatch::http {
namespace health_advice_test {

using std::chrono::minutes;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using Level = Advice::Level;
using Reason = pipeline::Condition::Reason;

TEST(HealthAdvice, NothingWhenWell) { EXPECT_THAT(AdviceFor(SampleStatus()), IsEmpty()); }

TEST(HealthAdvice, NothingRightAfterTheStart) {
  pipeline::ServeStatus status;
  status.now = *ParseEventTime("2026-11-24T10:00:00Z");
  EXPECT_THAT(AdviceFor(status), IsEmpty());
}

struct Rule {
  const char* name;
  std::function<void(pipeline::ServeStatus*)> break_it;
  Level level;
  const char* what;
  const char* to_do;
};

const std::vector<Rule>& Rules() {
  static const std::vector<Rule> rules{
      {"store",
       [](pipeline::ServeStatus* s) {
         s->not_ready = {{Reason::kNotCommitted, "Nothing can be committed, so reading waits."}};
       },
       Level::kProblem, "Nothing can be committed", "store.path"},
      {"brokers",
       [](pipeline::ServeStatus* s) {
         s->not_ready = {{Reason::kNoBroker, "No Kafka broker is connected: refused."}};
       },
       Level::kProblem, "refused", "kafka.brokers"},
      {"assignment",
       [](pipeline::ServeStatus* s) {
         s->not_ready = {{Reason::kNotAssigned, "No partition is assigned yet."}};
       },
       Level::kProblem, "No partition", "kafka.topics"},
      {"a failure",
       [](pipeline::ServeStatus* s) {
         s->not_ready = {{Reason::kFailed, "Something new."}};
       },
       Level::kProblem, "Something new.", "log"},
      {"a failure that speaks of other things",
       [](pipeline::ServeStatus* s) {
         s->not_ready = {{Reason::kFailed, "It cannot go on: no broker."}};
       },
       Level::kProblem, "no broker", "log"},
      {"a stop",
       [](pipeline::ServeStatus* s) {
         s->not_ready = {{Reason::kStopping, "It is stopping."}};
       },
       Level::kProblem, "stopping", "started again"},
      {"a reload",
       [](pipeline::ServeStatus* s) {
         s->not_ready = {{Reason::kReloading, "Being started."}};
       },
       Level::kProblem, "started", "seconds"},
      {"another member",
       [](pipeline::ServeStatus* s) {
         s->not_ready = {{Reason::kShared, "2 partitions."}};
       },
       Level::kProblem, "2 partitions", "one instance"},
      {"a topic of no use",
       [](pipeline::ServeStatus* s) {
         s->warnings = {{Reason::kUnused, "Nothing in topic t is of use. They look like CSV."}};
       },
       Level::kProblem, "They look like CSV.", "doctor"},
      {"a batch that can't be read",
       [](pipeline::ServeStatus* s) {
         s->warnings = {{Reason::kUnreadable, "Topic t, partition 0: 1 batch can't be read."}};
       },
       Level::kProblem, "1 batch can't be read.", "SigninwatchUnreadableBatches"},
      {"a recreated topic",
       [](pipeline::ServeStatus* s) {
         s->warnings = {{Reason::kMadeAnew, "Topic t, partition 0 was recreated."}};
       },
       Level::kProblem, "recreated", "failed over"},
      {"sink down",
       [](pipeline::ServeStatus* s) {
         s->sinks[0].delivery.down = true;
         s->sinks[0].delivery.last_error = "HTTP 503";
         s->sinks[0].outbox.depth = 1'200;
         s->sinks[0].outbox.oldest = s->now - minutes(7);
       },
       Level::kProblem, "Sink soc takes no tickets (HTTP 503); 1,200 wait, the oldest for 7 min.",
       "other end"},
      {"sink down, nothing waits",
       [](pipeline::ServeStatus* s) { s->sinks[0].delivery.down = true; }, Level::kProblem,
       "takes no tickets; none wait", "other end"},
      {"sink slow",
       [](pipeline::ServeStatus* s) {
         s->sinks[0].outbox.depth = 2;
         s->sinks[0].outbox.oldest = s->now - minutes(6);
       },
       Level::kNotice, "Sink soc is slow", "rate_per_second"},
      {"dropped", [](pipeline::ServeStatus* s) { s->sinks[1].dropped = 1; }, Level::kProblem,
       "1 delivery to sink archive", "store.outbox_max"},
      {"refused", [](pipeline::ServeStatus* s) { s->sinks[0].delivery.permanent_failures = 2; },
       Level::kNotice, "refused 2 revisions", "log"},
      {"lag", [](pipeline::ServeStatus* s) { s->partitions[1].lag_seconds = 720; }, Level::kProblem,
       "12 min behind (insights-logs-signinlogs, partition 1)", "stage"},
      {"no commit",
       [](pipeline::ServeStatus* s) {
         s->last_commit_at = s->now - minutes(2);
         s->partitions[0].lag_records = 1;
       },
       Level::kProblem, "Nothing was committed for 2 min", "store.path"},
      {"broker", [](pipeline::ServeStatus* s) { s->brokers[0].up = false; }, Level::kNotice,
       "Broker soc.servicebus.windows.net:9093 is not connected", "host"},
      {"throttled", [](pipeline::ServeStatus* s) { s->brokers[0].throttle_seconds = 0.5; },
       Level::kNotice, "throttling", "throughput"},
      {"parse", [](pipeline::ServeStatus* s) { s->stages[1].busy_ratio = 0.95; }, Level::kNotice,
       "Stage parse is 95 % busy", "pipeline.parse_threads"},
      {"fold", [](pipeline::ServeStatus* s) { s->stages[2].busy_ratio = 0.95; }, Level::kNotice,
       "Stage fold", "processor"},
      {"rejected", [](pipeline::ServeStatus* s) { s->rejected = s->records / 50; }, Level::kNotice,
       "could not be used", "dead letters"},
      {"late", [](pipeline::ServeStatus* s) { s->detection.late_dropped = 3; }, Level::kNotice,
       "3 failures came too late", "time.allowed_lateness"},
      {"eviction",
       [](pipeline::ServeStatus* s) {
         s->detection.evictions[static_cast<int>(Eviction::kDedupIds)] = 4;
       },
       Level::kNotice, "4 times", "limits"},
      {"operation",
       [](pipeline::ServeStatus* s) {
         s->detection.unknown_password_operations["set password"] = 1;
       },
       Level::kNotice, "set password", "correlation.operations"},
  };
  return rules;
}

TEST(HealthAdvice, EachRuleAlone) {
  for (const Rule& rule : Rules()) {
    pipeline::ServeStatus status = SampleStatus();
    rule.break_it(&status);
    const std::vector<Advice> advice = AdviceFor(status);
    ASSERT_THAT(advice, SizeIs(1)) << rule.name;
    EXPECT_EQ(advice[0].level, rule.level) << rule.name;
    EXPECT_THAT(advice[0].what, HasSubstr(rule.what)) << rule.name;
    EXPECT_THAT(advice[0].to_do, HasSubstr(rule.to_do)) << rule.name;
  }
}

TEST(HealthAdvice, WhatIsTolerated) {
  pipeline::ServeStatus status = SampleStatus();
  status.partitions[0].lag_seconds = 299;
  status.stages[1].busy_ratio = 0.89;
  status.rejected = status.records / 100;
  status.sinks[0].outbox.depth = 5;
  status.sinks[0].outbox.oldest = status.now - minutes(4);
  status.last_commit_at = status.now - minutes(30);  // nothing to read, so nothing to commit
  EXPECT_THAT(AdviceFor(status), IsEmpty());
}

TEST(HealthAdvice, ProblemsComeFirstAndAllIsBounded) {
  const std::vector<Advice> advice = AdviceFor(TroubledStatus());
  EXPECT_GT(advice.size(), 8u);
  for (size_t i = 1; i < advice.size(); ++i) EXPECT_LE(advice[i - 1].level, advice[i].level);

  pipeline::ServeStatus flood = TroubledStatus();
  flood.not_ready.assign(1'000, {Reason::kFailed, "Something."});
  EXPECT_THAT(AdviceFor(flood), SizeIs(kAdviceMax));
}

}  // namespace health_advice_test
}  // namespace signinwatch::http
