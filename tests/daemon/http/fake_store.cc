#include "tests/daemon/http/fake_store.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <optional>

#include "nlohmann/json.hpp"
#include "parser/ascii.h"

namespace signinwatch::http {
namespace {

size_t RankOf(const std::string& severity) {
  const std::string words[] = {"info", "low", "medium", "high", "critical"};
  return static_cast<size_t>(std::find(std::begin(words), std::end(words), severity) - words) + 1;
}

}  // namespace

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
  entry.failures = ticket["event_count"].get<uint64_t>();
  entry.severity = RankOf(entry.fields["severity"]);
  entry.excepted = ticket.contains("exception");
}

store::TicketReview FakeStore::Entry::review() const {
  store::TicketReview review = handling.review;
  review.needed = severity > reviewed && fields.at("state") != "merged" && !excepted;
  return review;
}

void FakeStore::Fail(absl::Status status) {
  const std::lock_guard<std::mutex> lock(mutex_);
  failure_ = std::move(status);
}

int FakeStore::searches() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return searches_;
}

bool FakeStore::Matches(const Entry& entry, const store::TicketFilter& filter) {
  const auto is = [&entry](const char* key, const std::optional<std::string>& wanted) {
    return !wanted || entry.fields.at(key) == *wanted;
  };
  const bool user = !filter.user || EqualsWithoutCase(entry.fields.at("user_id"), *filter.user) ||
                    EqualsWithoutCase(entry.fields.at("user_principal_name"), *filter.user);
  const bool overlaps =
      (!filter.from || entry.last >= *filter.from) && (!filter.to || entry.first <= *filter.to);
  const auto one_of = [&entry](const char* key, const std::vector<std::string>& wanted) {
    return wanted.empty() ||
           std::find(wanted.begin(), wanted.end(), entry.fields.at(key)) != wanted.end();
  };
  const auto lower = [](std::string of) {
    LowerAsciiRange(of.data(), of.size());
    return of;
  };
  const std::string text = lower(entry.revisions.back());
  const bool words =
      std::all_of(filter.words.begin(), filter.words.end(), [&](const store::SearchWord& word) {
        return text.find(lower(word.text)) != std::string::npos ||
               std::find(word.tenants.begin(), word.tenants.end(), entry.fields.at("tenant_id")) !=
                   word.tenants.end();
      });
  const bool review = !filter.needs_review || entry.review().needed == *filter.needs_review;
  const bool quiet = !filter.excepted || entry.excepted == *filter.excepted;
  return words && review && quiet && user && overlaps && is("tenant_id", filter.tenant_id) &&
         is("state", filter.state) && one_of("cause", filter.cause) &&
         one_of("severity", filter.severity) && is("scope", filter.scope) &&
         is("detector", filter.detector);
}

absl::Status FakeStore::FindTickets(const store::TicketFilter& filter, store::TicketPage* page) {
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
  std::stable_sort(found.begin(), found.end(), [&filter](const Entry* a, const Entry* b) {
    switch (filter.order) {
      case store::TicketOrder::kLastFailure:
        return a->last > b->last;
      case store::TicketOrder::kSeverity:
        return a->severity > b->severity;
      case store::TicketOrder::kFailures:
        return a->failures > b->failures;
      case store::TicketOrder::kFirstFailure:
        break;
    }
    return false;
  });
  page->total = found.size();
  for (size_t i = begin; i < found.size() && i < begin + filter.limit; ++i) {
    page->tickets.push_back(found[i]->revisions.back());
    page->reviews.push_back(found[i]->review());
  }
  if (begin + filter.limit < found.size()) {
    page->next_cursor = std::to_string(begin + filter.limit);
  }
  return absl::OkStatus();
}

absl::Status FakeStore::TenantDays(EventTime from, std::vector<store::TenantDay>* days) {
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

template <typename Change>
absl::Status FakeStore::Handle(const std::string& ticket_id, const Change& change) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (!failure_.ok()) return failure_;
  const auto found = tickets_.find(ticket_id);
  if (found == tickets_.end()) return absl::NotFoundError("no such ticket");
  change(&found->second);
  return absl::OkStatus();
}

absl::Status FakeStore::Review(const std::string& ticket_id, uint32_t revision,
                               const std::string& by, EventTime at) {
  bool known = true;
  const absl::Status status = Handle(ticket_id, [&](Entry* entry) {
    known = revision >= 1 && revision <= entry->revisions.size();
    if (!known) return;
    const auto seen = nlohmann::json::parse(entry->revisions[revision - 1]);
    entry->reviewed = RankOf(seen["severity"].get<std::string>());
    entry->handling.review.at = at;
    entry->handling.review.by = by;
    entry->handling.review.revision = revision;
  });
  return known ? status : absl::NotFoundError("no such revision");
}

absl::Status FakeStore::TakeBackReview(const std::string& ticket_id) {
  return Handle(ticket_id, [](Entry* entry) {
    entry->reviewed = 0;
    entry->handling.review = {};
  });
}

absl::Status FakeStore::Tick(const std::string& ticket_id, const store::StepTick& tick) {
  return Handle(ticket_id, [&](Entry* entry) { entry->handling.ticks.push_back(tick); });
}

absl::Status FakeStore::TakeBackTick(const std::string& ticket_id, const std::string& step) {
  return Handle(ticket_id, [&](Entry* entry) {
    std::erase_if(entry->handling.ticks,
                  [&step](const store::StepTick& tick) { return tick.step == step; });
  });
}

void FakeStore::AddRemote(store::RemoteTicket remote) {
  const std::lock_guard<std::mutex> lock(mutex_);
  remotes_.push_back(std::move(remote));
}

absl::Status FakeStore::RollUpsOf(const std::string& ticket_id, store::TicketRollUps* found) {
  const auto at = roll_ups.find(ticket_id);
  *found = at == roll_ups.end() ? store::TicketRollUps() : at->second;
  return absl::OkStatus();
}

absl::Status FakeStore::RemoteTicketsOf(const std::string& ticket_id,
                                        std::vector<store::RemoteTicket>* remotes) {
  const std::lock_guard<std::mutex> lock(mutex_);
  for (const store::RemoteTicket& remote : remotes_) {
    if (remote.ticket_id == ticket_id) remotes->push_back(remote);
  }
  return failure_;
}

absl::Status FakeStore::Handling(const std::string& ticket_id, store::TicketHandling* handling) {
  return Handle(ticket_id, [&](Entry* entry) {
    *handling = entry->handling;
    handling->review = entry->review();
  });
}

}  // namespace signinwatch::http
