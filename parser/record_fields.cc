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

constexpr std::string_view kNames[kFieldCount] = {
    "",
    "records",
    "value",
    "category",
    "time",
    "tenantId",
    "resourceId",
    "resultType",
    "operationName",
    "callerIpAddress",
    "properties",
    "createdDateTime",
    "activityDateTime",
    "activityDisplayName",
    "status",
    "userId",
    "userPrincipalName",
    "id",
    "ipAddress",
    "appId",
    "appDisplayName",
    "deviceDetail",
    "location",
    "clientAppUsed",
    "isInteractive",
    "correlationId",
    "result",
    "targetResources",
    "initiatedBy",
    "signInEventTypes",
    "userType",
    "homeTenantId",
};
static_assert(static_cast<int>(Field::kHomeTenantId) == kFieldCount - 1);
static_assert(std::endian::native == std::endian::little, "Head() of a text and of a name differ");

// A key is looked up by its first eight bytes and its size, in a table in which no two of the names
// above share a slot. So a key that is no field costs one comparison, and the others one more.
constexpr uint64_t Head(std::string_view name) {
  uint64_t head = 0;
  for (size_t i = 0; i < name.size() && i < 8; ++i) {
    head |= static_cast<uint64_t>(static_cast<uint8_t>(name[i])) << (8 * i);
  }
  return head;
}

constexpr int kSlotBits = 7;

constexpr size_t SlotOf(uint64_t head, size_t size, uint64_t factor) {
  return ((head ^ (size << 56)) * factor) >> (64 - kSlotBits);
}

constexpr bool Separates(uint64_t factor) {
  bool taken[size_t{1} << kSlotBits] = {};
  for (int i = 1; i < kFieldCount; ++i) {
    bool& slot = taken[SlotOf(Head(kNames[i]), kNames[i].size(), factor)];
    if (slot) return false;
    slot = true;
  }
  return true;
}

constexpr uint64_t FindFactor() {
  uint64_t factor = 0x9e3779b97f4a7c15;
  while (!Separates(factor)) factor = factor * 6364136223846793005 + 1442695040888963406;
  return factor;
}

constexpr uint64_t kFactor = FindFactor();

struct Slot {
  uint64_t head = 0;
  uint32_t size = 0;
  Field field = Field::kNone;
};

constexpr std::array<Slot, size_t{1} << kSlotBits> MakeSlots() {
  std::array<Slot, size_t{1} << kSlotBits> slots;
  for (int i = 1; i < kFieldCount; ++i) {
    const uint64_t head = Head(kNames[i]);
    slots[SlotOf(head, kNames[i].size(), kFactor)] = {head, static_cast<uint32_t>(kNames[i].size()),
                                                      static_cast<Field>(i)};
  }
  return slots;
}

constexpr auto kSlots = MakeSlots();

inline uint64_t LoadHead(const char* text) {
  uint64_t head;
  std::memcpy(&head, text, sizeof(head));
  return head;
}

inline Field FieldOf(const char* name, size_t size, uint64_t head) {
  const Slot& slot = kSlots[SlotOf(head, size, kFactor)];
  if (slot.head != head || slot.size != size) return Field::kNone;
  if (size <= 8) return slot.field;
  const char* const expected = kNames[static_cast<int>(slot.field)].data();
  if (LoadHead(name + size - 8) != LoadHead(expected + size - 8)) return Field::kNone;
  if (size <= 16) return slot.field;
  return std::memcmp(name + 8, expected + 8, size - 16) == 0 ? slot.field : Field::kNone;
}

// For keys with escapes, and near the text's end.
Field FieldOfText(std::string_view name) { return FieldOf(name.data(), name.size(), Head(name)); }

Field FieldOfEscaped(std::string_view raw) {
  std::string meant;
  AppendUnescaped(raw, false, &meant);
  return FieldOfText(meant);
}

[[gnu::always_inline]] inline Field FieldOfKey(const JsonView& view, uint32_t i) {
  const std::string_view key = view.RawString(i);
  if (view.has_escaped_letters && key.find('\\') != std::string_view::npos) {
    return FieldOfEscaped(key);
  }
  if (view.positions[i] + size_t{9} > view.size) return FieldOfText(key);
  uint64_t head = LoadHead(key.data());
  if (key.size() < 8) head &= (uint64_t{1} << (8 * key.size())) - 1;
  return FieldOf(key.data(), key.size(), head);
}

}  // namespace

Field KeyField(const JsonView& view, uint32_t i) { return FieldOfKey(view, i); }

uint32_t WalkFields(JsonWalker& walker, const JsonView& view, uint32_t i, uint32_t level,
                    FieldSet* fields, FieldSet* properties) {
  if (level > walker.levels_max()) return kTooDeep;
  if (++i < view.count && view.At(i) == '}') return i + 1;
  for (;;) {
    // A member takes four tokens: key, colon, value, and a comma or the closing bracket.
    if (view.count - i < 4 || view.At(i) != '"' || view.At(i + 1) != ':') return kBroken;
    const Field field = FieldOfKey(view, i);
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

}  // namespace signinwatch
