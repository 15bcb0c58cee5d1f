#include "tests/daemon/http/fake_store.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <optional>

#include "nlohmann/json.hpp"
#include "parser/ascii.h"

namespace signinwatch {

void FakeStore::Add(const std::string& json) {
  const auto ticket = nlohmann::json::parse(json);
  const std::lock_guard<std::mutex> lock(mutex_);
  Entry& entry = tickets_[ticket["ticket_id"].get<std::string>()];
  for (const char* key : {"tenant_id", "user_id", "user_principal_name", "state", "cause",
                          "severity", "scope", "detector"}) {
    entry.fields[key] = ticket[key].is_string() ? ticket[key].get<std::string>() : std::string();
  }
  entry.first = ParseEventTime(ticket["first_event_time"].get<std::string>()).value();
  entry.last = ParseEventTime(ticket["last_event_time"].get<std::string>()).value();
  entry.revisions.push_back(json);
}

void FakeStore::Fail(absl::Status status) {
  const std::lock_guard<std::mutex> lock(mutex_);
  failure_ = std::move(status);
}

int FakeStore::searches() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return searches_;
}

bool FakeStore::Matches(const Entry& entry, const TicketFilter& filter) {
  const auto is = [&entry](const char* key, const std::optional<std::string>& wanted) {
    return !wanted || entry.fields.at(key) == *wanted;
  };
  const bool user = !filter.user || EqualsWithoutCase(entry.fields.at("user_id"), *filter.user) ||
                    EqualsWithoutCase(entry.fields.at("user_principal_name"), *filter.user);
  const bool overlaps =
      (!filter.from || entry.last >= *filter.from) && (!filter.to || entry.first <= *filter.to);
  return user && overlaps && is("tenant_id", filter.tenant_id) && is("state", filter.state) &&
         is("cause", filter.cause) && is("severity", filter.severity) &&
         is("scope", filter.scope) && is("detector", filter.detector);
}

absl::Status FakeStore::FindTickets(const TicketFilter& filter, TicketPage* page) {
  const std::lock_guard<std::mutex> lock(mutex_);
  ++searches_;
  if (!failure_.ok()) return failure_;
  size_t begin = 0;
  const std::string& cursor = filter.cursor;
  if (!cursor.empty()) {
    const auto [end, error] = std::from_chars(cursor.data(), cursor.data() + cursor.size(), begin);
    if (error != std::errc() || end != cursor.data() + cursor.size()) {
      return absl::InvalidArgumentError("no cursor");
    }
  }
  std::vector<const Entry*> found;
  for (const auto& [id, entry] : tickets_) {
    if (Matches(entry, filter)) found.push_back(&entry);
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const Entry* a, const Entry* b) { return a->first > b->first; });
  page->total = found.size();
  for (size_t i = begin; i < found.size() && i < begin + filter.limit; ++i) {
    page->tickets.push_back(found[i]->revisions.back());
  }
  if (begin + filter.limit < found.size()) {
    page->next_cursor = std::to_string(begin + filter.limit);
  }
  return absl::OkStatus();
}

absl::Status FakeStore::TenantDays(EventTime from, std::vector<TenantDay>* days) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (!failure_.ok()) return failure_;
  for (const auto& [id, entry] : tickets_) {
    const bool open = entry.fields.at("state") == "open";
    if (entry.first < from && !open) continue;
    days->push_back({.tenant_id = entry.fields.at("tenant_id"),
                     .day = std::chrono::floor<std::chrono::days>(entry.first),
                     .severity = entry.fields.at("severity"),
                     .open = open,
                     .tickets = 1,
                     .last_event_time = entry.last});
  }
  return absl::OkStatus();
}

absl::Status FakeStore::TicketRevisions(const std::string& ticket_id,
                                        std::vector<std::string>* revisions) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (!failure_.ok()) return failure_;
  const auto found = tickets_.find(ticket_id);
  if (found == tickets_.end()) return absl::NotFoundError("no such ticket");
  *revisions = found->second.revisions;
  return absl::OkStatus();
}

}  // namespace signinwatch
