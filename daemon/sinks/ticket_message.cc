#include "daemon/sinks/ticket_message.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "daemon/json/json_value.h"
#include "daemon/words/answers.h"
#include "daemon/words/phrases.h"
#include "daemon/words/ticket_reader.h"

namespace signinwatch::sinks {
namespace {

// "password_reset_by_admin" -> "Password reset by admin"
std::string Words(std::string name) {
  std::replace(name.begin(), name.end(), '_', ' ');
  if (!name.empty()) name[0] = absl::ascii_toupper(static_cast<unsigned char>(name[0]));
  return name;
}

std::string FindingsWords(const json::JsonValue& names) {
  std::string words;
  for (const json::JsonValue& name : names.Elements()) {
    absl::StrAppend(&words, words.empty() ? "" : ", ", Words(words::FindingWords(name.Text())));
  }
  return words;
}

// What the records answer; of the password the cause says it.
void AddAnswers(const json::JsonValue& ticket, std::vector<MessageFact>* facts) {
  for (const words::GuideAnswer& answer : words::TicketAnswers(words::ReadTicket(ticket))) {
    if (answer.question == words::GuideQuestion::kPassword) continue;
    facts->push_back({words::GuideQuestionTitle(answer.question), answer.text});
  }
}

// Of a list of the ticket: "Outlook (9), OneDrive (7) and 3 more".
std::string CountedIn(const json::JsonValue& ticket, const std::string& key) {
  std::vector<Counted> values;
  for (const json::JsonValue& value : ticket[key].Elements()) {
    std::string id = value["id"].Text();
    if (id.empty()) id = value["value"].Text();
    values.push_back({id, value["name"].Text(), value["count"].Count()});
  }
  return words::CountedWords(values, ticket[key + "_total"].Count());
}

std::string MomentWords(const json::JsonValue& time) {
  const std::optional<EventTime> parsed = ParseEventTime(time.Text());
  return parsed ? words::Moment(*parsed) : "";
}

std::string StateWords(const json::JsonValue& ticket) {
  std::string words = Words(ticket["state"].Text());
  const std::string resolution = ticket["resolution"].Text();
  if (resolution == "quiet") words += ": the failures stopped";
  if (resolution == "reauthenticated") words += ": the user is back";
  const uint64_t reopened = ticket["reopened"].Count();
  if (reopened > 0) words += absl::StrCat(", reopened ", words::Plural(reopened, "time", "times"));
  return words;
}

std::string UserWords(const json::JsonValue& ticket) {
  const std::string name = words::Shown(ticket["user_principal_name"].Text());
  const std::string id = words::Shown(ticket["user_id"].Text());
  if (name.empty() || id.empty()) return name + id;
  return absl::StrCat(name, " (", id, ")");
}

std::string CountWords(const json::JsonValue& ticket) {
  const uint64_t count = ticket["event_count"].Count();
  const uint64_t total = ticket["total_event_count"].Count();
  if (count == 0) return "";
  return total > count ? absl::StrCat(count, " (", total, " with the bursts before)")
                       : absl::StrCat(count);
}

std::vector<MessageFact> FactsOf(const json::JsonValue& ticket) {
  const bool of_tenant = ticket["scope"].Text() == "tenant";
  std::vector<MessageFact> facts{
      {"Severity", Words(ticket["severity"].Text())},
      {"State", StateWords(ticket)},
      {"Cause", Words(ticket["cause"].Text())},
      {"Findings", FindingsWords(ticket["findings"])},
      {"User", of_tenant ? "" : UserWords(ticket)},
      {"Users", of_tenant ? absl::StrCat(ticket["distinct_users"].Count()) : ""},
      {"Tenant", words::Shown(ticket["tenant_id"].Text())},
      {"Failed sign-ins", CountWords(ticket)},
      {"First failure", MomentWords(ticket["first_event_time"])},
      {"Last failure", MomentWords(ticket["last_event_time"])},
      {"Most failures", CountedIn(ticket, "users")},
      {"Applications", CountedIn(ticket, "apps")},
      {"Addresses", CountedIn(ticket, "ip_addresses")},
      {"Countries", CountedIn(ticket, "countries")}};
  AddAnswers(ticket, &facts);
  std::erase_if(facts, [](const MessageFact& fact) { return fact.value.empty(); });
  return facts;
}

// "37 users' tickets: a@contoso.example, b@contoso.example and 35 more"; empty: none.
std::string RolledUpWords(const store::RolledUp& rolled_up) {
  if (rolled_up.total == 0) return "";
  std::string words = words::Plural(rolled_up.total, "user's ticket", "users' tickets");
  for (const store::RolledUpTicket& ticket : rolled_up.shown) {
    absl::StrAppend(&words, &ticket == &rolled_up.shown.front() ? ": " : ", ",
                    words::Shown(ticket.user));
  }
  if (rolled_up.total > rolled_up.shown.size()) {
    absl::StrAppend(&words, " and ", rolled_up.total - rolled_up.shown.size(), " more");
  }
  return words;
}

std::string FlappingWords(const store::Delivery& delivery) {
  if (delivery.held_back == 0) return "";
  return absl::StrCat("resolved and reopened ", words::Plural(delivery.held_back, "time", "times"),
                      " without being told here");
}

std::vector<RelatedTicket> RelatedTo(const Telling& telling) {
  std::vector<RelatedTicket> related{
      {"Merged into", telling.merged_into},
      {"Follows the closed ticket", telling.former},
      {"Part of", telling.parent},
      {"Continues", telling.continues},
      {"Flapping", {.ticket_id = FlappingWords(telling.delivery)}},
      {"Rolled up", {.ticket_id = RolledUpWords(telling.rolled_up)}}};
  std::erase_if(related, [](const RelatedTicket& other) { return other.ticket.ticket_id.empty(); });
  return related;
}

std::optional<words::MessageTemplate> TemplateOf(const std::string& text) {
  if (text.empty()) return std::nullopt;
  auto parsed = words::MessageTemplate::Parse(text);
  if (!parsed.ok()) return std::nullopt;
  return *std::move(parsed);
}

words::TemplateFields FieldsOf(const Telling& telling) {
  const json::JsonDocument document(telling.delivery.json);
  return words::TemplateFieldsOf(document.root());
}

std::string TitleOf(const json::JsonValue& ticket, const Telling& telling) {
  const std::string title = ticket["title"].Text();
  return title.empty() ? absl::StrCat("Ticket ", telling.delivery.ticket_id) : title;
}

}  // namespace

TicketMessage WriteTicketMessage(const Telling& telling) {
  const json::JsonDocument document(telling.delivery.json);
  const json::JsonValue ticket = document.root();
  TicketMessage message{.title = TitleOf(ticket, telling),
                        .text = ticket["summary"].Text(),
                        .facts = FactsOf(ticket),
                        .related = RelatedTo(telling),
                        .steps = {},
                        .url = ticket["url"].Text(),
                        .reference = telling.reference};
  for (const json::JsonValue& step : ticket["runbook"].Elements()) {
    message.steps.push_back({step["title"].Text(), step["detail"].Text()});
  }
  return message;
}

std::string PlainText(const TicketMessage& message, size_t steps_most) {
  std::string text = message.text;
  std::string lines = RelatedLines(message);
  for (const MessageFact& fact : message.facts) {
    absl::StrAppend(&lines, fact.name, ": ", fact.value, "\n");
  }
  if (!message.url.empty()) absl::StrAppend(&lines, "Ticket: ", message.url, "\n");
  if (!lines.empty()) lines.pop_back();
  if (!text.empty() && !lines.empty()) text += "\n\n";
  text += lines;
  const size_t shown = std::min(steps_most, message.steps.size());
  if (shown > 0) text += "\n\nWhat to do:";
  for (size_t i = 0; i < shown; ++i) {
    const MessageStep& step = message.steps[i];
    absl::StrAppend(&text, "\n", i + 1, ". ", step.title, "\n   ", step.detail);
  }
  if (shown > 0 && shown < message.steps.size()) {
    absl::StrAppend(&text, "\n", message.steps.size() - shown, " more in the ticket");
  }
  return text;
}

std::string RelatedLines(const TicketMessage& message) {
  std::string lines;
  for (const RelatedTicket& other : message.related) {
    const RemoteName& name = other.ticket;
    absl::StrAppend(&lines, other.relation, ": ", name.id.empty() ? name.ticket_id : name.id);
    if (!name.link.empty()) absl::StrAppend(&lines, " ", name.link);
    lines += '\n';
  }
  return lines;
}

std::string ReferenceLine(const TicketMessage& message) {
  return absl::StrCat("Reference: ", message.reference);
}

bool HasReference(std::string_view text, std::string_view reference) {
  for (size_t at = text.find(reference); at != std::string_view::npos;
       at = text.find(reference, at + 1)) {
    const size_t end = at + reference.size();
    if (end == text.size() || !absl::ascii_isdigit(static_cast<unsigned char>(text[end]))) {
      return true;
    }
  }
  return false;
}

MessageWording::MessageWording(const std::string& title, const std::string& body)
    : title_(TemplateOf(title)), body_(TemplateOf(body)) {}

std::string MessageWording::Title(const Telling& telling, const Escape& escape) const {
  if (title_) {
    std::string title = title_->Render(FieldsOf(telling), escape);
    std::replace(title.begin(), title.end(), '\n', ' ');
    return title;
  }
  const json::JsonDocument document(telling.delivery.json);
  return escape(TitleOf(document.root(), telling));
}

std::optional<std::string> MessageWording::Body(const Telling& telling,
                                                const Escape& escape) const {
  if (!body_) return std::nullopt;
  return body_->Render(FieldsOf(telling), escape);
}

}  // namespace signinwatch::sinks
