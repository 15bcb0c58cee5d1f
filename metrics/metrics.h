// All metrics of the daemon, over prometheus-cpp (which only metrics/ includes). catalogue.h is the
// table of them: name, type, unit, labels, help.
//
//   Metrics metrics;
//   Counter& accepted = metrics.counter(Metric::kRecords, {"signins", "accepted"});
//   {
//     auto update = metrics.BeginUpdate();      // what belongs together
//     accepted.Add(5); ...
//   }
//   std::string text = metrics.Expose(Exposition::kText);
//
// A scrape never sees half of an update: that is how the counts of records add up at every one.
// Look a counter up once and keep the reference: it lives as long as the Metrics. All is
// thread-safe; an Add needs no update around it when it stands alone.
//
// Counters and histograms without labels are shown from the start, those with labels from their
// first look-up, gauges from their first Set.
#ifndef SIGNINWATCH_METRICS_METRICS_H_
#define SIGNINWATCH_METRICS_METRICS_H_

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "metrics/catalogue.h"

namespace signinwatch::metrics {

// Handles on a time series; only Metrics makes them.
class Counter {
 public:
  virtual void Add(double amount = 1) = 0;  // less than 0: nothing
  // For a total that is counted elsewhere: adds what is missing. One thread's.
  virtual void RaiseTo(double total) = 0;

 protected:
  ~Counter() = default;
};

class Gauge {
 public:
  virtual void Set(double value) = 0;

 protected:
  ~Gauge() = default;
};

// Observations of one thread that wait to be added to a histogram in one go: 4 ns each instead of
// the 16 of Observe, which takes a lock.
//
//   Tally delays(Metric::kExportDelay);
//   for each record:   delays.Observe(seconds);
//   for each batch:    metrics.histogram(Metric::kExportDelay, {category}).Take(delays);
class Tally {
 public:
  explicit Tally(Metric histogram);
  void Observe(double value);  // less than 0 counts as 0: clocks differ
  void Clear();

  [[nodiscard]] Metric metric() const { return spec_.metric; }
  [[nodiscard]] bool empty() const { return observations_ == 0; }
  [[nodiscard]] const std::vector<double>& counts() const { return counts_; }
  [[nodiscard]] double sum() const { return sum_; }

 private:
  const MetricSpec& spec_;
  std::vector<double> counts_;  // by bucket; the last is beyond all bounds
  double sum_ = 0;
  uint64_t observations_ = 0;
};

class Histogram {
 public:
  virtual void Observe(double value) = 0;  // less than 0 counts as 0
  virtual void Take(Tally& tally) = 0;     // which is empty then; of the same metric

 protected:
  ~Histogram() = default;
};

// kText: text/plain; version=0.0.4; charset=utf-8.
// kOpenMetrics: application/openmetrics-text; version=1.0.0; charset=utf-8.
enum class Exposition : uint8_t { kText, kOpenMetrics };

class Metrics {
 public:
  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  // Label values in the order of the catalogue. The wrong number, or the wrong type of metric, is a
  // broken invariant: it aborts. In values, what is no UTF-8 becomes U+FFFD, and only the first
  // kLabelBytesMax bytes count. More than kSeriesMax series of one metric: look-ups beyond get the
  // one whose labels are all "other", and are counted in signinwatch_metric_series_capped_total.
  Counter& counter(Metric metric, std::initializer_list<std::string_view> labels = {});
  Gauge& gauge(Metric metric, std::initializer_list<std::string_view> labels = {});
  Histogram& histogram(Metric metric, std::initializer_list<std::string_view> labels = {});
  // Shows no series of a gauge until its next Set: before gauges are set anew at a scrape.
  void Clear(Metric metric);

  [[nodiscard]] std::unique_lock<std::mutex> BeginUpdate();
  // `refresh` is called at the beginning of each exposition, before anything is read; not inside an
  // update, and one at a time. Once, before the first exposition.
  void OnScrape(std::function<void()> refresh);

  // Series are sorted by their labels. Not inside an update.
  [[nodiscard]] std::string Expose(Exposition exposition);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace signinwatch::metrics

#endif  // SIGNINWATCH_METRICS_METRICS_H_
