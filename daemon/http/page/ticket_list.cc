#include "daemon/http/page/ticket_list.h"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "daemon/http/page/html.h"
#include "daemon/http/page/layout.h"
#include "daemon/http/page/page_parameters.h"
#include "daemon/http/page/ticket_row.h"
#include "daemon/http/problem.h"
#include "daemon/http/ticket_parameters.h"
#include "daemon/http/words.h"
#include "daemon/json/json_value.h"

namespace signinwatch::http {
namespace {

using Parameters = std::multimap<std::string, std::string>;
constexpr size_t kPageLimit = 50;

// A form sends its empty fields too.
Parameters WithoutEmpty(const Parameters& parameters) {
  Parameters given;
  for (const auto& [name, value] : parameters) {
    if (!value.empty()) given.emplace(name, value);
  }
  return given;
}

std::string ValueOf(const Parameters& parameters, const char* name) {
  const auto found = parameters.find(name);
  return found == parameters.end() ? std::string() : found->second;
}

Html TextField(const char* name, const char* label, const Parameters& given) {
  Html html;
  return html.Add("<label>{} <input name=\"{}\" value=\"{}\"></label>\n", label, name,
                  ValueOf(given, name));
}

// Fields that are of no use to most: there where they are given, so that nothing is lost.
Html GivenField(const char* name, const char* label, const Parameters& given) {
  return given.contains(name) ? TextField(name, label, given) : Html();
}

// A calendar; a text, for a time that a calendar can't show.
Html DayField(const char* name, const char* label, const Parameters& given) {
  constexpr size_t kDayBytes = sizeof("2026-11-24") - 1;
  const std::string value = ValueOf(given, name);
  Html html;
  return html.Add("<label>{} <input type=\"{}\" name=\"{}\" value=\"{}\"></label>\n", label,
                  value.empty() || value.size() == kDayBytes ? "date" : "text", name, value);
}

std::string WordTitle(const std::string& word) {
  static const std::map<std::string, const char*> titles{
      {"first_failure", "start time"},
      {"last_failure", "last failure"},
      {"failures", "number of failures"},
      {"needed", "needs review"},
      {"done", "looked at"},
      {"yes", "by an exception"},
      {"no", "not quiet"},
  };
  const auto known = titles.find(word);
  // Causes have titles; of all other words CauseTitle gives the word back.
  return known == titles.end() ? CauseTitle(word) : known->second;
}

Html Choice(const char* name, const char* label, const std::vector<std::string>& words,
            const Parameters& given, const char* none = "any") {
  Html options;
  for (const std::string& word : words) {
    const Html selected = word == ValueOf(given, name) ? Html().Add(" selected") : Html();
    options.Add("<option value=\"{}\"{}>{}</option>", word, selected, WordTitle(word));
  }
  Html html;
  return html.Add(
      "<label>{} <select name=\"{}\"><option value=\"\">{}</option>{}</select></label>\n", label,
      name, none, options);
}

bool IsGiven(const Parameters& given, const char* name, const std::string& value) {
  const auto [begin, end] = given.equal_range(name);
  return std::any_of(begin, end, [&value](const auto& each) { return each.second == value; });
}

// Several of them.
Html Boxes(const char* name, const std::vector<std::string>& words, const Parameters& given) {
  Html html;
  for (const std::string& word : words) {
    html.Add(
        "<label class=\"check\"><input type=\"checkbox\" name=\"{}\" value=\"{}\"{}> "
        "{}</label>\n",
        name, word, IsGiven(given, name, word) ? Html().Add(" checked") : Html(), WordTitle(word));
  }
  return html;
}

Html Form(const Parameters& given) {
  Html fields;
  fields.Add(
      "<label class=\"search\">search <input type=\"search\" id=\"q\" name=\"q\" value=\"{}\" "
      "placeholder=\"part of a name, address, app, device or ticket id\"></label>\n",
      ValueOf(given, "q"));
  fields.Add(DayField("from", "from", given));
  fields.Add(DayField("to", "to", given));
  fields.Add(Choice("state", "state", StateWords(), given));
  fields.Add(Choice("review", "review", ReviewWords(), given));
  fields.Add(Choice("quiet", "quiet", QuietWords(), given));
  fields.Add(Choice("scope", "of", ScopeWords(), given));
  fields.Add(Choice("sort", "sort by", SortWords(), given, "start time"));
  fields.Add(GivenField("user", "user (name or object id)", given));
  fields.Add(GivenField("tenant", "tenant id", given));
  fields.Add(GivenField("detector", "detector", given));
  fields.Add(GivenField("limit", "tickets on a page", given));
  const size_t causes = given.count("cause");
  Html html;
  return html.Add(
      "<form class=\"filter\" action=\"/tickets\" method=\"get\" role=\"search\">\n{}"
      "<fieldset><legend>severity</legend>\n{}</fieldset>\n"
      "<details id=\"causes\"{}><summary>causes{}</summary><fieldset><legend>causes</legend>\n{}"
      "</fieldset></details>\n<button>Show</button></form>\n",
      fields, Boxes("severity", SeverityWords(), given), causes == 0 ? Html() : Html().Add(" open"),
      causes == 0 ? std::string() : " (" + std::to_string(causes) + ")",
      Boxes("cause", CauseWords(), given));
}

// The address of this list with one parameter less, or with another cursor.
std::string AddressOf(const Parameters& given) {
  std::string query;
  for (const auto& [name, value] : given) {
    query += (query.empty() ? "?" : "&") + EscapeQuery(name) + "=" + EscapeQuery(value);
  }
  return "/tickets" + query;
}

// What the list is restricted by, each to be taken off by itself.
Html Restrictions(const Parameters& given) {
  Html items;
  for (auto at = given.begin(); at != given.end(); ++at) {
    const std::string& name = at->first;
    if (name == "cursor" || name == "limit" || name == "sort") continue;
    Parameters less;
    for (auto other = given.begin(); other != given.end(); ++other) {
      if (other != at && other->first != "cursor") less.insert(*other);
    }
    items.Add(
        "<li><a class=\"tag\" href=\"{}\" aria-label=\"without {}: {}\">{}: <bdi>{}</bdi> "
        "&times;</a></li>\n",
        AddressOf(less), name, WordTitle(at->second), name == "q" ? "search" : name,
        WordTitle(at->second));
  }
  Html html;
  if (items.empty()) return html;
  return html.Add(
      "<ul class=\"restrictions\" aria-label=\"Restricted by\">\n{}<li><a "
      "href=\"/tickets\">all tickets</a></li></ul>\n",
      items);
}

Html NextLink(Parameters given, const std::string& cursor) {
  Html html;
  if (cursor.empty()) return html;
  given.erase("cursor");
  given.emplace("cursor", cursor);
  return html.Add("<p><a href=\"{}\">Next page</a></p>\n", AddressOf(given));
}

HttpReply ListReply(const Parameters& given, const Html& content, int status) {
  Html main;
  main.Add("<section>\n<h1>Tickets</h1>\n{}{}</section>\n", Form(given), content);
  return PageReply("Tickets - signinwatch", "/tickets", main, status);
}

}  // namespace

HttpReply TicketListPage(store::TicketStore& store, const HttpRequest& request,
                         const PageContext& context) {
  const Parameters given = WithoutEmpty(request.parameters);
  store::TicketFilter filter;
  filter.limit = kPageLimit;
  const std::vector<ParameterProblem> problems = ReadTicketParameters(given, &filter);
  if (!problems.empty()) return ListReply(given, ProblemsHtml(problems), 400);
  if (context.tenants != nullptr) FindTenantsByName(*context.tenants, &filter);
  store::TicketPage page;
  const absl::Status status = store.FindTickets(filter, &page);
  if (absl::IsInvalidArgument(status))
    return ListReply(given, ProblemsHtml({CursorProblem()}), 400);
  if (!status.ok()) return StoreProblemReply(status);

  Html rows;
  for (size_t i = 0; i < page.tickets.size(); ++i) {
    rows.Add(TicketRow(json::JsonDocument(page.tickets[i]).root(), page.reviews[i], context));
  }
  const std::string sort = ValueOf(given, "sort");
  Html content = Restrictions(given);
  content.Add("<p class=\"note\">{}, sorted by {}</p>\n<ol class=\"tickets\">\n{}</ol>\n{}",
              CountWords(page.total, "ticket", "tickets"),
              WordTitle(sort.empty() ? SortWords().front() : sort), rows,
              NextLink(given, page.next_cursor));
  return ListReply(given, content, 200);
}

}  // namespace signinwatch::http
