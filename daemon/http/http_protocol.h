// One HTTP/1.1 request and its answer, by cpp-httplib: the only place that includes it. Only its
// reading of requests and writing of answers is used; sockets and threads are reception.h's and
// lane.h's, because the library's own accept loop ends on a passing error, its queue has no bound,
// its sockets share a port with any other process, and its time-outs are of one byte each.
//
// A connection serves one request ("Connection: close"): so a worker is never held by a client that
// has nothing to ask.
#ifndef SIGNINWATCH_DAEMON_HTTP_HTTP_PROTOCOL_H_
#define SIGNINWATCH_DAEMON_HTTP_HTTP_PROTOCOL_H_

#include <memory>
#include <string>
#include <string_view>

#include "daemon/http/closing_time.h"
#include "daemon/http/http_exchange.h"
#include "daemon/http/http_limits.h"
#include "daemon/http/visit.h"

namespace signinwatch {

class HttpProtocol {
 public:
  // `answer` is called, with what the web configuration lets through, on the threads of Serve(),
  // several at a time. An exception out of it is logged and answered with 500.
  HttpProtocol(const HttpLimits& limits, HttpAnswer answer);
  ~HttpProtocol();
  HttpProtocol(const HttpProtocol&) = delete;
  HttpProtocol& operator=(const HttpProtocol&) = delete;

  // Reads what is left of the request, writes the answer, within the limits.
  void Serve(Visit& visit, const ClosingTime& closing) const;

 private:
  class Server;
  const HttpLimits limits_;
  const std::unique_ptr<Server> server_;
};

// What decides which threads a request is for, before it is parsed: as the bytes are, nothing
// decoded. Empty: there is none.
struct HeadGlance {
  std::string_view path;           // up to '?'
  std::string_view authorization;  // of the first such header
};
[[nodiscard]] HeadGlance GlanceAtHead(std::string_view head);

// The whole answer, head and body, to a connection that there is no room for.
[[nodiscard]] std::string TurnedAwayAnswer();

}  // namespace signinwatch

#endif  // SIGNINWATCH_DAEMON_HTTP_HTTP_PROTOCOL_H_
