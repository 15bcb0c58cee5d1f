// A signal: the small fixed projection of an accepted record, all that detection needs.
//
// Text is kept as references into the text of the ParsedMessage that holds the signal, so a signal
// is valid as long as that message is neither cleared nor destroyed.
#ifndef SIGNINWATCH_PARSER_SIGNAL_H_
#define SIGNINWATCH_PARSER_SIGNAL_H_

#include <cstdint>
#include <type_traits>

#include "parser/event_time.h"
#include "parser/ids.h"
#include "parser/ip_address.h"

namespace signinwatch {

// A piece of ParsedMessage::text. size 0: absent. Of a long text the beginning is kept: CutText,
// and KeepIdentity for tenants, users and other ids (parser/ids.h).
struct TextRef {
  uint32_t offset = 0;
  uint32_t size = 0;
  [[nodiscard]] bool empty() const { return size == 0; }
};

// The categories that are read (SPEC 3.2). `SignIn` is kSignIn, `Audit` is kAudit. The sign-ins
// come first.
enum class Category : uint8_t { kSignIn, kNonInteractiveSignIn, kAdfsSignIn, kAudit, kUserRisk };
inline constexpr int kCategoryCount = 5;
[[nodiscard]] const char* CategoryName(Category category);  // as Entra writes it: "SignInLogs", ...

inline constexpr uint32_t kNoDetail = 0xffffffff;

struct Signal {
  EventTime event_time = kBeginningOfTime;
  // The record's top-level `time`: when it was exported. kBeginningOfTime if absent or unreadable.
  EventTime export_time = kBeginningOfTime;

  Category category = Category::kSignIn;
  bool interactive = false;  // sign-ins: isInteractive, with the category's default
  // sign-ins: of a guest of another tenant (SPEC 6.2): `userType` is `Guest` or the user principal
  // name contains `#EXT#`, and `homeTenantId` is not this tenant, or is absent.
  bool guest = false;
  // sign-ins: clientAppUsed is absent, empty, `Browser` or `Mobile Apps and Desktop clients`
  // (SPEC 6.4: other clients hold a stored password and log as interactive).
  bool modern_client = false;
  // Audit records: index into ParsedMessage::audits; risk events: into risks; failed sign-ins whose
  // code is in ParserOptions::detailed_codes: into failures. Others have none.
  uint32_t detail = kNoDetail;

  int64_t code = 0;  // sign-ins: the AADSTS error code, 0 is a success; others: 0

  TenantId tenant;
  // Sign-ins and risk events: the user of SPEC 3.2. Audit records: the first target of type User,
  // by id else by name.
  UserId user;
  RecordId id;  // properties.id as written

  TextRef tenant_text;  // lower-cased; always set, GUID or not
  TextRef user_text;    // lower-cased object id or user principal name; empty without a user
  TextRef id_text;      // set when id.form is not kGuid
  // As written. Audit records: the target's.
  TextRef user_principal_name;

  // Sign-ins only, as written.
  IpAddress address;
  TextRef app_id;
  TextRef app_name;
  TextRef device_id;
  TextRef country;
  TextRef correlation_id;
  TextRef home_tenant;  // homeTenantId, lower-cased, where it is another tenant's
  // Successes of SignInLogs and NonInteractiveUserSignInLogs: by which method MFA was passed
  // (SPEC 6.5, `mfa`), `satisfied by claim` included; absent: MFA was not seen.
  TextRef mfa_method;
  // HashText64 of device_id and country, 0 when absent: what familiarity compares.
  uint64_t device_key = 0;
  uint64_t country_key = 0;

  [[nodiscard]] bool is_audit() const { return category == Category::kAudit; }
  [[nodiscard]] bool is_sign_in() const { return category <= Category::kAdfsSignIn; }
  // For the watermark a risk event is not there: never late, moving none (SPEC 3.2).
  [[nodiscard]] bool is_risk_event() const { return category == Category::kUserRisk; }
  [[nodiscard]] bool is_success() const { return is_sign_in() && code == 0; }
};
static_assert(std::is_trivially_copyable_v<Signal>);

// What an audit record has besides. All text as written; empty when absent or not text.
struct AuditDetail {
  bool success = false;  // the result is a success by SPEC 3.2
  TextRef operation;     // properties.activityDisplayName, else operationName; as written
  // initiatedBy.user
  TextRef actor_user_principal_name;
  TextRef actor_user_id;
  // initiatedBy.app
  TextRef actor_app_display_name;
  TextRef actor_service_principal_name;
  TextRef actor_service_principal_id;
  TextRef actor_app_id;
  TextRef target_name;  // displayName of the first target, of whatever type
};

enum class ConditionalAccessStatus : uint8_t { kUnknown, kSuccess, kFailure, kNotApplied };
enum class SignInRisk : uint8_t { kNone, kLow, kMedium, kHigh };  // kNone: all else

// What a failed sign-in has besides (SPEC 6.5). All text as written; empty when absent or not text.
struct FailureDetail {
  ConditionalAccessStatus conditional_access = ConditionalAccessStatus::kUnknown;
  SignInRisk risk = SignInRisk::kNone;  // riskLevelDuringSignIn
  TextRef client;                       // clientAppUsed
  TextRef token_type;                   // incomingTokenType; absent where it is `none`
  TextRef session;                      // sessionId, compared whole (ShownText)
  // [begin, end) of ParsedMessage::failing_policies: the policies whose result is `failure`, by
  // displayName, else id (ShownText). Each once, sorted.
  uint32_t policies_begin = 0;
  uint32_t policies_end = 0;
};

// What a risk event has besides (SPEC 3.2). All text as written; empty when absent or not text.
struct RiskDetail {
  TextRef type;            // riskEventType
  TextRef level;           // riskLevel
  TextRef state;           // riskState
  EventTime last_updated;  // lastUpdatedDateTime, else the record's `time`, else the event time
};

}  // namespace signinwatch

#endif  // SIGNINWATCH_PARSER_SIGNAL_H_
