// What Entra exports, and where to. Of a tenant there can be five such settings. README.md says how.
targetScope = 'tenant'

@description('Names the setting among those of the tenant.')
param settingName string = 'signinwatch'

@description('Output exporterRuleId of eventhubs.bicep.')
param exporterRuleId string

@description('A hub that exists. Without one, Entra would make a hub for each category, and need the right Manage for it.')
param hubName string = 'entra-logs'

// Sessions fail in sign-ins without the user, above all; causes are in the audit log.
param categories string[] = [
  'SignInLogs'
  'NonInteractiveUserSignInLogs'
  'ADFSSignInLogs'
  'AuditLogs'
]

resource setting 'microsoft.aadiam/diagnosticSettings@2017-04-01' = {
  name: settingName
  properties: {
    eventHubAuthorizationRuleId: exporterRuleId
    eventHubName: hubName
    logs: [for category in categories: {
      category: category
      enabled: true
    }]
  }
}
