#include "daemon/http/page/where_told.h"

#include <vector>

#include "daemon/http/words.h"

namespace signinwatch::http {
namespace {

const char* RemoteStateWords(store::RemoteState state) {
  switch (state) {
    case store::RemoteState::kOpen:
      return "open";
    case store::RemoteState::kClosed:
      return "closed";
    case store::RemoteState::kClosedByPerson:
      return "closed by a person, and left alone";
  }
  return "";
}

// The other side names the link: only what a browser opens as a page is one.
Html RemoteNameHtml(const store::RemoteTicket& remote) {
  Html html;
  if (!remote.link.starts_with("https://") && !remote.link.starts_with("http://")) {
    return html.Add("{}", remote.remote_id);
  }
  return html.Add("<a href=\"{}\" rel=\"noreferrer\">{}</a>", remote.link,
                  remote.remote_id.empty() ? "the ticket there" : remote.remote_id);
}

Html RemoteRows(const std::vector<store::RemoteTicket>& remotes) {
  Html rows;
  for (const store::RemoteTicket& remote : remotes) {
    rows.Add(
        "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td>{}</td><td "
        "class=\"cause\">{}</td></tr>\n",
        remote.sink, RemoteNameHtml(remote), RemoteStateWords(remote.state), remote.revision,
        remote.error);
  }
  return rows;
}

Html TicketLink(const std::string& ticket_id, const std::string& words) {
  return Html().Add("<a href=\"/tickets/{}\">{}</a>", ticket_id, words);
}

Html RollUpNotes(const store::TicketRollUps& roll_ups) {
  Html notes;
  for (const store::TicketRollUps::Under& under : roll_ups.under) {
    notes.Add("<p>Not sent to {}: rolled up under {}.</p>\n", under.sink,
              TicketLink(under.parent_ticket_id, "the tenant's ticket"));
  }
  for (const store::TicketRollUps::AtSink& at : roll_ups.holds) {
    Html links;
    for (const store::RolledUpTicket& ticket : at.tickets.shown) {
      links.Add("{}{}", &ticket == &at.tickets.shown.front() ? "" : ", ",
                TicketLink(ticket.ticket_id, ticket.user));
    }
    const uint64_t more = at.tickets.total - at.tickets.shown.size();
    notes.Add("<p>Rolled up at {}, {}: {}{}.</p>\n", at.sink,
              CountWords(at.tickets.total, "user's ticket", "users' tickets"), links,
              more > 0 ? " and " + Thousands(more) + " more" : "");
  }
  return notes;
}

}  // namespace

absl::Status WhereTold(store::TicketStore& store, const std::string& ticket_id, Html* html) {
  std::vector<store::RemoteTicket> remotes;
  absl::Status s = store.RemoteTicketsOf(ticket_id, &remotes);
  store::TicketRollUps roll_ups;
  if (s.ok()) s = store.RollUpsOf(ticket_id, &roll_ups);
  if (!s.ok()) return s;
  const Html rows = RemoteRows(remotes);
  const Html notes = RollUpNotes(roll_ups);
  if (rows.empty() && notes.empty()) return s;
  html->Add("<section class=\"told\"><h2>Where it was sent</h2>\n");
  if (!rows.empty()) {
    html->Add(
        R"(<div class="wide" tabindex="0" role="group" aria-label="Sinks"><table><thead><tr><th scope="col">sink</th><th scope="col">its name there</th><th scope="col">state there</th><th scope="col">last revision</th><th scope="col">what is wrong</th></tr></thead>
<tbody>
{}</tbody></table></div>
)",
        rows);
  }
  html->Add("{}</section>\n", notes);
  return s;
}

}  // namespace signinwatch::http
