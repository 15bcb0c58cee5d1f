#include "daemon/http/page/tenant_page.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "daemon/http/page/html.h"
#include "daemon/http/page/layout.h"
#include "daemon/http/page/links.h"
#include "daemon/http/page/page_parameters.h"
#include "daemon/http/page/ticket_row.h"
#include "daemon/http/problem.h"
#include "daemon/http/words.h"
#include "daemon/json/json_value.h"
#include "parser/ascii.h"

namespace signinwatch::http {
namespace {

constexpr size_t kToReviewShown = 20;
constexpr size_t kLatestLookedAt = 200;  // for the users
constexpr size_t kLatestShown = 30;
constexpr size_t kUsersShown = 20;

Html Rows(const store::TicketPage& page, size_t most, const PageContext& context) {
  Html rows;
  for (size_t i = 0; i < std::min(page.tickets.size(), most); ++i) {
    rows.Add(TicketRow(json::JsonDocument(page.tickets[i]).root(), page.reviews[i], context));
  }
  Html html;
  if (rows.empty()) return html.Add("<p class=\"note\">None.</p>\n");
  return html.Add("<ol class=\"tickets\">\n{}</ol>\n", rows);
}

struct User {
  std::string id, name;
  uint64_t tickets = 0;
  uint64_t failures = 0;
};

// Those with the most tickets of the latest.
Html Users(const std::vector<const store::TicketPage*>& pages, const std::string& tenant) {
  std::map<std::string, User> by_key;
  for (const store::TicketPage* page : pages) {
    for (const std::string& text : page->tickets) {
      const json::JsonDocument document(text);
      const json::JsonValue ticket = document.root();
      if (ticket["scope"].Text() != "user") continue;
      const std::string id = ticket["user_id"].Text();
      const std::string name = ticket["user_principal_name"].Text();
      User& user = by_key[id.empty() ? name : id];
      if (user.tickets++ == 0) user = {id, name, 1, 0};
      user.failures += ticket["event_count"].Count();
    }
  }
  std::vector<User> users;
  for (auto& [key, user] : by_key) users.push_back(std::move(user));
  std::stable_sort(users.begin(), users.end(), [](const User& a, const User& b) {
    return std::pair(a.tickets, a.failures) > std::pair(b.tickets, b.failures);
  });
  Html rows;
  for (size_t i = 0; i < std::min(users.size(), kUsersShown); ++i) {
    rows.Add("<tr><td>{}</td><td>{}</td><td>{}</td></tr>\n",
             UserLink(tenant, users[i].id, users[i].name), Thousands(users[i].tickets),
             Thousands(users[i].failures));
  }
  Html html;
  if (rows.empty()) return html.Add("<p class=\"note\">None.</p>\n");
  return html.Add(
      "<table class=\"numbers users\"><thead><tr><th scope=\"col\">user</th><th "
      "scope=\"col\">tickets</th><th scope=\"col\">failures</th></tr></thead><tbody>\n{}</tbody>"
      "</table>\n",
      rows);
}

Html All(const std::string& tenant, const char* what, uint64_t total, const char* words) {
  Html html;
  return html.Add("<p><a href=\"/tickets?tenant={}{}\">All {} {}</a></p>\n", EscapeQuery(tenant),
                  Html().Add(what), Thousands(total), words);
}

}  // namespace

HttpReply TenantPage(store::TicketStore& store, const HttpRequest& request,
                     const PageContext& context) {
  std::string id;
  const auto problems = ReadPageParameters(request, {{"id", &id}});
  if (!problems.empty()) return ProblemsPage("Tenant", problems);
  LowerAsciiRange(id.data(), id.size());

  store::TicketFilter filter;
  filter.tenant_id = id;
  filter.limit = 1;
  filter.state = "open";
  store::TicketPage open;
  store::TicketPage to_review;
  store::TicketPage others;
  absl::Status status = store.FindTickets(filter, &open);
  filter.state.reset();
  filter.needs_review = true;
  filter.order = store::TicketOrder::kSeverity;
  filter.limit = kToReviewShown;
  if (status.ok()) status = store.FindTickets(filter, &to_review);
  filter.needs_review = false;
  filter.order = store::TicketOrder::kFirstFailure;
  filter.limit = kLatestLookedAt;
  if (status.ok()) status = store.FindTickets(filter, &others);
  if (!status.ok()) return StoreProblemReply(status);

  const std::string name = context.TenantName(id);
  if (to_review.total + others.total == 0 && name == id) {
    return PageReply("No such tenant", "/tenants",
                     Html().Add("<h1>No tickets of this tenant</h1>\n<p>None is kept. <a "
                                "href=\"/tenants\">All tenants</a></p>\n"),
                     404);
  }
  Html main;
  main.Add(
      R"(<section><h1><bdi>{}</bdi></h1>
<dl class="facts">
<div><dt>Tenant id</dt><dd><bdi>{}</bdi></dd></div>
<div><dt>Open tickets</dt><dd>{}</dd></div>
<div><dt>Tickets that need review</dt><dd>{}</dd></div>
<div><dt>Tickets kept</dt><dd>{}</dd></div>
</dl></section>
<div class="columns">
<div>
<section><h2>Needs review</h2>
{}{}</section>
<section><h2>The others, the latest first</h2>
{}{}</section>
</div>
<div>
<section><h2>Users with the most tickets</h2>
<p class="note">Of the latest tickets of this tenant</p>
{}</section>
</div>
</div>
)",
      name, id, Thousands(open.total), Thousands(to_review.total),
      Thousands(to_review.total + others.total), Rows(to_review, kToReviewShown, context),
      to_review.total > to_review.tickets.size()
          ? All(id, "&amp;review=needed&amp;sort=severity", to_review.total, "that need review")
          : Html(),
      Rows(others, kLatestShown, context),
      others.total > kLatestShown ? All(id, "&amp;review=done", others.total, "others") : Html(),
      Users({&to_review, &others}, id));
  return PageReply(name + " - signinwatch", "/tenants", main);
}

}  // namespace signinwatch::http
