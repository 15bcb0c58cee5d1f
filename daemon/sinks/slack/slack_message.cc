#include "daemon/sinks/slack/slack_message.h"

#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"
#include "daemon/json/json_writer.h"
#include "daemon/sinks/cut_text.h"

namespace signinwatch::sinks {
namespace {

constexpr size_t kSummaryMax = 1'500;
constexpr size_t kFactMax = 250;
constexpr size_t kFieldsMax = 10;  // of one section, Slack's
constexpr size_t kStepTitleMax = 100;
constexpr size_t kStepDetailMax = 300;

// Of what is escaped already: no entity is left in part.
std::string CutEscaped(const std::string& escaped, size_t most) {
  constexpr size_t kEntityMax = 5;  // "&amp;"
  std::string cut = CutCharacters(escaped, most);
  if (cut.size() == escaped.size()) return cut;
  const size_t entity = cut.rfind('&');
  const size_t end = cut.size() - std::string_view("…").size();
  if (entity != cut.npos && end - entity < kEntityMax && cut.find(';', entity) == cut.npos) {
    cut.erase(entity, end - entity);
  }
  return cut;
}

void PlainObject(json::JsonWriter& json, const std::string& escaped) {
  json.Open('{');
  json.Member("type", "plain_text");
  json.Member("text", escaped);
  json.Member("emoji", false);
  json.Close('}');
}

void MrkdwnObject(json::JsonWriter& json, const std::string& mrkdwn) {
  json.Open('{');
  json.Member("type", "mrkdwn");
  json.Member("text", mrkdwn);
  json.Member("verbatim", true);
  json.Close('}');
}

template <typename Write>
void SectionBlock(json::JsonWriter& json, Write write_text) {
  json.Open('{');
  json.Member("type", "section");
  json.Key("text");
  write_text();
  json.Close('}');
}

const char* SignOf(const store::Delivery& delivery) {
  if (delivery.state != "open") return ":white_check_mark:";
  static const std::map<std::string, const char*> signs{{"critical", ":red_circle:"},
                                                        {"high", ":large_orange_circle:"},
                                                        {"medium", ":large_yellow_circle:"},
                                                        {"low", ":large_blue_circle:"}};
  const auto sign = signs.find(delivery.severity);
  return sign == signs.end() ? ":white_circle:" : sign->second;
}

void Facts(json::JsonWriter& json, const std::vector<MessageFact>& facts) {
  for (size_t first = 0; first < facts.size(); first += kFieldsMax) {
    json.Open('{');
    json.Member("type", "section");
    json.Key("fields");
    json.Open('[');
    for (size_t i = first; i < std::min(facts.size(), first + kFieldsMax); ++i) {
      PlainObject(json, SlackText(absl::StrCat(facts[i].name, ": ", facts[i].value), kFactMax));
    }
    json.Close(']');
    json.Close('}');
  }
}

void Steps(json::JsonWriter& json, const TicketMessage& message) {
  const size_t shown = std::min(message.steps.size(), kMessageSteps);
  if (shown == 0) return;
  std::string text = "What to do:";
  for (size_t i = 0; i < shown; ++i) {
    const MessageStep& step = message.steps[i];
    absl::StrAppend(&text, "\n", i + 1, ". ", SlackText(step.title, kStepTitleMax), "\n    ",
                    SlackText(step.detail, kStepDetailMax));
  }
  if (shown < message.steps.size()) {
    absl::StrAppend(&text, "\n", message.steps.size() - shown, " more in the ticket");
  }
  SectionBlock(json, [&] { PlainObject(json, text); });
}

std::string Link(const std::string& url, const std::string& text) {
  return absl::StrCat("<", SlackText(url), "|", text, ">");
}

// Related tickets, the link and the reference: what is never cut.
void Context(json::JsonWriter& json, const TicketMessage& message) {
  json.Open('{');
  json.Member("type", "context");
  json.Key("elements");
  json.Open('[');
  for (const RelatedTicket& other : message.related) {
    const std::string id = SlackText(other.ticket.ticket_id);
    MrkdwnObject(json, absl::StrCat(other.relation, " ",
                                    other.ticket.link.empty() ? id : Link(other.ticket.link, id)));
  }
  if (!message.url.empty()) MrkdwnObject(json, Link(message.url, "Open the ticket"));
  MrkdwnObject(json, SlackText(ReferenceLine(message)));
  json.Close(']');
  json.Close('}');
}

void Blocks(json::JsonWriter& json, const Telling& telling, const TicketMessage& message,
            const std::string& title, const std::optional<std::string>& body) {
  json.Key("blocks");
  json.Open('[');
  SectionBlock(
      json, [&] { MrkdwnObject(json, absl::StrCat(SignOf(telling.delivery), " *", title, "*")); });
  if (body) {
    if (!body->empty()) {
      SectionBlock(json, [&] { MrkdwnObject(json, CutEscaped(*body, kSlackBodyMax)); });
    }
  } else {
    if (!message.text.empty()) {
      SectionBlock(json, [&] { PlainObject(json, SlackText(message.text, kSummaryMax)); });
    }
    Facts(json, message.facts);
    Steps(json, message);
  }
  Context(json, message);
  json.Close(']');
}

}  // namespace

std::string SlackText(std::string_view text, size_t most) {
  std::string escaped;
  size_t size = 0;        // characters of `escaped`
  size_t bytes_kept = 0;  // of it, before a "…" that would still have room
  for (size_t i = 0; i < text.size();) {
    size_t end = i + 1;
    while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) ++end;
    const std::string_view character = text.substr(i, end - i);
    std::string_view written = character;
    if (character == "&") written = "&amp;";
    if (character == "<") written = "&lt;";
    if (character == ">") written = "&gt;";
    const size_t width = written.size() == character.size() ? 1 : written.size();
    if (size + width > most) return escaped.substr(0, bytes_kept).append("…");
    escaped += written;
    size += width;
    if (size < most) bytes_kept = escaped.size();
    i = end;
  }
  return escaped;
}

std::string SlackMessage(const Telling& telling, const MessageWording& wording,
                         const std::string& channel, const std::string& ts) {
  const auto escape = [](const std::string& value) { return SlackText(value); };
  const TicketMessage message = WriteTicketMessage(telling);
  const std::string title = CutEscaped(wording.Title(telling, escape), kSlackTitleMax);
  std::string out;
  json::JsonWriter json(&out);
  json.Open('{');
  json.Member("channel", channel);
  if (!ts.empty()) json.Member("ts", ts);
  // What notifications show, and devices that render no blocks.
  json.Member("text", absl::StrCat(title, "\n", SlackText(ReferenceLine(message))));
  Blocks(json, telling, message, title, wording.Body(telling, escape));
  json.Key("metadata");
  json.Open('{');
  json.Member("event_type", kSlackEventType);
  json.Key("event_payload");
  json.Open('{');
  json.Member("ticket_id", telling.key);
  json.Member("revision", telling.delivery.revision);
  json.Close('}');
  json.Close('}');
  if (ts.empty()) {
    json.Member("unfurl_links", false);
    json.Member("unfurl_media", false);
  }
  json.Close('}');
  return out;
}

}  // namespace signinwatch::sinks
