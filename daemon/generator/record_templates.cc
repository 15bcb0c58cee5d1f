#include "daemon/generator/record_templates.h"

#include <string_view>

namespace signinwatch::generator {
namespace {

// User sign-ins up to the list of authentication steps, which only interactive ones have.
constexpr std::string_view kSignInHead =
    R"({"time":"$time$","resourceId":"/tenants/$tenant$/providers/Microsoft.aadiam",)"
    R"("operationName":"Sign-in activity","operationVersion":"1.0","category":"$category$",)"
    R"("tenantId":"$tenant$","resultType":"$code$","resultSignature":"$signature$",$description$)"
    R"("durationMs":0,"callerIpAddress":"$address$","correlationId":"$correlation$",)"
    R"("identity":"$name$","Level":4,"location":"$country$","properties":{"id":"$id$",)"
    R"("createdDateTime":"$created$","userDisplayName":"$name$","userPrincipalName":"$upn$",)"
    R"("userId":"$userId$","appId":"$appId$","appDisplayName":"$app$","ipAddress":"$address$",)"
    R"("status":$status$,"clientAppUsed":"$clientApp$","userAgent":"$userAgent$",)"
    R"("deviceDetail":{"deviceId":"$deviceId$","displayName":"$deviceName$",)"
    R"("operatingSystem":"$system$","browser":"$browser$","isCompliant":false,)"
    R"("isManaged":false,"trustType":"$trust$"},"location":{"city":"$city$","state":"$state$",)"
    R"("countryOrRegion":"$country$","geoCoordinates":{"latitude":$latitude$,)"
    R"("longitude":$longitude$}},"mfaDetail":$mfaDetail$,"correlationId":"$correlation$",)"
    R"("conditionalAccessStatus":"$access$","appliedConditionalAccessPolicies":$policies$,)"
    R"("authenticationContextClassReferences":[],"originalRequestId":"$id$",)"
    R"("isInteractive":$interactive$,"tokenIssuerName":"","tokenIssuerType":"AzureAD",)"
    R"json("authenticationProcessingDetails":[{"key":"Legacy TLS (TLS 1.0, 1.1, 3DES)",)json"
    R"("value":"False"},{"key":"Oauth Scope Info",)"
    R"("value":"[\"User.Read\",\"Mail.ReadWrite\",\"openid\",\"profile\"]"},)"
    R"({"key":"Is CAE Token","value":"True"}],"networkLocationDetails":[],)"
    R"("clientCredentialType":"none","processingTimeInMilliseconds":$processing$,)"
    R"("riskDetail":"none","riskLevelAggregated":"$risk$","riskLevelDuringSignIn":"$risk$",)"
    R"("riskState":"none","riskEventTypes":[],"riskEventTypes_v2":[],)"
    R"("resourceDisplayName":"$resource$","resourceId":"$resourceId$",)"
    R"("resourceTenantId":"$tenant$","homeTenantId":"$homeTenant$","tenantId":"$tenant$",)";
constexpr std::string_view kInteractiveSteps =
    R"("authenticationDetails":[{"authenticationStepDateTime":"$created$",)"
    R"("authenticationMethod":"Password","authenticationMethodDetail":"Password in the cloud",)"
    R"("succeeded":true,"authenticationStepResultDetail":"Correct password",)"
    R"("authenticationStepRequirement":"Primary authentication","StatusSequence":0,)"
    R"("RequestSequence":1}$secondStep$],)";
constexpr std::string_view kNoSteps = R"("authenticationDetails":[],)";
constexpr std::string_view kSignInTail =
    R"("authenticationRequirementPolicies":[{"requirementProvider":"multiConditionalAccess",)"
    R"("detail":"Conditional Access"}],"sessionLifetimePolicies":[],)"
    R"("authenticationRequirement":"$requirement$","alternateSignInName":"",)"
    R"("signInIdentifier":"$upn$","servicePrincipalId":"","userType":"$userType$",)"
    R"("flaggedForReview":false,"isTenantRestricted":false,"autonomousSystemNumber":$asn$,)"
    R"("crossTenantAccessType":"$crossTenant$","privateLinkDetails":{},"ssoExtensionVersion":"",)"
    R"("uniqueTokenIdentifier":"$token$","authenticationStrengths":[],)"
    R"("incomingTokenType":"$tokenType$","authenticationProtocol":"none",)"
    R"("appServicePrincipalId":null,"resourceServicePrincipalId":"$session$",)"
    R"("rngcStatus":0,"signInTokenProtectionStatus":"none",)"
    R"("tokenProtectionStatusDetails":{"signInSessionStatus":"unbound",)"
    R"("signInSessionStatusCode":1002},"originalTransferMethod":"none",)"
    R"("isThroughGlobalSecureAccess":false,"globalSecureAccessIpAddress":"",)"
    R"("conditionalAccessAudiences":[{"applicationId":"$resourceId$","audienceReasons":"none"}],)"
    R"("sessionId":"$session$","appOwnerTenantId":"f8cdef31-a31e-4b4a-93e4-5f571e91255a",)"
    R"("resourceOwnerTenantId":"f8cdef31-a31e-4b4a-93e4-5f571e91255a",)"
    R"("agent":{"agentType":"notAgentic","agentSubjectType":"notAgentic"},)"
    R"("signInEventTypes":["$eventType$"]}})";

constexpr std::string_view kAdfs =
    R"({"callerIpAddress":"$address$","category":"$category$","correlationId":"$correlation$",)"
    R"("durationMs":"0","identity":"$name$","level":"4","operationName":"Sign-in activity",)"
    R"("operationVersion":"1.0","properties":{"agent":{"agentSubjectType":"notAgentic",)"
    R"("agentType":"notAgentic"},"alternateSignInName":"$upn$","appDisplayName":"$app$",)"
    R"("appId":"$appId$","appOwnerTenantId":"","appServicePrincipalId":null,)"
    R"("appliedConditionalAccessPolicies":[],"authenticationContextClassReferences":[],)"
    R"("authenticationDetails":[{"RequestSequence":1,"StatusSequence":0,)"
    R"("authenticationMethod":"Password","authenticationMethodDetail":"Forms Authentication",)"
    R"("authenticationStepDateTime":"$created$","authenticationStepRequirement":"",)"
    R"("succeeded":true}],"authenticationProcessingDetails":[{"key":"Server name",)"
    R"("value":"ADFS01"},{"key":"IP Addresses Involved in Auth Flow","value":"$address$"},)"
    R"({"key":"Is CAE Token","value":"False"}],"authenticationProtocol":"none",)"
    R"("clientAppUsed":"Unknown","conditionalAccessStatus":"notApplied",)"
    R"("correlationId":"$correlation$","createdDateTime":"$created$",)"
    R"("crossTenantAccessType":"none","deviceDetail":{"browser":"","deviceId":"",)"
    R"("operatingSystem":""},"flaggedForReview":false,"homeTenantId":"$tenant$","id":"$id$",)"
    R"("incomingTokenType":"none","ipAddress":"$address$","isInteractive":true,)"
    R"("isTenantRestricted":false,"location":{"city":"","countryOrRegion":"",)"
    R"("geoCoordinates":{"latitude":0,"longitude":0},"state":""},"originalRequestId":"$id$",)"
    R"("processingTimeInMilliseconds":0,"resourceDisplayName":"Time sheets",)"
    R"("resourceId":"https://times.contoso.example","resourceTenantId":"$tenant$",)"
    R"("riskDetail":"hidden","riskLevelAggregated":"hidden","riskLevelDuringSignIn":"hidden",)"
    R"("riskState":"none","servicePrincipalName":"$app$","sessionId":"",)"
    R"("signInEventTypes":["interactiveUser"],"signInIdentifier":"$upn$","status":$status$,)"
    R"("tenantId":"$tenant$","tokenIssuerName":"adfs.contoso.example",)"
    R"("tokenIssuerType":"ADFederationServices","uniqueTokenIdentifier":"$token$",)"
    R"("userAgent":"","userDisplayName":"$name$","userId":"$userId$",)"
    R"("userPrincipalName":"$upn$","userType":"Member"},)"
    R"("resourceId":"/tenants/$tenant$/providers/Microsoft.aadiam",$description$)"
    R"("resultSignature":"$signature$","resultType":"$code$","tenantId":"$tenant$",)"
    R"("time":"$time$"})";

constexpr std::string_view kServicePrincipal =
    R"({"callerIpAddress":"$address$","category":"$category$","correlationId":"$correlation$",)"
    R"("durationMs":"0","level":"Informational","location":"$country$",)"
    R"("operationName":"Sign-in activity","operationVersion":"1.0","properties":{)"
    R"("appDisplayName":"$app$","appId":"$appId$","appServicePrincipalId":null,)"
    R"("appliedConditionalAccessPolicies":[],"authenticationContextClassReferences":[],)"
    R"("authenticationDetails":[],"authenticationProcessingDetails":[{)"
    R"("key":"Azure AD App Authentication Library",)"
    R"("value":"Family: MSAL Library: MSAL.NET 4.66.2.0 Platform: .NET 8"},)"
    R"json({"key":"Legacy TLS (TLS 1.0, 1.1, 3DES)","value":"False"},)json"
    R"({"key":"Is CAE Token",)"
    R"("value":"False"}],"authenticationProtocol":"none","clientAppUsed":"Unknown",)"
    R"("clientCredentialType":"clientSecret","conditionalAccessStatus":"notApplied",)"
    R"("correlationId":"$correlation$","createdDateTime":"$created$",)"
    R"("crossTenantAccessType":"none","flaggedForReview":false,"id":"$id$",)"
    R"("incomingTokenType":"none","ipAddress":"$address$","isInteractive":false,)"
    R"("isTenantRestricted":false,"location":{"city":"$city$","countryOrRegion":"$country$",)"
    R"("geoCoordinates":{"latitude":$latitude$,"longitude":$longitude$},"state":"$state$"},)"
    R"("originalRequestId":"$id$","processingTimeInMilliseconds":$processing$,)"
    R"("resourceDisplayName":"$resource$","resourceId":"$resourceId$",)"
    R"("resourceTenantId":"$tenant$","riskDetail":"none","riskLevelAggregated":"low",)"
    R"("riskLevelDuringSignIn":"low","riskState":"none",)"
    R"("servicePrincipalCredentialKeyId":"$session$","servicePrincipalId":"$homeTenant$",)"
    R"("servicePrincipalName":"batch-$deviceName$","status":$status$,)"
    R"("tokenIssuerType":"AzureAD","uniqueTokenIdentifier":"$token$","userId":"",)"
    R"("userPrincipalName":""},"resourceId":"/tenants/$tenant$/providers/Microsoft.aadiam",)"
    R"("resultSignature":"$signature$","resultType":"$code$","tenantId":"$tenant$",)"
    R"("time":"$time$"})";

constexpr std::string_view kManagedIdentity =
    R"({"time":"$time$","resourceId":"/tenants/$tenant$/providers/Microsoft.aadiam",)"
    R"("operationName":"Sign-in activity","operationVersion":"1.0","category":"$category$",)"
    R"("tenantId":"$tenant$","resultType":"$code$","resultSignature":"None","durationMs":0,)"
    R"("correlationId":"$correlation$","Level":4,"properties":{"id":"$id$",)"
    R"("createdDateTime":"$created$","userId":null,"appId":"$session$","ipAddress":"",)"
    R"("status":$status$,"location":{"city":"","state":"","countryOrRegion":"",)"
    R"("geoCoordinates":{"latitude":0.0,"longitude":0.0}},"correlationId":"$correlation$",)"
    R"("conditionalAccessStatus":"notApplied","appliedConditionalAccessPolicies":[],)"
    R"("isInteractive":false,"tokenIssuerType":"AzureAD","processingTimeInMilliseconds":0,)"
    R"("riskDetail":"none","riskLevelAggregated":"low","riskLevelDuringSignIn":"low",)"
    R"("riskState":"none","resourceDisplayName":"$resource$","resourceId":"$resourceId$",)"
    R"("servicePrincipalName":"vm-$deviceName$","servicePrincipalId":"$homeTenant$",)"
    R"("flaggedForReview":false,"isTenantRestricted":false,"crossTenantAccessType":"none",)"
    R"("uniqueTokenIdentifier":"$token$","incomingTokenType":"none",)"
    R"("authenticationProtocol":"none"}})";

constexpr std::string_view kAudit =
    R"({"time":"$time$","resourceId":"/tenants/$tenant$/providers/Microsoft.aadiam",)"
    R"("operationName":"$operation$","operationVersion":"1.0","category":"AuditLogs",)"
    R"("tenantId":"$tenant$","resultSignature":"None","durationMs":0,)"
    R"("callerIpAddress":"$address$","correlationId":"$correlation$","Level":4,)"
    R"("properties":{"id":"Directory_$correlation$_$token$_41872653","category":"$group$",)"
    R"("correlationId":"$correlation$","result":"success","resultReason":"",)"
    R"("activityDisplayName":"$operation$","activityDateTime":"$created$",)"
    R"("loggedByService":"$service$","operationType":"$type$","userAgent":null,)"
    R"("initiatedBy":$initiatedBy$,"targetResources":$targets$,)"
    R"("additionalDetails":[{"key":"UserType","value":"Member"},{"key":"DeviceOSType",)"
    R"("value":"Windows 10"}],"tenantGeo":"EU","tenantId":"$tenant$"}})";

constexpr std::string_view kRiskyUser =
    R"({"time":"$time$","resourceId":"/tenants/$tenant$/providers/microsoft.aadiam",)"
    R"("operationName":"Risky user","operationVersion":"1.0","category":"RiskyUsers",)"
    R"("tenantId":"$tenant$","resultSignature":"None","durationMs":0,)"
    R"("correlationId":"$userId$","identity":"$name$","Level":4,"location":"weu",)"
    R"("properties":{"id":"$userId$","userDisplayName":"$name$","userPrincipalName":"$upn$",)"
    R"("riskLastUpdatedDateTime":"$created$","riskState":"atRisk","riskDetail":"none",)"
    R"("riskLevel":"medium","isGuest":false,"isDeleted":false,"isProcessing":false,)"
    R"("additionalInfo":"[{\"Key\":\"riskReasons\",\"Value\":[\"UnfamiliarASN\"]}]"}})";

constexpr std::string_view kRiskEvent =
    R"({"time":"$time$","resourceId":"/tenants/$tenant$/providers/microsoft.aadiam",)"
    R"("operationName":"User Risk Detection","operationVersion":"1.0",)"
    R"("category":"UserRiskEvents","tenantId":"$tenant$","resultSignature":"None",)"
    R"("durationMs":0,"callerIpAddress":"$address$","correlationId":"$id$",)"
    R"("identity":"$name$","Level":4,"location":"$country$","properties":{"id":"$id$",)"
    R"("requestId":"$correlation$","correlationId":"$correlation$",)"
    R"("riskType":"$riskType$","riskEventType":"$riskType$","riskState":"atRisk",)"
    R"("riskLevel":"$risk$","riskDetail":"none","source":"IdentityProtection",)"
    R"("detectionTimingType":"offline","activity":"signin","ipAddress":"$address$",)"
    R"("location":{"city":"$city$","state":"$state$","countryOrRegion":"$country$",)"
    R"("geoCoordinates":{"altitude":0,"latitude":$latitude$,"longitude":$longitude$}},)"
    R"("activityDateTime":"$created$","detectedDateTime":"$updated$",)"
    R"("lastUpdatedDateTime":"$updated$","userId":"$userId$","userDisplayName":"$name$",)"
    R"("userPrincipalName":"$upn$","additionalInfo":"[{\"Key\":\"userAgent\",)"
    R"(\"Value\":\"$userAgent$\"}]","tokenIssuerType":"AzureAD","resourceTenantId":null,)"
    R"("homeTenantId":"$homeTenant$","userType":"$userType$",)"
    R"("crossTenantAccessType":"$crossTenant$"}})";

constexpr std::string_view kProvisioning =
    R"({"time":"$time$","resourceId":"/tenants/$tenant$/providers/Microsoft.aadiam",)"
    R"("operationName":"Provisioning activity","operationVersion":"1.0",)"
    R"("category":"ProvisioningLogs","tenantId":"$tenant$","resultType":"Success",)"
    R"("resultSignature":"None","durationMs":$processing$,"correlationId":"$correlation$",)"
    R"("Level":4,"properties":{"id":"$id$","activityDateTime":"$created$",)"
    R"("tenantId":"$tenant$","jobId":"scim.$session$","cycleId":"$homeTenant$",)"
    R"("provisioningAction":"update","durationInMilliseconds":$processing$,)"
    R"("sourceIdentity":{"id":"$userId$","displayName":"$name$","identityType":"User"},)"
    R"("targetIdentity":{"id":"$token$","displayName":"$name$","identityType":"User"},)"
    R"("provisioningStatusInfo":{"status":"success","errorInformation":null},)"
    R"("modifiedProperties":[]}})";

std::string Joined(std::string_view a, std::string_view b, std::string_view c) {
  std::string text(a);
  text += b;
  text += c;
  return text;
}

}  // namespace

std::string RecordTemplate(RecordKind kind) {
  switch (kind) {
    case RecordKind::kInteractive:
      return Joined(kSignInHead, kInteractiveSteps, kSignInTail);
    case RecordKind::kNonInteractive:
      return Joined(kSignInHead, kNoSteps, kSignInTail);
    case RecordKind::kAdfs:
      return std::string(kAdfs);
    case RecordKind::kServicePrincipal:
      return std::string(kServicePrincipal);
    case RecordKind::kManagedIdentity:
      return std::string(kManagedIdentity);
    case RecordKind::kAudit:
      return std::string(kAudit);
    case RecordKind::kRiskyUser:
      return std::string(kRiskyUser);
    case RecordKind::kRiskEvent:
      return std::string(kRiskEvent);
    case RecordKind::kProvisioning:
      return std::string(kProvisioning);
  }
  return {};
}

}  // namespace signinwatch::generator
