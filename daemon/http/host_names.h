// By which names the server may be called. A web page can make a browser ask any server that the
// browser reaches, under the page's own name (DNS rebinding), and then reads the answer: so, while
// nobody has to log in, only names that a stranger's page can't have are answered.
#ifndef SIGNINWATCH_DAEMON_HTTP_HOST_NAMES_H_
#define SIGNINWATCH_DAEMON_HTTP_HOST_NAMES_H_

#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "daemon/config/serve_config.h"
#include "daemon/http/http_exchange.h"

namespace signinwatch::http {

// Thread-safe.
class HostNames {
 public:
  explicit HostNames(const config::HttpConfig& config);

  // 400 where HTTP itself is broken, 421 for a name that is not known to somebody who has not shown
  // who they are; nullopt: it may be answered.
  [[nodiscard]] std::optional<HttpReply> Refusal(const HttpRequest& request) const;

  // Of a Host header, with a port or without: an IP address, "localhost", or one that the
  // configuration names.
  [[nodiscard]] bool Knows(std::string_view host) const;

 private:
  std::set<std::string> names_;  // in lower case
};

}  // namespace signinwatch::http

#endif  // SIGNINWATCH_DAEMON_HTTP_HOST_NAMES_H_
