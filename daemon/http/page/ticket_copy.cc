#include "daemon/http/page/ticket_copy.h"

#include <algorithm>

#include "daemon/http/page/ticket_row.h"
#include "daemon/http/words.h"

namespace signinwatch::http {
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

std::string NameOf(const json::JsonValue& entry) {
  for (const char* key : {"name", "value", "id"}) {
    if (std::string name = entry[key].Text(); !name.empty()) return name;
  }
  return {};
}

// "Outlook (20), Teams (3) and 4 more"
std::string Names(const json::JsonValue& ticket, const char* key, const std::string& total_key,
                  size_t most) {
  const std::vector<json::JsonValue> list = ticket[key].Elements();
  std::string text;
  size_t shown = 0;
  for (; shown < std::min(list.size(), most); ++shown) {
    text += (shown == 0 ? "" : ", ") + NameOf(list[shown]) + " (" +
            Thousands(list[shown]["count"].Count()) + ")";
  }
  const uint64_t total = std::max<uint64_t>(ticket[total_key].Count(), list.size());
  if (shown > 0 && total > shown) text += " and " + Thousands(total - shown) + " more";
  return text;
}

std::string StateLine(const json::JsonValue& ticket) {
  std::string words = ticket["state"].Text() + ", " + CauseTitle(ticket["cause"].Text());
  for (const json::JsonValue& finding : ticket["findings"].Elements()) {
    const std::string name = finding.Text();
    if (!name.empty()) words += ", " + FindingTitle(name);
  }
  return words;
}

std::string When(const json::JsonValue& ticket) {
  const EventTime first = TimeOf(ticket, "first_event_time");
  const EventTime last = TimeOf(ticket, "last_event_time");
  std::string words = CountWords(ticket["event_count"].Count(), "failure", "failures");
  if (first == kBeginningOfTime) return words;
  return words + ", " + SecondWords(first) + " to " + SecondWords(last);
}

std::string ChangeWords(const json::JsonValue& change) {
  std::string words =
      SecondWords(TimeOf(change, "time")) + " " + ChangeTitle(change["kind"].Text());
  const std::string actor = change["actor"].Text();
  return actor.empty() ? words : words + " by " + actor;
}

void AddHead(const json::JsonValue& ticket, const PageContext& context, std::string* text) {
  AddLine("[" + ticket["severity"].Text() + "] ", ticket["title"].Text(), text);
  std::string who = WhoOf(ticket, context);
  if (ticket["scope"].Text() != "tenant") {
    who += ", tenant " + context.TenantName(ticket["tenant_id"].Text());
  }
  AddLine("Who: ", who, text);
  AddLine("State: ", StateLine(ticket), text);
  AddLine("When: ", When(ticket), text);
  AddLine("", ticket["summary"].Text(), text);
}

}  // namespace

std::string ChatText(const json::JsonValue& ticket, const PageContext& context) {
  std::string text;
  AddHead(ticket, context, &text);
  AddLine("Apps: ", Names(ticket, "apps", "apps_total", kNamesInChat), &text);
  AddLine("From: ", Names(ticket, "ip_addresses", "ip_addresses_total", kNamesInChat), &text);
  const std::vector<json::JsonValue> changes = ticket["changes"].Elements();
  if (!changes.empty()) AddLine("Last change: ", ChangeWords(changes.back()), &text);
  const std::vector<json::JsonValue> runbook = ticket["runbook"].Elements();
  if (!runbook.empty()) AddLine("First: ", runbook.front()["title"].Text(), &text);
  return text;
}

std::string WholeText(const json::JsonValue& ticket, const store::TicketHandling& handling,
                      const PageContext& context) {
  constexpr size_t kAll = 1'000;
  std::string text;
  AddHead(ticket, context, &text);
  AddLine("Object id: ", ticket["user_id"].Text(), &text);
  AddLine("Tenant id: ", ticket["tenant_id"].Text(), &text);
  AddLine("Apps: ", Names(ticket, "apps", "apps_total", kAll), &text);
  AddLine("Addresses: ", Names(ticket, "ip_addresses", "ip_addresses_total", kAll), &text);
  AddLine("Countries: ", Names(ticket, "countries", "countries_total", kAll), &text);
  AddLine("Devices: ", Names(ticket, "devices", "devices_total", kAll), &text);
  AddLine("Users: ", Names(ticket, "users", "users_total", kAll), &text);
  if (!ticket["changes"].Elements().empty()) text += "\nPassword changes and revocations\n";
  for (const json::JsonValue& change : ticket["changes"].Elements())
    AddLine("- ", ChangeWords(change), &text);
  if (!ticket["runbook"].Elements().empty()) text += "\nWhat to do\n";
  for (const json::JsonValue& step : ticket["runbook"].Elements()) {
    const std::string title = step["title"].Text();
    const auto tick =
        std::find_if(handling.ticks.begin(), handling.ticks.end(),
                     [&title](const store::StepTick& each) { return each.step == title; });
    const bool done = tick != handling.ticks.end();
    std::string line = title;
    if (done) line += " (done by " + tick->by + ", " + SecondWords(tick->at) + ")";
    AddLine(done ? "- [x] " : "- [ ] ", line, &text);
    AddLine("  ", step["detail"].Text(), &text);
  }
  std::string evidence;
  for (const json::JsonValue& each : ticket["evidence"].Elements()) {
    const std::string record = each.Text();
    if (!record.empty()) evidence += (evidence.empty() ? "" : ", ") + record;
  }
  if (!evidence.empty()) text += "\n";
  AddLine("Sign-in records: ", evidence, &text);
  text += "\n";
  AddLine("Ticket ",
          ticket["ticket_id"].Text() + ", revision " + std::to_string(ticket["revision"].Count()),
          &text);
  return text;
}

}  // namespace signinwatch::http
