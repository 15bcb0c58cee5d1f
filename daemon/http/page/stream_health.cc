#include "daemon/http/page/stream_health.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <string>

#include "daemon/http/health_advice.h"
#include "daemon/http/page/layout.h"
#include "daemon/http/page/sight.h"
#include "daemon/http/words.h"

namespace signinwatch::http {
namespace {

Html Fact(const char* name, const Html& value) {
  Html html;
  return html.Add("<div><dt>{}</dt><dd>{}</dd></div>\n", name, value);
}
Html Fact(const char* name, const std::string& value) {
  return Fact(name, Html().Add("{}", value));
}

std::string Share(uint64_t part, uint64_t whole) {
  return whole == 0 ? "0 %" : PercentWords(static_cast<double>(part) / static_cast<double>(whole));
}

bool Detects(const pipeline::ServeStatus& status) { return status.role != config::Role::kIngest; }

Html Facts(const pipeline::ServeStatus& status) {
  int64_t lag = 0;
  bool lag_known = false;
  for (const pipeline::PartitionStatus& partition : status.partitions) {
    if (partition.lag_records < 0) continue;
    lag += partition.lag_records;
    lag_known = true;
  }
  Html html;
  html.Add(Fact("Complete up to (watermark)", status.watermark == kBeginningOfTime
                                                  ? Html().Add("no records yet")
                                                  : AgoHtml(status.watermark, status.now)));
  html.Add(
      Fact("Messages to read", lag_known ? Thousands(static_cast<uint64_t>(lag)) : "not known"));
  if (Detects(status)) {
    html.Add(Fact("Last commit", status.last_commit_at == kBeginningOfTime
                                     ? Html().Add("none yet")
                                     : AgoHtml(status.last_commit_at, status.now)));
  }
  html.Add(Fact("Records read", Thousands(status.records)));
  html.Add(Fact("Accepted", Thousands(status.accepted)));
  html.Add(Fact("Not of interest", Thousands(status.irrelevant)));
  html.Add(Fact("Rejected",
                Thousands(status.rejected) + " (" + Share(status.rejected, status.records) + ")"));
  if (Detects(status)) {
    html.Add(Fact("Duplicates", Thousands(status.detection.duplicates)));
    html.Add(Fact("Late", Thousands(status.detection.late) + ", too late " +
                              Thousands(status.detection.late_dropped)));
    html.Add(Fact("Users tracked", Thousands(status.state.users)));
    html.Add(Fact("State in memory", BytesWords(status.state.bytes)));
    html.Add(Fact("Store on disk", BytesWords(status.store.file_bytes)));
  }
  html.Add(Fact("Running since", MinuteWords(status.started_at)));
  html.Add(Fact("Version", status.version));
  return html;
}

std::string PartitionState(const pipeline::PartitionStatus& partition) {
  if (!partition.assigned) return "not assigned";
  if (!partition.stands_at.empty()) return "stands: can't be read";
  if (partition.paused) return "waits for others";
  if (partition.idle) return "idle";
  return partition.at_end ? "read to the end" : "reading";
}

Html Partitions(const pipeline::ServeStatus& status) {
  Html rows;
  const size_t shown = std::min(status.partitions.size(), kPartitionsShown);
  for (size_t i = 0; i < shown; ++i) {
    const pipeline::PartitionStatus& partition = status.partitions[i];
    const Duration lag = std::chrono::seconds(std::llround(partition.lag_seconds));
    rows.Add("<tr><th scope=\"row\">{} / {}</th><td>{}</td><td>{}</td><td>{}</td></tr>\n",
             partition.topic, partition.partition, PartitionState(partition),
             partition.lag_records < 0 ? "not known"
                                       : Thousands(static_cast<uint64_t>(partition.lag_records)),
             ShortSpan(lag));
  }
  if (status.partitions.size() > shown) {
    rows.Add("<tr><td colspan=\"4\">and {} more: see /api/v1/status</td></tr>\n",
             status.partitions.size() - shown);
  }
  if (status.partitions.empty()) rows.Add("<tr><td colspan=\"4\">none assigned</td></tr>\n");
  Html html;
  return html.Add(R"(<h3>Partitions</h3>
<div class="wide" tabindex="0" role="group" aria-label="Partitions"><table class="numbers">
<thead><tr><th scope="col">topic / partition</th><th scope="col">state</th><th scope="col">messages to read</th><th scope="col">behind</th></tr></thead>
<tbody>
{}</tbody></table></div>
)",
                  rows);
}

const char* BreakerWords(sinks::CircuitBreaker::State state) {
  switch (state) {
    case sinks::CircuitBreaker::State::kClosed:
      return "up";
    case sinks::CircuitBreaker::State::kOpen:
      return "down, left alone for a while";
    case sinks::CircuitBreaker::State::kHalfOpen:
      return "down, being tried with one delivery";
  }
  return "";
}

Html Sinks(const pipeline::ServeStatus& status) {
  Html rows;
  for (const pipeline::SinkStatus& sink : status.sinks) {
    const sinks::DeliveryStatus& delivery = sink.delivery;
    const Html last = delivery.last_delivered_at == kBeginningOfTime
                          ? Html().Add("never")
                          : AgoHtml(delivery.last_delivered_at, status.now);
    const std::string oldest =
        sink.outbox.depth == 0 ? "" : ", oldest " + ShortSpan(status.now - sink.outbox.oldest);
    rows.Add(
        "<tr><th scope=\"row\">{} ({})</th><td class=\"{}\">{}</td><td>{}{}</td><td>{}</td>"
        "<td>{}</td></tr>\n",
        delivery.sink, delivery.type, delivery.down ? "bad" : "good",
        BreakerWords(delivery.breaker), Thousands(sink.outbox.depth), oldest,
        Thousands(delivery.delivered), last);
  }
  if (status.sinks.empty()) {
    rows.Add("<tr><td colspan=\"5\">none configured: tickets are kept here alone</td></tr>\n");
  }
  Html html;
  return html.Add(R"(<h3>Sinks</h3>
<div class="wide" tabindex="0" role="group" aria-label="Sinks"><table class="numbers">
<thead><tr><th scope="col">sink</th><th scope="col">state</th><th scope="col">waiting</th><th scope="col">delivered</th><th scope="col">last</th></tr></thead>
<tbody>
{}</tbody></table></div>
)",
                  rows);
}

// Nothing where there is none of that level.
Html AdviceHtml(const pipeline::ServeStatus& status, Advice::Level level) {
  const bool problem = level == Advice::Level::kProblem;
  Html items;
  for (const Advice& item : AdviceFor(status)) {
    if (item.level != level) continue;
    items.Add("<li class=\"{}\"><b>{}:</b> {} <span>{}</span></li>\n", problem ? "bad" : "notice",
              problem ? "Problem" : "Notice", item.what, item.to_do);
  }
  Html html;
  return items.empty() ? html : html.Add("<ul class=\"health\">\n{}</ul>\n", items);
}

}  // namespace

Html ProblemsHtml(const pipeline::ServeStatus& status) {
  const Html problems = AdviceHtml(status, Advice::Level::kProblem);
  if (!problems.empty()) return problems;
  Html html;
  if (const std::string blind = WhyBlind(status); !blind.empty()) {
    return html.Add(
        "<p class=\"health unknown\"><b>It is not known whether all is well:</b> {}</p>\n", blind);
  }
  return html.Add(
      "<p class=\"health good\"><b>The stream is well:</b> {}.</p>\n",
      Detects(status) ? "reading, detecting and delivering" : "reading, parsing and sending");
}

Html StagesHtml(const pipeline::ServeStatus& status) {
  Html rows;
  for (const pipeline::StageStatus& stage : status.stages) {
    const std::string queue =
        stage.queue_max == 0 ? std::string("no queue")
                             : Thousands(stage.queue_depth) + " of " + Thousands(stage.queue_max);
    const double busy = std::isfinite(stage.busy_ratio) ? stage.busy_ratio : 0;
    rows.Add(
        "<tr><th scope=\"row\">{}</th><td><meter min=\"0\" max=\"100\" low=\"70\" high=\"90\" "
        "optimum=\"0\" value=\"{}\"></meter> {}</td><td>{}</td></tr>\n",
        stage.name, std::lround(std::clamp(busy, 0.0, 1.0) * 100), PercentWords(stage.busy_ratio),
        queue);
  }
  Html html;
  return html.Add(
      R"(<div class="wide" tabindex="0" role="group" aria-label="Stages"><table class="numbers">
<thead><tr><th scope="col">stage</th><th scope="col">busy</th><th scope="col">queue</th></tr></thead>
<tbody>
{}</tbody></table></div>
)",
      rows);
}

Html StreamHealthHtml(const pipeline::ServeStatus& status) {
  Html html = AdviceHtml(status, Advice::Level::kNotice);
  html.Add("<dl class=\"facts\">\n{}</dl>\n", Facts(status));
  html.Add(Partitions(status)).Add("<h3>Stages</h3>\n").Add(StagesHtml(status));
  return Detects(status) ? html.Add(Sinks(status)) : html;
}

}  // namespace signinwatch::http
