// A request and its answer as plain values: what the rest of daemon/http knows of HTTP.
#ifndef SIGNINWATCH_DAEMON_HTTP_HTTP_EXCHANGE_H_
#define SIGNINWATCH_DAEMON_HTTP_HTTP_EXCHANGE_H_

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace signinwatch::http {

inline constexpr const char* kJsonType = "application/json";
inline constexpr const char* kProblemType = "application/problem+json";
inline constexpr const char* kTextType = "text/plain; charset=utf-8";
inline constexpr const char* kHtmlType = "text/html; charset=utf-8";

struct HttpRequest {
  std::string method;
  std::string path;                                    // decoded
  std::string id = {};                                 // what {id} of its pattern stands for
  std::multimap<std::string, std::string> parameters;  // of the query, decoded
  std::vector<std::string> hosts;                      // Host headers as they came
  std::string accept;
  std::string referer = {};    // the page that asks; empty: not told
  std::string origin = {};     // of the page whose script asks; empty: no page's
  bool authenticated = false;  // who asks has shown who they are
  bool needs_host = false;     // HTTP/1.1: a request without a Host header is none
  std::string user = {};       // by name; empty: nobody was asked
  bool may_change = false;     // what changes state is open to who asks (routes.h)
};

struct HttpReply {
  int status = 200;
  std::string content_type = kTextType;
  std::string body;
  std::string allow = {};     // of a 405
  int retry_after_s = 0;      // of a 429 or 503, seconds; 0: one second
  std::string location = {};  // of a 303
  bool cacheable = false;  // a file of ours that only a new version changes; all else is not stored
};

using HttpAnswer = std::function<HttpReply(const HttpRequest&)>;

}  // namespace signinwatch::http

#endif  // SIGNINWATCH_DAEMON_HTTP_HTTP_EXCHANGE_H_
