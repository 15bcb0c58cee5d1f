#include "daemon/http/page/ticket_story.h"

#include <map>
#include <string_view>
#include <vector>

#include "daemon/http/api.h"
#include "daemon/http/page/html.h"
#include "daemon/http/page/layout.h"
#include "daemon/http/page/links.h"
#include "daemon/http/page/runbook_steps.h"
#include "daemon/http/page/tenant_users.h"
#include "daemon/http/page/ticket_answers.h"
#include "daemon/http/page/ticket_copy.h"
#include "daemon/http/page/ticket_row.h"
#include "daemon/http/page/ticket_timeline.h"
#include "daemon/http/page/where_told.h"
#include "daemon/http/problem.h"
#include "daemon/http/words.h"
#include "daemon/json/json_value.h"
#include "daemon/words/ticket_reader.h"

namespace signinwatch::http {
namespace {

std::string ReasonTitle(const std::string& reason) {
  static const std::map<std::string, const char*> titles{
      {"opened", "Opened"},
      {"reopened", "Reopened: the burst came back"},
      {"cause_changed", "Another cause"},
      {"findings_changed", "Other findings"},
      {"severity_changed", "Another severity"},
      {"parent_changed", "Part of another tenant burst"},
      {"count_doubled", "Twice as many failures"},
      {"resolved", "Resolved"},
      {"merged", "Merged into another ticket"},
  };
  const auto known = titles.find(reason);
  return known == titles.end() ? reason : known->second;
}

std::string StateTitle(const json::JsonValue& ticket) {
  const std::string state = ticket["state"].Text();
  const std::string resolution = ticket["resolution"].Text();
  if (resolution == "quiet") return "resolved: the failures stopped";
  if (resolution == "reauthenticated") return "resolved: signed in again";
  return state;
}

Html Text(const std::string& text) { return Html().Add("<bdi>{}</bdi>", text); }

// A row of the facts; nothing for a value that is absent.
void AddFact(const char* name, const Html& value, Html* facts) {
  if (!value.empty()) facts->Add("<div><dt>{}</dt><dd>{}</dd></div>\n", name, value);
}
void AddText(const char* name, const std::string& value, Html* facts) {
  if (!value.empty()) AddFact(name, Text(value), facts);
}
void AddTime(const char* name, EventTime time, Html* facts) {
  if (time != kBeginningOfTime) AddFact(name, MomentHtml(time), facts);
}
void AddTicketLink(const char* name, const std::string& id, Html* facts) {
  if (!id.empty()) AddFact(name, Html().Add("<a href=\"/tickets/{}\">{}</a>", id, id), facts);
}

std::string ThresholdWords(const json::JsonValue& ticket) {
  const json::JsonValue threshold = ticket["threshold"];
  const uint64_t users = threshold["users"].Count();
  const auto window = std::chrono::seconds(threshold["window_seconds"].Count());
  std::string words = CountWords(threshold["events"].Count(), "failure", "failures");
  if (users > 1) words += " of " + CountWords(users, "user", "users");
  return words + " within " + ShortSpan(window);
}

std::string CodesText(const json::JsonValue& ticket) {
  std::string words;
  for (const auto& [code, count] : ticket["codes"].Members()) {
    if (!count.IsNumber()) continue;
    words += (words.empty() ? "" : ", ") + code + " (" + Thousands(count.Count()) + ")";
  }
  return words;
}

Html FactsOf(const json::JsonValue& ticket, const PageContext& context) {
  const std::string tenant = ticket["tenant_id"].Text();
  const std::string user = ticket["user_id"].Text();
  const std::string name = ticket["user_principal_name"].Text();
  Html facts;
  if (ticket["scope"].Text() != "tenant") AddFact("User", UserLink(tenant, user, name), &facts);
  AddText("Object id", user, &facts);
  AddFact("Look at the user in", EntraLink(tenant, user), &facts);
  AddFact("Tenant", TenantLink(tenant, context), &facts);
  if (context.TenantName(tenant) != tenant) AddText("Tenant id", tenant, &facts);
  AddText("Failures", Thousands(ticket["event_count"].Count()), &facts);
  if (ticket["total_event_count"].Count() != ticket["event_count"].Count()) {
    AddText("With earlier bursts", Thousands(ticket["total_event_count"].Count()), &facts);
  }
  if (ticket["scope"].Text() == "tenant") {
    AddText("Users", Thousands(ticket["distinct_users"].Count()), &facts);
  }
  AddText("Home tenant", ticket["context"]["home_tenant_id"].Text(), &facts);
  AddText("Quiet by exception", ticket["exception"].Text(), &facts);
  AddText("By code", CodesText(ticket), &facts);
  AddTime("First failure", TimeOf(ticket, "first_event_time"), &facts);
  AddTime("Last failure", TimeOf(ticket, "last_event_time"), &facts);
  AddTime("Opened", TimeOf(ticket, "opened_at"), &facts);
  AddTime("Signed in again", TimeOf(ticket, "reauthenticated_at"), &facts);
  AddTime("Resolved", TimeOf(ticket, "resolved_at"), &facts);
  AddText("Detector", ticket["detector"].Text() + ": " + ThresholdWords(ticket), &facts);
  if (ticket["reopened"].Count() > 0) {
    AddText("Reopened", CountWords(ticket["reopened"].Count(), "time", "times"), &facts);
  }
  AddTicketLink("Part of tenant burst", ticket["parent_ticket_id"].Text(), &facts);
  AddTicketLink("Continues", ticket["continues"].Text(), &facts);
  AddTicketLink("Merged into", ticket["merged_into"].Text(), &facts);
  return facts;
}

Html Runbook(const json::JsonValue& ticket, const store::TicketHandling& handling,
             const PageContext& context) {
  const Html steps = RunbookSteps(ticket, handling, context);
  Html html;
  if (steps.empty()) return html;
  return html.Add(
      "<section class=\"to-do\"><h2>What to do</h2>\n{}<p id=\"copy-place\" class=\"note\"></p>"
      "</section>\n",
      steps);
}

std::string OperationsText(const json::JsonValue& change) {
  std::string words;
  for (const json::JsonValue& operation : change["operations"].Elements()) {
    const std::string name = operation.Text();
    if (!name.empty()) words += (words.empty() ? "" : ", ") + name;
  }
  return words;
}

Html Changes(const json::JsonValue& ticket) {
  Html rows;
  for (const json::JsonValue& change : ticket["changes"].Elements()) {
    rows.Add("<tr><td>{}</td><td>{}{}</td><td><bdi>{}</bdi></td><td><bdi>{}</bdi></td></tr>\n",
             MomentHtml(TimeOf(change, "time")), ChangeTitle(change["kind"].Text()),
             change["during"].IsTrue() ? " (during the burst)" : "", change["actor"].Text(),
             OperationsText(change));
  }
  Html html;
  if (rows.empty()) return html;
  return html.Add(R"(<section><h2>Password changes and revocations</h2>
<div class="wide" tabindex="0" role="group" aria-label="Password changes and revocations"><table class="changes"><thead><tr><th scope="col">when</th><th scope="col">what</th><th scope="col">by</th><th scope="col">operations</th></tr></thead>
<tbody>
{}</tbody></table></div></section>
)",
                  rows);
}

struct CountedSpec {
  const char* key;
  const char* total_key;  // nullptr: the list is whole
  const char* title;
};

// Entries are {"value","count"}, or {"id","name","count"}. `object`: that has the list.
Html CountedTable(const json::JsonValue& object, const CountedSpec& spec) {
  const std::vector<json::JsonValue> list = object[spec.key].Elements();
  Html rows;
  for (const json::JsonValue& entry : list) {
    const std::string name = entry["name"].Text();
    std::string value = entry["value"].Text();
    if (value.empty()) value = entry["id"].Text();
    if (value.empty()) value = name;
    rows.Add("<tr title=\"{}\"><td>{}</td><td>{}</td></tr>\n", entry["id"].Text(),
             SearchLink(value, name.empty() ? value : name), Thousands(entry["count"].Count()));
  }
  Html html;
  if (rows.empty()) return html;
  const uint64_t total = spec.total_key == nullptr ? 0 : object[spec.total_key].Count();
  Html more;
  if (total > list.size()) {
    more.Add("<p class=\"note\">and {} more</p>", Thousands(total - list.size()));
  }
  return html.Add(
      "<div><h3>{}</h3>\n<table class=\"numbers\"><tbody>\n{}</tbody></table>{}</div>\n",
      spec.title, rows, more);
}

Html CountsTable(const json::JsonValue& ticket, const char* key, const char* title,
                 std::string (*name)(const std::string&)) {
  Html rows;
  for (const auto& [word, count] : ticket[key].Members()) {
    if (!count.IsNumber()) continue;
    rows.Add("<tr><td>{}</td><td>{}</td></tr>\n", name(word), Thousands(count.Count()));
  }
  Html html;
  if (rows.empty()) return html;
  return html.Add("<div><h3>{}</h3>\n<table class=\"numbers\"><tbody>\n{}</tbody></table></div>\n",
                  title, rows);
}

Html Lists(const json::JsonValue& ticket) {
  static constexpr CountedSpec kLists[] = {
      {"apps", "apps_total", "Applications"},
      {"ip_addresses", "ip_addresses_total", "Addresses"},
      {"countries", "countries_total", "Countries"},
      {"devices", "devices_total", "Devices"},
      {"changes_by_actor", nullptr, "Changes in the tenant, by actor"},
  };
  const auto cause = [](const std::string& word) { return CauseTitle(word); };
  Html lists = CountsTable(ticket, "users_by_cause", "Users by cause", cause);
  lists.Add(CountsTable(ticket, "changes_by_kind", "Changes in the tenant", ChangeTitle));
  for (const CountedSpec& spec : kLists) lists.Add(CountedTable(ticket, spec));
  const json::JsonValue context = ticket["context"];
  lists.Add(CountedTable(context["conditional_access"],
                         {"failing_policies", "failing_policies_total", "Policies that refused"}));
  lists.Add(CountedTable(context, {"clients", "clients_total", "Kinds of client"}));
  lists.Add(CountedTable(context, {"token_types", "token_types_total", "Kinds of token"}));
  Html html;
  if (lists.empty()) return html;
  return html.Add(
      "<section class=\"in-numbers\"><h2>In numbers</h2>\n<div class=\"lists\">\n{}</div>"
      "</section>\n",
      lists);
}

Html Evidence(const json::JsonValue& ticket) {
  Html items;
  for (const json::JsonValue& id : ticket["evidence"].Elements()) {
    const std::string record = id.Text();
    if (!record.empty()) items.Add("<li><code>{}</code></li>\n", record);
  }
  Html html;
  if (items.empty()) return html;
  return html.Add(
      "<section class=\"proof\"><h2>Evidence</h2>\n<p class=\"note\">Ids of sign-in records, to "
      "look up "
      "in the sign-in logs</p>\n<ul class=\"evidence\">\n{}</ul></section>\n",
      items);
}

Html Revisions(const std::vector<std::string>& revisions) {
  Html rows;
  for (const std::string& text : revisions) {
    const json::JsonDocument document(text);
    const json::JsonValue revision = document.root();
    rows.Add("<tr><td>{}</td><td>{}</td><td>{}</td><td>{}{}</td><td>{}</td><td>{}</td></tr>\n",
             revision["revision"].Count(), ReasonTitle(revision["reason"].Text()),
             SeverityBadge(revision["severity"].Text()), CauseTitle(revision["cause"].Text()),
             FindingTags(revision), Thousands(revision["event_count"].Count()),
             MomentHtml(TimeOf(revision, "last_event_time")));
  }
  Html html;
  return html.Add(R"(<section class="went"><h2>How it went</h2>
<div class="wide" tabindex="0" role="group" aria-label="Revisions"><table><thead><tr><th scope="col">revision</th><th scope="col">why it was sent</th><th scope="col">severity</th><th scope="col">cause</th><th scope="col">failures</th><th scope="col">last failure then</th></tr></thead>
<tbody>
{}</tbody></table></div></section>
)",
                  rows);
}

Html Story(const json::JsonValue& ticket, const std::vector<std::string>& revisions,
           const store::TicketHandling& handling, const Html& told, const Html& users,
           const PageContext& context) {
  const std::string id = ticket["ticket_id"].Text();
  const Ticket facts = words::ReadTicket(ticket);
  Html reviewed = ReviewHtml(id, ticket["revision"].Count(), handling.review, context);
  if (!reviewed.empty()) reviewed = Html().Add("<div class=\"reviewed\">{}</div>\n", reviewed);
  Html html;
  html.Add(
      R"(<article class="story" data-renew>
<header class="{}">
<p>{} <span class="tag">{}</span>{}{} <span class="note">last failure {}</span></p>
<h1>{}</h1>
<p class="summary">{}</p>
{}<div id="copy-bar"></div>
<pre id="text-chat" hidden>{}</pre>
<pre id="text-whole" hidden>{}</pre>
</header>
{}<section><h2>When it happened</h2>
{}</section>
<div class="columns">
<div>
{}{}</div>
<div>
<section><h2>Facts</h2>
<dl class="facts">
{}</dl></section>
{}{}{}</div>
</div>
{}{}{}<p class="note">Ticket {}, revision {}, <a href="/api/v1/tickets/{}">as JSON</a>. All times are UTC.</p>
</article>
)",
      ticket["severity"].Text(), SeverityBadge(ticket["severity"].Text()), StateTitle(ticket),
      FindingTags(ticket), QuietTag(ticket),
      AgoHtml(TimeOf(ticket, "last_event_time"), context.now), ticket["title"].Text(),
      ticket["summary"].Text(), reviewed, ChatText(ticket, context),
      WholeText(ticket, handling, context), TicketAnswersHtml(facts),
      TicketTimeline(facts, revisions), users, Runbook(ticket, handling, context),
      FactsOf(ticket, context), Changes(ticket), AroundTheBurst(facts), Evidence(ticket),
      Lists(ticket), Revisions(revisions), told, id, ticket["revision"].Count(), id);
  return html;
}

HttpReply NoSuchTicket() {
  return PageReply(
      "No such ticket", "/tickets",
      Html().Add("<h1>No such ticket</h1>\n<p>It may be older than store.keep_tickets. "
                 "<a href=\"/tickets\">All tickets</a></p>\n"),
      404);
}

}  // namespace

HttpReply TicketStoryPage(store::TicketStore& store, const std::string& ticket_id,
                          const PageContext& context) {
  if (!IsTicketId(ticket_id)) return NoSuchTicket();
  std::vector<std::string> revisions;
  const absl::Status status = store.TicketRevisions(ticket_id, &revisions);
  if (absl::IsNotFound(status) || (status.ok() && revisions.empty())) return NoSuchTicket();
  if (!status.ok()) return StoreProblemReply(status);
  store::TicketHandling handling;
  const absl::Status handled = store.Handling(ticket_id, &handling);
  if (!handled.ok() && !absl::IsNotFound(handled)) return StoreProblemReply(handled);
  Html told;
  const absl::Status asked = WhereTold(store, ticket_id, &told);
  if (!asked.ok()) return StoreProblemReply(asked);
  const json::JsonDocument document(revisions.back());
  const json::JsonValue ticket = document.root();
  std::map<std::string, UserTicket> user_tickets;
  const absl::Status found = FindUserTickets(store, ticket, &user_tickets);
  if (!found.ok()) return StoreProblemReply(found);
  return PageReply(
      WhoOf(ticket, context) + " - signinwatch", "/tickets",
      Story(ticket, revisions, handling, told, TenantUsers(ticket, user_tickets), context));
}

}  // namespace signinwatch::http
