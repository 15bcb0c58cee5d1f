#include "daemon/http/page/burning.h"

#include <algorithm>
#include <iterator>

#include "daemon/http/page/ticket_row.h"
#include "daemon/http/ticket_parameters.h"
#include "daemon/http/words.h"

namespace signinwatch {
namespace {

absl::Status Find(Store& store, const TicketFilter& filter, std::vector<Json>* tickets,
                  uint64_t* total) {
  TicketPage page;
  if (absl::Status status = store.FindTickets(filter, &page); !status.ok()) return status;
  for (const std::string& text : page.tickets) tickets->push_back(ReadJson(text));
  *total = page.total;
  return absl::OkStatus();
}

int Urgency(const Json& ticket) {
  if (TextOf(ticket, "scope") == "tenant") return 0;
  return TextOf(ticket, "cause") == "unexplained" ? 1 : 2;
}

Html Chip(const Burning::Level& level) {
  Html html;
  return html.Add(
      "<li><a class=\"chip {} {}\" href=\"/tickets?state=open&amp;severity={}\"><b>{}</b> {}</a>"
      "</li>\n",
      level.severity, level.total == 0 ? "none" : "some", level.severity, Thousands(level.total),
      level.severity);
}

Html More(const Burning::Level& level) {
  Html html;
  if (level.total <= level.tickets.size()) return html;
  return html.Add(
      "<li class=\"more\"><a href=\"/tickets?state=open&amp;severity={}\">{} more of severity "
      "{}</a></li>\n",
      level.severity, Thousands(level.total - level.tickets.size()), level.severity);
}

}  // namespace

absl::Status FindBurning(Store& store, Burning* burning) {
  const std::vector<std::string> severities = SeverityWords();
  for (size_t i = 0; i < severities.size(); ++i) {
    Burning::Level level;
    level.severity = severities[i];
    TicketFilter filter;
    filter.state = "open";
    filter.severity = level.severity;
    filter.limit = kBurningShown[std::min(i, std::size(kBurningShown) - 1)];
    absl::Status status = Find(store, filter, &level.tickets, &level.total);
    if (!status.ok()) return status;
    std::stable_sort(level.tickets.begin(), level.tickets.end(),
                     [](const Json& a, const Json& b) { return Urgency(a) < Urgency(b); });
    burning->open_total += level.total;
    burning->levels.push_back(std::move(level));
  }
  TicketFilter filter;
  filter.state = "resolved";
  filter.limit = kResolvedShown;
  return Find(store, filter, &burning->resolved, &burning->resolved_total);
}

Html BurningHtml(const Burning& burning, EventTime now) {
  Html chips;
  Html rows;
  for (const Burning::Level& level : burning.levels) {
    chips.Add(Chip(level));
    for (const Json& ticket : level.tickets) rows.Add(TicketRow(ticket, now));
    rows.Add(More(level));
  }
  Html html;
  html.Add("<ul class=\"chips\" aria-label=\"Open tickets by severity\">\n{}</ul>\n", chips);
  if (burning.open_total == 0) {
    return html.Add("<p class=\"calm\">Nothing is burning: no open tickets.</p>\n");
  }
  return html.Add("<ol class=\"tickets\">\n{}</ol>\n", rows);
}

Html ResolvedHtml(const Burning& burning, EventTime now) {
  Html html;
  if (burning.resolved.empty()) return html.Add("<p class=\"calm\">None yet.</p>\n");
  Html rows;
  for (const Json& ticket : burning.resolved) rows.Add(TicketRow(ticket, now));
  html.Add("<ol class=\"tickets over\">\n{}</ol>\n", rows);
  if (burning.resolved_total > burning.resolved.size()) {
    html.Add("<p><a href=\"/tickets?state=resolved\">All {} resolved tickets</a></p>\n",
             Thousands(burning.resolved_total));
  }
  return html;
}

}  // namespace signinwatch
