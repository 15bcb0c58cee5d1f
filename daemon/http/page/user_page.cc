#include "daemon/http/page/user_page.h"

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

namespace signinwatch::http {
namespace {

constexpr size_t kListShown = 20;
constexpr size_t kTenantBurstsShown = 20;

struct Known {
  std::vector<json::JsonDocument> documents;
  std::vector<json::JsonValue> tickets;  // the documents' roots
  std::vector<store::TicketReview> reviews;
  uint64_t total = 0;
};

absl::Status Find(store::TicketStore& store, const store::TicketFilter& filter, Known* known) {
  store::TicketPage page;
  if (absl::Status status = store.FindTickets(filter, &page); !status.ok()) return status;
  for (const std::string& text : page.tickets) {
    known->tickets.push_back(known->documents.emplace_back(text).root());
  }
  known->reviews = page.reviews;
  known->total = page.total;
  return absl::OkStatus();
}

Html Rows(const Known& known, const PageContext& context) {
  Html rows;
  for (size_t i = 0; i < known.tickets.size(); ++i) {
    rows.Add(TicketRow(known.tickets[i], known.reviews[i], context));
  }
  Html html;
  return html.Add("<ol class=\"tickets\">\n{}</ol>\n", rows);
}

// One change may be in several tickets.
Html Changes(const Known& known) {
  std::map<std::pair<std::string, std::string>, json::JsonValue> changes;
  for (const json::JsonValue& ticket : known.tickets) {
    for (const json::JsonValue& change : ticket["changes"].Elements()) {
      changes[{change["time"].Text(), change["kind"].Text()}] = change;
    }
  }
  Html rows;
  for (auto at = changes.rbegin(); at != changes.rend(); ++at) {
    rows.Add("<tr><td>{}</td><td>{}</td><td><bdi>{}</bdi></td></tr>\n",
             MomentHtml(TimeOf(at->second, "time")), ChangeTitle(at->first.second),
             at->second["actor"].Text());
  }
  Html html;
  if (rows.empty()) return html.Add("<p class=\"note\">None in these tickets.</p>\n");
  return html.Add(
      R"(<div class="wide" tabindex="0" role="group" aria-label="Password changes and revocations"><table class="changes"><thead><tr><th scope="col">when</th><th scope="col">what</th><th scope="col">by</th></tr></thead>
<tbody>
{}</tbody></table></div>
)",
      rows);
}

struct Source {
  std::string shown;
  uint64_t failures = 0;
  uint64_t tickets = 0;
};

// Failures by what one of the tickets' lists counts.
Html Sources(const Known& known, const char* key, const char* title) {
  std::map<std::string, Source> sources;
  for (const json::JsonValue& ticket : known.tickets) {
    for (const json::JsonValue& entry : ticket[key].Elements()) {
      std::string value = entry["value"].Text();
      if (value.empty()) value = entry["id"].Text();
      const std::string name = entry["name"].Text();
      if (value.empty()) value = name;
      if (value.empty()) continue;
      Source& source = sources[value];
      source.shown = name.empty() ? value : name;
      source.failures += entry["count"].Count();
      source.tickets += 1;
    }
  }
  std::vector<std::pair<std::string, Source>> sorted(sources.begin(), sources.end());
  std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) {
    return a.second.failures > b.second.failures;
  });
  Html rows;
  for (size_t i = 0; i < std::min(sorted.size(), kListShown); ++i) {
    rows.Add("<tr><td>{}</td><td>{}</td><td>{}</td></tr>\n",
             SearchLink(sorted[i].first, sorted[i].second.shown),
             Thousands(sorted[i].second.failures), Thousands(sorted[i].second.tickets));
  }
  Html html;
  if (rows.empty()) return html;
  Html more;
  if (sorted.size() > kListShown) {
    more.Add("<p class=\"note\">and {} more</p>", Thousands(sorted.size() - kListShown));
  }
  return html.Add(
      "<div><h3>{}</h3>\n<table class=\"numbers\"><thead><tr><th scope=\"col\"></th><th "
      "scope=\"col\">failures</th><th scope=\"col\">tickets</th></tr></thead><tbody>\n{}</tbody>"
      "</table>{}</div>\n",
      title, rows, more);
}

// Names by which the tickets call the user, the latest first.
std::string NamesOf(const Known& known) {
  std::vector<std::string> names;
  for (const json::JsonValue& ticket : known.tickets) {
    const std::string name = ticket["user_principal_name"].Text();
    if (!name.empty() && std::find(names.begin(), names.end(), name) == names.end()) {
      names.push_back(name);
    }
  }
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

Html Facts(const Known& known, const std::string& tenant, const PageContext& context) {
  const json::JsonValue latest = known.tickets.front();
  const std::string id = latest["user_id"].Text();
  const auto fact = [](const char* name, const Html& value) {
    Html html;
    return value.empty() ? html : html.Add("<div><dt>{}</dt><dd>{}</dd></div>\n", name, value);
  };
  Html facts;
  facts.Add(fact("Called", Html().Add("<bdi>{}</bdi>", NamesOf(known))));
  if (!id.empty()) facts.Add(fact("Object id", Html().Add("<bdi>{}</bdi>", id)));
  facts.Add(fact("Tenant", TenantLink(tenant, context)));
  facts.Add(fact("Tickets kept", Html().Add("{}", Thousands(known.total))));
  facts.Add(fact("Look at the user in", EntraLink(tenant, id)));
  Html html;
  return html.Add("<dl class=\"facts\">\n{}</dl>\n", facts);
}

HttpReply NoSuchUser() {
  return PageReply(
      "No tickets of this user", "/tickets",
      Html().Add("<h1>No tickets of this user</h1>\n<p>None are kept, or the address is "
                 "incomplete. <a href=\"/tickets\">All tickets</a></p>\n"),
      404);
}

}  // namespace

HttpReply UserPage(store::TicketStore& store, const HttpRequest& request,
                   const PageContext& context) {
  std::string tenant;
  std::string user;
  const auto problems = ReadPageParameters(request, {{"tenant", &tenant}, {"id", &user}});
  if (!problems.empty()) return ProblemsPage("User", problems);
  store::TicketFilter filter;
  filter.tenant_id = tenant;
  filter.user = user;
  filter.limit = kUserTicketsShown;
  Known known;
  if (const absl::Status status = Find(store, filter, &known); !status.ok()) {
    return StoreProblemReply(status);
  }
  if (known.tickets.empty()) return NoSuchUser();
  store::TicketFilter bursts;
  bursts.tenant_id = tenant;
  bursts.scope = "tenant";
  bursts.words = {{user}};
  bursts.limit = kTenantBurstsShown;
  Known tenants;
  if (const absl::Status status = Find(store, bursts, &tenants); !status.ok()) {
    return StoreProblemReply(status);
  }
  const std::string who = WhoOf(known.tickets.front(), context);
  Html shown;
  if (known.total > known.tickets.size()) {
    shown.Add(
        "<p class=\"note\">The latest {} of {}; <a href=\"/tickets?tenant={}&amp;user={}\">all "
        "of them</a></p>\n",
        Thousands(known.tickets.size()), Thousands(known.total), EscapeQuery(tenant),
        EscapeQuery(user));
  }
  Html tenant_bursts;
  if (!tenants.tickets.empty()) {
    tenant_bursts.Add(
        "<section><h2>Bursts of the tenant in which this user was</h2>\n{}</section>\n",
        Rows(tenants, context));
  }
  Html sources;
  sources.Add(Sources(known, "ip_addresses", "Addresses"));
  sources.Add(Sources(known, "countries", "Countries"));
  sources.Add(Sources(known, "devices", "Devices"));
  sources.Add(Sources(known, "apps", "Applications"));
  Html main;
  main.Add(R"(<section><h1><bdi>{}</bdi></h1>
{}</section>
<div class="columns">
<div>
<section><h2>Tickets</h2>
{}{}</section>
{}</div>
<div>
<section><h2>Password changes and revocations</h2>
{}</section>
<section><h2>Where the failures came from</h2>
<p class="note">In the tickets that are shown</p>
<div class="lists">
{}</div></section>
</div>
</div>
)",
           who, Facts(known, tenant, context), Rows(known, context), shown, tenant_bursts,
           Changes(known), sources);
  return PageReply(who + " - signinwatch", "/tickets", main);
}

}  // namespace signinwatch::http
