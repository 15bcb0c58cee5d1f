#include "daemon/http/page/ticket_lanes.h"

#include <algorithm>
#include <string_view>

#include "daemon/http/words.h"
#include "daemon/words/answers.h"

namespace signinwatch::http {
namespace {

constexpr int kPointHeight = 21;
constexpr int kSpanHeight = 30;

constexpr const char* kPlace = "place";
constexpr const char* kRisk = "risk";
constexpr const char* kInfo = "security-info";
constexpr const char* kPolicy = "policy";
constexpr const char* kFailing = "failing";
constexpr const char* kStopped = "stopped";

constexpr struct {
  const char* kind;
  const char* title;
} kLegend[] = {
    {kPlace, "a session is used from here first"},
    {kRisk, "risk event of Entra"},
    {kInfo, "change of security info"},
    {kPolicy, "change of a policy"},
    {kFailing, "program that fails to the end"},
    {kStopped, "program that stopped before"},
};

bool IsSpan(const TicketLane& lane) { return lane.to > lane.from; }
int HeightOf(const TicketLane& lane) {
  return std::string_view(lane.kind) == kFailing || std::string_view(lane.kind) == kStopped
             ? kSpanHeight
             : kPointHeight;
}

void AddPlaces(const Ticket& ticket, std::vector<TicketLane>* lanes) {
  size_t count = 0;
  for (const SessionElsewhere& session : ticket.context.sessions_elsewhere.shown) {
    for (const SessionPlace& place : session.places.shown) {
      if (++count > kLanesOfAKindMax) return;
      lanes->push_back({place.first_event_time, place.first_event_time,
                        "session in " + place.country + ", " + place.network + " (" +
                            Thousands(place.count) + ")",
                        kPlace});
    }
  }
}

// The latest, as the lists are by time.
template <typename T>
std::vector<T> Latest(const std::vector<T>& list) {
  return {list.end() - static_cast<ptrdiff_t>(std::min(list.size(), kLanesOfAKindMax)), list.end()};
}

void AddProgram(const Ticket& ticket, const Counted& app, std::vector<TicketLane>* lanes) {
  if (app.last_event_time == kBeginningOfTime) return;
  const bool still = words::FailsStill(ticket, app);
  lanes->push_back({app.first_event_time, app.last_event_time,
                    (app.name.empty() ? app.id : app.name) + " (" + Thousands(app.count) + ")" +
                        (still ? "" : ", stopped"),
                    still ? kFailing : kStopped});
}

Html SpanHtml(const TicketLane& lane, const TimeAxis& axis, int top) {
  const bool right = axis.InRightHalf(lane.from);
  Html html;
  return html.Add(
      "<text x=\"{}\" y=\"{}\" text-anchor=\"{}\">{}</text><rect x=\"{}\" width=\"{}\" y=\"{}\" "
      "height=\"8\" rx=\"2\"/>",
      axis.At(right ? lane.to : lane.from), top + 12, right ? "end" : "start", lane.text,
      axis.At(lane.from), IsSpan(lane) ? axis.Share(lane.to - lane.from) : std::string("4"),
      top + 17);
}

// What was before the drawing's begin stands at its edge, with an arrow.
Html PointHtml(const TicketLane& lane, const TimeAxis& axis, int top) {
  const bool right = axis.InRightHalf(lane.from);
  const bool before = lane.from < axis.begin;
  Html html;
  return html.Add(
      "<circle cx=\"{}\" cy=\"{}\" r=\"5\"/><text x=\"{}\" dx=\"{}\" y=\"{}\" "
      "text-anchor=\"{}\">{}{}</text>",
      axis.At(lane.from), top + 11, axis.At(lane.from), right ? -9 : 9, top + 15,
      right ? "end" : "start", before ? "\xe2\x97\x80 " : "", lane.text);
}

}  // namespace

std::vector<TicketLane> LanesOf(const Ticket& ticket) {
  std::vector<TicketLane> lanes;
  AddPlaces(ticket, &lanes);
  for (const RiskEvent& event : Latest(ticket.context.risk_events.shown)) {
    lanes.push_back({event.time, event.time, event.type, kRisk});
  }
  for (const AuditChange& change : Latest(ticket.context.security_info_changes.shown)) {
    lanes.push_back({change.time, change.time, change.operation, kInfo});
  }
  for (const AuditChange& change : Latest(ticket.context.policy_changes.shown)) {
    lanes.push_back({change.time, change.time,
                     change.operation + (change.policy.empty() ? "" : ": ") + change.policy,
                     kPolicy});
  }
  const auto& apps = ticket.apps.shown;
  for (size_t i = 0; i < std::min(apps.size(), kLanesOfAKindMax); ++i) {
    AddProgram(ticket, apps[i], &lanes);
  }
  return lanes;
}

int LanesHeight(const std::vector<TicketLane>& lanes) {
  int height = 0;
  for (const TicketLane& lane : lanes) height += HeightOf(lane);
  return height;
}

Html LanesHtml(const std::vector<TicketLane>& lanes, const TimeAxis& axis, int top) {
  Html html;
  for (const TicketLane& lane : lanes) {
    const bool span = HeightOf(lane) == kSpanHeight;
    html.Add("<g class=\"lane {}\"><title>{}{}{}: {}</title>{}</g>\n", lane.kind,
             SecondWords(lane.from), IsSpan(lane) ? " to " : "",
             IsSpan(lane) ? SecondWords(lane.to) : std::string(), lane.text,
             span ? SpanHtml(lane, axis, top) : PointHtml(lane, axis, top));
    top += HeightOf(lane);
  }
  return html;
}

Html LanesLegend(const std::vector<TicketLane>& lanes) {
  Html html;
  for (const auto& entry : kLegend) {
    const auto is_kind = [&entry](const TicketLane& lane) {
      return std::string_view(lane.kind) == entry.kind;
    };
    if (std::none_of(lanes.begin(), lanes.end(), is_kind)) continue;
    html.Add("<li><i class=\"key-{}\"></i>{}</li>", entry.kind, entry.title);
  }
  return html;
}

}  // namespace signinwatch::http
