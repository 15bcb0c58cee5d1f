#include "daemon/store/ticket_row.h"

#include <vector>

#include "parser/ascii.h"

namespace signinwatch::store {

std::string LowerName(std::string_view name) {
  std::string lower(name);
  LowerAsciiRange(lower.data(), lower.size());
  return lower;
}

const char* ScopeName(GroupBy scope) { return scope == GroupBy::kUser ? "user" : "tenant"; }

Severity SeverityOf(std::string_view name) {
  for (int i = 0; i <= static_cast<int>(Severity::kCritical); ++i) {
    const auto severity = static_cast<Severity>(i);
    if (name == SeverityName(severity)) return severity;
  }
  return Severity::kInfo;
}

std::string WordsOf(const Ticket& ticket) {
  std::string words;
  const auto add = [&words](const std::string& word) {
    if (!word.empty()) words.append(word).append(1, '\n');
  };
  const auto add_all = [&add](const std::vector<Counted>& list) {
    for (const Counted& counted : list) {
      add(counted.id);
      add(counted.name);
    }
  };
  add(ticket.ticket_id);
  add(ticket.tenant_id);
  add(ticket.user_id);
  add(ticket.user_principal_name);
  for (const CountedList* list :
       {&ticket.apps, &ticket.ip_addresses, &ticket.countries, &ticket.devices, &ticket.users}) {
    add_all(list->shown);
  }
  add_all(ticket.changes_by_actor);
  for (const TicketChange& change : ticket.changes) add(change.actor);
  return LowerName(words);
}

}  // namespace signinwatch::store
