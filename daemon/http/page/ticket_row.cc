#include "daemon/http/page/ticket_row.h"

#include <map>

#include "daemon/http/page/layout.h"
#include "daemon/http/page/links.h"
#include "daemon/http/words.h"

namespace signinwatch::http {
namespace {

// The word itself where it is of a later version.
std::string TitleOf(const std::map<std::string_view, const char*>& titles, std::string_view word) {
  const auto known = titles.find(word);
  return known == titles.end() ? std::string(word) : known->second;
}

// When, how many, of whom.
Html Counts(const json::JsonValue& ticket, EventTime now) {
  Html html;
  html.Add("<b>{}</b>", CountWords(ticket["event_count"].Count(), "failure", "failures"));
  if (ticket["scope"].Text() == "tenant") {
    html.Add(" of {}", CountWords(ticket["distinct_users"].Count(), "user", "users"));
  }
  const EventTime first = TimeOf(ticket, "first_event_time");
  const EventTime last = TimeOf(ticket, "last_event_time");
  html.Add(" within {}, last {}", ShortSpan(last - first), AgoHtml(last, now));
  return html;
}

Html FirstStep(const json::JsonValue& ticket) {
  const std::vector<json::JsonValue> runbook = ticket["runbook"].Elements();
  Html html;
  if (runbook.empty()) return html;
  return html.Add("<p class=\"step\"><b>First:</b> {}</p>", runbook.front()["title"].Text());
}

Html Ending(const json::JsonValue& ticket, EventTime now) {
  Html html;
  const std::string resolution = ticket["resolution"].Text();
  const EventTime resolved = TimeOf(ticket, "resolved_at");
  const std::string how = resolution == "reauthenticated" ? "Signed in again"
                          : resolution == "quiet"         ? "Failures stopped"
                                                          : "Merged into another ticket";
  html.Add("<p class=\"step\">{}", how);
  if (resolved != kBeginningOfTime) html.Add(", resolved {}", AgoHtml(resolved, now));
  return html.Add("</p>");
}

// To the pages of the user and of the tenant.
Html OfWhom(const json::JsonValue& ticket, const PageContext& context) {
  const std::string tenant = ticket["tenant_id"].Text();
  Html html;
  if (ticket["scope"].Text() == "tenant") {  // its name is above
    return html.Add("<a href=\"/tenant?id={}\">All of this tenant</a>", EscapeQuery(tenant));
  }
  const std::string id = ticket["user_id"].Text();
  const std::string user = id.empty() ? ticket["user_principal_name"].Text() : id;
  if (!user.empty()) {
    html.Add("<a href=\"{}\">All of this user</a> &middot; ", UserPagePath(tenant, user));
  }
  return html.Add("tenant ").Add(TenantLink(tenant, context));
}

}  // namespace

std::string WhoOf(const json::JsonValue& ticket, const PageContext& context) {
  if (ticket["scope"].Text() == "tenant") {
    return "Tenant " + context.TenantName(ticket["tenant_id"].Text());
  }
  const std::string name = ticket["user_principal_name"].Text();
  return name.empty() ? "User " + ticket["user_id"].Text() : name;
}

std::string CauseTitle(std::string_view cause) {
  static const std::map<std::string_view, const char*> titles{
      {"password_changed", "Password changed by the user"},
      {"password_reset", "Self-service password reset"},
      {"password_reset_by_admin", "Password reset by an administrator"},
      {"password_synced", "Password change synchronised"},
      {"sync_delay", "Password synchronised late"},
      {"sessions_revoked", "Sessions revoked"},
      {"password_expired", "Password expired"},
      {"incorrect_password", "Wrong password"},
      {"home_tenant", "Guest: home tenant"},
      {"unexplained", "Unexplained"},
      {"pending", "Cause not clear yet"},
      {"mixed", "Several causes"},
  };
  return TitleOf(titles, cause);
}

std::string FindingTitle(std::string_view finding) {
  static const std::map<std::string_view, const char*> titles{
      {"unfamiliar_source", "Unfamiliar source"},         {"persistent", "Persistent"},
      {"session_elsewhere", "Session in two places"},     {"risk_detected", "Risk detected"},
      {"security_info_changed", "Security info changed"},
  };
  return TitleOf(titles, finding);
}

std::string ChangeTitle(const std::string& kind) {
  static const std::map<std::string_view, const char*> titles{
      {"admin_reset", "Reset by an administrator"},
      {"self_reset", "Self-service reset"},
      {"change", "Changed by the user"},
      {"sync", "Synchronised from on-premises"},
      {"revoke", "Sessions revoked"},
      {"force_change", "Change at next sign-in required"},
  };
  return TitleOf(titles, kind);
}

// The class is escaped like any text: a word that is not ours has no colour.
Html SeverityBadge(const std::string& severity) {
  Html html;
  return html.Add("<span class=\"badge {}\">{}</span>", severity, severity);
}

Html QuietTag(const json::JsonValue& ticket) {
  const std::string exception = ticket["exception"].Text();
  Html html;
  if (exception.empty()) return html;
  return html.Add(
      " <span class=\"tag quiet\" title=\"By this exception no sink is told and no alert fires\">"
      "Quiet: <bdi>{}</bdi></span>",
      exception);
}

Html FindingTags(const json::JsonValue& ticket) {
  Html html;
  for (const json::JsonValue& finding : ticket["findings"].Elements()) {
    const std::string name = finding.Text();
    if (!name.empty()) html.Add(" <span class=\"tag\">{}</span>", FindingTitle(name));
  }
  return html;
}

EventTime TimeOf(const json::JsonValue& object, const char* key) {
  return ParseEventTime(object[key].Text()).value_or(kBeginningOfTime);
}

Html ReviewHtml(const std::string& ticket_id, uint64_t revision, const store::TicketReview& review,
                const PageContext& context) {
  Html html;
  if (review.at != kBeginningOfTime) {
    html.Add("<span class=\"note\">{} by <bdi>{}</bdi> {}</span>",
             review.needed ? "Severity was raised since it was looked at" : "Looked at", review.by,
             AgoHtml(review.at, context.now));
  }
  if (!context.may_change || (!review.needed && review.at == kBeginningOfTime)) return html;
  const char* const done = review.needed ? "yes" : "no";
  return html.Add(
      " <form class=\"act\" method=\"post\" action=\"/tickets/{}/review?done={}{}\">"
      "<button id=\"review-{}\"{}>{}</button></form>",
      EscapeQuery(ticket_id), done,
      review.needed ? Html().Add("&amp;revision={}", revision) : Html(), ticket_id,
      review.needed ? Html() : Html().Add(" class=\"quiet\""),
      review.needed ? "Mark as looked at" : "Take back");
}

Html TicketRow(const json::JsonValue& ticket, const store::TicketReview& review,
               const PageContext& context) {
  const std::string id = ticket["ticket_id"].Text();
  const bool open = ticket["state"].Text() == "open";
  Html part_of;
  if (!ticket["parent_ticket_id"].Text().empty()) {
    part_of.Add(" <a class=\"tag\" href=\"/tickets/{}\">Part of a tenant burst</a>",
                ticket["parent_ticket_id"].Text());
  }
  Html then;
  if (!open) then.Add(Ending(ticket, context.now));
  if (open || review.needed) then.Add(FirstStep(ticket));
  const Html reviewed = ReviewHtml(id, ticket["revision"].Count(), review, context);
  if (!reviewed.empty()) then.Add("<div class=\"reviewed\">{}</div>", reviewed);
  Html html;
  html.Add(R"(<li class="ticket {}">{}
<div class="what"><a id="t-{}" href="/tickets/{}"><bdi>{}</bdi></a>{}
<p>{}{}{}{}</p>
<p class="of">{}</p></div>
<div class="when"><p>{}</p>{}</div></li>
)",
           ticket["severity"].Text(), SeverityBadge(ticket["severity"].Text()), id, id,
           WhoOf(ticket, context),
           open ? Html().Add(" <span class=\"tag open\">open</span>") : Html(),
           CauseTitle(ticket["cause"].Text()), FindingTags(ticket), QuietTag(ticket), part_of,
           OfWhom(ticket, context), Counts(ticket, context.now), then);
  return html;
}

}  // namespace signinwatch::http
