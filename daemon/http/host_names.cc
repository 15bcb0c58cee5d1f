#include "daemon/http/host_names.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "daemon/http/problem.h"
#include "parser/ids.h"

namespace signinwatch::http {
namespace {

bool IsAddress(int family, std::string_view text) {
  unsigned char bytes[sizeof(in6_addr)];
  return ::inet_pton(family, std::string(text).c_str(), bytes) == 1;
}

// Without its port; nullopt: what stands there is none.
std::optional<std::string> WithoutPort(std::string_view host) {
  const size_t colon = host.rfind(':');
  const size_t bracket = host.rfind(']');
  if (colon != std::string_view::npos && (bracket == std::string_view::npos || bracket < colon)) {
    if (host.find_first_not_of("0123456789", colon + 1) != std::string_view::npos) {
      return std::nullopt;
    }
    host = host.substr(0, colon);
  }
  std::string name(host);
  LowerAscii(name);
  // The root of all names may be written out.
  if (name.size() > 1 && name.ends_with('.')) name.pop_back();
  return name;
}

// "host:port" of a URL.
std::string_view AuthorityOf(std::string_view url) {
  constexpr std::string_view kBehindScheme = "://";
  const size_t scheme = url.find(kBehindScheme);
  if (scheme == std::string_view::npos) return {};
  url.remove_prefix(scheme + kBehindScheme.size());
  return url.substr(0, url.find_first_of("/?"));
}

}  // namespace

HostNames::HostNames(const config::HttpConfig& config) {
  names_.insert("localhost");
  for (const std::string& host : config.hosts) {
    if (const auto name = WithoutPort(host)) names_.insert(*name);
  }
  if (const auto name = WithoutPort(AuthorityOf(config.external_url)); name && !name->empty()) {
    names_.insert(*name);
  }
}

bool HostNames::Knows(std::string_view host) const {
  const std::optional<std::string> name = WithoutPort(host);
  if (!name) return false;
  if (name->size() > 2 && name->front() == '[' && name->back() == ']') {
    return IsAddress(AF_INET6, std::string_view(*name).substr(1, name->size() - 2));
  }
  return names_.contains(*name) || IsAddress(AF_INET, *name);
}

std::optional<HttpReply> HostNames::Refusal(const HttpRequest& request) const {
  if (request.hosts.size() > 1) return ProblemReply(400, "more than one Host header");
  if (request.hosts.empty()) {
    if (!request.needs_host) return std::nullopt;
    return ProblemReply(400, "no Host header, which HTTP/1.1 asks for");
  }
  if (request.authenticated || Knows(request.hosts.front())) return std::nullopt;
  return ProblemReply(421,
                      "this server does not know the name that it was called by: while nobody has "
                      "to log in, it answers to IP addresses, to localhost, and to the names in "
                      "http.hosts and http.external_url");
}

}  // namespace signinwatch::http
