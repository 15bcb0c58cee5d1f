#include "daemon/http/page/runbook_steps.h"

#include <algorithm>
#include <array>

#include "daemon/http/page/layout.h"
#include "daemon/http/words.h"

namespace signinwatch::http {
namespace {

constexpr size_t kCommandsMax = 20;  // of a step

bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }
bool IsLower(char c) { return c >= 'a' && c <= 'z'; }
bool IsStepWordPart(char c) {
  return IsLetter(c) || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

size_t Letters(std::string_view text, size_t at) {
  size_t end = at;
  while (end < text.size() && IsLetter(text[end])) ++end;
  return end - at;
}

// Bytes of a cmdlet's name at the start of `text`: "Revoke-MgUserSignInSession". 0: none.
size_t CmdletAt(std::string_view text) {
  size_t verb = 0;
  if (text.empty() || !IsUpper(text[0])) return 0;
  for (verb = 1; verb < text.size() && IsLower(text[verb]);) ++verb;
  if (verb < 3 || verb + 1 >= text.size() || text[verb] != '-' || !IsUpper(text[verb + 1]))
    return 0;
  // "Re-Register" or "Multi-Factor" are words; the nouns of cmdlets have a capital within or verbs
  // that PowerShell allows.
  static constexpr std::array<std::string_view, 17> kVerbs{
      "Get",    "Set",    "Start",  "Stop",    "Revoke",  "Update", "Remove",  "Reset", "Format",
      "Invoke", "Select", "Search", "Connect", "Disable", "Enable", "Confirm", "New"};
  if (std::find(kVerbs.begin(), kVerbs.end(), text.substr(0, verb)) == kVerbs.end()) return 0;
  return verb + 1 + Letters(text, verb + 1);
}

// Bytes of a value: in single quotes, of which two are one, or up to a blank or what ends a phrase.
size_t ValueAt(std::string_view text) {
  if (text.empty()) return 0;
  if (text[0] == '\'') {
    for (size_t at = 1; at < text.size(); ++at) {
      if (text[at] != '\'') continue;
      if (at + 1 < text.size() && text[at + 1] == '\'') {
        ++at;
      } else {
        return at + 1;
      }
    }
    return 0;  // not closed: nothing that could be typed
  }
  size_t end = 0;
  while (end < text.size() && std::string_view(" ()\n\t;").find(text[end]) == std::string::npos) {
    ++end;
  }
  while (end > 0 && std::string_view(".,:").find(text[end - 1]) != std::string::npos) --end;
  return end;
}

bool EndsPhrase(std::string_view text) {
  return text.empty() || std::string_view(".,;:)").find(text[0]) != std::string::npos;
}

// Bytes of a command at the start of `text`.
size_t CommandAt(std::string_view text) {
  for (const std::string_view known : {"dsregcmd /status", "az logout", "az login"}) {
    if (text.starts_with(known)) return known.size();
  }
  size_t end = CmdletAt(text);
  if (end == 0) return 0;
  while (end < text.size()) {
    const std::string_view rest = text.substr(end);
    if (rest.starts_with(" | ")) {
      const size_t name = CmdletAt(rest.substr(3));
      if (name == 0) break;
      end += 3 + name;
      // Format-List and its like take a list of names without a parameter's name.
      if (end + 1 < text.size() && text[end] == ' ' && IsUpper(text[end + 1])) {
        end += 1 + ValueAt(text.substr(end + 1));
      }
    } else if (rest.starts_with(" -") && rest.size() > 2 && IsLetter(rest[2])) {
      end += 2 + Letters(rest, 2);
      if (text.substr(end).starts_with(":$")) {
        end += 2 + Letters(text, end + 2);
        continue;
      }
      if (EndsPhrase(text.substr(end)) || text[end] != ' ') break;
      // A value is no word of the sentence: those follow switches alone.
      const std::string_view value = text.substr(end + 1);
      if (value.starts_with('-') || value.starts_with("| ")) continue;
      const size_t size = ValueAt(value);
      const std::string_view word = value.substr(0, size);
      static constexpr std::array<std::string_view, 8> kSentence{"and",   "or",   "says", "shows",
                                                                 "lists", "then", "with", "to"};
      if (size == 0 || std::find(kSentence.begin(), kSentence.end(), word) != kSentence.end()) {
        break;
      }
      end += 1 + size;
    } else {
      break;
    }
  }
  return end;
}

Html Commands(const std::string& detail) {
  Html html;
  for (const std::string& command : CommandsIn(detail)) {
    html.Add("<pre class=\"command\"><code>{}</code></pre>", command);
  }
  return html;
}

const store::StepTick* TickOf(const store::TicketHandling& handling, const std::string& step) {
  const auto found = std::find_if(handling.ticks.begin(), handling.ticks.end(),
                                  [&](const store::StepTick& tick) { return tick.step == step; });
  return found == handling.ticks.end() ? nullptr : &*found;
}

// A button that says by itself whether it is done; a mark, for who may not change it.
Html TickHtml(const std::string& ticket_id, const std::string& title, size_t number,
              const store::StepTick* tick, const PageContext& context) {
  Html html;
  const char* const checked = tick == nullptr ? "false" : "true";
  if (!context.may_change) {
    return html.Add(
        "<span class=\"tick\" role=\"img\" aria-label=\"{}\" data-checked=\"{}\"></span>",
        tick == nullptr ? "to do" : "done", checked);
  }
  return html.Add(
      "<form class=\"act\" method=\"post\" action=\"/tickets/{}/ticks?done={}&amp;step={}\">"
      "<button class=\"tick\" id=\"tick-{}\" role=\"checkbox\" aria-checked=\"{}\" "
      "data-checked=\"{}\" aria-label=\"Done: {}\"></button></form>",
      EscapeQuery(ticket_id), tick == nullptr ? "yes" : "no", EscapeQuery(title), number, checked,
      checked, title);
}

}  // namespace

std::vector<std::string> CommandsIn(std::string_view text) {
  std::vector<std::string> commands;
  // A query for the sign-in logs is the rest of its text.
  constexpr std::string_view kQuery = "Query: ";
  std::string query;
  if (const size_t begin = text.find(kQuery); begin != std::string_view::npos) {
    query = text.substr(begin + kQuery.size());
    text = text.substr(0, begin);
  }
  for (size_t at = 0; at < text.size() && commands.size() < kCommandsMax;) {
    const bool begins_word = at == 0 || !IsStepWordPart(text[at - 1]);
    const size_t size = begins_word ? CommandAt(text.substr(at)) : 0;
    if (size == 0) {
      ++at;
      continue;
    }
    std::string command(text.substr(at, size));
    if (std::find(commands.begin(), commands.end(), command) == commands.end()) {
      commands.push_back(std::move(command));
    }
    at += size;
  }
  if (!query.empty()) commands.push_back(std::move(query));
  return commands;
}

Html RunbookSteps(const json::JsonValue& ticket, const store::TicketHandling& handling,
                  const PageContext& context) {
  const std::string id = ticket["ticket_id"].Text();
  Html steps;
  size_t number = 0;
  for (const json::JsonValue& step : ticket["runbook"].Elements()) {
    const std::string title = step["title"].Text();
    const std::string detail = step["detail"].Text();
    const store::StepTick* tick = TickOf(handling, title);
    Html by;
    if (tick != nullptr) {
      by.Add(" <span class=\"note\">done by <bdi>{}</bdi> {}</span>", tick->by,
             AgoHtml(tick->at, context.now));
    }
    steps.Add("<li{}>{} <b>{}</b>{}<p>{}</p>{}</li>\n",
              tick == nullptr ? Html() : Html().Add(" class=\"done\""),
              TickHtml(id, title, ++number, tick, context), title, by, detail, Commands(detail));
  }
  Html html;
  if (steps.empty()) return html;
  return html.Add("<ol class=\"runbook\" id=\"runbook\">\n{}</ol>\n", steps);
}

}  // namespace signinwatch::http
