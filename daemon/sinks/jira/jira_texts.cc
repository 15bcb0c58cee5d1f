#include "daemon/sinks/jira/jira_texts.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "daemon/json/json_writer.h"
#include "daemon/sinks/cut_text.h"

namespace signinwatch::sinks {
namespace {

constexpr size_t kTextMax = 4'000;    // characters of what happened
constexpr size_t kDetailMax = 1'500;  // of one step

std::string Stripped(std::string text) {
  absl::StripAsciiWhitespace(&text);
  return text;
}

std::string Plain(const std::string& text) { return text; }

// What is no part of a word; bytes of characters beyond ASCII are.
bool IsBoundary(std::string_view text, size_t at) {
  return at >= text.size() || (static_cast<unsigned char>(text[at]) < 0x80 &&
                               !absl::ascii_isalnum(static_cast<unsigned char>(text[at])));
}

std::string Name(const RemoteName& name) { return name.id.empty() ? name.ticket_id : name.id; }

// A document of blocks (Atlassian Document Format, version 1). A text node is never empty.
class Document {
 public:
  Document() {
    json_.Open('{');
    json_.Member("type", "doc");
    json_.Member("version", 1);
    OpenContent();
  }
  std::string Take() {
    Close();
    return std::move(text_);
  }

  // Its lines are kept.
  void Paragraph(std::string_view text, bool strong = false) {
    Open("paragraph");
    while (!text.empty()) {
      const size_t end = std::min(text.find('\n'), text.size());
      Text(text.substr(0, end), "", strong);
      if (end < text.size()) HardBreak();
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    Close();
  }
  // "Part of: SOC-1", where SOC-1 is the link.
  void Linked(std::string_view before, std::string_view text, std::string_view link) {
    Open("paragraph");
    Text(before, "", false);
    Text(text, link, false);
    Close();
  }
  void Open(std::string_view type) {
    json_.Open('{');
    json_.Member("type", type);
    OpenContent();
  }
  void Close() {
    json_.Close(']');
    json_.Close('}');
  }

 private:
  void OpenContent() {
    json_.Key("content");
    json_.Open('[');
  }
  void HardBreak() {
    json_.Open('{');
    json_.Member("type", "hardBreak");
    json_.Close('}');
  }
  void Text(std::string_view text, std::string_view link, bool strong) {
    if (text.empty()) return;
    json_.Open('{');
    json_.Member("type", "text");
    json_.Member("text", text);
    if (strong || !link.empty()) {
      json_.Key("marks");
      json_.Open('[');
      json_.Open('{');
      json_.Member("type", strong ? "strong" : "link");
      if (!strong) {
        json_.Key("attrs");
        json_.Open('{');
        json_.Member("href", link);
        json_.Close('}');
      }
      json_.Close('}');
      json_.Close(']');
    }
    json_.Close('}');
  }

  std::string text_;
  json::JsonWriter json_{&text_};
};

std::string DocumentOf(const TicketMessage& message, size_t steps_most) {
  Document document;
  document.Paragraph(CutCharacters(message.text, kTextMax));
  document.Open("bulletList");
  const auto item = [&document](auto write) {
    document.Open("listItem");
    write();
    document.Close();
  };
  for (const RelatedTicket& other : message.related) {
    item([&] { document.Linked(other.relation + ": ", Name(other.ticket), other.ticket.link); });
  }
  for (const MessageFact& fact : message.facts) {
    item([&] { document.Paragraph(absl::StrCat(fact.name, ": ", fact.value)); });
  }
  if (!message.url.empty()) item([&] { document.Linked("Ticket: ", message.url, message.url); });
  item([&] { document.Paragraph(ReferenceLine(message)); });
  document.Close();
  const size_t shown = std::min(steps_most, message.steps.size());
  if (shown == 0) return document.Take();
  document.Paragraph("What to do:", true);
  document.Open("orderedList");
  for (size_t i = 0; i < shown; ++i) {
    item([&] {
      document.Paragraph(message.steps[i].title, true);
      document.Paragraph(CutCharacters(message.steps[i].detail, kDetailMax));
    });
  }
  document.Close();
  if (shown < message.steps.size()) {
    document.Paragraph(absl::StrCat(message.steps.size() - shown, " more in the ticket"));
  }
  return document.Take();
}

std::string WikiOf(const TicketMessage& message, size_t steps_most) {
  std::string text = EscapeWiki(message.text) + "\n\n";
  for (const RelatedTicket& other : message.related) {
    absl::StrAppend(&text, "* ", other.relation, ": ", Name(other.ticket));
    if (!other.ticket.link.empty()) absl::StrAppend(&text, " ", other.ticket.link);
    text += '\n';
  }
  for (const MessageFact& fact : message.facts) {
    absl::StrAppend(&text, "* ", fact.name, ": ", EscapeWiki(fact.value), "\n");
  }
  if (!message.url.empty()) absl::StrAppend(&text, "* Ticket: ", message.url, "\n");
  const size_t shown = std::min(steps_most, message.steps.size());
  if (shown > 0) text += "\n*What to do:*\n";
  for (size_t i = 0; i < shown; ++i) {
    absl::StrAppend(&text, "# *", EscapeWiki(message.steps[i].title), "*\n#* ",
                    EscapeWiki(message.steps[i].detail), "\n");
  }
  if (shown > 0 && shown < message.steps.size()) {
    absl::StrAppend(&text, "\n", message.steps.size() - shown, " more in the ticket");
  }
  return Stripped(std::move(text));
}

std::string JsonText(std::string_view text) {
  std::string json;
  json::AppendJsonString(text, &json);
  return json;
}

// Blocks of lines become paragraphs.
std::string DocumentOfText(std::string_view text) {
  Document document;
  while (!text.empty()) {
    const size_t end = std::min(text.find("\n\n"), text.size());
    document.Paragraph(text.substr(0, end));
    text.remove_prefix(end);
    text.remove_prefix(std::min(text.find_first_not_of('\n'), text.size()));
  }
  return document.Take();
}

void AppendPlain(const json::JsonValue& node, std::string* text) {
  *text += node["text"].Text();
  for (const json::JsonValue& child : node["content"].Elements()) AppendPlain(child, text);
}

}  // namespace

std::string EscapeWiki(std::string_view text) {
  std::string escaped;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool always = std::string_view("{}[]!|^~").find(c) != std::string_view::npos;
    const bool at_word = std::string_view("*_+-?").find(c) != std::string_view::npos;
    if (c == '\\') {
      escaped += "&#92;";
      continue;
    }
    // Inside a word these mean nothing, as in 2026-11-24.
    const bool starts = at_word && (i == 0 || IsBoundary(text, i - 1));
    if (always || starts || (at_word && IsBoundary(text, i + 1))) escaped += '\\';
    escaped += c;
  }
  return escaped;
}

std::string JiraTexts::Summary(const Telling& telling) const {
  std::string summary = Stripped(wording_.Title(telling, &Plain));
  std::replace(summary.begin(), summary.end(), '\r', ' ');
  return CutCharacters(summary, kSummaryMax);
}

// `text`, whose last block is never cut.
std::string JiraTexts::Paragraphs(const std::string& text) const {
  const size_t last = std::min(text.rfind("\n\n"), text.size());
  const std::string tail = text.substr(last);
  for (size_t most = kJiraTextMax;; most = most / 4 * 3) {
    const std::string cut = CutCharactersBefore(text.substr(0, last), tail, most);
    std::string json = cloud_ ? DocumentOfText(cut) : JsonText(cut);
    if (!cloud_ || most < kTextMax || CharacterCount(json) <= kJiraTextMax) return json;
  }
}

std::string JiraTexts::Description(const Telling& telling) const {
  const TicketMessage message = WriteTicketMessage(telling);
  const MessageWording::Escape escape =
      cloud_ ? MessageWording::Escape(&Plain) : MessageWording::Escape(&EscapeWiki);
  if (const std::optional<std::string> body = wording_.Body(telling, escape)) {
    // In one block, which is never cut.
    return Paragraphs(
        absl::StrCat(Stripped(*body), "\n\n", RelatedLines(message), ReferenceLine(message)));
  }
  if (!cloud_) {
    return JsonText(CutCharactersBefore(WikiOf(message, message.steps.size()),
                                        "\n\n" + ReferenceLine(message), kJiraTextMax));
  }
  for (size_t steps = message.steps.size();; --steps) {
    std::string json = DocumentOf(message, steps);
    if (steps == 0 || CharacterCount(json) <= kJiraTextMax) return json;
  }
}

std::string JiraTexts::Comment(const Telling& telling) const {
  const TicketMessage message = WriteTicketMessage(telling);
  return Paragraphs(absl::StrCat(cloud_ ? message.text : EscapeWiki(message.text), "\n\n",
                                 RelatedLines(message), ReferenceLine(message)));
}

std::string JiraTexts::TwinComment(const Telling& telling, const std::string& stays) const {
  return Paragraphs(
      absl::StrCat("Duplicate of ", stays, ".\n\n", ReferenceLine(WriteTicketMessage(telling))));
}

std::string JiraTexts::PlainOf(const json::JsonValue& body) {
  std::string text;
  if (body.IsObject()) {
    AppendPlain(body, &text);
    return text;
  }
  text = body.Text();
  std::erase(text, '\r');
  return text;
}

std::string JiraTexts::PlainOf(const std::string& json) {
  const json::JsonDocument document("[" + json + "]");
  const std::vector<json::JsonValue> values = document.root().Elements();
  return values.empty() ? "" : PlainOf(values.front());
}

}  // namespace signinwatch::sinks
