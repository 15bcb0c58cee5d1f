#include "daemon/http/page/ticket_list.h"

#include <map>
#include <string>
#include <vector>

#include "daemon/http/json.h"
#include "daemon/http/page/html.h"
#include "daemon/http/page/layout.h"
#include "daemon/http/page/ticket_row.h"
#include "daemon/http/problem.h"
#include "daemon/http/ticket_parameters.h"
#include "daemon/http/words.h"

namespace signinwatch {
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

Html Choice(const char* name, const std::vector<std::string>& words, const Parameters& given) {
  Html options;
  for (const std::string& word : words) {
    const Html selected = word == ValueOf(given, name) ? Html().Add(" selected") : Html();
    // Causes have titles; of all other words CauseTitle gives the word back.
    options.Add("<option value=\"{}\"{}>{}</option>", word, selected, CauseTitle(word));
  }
  Html html;
  return html.Add(
      "<label>{} <select name=\"{}\"><option value=\"\">any</option>{}</select></label>\n", name,
      name, options);
}

Html Form(const Parameters& given) {
  Html fields;
  fields.Add(TextField("user", "user (name or object id)", given));
  fields.Add(TextField("tenant", "tenant id", given));
  fields.Add(Choice("state", StateWords(), given));
  fields.Add(Choice("severity", SeverityWords(), given));
  fields.Add(Choice("cause", CauseWords(), given));
  fields.Add(Choice("scope", ScopeWords(), given));
  Html html;
  return html.Add(
      "<form class=\"filter\" action=\"/tickets\" method=\"get\">\n{}<button>Show</button>"
      "</form>\n",
      fields);
}

Html NextLink(const Parameters& given, const std::string& cursor) {
  Html html;
  if (cursor.empty()) return html;
  std::string query = "cursor=" + EscapeQuery(cursor);
  for (const auto& [name, value] : given) {
    if (name != "cursor") query += "&" + name + "=" + EscapeQuery(value);
  }
  return html.Add("<p><a href=\"/tickets?{}\">Next page</a></p>\n", query);
}

Html Problems(const std::vector<ParameterProblem>& problems) {
  Html items;
  for (const ParameterProblem& problem : problems) {
    items.Add("<li class=\"bad\"><b>{}</b> {}</li>\n", problem.parameter, problem.detail);
  }
  return Html().Add("<ul class=\"health\">\n{}</ul>\n", items);
}

HttpReply ListReply(const Parameters& given, const Html& content, int status) {
  Html main;
  main.Add("<section>\n<h1>Tickets</h1>\n{}{}</section>\n", Form(given), content);
  return PageReply("Tickets - signinwatch", "/tickets", main, status);
}

}  // namespace

HttpReply TicketListPage(Store& store, const HttpRequest& request, const PageContext& context) {
  const Parameters given = WithoutEmpty(request.parameters);
  TicketFilter filter;
  filter.limit = kPageLimit;
  const std::vector<ParameterProblem> problems = ReadTicketParameters(given, &filter);
  if (!problems.empty()) return ListReply(given, Problems(problems), 400);
  TicketPage page;
  const absl::Status status = store.FindTickets(filter, &page);
  if (absl::IsInvalidArgument(status)) return ListReply(given, Problems({CursorProblem()}), 400);
  if (!status.ok()) return StoreProblemReply(status);

  Html rows;
  for (size_t i = 0; i < page.tickets.size(); ++i) {
    rows.Add(TicketRow(ReadJson(page.tickets[i]), page.reviews[i], context));
  }
  Html content;
  content.Add("<p class=\"note\">{}, the latest first</p>\n<ol class=\"tickets\">\n{}</ol>\n{}",
              CountWords(page.total, "ticket", "tickets"), rows, NextLink(given, page.next_cursor));
  return ListReply(given, content, 200);
}

}  // namespace signinwatch
