// Text with holes, compiled once and filled many times.
//
//   TextTemplate t("{\"time\":\"$time$\"}");
//   slots[Slot::kTime] = "...";
//   t.Fill(slots, &out);     // appends
//
// Filling is a run of appends, so its speed is that of copying memory.
#ifndef SIGNINWATCH_DAEMON_GENERATOR_TEXT_TEMPLATE_H_
#define SIGNINWATCH_DAEMON_GENERATOR_TEXT_TEMPLATE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace signinwatch::generator {

// What a hole may hold. Values are JSON text already: strings are written without their quotes,
// which stand in the template; kStatus, kMfaDetail, kPolicies, kInitiatedBy and kTargets are whole
// values, kDescription is a whole member with its comma, or nothing, and kSecondStep a comma with a
// whole element, or nothing.
enum class Slot : uint8_t {
  kTime,
  kCreated,
  kUpdated,
  kTenant,
  kCategory,
  kCode,
  kSignature,
  kDescription,
  kStatus,
  kId,
  kCorrelation,
  kSession,
  kToken,
  kAddress,
  kName,
  kUpn,
  kUserId,
  kCountry,
  kState,
  kCity,
  kLatitude,
  kLongitude,
  kAsn,
  kAppId,
  kApp,
  kResourceId,
  kResource,
  kClientApp,
  kUserAgent,
  kDeviceId,
  kDeviceName,
  kSystem,
  kBrowser,
  kTrust,
  kRisk,
  kRiskType,
  kMfaDetail,
  kSecondStep,
  kRequirement,
  kAccess,
  kPolicies,
  kHomeTenant,
  kUserType,
  kCrossTenant,
  kProcessing,
  kInteractive,
  kTokenType,
  kEventType,
  kOperation,
  kService,
  kGroup,
  kType,
  kInitiatedBy,
  kTargets,
};
inline constexpr size_t kSlotCount = static_cast<size_t>(Slot::kTargets) + 1;

class Slots {
 public:
  std::string_view& operator[](Slot slot) { return values_[static_cast<size_t>(slot)]; }
  std::string_view operator[](Slot slot) const { return values_[static_cast<size_t>(slot)]; }

 private:
  std::array<std::string_view, kSlotCount> values_;
};

class TextTemplate {
 public:
  // A `$name$` that names no slot ends the program: templates are part of it.
  explicit TextTemplate(std::string text);
  void Fill(const Slots& slots, std::string* out) const;

 private:
  struct Piece {
    size_t offset, size;  // of the literal text before the hole
    Slot slot;
  };
  std::string text_;
  std::vector<Piece> pieces_;
  size_t tail_ = 0;  // offset of the literal text after the last hole
};

}  // namespace signinwatch::generator

#endif  // SIGNINWATCH_DAEMON_GENERATOR_TEXT_TEMPLATE_H_
