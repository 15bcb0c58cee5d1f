#include "parser/record_fields.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>

#include "parser/json_escape.h"

namespace signinwatch {
namespace {

struct Name {
  std::string_view text;
  Field field;
};

constexpr Name kRecordNames[] = {
    {"records", Field::kRecords},
    {"value", Field::kValue},
    {"category", Field::kCategory},
    {"time", Field::kTime},
    {"tenantId", Field::kTenantId},
    {"resourceId", Field::kResourceId},
    {"resultType", Field::kResultType},
    {"operationName", Field::kOperationName},
    {"callerIpAddress", Field::kCallerIpAddress},
    {"properties", Field::kProperties},
    {"createdDateTime", Field::kCreatedDateTime},
    {"activityDateTime", Field::kActivityDateTime},
    {"activityDisplayName", Field::kActivityDisplayName},
    {"status", Field::kStatus},
    {"userId", Field::kUserId},
    {"userPrincipalName", Field::kUserPrincipalName},
    {"id", Field::kId},
    {"ipAddress", Field::kIpAddress},
    {"appId", Field::kAppId},
    {"appDisplayName", Field::kAppDisplayName},
    {"deviceDetail", Field::kDeviceDetail},
    {"location", Field::kLocation},
    {"clientAppUsed", Field::kClientAppUsed},
    {"isInteractive", Field::kIsInteractive},
    {"correlationId", Field::kCorrelationId},
    {"result", Field::kResult},
    {"targetResources", Field::kTargetResources},
    {"initiatedBy", Field::kInitiatedBy},
    {"signInEventTypes", Field::kSignInEventTypes},
    {"userType", Field::kUserType},
    {"homeTenantId", Field::kHomeTenantId},
    {"TimeGenerated", Field::kTimeGenerated},
    {"Type", Field::kType},
    {"message", Field::kMessage},
    {"event", Field::kEvent},
    {"conditionalAccessStatus", Field::kConditionalAccessStatus},
    {"appliedConditionalAccessPolicies", Field::kAppliedConditionalAccessPolicies},
    {"incomingTokenType", Field::kIncomingTokenType},
    {"sessionId", Field::kSessionId},
    {"riskLevelDuringSignIn", Field::kRiskLevelDuringSignIn},
    {"authenticationRequirement", Field::kAuthenticationRequirement},
    {"authenticationDetails", Field::kAuthenticationDetails},
    {"mfaDetail", Field::kMfaDetail},
    {"riskEventType", Field::kRiskEventType},
    {"riskLevel", Field::kRiskLevel},
    {"riskState", Field::kRiskState},
    {"lastUpdatedDateTime", Field::kLastUpdatedDateTime},
};

// The columns of a workspace's tables that are read. Its TenantId is none: that is the workspace's.
constexpr Name kColumnNames[] = {
    {"TimeGenerated", Field::kTime},
    {"AADTenantId", Field::kTenantId},
    {"ResourceId", Field::kResourceId},
    {"ResultType", Field::kResultType},
    {"OperationName", Field::kOperationName},
    {"CallerIpAddress", Field::kCallerIpAddress},
    {"CreatedDateTime", Field::kCreatedDateTime},
    {"ActivityDateTime", Field::kActivityDateTime},
    {"ActivityDisplayName", Field::kActivityDisplayName},
    {"Status", Field::kStatus},
    {"UserId", Field::kUserId},
    {"UserPrincipalName", Field::kUserPrincipalName},
    {"Id", Field::kId},
    {"IPAddress", Field::kIpAddress},
    {"AppId", Field::kAppId},
    {"AppDisplayName", Field::kAppDisplayName},
    {"DeviceDetail", Field::kDeviceDetail},
    {"Location", Field::kLocation},
    {"LocationDetails", Field::kLocationDetails},
    {"ClientAppUsed", Field::kClientAppUsed},
    {"IsInteractive", Field::kIsInteractive},
    {"CorrelationId", Field::kCorrelationId},
    {"Result", Field::kResult},
    {"TargetResources", Field::kTargetResources},
    {"InitiatedBy", Field::kInitiatedBy},
    {"UserType", Field::kUserType},
    {"HomeTenantId", Field::kHomeTenantId},
    {"ConditionalAccessStatus", Field::kConditionalAccessStatus},
    {"ConditionalAccessPolicies", Field::kConditionalAccessPolicies},
    {"AppliedConditionalAccessPolicies", Field::kAppliedConditionalAccessPolicies},
    {"IncomingTokenType", Field::kIncomingTokenType},
    {"SessionId", Field::kSessionId},
    {"RiskLevelDuringSignIn", Field::kRiskLevelDuringSignIn},
    {"AuthenticationRequirement", Field::kAuthenticationRequirement},
    {"AuthenticationDetails", Field::kAuthenticationDetails},
    {"MfaDetail", Field::kMfaDetail},
    {"RiskEventType", Field::kRiskEventType},
    {"RiskLevel", Field::kRiskLevel},
    {"RiskState", Field::kRiskState},
    {"LastUpdatedDateTime", Field::kLastUpdatedDateTime},
};
static_assert(std::endian::native == std::endian::little, "Head() of a text and of a name differ");

// A key is looked up by its first eight bytes and its size, in a table in which no two of its names
// share a slot. So a key that is no field costs one comparison, and the others one more.
constexpr uint64_t Head(std::string_view name) {
  uint64_t head = 0;
  for (size_t i = 0; i < name.size() && i < 8; ++i) {
    head |= static_cast<uint64_t>(static_cast<uint8_t>(name[i])) << (8 * i);
  }
  return head;
}

constexpr int kSlotBits = 8;

constexpr size_t SlotOf(uint64_t head, size_t size, uint64_t factor) {
  return ((head ^ (size << 56)) * factor) >> (64 - kSlotBits);
}

struct Slot {
  uint64_t head = 0;
  uint32_t size = 0;
  Field field = Field::kNone;
};

struct NameTable {
  template <size_t N>
  constexpr explicit NameTable(const Name (&names)[N]) {
    while (!Fill(names)) factor = factor * 6364136223846793005 + 1442695040888963406;
    for (const Name& name : names) texts[static_cast<size_t>(name.field)] = name.text;
  }

  uint64_t factor = 0x9e3779b97f4a7c15;
  std::array<Slot, size_t{1} << kSlotBits> slots{};
  std::array<std::string_view, kFieldCount> texts{};

 private:
  // false: two names share a slot.
  template <size_t N>
  constexpr bool Fill(const Name (&names)[N]) {
    slots = {};
    for (const Name& name : names) {
      const uint64_t head = Head(name.text);
      Slot& slot = slots[SlotOf(head, name.text.size(), factor)];
      if (slot.field != Field::kNone) return false;
      slot = {head, static_cast<uint32_t>(name.text.size()), name.field};
    }
    return true;
  }
};

constexpr NameTable kRecordTable(kRecordNames);
constexpr NameTable kColumnTable(kColumnNames);

inline uint64_t LoadHead(const char* text) {
  uint64_t head;
  std::memcpy(&head, text, sizeof(head));
  return head;
}

template <const NameTable& kTable>
inline Field FieldOf(const char* name, size_t size, uint64_t head) {
  const Slot& slot = kTable.slots[SlotOf(head, size, kTable.factor)];
  if (slot.head != head || slot.size != size) return Field::kNone;
  if (size <= 8) return slot.field;
  const char* const expected = kTable.texts[static_cast<size_t>(slot.field)].data();
  if (LoadHead(name + size - 8) != LoadHead(expected + size - 8)) return Field::kNone;
  // What is between the first eight bytes and the last.
  for (size_t i = 8; i + 8 < size; i += 8) {
    if (LoadHead(name + i) != LoadHead(expected + i)) return Field::kNone;
  }
  return slot.field;
}

// For keys with escapes, and near the text's end.
template <const NameTable& kTable>
Field FieldOfText(std::string_view name) {
  return FieldOf<kTable>(name.data(), name.size(), Head(name));
}

template <const NameTable& kTable>
Field FieldOfEscaped(std::string_view raw) {
  std::string meant;
  AppendUnescaped(raw, false, &meant);
  return FieldOfText<kTable>(meant);
}

template <const NameTable& kTable>
[[gnu::always_inline]] inline Field FieldOfKey(const JsonView& view, uint32_t i) {
  const std::string_view key = view.RawString(i);
  if (view.has_escaped_letters && key.find('\\') != std::string_view::npos) {
    return FieldOfEscaped<kTable>(key);
  }
  if (view.positions[i] + size_t{9} > view.size) return FieldOfText<kTable>(key);
  uint64_t head = LoadHead(key.data());
  if (key.size() < 8) head &= (uint64_t{1} << (8 * key.size())) - 1;
  return FieldOf<kTable>(key.data(), key.size(), head);
}

}  // namespace

Field KeyField(const JsonView& view, uint32_t i) { return FieldOfKey<kRecordTable>(view, i); }

uint32_t WalkFields(JsonWalker& walker, const JsonView& view, uint32_t i, uint32_t level,
                    FieldSet* fields, FieldSet* properties) {
  if (level > walker.levels_max()) return kTooDeep;
  if (++i < view.count && view.At(i) == '}') return i + 1;
  for (;;) {
    // A member takes four tokens: key, colon, value, and a comma or the closing bracket.
    if (view.count - i < 4 || view.At(i) != '"' || view.At(i + 1) != ':') return kBroken;
    const Field field = FieldOfKey<kRecordTable>(view, i);
    i += 2;
    const char first = view.At(i);
    const bool counts = field != Field::kNone && fields->Set(field, i);
    if (first == '"') {
      ++i;
    } else if (first == '{' && counts && field == Field::kProperties && properties != nullptr) {
      i = WalkFields(walker, view, i, level + 1, properties, nullptr);
      if (WalkFailed(i)) return i;
    } else if (first == '{' || first == '[') {
      i = walker.SkipContainer(view, i, level + 1);
      if (WalkFailed(i)) return i;
    } else {
      if (!JsonWalker::IsScalar(view, i)) return kBroken;
      ++i;
    }
    if (i >= view.count) return kBroken;
    const char last = view.At(i++);
    if (last == '}') return i;
    if (last != ',') return kBroken;
  }
}

FieldSet RowFields(const JsonView& view, uint32_t i) {
  FieldSet fields;
  for (++i; view.At(i) == '"';) {
    const Field field = FieldOfKey<kColumnTable>(view, i);
    if (field != Field::kNone) (void)fields.Set(field, i + 2);
    i = NextValue(view, i + 2);
    if (view.At(i) == ',') ++i;
  }
  return fields;
}

}  // namespace signinwatch
