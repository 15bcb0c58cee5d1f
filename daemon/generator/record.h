// One Entra record before it is written.
#ifndef SIGNINWATCH_DAEMON_GENERATOR_RECORD_H_
#define SIGNINWATCH_DAEMON_GENERATOR_RECORD_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "daemon/generator/ticks.h"
#include "daemon/generator/vocabulary.h"

namespace signinwatch::generator {

struct Guid {
  uint64_t hi = 0;
  uint64_t lo = 0;
};

struct Tenant {
  Guid id;
  std::string id_text;
  std::string domain;
  uint32_t users = 0;       // of the background, service accounts included
  uint32_t home_place = 0;  // index into Places()
  uint32_t policy_set = 0;  // which Conditional Access policies it has
};

struct Person {
  Guid id;  // zero: known by user principal name only
  std::string user_principal_name;
  std::string name;
  Guid home_tenant;
  bool guest = false;
  std::string_view mfa_method;  // by which the person passes MFA
};

// Where a sign-in comes from.
struct Source {
  std::string address;
  const Place* place = nullptr;
  const Client* client = nullptr;
  Guid device;  // zero: not registered
};

enum class RecordKind : uint8_t {
  kInteractive,
  kNonInteractive,
  kAdfs,
  kServicePrincipal,
  kManagedIdentity,
  kAudit,
  kRiskyUser,
  kRiskEvent,
  kProvisioning,
};

[[nodiscard]] constexpr bool IsSignIn(RecordKind kind) {
  return kind <= RecordKind::kManagedIdentity;
}

// Who did what an audit record tells.
enum class Actor : uint8_t {
  kSelf,
  kAdmin,
  kSyncAccount,       // Sync_... user: directory synchronisation of older installations
  kCloudSyncAccount,  // ADToAADSyncServiceAccount user: Cloud Sync
  kSyncApp,           // ConnectSyncProvisioning_... application: of newer ones
  kResetService,      // the self-service reset service
  kNobody,            // initiatedBy is {}
};

struct Record {
  RecordKind kind = RecordKind::kInteractive;
  Ticks event_time = 0;
  Ticks export_time = 0;  // the top-level `time` of a sign-in
  uint64_t seed = 0;      // ids and other random parts are a function of it
  const Tenant* tenant = nullptr;
  Person person;  // the audit record's target
  // Sign-ins only.
  Source source;
  const App* app = nullptr;
  int32_t code = 0;
  Guid session;                 // zero: one of its own
  std::string_view mfa_method;  // by which MFA was passed, or kByClaim; empty: it was not
  bool blocked = false;         // by a Conditional Access policy
  // Of a sign-in, or of a risk event.
  std::string_view risk = "none";
  // Risk events only.
  std::string_view risk_type;
  // Audit records only.
  AuditOperation operation;
  Actor actor = Actor::kAdmin;
};

}  // namespace signinwatch::generator

#endif  // SIGNINWATCH_DAEMON_GENERATOR_RECORD_H_
