// Who may connect and how: the web configuration file (daemon/config/web_config.h) in use, read
// again when it or a file that it names has changed.
//
//   auto access = WebAccess::Open(clock, path);     // "": no TLS, everybody
//   std::shared_ptr<const WebAccess::State> state = (*access)->Current();
//
// While what has changed can't be used, what was read last goes on: it is logged, and problem()
// says it. Thread-safe.
#ifndef SIGNINWATCH_DAEMON_HTTP_WEB_ACCESS_H_
#define SIGNINWATCH_DAEMON_HTTP_WEB_ACCESS_H_

#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/clock/clock.h"
#include "daemon/config/web_config.h"
#include "daemon/http/passwords.h"
#include "daemon/http/tls_server.h"
#include "daemon/http/token_bucket.h"

namespace signinwatch::http {

// Reads the file and all that it names, as `serve` does. An empty path: there is none.
[[nodiscard]] config::WebConfigCheck CheckWebConfig(const std::string& path);

class WebAccess {
 public:
  struct State {
    explicit State(config::WebConfig from)
        : config(std::move(from)), passwords(config.users), rate(config.rate_limit) {}
    config::WebConfig config;
    Passwords passwords;
    TokenBucket rate;
    std::unique_ptr<TlsServer> tls;  // nullptr: none
    // Whoever gets an answer has shown who they are. A certificate of any authority in the world
    // shows nothing, without a list of names.
    [[nodiscard]] bool authenticates() const {
      const config::WebTls& of = config.tls;
      return !passwords.empty() ||
             (tls != nullptr && of.client_auth == config::ClientAuth::kRequireAndVerifyClientCert &&
              (!of.client_ca.empty() || of.client_allowed_sans));
    }
  };

  // The error has all mistakes of the file, one a line; warnings are logged. `clock` outlives it.
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<WebAccess>> Open(const clock::Clock& clock,
                                                                       const std::string& path);

  // Looks at the files at most once in `look_every`. The first of a configuration that has
  // changed reads it.
  [[nodiscard]] std::shared_ptr<const State> Current();
  // Empty: the files as they are now are in use.
  [[nodiscard]] std::string problem() const;

  void set_look_every(std::chrono::milliseconds span) { look_every_ = span; }

 private:
  // What tells that a file is another: device, inode, size, time of change. Empty: can't be seen.
  using Signature = std::vector<std::string>;

  WebAccess(const clock::Clock& clock, std::string path) : clock_(clock), path_(std::move(path)) {}
  [[nodiscard]] static absl::StatusOr<std::shared_ptr<const State>> Read(
      const std::string& path, std::vector<std::string>* warnings);
  [[nodiscard]] static absl::StatusOr<std::shared_ptr<const State>> ReadAndLog(
      const std::string& path);
  friend config::WebConfigCheck CheckWebConfig(const std::string& path);
  [[nodiscard]] Signature Look() const;

  const clock::Clock& clock_;
  const std::string path_;
  std::chrono::milliseconds look_every_ = std::chrono::seconds(1);
  mutable std::mutex mutex_;  // guards what follows
  std::shared_ptr<const State> state_;
  Signature seen_;
  clock::SteadyTime looked_at_;
  std::string problem_;
};

}  // namespace signinwatch::http

#endif  // SIGNINWATCH_DAEMON_HTTP_WEB_ACCESS_H_
