// HTTP/1.1 between Boost.Beast's messages and plain values.
//
// A connection serves one request ("Connection: close"): so no place is held by a client that has
// nothing to ask. Bodies are not read: no method has one.
#ifndef SIGNINWATCH_DAEMON_HTTP_HTTP_MESSAGE_H_
#define SIGNINWATCH_DAEMON_HTTP_HTTP_MESSAGE_H_

#include <optional>
#include <string>
#include <string_view>

#include "daemon/config/web_config.h"
#include "daemon/http/http_connection.h"
#include "daemon/http/http_exchange.h"

namespace signinwatch::http {

// Why what came is no request, to who has asked.
inline constexpr const char* kNoRequest = "the request is not HTTP, or too long";

// Why a request whose head has come is not answered; nullopt: it is.
[[nodiscard]] std::optional<HttpReply> FaultOf(const WireRequest& request);
[[nodiscard]] HttpRequest PlainRequest(const WireRequest& request);

// With the headers of all answers, those of the web configuration instead of ours.
// `accept_encoding` of the request: compresses where that is asked for.
[[nodiscard]] WireResponse WireReply(HttpReply reply, const config::WebConfig& config,
                                     std::string_view accept_encoding);

// To a connection that there is no room for.
[[nodiscard]] HttpReply TurnedAwayReply();

}  // namespace signinwatch::http

#endif  // SIGNINWATCH_DAEMON_HTTP_HTTP_MESSAGE_H_
