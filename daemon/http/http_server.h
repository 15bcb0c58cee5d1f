// The daemon's HTTP side (SPEC 9): metrics, health, the API and the page for people.
// deploy/openapi.yaml describes what it answers.
#ifndef SIGNINWATCH_DAEMON_HTTP_HTTP_SERVER_H_
#define SIGNINWATCH_DAEMON_HTTP_HTTP_SERVER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/clock/clock.h"
#include "daemon/config/serve_config.h"
#include "daemon/http/http_limits.h"
#include "daemon/pipeline/status.h"
#include "daemon/store/instance_store.h"
#include "daemon/store/ticket_store.h"

namespace signinwatch::http {

// What came of a reload.
struct ReloadAnswer {
  ReloadAnswer(absl::Status outcome) : status(std::move(outcome)) {}
  absl::Status status;     // the error is for who asked
  bool unchanged = false;  // there was nothing to do
  int retry_after_s = 0;   // not 0: nothing was done, as there were others; in so many seconds
};

// What the server shows. The functions are called from the server's threads, several at a time.
struct HttpBackend {
  store::TicketStore* store = nullptr;  // outlives the server
  // Who else works on the store; outlives the server. nullptr: there is no such page.
  store::InstanceStore* instances = nullptr;
  std::function<pipeline::ServeStatus()> status;
  // The exposition of metrics: Prometheus text 0.0.4, or OpenMetrics 1.0.
  std::function<std::string(bool openmetrics)> metrics;
  // Loads the configuration anew. None: it is not to be had by HTTP.
  std::function<ReloadAnswer()> reload;
  // As the configuration has them now; none, or nullptr: no tenant has a name.
  std::function<std::shared_ptr<const config::TenantNames>()> tenants = {};
};

// Since the start: for the metrics.
struct HttpCounts {
  uint64_t failed_log_ins = 0;
  uint64_t turned_away = 0;     // told that there is no room
  uint64_t ended_for_room = 0;  // whose request had not come, when others needed the room
};

class HttpServer {
 public:
  // Listens and answers from then on. The error names the address, or has the mistakes of the web
  // configuration file. `clock` outlives it.
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<HttpServer>> Start(
      const clock::Clock& clock, const config::HttpConfig& config, HttpBackend backend,
      const HttpLimits& limits = {});
  ~HttpServer();  // answers what has begun, then closes
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  [[nodiscard]] int port() const;
  [[nodiscard]] std::string address() const;  // "127.0.0.1:9532"
  // Why the web configuration file as it is now is not in use; empty: it is.
  [[nodiscard]] std::string web_config_problem() const;
  [[nodiscard]] HttpCounts counts() const;

 private:
  class Impl;
  explicit HttpServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace signinwatch::http

#endif  // SIGNINWATCH_DAEMON_HTTP_HTTP_SERVER_H_
