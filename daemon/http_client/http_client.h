// One HTTP request with a deadline, over libcurl. The only place that includes it.
//
// TLS certificates and host names are checked, always. Redirects are not followed. No proxy unless
// the usual environment variables name one. A client keeps its connection for the next request; it
// is used by one thread at a time.
#ifndef SIGNINWATCH_DAEMON_HTTP_CLIENT_HTTP_CLIENT_H_
#define SIGNINWATCH_DAEMON_HTTP_CLIENT_HTTP_CLIENT_H_

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace signinwatch {

struct HttpRequest {
  std::string method = "POST";  // or GET
  std::string url;              // http or https
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::chrono::milliseconds timeout{10'000};
  size_t response_bytes_max = 64 * 1024;  // what is beyond is cut off
};

struct HttpResponse {
  int status = 0;
  std::string body;
  std::string retry_after;  // the header as it is; empty: none
};

class HttpClient {
 public:
  // `ca_file`: empty: the system's.
  explicit HttpClient(std::string ca_file = {});
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // Any answer is a response, whatever its status. kUnavailable: no connection, or it broke;
  // kDeadlineExceeded; kUnauthenticated: the other's certificate; kInvalidArgument: the URL.
  // Error texts hold no user info and no query of the URL.
  [[nodiscard]] absl::StatusOr<HttpResponse> Send(const HttpRequest& request);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace signinwatch

#endif  // SIGNINWATCH_DAEMON_HTTP_CLIENT_HTTP_CLIENT_H_
