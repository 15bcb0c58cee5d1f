#include "daemon/http/page/capacity_page.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <string>

#include "daemon/http/page/html.h"
#include "daemon/http/page/layout.h"
#include "daemon/http/page/near_misses.h"
#include "daemon/http/page/stream_health.h"
#include "daemon/http/words.h"
#include "daemon/pipeline/state_kinds.h"
#include "detectors/detector.h"

namespace signinwatch::http {
namespace {

// What a person calls a kind, and where its bound is configured.
struct KindWords {
  const char* name;  // as StateKinds has it
  const char* words;
  const char* key;
};
constexpr KindWords kKindWords[] = {
    {"tenants", "Tenants", "limits.tenants"},
    {"users", "Users with familiar places", "limits.users"},
    {"failing_users", "Users with failures", "limits.failing_users"},
    {"ids", "Record ids for deduplication", "limits.dedup_ids"},
    {"events", "Failures in open sessions", "limits.live_events"},
    {"tickets", "Tickets that may change", "limits.tickets"},
};

double SharesOf(size_t count, size_t most) {
  return most == 0 ? 0 : static_cast<double>(count) / static_cast<double>(most);
}

Html State(const pipeline::ServeStatus& status) {
  const auto counts = pipeline::StateKinds(status.state);
  const auto bounds = pipeline::StateKinds(status.limits);
  Html rows;
  for (size_t i = 0; i < counts.size(); ++i) {
    const KindWords* words = std::find_if(
        std::begin(kKindWords), std::end(kKindWords),
        [&](const KindWords& each) { return std::string(each.name) == counts[i].name; });
    const double share = SharesOf(counts[i].count, bounds[i].count);
    rows.Add(
        "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td><meter min=\"0\" max=\"100\" "
        "low=\"80\" high=\"95\" optimum=\"0\" value=\"{}\"></meter> {}</td><td><code>{}</code>"
        "</td></tr>\n",
        words == std::end(kKindWords) ? counts[i].name : words->words, Thousands(counts[i].count),
        Thousands(bounds[i].count), std::lround(std::clamp(share, 0.0, 1.0) * 100),
        PercentWords(share), words == std::end(kKindWords) ? "" : words->key);
  }
  Html html;
  return html.Add(
      R"(<div class="wide" tabindex="0" role="group" aria-label="State"><table class="numbers">
<thead><tr><th scope="col">kind</th><th scope="col">now</th><th scope="col">bound</th><th scope="col">full</th><th scope="col">key</th></tr></thead>
<tbody>
{}</tbody></table></div>
)",
      rows);
}

Html Evictions(const pipeline::ServeStatus& status) {
  Html items;
  for (int i = 0; i < kEvictionCount; ++i) {
    if (status.detection.evictions[i] == 0) continue;
    items.Add("<li>{}: {}</li>\n", EvictionName(static_cast<Eviction>(i)),
              Thousands(status.detection.evictions[i]));
  }
  Html html;
  if (items.empty()) {
    return html.Add("<p class=\"calm\">Nothing was evicted: every ticket is exact.</p>\n");
  }
  return html.Add(
      "<p class=\"bad\">Limits were reached; what was dropped is counted:</p>\n<ul>\n{}</ul>\n",
      items);
}

// "The narrowest stage is parse: about 3.2 times the load of now would keep it busy."
std::string HeadRoomWords(const pipeline::ServeStatus& status) {
  const auto busiest =
      std::max_element(status.stages.begin(), status.stages.end(),
                       [](const pipeline::StageStatus& a, const pipeline::StageStatus& b) {
                         return a.busy_ratio < b.busy_ratio;
                       });
  if (busiest == status.stages.end() || !(busiest->busy_ratio > 0.005)) {
    return "Every stage is nearly idle.";
  }
  char times[32];
  std::snprintf(times, sizeof(times), "%.1f", 1 / std::min(busiest->busy_ratio, 1.0));
  return "The busiest stage is " + busiest->name + ": it could take about " + times +
         " times the load of the last ten seconds.";
}

Html Fact(const char* name, const std::string& value) {
  Html html;
  return html.Add("<div><dt>{}</dt><dd>{}</dd></div>\n", name, value);
}

Html CapacityFacts(const pipeline::ServeStatus& status) {
  const double seconds = std::chrono::duration<double>(status.now - status.started_at).count();
  const double rate = seconds > 0 ? static_cast<double>(status.records) / seconds : 0;
  uint64_t waiting = 0;
  for (const pipeline::SinkStatus& sink : status.sinks) waiting += sink.outbox.depth;
  Html html;
  html.Add(Fact("Records a second, since the start", Thousands(static_cast<uint64_t>(rate))));
  html.Add(Fact("State in memory", BytesWords(status.state.bytes)));
  html.Add(Fact("Store on disk", BytesWords(status.store.file_bytes)));
  html.Add(Fact("Rows of state", Thousands(status.store.state_rows)));
  html.Add(Fact("Tickets kept", Thousands(status.store.tickets)));
  html.Add(Fact("Revisions kept", Thousands(status.store.revisions)));
  html.Add(Fact("Deliveries that wait", Thousands(waiting)));
  return html;
}

}  // namespace

HttpReply CapacityPage(const pipeline::ServeStatus& status) {
  Html main;
  main.Add(R"(<div class="columns">
<div>
<section aria-labelledby="room"><h1 id="room">Capacity</h1>
<p>{}</p>
<h2>State and its limits</h2>
{}{}</section>
</div>
<div>
<section aria-labelledby="stages"><h2 id="stages">Stages</h2>
{}</section>
<section aria-labelledby="amounts"><h2 id="amounts">Amounts</h2>
<dl class="facts">
{}</dl></section>
</div>
</div>
<section aria-labelledby="near"><h2 id="near">Nearly bursts</h2>
{}</section>
<p class="note">As of {}. How it grew over weeks, and when a bound will be reached, is in Prometheus: the capacity dashboard asks for it.</p>
)",
           HeadRoomWords(status), State(status), Evictions(status), StagesHtml(status),
           CapacityFacts(status), NearMissesHtml(status.near_misses), MomentHtml(status.now));
  return PageReply("Capacity - signinwatch", "/capacity", main);
}

}  // namespace signinwatch::http
