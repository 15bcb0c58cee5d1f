#include "daemon/http/page/tenant_users.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "daemon/http/page/layout.h"
#include "daemon/http/page/links.h"
#include "daemon/http/page/ticket_row.h"
#include "daemon/http/words.h"

namespace signinwatch {
namespace {

// A ticket lists at most so many; one of a later version may list more.
constexpr size_t kUsersLookedUp = 50;

std::string KeyOf(const Json& user) {
  const std::string id = TextOf(user, "id");
  return id.empty() ? TextOf(user, "name") : id;
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

absl::Status FindUserTickets(Store& store, const Json& ticket,
                             std::map<std::string, UserTicket>* found) {
  const std::string id = TextOf(ticket, "ticket_id");
  const EventTime first = TimeOf(ticket, "first_event_time");
  const EventTime last = TimeOf(ticket, "last_event_time");
  const Json& users = ListOf(ticket, "users");
  for (size_t i = 0; i < std::min(users.size(), kUsersLookedUp); ++i) {
    const std::string key = KeyOf(users[i]);
    if (key.empty() || first == kBeginningOfTime || last < first) continue;
    TicketFilter filter;
    filter.tenant_id = TextOf(ticket, "tenant_id");
    filter.user = key;
    filter.scope = "user";
    filter.from = first;
    filter.to = last;
    filter.limit = 3;
    TicketPage page;
    if (absl::Status status = store.FindTickets(filter, &page); !status.ok()) return status;
    for (const std::string& text : page.tickets) {
      const Json own = ReadJson(text);
      if (TextOf(own, "parent_ticket_id") != id) continue;
      (*found)[key] = {TextOf(own, "ticket_id"), TimeOf(own, "reauthenticated_at")};
      break;
    }
  }
  return absl::OkStatus();
}

Html TenantUsers(const Json& ticket, const std::map<std::string, UserTicket>& found) {
  std::vector<const Json*> users;
  bool causes = false;
  for (const Json& user : ListOf(ticket, "users")) {
    users.push_back(&user);
    causes |= !TextOf(user, "cause").empty();
  }
  Html html;
  if (users.empty()) return html;
  std::stable_sort(users.begin(), users.end(), [&found](const Json* a, const Json* b) {
    const std::string cause_a = TextOf(*a, "cause");
    const std::string cause_b = TextOf(*b, "cause");
    if (Urgency(cause_a) != Urgency(cause_b)) return Urgency(cause_a) < Urgency(cause_b);
    if (cause_a != cause_b) return cause_a < cause_b;
    return Back(found, KeyOf(*a)) < Back(found, KeyOf(*b));
  });
  const std::string tenant = TextOf(ticket, "tenant_id");
  Html rows;
  for (const Json* user : users) {
    Html cause;
    if (causes) {
      const std::string word = TextOf(*user, "cause");
      cause.Add("<td>{}</td>", word.empty() ? "not told" : CauseTitle(word));
    }
    rows.Add("<tr><td>{}</td>{}<td>{}</td>{}</tr>\n",
             UserLink(tenant, TextOf(*user, "id"), TextOf(*user, "name")), cause,
             Thousands(NumberOf(*user, "count")), BackHtml(found, KeyOf(*user)));
  }
  const uint64_t total = NumberOf(ticket, "users_total");
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

}  // namespace signinwatch
