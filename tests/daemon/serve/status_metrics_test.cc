#include "daemon/serve/status_metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/daemon/noon.h"

namespace signinwatch::serve {
namespace status_metrics_test {

using testing::HasSubstr;
using testing::Not;

TEST(StatusMetricsTest, ShowsTheStatus) {
  metrics::Metrics metrics;
  DetectionLimits limits;
  limits.users = 5'000;
  StatusMetrics status_metrics(metrics);
  status_metrics.Begin(limits, size_t{3} << 30);
  pipeline::ServeStatus status;
  status.now = kNoon;
  status.watermark = kNoon;
  status.partitions.resize(2);
  status.partitions[0].topic = "signins";
  status.partitions[0].assigned = true;
  status.partitions[0].lag_records = 7;
  status.partitions[0].watermark = kNoon;
  status.partitions[1].topic = "signins";
  status.partitions[1].partition = 1;
  status.stages.push_back({.name = "parse", .queue_depth = 3, .queue_max = 64, .busy_ratio = 0.25});
  status.sinks.resize(1);
  status.sinks[0].delivery.sink = "soc";
  status.sinks[0].delivery.down = true;
  status.sinks[0].outbox = {.sink = "soc", .depth = 4, .oldest = kNoon - std::chrono::seconds(9)};
  status.topics.resize(2);
  status.topics[0].topic = "signins";
  status.topics[1].topic = "csv";
  status.topics[1].irrelevant_for_long = true;
  status.store.disk_free_bytes = 5'000;
  status.store.disk_bytes = 20'000;
  status.state.open_tickets = 2;
  status.state.tickets = 5;
  pipeline::FoldSnapshot fold;
  fold.open_bursts[{.detector = "d",
                    .scope = GroupBy::kTenant,
                    .cause = Cause::kMixed,
                    .severity = Severity::kHigh}] = 2;
  kafka::SourceFacts source;
  source.errors = 3;
  status_metrics.Update(status, fold, source, {});
  std::string text = metrics.Expose(metrics::Exposition::kText);
  for (const char* line : {
           "signinwatch_ready 1\n",
           "signinwatch_partition_lag_messages{topic=\"signins\",partition=\"0\"} 7\n",
           "signinwatch_partitions_assigned 1\n",
           "signinwatch_stage_busy_ratio{stage=\"parse\"} 0.25\n",
           "signinwatch_outbox_depth{sink=\"soc\"} 4\n",
           "signinwatch_outbox_oldest_age_seconds{sink=\"soc\"} 9\n",
           "signinwatch_sink_up{sink=\"soc\"} 0\n",
           "signinwatch_tracked_keys_max{kind=\"users\"} 5000\n",
           "signinwatch_tickets{state=\"open\"} 2\n",
           "signinwatch_topic_irrelevant{topic=\"signins\"} 0\n",
           "signinwatch_topic_irrelevant{topic=\"csv\"} 1\n",
           "signinwatch_store_disk_free_bytes 5000\n",
           "signinwatch_store_disk_size_bytes 20000\n",
           "signinwatch_tickets{state=\"resolved\"} 3\n",
           "signinwatch_bursts_open{detector=\"d\",scope=\"tenant\",cause=\"mixed\",severity="
           "\"high\"} 2\n",
       }) {
    EXPECT_THAT(text, HasSubstr(line));
  }
  EXPECT_THAT(text, Not(HasSubstr("partition=\"1\"")))
      << "a partition that is not read here has no lag here";

  // Totals count what they grew by; gauges of what has gone, go.
  source.errors = 5;
  status.not_ready.push_back({pipeline::Condition::Reason::kFailed, "no"});
  fold.open_bursts.clear();
  status_metrics.Update(status, fold, source, {});
  text = metrics.Expose(metrics::Exposition::kText);
  EXPECT_THAT(text, HasSubstr("signinwatch_ready 0\n"));
  EXPECT_THAT(text, HasSubstr("signinwatch_kafka_errors_total 5\n"));
  EXPECT_THAT(text, Not(HasSubstr("signinwatch_bursts_open{")));

  // A reload: another source counts from 0, the log goes on, a sink has gone.
  log::LogCounts log;
  log.suppressed = 3;
  status_metrics.Update(status, fold, source, log);
  limits.users = 6'000;
  status_metrics.Begin(limits, size_t{3} << 30);
  source.errors = 6;
  status.sinks.clear();
  status_metrics.Update(status, fold, source, log);
  text = metrics.Expose(metrics::Exposition::kText);
  EXPECT_THAT(text, HasSubstr("signinwatch_kafka_errors_total 11\n"));
  EXPECT_THAT(text, HasSubstr("signinwatch_log_lines_dropped_total{reason=\"repeated\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("signinwatch_tracked_keys_max{kind=\"users\"} 6000\n"));
  EXPECT_THAT(text, Not(HasSubstr("signinwatch_sink_up{")));
}

TEST(StatusMetricsTest, ShowsTheTicketsThatAlertsFollow) {
  metrics::Metrics metrics;
  StatusMetrics status_metrics(metrics);
  status_metrics.ShowTickets({{.tenant = "t",
                               .scope = GroupBy::kTenant,
                               .severity = Severity::kCritical,
                               .cause = "mixed",
                               .tickets = 2}});
  EXPECT_THAT(metrics.Expose(metrics::Exposition::kText),
              HasSubstr("signinwatch_tickets_recent{tenant=\"t\",scope=\"tenant\",severity="
                        "\"critical\",cause=\"mixed\"} 2\n"));
  status_metrics.ShowTickets({});
  EXPECT_THAT(metrics.Expose(metrics::Exposition::kText),
              Not(HasSubstr("signinwatch_tickets_recent{")));
}

}  // namespace status_metrics_test
}  // namespace signinwatch::serve
