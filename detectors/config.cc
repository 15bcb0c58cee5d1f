#include "detectors/config.h"

#include <algorithm>
#include <iterator>

#include "parser/ids.h"

namespace signinwatch {
namespace {

// In the order of the enumerators.
constexpr const char* kChangeKindNames[] = {"admin_reset", "self_reset",   "change", "sync",
                                            "revoke",      "force_change", "ignore"};
static_assert(std::size(kChangeKindNames) == kChangeKindCount + 1);
static_assert(static_cast<int>(ChangeKind::kIgnore) == kChangeKindCount);

bool IsBlank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

}  // namespace

const char* ChangeKindName(ChangeKind kind) { return kChangeKindNames[static_cast<size_t>(kind)]; }

std::vector<std::string> CorrelationConfig::DefaultTheftRisks() {
  return {"anomalousToken",     "attackerinTheMiddle",   "attemptedPrtAccess",
          "tokenIssuerAnomaly", "anomalousUserActivity", "leakedCredentials"};
}

std::vector<std::string> CorrelationConfig::DefaultSecurityInfoOperations() {
  return {"User registered security info",      "User deleted security info",
          "User changed default security info", "User registered all required security info",
          "Admin registered security info",     "Admin updated security info",
          "Admin deleted security info",        "Disable Strong Authentication"};
}

// `sync` is in no row: it is what four of these become by their actor (SPEC 6.1).
std::map<std::string, ChangeKind> CorrelationConfig::DefaultOperations() {
  return {
      {"change password (self-service)", ChangeKind::kChange},
      {"change user password", ChangeKind::kChange},
      {"reset password (self-service)", ChangeKind::kSelfReset},
      {"reset password (by admin)", ChangeKind::kAdminReset},
      {"reset password", ChangeKind::kAdminReset},
      {"reset user password", ChangeKind::kAdminReset},
      {"update passwordprofile", ChangeKind::kAdminReset},
      {"user password reset", ChangeKind::kAdminReset},
      {"update stsrefreshtokenvalidfrom timestamp", ChangeKind::kRevoke},
      {"revoke sign in sessions", ChangeKind::kRevoke},
      {"disable account", ChangeKind::kRevoke},
      {"set force change user password", ChangeKind::kForceChange},
      {"self-service password reset flow activity progress", ChangeKind::kIgnore},
      {"user started password change", ChangeKind::kIgnore},
      {"user started password reset", ChangeKind::kIgnore},
      {"admin started password reset", ChangeKind::kIgnore},
      {"blocked from self-service password reset", ChangeKind::kIgnore},
      {"security info saved for self-service password reset", ChangeKind::kIgnore},
      {"unlock user account (self-service)", ChangeKind::kIgnore},
      {"create application password for user", ChangeKind::kIgnore},
      {"delete application password for user", ChangeKind::kIgnore},
      {"recover device local administrator password", ChangeKind::kIgnore},
      {"update local administrator password", ChangeKind::kIgnore},
      {"enable password writeback for directory", ChangeKind::kIgnore},
      {"disable password writeback for directory", ChangeKind::kIgnore},
  };
}

std::string NormalizeOperation(std::string_view operation) {
  while (!operation.empty() && IsBlank(operation.front())) operation.remove_prefix(1);
  while (!operation.empty() && (IsBlank(operation.back()) || operation.back() == '.')) {
    operation.remove_suffix(1);
  }
  std::string normalized(operation);
  LowerAscii(normalized);
  return normalized;
}

std::vector<BurstRule> DetectionConfig::DefaultRules() {
  BurstRule user;
  user.name = "user-session-invalid";
  BurstRule tenant;
  tenant.name = "tenant-session-invalid";
  tenant.group_by = GroupBy::kTenant;
  tenant.window = std::chrono::minutes(30);
  tenant.threshold = 50;
  tenant.min_users = 15;
  tenant.quiet = tenant.window;
  return {user, tenant};
}

std::vector<int64_t> DetectionConfig::CountedCodes() const {
  std::vector<int64_t> codes;
  for (const BurstRule& rule : rules) {
    codes.insert(codes.end(), rule.codes.begin(), rule.codes.end());
  }
  std::sort(codes.begin(), codes.end());
  codes.erase(std::unique(codes.begin(), codes.end()), codes.end());
  return codes;
}

}  // namespace signinwatch
