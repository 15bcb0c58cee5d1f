#include "metrics/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <map>
#include <sstream>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "metrics/label_value.h"

namespace signinwatch::metrics {
namespace metrics_test {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

// The samples of one metric, as they are exposed.
std::vector<std::string> Samples(Metrics& metrics, Metric metric,
                                 Exposition exposition = Exposition::kText) {
  const std::string name(SpecOf(metric).name);
  std::istringstream text(metrics.Expose(exposition));
  std::vector<std::string> samples;
  for (std::string line; std::getline(text, line);) {
    if (line.starts_with(name) && line.find_first_of("{ _", name.size()) == name.size()) {
      samples.push_back(line.substr(name.size()));
    }
  }
  return samples;
}

TEST(Metrics, CountersAdd) {
  Metrics metrics;
  Counter& accepted = metrics.counter(Metric::kRecords, {"signins", "accepted"});
  accepted.Add();
  accepted.Add(41);
  accepted.Add(-5);
  metrics.counter(Metric::kRecords, {"audit", "accepted"}).Add(1e15);
  metrics.counter(Metric::kRecords, {"signins", "accepted"}).Add();
  EXPECT_THAT(Samples(metrics, Metric::kRecords),
              ElementsAre("{topic=\"audit\",outcome=\"accepted\"} 1000000000000000",
                          "{topic=\"signins\",outcome=\"accepted\"} 43"));
}

TEST(Metrics, CountersAreRaisedToATotalCountedElsewhere) {
  Metrics metrics;
  Counter& evictions = metrics.counter(Metric::kEvictions, {"users"});
  evictions.RaiseTo(5);
  evictions.RaiseTo(5);
  evictions.RaiseTo(3);
  evictions.RaiseTo(7);
  EXPECT_THAT(Samples(metrics, Metric::kEvictions), ElementsAre("{policy=\"users\"} 7"));
}

TEST(Metrics, WithoutLabelsAreThereFromTheStartUnlessTheyAreGauges) {
  Metrics metrics;
  EXPECT_THAT(Samples(metrics, Metric::kDuplicates), ElementsAre(" 0"));
  EXPECT_THAT(Samples(metrics, Metric::kCommitDuration), Not(IsEmpty()));
  EXPECT_THAT(Samples(metrics, Metric::kLastCommit), IsEmpty());
  metrics.gauge(Metric::kLastCommit);
  EXPECT_THAT(Samples(metrics, Metric::kLastCommit), IsEmpty());
  metrics.gauge(Metric::kLastCommit).Set(1795671660.25);
  EXPECT_THAT(Samples(metrics, Metric::kLastCommit), ElementsAre(" 1795671660.25"));
  EXPECT_THAT(metrics.Expose(Exposition::kText),
              Not(HasSubstr("# HELP signinwatch_watermark_timestamp_seconds")));
}

TEST(Metrics, GaugesAreClearedAndSetAnew) {
  Metrics metrics;
  Gauge& paused = metrics.gauge(Metric::kPartitionPaused, {"signins", "0"});
  paused.Set(1);
  metrics.gauge(Metric::kPartitionPaused, {"signins", "1"}).Set(0);
  metrics.Clear(Metric::kPartitionPaused);
  EXPECT_THAT(Samples(metrics, Metric::kPartitionPaused), IsEmpty());
  paused.Set(0);  // the handle is still good
  EXPECT_THAT(Samples(metrics, Metric::kPartitionPaused),
              ElementsAre("{topic=\"signins\",partition=\"0\"} 0"));
}

TEST(Metrics, HistogramsCountByBucket) {
  Metrics metrics;
  Histogram& seconds = metrics.histogram(Metric::kCommitDuration);
  for (const double value : {0.001, 0.0011, 5.0, 1e9, -3.0}) seconds.Observe(value);
  EXPECT_THAT(
      Samples(metrics, Metric::kCommitDuration),
      ElementsAre("_count 5", StartsWith("_sum 1000000005.0021"), "_bucket{le=\"0.001\"} 2",
                  "_bucket{le=\"0.0025\"} 3", "_bucket{le=\"0.005\"} 3", "_bucket{le=\"0.01\"} 3",
                  "_bucket{le=\"0.025\"} 3", "_bucket{le=\"0.05\"} 3", "_bucket{le=\"0.1\"} 3",
                  "_bucket{le=\"0.25\"} 3", "_bucket{le=\"0.5\"} 3", "_bucket{le=\"1\"} 3",
                  "_bucket{le=\"2.5\"} 3", "_bucket{le=\"5\"} 4", "_bucket{le=\"10\"} 4",
                  "_bucket{le=\"30\"} 4", "_bucket{le=\"+Inf\"} 5"));
}

TEST(Metrics, TalliesAreWhatTheHistogramWouldHaveObserved) {
  const std::vector<double> values{-1,  0,      0.5,    1,    1.5,    29,      30,
                                   604, 604800, 604801, 1e12, 3600.5, 14399.9, 14400};
  Metrics one;
  Metrics two;
  Tally tally(Metric::kLateBy);
  EXPECT_TRUE(tally.empty());
  for (int round = 0; round < 2; ++round) {
    for (const double value : values) {
      one.histogram(Metric::kLateBy).Observe(value);
      tally.Observe(value);
    }
    EXPECT_FALSE(tally.empty());
    two.histogram(Metric::kLateBy).Take(tally);
    EXPECT_TRUE(tally.empty());
    two.histogram(Metric::kLateBy).Take(tally);
  }
  EXPECT_THAT(Samples(two, Metric::kLateBy),
              testing::ElementsAreArray(Samples(one, Metric::kLateBy)));
}

TEST(Metrics, LabelsAreCleanedAndEscaped) {
  Metrics metrics;
  metrics.counter(Metric::kIrrelevant, {"a\"b\\c\nd\xff"}).Add();
  metrics.counter(Metric::kIrrelevant, {std::string(500, 'z')}).Add();
  metrics.counter(Metric::kIrrelevant, {std::string(501, 'z')}).Add();
  for (const Exposition exposition : {Exposition::kText, Exposition::kOpenMetrics}) {
    EXPECT_THAT(Samples(metrics, Metric::kIrrelevant, exposition),
                ElementsAre("{category=\"a\\\"b\\\\c\xef\xbf\xbd"
                            "d\xef\xbf\xbd\"} 1",
                            "{category=\"" + std::string(kLabelBytesMax, 'z') + "\"} 2"));
  }
}

TEST(Metrics, HaveABoundOfSeries) {
  Metrics metrics;
  for (size_t i = 0; i < 2 * kSeriesMax; ++i) {
    metrics.counter(Metric::kRecords, {"topic " + std::to_string(i), "accepted"}).Add();
  }
  metrics.counter(Metric::kRecords, {"topic 0", "accepted"}).Add();  // is known
  const std::vector<std::string> samples = Samples(metrics, Metric::kRecords);
  EXPECT_THAT(samples, SizeIs(kSeriesMax));
  EXPECT_THAT(samples, testing::Contains("{topic=\"other\",outcome=\"other\"} 2001"));
  EXPECT_THAT(samples, testing::Contains("{topic=\"topic 0\",outcome=\"accepted\"} 2"));
  EXPECT_THAT(Samples(metrics, Metric::kSeriesCapped),
              ElementsAre("{metric=\"signinwatch_records_total\"} 2001"));
}

TEST(Metrics, RefreshComesBeforeEachExposition) {
  Metrics metrics;
  int scrapes = 0;
  metrics.OnScrape([&metrics, &scrapes] {
    const auto update = metrics.BeginUpdate();
    metrics.Clear(Metric::kStoreBytes);
    metrics.gauge(Metric::kStoreBytes).Set(++scrapes);
  });
  EXPECT_THAT(Samples(metrics, Metric::kStoreBytes), ElementsAre(" 1"));
  EXPECT_THAT(Samples(metrics, Metric::kStoreBytes), ElementsAre(" 2"));
}

TEST(MetricsDeathTest, ABrokenInvariantAborts) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(Metrics().counter(Metric::kRecords, {"signins"}),
               "signinwatch_records_total: has another number of labels");
  EXPECT_DEATH(Metrics().gauge(Metric::kRecords, {"signins", "accepted"}), "is of another type");
  EXPECT_DEATH(Metrics().Clear(Metric::kRecords), "cannot be cleared");
  EXPECT_DEATH(Tally{Metric::kRecords}, "is no histogram");
  Tally tally(Metric::kLateBy);
  EXPECT_DEATH(Metrics().histogram(Metric::kCommitDuration).Take(tally),
               "takes the observations of another");
}

// By outcome, of all topics.
std::map<std::string, double> CountsByOutcome(Metrics& metrics, Exposition exposition) {
  std::map<std::string, double> counts;
  for (const std::string& sample : Samples(metrics, Metric::kRecords, exposition)) {
    const size_t begin = sample.find("outcome=\"") + 9;
    const size_t end = sample.find('"', begin);
    counts[sample.substr(begin, end - begin)] += std::stod(sample.substr(end + 3));
  }
  return counts;
}

// What is updated together is seen together: each batch has as many accepted as irrelevant and as
// rejected records.
TEST(Metrics, AddUpAtEveryScrapeWhileThreadsUpdate) {
  Metrics metrics;
  std::atomic<bool> stop{false};
  std::vector<std::thread> threads;
  for (const char* topic : {"signins", "audit", "adfs"}) {
    threads.emplace_back([&metrics, &stop, topic] {
      Counter& accepted = metrics.counter(Metric::kRecords, {topic, "accepted"});
      Counter& rejected = metrics.counter(Metric::kRecords, {topic, "rejected"});
      for (int i = 0; !stop; ++i) {
        const auto update = metrics.BeginUpdate();
        accepted.Add(3);
        // Look-ups are fine inside an update, new series too.
        metrics.counter(Metric::kRecords, {topic, "irrelevant"}).Add(3);
        metrics.counter(Metric::kIrrelevant, {std::to_string(i % 300)}).Add(3);
        metrics.histogram(Metric::kExportDelay, {topic}).Observe(i);
        metrics.gauge(Metric::kStageBusy, {topic}).Set(i);
        rejected.Add(3);
      }
    });
  }
  // Two readers, as two Prometheus servers are.
  threads.emplace_back([&metrics, &stop] {
    while (!stop) (void)metrics.Expose(Exposition::kText);
  });
  for (int scrape = 0; scrape < 40; ++scrape) {
    auto counts =
        CountsByOutcome(metrics, scrape % 2 == 0 ? Exposition::kText : Exposition::kOpenMetrics);
    EXPECT_EQ(counts["accepted"], counts["irrelevant"]);
    EXPECT_EQ(counts["accepted"], counts["rejected"]);
  }
  stop = true;
  for (std::thread& thread : threads) thread.join();
}

}  // namespace metrics_test
}  // namespace signinwatch::metrics
