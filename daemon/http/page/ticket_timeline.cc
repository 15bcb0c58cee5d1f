#include "daemon/http/page/ticket_timeline.h"

#include <algorithm>
#include <chrono>
#include <cstdio>

#include "daemon/http/page/ticket_row.h"
#include "daemon/http/words.h"
#include "parser/event_time.h"

namespace signinwatch {
namespace {

// Heights in the drawing, in pixels. Places along it are per cent of its width, so that texts keep
// their size whatever the width.
constexpr int kChangesAt = 14;
constexpr int kFailuresTop = 36;
constexpr int kFailuresBottom = 106;
constexpr int kRevisionsAt = 122;
constexpr int kHeight = 136;

struct Axis {
  EventTime begin;
  EventTime end;

  // "37.25%"
  [[nodiscard]] std::string At(EventTime time) const { return Share(time - begin); }
  [[nodiscard]] std::string Share(Duration span) const {
    const double share =
        100.0 * static_cast<double>(span.count()) / static_cast<double>((end - begin).count());
    char text[32];
    std::snprintf(text, sizeof(text), "%.2f%%", std::clamp(share, 0.0, 100.0));
    return text;
  }
};

// How the failures had added up when a revision was made.
struct Step {
  EventTime time;
  uint64_t count = 0;
  uint64_t revision = 0;
};

// Of the burst that the ticket shows: revisions of one before it are left out.
std::vector<Step> StepsOf(EventTime first, const std::vector<std::string>& revisions) {
  std::vector<Step> steps;
  for (const std::string& text : revisions) {
    const JsonDocument document(text);
    const JsonValue revision = document.root();
    const EventTime time = TimeOf(revision, "last_event_time");
    if (time < first) continue;
    steps.push_back({time, revision["event_count"].Count(), revision["revision"].Count()});
  }
  if (steps.size() > kTimelineMarksMax) {
    steps.erase(steps.begin(), steps.end() - static_cast<ptrdiff_t>(kTimelineMarksMax));
  }
  return steps;
}

Axis AxisOf(const JsonValue& ticket, EventTime first, EventTime last) {
  constexpr Duration kLeast = std::chrono::minutes(10);
  const Duration margin = std::max(kLeast, (last - first) / 2);
  Axis axis{first - margin, last + kLeast};
  const EventTime back = TimeOf(ticket, "reauthenticated_at");
  if (back != kBeginningOfTime) axis.end = std::max(axis.end, back + kLeast / 2);
  for (const JsonValue& change : ticket["changes"].Elements()) {
    const EventTime time = TimeOf(change, "time");
    if (time > last) axis.end = std::max(axis.end, std::min(time, last + margin) + kLeast / 2);
  }
  return axis;
}

Html Changes(const JsonValue& ticket, const Axis& axis, EventTime first) {
  Html marks;
  size_t count = 0;
  EventTime earlier = kBeginningOfTime;  // the latest of those that are left of the axis
  std::string earlier_kind;
  size_t more = 0;
  for (const JsonValue& change : ticket["changes"].Elements()) {
    const EventTime time = TimeOf(change, "time");
    if (time == kBeginningOfTime || ++count > kTimelineMarksMax) continue;
    const std::string title = ChangeTitle(change["kind"].Text());
    if (time < axis.begin) {
      ++more;
      if (time > earlier) {
        earlier = time;
        earlier_kind = title;
      }
      continue;
    }
    const bool right_half = time > axis.begin + (axis.end - axis.begin) / 2;
    marks.Add(
        "<g class=\"change\"><title>{}: {}</title><line x1=\"{}\" x2=\"{}\" y1=\"{}\" y2=\"{}\"/>"
        "<circle cx=\"{}\" cy=\"{}\" r=\"5\"/><text x=\"{}\" dx=\"{}\" y=\"{}\" "
        "text-anchor=\"{}\">{}</text></g>\n",
        SecondWords(time), title, axis.At(time), axis.At(time), kChangesAt, kFailuresBottom,
        axis.At(time), kChangesAt, axis.At(time), right_half ? -9 : 9, kChangesAt + 4,
        right_half ? "end" : "start", title);
  }
  if (more > 0) {
    std::string words = "\xe2\x97\x80 " + earlier_kind + ", " + ShortSpan(first - earlier) +
                        " before the first failure";
    if (more > 1) words += ", and " + CountWords(more - 1, "earlier", "earlier");
    marks.Add("<text class=\"change\" x=\"0\" y=\"{}\">{}</text>\n", kChangesAt + 18, words);
  }
  return marks;
}

// Failures between two revisions, drawn as high as there were in a minute of it on average: a
// ticket has no finer times.
struct Stretch {
  EventTime from;
  EventTime to;
  uint64_t count = 0;

  [[nodiscard]] double a_minute() const {
    constexpr Duration kMinute = std::chrono::minutes(1);
    return static_cast<double>(count) * static_cast<double>(kMinute.count()) /
           static_cast<double>(std::max(kMinute, to - from).count());
  }
};

std::vector<Stretch> StretchesOf(const std::vector<Step>& steps, EventTime first, EventTime last,
                                 uint64_t total) {
  std::vector<Stretch> stretches;
  EventTime from = first;
  uint64_t before = 0;
  const auto add = [&](EventTime to, uint64_t count) {
    if (to <= from || count < before) return;
    stretches.push_back({from, to, count - before});
    from = to;
    before = count;
  };
  for (const Step& step : steps) add(step.time, step.count);
  add(last, total);
  return stretches;
}

// "4.5"
std::string OneDigit(double number) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.1f", number);
  return text;
}

double MostAMinute(const std::vector<Stretch>& stretches) {
  double most = 0;
  for (const Stretch& stretch : stretches) most = std::max(most, stretch.a_minute());
  return most;
}

Html Failures(const std::vector<Stretch>& stretches, const Axis& axis, EventTime last,
              uint64_t total) {
  constexpr int kFull = kFailuresBottom - kFailuresTop;
  const double most = MostAMinute(stretches);
  Html bars;
  for (const Stretch& stretch : stretches) {
    const double share = most > 0 ? stretch.a_minute() / most : 0;
    const int height = std::max(2, static_cast<int>(share * kFull));
    bars.Add(
        "<rect x=\"{}\" width=\"{}\" y=\"{}\" height=\"{}\"><title>{} to {}: {}, {} a "
        "minute</title></rect>\n",
        axis.At(stretch.from), axis.Share(stretch.to - stretch.from), kFailuresBottom - height,
        height, SecondWords(stretch.from), SecondWords(stretch.to),
        CountWords(stretch.count, "failure", "failures"), OneDigit(stretch.a_minute()));
  }
  // The last of them.
  return bars.Add(
      "<rect class=\"last\" x=\"{}\" width=\"3\" y=\"{}\" height=\"{}\"><title>{}: the last of "
      "{}</title></rect>\n",
      axis.At(last), kFailuresTop, kFull, SecondWords(last),
      CountWords(total, "failure", "failures"));
}

Html RevisionMarks(const std::vector<Step>& steps, const Axis& axis) {
  Html marks;
  for (const Step& step : steps) {
    marks.Add("<circle cx=\"{}\" cy=\"{}\" r=\"4\"><title>Revision {}: {}</title></circle>\n",
              axis.At(step.time), kRevisionsAt, step.revision,
              CountWords(step.count, "failure", "failures"));
  }
  return marks;
}

Html Back(const JsonValue& ticket, const Axis& axis) {
  const EventTime back = TimeOf(ticket, "reauthenticated_at");
  Html html;
  if (back == kBeginningOfTime) return html;
  return html.Add(
      "<g class=\"back\"><title>Signed in again: {}</title><line x1=\"{}\" x2=\"{}\" y1=\"{}\" "
      "y2=\"{}\"/></g>\n",
      SecondWords(back), axis.At(back), axis.At(back), kFailuresTop, kFailuresBottom);
}

}  // namespace

Html TicketTimeline(const JsonValue& ticket, const std::vector<std::string>& revisions) {
  const EventTime first = TimeOf(ticket, "first_event_time");
  const EventTime last = TimeOf(ticket, "last_event_time");
  Html html;
  if (first == kBeginningOfTime || last < first) return html;
  const uint64_t total = ticket["event_count"].Count();
  const Axis axis = AxisOf(ticket, first, last);
  const std::vector<Step> steps = StepsOf(first, revisions);
  const std::vector<Stretch> stretches = StretchesOf(steps, first, last, total);
  const std::string words = CountWords(total, "failure", "failures") + " from " +
                            SecondWords(first) + " to " + SecondWords(last) + ", " +
                            CountWords(ticket["changes"].Elements().size(), "change", "changes") +
                            " of the password or sessions, " +
                            CountWords(revisions.size(), "revision", "revisions");
  html.Add(R"(<p class="note" id="timeline-words">{}</p>
<svg class="timeline" role="img" aria-labelledby="timeline-words" width="100%" height="{}">
<line class="base" x1="0" x2="100%" y1="{}" y2="{}"/>
<g class="failures">
{}</g>
{}{}<g class="revisions">
{}</g>
</svg>
<div class="timeline-axis" aria-hidden="true"><span>{}</span><span>{}</span><span>{}</span></div>
<ul class="legend"><li><i class="key-change"></i>password or session change</li><li><i class="key-failures"></i>failures a minute, averaged between revisions{}</li><li><i class="key-back"></i>signed in again</li><li><i class="key-revision"></i>revision of the ticket</li></ul>
)",
           words, kHeight, kFailuresBottom, kFailuresBottom, Failures(stretches, axis, last, total),
           Changes(ticket, axis, first), Back(ticket, axis), RevisionMarks(steps, axis),
           MinuteWords(axis.begin), MinuteWords(axis.begin + (axis.end - axis.begin) / 2),
           MinuteWords(axis.end),
           stretches.empty() ? std::string() : ", at most " + OneDigit(MostAMinute(stretches)));
  return html;
}

}  // namespace signinwatch
