#include "daemon/http/page/ticket_story.h"

#include <map>
#include <string_view>
#include <vector>

#include "daemon/http/api.h"
#include "daemon/http/json.h"
#include "daemon/http/page/html.h"
#include "daemon/http/page/layout.h"
#include "daemon/http/page/links.h"
#include "daemon/http/page/runbook_steps.h"
#include "daemon/http/page/tenant_users.h"
#include "daemon/http/page/ticket_copy.h"
#include "daemon/http/page/ticket_row.h"
#include "daemon/http/page/ticket_timeline.h"
#include "daemon/http/problem.h"
#include "daemon/http/words.h"

namespace signinwatch {
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

std::string StateTitle(const Json& ticket) {
  const std::string state = TextOf(ticket, "state");
  const std::string resolution = TextOf(ticket, "resolution");
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

std::string ThresholdWords(const Json& ticket) {
  const Json& threshold = ObjectOf(ticket, "threshold");
  const uint64_t users = NumberOf(threshold, "users");
  const auto window = std::chrono::seconds(NumberOf(threshold, "window_seconds"));
  std::string words = CountWords(NumberOf(threshold, "events"), "failure", "failures");
  if (users > 1) words += " of " + CountWords(users, "user", "users");
  return words + " within " + ShortSpan(window);
}

std::string CodesText(const Json& ticket) {
  std::string words;
  for (const auto& [code, count] : ObjectOf(ticket, "codes").items()) {
    if (!count.is_number_unsigned()) continue;
    words += (words.empty() ? "" : ", ") + code + " (" + Thousands(count.get<uint64_t>()) + ")";
  }
  return words;
}

Html FactsOf(const Json& ticket, const PageContext& context) {
  const std::string tenant = TextOf(ticket, "tenant_id");
  const std::string user = TextOf(ticket, "user_id");
  const std::string name = TextOf(ticket, "user_principal_name");
  Html facts;
  if (TextOf(ticket, "scope") != "tenant") AddFact("User", UserLink(tenant, user, name), &facts);
  AddText("Object id", user, &facts);
  AddFact("Look at the user in", EntraLink(tenant, user), &facts);
  AddFact("Tenant", TenantLink(tenant, context), &facts);
  if (context.TenantName(tenant) != tenant) AddText("Tenant id", tenant, &facts);
  AddText("Failures", Thousands(NumberOf(ticket, "event_count")), &facts);
  if (NumberOf(ticket, "total_event_count") != NumberOf(ticket, "event_count")) {
    AddText("With earlier bursts", Thousands(NumberOf(ticket, "total_event_count")), &facts);
  }
  if (TextOf(ticket, "scope") == "tenant") {
    AddText("Users", Thousands(NumberOf(ticket, "distinct_users")), &facts);
  }
  AddText("Quiet by exception", TextOf(ticket, "exception"), &facts);
  AddText("By code", CodesText(ticket), &facts);
  AddTime("First failure", TimeOf(ticket, "first_event_time"), &facts);
  AddTime("Last failure", TimeOf(ticket, "last_event_time"), &facts);
  AddTime("Opened", TimeOf(ticket, "opened_at"), &facts);
  AddTime("Signed in again", TimeOf(ticket, "reauthenticated_at"), &facts);
  AddTime("Resolved", TimeOf(ticket, "resolved_at"), &facts);
  AddText("Detector", TextOf(ticket, "detector") + ": " + ThresholdWords(ticket), &facts);
  if (NumberOf(ticket, "reopened") > 0) {
    AddText("Reopened", CountWords(NumberOf(ticket, "reopened"), "time", "times"), &facts);
  }
  AddTicketLink("Part of tenant burst", TextOf(ticket, "parent_ticket_id"), &facts);
  AddTicketLink("Continues", TextOf(ticket, "continues"), &facts);
  AddTicketLink("Merged into", TextOf(ticket, "merged_into"), &facts);
  return facts;
}

Html Runbook(const Json& ticket, const TicketHandling& handling, const PageContext& context) {
  const Html steps = RunbookSteps(ticket, handling, context);
  Html html;
  if (steps.empty()) return html;
  return html.Add(
      "<section class=\"to-do\"><h2>What to do</h2>\n{}<p id=\"copy-place\" class=\"note\"></p>"
      "</section>\n",
      steps);
}

std::string OperationsText(const Json& change) {
  std::string words;
  for (const Json& operation : ListOf(change, "operations")) {
    if (!operation.is_string()) continue;
    words += (words.empty() ? "" : ", ") + operation.get<std::string>();
  }
  return words;
}

Html Changes(const Json& ticket) {
  Html rows;
  for (const Json& change : ListOf(ticket, "changes")) {
    rows.Add("<tr><td>{}</td><td>{}{}</td><td><bdi>{}</bdi></td><td><bdi>{}</bdi></td></tr>\n",
             MomentHtml(TimeOf(change, "time")), ChangeTitle(TextOf(change, "kind")),
             TruthOf(change, "during") ? " (during the burst)" : "", TextOf(change, "actor"),
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

// Entries are {"value","count"}, or {"id","name","count"}.
Html CountedTable(const Json& ticket, const CountedSpec& spec) {
  const Json& list = ListOf(ticket, spec.key);
  Html rows;
  for (const Json& entry : list) {
    const std::string name = TextOf(entry, "name");
    std::string value = TextOf(entry, "value");
    if (value.empty()) value = TextOf(entry, "id");
    if (value.empty()) value = name;
    rows.Add("<tr title=\"{}\"><td>{}</td><td>{}</td></tr>\n", TextOf(entry, "id"),
             SearchLink(value, name.empty() ? value : name), Thousands(NumberOf(entry, "count")));
  }
  Html html;
  if (rows.empty()) return html;
  const uint64_t total = spec.total_key == nullptr ? 0 : NumberOf(ticket, spec.total_key);
  Html more;
  if (total > list.size()) {
    more.Add("<p class=\"note\">and {} more</p>", Thousands(total - list.size()));
  }
  return html.Add(
      "<div><h3>{}</h3>\n<table class=\"numbers\"><tbody>\n{}</tbody></table>{}</div>\n",
      spec.title, rows, more);
}

Html CountsTable(const Json& ticket, const char* key, const char* title,
                 std::string (*name)(const std::string&)) {
  Html rows;
  for (const auto& [word, count] : ObjectOf(ticket, key).items()) {
    if (!count.is_number_unsigned()) continue;
    rows.Add("<tr><td>{}</td><td>{}</td></tr>\n", name(word), Thousands(count.get<uint64_t>()));
  }
  Html html;
  if (rows.empty()) return html;
  return html.Add("<div><h3>{}</h3>\n<table class=\"numbers\"><tbody>\n{}</tbody></table></div>\n",
                  title, rows);
}

Html Lists(const Json& ticket) {
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
  Html html;
  if (lists.empty()) return html;
  return html.Add(
      "<section class=\"in-numbers\"><h2>In numbers</h2>\n<div class=\"lists\">\n{}</div>"
      "</section>\n",
      lists);
}

Html Evidence(const Json& ticket) {
  Html items;
  for (const Json& id : ListOf(ticket, "evidence")) {
    if (id.is_string()) items.Add("<li><code>{}</code></li>\n", id.get<std::string>());
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
    const Json revision = ReadJson(text);
    rows.Add("<tr><td>{}</td><td>{}</td><td>{}</td><td>{}{}</td><td>{}</td><td>{}</td></tr>\n",
             NumberOf(revision, "revision"), ReasonTitle(TextOf(revision, "reason")),
             SeverityBadge(TextOf(revision, "severity")), CauseTitle(TextOf(revision, "cause")),
             FindingTags(revision), Thousands(NumberOf(revision, "event_count")),
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

Html Story(const Json& ticket, const std::vector<std::string>& revisions,
           const TicketHandling& handling, const Html& users, const PageContext& context) {
  const std::string id = TextOf(ticket, "ticket_id");
  Html reviewed = ReviewHtml(id, NumberOf(ticket, "revision"), handling.review, context);
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
<section><h2>When it happened</h2>
{}</section>
<div class="columns">
<div>
{}{}</div>
<div>
<section><h2>Facts</h2>
<dl class="facts">
{}</dl></section>
{}{}</div>
</div>
{}{}<p class="note">Ticket {}, revision {}, <a href="/api/v1/tickets/{}">as JSON</a>. All times are UTC.</p>
</article>
)",
      TextOf(ticket, "severity"), SeverityBadge(TextOf(ticket, "severity")), StateTitle(ticket),
      FindingTags(ticket), QuietTag(ticket),
      AgoHtml(TimeOf(ticket, "last_event_time"), context.now), TextOf(ticket, "title"),
      TextOf(ticket, "summary"), reviewed, ChatText(ticket, context),
      WholeText(ticket, handling, context), TicketTimeline(ticket, revisions), users,
      Runbook(ticket, handling, context), FactsOf(ticket, context), Changes(ticket),
      Evidence(ticket), Lists(ticket), Revisions(revisions), id, NumberOf(ticket, "revision"), id);
  return html;
}

HttpReply Missing() {
  return PageReply(
      "No such ticket", "/tickets",
      Html().Add("<h1>No such ticket</h1>\n<p>It may be older than store.keep_tickets. "
                 "<a href=\"/tickets\">All tickets</a></p>\n"),
      404);
}

}  // namespace

HttpReply TicketStoryPage(Store& store, const std::string& ticket_id, const PageContext& context) {
  if (!IsTicketId(ticket_id)) return Missing();
  std::vector<std::string> revisions;
  const absl::Status status = store.TicketRevisions(ticket_id, &revisions);
  if (absl::IsNotFound(status) || (status.ok() && revisions.empty())) return Missing();
  if (!status.ok()) return StoreProblemReply(status);
  TicketHandling handling;
  const absl::Status handled = store.Handling(ticket_id, &handling);
  if (!handled.ok() && !absl::IsNotFound(handled)) return StoreProblemReply(handled);
  const Json ticket = ReadJson(revisions.back());
  std::map<std::string, UserTicket> user_tickets;
  const absl::Status found = FindUserTickets(store, ticket, &user_tickets);
  if (!found.ok()) return StoreProblemReply(found);
  return PageReply(WhoOf(ticket, context) + " - signinwatch", "/tickets",
                   Story(ticket, revisions, handling, TenantUsers(ticket, user_tickets), context));
}

}  // namespace signinwatch
