#include "metrics/open_metrics.h"

#include <charconv>
#include <cmath>
#include <cstdint>
#include <string_view>

namespace signinwatch::metrics {
namespace {

constexpr std::string_view kTotal = "_total";

// The shortest text that reads back as the same number.
std::string Number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value < 0 ? "-Inf" : "+Inf";
  char digits[32];
  return {digits, std::to_chars(digits, digits + sizeof(digits), value).ptr};
}

// The specification's canonical number: as C's %g, and always seen to be a floating point number,
// so that the same bound is the same label whoever exposes it.
std::string Bound(double value) {
  if (std::isinf(value)) return "+Inf";
  char digits[32];
  std::string text{
      digits,
      std::to_chars(digits, digits + sizeof(digits), value, std::chars_format::general).ptr};
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

void AppendEscaped(std::string_view text, std::string* out) {
  for (const char c : text) {
    if (c == '\n') {
      *out += "\\n";
    } else {
      if (c == '"' || c == '\\') out->push_back('\\');
      out->push_back(c);
    }
  }
}

class Writer {
 public:
  void Write(const MetricFamily& family) {
    const MetricSpec& spec = *family.spec;
    // A counter's samples end in _total, its family does not.
    family_ = spec.name;
    if (spec.type == MetricType::kCounter) family_.remove_suffix(kTotal.size());
    AppendMetadata(spec);
    for (const prometheus::ClientMetric& metric : family.series) {
      switch (spec.type) {
        case MetricType::kCounter:
          AppendSample(kTotal, metric, "", Number(metric.counter.value));
          break;
        case MetricType::kGauge:
          AppendSample("", metric, "", Number(metric.gauge.value));
          break;
        case MetricType::kHistogram:
          AppendHistogram(metric);
          break;
      }
    }
  }

  std::string Finish() && { return std::move(out_) += "# EOF\n"; }

 private:
  void AppendMetadata(const MetricSpec& spec) {
    out_.append("# TYPE ").append(family_).append(" ").append(MetricTypeName(spec.type)) += '\n';
    if (!spec.unit.empty()) {
      out_.append("# UNIT ").append(family_).append(" ").append(spec.unit) += '\n';
    }
    out_.append("# HELP ").append(family_) += ' ';
    AppendEscaped(spec.help, &out_);
    out_ += '\n';
  }

  void AppendHistogram(const prometheus::ClientMetric& metric) {
    for (const prometheus::ClientMetric::Bucket& bucket : metric.histogram.bucket) {
      AppendSample("_bucket", metric, Bound(bucket.upper_bound),
                   std::to_string(bucket.cumulative_count));
    }
    AppendSample("_count", metric, "", std::to_string(metric.histogram.sample_count));
    AppendSample("_sum", metric, "", Number(metric.histogram.sample_sum));
  }

  void AppendSample(std::string_view suffix, const prometheus::ClientMetric& metric,
                    std::string_view le, std::string_view value) {
    out_.append(family_).append(suffix);
    char before = '{';
    const auto append_label = [this, &before](std::string_view name, std::string_view text) {
      out_ += before;
      out_.append(name).append("=\"");
      AppendEscaped(text, &out_);
      out_ += '"';
      before = ',';
    };
    for (const prometheus::ClientMetric::Label& label : metric.label) {
      append_label(label.name, label.value);
    }
    if (!le.empty()) append_label("le", le);
    if (before == ',') out_ += '}';
    out_.append(" ").append(value) += '\n';
  }

  std::string_view family_;
  std::string out_;
};

}  // namespace

std::string ToOpenMetrics(std::span<const MetricFamily> families) {
  Writer writer;
  for (const MetricFamily& family : families) writer.Write(family);
  return std::move(writer).Finish();
}

}  // namespace signinwatch::metrics
