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
#ifndef SIGNINWATCH_METRICS_METRICS_H_
#define SIGNINWATCH_METRICS_METRICS_H_

#include <functional>
#include <initializer_list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "metrics/catalogue.h"

namespace signinwatch {

// Handles on a time series. Not made by hand.
class Counter;    // void Add(double amount = 1)
class Gauge;      // void Set(double value)
class Histogram;  // void Observe(double value)

enum class Exposition { kText, kOpenMetrics };

class Metrics {
 public:
  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  // Label values in the order of the catalogue. The wrong number, or the wrong type of metric, is a
  // broken invariant: it aborts. More than kSeriesMax series of one metric: those beyond go to one
  // whose labels are all "other", and are counted in signinwatch_metric_series_capped_total.
  Counter& counter(Metric metric, std::initializer_list<std::string_view> labels = {});
  Gauge& gauge(Metric metric, std::initializer_list<std::string_view> labels = {});
  Histogram& histogram(Metric metric, std::initializer_list<std::string_view> labels = {});
  // Forgets all series of a metric: before gauges are set anew at a scrape.
  void Clear(Metric metric);

  [[nodiscard]] std::unique_lock<std::mutex> BeginUpdate();
  // `refresh` is called at the beginning of each exposition, before anything is read; not inside an
  // update. Once, before the first exposition.
  void OnScrape(std::function<void()> refresh);

  [[nodiscard]] std::string Expose(Exposition exposition);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace signinwatch

#endif  // SIGNINWATCH_METRICS_METRICS_H_
