// The namespace and the hub that Entra exports to and signinwatch reads from. README.md says how.
targetScope = 'resourceGroup'

@description('Of the namespace: its host is NAME.servicebus.windows.net.')
@minLength(6)
@maxLength(50)
param namespaceName string

param location string = resourceGroup().location

@description('Basic has no Kafka.')
@allowed(['Standard', 'Premium'])
param sku string = 'Standard'

@description('Throughput units (Standard, 1 MB/s in and 2 MB/s out each) or processing units (Premium) to begin with.')
@minValue(1)
param capacity int = 1

@description('Standard: throughput units are added up to this when they are used up.')
@minValue(1)
@maxValue(40)
param maximumThroughputUnits int = 8

param hubName string = 'entra-logs'

@description('Can not be changed later on Standard. One partition carries some MB/s.')
@minValue(1)
@maxValue(32)
param partitions int = 4

@description('How long the daemon may be away without a gap: 7 days is the most of Standard.')
@minValue(24)
@maxValue(2160)
param retentionHours int = 168

@description('Object id of who reads: of a managed identity, or of the service principal of an app registration. Empty: nobody is given the role.')
param readerPrincipalId string = ''

@description('Rights of the rule that Entra exports by. Send is enough for a hub that exists.')
param exporterRights ('Listen' | 'Manage' | 'Send')[] = ['Send']

@description('Also make a rule with Listen, for kafka.auth: connection_string. Not needed where the reader has the role.')
param readerRule bool = false

@description('Addresses and ranges (CIDR) that may connect. With these or subnets, everybody else is refused but Microsoft\'s trusted services, of which the export is one.')
param allowedAddresses string[] = []

@description('Ids of subnets, with a service endpoint for Microsoft.EventHub, that may connect.')
param allowedSubnets string[] = []

// Azure Event Hubs Data Receiver
var receiverRole = subscriptionResourceId('Microsoft.Authorization/roleDefinitions', 'a638d3c7-ab3a-418d-83e6-5f17a39d4fde')
var standard = sku == 'Standard'

resource namespace 'Microsoft.EventHub/namespaces@2024-01-01' = {
  name: namespaceName
  location: location
  sku: {
    name: sku
    tier: sku
    capacity: capacity
  }
  properties: {
    kafkaEnabled: true
    minimumTlsVersion: '1.2'
    isAutoInflateEnabled: standard
    maximumThroughputUnits: standard ? max(capacity, maximumThroughputUnits) : 0
    // Not true, whatever the reader does: the export logs in by the key of a rule.
    disableLocalAuth: false
  }
}

resource network 'Microsoft.EventHub/namespaces/networkRuleSets@2024-01-01' = {
  parent: namespace
  name: 'default'
  properties: {
    publicNetworkAccess: 'Enabled'
    defaultAction: empty(allowedAddresses) && empty(allowedSubnets) ? 'Allow' : 'Deny'
    trustedServiceAccessEnabled: true
    ipRules: [for address in allowedAddresses: {
      ipMask: address
      action: 'Allow'
    }]
    virtualNetworkRules: [for subnet in allowedSubnets: {
      subnet: {
        id: subnet
      }
    }]
  }
}

// One hub for all categories: the daemon tells them apart. Kafka's consumer groups are made when they
// are first used, and are not those of Event Hubs: there is none to declare.
resource hub 'Microsoft.EventHub/namespaces/eventhubs@2024-01-01' = {
  parent: namespace
  name: hubName
  properties: {
    partitionCount: partitions
    retentionDescription: {
      cleanupPolicy: 'Delete'
      retentionTimeInHours: retentionHours
    }
  }
}

// Diagnostic settings take rules of the namespace.
resource exporterRule 'Microsoft.EventHub/namespaces/authorizationRules@2024-01-01' = {
  parent: namespace
  name: 'entra-export'
  properties: {
    rights: exporterRights
  }
}

resource listenRule 'Microsoft.EventHub/namespaces/eventhubs/authorizationRules@2024-01-01' = if (readerRule) {
  parent: hub
  name: 'signinwatch'
  properties: {
    rights: ['Listen']
  }
}

resource reader 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(readerPrincipalId)) {
  scope: hub
  name: guid(hub.id, readerPrincipalId, receiverRole)
  properties: {
    roleDefinitionId: receiverRole
    principalId: readerPrincipalId
    principalType: 'ServicePrincipal'
  }
}

output brokers string = '${namespaceName}.servicebus.windows.net:9093'
output topics string[] = [hubName]
output exporterRuleId string = exporterRule.id
