#include "daemon/http/routes.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "daemon/http/accept.h"
#include "daemon/http/api.h"
#include "daemon/http/json.h"
#include "daemon/http/page/assets.h"
#include "daemon/http/page/capacity_page.h"
#include "daemon/http/page/status_page.h"
#include "daemon/http/page/tenants_page.h"
#include "daemon/http/page/ticket_list.h"
#include "daemon/http/page/ticket_story.h"
#include "daemon/http/problem.h"
#include "daemon/http/status_json.h"
#include "parser/ascii.h"

namespace signinwatch {
namespace {

constexpr const char* kTicketPrefix = "/api/v1/tickets/";
constexpr const char* kStoryPrefix = "/tickets/";

struct AssetFile {
  const char* path;
  const char* content_type;
  const char* const* text;
};
constexpr AssetFile kAssets[] = {
    {"/assets/page.css", "text/css; charset=utf-8", &kPageCss},
    {"/assets/page.js", "text/javascript; charset=utf-8", &kPageJs},
    {"/assets/icon.svg", "image/svg+xml", &kIconSvg},
};

// A pattern's {id} is one path segment that is not empty.
bool Matches(std::string_view pattern, std::string_view path) {
  const size_t hole = pattern.find("{id}");
  if (hole == std::string_view::npos) return pattern == path;
  return path.size() > hole && path.substr(0, hole) == pattern.substr(0, hole) &&
         path.find('/', hole) == std::string_view::npos;
}

// Browsers say which page's script or form asks; other programs say nothing.
bool IsOfThisSite(const HttpRequest& request) {
  if (request.origin.empty()) return true;
  const size_t scheme = request.origin.find("://");
  return scheme != std::string::npos && !request.hosts.empty() &&
         EqualsWithoutCase(request.origin.substr(scheme + 3), request.hosts.front());
}

std::string Behind(const char* prefix, const std::string& path) {
  return path.substr(std::string_view(prefix).size());
}

}  // namespace

struct Routes::Route {
  const char* path;
  HttpReply (Routes::*answer)(const HttpRequest& request);
  bool changes_state = false;  // asked for by POST, and not by everybody
};

const std::vector<Routes::Route>& Routes::Table() {
  static const std::vector<Route> table{
      {"/", &Routes::StatusPage},
      {"/tickets", &Routes::ListPage},
      {"/tickets/{id}", &Routes::StoryPage},
      {"/tenants", &Routes::Tenants},
      {"/capacity", &Routes::Capacity},
      {"/assets/{id}", &Routes::Asset},
      {"/metrics", &Routes::Metrics},
      {"/-/healthy", &Routes::Healthy},
      {"/healthz", &Routes::Healthy},
      {"/-/ready", &Routes::Ready},
      {"/readyz", &Routes::Ready},
      {"/-/reload", &Routes::Reload, true},
      {"/api/v1/tickets", &Routes::Tickets},
      {"/api/v1/tickets/{id}", &Routes::Ticket},
      {"/api/v1/status", &Routes::Status},
      {"/api/v1/openapi.yaml", &Routes::OpenApi},
  };
  return table;
}

std::vector<std::string> Routes::Paths() {
  std::vector<std::string> paths;
  for (const Route& route : Table()) paths.emplace_back(route.path);
  return paths;
}

bool NamesThisMachine(const std::string& host) {
  std::string_view name = host;
  const size_t colon = name.rfind(':');
  const size_t bracket = name.rfind(']');
  if (colon != std::string_view::npos && (bracket == std::string_view::npos || bracket < colon)) {
    const std::string_view port = name.substr(colon + 1);
    if (port.find_first_not_of("0123456789") != std::string_view::npos) return false;
    name = name.substr(0, colon);
  }
  return EqualsWithoutCase(name, "localhost") || name == "127.0.0.1" || name == "[::1]";
}

Routes::Routes(HttpBackend backend, const HttpLimits& limits)
    : backend_(std::move(backend)), limits_(limits) {}

HttpReply Routes::Answer(const HttpRequest& request, bool loopback) {
  if (request.hosts.size() > 1) return ProblemReply(400, "more than one Host header");
  // Without a Host header no browser has sent it.
  if (loopback && !request.hosts.empty() && !NamesThisMachine(request.hosts.front())) {
    return ProblemReply(421,
                        "this server listens on a loopback address and answers to localhost, "
                        "127.0.0.1 and [::1] only; a proxy in front has to send one of these as "
                        "Host");
  }
  const auto route = std::find_if(Table().begin(), Table().end(), [&](const Route& candidate) {
    return Matches(candidate.path, request.path);
  });
  if (route == Table().end()) return ProblemReply(404, "there is nothing at this path");
  const char* const allowed = route->changes_state ? "POST" : "GET, HEAD";
  if (route->changes_state ? request.method != "POST"
                           : request.method != "GET" && request.method != "HEAD") {
    HttpReply reply = ProblemReply(405, std::string("allowed here: ") + allowed);
    reply.allow = allowed;
    return reply;
  }
  if (route->changes_state && !loopback && !request.authenticated) {
    return ProblemReply(
        403,
        "this changes the daemon, which listens to the network and asks nobody who "
        "they are: set up basic auth or client certificates (http.web_config_file), "
        "or send SIGHUP instead");
  }
  if (route->changes_state && !IsOfThisSite(request)) {
    return ProblemReply(403, "a page of another site asked for this");
  }
  return (this->*route->answer)(request);
}

HttpReply Routes::Metrics(const HttpRequest& request) {
  const bool openmetrics = PrefersOpenMetrics(request.accept);
  return {.content_type = openmetrics ? kOpenMetricsType : kPrometheusType,
          .body = backend_.metrics(openmetrics)};
}

HttpReply Routes::Healthy(const HttpRequest&) { return {.body = "healthy\n"}; }

HttpReply Routes::Ready(const HttpRequest& request) {
  const ServeStatus now = backend_.status();
  const bool ready = now.not_ready.empty();
  std::vector<std::string> reasons = now.not_ready;
  reasons.insert(reasons.end(), now.warnings.begin(), now.warnings.end());
  const int status = ready ? 200 : 503;
  if (PrefersJson(request.accept)) {
    const OrderedJson json{{"ready", ready}, {"reasons", reasons}};
    return {.status = status, .content_type = kJsonType, .body = JsonText(json)};
  }
  std::string body = ready ? "ready\n" : "";
  for (const std::string& reason : reasons) body += reason + "\n";
  return {.status = status, .body = body};
}

HttpReply Routes::Reload(const HttpRequest&) {
  if (!backend_.reload) return ProblemReply(404, "there is no configuration file to load");
  const absl::Status status = backend_.reload();
  if (status.ok()) return {.body = "reloaded\n"};
  const bool mistake = absl::IsInvalidArgument(status) || absl::IsFailedPrecondition(status);
  return ProblemReply(mistake ? 400 : 500,
                      "the former configuration goes on: " + std::string(status.message()));
}

HttpReply Routes::Tickets(const HttpRequest& request) {
  return TicketsReply(*backend_.store, request);
}

HttpReply Routes::Ticket(const HttpRequest& request) {
  return TicketReply(*backend_.store, Behind(kTicketPrefix, request.path));
}

HttpReply Routes::Status(const HttpRequest&) {
  return {.content_type = kJsonType, .body = StatusJson(backend_.status())};
}

HttpReply Routes::OpenApi(const HttpRequest&) {
  return {.content_type = "application/yaml", .body = kOpenApiYaml};
}

// One is made for all who look: while it is being made the others wait for it.
HttpReply Routes::StatusPage(const HttpRequest&) {
  const std::lock_guard<std::mutex> lock(page_mutex_);
  const auto now = std::chrono::steady_clock::now();
  if (!page_is_made_ || now - page_made_ >= limits_.page_age_max) {
    page_ = signinwatch::StatusPage(*backend_.store, backend_.status());
    page_made_ = std::chrono::steady_clock::now();
    page_is_made_ = true;
  }
  return page_;
}

HttpReply Routes::ListPage(const HttpRequest& request) {
  return TicketListPage(*backend_.store, request, backend_.status().now);
}

HttpReply Routes::StoryPage(const HttpRequest& request) {
  return TicketStoryPage(*backend_.store, Behind(kStoryPrefix, request.path),
                         backend_.status().now);
}

HttpReply Routes::Tenants(const HttpRequest&) {
  return TenantsPage(*backend_.store, backend_.status());
}

HttpReply Routes::Capacity(const HttpRequest&) { return CapacityPage(backend_.status()); }

HttpReply Routes::Asset(const HttpRequest& request) {
  for (const AssetFile& asset : kAssets) {
    if (request.path == asset.path) {
      return {.content_type = asset.content_type, .body = *asset.text, .cacheable = true};
    }
  }
  return ProblemReply(404, "there is nothing at this path");
}

}  // namespace signinwatch
