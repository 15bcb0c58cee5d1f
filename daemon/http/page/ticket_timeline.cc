#include "daemon/http/page/ticket_timeline.h"

#include <algorithm>
#include <chrono>

#include "daemon/http/page/ticket_lanes.h"
#include "daemon/http/page/ticket_row.h"
#include "daemon/http/page/time_axis.h"
#include "daemon/http/words.h"
#include "daemon/json/json_value.h"
#include "parser/event_time.h"

namespace signinwatch::http {
namespace {

// Heights in the drawing, in pixels.
constexpr int kChangesAt = 14;
constexpr int kFailuresTop = 36;
constexpr int kFailuresBottom = 106;
constexpr int kRevisionsAt = 122;
constexpr int kTimelineHeight = 136;

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
    const json::JsonDocument document(text);
    const json::JsonValue revision = document.root();
    const EventTime time = TimeOf(revision, "last_event_time");
    if (time < first) continue;
    steps.push_back({time, revision["event_count"].Count(), revision["revision"].Count()});
  }
  if (steps.size() > kTimelineMarksMax) {
    steps.erase(steps.begin(), steps.end() - static_cast<ptrdiff_t>(kTimelineMarksMax));
  }
  return steps;
}

TimeAxis AxisOf(const Ticket& ticket) {
  constexpr Duration kLeast = std::chrono::minutes(10);
  const EventTime first = ticket.first_event_time;
  const EventTime last = ticket.last_event_time;
  const Duration margin = std::max(kLeast, (last - first) / 2);
  const Timeline& line = ticket.timeline;
  TimeAxis axis{first - margin, last + kLeast};
  axis.end = std::max(axis.end, line.start + line.step * static_cast<int64_t>(line.counts.size()));
  const auto show = [&](EventTime time) {
    if (time > last) axis.end = std::max(axis.end, std::min(time, last + margin) + kLeast / 2);
  };
  if (ticket.reauthenticated_at) {
    axis.end = std::max(axis.end, *ticket.reauthenticated_at + kLeast / 2);
  }
  for (const TicketChange& change : ticket.changes) show(change.time);
  for (const RiskEvent& event : ticket.context.risk_events.shown) show(event.time);
  for (const AuditChange& change : ticket.context.security_info_changes.shown) show(change.time);
  return axis;
}

Html Changes(const Ticket& ticket, const TimeAxis& axis) {
  Html marks;
  size_t count = 0;
  EventTime earlier = kBeginningOfTime;  // the latest of those that are left of the axis
  std::string earlier_kind;
  size_t more = 0;
  for (const TicketChange& change : ticket.changes) {
    const EventTime time = change.time;
    if (time == kBeginningOfTime || ++count > kTimelineMarksMax) continue;
    const std::string title = ChangeTitle(ChangeKindName(change.kind));
    if (time < axis.begin) {
      ++more;
      if (time > earlier) {
        earlier = time;
        earlier_kind = title;
      }
      continue;
    }
    const bool right_half = axis.InRightHalf(time);
    marks.Add(
        "<g class=\"change\"><title>{}: {}</title><line x1=\"{}\" x2=\"{}\" y1=\"{}\" y2=\"{}\"/>"
        "<circle cx=\"{}\" cy=\"{}\" r=\"5\"/><text x=\"{}\" dx=\"{}\" y=\"{}\" "
        "text-anchor=\"{}\">{}</text></g>\n",
        SecondWords(time), title, axis.At(time), axis.At(time), kChangesAt, kFailuresBottom,
        axis.At(time), kChangesAt, axis.At(time), right_half ? -9 : 9, kChangesAt + 4,
        right_half ? "end" : "start", title);
  }
  if (more > 0) {
    std::string words = "\xe2\x97\x80 " + earlier_kind + ", " +
                        ShortSpan(ticket.first_event_time - earlier) + " before the first failure";
    if (more > 1) words += ", and " + CountWords(more - 1, "earlier", "earlier");
    marks.Add("<text class=\"change\" x=\"0\" y=\"{}\">{}</text>\n", kChangesAt + 18, words);
  }
  return marks;
}

// By time, or as one from the first to the last where the ticket has no times between them.
Timeline FailuresOf(const Ticket& ticket) {
  if (!ticket.timeline.counts.empty()) return ticket.timeline;
  const Duration span = ticket.last_event_time - ticket.first_event_time;
  return {.start = ticket.first_event_time,
          .step = std::chrono::floor<std::chrono::seconds>(span) + std::chrono::seconds(1),
          .counts = {ticket.event_count}};
}

Html Failures(const Ticket& ticket, const Timeline& line, const TimeAxis& axis) {
  constexpr int kFull = kFailuresBottom - kFailuresTop;
  const uint64_t most = *std::max_element(line.counts.begin(), line.counts.end());
  Html bars;
  EventTime from = line.start;
  for (const uint64_t count : line.counts) {
    const EventTime to = from + line.step;
    if (count > 0) {
      const double share = static_cast<double>(count) / static_cast<double>(most);
      const int height = std::max(2, static_cast<int>(share * kFull));
      bars.Add(
          "<rect x=\"{}\" width=\"{}\" y=\"{}\" height=\"{}\"><title>{} to {}: "
          "{}</title></rect>\n",
          axis.At(from), axis.Share(line.step), kFailuresBottom - height, height, SecondWords(from),
          SecondWords(to), CountWords(count, "failure", "failures"));
    }
    from = to;
  }
  const EventTime last = ticket.last_event_time;
  return bars.Add(
      "<rect class=\"last\" x=\"{}\" width=\"3\" y=\"{}\" height=\"{}\"><title>{}: the last of "
      "{}</title></rect>\n",
      axis.At(last), kFailuresTop, kFull, SecondWords(last),
      CountWords(ticket.event_count, "failure", "failures"));
}

// "failures in 5 min, at most 30"
std::string FailuresLegend(const Ticket& ticket, const Timeline& line) {
  if (ticket.timeline.counts.empty()) return "failures";
  return "failures in " + ShortSpan(line.step) + ", at most " +
         Thousands(*std::max_element(line.counts.begin(), line.counts.end()));
}

Html RevisionMarks(const std::vector<Step>& steps, const TimeAxis& axis) {
  Html marks;
  for (const Step& step : steps) {
    marks.Add("<circle cx=\"{}\" cy=\"{}\" r=\"4\"><title>Revision {}: {}</title></circle>\n",
              axis.At(step.time), kRevisionsAt, step.revision,
              CountWords(step.count, "failure", "failures"));
  }
  return marks;
}

Html Back(const Ticket& ticket, const TimeAxis& axis) {
  Html html;
  if (!ticket.reauthenticated_at) return html;
  const EventTime back = *ticket.reauthenticated_at;
  return html.Add(
      "<g class=\"back\"><title>Signed in again: {}</title><line x1=\"{}\" x2=\"{}\" y1=\"{}\" "
      "y2=\"{}\"/></g>\n",
      SecondWords(back), axis.At(back), axis.At(back), kFailuresTop, kFailuresBottom);
}

}  // namespace

Html TicketTimeline(const Ticket& ticket, const std::vector<std::string>& revisions) {
  const EventTime first = ticket.first_event_time;
  const EventTime last = ticket.last_event_time;
  Html html;
  if (first == kBeginningOfTime || last < first) return html;
  const TimeAxis axis = AxisOf(ticket);
  const Timeline line = FailuresOf(ticket);
  const std::vector<TicketLane> lanes = LanesOf(ticket);
  const std::string words =
      CountWords(ticket.event_count, "failure", "failures") + " from " + SecondWords(first) +
      " to " + SecondWords(last) + ", " + CountWords(ticket.changes.size(), "change", "changes") +
      " of the password or sessions, " + CountWords(revisions.size(), "revision", "revisions");
  html.Add(R"(<p class="note" id="timeline-words">{}</p>
<svg class="timeline" role="img" aria-labelledby="timeline-words" width="100%" height="{}">
<line class="base" x1="0" x2="100%" y1="{}" y2="{}"/>
<g class="failures">
{}</g>
{}{}<g class="revisions">
{}</g>
{}</svg>
<div class="timeline-axis" aria-hidden="true"><span>{}</span><span>{}</span><span>{}</span></div>
<ul class="legend"><li><i class="key-change"></i>password or session change</li><li><i class="key-failures"></i>{}</li><li><i class="key-back"></i>signed in again</li><li><i class="key-revision"></i>revision of the ticket</li>{}</ul>
)",
           words, kTimelineHeight + LanesHeight(lanes), kFailuresBottom, kFailuresBottom,
           Failures(ticket, line, axis), Changes(ticket, axis), Back(ticket, axis),
           RevisionMarks(StepsOf(first, revisions), axis), LanesHtml(lanes, axis, kTimelineHeight),
           MinuteWords(axis.begin), MinuteWords(axis.begin + (axis.end - axis.begin) / 2),
           MinuteWords(axis.end), FailuresLegend(ticket, line), LanesLegend(lanes));
  return html;
}

}  // namespace signinwatch::http
