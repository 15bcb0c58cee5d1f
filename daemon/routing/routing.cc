#include "daemon/routing/routing.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "daemon/config/network.h"
#include "parser/ascii.h"

namespace signinwatch::routing {
namespace {

using Texts = std::vector<std::string>;

// Without case; `*` stands for any text, also none. Only the latest star is tried again: where it
// can't match, an earlier one could not either.
bool MatchesPattern(std::string_view pattern, std::string_view text) {
  size_t p = 0, t = 0;
  size_t star = std::string_view::npos, star_text = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      star_text = t;
    } else if (p < pattern.size() && LowerAsciiOf(pattern[p]) == LowerAsciiOf(text[t])) {
      ++p, ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++star_text;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

bool HasText(const Texts& entries, std::string_view value) {
  return !value.empty() && std::any_of(entries.begin(), entries.end(), [&](const auto& entry) {
    return EqualsWithoutCase(entry, value);
  });
}

bool IsOneOf(const Texts& patterns, const Ticket& ticket) {
  if (ticket.scope != GroupBy::kUser) return false;
  return std::any_of(patterns.begin(), patterns.end(), [&ticket](const std::string& pattern) {
    return (!ticket.user_id.empty() && MatchesPattern(pattern, ticket.user_id)) ||
           (!ticket.user_principal_name.empty() &&
            MatchesPattern(pattern, ticket.user_principal_name));
  });
}

bool IsInNetworks(const Texts& entries, std::string_view value) {
  const IpAddress address = ParseIpAddress(value);
  return std::any_of(entries.begin(), entries.end(), [&address](const std::string& entry) {
    const auto network = config::ParseNetwork(entry);
    return network.has_value() && network->Contains(address);
  });
}

// Whether each failure of the burst has a value, all values are known, and each is as expected.
template <typename Expected>
bool AllOf(const CountedList& values, const Ticket& ticket, const Expected& expected) {
  if (values.total != values.shown.size()) return false;
  uint64_t failures = 0;
  for (const Counted& value : values.shown) {
    if (!expected(value)) return false;
    failures += value.count;
  }
  return failures == ticket.event_count;
}

bool ComesUnder(const Ticket& ticket, const config::ExceptionConfig& exception) {
  if (!exception.users.empty() && !IsOneOf(exception.users, ticket)) return false;
  if (!exception.tenants.empty() && !HasText(exception.tenants, ticket.tenant_id)) return false;
  if (!exception.causes.empty() && !HasText(exception.causes, CauseName(ticket.cause))) {
    return false;
  }
  if (!exception.apps.empty() && !AllOf(ticket.apps, ticket, [&exception](const Counted& app) {
        return HasText(exception.apps, app.id) || HasText(exception.apps, app.name);
      })) {
    return false;
  }
  if (!exception.addresses.empty() &&
      !AllOf(ticket.ip_addresses, ticket, [&exception](const Counted& address) {
        return IsInNetworks(exception.addresses, address.id);
      })) {
    return false;
  }
  return exception.devices.empty() ||
         AllOf(ticket.devices, ticket, [&exception](const Counted& device) {
           return HasText(exception.devices, device.id);
         });
}

}  // namespace

std::string ExceptionFor(const Ticket& ticket, std::span<const config::ExceptionConfig> exceptions,
                         EventTime now) {
  if (ticket.severity == Severity::kCritical) return {};
  for (const config::ExceptionConfig& exception : exceptions) {
    if (now < exception.until && ComesUnder(ticket, exception)) return exception.name;
  }
  return {};
}

Audience AudienceOf(const config::SinkConfig& sink, const Ticket& ticket) {
  if (!ticket.exception.empty()) return Audience::kNot;
  if (ticket.severity < sink.min_severity) return Audience::kNot;
  if (!sink.tenants.empty() && !HasText(sink.tenants, ticket.tenant_id)) return Audience::kNot;
  // SPEC 6.3: what is under a tenant's ticket is told there, unless it is critical.
  const bool rolled_up = sink.roll_up && ticket.scope == GroupBy::kUser &&
                         !ticket.parent_ticket_id.empty() && ticket.severity != Severity::kCritical;
  return rolled_up ? Audience::kRolledUp : Audience::kTold;
}

}  // namespace signinwatch::routing
