#include "metrics/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <tuple>
#include <utility>

#include "metrics/label_value.h"
#include "metrics/open_metrics.h"
#include "metrics/process_metrics.h"

namespace signinwatch::metrics {
namespace {

using LabelValues = std::vector<std::string>;

class CounterSeries final : public Counter {
 public:
  void Add(double amount) override { counter_.Increment(amount); }
  void RaiseTo(double total) override { counter_.Increment(total - counter_.Value()); }
  [[nodiscard]] bool shown() const { return true; }
  [[nodiscard]] prometheus::ClientMetric Collect() const { return counter_.Collect(); }

 private:
  prometheus::Counter counter_;
};

class GaugeSeries final : public Gauge {
 public:
  void Set(double value) override {
    gauge_.Set(value);
    shown_ = true;
  }
  void Hide() { shown_ = false; }
  [[nodiscard]] bool shown() const { return shown_; }
  [[nodiscard]] prometheus::ClientMetric Collect() const { return gauge_.Collect(); }

 private:
  prometheus::Gauge gauge_;
  std::atomic<bool> shown_{false};
};

// A broken invariant of the program, not of its input.
void Check(bool holds, const MetricSpec& spec, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "signinwatch: metric %s: %s\n", std::string(spec.name).c_str(), what);
  std::abort();
}

class HistogramSeries final : public Histogram {
 public:
  explicit HistogramSeries(const MetricSpec& spec) : spec_(spec), histogram_(spec.buckets) {}

  void Observe(double value) override { histogram_.Observe(std::max(value, 0.0)); }
  void Take(Tally& tally) override {
    Check(tally.metric() == spec_.metric, spec_, "takes the observations of another");
    if (!tally.empty()) histogram_.ObserveMultiple(tally.counts(), tally.sum());
    tally.Clear();
  }
  [[nodiscard]] bool shown() const { return true; }
  [[nodiscard]] prometheus::ClientMetric Collect() const { return histogram_.Collect(); }

 private:
  const MetricSpec& spec_;
  prometheus::Histogram histogram_;
};

// Series are never taken out: there are handles on them.
template <typename Series>
using SeriesOf = std::map<LabelValues, Series>;

prometheus::MetricType PrometheusType(MetricType type) {
  switch (type) {
    case MetricType::kCounter:
      return prometheus::MetricType::Counter;
    case MetricType::kGauge:
      return prometheus::MetricType::Gauge;
    case MetricType::kHistogram:
      return prometheus::MetricType::Histogram;
  }
  std::abort();
}

std::string ToText(std::vector<MetricFamily> families) {
  std::vector<prometheus::MetricFamily> out;
  out.reserve(families.size());
  for (MetricFamily& family : families) {
    const MetricSpec& spec = *family.spec;
    out.push_back({std::string(spec.name), std::string(spec.help), PrometheusType(spec.type),
                   std::move(family.series)});
  }
  return prometheus::TextSerializer().Serialize(out);
}

}  // namespace

Tally::Tally(Metric histogram) : spec_(SpecOf(histogram)), counts_(spec_.buckets.size() + 1) {
  Check(spec_.type == MetricType::kHistogram, spec_, "is no histogram");
}

void Tally::Observe(double value) {
  value = std::max(value, 0.0);
  const auto bucket = std::lower_bound(spec_.buckets.begin(), spec_.buckets.end(), value);
  ++counts_[static_cast<size_t>(bucket - spec_.buckets.begin())];
  sum_ += value;
  ++observations_;
}

void Tally::Clear() {
  std::fill(counts_.begin(), counts_.end(), 0);
  sum_ = 0;
  observations_ = 0;
}

class Metrics::Impl {
 public:
  template <typename Series, typename... Args>
  Series& LookUp(SeriesOf<Series> (&all)[kMetricCount], Metric metric, MetricType type,
                 std::initializer_list<std::string_view> labels, const Args&... args) {
    const MetricSpec& spec = SpecOf(metric);
    Check(spec.type == type, spec, "is of another type");
    Check(spec.labels.size() == labels.size(), spec, "has another number of labels");
    LabelValues values;
    values.reserve(labels.size());
    for (const std::string_view label : labels) values.push_back(LabelValue(label));
    const std::lock_guard lock(series_mutex_);
    SeriesOf<Series>& series = all[static_cast<size_t>(metric)];
    if (const auto found = series.find(values); found != series.end()) return found->second;
    // The last place is for `other`.
    if (series.size() >= kSeriesMax - 1) {
      std::fill(values.begin(), values.end(), "other");
      counters_[static_cast<size_t>(Metric::kSeriesCapped)][{std::string(spec.name)}].Add(1);
    }
    return series
        .emplace(std::piecewise_construct, std::forward_as_tuple(std::move(values)),
                 std::forward_as_tuple(args...))
        .first->second;
  }

  // All values at one moment between updates.
  std::vector<MetricFamily> Collect() {
    std::vector<MetricFamily> families;
    std::vector<std::vector<const LabelValues*>> labels;
    {
      const std::lock_guard update(update_mutex_);
      const std::lock_guard lock(series_mutex_);
      for (const MetricSpec& spec : MetricCatalogue()) {
        MetricFamily family{&spec, {}};
        labels.emplace_back();
        const auto index = static_cast<size_t>(spec.metric);
        CollectSeries(counters_[index], &family, &labels.back());
        CollectSeries(gauges_[index], &family, &labels.back());
        CollectSeries(histograms_[index], &family, &labels.back());
        families.push_back(std::move(family));
      }
    }
    // Labels do not change: they are copied while updates go on.
    for (size_t f = 0; f < families.size(); ++f) {
      const MetricSpec& spec = *families[f].spec;
      for (size_t s = 0; s < labels[f].size(); ++s) {
        for (size_t l = 0; l < spec.labels.size(); ++l) {
          families[f].series[s].label.push_back({std::string(spec.labels[l]), (*labels[f][s])[l]});
        }
      }
    }
    std::erase_if(families, [](const MetricFamily& family) { return family.series.empty(); });
    return families;
  }

  std::mutex scrape_mutex_;  // expositions; before the others
  std::mutex update_mutex_;  // what belongs together; before the next
  std::mutex series_mutex_;  // the maps
  std::function<void()> refresh_;
  SeriesOf<CounterSeries> counters_[kMetricCount];
  SeriesOf<GaugeSeries> gauges_[kMetricCount];
  SeriesOf<HistogramSeries> histograms_[kMetricCount];

 private:
  template <typename Series>
  static void CollectSeries(const SeriesOf<Series>& all, MetricFamily* family,
                            std::vector<const LabelValues*>* labels) {
    for (const auto& [values, series] : all) {
      if (!series.shown()) continue;
      family->series.push_back(series.Collect());
      labels->push_back(&values);
    }
  }
};

Metrics::Metrics() : impl_(std::make_unique<Impl>()) {
  for (const MetricSpec& spec : MetricCatalogue()) {
    if (!spec.labels.empty()) continue;
    if (spec.type == MetricType::kCounter) counter(spec.metric);
    if (spec.type == MetricType::kHistogram) histogram(spec.metric);
  }
}

Metrics::~Metrics() = default;

Counter& Metrics::counter(Metric metric, std::initializer_list<std::string_view> labels) {
  return impl_->LookUp(impl_->counters_, metric, MetricType::kCounter, labels);
}

Gauge& Metrics::gauge(Metric metric, std::initializer_list<std::string_view> labels) {
  return impl_->LookUp(impl_->gauges_, metric, MetricType::kGauge, labels);
}

Histogram& Metrics::histogram(Metric metric, std::initializer_list<std::string_view> labels) {
  return impl_->LookUp(impl_->histograms_, metric, MetricType::kHistogram, labels, SpecOf(metric));
}

void Metrics::Clear(Metric metric) {
  Check(SpecOf(metric).type == MetricType::kGauge, SpecOf(metric), "cannot be cleared");
  const std::lock_guard lock(impl_->series_mutex_);
  for (auto& [labels, series] : impl_->gauges_[static_cast<size_t>(metric)]) series.Hide();
}

std::unique_lock<std::mutex> Metrics::BeginUpdate() {
  return std::unique_lock(impl_->update_mutex_);
}

void Metrics::OnScrape(std::function<void()> refresh) { impl_->refresh_ = std::move(refresh); }

std::string Metrics::Expose(Exposition exposition) {
  const std::lock_guard lock(impl_->scrape_mutex_);
  if (impl_->refresh_) impl_->refresh_();
  SetProcessMetrics(ReadProcess(), *this);
  std::vector<MetricFamily> families = impl_->Collect();
  if (exposition == Exposition::kOpenMetrics) return ToOpenMetrics(families);
  return ToText(std::move(families));
}

}  // namespace signinwatch::metrics
