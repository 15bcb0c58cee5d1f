#include "daemon/http/page/ticket_answers.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "daemon/http/page/layout.h"
#include "daemon/http/words.h"
#include "daemon/words/answers.h"

namespace signinwatch::http {
namespace {

struct Happening {
  EventTime time;
  const char* what;
  std::string detail;
  std::string by;  // a person, or a network
};

void AddAuditChanges(const ShownOf<AuditChange>& changes, const char* what,
                     std::vector<Happening>* happenings) {
  for (const AuditChange& change : changes.shown) {
    happenings->push_back({change.time, what,
                           change.operation + (change.policy.empty() ? "" : ": ") + change.policy,
                           change.actor});
  }
}

std::vector<Happening> HappeningsOf(const TicketContext& context) {
  std::vector<Happening> happenings;
  for (const SessionElsewhere& session : context.sessions_elsewhere.shown) {
    for (const SessionPlace& place : session.places.shown) {
      happenings.push_back({place.first_event_time, "Session used in two places",
                            "session " + session.session_id + ", " +
                                CountWords(place.count, "failure", "failures") + " from here",
                            place.country + ", " + place.network});
    }
  }
  for (const RiskEvent& event : context.risk_events.shown) {
    std::string detail = event.type;
    if (!event.level.empty()) detail += ", " + event.level;
    if (!event.state.empty()) detail += ", " + event.state;
    happenings.push_back({event.time, "Risk event", std::move(detail), ""});
  }
  AddAuditChanges(context.security_info_changes, "Security info", &happenings);
  AddAuditChanges(context.policy_changes, "Policy", &happenings);
  std::stable_sort(happenings.begin(), happenings.end(),
                   [](const Happening& a, const Happening& b) { return a.time < b.time; });
  return happenings;
}

// How many there are beyond those that the ticket lists.
uint64_t Unlisted(const TicketContext& context) {
  const auto beyond = [](const auto& list) {
    return list.total - std::min<uint64_t>(list.total, list.shown.size());
  };
  return beyond(context.sessions_elsewhere) + beyond(context.risk_events) +
         beyond(context.security_info_changes) + beyond(context.policy_changes);
}

}  // namespace

Html TicketAnswersHtml(const Ticket& ticket) {
  Html rows;
  for (const words::GuideAnswer& answer : words::TicketAnswers(ticket)) {
    rows.Add("<div{}><dt>{}</dt><dd>{}</dd></div>\n",
             answer.alarming ? Html().Add(" class=\"alarm\"") : Html(),
             words::GuideQuestionTitle(answer.question), answer.text);
  }
  if (!rows.empty() && ticket.scope == GroupBy::kUser && ticket.context.mfa.shown.empty()) {
    rows.Add(
        "<div class=\"open-question\"><dt>MFA</dt><dd>not seen in the days before the burst: see "
        "whether it is set up</dd></div>\n");
  }
  Html html;
  if (rows.empty()) return html;
  return html.Add(
      "<section class=\"answered\"><h2>What the records answer</h2>\n<dl "
      "class=\"answers\">\n{}</dl></section>\n",
      rows);
}

Html AroundTheBurst(const Ticket& ticket) {
  Html rows;
  for (const Happening& happening : HappeningsOf(ticket.context)) {
    rows.Add("<tr><td>{}</td><td>{}</td><td><bdi>{}</bdi></td><td><bdi>{}</bdi></td></tr>\n",
             MomentHtml(happening.time), happening.what, happening.detail, happening.by);
  }
  Html html;
  if (rows.empty()) return html;
  const uint64_t unlisted = Unlisted(ticket.context);
  return html.Add(
      R"(<section><h2>Around the burst</h2>
<div class="wide" tabindex="0" role="group" aria-label="Around the burst"><table class="changes"><thead><tr><th scope="col">when</th><th scope="col">what</th><th scope="col">which</th><th scope="col">by whom, or where</th></tr></thead>
<tbody>
{}</tbody></table></div>{}</section>
)",
      rows,
      unlisted == 0 ? Html()
                    : Html().Add("<p class=\"note\">and {} more</p>", Thousands(unlisted)));
}

}  // namespace signinwatch::http
