// The members of a record that are read, and where they stand in it.
#ifndef SIGNINWATCH_PARSER_RECORD_FIELDS_H_
#define SIGNINWATCH_PARSER_RECORD_FIELDS_H_

#include <cstdint>

#include "parser/json_walk.h"

namespace signinwatch {

// The keys of SPEC 3.1 and 3.2 that stand in a message's root, in a record or in its `properties`.
// One set for all three, since a Graph record has the keys of `properties` in the record itself,
// and a single record is the root.
enum class Field : uint8_t {
  kNone,
  kRecords,
  kValue,
  kCategory,
  kTime,
  kTenantId,
  kResourceId,
  kResultType,
  kOperationName,
  kCallerIpAddress,
  kProperties,
  kCreatedDateTime,
  kActivityDateTime,
  kActivityDisplayName,
  kStatus,
  kUserId,
  kUserPrincipalName,
  kId,
  kIpAddress,
  kAppId,
  kAppDisplayName,
  kDeviceDetail,
  kLocation,
  kClientAppUsed,
  kIsInteractive,
  kCorrelationId,
  kResult,
  kTargetResources,
  kInitiatedBy,
  kSignInEventTypes,
  kUserType,
  kHomeTenantId,
  kTimeGenerated,
  kType,
  kMessage,
  kEvent,
  kLocationDetails,
  kConditionalAccessStatus,
  kAppliedConditionalAccessPolicies,
  kConditionalAccessPolicies,
  kIncomingTokenType,
  kSessionId,
  kRiskLevelDuringSignIn,
  kAuthenticationRequirement,
  kAuthenticationDetails,
  kMfaDetail,
  kRiskEventType,
  kRiskLevel,
  kRiskState,
  kLastUpdatedDateTime,
};
inline constexpr int kFieldCount = 50;

// The field that the key at structural i names. Its cost does not depend on the field.
[[nodiscard]] Field KeyField(const JsonView& view, uint32_t i);

// The structurals of the values of one object's fields; 0: the object has no such member. Of equal
// keys the first counts.
struct FieldSet {
  uint32_t structurals[kFieldCount] = {};

  [[nodiscard]] uint32_t operator[](Field field) const {
    return structurals[static_cast<int>(field)];
  }
  // false: the object had the key already.
  bool Set(Field field, uint32_t structural) {
    uint32_t& value = structurals[static_cast<int>(field)];
    if (value != 0) return false;
    value = structural;
    return true;
  }
};

// Checks the object at structural i and notes its fields; those of its member `properties`, if that
// is an object, in `properties`, which may be null. The result is as of JsonWalker::SkipValue.
[[nodiscard]] uint32_t WalkFields(JsonWalker& walker, const JsonView& view, uint32_t i,
                                  uint32_t level, FieldSet* fields, FieldSet* properties);

// The fields of a row of a Log Analytics workspace, the valid object at structural i, by the names
// of its columns: kTime is its TimeGenerated, kTenantId its AADTenantId.
[[nodiscard]] FieldSet RowFields(const JsonView& view, uint32_t i);

}  // namespace signinwatch

#endif  // SIGNINWATCH_PARSER_RECORD_FIELDS_H_
