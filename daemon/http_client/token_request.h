// OAuth 2.0 client credentials grant (RFC 6749, section 4.4): client id and secret in, access token
// out. Entra: POST https://login.microsoftonline.com/TENANT/oauth2/v2.0/token.
#ifndef SIGNINWATCH_DAEMON_HTTP_CLIENT_TOKEN_REQUEST_H_
#define SIGNINWATCH_DAEMON_HTTP_CLIENT_TOKEN_REQUEST_H_

#include "daemon/config/serve_config.h"
#include "daemon/kafka/token.h"

namespace signinwatch {

// Reads the secret anew for each token, so that a rotated one is found. Errors say what the
// endpoint said (error and AADSTS code), and never the secret or a token.
[[nodiscard]] TokenFetcher MakeTokenFetcher(const KafkaCluster& cluster);

}  // namespace signinwatch

#endif  // SIGNINWATCH_DAEMON_HTTP_CLIENT_TOKEN_REQUEST_H_
