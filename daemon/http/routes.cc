#include "daemon/http/routes.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "daemon/http/accept.h"
#include "daemon/http/api.h"
#include "daemon/http/handling.h"
#include "daemon/http/page/assets.h"
#include "daemon/http/page/capacity_page.h"
#include "daemon/http/page/instances_page.h"
#include "daemon/http/page/runbook_page.h"
#include "daemon/http/page/status_page.h"
#include "daemon/http/page/tenant_page.h"
#include "daemon/http/page/tenants_page.h"
#include "daemon/http/page/ticket_list.h"
#include "daemon/http/page/ticket_story.h"
#include "daemon/http/page/user_page.h"
#include "daemon/http/problem.h"
#include "daemon/http/status_json.h"
#include "daemon/json/json_writer.h"
#include "parser/ascii.h"

namespace signinwatch::http {
namespace {

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

// What stands for a pattern's {id}: one path segment that is not empty. Nothing: another path.
std::optional<std::string> Match(std::string_view pattern, std::string_view path) {
  constexpr std::string_view kHole = "{id}";
  const size_t hole = pattern.find(kHole);
  if (hole == std::string_view::npos) {
    return pattern == path ? std::optional(std::string()) : std::nullopt;
  }
  if (path.size() <= hole || path.substr(0, hole) != pattern.substr(0, hole)) return std::nullopt;
  const size_t end = std::min(path.find('/', hole), path.size());
  if (end == hole || path.substr(end) != pattern.substr(hole + kHole.size())) return std::nullopt;
  return std::string(path.substr(hole, end - hole));
}

// Browsers say which page's script or form asks; other programs say nothing.
bool IsOfThisSite(const HttpRequest& request) {
  if (request.origin.empty()) return true;
  const size_t scheme = request.origin.find("://");
  return scheme != std::string::npos && !request.hosts.empty() &&
         EqualsWithoutCase(request.origin.substr(scheme + 3), request.hosts.front());
}

// "POST, DELETE" has "POST".
bool Allows(std::string_view allowed, std::string_view method) {
  for (size_t begin = 0; begin < allowed.size();) {
    const size_t end = std::min(allowed.find(", ", begin), allowed.size());
    if (allowed.substr(begin, end - begin) == method) return true;
    begin = end + 2;
  }
  return false;
}

}  // namespace

struct Routes::Route {
  const char* path;
  HttpReply (Routes::*answer)(const HttpRequest& request);
  const char* changes = nullptr;  // methods, which change state and are not for everybody
};

const std::vector<Routes::Route>& Routes::Table() {
  static const std::vector<Route> table{
      {"/", &Routes::StatusPage},
      {"/tickets", &Routes::ListPage},
      {"/tickets/{id}", &Routes::StoryPage},
      {"/tickets/{id}/review", &Routes::ReviewForm, "POST"},
      {"/tickets/{id}/ticks", &Routes::TickForm, "POST"},
      {"/tenants", &Routes::Tenants},
      {"/tenant", &Routes::Tenant},
      {"/user", &Routes::User},
      {"/runbook", &Routes::Runbook},
      {"/capacity", &Routes::Capacity},
      {"/instances", &Routes::InstanceList},
      {"/assets/{id}", &Routes::Asset},
      {"/metrics", &Routes::Metrics},
      {"/-/healthy", &Routes::Healthy},
      {"/healthz", &Routes::Healthy},
      {"/-/ready", &Routes::Ready},
      {"/readyz", &Routes::Ready},
      {"/-/reload", &Routes::Reload, "POST"},
      {"/api/v1/tickets", &Routes::Tickets},
      {"/api/v1/tickets/{id}", &Routes::Ticket},
      {"/api/v1/tickets/{id}/review", &Routes::Review, "POST, DELETE"},
      {"/api/v1/tickets/{id}/ticks", &Routes::Ticks, "POST, DELETE"},
      {"/api/v1/instances", &Routes::Instances},
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

bool IsHealthPath(std::string_view path) {
  return path == "/-/healthy" || path == "/healthz" || path == "/-/ready" || path == "/readyz";
}

Routes::Routes(const clock::Clock& clock, HttpBackend backend, const HttpLimits& limits)
    : clock_(clock), backend_(std::move(backend)), limits_(limits) {}

HttpReply Routes::Answer(const HttpRequest& request, bool loopback) {
  std::optional<std::string> id;
  const auto route = std::find_if(Table().begin(), Table().end(), [&](const Route& candidate) {
    id = Match(candidate.path, request.path);
    return id.has_value();
  });
  if (route == Table().end()) return ProblemReply(404, "there is nothing at this path");
  if (route->answer == &Routes::Reload && !backend_.reload) {
    return ProblemReply(404,
                        "reloading by HTTP is off: send SIGHUP, or set http.enable_reload to true "
                        "and restart");
  }
  const bool changes = route->changes != nullptr;
  const char* const allowed = changes ? route->changes : "GET, HEAD";
  if (!Allows(allowed, request.method)) {
    HttpReply reply = ProblemReply(405, std::string("allowed here: ") + allowed);
    reply.allow = allowed;
    return reply;
  }
  HttpRequest asked = request;
  asked.id = *std::move(id);
  asked.may_change = loopback || request.authenticated;
  if (changes && !asked.may_change) {
    return ProblemReply(
        403,
        "this changes the daemon, which listens to the network and asks nobody who "
        "they are: set up basic auth or client certificates (http.web_config_file), "
        "or send SIGHUP instead");
  }
  if (changes && !IsOfThisSite(request)) {
    return ProblemReply(403, "a page of another site asked for this");
  }
  return (this->*route->answer)(asked);
}

HttpReply Routes::Metrics(const HttpRequest& request) {
  const bool openmetrics = PrefersOpenMetrics(request.accept);
  return {.content_type = openmetrics ? kOpenMetricsType : kPrometheusType,
          .body = backend_.metrics(openmetrics)};
}

HttpReply Routes::Healthy(const HttpRequest&) { return {.body = "healthy\n"}; }

HttpReply Routes::Ready(const HttpRequest& request) {
  const pipeline::ServeStatus now = backend_.status();
  const bool ready = now.not_ready.empty();
  std::vector<std::string> reasons = pipeline::SentencesOf(now.not_ready);
  for (const pipeline::Condition& warning : now.warnings) reasons.push_back(warning.sentence);
  const int status = ready ? 200 : 503;
  if (PrefersJson(request.accept)) {
    HttpReply reply{.status = status, .content_type = kJsonType, .body = {}};
    json::JsonWriter json(&reply.body);
    json.Open('{');
    json.Member("ready", ready);
    json.Texts("reasons", reasons);
    json.Close('}');
    return reply;
  }
  std::string body = ready ? "ready\n" : "";
  for (const std::string& reason : reasons) body += reason + "\n";
  return {.status = status, .body = body};
}

HttpReply Routes::Reload(const HttpRequest&) {
  const ReloadAnswer answer = backend_.reload();
  if (answer.retry_after_s > 0) {
    HttpReply reply = ProblemReply(429, "one reload at a time, and at most one in ten seconds");
    reply.retry_after_s = answer.retry_after_s;
    return reply;
  }
  const absl::Status& status = answer.status;
  if (status.ok()) return {.body = answer.unchanged ? "nothing has changed\n" : "reloaded\n"};
  const bool mistake = absl::IsInvalidArgument(status) || absl::IsFailedPrecondition(status);
  return ProblemReply(mistake ? 400 : 500,
                      "the previous configuration stays in use: " + std::string(status.message()));
}

HttpReply Routes::Tickets(const HttpRequest& request) {
  const PageContext context = ContextFor(request);
  return TicketsReply(*backend_.store, request,
                      context.tenants == nullptr ? config::TenantNames() : *context.tenants);
}

HttpReply Routes::Ticket(const HttpRequest& request) {
  return TicketReply(*backend_.store, request.id);
}

HttpReply Routes::Changed(HttpReply reply) {
  const std::lock_guard<std::mutex> lock(page_mutex_);
  for (MadePage& page : pages_) page.is_made = false;
  return reply;
}

HttpReply Routes::Review(const HttpRequest& request) {
  return Changed(ReviewReply(*backend_.store, request.id, request, backend_.status().now));
}

HttpReply Routes::Ticks(const HttpRequest& request) {
  return TickReply(*backend_.store, request.id, request, backend_.status().now);
}

HttpReply Routes::ReviewForm(const HttpRequest& request) {
  return Changed(ReviewFormReply(*backend_.store, request.id, request, backend_.status().now));
}

HttpReply Routes::TickForm(const HttpRequest& request) {
  return TickFormReply(*backend_.store, request.id, request, backend_.status().now);
}

HttpReply Routes::Status(const HttpRequest&) {
  return {.content_type = kJsonType, .body = StatusJson(backend_.status())};
}

HttpReply Routes::OpenApi(const HttpRequest&) {
  return {.content_type = "application/yaml", .body = kOpenApiYaml};
}

PageContext Routes::ContextFor(const HttpRequest& request) const {
  PageContext context;
  context.now = backend_.status().now;
  context.may_change = request.may_change;
  if (backend_.tenants) context.tenants = backend_.tenants();
  return context;
}

// One is made for all who look: while it is being made the others wait for it.
HttpReply Routes::StatusPage(const HttpRequest& request) {
  const std::lock_guard<std::mutex> lock(page_mutex_);
  MadePage& page = pages_[request.may_change ? 1 : 0];
  if (!page.is_made || clock_.Steady() - page.made_at >= limits_.page_age_max) {
    page.reply = http::StatusPage(*backend_.store, backend_.status(), ContextFor(request));
    page.made_at = clock_.Steady();
    page.is_made = true;
  }
  return page.reply;
}

HttpReply Routes::ListPage(const HttpRequest& request) {
  return TicketListPage(*backend_.store, request, ContextFor(request));
}

HttpReply Routes::StoryPage(const HttpRequest& request) {
  return TicketStoryPage(*backend_.store, request.id, ContextFor(request));
}

HttpReply Routes::Tenants(const HttpRequest& request) {
  return TenantsPage(*backend_.store, backend_.status(), ContextFor(request));
}

HttpReply Routes::Tenant(const HttpRequest& request) {
  return TenantPage(*backend_.store, request, ContextFor(request));
}

HttpReply Routes::User(const HttpRequest& request) {
  return UserPage(*backend_.store, request, ContextFor(request));
}

HttpReply Routes::Runbook(const HttpRequest&) { return RunbookPage(); }

HttpReply Routes::Capacity(const HttpRequest&) { return CapacityPage(backend_.status()); }

HttpReply Routes::InstanceList(const HttpRequest& request) {
  if (backend_.instances == nullptr) return ProblemReply(404, "there is nothing at this path");
  return InstancesPage(*backend_.instances, ContextFor(request));
}

HttpReply Routes::Instances(const HttpRequest&) {
  if (backend_.instances == nullptr) return ProblemReply(404, "there is nothing at this path");
  return InstancesReply(*backend_.instances, clock_.Wall());
}

HttpReply Routes::Asset(const HttpRequest& request) {
  for (const AssetFile& asset : kAssets) {
    if (request.path == asset.path) {
      return {.content_type = asset.content_type, .body = *asset.text, .cacheable = true};
    }
  }
  return ProblemReply(404, "there is nothing at this path");
}

}  // namespace signinwatch::http
