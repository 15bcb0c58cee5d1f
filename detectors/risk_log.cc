#include "detectors/risk_log.h"

#include <algorithm>
#include <tuple>

#include "detectors/audit_record.h"

namespace signinwatch {
namespace {

// The version that counts is the greatest. What else is told settles what ties.
auto VersionOf(const RiskEntry& entry, const TextPool& pool) {
  return std::tuple(entry.last_updated, pool.Get(entry.state), pool.Get(entry.level),
                    pool.Get(entry.type), entry.time);
}

}  // namespace

RiskEntry MakeRiskEntry(const Signal& signal, const ParsedMessage& message, TextPool* pool) {
  const RiskDetail& detail = message.risks[signal.detail];
  return {.time = signal.event_time,
          .last_updated = detail.last_updated,
          .id = InternRecordId(signal, message, pool),
          .type = pool->Intern(message.Text(detail.type)),
          .level = pool->Intern(message.Text(detail.level)),
          .state = pool->Intern(message.Text(detail.state))};
}

bool ComesBefore(const RiskEntry& a, const RiskEntry& b, const TextPool& pool) {
  const auto order = [&pool](const RiskEntry& entry) {
    return std::tuple(entry.time, pool.Get(entry.id), pool.Get(entry.type), pool.Get(entry.level),
                      pool.Get(entry.state));
  };
  return order(a) < order(b);
}

void MarkTextsOf(const RiskEntry& entry, TextPool* pool) {
  for (const TextId text : {entry.id, entry.type, entry.level, entry.state}) pool->Mark(text);
}

bool RiskLog::Add(const UserKey& user, const RiskEntry& entry) {
  if (const History* history = Find(user)) {
    const auto known =
        std::find_if(history->begin(), history->end(), [&entry](const RiskEntry& other) {
          return entry.id == 0 ? other == entry : other.id == entry.id;
        });
    if (known != history->end()) {
      if (VersionOf(entry, pool()) <= VersionOf(*known, pool())) return false;
      Erase(user, static_cast<size_t>(known - history->begin()), 1);
    }
  }
  UserLog::Add(user, entry);
  return true;
}

}  // namespace signinwatch
