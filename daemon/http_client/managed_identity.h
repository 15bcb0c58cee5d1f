// Tokens of the managed identity of an Azure machine, from its metadata service (IMDS):
// https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token
#ifndef SIGNINWATCH_DAEMON_HTTP_CLIENT_MANAGED_IDENTITY_H_
#define SIGNINWATCH_DAEMON_HTTP_CLIENT_MANAGED_IDENTITY_H_

#include <string_view>

#include "daemon/config/serve_config.h"
#include "daemon/http_client/http_client.h"

namespace signinwatch::http_client {

inline constexpr std::string_view kMetadataService =
    "http://169.254.169.254/metadata/identity/oauth2/token";

// To cluster.token_endpoint, or else to kMetadataService; never by a proxy.
[[nodiscard]] HttpCall MakeMetadataRequest(const config::KafkaCluster& cluster);

// Whether an answer is one after which Microsoft's page says to ask again: 404 and 410 (it is being
// updated, for up to 70 s), 429, and errors of the server.
[[nodiscard]] bool IsPassing(int status);

// What to do after an answer other than 200.
[[nodiscard]] std::string_view MetadataAdvice(int status);

}  // namespace signinwatch::http_client

#endif  // SIGNINWATCH_DAEMON_HTTP_CLIENT_MANAGED_IDENTITY_H_
