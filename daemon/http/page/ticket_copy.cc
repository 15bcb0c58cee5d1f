#include "daemon/http/page/ticket_copy.h"

#include <algorithm>

#include "daemon/http/page/ticket_row.h"
#include "daemon/http/words.h"

namespace signinwatch {
namespace {

constexpr size_t kNamesInChat = 3;

// A text from outside can't make lines of its own.
std::string OneLine(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  std::replace(text.begin(), text.end(), '\r', ' ');
  return text;
}

void AddLine(const std::string& label, const std::string& value, std::string* text) {
  if (!value.empty()) *text += label + OneLine(value) + "\n";
}

std::string NameOf(const Json& entry) {
  for (const char* key : {"name", "value", "id"}) {
    if (std::string name = TextOf(entry, key); !name.empty()) return name;
  }
  return {};
}

// "Outlook (20), Teams (3) and 4 more"
std::string Names(const Json& ticket, const char* key, const std::string& total_key, size_t most) {
  const Json& list = ListOf(ticket, key);
  std::string text;
  size_t shown = 0;
  for (; shown < std::min(list.size(), most); ++shown) {
    text += (shown == 0 ? "" : ", ") + NameOf(list[shown]) + " (" +
            Thousands(NumberOf(list[shown], "count")) + ")";
  }
  const uint64_t total = std::max<uint64_t>(NumberOf(ticket, total_key.c_str()), list.size());
  if (shown > 0 && total > shown) text += " and " + Thousands(total - shown) + " more";
  return text;
}

std::string StateWords(const Json& ticket) {
  std::string words = TextOf(ticket, "state") + ", " + CauseTitle(TextOf(ticket, "cause"));
  for (const Json& finding : ListOf(ticket, "findings")) {
    if (finding.is_string()) words += ", " + FindingTitle(finding.get<std::string>());
  }
  return words;
}

std::string When(const Json& ticket) {
  const EventTime first = TimeOf(ticket, "first_event_time");
  const EventTime last = TimeOf(ticket, "last_event_time");
  std::string words = CountWords(NumberOf(ticket, "event_count"), "failure", "failures");
  if (first == kBeginningOfTime) return words;
  return words + ", " + SecondWords(first) + " to " + SecondWords(last);
}

std::string ChangeWords(const Json& change) {
  std::string words =
      SecondWords(TimeOf(change, "time")) + " " + ChangeTitle(TextOf(change, "kind"));
  const std::string actor = TextOf(change, "actor");
  return actor.empty() ? words : words + " by " + actor;
}

void AddHead(const Json& ticket, const PageContext& context, std::string* text) {
  AddLine("[" + TextOf(ticket, "severity") + "] ", TextOf(ticket, "title"), text);
  std::string who = WhoOf(ticket, context);
  if (TextOf(ticket, "scope") != "tenant") {
    who += ", tenant " + context.TenantName(TextOf(ticket, "tenant_id"));
  }
  AddLine("Who: ", who, text);
  AddLine("State: ", StateWords(ticket), text);
  AddLine("When: ", When(ticket), text);
  AddLine("", TextOf(ticket, "summary"), text);
}

}  // namespace

std::string ChatText(const Json& ticket, const PageContext& context) {
  std::string text;
  AddHead(ticket, context, &text);
  AddLine("Apps: ", Names(ticket, "apps", "apps_total", kNamesInChat), &text);
  AddLine("From: ", Names(ticket, "ip_addresses", "ip_addresses_total", kNamesInChat), &text);
  const Json& changes = ListOf(ticket, "changes");
  if (!changes.empty()) AddLine("Last change: ", ChangeWords(changes.back()), &text);
  const Json& runbook = ListOf(ticket, "runbook");
  if (!runbook.empty()) AddLine("First: ", TextOf(runbook.front(), "title"), &text);
  return text;
}

std::string WholeText(const Json& ticket, const TicketHandling& handling,
                      const PageContext& context) {
  constexpr size_t kAll = 1'000;
  std::string text;
  AddHead(ticket, context, &text);
  AddLine("Object id: ", TextOf(ticket, "user_id"), &text);
  AddLine("Tenant id: ", TextOf(ticket, "tenant_id"), &text);
  AddLine("Apps: ", Names(ticket, "apps", "apps_total", kAll), &text);
  AddLine("Addresses: ", Names(ticket, "ip_addresses", "ip_addresses_total", kAll), &text);
  AddLine("Countries: ", Names(ticket, "countries", "countries_total", kAll), &text);
  AddLine("Devices: ", Names(ticket, "devices", "devices_total", kAll), &text);
  AddLine("Users: ", Names(ticket, "users", "users_total", kAll), &text);
  if (!ListOf(ticket, "changes").empty()) text += "\nPassword changes and revocations\n";
  for (const Json& change : ListOf(ticket, "changes")) AddLine("- ", ChangeWords(change), &text);
  if (!ListOf(ticket, "runbook").empty()) text += "\nWhat to do\n";
  for (const Json& step : ListOf(ticket, "runbook")) {
    const std::string title = TextOf(step, "title");
    const auto tick = std::find_if(handling.ticks.begin(), handling.ticks.end(),
                                   [&title](const StepTick& each) { return each.step == title; });
    const bool done = tick != handling.ticks.end();
    std::string line = title;
    if (done) line += " (done by " + tick->by + ", " + SecondWords(tick->at) + ")";
    AddLine(done ? "- [x] " : "- [ ] ", line, &text);
    AddLine("  ", TextOf(step, "detail"), &text);
  }
  std::string evidence;
  for (const Json& id : ListOf(ticket, "evidence")) {
    if (id.is_string()) evidence += (evidence.empty() ? "" : ", ") + id.get<std::string>();
  }
  if (!evidence.empty()) text += "\n";
  AddLine("Sign-in records: ", evidence, &text);
  text += "\n";
  AddLine(
      "Ticket ",
      TextOf(ticket, "ticket_id") + ", revision " + std::to_string(NumberOf(ticket, "revision")),
      &text);
  return text;
}

}  // namespace signinwatch
