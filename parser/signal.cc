#include "parser/signal.h"

namespace signinwatch {

const char* CategoryName(Category category) {
  switch (category) {
    case Category::kSignIn:
      return "SignInLogs";
    case Category::kNonInteractiveSignIn:
      return "NonInteractiveUserSignInLogs";
    case Category::kAdfsSignIn:
      return "ADFSSignInLogs";
    case Category::kAudit:
      return "AuditLogs";
    case Category::kUserRisk:
      return "UserRiskEvents";
  }
  return "";
}

}  // namespace signinwatch
