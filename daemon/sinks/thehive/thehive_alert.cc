#include "daemon/sinks/thehive/thehive_alert.h"

#include <algorithm>
#include <chrono>
#include <set>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/json/json_value.h"
#include "daemon/json/json_writer.h"
#include "daemon/sinks/cut_text.h"
#include "parser/event_time.h"

namespace signinwatch::sinks {
namespace {

constexpr size_t kTitleMax = 512;
constexpr size_t kDescriptionMax = 50'000;  // of the 1 MiB that is taken
constexpr size_t kTagMax = 128;
constexpr size_t kLinkMax = 4'096;
constexpr int kAmber = 2;  // TLP and PAP: for the organisation

std::string AsItIs(const std::string& text) { return text; }

const char* SeverityOf(std::string_view severity) {
  if (severity == "critical") return "4";
  if (severity == "high") return "3";
  return severity == "medium" ? "2" : "1";
}

std::string RelatedMarkdown(const TicketMessage& message) {
  std::string lines;
  for (const RelatedTicket& other : message.related) {
    absl::StrAppend(&lines, "- **", other.relation, ":** ", EscapeMarkdown(other.ticket.ticket_id));
    if (!other.ticket.link.empty()) absl::StrAppend(&lines, " <", other.ticket.link, ">");
    lines += '\n';
  }
  return lines;
}

// All but the reference; what must not be missing stands before the steps.
std::string Markdown(const TicketMessage& message) {
  std::string text = absl::StrCat(EscapeMarkdown(message.text), "\n\n", RelatedMarkdown(message));
  for (const MessageFact& fact : message.facts) {
    absl::StrAppend(&text, "- **", fact.name, ":** ", EscapeMarkdown(fact.value), "\n");
  }
  if (!message.url.empty()) absl::StrAppend(&text, "- **Ticket:** <", message.url, ">\n");
  if (!message.steps.empty()) text += "\n**What to do**\n\n";
  for (size_t i = 0; i < std::min(message.steps.size(), kMessageSteps); ++i) {
    const MessageStep& step = message.steps[i];
    absl::StrAppend(&text, i + 1, ". **", EscapeMarkdown(step.title), "** ",
                    EscapeMarkdown(step.detail), "\n");
  }
  return text;
}

std::string DescriptionOf(const Telling& telling, const TicketMessage& message,
                          const MessageWording& wording) {
  std::string text = Markdown(message);
  if (const auto body = wording.Body(telling, EscapeMarkdown)) {
    text = *body;
    if (const std::string related = RelatedMarkdown(message); !related.empty()) {
      absl::StrAppend(&text, "\n\n", related);
    }
  }
  while (text.ends_with('\n')) text.pop_back();
  return CutCharactersBefore(text, "\n\n" + ReferenceLine(message), kDescriptionMax);
}

void WriteObservables(json::JsonWriter& json, const json::JsonValue& ticket) {
  std::set<std::pair<std::string, std::string>> seen;  // one that is there twice is refused
  json.Key("observables");
  json.Open('[');
  const auto write = [&](const std::string& type, const std::string& data) {
    if (data.empty() || !seen.emplace(type, data).second) return;
    json.Open('{');
    json.Member("dataType", type);
    json.Member("data", data);
    json.Close('}');
  };
  const auto write_user = [&](const std::string& name) {
    if (name.find('@') != std::string::npos) write("mail", name);
  };
  write_user(ticket["user_principal_name"].Text());
  for (const json::JsonValue& user : ticket["users"].Elements()) write_user(user["name"].Text());
  for (const json::JsonValue& address : ticket["ip_addresses"].Elements()) {
    write("ip", address["value"].Text());
  }
  json.Close(']');
}

}  // namespace

std::string EscapeMarkdown(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    if (std::string_view("\\`*_[]<>|~").find(c) != std::string_view::npos) escaped += '\\';
    escaped += c;
  }
  return escaped;
}

RemoteFields TheHiveFields(const Telling& telling, const MessageWording& wording) {
  const TicketMessage message = WriteTicketMessage(telling);
  return {
      {"title", CutCharacters(wording.Title(telling, AsItIs), kTitleMax)},
      {"description", DescriptionOf(telling, message, wording)},
      {"summary", absl::StrCat("State: ", telling.delivery.state, ". ", ReferenceLine(message))},
      {"severity", SeverityOf(telling.delivery.severity)}};
}

std::string TheHiveAlert(const Telling& telling, const MessageWording& wording) {
  const json::JsonDocument document(telling.delivery.json);
  const json::JsonValue ticket = document.root();
  std::string alert;
  json::JsonWriter json(&alert);
  json.Open('{');
  json.Member("type", kTheHiveSource);
  json.Member("source", kTheHiveSource);
  json.Member("sourceRef", telling.key);
  for (const auto& [name, value] : TheHiveFields(telling, wording)) {
    json.Key(name);
    name == "severity" ? json.Raw(value) : json.String(value);
  }
  if (const auto begin = ParseEventTime(ticket["first_event_time"].Text())) {
    json.Member("date",
                std::chrono::floor<std::chrono::milliseconds>(*begin).time_since_epoch().count());
  }
  json.Key("tags");
  json.Open('[');
  json.String("signinwatch");
  for (const char* name : {"detector", "tenant_id"}) {
    if (const std::string tag = ticket[name].Text(); !tag.empty()) {
      json.String(CutCharacters(tag, kTagMax));
    }
  }
  json.Close(']');
  json.Member("tlp", kAmber);
  json.Member("pap", kAmber);
  if (const std::string url = ticket["url"].Text(); !url.empty() && url.size() <= kLinkMax) {
    json.Member("externalLink", url);
  }
  WriteObservables(json, ticket);
  json.Close('}');
  return alert;
}

}  // namespace signinwatch::sinks
