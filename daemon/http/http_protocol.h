// One HTTP/1.1 request and its answer over a connected socket, by cpp-httplib: the only place that
// includes it. Only its reading of requests and writing of answers is used; sockets and threads are
// listener.h's, because the library's own accept loop ends on a passing error, its queue has no
// bound, its sockets share a port with any other process, and its time-outs are of one byte each.
//
// A connection serves one request ("Connection: close"): so a worker is never held by a client that
// has nothing to ask.
#ifndef SIGNINWATCH_DAEMON_HTTP_HTTP_PROTOCOL_H_
#define SIGNINWATCH_DAEMON_HTTP_HTTP_PROTOCOL_H_

#include <memory>
#include <string>

#include "daemon/http/http_exchange.h"
#include "daemon/http/http_limits.h"
#include "daemon/http/listener.h"
#include "daemon/http/transport.h"
#include "daemon/http/web_access.h"

namespace signinwatch {

class HttpProtocol {
 public:
  // `answer` is called, with what WebAccess lets through, on the threads of Serve(), several at a
  // time. An exception out of it is logged and answered with 500.
  HttpProtocol(const HttpLimits& limits, HttpAnswer answer);
  ~HttpProtocol();
  HttpProtocol(const HttpProtocol&) = delete;
  HttpProtocol& operator=(const HttpProtocol&) = delete;

  // Reads the request, writes the answer, within the limits. `socket` does not block, and stays
  // open.
  // `transport` is over it, and `access` holds for the connection.
  void Serve(int socket, Transport& transport, const WebAccess::State& access,
             const Listener& listener) const;

 private:
  class Server;
  const HttpLimits limits_;
  const std::unique_ptr<Server> server_;
};

// The whole answer, head and body, to a connection that there is no room for.
[[nodiscard]] std::string TurnedAwayAnswer();

}  // namespace signinwatch

#endif  // SIGNINWATCH_DAEMON_HTTP_HTTP_PROTOCOL_H_
