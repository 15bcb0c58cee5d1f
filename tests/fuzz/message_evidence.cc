// The part of MessageGrammar that makes what SPEC 6.5 asks of sign-ins and of risk events.
#include "tests/fuzz/message_grammar.h"

namespace signinwatch {

std::string MessageGrammar::Policies() {
  std::vector<std::string> policies(1 + Below(3));
  for (std::string& policy : policies) {
    Members members;
    AddRarely(&members, "enforcedGrantControls", Junk(2));
    AddMember(&members, "id", Id());
    AddMember(&members, "displayName", Text(Name()));
    AddMember(&members, "result",
              Text(Pick({"failure", "failure", "Failure", "success", "notApplied",
                         "reportOnlyFailure", "failure ", ""})));
    policy = Chance(90) ? Object(members) : Junk(1);
  }
  return Array(policies);
}

std::string MessageGrammar::AuthenticationSteps() {
  std::vector<std::string> steps(Below(4));
  for (std::string& step : steps) {
    Members members;
    AddMember(&members, "authenticationMethod",
              Text(Pick({"Password", "password", "Previously satisfied", "Satisfied by token",
                         "SATISFIED BY TOKEN", "Mobile app notification", "Text message", "",
                         "Passwordless"})));
    AddMember(&members, "succeeded", std::string(Pick({"true", "true", "false", "\"true\"", "1"})));
    AddRarely(&members, "authenticationStepRequirement", Junk(1));
    step = Chance(90) ? Object(members) : Junk(1);
  }
  return Array(steps);
}

void MessageGrammar::AddEvidence(Members* fields) {
  if (Chance(30)) return;  // so that some records are short
  AddMember(fields, "conditionalAccessStatus",
            std::string(Pick({"\"success\"", "\"failure\"", "\"notApplied\"", "\"NOTAPPLIED\"", "0",
                              "1", "2", "\"0\"", "\"1\"", "\"2\"", "3", "-0", "1.0", "\"\"",
                              "\"not_applied\"", "\"f\\u0061ilure\""})));
  AddMember(fields, "appliedConditionalAccessPolicies", Policies());
  if (Chance(20)) fields->emplace_back("conditionalAccessPolicies", Policies());
  AddMember(fields, "incomingTokenType",
            Text(Pick({"none", "None", "", "primaryRefreshToken", "refreshToken", "saml11"})));
  AddMember(fields, "sessionId", Id());
  AddMember(fields, "riskLevelDuringSignIn",
            Text(Pick({"low", "Medium", "HIGH", "high", "none", "hidden", "", "high "})));
  AddMember(fields, "authenticationRequirement",
            Text(Pick({"multiFactorAuthentication", "MultiFactorAuthentication",
                       "singleFactorAuthentication", ""})));
  AddMember(fields, "authenticationDetails", AuthenticationSteps());
  if (Chance(60)) AddMember(fields, "mfaDetail", Object({{"authMethod", Text(Name())}}));
}

MessageGrammar::Members MessageGrammar::RiskFields() {
  Members fields;
  AddMember(&fields, "activityDateTime", Time());
  AddMember(&fields, "id", Id());
  AddMember(&fields, "userId", Id());
  AddMember(&fields, "userPrincipalName", Text(Name()));
  AddMember(&fields, "riskEventType",
            Text(Pick({"anomalousToken", "leakedCredentials", "unfamiliarFeatures", ""})));
  AddMember(&fields, "riskLevel", Text(Pick({"low", "medium", "high", "hidden"})));
  AddMember(&fields, "riskState", Text(Pick({"atRisk", "dismissed", "remediated", "ATRISK", ""})));
  AddMember(&fields, "lastUpdatedDateTime", Time());
  AddRarely(&fields, "status", Object({{"errorCode", Code()}}));
  AddRarely(&fields, "createdDateTime", Time());
  return fields;
}

}  // namespace signinwatch
