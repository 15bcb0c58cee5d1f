// Audit records that change no password but may tell why a burst is there (SPEC 6.5): changes of a
// user's security info, and of a tenant's Conditional Access policies.
//
// The first stand under their user, the second under the tenant itself (UserKey of form kNone);
// each record id once. An event takes 32 bytes and its places in user_log.h;
// tests/detectors/audit_log_test.cc holds that.
#ifndef SIGNINWATCH_DETECTORS_AUDIT_LOG_H_
#define SIGNINWATCH_DETECTORS_AUDIT_LOG_H_

#include <string>

#include "absl/container/flat_hash_set.h"
#include "detectors/config.h"
#include "detectors/user_log.h"
#include "parser/message_parser.h"
#include "parser/signal.h"

namespace signinwatch {

struct AuditEvent {
  EventTime time;
  TextId record_id = 0;
  TextId operation = 0;            // as written
  TextId actor = 0;                // as shown; 0: null
  TextId policy = 0;               // of policies: the name of the first target
  TextId user_principal_name = 0;  // of users, lower-cased; 0: none
};
static_assert(sizeof(AuditEvent) == 32);

// By time, then record id.
[[nodiscard]] bool ComesBefore(const AuditEvent& a, const AuditEvent& b, const TextPool& pool);
void MarkTextsOf(const AuditEvent& event, TextPool* pool);
template <typename A>
void Fields(A& a, AuditEvent& event) {
  a(event.time);
  for (TextId* text : {&event.record_id, &event.operation, &event.actor, &event.policy,
                       &event.user_principal_name}) {
    a.Text(*text);
  }
}

// What an operation changes.
enum class AuditSubject : uint8_t { kNothing, kSecurityInfo, kPolicy };

class AuditOperations {
 public:
  explicit AuditOperations(const CorrelationConfig& config);
  // `operation` as normalised by NormalizeOperation.
  [[nodiscard]] AuditSubject SubjectOf(const std::string& operation) const;

 private:
  absl::flat_hash_set<std::string, TableHash> security_info_;
};

// An audit record as an event: of whom it is, and what is kept. Of security info the user is the
// target, or without a user as target the actor; kNone: nobody.
struct AuditOf {
  UserId user;
  AuditEvent event;
};
[[nodiscard]] AuditOf MakeAuditEvent(const Signal& signal, const ParsedMessage& message,
                                     AuditSubject subject, TextPool* pool);

class AuditLog : public UserLog<AuditEvent> {
 public:
  using UserLog::UserLog;

  // False: the record is known.
  bool Add(const UserKey& key, const AuditEvent& event);
};

}  // namespace signinwatch

#endif  // SIGNINWATCH_DETECTORS_AUDIT_LOG_H_
