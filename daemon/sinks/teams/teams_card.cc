#include "daemon/sinks/teams/teams_card.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "daemon/json/json_writer.h"
#include "daemon/sinks/cut_text.h"

namespace signinwatch::sinks {
namespace {

// How much of a ticket is shown; bytes, before they are escaped.
struct Room {
  size_t text;
  size_t fact;
  size_t steps;
  size_t detail;
};
// From what there mostly is room for to what fits, whatever is in it.
constexpr Room kRooms[] = {{9'000, 400, kMessageSteps, 500},
                           {5'000, 300, kMessageSteps, 150},
                           {3'000, 200, 3, 0},
                           {800, 80, 0, 0}};

struct Style {
  const char* key;
  const char* value;
};

void TextBlock(json::JsonWriter& json, const std::string& markdown,
               std::initializer_list<Style> styles = {}) {
  json.Open('{');
  json.Member("type", "TextBlock");
  json.Member("text", markdown);
  json.Member("wrap", true);
  for (const Style& style : styles) json.Member(style.key, std::string_view(style.value));
  json.Close('}');
}

const char* ColorOf(const store::Delivery& delivery) {
  if (delivery.state != "open") return "Good";
  if (delivery.severity == "critical" || delivery.severity == "high") return "Attention";
  return delivery.severity == "medium" ? "Warning" : "Default";
}

std::string Cut(const std::string& text, size_t bytes) {
  return EscapeCardText(CutBytes(text, bytes));
}

void Facts(json::JsonWriter& json, const TicketMessage& message, const Room& room) {
  json.Open('{');
  json.Member("type", "FactSet");
  json.Key("facts");
  json.Open('[');
  for (const MessageFact& fact : message.facts) {
    json.Open('{');
    json.Member("title", fact.name);
    json.Member("value", Cut(fact.value, room.fact));
    json.Close('}');
  }
  json.Close(']');
  json.Close('}');
}

void Steps(json::JsonWriter& json, const TicketMessage& message, const Room& room) {
  const size_t shown = std::min(room.steps, message.steps.size());
  if (shown == 0) return;
  TextBlock(json, "What to do", {{"weight", "Bolder"}, {"spacing", "Large"}});
  for (size_t i = 0; i < shown; ++i) {
    const MessageStep& step = message.steps[i];
    std::string text = absl::StrCat("**", i + 1, ". ", Cut(step.title, 150), "**");
    if (room.detail > 0) absl::StrAppend(&text, "\n\n", Cut(step.detail, room.detail));
    TextBlock(json, text);
  }
  if (shown < message.steps.size()) {
    TextBlock(json, absl::StrCat(message.steps.size() - shown, " more in the ticket"));
  }
}

void Body(json::JsonWriter& json, const Telling& telling, const TicketMessage& message,
          const std::string& title, const std::optional<std::string>& body, const Room& room) {
  TextBlock(json, title,
            {{"weight", "Bolder"}, {"size", "Medium"}, {"color", ColorOf(telling.delivery)}});
  if (body) {
    if (!body->empty()) TextBlock(json, CutBytes(*body, room.text));
  } else {
    if (!message.text.empty()) TextBlock(json, Cut(message.text, room.text));
    if (!message.facts.empty()) Facts(json, message, room);
    Steps(json, message, room);
  }
  for (const RelatedTicket& other : message.related) {
    TextBlock(json, absl::StrCat(other.relation, " ", EscapeCardText(other.ticket.ticket_id)));
  }
  TextBlock(json, EscapeCardText(ReferenceLine(message)),
            {{"size", "Small"}, {"fontType", "Monospace"}});
}

void Actions(json::JsonWriter& json, const TicketMessage& message) {
  if (message.url.empty()) return;
  json.Key("actions");
  json.Open('[');
  json.Open('{');
  json.Member("type", "Action.OpenUrl");
  json.Member("title", "Open the ticket");
  json.Member("url", message.url);
  json.Close('}');
  json.Close(']');
}

std::string Message(const Telling& telling, const TicketMessage& message, const std::string& title,
                    const std::optional<std::string>& body, const Room& room) {
  std::string out;
  json::JsonWriter json(&out);
  json.Open('{');
  json.Member("type", "message");
  json.Key("attachments");
  json.Open('[');
  json.Open('{');
  json.Member("contentType", "application/vnd.microsoft.card.adaptive");
  json.Key("contentUrl");
  json.Null();
  json.Key("content");
  json.Open('{');
  json.Member("$schema", "http://adaptivecards.io/schemas/adaptive-card.json");
  json.Member("type", "AdaptiveCard");
  json.Member("version", "1.4");
  json.Key("msteams");
  json.Open('{');
  json.Member("width", "Full");
  json.Close('}');
  json.Key("body");
  json.Open('[');
  Body(json, telling, message, title, body, room);
  json.Close(']');
  Actions(json, message);
  json.Close('}');
  json.Close('}');
  json.Close(']');
  json.Close('}');
  return out;
}

}  // namespace

std::string EscapeCardText(std::string_view text) {
  constexpr std::string_view kMarkup = "\\`*_[]<>#~|";
  std::string escaped;
  for (const char c : text) {
    if (kMarkup.find(c) != std::string_view::npos) escaped += '\\';
    escaped += c;
  }
  return escaped;
}

std::string TeamsMessage(const Telling& telling, const MessageWording& wording) {
  const auto escape = [](const std::string& value) { return EscapeCardText(value); };
  const TicketMessage message = WriteTicketMessage(telling);
  const std::string title = CutCharacters(wording.Title(telling, escape), kTeamsTitleMax);
  const std::optional<std::string> body = wording.Body(telling, escape);
  std::string out;
  for (const Room& room : kRooms) {
    out = Message(telling, message, title, body, room);
    if (out.size() <= kTeamsBytesMax) break;
  }
  return out;
}

}  // namespace signinwatch::sinks
