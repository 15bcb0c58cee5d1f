#include "daemon/http/page/tenant_users.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "daemon/http/page/layout.h"
#include "daemon/http/page/links.h"
#include "daemon/http/page/ticket_row.h"
#include "daemon/http/words.h"

namespace signinwatch::http {
namespace {

// A ticket lists at most so many; one of a later version may list more.
constexpr size_t kUsersLookedUp = 50;

std::string KeyOf(const json::JsonValue& user) {
  const std::string id = user["id"].Text();
  return id.empty() ? user["name"].Text() : id;
}

// What nothing explains goes first, then what is not clear, then the rest.
int Urgency(const std::string& cause) {
  if (cause == "unexplained") return 0;
  if (cause == "pending") return 1;
  return cause.empty() ? 3 : 2;
}

// 0: not back; 1: not known; 2: back.
int Back(const std::map<std::string, UserTicket>& found, const std::string& key) {
  const auto at = found.find(key);
  if (at == found.end()) return 1;
  return at->second.back_at == kBeginningOfTime ? 0 : 2;
}

Html BackHtml(const std::map<std::string, UserTicket>& found, const std::string& key) {
  const auto at = found.find(key);
  Html html;
  if (at == found.end()) return html.Add("<td class=\"note\">not known</td>");
  html.Add("<td>");
  if (at->second.back_at == kBeginningOfTime) {
    html.Add("<b class=\"bad\">not yet</b>");
  } else {
    html.Add(MomentHtml(at->second.back_at));
  }
  return html.Add(" <a href=\"/tickets/{}\">ticket</a></td>", at->second.ticket_id);
}

}  // namespace

absl::Status FindUserTickets(store::TicketStore& store, const json::JsonValue& ticket,
                             std::map<std::string, UserTicket>* found) {
  const std::string id = ticket["ticket_id"].Text();
  const EventTime first = TimeOf(ticket, "first_event_time");
  const EventTime last = TimeOf(ticket, "last_event_time");
  const std::vector<json::JsonValue> users = ticket["users"].Elements();
  for (size_t i = 0; i < std::min(users.size(), kUsersLookedUp); ++i) {
    const std::string key = KeyOf(users[i]);
    if (key.empty() || first == kBeginningOfTime || last < first) continue;
    store::TicketFilter filter;
    filter.tenant_id = ticket["tenant_id"].Text();
    filter.user = key;
    filter.scope = "user";
    filter.from = first;
    filter.to = last;
    filter.limit = 3;
    store::TicketPage page;
    if (absl::Status status = store.FindTickets(filter, &page); !status.ok()) return status;
    for (const std::string& text : page.tickets) {
      const json::JsonDocument document(text);
      const json::JsonValue own = document.root();
      if (own["parent_ticket_id"].Text() != id) continue;
      (*found)[key] = {own["ticket_id"].Text(), TimeOf(own, "reauthenticated_at")};
      break;
    }
  }
  return absl::OkStatus();
}

Html TenantUsers(const json::JsonValue& ticket, const std::map<std::string, UserTicket>& found) {
  std::vector<json::JsonValue> users = ticket["users"].Elements();
  const bool causes = std::any_of(users.begin(), users.end(), [](const json::JsonValue& user) {
    return !user["cause"].Text().empty();
  });
  Html html;
  if (users.empty()) return html;
  std::stable_sort(users.begin(), users.end(),
                   [&found](const json::JsonValue& a, const json::JsonValue& b) {
                     const std::string cause_a = a["cause"].Text();
                     const std::string cause_b = b["cause"].Text();
                     if (Urgency(cause_a) != Urgency(cause_b))
                       return Urgency(cause_a) < Urgency(cause_b);
                     if (cause_a != cause_b) return cause_a < cause_b;
                     return Back(found, KeyOf(a)) < Back(found, KeyOf(b));
                   });
  const std::string tenant = ticket["tenant_id"].Text();
  Html rows;
  for (const json::JsonValue& user : users) {
    Html cause;
    if (causes) {
      const std::string word = user["cause"].Text();
      cause.Add("<td>{}</td>", word.empty() ? "not told" : CauseTitle(word));
    }
    rows.Add("<tr><td>{}</td>{}<td>{}</td>{}</tr>\n",
             UserLink(tenant, user["id"].Text(), user["name"].Text()), cause,
             Thousands(user["count"].Count()), BackHtml(found, KeyOf(user)));
  }
  const uint64_t total = ticket["users_total"].Count();
  Html more;
  if (total > users.size()) {
    more.Add(
        "<p class=\"note\">Those with the most failures; {} more.</p>\n",
        total - users.size() == 1 ? "there is 1" : "there are " + Thousands(total - users.size()));
  }
  return html.Add(R"(<section><h2>Users</h2>
{}<div class="wide" tabindex="0" role="group" aria-label="Users"><table class="numbers users"><thead><tr><th scope="col">user</th>{}<th scope="col">failures</th><th scope="col">signed in again</th></tr></thead>
<tbody>
{}</tbody></table></div></section>
)",
                  more, causes ? Html().Add("<th scope=\"col\">cause</th>") : Html(), rows);
}

}  // namespace signinwatch::http
