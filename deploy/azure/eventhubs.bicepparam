using 'eventhubs.bicep'

param namespaceName = 'contoso-entra-logs'
// az ad sp show --id CLIENT_ID --query id, or the principal id of a managed identity.
param readerPrincipalId = '00000000-0000-0000-0000-000000000000'
// Where the daemon connects from.
param allowedAddresses = ['192.0.2.10']
