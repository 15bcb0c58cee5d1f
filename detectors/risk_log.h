// Risk events of users: what Entra's own detections say of them (SPEC 6.5, `risk`).
//
// Of those with one id the one that was updated last counts, of equal ones the one with the
// greatest state; so an event replaces its former versions, in whatever order they come. An event
// takes 32 bytes and its places in user_log.h; tests/detectors/risk_log_test.cc holds that.
#ifndef SIGNINWATCH_DETECTORS_RISK_LOG_H_
#define SIGNINWATCH_DETECTORS_RISK_LOG_H_

#include "detectors/user_log.h"
#include "parser/message_parser.h"
#include "parser/signal.h"

namespace signinwatch {

struct RiskEntry {
  static constexpr TextId user_principal_name = 0;  // found by the user's key alone

  EventTime time;
  EventTime last_updated;
  TextId id = 0;
  TextId type = 0;  // as written, as the next two
  TextId level = 0;
  TextId state = 0;
  friend bool operator==(const RiskEntry&, const RiskEntry&) = default;
};
static_assert(sizeof(RiskEntry) == 32);

[[nodiscard]] RiskEntry MakeRiskEntry(const Signal& signal, const ParsedMessage& message,
                                      TextPool* pool);
// By time, then id.
[[nodiscard]] bool ComesBefore(const RiskEntry& a, const RiskEntry& b, const TextPool& pool);
void MarkTextsOf(const RiskEntry& entry, TextPool* pool);
template <typename A>
void Fields(A& a, RiskEntry& entry) {
  a(entry.time, entry.last_updated);
  for (TextId* text : {&entry.id, &entry.type, &entry.level, &entry.state}) a.Text(*text);
}

class RiskLog : public UserLog<RiskEntry> {
 public:
  using UserLog::UserLog;

  // False: it changes nothing, being a copy or an older version.
  bool Add(const UserKey& user, const RiskEntry& entry);
};

}  // namespace signinwatch

#endif  // SIGNINWATCH_DETECTORS_RISK_LOG_H_
