#include "daemon/http/api.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "daemon/http/handling.h"
#include "daemon/http/problem.h"
#include "daemon/http/ticket_parameters.h"
#include "daemon/json/json_string.h"
#include "parser/harmful_characters.h"

namespace signinwatch {
namespace {

HttpReply JsonReply(std::string body) {
  // Older versions stored tickets with harmful characters as they came.
  return {.content_type = kJsonType, .body = EscapeHarmfulInJson(std::move(body))};
}

// Tickets are JSON already, and are not looked into.
void AppendArray(const std::vector<std::string>& elements, std::string* out) {
  *out += '[';
  for (const std::string& element : elements) {
    if (out->back() != '[') *out += ',';
    *out += element;
  }
  *out += ']';
}

}  // namespace

bool IsTicketId(const std::string& text) {
  constexpr size_t kBytesMax = 64;
  constexpr std::string_view kCharacters = "0123456789abcdefABCDEF-";
  return !text.empty() && text.size() <= kBytesMax &&
         text.find_first_not_of(kCharacters) == std::string::npos;
}

HttpReply TicketsReply(Store& store, const HttpRequest& request, const TenantNames& names) {
  TicketFilter filter;
  const std::vector<ParameterProblem> problems = ReadTicketParameters(request.parameters, &filter);
  if (!problems.empty()) return ParametersReply(problems);
  FindTenantsByName(names, &filter);
  TicketPage page;
  const absl::Status status = store.FindTickets(filter, &page);
  if (absl::IsInvalidArgument(status)) return ParametersReply({CursorProblem()});
  if (!status.ok()) return StoreProblemReply(status);
  std::string body = "{\"tickets\":";
  AppendArray(page.tickets, &body);
  OrderedJson reviews = OrderedJson::array();
  for (const TicketReview& review : page.reviews) reviews.push_back(ReviewJson(review));
  body += ",\"reviews\":" + JsonText(reviews) + ",\"next_cursor\":";
  if (page.next_cursor.empty()) {
    body += "null";
  } else {
    AppendJsonString(page.next_cursor, &body);
  }
  body += ",\"total\":" + std::to_string(page.total) + "}";
  return JsonReply(std::move(body));
}

HttpReply TicketReply(Store& store, const std::string& ticket_id) {
  const HttpReply missing = ProblemReply(404, "no such ticket");
  if (!IsTicketId(ticket_id)) return missing;
  std::vector<std::string> revisions;
  const absl::Status status = store.TicketRevisions(ticket_id, &revisions);
  if (absl::IsNotFound(status) || (status.ok() && revisions.empty())) return missing;
  if (!status.ok()) return StoreProblemReply(status);
  std::string body = "{\"ticket\":" + revisions.back() + ",\"revisions\":";
  AppendArray(revisions, &body);
  TicketHandling handling;
  const absl::Status read = store.Handling(ticket_id, &handling);
  if (!read.ok() && !absl::IsNotFound(read)) return StoreProblemReply(read);
  body += ",\"handling\":" + JsonText(HandlingJson(handling)) + '}';
  return JsonReply(std::move(body));
}

}  // namespace signinwatch
