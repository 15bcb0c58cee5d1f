#include "daemon/http/page/burning.h"

#include <algorithm>
#include <iterator>

#include "daemon/http/page/ticket_row.h"
#include "daemon/http/ticket_parameters.h"
#include "daemon/http/words.h"

namespace signinwatch::http {
namespace {

absl::Status Find(store::TicketStore& store, const store::TicketFilter& filter,
                  std::vector<Burning::Entry>* entries, uint64_t* total) {
  store::TicketPage page;
  if (absl::Status status = store.FindTickets(filter, &page); !status.ok()) return status;
  for (size_t i = 0; i < page.tickets.size(); ++i) {
    entries->push_back({json::JsonDocument(page.tickets[i]), page.reviews[i]});
  }
  *total = page.total;
  return absl::OkStatus();
}

int Urgency(const json::JsonValue& ticket) {
  const int over = ticket["state"].Text() == "open" ? 0 : 3;
  if (ticket["scope"].Text() == "tenant") return over;
  return over + (ticket["cause"].Text() == "unexplained" ? 1 : 2);
}

void Sort(std::vector<Burning::Entry>* entries) {
  std::stable_sort(entries->begin(), entries->end(),
                   [](const Burning::Entry& a, const Burning::Entry& b) {
                     return Urgency(a.document.root()) < Urgency(b.document.root());
                   });
}

absl::Status FindLevel(store::TicketStore& store, size_t shown, Burning::Level* level) {
  store::TicketFilter filter;
  filter.severity = {level->severity};
  filter.needs_review = true;
  filter.limit = shown;
  absl::Status status = Find(store, filter, &level->to_review, &level->to_review_total);
  filter.state = "open";
  filter.needs_review = false;
  filter.excepted = false;
  if (status.ok()) status = Find(store, filter, &level->looked_at, &level->looked_at_total);
  filter.needs_review.reset();
  filter.limit = 1;
  std::vector<Burning::Entry> unused;
  if (status.ok()) status = Find(store, filter, &unused, &level->open_total);
  Sort(&level->to_review);
  Sort(&level->looked_at);
  return status;
}

Html Chip(const Burning::Level& level) {
  Html html;
  return html.Add(
      "<li><a class=\"chip {} {}\" "
      "href=\"/tickets?state=open&amp;quiet=no&amp;severity={}\"><b>{}</b> {}</a>"
      "</li>\n",
      level.severity, level.open_total == 0 ? "none" : "some", level.severity,
      Thousands(level.open_total), level.severity);
}

Html Rows(const std::vector<Burning::Entry>& entries, const PageContext& context) {
  Html rows;
  for (const Burning::Entry& entry : entries) {
    rows.Add(TicketRow(entry.document.root(), entry.review, context));
  }
  return rows;
}

// `what`: "review=needed"
Html More(const Burning::Level& level, uint64_t total, size_t shown, const char* what) {
  Html html;
  if (total <= shown) return html;
  return html.Add(
      "<li class=\"more\"><a href=\"/tickets?{}&amp;severity={}\">{} more of severity "
      "{}</a></li>\n",
      Html().Add(what), level.severity, Thousands(total - shown), level.severity);
}

// That something is not known is no good news.
Html Unknown(const char* what, const std::string& blind) {
  Html html;
  return html.Add("<p class=\"unknown\"><b>Not known:</b> {} {}</p>\n", what, blind);
}

}  // namespace

absl::Status FindBurning(store::TicketStore& store, Burning* burning) {
  const std::vector<std::string> severities = SeverityWords();
  for (size_t i = 0; i < severities.size(); ++i) {
    Burning::Level level;
    level.severity = severities[i];
    const size_t shown = kBurningShown[std::min(i, std::size(kBurningShown) - 1)];
    if (absl::Status status = FindLevel(store, shown, &level); !status.ok()) return status;
    burning->open_total += level.open_total;
    burning->to_review_total += level.to_review_total;
    burning->levels.push_back(std::move(level));
  }
  store::TicketFilter filter;
  filter.state = "resolved";
  filter.needs_review = false;
  filter.excepted = false;
  filter.order = store::TicketOrder::kLastFailure;
  filter.limit = kResolvedShown;
  absl::Status status = Find(store, filter, &burning->resolved, &burning->resolved_total);
  if (!status.ok()) return status;
  store::TicketFilter quiet;
  quiet.state = "open";
  quiet.excepted = true;
  quiet.limit = kQuietShown;
  return Find(store, quiet, &burning->quiet, &burning->quiet_total);
}

Html NeedsReviewHtml(const Burning& burning, const std::string& blind, const PageContext& context) {
  Html html;
  if (burning.to_review_total == 0) {
    if (!blind.empty()) return Unknown("no ticket waits for review, but", blind);
    return html.Add("<p class=\"calm\">Every ticket has been looked at.</p>\n");
  }
  Html rows;
  for (const Burning::Level& level : burning.levels) {
    rows.Add(Rows(level.to_review, context));
    rows.Add(More(level, level.to_review_total, level.to_review.size(), "review=needed"));
  }
  html.Add("<p class=\"note\">{} that nobody has looked at, open or over{}</p>\n",
           CountWords(burning.to_review_total, "ticket", "tickets"),
           context.may_change ? Html()
                              : Html().Add(". To mark them here, set up authentication "
                                           "(http.web_config_file)"));
  return html.Add("<ol class=\"tickets\">\n{}</ol>\n", rows);
}

Html BurningHtml(const Burning& burning, const std::string& blind, const PageContext& context) {
  Html chips;
  Html rows;
  uint64_t looked_at = 0;
  for (const Burning::Level& level : burning.levels) {
    chips.Add(Chip(level));
    looked_at += level.looked_at_total;
    rows.Add(Rows(level.looked_at, context));
    rows.Add(
        More(level, level.looked_at_total, level.looked_at.size(), "state=open&amp;review=done"));
  }
  Html html;
  html.Add("<ul class=\"chips\" aria-label=\"Open tickets by severity\">\n{}</ul>\n", chips);
  if (burning.open_total == 0) {
    if (!blind.empty()) return html.Add(Unknown("no ticket is open, but", blind));
    return html.Add("<p class=\"calm\">Nothing is burning: no open tickets.</p>\n");
  }
  if (looked_at < burning.open_total) {
    html.Add("<p class=\"note\">{} of them nobody has looked at: see Needs review.</p>\n",
             Thousands(burning.open_total - looked_at));
  }
  return rows.empty() ? html : html.Add("<ol class=\"tickets\">\n{}</ol>\n", rows);
}

Html QuietHtml(const Burning& burning, const PageContext& context) {
  Html html;
  if (burning.quiet_total == 0) return html;
  html.Add(
      "<section aria-labelledby=\"quiet\"><h2 id=\"quiet\">Quiet by exception</h2>\n<p "
      "class=\"note\">{} that the configuration keeps from sinks and alerts</p>\n<ol "
      "class=\"tickets\">\n{}</ol>\n",
      CountWords(burning.quiet_total, "open ticket", "open tickets"), Rows(burning.quiet, context));
  if (burning.quiet_total > burning.quiet.size()) {
    html.Add("<p><a href=\"/tickets?quiet=yes&amp;state=open\">All {} of them</a></p>\n",
             Thousands(burning.quiet_total));
  }
  return html.Add("</section>\n");
}

Html ResolvedHtml(const Burning& burning, const PageContext& context) {
  Html html;
  if (burning.resolved.empty()) return html.Add("<p class=\"note\">None yet.</p>\n");
  html.Add("<ol class=\"tickets over\">\n{}</ol>\n", Rows(burning.resolved, context));
  if (burning.resolved_total > burning.resolved.size()) {
    html.Add(
        "<p><a href=\"/tickets?state=resolved&amp;review=done\">All {} resolved tickets</a></p>\n",
        Thousands(burning.resolved_total));
  }
  return html;
}

}  // namespace signinwatch::http
