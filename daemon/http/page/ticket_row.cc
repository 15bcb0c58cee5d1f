#include "daemon/http/page/ticket_row.h"

#include <map>

#include "daemon/http/page/layout.h"
#include "daemon/http/page/links.h"
#include "daemon/http/words.h"

namespace signinwatch {
namespace {

// The word itself where it is of a later version.
std::string TitleOf(const std::map<std::string_view, const char*>& titles, std::string_view word) {
  const auto known = titles.find(word);
  return known == titles.end() ? std::string(word) : known->second;
}

// When, how many, of whom.
Html Counts(const Json& ticket, EventTime now) {
  Html html;
  html.Add("<b>{}</b>", CountWords(NumberOf(ticket, "event_count"), "failure", "failures"));
  if (TextOf(ticket, "scope") == "tenant") {
    html.Add(" of {}", CountWords(NumberOf(ticket, "distinct_users"), "user", "users"));
  }
  const EventTime first = TimeOf(ticket, "first_event_time");
  const EventTime last = TimeOf(ticket, "last_event_time");
  html.Add(" within {}, last {}", ShortSpan(last - first), AgoHtml(last, now));
  return html;
}

Html FirstStep(const Json& ticket) {
  const Json& runbook = ListOf(ticket, "runbook");
  Html html;
  if (runbook.empty()) return html;
  return html.Add("<p class=\"step\"><b>First:</b> {}</p>", TextOf(runbook.front(), "title"));
}

Html Ending(const Json& ticket, EventTime now) {
  Html html;
  const std::string resolution = TextOf(ticket, "resolution");
  const EventTime resolved = TimeOf(ticket, "resolved_at");
  const std::string how = resolution == "reauthenticated" ? "Signed in again"
                          : resolution == "quiet"         ? "Failures stopped"
                                                          : "Merged into another ticket";
  html.Add("<p class=\"step\">{}", how);
  if (resolved != kBeginningOfTime) html.Add(", resolved {}", AgoHtml(resolved, now));
  return html.Add("</p>");
}

// To the pages of the user and of the tenant.
Html OfWhom(const Json& ticket, const PageContext& context) {
  const std::string tenant = TextOf(ticket, "tenant_id");
  Html html;
  if (TextOf(ticket, "scope") == "tenant") {  // its name is above
    return html.Add("<a href=\"/tenant?id={}\">All of this tenant</a>", EscapeQuery(tenant));
  }
  const std::string id = TextOf(ticket, "user_id");
  const std::string user = id.empty() ? TextOf(ticket, "user_principal_name") : id;
  if (!user.empty()) {
    html.Add("<a href=\"{}\">All of this user</a> &middot; ", UserPagePath(tenant, user));
  }
  return html.Add("tenant ").Add(TenantLink(tenant, context));
}

}  // namespace

std::string WhoOf(const Json& ticket, const PageContext& context) {
  if (TextOf(ticket, "scope") == "tenant") {
    return "Tenant " + context.TenantName(TextOf(ticket, "tenant_id"));
  }
  const std::string name = TextOf(ticket, "user_principal_name");
  return name.empty() ? "User " + TextOf(ticket, "user_id") : name;
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
      {"unfamiliar_source", "Unfamiliar source"}, {"persistent", "Persistent"}};
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

Html QuietTag(const Json& ticket) {
  const std::string exception = TextOf(ticket, "exception");
  Html html;
  if (exception.empty()) return html;
  return html.Add(
      " <span class=\"tag quiet\" title=\"By this exception no sink is told and no alert fires\">"
      "Quiet: <bdi>{}</bdi></span>",
      exception);
}

Html FindingTags(const Json& ticket) {
  Html html;
  for (const Json& finding : ListOf(ticket, "findings")) {
    if (!finding.is_string()) continue;
    html.Add(" <span class=\"tag\">{}</span>", FindingTitle(finding.get<std::string>()));
  }
  return html;
}

EventTime TimeOf(const Json& object, const char* key) {
  return ParseEventTime(TextOf(object, key)).value_or(kBeginningOfTime);
}

Html ReviewHtml(const std::string& ticket_id, uint64_t revision, const TicketReview& review,
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

Html TicketRow(const Json& ticket, const TicketReview& review, const PageContext& context) {
  const std::string id = TextOf(ticket, "ticket_id");
  const bool open = TextOf(ticket, "state") == "open";
  Html part_of;
  if (!TextOf(ticket, "parent_ticket_id").empty()) {
    part_of.Add(" <a class=\"tag\" href=\"/tickets/{}\">Part of a tenant burst</a>",
                TextOf(ticket, "parent_ticket_id"));
  }
  Html then;
  if (!open) then.Add(Ending(ticket, context.now));
  if (open || review.needed) then.Add(FirstStep(ticket));
  const Html reviewed = ReviewHtml(id, NumberOf(ticket, "revision"), review, context);
  if (!reviewed.empty()) then.Add("<div class=\"reviewed\">{}</div>", reviewed);
  Html html;
  html.Add(R"(<li class="ticket {}">{}
<div class="what"><a id="t-{}" href="/tickets/{}"><bdi>{}</bdi></a>{}
<p>{}{}{}{}</p>
<p class="of">{}</p></div>
<div class="when"><p>{}</p>{}</div></li>
)",
           TextOf(ticket, "severity"), SeverityBadge(TextOf(ticket, "severity")), id, id,
           WhoOf(ticket, context),
           open ? Html().Add(" <span class=\"tag open\">open</span>") : Html(),
           CauseTitle(TextOf(ticket, "cause")), FindingTags(ticket), QuietTag(ticket), part_of,
           OfWhom(ticket, context), Counts(ticket, context.now), then);
  return html;
}

}  // namespace signinwatch
