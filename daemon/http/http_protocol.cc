#include "daemon/http/http_protocol.h"

#include <httplib.h>

#include <algorithm>
#include <exception>
#include <functional>
#include <utility>

#include "daemon/http/accept.h"
#include "daemon/http/connection_stream.h"
#include "daemon/http/problem.h"
#include "daemon/log/log.h"
#include "parser/ascii.h"

namespace signinwatch {
namespace {

// The library compresses by content type and does not know this one: it stands in until the body
// is made.
constexpr const char* kOpenMetricsStandIn = "text/openmetrics";

// Pages need their own style sheet, script, image and data, and nothing else from anywhere.
const httplib::Headers& HeadersOfAll() {
  static const httplib::Headers headers{
      {"Content-Security-Policy",
       "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
       "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"},
      {"X-Content-Type-Options", "nosniff"},
      {"X-Frame-Options", "DENY"},
      // Nothing goes to other sites. Within this one a browser has to say which page a form is of,
      // which it does not with no-referrer.
      {"Referrer-Policy", "same-origin"},
      {"Cross-Origin-Resource-Policy", "same-origin"},
      {"Accept-Ranges", "none"},
  };
  return headers;
}

HttpRequest Plain(const httplib::Request& request) {
  HttpRequest plain;
  plain.method = request.method;
  plain.needs_host = request.version == "HTTP/1.1";
  plain.path = request.path;
  plain.parameters = request.params;
  plain.accept = request.get_header_value("Accept");
  plain.origin = request.get_header_value("Origin");
  plain.referer = request.get_header_value("Referer");
  const auto [begin, end] = request.headers.equal_range("Host");
  for (auto at = begin; at != end; ++at) plain.hosts.push_back(at->second);
  return plain;
}

void Fill(HttpReply reply, httplib::Response& response) {
  const bool openmetrics = reply.content_type.starts_with(kOpenMetricsType);
  response.status = reply.status;
  response.body = std::move(reply.body);
  response.set_header("Content-Type", openmetrics ? kOpenMetricsStandIn : reply.content_type);
  response.set_header("Cache-Control", reply.cacheable ? "no-cache" : "no-store");
  if (!reply.allow.empty()) response.set_header("Allow", reply.allow);
  int retry_after_s = reply.retry_after_s;
  if (retry_after_s == 0 && (reply.status == 503 || reply.status == 429)) retry_after_s = 1;
  if (retry_after_s > 0) response.set_header("Retry-After", std::to_string(retry_after_s));
  if (!reply.location.empty()) response.set_header("Location", reply.location);
}

// Those of the web configuration stand in for the server's own.
void SetHeaders(const WebConfig& config, httplib::Response& response) {
  for (const auto& [name, value] : config.headers) {
    response.headers.erase(name);
    response.set_header(name, value);
  }
}

// What the library would do unasked: ranges, whose lists can make an answer larger than the body,
// and brotli at its slowest level.
void Prepare(httplib::Request& request) {
  request.ranges.clear();
  const bool gzip = AcceptsGzip(request.get_header_value("Accept-Encoding"));
  request.headers.erase("Accept-Encoding");
  if (gzip) request.set_header("Accept-Encoding", "gzip");
}

std::string WhatHappened(const std::exception_ptr& exception) {
  try {
    std::rethrow_exception(exception);
  } catch (const std::exception& e) {
    return e.what();
  } catch (...) {
    return "unknown";
  }
}

}  // namespace

class HttpProtocol::Server : public httplib::Server {
 public:
  explicit Server(HttpAnswer answer) : answer_(std::move(answer)) {
    set_default_headers(HeadersOfAll());
    // Every request: its body is never read, so no method has one.
    set_pre_routing_handler([this](const httplib::Request& request, httplib::Response& response) {
      Answer(request, response);
      return HandlerResponse::Handled;
    });
    // What the library itself refuses has no body yet.
    set_error_handler(HandlerWithResponse([](const httplib::Request&, httplib::Response& response) {
      if (!response.body.empty()) return HandlerResponse::Unhandled;
      Fill(ProblemReply(response.status, "the request is not HTTP, or too long"), response);
      return HandlerResponse::Handled;
    }));
    set_exception_handler(
        [](const httplib::Request&, httplib::Response& response, std::exception_ptr exception) {
          Log(LogLevel::kError, "an HTTP request failed", {{"error", WhatHappened(exception)}});
          Fill(ProblemReply(500, "the request failed; the log says more"), response);
        });
    set_post_routing_handler([](const httplib::Request&, httplib::Response& response) {
      if (response.get_header_value("Content-Type") != kOpenMetricsStandIn) return;
      response.headers.erase("Content-Type");
      response.set_header("Content-Type", kOpenMetricsType);
    });
  }

  void Serve(httplib::Stream& stream, const Visit& visit) {
    visit_ = &visit;
    bool closed = false;
    Process(&Server::process_request, stream, closed);
    visit_ = nullptr;
  }

 private:
  void Answer(const httplib::Request& request, httplib::Response& response) const {
    const WebAccess::State& access = visit_->access();
    SetHeaders(access.config, response);
    if (visit_->over_rate) {
      Fill(ProblemReply(429, "more requests than the web configuration's rate_limit allows"),
           response);
      return;
    }
    if (!access.passwords.empty()) {
      switch (VerdictOn(request.get_header_value("Authorization"))) {
        case Passwords::Verdict::kRight:
          break;
        case Passwords::Verdict::kWrong:
          Fill(ProblemReply(401, "this server asks for a user name and a password"), response);
          response.set_header("WWW-Authenticate", "Basic realm=\"signinwatch\", charset=\"UTF-8\"");
          return;
        case Passwords::Verdict::kBusy:
          Fill(ProblemReply(503, "too many log-ins at a time"), response);
          return;
      }
    }
    HttpRequest plain = Plain(request);
    plain.authenticated = access.authenticates();
    if (plain.authenticated) {
      plain.user = access.passwords.empty()
                       ? visit_->transport().peer()
                       : Passwords::UserOf(request.get_header_value("Authorization"));
    }
    Fill(answer_(plain), response);
  }

  // Hashing is done by then: a header that was not looked at is wrong.
  static Passwords::Verdict VerdictOn(const std::string& authorization) {
    if (visit_->verdict && authorization == visit_->authorization) return *visit_->verdict;
    return visit_->access().passwords.Glance(authorization).value_or(Passwords::Verdict::kWrong);
  }

  using Setup = std::function<void(httplib::Request&)>;
  // Debian 12's library and Debian 13's: which it is decides the overload.
  void Process(bool (httplib::Server::*process)(httplib::Stream&, bool, bool&, const Setup&),
               httplib::Stream& stream, bool& closed) {
    (this->*process)(stream, true, closed, Prepare);
  }
  void Process(bool (httplib::Server::*process)(httplib::Stream&, const std::string&, int,
                                                const std::string&, int, bool, bool&, const Setup&),
               httplib::Stream& stream, bool& closed) {
    (this->*process)(stream, "", 0, "", 0, true, closed, Prepare);
  }

  const HttpAnswer answer_;
  // Of the connection that this thread serves: the library's handlers do not know theirs.
  static thread_local const Visit* visit_;
};

thread_local const Visit* HttpProtocol::Server::visit_ = nullptr;

HttpProtocol::HttpProtocol(const HttpLimits& limits, HttpAnswer answer)
    : limits_(limits), server_(std::make_unique<Server>(std::move(answer))) {}
HttpProtocol::~HttpProtocol() = default;

void HttpProtocol::Serve(Visit& visit, const ClosingTime& closing) const {
  ConnectionStream stream(visit, limits_, closing);
  server_->Serve(stream, visit);
  stream.Linger();
}

HeadGlance GlanceAtHead(std::string_view head) {
  constexpr std::string_view kName = "authorization:";
  HeadGlance glance;
  bool first = true;
  while (!head.empty()) {
    const size_t end = std::min(head.find('\n'), head.size());
    std::string_view line = head.substr(0, end);
    head.remove_prefix(std::min(end + 1, head.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) break;
    if (std::exchange(first, false)) {
      line.remove_prefix(std::min(line.find(' ') + 1, line.size()));
      glance.path = line.substr(0, line.find_first_of(" ?"));
    } else if (line.size() >= kName.size() &&
               EqualsWithoutCase(line.substr(0, kName.size()), kName)) {
      line.remove_prefix(kName.size());
      // As the library trims it.
      line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
      glance.authorization = line.substr(0, line.find_last_not_of(" \t") + 1);
      break;
    }
  }
  return glance;
}

std::string TurnedAwayAnswer() {
  const HttpReply reply = ProblemReply(503, "too many requests at a time");
  return "HTTP/1.1 503 Service Unavailable\r\nContent-Type: " + reply.content_type +
         "\r\nContent-Length: " + std::to_string(reply.body.size()) +
         "\r\nRetry-After: 1\r\nConnection: close\r\n\r\n" + reply.body;
}

}  // namespace signinwatch
