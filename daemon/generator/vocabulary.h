// The invented world's words: names, places, applications, devices, error codes, operations.
//
// People and companies are made up; domains end in .example (RFC 2606); addresses come from the
// documentation ranges (RFC 5737, RFC 3849). Applications are Microsoft's public first-party ones,
// since those are what real tenants show.
#ifndef SIGNINWATCH_DAEMON_GENERATOR_VOCABULARY_H_
#define SIGNINWATCH_DAEMON_GENERATOR_VOCABULARY_H_

#include <cstdint>
#include <span>
#include <string_view>

namespace signinwatch::generator {

struct Place {
  std::string_view country, state, city, latitude, longitude;
  int zone_minutes;  // east of UTC, winter time
  std::string_view asn;
};

struct App {
  std::string_view id, name, resource_id, resource;
};

// A kind of client: what it is and what it says of itself.
struct Client {
  std::string_view app_used;  // clientAppUsed
  std::string_view operating_system, browser, user_agent, trust;
};

struct ErrorText {
  int32_t code;
  std::string_view reason;
  uint32_t weight;  // of the background's failures
};

struct AuditOperation {
  std::string_view name, service, category, type;
};

[[nodiscard]] std::span<const std::string_view> FirstNames();
[[nodiscard]] std::span<const std::string_view> LastNames();
[[nodiscard]] std::span<const std::string_view> Companies();
[[nodiscard]] std::span<const Place> Places();
[[nodiscard]] std::span<const App> Apps();
// Those with clientAppUsed "Browser" or "Mobile Apps and Desktop clients" first, kModernClients of
// them; then clients that keep a stored password.
[[nodiscard]] std::span<const Client> Clients();
inline constexpr uint32_t kModernClients = 6;
// Failures of the background. None of them is watched by a default detector or counts as a sign of
// a password (SPEC 6.2) but 50126.
[[nodiscard]] std::span<const ErrorText> BackgroundErrors();
// The text of any code that the generator writes; empty for 0.
[[nodiscard]] std::string_view ReasonOf(int32_t code);
// Audit records that are no credential event.
[[nodiscard]] std::span<const AuditOperation> BackgroundOperations();
// By which people pass MFA, as `authenticationMethod` has it.
[[nodiscard]] std::span<const std::string_view> MfaMethods();
// What detection calls a sign-in whose MFA was passed before, and is only claimed (SPEC 6.5).
inline constexpr std::string_view kByClaim = "satisfied by claim";
[[nodiscard]] std::span<const std::string_view> PolicySubjects();
[[nodiscard]] std::span<const std::string_view> PolicyAims();

}  // namespace signinwatch::generator

#endif  // SIGNINWATCH_DAEMON_GENERATOR_VOCABULARY_H_
