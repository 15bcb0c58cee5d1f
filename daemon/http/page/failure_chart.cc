#include "daemon/http/page/failure_chart.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <string>

#include "daemon/http/words.h"

namespace signinwatch::http {
namespace {

constexpr size_t kBuckets = kDay / store::kFailureBucket;
constexpr size_t kCodesShown = 4;
constexpr size_t kSeriesMax = kCodesShown + 1;  // and the rest
constexpr std::chrono::hours kHour(1);
constexpr size_t kBucketsOfHour = kHour / store::kFailureBucket;

// What Microsoft calls them.
std::string CodeName(int64_t code) {
  switch (code) {
    case 50132:
      return "50132 session invalid or expired";
    case 50133:
      return "50133 session revoked";
    case 50173:
      return "50173 fresh token needed";
    default:
      return std::to_string(code);
  }
}

struct Series {
  std::string name;
  uint64_t total = 0;
};

struct Chart {
  EventTime begin;
  std::vector<Series> series;
  std::array<std::array<uint64_t, kSeriesMax>, kBuckets> counts{};  // by bucket and series

  [[nodiscard]] uint64_t Sum(size_t bucket) const {
    uint64_t sum = 0;
    for (const uint64_t count : counts[bucket]) sum += count;
    return sum;
  }
};

// Codes, the most frequent first.
std::vector<int64_t> CodesOf(const std::vector<store::FailureCount>& failures) {
  std::map<int64_t, uint64_t> totals;
  for (const store::FailureCount& failure : failures) totals[failure.code] += failure.count;
  std::vector<int64_t> codes;
  for (const auto& [code, total] : totals) codes.push_back(code);
  std::stable_sort(codes.begin(), codes.end(),
                   [&totals](int64_t a, int64_t b) { return totals[a] > totals[b]; });
  return codes;
}

Chart MakeChart(const std::vector<store::FailureCount>& failures, EventTime watermark) {
  Chart chart;
  EventTime end = watermark;
  for (const store::FailureCount& failure : failures) {
    end = std::max(end, failure.bucket + store::kFailureBucket);
  }
  chart.begin = std::chrono::ceil<std::chrono::hours>(end) - kDay;

  // The colour of a code stays with its place among the shown codes, whose order is by number:
  // counts change by the minute, and colours must not.
  std::vector<int64_t> shown = CodesOf(failures);
  const bool rest = shown.size() > kCodesShown;
  if (rest) shown.resize(kCodesShown);
  std::sort(shown.begin(), shown.end());
  for (const int64_t code : shown) chart.series.push_back({CodeName(code)});
  if (rest) chart.series.push_back({"other codes"});

  for (const store::FailureCount& failure : failures) {
    const int64_t bucket = (failure.bucket - chart.begin) / store::kFailureBucket;
    if (failure.bucket < chart.begin || bucket >= static_cast<int64_t>(kBuckets)) continue;
    const auto at = std::lower_bound(shown.begin(), shown.end(), failure.code);
    const bool own = at != shown.end() && *at == failure.code;
    const size_t series = own ? static_cast<size_t>(at - shown.begin()) : kCodesShown;
    chart.counts[static_cast<size_t>(bucket)][series] += failure.count;
    chart.series[series].total += failure.count;
  }
  return chart;
}

// The least of 1, 2, 5, 10, 20, ... that is not below `value` and can be halved on the axis.
uint64_t NiceMax(uint64_t value) {
  constexpr uint64_t kLast = 2'000'000'000'000'000'000;
  for (uint64_t decade = 2; decade < kLast; decade *= 10) {
    for (const uint64_t factor : {1, 2, 5}) {
      if (decade * factor >= value) return decade * factor;
    }
  }
  return std::max(value, kLast);
}

std::string BucketWords(const Chart& chart, size_t bucket) {
  std::string words =
      MinuteWords(chart.begin + static_cast<int64_t>(bucket) * store::kFailureBucket);
  for (size_t i = 0; i < chart.series.size(); ++i) {
    if (chart.counts[bucket][i] == 0) continue;
    words += "\n" + chart.series[i].name + ": " + Thousands(chart.counts[bucket][i]);
  }
  return words;
}

// In a box of one unit a bucket by kHeight.
constexpr uint64_t kHeight = 1'000;

Html Bars(const Chart& chart, uint64_t top) {
  Html bars;
  for (size_t bucket = 0; bucket < kBuckets; ++bucket) {
    if (chart.Sum(bucket) == 0) continue;
    // The first, unseen, rectangle shows the numbers where the bar itself is too small to point at.
    bars.Add(
        "<g><title>{}</title><rect class=\"reach\" x=\"{}\" y=\"0\" width=\"1\" "
        "height=\"{}\"/>",
        BucketWords(chart, bucket), bucket, kHeight);
    uint64_t below = 0;
    for (size_t i = 0; i < chart.series.size(); ++i) {
      const uint64_t count = chart.counts[bucket][i];
      if (count == 0) continue;
      const auto height = [top](uint64_t n) {
        return static_cast<uint64_t>(static_cast<double>(n) * kHeight / static_cast<double>(top));
      };
      // Ends are computed, not heights: no gaps between the parts of a bar.
      constexpr uint64_t kLeast = 4;  // to be seen at all
      const uint64_t low = std::min(height(below), kHeight - kLeast);
      const uint64_t high = std::clamp(height(below + count), low + kLeast, kHeight);
      bars.Add("<rect class=\"code{}\" x=\"{}.08\" y=\"{}\" width=\".84\" height=\"{}\"/>", i + 1,
               bucket, kHeight - high, high - low);
      below += count;
    }
    bars.Add("</g>");
  }
  return bars;
}

Html Plot(const Chart& chart) {
  uint64_t highest = 0;
  for (size_t bucket = 0; bucket < kBuckets; ++bucket) {
    highest = std::max(highest, chart.Sum(bucket));
  }
  const uint64_t top = NiceMax(highest);
  Html x_axis;
  constexpr size_t kLabelEvery = 6 * kBucketsOfHour;
  for (size_t bucket = 0; bucket <= kBuckets; bucket += kLabelEvery) {
    const std::string full =
        MinuteWords(chart.begin + static_cast<int64_t>(bucket) * store::kFailureBucket);
    x_axis.Add("<span>{}</span>", full.substr(11, 5));
  }
  Html plot;
  plot.Add(R"(<div class="plot">
<div class="y-axis" aria-hidden="true"><span>{}</span><span>{}</span><span>0</span></div>
<svg viewBox="0 0 {} {}" preserveAspectRatio="none" role="img" aria-labelledby="chart-words">
<g class="grid"><path d="M0 0H{}M0 {}H{}"/></g>
{}</svg>
<div class="x-axis" aria-hidden="true">{}</div>
</div>
)",
           Thousands(top), Thousands(top / 2), kBuckets, kHeight, kBuckets, kHeight / 2, kBuckets,
           Bars(chart, top), x_axis);
  return plot;
}

Html Legend(const Chart& chart) {
  Html legend;
  for (size_t i = 0; i < chart.series.size(); ++i) {
    legend.Add("<li><i class=\"code{}\"></i>{} <b>{}</b></li>", i + 1, chart.series[i].name,
               Thousands(chart.series[i].total));
  }
  return legend;
}

Html Table(const Chart& chart) {
  Html head;
  for (const Series& series : chart.series) head.Add("<th scope=\"col\">{}</th>", series.name);
  Html rows;
  for (size_t hour = 0; hour < kBuckets / kBucketsOfHour; ++hour) {
    rows.Add("<tr><th scope=\"row\">{}</th>",
             MinuteWords(chart.begin + static_cast<int64_t>(hour) * kHour));
    for (size_t i = 0; i < chart.series.size(); ++i) {
      uint64_t count = 0;
      for (size_t b = 0; b < kBucketsOfHour; ++b)
        count += chart.counts[hour * kBucketsOfHour + b][i];
      rows.Add("<td>{}</td>", Thousands(count));
    }
    rows.Add("</tr>\n");
  }
  Html table;
  table.Add(R"(<details id="chart-table"><summary>As a table, by the hour</summary>
<div class="wide" tabindex="0" role="group" aria-label="Failures by the hour"><table class="numbers">
<thead><tr><th scope="col">hour from</th>{}</tr></thead>
<tbody>
{}</tbody></table></div></details>
)",
            head, rows);
  return table;
}

}  // namespace

Html FailureChart(const std::vector<store::FailureCount>& failures, EventTime watermark,
                  const std::string& blind) {
  const Chart chart = MakeChart(failures, watermark);
  Html html;
  if (!blind.empty()) {
    html.Add("<p class=\"unknown\"><b>Not known:</b> {} {}</p>\n",
             chart.series.empty() ? "no watched failures were read, but"
                                  : "there may be more failures than these, as",
             blind);
    if (chart.series.empty()) return html;
  }
  if (chart.series.empty()) {
    return html.Add("<p class=\"calm\">No watched failures in the last day.</p>");
  }
  uint64_t total = 0;
  for (const Series& series : chart.series) total += series.total;
  html.Add(
      "<p class=\"note\" id=\"chart-words\">{} in the day up to {}, by ten minutes of event "
      "time</p>",
      CountWords(total, "watched failure", "watched failures"), MinuteWords(chart.begin + kDay));
  html.Add(Plot(chart)).Add("<ul class=\"legend\">{}</ul>", Legend(chart)).Add(Table(chart));
  return html;
}

}  // namespace signinwatch::http
