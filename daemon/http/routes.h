// Which path is answered by what.
#ifndef SIGNINWATCH_DAEMON_HTTP_ROUTES_H_
#define SIGNINWATCH_DAEMON_HTTP_ROUTES_H_

#include <array>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/clock/clock.h"
#include "daemon/http/http_exchange.h"
#include "daemon/http/http_limits.h"
#include "daemon/http/http_server.h"
#include "daemon/http/page/page_context.h"

namespace signinwatch::http {

class Routes {
 public:
  Routes(const clock::Clock& clock, HttpBackend backend,
         const HttpLimits& limits);  // clock outlives it

  // Thread-safe. `loopback`: the listener's address is this machine's alone, so whoever asks is on
  // it.
  [[nodiscard]] HttpReply Answer(const HttpRequest& request, bool loopback);

  // The patterns of all paths: "/api/v1/tickets/{id}".
  [[nodiscard]] static std::vector<std::string> Paths();

 private:
  struct Route;
  [[nodiscard]] static const std::vector<Route>& Table();

  HttpReply Metrics(const HttpRequest& request);
  HttpReply Healthy(const HttpRequest& request);
  HttpReply Ready(const HttpRequest& request);
  HttpReply Reload(const HttpRequest& request);
  HttpReply Tickets(const HttpRequest& request);
  HttpReply Ticket(const HttpRequest& request);
  HttpReply Review(const HttpRequest& request);
  HttpReply Ticks(const HttpRequest& request);
  HttpReply Status(const HttpRequest& request);
  HttpReply OpenApi(const HttpRequest& request);
  HttpReply StatusPage(const HttpRequest& request);
  HttpReply ListPage(const HttpRequest& request);
  HttpReply StoryPage(const HttpRequest& request);
  HttpReply ReviewForm(const HttpRequest& request);
  HttpReply TickForm(const HttpRequest& request);
  HttpReply Tenants(const HttpRequest& request);
  HttpReply Tenant(const HttpRequest& request);
  HttpReply User(const HttpRequest& request);
  HttpReply Runbook(const HttpRequest& request);
  HttpReply Capacity(const HttpRequest& request);
  HttpReply InstanceList(const HttpRequest& request);
  HttpReply Instances(const HttpRequest& request);
  HttpReply Asset(const HttpRequest& request);

  [[nodiscard]] PageContext ContextFor(const HttpRequest& request) const;
  // `reply` is of what changes what the status page shows.
  HttpReply Changed(HttpReply reply);

  const clock::Clock& clock_;
  const HttpBackend backend_;
  const HttpLimits limits_;

  struct MadePage {
    HttpReply reply;
    clock::SteadyTime made_at;
    bool is_made = false;
  };
  std::mutex page_mutex_;
  std::array<MadePage, 2> pages_;  // for who may change nothing, and for who may
};

// Of a prober, as it stands in the request.
[[nodiscard]] bool IsHealthPath(std::string_view path);

}  // namespace signinwatch::http

#endif  // SIGNINWATCH_DAEMON_HTTP_ROUTES_H_
