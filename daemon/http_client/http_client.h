// One HTTP request with a deadline, over libcurl. The only place that includes it. Who sends
// requests is given an HttpTransport, so that a test answers them itself.
//
//   HttpClient client;
//   absl::StatusOr<HttpResponse> answer = client.Send({.url = url, .headers = ..., .body = ...});
//
// TLS certificates and host names are checked, always. Redirects are not followed. No proxy unless
// the usual environment variables name one, and never to this machine: what goes there may be in
// the clear, and is nobody else's. A client keeps its connection for the next request; it is used
// by one thread at a time, Cancel aside.
#ifndef SIGNINWATCH_DAEMON_HTTP_CLIENT_HTTP_CLIENT_H_
#define SIGNINWATCH_DAEMON_HTTP_CLIENT_HTTP_CLIENT_H_

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace signinwatch::http_client {

// One request to somebody else's server. Not an HttpRequest: that is one to ours (daemon/http), and
// of two types of one name the linker keeps one set of functions for both.
struct HttpCall {
  std::string method = "POST";  // GET sends no body; any other does
  std::string url = {};         // http or https
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::string body = {};
  std::chrono::milliseconds timeout{10'000};  // from the name look-up to the answer's last byte
  size_t response_bytes_max = 64 * 1024;      // what is beyond is cut off
  bool direct = false;                        // by no proxy, whatever the environment names
  // Over a connection of its own, so that it is sent once: where a kept connection breaks before
  // the answer, libcurl sends any request again.
  bool once = false;
};

struct HttpResponse {
  int status = 0;
  std::string body;
  std::string retry_after;                            // the header as it is; empty: none
  std::optional<std::chrono::sys_seconds> date = {};  // the other's clock, by its header
  std::map<std::string, std::string> headers = {};    // all, by their names in lower case
};

class HttpTransport {
 public:
  virtual ~HttpTransport() = default;
  // Any answer is a response, whatever its status. Otherwise:
  //   kUnavailable       no connection, also none in time: the other has seen nothing of it
  //   kAborted           the connection broke; the other may have seen it
  //   kDeadlineExceeded  connected, but no whole answer in time; the other may have seen it
  //   kUnauthenticated   the other's certificate, or a ca_file that can't be used
  //   kInvalidArgument   the URL or a header
  //   kCancelled         see Cancel
  // Error texts hold no user info, no path and no query of the URL.
  [[nodiscard]] virtual absl::StatusOr<HttpResponse> Send(const HttpCall& request) = 0;

  // From any thread: ends the request that is being sent, and all later ones at once.
  virtual void Cancel() = 0;
};

// Makes one for each that sends requests. `ca_file`: see HttpClient.
using HttpTransportMaker =
    std::function<std::unique_ptr<HttpTransport>(const std::string& ca_file)>;

class HttpClient : public HttpTransport {
 public:
  // `ca_file`: PEM of the certificate authorities to trust instead of the system's; empty: those.
  explicit HttpClient(std::string ca_file = {});
  ~HttpClient() override;
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  [[nodiscard]] absl::StatusOr<HttpResponse> Send(const HttpCall& request) override;
  void Cancel() override;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// Over the network.
[[nodiscard]] HttpTransportMaker NetworkTransports();

// Of a URL: "localhost", 127.x.x.x, "[::1]".
[[nodiscard]] bool IsThisMachine(std::string_view host);

// Whether Send could use it: http or https, with a host. The error does not show it.
[[nodiscard]] absl::Status CheckHttpUrl(const std::string& url);

// A date of an HTTP header (RFC 9110, section 5.6.7).
[[nodiscard]] std::optional<std::chrono::sys_seconds> ParseHttpDate(const std::string& text);

}  // namespace signinwatch::http_client

#endif  // SIGNINWATCH_DAEMON_HTTP_CLIENT_HTTP_CLIENT_H_
