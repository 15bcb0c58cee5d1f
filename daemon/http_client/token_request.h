// Access tokens by OAuth 2.0's client credentials grant (RFC 6749, section 4.4), by a client secret
// or an assertion in its place (RFC 7523), or from the metadata service of an Azure machine.
// Entra: POST https://login.microsoftonline.com/TENANT/oauth2/v2.0/token.
#ifndef SIGNINWATCH_DAEMON_HTTP_CLIENT_TOKEN_REQUEST_H_
#define SIGNINWATCH_DAEMON_HTTP_CLIENT_TOKEN_REQUEST_H_

#include "daemon/clock/clock.h"
#include "daemon/config/serve_config.h"
#include "daemon/http_client/http_client.h"
#include "daemon/kafka/token.h"

namespace signinwatch::http_client {

// By cluster.auth, which must be one that uses tokens; else nullptr. Reads secrets, keys and
// federated tokens anew each time, so that a rotated one is found. Returns within some 20 s, also
// where the metadata service has to be asked again.
//
// A token is taken to live for as long as the answer says from when it was asked for, by this
// machine's clock, so that a clock that is wrong does not matter. Errors say what the endpoint said
// (error and AADSTS code) and what to do, and never a secret, an assertion or a token.
// `clock` outlives the fetcher.
[[nodiscard]] kafka::TokenFetcher MakeTokenFetcher(const config::KafkaCluster& cluster,
                                                   const clock::Clock& clock,
                                                   const HttpTransportMaker& make_http);

}  // namespace signinwatch::http_client

#endif  // SIGNINWATCH_DAEMON_HTTP_CLIENT_TOKEN_REQUEST_H_
